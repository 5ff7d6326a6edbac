"""The money of a booking in the transaction that learns of it: expected, due, paid, late, or none any more."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from service import db, journal, mappings, offers, problems, tracking
from service.journal import Entry, Kind
from service.kit.clock import PRAGUE
from service.lanes import TenantId
from service.problems import Cause
from service.steps import carriage, wanting
from service.tracking import Payment, collecting, payments
from service.tracking.collecting import Turn

AT_ONCE = 200
OF_MONEY = (Cause.COD_OVERDUE, Cause.COD_DIFFERS)


def expect(conn: db.Conn, tenant_id: TenantId, booking_id: str, content: Mapping[str, Any], *, now: datetime) -> None:
    """Note what is to be collected for a parcel whose label is ready, as long as anybody knows what it was."""
    if cod := content.get("cod"):
        amount = int(cod["amount"]["minor"]), str(cod["amount"]["currency"])
        symbol, covers = str(cod["variable_symbol"]), carriage.owing(content)
        payments.expect(conn, tenant_id, booking_id, amount=amount, symbol=symbol, covers=covers, now=now)


def over(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> bool:
    """Expect no money for a booking any more; False: there was none to expect.

    What else its orders owe may be paid with that: whoever calls it tells the shop (`tell_shop`).
    """
    if not payments.over(conn, tenant_id, booking_id, now=now):
        return False
    payment = payments.of_bookings(conn, tenant_id, [booking_id])[booking_id]
    settle(conn, tenant_id, payment, now=now)
    return True


def changed(conn: db.Conn, tenant_id: TenantId, turn: Turn, *, is_gone: bool, now: datetime) -> bool:
    """Note that a carrier collects another amount, or none; False: somebody else may have asked for one since.

    What else its orders owe may be paid with that, so the shop is told. Call it with the offers held. `is_gone`: the
    label was taken back meanwhile.
    """
    if not collecting.changed(conn, tenant_id, turn, is_gone=is_gone, now=now):
        return False
    payment = payments.of_bookings(conn, tenant_id, [turn.booking_id])[turn.booking_id]
    if payment.over_at or payment.paid_on:
        settle(conn, tenant_id, payment, now=now)
    if payment.paid_on and payment.stands(payment.paid_on) == "differs":
        _tell(conn, tenant_id, payment, Cause.COD_DIFFERS, now=now)
    tell_shop(conn, tenant_id, [turn.booking_id], now=now)
    return True


def delivered(conn: db.Conn, tenant_id: TenantId, payment: Payment, *, on: date) -> None:
    """Note the day from which the money is waited for."""
    due_on = tracking.payout_due(payment.carrier, on)
    payments.delivered(conn, tenant_id, payment.booking_id, on=on, due_on=due_on)


def paid(  # which booking's, when, how much, and who says so
    conn: db.Conn,
    tenant_id: TenantId,
    booking_id: str,
    *,
    on: date,
    amount: tuple[int, str] | None,
    by: str,
    now: datetime,
) -> bool:
    """Note that money was paid out, and tell a person where it is another sum; False: that was known."""
    payment = payments.pay(conn, tenant_id, booking_id, on=on, paid=amount, by=by, now=now)
    if payment is None:
        return False
    shown = payment.paid or payment.amount
    detail = {"booking": booking_id, "on": on.isoformat(), "minor": shown[0], "currency": shown[1], "by": by}
    journal.write(conn, tenant_id, [Entry(now, Kind.COD_PAID, payment.order_number, detail)])
    settle(conn, tenant_id, payment, now=now)
    if payment.stands(on) == "differs":
        _tell(conn, tenant_id, payment, Cause.COD_DIFFERS, now=now)
    return True


def tell_shop(conn: db.Conn, tenant_id: TenantId, booking_ids: Collection[str], *, now: datetime) -> bool:
    """Let the shop hear of money that was told of, if its merchant wants that; say whether there may be anything.

    Whether all an order owed is there is weighed once more whenever anything of it changes (wanting.want).
    """
    return wanting.want(conn, tenant_id, sorted(owing(conn, tenant_id, booking_ids)), now=now)


def owing(conn: db.Conn, tenant_id: TenantId, booking_ids: Collection[str]) -> set[str]:
    """Return the orders that owe the money of these bookings, if the shop's merchant wants that it hears of it."""
    if not booking_ids or mappings.of(conn, tenant_id).paid_since is None:
        return set()
    told = payments.of_bookings(conn, tenant_id, sorted(booking_ids)).values()
    return {number for each in told for number in each.covers}


def settle(conn: db.Conn, tenant_id: TenantId, payment: Payment, *, now: datetime) -> None:
    """Close what a person was told of this money, unless the order's other parcels are still told of."""
    payments.note_told(conn, tenant_id, [payment.booking_id], None)
    still = payments.told_of(conn, tenant_id, payment.order_number)
    for cause in OF_MONEY:
        if cause.value not in still:
            problems.settle(conn, tenant_id, cause, now=now, order_numbers=[payment.order_number])


def watch(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> int:
    """Tell a person, once each, of money that is late; return of how many bookings."""
    today = now.astimezone(PRAGUE).date()
    offers.hold(conn, tenant_id)  # as whoever is told just now that it was paid
    late = payments.overdue_untold(conn, tenant_id, today=today, most=AT_ONCE)
    for payment in late:
        _tell(conn, tenant_id, payment, Cause.COD_OVERDUE, now=now)
    return len(late)


def _tell(conn: db.Conn, tenant_id: TenantId, payment: Payment, cause: Cause, *, now: datetime) -> None:
    detail: dict[str, Any] = {
        "booking": payment.booking_id,
        "carrier": payment.carrier,
        "expected": list(payment.amount),
        "paid": list(payment.paid) if payment.paid else None,
        "due_on": payment.due_on and payment.due_on.isoformat(),
    }
    problems.note(conn, tenant_id, cause, now=now, order_number=payment.order_number, detail=detail)
    payments.note_told(conn, tenant_id, [payment.booking_id], cause.value)
