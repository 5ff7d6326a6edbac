"""What the suite must be told of a carrier: each has its `SORT` in `tests/carriers/<code>/sort.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from carriers.base import Parcel
from carriers.shipment import Address
from simulator.carriers.world import World

SHOP = Address("Dílna s.r.o.", "Tovární 8", "Olomouc", "77900", "CZ", phone="+420605111222", email="dilna@example.cz")


def login(world: World) -> dict[str, str]:
    """Return the login of the stand-in's first account."""
    return next(iter(world.accounts.values())).login


@dataclass(frozen=True)
class Sort:
    """What is a carrier's own: how its account is filled from its stand-in, which services there are, what books.

    `books`: the stand-in's operation that makes parcels. `lists`: the one whose answer tells of several, "" where each
    answer tells of one. `switches`: what of the unproven the stand-in knows. `network`: that of `to_point`, where the
    stand-in keeps the points of several. `collects_from`: None where the car comes to the account's own address only;
    `numbers_cars`: whether that has a number. `lists_codes`: whether the contract does, so that every stage must be
    known.
    """

    home: str
    to_point: str
    books: str
    lists: str = ""
    given: Callable[[World], Mapping[str, str]] = lambda _: {}
    secrets: Callable[[World], Mapping[str, str]] = login
    key: Callable[[Parcel], str] = lambda parcel: parcel.number  # what the stand-in knows a parcel by
    path: str = ""
    switches: frozenset[str] = frozenset()
    network: str = ""
    collects_from: Address | None = SHOP
    numbers_cars: bool = True
    lists_codes: bool = True
