"""Enter boxes, let go of them, and write down where they are and every scan that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service import db
from service.lanes import TenantId
from service.tracking.decide import RHYTHM, State
from service.tracking.rows import COLUMNS, Followed, Told, followed

ENTER = """
    INSERT INTO tracked (tenant_id, booking_id, place, contract_id, carrier, number, order_number, shipment_id, state,
        state_since, due_at, since, first_at)
    SELECT %(tenant_id)s, bookings.booking_id, booked_parcels.place, bookings.contract_id, bookings.carrier,
        booked_parcels.number, bookings.order_number, bookings.shipment_id, 'created', %(now)s, %(due_at)s, %(due_at)s,
        %(now)s
    FROM bookings
    JOIN booked_parcels ON booked_parcels.tenant_id = bookings.tenant_id
      AND booked_parcels.booking_id = bookings.booking_id
    WHERE bookings.tenant_id = %(tenant_id)s
      AND bookings.booking_id = %(booking_id)s
    ON CONFLICT (tenant_id, booking_id, place) DO NOTHING
"""


def enter(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> int:
    """Follow the boxes of a booking from now on; return how many were not followed before."""
    due_at = now + RHYTHM[State.CREATED]
    return db.run(conn, ENTER, tenant_id=tenant_id, booking_id=booking_id, due_at=due_at, now=now)


ENTER_BACK = """
    INSERT INTO tracked (tenant_id, booking_id, place, contract_id, carrier, number, order_number, shipment_id, state,
        state_since, due_at, since, first_at, is_back)
    SELECT %(tenant_id)s, %(return_id)s, place, %(contract_id)s, %(carrier)s, number, %(order_number)s,
        %(shipment_id)s, 'created', %(now)s, %(due_at)s, %(due_at)s, %(now)s, true
    FROM unnest(%(numbers)b::text[]) WITH ORDINALITY AS boxes (number, place)
    ON CONFLICT (tenant_id, booking_id, place) DO NOTHING
"""


def enter_back(  # noqa: PLR0913  # whose return, by whom, and of what
    conn: db.Conn,
    tenant_id: TenantId,
    return_id: str,
    numbers: Sequence[str],
    *,
    contract_id: str,
    carrier: str,
    order_number: str,
    shipment_id: str,
    now: datetime,
) -> int:
    """Follow the boxes of a return from now on; return how many were not followed before."""
    return db.run(
        conn,
        ENTER_BACK,
        tenant_id=tenant_id,
        return_id=return_id,
        numbers=list(numbers),
        contract_id=contract_id,
        carrier=carrier,
        order_number=order_number,
        shipment_id=shipment_id,
        due_at=now + RHYTHM[State.CREATED],
        now=now,
    )


LEAVE = """
    UPDATE tracked
    SET state = 'cancelled',
        state_since = %(now)s,
        final_at = %(now)s,
        due_at = NULL,
        since = NULL,
        claim = NULL
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND final_at IS NULL
"""


def leave(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> int:
    """Follow the boxes of a booking no more, as they were taken back; return how many had not ended."""
    return db.run(conn, LEAVE, tenant_id=tenant_id, booking_id=booking_id, now=now)


KEEP = """
    INSERT INTO scans (tenant_id, booking_id, place, at, mark, code, said, spot, state, reason, seen_at)
    SELECT %(tenant_id)s, booking_id, place, at, mark, code, said, spot, state, reason, %(now)s
    FROM unnest(
        %(booking_ids)b::text[], %(places)b::smallint[], %(ats)b::timestamptz[], %(marks)b::text[], %(codes)b::text[],
        %(saids)b::text[], %(spots)b::text[], %(states)b::text[], %(reasons)b::text[]
    ) AS told (booking_id, place, at, mark, code, said, spot, state, reason)
    ON CONFLICT (tenant_id, booking_id, place, at, mark) DO NOTHING
