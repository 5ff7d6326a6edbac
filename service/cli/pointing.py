"""The command about pick-up points: which lists are read, and what they say."""

import argparse
from math import isfinite

from service import points
from service.cli.plain import FAILED, OK, Commands, add, fail, say
from service.points import Feed, Point
from service.rig import Rig

WHY = "the points of a carrier belong to no shop"
MOST = 20
WITHIN_M = 10_000


def add_commands(commands: Commands) -> None:
    """Add the command."""
    found = add(
        commands, "points", show, "the carriers' lists of pick-up points; with a carrier the points one asks for"
    )
    found.add_argument("carrier", nargs="?")
    found.add_argument("code", nargs="?", help="its code, in whatever network; closed and gone ones too")
    found.add_argument("--zip", help="open ones whose post code begins so")
    found.add_argument("--country", default="CZ", help="of the post code; CZ when not given")
    found.add_argument("--near", type=place, help="open ones within 10 km of 49.195,16.608: degrees north and east")


def place(text: str) -> tuple[float, float]:
    """Return degrees north and east; raise ValueError where there is no such place."""
    lat, lon = map(float, text.split(","))
    if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError("say degrees north and east: 49.195,16.608")
    return lat, lon


def show(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print every list, or the points that were asked for; 1 when there are none."""
    with tools.db.tx_all(WHY) as conn:
        if arguments.carrier is None:
            for feed in points.feeds(conn):
                say(*_told(feed))
            return OK
        if arguments.code:
            found = points.by_code(conn, arguments.carrier, arguments.code, most=MOST)
        elif arguments.zip:
            found = points.by_zip(conn, arguments.carrier, arguments.zip, country=arguments.country, most=MOST)
        elif arguments.near:
            found = points.near(conn, arguments.carrier, arguments.near, within_m=WITHIN_M, most=MOST)
        else:
            return fail("say which: a code, --zip or --near")
    for point in found:
        say(*_shown(point))
    return OK if found else FAILED


def _told(feed: Feed) -> tuple[object, ...]:
    read = f"read {feed.synced_at:%F %T}" if feed.synced_at else "never read"
    trouble = feed.why and f"failed {feed.tries} times: {feed.why}"
    return f"{feed.carrier:<12}", feed.country, f"{feed.rows} points", read, f"due {feed.due_at:%F %T}", trouble or ""


def _shown(point: Point) -> tuple[object, ...]:
    stands = f"gone since {point.gone_at:%F}" if point.gone_at else "open" if point.is_open else "closed"
    away = "" if point.distance_m is None else f"{point.distance_m / 1_000:.1f} km"
    address = f"{point.street}, {point.zip} {point.city}, {point.country}"
    return f"{point.network}/{point.point_id}", stands, point.name, address, point.opening, away
