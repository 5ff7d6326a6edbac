"""DPD's list of points, 16,000 rows for one country, read row by row: the whole of it as objects is never in memory.

Source: docs/carriers.md 3.9. A row that cannot be read is left out; a list that breaks off is an error, since whoever
compares it with yesterday's would close all points that are missing.
"""

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeGuard

from carriers.base import Point
from carriers.dpd_cz.calls import POINT_WEIGHT_G
from carriers.wire import Answer, Json

PIECE = 64 * 1024
LONGEST_ROW = 2**20
ITEMS = re.compile(rb'"items"\s*:\s*\[')
STATUS = re.compile(rb'"status"\s*:\s*"([^"]{0,40})"')
GAP = re.compile(r"[\s,]*")
KEPT = ("phone", "email", "homepage", "service", "return_allowed", "express_allowed", "dropoff_allowed",
        "cardpayment_allowed")  # fmt: skip
YES = frozenset({"1", "true", "yes", "y"})
NO = frozenset({"0", "false", "no", "n"})


def read(answer: Answer, country: str) -> Iterator[Point]:
    """Yield the points of a list; raise where there is none or where it breaks off."""
    answer.expect_ok()
    for row in _rows(answer):
        if _is_object(row) and (point := _point(row, country)):
            yield point


def _rows(answer: Answer) -> Iterator[Json]:
    items = ITEMS.search(answer.body)
    status = STATUS.search(answer.body, 0, items.start() if items else len(answer.body))
    if items is None or (status and status[1] != b"ok"):
        raise answer.unreadable("the answer is no list of points")
    pieces = _pieces(answer.body, items.end())
    decoder = json.JSONDecoder(parse_float=_decimal, parse_int=_whole, parse_constant=lambda _name: None)
    text, place = next(pieces, ""), 0
    try:
        while True:
            place = _end_of_gap(text, place)
            if text.startswith("]", place):
                return
            try:
                row, place = decoder.raw_decode(text, place)
            except json.JSONDecodeError:
                more = next(pieces, "")
                if not more or len(text) - place > LONGEST_ROW:
                    raise answer.unreadable("the list of points breaks off") from None
                text, place = text[place:] + more, 0
            else:
                yield row
    except RecursionError:
        raise answer.unreadable("the list of points is nested without end") from None


def _end_of_gap(text: str, place: int) -> int:
    gap = GAP.match(text, place)
    return gap.end() if gap else place


def _pieces(body: bytes, start: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")  # one bad byte is one bad name
    for place in range(start, len(body), PIECE):
        yield decoder.decode(body[place : place + PIECE])


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if len(text) < 30 else None


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
    days = hours if _is_list(hours) else []
    return "; ".join(told for day in days if _is_object(day) and (told := _day(day)))


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


def _is_object(value: Any) -> TypeGuard[dict[str, Json]]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Json]]:
    return isinstance(value, list)


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
