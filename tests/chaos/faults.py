"""Everything that may break, each with its name: what it does, how long it may last, what it may cost.

A fault is a block of time: it begins, the world goes on, it ends. Those that strike the same thing make no pair.

What is real: every kill, stop and restart, every word between the processes. What stands for something else:

- a full disk: the kernel's limit of file sizes, on the receiver; PostgreSQL's own disk is not filled;
- a stalled commit: a standby that does not exist is waited for, reads go on;
- a slow Redis: a proxy of ours; a read-only one: a replica of a server that is not there;
- a newer schema: a column more in every table under the running processes, which are then replaced;
- waits of an hour (between two probes of a block, between two lists of webhooks) and an absence of ten minutes are
  written into the database, as if the time had passed;
- a person: `retry` after a 401 or 403 of one shop. Nothing else needs a hand.
"""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.chaos.world import World

Strike = Callable[[World, random.Random], AbstractContextManager[None]]

DOUBT_S = 90.0  # a write nobody heard the answer of rests so long, for it may still land
WHOLE_S = 60.0
ENDING = {"postgres": 0, "redis": 1, "web": 2, "workers": 2, "beat": 2, "shops": 3, "hooks": 4}


@dataclass(frozen=True)
class Fault:
    """One thing that breaks.

    `lasts`: bounds of seconds, the dice choose. `whole_s`: how long after its end everything may take to settle.
    `breaks`: rules of the platform that the fault itself breaks. `long`: only when asked for.
    """

    name: str
    says: str
    strikes: str
    strike: Strike
    lasts: tuple[float, float] = (2.0, 6.0)
    whole_s: float = WHOLE_S
    breaks: frozenset[str] = frozenset()
    long: bool = False

    @property
    def ends_as(self) -> int:
        """Return its place among those that end: what others need goes first (a shop answers, then its hooks)."""
        return ENDING.get(self.strikes, len(ENDING))

    def seconds(self, dice: random.Random) -> float:
        """Draw how long it lasts; short ones as often as long ones."""
        least, most = self.lasts
        return least if least == most else least * (most / least) ** dice.random()
