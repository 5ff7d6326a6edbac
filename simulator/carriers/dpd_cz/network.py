"""Who may call, where they send from, the points, and where the carrier goes."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from simulator.carriers import points
from simulator.carriers.dpd_cz.asking import Asked, Problem
from simulator.carriers.dpd_cz.numbers import COUNTRIES
from simulator.carriers.wire import Response, as_json
from simulator.carriers.world import World

DSW = "015012345"
FIRST_POINT = 21_570
MOST_POINT_G = 20_000
CURRENCIES = {"CZ": "CZK", "HU": "HUF", "PL": "PLN", "RO": "RON"}  # elsewhere EUR
PATTERNS = {"HU": r"\d{4}", "AT": r"\d{4}", "SI": r"\d{4}", "BG": r"\d{4}", "PL": r"\d{2}-?\d{3}", "RO": r"\d{6}"}
# guess: postcodes of the right pattern that no town has
NOWHERE = {"CZ": r"[089].*", "SK": r"[1-7].*"}


@dataclass(slots=True)
class Address:
    """A place parcels are sent from, and the numbers that are left for it; `next` None: it has no range."""

    it4em_id: int
    name: str
    city: str
    street: str
    zip: str
    next: int | None = None
    last: int = 0

    def written(self) -> dict[str, Any]:
        """Return the address as a receiver is written."""
        at = {"street": self.street, "postalCode": self.zip, "city": self.city, "country": {"isoAlpha2": "CZ"}}
        return {"info": {"name1": self.name}, "address": at}

    def left(self) -> int:
        """Return how many numbers are left."""
        return 0 if self.next is None else self.last - self.next + 1

    def number(self) -> str:
        """Take the next number: the depot in four digits, then ten."""
        if self.next is None:
            raise ValueError(f"{self.it4em_id} has no numbers")
        self.next += 1
        return f"{self.next - 1:014}"


def fill(world: World) -> None:
    """Add one contract with two addresses, of which the second has no numbers, and points."""
    world.add_account(
        api_key=f"{world.rng.getrandbits(160):040x}",
        given={
            "dsw": DSW,
            "id": 4_711,
            "ident": "MUJ-ESHOP",
            "addresses": [
                Address(
                    776_655, "Můj e-shop s.r.o.", "Praha", "Skladová 1", "19000", 13_845_600_012_345, 13_845_699_999_999
                ),
                Address(776_656, "Můj e-shop s.r.o., nový sklad", "Brno", "Tovární 8", "60200"),
            ],
        },
    )
    world.bag |= {"shipments": {}}
    _add(world, 200, "CZ", 0)
    _add(world, 40, "SK", 0)
    world.grow = partial(_grow, world)


def me(asked: Asked) -> Response:
    """Answer whom the key belongs to."""
    given = asked.account.given
    # guess: that `addresses` is a part of `customer`, and every name but `DSW` and `it4emId`
    customer = {
        "id": given["id"],
        "ident": given["ident"],
        "DSW": given["dsw"],
        "addresses": [{"it4emId": one.it4em_id, "name": one.name, "city": one.city} for one in given["addresses"]],
    }
    return as_json({"customers": [{"customer": customer}]})


def address(asked: Asked, it4em_id: int, path: str) -> Address:
    """Return a sender address of the account; `path` is where the body names it."""
    for one in asked.account.given["addresses"]:
        if one.it4em_id == it4em_id:
            return one
    raise Problem(400, "UNKNOWN_ADDRESS", "Sender address is not the customer's", f"{path}: {it4em_id}")


def check_destination(country: str, postcode: str, path: str) -> None:
    """Refuse where the carrier does not go."""
    if country not in COUNTRIES:
        raise Problem(400, "NO_ROUTING", "No routing data for the destination", f"{path}.country: {country}")
    if not re.fullmatch(PATTERNS.get(country, r"\d{5}"), postcode, re.ASCII):
        text = "Postcode not matching the country pattern"
        raise Problem(400, "POSTAL_CODE", text, f"{path}.postalCode: {postcode}")
    if country in NOWHERE and re.fullmatch(NOWHERE[country], postcode):
        raise Problem(400, "NO_ROUTING", "No routing data for the destination", f"{path}.postalCode: {postcode}")


def _add(world: World, count: int, country: str, start: int) -> None:
    made = points.made(
        count,
        seed=world.seed,
        ids=lambda n: f"{country}{FIRST_POINT + n}",
        country=country,
        start=start,
    )
    for point in made.values():
        point.most_weight_g = MOST_POINT_G
    world.points |= made


def _grow(world: World, count: int) -> None:
    _add(world, count, "CZ", sum(point.country == "CZ" for point in world.points.values()))
