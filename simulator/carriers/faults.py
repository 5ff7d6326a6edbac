"""What can go wrong at a carrier on purpose, call by call.

A fault befalls calls it fits: each of them, every n-th, or one in n by its own dice; `calls` of them, then it is gone.
"""

import random
from dataclasses import dataclass, field

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
class Fault:
    """One kind of misbehaviour and the calls it befalls.

    `calls`: how many calls still take it, None = until cleared. `operation` narrows it to one operation of the carrier,
    `holding` to calls whose path or body holds this text, for example an order number. `every`: of the calls it fits
    only every n-th. `one_in`: each with a chance of one in n, by dice of this `seed`.
    """

    kind: str
    calls: int | None = 1
    operation: str | None = None
    holding: str | None = None
    every: int = 1
    one_in: int = 1
    seed: int = 1
    seconds: float = 0.0
    seconds_most: float | None = None
    items: int = 1
    status: int | None = None
    retry_after: int | None = 30
    fitting: int = 0
    """How many calls it fitted so far."""
    struck: int = 0
    """How many it befell."""
    _dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")
        self._dice = random.Random(f"{self.seed}:{self.kind}")

    def fits(self, operation: str, text: bytes, *, makes: bool, has_items: bool) -> bool:
        """Say whether this call could take the fault; `text`: its path and body."""
        return (
            self.calls != 0
            and (self.operation == operation or (self.operation is None and operation != PUSH))
            and (self.holding is None or self.holding.encode() in text)
            and (makes or self.kind != "late")
            and (has_items or self.kind not in OF_ITEMS)
        )

    def strikes(self) -> bool:
        """Count a call that fits and say whether it is one of those befallen."""
        self.fitting += 1
        strikes = self.fitting % self.every == 0 and (self.one_in == 1 or self._dice.randrange(self.one_in) == 0)
        self.struck += strikes
        return strikes

    def delay_s(self) -> float:
        """Return how slow an answer is, or how late a late one lands."""
        return self.seconds if self.seconds_most is None else self._dice.uniform(self.seconds, self.seconds_most)


@dataclass(slots=True)
class Faults:
    """The faults of one carrier, oldest first."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, kind: str, **how: object) -> Fault:
        """Add a fault; keywords are the fields of `Fault`."""
        fault = Fault(kind, **how)  # type: ignore[arg-type]
        self.waiting.append(fault)
        return fault

    def clear(self, kind: str | None = None) -> None:
        """Forget all faults, or those of one kind."""
        self.waiting = [fault for fault in self.waiting if kind is not None and fault.kind != kind]

    def take(self, operation: str, text: bytes, *, makes: bool, has_items: bool) -> dict[str, Fault]:
        """Return what befalls this call, at most one of each kind, and count it down."""
        taken: dict[str, Fault] = {}
        for fault in self.waiting:
            fits = fault.kind not in taken and fault.fits(operation, text, makes=makes, has_items=has_items)
            if fits and fault.strikes():
                taken[fault.kind] = fault
        for fault in taken.values():
            if fault.calls is not None:
                fault.calls -= 1
        self.waiting = [fault for fault in self.waiting if fault.calls != 0]
        return taken
