"""What the customs are told of a parcel that leaves their union, from the orders' own lines. Pure.

No order says what tariff its goods are under or where they were made: a warehouse says so with the parcel, or a
merchant once for all of a pairing, by the options of `carriers.check.DECLARED`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from carriers import check
from carriers.money import Money
from carriers.shipment import Customs, Goods
from service.offers import told
from service.offers.told import Json

MOST_GOODS = 20  # the Post's ceiling (docs/carriers.md 5.2), the lowest there is


def of(
    contents: Sequence[Json],
    country: str,
    options: Mapping[str, str],
    said: Customs | None = None,
    *,
    whole: bool = True,
) -> Customs | None:
    """Return what is declared of orders that go to `country` in one parcel; None inside the union unless it is `said`.

    What was not said is made of the orders: goods of their lines, the last ones together where there are more than
    `MOST_GOODS`, the number of the first invoice there is. `whole`:
    the parcel holds all of them; which goods are in a part, no order says.
    """
    if said is None and (country in check.UNION or not country):
        return None
    made = said or Customs(())
    goods = made.goods or (_fitting(_goods(contents)) if whole else ())
    return replace(
        made,
        goods=tuple(_filled(each, options) for each in goods),
        category=made.category or options.get("customs_category", ""),
        invoice_number=made.invoice_number or next((found for each in contents if (found := told.invoice(each))), ""),
    )


def _goods(contents: Sequence[Json]) -> list[Goods]:
    return [
        Goods(line.title, ceil(line.quantity), ceil(line.weight_g), Money.rounded(line.price, line.currency))
        for content in contents
        for line in told.sold(content)
        if line.quantity > 0 and line.currency
    ]


def _fitting(goods: Sequence[Goods]) -> Sequence[Goods]:
    """Return goods with the last ones as one for each currency, where they are too many: `Kniha +3`.

    An order's lines are all of one tariff number and origin: those of the pairing.
    """
    if len(goods) <= MOST_GOODS:
        return goods
    rest: dict[str, list[Goods]] = {}
    for each in goods[MOST_GOODS - 1 :]:
        rest.setdefault(each.value.currency, []).append(each)
    return [*goods[: MOST_GOODS - 1], *map(_together, rest.values())]


def _together(goods: Sequence[Goods]) -> Goods:
    first = goods[0]
    if len(goods) == 1:
        return first
    return replace(
        first,
        content=f"{first.content} +{len(goods) - 1}",
        quantity=sum(each.quantity for each in goods),
        weight_g=sum(each.weight_g for each in goods),
        value=replace(first.value, minor=sum(each.value.minor for each in goods)),
    )


def _filled(goods: Goods, options: Mapping[str, str]) -> Goods:
    return replace(
        goods, hs_code=goods.hs_code or options.get("hs_code", ""), origin=goods.origin or options.get("origin", "")
    )
