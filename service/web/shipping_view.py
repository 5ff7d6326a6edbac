"""Shipping as the merchant sees it: what stands, what would become of his orders or became of them, what is wrong."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from service import accounts, db, mappings, offers, orders, outbox, problems, tenants
from service.alarms import Wishes, merchants
from service.kit import seal
from service.lanes import TenantId
from service.mappings import Given, Milestone
from service.offers import Reason, State, Terms
from service.problems import Cause, Problem
from service.steps import offering, statuses
from service.steps.daily import STILL_FOR, why_in_words
from service.web.shipping_form import Statuses
from service.web.words import Language, Words
from service.words import age, moment

NEWEST = 1000  # orders weighed for one look at the page
EXAMPLE = 100
NAMED = 5
SHOWN_PROBLEMS = 200
SHOWN_STUCK = 50  # of each place
AGELESS = datetime.min.replace(tzinfo=UTC)
BY_AGE = frozenset({Reason.HISTORY, Reason.TOO_OLD})

DONE_ON: Mapping[Cause, str] = {
    Cause.LABEL_REFUSED: "/panel/pack#parked",
    Cause.LABEL_UNCLEAR: "/panel/pack#parked",
    Cause.LABEL_NOT_TAKEN_BACK: "/panel/pack#parked",
    Cause.PARCEL_STRAY: "/panel/pack#parked",
    Cause.HANDOVER_DUE: "/panel/pack#hand-over",
    Cause.HANDOVER_PARKED: "/panel/pack#hand-over",
    Cause.CARRIER_REFUSES: "/panel/carriers",
    Cause.PARCEL_BACK: "/panel/pack/returns#back",
    Cause.COD_OVERDUE: "/panel/money",
    Cause.COD_DIFFERS: "/panel/money",
}


@dataclass(frozen=True)
class Choice:
    """A status to choose; `mark` says when it is new, renamed or gone since it was decided about."""

    value: str
    name: str
    mark: str | None
    writable: bool
    gone: bool


@dataclass(frozen=True)
class Tally:
    """How many orders are, or would be, what, and a few of their numbers."""

    what: str
    count: int
    numbers: Sequence[str] = ()


@dataclass(frozen=True)
class Outlook:
    """What would become of `count` orders out of `all`."""

    count: int
    all: int
    tallies: Sequence[Tally]
    released: int


@dataclass(frozen=True)
class ByHand:
    """Open orders that are held for their age alone; `fingerprint` is what a confirmation of them carries."""

    numbers: Sequence[str]
    all: int
    now: int

    @property
    def fingerprint(self) -> str:
        """Return what tells these orders from any others."""
        return seal.digest("\n".join(self.numbers))


@dataclass(frozen=True)
class Trouble:
    """A problem in words."""

    cause: str
    order_number: str | None
    names: str
    since: str
    count: int
    to_do: str
    taken: str | None
    page: str  # where it is done, if on a page of ours


@dataclass(frozen=True)
class Heap:
    """Orders that stand still in one place, in words: the oldest as number, age and why, and how many there are."""

    what: str
    count: int
    oldest: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Shipping:
    """All that the page shows beside the form; `fresh` and `example` only while the shop is observed."""

    shop_name: str | None
    given: Given
    live_since: str
    found: Statuses
    choices: Sequence[Choice]
    suggested: str | None
    tells: Sequence[str]
    troubles: Sequence[Trouble]
    heaps: Sequence[Heap]
    wishes: Wishes
    fresh: Outlook | None
    example: Outlook | None
    counts: Sequence[Tally]
    writes: Sequence[Tally]
    by_hand: ByHand | None


def look(conn: db.Conn, tenant_id: TenantId, language: Language, words: Words, *, now: datetime) -> Shipping:
    """Return what the page shows now."""
    tenant = tenants.of(conn, tenant_id)
    given = mappings.of(conn, tenant_id)
    found = statuses.listed(conn, tenant_id)
    suggested = statuses.suggested(found)
    observed = given.complete and not given.live
    return Shipping(
        shop_name=tenant.shop_name if tenant else None,
        given=given,
        live_since=moment(given.live_since, language) if given.live_since else "",
        found=found,
        choices=choices(found, given, language, words),
        suggested=None if suggested is None else name_in(found[suggested], language),
        tells=[words[f"milestone_{each}"] for each in Milestone if tells(given, each)],
        troubles=[
            told(each, found, language, words)
            for each in problems.open_ones(conn, tenant_id, most=SHOWN_PROBLEMS, for_merchant=True)
        ],
        heaps=heaps(conn, tenant_id, words, now=now),
        wishes=merchants.wishes(conn, tenant_id),
        fresh=fresh(conn, tenant_id, given, words) if observed else None,
        example=example(conn, tenant_id, given, words) if observed else None,
        counts=counts(conn, tenant_id, words) if given.live else [],
        writes=writes(conn, tenant_id, words, now=now) if given.live else [],
        by_hand=by_hand(conn, tenant_id, given) if given.live else None,
    )


def tells(given: Given, milestone: Milestone) -> bool:
    """Say whether the shop may tell the customer anything at a milestone."""
    target = given.targets.get(milestone)
    return target is not None and (target.mail or target.sms)


def choices(found: Statuses, given: Given, language: Language, words: Words) -> list[Choice]:
    """Return every status of the shop, and those that were chosen and are gone; two of one name bear their numbers."""
    names = {status_id: name_in(content, language) for status_id, content in sorted(found.items())}
    gone = {status_id: name for status_id, name in sorted(given.names.items()) if status_id not in found}
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return [
        Choice(
            value=str(status_id),
            name=f"{name} (#{status_id})" if name in twice else name,
            mark=mark(status_id, found, given, words),
            writable=status_id not in found or statuses.writable(found[status_id]),
            gone=status_id not in found,
        )
        for status_id, name in {**names, **gone}.items()
    ]


def mark(status_id: int, found: Statuses, given: Given, words: Words) -> str | None:
    """Return what has become of a status since the merchant decided about it."""
    if status_id not in found:
        return words["status_gone"]
    if given.revision and status_id not in given.seen:
        return words["status_new"]
    before = given.names.get(status_id)
    if before in (None, statuses.name_of(found[status_id])):
        return None
    return words["status_formerly"].format(name=before)


def name_in(content: Mapping[str, Any], language: Language) -> str:
    """Return the name of a status in the language of the admin when the shop has one."""
    told: Sequence[Mapping[str, Any]] = content.get("descriptions") or []
    named = {each.get("language_id"): each.get("name") for each in told}
    return str(named.get(language.value) or statuses.name_of(content))


def told(problem: Problem, found: Statuses, language: Language, words: Words) -> Trouble:
    """Put a problem into words."""
    about: Sequence[Mapping[str, Any]] = problem.detail.get("statuses", [])
    names = [
        name_in(found[each["status_id"]], language) if each["status_id"] in found else str(each["name"])
        for each in about
    ]
    return Trouble(
        cause=words[f"cause_{problem.cause}"],
        order_number=problem.order_number,
        names=", ".join(names),
        since=moment(problem.first_at, language),
        count=problem.count,
        to_do=words[f"do_{problem.cause}"],
        taken=problem.taken_by,
        page=DONE_ON.get(problem.cause, ""),
    )


def heaps(conn: db.Conn, tenant_id: TenantId, words: Words, *, now: datetime) -> list[Heap]:
    """Return the orders that do not move, by where they stand."""
    acks = accounts.has_wms(conn, tenant_id)
    found = outbox.stuck(conn, tenant_id, before=now - STILL_FOR, now=now, acks=acks, most=SHOWN_STUCK)
    return [
        Heap(
            words[f"stuck_{where}"],
            heap.count,
            [
                (each.order_number, age(each.since, words, now=now), why_in_words(where, each, words))
                for each in heap.oldest
            ],
        )
        for where, heap in found.items()
    ]


def fresh(conn: db.Conn, tenant_id: TenantId, given: Given, words: Words) -> Outlook:
    """Return what would become of the newest orders that are no history if the shop were live."""
    since = given.history_until
    numbers = orders.created_after(conn, tenant_id, since) if since else []
    terms = replace(offering.terms_of(given), live=True)
    return outlook(conn, tenant_id, numbers[-NEWEST:], terms, words, of=len(numbers))


def example(conn: db.Conn, tenant_id: TenantId, given: Given, words: Words) -> Outlook:
    """Return what would become of the last orders of the history were they new: their age is waived."""
    until = given.history_until
    numbers = orders.created_until(conn, tenant_id, until, most=EXAMPLE) if until else []
    return outlook(conn, tenant_id, numbers, ageless(given), words, of=len(numbers))


def outlook(
    conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], terms: Terms, words: Words, *, of: int
) -> Outlook:
    """Return what would become of orders on these terms, the most frequent first, each with a few of them."""
    among: dict[Reason | None, list[str]] = defaultdict(list)
    for number, reason in offering.verdicts(conn, tenant_id, numbers, terms).items():
        among[reason].append(number)
    tallies = [
        Tally(outcome(State.HELD if reason else State.RELEASED, reason, words), len(some), some[-NAMED:])
        for reason, some in among.items()
    ]
    return Outlook(len(numbers), of, frequent(tallies), len(among.get(None, [])))


def counts(conn: db.Conn, tenant_id: TenantId, words: Words) -> list[Tally]:
    """Return how many orders warehouses are told to be what."""
    found = offers.counts(conn, tenant_id).items()
    return frequent(Tally(outcome(state, reason, words), count) for (state, reason), count in found)


def frequent(tallies: Iterable[Tally]) -> list[Tally]:
    """Return the most frequent first."""
    return sorted(tallies, key=lambda tally: (-tally.count, tally.what))


def outcome(state: State, reason: Reason | None, words: Words) -> str:
    """Put a verdict into words: what has left is not called held."""
    if state is State.HELD and reason is Reason.SHIPPED:
        return words["offer_shipped"]
    said = words[f"offer_{state}"]
    return f"{said}: {words[f'reason_{reason}']}" if reason else said


def writes(conn: db.Conn, tenant_id: TenantId, words: Words, *, now: datetime) -> list[Tally]:
    """Return how far what we write to the shop is."""
    found = outbox.counts(conn, tenant_id, now=now)
    return [
        Tally(words["write_waits"], found.waits),
        Tally(words["write_due"], found.due),
        Tally(words["write_sent"], found.sent),
        Tally(words["write_confirmed"], found.confirmed),
        Tally(words["write_parked"], found.parked),
    ]


def by_hand(conn: db.Conn, tenant_id: TenantId, given: Given) -> ByHand:
    """Return the newest open orders that are held for their age alone, and how many of them may go at once."""
    ages = [each for each in (given.history_until, given.release_from) if each]
    young = orders.created_after(conn, tenant_id, max(ages)) if ages else []
    others = {*young, *offers.by_hand(conn, tenant_id)}
    older = [each for each in orders.with_status(conn, tenant_id, given.release) if each not in others]
    verdicts = offering.verdicts(conn, tenant_id, older[-NEWEST:], offering.terms_of(given))
    held = [number for number in older[-NEWEST:] if verdicts.get(number) in BY_AGE]
    whatever = offering.verdicts(conn, tenant_id, held, ageless(given))
    return ByHand(held, len(older), sum(reason is None for reason in whatever.values()))


def ageless(given: Given) -> Terms:
    """Return the terms on which age does not count."""
    return replace(offering.terms_of(given), live=True, history_until=AGELESS, release_from=None)
