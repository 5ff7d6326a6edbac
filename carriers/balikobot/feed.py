"""The points of a service, out of an answer of tens of megabytes (docs/carriers.md 6.1, 6.6)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from carriers import feed
from carriers.balikobot import calls, said
from carriers.balikobot.said import Row
from carriers.base import Point
from carriers.errors import CarrierRefused, Kind
from carriers.shipment import PointRef
from carriers.wire import Answer

STATUS = re.compile(r'"status"\s*:\s*"?(\d{3})\b')
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HEAVIEST_KG = 1_000


def read_points(answer: Answer, shipper: str, country: str) -> Iterator[Point]:
    """Yield the points of an answer; a row that is none is left out, a feed that cannot be read raises."""
    for row in _rows(answer):
        if point := point_of(row, shipper, country):
            yield point


def point_of(row: Row, shipper: str, country: str) -> Point | None:
    """Return a row as a point; None for one without id or name. `point_id` is what `branch_id` takes."""
    post_code = re.sub(r"\s", "", said.text(row.get("zip")) or said.identity(row.get("zip")))
    name = said.text(row.get("name"))
    named = {"cp": post_code, "sp": post_code, "intime": name}.get(shipper, said.identity(row.get("id")))
    point_id = calls.branch_of(shipper, PointRef(named))
    if not point_id or not name:
        return None
    return Point(
        network=shipper,
        point_id=point_id,
        kind=said.identity(row.get("type")),
        name=name,
        street=_street(row),
        city=said.text(row.get("city")),
        zip=post_code,
        country=_country(row) or country,
        latitude=_degrees(row.get("latitude"), 90),
        longitude=_degrees(row.get("longitude"), 180),
        is_open=True,  # one that is closed is not in the list
        most_weight_g=_grams(row.get("max_weight")),
        opening="; ".join(f"{day} {hours}" for day in DAYS if (hours := said.text(row.get(f"opening_{day}")))),
        raw={name: said.text(value) for name, value in row.items() if isinstance(value, str) and value},
    )


def _rows(answer: Answer) -> Iterator[Row]:
    if answer.status >= 300:
        raise _no_list(answer, answer.body)
    listing = feed.opened(answer, "branches")
    status = STATUS.search(listing.before)
    if not listing.is_list:
        raise _no_list(answer, listing.before.encode(errors="replace"))
    if status and int(status[1]) != said.MADE:
        raise said.trouble(answer, int(status[1]))
    yield from map(said.row, listing.rows())


def _no_list(answer: Answer, body: bytes) -> Exception:
    try:
        status, _ = said.said(replace(answer, body=body, packed=()))
    except CarrierRefused as plain:  # of a gateway, not of Balíkobot: only a login is what its status says
        return plain if plain.kind is Kind.LOGIN else answer.unreadable(plain.why)
    return said.trouble(answer, status) if status >= 400 else answer.unreadable("the answer holds no list of points")


def _country(row: Row) -> str:
    """Return a country's two letters; empty where it is told by name or not at all."""
    code = said.text(row.get("country")).upper()
    return code if re.fullmatch("[A-Z]{2}", code) else ""


def _street(row: Row) -> str:
    street = said.text(row.get("street")) or said.text(row.get("address"))
    number = "/".join(filter(None, (said.identity(row.get(name)) for name in ("house_number", "orientation_number"))))
    return f"{street} {number}" if number and not street.endswith(f" {number}") else street


def _number(value: Any) -> Decimal | None:
    plain = str(value) if isinstance(value, Decimal) else said.identity(value).replace(",", ".")
    try:
        number = Decimal(plain) if len(plain) < 40 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _degrees(value: Any, most: int) -> float | None:
    number = _number(value)
    return float(number) if number is not None and abs(number) <= most else None


def _grams(value: Any) -> int | None:
    number = _number(value)
    return int(number * 1_000) if number is not None and 0 < number <= HEAVIEST_KG else None
