"""What a warehouse gets to know of an order, from the shop's own JSON: pure, lenient in, strict out.

Whatever is null, empty or absent in the shop is null here (docs/upgates.md 1.6, T53). Each piece stands here once: of a
set its parts and not its header, and discounts are no goods (T33).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, cast

Json = Mapping[str, Any]

CASH_ON_DELIVERY = "cashOnDelivery"
CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 12  # beyond it a figure is a slip of the shop, and would print as a page of zeros

# The shop's word for a carrier and ours, the one of the shipments (Appendix C); a word we do not know stays as it is.
NETWORKS = {
    "zasilkovna": "packeta",
    "ceskaPosta": "ceska_posta",
    "balikovna": "ceska_posta",
    "slovenskaPosta": "slovenska_posta",
    "custom": "own",
}


def of(content: Json) -> dict[str, Any]:
    """Return the part of the WMS's document that is about the order itself (docs/wms.md)."""
    customer = _object(content.get("customer"))
    goods = [line for line in objects(content.get("products")) if _kind(line) != "discount"]
    return {
        "recipient": _recipient(customer),
        "phone": _text(customer.get("phone")),
        "email": _text(customer.get("email")),
        **ends_at(content),
        "payment": _choice(_object(content.get("payment"))),
        "cod": _cod(content),
        "weight_g": _grams(content.get("total_weight")),
        "customer_note": _text(customer.get("customer_note")),
        "adult": any(is_true(line.get("adult_yn")) for line in goods),
        "lines": _lines(goods),
    }


def ends_at(content: Json) -> dict[str, Any]:
    """Return the parts of that which say where it ends: pick-up point and shipment."""
    shipment = _object(content.get("shipment"))
    return {"pickup_point": _pickup_point(shipment), "shipment": _choice(shipment)}


def differences(before: Json, after: Json) -> tuple[str, ...]:
    """Return the fields of the WMS's document that differ between two contents.

    A picture that was replaced changes no parcel.
    """
    old, new = of(before), of(after)
    for told in (old, new):
        told["lines"] = [{**line, "image": None} for line in told["lines"]]
    return tuple(field for field in new if old[field] != new[field])


def courier(content: Json) -> str | None:
    """Return the id of the courier behind Packeta that the customer chose, for its door or its points (4.1)."""
    found = _text(_object(content.get("shipment")).get("packeta_carrier_id"))
    return None if found == "0" else found


def total(content: Json) -> tuple[Decimal | None, str | None]:
    """Return what an order costs with VAT, and in which currency."""
    currency = _text(content.get("currency_id"))
    return _decimal(content.get("order_total")), currency and currency.upper()


def invoice(content: Json) -> str:
    """Return the number of an order's invoice, empty where it has none."""
    return _text(content.get("invoice_number")) or ""


def region(content: Json) -> str:
    """Return the region its recipient lives in, as far as the shop asks for one (4.1, `state_*`)."""
    customer = _object(content.get("customer"))
    return _text(customer.get(f"state_{_lives(customer)}")) or ""


@dataclass(frozen=True)
class Sold:
    """A line as it was paid for: price with VAT and grams are those of all its pieces, 0: nobody weighed them."""

    title: str
    quantity: Decimal
    weight_g: Decimal
    price: Decimal
    currency: str


def sold(content: Json) -> list[Sold]:
    """Return what an order is for, line by line: a set as it is sold, as its parts have no price.

    A discount is taken off the line it stands with; what else the order costs less than its lines, off all of them.
    """
    every = objects(content.get("products"))
    lines = [line for line in every if _kind(line) not in ("discount", "set_part")]
    prices = [max(_price(line) - _reduced(line, every), Decimal(0)) for line in lines]
    share, currency = _share(content, sum(prices, Decimal())), (_text(content.get("currency_id")) or "").upper()
    return [
        Sold(
            _text(line.get("title")) or _text(line.get("code")) or "",
            _decimal(line.get("quantity")) or Decimal(0),
            _weight(line, _parts_of(line, every)) or Decimal(0),
            price * share,
            currency,
        )
        for line, price in zip(lines, prices, strict=True)
    ]


