"""The processes of a demo: the Procfile's own lines, started, watched, killed and stopped by us.

A supervisor of our own, because the order of the stops matters: doors first, then the workers, then Redis, and
PostgreSQL last with its own signal. Should we be killed ourselves, the kernel ends every one of them.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template

from service.embedded import Child, run_folder

ROOT = Path(__file__).parents[2]
PROCFILE = ROOT / "Procfile"
LAST = "worker"  # workers end after everybody who could still give them work


class ProcfileError(Exception):
    """A line of the Procfile cannot be started; the message names the line and the variable that is missing."""


def read_procfile(path: Path = PROCFILE) -> dict[str, str]:
    """Return the command line of each process by its name."""
    lines = (line.partition(":") for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in lines}


def words(command: str, env: Mapping[str, str]) -> list[str]:
    """Split a command and put in its `$NAME`s as a shell would, without one; a value never becomes two words."""
    try:
        return [Template(word).substitute(env) for word in shlex.split(command)]
    except KeyError as missing:
        raise ProcfileError(f"{missing.args[0]} is not set, and the Procfile asks for it: {command}") from None


def basic_environment(folder: Path) -> dict[str, str]:
    """Return what every process of a run is started with: our Python first, our tree, and the mark of the run."""
    beside_python = Path(sys.executable).parent
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR", "LANG") if name in os.environ}
    path = os.pathsep.join((str(beside_python), os.environ.get("PATH", os.defpath)))
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), run_folder.MARK: str(folder)}


class Processes:
    """The children of one demo by name; each writes its log into the run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: dict[str, Child] = {}
        self.revived: list[str] = []  # ended by themselves and were started again
        self.unwilling: list[str] = []  # had to be killed at the end
        self._lines = read_procfile()

    def begin_line(self, line: str, env: Mapping[str, str], *, name: str | None = None) -> Child:
        """Start a line of the Procfile with the settings of `env`, under its own name or another."""
        return self.begin(name or line, words(self._lines[line], env), env)

    def begin(self, name: str, argv: list[str], env: Mapping[str, str]) -> Child:
        """Start a command; its `python` and `celery` are those of our environment."""
        child = Child(name, argv, env, ROOT, self.folder / f"{name}.log")
        self.children[name] = child
        child.start()
        return child

    def kill(self, name: str) -> None:
        """End one process with kill -9; the others learn of it the hard way."""
        self.children[name].kill()

    def again(self, name: str, ready: Callable[[], bool], *, within_s: float) -> None:
        """Start a process that has ended once more, and wait until it is ready."""
        self.children[name].start()
        self.children[name].wait_ready(ready, within_s=within_s)

    def revive(self) -> list[str]:
        """Start those who ended by themselves once more, as production's supervisor does; from the main thread."""
        ended = self.died()
        for name in ended:
            self.children[name].start()
        self.revived += ended
        return ended

    def died(self) -> list[str]:
        """Return the names of those who ended without being told to."""
        return [name for name, child in self.children.items() if not child.alive]

    def stop(self, *, doors_within_s: float = 10.0, workers_within_s: float = 30.0) -> None:
        """Stop the doors, then the workers; whoever does not go is killed and remembered.

        A task ends within 30 s by construction, and a worker's threads cannot be interrupted.
        """
        doors = [child for child in self.children.values() if not child.name.startswith(LAST)]
        workers = [child for child in self.children.values() if child.name.startswith(LAST)]
        self._stop(doors, within_s=doors_within_s)
        self._stop(workers, within_s=workers_within_s)

    def _stop(self, children: list[Child], *, within_s: float) -> None:
        for child in children:
            child.ask_to_stop()
        for child in children:
            if not child.wait_stopped(within_s=within_s):
                self.unwilling.append(child.name)
