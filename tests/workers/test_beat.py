"""Beat finds whatever is due, in every lane, whoever forgot to wake it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.db import partitions
from service.db.partitions import Parent
from service.inbox import Delivery
from service.lanes import Lane
from tests.flows.town import Town, build
from workers import beat


@pytest.fixture
def town(tmp_path, database, redis_url) -> Iterator[Town]:
    built = build(tmp_path, database.url, redis_url)
    yield built
    built.rig.close()


def woken(town: Town) -> set[tuple[Lane, str]]:
    town.wake.sent.clear()
    beat.tick(town.rig)
    return set(town.wake.sent)


def test_a_new_tenant_is_activated_and_swept(town: Town) -> None:
    tenant = town.install(town.open_shop(orders=1))
    town.watch.move(2)

    assert woken(town) == {(Lane.ACTIVATE, tenant), (Lane.SWEEP, tenant)}


def test_a_stored_webhook_wakes_its_lane_although_its_message_was_lost(town: Town) -> None:
    _, tenant = town.activated(orders=1)
    town.deliver([Delivery(tenant, 1, "Shipments.update", Lane.REFRESH_SHIPPING, b"{}", 2, town.watch())])

    assert (Lane.REFRESH_SHIPPING, tenant) in woken(town)


def test_nothing_due_is_nothing_woken(town: Town) -> None:
    _, tenant = town.activated(orders=1)
    with town.rig.db.tx(tenant) as conn:
        conn.execute("UPDATE tenants SET sweep_due_at = %s", [town.watch() + timedelta(hours=1)])

    assert woken(town) == set()


def test_partitions_are_made_ahead_once_an_hour(town: Town) -> None:
    due_at = beat.keep_ages(town.rig, town.watch())

    with town.rig.db.tx_all("a test counts partitions") as conn:
        found = {parent: len(partitions.days(conn, parent)) for parent in Parent}

    assert due_at == town.watch() + timedelta(hours=1)
    assert beat.keep_ages(town.rig, due_at) == due_at
    assert found == {Parent.JOURNAL: 3, Parent.DELIVERIES: 15, Parent.CALLS: 5}