def _price(line: Json) -> Decimal:
    known = (_decimal(line.get(name)) for name in ("price_with_vat", "price"))
    return next((each for each in known if each is not None), Decimal(0))


def _parts_of(line: Json, every: Sequence[Json], kind: str = "set_part") -> list[Json]:
    own = _text(line.get("uuid"))
    return [part for part in every if own and _kind(part) == kind and _text(part.get("parent_uuid")) == own]


def _reduced(line: Json, every: Sequence[Json]) -> Decimal:
    return sum((abs(_price(part)) for part in _parts_of(line, every, "discount")), Decimal())


def _share(content: Json, lines: Decimal) -> Decimal:
    """Return which part of what its lines cost was paid for the goods: all of it, or less by vouchers and points."""
    whole = _decimal(content.get("order_total"))
    if whole is None or lines <= 0:
        return Decimal(1)
    beside = sum((_price(_object(content.get(name))) for name in ("shipment", "payment")), Decimal())
    return min(max(whole - beside, Decimal(0)) / lines, Decimal(1))


def weight_g(content: Json) -> int | None:
    """Return what the goods weigh: by the lines, each piece once, else as the order says; None: nobody weighed (T39).

    A set weighs what its parts do or, where one of them was not weighed, what it says itself. Where a line was not
    weighed at all, the order's own figure counts if it is the larger one.
    """
    goods = [line for line in objects(content.get("products")) if _kind(line) != "discount"]
    parts = {_text(line.get("uuid")): list[Json]() for line in goods if _kind(line) == "set"}
    parts.pop(None, None)
    alone = [line for line in goods if _kind(line) != "set_part" or _text(line.get("parent_uuid")) not in parts]
    for line in goods:
        if _kind(line) == "set_part" and (whole := _text(line.get("parent_uuid"))) in parts:
            parts[whole].append(line)
    weights = [_weight(line, parts.get(_text(line.get("uuid")), ())) for line in alone]
    known = sum((weight for weight in weights if weight), Decimal())
    if None in weights or not known:
        known = max(known, Decimal(_grams(content.get("total_weight")) or 0))
    return _grams(str(known))


def _weight(line: Json, parts: Sequence[Json]) -> Decimal | None:
    """Return the grams of a line; of a set those of its parts, or its own where one of them was not weighed."""
    each, quantity = _decimal(line.get("weight")), _decimal(line.get("quantity"))
    own = each * quantity if each and quantity and each > 0 and quantity > 0 else None
    found = [_weight(part, ()) for part in parts]
    if not found or (None in found and own):
        return own
    return None if None in found else sum((part for part in found if part), Decimal())


def _recipient(customer: Json) -> dict[str, str | None] | None:
    """Return where it goes: the delivery address when one is filled in, else the invoice's (T31)."""
    kind = _lives(customer)
    names = (_text(customer.get(f"{part}_{kind}")) for part in ("firstname", "surname"))
    country = _text(customer.get(f"country_id_{kind}"))
    recipient = {
        "name": " ".join(name for name in names if name) or None,
        "company": _company(customer, kind),
        "street": _text(customer.get(f"street_{kind}")),
        "city": _text(customer.get(f"city_{kind}")),
        "zip": _text(customer.get(f"zip_{kind}")),
        "country": country and country.upper(),  # lower case was seen (1.6, T55)
    }
    return recipient if any(recipient.values()) else None


def _lives(customer: Json) -> str:
    return "postal" if is_true(customer.get("postal_yn")) else "invoice"


def _company(customer: Json, kind: str) -> str | None:
    if kind == "postal":
        return _text(customer.get("company_postal"))
    said = customer.get("company_yn")
    return None if said is not None and not is_true(said) else _text(customer.get("company"))


