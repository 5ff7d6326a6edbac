"""Prove it: `python -m tests.prove [stories|histories|labels|heal|quiet|year …]`; without a name, stories.

Sizes come from the environment: SEED and RUNS (stories, histories), SEED and LOST answers (labels), SHOPS (heal,
quiet), DAYS (quiet, year), ORDERS a day (year). `python -m tests.prove tell STORY` tells one story again, as a failing
run printed it, and `digest SEED` prints the sum over the journal of one. Exit 1 when anything is not as promised.
"""

import logging
import os
import shlex
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.bench.board import Board
from tests.flows.town import build
from tests.prove import ground as grounds
from tests.prove import heal, histories, labels, quiet, story, year
from tests.prove.ground import Ground
from tests.prove.story import Ended, Story

SUMMARY = Path("var/prove/summary.json")
TWICE_EVERY = 25  # so often a story is told twice, and both journals must be the same
PROGRESS_EVERY = 100
FIGURES = ("deliveries", "shipped", "mails", "calls", "killed", "faults", "turns")


def of(name: str, default: int) -> int:
    """Return a size from the environment."""
    return int(os.environ.get(name) or default)


def stories(ground: Ground, board: Board) -> None:
    seed, runs = of("SEED", 1), of("RUNS", 200)
    board.open(f"stories, seeds {seed} to {seed + runs - 1}")
    began, sums, failed, unlike = time.monotonic(), Counter[str](), list[int](), list[int]()
    for each in range(seed, seed + runs):
        ended = safely(ground, Story.drawn(each))
        sums.update({name: getattr(ended, name) for name in (*FIGURES, "lost", "duplicates")})
        if (each - seed) % PROGRESS_EVERY == PROGRESS_EVERY - 1:
            print(f"         {each - seed + 1:,} told, {len(failed)} failed", flush=True)
        if ended.wrong:
            failed.append(each)
            report(ground, ended)
        elif each % TWICE_EVERY == 0 and safely(ground, ended.story).digest != ended.digest:
            unlike.append(each)
    board.judge("stories that did not end as promised", len(failed), 0, hard=True)
    board.judge("acknowledged deliveries lost", sums["lost"], 0, hard=True)
    board.judge("mails, shipments or feed rows twice", sums["duplicates"], 0, hard=True)
    board.judge("seeds whose journal differs when told twice", len(unlike), 0, hard=True)
    board.tell("runs", f"{runs:,}")
    for name in FIGURES:
        board.tell(name, f"{sums[name]:,}")
    board.tell("stories a minute", round(60 * runs / (time.monotonic() - began), 1))
    if failed or unlike:
        board.tell("seeds to look at", " ".join(map(str, [*failed, *unlike])))


def safely(ground: Ground, told: Story) -> Ended:
    """Tell a story; what nobody caught is wrong as well."""
    try:
        return story.told(ground, told)
    except Exception as fault:  # noqa: BLE001 - whatever it is, its story is told
        return Ended(told, [f"{type(fault).__name__}: {fault}"])


def report(ground: Ground, ended: Ended) -> None:
    """Print a failing story as short as it gets, and the command that tells it again."""
    print(f"\nseed {ended.story.seed} FAILED: {'; '.join(ended.wrong[:3])}; it is being shortened", flush=True)
    short = story.shortened(ended.story, lambda shorter: bool(safely(ground, shorter).wrong))
    print(f"shortened from {len(ended.story.deeds)} deeds to:\n{short}")
    for wrong in safely(ground, short).wrong:
        print(f"  - {wrong}")
    print(f"again: python -m tests.prove tell {shlex.quote(short.written())}\n", flush=True)


