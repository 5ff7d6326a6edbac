"""Run benches: `python -m tests.bench NAME …`, the names being those of `BENCHES` below.

All of them without a name. Exit 1 when a hard claim breaks: something acknowledged was lost, an answer came too late, a
customer was mailed twice or not at all, a reader missed a change, a stranger got another answer, a planted loss was not
named. Timings are only told; they are the machine's as much as ours.
"""

import sys
import time

from tests.bench import ack, ageing, busy, day, feed, labels, memory, planted, points, sameness, writing, written
from tests.bench.board import Board

BENCHES = {
    "ack": ack.run,
    "busy": busy.run,
    "written": written.run,
    "feed": feed.run,
    "day": day.run,
    "mails": writing.mails,
    "fill": writing.fill,
    "ageing": ageing.run,
    "memory": memory.run,
    "sameness": sameness.run,
    "planted": planted.run,
    "points": points.run,
    "labels": labels.run,
}


def main(names: list[str]) -> int:
    if unknown := set(names) - set(BENCHES):
        print(f"no such bench: {', '.join(sorted(unknown))}; there are: {', '.join(BENCHES)}")
        return 2
    board, began = Board(), time.monotonic()
    for name in names or BENCHES:
        BENCHES[name](board)
    seconds = time.monotonic() - began
    board.write(seconds=seconds)
    print(f"\n{board.table()}\n\n{board.machine()}; {seconds:.0f} s")
    if missed := board.missed():
        print(f"missed on this machine: {', '.join(missed)}")
    if broken := board.broken():
        print(f"BROKEN: {', '.join(broken)}")
    return 1 if broken else 0


sys.exit(main(sys.argv[1:]))