"""


def keep(conn: db.Conn, tenant_id: TenantId, told: Mapping[tuple[str, int], Sequence[Told]], *, now: datetime) -> int:
    """Keep scans, each once and for good; return how many are new."""
    every = [(key, scan) for key, scans in told.items() for scan in scans]
    if not every:
        return 0
    return db.run(
        conn,
        KEEP,
        tenant_id=tenant_id,
        now=now,
        booking_ids=[booking_id for (booking_id, _), _ in every],
        places=[place for (_, place), _ in every],
        ats=[scan.at for _, scan in every],
        marks=[scan.mark for _, scan in every],
        codes=[scan.code for _, scan in every],
        saids=[scan.said for _, scan in every],
        spots=[scan.spot for _, scan in every],
        states=[scan.state.value for _, scan in every],
        reasons=[scan.reason for _, scan in every],
    )


SCANS = """
    SELECT booking_id, place, at, code, said, spot, state, reason
    FROM scans
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
    ORDER BY at, seen_at, mark
"""


def scans(
    conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str]
) -> dict[tuple[str, int], list[Told]]:  # fmt: skip
    """Return the scans of bookings' boxes by box, each in the order of their times."""
    found: dict[tuple[str, int], list[Told]] = {}
    for row in db.rows(conn, SCANS, tenant_id=tenant_id, booking_ids=list(booking_ids)):
        key = row.pop("booking_id"), row.pop("place")
        told: db.Row = {**row, "state": State(row["state"])}
        found.setdefault(key, []).append(Told(**told))
    return found


@dataclass(frozen=True)
class News:
    """What a carrier told of a box, weighed: where it is now, and when it is asked about next (None: no more)."""

    state: State
    reason: str | None
    last_scan_at: datetime | None
    delivered_on: date | None
    stored_until: date | None
    partner: str | None
    due_at: datetime | None


TELL = f"""
    UPDATE tracked
    SET state = %(state)s,
        reason = %(reason)s,
        state_since = CASE WHEN state = %(state)s THEN state_since ELSE %(now)s END,
        last_scan_at = %(last_scan_at)s,
        delivered_on = %(delivered_on)s,
        stored_until = %(stored_until)s,
        partner = %(partner)s,
        due_at = %(due_at)s,
        since = %(due_at)s,
        tries = 0,
        claim = NULL,
        polled_at = %(now)s,
        final_at = CASE WHEN %(is_final)s THEN coalesce(final_at, %(now)s) END,
        stopped_at = CASE
            WHEN NOT %(is_final)s AND %(due_at)s::timestamptz IS NULL THEN coalesce(stopped_at, %(now)s::timestamptz)
        END
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND place = %(place)s
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def tell(
    conn: db.Conn, tenant_id: TenantId, box: Followed, news: News, *, is_final: bool, now: datetime
) -> Followed | None:
    """Write down where a box is; None: nobody follows it."""
    row = db.one(
        conn,
        TELL,
        tenant_id=tenant_id,
        booking_id=box.booking_id,
        place=box.place,
        state=news.state.value,
        reason=news.reason,
        last_scan_at=news.last_scan_at,
        delivered_on=news.delivered_on,
        stored_until=news.stored_until,
        partner=news.partner,
        due_at=news.due_at,
        is_final=is_final,
        now=now,
    )
    return followed(row) if row else None


GOODS_BACK = f"""
    UPDATE tracked
    SET goods_back_at = %(now)s, goods_back_by = %(by)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND state <> 'cancelled'
      AND goods_back_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def goods_back(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, by: str, now: datetime) -> list[Followed]:
    """Note that the warehouse has the goods of a booking again; [] where it said so before, or of what nobody knows."""
    return [
        followed(row) for row in db.rows(conn, GOODS_BACK, tenant_id=tenant_id, booking_id=booking_id, by=by, now=now)
    ]


FORGET_WORDS = """
    UPDATE scans
    SET said = NULL, spot = NULL
    WHERE tenant_id = %(tenant_id)s
      AND (booking_id, place, at, mark) IN (
          SELECT booking_id, place, at, mark
          FROM scans
          WHERE tenant_id = %(tenant_id)s
            AND seen_at < %(before)s
            AND (said IS NOT NULL OR spot IS NOT NULL)
          LIMIT %(most)s
      )
"""


def forget_words(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Drop what carriers said in words of scans seen before then, some of them: it may name somebody."""
    return db.run(conn, FORGET_WORDS, tenant_id=tenant_id, before=before, most=most)
