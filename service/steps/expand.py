"""Turns webhooks into hints: what was touched, how urgent it is, and when it will be read.

A webhook that cannot be read still says that something changed: it becomes a look at everything that did.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from service import catalog, db, inbox, journal, orders, tenants
from service.inbox import Cause, Delivery, Dial, Hint, Verdict
from service.journal import Entry, Kind
from service.lanes import LOOKED_AT, Lane, TenantId
from service.platform import hooks
from service.platform.hooks import Record
from service.steps import offering, receipts

log = logging.getLogger(__name__)

MOST = 500
MOST_BYTES = 2 * 2**20  # 16,000 records or so: a transaction of half a second
LIST_WAIT_S = 2.0  # a merchant who edits a list saves several times
REASONS = 3  # of the records set aside, so many are named

Urgency = Callable[[Record], bool]


@dataclass(frozen=True)
class Expanded:
    """What one expansion did; `more` says that deliveries may still wait."""

    deliveries: int
    records: int
    hints: int
    unreadable: int
    dropped: int
    set_aside: int
    more: bool


class Stumbled(Exception):
    """The expansion of these deliveries died, and nothing of it was kept; the message names the fault, no values."""

    def __init__(self, why: str, delivery_ids: Sequence[int]) -> None:
        super().__init__(why)
        self.why = why
        self.delivery_ids = delivery_ids


@dataclass
class _Haul:
    """What was found in the deliveries so far."""

    records: list[Record] = field(default_factory=list[Record])
    deleted: dict[str, datetime] = field(default_factory=dict[str, datetime])
    variants: set[int] = field(default_factory=set[int])  # deleted ones
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    faults: list[str] = field(default_factory=list[str])
    set_aside: int = 0
    look: bool = False
    doubted_from: datetime | None = None  # when the first of what could not be read came


def expand(  # noqa: PLR0913  # whose deliveries, how many, and all that decides what becomes of them
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    *,
    fence: tuple[tenants.State, int],
    dial: Dial,
    now: datetime,
    settled: Collection[int] = frozenset(),
    most: int = MOST,
) -> Expanded:
    """Turn the oldest waiting deliveries of a lane into hints, at most `most`.

    `settled` are the statuses of orders that left the house: only their changes may be routine. Raise Stumbled when
    one of the deliveries is at fault; the transaction must then be rolled back.
    """
    waiting = inbox.take(conn, tenant_id, lane, now=now, most=most, most_bytes=MOST_BYTES)
    try:
        haul, told = _expand(conn, tenant_id, lane, waiting, fence=fence, dial=dial, now=now, settled=settled)
    except Exception as fault:  # whatever it is: a delivery must not stop those behind it
        if not db.blames_rows(fault):
            raise
        raise Stumbled(db.named(fault), [delivery.delivery_id for delivery in waiting]) from None
    outcomes = [verdict.outcome for verdict in haul.verdicts]
    return Expanded(
        deliveries=len(waiting),
        records=sum(verdict.records for verdict in haul.verdicts),
        hints=told,
        unreadable=outcomes.count("unreadable"),
        dropped=outcomes.count("dropped"),
        set_aside=haul.set_aside,
        more=len(waiting) == most or sum(len(delivery.body) for delivery in waiting) >= MOST_BYTES,
    )


def _expand(  # noqa: PLR0913  # what waits, and all that decides what becomes of it
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    waiting: Sequence[Delivery],
    *,
    fence: tuple[tenants.State, int],
    dial: Dial,
    now: datetime,
    settled: Collection[int],
) -> tuple[_Haul, int]:
    """Return what was found in the deliveries, and how many hints it makes."""
    haul = _Haul()
    for delivery in waiting:
        haul.verdicts.append(_dropped(delivery, fence) or _read(delivery, haul))
    # Mirror, outbox, hints: a read takes over and then settles in this order, and another one would deadlock.
    entries = _mark_deleted(conn, tenant_id, lane, haul.deleted, now=now)
    dropped = {verdict.delivery_id for verdict in haul.verdicts if verdict.outcome == "dropped"}
    told_of = [(each.event, each.received_at) for each in waiting if each.delivery_id not in dropped]
    inbox.note_heard(conn, tenant_id, told_of)
    ours = receipts.echoed(conn, tenant_id, haul.records, now=now) if lane is Lane.REFRESH_ORDERS else set[str]()
    hints = _hints(conn, tenant_id, lane, haul, dial=dial, now=now, settled=settled, ours=ours)
    entries += [Entry(now, Kind.UNREADABLE, None, {"webhook": why}) for why in haul.faults]
    journal.write(conn, tenant_id, entries)
    if lane in LOOKED_AT and any(each.key == inbox.LOOK for each in hints):
        inbox.note_cause(conn, tenant_id, lane, Cause.UNREADABLE, now=now, doubted_from=haul.doubted_from)
    told = inbox.hint(conn, tenant_id, lane, hints, now=now)
    if lane is Lane.REFRESH_ORDERS and haul.records and inbox.awaits_tellings(conn, tenant_id, now=now):
        inbox.told_late(conn, tenant_id, _tellings(haul), now=now)
    inbox.expanded(conn, tenant_id, haul.verdicts, now=now)
    return haul, told


def _dropped(delivery: Delivery, fence: tuple[tenants.State, int]) -> Verdict | None:
    """Drop what an uninstalled shop or an earlier registration sends (docs/upgates.md 3.2, T5).

    A suspended shop is heard: nobody uninstalled it, and when it may be called again its hints must be there (2.7).
    """
    state, generation = fence
    if state is tenants.State.DISMISSED:
        return Verdict(delivery.delivery_id, delivery.received_at, "dropped", f"the tenant is {state.value}", 0)
    if delivery.generation < generation:
        why = f"sent to generation {delivery.generation}, the tenant is at {generation}"
        return Verdict(delivery.delivery_id, delivery.received_at, "dropped", why, 0)
    return None


def _read(delivery: Delivery, haul: _Haul) -> Verdict:
    """Add a delivery's records to the haul; what makes no sense costs only itself, and a look."""
    try:
        reading = hooks.read(delivery.event, _whole(delivery))
    except hooks.Unreadable as why:
        _note_fault(delivery, str(why), haul)
        return Verdict(delivery.delivery_id, delivery.received_at, "unreadable", str(why), 0)
    haul.records += reading.records
    for record in reading.records:
        if record.action == "delete":
            _note_deleted(record, delivery.received_at, haul)
    why = _told(reading.set_aside) if reading.set_aside else None
    if why:
        haul.set_aside += len(reading.set_aside)
        _note_fault(delivery, why, haul)
    return Verdict(delivery.delivery_id, delivery.received_at, "expanded", why, len(reading.records))


