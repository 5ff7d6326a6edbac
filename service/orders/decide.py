"""What one read means for one order: pure, and the same whoever stores it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from service.kit import mirroring
from service.kit.mirroring import Presence, Read, State
from service.orders import visible
from service.orders.visible import Changes
from service.platform.shapes import Order

What = Literal["new", "changed", "same", "stale", "revived"]


@dataclass(frozen=True)
class Known:
    """What the mirror knows of an order."""

    read: Read
    presence: Presence
    position: int
    content: Mapping[str, Any]
    masked: bool = False  # what names a person was taken out of the content


@dataclass(frozen=True)
class Taken:
    """What a read meant for one order.

    `stale`: the mirror is newer, nothing was written over. `settle_again`: look once more with the next batch, for the
    read began within two seconds of the change it shows, so a second change of that same second may be missing; or it
    shows an order that stays held, because it did not begin later than whatever told that it is gone.
    `before` and `after` are the contents that differ by `changes`.
    """

    order_number: str
    what: What
    last_update_time: datetime
    settle_again: bool
    changes: Changes
    before: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    after: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def differed(self) -> bool:
        """Whether the mirror showed the order otherwise, if only its stamp; where the mirror is newer it did not."""
        return self.what in {"new", "changed", "revived"} or (self.what == "same" and self.before != self.after)


@dataclass(frozen=True)
class Decision:
    """What is to be written of an order: everything, only the stamps of reads and its place in the feed, or nothing."""

    order: Order
    taken: Taken
    writes: Literal["all", "stamps", "nothing"]
    read_at: datetime
    presence: Presence
    position: int


def decide(order: Order, known: Known | None, *, read_at: datetime, next_position: int) -> Decision:
    """Weigh a read against the mirror; the order gets the next position when the WMS would see a difference."""
    read = Read(read_at, order.last_update_time)
    takes_over = mirroring.takes_over(known.read if known else None, read)
    settle_again = takes_over and not mirroring.settles(read)
    if known is None:
        taken = Taken(order.order_number, "new", order.last_update_time, settle_again, {})
        return Decision(order, taken, "all", read_at, Presence(read_at), next_position)
    presence = mirroring.shown(known.presence, read_at)
    settle_again = settle_again or presence.state is not State.LIVE
    changes: Changes = {}
    unmasked = takes_over and known.masked and order.last_update_time == known.read.last_update_time
    if takes_over and not unmasked:
        changes = visible.changes(known.content, order.raw)
    what: What = "changed" if changes else "same" if takes_over else "stale"
    if unmasked or (known.presence.state is not State.LIVE and presence.state is State.LIVE):
        what = "revived"
    return Decision(
        order,
        Taken(order.order_number, what, order.last_update_time, settle_again, changes, known.content, order.raw),
        _writes(order, known, presence, takes_over=takes_over),
        read_at if takes_over else known.read.read_at,
        presence,
        known.position if what in {"same", "stale"} else next_position,
    )


def _writes(order: Order, known: Known, presence: Presence, *, takes_over: bool) -> Literal["all", "stamps", "nothing"]:
    if takes_over:
        return "stamps" if order.raw == known.content and not known.masked else "all"
    return "nothing" if presence == known.presence else "stamps"
