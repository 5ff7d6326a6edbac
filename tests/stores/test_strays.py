"""The migration that tells parcels no label has apart from labels that were not taken back, there and back again."""

from pathlib import Path

import psycopg

from service.db import migrate

FILE = Path(migrate.__file__).parent / "migrations/pre/20261130101300_strays.sql"
UP, DOWN = FILE.read_text().split("-- migrate:down")
OLD = """
    INSERT INTO problems (tenant_id, cause, order_number, detail, first_at, last_at)
    VALUES ('t_strays', 'label_not_taken_back', 'both', '{"carrier": "ppl", "numbers": ["41", "42"]}', now(), now()),
        ('t_strays', 'label_not_taken_back', 'stray', '{"carrier": "gls", "numbers": ["7"]}', now(), now())
"""
LABEL = """
    INSERT INTO bookings (tenant_id, booking_id, shipment_id, order_number, contract_id, carrier, service, boxes,
        position, parked, created_at, changed_at)
    VALUES ('t_strays', 'b_1', 's_1', 'both', 'c_1', 'ppl', 'parcel', 1, 1, 'not_taken_back', now(), now())
"""
OPEN = """
    SELECT order_number, cause, detail -> 'numbers'
    FROM problems
    WHERE tenant_id = 't_strays' AND closed_at IS NULL
    ORDER BY order_number, cause
"""


def test_of_an_order_with_both_both_are_told_and_they_are_one_again_on_the_way_back(database) -> None:
    with psycopg.connect(database.admin_url) as conn:
        for each in (OLD, LABEL, UP):
            conn.execute(each)
        told = conn.execute(OPEN).fetchall()
        conn.execute(DOWN)
        before = conn.execute(OPEN).fetchall()
        conn.rollback()

    assert told == [
        ("both", "label_not_taken_back", None),
        ("both", "parcel_stray", {"41": "ppl", "42": "ppl"}),
        ("stray", "parcel_stray", {"7": "gls"}),
    ]
    assert before == [
        ("both", "label_not_taken_back", ["41", "42"]),
        ("stray", "label_not_taken_back", ["7"]),
    ]
