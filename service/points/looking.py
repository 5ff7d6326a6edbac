"""Find a point: the one a customer chose, or those near somebody."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import LiteralString

from service import db
from service.points.decide import STALE
from service.points.difference import plain_zip

EARTH_M = 6_371_008.8
AROUND_M = 20_000.0
LOOKED_AT = 30  # of those around; some do not take what is sent
AREA = 3  # letters of a post code that are those of a district


class Standing(StrEnum):
    """Whether a parcel can be sent to a point.

    `CLOSED`: its list shows it as closed. `GONE`: it has left the list. `ABSENT`: a whole and fresh list
    shows its network, but never showed it. `UNKNOWN`: nobody has read such a list.
    """

    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Point:
    """A point as its list last showed it; `distance_m` from where it was searched."""

    carrier: str
    network: str
    point_id: str
    kind: str
    name: str
    street: str
    city: str
    zip: str
    country: str
    latitude: float | None
    longitude: float | None
    is_open: bool
    takes_cod: bool | None
    most_weight_g: int | None
    opening: str
    changed_at: datetime
    gone_at: datetime | None
    distance_m: float | None = None


COLUMNS: LiteralString = """carrier, network, point_id, kind, name, street, city, zip, country, latitude, longitude,
        is_open, takes_cod, most_weight_g, opening, changed_at, gone_at"""

FIND = f"""
    SELECT {COLUMNS}
    FROM points
    WHERE carrier = %(carrier)s
      AND network = %(network)s
      AND point_id = %(point_id)s
"""  # noqa: S608  # a constant


def find(conn: db.Conn, carrier: str, network: str, point_id: str) -> Point | None:
    """Return a point, gone ones too; `network` is the carrier's own code for its own points."""
    row = db.one(conn, FIND, carrier=carrier, network=network, point_id=point_id)
    return Point(**row) if row else None


SHOWS = """
    SELECT FROM point_feeds
    WHERE carrier = %(carrier)s
      AND country = %(country)s
      AND synced_at > %(stale)s
      AND shrunk_since IS NULL
      AND %(network)s = ANY (networks)
"""


def standing(  # which point, where, and when
    conn: db.Conn, carrier: str, network: str, point_id: str, *, country: str, now: datetime
) -> Standing:
    """Say whether a point in a country can be sent to, as far as its list says; a list may be a day old."""
    point = find(conn, carrier, network, point_id)
    if point is None:
        is_shown = db.run(conn, SHOWS, carrier=carrier, country=country, network=network, stale=now - STALE)
        return Standing.ABSENT if is_shown else Standing.UNKNOWN
    if point.gone_at:
        return Standing.GONE
    return Standing.OPEN if point.is_open else Standing.CLOSED


BY_CODE = f"""
    SELECT {COLUMNS}
    FROM points
    WHERE carrier = %(carrier)s
      AND point_id = %(code)s
      AND (%(network)s = '' OR network = %(network)s)
    ORDER BY network
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def by_code(conn: db.Conn, carrier: str, code: str, *, network: str = "", most: int) -> list[Point]:
    """Return the points of this code, in one network or in every one, those that are closed or gone too."""
    return _points(conn, BY_CODE, carrier=carrier, code=code, network=network, most=most)


BY_ZIP = f"""
    SELECT {COLUMNS}
    FROM points
    WHERE carrier = %(carrier)s
      AND gone_at IS NULL
      AND is_open
      AND zip LIKE %(zip)s
      AND country = %(country)s
      AND (%(network)s = '' OR network = %(network)s)
    ORDER BY zip, name, network, point_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def by_zip(  # whose, and where
    conn: db.Conn, carrier: str, zip_code: str, *, country: str, network: str = "", most: int
) -> list[Point]:
    """Return the open points, of one network or of all, whose post code begins so; none for no post code."""
    begun = plain_zip(zip_code)
    params = {"carrier": carrier, "country": country, "network": network, "most": most}
    return _points(conn, BY_ZIP, zip=f"{begun}%", **params) if begun else []


OPEN = f"""
    SELECT {COLUMNS}
    FROM points
    WHERE carrier = %(carrier)s
      AND feed = %(country)s
      AND network = %(network)s
      AND (%(kind)s = '' OR kind = %(kind)s)
      AND gone_at IS NULL
      AND is_open
    ORDER BY point_id
"""  # noqa: S608  # a constant


