"""Labels that are in no hand-over yet: some carriers hear of a parcel by that only, and a person must not forget it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from carriers import registry
from carriers.base import Close
from service import bookings, contracts, db, handovers, problems
from service.bookings import Unhanded
from service.lanes import TenantId
from service.problems import Cause
from service.steps import carriage, stopping

LATELY = timedelta(days=30)
LATE = timedelta(hours=12)  # labels of a morning are told of in the evening
MOST = 5_000  # labels of a carrier looked at
NAMED = 10  # orders a problem names; the page has them all


@dataclass(frozen=True)
class Heap:
    """The labels of one carrier that are in no hand-over, the oldest first.

    `must`: before it hears of the hand-over the carrier knows of no parcel. `has_login`: there is one to tell it with.
    """

    carrier: str
    must: bool
    has_login: bool
    labels: Sequence[Unhanded]


@dataclass(frozen=True)
class Login:
    """Whether a carrier hears of hand-overs under a login; `stands`: it, or what stands in for it, can be used."""

    close: Close
    stands: bool


def heaps(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> list[Heap]:
    """Return what may be handed over to carriers that want to hear of it, or can.

    What a person has let be is not among it: he saw to it elsewhere.
    """
    found: list[Heap] = []
    for carrier, logins in _logins(conn, tenant_id, now=now).items():
        if free := _free(conn, tenant_id, carrier, [*logins], now=now, until=now):
            known = [logins[each.contract_id] for each in free]
            must = any(each.close is Close.REQUIRED for each in known)
            found.append(Heap(carrier, must, any(each.stands for each in known), free))
    return found


def _logins(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> Mapping[str, Mapping[str, Login]]:
    """Return the logins of labels that tell their carrier of a hand-over, by carrier and their ids.

    A login that is gone is among them where the carrier must hear: its parcels are nobody's until there is another.
    """
    found: dict[str, dict[str, Login]] = {}
    for carrier, contract_id in sorted(bookings.unhanded_under(conn, tenant_id, since=now - LATELY)):
        standing = contracts.answering(conn, tenant_id, contract_id, carrier)
        login = standing or contracts.one(conn, contract_id)
        close = (carriage.able_of(login) if login else registry.ADAPTERS[carrier].able).close
        if close is Close.REQUIRED or (standing and close is Close.OPTIONAL):
            found.setdefault(carrier, {})[contract_id] = Login(close, standing is not None)
    return found


def _free(  # whose, which, when, and until when they were made
    conn: db.Conn, tenant_id: TenantId, carrier: str, logins: Sequence[str], *, now: datetime, until: datetime
) -> list[Unhanded]:
    since = now - LATELY
    labels = bookings.unhanded_labels(conn, tenant_id, carrier, logins, since=since, until=until, most=MOST)
    held = handovers.seen_to(conn, tenant_id, [each.booking_id for each in labels], since=since)
    free = [each for each in labels if each.booking_id not in held]
    stopped = stopping.in_parcels(conn, tenant_id, free)
    return [each for each in free if each.booking_id not in stopped]


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
    is_told = problems.open_ones(conn, tenant_id, causes=[Cause.HANDOVER_DUE], most=1)
    if is_told and not _late(conn, tenant_id, now=now):
        problems.settle(conn, tenant_id, Cause.HANDOVER_DUE, now=now)


def _late(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> list[Unhanded]:
    found: list[Unhanded] = []
    for carrier, logins in _logins(conn, tenant_id, now=now).items():
        must = [contract_id for contract_id, login in logins.items() if login.close is Close.REQUIRED]
        if must:
            found += _free(conn, tenant_id, carrier, must, now=now, until=now - LATE)
    return found