def _tellings(haul: _Haul) -> list[inbox.Told]:
    """Return what a look may have found before its webhook came, each with the shop's own time."""
    timed = ((record, record.time) for record in haul.records)
    return [inbox.Told(record.key, at, record.action == "delete") for record, at in timed if at]


def _whole(delivery: Delivery) -> bytes:
    if delivery.size > len(delivery.body):
        raise hooks.Unreadable(f"a body of {delivery.size} bytes is too large; a sample is kept")
    return delivery.body


def _note_fault(delivery: Delivery, why: str, haul: _Haul) -> None:
    log.warning("webhook %s of %s: %s", delivery.event, delivery.tenant_id, why)
    haul.faults.append(f"{delivery.event}: {why}")
    haul.look = True
    haul.doubted_from = min(haul.doubted_from or delivery.received_at, delivery.received_at)


def _note_deleted(record: Record, received_at: datetime, haul: _Haul) -> None:
    # By our own clock, like the reads it is weighed against: the shop's may go wrong, and holding too long is harmless.
    if record.kind == "variant":  # its product lives on, but is not named (docs/upgates.md 3.4.3)
        haul.variants.add(int(record.key))
    else:
        haul.deleted[record.key] = max(received_at, haul.deleted.get(record.key, received_at))


def _told(set_aside: Sequence[str]) -> str:
    more = f" and {len(set_aside) - REASONS} more" if len(set_aside) > REASONS else ""
    return f"{len(set_aside)} records set aside: {'; '.join(set_aside[:REASONS])}{more}"


