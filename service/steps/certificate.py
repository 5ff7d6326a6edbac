"""The certificate of a shop and a period: what arrived, what was read, what the shop lists, and which orders were lost.

Drawn from what we know: it costs no call. What has aged away is said to be gone, never guessed. Source: decision 17.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from service import db, inbox, journal, orders, shipments, tenants
from service.budget import ledger
from service.db import partitions
from service.db.partitions import Parent
from service.inbox import Cause, Look, Loss
from service.journal import Head
from service.kit.spans import Span
from service.lanes import Lane, TenantId
from service.steps import newest, proof
from service.steps.look import OVERLAP
from service.steps.proof import Cost, Gap, Outcome, Share, Verdict
from service.tenants import State

LANE = Lane.REFRESH_ORDERS
APART = timedelta(minutes=10)  # so long after one was asked for nobody asks for another proof (R14)


@dataclass(frozen=True)
class Missing:
    """An order that lost a change in the period, for certain or possibly, and what was done about it."""

    loss: Loss
    share: Share
    outcome: Outcome


@dataclass(frozen=True)
class Proving:
    """What a proof takes: from when on a look has to compare, and what it costs.

    `orders`: how many the mirror knows to stand on its list. `asked_at`: when the look was asked for that is under way.
    `not_before`: when the next one may be.
    """

    doubted_from: datetime
    orders: int
    cost: Cost
    asked_at: datetime | None
    not_before: datetime | None
    state: State


@dataclass(frozen=True)
class Counted:
    """What a table says of the period; `since` is later than its begin when the older part has aged away."""

    since: datetime
    what: Mapping[str, Any]


@dataclass(frozen=True)
class Certificate:
    """Everything that is to be said of a shop and a period at one moment.

    `whole`: a look compared all orders of the mirror at the period's end, so one deleted without a word is among them.
    """

    tenant_id: TenantId
    period: Span
    made_at: datetime
    verdict: Verdict
    gaps: Sequence[Gap]
    whole: bool
    proving: Proving | None
    missing: Sequence[Missing]
    late: Sequence[Loss]
    undecided: Sequence[Loss]
    nameless: int
    looks: Sequence[Look]
    arrived: Counted | None
    calls: Counted | None
    taken: Counted | None
    outages: Sequence[inbox.Outage]
    seal: Head | None

    @property
    def proves_until(self) -> Look | None:
        """Return the look that says what the shop lists: the last that proves anything of the period."""
        return max(self.looks, key=lambda look: (look.covers_until or look.asked_at, look.look_id), default=None)


def draw(
    conn: db.Conn, tenant_id: TenantId, period: Span, *, now: datetime, keep_days: int, whole: bool = False
) -> Certificate:
    """Return the certificate as it stands now; `keep_days`: how long the journal, and with it what looks say, is kept.

    `whole`: its proof is to compare all orders of the mirror. Raise LookupError for a shop nobody knows.
    """
    tenant = tenants.of(conn, tenant_id)
    if tenant is None:
        raise LookupError(tenant_id)
    known_from = inbox.known_from(conn, tenant_id, LANE)
    kept_from = now - timedelta(days=keep_days)
    looks = proving_looks(conn, tenant_id, period)
    gaps = proof.gaps(period, looks, known_from=known_from, kept_from=kept_from)
    oldest = orders.oldest_change(conn, tenant_id)
    is_whole = oldest is None or any(is_of_all(look, period, oldest) for look in looks)
    doubted_from = proof.doubted_from(gaps)
    if whole and oldest and not is_whole and known_from and period.until > known_from:
        doubted_from = min(oldest, doubted_from or oldest)
    ours = Span(max(period.since, known_from or period.until), period.until)
    found = inbox.losses_of(conn, tenant_id, since=ours.since)
    losses = [loss for loss in found if proof.share(loss, ours) is not Share.NONE]
    undecided = [loss for loss in losses if proof.is_undecided(loss, now=now)]
    decided = [loss for loss in losses if not (proof.is_undecided(loss, now=now) or proof.is_late(loss))]
    missing = missing_of(conn, tenant_id, ours, decided)
    nameless = max((look.nameless for look in looks), default=0)
    return Certificate(
        tenant_id=tenant_id,
        period=period,
        made_at=now,
        verdict=proof.verdict(gaps=len(gaps), undecided=len(undecided), missing=len(missing), nameless=nameless),
        gaps=gaps,
        whole=is_whole,
        proving=doubted_from and proving(conn, tenant_id, doubted_from, now=now, state=tenant.state),
        missing=missing,
        late=[loss for loss in losses if proof.is_late(loss)],
        undecided=undecided,
        nameless=nameless,
        looks=looks,
        **counts(conn, tenant_id, period),
        outages=inbox.outages(conn, since=period.since, until=period.until),
        seal=journal.head(conn, tenant_id),
    )


def proving_looks(conn: db.Conn, tenant_id: TenantId, period: Span) -> list[Look]:
    """Return the looks that prove anything of the period."""
    found = inbox.proving(conn, tenant_id, LANE, since=period.since)
    return [look for look in found if (span := proof.proven_by(look)) and not span.within(period).empty]


def missing_of(conn: db.Conn, tenant_id: TenantId, period: Span, losses: Sequence[Loss]) -> list[Missing]:
    """Return the orders that lost something, each once with the last look that found it, and what was done."""
    parked = {row["key"]: row["parked"] for row in inbox.parked(conn, tenant_id) if row["lane"] == LANE}
    found: dict[str, Missing] = {}
    for loss in losses:
        later: list[journal.Entry] = []
        if loss.changed_at is None:
            told = journal.timeline(conn, tenant_id, loss.order_number)
            later = [entry for entry in told if entry.at >= loss.found_at]
        if outcome := proof.outcome(loss, later, parked=parked.get(loss.order_number)):
            before, share = found.get(loss.order_number), proof.share(loss, period)
            certain = before is not None and before.share is Share.CERTAIN  # it stays so, whatever was lost later
            found[loss.order_number] = Missing(loss, Share.CERTAIN if certain else share, outcome)
    return sorted(found.values(), key=lambda each: (each.loss.found_at, each.loss.order_number))


def is_of_all(look: Look, period: Span, oldest: datetime) -> bool:
    """Say whether a look at the period's end or later compared every order the mirror held."""
    return bool(
        look.covers_from and look.covers_until and look.covers_from <= oldest and look.covers_until >= period.until
    )


