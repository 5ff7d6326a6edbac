"""What of a period is proven, what the rest would cost, and which losses are the period's. Pure; see decision 17.

A look proves the time it compared, order by order: an order that changed again afterwards stood on its list with the
later change, and the mirror took that. What no look covers is a gap, however much was received in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from service.inbox import LATE, Look, Loss, What
from service.journal import Entry, Kind
from service.kit import spans
from service.kit.spans import Span
from service.steps.look import OVERLAP
from service.steps.newest import ON_A_PAGE

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class NoPeriod(ValueError):
    """A period nothing can be said of; `field` is the end at fault."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def period(since: datetime, until: datetime, *, now: datetime) -> Span:
    """Return the period of a certificate; raise NoPeriod when it is none, or not over yet."""
    if since >= until:
        raise NoPeriod("from", "The period begins before it ends.")
    if until > now:
        raise NoPeriod("to", f"The period has not ended: it is {now:%Y-%m-%dT%H:%M:%SZ}.")
    if since < EARLIEST:
        raise NoPeriod("from", f"There were no such shops before {EARLIEST:%Y}.")
    return Span(since.astimezone(UTC), until.astimezone(UTC))


class Why(StrEnum):
    """Why a part of a period is not proven."""

    BEFORE_US = "before_us"  # the first pull had not begun, or has not ended: nobody told us of changes
    AGED = "aged"  # what looks found then is not kept any more
    NOT_LOOKED = "not_looked"  # a look would prove it


@dataclass(frozen=True)
class Gap:
    """A part of a period that nothing proves."""

    span: Span
    why: Why


def proven_by(look: Look) -> Span | None:
    """Return the time a look proves; a little of its list is left for clocks that differ, the shop's and ours."""
    if look.covers_from is None or look.covers_until is None:
        return None
    span = Span(look.covers_from + OVERLAP, look.covers_until)
    return None if span.empty else span


def gaps(asked: Span, looks: Iterable[Look], *, known_from: datetime | None, kept_from: datetime) -> Sequence[Gap]:
    """Return what of a period is not proven, in order; `known_from` None: the first pull has not ended."""
    begin = asked.until if known_from is None else known_from
    before, aged = Span(asked.since, begin).within(asked), Span(begin, kept_from).within(asked)
    rest = Span(max(asked.since, begin, kept_from), asked.until)
    proven = [span for look in looks if (span := proven_by(look))]
    found = [Gap(before, Why.BEFORE_US), Gap(aged, Why.AGED)]
    found += [Gap(span, Why.NOT_LOOKED) for span in spans.gaps(rest, proven)]
    return [gap for gap in found if not gap.span.empty]


def doubted_from(found: Sequence[Gap]) -> datetime | None:
    """Return from when on a look has to compare to close the gaps; None when none of them can be closed."""
    return next((gap.span.since for gap in found if gap.why is Why.NOT_LOOKED), None)


@dataclass(frozen=True)
class Cost:
    """The calls of a look: `at_least` when nothing is missing, `at_most` one more than the pages of its whole list.

    By what the mirror knows to be listed; each further hundred orders nobody told of is one more page.
    """

    at_least: int
    at_most: int


def cost(*, compared: int, listed: int) -> Cost:
    """Return what a look costs that compares so many orders at the head of a list of so many.

    It has seen enough when a page shows one more than those.
    """
    return Cost(max(1, pages(min(compared + 1, listed))), 1 + max(1, pages(listed)))


def pages(orders: int) -> int:
    """Return how many calls list so many orders."""
    return -(-orders // ON_A_PAGE)


class Share(StrEnum):
    """Whether a change that was lost belongs to a period."""

    CERTAIN = "certain"
    POSSIBLE = "possible"  # the shop lists only the last change, or none
    NONE = "none"


def share(loss: Loss, of: Span) -> Share:
    """Say whether an order that was found lost a change in the period.

    What is listed lost the change of `changed_at` for certain, a new one its creation too, and perhaps others since
    `known_at`. What is absent or was not read changed somewhere between `known_at` and the look.
    """
    if loss.changed_at is None:
        between = Span(loss.known_at or EARLIEST, loss.looked_at)
        if between.within(of).empty:
            return Share.NONE
        return Share.CERTAIN if between.within(of) == between else Share.POSSIBLE
    created_at = loss.created_at if loss.what is What.NEW else None
    if of.holds(loss.changed_at) or (created_at and of.holds(created_at)):
        return Share.CERTAIN
    since = loss.known_at or created_at or EARLIEST
    return Share.POSSIBLE if since < of.until <= loss.changed_at else Share.NONE


class Done(StrEnum):
    """What was done about an order that was lost."""

    MIRRORED = "mirrored"  # the mirror has shown it as the shop does since then
    HELD = "held"  # it is not packed any more; a second answer will prove that it is gone
    DELETED = "deleted"
    ASKED = "asked"  # it is to be read by its number
    PARKED = "parked"  # it could not be read; a person has to look


@dataclass(frozen=True)
class Outcome:
    """How it stands with an order that was lost, and since when; `why`: of what is parked."""

    done: Done
    at: datetime
    why: str | None = None


SHOWN = {Kind.READ, Kind.NEW, Kind.CHANGED, Kind.REVIVED}
GONE = {Kind.MISSING: Done.HELD, Kind.DELETED: Done.DELETED}


def outcome(loss: Loss, later: Sequence[Entry], *, parked: str | None) -> Outcome | None:
    """Return what became of an order by what its journal says since it was found; None: nothing had been lost.

    `parked` is why its reading waits for a person, if it does.
    """
    if loss.changed_at is not None:
        return Outcome(Done.MIRRORED, loss.found_at)
    words = [entry for entry in later if entry.kind in SHOWN or entry.kind in GONE]
    if not words:
        return Outcome(Done.PARKED if parked else Done.ASKED, loss.found_at, parked)
    was_told = loss.told_at is not None and loss.what is What.UNREAD
    is_listed = loss.what is What.ABSENT and words[0].kind in SHOWN
    if words[0].kind is Kind.READ or was_told or is_listed:
        return None
    decided = [entry for entry in words if entry.kind in GONE or entry.kind is Kind.REVIVED] or words[:1]
    return Outcome(GONE.get(decided[-1].kind, Done.MIRRORED), decided[-1].at)


def is_late(loss: Loss) -> bool:
    """Say whether a webhook told of it after all, behind the look."""
    return loss.told_at is not None and loss.what is not What.UNREAD


def is_undecided(loss: Loss, *, now: datetime) -> bool:
    """Say whether it changed so shortly before the look that its webhook may still come."""
    young = loss.changed_at is not None and loss.changed_at >= loss.looked_at - LATE
    return young and loss.told_at is None and now < loss.found_at + LATE


class Verdict(StrEnum):
    """What a certificate says in one word."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNPROVEN = "unproven"


def verdict(*, gaps: int, undecided: int, missing: int, nameless: int) -> Verdict:
    """Judge a period: what is not proven is not complete, and what was lost is told even when it was repaired."""
    if gaps or undecided:
        return Verdict.UNPROVEN
    return Verdict.INCOMPLETE if missing or nameless else Verdict.COMPLETE
