"""The inbox while PostgreSQL is away: files of deliveries, each durable once `append` has returned.

A process appends to one file of its own; whoever gets a file's lock may drain and remove it, the writer then begins
another. The lock is held for one append only, so no live process keeps its file from being drained, and the kernel
takes it from the dead. A record is a mark, its length, its checksum and its bytes: a torn tail is seen, and what
follows a damage is found again by the mark.
"""

import fcntl
import json
import os
import struct
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from service.inbox.deliveries import Delivery
from service.kit import ids
from service.lanes import Lane

SUFFIX = ".spool"
ASIDE = ".aside"  # drained, yet something in it could not be read or stored: a person looks
MARK = b"\xf5SPL"
HEAD = struct.Struct("<4sII")  # mark, length, checksum
TELLS, TAKES_BACK = b"D", b"W"
LONGEST = 32 * 2**20  # a length above it is damage; a body has 8 MiB at most
WINDOW = 2**20
TRIES = 3
UNREADABLE = (TypeError, ValueError, LookupError)  # of a whole record: another version of us wrote it
BUFFERS = 512  # in one call; the system takes 1,024


class SpoolFailed(Exception):
    """Nothing was written that counts; the message says why."""


class Place(NamedTuple):
    """Where deliveries lie: from byte to byte of a file."""

    name: str
    start: int
    end: int


class Record(NamedTuple):
    """One record of a file, with the bytes it takes."""

    start: int
    end: int
    payload: bytes


@dataclass
class _Own:
    """The file a process appends to; `end` is where its last whole record ends."""

    path: Path
    fd: int
    end: int = 0


class Spool:
    """The writing end, of one thread; all files of the folder together hold `most_bytes` at most."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._own: _Own | None = None

    def append(self, deliveries: Sequence[Delivery]) -> Place:
        """Write deliveries down and return once the disk has them; raise SpoolFailed."""
        told = [part for delivery in deliveries for part in _record(TELLS + _about(delivery), delivery.body)]
        try:
            if bytes_held(self._folder) + sum(map(len, told)) > self._most_bytes:
                raise SpoolFailed(f"the spool {self._folder} holds the {self._most_bytes} bytes it may")
            return self._write(told)
        except OSError as fault:
            raise SpoolFailed(f"the spool {self._folder} cannot be written: {fault}") from fault

    def take_back(self, place: Place) -> None:
        """Note that deliveries are in the database after all; where that fails they are stored twice."""
        own = self._own
        if own is None or own.path.name != place.name:
            return
        told = b"".join(_record(TAKES_BACK, json.dumps([place.start, place.end]).encode()))
        with suppress(OSError), _locked(own.fd):
            if os.fstat(own.fd).st_nlink and os.pwrite(own.fd, told, own.end) == len(told):
                own.end += len(told)

    def close(self) -> None:
        """Let the file go."""
        if self._own:
            os.close(self._own.fd)
            self._own = None

    def _write(self, told: Sequence[bytes]) -> Place:
        for _ in range(TRIES):
            own = self._own or self._begin()
            try:
                with _locked(own.fd):
                    if os.fstat(own.fd).st_nlink:
                        return self._put(own, told)
            except BlockingIOError:
                pass
            except OSError:
                self._forsake(own)
                raise
            self.close()  # somebody drains it, or has removed it
        raise SpoolFailed(f"the files of the spool {self._folder} are taken as fast as they are made")

    def _begin(self) -> _Own:
        path = self._folder / (ids.fresh("s") + SUFFIX)
        self._own = _Own(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        return self._own

    def _put(self, own: _Own, told: Sequence[bytes]) -> Place:
        start = end = own.end
        for first in range(0, len(told), BUFFERS):
            end = _written(own.fd, told[first : first + BUFFERS], at=end)
        os.fdatasync(own.fd)
        if not start:
            sync(self._folder)
        own.end = end
        return Place(own.path.name, start, end)

    def _forsake(self, own: _Own) -> None:
        """Begin another file next time: a sync that failed once says nothing about the next one of the same file."""
        with suppress(OSError):
            os.ftruncate(own.fd, own.end)
            if not own.end:
                own.path.unlink()
        self.close()


@dataclass
class Held:
    """A file in our hands: nobody else appends to it or drains it."""

    path: Path
    fd: int
    damaged: bool = field(default=False, init=False)  # known when it was read to the end

    def batches(self, *, after: int, most: int, most_bytes: int) -> Iterator[tuple[list[Delivery], int]]:
        """Return the deliveries behind byte `after` that were not taken back, in batches, each with its last byte."""
        back = self._taken_back()
        batch: list[Delivery] = []
        weight, last, end = 0, 0, after
        for record in _records(self.fd):
            self.damaged = self.damaged or record.start != last
            last = record.end
            if record.payload.startswith(TAKES_BACK) or _is_within(record, back):
                continue
            try:
                delivery = _delivery(record.payload)
            except UNREADABLE:
                self.damaged = True
                continue
            if record.start < after:  # read all the same: whoever drained it and died may not have set it aside
                continue
            batch.append(delivery)
            weight, end = weight + len(record.payload), record.end
            if len(batch) >= most or weight >= most_bytes:
                yield batch, end
                batch, weight = [], 0
        if batch:
            yield batch, end

    def _taken_back(self) -> list[tuple[int, int]]:
        ranges: list[tuple[int, int]] = []
        for record in _records(self.fd):
            if record.payload.startswith(TAKES_BACK):
                try:
                    start, end = map(int, json.loads(record.payload[1:]))
                except UNREADABLE:  # then what it takes back is stored twice
                    self.damaged = True
                else:
                    ranges.append((start, end))
        return ranges

    def remove(self) -> None:
        """Remove the file for good."""
        self.path.unlink()
        sync(self.path.parent)

    def set_aside(self) -> None:
        """Keep the file for a person; nobody drains it again."""
        self.path.rename(self.path.with_suffix(ASIDE))
        sync(self.path.parent)


@dataclass(frozen=True)
class Listed:
    """What a file holds, for an operator; `oldest` is None without deliveries."""

    name: str
    deliveries: int
    size: int
    oldest: datetime | None


def files(folder: Path) -> list[Path]:
    """Return the files to drain, none when there is no folder."""
    try:
        return sorted(folder.glob("*" + SUFFIX))
    except FileNotFoundError:  # it went while it was read
        return []


def bytes_held(folder: Path) -> int:
    """Return the size of all files, those set aside as well; raise OSError when there is no folder."""
    held = 0
    with os.scandir(folder) as found:
        for file in found:
            if file.name.endswith((SUFFIX, ASIDE)):
                with suppress(FileNotFoundError):  # drained meanwhile
                    held += file.stat().st_size
    return held


def listed(folder: Path) -> list[Listed]:
    """Return every file with what it holds; takes no lock, so a file may grow or go meanwhile."""
    found: list[Listed] = []
    for path in [*files(folder), *sorted(folder.glob("*" + ASIDE))]:
        with suppress(FileNotFoundError), path.open("rb") as file:
            held = Held(path, file.fileno())
            batches = held.batches(after=0, most=500, most_bytes=WINDOW)
            told = [(one.copies, one.received_at) for batch, _ in batches for one in batch]
            oldest = min((received_at for _, received_at in told), default=None)
            found.append(Listed(path.name, sum(copies for copies, _ in told), os.fstat(held.fd).st_size, oldest))
    return found


@dataclass(frozen=True)
class Standing:
    """What the spool holds, told without reading all of it; `oldest` is since when the longest waiting was received."""

    files: int
    aside: int
    size: int
    oldest: datetime | None


def standing(folder: Path) -> Standing:
    """Return how full the spool is; raise OSError when there is no folder. Takes no lock."""
    waiting = files(folder)
    oldest = min(filter(None, map(_first_received, waiting)), default=None)
    return Standing(len(waiting), len(list(folder.glob("*" + ASIDE))), bytes_held(folder), oldest)


def _first_received(path: Path) -> datetime | None:
    """Return when the first delivery of a file was received; the file grows by the time."""
    with suppress(FileNotFoundError, *UNREADABLE), path.open("rb") as file:
        for record in _records(file.fileno()):
            if record.payload.startswith(TELLS):
                return _delivery(record.payload).received_at
    return None


@contextmanager
def taken(path: Path) -> Generator[Held | None]:
    """Take a file into our hands; None when others have it or it is gone."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield Held(path, fd) if os.fstat(fd).st_nlink else None
    finally:
        os.close(fd)  # and with it the lock