def proving(
    conn: db.Conn, tenant_id: TenantId, doubted_from: datetime, *, now: datetime, state: State
) -> Proving | None:
    """Return what a look takes that compares from then on, by the mirror's own count; None during the first pull."""
    watermark = inbox.last_read(conn, tenant_id, LANE).watermark
    if watermark is None:
        return None
    listed_since = newest.listed_since(watermark, doubted_from, shipments.awaited_since(conn, tenant_id))
    compared, listed = (
        orders.count_changed(conn, tenant_id, since=since, shown_since=now, besides=[])[0]
        for since in (doubted_from - OVERLAP, listed_since)
    )
    asked = inbox.looks_of(conn, tenant_id, LANE, most=1, cause=Cause.PERSON)
    return Proving(
        doubted_from=doubted_from,
        orders=listed,
        cost=proof.cost(compared=compared, listed=listed),
        asked_at=next((look.asked_at for look in asked if is_under_way(look, doubted_from)), None),
        not_before=next(
            (look.ended_at + APART for look in asked if look.ended_at and look.ended_at + APART > now), None
        ),
        state=state,
    )


def is_under_way(look: Look, doubted_from: datetime) -> bool:
    """Say whether a look that somebody asked for is to be waited for; one that has not begun may reach further back."""
    reaches = look.doubted_from is not None and look.doubted_from <= doubted_from
    return look.ended_at is None and (look.began_at is not None or reaches)


def counts(conn: db.Conn, tenant_id: TenantId, period: Span) -> dict[str, Counted | None]:
    """Return what arrived and was read in the period, as far as it is still kept."""
    arrived = _kept(conn, Parent.DELIVERIES, period)
    calls = _kept(conn, Parent.CALLS, period)
    taken = _kept(conn, Parent.JOURNAL, period)
    return {
        "arrived": arrived and Counted(arrived.since, asdict(
            inbox.arrived(conn, tenant_id, LANE, since=arrived.since, until=arrived.until)
        )),
        "calls": calls and Counted(calls.since, _by_plan(
            ledger.counted(conn, tenant_id, since=calls.since, until=calls.until)
        )),
        "taken": taken and Counted(taken.since, journal.taken(
            conn, tenant_id, since=taken.since, until=taken.until
        )),
    }  # fmt: skip


