"""The add-on is blocked at all shops: one problem, all parked, one probe an hour, woken by tenths, nothing lost."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from service import activations, blocks, inbox, problems, tenants
from service.blocks import Block
from service.flows import admit, sweep
from service.lanes import Lane
from service.rig import PROBE_EVERY
from service.steps import turn, unblock
from service.steps.lifecycle import Call, Endpoint
from service.tenants import Credentials, State
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import FLOWS, Town

HOUR_S = 3_600
Shops = dict[str, WorldShop]  # by tenant


def open_shops(town: Town, count: int) -> Shops:
    shops: Shops = {}
    for number in range(count):
        shop = town.open_shop(f"shop{number}", orders=3, products=1)
        shops[town.install(shop)] = shop
    town.work(for_s=300, idle_s=70)
    for tenant, shop in shops.items():
        town.hear(shop, tenant)
    return shops


def states(town: Town) -> dict[str, State]:
    with town.rig.db.tx_all("a test looks at all shops") as conn:
        return {each.tenant_id: each.state for each in tenants.everyone(conn)}


def counted(town: Town, state: State) -> int:
    return list(states(town).values()).count(state)


def block(town: Town) -> Block | None:
    with town.rig.db.tx_all("a test looks for a block") as conn:
        return blocks.current(conn)


def alarming(town: Town) -> list[str]:
    """Return the shops whose problem the block is; the alarms hang on it."""
    with town.rig.db.tx_all("a test looks for a block") as conn:
        found = conn.execute("SELECT tenant_id FROM problems WHERE cause = 'addon_blocked' AND closed_at IS NULL")
        return [row["tenant_id"] for row in found.fetchall()]


def total(shops: Shops) -> int:
    return sum(shop.stats.total for shop in shops.values())


def change_all(town: Town, shops: Shops, note: str) -> None:
    """Let an order of every shop change and be told of."""
    for shop in shops.values():
        changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note=note)
    mine = town.undelivered
    town.deliver([delivery for delivery in mine if is_of(delivery.tenant_id, delivery.body, shops)])
    town.undelivered = []


def is_of(tenant: str, body: bytes, shops: Shops) -> bool:
    """Say whether a webhook was sent by the shop of this tenant: every shop is heard under every URL of a town."""
    name = shops[tenant].name if tenant in shops else "of another shop"
    return name.encode() in body or name in body.decode("unicode_escape")


def differing(town: Town, shops: Shops) -> set[str]:
    return {tenant for tenant, shop in shops.items() if town.differences(shop, tenant)}


@pytest.mark.parametrize("status", [401, 403])
def test_a_block_is_one_problem_parks_everything_and_costs_few_calls(town: Town, status: int) -> None:
    shops = open_shops(town, 5)
    town.world.block_addon(status)
    before = total(shops)

    change_all(town, shops, "told during the block")
    town.work(for_s=120, idle_s=60)

    found = block(town)
    assert found
    assert len(found.seen) == blocks.FEWEST
    assert alarming(town) == found.seen[:1]
    assert set(states(town).values()) == {State.HELD}
    assert total(shops) - before == blocks.FEWEST * (1 if status == 401 else 2)  # a 403 is asked about once
    assert town.due() == []


@pytest.mark.parametrize("status", [401, 403])
def test_the_end_is_found_by_one_call_an_hour_and_nothing_is_lost(town: Town, status: int) -> None:
    shops = open_shops(town, 5)
    town.world.block_addon(status)
    change_all(town, shops, "the first")
    town.work(for_s=120, idle_s=60)
    before = total(shops)
    for hour in range(4):
        change_all(town, shops, f"hour {hour}")
        town.work(for_s=HOUR_S, idle_s=HOUR_S)
    assert 3 <= total(shops) - before <= 4
    assert set(states(town).values()) == {State.HELD}

    town.world.unblock_addon()
    town.work(for_s=HOUR_S + 1_200, idle_s=HOUR_S + 1_200)

    assert set(states(town).values()) == {State.ACTIVE}
    assert block(town) is None
    assert alarming(town) == []
    assert differing(town, shops) == set()


def test_the_shops_are_woken_by_tenths(town: Town) -> None:
    shops = open_shops(town, 20)
    town.world.block_addon(403)
    change_all(town, shops, "told during the block")
    town.work(for_s=120, idle_s=60)
    assert counted(town, State.HELD) == 20
    town.world.unblock_addon()
    town.watch.move(HOUR_S)

    woken: list[int] = []
    for _ in range(10):
        [tenant] = [tenant for lane, tenant in town.due() if lane is Lane.SWEEP]
        sweep.run(town.rig, tenant)
        sweep.run(town.rig, tenant)  # a doubled wake-up changes nothing
        woken.append(counted(town, State.ACTIVE))
        town.watch.move(60)

    assert woken == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert block(town) is None
    town.work()
    assert differing(town, shops) == set()


def test_a_shop_that_is_let_go_is_looked_at_from_the_begin_of_the_block_and_is_not_called_silent(town: Town) -> None:
    shops = open_shops(town, 3)
    for tenant in shops:
        with town.rig.db.tx(tenant) as conn:
            ago = [town.watch() - timedelta(minutes=10 * step) for step in range(6 * 24 * 28)]
            inbox.note_heard(conn, tenant, [("Orders.update", at) for at in ago])
    town.world.block_addon(403)
    change_all(town, shops, "told during the block")
    town.work(for_s=120, idle_s=60)
    found = block(town)
    assert found
    town.work(for_s=5 * HOUR_S, idle_s=5 * HOUR_S)
    town.world.unblock_addon()
    town.work(for_s=HOUR_S + 1_200, idle_s=HOUR_S + 1_200)

    for tenant in shops:
        sweep.run(town.rig, tenant)
        with town.rig.db.tx(tenant) as conn:
            looks = inbox.looks_of(conn, tenant, Lane.REFRESH_ORDERS, most=9)
            assert [(each.cause, each.doubted_from) for each in looks] == [(inbox.Cause.RETURNED, found.since)]
            assert problems.open_ones(conn, tenant) == []


def test_a_block_by_night_is_seen_though_hours_lie_between_the_calls(town: Town) -> None:
    shops = open_shops(town, 5)
    town.world.block_addon(401)
    for place, (tenant, shop) in enumerate(list(shops.items())[:3]):
        assert counted(town, State.SUSPENDED) == place
        town.watch.move(HOUR_S)
        change_all(town, {tenant: shop}, "by night")
        town.work(for_s=60, idle_s=30)
    assert set(states(town).values()) == {State.HELD}

    town.world.unblock_addon()
    town.work(for_s=HOUR_S + 1_200, idle_s=HOUR_S + 1_200)
    assert set(states(town).values()) == {State.ACTIVE}
    assert differing(town, shops) == set()


def test_who_dies_while_shops_are_let_go_costs_a_step_and_no_hour(town: Town) -> None:
    shops = open_shops(town, 5)
    town.world.block_addon(403)
    change_all(town, shops, "told during the block")
    town.work(for_s=120, idle_s=60)
    town.world.unblock_addon()
    town.watch.move(HOUR_S)
    town.beat()
    assert counted(town, State.ACTIVE) == 1
    town.watch.move(60)
    with town.rig.db.tx_all("a worker takes the next step and dies") as conn:
        now = town.watch()
        assert blocks.claim(conn, now=now, until=now + PROBE_EVERY, next_step_at=now + unblock.STEP)

    town.work(for_s=600, idle_s=120)

    assert set(states(town).values()) == {State.ACTIVE}


def test_wrong_logins_of_the_hour_forbid_the_probe(town: Town) -> None:
    shops = open_shops(town, 3)
    town.world.block_addon(403)
    change_all(town, shops, "told during the block")
    town.work(for_s=60, idle_s=30)
    before = total(shops)
    stranger = town.open_shop("stranger", orders=1)
    town.watch.move(HOUR_S / 2)
    tenant = town.install(stranger)
    assert stranger.addon_user
    stranger.addon_user.revoked = True
    town.work(for_s=100, idle_s=100)
    assert stranger.stats.breaches["bad_login"] == 2
    with town.rig.db.tx(tenant) as conn:
        activations.stop(conn, tenant)
    town.world.unblock_addon()

    town.watch.move(HOUR_S / 2)
    town.work(for_s=1_200, idle_s=600)
    assert total(shops) == before
    town.watch.move(HOUR_S / 2)
    town.work(for_s=1_200, idle_s=600)

    assert {state for each, state in states(town).items() if each != tenant} == {State.ACTIVE}


def test_a_signed_installation_wakes_its_shop_at_once(town: Town) -> None:
    shops = open_shops(town, 4)
    town.world.block_addon(403)
    change_all(town, shops, "told during the block")
    town.work(for_s=120, idle_s=60)
    tenant, shop = next(iter(shops.items()))
    user = shop.addon_user
    assert user
    town.world.unblock_addon()

    call = Call(Endpoint.INSTALL, shop.token, town.watch(), "a signature", version="2", language="cs")
    assert admit.run(town.rig, call, Credentials(town.world.api_url(shop), user.login, user.key)) == tenant
    assert states(town)[tenant] is State.ACTIVE
    town.work(for_s=120, idle_s=60)

    assert differing(town, {tenant: shop}) == set()
    assert counted(town, State.HELD) == 3


def test_a_block_that_returns_while_the_shops_are_woken_holds_them_again(town: Town) -> None:
    shops = open_shops(town, 5)
    town.world.block_addon(403)
    change_all(town, shops, "told during the block")
    town.work(for_s=120, idle_s=60)
    town.world.unblock_addon()
    town.watch.move(HOUR_S)
    town.beat()  # the probe is let in
    town.world.block_addon(403)

    town.work(for_s=600, idle_s=300)
    assert set(states(town).values()) == {State.HELD}
    found = block(town)
    assert found
    assert found.waking_since is None

    town.world.unblock_addon()
    town.work(for_s=HOUR_S + 1_200, idle_s=HOUR_S + 1_200)
    assert differing(town, shops) == set()


def test_one_dead_shop_among_many_is_its_own_problem(town: Town) -> None:
    shops = open_shops(town, 4)
    dead = next(iter(shops))
    assert shops[dead].addon_user
    shops[dead].addon_user.revoked = True

    change_all(town, shops, "told")
    town.work(for_s=120, idle_s=60)

    assert states(town)[dead] is State.SUSPENDED
    assert counted(town, State.ACTIVE) == 3
    assert block(town) is None


def test_refusals_of_calls_under_way_at_the_same_moment_are_seen_together(town: Town) -> None:
    shops = open_shops(town, 3)
    change_all(town, shops, "told")
    for tenant in shops:
        turn.take_in(town.rig, tenant, Lane.REFRESH_ORDERS)
    town.watch.move(3)
    town.world.block_addon(401)
    answered, others = town.rig.transport.handler, list(shops)

    def handler(request: httpx.Request) -> httpx.Response:
        if others:  # the next shop is called while this one has not answered
            FLOWS[Lane.REFRESH_ORDERS](town.rig, others.pop())
        return answered(request)

    town.rig.transport.handler = handler
    FLOWS[Lane.REFRESH_ORDERS](town.rig, others.pop())

    assert set(states(town).values()) == {State.HELD}
    assert sum(shop.stats.breaches["bad_login"] for shop in shops.values()) == 0  # a blocked user is no wrong login


A, B, C, D = (f"t_{letter}" for letter in "abcd")


@pytest.mark.parametrize(
    ("refused", "let_in", "told"),
    [
        ({A: 1, B: 2}, {}, []),
        ({A: 1, B: 2, C: 3}, {}, [A, B, C]),
        ({A: 1, B: 2, C: 3}, {D: 4}, [A, B, C]),
        ({A: 1, B: 2, C: 3}, {D: 4, "t_e": 4, "t_f": 4}, [A, B, C]),
        ({A: 1, B: 2, C: 3}, {D: 4, "t_e": 4, "t_f": 4, "t_g": 4}, []),
        ({A: 1, B: 2, C: 3}, {A: 4}, []),
        ({A: 5, B: 2, C: 3}, {A: 4}, [A, B, C]),
    ],
)
def test_three_shops_and_half_of_those_called_are_a_block(town: Town, refused, let_in, told) -> None:
    began = town.watch()

    def at(times: dict[str, int]) -> dict[str, object]:
        return {tenant: began + timedelta(seconds=seconds) for tenant, seconds in times.items()}

    assert blocks.told_by(at(refused), at(let_in)) == told


@pytest.mark.parametrize(
    ("refused", "let_in", "told"),
    [
        ({A: 1, B: 2}, {}, []),
        ({A: 1, B: 2, C: 3}, {}, [A, B, C]),
        ({A: 1, B: 2, C: 3}, {D: 1}, []),
        ({A: 1, B: 2, C: 3, "t_e": 4}, {D: 1}, [B, C, "t_e"]),
        ({A: 1, B: 2, C: 3}, {A: 0}, [A, B, C]),
    ],
)
def test_three_shops_after_the_last_one_that_let_us_in_are_a_block_however_long_it_takes(refused, let_in, told) -> None:
    def at(hours: dict[str, int]) -> dict[str, datetime]:
        return {tenant: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=each) for tenant, each in hours.items()}

    assert blocks.told_slowly(at(refused), at(let_in)) == told
