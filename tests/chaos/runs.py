"""One run: trade goes on, something breaks and is mended, everything settles, and the invariants are asked."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.chaos import platform, processes, servers
from tests.chaos.faults import Fault
from tests.chaos.invariants import INVARIANTS, Counts, Seen
from tests.chaos.trade import Trade
from tests.chaos.world import World

FAULTS = (*processes.FAULTS, *servers.FAULTS, *platform.FAULTS)
BY_NAME = {fault.name: fault for fault in FAULTS}
CALM_S = 2.0  # of trade before the first fault, and after the last
APART_S = 3.0  # at most, between the two of a pair
WORKS_WITHIN_S = 60.0
LEAST_S = 5.0
PULSE_S = 0.01


def plan(seed: int, *, long: bool) -> tuple[Fault, ...]:
    """Return what a seed breaks: in even laps each fault alone, once; in odd ones each in a pair with another."""
    some = [fault for fault in FAULTS if long or not fault.long]
    lap, place = divmod(seed, len(some))
    random.Random(lap).shuffle(some)
    first = some[place]
    if lap % 2 == 0:
        return (first,)
    others = [fault for fault in some if may_meet(first, fault)]
    return (first, random.Random(seed).choice(others)) if others else (first,)


def may_meet(one: Fault, other: Fault) -> bool:
    """Say whether two faults make a pair: they strike different things, and neither strikes everything."""
    return "all" not in (one.strikes, other.strikes) and one.strikes != other.strikes


@dataclass
class Outcome:
    """What came of one run."""

    seed: int
    faults: tuple[str, ...]
    found: dict[str, list[str]]  # by invariant: what differs
    whole_s: float  # from the end of the fault until everything had settled
    seconds: float
    acked: int
    late: int
    stall_ms: float
    slowest_ms: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.found


def run(world: World, seed: int, faults: Sequence[Fault]) -> Outcome:
    """Make one run in a world that has settled."""
    dice = random.Random(f"chaos:{seed}")
    world.story, world.wrong, world.figures, world.revived = [], [], {}, []
    world.alone = len(faults) == 1
    world.said_from = began = time.monotonic()
    before = Counts.of(world)
    with pulse() as stalls:
        trade = Trade(world, seed)
        with trade.going_on():
            world.let_pass(CALM_S)
            broken(world, dice, faults)
            ended = time.monotonic()
            world.let_pass(CALM_S)
        world.say(f"trade has ended: {dict(trade.done)}; {len(trade.faults)} things could not be done meanwhile")
        world.story += [f"          {fault}" for fault in trade.faults[:5]]
        settled = settle(world, ended, within_s=max(fault.whole_s for fault in faults) * len(faults))
        whole_s = time.monotonic() - ended
    after = Counts.of(world)
    seen = Seen(world, before, after, world.judge(), breaks_of(faults), max(stalls))
    found = {"the fault's own claim": world.wrong, "everything settles": settled}
    found |= {invariant.__name__: invariant(seen) for invariant in INVARIANTS}
    return Outcome(
        seed=seed,
        faults=tuple(fault.name for fault in faults),
        found={name: words for name, words in found.items() if words},
        whole_s=round(whole_s, 1),
        seconds=round(time.monotonic() - began, 1),
        acked=seen.hooks("acked"),
        late=seen.hooks("over_750_ms") + seen.hooks("timeouts"),
        stall_ms=round(max(stalls), 1),
        slowest_ms=after.slowest_ms,
        figures=world.figures,
        story=world.story,
        revived=world.revived,
    )


def broken(world: World, dice: random.Random, faults: Sequence[Fault]) -> None:
    """Let the faults begin one after the other, last as long as the longest would alone, and end."""
    begun: list[tuple[Fault, ExitStack]] = []
    with ExitStack() as all_of_them:
        all_of_them.callback(end, world, begun)
        for fault in faults:
            if begun:
                world.let_pass(dice.uniform(0, APART_S))
            world.say(f"{fault.name} begins: {fault.says}")
            begun.append((fault, ExitStack()))
            begun[-1][1].enter_context(fault.strike(world, dice))
        seconds = max(fault.seconds(dice) for fault in faults)
        world.say(f"that lasts for {seconds:.1f} s")
        world.let_pass(seconds)


def end(world: World, begun: Sequence[tuple[Fault, ExitStack]]) -> None:
    """End every fault that has begun, whatever becomes of the others: servers first, for some ends need them."""
    with ExitStack() as ends:
        for fault, stack in sorted(begun, key=lambda each: each[0].ends_as, reverse=True):
            ends.callback(world.say, f"{fault.name} has ended")
            ends.push(stack)


def breaks_of(faults: Sequence[Fault]) -> frozenset[str]:
    return frozenset().union(*(fault.breaks for fault in faults))


def settle(world: World, ended: float, *, within_s: float) -> list[str]:
    """Wait until everything works and nothing is under way; return what did not come to rest."""
    if not world.until(world.works, within_s=WORKS_WITHIN_S):
        return [f"not at work after {WORKS_WITHIN_S:.0f} s: {idle(world)}"]
    world.say("all processes are at work")
    left: dict[str, object] = {}

    def quiet() -> bool:
        nonlocal left
        left = world.unsettled()
        return not left

    if not world.until(quiet, within_s=max(LEAST_S, ended + within_s - time.monotonic())):
        return [f"not settled {within_s:.0f} s after the fault: {left}"]
    world.say("everything has settled")
    return []


def idle(world: World) -> list[str]:
    """Return which processes are not at work."""
    return [name for name in processes.PROCESSES if not world.stage.readiness(name)()]


@contextmanager
def pulse() -> Iterator[list[float]]:
    """Measure, while the block runs, how many milliseconds too late a thread of ours woke up."""
    stalls, over = [0.0], threading.Event()

    def beat() -> None:
        due = time.monotonic() + PULSE_S
        while not over.wait(max(0.0, due - time.monotonic())):
            stalls.append((time.monotonic() - due) * 1_000)
            due = time.monotonic() + PULSE_S

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield stalls
    finally:
        over.set()
        thread.join()