def open_ones(conn: db.Conn, carrier: str, country: str, *, network: str, kind: str = "") -> list[Point]:
    """Return every open point of a network on a country's list, of one kind or (empty) of every kind."""
    return _points(conn, OPEN, carrier=carrier, country=country, network=network, kind=kind)


NEAR = f"""
    SELECT {COLUMNS}, distance_m
    FROM (
        SELECT {COLUMNS},
            2 * %(earth)s * asin(sqrt(least(1,
                power(sin(radians(latitude - %(lat)s) / 2), 2)
                + cos(radians(%(lat)s)) * cos(radians(latitude)) * power(sin(radians(longitude - %(lon)s) / 2), 2)
            ))) AS distance_m
        FROM points
        WHERE carrier = %(carrier)s
          AND (%(network)s = '' OR network = %(network)s)
          AND (%(country)s = '' OR country = %(country)s)
          AND gone_at IS NULL
          AND is_open
          AND latitude BETWEEN %(south)s AND %(north)s
          AND longitude BETWEEN %(west)s AND %(east)s
    ) AS boxed
    WHERE distance_m <= %(within_m)s
    ORDER BY distance_m, network, point_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def near(  # whose, and where
    conn: db.Conn,
    carrier: str,
    place: tuple[float, float],
    *,
    within_m: float,
    network: str = "",
    country: str = "",
    most: int,
) -> list[Point]:
    """Return the open points, of one network or of all, around a place, the nearest first.

    `place`: degrees north and east. Across borders where no country is named.
    """
    lat, lon = place
    south, north, west, east = box(lat, lon, within_m)
    edges = {"south": south, "north": north, "west": west, "east": east}
    params = {"lat": lat, "lon": lon, "earth": EARTH_M, "within_m": within_m, "most": most}
    return _points(conn, NEAR, **edges, **params, carrier=carrier, network=network, country=country)


def place_of(text: str) -> tuple[float, float]:
    """Return degrees north and east of `49.195,16.608`; raise ValueError where there is no such place."""
    lat, lon = map(float, text.split(","))
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError("say degrees north and east: 49.195,16.608")
    return lat, lon


def instead(  # noqa: PLR0913  # of which point, for what, and for whom
    conn: db.Conn,
    carrier: str,
    network: str,
    point: Point | None,
    *,
    zip_code: str,
    country: str,
    cod: bool,
    weight_g: int,
    most: int,
) -> list[Point]:
    """Return open points of a network that take such a parcel, nearest first; by post code where it lies nowhere.

    They lie in the country of that point: a parcel abroad is another service, another price.
    """
    for found in _around(conn, carrier, network, point, zip_code=zip_code, country=country):
        fit = [each for each in found if _takes(each, cod=cod, weight_g=weight_g)]
        if fit:
            return fit[:most]
    return []


def _around(  # whose, and where
    conn: db.Conn, carrier: str, network: str, point: Point | None, *, zip_code: str, country: str
) -> Iterator[list[Point]]:
    its = (point and point.country) or country
    if point and point.latitude is not None and point.longitude is not None:
        place = point.latitude, point.longitude
        yield near(conn, carrier, place, within_m=AROUND_M, network=network, country=its, most=LOOKED_AT)
    if its != country:  # the post code is that of an address elsewhere
        return
    for begun in (plain_zip(zip_code), plain_zip(zip_code)[:AREA]):
        yield by_zip(conn, carrier, begun, country=country, network=network, most=LOOKED_AT)


def _takes(point: Point, *, cod: bool, weight_g: int) -> bool:
    return (not cod or point.takes_cod is not False) and weight_g <= (point.most_weight_g or weight_g)


def _points(conn: db.Conn, statement: LiteralString, **params: object) -> list[Point]:
    return [Point(**row) for row in db.rows(conn, statement, **params)]


def box(lat: float, lon: float, within_m: float) -> tuple[float, float, float, float]:
    """Return south, north, west and east of all that is so near; whole circles where a pole or the date line is."""
    angle = within_m / EARTH_M
    south, north = lat - math.degrees(angle), lat + math.degrees(angle)
    if south <= -90 or north >= 90:
        return south, north, -180.0, 180.0
    wide = math.degrees(math.asin(min(1.0, math.sin(min(angle, math.pi / 2)) / math.cos(math.radians(lat)))))
    west, east = lon - wide, lon + wide
    return (south, north, west, east) if west >= -180 and east <= 180 else (south, north, -180.0, 180.0)
