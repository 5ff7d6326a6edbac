"""A thread that says every half minute that this process receives, and passes on what it had to refuse."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

import psycopg
import psycopg_pool

from service.flows import attend
from service.flows.attend import Refused
from service.rig import Rig

log = logging.getLogger(__name__)

EVERY_S = 30.0
JOIN_S = 5.0


class Attendant:
    """Between `start` and `stop` it owns its thread; `refused` hands out what was refused since it was last asked.

    `here_since`: since when this process has received without a break.
    """

    def __init__(
        self,
        rig: Rig,
        *,
        refused: Callable[[], Refused],
        keep: Callable[[Refused], None],
        here_since: Callable[[], datetime],
    ) -> None:
        self._rig = rig
        self._here_since = here_since
        self._refused = refused
        self._keep = keep
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Say at once that we are here: how long nobody was tells what may be lost."""
        self._thread = threading.Thread(target=self._run, name="attendant", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what was refused last is passed on."""
        self._over.set()
        if self._thread:
            self._thread.join(JOIN_S)

    def _run(self) -> None:
        self.attend()
        while not self._over.wait(EVERY_S):
            self.attend()
        self.attend()

    def attend(self) -> None:
        """Say it once; while the database is away the silence says it, and what was refused waits."""
        refused = self._refused()
        try:
            attend.run(self._rig, refused, here_since=self._here_since())
        except (psycopg.Error, psycopg_pool.PoolTimeout) as away:
            log.warning("nobody was told that the receiver lives: %s", away)
            self._keep(refused)
        except Exception:  # a bug must not end the thread
            log.exception("nobody was told that the receiver lives")
            self._keep(refused)
