"""Money is listed and counted by how it stands, and every way of standing is the one that is decided."""

from datetime import timedelta
from itertools import product
from typing import get_args

from service.tracking import Paid, payments
from tests.lifecycle import START

TODAY = START.date()
INSERT = """
    INSERT INTO cod_payments (tenant_id, booking_id, contract_id, carrier, order_number, amount_minor, currency,
        variable_symbol, due_on, paid_on, paid_minor, paid_currency, over_at, entered_at)
    VALUES ('t_one', %(booking_id)s, 'k_one', 'gls', 'O1', 100, 'CZK', '1', %(due)s, %(on)s, %(minor)s, %(currency)s,
        %(over)s, %(now)s)
"""


def fill(conn) -> None:
    """Enter money in every way it can be known."""
    dues = (None, *(TODAY + timedelta(days=days) for days in (-1, 0, 1)))
    paid = ((None, None), (100, "CZK"), (99, "CZK"), (100, "EUR"))
    ways = [*product(dues, (TODAY,), paid, (None, START)), *product(dues, (None,), paid[:1], (None, START))]
    for place, (due, on, (minor, currency), over) in enumerate(ways):
        told = {"due": due, "on": on, "minor": minor, "currency": currency, "over": over, "now": START}
        conn.execute(INSERT, {"booking_id": f"b_{place}", **told})


def test_what_is_listed_and_counted_stands_as_it_is_decided(db) -> None:
    with db.tx("t_one") as conn:
        fill(conn)
        listed = {stands: payments.listed(conn, "t_one", stands, today=TODAY, most=100) for stands in get_args(Paid)}
        counted = payments.counted(conn, "t_one", today=TODAY)

    assert [(stands, {each.stands(TODAY) for each in found}) for stands, found in listed.items()] == [
        (stands, {stands}) for stands in get_args(Paid)
    ]
    assert {stands: len(found) for stands, found in listed.items()} == counted
    assert sum(counted.values()) == 40


def test_the_list_goes_on_where_a_part_of_it_ended(db) -> None:
    with db.tx("t_one") as conn:
        fill(conn)
        parts = [payments.listed(conn, "t_one", "paid", today=TODAY, most=5, after=after) for after in (0, 5, 10, 15)]
        whole = payments.listed(conn, "t_one", "paid", today=TODAY, most=100)

    assert [each for part in parts for each in part] == whole