def _hints(  # noqa: PLR0913  # what was found, and all that decides how soon it is read
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    haul: _Haul,
    *,
    dial: Dial,
    now: datetime,
    settled: Collection[int],
    ours: Collection[str],
) -> list[Hint]:
    """Return one hint a thing, and the look when something could not be read; an echo of `ours` is never urgent."""
    last_read = inbox.last_read(conn, tenant_id, lane).last_read_at
    by_urgency = {urgent: inbox.paced(dial, now=now, last_read=last_read, urgent=urgent) for urgent in (True, False)}
    products = catalog.of_variants(conn, tenant_id, sorted(haul.variants)) if haul.variants else {}
    look = haul.look or haul.variants != {each for variants in products.values() for each in variants}
    if lane not in LOOKED_AT:
        return _list_changed(haul, dial=dial, now=now, last_read=last_read)
    urgency = _urgency(conn, tenant_id, lane, haul.records, settled=settled)
    urgent: dict[str, bool] = {}
    for record in haul.records:
        if record.kind != "variant":
            soon = record.key not in ours and urgency(record)
            urgent[record.key] = urgent.get(record.key, False) or soon
    urgent |= {str(product_id): True for product_id in products}
    urgent |= {inbox.LOOK: True} if look else {}
    return [Hint(key, urgent=soon, due_at=by_urgency[soon]) for key, soon in urgent.items()]


def _list_changed(haul: _Haul, *, dial: Dial, now: datetime, last_read: datetime | None) -> list[Hint]:
    """Return the one hint about a list that is read whole, whatever the webhooks named (docs/upgates.md 3.4.5)."""
    if all(verdict.outcome == "dropped" for verdict in haul.verdicts):
        return []
    patient = replace(dial, wait_s=max(dial.wait_s, LIST_WAIT_S))
    return [Hint(inbox.LOOK, urgent=True, due_at=inbox.paced(patient, now=now, last_read=last_read, urgent=True))]


def _urgency(
    conn: db.Conn, tenant_id: TenantId, lane: Lane, records: Sequence[Record], *, settled: Collection[int]
) -> Urgency:
    """Return the rule of the lane (design, "Pace"): for orders it needs what the mirror shows, read by one query."""
    if lane is Lane.REFRESH_PRODUCTS:
        return lambda record: record.action in ("create", "delete")
    if not settled or not records:
        return lambda _: True
    shown = orders.statuses_of(conn, tenant_id, sorted({record.key for record in records}))
    return lambda record: is_urgent(record, shown.get(record.key), settled)


def is_urgent(record: Record, shown: int | None, settled: Collection[int]) -> bool:
    """Say whether news about an order must be read soon; `shown` is its mirrored status, None for an unknown order."""
    if record.action in ("create", "delete") or shown not in settled:
        return True
    return record.status_id is not None and record.status_id != shown


def _mark_deleted(
    conn: db.Conn, tenant_id: TenantId, lane: Lane, deleted: dict[str, datetime], *, now: datetime
) -> list[Entry]:
    """Stop the dispatch at once; whether it is gone for good the next read decides (docs/upgates.md 3.5, T43)."""
    if deleted and lane is Lane.REFRESH_ORDERS:
        news = orders.delete_told(conn, tenant_id, deleted)
        offering.weigh(conn, tenant_id, dict.fromkeys(news, ()), now=now)
        return [Entry(now, Kind.DELETE_TOLD, number) for number in news]
    if deleted and lane is Lane.REFRESH_PRODUCTS:
        told = catalog.delete_told(conn, tenant_id, {int(key): at for key, at in deleted.items()})
        return [Entry(now, Kind.PRODUCTS, None, {"delete_told": told})] if told else []
    return []
