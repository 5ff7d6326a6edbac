"""Where Packeta delivers: its own shops and boxes, external carriers, and those carriers' points (carriers.md 1.6)."""

from dataclasses import dataclass

from simulator.carriers import points, union
from simulator.carriers.points import Point
from simulator.carriers.world import World

# Guess: euros wherever none of the other four is at home; only these five are taken (1.2).
CURRENCIES = (
    dict.fromkeys((*union.COUNTRIES, "CH", "GB", "UA"), "EUR")
    | {"CZ": "CZK", "HU": "HUF", "PL": "PLN", "RO": "RON"}
)  # fmt: skip
FIRST = {"CZ": 18_542, "SK": 400_000, "HU": 500_000, "PL": 600_000, "RO": 700_000}
COUNTS = {"CZ": 120, "SK": 30, "HU": 10, "PL": 10, "RO": 10}


@dataclass(frozen=True, slots=True)
class External:
    """A carrier Packeta hands packets to; its id is an `addressId` like a point's."""

    id: str
    name: str
    country: str
    points: bool = False
    api: bool = False
    house: bool = False
    email: bool = False
    phone: bool = True
    size: bool = False
    cod: bool = True
    available: bool = True
    customs: bool = False
    most_kg: int = 30


EXTERNALS = {
    one.id: one
    for one in (
        External("106", "CZ Zásilkovna domů HD", "CZ"),
        External("131", "SK Packeta Home HD", "SK"),
        External("25061", "CZ Kurýr HD", "CZ", api=True, email=True),
        External("3060", "PL Paczkomaty", "PL", points=True, api=True, email=True, size=True, most_kg=20),
        External("4539", "HU Csomagpont", "HU", points=True, email=True),
        External("4159", "HU Házhozszállítás HD", "HU", house=True, size=True),
        External("4161", "RO Curier HD", "RO", api=True, email=True),
        External("13613", "DE Home HD", "DE", cod=False, house=True),
        External("9990", "AT Home HD", "AT", available=False),
        External("80", "AT Post HD", "AT", cod=False),
        External("272", "PL Kurier HD", "PL", api=True),
        # Guess: ids and what these are like; one for every other country of the Union.
        *(
            External(str(30_000 + n), f"{country} Home HD", country, email=True, cod=False)
            for n, country in enumerate(union.COUNTRIES)
            if country not in ("CZ", "SK", "HU", "PL", "RO", "DE", "AT")
        ),
        *(
            External(str(31_000 + n), f"{country} Home HD", country, email=True, size=True, cod=False, customs=True)
            for n, country in enumerate(("CH", "GB", "UA"))
        ),
    )
}


def fill(world: World) -> None:
    """Give the world its own points and those of external carriers."""
    for country, count in COUNTS.items():
        grow(world, count, country)
    world.grow = lambda count: grow(world, count, "CZ")
    for one in EXTERNALS.values():
        if one.points:
            theirs = points.made(
                12, seed=world.seed, ids=lambda n, one=one: f"{one.country}{n:03}M", country=one.country
            )
            world.bag.setdefault("external", {})[one.id] = theirs


def grow(world: World, count: int, country: str) -> None:
    """Add points of a country; the first one in CZ has the id 18542."""
    counts = world.bag.setdefault("counts", {})
    begun = counts.get(country, 0)
    world.points |= points.made(
        count, seed=world.seed, ids=lambda n: _id(country, n), country=country, boxes=3, start=begun
    )
    counts[country] = begun + count


def external_points(world: World, carrier: str) -> dict[str, Point]:
    """Return the points of an external carrier by their codes."""
    return world.bag.get("external", {}).get(carrier, {})


def _id(country: str, n: int) -> str:
    # Beyond the room before Slovakia's ids, Czech points go on above all others.
    room = FIRST["SK"] - FIRST["CZ"]
    return str(FIRST[country] + n if country != "CZ" or n < room else 2_000_000 + n)
