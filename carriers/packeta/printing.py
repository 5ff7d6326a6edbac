"""Which couriers behind Packeta want their own label, as their list said some minutes ago (docs/carriers.md 1.3)."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Lock

from carriers.base import Now
from carriers.errors import CarrierRefused, CarrierUnreachable, Kind
from carriers.packeta.points import Courier

KEPT = timedelta(minutes=5)
REFUSED_FOR = timedelta(seconds=20)  # parcels that are asked for one by one meet the same refusal
WHY = "nobody knows whether the courier wants its own label, for its list is not given out: correct the API key"


class OwnLabels:
    """One list for all threads of an adapter; another key is another adapter's."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._lock = Lock()
        self._until: datetime | None = None
        self._ids: frozenset[str] = frozenset()
        self._refused = ""

    def ids(self, ask: Callable[[], Iterable[Courier]]) -> frozenset[str]:
        """Return the ids of these couriers; `ask` reads the list where none is known.

        Raise ACCOUNT, for the parcels of couriers alone to bear, where an answer came that is no list: a key that is
        refused is no matter of the login for packets.
        """
        with self._lock:
            if self._until is None or self._now() >= self._until:
                self._read(ask)
            if self._refused:
                raise CarrierRefused("packeta", "labels", f"{WHY} ({self._refused})", kind=Kind.ACCOUNT)
            return self._ids

    def _read(self, ask: Callable[[], Iterable[Courier]]) -> None:
        try:
            self._ids = frozenset(courier.courier_id for courier in ask() if courier.has_own_label)
        except (CarrierRefused, CarrierUnreachable) as error:
            if isinstance(error, CarrierUnreachable) and not error.answered:
                raise
            self._refused, self._until = error.why, self._now() + REFUSED_FOR
        else:
            self._refused, self._until = "", self._now() + KEPT
