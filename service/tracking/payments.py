"""The money carriers collect: expected from the label on, due from the delivery on, paid by tracking or by a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from service import db
from service.kit.clock import PRAGUE
from service.lanes import TenantId
from service.tracking import decide
from service.tracking.decide import Paid

ANNOUNCED = timedelta(days=7)  # so far ahead a carrier's list may name the day on which the money comes


@dataclass(frozen=True)
class Payment:
    """The money of one booking, in minor units; `paid` None with a day: paid, and no API says how much.

    `covers`: the orders it is collected for. `heard_at`: when we were last told that it was paid.
    """

    booking_id: str
    contract_id: str
    carrier: str
    order_number: str
    amount: tuple[int, str]
    variable_symbol: str
    delivered_on: date | None
    due_on: date | None
    paid_on: date | None
    paid: tuple[int, str] | None
    paid_by: str | None
    over_at: datetime | None
    told: str | None
    entered_at: datetime
    covers: tuple[str, ...]
    heard_at: datetime | None

    @property
    def collected(self) -> tuple[int, str] | None:
        """What the carrier collects, or has collected; None: nothing any more."""
        return self.amount if self.paid_on or not self.over_at else None

    @property
    def is_changeable(self) -> bool:
        """Say whether another amount may be collected: it is open, or it was changed to nothing."""
        return not self.paid_on and (not self.over_at or not self.amount[0])

    def stands(self, today: date) -> Paid:
        """Say how it stands on a day."""
        return decide.payment(
            amount=self.amount,
            paid_on=self.paid_on,
            paid=self.paid,
            due_on=self.due_on,
            over=self.over_at is not None,
            today=today,
        )


def in_full(some: Sequence[Payment], *, since: datetime) -> date | None:
    """Return the day on which all of this money had been paid out: pure.

    None: some of it was not, or is another sum; or all of it was known before `since`; or the day cannot be, which is
    left to a person. What is over is not collected.
    """
    collected = [each for each in some if each.paid_on or not each.over_at]
    if any(each.stands(date.min) != "paid" for each in collected):
        return None
    days = [each.paid_on for each in collected if each.paid_on]
    heard = max((each.heard_at for each in collected if each.heard_at), default=None)
    if not days or heard is None or heard < since:
        return None
    earliest = min(each.entered_at for each in collected).astimezone(PRAGUE).date()
    latest = heard.astimezone(PRAGUE).date() + ANNOUNCED
    return max(days) if earliest <= min(days) and max(days) <= latest else None


COLUMNS = """
    cod_payments.booking_id, cod_payments.contract_id, cod_payments.carrier, cod_payments.order_number,
    cod_payments.amount_minor, cod_payments.currency, cod_payments.variable_symbol, cod_payments.delivered_on,
    cod_payments.due_on, cod_payments.paid_on, cod_payments.paid_minor, cod_payments.paid_currency,
    cod_payments.paid_by, cod_payments.over_at, cod_payments.told, cod_payments.entered_at, cod_payments.covers,
    cod_payments.heard_at
"""


def _payment(row: db.Row) -> Payment:
    rest: dict[str, Any] = dict(row)
    amount = rest.pop("amount_minor"), rest.pop("currency")
    minor, currency = rest.pop("paid_minor"), rest.pop("paid_currency")
    covers = tuple(rest.pop("covers")) or (rest["order_number"],)
    return Payment(**rest, amount=amount, paid=None if minor is None else (minor, currency), covers=covers)


EXPECT = """
    INSERT INTO cod_payments (tenant_id, booking_id, contract_id, carrier, order_number, amount_minor, currency,
        variable_symbol, entered_at, covers)
    SELECT %(tenant_id)s, booking_id, contract_id, carrier, order_number, %(amount_minor)s, %(currency)s, %(symbol)s,
        %(now)s, %(covers)s
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
    ON CONFLICT (tenant_id, booking_id) DO NOTHING
"""


def expect(  # of which booking, how much, and for which orders
    conn: db.Conn,
    tenant_id: TenantId,
    booking_id: str,
    *,
    amount: tuple[int, str],
    symbol: str,
    covers: Sequence[str],
    now: datetime,
) -> None:
    """Note what is to be collected for a booking; `amount`: minor units and currency.

    `covers`: the orders that owe it; none: nobody said so, and it is taken to be the booking's own.
    """
    minor, currency = amount
    db.run(
        conn,
        EXPECT,
        tenant_id=tenant_id,
        booking_id=booking_id,
        amount_minor=minor,
        currency=currency,
        symbol=symbol,
        covers=list(covers),
        now=now,
    )


OVER = """
    UPDATE cod_payments
    SET over_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND over_at IS NULL
      AND paid_on IS NULL
