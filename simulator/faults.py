"""What can go wrong at a shop on purpose, call by call.

A fault is taken by the first calls it fits, `calls` of them, then it is gone.
"""

from dataclasses import dataclass, field
from datetime import timedelta

KINDS = {
    "latency": "answer after `seconds`",
    "busy": "429; `retry_after` says whether Retry-After and rate headers come with it; nothing was done",
    "error": "500; nothing was done",
    "html": "200 with an HTML page; nothing was done",
    "empty": "200, valid envelope, no items",
    "short": "200, `items` items left out silently; `honest` says whether the envelope fits the shortened list",
    "truncated": "200 whose JSON breaks off in the middle",
    "doubled": "200, every item twice, envelope as if there were one of each",
    "dropped": "the work is done, then the connection is closed without an answer",
    "late": "the connection is closed, the write lands `seconds` (2-90) later",
    "late_answered": "200 as if done, the write lands `seconds` later",
    "silent": "200 with every flag true, nothing changed",
}


@dataclass(slots=True)
class Fault:
    """One kind of misbehaviour and the calls it befalls.

    `calls`: how many calls still take it, None = until cleared. `method` and `template` narrow it down, for example
    `GET` and `/orders/{order_number}` (templates as in `answer.ROUTES`).
    """

    kind: str
    calls: int | None = 1
    method: str | None = None
    template: str | None = None
    seconds: float = 0.0
    items: int = 1
    honest: bool = True
    retry_after: timedelta | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")

    def fits(self, method: str, template: str) -> bool:
        """Say whether this call takes the fault."""
        return (
            self.calls != 0
            and (self.method is None or self.method.upper() == method)
            and (self.template is None or self.template == template)
        )


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

    def take(self, method: str, template: str) -> list[Fault]:
        """Return what befalls this call (at most one of each kind) and count it down."""
        taken: dict[str, Fault] = {}
        for fault in self.waiting:
            if fault.kind not in taken and fault.fits(method, template):
                taken[fault.kind] = fault
        for fault in taken.values():
            if fault.calls is not None:
                fault.calls -= 1
        self.waiting = [fault for fault in self.waiting if fault.calls != 0]
        return list(taken.values())
