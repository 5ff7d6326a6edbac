"""What can go wrong at a shop on purpose, call by call.

A fault befalls calls it fits: each of them, every n-th, or one in n by its own dice; `calls` of them, then it is gone.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

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
class Fault:
    """One kind of misbehaviour and the calls it befalls.

    `calls`: how many calls still take it, None = until cleared. `method` and `template` narrow it down, for example
    `GET` and `/orders/{order_number}` (templates as in `answer.ROUTES`); `numbers` to calls that name such an order.
    `every`: of the calls it fits only every n-th. `one_in`: each with a chance of one in n, by dice of this `seed`.
    """

    kind: str
    calls: int | None = 1
    method: str | None = None
    template: str | None = None
    numbers: set[str] | None = None
    every: int = 1
    one_in: int = 1
    seed: int = 1
    seconds: float = 0.0
    seconds_most: float | None = None
    items: int = 1
    status: int = 500
    honest: bool = True
    retry_after: timedelta | None = None
    fitting: int = 0
    """How many calls it fitted so far."""
    struck: int = 0
    """How many it befell."""
    _dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")
        self._dice = random.Random(f"{self.seed}:{self.kind}")

    def fits(self, method: str, template: str, named: Callable[[], set[str]]) -> bool:
        """Say whether this call could take the fault; `named` returns the orders it names."""
        return (
            self.calls != 0
            and (self.method is None or self.method.upper() == method)
            and (self.template is None or self.template == template)
            and (self.numbers is None or not self.numbers.isdisjoint(named()))
        )

    def strikes(self) -> bool:
        """Count a call that fits and say whether it is one of those befallen."""
        self.fitting += 1
        strikes = self.fitting % self.every == 0 and (self.one_in == 1 or self._dice.randrange(self.one_in) == 0)
        self.struck += strikes
        return strikes

    def concerns(self, number: str) -> bool:
        """Say whether an item of the call takes the fault."""
        return self.numbers is None or number in self.numbers

    def delay_s(self) -> float:
        """Return how late a late write lands."""
        return self.seconds if self.seconds_most is None else self._dice.uniform(self.seconds, self.seconds_most)


@dataclass(slots=True)
class Faults:
    """The faults of one shop, oldest first."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, kind: str, **how: object) -> Fault:
        """Add a fault; keywords are the fields of `Fault`."""
        fault = Fault(kind, **how)  # type: ignore[arg-type]
        self.waiting.append(fault)
        return fault

    def clear(self, kind: str | None = None) -> None:
        """Forget all faults, or those of one kind."""
        self.waiting = [fault for fault in self.waiting if kind is not None and fault.kind != kind]

    def take(self, method: str, template: str, named: Callable[[], set[str]]) -> list[Fault]:
        """Return what befalls this call (at most one of each kind) and count it down."""
        taken: dict[str, Fault] = {}
        for fault in self.waiting:
            if fault.kind not in taken and fault.fits(method, template, named) and fault.strikes():
                taken[fault.kind] = fault
        for fault in taken.values():
            if fault.calls is not None:
                fault.calls -= 1
        self.waiting = [fault for fault in self.waiting if fault.calls != 0]
        return list(taken.values())
