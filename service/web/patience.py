"""Let a page wait a moment for what is about to be ready, so that whoever looks at it need not load it again.

A wait holds a thread of the pool that all pages share, so few may wait at once; the others see how it stands.
"""

import threading
from collections.abc import Callable

WITHIN_S = 1.0
EVERY_S = 0.1
AT_ONCE = 8


class Patience:
    """The places where pages of one process wait, each at most so long; 0: nobody waits."""

    def __init__(self, within_s: float) -> None:
        self._looks = round(within_s / EVERY_S)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def until(self, is_done: Callable[[], bool]) -> None:
        """Return once it is done, after a while, or at once where as many wait as may; look every 0.1 s."""
        if not self._places.acquire(blocking=False):
            return
        try:
            for _ in range(self._looks):
                if is_done():
                    return
                threading.Event().wait(EVERY_S)
        finally:
            self._places.release()
