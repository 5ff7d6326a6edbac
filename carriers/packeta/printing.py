"""Which couriers behind Packeta want their own label, as their list said some minutes ago (docs/carriers.md 1.3)."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Lock

from carriers.base import Now
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.packeta.points import Courier

KEPT = timedelta(minutes=5)
REFUSED_FOR = timedelta(seconds=20)  # parcels that are asked for one by one meet the same refusal
UNKNOWN = "nobody knows whether the courier wants its own label"


class OwnLabels:
    """One list for all threads of an adapter; another key is another adapter's."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._lock = Lock()
        self._until: datetime | None = None
        self._ids: frozenset[str] = frozenset()
        self._trouble: tuple[bool, str] | None = None  # whether the key was refused, and what came instead of the list

    def ids(self, ask: Callable[[], Iterable[Courier]]) -> frozenset[str]:
        """Return the ids of these couriers; `ask` reads the list where none is known.

        Raise ACCOUNT, for the parcels of couriers alone to bear, where it is refused: the key is no matter of the login
        for packets. An answer that is no list is one that cannot be read.
        """
        with self._lock:
            if self._until is None or self._now() >= self._until:
                self._read(ask)
            if self._trouble:
                is_refused, what = self._trouble
                raise _error(what, is_refused=is_refused)
            return self._ids

    def _read(self, ask: Callable[[], Iterable[Courier]]) -> None:
        try:
            self._ids = frozenset(courier.courier_id for courier in ask() if courier.has_own_label)
        except (CarrierRefused, CarrierUnreachable) as error:
            if isinstance(error, CarrierUnreachable) and not error.answered:
                raise
            self._trouble, self._until = (isinstance(error, CarrierRefused), error.why), self._now() + REFUSED_FOR
        else:
            self._trouble, self._until = None, self._now() + KEPT


def _error(what: str, *, is_refused: bool) -> CarrierError:
    if is_refused:
        why = f"{UNKNOWN}, for their list is refused: correct the API key ({what})"
        return CarrierRefused("packeta", "labels", why, kind=Kind.ACCOUNT)
    return CarrierUnreachable("packeta", "labels", f"{UNKNOWN}: {what}", unclear=False, answered=True)
