"""The only wait there is: ask again until a claim holds."""

import time
from collections.abc import Callable


def until(claim: Callable[[], object], within_s: float = 5.0) -> None:
    """Return once `claim()` is true, fail with its last value when it is not within the deadline."""
    end = time.monotonic() + within_s
    while not (value := claim()):
        assert time.monotonic() < end, f"not within {within_s} s: {value!r}"
        time.sleep(0.01)
