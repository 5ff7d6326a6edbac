"""A person says what releases orders and what is written; the shop goes live, and its history stays history."""

import httpx
import pytest

from service import mappings, offers, problems, tenants
from service.flows import mapping, release, sweep
from service.flows.mapping import MappingRefused
from service.flows.release import ReleaseRefused
from service.kit import clock
from service.lanes import Lane
from service.mappings import Milestone, Target, Tracking
from service.problems import Cause
from service.steps import reweigh, statuses
from simulator import changes


def of_type(shop, kind: str) -> int:
    return next(each["id"] for each in shop.statuses.values() if each["type"] == kind)


def save(town, tenant, *, released: set[int], shipped: Target | None = None, **answers):
    given = {"release_from": None, "pull_from": None, "tracking": Tracking.FIRST, "by": "test", **answers}
    targets = {Milestone.SHIPPED: shipped} if shipped else {}
    return mapping.save(town.rig, tenant, release=released, targets=targets, **given)


def offered(town, tenant) -> dict[str, tuple[str, str | None]]:
    with town.rig.db.tx(tenant) as conn:
        found = offers.after(conn, tenant, 0, most=10_000)
    return {each.offer.order_number: (each.offer.state.value, each.offer.reason) for each in found}


def open_problems(town, tenant) -> list[Cause]:
    with town.rig.db.tx(tenant) as conn:
        return [each.cause for each in problems.open_ones(conn, tenant)]


def test_a_shop_goes_live_only_after_its_answers(town) -> None:
    shop, tenant = town.activated(orders=5)

    with pytest.raises(MappingRefused):
        mapping.go_live(town.rig, tenant, by="test")
    save(town, tenant, released={of_type(shop, "Received")})
    mapping.go_live(town.rig, tenant, by="test")

    with town.rig.db.tx(tenant) as conn:
        assert mappings.of(conn, tenant).live_since == town.watch()


def test_a_shop_whose_pull_has_not_ended_does_not_go_live(town) -> None:
    shop = town.open_shop(orders=5)
    tenant = town.install(shop)
    while not statuses_of(town, tenant):
        town.beat()
        town.watch.move(1)
    save(town, tenant, released={of_type(shop, "Received")})

    with pytest.raises(MappingRefused, match="pulled"):
        mapping.go_live(town.rig, tenant, by="test")


def statuses_of(town, tenant) -> dict[int, str]:
    with town.rig.db.tx(tenant) as conn:
        return statuses.named(conn, tenant)


@pytest.mark.parametrize(
    ("released", "shipped", "field"),
    [
        (set(), None, "release"),
        ({987654}, None, "release"),
        ({"Received"}, 987654, "shipped"),
        ({"Received"}, "Canceled", "shipped"),
        ({"Received"}, "Received", "shipped"),
    ],
)
def test_answers_that_cannot_stand_are_refused_by_the_field_at_fault(town, released, shipped, field: str) -> None:
    shop, tenant = town.activated(orders=1)
    chosen = {of_type(shop, each) if isinstance(each, str) else each for each in released}
    written = of_type(shop, shipped) if isinstance(shipped, str) else shipped

    with pytest.raises(MappingRefused) as refused:
        save(town, tenant, released=chosen, shipped=Target(written) if written else None)

    assert refused.value.field == field
    with town.rig.db.tx(tenant) as conn:
        assert mappings.of(conn, tenant).revision == 0


def test_what_the_pull_brought_is_not_offered_and_what_comes_later_is(town) -> None:
    shop, tenant = town.activated(orders=30)
    save(town, tenant, released=set(statuses_of(town, tenant)) - {of_type(shop, "Canceled")})
    mapping.go_live(town.rig, tenant, by="test")
    assert offered(town, tenant) == {}

    town.hear(shop, tenant)
    town.watch.move(5)
    created = changes.create_orders(town.world, shop, 3)
    town.deliver()
    town.work()

    assert offered(town, tenant).keys() == {order if isinstance(order, str) else order.number for order in created}


def test_orders_created_while_only_observed_are_offered_when_it_goes_live(town) -> None:
    shop, tenant = town.activated(orders=3)
    town.hear(shop, tenant)
    town.watch.move(5)
    changes.create_orders(town.world, shop, 4)
    town.deliver()
    town.work()
    save(town, tenant, released=set(statuses_of(town, tenant)))
    assert offered(town, tenant) == {}

    mapping.go_live(town.rig, tenant, by="test")

    assert len(offered(town, tenant)) == 4


