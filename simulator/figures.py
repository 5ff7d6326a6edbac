"""What the webhook sender counts for one shop: calls, answers and how long they took."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

LATE_S = 0.75  # what a receiver should stay below
GONE_S = 1.0  # what the platform waits (contract 3.2)


@dataclass
class Figures:
    """Counters since the start or the last reset; `acks_s` holds every answer's time, right or wrong.

    `acked` counts what was answered right by event and digest of its body: each of them the receiver must have.
    """

    counts: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    acks_s: list[float] = field(default_factory=list)
    acked: Counter[str] = field(default_factory=Counter)

    def told(self) -> dict[str, Any]:
        """Return the figures in JSON form; times in milliseconds, None when nothing was answered yet."""
        ordered = sorted(self.acks_s)
        return {
            **{name: self.counts[name] for name in COUNTS},
            "events": dict(self.events),
            "ack_ms": {
                "p50": _at(ordered, 0.50),
                "p99": _at(ordered, 0.99),
                "p999": _at(ordered, 0.999),
                "max": _at(ordered, 1.0),
            },
            "over_750_ms": sum(ack > LATE_S for ack in ordered),
            "over_1_s": sum(ack > GONE_S for ack in ordered),
        }


# made: calls that arose (resends and copies not counted); sent: calls that left; every sent call ends as one of
# acked, wrong (any other answer), timeouts, unreachable (no connection) or ignored (answered, the answer not believed).
COUNTS = (
    "made", "records", "swallowed", "sent", "acked", "wrong", "timeouts", "unreachable", "ignored", "resent", "doubled",
    "no_hook", "echoes_kept_back", "deactivated", "dropped",
)  # fmt: skip


def _at(ordered: list[float], share: float) -> float | None:
    """Return the nearest-rank percentile in milliseconds."""
    if not ordered:
        return None
    rank = min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))
    return round(ordered[rank] * 1_000, 2)
