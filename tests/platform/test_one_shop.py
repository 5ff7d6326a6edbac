"""The calls of one lane to one shop of the simulator: fence, budget, ledger, and what follows from a bad answer."""

from datetime import timedelta

import httpx
import pytest

from service import tenants
from service.budget import ledger
from service.lanes import Lane
from service.platform.errors import (
    AccessBlocked,
    CredentialsRejected,
    Gone,
    MovedTwice,
    NotActive,
    PlatformBusy,
    PlatformRefused,
    PlatformUnreachable,
    RightMissing,
    Unreadable,
)
from service.rig import Rig
from service.tenants import State
from simulator import transport
from tests.platform.bench import Bench, build


def rows(bench: Bench) -> list[tuple[str, str | None]]:
    return [(plan, outcome) for plan, _, outcome, _ in bench.rows()]


def test_a_page_is_read_paid_for_and_written_down(bench) -> None:
    page = bench.lane(Lane.PULL).orders_created(bench.watch() - timedelta(days=365), bench.watch(), page=3)

    assert (len(page.items), page.pages, page.total, page.complete, page.last) == (50, 3, 250, True, True)
    assert page.items[0].raw["order_number"] == page.items[0].order_number
    assert bench.rows() == [("orders_pull", 200, "read", 50)]
    assert bench.rig.purse.state(bench.tenant, now=bench.watch()).leases == 0


def test_every_thing_we_ask_is_understood_by_the_shop_and_breaks_no_rule(bench) -> None:
    shop, since = bench.lane(), bench.watch() - timedelta(days=365)
    hook = shop.create_webhook("orders", "https://hooks.example.com/u/x", "Orders.update")
    mended = shop.update_webhook(hook.id, name="orders", url="https://hooks.example.com/u/y", event="Orders.update")
    numbers = [order.order_number for order in shop.orders_created(since, bench.watch()).items[:3]]
    product_ids = [product.product_id for product in shop.products_page().items[:3]]
    pages = [
        shop.status(), shop.owner(), shop.languages(), shop.order_statuses(), shop.shipments(), shop.payments(),
        shop.webhook_events(), shop.webhooks(), shop.orders_by_numbers(numbers), shop.orders_changed(since),
        shop.products_by_ids(product_ids), shop.products_changed(since), shop.product_parameters(),
        shop.product_parameters(product_ids=product_ids), shop.product_related(page=2),
        shop.product_related(product_ids=product_ids),
    ]  # fmt: skip

    assert [(page.complete, page.set_aside, bool(page.items)) for page in pages] == [(True, [], True)] * len(pages)
    bench.watch.move(60)
    assert {each.id for each in shop.webhooks_on_evidence().items} == {each.id for each in pages[7].items}
    assert {order.order_number for order in pages[8].items} == set(numbers)
    assert {product.product_id for product in pages[10].items} == set(product_ids)
    assert mended.url.endswith("/y")
    assert shop.delete_webhooks([hook.id, 4711]) == {hook.id: True, 4711: False}
    assert bench.shop.stats.broken == 0
    assert bench.shop.stats.total == len(bench.rows()) == 22


def test_an_order_number_may_hold_anything(bench) -> None:
    odd = ["2025/0001 ž", "a;b", "📦", "#1&2+3"]
    for number, order in zip(odd, list(bench.shop.live_orders()), strict=False):
        del bench.shop.orders[order.number]
        order.record["order_number"] = number
        order.rendered = None
        bench.shop.orders[number] = order
    shop = bench.lane()

    page = shop.orders_by_numbers(odd)

    assert {order.order_number for order in page.items} == {"2025/0001 ž", "📦", "#1&2+3"}
    assert page.unread == {"a;b"}
    assert [order.order_number for order in shop.orders_by_numbers(["a;b"]).items] == ["a;b"]


def test_credentials_that_worked_once_are_trusted(bench) -> None:
    before = bench.access().doubted
    bench.lane().owner()

    assert (before, bench.access().doubted) == (True, False)


@pytest.mark.parametrize("state", ["suspended", "dismissed"])
def test_a_shop_that_is_not_active_is_not_called(bench, state) -> None:
    with bench.rig.db.tx(bench.tenant) as conn:
        if state == "suspended":
            tenants.suspend(conn, bench.tenant, why="test", credentials_revision=bench.access().credentials_revision)
        else:
            tenants.dismiss(conn, bench.tenant, now=bench.watch())

    with pytest.raises(NotActive):
        bench.lane().owner()
    assert bench.shop.stats.total == 0


def test_a_shop_nobody_knows_is_not_called(bench) -> None:
    with pytest.raises(NotActive, match="unknown"):
        bench.rig.shop("t_nobody", Lane.PULL).owner()


