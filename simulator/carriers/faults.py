"""What can go wrong at a carrier on purpose, call by call.

A fault befalls calls it fits: each of them, every n-th, or one in n by its own dice; `calls` of them, then it is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simulator.strikes import Strike, Waiting

KINDS = {
    "slow": "answer after `seconds`; the work is done at once",
    "busy": "429 (or another `status`), Retry-After of `retry_after` seconds unless None; nothing was done",
    "error": "500, or another `status` such as 503; nothing was done",
    "down": "the connection is refused (on the wire: closed before the work); nothing was done",
    "html": "200 with an HTML page; nothing was done",
    "empty": "the work is done, 200 without a body",
    "truncated": "the work is done, the answer breaks off after two thirds",
    "wrong_types": "the work is done, the answer's values have other types: text for numbers, lists for text",
    "nulls": "the work is done, every text of the answer is null or empty",
    "doubled": "the work is done, the first of the answer's items comes twice",
    "short": "the work is done, `items` of the answer's items are left out",
    "reversed": "the work is done, the answer's items come in the opposite order",
    "dropped": "the work is done, then the connection is closed without an answer",
    "late": "the connection is closed at once, what was to be made is made `seconds` (to `seconds_most`) later",
}
NOTHING_DONE = ("down", "busy", "error", "html")
OF_ITEMS = ("doubled", "short", "reversed")
PUSH = "push"  # the operation of messages a carrier sends by itself; only faults that name it befall those


@dataclass(slots=True)
class Fault(Strike):
    """A misbehaviour of a carrier.

    `operation` narrows it to one operation of the carrier, `holding` to calls whose path or body holds this text, for
    example an order number.
    """

    kinds: ClassVar[Mapping[str, str]] = KINDS

    operation: str | None = None
    holding: str | None = None
    status: int | None = None
    retry_after: int | None = 30

    def fits(self, operation: str, text: bytes, *, makes: bool, has_items: bool) -> bool:
        """Say whether this call could take the fault; `text`: its path and body."""
        return (
            (self.operation == operation or (self.operation is None and operation != PUSH))
            and (self.holding is None or self.holding.encode() in text)
            and (makes or self.kind != "late")
            and (has_items or self.kind not in OF_ITEMS)
        )


class Faults(Waiting[Fault]):
    """The faults of one carrier."""

    def add(self, kind: str, **how: object) -> Fault:
        """Add a fault; keywords are the fields of `Fault`."""
        fault = Fault(kind, **how)  # type: ignore[arg-type]
        self.waiting.append(fault)
        return fault

    def take(self, operation: str, text: bytes, *, makes: bool, has_items: bool) -> dict[str, Fault]:
        """Return what befalls this call, at most one of each kind, and count it down."""
        return self.striking(lambda fault: fault.fits(operation, text, makes=makes, has_items=has_items))