def sync(folder: Path) -> None:
    """Make names made and removed in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def _locked(fd: int) -> Generator[None]:
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)


def _written(fd: int, told: Sequence[bytes], *, at: int) -> int:
    """Write bytes one behind the other as they lie in memory, all of them; return where they end."""
    left = [memoryview(part) for part in told if part]
    while left:
        count = os.pwritev(fd, left, at)
        at += count
        while left and count >= len(left[0]):
            count -= len(left.pop(0))
        if left:
            left[0] = left[0][count:]
    return at


def _record(first: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """Return a record in two parts, for a body may have megabytes and is not copied."""
    return HEAD.pack(MARK, len(first) + len(rest), zlib.crc32(rest, zlib.crc32(first))) + first, rest


def _about(delivery: Delivery) -> bytes:
    about = {
        "tenant_id": delivery.tenant_id,
        "generation": delivery.generation,
        "event": delivery.event,
        "lane": delivery.lane and delivery.lane.value,
        "size": delivery.size,
        "received_at": delivery.received_at.isoformat(),
        "copies": delivery.copies,
    }
    return json.dumps(about).encode() + b"\0"


def _delivery(payload: bytes) -> Delivery:
    if not payload.startswith(TELLS):
        raise ValueError("a kind of record we do not know")
    told, _, body = payload[1:].partition(b"\0")
    about: dict[str, Any] = json.loads(told)
    about["lane"] = about["lane"] and Lane(about["lane"])
    about["received_at"] = datetime.fromisoformat(about["received_at"])
    return Delivery(body=body, **about)


def _is_within(record: Record, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start <= record.start < end for start, end in ranges)


def _records(fd: int) -> Iterator[Record]:
    """Return every whole record; what is torn or damaged is passed over."""
    size, start = os.fstat(fd).st_size, 0
    while start + HEAD.size <= size:
        payload = _read(fd, start, size)
        if payload is None:
            start = _next_mark(fd, start + 1, size)
            continue
        end = start + HEAD.size + len(payload)
        yield Record(start, end, payload)
        start = end


def _read(fd: int, start: int, size: int) -> bytes | None:
    head = os.pread(fd, HEAD.size, start)
    if len(head) < HEAD.size:
        return None
    mark, length, checksum = HEAD.unpack(head)
    if mark != MARK or not 0 < length <= min(LONGEST, size - start - HEAD.size):
        return None
    payload = os.pread(fd, length, start + HEAD.size)
    return payload if len(payload) == length and zlib.crc32(payload) == checksum else None


def _next_mark(fd: int, start: int, size: int) -> int:
    while start < size and (window := os.pread(fd, WINDOW, start)):
        found = window.find(MARK)
        if found >= 0:
            return start + found
        start += max(1, len(window) - len(MARK) + 1)
    return size