def test_a_rejected_login_suspends_the_shop_after_one_call(bench) -> None:
    bench.world.install(bench.shop)  # the shop gave somebody other credentials

    with pytest.raises(CredentialsRejected):
        bench.lane().owner()
    with pytest.raises(NotActive):
        bench.lane().owner()
    assert bench.access().state is State.SUSPENDED
    assert bench.shop.stats.breaches["bad_login"] == 1
    assert bench.rows() == [("owner", 401, "CredentialsRejected", None)]


def test_an_activation_may_try_a_rejected_login_again(bench) -> None:
    bench.world.install(bench.shop)

    with pytest.raises(CredentialsRejected):
        bench.lane(Lane.ACTIVATE).status()
    assert bench.access().state is State.ACTIVE


def test_a_login_rejected_while_new_credentials_came_suspends_nobody(tmp_path, database, redis_url) -> None:
    world: Bench

    def reply(request: httpx.Request) -> httpx.Response:
        world.entrust("someone", "else")
        return httpx.Response(401)

    world = build(tmp_path, database.url, redis_url, transport=httpx.MockTransport(reply))
    with pytest.raises(PlatformBusy):
        world.lane().owner()

    assert world.access().state is State.ACTIVE
    world.rig.close()


def test_three_bad_logins_stop_fresh_credentials_before_the_address_is_locked_out(bench) -> None:
    bench.world.install(bench.shop)
    shop = bench.lane(Lane.ACTIVATE)
    for _ in range(3):
        with pytest.raises(CredentialsRejected):
            shop.status()

    with pytest.raises(PlatformBusy) as busy:
        shop.status()

    assert busy.value.until == bench.watch() + timedelta(hours=1)
    assert bench.shop.stats.breaches["bad_login"] == 3


def test_a_missing_right_is_told_apart_by_one_status_call(bench) -> None:
    bench.shop.addon_user.rights["owner"] = "deny"

    with pytest.raises(RightMissing):
        bench.lane().owner()
    assert rows(bench) == [("owner", "Forbidden"), ("status", "read")]
    assert bench.access().state is State.ACTIVE


@pytest.mark.parametrize(("lane", "state"), [(Lane.ACTIVATE, State.ACTIVE), (Lane.PULL, State.SUSPENDED)])
def test_an_access_that_was_switched_off_suspends_the_shop(bench, lane, state) -> None:
    bench.world.block_addon(403)

    with pytest.raises(AccessBlocked):
        bench.lane(lane).owner()
    assert rows(bench) == [("owner", "Forbidden"), ("status", "Forbidden")]
    assert bench.access().state is state


def test_an_address_that_is_locked_out_waits_an_hour_and_suspends_nobody(bench) -> None:
    for _ in range(3):
        bench.rig.purse.bad_login(now=bench.watch())
    bench.used_before()
    bench.world.block_addon(403)

    with pytest.raises(PlatformBusy) as busy:
        bench.lane().owner()

    assert busy.value.until == bench.watch() + timedelta(hours=1)
    assert bench.access().state is State.ACTIVE
    with pytest.raises(PlatformBusy):
        bench.lane().owner()
    assert bench.shop.stats.total == 2


@pytest.mark.parametrize("how", ["body", "location"])
def test_a_shop_that_moved_is_followed_once_and_for_good(bench, how) -> None:
    bench.world.move_shop(bench.shop, "beta", how=how)

    assert bench.lane().owner().items
    assert bench.access().api_url == "http://127.0.0.1:8123/beta/api/v2"
    assert rows(bench) == [("owner", "Moved"), ("owner", "read")]
    bench.lane().owner()
    assert len(bench.rows()) == 3


def test_a_move_that_leads_to_a_move_is_refused(bench) -> None:
    bench.world.move_shop(bench.shop, "beta")
    bench.world.move_shop(bench.shop, "gamma")
    bench.world.moved["alpha"] = bench.world.moved["beta"]

    def elsewhere(shop):
        return f"http://127.0.0.1:8123/{'beta' if bench.access().api_url.endswith('alpha/api/v2') else 'alpha'}/api/v2"

    bench.world.api_url = elsewhere

    with pytest.raises(MovedTwice):
        bench.lane().owner()
    assert len(bench.rows()) == 2


def test_a_busy_shop_is_left_alone_until_the_time_it_names(bench) -> None:
    bench.shop.faults.add("busy", retry_after=timedelta(minutes=7))

    with pytest.raises(PlatformBusy) as busy:
        bench.lane().owner()

    assert busy.value.until == bench.watch() + timedelta(minutes=7)
    with pytest.raises(PlatformBusy):
        bench.lane(Lane.ACTIVATE).owner()
    assert bench.shop.stats.total == 1
    bench.watch.move(3_600)
    assert bench.lane().owner().items


