"""One process we started: begun, waited for, frozen, stopped, killed and begun again.

Each has a session of its own, so that Ctrl-C reaches only us and we choose the order of the stops.
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LAST_WORDS = 2_000  # bytes of the log that go into an error
PR_SET_PDEATHSIG = 1  # prctl(2): the signal we get when the thread that forked us ends


class EmbeddedError(Exception):
    """A process could not be found or did not start; the message says what to install or where to look."""


@dataclass
class Child:
    """How to run one process, and the process while it runs."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    die_with_parent: bool = True
    account: pwd.struct_passwd | None = None  # run as this user; only root can
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process; with `die_with_parent` from the main thread, for Linux watches the thread that forked."""
        with self.log.open("ab") as log:
            self.process = popen(
                self.argv, env=self.env, cwd=self.cwd, output=log.fileno(), account=self.account,
                at_parents_death=self._at_parents_death(),
            )  # fmt: skip

    def _at_parents_death(self) -> signal.Signals | None:
        # PostgreSQL wants its own signal to take its children along; the others have nothing left to put in order.
        if not self.die_with_parent:
            return None
        return self.stop_signal if self.stop_signal != signal.SIGTERM else signal.SIGKILL

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def returncode(self) -> int | None:
        return self._running().returncode

    def wait_ready(self, ready: Callable[[], bool], *, within_s: float) -> None:
        """Wait until `ready` says so; raise EmbeddedError when the process ends first or the time is over."""
        end = time.monotonic() + within_s
        while not ready():
            if not self.runs_for(0.02):
                raise EmbeddedError(f"{self.name} ended with {self.returncode}:\n{self.last_words()}")
            if time.monotonic() > end:
                raise EmbeddedError(f"{self.name} is not ready after {within_s:g} s:\n{self.last_words()}")

    def runs_for(self, wait_s: float) -> bool:
        """Wait for the end of the process, at most `wait_s`; return whether it still runs."""
        with suppress(subprocess.TimeoutExpired):
            self._running().wait(wait_s)
            return False
        return True

    def stop(self, *, within_s: float) -> bool:
        """Ask the process to end and wait; return False when it had to be killed."""
        self.ask_to_stop()
        return self.wait_stopped(within_s=within_s)

    def ask_to_stop(self) -> None:
        """Send the signal this process stops at."""
        if self.alive:
            self._running().send_signal(self.stop_signal)
            self.thaw()  # a frozen process hears nothing

    def wait_stopped(self, *, within_s: float) -> bool:
        """Wait for the end of a process that was asked; return False when it had to be killed."""
        if not self.alive or not self.runs_for(within_s):
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """End the process with kill -9 and wait until it is gone."""
        self._running().kill()
        self._running().wait()

    def freeze(self) -> None:
        """Stop the process in its tracks (SIGSTOP): connections stay open and nothing answers."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on; does nothing to one that runs."""
        self._running().send_signal(signal.SIGCONT)

    def last_words(self) -> str:
        """Return the end of the process's log."""
        with suppress(FileNotFoundError):
            return self.log.read_bytes()[-LAST_WORDS:].decode(errors="replace").strip()
        return ""

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise EmbeddedError(f"{self.name} was never started")
        return self.process


def popen(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int,
    account: pwd.struct_passwd | None,
    at_parents_death: signal.Signals | None,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, as another user where one is given."""
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        start_new_session=True,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_bound_to_parent(at_parents_death) if at_parents_death else None,  # noqa: PLW1509 - two system calls, safe
    )


def _bound_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":  # elsewhere a killed parent leaves its children to the next run's sweep
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork
    parent = os.getpid()

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return bind
