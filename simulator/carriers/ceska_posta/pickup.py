"""Balíkovny and post offices as the post lists them every day (carriers.md 5.6).

A row is known by `PSC`, five digits that need not be a postal code: five digits name 100,000 places at most.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from xml.sax.saxutils import escape

from simulator.carriers import points
from simulator.carriers.ceska_posta.addressee import DEPOT
from simulator.carriers.points import Point
from simulator.carriers.wire import XML, Request, Response
from simulator.carriers.world import World

AT_FIRST = 240
MOST = 100_000
AT_ONCE = 500
HEAD = b'<?xml version="1.0" encoding="UTF-8"?><zv xmlns="http://www.cpost.cz/schema/aict/zv_2">'
KINDS = {"shop": "balíkovna partner", "box": "balíkovna-BOX", "office": "pošta", DEPOT: "depo"}
PROVIDERS = ("AB", "OX", "PB")
DAYS = ("Pondělí", "Úterý", "Středa", "Čtvrtek", "Pátek", "Sobota", "Neděle")
HOURS = {"box": ("00:00", "23:59"), "shop": ("08:00", "20:00"), "office": ("08:00", "18:00"), DEPOT: ("06:00", "14:00")}


def fill(world: World) -> None:
    """Add points; the first is the contract's, the last a depot, to which no parcel can be sent."""
    world.points |= _made(world, 0, AT_FIRST)
    world.points["60200"] = Point(
        "60200", "office", "Brno 2", "Orlí", "655/30", "Brno", "60200", "CZ", 49.1935, 16.6125
    )
    world.points["19000"] = Point(
        "19000", "office", "Praha 90", "Ocelkova", "8", "Praha", "19000", "CZ", 50.107, 14.575
    )
    world.points["22200"] = Point(
        "22200", DEPOT, "Depo Praha 701", "Sazečská", "7", "Praha", "10800", "CZ", 50.07, 14.54
    )
    world.bag["points"] = AT_FIRST
    world.grow = partial(_grow, world)


def balikovny(world: World, _request: Request) -> Response:
    """Answer all Balíkovny; guess: one that is closed is not in the list, and STAV is empty."""
    return _listed(point for point in [*world.points.values()] if point.is_open)


def napostu(world: World, _request: Request) -> Response:
    """Answer the post offices; guess: their rows are those of the other list."""
    return _listed(point for point in [*world.points.values()] if point.is_open and point.kind == "office")


def _grow(world: World, count: int) -> None:
    """Add points until five digits name no more."""
    first = world.bag["points"]
    world.bag["points"] = last = min(first + count, MOST)
    world.points = _made(world, first, last - first) | world.points


def _made(world: World, start: int, count: int) -> dict[str, Point]:
    found = points.made(count, seed=world.seed, ids=_code, start=start)
    for n, point in enumerate(found.values(), start):
        if point.kind == "shop" and n % 4 == 0:
            point.kind, point.name = "office", f"Pošta {point.city} {n + 1}"
    return found


def _code(n: int) -> str:
    """Return a code, another one for each n below 100,000."""
    return f"{(n * 7_919 + 60_200) % MOST:05d}"


def _listed(found: Iterable[Point]) -> Response:
    return Response(200, {"content-type": XML}, stream=partial(_pieces, iter(found)))


def _pieces(left: Iterator[Point]) -> Iterator[bytes]:
    yield HEAD
    while some := list(islice(left, AT_ONCE)):
        yield "".join(map(_row, some)).encode()
    yield b"</zv>"


def _row(point: Point) -> str:
    fields = {
        "PSC": point.id,
        "NAZEV": point.name,
        "ADRESA": f"{point.street} {point.house}, {point.zip}, {point.city}",
        "TYP": KINDS[point.kind],
        "BOX_PROVIDER": PROVIDERS[int(point.id) % len(PROVIDERS)] if point.kind == "box" else "",
        "OTEV_DOBY": None,
        "SOUR_X": f"{1_044_923 + (50.0764 - point.latitude) * 111_200:.2f}",  # roughly: nobody should use S-JTSK here
        "SOUR_Y": f"{737_905 + (14.4928 - point.longitude) * 71_700:.2f}",
        "OBEC": point.city,
        "C_OBCE": point.city,
        "SOUR_X_WGS84": str(point.longitude),  # X is the longitude
        "SOUR_Y_WGS84": str(point.latitude),
        "STAV": "",
        "POPIS": "",
        "PRIJEM_NR": "A" if point.kind == "office" else "N",
        "TISK_STITKU": "A" if point.kind != "box" else "N",
        "PLATBA_KARTOU": "A" if point.takes_card else "N",
        "PODANI_SML_POD": "A" if point.kind == "office" else "N",
    }
    told = (f"<{name}>{_hours(point) if value is None else escape(value)}</{name}>" for name, value in fields.items())
    return f"<row>{''.join(told)}</row>"


def _hours(point: Point) -> str:
    opens, closes = HOURS[point.kind]
    open_days = 7 if point.kind == "box" else 5
    hours = f"<od_do><od>{opens}</od><do>{closes}</do></od_do>"
    return "".join(f'<den name="{day}">{hours if n < open_days else ""}</den>' for n, day in enumerate(DAYS))
