"""Points from the Post's open lists, of Balíkovna and of post offices: their post code is their number.

Each list has names of its own for some of its columns; a row is read by those it has. Source: docs/carriers.md 5.6.
"""

import re
from collections.abc import Iterator
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from carriers.base import Point
from carriers.ceska_posta.answers import CARRIER, checked
from carriers.wire import Answer

BOMB, LONGEST_BOMB = re.compile(rb"<!doctype|<!entity", re.IGNORECASE), len("<!doctype")
DEPOT = "depot"
KINDS = {"pošta": "post_office", "balíkovna partner": "shop", "balíkovna-box": "locker", "depo": DEPOT}
LATITUDES, LONGITUDES = (48.5, 51.1), (12.0, 18.9)
NAMES, TOWNS, HOURS = ("NAZEV", "NAZ_PROV"), ("OBEC", "OKRES"), ("OTEV_DOBY", "OTV_DOBA")
TOLD = frozenset({"PSC", "ADRESA", "TYP", "SOUR_X_WGS84", "SOUR_Y_WGS84", *NAMES, *TOWNS, *HOURS})


def read_points(answer: Answer, *, network: str = CARRIER, depots: bool = False) -> Iterator[Point]:
    """Yield the points of the list, each once; a row without a point's number or name is left out.

    `network`: whose they are, the post offices' list being another. `depots`: also what the list calls `depo`, which
    may be where nobody hands parcels out.
    Raise CarrierUnreachable where the list breaks off, or declares a document type, which a bomb would need.
    """
    seen: set[str] = set()
    try:
        for row in _elements(checked(answer)):
            if row.find("{*}PSC") is None:
                continue
            point = _point(row, network)
            row.clear()
            if point and point.point_id not in seen and (depots or point.kind != DEPOT):
                seen.add(point.point_id)
                yield point
    except (ParseError, ValueError, LookupError):
        raise answer.unreadable(f"the list breaks off after {len(seen)} points") from None
    if not seen:
        raise answer.unreadable("the list holds no point")


def _elements(answer: Answer) -> Iterator[Element]:
    """Yield every element as it ends; what could make one grow is refused before it is read."""
    parser = cast("Any", XMLPullParser(["end"]))
    seen = b""
    for piece in answer.pieces():
        seen = seen[-LONGEST_BOMB:] + piece
        # A body in wide letters could hide the declaration from this look.
        if b"\0" in piece or BOMB.search(seen):
            raise answer.unreadable("the list is XML of a kind that is not read")
        parser.feed(piece)
        yield from (element for _, element in parser.read_events())
    parser.close()
    yield from (element for _, element in parser.read_events())


def _point(row: Element, network: str) -> Point | None:
    texts = {_name(field): (field.text or "").strip() for field in row}
    code, name = texts.get("PSC", "").replace(" ", ""), _first(texts, NAMES)
    if not re.fullmatch(r"\d{5}", code, re.ASCII) or not name:
        return None
    kind = texts.get("TYP", "") or ("" if network == CARRIER else "pošta")
    latitude, longitude = _place(texts)
    return Point(
        network=network,
        point_id=code,
        kind=KINDS.get(kind.casefold(), kind),
        name=name,
        street=texts.get("ADRESA", ""),
        city=_first(texts, TOWNS),  # offices tell their district alone, and their town within the address
        zip=code,
        country="CZ",
        latitude=latitude,
        longitude=longitude,
        is_open=True,  # who has closed is not in the day's list; what STAV says is nowhere written
        opening=next((opening for name in HOURS if (opening := _opening(row.find(f"{{*}}{name}")))), ""),
        raw={name: text for name, text in texts.items() if text and name not in TOLD},
    )


def _first(texts: dict[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := texts.get(name))), "")


def _place(texts: dict[str, str]) -> tuple[float, float] | tuple[None, None]:
    """Return latitude and longitude; X is the longitude, and what lies outside the country is nowhere."""
    try:
        longitude, latitude = float(texts["SOUR_X_WGS84"]), float(texts["SOUR_Y_WGS84"])
    except (KeyError, ValueError):
        return None, None
    if LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]:
        return latitude, longitude
    return None, None


def _opening(hours: Element | None) -> str:
    """Return opening hours as text, `Pondělí 08:00-19:30; Neděle`; the list has an element for each day."""
    if hours is None:
        return ""
    days: list[str] = []
    for day in hours:
        times = "-".join(text.strip() for text in day.itertext() if text.strip())
        days.append(f"{day.get('name', '')} {times}".strip())
    return "; ".join(day for day in days if day) or (hours.text or "").strip()


def _name(field: Element) -> str:
    return field.tag.rpartition("}")[2]
