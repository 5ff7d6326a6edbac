"""What a shop costs in which nothing happens: calls a day, each with a recorded cause."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from tests.prove import heal
from tests.prove.ground import Ground

CALLS = "SELECT plan, count(*) AS calls FROM calls WHERE began_at >= %s GROUP BY plan ORDER BY plan"
LOOKS = "SELECT cause, sum(calls) AS calls FROM looks WHERE asked_at >= %s GROUP BY cause ORDER BY cause"


@dataclass(frozen=True)
class Kept:
    """What silence came to; `causeless` calls stand in no look."""

    shops: int
    days: int
    calls: dict[str, int]
    causes: dict[str, int]
    causeless: int

    @property
    def per_day(self) -> float:
        """Calls of one shop on an average day."""
        return round(sum(self.calls.values()) / (self.shops * self.days), 3)


def told(ground: Ground, *, shops: int, days: int, seed: int = 1) -> Kept:
    """Let so many shops be silent for so many days, with everything of ours at work."""
    with heal.opened(ground, shops=shops, seed=seed) as trial:
        began = trial.now
        end = began + timedelta(days=days)
        while trial.now < end:
            if not trial.turn():
                at = trial.next_at() or end
                trial.pass_(max(1.0, (min(at, end) - trial.now).total_seconds()))
        with trial.rig.db.tx_all("a trial counts calls and their causes") as conn:
            calls = Counter({row["plan"]: row["calls"] for row in conn.execute(CALLS, [began]).fetchall()})
            causes = Counter({row["cause"]: int(row["calls"]) for row in conn.execute(LOOKS, [began]).fetchall()})
        return Kept(shops, days, dict(calls), dict(causes), max(0, calls.total() - causes.total()))
