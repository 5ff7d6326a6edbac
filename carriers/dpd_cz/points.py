"""DPD's list of points, 16,000 rows for one country; one that cannot be read is left out (docs/carriers.md 3.9)."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from carriers import feed
from carriers.base import Point
from carriers.dpd_cz import reading
from carriers.dpd_cz.rules import POINT_WEIGHT_G
from carriers.wire import Answer, Json

STATUS = re.compile(r'"status"\s*:\s*"([^"]{0,40})"')
KEPT = ("phone", "email", "homepage", "service", "return_allowed", "express_allowed", "dropoff_allowed",
        "cardpayment_allowed")  # fmt: skip
YES = frozenset({"1", "true", "yes", "y"})
NO = frozenset({"0", "false", "no", "n"})


def read(answer: Answer, country: str) -> Iterator[Point]:
    """Yield the points of a list; raise where there is none or where it breaks off."""
    listing = feed.opened(answer, "items")
    status = STATUS.search(listing.before)
    if not listing.is_list or (status and status[1] != "ok"):
        raise answer.unreadable("the answer is no list of points")
    for row in listing.rows():
        if reading.is_object(row) and (point := _point(row, country)):
            yield point


def _point(row: dict[str, Any], country: str) -> Point | None:
    point_id = _text(row.get("id"))
    if not point_id:
        return None
    return Point(
        network="dpd_cz",
        point_id=point_id,
        kind=_text(row.get("pickup_network_type")),
        name=_text(row.get("company")),
        street=f"{_text(row.get('street'))} {_text(row.get('house_number'))}".strip(),
        city=_text(row.get("city")),
        zip=re.sub(r"\s", "", _text(row.get("postcode"))),
        country=country,
        latitude=_degrees(row.get("latitude"), 90),
        longitude=_degrees(row.get("longitude"), 180),
        is_open=_is(row.get("pickup_allowed")) is not False,  # it is in the list, so it is open unless it says not
        takes_cod=_is(row.get("cod_allowed")),
        most_weight_g=POINT_WEIGHT_G,
        opening=_opening(row.get("hours")),
        raw={name: row[name] for name in KEPT if row.get(name) not in (None, "")},
    )


def _opening(hours: Json) -> str:
    """Return `Po 08:00-12:00 13:00-17:00; Út …`, the days that have hours."""
    days = hours if reading.is_list(hours) else []
    return "; ".join(told for day in days if reading.is_object(day) and (told := _day(day)))


def _day(day: dict[str, Any]) -> str:
    spans = ((day.get("openMorning"), day.get("closeMorning")), (day.get("openAfternoon"), day.get("closeAfternoon")))
    told = [f"{_text(since)}-{_text(until)}" for since, until in spans if _text(since) and _text(until)]
    return " ".join((_text(day.get("dayName")) or _text(day.get("day")), *told)).strip() if told else ""


def _degrees(value: object, most: int) -> float | None:
    try:
        degrees = Decimal(str(value).strip().replace(",", ".")) if isinstance(value, str | int | Decimal) else None
    except ArithmeticError:
        return None
    return float(degrees) if degrees is not None and degrees.is_finite() and abs(degrees) <= most else None


def _is(value: object) -> bool | None:
    said = str(value).strip().lower() if isinstance(value, bool | int | str) else ""
    return True if said in YES else False if said in NO else None


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