def test_too_many_at_once_is_a_short_rest(bench) -> None:
    bench.shop.faults.add("busy")

    with pytest.raises(PlatformBusy) as busy:
        bench.lane().owner()
    assert busy.value.until == bench.watch() + timedelta(seconds=2)


def test_a_shop_that_goes_on_saying_429_is_asked_ever_more_rarely_until_it_answers(bench) -> None:
    bench.shop.faults.add("busy", calls=None)
    waits: list[float] = []
    for _ in range(9):
        with pytest.raises(PlatformBusy) as busy:
            bench.lane().owner()
        waits.append((busy.value.until - bench.watch()).total_seconds())
        bench.watch.at = busy.value.until
    assert waits == [2, 2, 2, 2, 2, 30, 60, 120, 240]

    bench.shop.faults.clear()
    bench.lane().owner()
    bench.shop.faults.add("busy")
    with pytest.raises(PlatformBusy) as busy:
        bench.lane().owner()

    assert busy.value.until == bench.watch() + timedelta(seconds=2)


def test_the_shop_s_windows_are_learned_from_its_answers(bench) -> None:
    bench.lane().owner()

    state = bench.rig.purse.state(bench.tenant, now=bench.watch())
    assert (state.hour.left, state.day.left) == (99, 1500)


def test_the_windows_of_a_small_tariff_are_never_overdrawn(bench) -> None:
    bench.shop.tariff = "bronze"
    made = 0
    for _ in range(300):
        try:
            bench.lane().owner()
            made += 1
        except PlatformBusy as busy:
            bench.watch.at = min(busy.until, bench.watch() + timedelta(minutes=30))

    assert made > 110
    assert bench.shop.stats.broken == 0


def test_a_verified_shop_tells_no_windows(bench) -> None:
    bench.lane().owner()
    bench.shop.verified = True
    bench.lane().owner()

    assert bench.rig.purse.state(bench.tenant, now=bench.watch()).hour.left is None


@pytest.mark.parametrize("kind", ["html", "truncated"])
def test_an_answer_that_cannot_be_read_costs_one_call_and_proves_nothing(bench, kind) -> None:
    bench.shop.faults.add(kind)

    with pytest.raises(Unreadable) as unreadable:
        bench.lane().orders_by_numbers(["1", "2"])
    assert not unreadable.value.unclear
    assert rows(bench) == [("orders_events", "Unreadable")]


def test_a_page_with_items_left_out_is_not_complete(bench) -> None:
    bench.shop.faults.add("short", honest=False)
    short = bench.lane(Lane.PULL).products_page()

    assert not short.complete


def test_a_page_with_every_item_twice_has_each_once(bench) -> None:
    bench.shop.faults.add("doubled")
    page = bench.lane(Lane.PULL).products_page()

    assert (len(page.items), page.complete) == (50, False)


@pytest.mark.parametrize("failures", [1, 2])
def test_a_read_that_fails_is_tried_again_and_each_try_is_paid_for(bench, failures) -> None:
    bench.shop.faults.add("error", calls=failures)

    assert bench.lane().owner().items
    assert bench.shop.stats.total == len(bench.rows()) == failures + 1


def test_a_read_that_fails_three_times_is_given_up(bench) -> None:
    bench.shop.faults.add("error", calls=None)

    with pytest.raises(PlatformUnreachable) as lost:
        bench.lane().owner()
    assert not lost.value.unclear
    assert bench.shop.stats.total == 3


@pytest.mark.parametrize("kind", ["error", "dropped"])
def test_a_write_whose_answer_is_lost_is_unclear_and_not_repeated(bench, kind) -> None:
    bench.shop.faults.add(kind, method="POST")

    with pytest.raises(PlatformUnreachable) as lost:
        bench.lane().create_webhook("orders", "https://hooks.example.com/u/x", "Orders.update")
    assert lost.value.unclear
    assert len(bench.rows()) == 1


def test_a_timeout_after_a_write_was_sent_is_unclear(bench) -> None:
    bench.shop.faults.add("latency", seconds=21, method="POST")

    with pytest.raises(PlatformUnreachable) as lost:
        bench.lane().create_webhook("orders", "https://hooks.example.com/u/x", "Orders.update")
    assert lost.value.unclear
    assert len(bench.shop.webhooks) == 1


