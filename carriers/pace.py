"""Keep apart the calls under one login of a carrier that wants a gap between them (docs/carriers.md 2.1, 10).

A process knows of its own calls only: several that use one login may be too fast together, and hear 429 for it.
"""

from collections.abc import Callable
from threading import Event, Lock
from time import monotonic
from weakref import WeakValueDictionary

from carriers.base import Account, Carrier
from carriers.wire import Answer, Call, Send


def rest(seconds: float) -> None:
    """Do nothing for so long."""
    Event().wait(seconds)


class Gap:
    """The time between two calls, whichever threads make them; those that wait go one after another."""

    def __init__(self, gap_s: float, clock: Callable[[], float] = monotonic) -> None:
        self._gap_s = gap_s
        self._clock = clock
        self._lock = Lock()
        self._not_before: float | None = None

    def keep(self, nap: Callable[[float], None]) -> None:
        """Return when a call may begin."""
        with self._lock:
            if self._not_before is not None and (left_s := self._not_before - self._clock()) > 0:
                nap(left_s)
            self._not_before = self._clock() + self._gap_s


_gaps: WeakValueDictionary[tuple[str, ...], Gap] = WeakValueDictionary()
_lock = Lock()


def of(adapter: type[Carrier], account: Account) -> Gap:
    """Return the gap of a login, the same for all adapters of this process that use it."""
    given = {**account.given, **account.secrets}
    key = (adapter.code, account.base_url, *(given.get(name, "") for name in sorted(adapter.whose)))
    with _lock:
        if (gap := _gaps.get(key)) is None:
            gap = _gaps[key] = Gap(adapter.gap_s)
        return gap


def kept(adapter: type[Carrier], account: Account, send: Send, *, nap: Callable[[float], None]) -> Send:
    """Return a sender that keeps the carrier's gap, and of a carrier that wants none the same one."""
    if not adapter.gap_s:
        return send
    gap = of(adapter, account)

    def paced(carrier: str, operation: str, call: Call) -> Answer:
        gap.keep(nap)
        return send(carrier, operation, call)

    return paced