def _kept(conn: db.Conn, parent: Parent, period: Span) -> Span | None:
    """Return the part of the period a table still holds; None when all of it has aged away."""
    gone = partitions.gone_until(conn, parent)
    kept = Span(max(period.since, _midnight(gone)) if gone else period.since, period.until)
    return None if kept.empty else kept


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _by_plan(counted: Iterable[ledger.Count]) -> dict[str, int]:
    plans: Counter[str] = Counter()
    for each in counted:
        if each.plan.startswith("orders"):
            plans[each.plan] += each.calls
    return dict(plans)


DELETED_UNTOLD = "deleted_untold_before"  # what a look cannot see that does not compare all orders (decision 13)


def document(drawn: Certificate) -> dict[str, Any]:
    """Return the certificate for programs, as docs/wms.md describes it."""
    listing = drawn.proves_until
    return {
        "tenant": drawn.tenant_id,
        "from": stamp(drawn.period.since),
        "to": stamp(drawn.period.until),
        "made_at": stamp(drawn.made_at),
        "verdict": drawn.verdict.value,
        "gaps": [{**_span(gap.span), "why": gap.why.value} for gap in drawn.gaps],
        "proof": drawn.proving and _proving(drawn.proving),
        "missing": [_missing(each) for each in drawn.missing],
        "nameless": drawn.nameless,
        "told_late": [{"number": loss.order_number, "told_at": stamp(loss.told_at)} for loss in drawn.late],
        "undecided": [loss.order_number for loss in drawn.undecided],
        "arrived": _counted(drawn.arrived),
        "calls": _counted(drawn.calls),
        "read": _counted(drawn.taken),
        "listed": listing
        and {"at": stamp(listing.covers_until), "since": stamp(listing.covers_from), "orders": listing.listed},
        "looks": looks_of(drawn.looks),
        "outages": [_span(Span(each.began_at, each.ended_at)) for each in drawn.outages],
        "seal": drawn.seal
        and {"place": drawn.seal.place, "digest": drawn.seal.digest, "sealed_at": stamp(drawn.seal.sealed_at)},
        "limits": [] if drawn.whole else [DELETED_UNTOLD],
    }


def stamp(at: datetime | None) -> str | None:
    """Return a time as text, in UTC and whole seconds."""
    return at and at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def looks_of(looks: Sequence[Look]) -> list[dict[str, Any]]:
    """Return the looks that prove the period, one for each walk: several causes may share it and its calls."""
    walks: dict[tuple[object, ...], list[Look]] = {}
    for look in looks:
        walks.setdefault((look.covers_from, look.covers_until, look.ended_at), []).append(look)
    return [
        {
            "ids": [look.look_id for look in shared],
            "because": [look.cause.value for look in shared],
            "ended_at": stamp(shared[0].ended_at),
            "proves": (span := proof.proven_by(shared[0])) and _span(span),
            "calls": shared[0].calls,
            "found": shared[0].found,
            "listed": shared[0].listed,
        }
        for shared in walks.values()
    ]


def _span(span: Span) -> dict[str, Any]:
    return {"from": stamp(span.since), "to": stamp(span.until)}


def _counted(counted: Counted | None) -> dict[str, Any] | None:
    return counted and {"since": stamp(counted.since), **counted.what}


def _proving(proving: Proving) -> dict[str, Any]:
    return {
        "since": stamp(proving.doubted_from),
        "orders": proving.orders,
        "calls_at_least": proving.cost.at_least,
        "calls_at_most": proving.cost.at_most,
        "asked_at": stamp(proving.asked_at),
        "not_before": stamp(proving.not_before),
        "shop": proving.state.value,
    }


def _missing(missing: Missing) -> dict[str, Any]:
    loss, outcome = missing.loss, missing.outcome
    return {
        "number": loss.order_number,
        "what": loss.what.value,
        "certain": missing.share is Share.CERTAIN,
        "known_at": stamp(loss.known_at),
        "changed_at": stamp(loss.changed_at),
        "found_at": stamp(loss.found_at),
        "done": outcome.done.value,
        "done_at": stamp(outcome.at),
        **({"why": outcome.why} if outcome.why else {}),
    }