"""


def over(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> bool:
    """Expect no money for a booking any more: it was taken back, or comes back. False: there was none to expect."""
    return db.run(conn, OVER, tenant_id=tenant_id, booking_id=booking_id, now=now) == 1


DELIVERED = """
    UPDATE cod_payments
    SET delivered_on = %(on)s, due_on = %(due_on)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND delivered_on IS NULL
"""


def delivered(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, on: date, due_on: date) -> None:
    """Note when a booking was delivered, and by when its money is to be there."""
    db.run(conn, DELIVERED, tenant_id=tenant_id, booking_id=booking_id, on=on, due_on=due_on)


# An amount counts more than a day without one, a later payment more than an earlier one. The same changes nothing.
PAY = f"""
    UPDATE cod_payments
    SET paid_on = %(on)s,
        paid_minor = coalesce(%(minor)s, paid_minor),
        paid_currency = coalesce(%(currency)s, paid_currency),
        paid_by = %(by)s,
        heard_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND (paid_on IS NULL OR %(minor)s::bigint IS NOT NULL AND (paid_minor IS NULL OR paid_on <= %(on)s::date))
      AND (paid_on, paid_minor, paid_currency) IS DISTINCT FROM (
          %(on)s::date, coalesce(%(minor)s, paid_minor), coalesce(%(currency)s, paid_currency)
      )
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def pay(  # of which booking, when, how much, and who says so
    conn: db.Conn,
    tenant_id: TenantId,
    booking_id: str,
    *,
    on: date,
    paid: tuple[int, str] | None,
    by: str,
    now: datetime,
) -> Payment | None:
    """Note that the money of a booking was paid out; None where that is nothing new, or none was expected."""
    minor, currency = paid or (None, None)
    row = db.one(
        conn, PAY, tenant_id=tenant_id, booking_id=booking_id, on=on, minor=minor, currency=currency, by=by, now=now
    )
    return _payment(row) if row else None


HEARD_AGAIN = """
    UPDATE cod_payments
    SET heard_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND paid_on IS NOT NULL
"""


def heard_again(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> None:
    """Note that we were told once more of a payment that is known."""
    db.run(conn, HEARD_AGAIN, tenant_id=tenant_id, booking_id=booking_id, now=now)


TOLD = """
    UPDATE cod_payments
    SET told = %(told)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
"""


def note_told(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str], told: str | None) -> None:
    """Note the cause of the problem a person was told of; None: of none (any more)."""
    db.run(conn, TOLD, tenant_id=tenant_id, booking_ids=list(booking_ids), told=told)


TOLD_OF = """
    SELECT DISTINCT told
    FROM cod_payments
    WHERE tenant_id = %(tenant_id)s
      AND order_number = %(order_number)s
      AND told IS NOT NULL
"""


def told_of(conn: db.Conn, tenant_id: TenantId, order_number: str) -> set[str]:
    """Return the causes a person was told of about the money of an order's parcels."""
    return {row["told"] for row in db.rows(conn, TOLD_OF, tenant_id=tenant_id, order_number=order_number)}


OF_BOOKINGS = f"""
    SELECT {COLUMNS}
    FROM cod_payments
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
"""  # noqa: S608  # a constant


def of_bookings(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str]) -> dict[str, Payment]:
    """Return what is, or was, to be collected for these bookings."""
    found = db.rows(conn, OF_BOOKINGS, tenant_id=tenant_id, booking_ids=list(booking_ids))
    return {row["booking_id"]: _payment(row) for row in found}


OF_SHIPMENTS = f"""
    SELECT DISTINCT {COLUMNS}
    FROM tracked
    JOIN cod_payments ON cod_payments.tenant_id = %(tenant_id)s AND cod_payments.booking_id = tracked.booking_id
    WHERE tracked.tenant_id = %(tenant_id)s
      AND tracked.shipment_id = ANY (%(shipment_ids)s)
    ORDER BY cod_payments.booking_id
"""  # noqa: S608  # a constant


