"""What a neighbour told last. It is asked by a thread of its own, so whoever wants to know never waits for long."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

import psycopg
import redis

log = logging.getLogger(__name__)
T = TypeVar("T")

AWAY = (psycopg.Error, redis.RedisError, OSError)


@dataclass(frozen=True)
class Told(Generic[T]):
    """The last answer, which may be old; `is_up`: it is the answer to the last question."""

    value: T | None
    is_up: bool


class Asked(Generic[T]):
    """Asks once more when the last question is older than `fresh_s`, and never while an answer is under way."""

    def __init__(self, ask: Callable[[], T], *, fresh_s: float, clock: Callable[[], float] = monotonic) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._clock = clock
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._answered = Event()
        self._answered.set()
        self._told: Told[T] = Told(None, is_up=False)

    def begin(self) -> None:
        """Ask if it is time to; returns at once."""
        with self._lock:
            if not self._answered.is_set() or self._clock() - self._asked_at < self._fresh_s:
                return
            self._asked_at = self._clock()
            self._answered.clear()
        Thread(target=self._listen, name="asking", daemon=True).start()

    def told(self, *, within_s: float) -> Told[T]:
        """Return what is known once the question under way is answered, or after `within_s`."""
        answered = self._answered.wait(max(0.0, within_s))
        return self._told if answered else Told(self._told.value, is_up=False)

    def _listen(self) -> None:
        try:
            self._told = Told(self._ask(), is_up=True)
        except AWAY as away:
            log.info("a neighbour does not answer: %s", away)
            self._told = Told(self._told.value, is_up=False)
        except Exception:  # a bug must not leave the question open for ever
            log.exception("a neighbour could not be asked")
            self._told = Told(self._told.value, is_up=False)
        finally:
            self._answered.set()
