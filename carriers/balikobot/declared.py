"""What is declared to the customs, and what a merchant says in Balíkobot's own words (docs/carriers.md 6.2).

The contract has these fields by name and prints not one of their values. So our reading of a row stands behind a
switch, and what a merchant writes goes to the wire as it is. Goods that are not told hold no parcel up, for most come
from the order and not from anybody who asked for it: the booking says so.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from carriers import check
from carriers.balikobot import fields
from carriers.base import Account
from carriers.errors import Fault
from carriers.money import Money
from carriers.shipment import Goods, Shipment
from carriers.wire import exact, written

ROWS = "customs_rows"
LIST, OBJECT = '[{"…": "…"}]', '{"…": "…"}'
LONGEST_CODE = 10  # digits of a tariff, the longest there is in the union
DEEPEST = 200  # brackets of an option: more is no declaration, and no nesting of fewer harms whoever writes it
FIELD = re.compile(r"[a-z][a-z0-9_]{0,59}")


def of(account: Account, shipment: Shipment) -> dict[str, Any]:
    """Return the fields of a declaration, which is one for all boxes; what a merchant says himself goes first."""
    customs, options = shipment.customs, shipment.options
    rows = rows_in(options.get("content_data", ""))
    if not rows and customs and ROWS in account.switches:
        rows = [row(goods) for goods in customs.goods]
    return {
        "content_data": rows or None,
        "invoice_number": options.get("invoice_number") or (customs.invoice_number if customs else ""),
        "eori": options.get("eori") or (customs.eori if customs else ""),
    }


def row(goods: Goods) -> dict[str, Any]:
    """Return goods as a row: weight in kg and price are those of a piece, the name in both of the fields seen."""
    pieces = Decimal(max(1, goods.quantity))
    told = {
        "content_name": goods.content,
        "content_name_en": goods.content,
        "content_customs_code": goods.hs_code,
        "content_country": goods.origin,
        "content_pieces": goods.quantity,
        "content_weight": (Decimal(goods.weight_g).scaleb(-3) / pieces).quantize(Decimal("0.001"), ROUND_HALF_UP),
        "content_price": Money.rounded(goods.value.major / pieces, goods.value.currency).major,
        "content_currency": goods.value.currency,
    }
    return {name: value for name, value in told.items() if value != "" and (value or name != "content_weight")}


def others(shipment: Shipment) -> Mapping[str, Any]:
    """Return the further fields a merchant says; those told from the shipment are not among them."""
    said = fields_in(shipment.options.get("fields", ""))
    return {name: value for name, value in said.items() if name not in fields.WRITTEN}


def faults(shipment: Shipment, account: Account) -> Iterator[Fault]:
    """Yield what is wrong with a declaration, and with what is to be sent as it is."""
    options, customs = shipment.options, shipment.customs
    if options.get("content_data") and not rows_in(options["content_data"]):
        yield check.fault("options.content_data", "letters", LIST)
    if options.get("fields"):
        yield from _others(options["fields"])
    if customs and ROWS in account.switches and not options.get("content_data"):
        for place, goods in enumerate(customs.goods):
            yield from _goods(f"customs.goods[{place}]", goods)


def notes(account: Account, shipment: Shipment) -> Iterator[str]:
    """Yield what is declared and not told, for a person to read."""
    customs = shipment.customs
    if customs and customs.goods and ROWS not in account.switches and not shipment.options.get("content_data"):
        yield f"the goods were not told to the customs: {ROWS} is not switched on, and no content_data is given"
    if customs and customs.category:
        yield "why it is sent (category) was left away, Balíkobot has no field for it"


def _goods(field: str, goods: Goods) -> Iterator[Fault]:
    if not goods.content.strip():
        yield check.fault(f"{field}.content", "missing")
    if check.UNPRINTABLE.search(goods.content):
        yield check.fault(f"{field}.content", "letters")
    if goods.quantity <= 0:
        yield check.fault(f"{field}.quantity", "missing")
    if goods.value.minor < 0:
        yield check.fault(f"{field}.value", "bad_amount")
    yield from check.text(f"{field}.hs_code", goods.hs_code, LONGEST_CODE, r"\d+")
    yield from check.text(f"{field}.origin", goods.origin, 2, "[A-Z]{2}")


def _others(text: str) -> Iterator[Fault]:
    said = fields_in(text)
    if not said:
        yield check.fault("options.fields", "letters", OBJECT)
    for name in sorted(said.keys() & fields.WRITTEN):
        yield check.fault("options.fields", "not_both", fields.OURS.get(name, name))


def rows_in(text: str) -> list[Any]:
    """Return a JSON list of objects; an empty one for anything else."""
    told = _json(text)
    rows = cast("list[Any]", told) if isinstance(told, list) else []
    return rows if all(isinstance(one, dict) for one in rows) else []


def fields_in(text: str) -> Mapping[str, Any]:
    """Return a JSON object whose names can be fields; an empty one for anything else."""
    told = _json(text)
    said = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
    return said if all(FIELD.fullmatch(name) for name in said) else {}


def _json(text: str) -> Any:
    if not text or len(re.findall(r"[\[{]", text)) > DEEPEST:
        return None
    try:
        told = json.loads(text, parse_float=exact, parse_constant=_no_number)
        written(told).encode()  # half of a surrogate pair is no text
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return told


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")
