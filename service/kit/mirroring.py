"""What a read proves: which content is the newest, and whether a thing is live, missing or deleted.

Pure rules on stamps, the same for orders and products; SQL only stores what they say. Two reads may be under way at
once and their answers come in any order, so no rule asks which answer came first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

K = TypeVar("K")
APART = timedelta(minutes=5)  # two answers this far apart that both lack an order prove it gone
SETTLING = timedelta(seconds=2)  # stamps have whole seconds: a read this close may have come between two changes


class State(StrEnum):
    """What we believe of a mirrored thing; only what is live may be dispatched."""

    LIVE = "live"
    MISSING = "missing"
    DELETED = "deleted"


@dataclass(frozen=True)
class Read:
    """Which content a read brought: the shop's own stamp of it, and when the read began."""

    read_at: datetime
    last_update_time: datetime | None


@dataclass(frozen=True)
class Presence:
    """The evidence for and against: when a read that showed it began, when its deletion was told, who lacked it.

    `missing_since` and `missing_last_at` are when the first and the last read began whose valid answer lacked it. The
    first alone: since when answers lack it among too many to be believed.
    """

    seen_at: datetime
    delete_told_at: datetime | None = None
    missing_since: datetime | None = None
    missing_last_at: datetime | None = None

    @property
    def state(self) -> State:
        """Say what the evidence amounts to (docs/upgates.md 7, T43)."""
        if self.missing_since is None or self.missing_last_at is None:
            return State.LIVE if self.delete_told_at is None else State.MISSING
        if self.delete_told_at is not None and self.delete_told_at < self.missing_last_at:
            return State.DELETED
        return State.DELETED if self.missing_last_at - self.missing_since >= APART else State.MISSING


@dataclass(frozen=True)
class Counts:
    """How many of a tenant's things are live, held as missing, and deleted."""

    live: int = 0
    missing: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class Gone(Generic[K]):
    """What became of a thing that a valid answer lacks, by its key.

    `unknown`: never mirrored, and no row is left. `stale`: a read begun later has shown it. `news`: it became so now.
    """

    key: K
    became: Literal["unknown", "stale", "missing", "deleted"]
    news: bool = False
    look_again_at: datetime | None = None


def takes_over(known: Read | None, read: Read) -> bool:
    """Say whether a read's content is newer than the known one: by the shop's stamp, then by when the read began.

    A total order, so any shuffle of answers ends the same. A slow read may begin first and yet bring the newer stamp.
    """
    if known is None or known.last_update_time is None or read.last_update_time is None:
        return known is None or read.read_at > known.read_at
    return (read.last_update_time, read.read_at) > (known.last_update_time, known.read_at)


def settles(read: Read) -> bool:
    """Say whether the read began late enough after the change it shows to have seen that whole second."""
    return read.last_update_time is None or read.read_at - read.last_update_time >= SETTLING


def shown(presence: Presence, read_at: datetime) -> Presence:
    """Return the evidence after a read that showed it: what is older than the read proves nothing any more."""
    seen_at = max(presence.seen_at, read_at)
    last_at = presence.missing_last_at if presence.missing_last_at and presence.missing_last_at > seen_at else None
    since = presence.missing_since if presence.missing_since and presence.missing_since > seen_at else last_at
    told_at = presence.delete_told_at if presence.delete_told_at and presence.delete_told_at >= seen_at else None
    return Presence(seen_at, told_at, since, last_at)


def told(presence: Presence, told_at: datetime) -> Presence:
    """Return the evidence after the shop said that it was deleted; a read begun later knows better.

    What is deleted already stays as it is: webhooks repeat, and a repeat must not open the case again.
    """
    if presence.seen_at > told_at or presence.state is State.DELETED:
        return presence
    return replace(presence, delete_told_at=max(told_at, presence.delete_told_at or told_at))


def gone(presence: Presence, read_at: datetime) -> Presence:
    """Return the evidence after a valid answer that lacks it; one begun before a read that showed it is stale."""
    if read_at <= presence.seen_at:
        return presence
    first_at = presence.missing_since if presence.missing_last_at else None  # an answer that was doubted proves nothing
    return replace(
        presence,
        missing_since=min(read_at, first_at or read_at),
        missing_last_at=max(read_at, presence.missing_last_at or read_at),
    )


def doubted(presence: Presence, read_at: datetime) -> Presence:
    """Return the evidence after an answer that lacks it among too many to be believed; the state stays what it is."""
    if read_at <= presence.seen_at:
        return presence
    return replace(presence, missing_since=min(read_at, presence.missing_since or read_at))


def became(key: K, weighed: tuple[Presence, Presence] | None, *, read_at: datetime, now: datetime) -> Gone[K]:
    """Name what an answer begun at `read_at` did to the evidence (before, after); None: there is no row.

    What is missing is looked at again as soon as an answer can prove it gone: once its deletion was told, which may be
    later than now by a clock that was fast, or five minutes after the first answer that lacked it.
    """
    if weighed is None:
        return Gone(key, "unknown")
    before, after = weighed
    if read_at <= after.seen_at:
        return Gone(key, "stale")
    news = before.state is not after.state
    if after.state is State.DELETED:
        return Gone(key, "deleted", news)
    proven_at = (after.missing_since or read_at) + APART
    if after.delete_told_at is not None:
        proven_at = min(proven_at, after.delete_told_at)
    return Gone(key, "missing", news, max(now, proven_at))


def presence_of(row: Mapping[str, Any]) -> Presence:
    """Return the evidence stored in a row of `orders` or `products`."""
    return Presence(row["seen_at"], row["delete_told_at"], row["missing_since"], row["missing_last_at"])


def columns(presences: Iterable[Presence]) -> dict[str, list[Any]]:
    """Return the evidence of many rows as the arrays their statements unnest."""
    many = list(presences)
    return {
        "seen": [presence.seen_at for presence in many],
        "told": [presence.delete_told_at for presence in many],
        "missing_since": [presence.missing_since for presence in many],
        "missing_last": [presence.missing_last_at for presence in many],
        "states": [presence.state.value for presence in many],
    }
