"""Which labels are in a hand-over, and which a person has let go with one that came to nothing."""

from datetime import UTC, datetime

from service import handovers

FILL = """
    INSERT INTO handovers (tenant_id, handover_id, account_id, contract_id, carrier, booking_ids, shipment_ids, closes,
        refused, parked, created_at, changed_at)
    SELECT 't_one', 'h_' || n, 'a_one', 'k_one', 'balikobot',
        ARRAY(SELECT 'b_' || n || '_' || each FROM generate_series(1, 3) AS each), '{}', true, '[]',
        CASE WHEN n <= 2 THEN 'refused' END, at, at
    FROM generate_series(1, 60) AS n
    CROSS JOIN (SELECT timestamptz '2026-03-01Z' AS at) AS day
"""

# What a carrier refused holds its parcels no more.
HOLD = """
    INSERT INTO handed_bookings (tenant_id, booking_id, handover_id)
    SELECT tenant_id, unnest(booking_ids), handover_id
    FROM handovers
    WHERE parked IS NULL
"""


def test_a_label_is_held_by_its_last_hand_over_and_seen_to_by_one_that_came_to_nothing(db) -> None:
    begun, free = datetime(2026, 2, 28, tzinfo=UTC), [f"b_free_{each}" for each in range(3)]
    gone = ["b_1_1", "b_2_3"]
    with db.tx("t_one") as conn:
        conn.execute(FILL)
        conn.execute(HOLD)

        seen_to = handovers.seen_to(conn, "t_one", [*free, *gone, "b_60_3"], since=begun)
        held = handovers.held(conn, "t_one", [*free, *gone, "b_60_3"])

    assert (seen_to, held) == ({*gone, "b_60_3"}, {"b_60_3": "h_60"})
