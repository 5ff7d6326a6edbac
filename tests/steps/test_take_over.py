"""A page is taken over with its journal, and what it lacks is judged with care."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from service import catalog, journal, orders
from service.journal import Entry, Kind
from service.kit.mirroring import Counts, State
from service.steps import take_over
from tests.shop_items import NOON, at, order, page, product, raw_order

SHOP = "t_one"


def take(conn, *items, began: float) -> take_over.Outcome:
    return take_over.take_over(conn, SHOP, items, read_at=at(began), source="event", now=at(began + 1))


def judge(conn, asked: Mapping[str, datetime], *items, began: float, **answer: Any) -> take_over.Absent:
    told = page(items, began=began, **answer)
    take(conn, *items, began=began)
    return take_over.judge_absent(conn, SHOP, asked, told, read_at=at(began), now=at(began + 1))


def told(*numbers: str, since: float = 0) -> dict[str, datetime]:
    return dict.fromkeys(numbers, at(since))


def history(conn, number: str | None = "O1") -> list[Kind]:
    return [entry.kind for entry in journal.timeline(conn, SHOP, number)] if number else tenant_history(conn)


def tenant_history(conn) -> list[Kind]:
    found = conn.execute("SELECT kind FROM journal WHERE order_number IS NULL ORDER BY journal_id").fetchall()
    return [Kind(row["kind"]) for row in found]


def state(conn, number: str = "O1") -> State:
    found = orders.one(conn, SHOP, number)
    assert found
    return found.state


def test_each_order_of_a_page_is_written_down_with_what_it_meant(conn) -> None:
    take(conn, order("O1"), order("O2", changed=9.5), began=10)

    outcome = take(conn, order("O1", changed=20, status_id=7, internal_note="call Eva"), order("O2"), began=30)

    assert outcome == take_over.Outcome(new=0, changed=1, revived=0, same=0, stale=1, unsettled=[], differed=["O1"])
    assert journal.timeline(conn, SHOP, "O1") == [
        Entry(at(11), Kind.NEW, "O1", {"source": "event", "last_update_time": NOON.isoformat()}),
        Entry(
            at(31),
            Kind.CHANGED,
            "O1",
            {
                "source": "event",
                "last_update_time": at(20).isoformat(),
                "changes": {"status_id": [1, 7]},
                "also": ["internal_note"],
            },
        ),
    ]
    assert journal.timeline(conn, SHOP, "O2")[-1].detail["stale"] is True


def test_no_personal_value_gets_into_the_journal(conn) -> None:
    take(conn, order("O1"), began=10)
    moved = raw_order("O1", changed=20, internal_note="call Eva", variable_symbol="77")
    moved["customer"] = {key: f"secret {key}" for key in moved["customer"]}
    moved["shipment"] |= {"affiliate_id": "secret point", "affiliate_name": "secret name"}
    take(conn, order("O1").read(moved), began=30)

    (row,) = conn.execute("SELECT detail::text AS detail FROM journal WHERE kind = 'changed'").fetchall()

    assert "customer.email" in row["detail"]
    assert "secret" not in row["detail"]
    assert "Eva" not in row["detail"]


def test_a_read_close_after_a_change_is_to_be_repeated(conn) -> None:
    assert take(conn, order("O1", changed=10), order("O2"), began=11).unsettled == ["O1"]


def test_mirror_and_journal_are_one_transaction(db) -> None:
    with db.tx(SHOP) as conn:
        take(conn, order("O1"), began=10)
        conn.execute("ROLLBACK AND CHAIN")

    with db.tx(SHOP) as conn:
        assert orders.one(conn, SHOP, "O1") is None
        assert history(conn) == []


def test_an_order_a_witnessed_answer_lacks_is_held_and_looked_at_again(conn) -> None:
    take(conn, order("O1"), order("W"), began=10)

    absent = judge(conn, told("O1"), order("W"), began=60)

    assert (absent.doubt, dict(absent.again)) == (None, {"O1": at(360)})
    assert state(conn) is State.MISSING
    assert history(conn) == [Kind.NEW, Kind.MISSING]


def test_the_second_answer_that_lacks_it_proves_it_gone(conn) -> None:
    take(conn, order("O1"), order("W"), began=10)
    judge(conn, told("O1"), order("W"), began=60)

    absent = judge(conn, told("O1"), order("W"), began=360)

    assert absent.again == {}
    assert history(conn) == [Kind.NEW, Kind.MISSING, Kind.DELETED]


def test_a_told_deletion_is_proven_by_one_answer(conn) -> None:
    take(conn, order("O1"), order("W"), began=10)
    orders.delete_told(conn, SHOP, told("O1", since=50))

    assert judge(conn, told("O1", since=50), order("W"), began=60).again == {}
    assert state(conn) is State.DELETED


def test_a_restored_order_lives_again(conn) -> None:
    take(conn, order("O1"), order("W"), began=10)
    orders.delete_told(conn, SHOP, told("O1", since=50))
    judge(conn, told("O1", since=50), order("W"), began=60)

    judge(conn, told("O1"), order("O1"), began=70)

    assert state(conn) is State.LIVE
    assert history(conn)[-1] is Kind.REVIVED


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ({"complete": False}, ["W"]),
        ({"complete": False}, []),
        ({}, []),
        ({"pages": 2}, ["W"]),
        ({"unread": ["W"]}, []),
    ],
    ids=str,
)
def test_an_answer_without_proof_holds_nothing_and_is_asked_again(conn, answer: dict, items: list[str]) -> None:
    take(conn, order("O1"), order("W"), began=10)
    orders.delete_told(conn, SHOP, told("O1", since=50))

    for began in (60, 400, 800):
        absent = judge(conn, told("O1", since=50), *map(order, items), began=began, **answer)
        assert absent.doubt
        assert min(absent.again.values()) >= at(began + 31)

    assert state(conn) is State.MISSING  # the word of the shop stops the dispatch, but is no proof
    assert state(conn, "W") is State.LIVE


def test_a_hundred_bad_answers_kill_nobody(conn) -> None:
    numbers = [f"O{number}" for number in range(10)]
    take(conn, *map(order, numbers), began=10)

    for place in range(100):
        bad = [{"complete": False}, {}, {"pages": 3}][place % 3]
        judge(conn, told(*numbers), began=60 + 400 * place, **bad)

    assert orders.counts(conn, SHOP).live == 10
    assert set(tenant_history(conn)) == {Kind.PROBLEM}


def test_what_no_answer_proves_is_asked_for_less_and_less_often(conn) -> None:
    waits = [
        judge(conn, told("O1", since=0), began=began).again["O1"] - at(began + 1)
        for began in (1, 1_000, 10_000, 900_000)
    ]

    assert waits == [timedelta(seconds=30), timedelta(seconds=1_001), timedelta(seconds=10_001), timedelta(days=1)]


def test_many_orders_missing_at_once_are_a_problem_and_no_proof(conn) -> None:
    numbers = [f"O{number}" for number in range(20)]
    take(conn, *map(order, numbers), began=10)

    absent = judge(conn, told(*numbers), *map(order, numbers[3:]), began=60)

    assert absent.doubt == "3 of 20 are missing at once, and the shop did not tell that they were deleted"
    assert absent.again == told("O0", "O1", "O2", since=122)
    assert orders.counts(conn, SHOP).live == 20
    assert tenant_history(conn) == [Kind.PROBLEM]


def test_many_orders_that_no_answer_has_shown_for_an_hour_are_held_and_then_deleted(conn) -> None:
    numbers = [f"O{number}" for number in range(20)]
    take(conn, *map(order, numbers), began=10)

    for began in (60, 400, 3_659):
        assert judge(conn, told(*numbers), *map(order, numbers[3:]), began=began).doubt
        assert orders.counts(conn, SHOP).live == 20
    assert judge(conn, told(*numbers), *map(order, numbers[3:]), began=3_660).again == told(
        "O0", "O1", "O2", since=3_960
    )
    assert orders.counts(conn, SHOP) == Counts(live=17, missing=3)
    assert judge(conn, told(*numbers), *map(order, numbers[3:]), began=3_960).again == {}

    assert orders.counts(conn, SHOP).deleted == 3
    assert history(conn, "O0")[-1] is Kind.DELETED


def test_one_answer_that_shows_them_begins_the_hour_anew(conn) -> None:
    numbers = [f"O{number}" for number in range(20)]
    take(conn, *map(order, numbers), began=10)
    judge(conn, told(*numbers), *map(order, numbers[3:]), began=60)
    take(conn, *map(order, numbers), began=2_000)

    assert judge(conn, told(*numbers), *map(order, numbers[3:]), began=3_700).doubt
    assert orders.counts(conn, SHOP).live == 20


def test_more_that_are_missing_for_a_moment_only_are_doubted_beside_those_an_hour_old(conn) -> None:
    numbers = [f"O{number}" for number in range(20)]
    take(conn, *map(order, numbers), began=10)
    judge(conn, told(*numbers), *map(order, numbers[3:]), began=60)

    assert judge(conn, told(*numbers), *map(order, numbers[6:]), began=3_700).doubt
    assert judge(conn, told(*numbers), *map(order, numbers[4:]), began=3_701).doubt is None
    assert orders.counts(conn, SHOP) == Counts(live=16, missing=4)


def test_of_many_that_come_back_the_last_ones_are_held_and_not_dead(conn) -> None:
    numbers = [f"O{number}" for number in range(20)]
    take(conn, *map(order, numbers), began=10)
    assert judge(conn, told(*numbers), *map(order, numbers[15:]), began=60).doubt

    judge(conn, told(*numbers), *map(order, numbers[1:]), began=400)

    assert orders.counts(conn, SHOP) == Counts(live=19, missing=1)


def test_many_orders_whose_deletion_was_told_are_no_problem(conn) -> None:
    numbers = [f"O{number}" for number in range(20)]
    take(conn, *map(order, numbers), began=10)
    orders.delete_told(conn, SHOP, told(*numbers[:15], since=50))

    assert judge(conn, told(*numbers), *map(order, numbers[15:]), began=60).doubt is None
    assert orders.counts(conn, SHOP).deleted == 15


@pytest.mark.parametrize(("asked", "missing"), [(100, 5), (3, 2), (20, 1)])
def test_a_few_missing_orders_are_no_problem(conn, asked: int, missing: int) -> None:
    numbers = [f"O{number}" for number in range(asked)]
    take(conn, *map(order, numbers), began=10)

    assert judge(conn, told(*numbers), *map(order, numbers[missing:]), began=60).doubt is None
    assert orders.counts(conn, SHOP).missing == missing


def test_the_held_are_no_surprise_the_second_time(conn) -> None:
    numbers = [f"O{number}" for number in range(100)]
    take(conn, *map(order, numbers), began=10)
    judge(conn, told(*numbers), *map(order, numbers[5:]), began=60)

    assert judge(conn, told(*numbers[:5]), *map(order, numbers[5:7]), began=400).doubt is None
    assert orders.counts(conn, SHOP).deleted == 5


def test_an_order_that_could_not_be_read_is_not_missing(conn) -> None:
    take(conn, order("O1"), order("W"), began=10)

    assert judge(conn, told("O1"), order("W"), began=60, unread=["O1"]) == take_over.Absent()
    assert state(conn) is State.LIVE


def test_an_order_never_seen_gets_one_more_look_and_no_row(conn) -> None:
    take(conn, order("W"), began=10)

    assert judge(conn, told("new", since=59), order("W"), began=60).again == {"new": at(359)}
    assert judge(conn, told("new", since=59), order("W"), began=360).again == {}
    assert orders.one(conn, SHOP, "new") is None


def test_products_are_taken_over_with_one_row_for_a_page(conn) -> None:
    many = [product(number) for number in range(1, 41)]
    outcome = take_over.take_over_products(conn, SHOP, many, read_at=at(1), now=at(2))
    take_over.take_over_products(conn, SHOP, many, read_at=at(3), now=at(4))

    assert (outcome.new, outcome.unsettled[:2]) == (40, ["1", "2"])
    (row,) = conn.execute("SELECT kind, detail FROM journal").fetchall()
    assert row == {"kind": "products", "detail": {"read": 40, "new": list(range(1, 41))}}


def test_products_are_judged_by_the_same_rules(conn) -> None:
    take_over.take_over_products(conn, SHOP, [product(1), product(2)], read_at=at(10), now=at(10))
    asked = {1: at(50)}

    empty = take_over.judge_absent_products(conn, SHOP, asked, page([]), read_at=at(60), now=at(60))
    proof = take_over.judge_absent_products(conn, SHOP, asked, page([product(2)]), read_at=at(70), now=at(70))

    assert (bool(empty.doubt), dict(empty.again)) == (True, {"1": at(90)})
    assert (proof.doubt, dict(proof.again)) == (None, {"1": at(370)})
    assert catalog.live(conn, SHOP, [1, 2]) == {2}
    assert tenant_history(conn) == [Kind.PRODUCTS, Kind.PROBLEM, Kind.PRODUCTS]


def test_many_products_that_no_answer_has_shown_for_an_hour_are_held_and_then_deleted(conn) -> None:
    many = [product(number) for number in range(1, 9)]
    take_over.take_over_products(conn, SHOP, many, read_at=at(10), now=at(10))
    asked = {number: at(50) for number in range(1, 5)}

    def judged(began: float) -> take_over.Absent:
        return take_over.judge_absent_products(conn, SHOP, asked, page(many[4:]), read_at=at(began), now=at(began))

    assert judged(60).doubt
    assert catalog.counts(conn, SHOP).live == 8
    assert judged(3_660).doubt is None
    assert catalog.counts(conn, SHOP) == Counts(live=4, missing=4)
    assert judged(3_960).doubt is None
    assert catalog.counts(conn, SHOP) == Counts(live=4, deleted=4)


def test_what_could_not_be_read_is_written_down_with_its_reason(conn) -> None:
    take_over.write_unread(conn, SHOP, page([order("O1")], unread=["O2"]), now=NOON)
    take_over.write_unread(conn, SHOP, page([order("O1")]), now=NOON)

    (row,) = conn.execute("SELECT kind, detail FROM journal").fetchall()
    assert row == {
        "kind": "unreadable",
        "detail": {"set_aside": 1, "why": ["order_number 'O2': status_id int_parsing"]},
    }
