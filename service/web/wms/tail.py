"""The end of each shop's feed, read once for all readers who stand there and wait for the same news.

Many readers stand at one place. Without this each of them would read, for every order that changes, what the others
have just read. Only the last seconds are kept, and never longer: whoever is further behind reads for himself.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from service import offers
from service.lanes import TenantId
from service.rig import Rig
from service.web.bell import Bell
from service.web.wms import render

KEPT_S = 2.0
MOST = 500  # orders read at once; a shop where more happened has no end worth keeping
SHOPS = 1_000
PATIENCE_S = 3.0  # whoever reads for us may meet a database that is away


@dataclass(frozen=True)
class Line:
    """One order of the feed, as its document."""

    position: int
    number: str
    document: dict[str, Any]
    read_at: float


@dataclass
class Tail:
    """The end of one shop's feed: every order behind `floor`, up to `head`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    lines: deque[Line] = field(default_factory=deque[Line])
    floor: int | None = None  # None: nothing is known
    head: int = 0
    mark: int = -1  # what the bell had rung when it was read last

    def forget(self, *, before: float) -> None:
        """Drop what was read before then."""
        while self.lines and self.lines[0].read_at < before:
            self.floor = self.lines.popleft().position

    def begin(self, position: int, found: Sequence[Line]) -> None:
        """Hold all that lies behind a position."""
        self.floor = self.head = position
        self.lines.clear()
        self.go_on(found)

    def go_on(self, found: Sequence[Line]) -> None:
        """Take in what came after the head; an order stands where it changed last."""
        again = {line.number for line in found}
        self.lines = deque(line for line in self.lines if line.number not in again)
        self.lines += found
        self.head = found[-1].position if found else self.head


class Tails:
    """The ends of all feeds that somebody reads in this process."""

    def __init__(self, rig: Rig, bell: Bell, *, monotonic: Callable[[], float]) -> None:
        self._rig = rig
        self._bell = bell
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._tails: OrderedDict[TenantId, Tail] = OrderedDict()

    def after(self, tenant_id: TenantId, position: int, *, most: int, head: int | None) -> list[Line]:
        """Return what lies behind a position of a shop, at most so many orders.

        `head` is where the feed is known to end; None: the bell rang, who knows how often.
        """
        with self._held(tenant_id) as tail:
            if tail is not None:
                tail.forget(before=self._monotonic() - KEPT_S)
                self._refresh(tail, tenant_id, position, head)
                if tail.floor is not None and position >= tail.floor:
                    return [line for line in tail.lines if line.position > position][:most]
        return self._read(tenant_id, position, most)

    @contextmanager
    def _held(self, tenant_id: TenantId) -> Generator[Tail | None, None, None]:
        with self._lock:
            tail = self._tails.setdefault(tenant_id, Tail())
            self._tails.move_to_end(tenant_id)
            if len(self._tails) > SHOPS:
                self._tails.popitem(last=False)
        if not tail.lock.acquire(timeout=PATIENCE_S):
            yield None
            return
        try:
            yield tail
        finally:
            tail.lock.release()

    def _refresh(self, tail: Tail, tenant_id: TenantId, position: int, head: int | None) -> None:
        """Read on when there is news; begin where this reader stands when what is known ends before or began after."""
        mark = self._bell.mark
        if head is not None and head < tail.head:  # a database that was restored
            tail.floor = None
        is_new = self._bell.rang(tenant_id, since=tail.mark) if head is None else head > tail.head
        if tail.floor is not None and not is_new:
            return
        begins_at = tail.head if tail.floor is not None else position
        found = self._read(tenant_id, begins_at, MOST)
        if len(found) == MOST:
            tail.floor = None
        elif tail.floor is None:
            tail.begin(position, found)
        else:
            tail.go_on(found)
        tail.mark = mark

    def _read(self, tenant_id: TenantId, position: int, most: int) -> list[Line]:
        read_at = self._monotonic()
        with self._rig.db.tx(tenant_id) as conn:
            found = offers.after(conn, tenant_id, position, most=most)
        return [
            Line(each.offer.position, each.offer.order_number, render.order(tenant_id, each), read_at) for each in found
        ]
