"""Folders of a run: everything a demo or a test session writes, and the proof that none of its processes is left."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from service.embedded.child import EmbeddedError

MARK = "EXPEDITION_RUN"  # in the environment of every process of a run; its value is the folder
OWNER = "owner"  # file: pid and start time of the process that made the folder
MEMORY = "/dev/shm"  # noqa: S108 - Linux; container engines give it 64 MB unless they are told
LONGEST = 60  # bytes of a folder; a socket's whole path must stay below 108
TRAVERSABLE = 0o711  # PostgreSQL, run as another user, passes through to its own folder


def make(prefix: str, *, memory_bytes: int = 0) -> Path:
    """Make an empty folder, after sweeping away what killed runs of the same prefix left behind.

    In memory where so many bytes of it are free; 0: on a disk.
    """
    memory = (MEMORY,) if memory_bytes and _free_bytes(MEMORY) >= memory_bytes else ()
    for place in dict.fromkeys((*memory, tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108 - mkdtemp follows
        if len(os.fsencode(place)) + len(prefix) + 10 > LONGEST or not _open_to_all(Path(place)):
            continue
        sweep(Path(place), prefix)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        folder.chmod(TRAVERSABLE)
        me = psutil.Process()
        (folder / OWNER).write_text(f"{me.pid} {me.create_time()}")
        return folder
    raise EmbeddedError(
        f"no temporary folder has a path under {LONGEST} bytes that other users may pass: set TMPDIR to one"
    )


def _free_bytes(place: str) -> int:
    return shutil.disk_usage(place).free if Path(place).is_dir() else 0


def _open_to_all(place: Path) -> bool:
    if not os.access(place, os.W_OK | os.X_OK):
        return False
    return os.geteuid() != 0 or all(part.stat().st_mode & 0o001 for part in (place, *place.parents))


def sweep(place: Path, prefix: str) -> None:
    """End and remove our user's runs whose owner was killed."""
    for folder in place.glob(f"{prefix}*"):
        with suppress(FileNotFoundError, ValueError):  # another sweep was faster, or its owner is just making it
            if folder.stat().st_uid == os.geteuid() and not _owner_lives(folder):
                clear(folder)


def _owner_lives(folder: Path) -> bool:
    pid, started = (folder / OWNER).read_text().split()
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(int(pid)).create_time() == float(started)
    return False


def clear(folder: Path) -> None:
    """End every process of a run at once and remove its folder."""
    left = list(processes(folder))
    pids = {process.pid for process in left}
    for process in left:
        with suppress(psutil.NoSuchProcess):
            if process.name() != "postgres":
                process.kill()
            elif process.ppid() not in pids:  # the postmaster takes its children along and frees the shared memory
                process.send_signal(signal.SIGCONT)
                process.send_signal(signal.SIGQUIT)
    for process in psutil.wait_procs(left, timeout=5)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def processes(folder: Path) -> Iterator[psutil.Process]:
    """Return the living processes of a run but ourselves: marked in their environment, or at work inside its folder."""
    for process in psutil.process_iter():
        # Processes of other users hide both; PostgreSQL overwrites its environment but works inside its data folder.
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.pid != os.getpid() and _belongs(process, folder):
                yield process


@dataclass(frozen=True)
class Memory:
    """The resident memory of a process in bytes; `share`: with only its part of each page that others hold as well."""

    name: str
    resident: int
    share: int


def memory_of(folder: Path) -> dict[int, Memory]:
    """Return the memory of a run's processes by pid. Where the system tells no shares, a share is all of it."""
    memory: dict[int, Memory] = {}
    for process in processes(folder):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            told = process.memory_full_info()
            memory[process.pid] = Memory(process.name(), told.rss, getattr(told, "pss", told.rss))
    return memory


def _belongs(process: psutil.Process, folder: Path) -> bool:
    if Path(process.cwd()).is_relative_to(folder):
        return True
    return process.environ().get(MARK) == str(folder)
