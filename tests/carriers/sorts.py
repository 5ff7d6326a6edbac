"""What the suite must be told of a carrier: each has its `SORT` in `tests/carriers/<code>/sort.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from carriers.base import Parcel
from carriers.shipment import Address
from carriers.states import State
from simulator.carriers.points import Point
from simulator.carriers.world import World

SHOP = Address("Dílna s.r.o.", "Tovární 8", "Olomouc", "77900", "CZ", phone="+420605111222", email="dilna@example.cz")


def login(world: World) -> dict[str, str]:
    """Return the login of the stand-in's first account."""
    return next(iter(world.accounts.values())).login


def no_office(_service: str, _place: str, point: Point) -> bool:
    """Say whether a point takes what goes to points: of a post, offices take something else."""
    return point.kind != "office"


@dataclass(frozen=True)
class Sort:
    """What is a carrier's own: how its account is filled from its stand-in, which services there are, what books.

    `books`: the stand-in's operation that makes parcels. `lists`: the one whose answer tells of several, "" where each
    answer tells of one. `switches`: what of the unproven the stand-in knows. `network`: that of `to_point`, where the
    stand-in keeps the points of several. `collects_from`: None where the car comes to the account's own address only;
    `numbers_cars`: whether that has a number, `names_cars`: one that the same order asked again has too. `lists_codes`:
    whether the contract does, so that every stage must be known; `said`: what those the stand-in says when told mean,
    None: that is no scan.

    `more`, `more_given`: what opens further things, for truths of an account that has all. `goes`: where services lead
    that lead to no Czech door or point. `far`, `far_options`: what leaves the Union with a declaration; `declares`:
    whether nothing goes there without. `takes_to`: (service, place, point) whether a service ends at a point.
    `insuring`: the options of who wants it insured. `checks`: whether a number has a check digit. `tells_orders`:
    whether there is a field for the order's number. `choices`: for what an account chooses, what it cannot.
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
    names_cars: bool = False
    orders: str = ""
    said: Mapping[str, State | None] = field(default_factory=dict[str, State | None])
    said_more: Mapping[str, State | None] = field(default_factory=dict[str, State | None])
    more: frozenset[str] = frozenset()
    more_given: Mapping[str, str] = field(default_factory=dict[str, str])
    goes: Mapping[str, str] = field(default_factory=dict[str, str])
    far: str = ""
    far_options: Mapping[str, str] = field(default_factory=dict[str, str])
    declares: bool = True
    takes_to: Callable[[str, str, Point], bool] = no_office
    insuring: Mapping[str, str] = field(default_factory=dict[str, str])
    checks: bool = False
    tells_orders: bool = True
    choices: Mapping[str, str] = field(default_factory=dict[str, str])
