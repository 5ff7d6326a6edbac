"""What the clients of a shop did: calls per endpoint, a bounded log, and every breach of a platform rule."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

BREACHES = {
    "bad_login": "401: missing header or wrong credentials (contract 1.2)",
    "locked_out": "called although the address was locked out after five bad logins (1.2)",
    "concurrency": "a fourth request at once (1.8)",
    "quota": "called with the hour and the day used up (1.7)",
    "too_many_items": "more than 100 items in one write (1.3)",
    "bad_request": "400 (1.4)",
    "no_right": "403 for a missing right (1.4)",
    "wrong_url": "404 (1.4)",
    "wrong_method": "405 (1.4)",
    "webhook_unasked": "the same webhook POSTed twice without a GET in between (3.1, R29)",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered request, without secrets. `items`: how many items it asked for or sent, or got in a list."""

    at: datetime
    method: str
    template: str
    login: str | None
    status: int
    items: int
    query: str = ""


@dataclass(slots=True)
class Stats:
    """Counts of one shop since its start or the last `reset`."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    items: Counter[tuple[str, str]] = field(default_factory=Counter)
    breaches: Counter[str] = field(default_factory=Counter)
    log: deque[Entry] = field(default_factory=lambda: deque(maxlen=20_000))
    peak_in_flight: int = 0

    def count(self, call: Entry) -> None:
        """Add one call."""
        key = (call.method, call.template)
        self.calls[key] += 1
        self.items[key] += call.items
        self.statuses[call.status] += 1
        self.log.append(call)

    def breach(self, name: str) -> None:
        """Count a broken rule; names and meanings are in `BREACHES`."""
        self.breaches[name] += 1

    @property
    def broken(self) -> int:
        """How many platform rules were broken."""
        return self.breaches.total()

    @property
    def total(self) -> int:
        """How many calls were answered, refused ones included."""
        return self.calls.total()

    def gets(self, template: str = "/orders") -> int:
        """How many GETs went to an endpoint; a template with a path part counts with its list."""
        return sum(n for (method, seen), n in self.calls.items() if method == "GET" and seen.startswith(template))

    def reset(self) -> None:
        """Forget everything counted so far."""
        self.calls.clear()
        self.statuses.clear()
        self.items.clear()
        self.breaches.clear()
        self.log.clear()
        self.peak_in_flight = 0

    def summary(self) -> dict[str, object]:
        """Return the counts as JSON-ready values."""
        return {
            "calls": {f"{method} {template}": n for (method, template), n in sorted(self.calls.items())},
            "items": {f"{method} {template}": n for (method, template), n in sorted(self.items.items())},
            "statuses": {str(status): n for status, n in sorted(self.statuses.items())},
            "breaches": dict(sorted(self.breaches.items())),
            "broken": self.broken,
            "total": self.total,
            "peak_in_flight": self.peak_in_flight,
        }
