"""PPL's shops and boxes, read from pages of `GET /accessPoint` (docs/carriers.md 2.6)."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from carriers.base import Point
from carriers.ppl.rows import Row, listed, row, rows, text
from carriers.wire import Answer


def read_page(answer: Answer) -> Sequence[Any]:
    """Return a page as it came, so that its length says where the next begins."""
    page = answer.expect_ok().json()
    if not isinstance(page, list):
        raise answer.unreadable("the answer is no list of points")
    return listed(page)


def read_codes(page: Sequence[Any]) -> Sequence[str]:
    """Return the codes of a page's rows, also of those that cannot be offered; by them pages are told apart."""
    return [code for one in rows(list(page)) if (code := text(one.get("accessPointCode")))]


def read_points(page: Sequence[Any], country: str) -> Sequence[Point]:
    """Return the points of a page that can be offered: with code, name and post code, and in this country."""
    read = [_point(one, country) for one in rows(list(page))]
    return [point for point in read if point]


def _point(told: Row, country: str) -> Point | None:
    code, name, zip_code = text(told.get("accessPointCode")), text(told.get("name")), text(told.get("zipCode"))
    if not (code and name and zip_code) or (text(told.get("country")) or country) != country:
        return None
    latitude, longitude = _place(row(told.get("gps")))
    return Point(
        network="ppl",
        point_id=code,
        kind=text(told.get("accessPointType")),
        name=name,
        street=text(told.get("street")),
        city=text(told.get("city")),
        zip=zip_code,
        country=country,
        latitude=latitude,
        longitude=longitude,
        is_open=told.get("pickupEnabled") is not False,
        takes_cod=_takes_cod(told),
        opening=_opening(rows(told.get("workHours"))),
        raw=told,
    )


def _takes_cod(told: Row) -> bool | None:
    """Say whether money can be paid there, in cash or by card; None where neither flag is told."""
    flags = [told.get("activeCashPayment"), told.get("activeCardPayment")]
    return next((is_told for is_told in (True, False) if any(flag is is_told for flag in flags)), None)


def _place(gps: Row) -> tuple[float | None, float | None]:
    latitude, longitude = _degrees(gps.get("latitude"), 90), _degrees(gps.get("longitude"), 180)
    return (latitude, longitude) if latitude is not None and longitude is not None else (None, None)


def _degrees(value: Any, most: int) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        degrees = Decimal(value)
        return float(degrees) if abs(degrees) <= most else None
    except (InvalidOperation, ValueError):
        return None


def _opening(hours: Sequence[Row]) -> str:
    """Return `1 08:00-12:00, 1 13:00-17:00`: day of the week as PPL counts it, and its times."""
    return ", ".join(
        f"{one.get('weekDay', '')} {text(one.get('openFrom'))}-{text(one.get('openTo'))}"
        for one in hours
        if text(one.get("openFrom")) and text(one.get("openTo"))
    )
