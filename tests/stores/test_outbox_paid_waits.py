"""The day of a payment waits until its order was read: its merchant may have entered his own."""

from datetime import date

import pytest

from service import inbox
from service.lanes import Lane
from service.platform.shapes import OrderUpdate
from tests.stores.outbox_bench import SENT, SHOP, YES, after, claim, go_live, mirror, record, row, want

DAY = date(2026, 3, 9)


@pytest.fixture
def conn(db):
    with db.tx(SHOP) as opened:
        go_live(opened)
        yield opened


def news(conn, *, at: float, due: float) -> None:
    """Let an order have changed in a way that is read when it suits."""
    told = [inbox.Hint("O1", urgent=False, due_at=after(due))]
    inbox.hint(conn, SHOP, Lane.REFRESH_ORDERS, told, now=after(at))


def test_a_payment_waits_for_what_is_still_to_be_read_of_its_order_and_a_status_does_not_wait_for_it(conn) -> None:
    mirror(conn, at=0)
    want(conn, "O1", paid_date=DAY)
    news(conn, at=1, due=1_800)

    claimed = claim(conn)
    assert claimed.updates == [OrderUpdate("O1", SENT, "A", None)]
    record(conn, claimed, O1=YES)
    assert claim(conn, 100).updates == []
    assert row(conn).due_at == after(1_800)
    inbox.forget(conn, SHOP)

    mirror(conn, at=200, status_id=SENT, tracking_code="A")
    assert claim(conn, 201).updates == [OrderUpdate("O1", None, None, DAY)]


def test_a_day_its_merchant_entered_meanwhile_is_not_written_over(conn) -> None:
    mirror(conn, at=0, status_id=SENT, tracking_code="A")
    want(conn, "O1", paid_date=DAY)
    news(conn, at=1, due=1_800)
    assert claim(conn, 2).updates == []
    inbox.forget(conn, SHOP)

    mirror(conn, at=200, status_id=SENT, tracking_code="A", paid_date="2026-03-01T08:00:00+01:00")

    assert claim(conn, 2_000).updates == []
    assert row(conn).due_at is None


def test_news_that_is_late_is_looked_for_at_the_pace_of_the_shop(conn) -> None:
    mirror(conn, at=0, status_id=SENT, tracking_code="A")
    want(conn, "O1", paid_date=DAY)
    news(conn, at=1, due=2)

    assert claim(conn, 100).updates == []

    assert row(conn).due_at == after(160)
