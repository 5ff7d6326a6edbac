"""Many runs, one world after the other where a run broke it: what each found, and the figures of all."""

import json
import os
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from subprocess import SubprocessError

import httpx
import psycopg
import redis

from service.demo.mirror import NotInTime
from service.demo.stage import ChapterFailed
from service.embedded import EmbeddedError
from tests.chaos import runs, world
from tests.chaos.faults import Fault
from tests.chaos.runs import Outcome
from tests.chaos.world import World

FOLDER = Path("var/chaos")
UNTOLD = (
    AssertionError, ChapterFailed, EmbeddedError, NotInTime, OSError, SubprocessError,
    httpx.HTTPError, psycopg.Error, redis.RedisError,
)  # fmt: skip
TRIES = 3
WORLD_LASTS = 15  # runs; books that only grow make comparing dear


def main(planned: Sequence[tuple[int, tuple[Fault, ...]]]) -> int:
    """Make the planned runs, print what came of them; return 1 when one broke an invariant."""
    outcomes: list[Outcome] = []
    began = time.monotonic()
    try:
        with closing(in_worlds(planned)) as made:  # an interruption takes the world down at once
            for outcome in made:
                outcomes.append(outcome)
                print(line(outcome))
                if not outcome.holds:
                    print(told(outcome))
    finally:
        write(outcomes)
        print(f"\n{table(outcomes)}\n{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def in_worlds(planned: Iterable[tuple[int, tuple[Fault, ...]]]) -> Generator[Outcome]:
    """Make runs in one world as long as it stays whole, else in the next one."""
    waiting = list(planned)
    while waiting:
        with ExitStack() as stack:
            here = stood_up(stack)
            print(f"a world stands (load {os.getloadavg()[0]:.1f})")
            for _ in range(min(WORLD_LASTS, len(waiting))):
                seed, faults = waiting.pop(0)
                outcome = tried(here, seed, faults)
                yield outcome
                if not outcome.holds:
                    here.keep_logs = FOLDER / f"logs-{seed}"
                    break


def stood_up(stack: ExitStack) -> World:
    """Stand a world up; a busy machine may need more than one try."""
    for _ in range(TRIES - 1):
        try:
            return stack.enter_context(world.standing())
        except UNTOLD as failure:
            print(f"no world stood up, once more: {failure!r}")
    return stack.enter_context(world.standing())


def tried(here: World, seed: int, faults: tuple[Fault, ...]) -> Outcome:
    """Make a run; one that could not even be told to its end is a broken one."""
    began = time.monotonic()
    try:
        return runs.run(here, seed, faults)
    except UNTOLD as failure:
        names = tuple(fault.name for fault in faults)
        seconds = time.monotonic() - began
        return Outcome(seed, names, {"told to its end": [repr(failure)]}, 0, seconds, 0, 0, 0, story=here.story)


def line(outcome: Outcome) -> str:
    names, verdict = "+".join(outcome.faults), "holds" if outcome.holds else "BROKEN"
    return (
        f"{outcome.seed:>5}  {names:<36}  whole after {outcome.whole_s:>5.0f} s  acked {outcome.acked:>5,}"
        f"  late {outcome.late}  {outcome.seconds:>4.0f} s  {verdict}"
    )


def told(outcome: Outcome) -> str:
    """Return the story of a broken run, and how to have it once more."""
    wrong = [f"  {name}: {words}" for name, each in outcome.found.items() for words in each]
    again = f"make chaos SEED={outcome.seed} RUNS=1 FAULTS={'+'.join(outcome.faults)}"
    lines = ["", *outcome.story, "", *wrong, f"  again: {again}", f"  logs: {FOLDER}/logs-{outcome.seed}", ""]
    return "\n".join(lines)


REDIS = ("redis", "clients", "bindings")


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the figures of all runs beside what was asked."""
    of_redis = [one.whole_s for one in outcomes if all(name.startswith(REDIS) for name in one.faults)]
    taken = [value for one in outcomes for value in one.figures.values()]
    late = [one for one in outcomes if one.late]
    stalled = f", where the machine stalled for up to {max(one.stall_ms for one in late):.0f} ms" if late else ""
    rows = (
        ("runs", "", f"{len(outcomes)}, {sum(one.holds for one in outcomes)} hold"),
        ("faults", str(len(runs.FAULTS)), str(len({name for one in outcomes for name in one.faults}))),
        ("webhooks acknowledged", "", f"{sum(one.acked for one in outcomes):,}"),
        ("acknowledged and lost", "0", found(outcomes, "every_ack_has_its_row")),
        ("mirror unlike its shop", "0", found(outcomes, "mirror_is_the_shop")),
        ("shipped and not shown, or mails not one", "0", found(outcomes, "shipped_orders_show_it")),
        ("shipments or feed rows twice", "0", found(outcomes, "nothing_is_done_twice")),
        ("rules of the platform broken", "0", found(outcomes, "rules_are_kept")),
        ("stuck", "0", found(outcomes, "everything settles", "nothing_is_stuck")),
        ("answers over 750 ms", "0", f"{sum(one.late for one in late)}{stalled}"),
        ("slowest answer", "", f"{max((one.slowest_ms for one in outcomes), default=0):.0f} ms"),
        ("Redis away or wiped: all done after", "<= 60 s", f"{max(of_redis, default=0):.0f} s, {len(of_redis)} runs"),
        ("killed workers' claims taken over", "<= 50 s", f"{max(taken, default=0):.0f} s, {len(taken)} runs"),
        ("processes that ended by themselves", "", str(sum(len(one.revived) for one in outcomes))),
    )
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def found(outcomes: Sequence[Outcome], *invariants: str) -> str:
    """Return how many differences these invariants found."""
    return str(sum(len(one.found.get(name, ())) for one in outcomes for name in invariants))


def write(outcomes: Sequence[Outcome]) -> None:
    """Keep what was found for machines."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(outcome) for outcome in outcomes], indent=2, ensure_ascii=False)
    (FOLDER / f"runs-{outcomes[0].seed if outcomes else 0}.json").write_text(text + "\n")
