"""What the customs are told of a parcel that leaves their union, from the orders' own lines. Pure.

No order says what tariff its goods are under or where they were made: a warehouse says so with the parcel, or a
merchant once for all of a pairing, by the options of `carriers.check.DECLARED`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from carriers import check, money
from carriers.money import Money
from carriers.shipment import Customs, Goods
from service.offers import told
from service.offers.told import Json


def of(
    contents: Sequence[Json], country: str, options: Mapping[str, str], said: Customs | None = None
) -> Customs | None:
    """Return what is declared of orders that go to `country` in one parcel; None inside the union unless it is `said`.

    What was not said is made of the orders: goods of their lines, the number of the first invoice there is.
    """
    if said is None and (country in check.UNION or not country):
        return None
    made = said or Customs(())
    return replace(
        made,
        goods=tuple(_filled(each, options) for each in made.goods or _goods(contents)),
        category=made.category or options.get("customs_category", ""),
        invoice_number=made.invoice_number or next((found for each in contents if (found := told.invoice(each))), ""),
    )


def _goods(contents: Sequence[Json]) -> list[Goods]:
    return [goods for content in contents for line in told.sold(content) if (goods := _one(line))]


def _one(line: told.Sold) -> Goods | None:
    """Return a line as goods; None for one of nothing, or in no currency."""
    if line.quantity <= 0 or not line.currency:
        return None
    minor = line.price.scaleb(money.digits(line.currency)).quantize(Decimal(1), ROUND_HALF_UP)
    grams = ceil((line.weight_g or 0) * line.quantity)
    return Goods(line.title, ceil(line.quantity), grams, Money(int(minor), line.currency))


def _filled(goods: Goods, options: Mapping[str, str]) -> Goods:
    return replace(
        goods, hs_code=goods.hs_code or options.get("hs_code", ""), origin=goods.origin or options.get("origin", "")
    )
