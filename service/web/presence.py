"""Since when this process has received without a break: what came was stored, or spooled, or nobody sent it."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

BREAK = timedelta(minutes=1)  # a thread that says twenty times a second that it runs was frozen, or its clock was set


class Presence:
    """Noted by the thread that spools, which waits for no database, and by whoever refuses a webhook."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._since = self._seen_at = now()

    @property
    def since(self) -> datetime:
        """The beginning of the unbroken time; it may have been broken a moment ago, and nobody noted it yet."""
        with self._lock:
            now = self._now()
            return self._since if -BREAK <= now - self._seen_at <= BREAK else now

    def note(self) -> None:
        """Say that the process is at work."""
        with self._lock:
            now, seen_at = self._now(), self._seen_at
            self._seen_at = now
            if not -BREAK <= now - seen_at <= BREAK:
                self._since = now

    def interrupt(self) -> None:
        """Begin anew: a webhook was not taken."""
        with self._lock:
            self._since = self._now()
