"""Orders that do not move are found where they stand, each with its age and its reason, and nothing else is."""

from collections.abc import Mapping
from datetime import date, datetime

import pytest

from service import accounts, mappings, offers, orders, outbox, shipments, tenants
from service.accounts import Kind, Person
from service.db import Conn
from service.offers import Reason
from service.outbox import Heap, Stuck, Where
from service.shipments import Draft
from service.steps import watching
from tests.shop_items import at, order
from tests.stores.outbox_bench import BASE, NOW, SENT, SHOP, after, claim, go_live, mirror, send, want

LATER = at(10**6)
PAID_AT = "2026-03-01T11:30:00+00:00"


@pytest.fixture
def live(conn: Conn) -> Conn:
    conn.execute(
        "INSERT INTO tenants (tenant_id, token, state, api_url, doubted, installed_at)"
        " VALUES (%s, 'shop-1', 'active', 'https://shop.example.com', false, %s)",
        [SHOP, NOW],
    )
    tenants.ship_from(conn, SHOP, account_id=accounts.create(conn, Kind.WAREHOUSE, Person("Depot"), now=NOW))
    go_live(conn)
    return conn


def offered(conn: Conn, number: str, reason: Reason | None = None, *, when: float = 20, **fields: object) -> None:
    orders.mirror(conn, SHOP, [order(number, **fields)], read_at=at(10), source="event")
    moved = offers.move(offers.known(conn, SHOP, [number]).get(number), reason, (), number=number)
    assert moved
    offers.put(conn, SHOP, [moved], now=at(when))


def stuck(conn: Conn, *, before: datetime = LATER, most: int = 100) -> dict[Where, Heap]:
    acks = accounts.has_wms(conn, SHOP)
    return outbox.stuck(conn, SHOP, before=before, now=LATER, acks=acks, most=most)


def listed(conn: Conn, where: Where) -> list[tuple[str, str | None]]:
    heap = stuck(conn).get(where)
    return [(each.order_number, each.why) for each in heap.oldest] if heap else []


def test_nothing_stands_still_where_there_is_nothing(live) -> None:
    assert stuck(live) == {}


def test_what_is_paid_and_held_is_stuck_since_it_was_paid(live) -> None:
    offered(live, "O1", Reason.STATUS, paid_date=PAID_AT)
    offered(live, "O2", Reason.STATUS, paid_date=None)

    assert stuck(live) == {Where.HELD: Heap(1, at(-1800), [Stuck("O1", at(-1800), "status")])}


@pytest.mark.parametrize("reason", [*Reason])
def test_what_is_held_because_it_may_not_leave_at_all_is_not_stuck(live, reason) -> None:
    offered(live, "O1", reason, paid_date=PAID_AT)
    stays = {Reason.STATUS, Reason.UNPAID, Reason.MISSING, Reason.NO_MAPPING, Reason.AGED}

    if reason in stays:
        assert listed(live, Where.HELD) == [("O1", reason.value)]
    elif reason not in (Reason.CHANGED, Reason.WITHDRAWN):  # reasons of a stop
        assert stuck(live) == {}


def test_what_the_shop_shows_in_a_status_of_ours_has_left(live) -> None:
    targets = {mappings.Milestone.SHIPPED: mappings.Target(SENT)}
    answers = mappings.Answers([BASE], targets, None, None, mappings.Tracking.FIRST, {})
    mappings.save(live, SHOP, answers, now=NOW)
    offered(live, "O1", Reason.STATUS, paid_date=PAID_AT, status_id=SENT)
    offered(live, "O2", Reason.STATUS, paid_date=PAID_AT, status_id=99)

    assert listed(live, Where.HELD) == [("O2", "status")]


def test_what_is_released_is_stuck_until_the_warehouse_has_this_revision(live) -> None:
    for number in ("O1", "O2"):
        offered(live, number, when=30)
    assert offers.ack(live, SHOP, "O2", revision=1)

    assert stuck(live) == {Where.UNACKED: Heap(1, at(30), [Stuck("O1", at(30), None)])}
    assert stuck(live, before=at(29)) == {}


