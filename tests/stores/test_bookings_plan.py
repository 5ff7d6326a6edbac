"""The lists of labels for people read what is open by an index, not all that a shop ever sent."""

from service.bookings import shown

FILL = """
    INSERT INTO bookings (tenant_id, booking_id, shipment_id, order_number, contract_id, carrier, service, boxes,
        position, booked_at, label_at, handed_at, created_at, changed_at)
    SELECT 't_one', 'b_' || n, 's_' || n, 'O' || n, 'k_one', 'gls', 'home', 1, n, at, at,
        CASE WHEN n > 20 THEN at END, at, at
    FROM generate_series(1, 5000) AS n
    CROSS JOIN (SELECT timestamptz '2026-03-01Z' AS at) AS day
"""

INDEXES = ("bookings_not_done", "bookings_unhanded", "bookings_due")
LISTS = (shown.COUNTS, shown.PARKED, shown.UNDER_WAY, shown.PRINTABLE, shown.UNBOOKED)


def test_what_is_open_is_found_through_an_index(db) -> None:
    with db.tx("t_one") as conn:
        conn.execute(FILL)
        asked = {"tenant_id": "t_one", "most": 20, "skip": 0}
        plans = [str(conn.execute("EXPLAIN " + statement, asked).fetchall()) for statement in LISTS]

    assert [any(index in plan for index in INDEXES) for plan in plans] == [True] * len(LISTS)
