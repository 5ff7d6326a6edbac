"""The points of the carriers behind Balíkobot (carriers.md 6.6)."""

from collections.abc import Callable
from functools import partial

from simulator.carriers import points
from simulator.carriers.balikobot import inners
from simulator.carriers.balikobot.inners import INNERS, OFFICE, PARTNER, SHOP, Inner, Service
from simulator.carriers.points import Point
from simulator.carriers.world import World

FIRST = {"CZ": 18_542, "SK": 400_000, "HU": 500_000, "PL": 600_000, "RO": 700_000}
# carrier, country, how many, how ids are made
ROWS: tuple[tuple[str, str, int, Callable[[int], str]], ...] = (
    *(
        ("zasilkovna", country, count, partial(lambda first, n: str(first + n), FIRST[country]))
        for country, count in (("CZ", 120), ("SK", 30), ("HU", 10), ("PL", 10), ("RO", 10))
    ),
    ("cp", "CZ", 90, lambda n: str(70_000 + n)),
    ("ppl", "CZ", 60, lambda n: f"KM{10_000_000 + n}"),
    ("ppl", "SK", 20, lambda n: f"KM{20_000_000 + n}"),
    ("dpd", "CZ", 60, lambda n: f"CZ{20_000 + n}"),
    ("dpd", "SK", 20, lambda n: f"SK{20_000 + n}"),
    ("gls", "CZ", 60, lambda n: f"CZ{11_000 + n}-PARCELSHOP"),
    ("gls", "SK", 20, lambda n: f"SK{11_000 + n}-PARCELSHOP"),
    ("sp", "SK", 60, lambda n: str(90_000 + n)),
    ("fan", "RO", 30, lambda n: f"F{1_000_123 + n}"),
    *(
        (code, country, 12, partial(lambda country, n: f"{country}{n:04}", country))
        for code, country in inners.WITH_POINTS.items()
    ),
)


def fill(world: World) -> None:
    """Give the world every carrier's points; those that are added later are Zásilkovna's in CZ."""
    for carrier, country, count, ids in ROWS:
        _add(world, INNERS[carrier], country, count, ids)
    for point in points.made(12, seed=world.seed, ids=lambda n: f"PL{n:03}M", country="PL").values():
        point.kind = PARTNER
        world.points[key(INNERS["zasilkovna"], point.id)] = point
    world.grow = lambda count: _add(world, INNERS["zasilkovna"], "CZ", count, lambda n: str(2_000_000 + n))


def key(inner: Inner, branch_id: str) -> str:
    """Return what a point is called in the world."""
    return f"{inner.code}/{branch_id}"


def value(inner: Inner, point: Point) -> str:
    """Return what `branch_id` of a package must be for a point (carriers.md 6.6)."""
    if inner.zips:
        return point.zip
    return point.id.removeprefix("KM") if inner.code == "ppl" else point.id


def of(world: World, inner: Inner, service: Service | None, country: str) -> list[Point]:
    """Return a carrier's open points, for one service and one country where these are told."""
    begins = key(inner, "")
    return [
        point
        for name, point in world.points.items()
        if name.startswith(begins)
        and point.is_open
        and (service is None or serves(service, point))
        and country in ("", point.country)
    ]


def serves(service: Service, point: Point) -> bool:
    """Say whether a service delivers to a point."""
    return point.kind in service.kinds and point.country in service.countries


def _add(world: World, inner: Inner, country: str, count: int, ids: Callable[[int], str]) -> None:
    counts = world.bag.setdefault("counts", {})
    begun = counts.get((inner.code, country), 0)
    for point in points.made(count, seed=world.seed, ids=ids, country=country, start=begun).values():
        if inner.zips:
            _as_post(point, int(point.id) % 10_000)
        world.points[key(inner, value(inner, point))] = point
    counts[inner.code, country] = begun + count


def _as_post(point: Point, n: int) -> None:
    """Make a point one of a post's: its zip is its own; of those that are no boxes half are offices, in SK all."""
    point.zip = f"{(10_000 if point.country == 'CZ' else 81_000) + n:05}"
    if point.kind == SHOP and (n % 2 == 0 or point.country == "SK"):
        point.kind = OFFICE
