"""Spans of time: what several of them cover together, and what they leave open. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Span:
    """The time from `since` until before `until`."""

    since: datetime
    until: datetime

    @property
    def empty(self) -> bool:
        """Whether no moment lies in it."""
        return self.since >= self.until

    def holds(self, at: datetime) -> bool:
        """Say whether a moment lies in it."""
        return self.since <= at < self.until

    def within(self, other: "Span") -> "Span":
        """Return the part of it that lies in the other; it may be empty."""
        return Span(max(self.since, other.since), min(self.until, other.until))


def gaps(whole: Span, covered: Iterable[Span]) -> Sequence[Span]:
    """Return what of a span the others leave open, in order; spans that touch leave nothing between them."""
    left: list[Span] = []
    reached = whole.since
    for each in sorted(covered):
        if each.empty or each.until <= reached:
            continue
        if each.since > reached:
            left.append(Span(reached, each.since).within(whole))
        reached = each.until
    left.append(Span(reached, whole.until))
    return [gap for gap in left if not gap.empty]
