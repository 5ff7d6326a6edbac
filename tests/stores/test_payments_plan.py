"""A file of thousands of payments finds each by an index, which under row-level security no expression gives."""

from typing import Any, LiteralString

import pytest

from service.tracking import payments

FILL = """
    INSERT INTO tracked (tenant_id, booking_id, place, contract_id, carrier, number, order_number, shipment_id, state,
        state_since, first_at)
    SELECT 't_one', 'b_' || n, 1, 'k_one', 'gls', n::text, 'O' || n, 's_' || n, 'created', '2026-03-01Z', '2026-03-01Z'
    FROM generate_series(1, 5000) AS n
"""

CASES: list[tuple[LiteralString, dict[str, Any], str]] = [
    (payments.OF_NUMBER, {"numbers": ["1"]}, "number = ANY"),
    (payments.OF_SHIPMENTS, {"shipment_ids": ["s_1"]}, "shipment_id = ANY"),
    (payments.OF_SYMBOL, {"bare": "1"}, "bare_symbol = "),
]


@pytest.mark.parametrize(("statement", "asked", "condition"), CASES)
def test_a_payment_is_found_by_number_and_by_symbol_through_an_index(
    db, statement: LiteralString, asked: dict[str, Any], condition: str
) -> None:
    with db.tx("t_one") as conn:
        conn.execute(FILL)
        conn.execute("SET LOCAL enable_seqscan = off")
        plan = conn.execute("EXPLAIN " + statement, {"tenant_id": "t_one", "carrier": "gls", **asked}).fetchall()

    assert any("Index Cond" in str(row) and condition in str(row) for row in plan)
