"""The mirror of orders: the newest content wins whatever the order of answers, and only proof kills an order."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import orders
from service.db import Database
from service.kit import mirroring
from service.kit.mirroring import Counts, Presence, Read, State
from tests.shop_items import at, order, raw_order

SHOP = "t_one"
tenants = (f"t_{number}" for number in count())


@pytest.fixture
def steady_db(database) -> Iterator[Database]:
    """A pool that is complete: making a connection draws random jitter, and hypothesis blames the strategy for it."""
    opened = Database(database.url, size=1)
    opened.open()
    with opened.tx(SHOP):
        pass
    yield opened
    opened.close()


def read(conn, *page, began: float, tenant: str = SHOP) -> list[orders.Taken]:
    return orders.mirror(conn, tenant, page, read_at=at(began), source="event")


def lack(conn, number: str, *, began: float, tenant: str = SHOP) -> str:
    (gone,) = orders.missing(conn, tenant, [number], read_at=at(began), now=at(began))
    return gone.became


def kept(conn, number: str = "O1", tenant: str = SHOP) -> orders.Mirrored:
    found = orders.one(conn, tenant, number)
    assert found
    return found


def test_an_order_is_kept_as_it_came(conn) -> None:
    came = raw_order("O1", paid_date="2026-02-01T08:00:00+01:00", tracking_code="Z1", metas=[{"value": None}])

    (taken,) = read(conn, orders_read(came), began=60)

    mirrored = kept(conn)
    assert taken.what == "new"
    assert mirrored.content == came
    assert (mirrored.status_id, mirrored.tracking_code) == (1, "Z1")
    assert mirrored.paid_date == datetime(2026, 2, 1, 7, tzinfo=UTC)
    assert (mirrored.read_at, mirrored.first_read_at, mirrored.source) == (at(60), at(60), "event")


def orders_read(raw: dict):
    return order(raw["order_number"]).read(raw)


def test_a_newer_read_takes_over(conn) -> None:
    read(conn, order("O1", status_id=1), began=10)

    (taken,) = read(conn, order("O1", changed=20, status_id=7), began=30)

    assert (taken.what, taken.changes) == ("changed", {"status_id": (1, 7)})
    assert kept(conn).status_id == 7
    assert kept(conn).first_read_at == at(10)


def test_what_is_personal_is_named_and_not_shown(conn) -> None:
    before, after = raw_order("O1"), raw_order("O1", changed=20, order_total=1400.5, products=[])
    after["customer"] = before["customer"] | {"phone": "+420 777 123 456", "street_postal": "Krátká 2"}
    after["shipment"] = before["shipment"] | {"id": 9, "affiliate_id": "point-17"}
    read(conn, orders_read(before), began=10)

    (taken,) = read(conn, orders_read(after), began=30)

    assert taken.changes == {
        "customer.phone": (None, None),
        "customer.street_postal": (None, None),
        "order_total": (1299, 1400.5),
        "products": (2, 0),
        "shipment.affiliate_id": (None, None),
        "shipment.id": (3, 9),
    }


@pytest.mark.parametrize(
    "unseen",
    [
        {"resolved_yn": True},
        {"status": "Received"},
        {"tracking_code": ""},
        {"order_total": 1299},
        {"prices_with_vat_yn": "1"},
        {"attachments": None},
        {"dimensions": {"width": None}},
    ],
    ids=str,
)
def test_what_the_warehouse_does_not_see_is_kept_but_moves_no_feed(conn, unseen: dict) -> None:
    read(conn, order("O1"), began=10)
    position = kept(conn).position

    (taken,) = read(conn, order("O1", changed=20, **unseen), began=30)

    assert (taken.what, taken.changes) == ("same", {})
    assert kept(conn).content == raw_order("O1", changed=20, **unseen)
    assert kept(conn).position == position


def test_a_read_that_began_earlier_is_stale(conn) -> None:
    read(conn, order("O1", status_id=2), began=10)

    (taken,) = read(conn, order("O1", status_id=1), began=9)

    assert (taken.what, taken.changes) == ("stale", {})
    assert kept(conn).status_id == 2


def test_a_slow_read_may_begin_first_and_still_bring_the_newer_content(conn) -> None:
    read(conn, order("O1", changed=0, status_id=1), began=20)

    (taken,) = read(conn, order("O1", changed=21, status_id=2), began=19)

    assert taken.what == "changed"
    assert kept(conn).status_id == 2


def test_the_same_answer_twice_changes_nothing(conn) -> None:
    read(conn, order("O1"), began=10)
    before = kept(conn)

    assert [taken.what for taken in read(conn, order("O1"), order("O1"), began=10)] == ["stale"]
    assert kept(conn) == before


@pytest.mark.parametrize(("began", "again"), [(0.5, True), (1.999, True), (2, False), (60, False)])
def test_a_read_close_after_the_change_is_looked_at_once_more(conn, began: float, again: bool) -> None:
    (taken,) = read(conn, order("O1", changed=0), began=began)

    assert taken.settle_again is again


def test_odd_text_does_not_hold_up_a_page(conn) -> None:
    odd = order("O1", internal_note="a\0b\ud800c", order_total=float("nan"))

    assert [taken.what for taken in read(conn, odd, order("O2"), began=10)] == ["new", "new"]
    assert kept(conn).content["internal_note"] == "a\ufffdb?c"


def test_an_event_of_a_deletion_holds_the_order_at_once(conn) -> None:
    read(conn, order("O1"), order("O2"), began=10)

    assert orders.delete_told(conn, SHOP, {"O1": at(20), "O9": at(20)}) == ["O1"]
    assert kept(conn).state is State.MISSING
    assert orders.statuses_of(conn, SHOP, ["O1", "O2", "O9"]) == {"O2": 1}
    assert orders.delete_told(conn, SHOP, {"O1": at(20)}) == []


def test_an_event_of_a_deletion_is_older_than_a_read_that_shows_the_order(conn) -> None:
    read(conn, order("O1"), began=30)

    assert orders.delete_told(conn, SHOP, {"O1": at(20)}) == []
    assert kept(conn).state is State.LIVE


@pytest.mark.parametrize(
    ("told", "answers", "became"),
    [
        (None, [20], "missing"),
        (None, [20, 319], "missing"),
        (None, [20, 320], "deleted"),
        (None, [320, 20], "deleted"),
        (15, [20], "deleted"),
        (25, [20], "missing"),
        (25, [20, 26], "deleted"),
        (None, [10], "stale"),
        (None, [5], "stale"),
        (15, [5], "stale"),
    ],
)
def test_only_proof_kills_an_order(conn, told: float | None, answers: list[float], became: str) -> None:
    read(conn, order("O1"), began=10)
    if told:
        orders.delete_told(conn, SHOP, {"O1": at(told)})

    assert [lack(conn, "O1", began=began) for began in answers][-1] == became


def test_what_is_missing_is_looked_at_again_when_that_can_decide(conn) -> None:
    read(conn, *map(order, ["O1", "O2", "O3", "O4"]), began=10)
    fast = {"O3": at(200), "O4": at(3_600)}  # told by a clock that was set back since: until then no answer is proof
    orders.delete_told(conn, SHOP, {"O2": at(25), **fast})

    gone = orders.missing(conn, SHOP, ["O1", "O2", "O3", "O4"], read_at=at(20), now=at(30))

    assert [each.look_again_at for each in gone] == [at(320), at(30), at(200), at(320)]
    assert [each.news for each in gone] == [True, False, False, False]


def test_a_number_never_mirrored_leaves_no_row(conn) -> None:
    assert lack(conn, "O9", began=20) == "unknown"
    assert orders.one(conn, SHOP, "O9") is None


def test_a_read_begun_after_the_deletion_revives(conn) -> None:
    read(conn, order("O1"), began=10)
    orders.delete_told(conn, SHOP, {"O1": at(15)})
    lack(conn, "O1", began=20)

    (taken,) = read(conn, order("O1"), began=21)

    assert taken.what == "revived"
    assert kept(conn).state is State.LIVE


def test_a_read_begun_before_the_deletion_does_not_revive(conn) -> None:
    read(conn, order("O1"), began=10)
    orders.delete_told(conn, SHOP, {"O1": at(15)})
    lack(conn, "O1", began=20)

    (taken,) = read(conn, order("O1", changed=12, status_id=5), began=14)

    assert (taken.what, kept(conn).status_id) == ("changed", 5)
    assert kept(conn).state is State.DELETED


def test_a_repeated_event_does_not_open_a_closed_case(conn) -> None:
    read(conn, order("O1"), began=10)
    orders.delete_told(conn, SHOP, {"O1": at(15)})
    lack(conn, "O1", began=20)

    assert orders.delete_told(conn, SHOP, {"O1": at(300)}) == []
    assert kept(conn).state is State.DELETED


@pytest.mark.parametrize("told_s", [60, 65], ids=["in the same moment", "by a clock that is ahead"])
def test_an_order_that_stays_held_though_a_read_shows_it_is_read_once_more(conn, told_s: float) -> None:
    read(conn, order("O1", changed=10), began=20)
    orders.delete_told(conn, SHOP, {"O1": at(told_s)})

    (held,) = read(conn, order("O1", changed=30), began=60)
    assert held.settle_again
    (revived,) = read(conn, order("O1", changed=30), began=70)
    assert (revived.what, revived.settle_again) == ("revived", False)


def test_the_feed_moves_when_an_order_is_held_killed_or_revived(conn) -> None:
    read(conn, order("O1"), order("O2"), began=10)
    positions = [kept(conn).position]
    orders.delete_told(conn, SHOP, {"O1": at(15)})
    positions.append(kept(conn).position)
    lack(conn, "O1", began=20)
    positions.append(kept(conn).position)
    read(conn, order("O1"), began=30)
    positions.append(kept(conn).position)

    assert positions == [1, 3, 4, 5]


def test_positions_follow_the_commits(db) -> None:
    with db.tx(SHOP) as first, db.tx(SHOP) as second:
        second.execute("SET LOCAL lock_timeout = '20ms'")
        read(first, order("O1"), began=10)

        with pytest.raises(psycopg.errors.LockNotAvailable), second.transaction():
            read(second, order("O2"), began=10)


def test_two_shops_do_not_wait_for_each_other(db) -> None:
    with db.tx(SHOP) as first, db.tx("t_two") as second:
        read(first, order("O1"), began=10)
        second.execute("SET LOCAL lock_timeout = '20ms'")
        read(second, order("O1"), began=10, tenant="t_two")

        assert kept(second, tenant="t_two").position == 1


def test_reads_of_the_same_orders_at_the_same_time_neither_deadlock_nor_lose(db) -> None:
    numbers = [f"O{number}" for number in range(40)]

    def take(turn: int) -> None:
        page = [order(number, changed=turn, status_id=turn) for number in numbers]
        with db.tx(SHOP) as conn:
            read(conn, *(page if turn % 2 else reversed(page)), began=100 + turn)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(12)))

    with db.tx(SHOP) as conn:
        mirrored = list(orders.stream(conn, SHOP))
    assert {each.status_id for each in mirrored} == {11}
    assert len({each.position for each in mirrored}) == 40


def test_witnesses_are_live_orders_that_were_not_asked_for(conn) -> None:
    for place, number in enumerate(["O1", "O2", "O3", "O4"]):
        read(conn, order(number), began=10 + place)
    orders.delete_told(conn, SHOP, {"O4": at(50)})

    assert orders.witnesses(conn, SHOP, besides=["O3"], separator=";", most=2) == ["O2", "O1"]
    assert orders.witnesses(conn, SHOP, besides=["O1", "O2", "O3"], separator=";", most=2) == []


def test_a_window_holds_both_its_ends(conn) -> None:
    read(conn, *(order(f"O{second}", created=second) for second in (1, 2, 3, 4)), began=10)
    orders.delete_told(conn, SHOP, {"O3": at(20)})
    window = {"since": at(2), "until": at(4)}

    assert orders.count_created_between(conn, SHOP, **window, shown_since=at(10), besides=[]) == 2
    assert orders.count_created_between(conn, SHOP, **window, shown_since=at(10), besides=["O4", "O9"]) == 1


def test_what_no_read_since_has_shown_is_not_counted_but_named(conn) -> None:
    read(conn, *(order(f"O{second}", created=second) for second in (1, 2, 3, 4)), began=10)
    read(conn, order("O3", created=3), began=11)
    window = {"since": at(2), "until": at(4)}

    assert orders.count_created_between(conn, SHOP, **window, shown_since=at(11), besides=[]) == 1
    assert orders.unshown_between(conn, SHOP, **window, shown_since=at(11)) == ["O2", "O4"]


def test_the_panel_counts_by_state(conn) -> None:
    read(conn, *(order(f"O{number}") for number in range(5)), began=10)
    orders.delete_told(conn, SHOP, {"O1": at(20), "O2": at(20)})
    lack(conn, "O2", began=30)

    assert orders.counts(conn, SHOP) == Counts(live=3, missing=1, deleted=1)


def test_five_thousand_statuses_come_by_one_query(conn) -> None:
    read(conn, *(order(f"O{number}") for number in range(100)), began=10)

    assert len(orders.statuses_of(conn, SHOP, [f"O{number}" for number in range(5_000)])) == 100


def test_an_order_number_may_hold_anything(conn) -> None:
    odd = "Ö/1 {2};'📦"
    read(conn, order(odd), began=10)

    assert kept(conn, odd).order_number == odd
    assert lack(conn, odd, began=20) == "missing"


# A shop changes at whole seconds or within them, and its stamp shows the second only. A read shows what was there at
# some moment between its begin and its answer.
moments = st.integers(0, 120).map(lambda quarter: quarter / 4)
changes = st.lists(moments, max_size=6).map(sorted)
spans = st.lists(st.tuples(moments, moments), min_size=1, max_size=8)


@st.composite
def shuffled(draw, things: Sequence):
    """Give the things in any order, some of them twice."""
    more = draw(st.lists(st.sampled_from(things), max_size=4)) if things else []
    return draw(st.permutations([*things, *more]))


@st.composite
def reads(draw, *, closing: bool):
    """Give (when it began, version shown, its stamp) of each read, shuffled and repeated.

    `closing`: one of them began two seconds after everything else.
    """
    changed = [0.0, *draw(changes)]
    seen = [(began, began + takes) for began, takes in draw(spans)]
    quiet = max([*changed, *(end for _, end in seen)]) + 2
    shown = []
    for began, end in [*seen, (quiet, quiet)] if closing else seen:
        version = sum(moment <= end for moment in changed)
        shown.append((began, version, int(changed[version - 1])))
    return draw(shuffled(shown))


@given(history=reads(closing=True))
def test_any_shuffle_of_reads_ends_in_the_newest_state(steady_db, history) -> None:
    tenant = next(tenants)
    with steady_db.tx(tenant) as conn:
        for began, version, stamp in history:
            read(conn, order("O1", changed=stamp, status_id=version), began=began, tenant=tenant)

        assert kept(conn, tenant=tenant).status_id == max(version for _, version, _ in history)


@given(history=reads(closing=False))
def test_a_mirror_that_is_behind_its_reads_asks_for_another_one(history) -> None:
    began, version, stamp = history[0]
    for read_ in history[1:]:
        if mirroring.takes_over(Read(at(began), at(stamp)), Read(at(read_[0]), at(read_[2]))):
            began, version, stamp = read_

    assert version == max(version for _, version, _ in history) or not mirroring.settles(Read(at(began), at(stamp)))


@st.composite
def lives(draw):
    """Give what is heard of an order that is deleted and restored: reads that show or lack it, and told deletions."""
    turns = draw(changes)  # the first deletes, the second restores, and so on
    heard: list[tuple[str, float]] = [("told", moment) for moment in turns[::2]]
    for began, takes in draw(spans):
        alive = sum(moment <= began + takes for moment in turns) % 2 == 0
        heard.append(("shown" if alive else draw(st.sampled_from(["lacking", "doubted"])), began))
    return draw(shuffled(heard)), len(turns) % 2 == 0


@given(history=lives(), apart=st.sampled_from([1.0, 300.0]))
def test_no_live_order_ends_dead_and_no_dead_one_live(steady_db, history, apart: float) -> None:
    heard, alive = history
    tenant = next(tenants)
    with steady_db.tx(tenant) as conn:
        read(conn, order("O1"), began=-1, tenant=tenant)
        for what, moment in [*heard, *[("shown" if alive else "lacking", 100 + wait) for wait in (0, apart)]]:
            if what == "shown":
                read(conn, order("O1"), began=moment, tenant=tenant)
            elif what == "lacking":
                lack(conn, "O1", began=moment, tenant=tenant)
            elif what == "doubted":
                orders.doubted(conn, tenant, ["O1"], read_at=at(moment))
            else:
                orders.delete_told(conn, tenant, {"O1": at(moment)})
            stored = conn.execute("SELECT state FROM orders WHERE tenant_id = %s", [tenant]).fetchone()
            assert stored == {"state": kept(conn, tenant=tenant).state.value}

        state = kept(conn, tenant=tenant).state
    assert state is State.LIVE if alive else state is not State.LIVE
    assert alive or apart < 300 or state is State.DELETED


RULES = {
    "shown": mirroring.shown,
    "lacking": mirroring.gone,
    "doubted": mirroring.doubted,
    "told": mirroring.told,
}


@given(rule=st.sampled_from([mirroring.doubted, mirroring.gone]), began=st.tuples(*[st.integers(0, 5)] * 2))
def test_whether_an_answer_that_lacks_it_or_one_that_shows_it_is_stored_first_is_the_same(rule, began) -> None:
    lacked, shown = map(at, began)
    presence = Presence(at(-1))

    assert mirroring.shown(rule(presence, lacked), shown) == rule(mirroring.shown(presence, shown), lacked)


@given(history=lives())
def test_a_read_after_everything_that_was_told_revives(history) -> None:
    presence = Presence(at(-1))
    for what, moment in history[0]:
        presence = RULES[what](presence, at(moment))

    assert mirroring.shown(presence, at(0) + timedelta(hours=1)).state is State.LIVE
