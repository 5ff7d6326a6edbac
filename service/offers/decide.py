"""Whether an order may be packed, and what a warehouse must be told when that changes: pure rules on values.

`release` is the verdict of the moment. `move` holds it against what the warehouse was told last: what it may be packing
already is never taken back silently, it becomes a stop that stands until the warehouse has acknowledged it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

CANCELED = "Canceled"  # the type of the system status Storno (docs/upgates.md 4.6)


class State(StrEnum):
    """What a warehouse is told to do."""

    HELD = "held"  # do not pack it
    RELEASED = "released"  # pack it
    STOP = "stop"  # it was released: take it off the line


class Reason(StrEnum):
    """Why an order is held or stopped."""

    UNINSTALLED = "uninstalled"  # the shop has left
    OBSERVED = "observed"  # the shop is only observed
    NO_MAPPING = "no_mapping"  # nobody said yet what releases an order
    HISTORY = "history"  # it is older than the connection
    TOO_OLD = "too_old"  # it was created before the date the merchant chose
    STATUS = "status"  # its status releases nothing
    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    MISSING = "missing"  # the shop does not show it at the moment
    SHIPPED = "shipped"
    AGED = "aged"  # it ended so long ago that its address was masked; it is read again before it may leave
    CHANGED = "changed"  # only of a stop: it may still leave, but not as it was
    WITHDRAWN = "withdrawn"  # only of a stop: a person, or the mapping, takes the release back


@dataclass(frozen=True)
class Facts:
    """What is known of an order. `delete_told`: the shop said that it deleted it, no read has proved it yet."""

    order_number: str
    live: bool
    deleted: bool
    delete_told: bool
    status_id: int | None
    status_type: str | None
    paid: bool
    cod: bool
    creation_time: datetime
    by_hand: bool
    shipped: bool
    masked: bool = False

    @property
    def gone(self) -> bool:
        """Whether the shop cancelled or deleted it; missing alone proves nothing."""
        return self.deleted or self.delete_told or self.status_type == CANCELED


@dataclass(frozen=True)
class Terms:
    """What the merchant answered about releasing; `left`: that was before the shop was uninstalled."""

    live: bool
    statuses: frozenset[int]
    release_from: datetime | None
    history_until: datetime | None
    left: bool = False


@dataclass(frozen=True)
class Offer:
    """What a warehouse is told of one order; `reason` is None of a released one, `changed` names fields of a stop."""

    order_number: str
    position: int
    revision: int
    state: State
    reason: Reason | None
    changed: tuple[str, ...]
    acked_revision: int | None
    by_hand: bool

    @property
    def unheard(self) -> bool:
        """Whether it is a stop nobody acknowledged."""
        return self.state is State.STOP and self.acked_revision != self.revision


def release(facts: Facts, terms: Terms) -> Reason | None:
    """Return why an order is not released; None when it is.

    What a person releases by hand may be older than the connection or the chosen date; all else holds for it too.
    """
    if not terms.live:
        return Reason.UNINSTALLED if terms.left else Reason.OBSERVED
    if facts.shipped:
        return Reason.SHIPPED
    if not terms.statuses or terms.history_until is None:
        return Reason.NO_MAPPING
    if facts.creation_time <= terms.history_until and not facts.by_hand:
        return Reason.HISTORY
    return _gone(facts) or _not_yet(facts, terms)


def _gone(facts: Facts) -> Reason | None:
    if facts.deleted or facts.delete_told:
        return Reason.DELETED
    if not facts.live:
        return Reason.MISSING
    return Reason.CANCELLED if facts.status_type == CANCELED else None


def _not_yet(facts: Facts, terms: Terms) -> Reason | None:
    if terms.release_from and facts.creation_time < terms.release_from and not facts.by_hand:
        return Reason.TOO_OLD
    if facts.status_id not in terms.statuses:
        return Reason.STATUS
    if not facts.paid and not facts.cod:
        return Reason.UNPAID
    return Reason.AGED if facts.masked else None


# What the warehouse can do something with; every other reason is the merchant's own change of mind.
SHOWN_AS_STOP = frozenset(
    {Reason.STATUS, Reason.UNPAID, Reason.CANCELLED, Reason.DELETED, Reason.MISSING, Reason.UNINSTALLED}
)


def move(known: Offer | None, reason: Reason | None, changed: Sequence[str], *, number: str) -> Offer | None:
    """Return what a warehouse is to be told now; None when it knows.

    `reason` is the present verdict (None: released), `changed` names what it would see differently since then. The
    position is not decided here.
    """
    if known is None:
        return Offer(number, 0, 1, _state(reason), reason, (), None, by_hand=False)
    if known.state is State.RELEASED:
        return _from_released(known, reason, changed)
    if known.unheard:
        return _from_stop(known, reason, changed)
    if known.state is State.HELD and known.reason is reason:
        return None
    return _next(known, _state(reason), reason)  # from held, or from a stop that was acknowledged


def _from_released(known: Offer, reason: Reason | None, changed: Sequence[str]) -> Offer | None:
    if reason is Reason.SHIPPED:  # the warehouse told us itself
        return _next(known, State.HELD, reason)
    if reason is None:
        return _next(known, State.STOP, Reason.CHANGED, changed) if changed else None
    return _next(known, State.STOP, _of_stop(reason), changed)


def _from_stop(known: Offer, reason: Reason | None, changed: Sequence[str]) -> Offer | None:
    """Keep the stop, with what is new about it: it may have been seen, but nobody said so."""
    why = known.reason
    if reason not in (None, Reason.SHIPPED):
        why = _of_stop(reason)
    elif changed and reason is None:
        why = Reason.CHANGED
    if why is known.reason and not changed:
        return None
    return _next(known, State.STOP, why, (*known.changed, *changed))


def _next(known: Offer, state: State, reason: Reason | None, changed: Sequence[str] = ()) -> Offer:
    return replace(known, revision=known.revision + 1, state=state, reason=reason, changed=tuple(sorted(set(changed))))


def _state(reason: Reason | None) -> State:
    return State.RELEASED if reason is None else State.HELD


def _of_stop(reason: Reason) -> Reason:
    return reason if reason in SHOWN_AS_STOP else Reason.WITHDRAWN
