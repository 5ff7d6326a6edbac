"""What a shipment ought to show otherwise than it does, and under which ids: pure."""

import re
from base64 import b32encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

DAY = timedelta(days=1)  # a shipment is brought up to date no more often (docs/upgates.md 4.9)
LATEST_S = 6 * 3_600  # a list is read once for all shops; they follow it apart (R15)
CODE_LETTERS = 24
NO_ID = re.compile(r"[^0-9A-Za-z]")


class Key(NamedTuple):
    """A carrier's point, as its list names it."""

    carrier: str
    network: str
    point_id: str


class State(StrEnum):
    """Where a point stands on its way into a shipment and out of it."""

    WANTED = "wanted"  # to be put in; the shop does not have it
    SENT = "sent"  # asked for, and the answer is not known
    SHOWN = "shown"
    REFUSED = "refused"  # the shop does not take it as it is
    UNWANTED = "unwanted"  # to be taken out
    LEAVING = "leaving"  # its removal was asked for, and the answer is not known
    KEPT = "kept"  # the shop shows it though it was asked to take it out; asked again in the next round
    GONE = "gone"


DOUBTFUL = (State.SENT, State.LEAVING)
THERE = (State.SHOWN, State.UNWANTED, State.KEPT)  # the shop shows them
ALIVE = (*THERE, State.WANTED, State.REFUSED)


@dataclass(frozen=True)
class Affiliate:
    """A point under the id it has in the shop; `digest`: of what the shop was told of it."""

    affiliate_id: str
    key: Key
    digest: bytes
    state: State


@dataclass
class Plan:
    """What is to become of a shipment's points: rows to add, and ids by the state they turn to."""

    new: list[Affiliate] = field(default_factory=list[Affiliate])
    turns: dict[State, list[str]] = field(default_factory=dict[State, list[str]])


def plan(known: Sequence[Affiliate], points: Mapping[Key, bytes], *, tenant_id: str) -> Plan:
    """Return what leads from what is known of a shipment to these points, by the digest of what is told of each.

    A point that changed comes in under a new id and goes out under the old one, in this order: the contract knows no
    way to change one, and does not say what an id means that comes twice (docs/upgates.md 4.9). What is in doubt is
    left alone; nobody should plan before it is cleared.
    """
    found, fit = Plan(), set[Key]()
    for each in known:
        if each.state in DOUBTFUL:
            fit.add(each.key)
        if each.state not in ALIVE:
            continue
        fits = points.get(each.key) == each.digest
        fit |= {each.key} if fits else set()
        state = _turned(each.state, fits=fits)
        if state is not each.state:
            found.turns.setdefault(state, []).append(each.affiliate_id)
    taken = {each.affiliate_id.casefold() for each in known}
    for key in sorted(points.keys() - fit):
        name = named(key, taken, tenant_id=tenant_id)
        taken.add(name.casefold())
        found.new.append(Affiliate(name, key, points[key], State.WANTED))
    return found


def _turned(state: State, *, fits: bool) -> State:
    if state in THERE:
        return State.SHOWN if fits else (state if state is State.KEPT else State.UNWANTED)
    return state if fits else State.GONE


def named(key: Key, taken: Collection[str], *, tenant_id: str) -> str:
    """Return an id nobody has had: the point's own code, for people to read, and letters that are no other's.

    A merchant may have points of his own in the shipment, and ids the shop made up; `taken` are in lower case.
    A shop that was erased and comes back is another tenant: what the first one left there is nobody's.
    """
    code = NO_ID.sub("", key.point_id)[:CODE_LETTERS]
    return next(name for name in _names(code, key, tenant_id) if name.casefold() not in taken)


def _names(code: str, key: Key, tenant_id: str) -> Iterable[str]:
    serial = 0
    while True:
        tail = b32encode(blake2b("/".join((tenant_id, *key, str(serial))).encode(), digest_size=5).digest()).decode()
        yield f"{code}x{tail}"
        serial += 1


def spread(tenant_id: str, shop_shipment_id: str) -> int:
    """Return how many seconds after a list changed a shipment follows: always as many, up to six hours."""
    place = int.from_bytes(blake2b(f"{tenant_id}/{shop_shipment_id}".encode(), digest_size=4).digest())
    return place % LATEST_S
