"""Where GLS parcels are picked up: one static list for a country (docs/carriers.md 4.6)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from carriers import feed
from carriers.base import Point
from carriers.gls.body import inner, listed, text
from carriers.wire import Answer

KINDS = {"parcel-shop": "shop", "parcel-locker": "locker"}
TAKES = {"acceptsCash", "acceptsCard"}
READ = {"id", "name", "contact", "location", "hours", "type"}


def read_points(answer: Answer, country: str) -> Iterator[Point]:
    """Yield the points one by one; a bad or repeated one is left out, a list that breaks off raises at its end."""
    listing = feed.opened(answer, "items")
    if not listing.is_list:
        raise answer.unreadable("the answer holds no list of points")
    seen: set[str] = set()
    for row in listing.rows():
        point = _point(inner(row), country)
        if point and point.point_id not in seen:
            seen.add(point.point_id)
            yield point


def _point(row: Mapping[str, Any], country: str) -> Point | None:
    point_id, name = text(row.get("id")), text(row.get("name"))
    contact = inner(row.get("contact"))
    if not point_id or not name or not contact:
        return None
    latitude, longitude = _location(row.get("location"))
    kind = text(row.get("type"))
    return Point(
        network="gls",
        point_id=point_id,
        kind=KINDS.get(kind, kind),
        name=name,
        street=text(contact.get("address")),
        city=text(contact.get("city")),
        zip=text(contact.get("postalCode")),
        country=text(contact.get("countryCode")).upper() or country,
        latitude=latitude,
        longitude=longitude,
        is_open=True,  # the list has no mark for a closed one: it leaves the list
        takes_cod=_takes_cod(row.get("features")),
        opening=_opening(row.get("hours")),
        raw={name: value for name, value in row.items() if name not in READ},
    )


def _location(value: Any) -> tuple[float | None, float | None]:
    """Return degrees north and east; neither where one of them is none."""
    pair = [one for one in listed(value) if isinstance(one, int | Decimal)]
    if len(pair) != 2 or abs(pair[0]) > 90 or abs(pair[1]) > 180:
        return None, None
    return float(pair[0]), float(pair[1])


def _takes_cod(value: Any) -> bool | None:
    return bool(TAKES & set(map(text, listed(value)))) if isinstance(value, list) else None


def _opening(value: Any) -> str:
    days = [[text(part) for part in listed(row)] for row in listed(value)]
    return "; ".join(f"{day} {since}-{until}" for day, since, until in (day for day in days if len(day) == 3))