def _pickup_point(shipment: Json) -> dict[str, str | None] | None:
    """Return the point; the customer's address stays his own (T31)."""
    point = _text(shipment.get("affiliate_id"))
    if point is None:
        return None
    kind = _text(shipment.get("type"))
    network = kind and NETWORKS.get(kind, kind)
    return {"network": network, "id": point, "name": _text(shipment.get("affiliate_name"))}


def _choice(chosen: Json) -> dict[str, str | None] | None:
    """Return the shop's shipment or payment; one typed in by hand has a name only (T30)."""
    return {field: _text(chosen.get(field)) for field in ("id", "code", "name", "type")} if chosen else None


def _cod(content: Json) -> dict[str, str | None] | None:
    """Return what the carrier is to collect (4.1, mapping hints); nothing when it is paid or costs nothing."""
    payment = _object(content.get("payment"))
    if payment.get("type") != CASH_ON_DELIVERY or _paid(content.get("paid_date")):
        return None
    total = _decimal(content.get("order_total"))
    if total is not None and total <= 0:
        return None
    currency = _text(content.get("currency_id"))
    return {
        "amount": None if total is None else str(total.quantize(CENT, ROUND_HALF_UP)),
        "currency": currency and currency.upper(),
        "variable_symbol": _text(content.get("variable_symbol")),
    }


def _paid(value: object) -> bool:
    date = cast("Json", value).get("date") if isinstance(value, Mapping) else value  # a PHP date in places (T36)
    return bool(date) and not str(date).startswith("0000-00-00")


def _lines(goods: Sequence[Json]) -> list[dict[str, Any]]:
    """Return the pieces to pack; a set whose parts are not listed is packed as the one thing it is sold as."""
    parts = [line for line in goods if _kind(line) == "set_part"]
    opened = {_text(part.get("parent_uuid")) for part in parts}
    return [
        _line(place, line)
        for place, line in enumerate(goods, 1)
        if _kind(line) != "set" or (_text(line.get("uuid")) not in opened and None not in opened)
    ]


def _line(place: int, line: Json) -> dict[str, Any]:
    kind = _kind(line)
    quantity = _decimal(line.get("quantity"))
    return {
        "id": _text(line.get("uuid")) or str(place),  # older shops have none (T32)
        "code": _text(line.get("code")),
        "ean": _text(line.get("ean")),
        "title": _text(line.get("title")),
        "quantity": None if quantity is None else _plain(quantity),
        "unit": _text(line.get("unit")),
        "weight_g": _grams(line.get("weight")),
        "stock_position": _text(line.get("stock_position")),
        "image": _text(line.get("image_url")),
        "parent": _text(line.get("parent_uuid")),
        "kind": kind if kind in ("set_part", "gift") else "product",
    }


def _kind(line: Json) -> str:
    return _text(line.get("type")) or "product"


def _text(value: object) -> str | None:
    """Return text that says something; ids come as numbers and as strings (T30)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def is_true(value: object) -> bool:
    """Read a flag as the platform writes it: `true`, `"1"`, `1` (1.6, T52)."""
    return str(value).strip().lower() in {"true", "1"}


def _decimal(value: object) -> Decimal | None:
    """Return a figure, also one that came as text; None for what is none."""
    try:
        found = Decimal(_text(value) or "")
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def _plain(value: Decimal) -> str:
    """Return 2 for 2.0 and 20 for 2E+1."""
    return f"{value.normalize():f}"


def _grams(value: object) -> int | None:
    """Return whole grams; a shop that does not weigh says 0 (T39)."""
    found = _decimal(value)
    return int(found.quantize(Decimal(1), ROUND_HALF_UP)) or None if found is not None and found > 0 else None


def _object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, Mapping) else {}


def objects(value: object) -> list[Json]:
    """Return what of a list are objects."""
    many = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Json", one) for one in many if isinstance(one, Mapping)]
