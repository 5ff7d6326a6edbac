"""Run the benches: `python -m tests.bench [name …]`, all of them without a name; exit 1 when a figure is missed."""

import sys
from importlib import import_module
from pathlib import Path

from tests.bench.ack import Verdict

NO_BENCHES = {"__main__", "generators", "rivals", "stage", "expander"}


def main(names: list[str]) -> int:
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in NO_BENCHES)
    if unknown := set(names) - set(known):
        print(f"no such bench: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
        return 2
    verdict = Verdict()
    for name in names or known:
        import_module(f"tests.bench.{name}").run(verdict)
    print(f"missed: {', '.join(verdict.missed)}" if verdict.missed else "every figure holds")
    return 1 if verdict.missed else 0


sys.exit(main(sys.argv[1:]))
