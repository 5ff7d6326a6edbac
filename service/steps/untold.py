"""Labels that are in no hand-over yet: some carriers hear of a parcel by that only, and a person must not forget it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from carriers.base import Close
from service import bookings, contracts, db, handovers, problems
from service.bookings import Booking
from service.lanes import TenantId
from service.problems import Cause
from service.steps import carriage, stopping

LATELY = timedelta(days=30)
LATE = timedelta(hours=12)  # labels of a morning are told of in the evening
PAGE, MOST = 500, 5_000  # labels looked at
NAMED = 10  # orders a problem names; the page has them all


@dataclass(frozen=True)
class Heap:
    """The labels of one carrier that are in no hand-over, the oldest first.

    `must`: before it hears of the hand-over the carrier knows of no parcel.
    """

    carrier: str
    must: bool
    labels: Sequence[Booking]


def heaps(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> list[Heap]:
    """Return what may be handed over to carriers that want to hear of it, or can.

    What a person has let be is not among it: he saw to it elsewhere.
    """
    since = now - LATELY
    closes = _closes(conn, tenant_id, bookings.unhanded_under(conn, tenant_id, since=since))
    found: list[Heap] = []
    for carrier in sorted({carrier for carrier, _ in closes}):
        labels = _unhanded(conn, tenant_id, carrier, since=since)
        told = [each for each in labels if (carrier, each.made_under or each.contract_id) in closes]
        if free := _free(conn, tenant_id, told, since=since):
            must = any(closes[carrier, each.made_under or each.contract_id] is Close.REQUIRED for each in free)
            found.append(Heap(carrier, must, free))
    return found


def _unhanded(conn: db.Conn, tenant_id: TenantId, carrier: str, *, since: datetime) -> list[Booking]:
    found: list[Booking] = []
    while len(found) < MOST and (
        page := bookings.unhanded(conn, tenant_id, carrier, since=since, after=found[-1] if found else None, most=PAGE)
    ):
        found += page
    return found


def _closes(conn: db.Conn, tenant_id: TenantId, under: set[tuple[str, str]]) -> Mapping[tuple[str, str], Close]:
    """Return which logins tell their carrier of a hand-over, by that login or what stands in for it."""
    found: dict[tuple[str, str], Close] = {}
    for carrier, contract_id in under:
        login = contracts.answering(conn, tenant_id, contract_id, carrier)
        if login and (close := carriage.able_of(login).close) is not Close.NONE:
            found[carrier, contract_id] = close
    return found


def _free(conn: db.Conn, tenant_id: TenantId, labels: Sequence[Booking], *, since: datetime) -> list[Booking]:
    held = {
        *handovers.of_bookings(conn, tenant_id, [each.booking_id for each in labels], since=since),
        *stopping.in_parcels(conn, tenant_id, labels),
    }
    return [each for each in labels if each.booking_id not in held]


def watch(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Tell a person of labels whose carrier should have heard of them by now, or no more."""
    if late := _late(conn, tenant_id, now=now):
        carriers = sorted({each.carrier for each in late})
        detail = {"carriers": carriers, "count": len(late), "orders": [each.order_number for each in late[:NAMED]]}
        problems.note(conn, tenant_id, Cause.HANDOVER_DUE, now=now, detail=detail)
    else:
        problems.settle(conn, tenant_id, Cause.HANDOVER_DUE, now=now)


def settle(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Close what was told of such labels once none is late."""
    if not _late(conn, tenant_id, now=now):
        problems.settle(conn, tenant_id, Cause.HANDOVER_DUE, now=now)


def _late(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> list[Booking]:
    due = [each for heap in heaps(conn, tenant_id, now=now) if heap.must for each in heap.labels]
    return [each for each in due if each.label_at and each.label_at <= now - LATE]
