"""What is declared of a packet that leaves the Union, as pairs of a key and a value (docs/carriers.md 1.2).

The contract names `attributes` and `items` and prints no key: the keys here are those of a declaration Packeta took
before, so all of it stands behind a switch. Whoever knows better says so in `options`, word for word.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from carriers import check
from carriers.errors import Fault
from carriers.shipment import Goods, Shipment

SWITCH = "customs"
OPTION = "customs_attributes"
FIELD = f"options.{OPTION}"
BETWEEN = "|"  # a semicolon stands between options where they are typed
SPOKEN = r"[^=|]+=[^|]+(?:\|[^=|]+=[^|]+)*"
LONGEST = 1_000  # of ours
DIGITS, COUNTRY = r"[0-9]{6,10}", r"[A-Z]{2}"

Pair: TypeAlias = tuple[str, str]


def attributes(shipment: Shipment) -> Sequence[Pair]:
    """Return what is said of the whole packet: the number of its invoice, then the merchant's own words.

    Nothing where goods are not declared: the words may be those of a pairing, for parcels inside the Union as well.
    The code of why it is sent and the sender's EORI have no key we know of; they reach Packeta in these words alone.
    """
    if shipment.customs is None:
        return ()
    said = [part.partition("=") for part in shipment.options.get(OPTION, "").split(BETWEEN)]
    own = {key.strip(): value.strip() for key, _, value in said}
    every = {"invoiceNumber": shipment.customs.invoice_number} | own
    return [(key, value) for key, value in every.items() if key and value]


def items(shipment: Shipment) -> Sequence[Sequence[Pair]]:
    """Return what is said of each kind of goods; weight in grams, like the value of all its pieces."""
    return [_item(goods) for goods in (shipment.customs.goods if shipment.customs else ())]


def _item(goods: Goods) -> Sequence[Pair]:
    said = (
        ("customsCode", goods.hs_code),
        ("productName", goods.content),
        ("productNameEn", goods.content),
        ("unitsCount", f"{goods.quantity}"),
        ("value", goods.value.plain()),
        ("currency", goods.value.currency),
        ("weight", f"{goods.weight_g}" if goods.weight_g > 0 else ""),
        ("countryOfOrigin", goods.origin),
    )
    return [(key, value) for key, value in said if value]


def notes(shipment: Shipment) -> Iterator[str]:
    """Yield what is declared and has no key we know of, where the merchant's own words say nothing either."""
    said = {"category": shipment.customs.category, "EORI": shipment.customs.eori} if shipment.customs else {}
    if (left := [name for name, text in said.items() if text]) and not shipment.options.get(OPTION):
        yield f"{' and '.join(left)} of the declaration did not reach Packeta: only {OPTION} would"


def faults(shipment: Shipment, country: str | None, *, is_on: bool) -> Iterator[Fault]:
    """Yield what is wrong with a declaration; `country`: where the packet goes, None where nobody knows."""
    spoken = shipment.options.get(OPTION, "")
    if spoken and not is_on:
        yield check.fault(FIELD, "not_offered", f"switch {SWITCH}")
    is_outside = country is not None and country not in check.UNION
    if not is_on or not (is_outside or shipment.customs):
        return
    yield from check.text(FIELD, spoken, LONGEST, SPOKEN)
    if check.UNPRINTABLE.search(spoken):
        yield check.fault(FIELD, "letters")
    if shipment.customs is None:
        yield check.fault("customs", "missing")
    if len(shipment.boxes) > 1:  # which goods lie in which box nobody says
        yield check.fault("boxes", "too_many", 1)
    if shipment.customs is not None:
        yield from _declared(shipment.customs.goods, shipment.customs.invoice_number)


def _declared(goods: Sequence[Goods], invoice_number: str) -> Iterator[Fault]:
    if not goods:
        yield check.fault("customs.goods", "missing")
    if check.UNPRINTABLE.search(invoice_number):
        yield check.fault("customs.invoice_number", "letters")
    for place, each in enumerate(goods):
        yield from _kind(f"customs.goods[{place}]", each)


def _kind(field: str, goods: Goods) -> Iterator[Fault]:
    if not goods.content.strip():
        yield check.fault(f"{field}.content", "missing")
    if goods.quantity < 1:
        yield check.fault(f"{field}.quantity", "missing")
    if check.UNPRINTABLE.search(goods.content):
        yield check.fault(f"{field}.content", "letters")
    yield from check.text(f"{field}.hs_code", goods.hs_code, 10, DIGITS)
    yield from check.text(f"{field}.origin", goods.origin, 2, COUNTRY)
    if goods.value.minor < 0:
        yield check.fault(f"{field}.value", "bad_amount")
