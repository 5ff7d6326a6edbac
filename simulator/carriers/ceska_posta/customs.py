"""What is declared of a parcel abroad, and what is wrong with it (carriers.md 5.2, codes 206-218 and 221-227).

Guess: goods to a country of the Union are declared only with an export document (44), a document (42) never has to be.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from simulator.carriers import union

MOST_GOODS = 20
MOST_PIECES = 999_999
MONEY = Decimal("0.01")
GRAM = Decimal("0.001")
GOODS, EXPORT = "43", "44"
MISSING = {"quantity": 210, "weight": 212, "customVal": 213, "iso": 214, "hsCode": 215, "customCont": 216}


def codes(declared: Mapping[str, Any] | None, services: set[str], country: str, weight: str) -> Iterator[int]:
    """Yield what is wrong with a declaration, or with there being none; `weight` is the parcel's in kilograms."""
    goods: Sequence[Mapping[str, Any]] = (declared or {}).get("parcelCustomGoods", [])
    if not goods and (EXPORT in services or (GOODS in services and union.is_outside(country))):
        yield 206
    if declared is None:
        return
    if not declared.get("category"):
        yield 207
    if not declared.get("customValCur"):
        yield 208
    if len(goods) > MOST_GOODS:
        yield 227
    for good in goods:
        yield from _of_good(good)
    if sum((_number(good.get("weight")) or Decimal(0) for good in goods), Decimal(0)) > (_number(weight) or 0):
        yield 221


def _of_good(good: Mapping[str, Any]) -> Iterator[int]:
    """Yield what a row lacks, else what of it is out of range. Guess: the ranges."""
    yield from (code for name, code in MISSING.items() if not good.get(name))
    quantity, weight, value = (_number(good.get(name)) for name in ("quantity", "weight", "customVal"))
    if good.get("quantity") and (quantity is None or quantity % 1 or quantity > MOST_PIECES):
        yield 209
    if good.get("weight") and (weight is None or weight % GRAM):
        yield 211
    if good.get("customVal") and (value is None or value % MONEY):
        yield 226


def _number(value: object) -> Decimal | None:
    """Return what a number, or a text of one, says; None for what is below nothing or not to be read."""
    text = "" if isinstance(value, bool) else str(value)
    return Decimal(text) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII) else None
