"""Whose turn it is in a lane: what beat asks every second, and the watchdog of what nobody came for."""

from datetime import datetime

from service import (
    activations,
    affiliates,
    blocks,
    bookings,
    db,
    handovers,
    inbox,
    outbox,
    problems,
    returns,
    tenants,
    tracking,
)
from service.alarms import channels, merchants
from service.lanes import Lane, TenantId
from service.steps import listing


def _of_points(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    turn = listing.next_turn(conn, now=now)
    return [turn.tenant_id] if turn else []


ASKED = {
    Lane.WRITEBACK: outbox.due_tenants,
    Lane.TRACK: tracking.due_tenants,
    Lane.POINTS: _of_points,
    Lane.AFFILIATES: affiliates.due_tenants,
}


def due(conn: db.Conn, lane: Lane, *, now: datetime) -> list[TenantId]:
    """Return the tenants with rows due in a lane, over every tenant; asked of the past: due since then."""
    if lane in ASKED:
        return ASKED[lane](conn, now=now)
    if lane in (Lane.ACTIVATE, Lane.PULL):
        return activations.due_tenants(conn, lane, now=now)
    if lane is Lane.SWEEP:
        return [*tenants.sweep_due(conn, now=now), *blocks.due_tenants(conn, now=now)]
    if lane is Lane.ALARM:
        told = {*channels.due_tenants(conn, now=now), *merchants.due_tenants(conn, now=now)}
        return sorted(told.union(problems.with_news(conn, now=now)))
    if lane is Lane.BOOK:
        stores = (bookings, handovers, returns)
        return sorted({each for store in stores for each in store.due_tenants(conn, now=now)})
    return inbox.due_tenants(conn, lane, now=now)
