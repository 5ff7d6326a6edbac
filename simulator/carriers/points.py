"""Pick-up points as they are in the world; how a carrier writes them down is its own business."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TOWNS = (
    ("Praha", "11000", 50.087, 14.421),
    ("Brno", "60200", 49.195, 16.608),
    ("Ostrava", "70200", 49.835, 18.292),
    ("Plzeň", "30100", 49.747, 13.378),
    ("Liberec", "46001", 50.767, 15.056),
    ("Olomouc", "77900", 49.594, 17.251),
    ("České Budějovice", "37001", 48.975, 14.474),
    ("Hradec Králové", "50002", 50.209, 15.833),
    ("Ústí nad Labem", "40001", 50.661, 14.053),
    ("Žďár nad Sázavou", "59101", 49.563, 15.939),
    ("Jindřichův Hradec", "37701", 49.144, 15.003),
    ("Uherské Hradiště", "68601", 49.070, 17.460),
)
SLOVAK_TOWNS = (
    ("Bratislava", "81101", 48.148, 17.107),
    ("Košice", "04001", 48.721, 21.258),
    ("Žilina", "01001", 49.223, 18.740),
    ("Banská Bystrica", "97401", 48.736, 19.146),
    ("Ľubotín", "06541", 49.263, 20.877),
)
ABROAD = {
    "SK": SLOVAK_TOWNS,
    "DE": (("Berlin", "10115", 52.532, 13.385), ("Köln", "50667", 50.938, 6.957)),
    "PL": (("Kraków", "30001", 50.061, 19.937), ("Łódź", "90001", 51.759, 19.456)),
    "HU": (("Budapest", "1011", 47.498, 19.040), ("Győr", "9021", 47.687, 17.634)),
    "SI": (("Ljubljana", "1000", 46.056, 14.505), ("Maribor", "2000", 46.554, 15.646)),
    "HR": (("Zagreb", "10000", 45.815, 15.982), ("Šibenik", "22000", 43.735, 15.889)),
    "RS": (("Beograd", "11000", 44.787, 20.457), ("Niš", "18000", 43.321, 21.896)),
    "RO": (("București", "010011", 44.427, 26.103), ("Timișoara", "300001", 45.749, 21.209)),
}
STREETS = ("Lipová", "Nádražní", "Palackého", "Husova", "Příčná", "Školní", "Zahradní", "Dělnická", "Tovární", "Krátká")
SHOPS = ("Trafika", "Papírnictví", "Květinářství", "Železářství", "Večerka", "Knihkupectví", "Drogerie", "Krejčovství")


@dataclass(slots=True)
class Point:
    """A place where parcels wait. `kind`: `shop`, `box` or `office`; `country`: upper-case; `bag`: what else."""

    id: str
    kind: str
    name: str
    street: str
    house: str
    city: str
    zip: str
    country: str
    latitude: float
    longitude: float
    takes_cod: bool = True
    takes_card: bool = True
    is_open: bool = True
    most_weight_g: int = 10_000
    bag: dict[str, Any] = field(default_factory=dict)


def made(
    count: int, *, seed: int, ids: Callable[[int], str], country: str = "CZ", boxes: int = 3, start: int = 0
) -> dict[str, Point]:
    """Return so many points by their ids, the same for the same seed; every `boxes`-th one is a box.

    `ids` makes an id of a running number; a few of them are closed, boxes take no COD in cash.
    """
    towns = ABROAD.get(country, TOWNS)
    found: dict[str, Point] = {}
    for n in range(start, start + count):
        dice = _mixed(n * 31 + seed)  # a Random for each of 10⁵ points would take longer than the points
        city, zip_, latitude, longitude = towns[n % len(towns)]
        is_box = n % boxes == boxes - 1
        street, house = STREETS[dice % len(STREETS)], str(1 + dice // 16 % 180)
        point = Point(
            id=ids(n),
            kind="box" if is_box else "shop",
            name=f"{'Box' if is_box else SHOPS[dice // 4_096 % len(SHOPS)]} {city}, {street} {house}",
            street=street,
            house=house,
            city=city,
            zip=zip_,
            country=country,
            latitude=round(latitude + (dice // 64 % 800 - 400) / 10_000, 6),
            longitude=round(longitude + (dice // 65_536 % 800 - 400) / 10_000, 6),
            takes_cod=not is_box or n % 2 == 0,
            takes_card=is_box or n % 4 != 0,
            is_open=n % 50 != 49,
            most_weight_g=5_000 if is_box else 10_000,
        )
        found[point.id] = point
    return found


def changed(points: dict[str, Point], *, every: int, seed: int = 1) -> list[str]:
    """Change every n-th point (it closes, opens, or gets another name) and return the ids of those."""
    dice = random.Random(f"{seed}:changed")
    ids = list(points)[::every]
    for id_ in ids:
        point = points[id_]
        if dice.random() < 0.3:
            point.is_open = not point.is_open
        else:
            point.name = f"{dice.choice(SHOPS)} U {dice.choice(STREETS)} {dice.randrange(1_000)}"
    return ids


def _mixed(n: int) -> int:
    """Return 32 bits that look random, the same for the same number."""
    mixed = (n * 2_654_435_761) & 0xFFFF_FFFF
    return ((mixed ^ (mixed >> 15)) * 2_246_822_519) & 0xFFFF_FFFF