def told_histories(ground: Ground, board: Board) -> None:
    seed, runs = of("SEED", 1), of("RUNS", 10_000)
    board.open(f"{runs:,} shuffled histories")
    wrong = 0
    for place in range(-(-runs // histories.AT_ONCE)):
        found = histories.told(ground, seed=seed + place, histories=min(histories.AT_ONCE, runs))
        wrong += len(found)
        if found:
            print(f"  seed {seed + place}: {found}", flush=True)
    board.judge("histories that do not end in the shop's state", wrong, 0, hard=True)


def told_labels(ground: Ground, board: Board) -> None:
    seed, least = of("SEED", 1), of("LOST", 1_000)
    board.open(f"labels, {least:,} lost answers of creates, from seed {seed}")
    sums, wrong = Counter[str](), list[str]()
    while sums["lost"] < least or sums["late"] < least // 5:
        for code in labels.codes():
            with ground.database() as url, tempfile.TemporaryDirectory() as folder:
                town = build(Path(folder), url, ground.redis_url)
                with closing(town.rig):
                    ended = labels.told(town, url, code, seed, parcels=labels.PARCELS)
            sums.update(ended.tally)
            wrong += ended.wrong
            for each in ended.wrong:
                print(f"    {each}", flush=True)
        print(
            f"         seed {seed}: {sums['lost']:,} lost, {sums['late']:,} of them late, {len(wrong)} wrong",
            flush=True,
        )
        seed += 1
    twice = [each for each in wrong if "paid for twice" in each]
    board.judge("second paid labels", len(twice), 0, hard=True)
    board.judge("what else is not as promised", len(wrong) - len(twice), 0, hard=True)
    for name, count in sorted(sums.items()):
        board.tell(name, f"{count:,}")


def told_heal(ground: Ground, board: Board) -> None:
    shops = of("SHOPS", 1_000)
    board.open(f"{heal.OUTAGE.total_seconds() / 3_600:.0f} h of lost webhooks, {shops:,} shops")
    healed = heal.told(ground, shops=shops, seed=of("SEED", 1))
    took_s = float("inf") if healed.took_s is None else healed.took_s
    board.judge("minutes until every shop is true again", round(took_s / 60, 1), 120)
    board.judge("shops that are not", healed.untrue, 0, hard=True)
    board.judge("shops over 3 calls and 1 for each 100 changed orders", healed.over_budget, 0, hard=True)
    board.judge("shops at once at most", healed.most_at_once, 5, hard=True)
    board.tell("changed orders", f"{healed.changed:,}")
    board.tell("calls for each shop", round(healed.calls / shops, 2))


def told_quiet(ground: Ground, board: Board) -> None:
    kept = quiet.told(ground, shops=of("SHOPS", 3), days=of("DAYS", 28), seed=of("SEED", 1))
    board.open(f"{kept.shops} quiet shops, {kept.days} days")
    board.judge("calls a day of a shop in which nothing happens", kept.per_day, 0.3)
    board.judge("calls without a recorded cause", kept.causeless, 0, hard=True)
    board.tell("calls by purpose", ", ".join(f"{plan} {count}" for plan, count in kept.calls.items()) or "0")
    board.tell("calls by cause", ", ".join(f"{cause} {count}" for cause, count in kept.causes.items()) or "0")


def told_year(ground: Ground, board: Board) -> None:
    began = time.monotonic()
    lived = year.told(ground, orders_a_day=of("ORDERS", 20), days=of("DAYS", 366), seed=of("SEED", 1))
    board.open(f"a shop for {lived.days} days")
    board.judge("what is not as promised", len(lived.wrong), 0, hard=True)
    for wrong in lived.wrong[:20]:
        print(f"    {wrong}")
    board.tell("orders created, shipped, mails", f"{lived.orders:,}, {lived.shipped:,}, {lived.mails:,}")
    board.tell("webhooks", f"{lived.webhooks:,}")
    board.tell("calls about orders for each order", lived.per_order)
    board.tell("calls by purpose", ", ".join(f"{plan} {count:,}" for plan, count in sorted(lived.calls.items())))
    board.tell("MB by day", ", ".join(f"{day}: {size / 2**20:.0f}" for day, size in sorted(lived.bytes_at.items())))
    board.tell("partitions, journal entries", f"{lived.partitions}, {lived.journal:,}")
    board.tell("seconds of ours for a day of theirs", round((time.monotonic() - began) / lived.days, 2))


PARTS = {
    "stories": stories,
    "histories": told_histories,
    "labels": told_labels,
    "heal": told_heal,
    "quiet": told_quiet,
    "year": told_year,
}


def tell(text: str) -> int:
    """Tell one story again and say what is wrong."""
    with grounds.opened() as ground:
        ended = safely(ground, Story.read(text))
    print(ended.story, *[f"  - {each}" for each in ended.wrong] or ["as promised"], sep="\n")
    return 1 if ended.wrong else 0


def digest(seed: str) -> int:
    """Print the sum over the journal of a seed's story; on servers that are there already where ours are named."""
    with grounds.named_or_opened() as ground:
        print(story.told(ground, Story.drawn(int(seed))).digest)
    return 0


def main(names: list[str]) -> int:
    logging.disable(logging.CRITICAL)  # thousands of planted faults are logged as faults
    match names:
        case ["tell", text]:
            return tell(text)
        case ["digest", seed]:
            return digest(seed)
    if unknown := set(names) - set(PARTS):
        print(f"no such proof: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}, tell, digest")
        return 2
    board, began = Board(), time.monotonic()
    with grounds.opened() as ground:
        for name in names or ["stories"]:
            PARTS[name](ground, board)
    seconds = time.monotonic() - began
    board.write(seconds=seconds, summary=SUMMARY)
    print(f"\n{board.table()}\n\n{board.machine()}; {seconds:.0f} s")
    if missed := board.missed():
        print(f"missed: {', '.join(missed)}")
    if broken := board.broken():
        print(f"BROKEN: {', '.join(broken)}")
    return 1 if broken else 0


sys.exit(main(sys.argv[1:]))
