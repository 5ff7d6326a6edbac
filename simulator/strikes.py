"""What every stand-in's faults have in common: which calls they befall, by count, by turn or by dice."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar


@dataclass(slots=True)
class Strike:
    """One kind of misbehaviour and the calls it befalls; a stand-in adds what narrows them down.

    `calls`: how many calls still take it, None = until cleared. `every`: of the calls it fits only every n-th.
    `one_in`: each with a chance of one in n, by dice of this `seed`.
    """

    kinds: ClassVar[Mapping[str, str]] = {}

    kind: str
    calls: int | None = 1
    every: int = 1
    one_in: int = 1
    seed: int = 1
    seconds: float = 0.0
    seconds_most: float | None = None
    items: int = 1
    fitting: int = 0
    """How many calls it fitted so far."""
    struck: int = 0
    """How many it befell."""
    _dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in self.kinds:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(self.kinds)}")
        self._dice = random.Random(f"{self.seed}:{self.kind}")

    def strikes(self) -> bool:
        """Count a call that fits and say whether it is one of those befallen."""
        self.fitting += 1
        strikes = self.fitting % self.every == 0 and (self.one_in == 1 or self._dice.randrange(self.one_in) == 0)
        self.struck += strikes
        return strikes

    def delay_s(self) -> float:
        """Return how slow an answer is, or how late a late write lands."""
        return self.seconds if self.seconds_most is None else self._dice.uniform(self.seconds, self.seconds_most)


F = TypeVar("F", bound=Strike)


@dataclass(slots=True)
class Waiting(Generic[F]):
    """Faults that wait for their calls, oldest first."""

    waiting: list[F] = field(default_factory=list)

    def clear(self, kind: str | None = None) -> None:
        """Forget all faults, or those of one kind."""
        self.waiting = [fault for fault in self.waiting if kind is not None and fault.kind != kind]

    def striking(self, fits: Callable[[F], bool]) -> dict[str, F]:
        """Return what befalls a call, at most one of each kind, and count it down."""
        taken: dict[str, F] = {}
        for fault in self.waiting:
            if fault.kind not in taken and fault.calls != 0 and fits(fault) and fault.strikes():
                taken[fault.kind] = fault
        for fault in taken.values():
            if fault.calls is not None:
                fault.calls -= 1
        self.waiting = [fault for fault in self.waiting if fault.calls != 0]
        return taken
