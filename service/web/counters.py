"""What the receiver did since its process started, for ops."""

from bisect import bisect_left
from dataclasses import asdict, dataclass, field

BOUNDS_MS = (1, 2, 3, 5, 10, 15, 30, 60, 100, 150, 250, 300, 500, 600, 750)


@dataclass
class Counters:
    """Plain numbers, written by the event loop's thread only; whoever reads them may be one behind."""

    received: int = 0  # webhooks with a right address
    stored: int = 0  # acknowledged with 204 after their commit, or once they were spooled
    copies: int = 0  # of these, stored as a count beside an identical one
    spooled: int = 0  # written to the spool, the spooler's thread counts
    refused_503: int = 0  # not acknowledged: the shop sends them again
    hung_up: int = 0  # not answered at all: too late for any answer
    too_large: int = 0  # stored as a sample
    wrong_mac: int = 0  # answered 204 and forgotten
    ack_s: float = 0.0  # all acknowledgements together
    ack_ms: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))

    def acked(self, seconds: float) -> None:
        """Count an acknowledgement by how long it took."""
        self.stored += 1
        self.ack_s += seconds
        self.ack_ms[bisect_left(BOUNDS_MS, seconds * 1000)] += 1

    def shown(self) -> dict[str, object]:
        """Return the numbers by name, the histogram by upper bound in milliseconds."""
        bounds = [*map(str, BOUNDS_MS), "more"]
        return {**asdict(self), "ack_ms": dict(zip(bounds, self.ack_ms, strict=True))}
