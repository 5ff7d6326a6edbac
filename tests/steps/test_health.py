"""A lane is late when rows may be taken and nobody takes them; what waits for a known time is shown apart."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service import inbox
from service.inbox import Delivery
from service.lanes import Lane
from service.steps import health
from tests.flows.town import Town, build

ORDERS = Lane.REFRESH_ORDERS


@pytest.fixture
def town(tmp_path, database, redis_url) -> Iterator[Town]:
    built = build(tmp_path, database.url, redis_url)
    yield built
    built.rig.close()


@pytest.fixture
def tenant(town: Town) -> str:
    return town.activated(orders=1)[1]


def owes(town: Town, tenant: str, *keys: str, later_s: float = 0) -> None:
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        hints = [inbox.Hint(key, urgent=True, due_at=now + timedelta(seconds=later_s)) for key in keys]
        inbox.hint(conn, tenant, ORDERS, hints, now=now)


def late(town: Town) -> dict[Lane, float]:
    with town.rig.db.tx_all("a test looks") as conn:
        return health.late(health.of_lanes(conn, now=town.watch()), now=town.watch())


def counts(town: Town) -> tuple[int, int, int]:
    with town.rig.db.tx_all("a test looks") as conn:
        owed = health.of_lanes(conn, now=town.watch())[ORDERS]
    return owed.due, owed.later, owed.parked


def change(town: Town, statement: str) -> None:
    with town.rig.db.tx_all("a test changes") as conn:
        conn.execute(statement.encode())


def test_a_lane_is_late_once_its_oldest_due_row_is_past_its_promise(town: Town, tenant: str) -> None:
    owes(town, tenant, "1")
    town.watch.move(120)
    assert late(town) == {}

    town.watch.move(1)
    assert late(town) == {ORDERS: 121}


def test_a_webhook_nobody_expands_is_late_too(town: Town, tenant: str) -> None:
    town.deliver([Delivery(tenant, 1, "Orders.update", ORDERS, b"{}", 2, town.watch())])
    town.watch.move(130)

    assert late(town) == {ORDERS: 130}


def test_a_webhook_that_was_put_off_or_parked_makes_no_lane_late(town: Town, tenant: str) -> None:
    town.deliver([Delivery(tenant, 1, "Orders.update", ORDERS, b"{}", 2, town.watch()) for _ in range(3)])
    ids = "(SELECT delivery_id FROM deliveries WHERE expanded_at IS NULL ORDER BY delivery_id LIMIT 1 OFFSET"
    change(town, f"UPDATE deliveries SET parked = 'three times', tries = 3 WHERE delivery_id = {ids} 0)")
    due_at = town.watch() + timedelta(seconds=500)
    change(town, f"UPDATE deliveries SET due_at = '{due_at}', tries = 1 WHERE delivery_id = {ids} 1)")
    town.watch.move(100)
    assert counts(town) == (1, 1, 1)

    change(town, f"UPDATE deliveries SET expanded_at = '{town.watch()}' WHERE delivery_id = {ids} 2)")
    town.watch.move(401)
    assert (counts(town), late(town)) == ((1, 0, 1), {})
    town.watch.move(120)
    assert late(town) == {ORDERS: 121}


def test_what_waits_for_a_refill_its_shop_or_a_person_is_shown_apart(town: Town, tenant: str) -> None:
    owes(town, tenant, "due")
    owes(town, tenant, "later", later_s=7200)
    owes(town, tenant, "parked")
    change(town, "UPDATE hints SET parked = 'three times' WHERE key = 'parked'")
    town.watch.move(10)
    assert counts(town) == (1, 1, 1)

    change(town, f"UPDATE readings SET rests_until = '{town.watch() + timedelta(hours=1)}'")
    town.watch.move(3000)
    assert counts(town) == (0, 2, 1)
    assert late(town) == {}

    town.watch.move(601)  # rested for an hour, and free since a second: nobody is late yet
    assert counts(town)[0] == 1
    assert late(town) == {}


def test_a_webhook_that_was_put_off_or_parked_is_not_late(town: Town, tenant: str) -> None:
    town.deliver([Delivery(tenant, 1, "Orders.update", ORDERS, b"{}", 2, town.watch()) for _ in range(2)])
    first, second = "(SELECT min(delivery_id) FROM deliveries)", "(SELECT max(delivery_id) FROM deliveries)"
    change(town, f"UPDATE deliveries SET parked = 'three times' WHERE delivery_id = {first}")
    change(town, f"UPDATE deliveries SET due_at = '{town.watch() + timedelta(hours=1)}' WHERE delivery_id = {second}")
    town.watch.move(3_000)

    assert counts(town) == (0, 1, 1)
    assert late(town) == {}


@pytest.mark.parametrize("fence", ["state = 'suspended'", "doubted = true"])
def test_what_stands_behind_the_fence_is_not_late(town: Town, tenant: str, fence: str) -> None:
    owes(town, tenant, "1")
    change(town, f"UPDATE tenants SET {fence}")
    town.watch.move(9_999)

    assert (late(town), counts(town)) == ({}, (0, 1, 0))


def test_a_row_whose_workers_keep_dying_is_late_though_its_lease_has_just_ended(town: Town, tenant: str) -> None:
    owes(town, tenant, "1")
    town.watch.move(600)
    change(town, f"UPDATE hints SET claim = 'c_dead', due_at = '{town.watch()}' WHERE key = '1'")

    assert late(town) == {ORDERS: 600}


def test_an_activation_nobody_begins_is_late_and_every_promise_can_be_asked(town: Town) -> None:
    town.install(town.open_shop(orders=1))
    town.watch.move(310)

    assert set(late(town)) == {Lane.ACTIVATE}
    assert set(health.PROMISED) == set(Lane) - {Lane.SWEEP, Lane.ALARM, Lane.TRACK, Lane.POINTS, Lane.AFFILIATES}
