"""One open row for each cause, counted up while it lasts, closed by itself."""

from service import problems
from service.problems import Cause
from tests.shop_items import at

SHOP = "t_one"


def note(conn, cause: Cause = Cause.WRITE_REFUSED, number: str | None = "O1", *, when: float = 0, **detail) -> None:
    problems.note(conn, SHOP, cause, now=at(when), order_number=number, detail=detail)


def test_the_same_cause_again_is_counted_and_tells_its_latest_detail(conn) -> None:
    note(conn, why="first")
    note(conn, when=5, why="second")

    [found] = problems.open_ones(conn, SHOP)
    assert (found.first_at, found.last_at, found.count, found.detail) == (at(0), at(5), 2, {"why": "second"})


def test_orders_and_causes_have_rows_of_their_own_and_so_has_the_shop(conn) -> None:
    note(conn, number="O1")
    note(conn, number="O2")
    note(conn, Cause.SILENT_DROP, "O1")
    note(conn, Cause.NO_ECHO, None)
    note(conn, Cause.NO_ECHO, None)

    assert [(each.cause, each.order_number, each.count) for each in problems.open_ones(conn, SHOP)] == [
        (Cause.WRITE_REFUSED, "O1", 1),
        (Cause.WRITE_REFUSED, "O2", 1),
        (Cause.SILENT_DROP, "O1", 1),
        (Cause.NO_ECHO, None, 2),
    ]


def test_what_is_over_is_closed_and_opens_anew_when_it_comes_back(conn) -> None:
    note(conn, number="O1")
    note(conn, number="O2")

    assert problems.settle(conn, SHOP, Cause.WRITE_REFUSED, now=at(1), order_numbers=["O1", "O9"]) == 1
    assert [each.order_number for each in problems.open_ones(conn, SHOP)] == ["O2"]

    note(conn, number="O1", when=2)
    assert [(each.order_number, each.first_at) for each in problems.open_ones(conn, SHOP)] == [
        ("O2", at(0)),
        ("O1", at(2)),
    ]
    assert problems.settle(conn, SHOP, Cause.WRITE_REFUSED, now=at(3)) == 2
    assert problems.open_ones(conn, SHOP) == []


def test_a_problem_of_the_whole_service_is_looked_for_among_open_ones_of_its_cause_alone(db) -> None:
    with db.tx_all("a test asks for a plan") as conn:
        conn.execute("SET LOCAL enable_seqscan = off")
        plan = conn.execute("EXPLAIN " + problems.OVER, {"cause": "channel_failing", "now": at(0)}).fetchall()

    assert "problems_cause" in str(plan)


def test_a_cause_of_a_newer_version_beside_us_is_left_to_that(conn) -> None:
    note(conn)
    note(conn, Cause.SILENT_DROP)
    conn.execute("UPDATE problems SET cause = 'of_tomorrow' WHERE cause = 'silent_drop'")

    assert [each.cause for each in problems.open_ones(conn, SHOP)] == [Cause.WRITE_REFUSED]
    assert {*problems.sizes(conn, SHOP)} == {*problems.counted(conn)} == {Cause.WRITE_REFUSED}
    assert [each.cause for each in problems.take_news(conn, SHOP)] == [Cause.WRITE_REFUSED]
    assert problems.in_hands(conn, SHOP) == set()
    assert problems.with_news(conn, now=at(9)) == [SHOP]