def of_shipments(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> list[Payment]:
    """Return what is, or was, to be collected for everything that was booked for these shipments."""
    found = db.rows(conn, OF_SHIPMENTS, tenant_id=tenant_id, shipment_ids=list(shipment_ids))
    return [_payment(row) for row in found]


OF_NUMBER = f"""
    SELECT DISTINCT {COLUMNS}
    FROM tracked
    JOIN cod_payments ON cod_payments.tenant_id = %(tenant_id)s AND cod_payments.booking_id = tracked.booking_id
    WHERE tracked.tenant_id = %(tenant_id)s
      AND tracked.number = ANY (%(numbers)s)
      AND tracked.carrier = %(carrier)s
    ORDER BY cod_payments.entered_at, cod_payments.booking_id
"""  # noqa: S608  # a constant


def of_number(conn: db.Conn, tenant_id: TenantId, carrier: str, number: str) -> list[Payment]:
    """Return what was to be collected for the box of this number, in capital letters or not."""
    numbers = [number, number.upper(), number.lower()]
    return [
        _payment(row) for row in db.rows(conn, OF_NUMBER, tenant_id=tenant_id, carrier=carrier, numbers=numbers)
    ]  # fmt: skip


OF_SYMBOL = f"""
    SELECT {COLUMNS}
    FROM cod_payments
    WHERE tenant_id = %(tenant_id)s
      AND bare_symbol = %(bare)s
      AND carrier = %(carrier)s
    ORDER BY entered_at, booking_id
"""  # noqa: S608  # a constant


def of_symbol(conn: db.Conn, tenant_id: TenantId, carrier: str, symbol: str) -> list[Payment]:
    """Return what was to be collected under this variable symbol; zeros before it mean nothing."""
    found = db.rows(conn, OF_SYMBOL, tenant_id=tenant_id, carrier=carrier, bare=symbol.lstrip("0"))
    return [_payment(row) for row in found]


OVERDUE = f"""
    SELECT {COLUMNS}
    FROM cod_payments
    WHERE tenant_id = %(tenant_id)s
      AND paid_on IS NULL
      AND over_at IS NULL
      AND due_on < %(today)s
      AND told IS NULL
    ORDER BY due_on, booking_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def overdue_untold(conn: db.Conn, tenant_id: TenantId, *, today: date, most: int) -> list[Payment]:
    """Return money that is late, of which nobody was told yet."""
    return [_payment(row) for row in db.rows(conn, OVERDUE, tenant_id=tenant_id, today=today, most=most)]


# How money stands, as `decide.payment` says it; apart, so that the index of what is open serves what is open.
AS_PAID = """(paid_on IS NOT NULL
    AND (paid_minor IS NULL OR (paid_minor, paid_currency) = (amount_minor, currency)))"""
AS_DIFFERING = """(paid_on IS NOT NULL
    AND paid_minor IS NOT NULL AND (paid_minor, paid_currency) <> (amount_minor, currency))"""
AS_OVERDUE = "(paid_on IS NULL AND over_at IS NULL AND due_on < %(today)s)"
AS_OVER = "(paid_on IS NULL AND over_at IS NOT NULL)"

LISTED = f"""
    SELECT {COLUMNS}
    FROM cod_payments
    WHERE tenant_id = %(tenant_id)s
      AND CASE %(stands)s
          WHEN 'paid' THEN {AS_PAID}
          WHEN 'differs' THEN {AS_DIFFERING}
          WHEN 'overdue' THEN {AS_OVERDUE}
          WHEN 'over' THEN {AS_OVER}
          ELSE paid_on IS NULL AND over_at IS NULL AND coalesce(due_on >= %(today)s, true)
      END
    ORDER BY coalesce(paid_on, due_on) DESC NULLS LAST, entered_at DESC, booking_id
    LIMIT %(most)s
    OFFSET %(after)s
"""  # noqa: S608  # a constant


def listed(  # whose, of which kind, and which part of it
    conn: db.Conn, tenant_id: TenantId, stands: Paid, *, today: date, most: int, after: int = 0
) -> list[Payment]:
    """Return the money that stands so, the latest first; `after`: so many of them are left out."""
    found = db.rows(conn, LISTED, tenant_id=tenant_id, stands=stands, today=today, most=most, after=after)
    return [_payment(row) for row in found]


COUNTED = f"""
    SELECT count(*) AS count,
        CASE
            WHEN {AS_PAID} THEN 'paid'
            WHEN {AS_DIFFERING} THEN 'differs'
            WHEN {AS_OVERDUE} THEN 'overdue'
            WHEN {AS_OVER} THEN 'over'
            ELSE 'waiting'
        END AS stands
    FROM cod_payments
    WHERE tenant_id = %(tenant_id)s
    GROUP BY 2
"""  # noqa: S608  # a constant


def counted(conn: db.Conn, tenant_id: TenantId, *, today: date) -> Mapping[Paid, int]:
    """Return of how many bookings the money stands in each way there is."""
    return {row["stands"]: row["count"] for row in db.rows(conn, COUNTED, tenant_id=tenant_id, today=today)}