def test_what_is_released_waits_for_no_acknowledgement_where_no_warehouse_reads_the_shop(live) -> None:
    offered(live, "O1")
    merchant = accounts.create(live, Kind.MERCHANT, Person("Merchant"), now=NOW)
    tenants.ship_from(live, SHOP, account_id=None)
    tenants.pair(live, SHOP, account_id=merchant)
    assert stuck(live) == {}

    token = accounts.add_token(live, merchant, label="WMS", now=NOW)
    assert listed(live, Where.UNACKED) == [("O1", None)]
    accounts.revoke(live, merchant, token_id=token.token_id, now=NOW)
    assert stuck(live) == {}


@pytest.mark.parametrize(
    ("step", "why"),
    [("wanted", "due"), ("waiting", "waits"), ("asked", "unclear"), ("sent", "sent"), ("parked", "parked")],
)
def test_what_was_shipped_is_stuck_until_the_shop_shows_it(live, step, why) -> None:
    orders.mirror(live, SHOP, [order("O1", status_id=BASE)], read_at=at(0), source="event")
    if step == "waiting":
        want(live, "O1", tracking_code=None, wait_until=after(10**7))
    else:
        want(live, "O1")
    if step == "asked":
        claim(live)
    if step == "sent":
        send(live)
    if step == "parked":
        live.execute("UPDATE outbox SET parked = 'the shop refuses it'")

    assert listed(live, Where.UNCONFIRMED) == [("O1", why)]


def test_what_the_shop_shows_is_not_stuck(live) -> None:
    want(live, "O1")
    send(live)
    mirror(live, at=5, status_id=SENT, tracking_code="A")

    assert stuck(live) == {}


def test_of_many_the_oldest_are_named_and_all_are_counted(live) -> None:
    for place in range(5):
        offered(live, f"O{place}", when=100 - place)

    heap = stuck(live, most=2)[Where.UNACKED]
    assert (heap.count, heap.newest, [each.order_number for each in heap.oldest]) == (5, at(100), ["O4", "O3"])


def test_a_shop_that_is_only_observed_and_another_shop_have_none(live) -> None:
    offered(live, "O1")
    assert outbox.stuck(live, "t_other", before=LATER, now=LATER, acks=True) == {}

    mappings.switch(live, SHOP, live_since=None)
    assert stuck(live) == {}


NEWS = pytest.mark.parametrize(
    "news", [{"status_id": 6, "milestone": "delivered"}, {"paid_date": date(2026, 3, 9)}], ids=["a milestone", "money"]
)


def became_something(conn: Conn, news: Mapping[str, object], *, went: bool) -> None:
    """Let a parcel leave and be shown, and become something days later, of which the shop was told or not yet."""
    shipments.add(conn, SHOP, [Draft("O1", (), final=True)], account_id="a_wms", now=NOW)
    want(conn, "O1")
    send(conn)
    mirror(conn, at=5, status_id=SENT, tracking_code="A")
    want(conn, "O1", at=500_000, **news)
    if went:
        send(conn, 500_001)


@NEWS
@pytest.mark.parametrize("went", [False, True])
def test_what_becomes_of_a_parcel_later_is_not_late_since_it_was_shipped(live, news, went) -> None:
    became_something(live, news, went=went)

    late = outbox.stuck(live, SHOP, before=after(500_000 - 1), now=after(500_002), acks=True)

    assert late == {}
    assert listed(live, Where.UNCONFIRMED) == [("O1", "sent" if went else "due")]


@NEWS
@pytest.mark.parametrize("went", [False, True])
def test_what_becomes_of_a_parcel_later_and_does_not_show_is_late_two_hours_after_it_went(live, news, went) -> None:
    became_something(live, news, went=went)

    now = after(500_001 + 3 * 3_600)
    late = outbox.stuck(live, SHOP, before=now - watching.LATE, now=now, acks=True)

    since = after(500_001 if went else 500_000)
    assert late[Where.UNCONFIRMED].oldest == [Stuck("O1", since, "sent" if went else "due")]
