"""The lane of pick-up points: which list is read next, with whose login, and that it is one at a time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from carriers.wire import Call
from service import contracts, points, tenants
from service.bookings.decide import CALL_MOST
from service.flows import points as flow
from service.lanes import Lane, TenantId
from service.points import Feed
from service.problems import Cause
from service.steps import listing
from tests.carriers.sorts import login
from tests.flows.counter import Counter, counter
from tests.flows.town import Town
from workers.due import due

BOTH = {("packeta", "CZ"), ("packeta", "SK")}


@pytest.fixture
def at(town: Town) -> Counter:
    return counter(town, "packeta", count=2)


def whose(town: Town) -> list[TenantId]:
    with town.rig.db.tx_all("a test asks whose list is due") as conn:
        return due(conn, Lane.POINTS, now=town.watch())


def feeds(town: Town) -> dict[tuple[str, str], Feed]:
    with town.rig.db.tx_all("a test looks") as conn:
        return {(feed.carrier, feed.country): feed for feed in points.feeds(conn)}


def work(town: Town, *, most: int = 20) -> int:
    """Let the lane have its turns until nothing is due; return how many there were."""
    turns = 0
    while (woken := whose(town)) and turns < most:
        turns += 1
        for tenant in woken:
            flow.run(town.rig, tenant)
    return turns


def second_shop(at: Counter, secrets: Mapping[str, str]) -> TenantId:
    """Let another shop, of its own merchant, have a login that is a day younger."""
    town = at.town
    tenant = town.install(town.open_shop("beta", orders=1))
    town.watch.move(86_400)
    with town.rig.db.tx_all("a test gives a shop its merchant") as conn:
        tenants.pair(conn, tenant, account_id="a_other")
    other = replace(at, account_id="a_other", contracts={})
    other.log_in("packeta", secrets)
    return tenant


def test_what_nobody_has_read_is_read_with_a_login_and_again_the_next_day(town: Town, at: Counter) -> None:
    assert whose(town) == [at.tenant]

    assert work(town) == 2
    assert feeds(town).keys() == BOTH
    assert all(feed.rows and feed.synced_at for feed in feeds(town).values())
    town.watch.move(80_000)
    assert whose(town) == []
    town.watch.move(12_000)
    assert work(town) == 2


def test_one_list_is_read_at_a_time_by_whoever_and_a_dead_reader_holds_it_for_its_lease(
    town: Town, at: Counter
) -> None:
    with town.rig.db.tx_all("somebody reads") as conn:
        points.begin(conn, "packeta", "CZ", now=town.watch())

    assert whose(town) == []
    assert flow.run(town.rig, at.tenant) == 0
    assert feeds(town).keys() == {("packeta", "CZ")}
    town.watch.move(points.LEASE.total_seconds())
    assert work(town) == 2


def test_a_shop_whose_turn_it_is_not_reads_nothing(town: Town, at: Counter) -> None:
    assert flow.run(town.rig, "t_other") == 0
    assert feeds(town) == {}


@pytest.mark.parametrize("state", ["suspended", "held", "dismissed"])
def test_nobody_is_asked_for_a_shop_that_is_not_active(town: Town, at: Counter, state: str) -> None:
    with town.rig.db.tx_all("a test changes a shop") as conn:
        conn.execute("UPDATE tenants SET state = %s", [state])

    assert whose(town) == []


def test_a_list_without_a_login_keeps_no_other_waiting(town: Town, at: Counter) -> None:
    with town.rig.db.tx_all("a login is removed") as conn:
        points.want(conn, "ppl", "CZ", now=town.watch() - timedelta(days=9))
        points.want(conn, "packeta", "HU", now=town.watch() - timedelta(days=8))

    assert work(town) == 3
    assert feeds(town)["packeta", "HU"].synced_at or feeds(town)["packeta", "HU"].why
    with town.rig.db.tx_all("a login is removed") as conn:
        contracts.close(conn, at.contracts["packeta"].contract_id, now=town.watch())
    town.watch.move(200_000)
    assert whose(town) == []


def test_a_login_for_another_shop_of_the_account_alone_is_not_used_here(town: Town, at: Counter) -> None:
    with town.rig.db.tx_all("a test changes a login") as conn:
        conn.execute("UPDATE contracts SET tenant_id = 't_elsewhere'")

    assert whose(town) == []


def test_a_warehouse_reads_with_its_own_login(town: Town, at: Counter) -> None:
    with town.rig.db.tx_all("a test lets a warehouse ship") as conn:
        conn.execute("UPDATE tenants SET warehouse_account_id = account_id, account_id = NULL")

    assert work(town) == 2


def test_a_login_that_is_refused_rests_until_tomorrow_and_another_shops_is_used(town: Town, at: Counter) -> None:
    right = login(at.worlds["packeta"])
    at.log_in("packeta", {**right, "api_key": "0000000000000000"})
    other = second_shop(at, right)

    assert whose(town) == [at.tenant]
    flow.run(town.rig, at.tenant)
    assert feeds(town)["packeta", "CZ"].why
    assert whose(town) == [other]  # the other country, which nobody was refused
    assert work(town) == 1
    town.watch.move(700)
    assert whose(town) == [other]
    assert work(town) == 1
    assert Cause.CARRIER_REFUSES not in at.causes()


def test_a_login_that_cannot_be_opened_is_told_and_another_shops_is_used(town: Town, at: Counter) -> None:
    other = second_shop(at, login(at.worlds["packeta"]))
    at.log_in("packeta", {})

    assert flow.run(town.rig, at.tenant) == 0
    assert Cause.CARRIER_REFUSES in at.causes()
    assert whose(town) == [other]


def test_a_carrier_that_is_away_is_asked_again_later_and_ever_more_rarely(town: Town, at: Counter) -> None:
    at.worlds["packeta"].faults.add("down", calls=99)

    assert work(town) == 2
    assert whose(town) == []
    town.watch.move(600)
    assert work(town) == 2
    assert {feed.tries for feed in feeds(town).values()} == {2}


def test_calls_end_before_what_hangs_on_them_does() -> None:
    makes = Call("POST", "http://carrier.test", makes=True, timeout_s=60.0)  # the longest of any adapter

    assert makes.whole_s < CALL_MOST.total_seconds()
    assert replace(makes, long=True).whole_s < flow.CALLS_S < points.LEASE.total_seconds()


def test_every_list_a_shop_may_need_is_wanted_of_carriers_that_have_one() -> None:
    wanted = listing.wanted()

    assert {("packeta", "CZ"), ("packeta", "SK"), ("gls", "CZ"), ("ceska_posta", "CZ")} <= set(wanted)
    assert len(wanted) == len(set(wanted))


@pytest.mark.parametrize("code", sorted({code for code, _ in listing.wanted()}))
def test_every_carrier_with_points_is_read_in_the_lane(town: Town, code: str) -> None:
    counter(town, code, count=1)

    work(town)

    lists = [feed for (carrier, _), feed in feeds(town).items() if carrier == code]
    assert any(feed.rows for feed in lists)
    assert [feed.why for feed in lists if feed.why] == []
