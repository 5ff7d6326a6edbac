"""The only wait there is: ask again until a claim holds."""

import time
from collections.abc import Callable

SHORTEST_S, LONGEST_S = 0.01, 0.2


def until(claim: Callable[[], object], within_s: float = 20.0) -> None:
    """Return once `claim()` is true, fail with its last value when it is not within the deadline."""
    end = time.monotonic() + within_s
    rest_s = SHORTEST_S
    while not (value := claim()):
        assert time.monotonic() < end, f"not within {within_s} s: {value!r}"
        time.sleep(rest_s)
        rest_s = min(rest_s * 1.2, LONGEST_S)  # a claim may be a whole command, and who waits long waits for others
