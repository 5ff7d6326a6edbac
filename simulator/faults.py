"""What can go wrong at a shop on purpose, call by call.

A fault befalls calls it fits: each of them, every n-th, or one in n by its own dice; `calls` of them, then it is gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from simulator.strikes import Strike, Waiting

KINDS = {
    "latency": "answer after `seconds`",
    "busy": "429; `retry_after` says whether Retry-After and rate headers come with it; nothing was done",
    "error": "500, or another `status` such as 503; nothing was done",
    "html": "200 with an HTML page; nothing was done",
    "empty": "200, valid envelope, no items",
    "short": "200, `items` items left out silently; `honest` says whether the envelope fits the shortened list",
    "truncated": "200 whose JSON breaks off in the middle",
    "doubled": "200, every item twice, envelope as if there were one of each",
    "reversed": "200, the items in another order than asked",
    "odd_levels": "200, every item with a message whose level is not in the list, and one without any level",
    "texts": "200, booleans as text: `1` and `0` in one item, `true` and `false` in the next",
    "flagless": "200, items of a write without their flag; only their messages tell",
    "dropped": "the work is done, then the connection is closed without an answer",
    "late": "the connection is closed, the write lands `seconds` (to `seconds_most`, contract: 2-90) later",
    "late_answered": "200 as if done, the write lands `seconds` (to `seconds_most`) later",
    "silent": "200 with every flag true, nothing changed; with `numbers` only these orders stay unchanged",
    "refused": "200, the items of a PUT come back with a false flag and a message; with `numbers` only these orders",
}


@dataclass(slots=True)
class Fault(Strike):
    """A misbehaviour of a shop.

    `method` and `template` narrow it down, for example `GET` and `/orders/{order_number}` (templates as in
    `answer.ROUTES`); `numbers` to calls that name such an order.
    """

    kinds: ClassVar[Mapping[str, str]] = KINDS

    method: str | None = None
    template: str | None = None
    numbers: set[str] | None = None
    status: int = 500
    honest: bool = True
    retry_after: timedelta | None = None

    def fits(self, method: str, template: str, named: Callable[[], set[str]]) -> bool:
        """Say whether this call could take the fault; `named` returns the orders it names."""
        return (
            (self.method is None or self.method.upper() == method)
            and (self.template is None or self.template == template)
            and (self.numbers is None or not self.numbers.isdisjoint(named()))
        )

    def concerns(self, number: str) -> bool:
        """Say whether an item of the call takes the fault."""
        return self.numbers is None or number in self.numbers


class Faults(Waiting[Fault]):
    """The faults of one shop."""

    def add(self, kind: str, **how: object) -> Fault:
        """Add a fault; keywords are the fields of `Fault`."""
        fault = Fault(kind, **how)  # type: ignore[arg-type]
        self.waiting.append(fault)
        return fault

    def take(self, method: str, template: str, named: Callable[[], set[str]]) -> list[Fault]:
        """Return what befalls this call (at most one of each kind) and count it down."""
        return list(self.striking(lambda fault: fault.fits(method, template, named)).values())