def test_a_call_that_was_not_answered_in_time_counts_as_under_way_for_a_lease(bench) -> None:
    bench.used_before()
    bench.shop.faults.add("latency", seconds=21, calls=2)
    for _ in range(2):
        with pytest.raises(PlatformUnreachable, match="no answer within 20 s"):
            bench.lane().owner()

    for _ in range(2):
        with pytest.raises(PlatformBusy, match="under way"):
            bench.lane().owner()
        bench.rig.redis.flushdb()  # the ledger knows as well
    bench.watch.move(bench.rig.settings.lease_s + 1)

    assert bench.lane().owner().items
    assert [outcome for _, outcome in rows(bench)] == [ledger.NOT_IN_TIME, ledger.NOT_IN_TIME, ledger.READ]


def test_a_shop_that_hangs_while_it_is_tried_first_keeps_no_other_from_it(bench) -> None:
    bench.shop.faults.add("latency", seconds=21, calls=1)
    with pytest.raises(PlatformUnreachable):
        bench.lane().owner()

    assert bench.lane().owner().items


def test_a_write_nobody_could_connect_for_is_tried_again(bench) -> None:
    refused = [httpx.ConnectError("refused")] * 2
    world = transport(bench.world)

    def reply(request: httpx.Request) -> httpx.Response:
        if refused:
            raise refused.pop()
        return world.handle_request(request)

    rig = with_transport(bench.rig, httpx.MockTransport(reply))
    hook = rig.shop(bench.tenant, Lane.ACTIVATE).create_webhook("x", "https://hooks.example.com/u/x", "Orders.update")

    assert hook.event == "Orders.update"
    assert [outcome for _, outcome in rows(bench)] == ["PlatformUnreachable", "PlatformUnreachable", "read"]


@pytest.mark.parametrize("status", [400, 405, 413, 501])
def test_a_plain_refusal_says_what_the_shop_said(bench, status) -> None:
    told = {"messages": [{"object": None, "property": None, "message": "Moc položek", "level": "error"}]}
    rig = with_transport(bench.rig, httpx.MockTransport(lambda request: httpx.Response(status, json=told)))

    with pytest.raises(PlatformRefused, match=rf"\({status}\): Moc položek"):
        rig.shop(bench.tenant, Lane.PULL).owner()
    assert len(bench.rows()) == 1


def test_a_wrong_address_is_gone(bench) -> None:
    rig = with_transport(bench.rig, httpx.MockTransport(lambda request: httpx.Response(404)))

    with pytest.raises(Gone):
        rig.shop(bench.tenant, Lane.PULL).owner()


@pytest.mark.parametrize("how", ["body", "location"])
def test_credentials_are_sent_to_no_foreign_host(bench, how) -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        away = "https://evil.example.com/api/v2"
        if how == "body":
            return httpx.Response(301, json={"api_url": away})
        return httpx.Response(301, headers={"location": f"{away}/owner"})

    rig = with_transport(bench.rig, httpx.MockTransport(reply))
    with pytest.raises(PlatformRefused, match="PLATFORM_HOSTS"):
        rig.shop(bench.tenant, Lane.PULL).owner()

    assert asked == ["127.0.0.1"]
    assert bench.access().api_url == "http://127.0.0.1:8123/alpha/api/v2"


def test_no_credential_shows_in_what_is_raised_or_represented(bench) -> None:
    user = bench.shop.addon_user
    bench.world.install(bench.shop)
    with pytest.raises(CredentialsRejected) as rejected:
        bench.lane().owner()

    shown = repr(rejected.value) + repr(bench.rig) + repr(bench.access()) + repr(bench.lane())
    assert user.key not in shown
    assert user.login not in shown


def test_without_redis_no_call_is_made(bench, redis_url) -> None:
    import redis

    gone = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    rig = Rig(bench.rig.settings, bench.rig.db, gone, bench.rig.wake, bench.watch, transport(bench.world))

    with pytest.raises(PlatformBusy) as busy:
        rig.shop(bench.tenant, Lane.PULL).owner()
    assert busy.value.until == bench.watch() + timedelta(seconds=5)
    assert bench.shop.stats.total == 0


def test_a_bug_while_an_answer_is_read_frees_the_lease_and_ends_the_row(bench) -> None:
    class Bug(Exception):
        pass

    def broken(request: httpx.Request) -> httpx.Response:
        raise Bug

    rig = with_transport(bench.rig, httpx.MockTransport(broken))
    with pytest.raises(Bug):
        rig.shop(bench.tenant, Lane.PULL).owner()

    assert rows(bench) == [("owner", "broken")]
    assert bench.rig.purse.state(bench.tenant, now=bench.watch()).leases == 0


def with_transport(rig: Rig, other: httpx.BaseTransport) -> Rig:
    """Return a rig whose calls go elsewhere."""
    return Rig(rig.settings, rig.db, rig.redis, rig.wake, rig.now, other, nap=rig.nap, jitter=rig.jitter)
