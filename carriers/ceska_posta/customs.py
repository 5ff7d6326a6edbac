"""What is declared of a parcel that leaves the customs union (docs/carriers.md 5.2)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from carriers import check
from carriers.ceska_posta import products
from carriers.errors import Fault
from carriers.money import Money
from carriers.shipment import Customs, Goods, Shipment

MOST_GOODS = 20


def declaration(customs: Customs) -> dict[str, Any]:
    """Return `parcelCustomsDeclaration`; goods weigh kilograms as text, as the parcel itself does.

    Weight and value are those of all pieces, which is our reading; what nobody weighed has none.
    """
    return {
        "category": customs.category,
        "customValCur": customs.goods[0].value.currency if customs.goods else "",
        "parcelCustomGoods": [_good(place, good) for place, good in enumerate(customs.goods, 1)],
    }


def faults(shipment: Shipment) -> Iterator[Fault]:
    """Yield what is wrong with a declaration: it is a must outside the union, and nothing a parcel at home can have."""
    customs = shipment.customs
    if not products.of(shipment.service).is_abroad:
        if customs:
            yield check.fault("customs", "not_both", shipment.service)
    elif customs is None:
        if shipment.recipient.country not in check.UNION:
            yield check.fault("customs", "missing")
    else:
        yield from _wrong(customs)


def notes(shipment: Shipment) -> Iterator[str]:
    """Yield what is declared and the Post has no field for."""
    said = {"invoice": shipment.customs.invoice_number, "EORI": shipment.customs.eori} if shipment.customs else {}
    if left := [name for name, text in said.items() if text]:
        yield f"{' and '.join(left)} of the declaration did not reach the Post, which has no field for it"


def number(amount: Money) -> int | Decimal:
    """Return an amount as a JSON number, without places that are nought."""
    major = amount.major
    return int(major) if major == major.to_integral_value() else major


def kilograms(weight_g: int) -> str:
    """Return a weight as text with three decimals."""
    return f"{Decimal(weight_g) / 1_000:.3f}"


def _good(place: int, good: Goods) -> dict[str, Any]:
    weight = kilograms(good.weight_g) if good.weight_g > 0 else ""
    known = {"hsCode": good.hs_code, "iso": good.origin}
    return {
        "sequence": place,
        "customCont": good.content,
        "quantity": good.quantity,
        **({"weight": weight} if weight else {}),
        "customVal": number(good.value),
        **{name: text for name, text in known.items() if text},
    }


def _wrong(customs: Customs) -> Iterator[Fault]:
    if not customs.category:
        yield check.fault("customs.category", "missing")
    if not customs.goods:
        yield check.fault("customs.goods", "missing")
    if len(customs.goods) > MOST_GOODS:
        yield check.fault("customs.goods", "too_many", MOST_GOODS)
    if len({good.value.currency for good in customs.goods}) > 1:
        yield check.fault(
            "customs.goods", "not_both", ", ".join(sorted({good.value.currency for good in customs.goods}))
        )
    for place, good in enumerate(customs.goods):
        lacking = {"content": good.content.strip(), "quantity": good.quantity > 0}
        yield from (
            check.fault(f"customs.goods[{place}].{name}", "missing") for name, there in lacking.items() if not there
        )
        if good.value.minor < 0:
            yield check.fault(f"customs.goods[{place}].value", "bad_amount")
        if check.UNPRINTABLE.search(good.content):
            yield check.fault(f"customs.goods[{place}].content", "letters")
