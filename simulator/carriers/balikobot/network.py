"""The carriers behind Balíkobot: their services, how they list points, and the points (carriers.md 6.1, 6.2, 6.6)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from simulator.carriers import points
from simulator.carriers.points import Point
from simulator.carriers.world import World

CURRENCIES = {"CZ": "CZK", "SK": "EUR", "HU": "HUF", "PL": "PLN", "RO": "RON", "DE": "EUR", "AT": "EUR"}
ABROAD = ("SK", "PL", "HU", "RO", "DE", "AT")
CODES = {
    *("cp", "ppl", "dpd", "gls", "zasilkovna", "sp", "sps", "toptrans", "geis", "ups", "tnt", "dhl", "dhlde"),
    *("dhlparcel", "fedex", "inpost", "sameday", "magyarposta", "onebyallegro", "liftago", "raben", "dachser", "dsv"),
    *("dbschenker", "messenger", "gw", "gwcz", "pbh", "spring", "fofr", "airway", "japo", "dhlfreightec"),
    "fan",  # guess: the contract's list is open-ended and does not have FAN Courier's code
}
ALIASES = {"ceskaposta": "cp", "balikovna": "cp"}
SHOP, BOX, OFFICE = "shop", "box", "office"


@dataclass(frozen=True, slots=True)
class Service:
    """What `service_type` names. `kinds`: the kinds of point it delivers to, none for an address."""

    code: str
    name: str
    countries: tuple[str, ...] = ("CZ",)
    kinds: tuple[str, ...] = ()
    cod: bool = True
    most_kg: int = 30
    final: bool = False
    """Whether another carrier delivers in the end, under a number of its own."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A carrier. `full`: has `fullbranches`; `zips`: `branch_id` is the point's zip; `plain`: `gzip=1` is ignored.

    `texts`: statuses and ids in answers are text, not numbers; `older`: answers with numeric keys; `multi`: packages
    can be grouped into one shipment.
    """

    code: str
    name: str
    services: tuple[Service, ...] = ()
    country: str = "CZ"
    full: bool = True
    zips: bool = False
    plain: bool = False
    texts: bool = False
    older: bool = False
    multi: bool = True

    def service(self, code: object) -> Service | None:
        """Return a service by its code."""
        return next((one for one in self.services if one.code == code), None)


NONE = Inner("info", "")
# Codes and names as in carriers.md 6.2; countries, kinds of points and the highest weights are guesses.
INNERS = {
    one.code: one
    for one in (
        Inner(
            "cp",
            "Česká pošta",
            (
                Service("DR", "Balík Do ruky"),
                Service("NP", "Balík Na poštu", kinds=(OFFICE,)),
                Service("NB", "Balík Do balíkovny", kinds=(SHOP, BOX), most_kg=20),
                Service("RR", "Doporučená zásilka", cod=False, most_kg=2),
                Service("VL", "Cenné psaní", most_kg=2),
                Service("BA", "BA"),
                Service("BB", "BB"),
                Service("BN", "BN"),
            ),
            zips=True,
            texts=True,
        ),
        Inner(
            "ppl",
            "PPL",
            (
                Service("1", "Business"),
                Service("2", "Connect", ABROAD),
                Service("4", "Private"),
                Service("46", "Smart CZ", kinds=(SHOP, BOX), most_kg=20),
                Service("48", "Smart EU", ABROAD, (SHOP, BOX), most_kg=20),
                Service("52", "Smart To Box", kinds=(BOX,), most_kg=20),
                Service("45", "Return", cod=False),
            ),
            plain=True,
        ),
        Inner(
            "dpd",
            "DPD",
            (
                Service("1", "Classic", ("CZ", *ABROAD)),
                Service("2", "Private", ("CZ", *ABROAD)),
                Service("3", "Pickup", ("CZ", "SK"), (SHOP, BOX), most_kg=20),
                Service("11", "Shop2Shop", kinds=(SHOP,), most_kg=20),
                Service("12", "Shop2Home"),
            ),
            plain=True,
        ),
        Inner(
            "gls",
            "GLS",
            (
                Service("1", "Business", ("CZ", *ABROAD)),
                Service("2", "Shop", ("CZ", "SK"), (SHOP, BOX), most_kg=20),
                Service("3", "Express"),
            ),
        ),
        Inner(
            "zasilkovna",
            "Zásilkovna",
            (
                Service("VMCZ", "Výdejní místa CZ", kinds=(SHOP, BOX), most_kg=15),
                Service("VMSK", "Výdejní místa SK", ("SK",), (SHOP, BOX), most_kg=15),
                Service("VMHU", "Výdejní místa HU", ("HU",), (SHOP, BOX), most_kg=15),
                Service("VMPL", "Výdejní místa PL", ("PL",), (SHOP, BOX), most_kg=15),
                Service("VMRO", "Výdejní místa RO", ("RO",), (SHOP, BOX), most_kg=15),
                Service("106", "CZ Zásilkovna domů HD"),
                Service("131", "SK Packeta Home HD", ("SK",)),
                Service("25061", "CZ Kurýr HD", final=True),
            ),
            texts=True,
            multi=False,  # N boxes are N packets (carriers.md 1.2)
        ),
        Inner(
            "sp",
            "Slovenská pošta",
            (
                Service("BZA", "Balík zmluvný na adresu", ("SK",)),
                Service("BZP", "Balík zmluvný na poštu", ("SK",), (OFFICE,)),
                Service("BZB", "Balík zmluvný do BalíkoBOXu", ("SK",), (BOX,), most_kg=15),
                Service("EXA", "Expres na adresu", ("SK",)),
                Service("EXP", "Expres na poštu", ("SK",), (OFFICE,)),
                Service("EXB", "Expres do BalíkoBOXu", ("SK",), (BOX,), most_kg=15),
                Service("BNA", "Balík na adresu", ("SK",)),
                Service("BNP", "Balík na poštu", ("SK",), (OFFICE,)),
                Service("BNB", "Balík do BalíkoBOXu", ("SK",), (BOX,), most_kg=15),
                Service("RRA", "Doporučený list", ("SK",), cod=False, most_kg=2),
            ),
            country="SK",
            full=False,
            zips=True,
            texts=True,
        ),
        # Guess: that Balíkobot names FAN's services as FAN does (carriers.md 8.2).
        Inner(
            "fan",
            "FAN Courier",
            (Service("Standard", "Standard", ("RO",)), Service("FANbox", "FANbox", ("RO",), (BOX,))),
            country="RO",
        ),
        Inner("geis", "Geis", (Service("1", "Geis Parcel", ("CZ", "SK")),), older=True),  # guess: which are older
        Inner("toptrans", "TopTrans", (Service("1", "Standard", ("CZ", "SK"), most_kg=1_000),), older=True),
    )
}

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
)


def fill(world: World) -> None:
    """Give the world every carrier's points; those that are added later are Zásilkovna's in CZ."""
    for carrier, country, count, ids in ROWS:
        _add(world, INNERS[carrier], country, count, ids)
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