def test_a_process_that_dies_while_it_weighs_is_followed_by_the_sweep(town) -> None:
    shop, tenant = town.activated(orders=3)
    town.hear(shop, tenant)
    town.watch.move(5)
    changes.create_orders(town.world, shop, 4)
    town.deliver()
    town.work()
    save(town, tenant, released=set(statuses_of(town, tenant)))
    with town.rig.db.tx(tenant) as conn:  # all that is left of a `go_live` whose process was killed
        mappings.switch(conn, tenant, live_since=town.watch())
        mappings.owe_weighing(conn, tenant, since=town.watch())

    sweep.run(town.rig, tenant)
    assert offered(town, tenant) == {}
    town.watch.move(reweigh.DEAD_AFTER.total_seconds() + 1)
    with town.rig.db.tx_all("what beat asks") as conn:
        assert tenant in tenants.sweep_due(conn, now=town.watch())
    sweep.run(town.rig, tenant)

    assert len(offered(town, tenant)) == 4
    with town.rig.db.tx(tenant) as conn:
        assert mappings.unweighed_since(conn, tenant) is None


def test_a_person_releases_open_orders_of_the_history(town) -> None:
    shop, tenant = town.activated(orders=40)
    received = of_type(shop, "Received")
    with pytest.raises(ReleaseRefused, match="observed"):
        release.run(town.rig, tenant, None, by="test")
    save(town, tenant, released={received})
    mapping.go_live(town.rig, tenant, by="test")
    waiting = {number for number, order in shop.orders.items() if order.record["status_id"] == received}

    with pytest.raises(ReleaseRefused, match="no order"):
        release.run(town.rig, tenant, ["nobody's"], by="test")
    assert release.run(town.rig, tenant, None, by="test") == len(waiting)

    found = offered(town, tenant)
    assert found.keys() == waiting
    assert {state for state, _ in found.values()} <= {"released", "held"}
    assert {reason for _, reason in found.values()} <= {None, "unpaid"}


def test_a_new_a_renamed_and_a_deleted_status_are_problems_until_a_person_decides(town) -> None:
    shop, tenant = town.activated(orders=2)
    received, paid = of_type(shop, "Received"), of_type(shop, "PaymentSuccessful")
    save(town, tenant, released={received, paid})
    town.hear(shop, tenant)

    changes.create_status(town.world, shop, {"cs": "Zkontrolovaná"})
    changes.rename_status(town.world, shop, received, {"cs": "Nová"})
    town.deliver()
    town.work()
    assert set(open_problems(town, tenant)) == {Cause.STATUS_NEW, Cause.STATUS_RENAMED}

    save(town, tenant, released={received, paid})

    assert open_problems(town, tenant) == []


def test_an_older_date_of_the_pull_reads_on_backwards_and_stays_history(town) -> None:
    shop, tenant = town.activated(orders=60)
    with town.rig.db.tx(tenant) as conn:
        history_until = mappings.of(conn, tenant).history_until
        conn.execute(
            """UPDATE activation_steps SET cursor = jsonb_set(cursor, '{since}', to_jsonb(%s::text))
               WHERE tenant_id = %s AND step = 'orders'""",
            ["2026-02-27T00:00:00+00:00", tenant],
        )
    before = town.calls(shop)

    save(town, tenant, released={of_type(shop, "Received")}, pull_from=clock.parse("2020-01-01T00:00:00+00:00"))
    assert (Lane.PULL, tenant) in town.wake.sent
    town.work()

    assert town.calls(shop) > before
    with town.rig.db.tx(tenant) as conn:
        assert mappings.of(conn, tenant).history_until == history_until
    assert town.differences(shop, tenant) == {}


def test_an_older_date_given_while_the_pull_runs_is_not_forgotten(town) -> None:
    shop = town.open_shop(orders=250)
    tenant = town.install(shop)
    answered, older = town.rig.transport.handler, clock.parse("2010-01-01T00:00:00+00:00")

    def answers(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("page") == "2":
            save(town, tenant, released={of_type(shop, "Received")}, pull_from=older)
        return answered(request)

    town.rig.transport.handler = answers
    town.work()

    with town.rig.db.tx(tenant) as conn:
        [begun] = conn.execute(
            "SELECT cursor->>'since' AS since FROM activation_steps WHERE step = 'orders'"
        ).fetchall()
    assert clock.parse(begun["since"]) == older
    assert town.differences(shop, tenant) == {}
