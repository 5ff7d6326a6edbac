"""`python -m tests.chaos`: run after run by its seed, what each found, and the figures of all.

    --seed N --runs N     the seed says what breaks and when; laps of single faults and of pairs take turns
    --faults a+b …        these, whatever the seed would choose
    --long                also what takes ten minutes
    --heal                webhooks of twelve hours lost in twenty shops, instead of faults
    --flood N             N webhooks to one receiver while it and its servers are hurt, each looked for afterwards

Exit 1 when an invariant broke: its seed, the command that repeats it and its story are printed, the logs are kept.
"""

import argparse
import signal
import sys
from types import FrameType

from tests.chaos import board, flood, heal, runs
from tests.chaos.faults import Fault

INTERRUPTED = 130


def main() -> int:
    asked = arguments()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, interrupt)
    sys.stdout.reconfigure(line_buffering=True)
    try:
        if asked.heal:
            return heal.main()
        if asked.flood:
            return flood.main(asked.flood, asked.seed)
        return board.main(list(chosen(asked)))
    except KeyboardInterrupt:
        print("\ninterrupted; everything is stopped")
        return INTERRUPTED


def chosen(asked: argparse.Namespace):
    """Yield the runs asked for: seed and faults."""
    for place in range(asked.runs or len(asked.faults) or len(runs.FAULTS)):
        seed = asked.seed + place
        named = asked.faults[place % len(asked.faults)] if asked.faults else None
        yield seed, named or runs.plan(seed, long=asked.long)


def pair(text: str) -> tuple[Fault, ...]:
    """Read names of faults that go together."""
    try:
        return tuple(runs.BY_NAME[name] for name in text.split("+"))
    except KeyError as unknown:
        raise argparse.ArgumentTypeError(f"no fault {unknown}; there are {', '.join(runs.BY_NAME)}") from None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Break things, and look what holds.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=0, help="as many as there are faults, if not said")
    parser.add_argument("--faults", type=pair, nargs="*", default=[], metavar="NAME[+NAME]")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--heal", action="store_true")
    parser.add_argument("--flood", type=int, default=0)
    return parser.parse_args()


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it standing
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
