"""Which labels are in no hand-over is found without holding each against every hand-over of a month."""

from datetime import UTC, datetime

from service import handovers

FILL = """
    INSERT INTO handovers (tenant_id, handover_id, account_id, contract_id, carrier, booking_ids, shipment_ids, closes,
        refused, parked, created_at, changed_at)
    SELECT 't_one', 'h_' || n, 'a_one', 'k_one', 'balikobot',
        ARRAY(SELECT 'b_' || n || '_' || each FROM generate_series(1, 300) AS each), '{}', true, '[]',
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


def test_thousands_of_labels_are_looked_for_in_sixty_hand_overs_at_once(db) -> None:
    begun, free = datetime(2026, 2, 28, tzinfo=UTC), [f"b_free_{each}" for each in range(5_000)]
    gone = ["b_1_1", "b_2_300"]
    with db.tx("t_one") as conn:
        conn.execute(FILL)
        conn.execute(HOLD)
        conn.execute("SET LOCAL statement_timeout = 250")  # arrays held against each other take three times that

        seen_to = handovers.seen_to(conn, "t_one", [*free, *gone, "b_60_300"], since=begun)
        held = handovers.held(conn, "t_one", [*free, *gone, "b_60_300"])

    assert (seen_to, held) == ({*gone, "b_60_300"}, {"b_60_300": "h_60"})
