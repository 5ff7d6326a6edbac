"""A carrier that is busy without end: for one label it is that label's, for all of them somebody hears of it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from service import bookings, tenants
from service.bookings import Parked, State
from service.flows import book
from service.lanes import TenantId
from service.problems import Cause
from service.steps import offering
from tests.flows.counter import Counter, counter
from tests.flows.shipping import live
from tests.flows.test_instead import AFTER_MIN, carriers, wants
from tests.flows.town import Town

READY = State.READY.value
HOUR = 3_600
LABEL = "GET /data/{}"


def label_busy_for_ever(at: Counter) -> str:
    """Return a booking that PPL is busy for whenever its label is asked for."""
    [bad] = at.wants("ppl")
    at.worlds["ppl"].faults.add("error", operation=LABEL, status=503, calls=None)
    at.work(6)
    at.worlds["ppl"].faults.clear()
    with at.town.rig.db.tx(at.tenant) as conn:
        [box] = bookings.boxes(conn, at.tenant, [bad])[bad]
    held = box.handle["label"].rsplit("/", 1)[-1]
    at.worlds["ppl"].faults.add("error", operation=LABEL, status=503, calls=None, holding=held)
    return bad


def test_a_carrier_that_is_busy_for_one_label_alone_keeps_no_other_and_that_one_is_a_persons(town: Town) -> None:
    at = counter(town, "ppl", count=16)
    bad = label_busy_for_ever(at)

    for _ in range(12):
        at.work(8 * 60, step_s=120)
        good = at.wants("ppl")
        at.work(120, step_s=30)
        assert at.states(good) == [READY]
        assert at.causes() == set()
    assert at.stands(bad).state is State.BOOKED
    at.work(HOUR / 2, step_s=60)

    assert (at.stands(bad).parked, at.causes()) == (Parked.FAILING, {Cause.LABEL_REFUSED})


@pytest.mark.parametrize("how", [{"status": 503}, {}], ids=["busy", "error"])
def test_a_carrier_that_makes_parcels_and_no_labels_is_told_and_parks_none_for_hours(
    town: Town, how: Mapping[str, int]
) -> None:
    at = counter(town, "ppl", count=12)
    asked = at.wants("ppl")
    at.work(30)
    asked += at.wants("ppl", 5)
    at.worlds["ppl"].faults.add("error", operation=LABEL, calls=None, **how)

    at.work(20 * 60, step_s=60)
    assert at.causes() == {Cause.CARRIER_DOWN}
    for _ in range(4):
        asked += at.wants("ppl")  # what is made meanwhile says nothing of labels
        at.work(5 * HOUR / 4, step_s=240)
        assert at.causes() == {Cause.CARRIER_DOWN}
    assert sorted(at.states(asked)) == ["booked"] * 9 + [READY]
    at.worlds["ppl"].faults.clear()
    at.work(300, step_s=30)

    assert at.states(asked) == [READY] * 10
    assert at.causes() == set()


def test_a_carrier_that_is_busy_is_not_asked_whether_it_lets_anybody_in(town: Town) -> None:
    at = counter(town, "ppl")
    at.worlds["ppl"].faults.add("error", operation=LABEL, status=503, calls=None)
    at.wants("ppl", 6)

    at.work(HOUR / 2, step_s=60)

    assert not any("info" in call.operation for call in at.worlds["ppl"].ledger)


def test_labels_that_waited_for_one_of_them_are_asked_for_alone(town: Town) -> None:
    at = counter(town, "ppl")
    good = at.wants("ppl", 3)
    bad = label_busy_for_ever(at)

    at.work(240, step_s=15)

    assert at.states([*good, bad]) == [READY] * 3 + [State.BOOKED.value]


def test_of_a_carrier_that_is_busy_for_long_somebody_hears_and_the_second_takes_over(town: Town) -> None:
    at = counter(town, "gls", "ppl", count=60)
    at.worlds["gls"].faults.add("busy", calls=None, retry_after=60)
    asked = wants(at, 2)

    at.work(10 * 60, step_s=60)
    assert at.causes() == set()
    at.work(10 * 60, step_s=60)
    assert at.causes() == {Cause.CARRIER_DOWN}
    at.work((AFTER_MIN - 15) * 60, step_s=60)

    assert carriers(at, asked) == ["ppl"] * 2
    assert at.states(asked) == [READY] * 2


def test_a_carrier_that_is_busy_now_and_then_is_well(town: Town) -> None:
    at = counter(town, "gls")
    for _ in range(3):
        at.worlds["gls"].faults.add("busy", calls=1, retry_after=60)
        asked = at.wants("gls")
        at.work(10 * 60, step_s=60)

        assert (at.states(asked), at.causes()) == ([READY], set())


def test_a_login_that_is_down_is_told_to_every_shop_that_waits_for_it(town: Town) -> None:
    at = counter(town, "gls", count=2)
    shop = live(town, count=2, slug="beta")
    beside = replace(at, shop=shop, taken=0)
    with town.rig.db.tx_all("a test gives a merchant another shop") as conn:
        tenants.pair(conn, shop.tenant, account_id=at.account_id)
        conn.execute("UPDATE mappings SET history_until = '2000-01-01Z'")
    with town.rig.db.tx(shop.tenant) as conn:
        offering.weigh(conn, shop.tenant, dict.fromkeys(shop.numbers, ()), now=town.watch())
    at.worlds["gls"].faults.add("down", calls=None)
    asked = [*at.wants("gls"), *beside.wants("gls")]

    both_turn(at, seconds=600, step_s=20)
    assert at.causes() == beside.causes() == {Cause.CARRIER_DOWN}
    at.worlds["gls"].faults.clear()
    both_turn(at, seconds=300, step_s=20)

    assert at.states(asked[:1]) + beside.states(asked[1:]) == [READY] * 2
    assert at.causes() == beside.causes() == set()


def both_turn(at: Counter, *, seconds: int, step_s: int) -> None:
    """Let all shops do what is due, always in the same order."""
    for _ in range(seconds // step_s):
        with at.town.rig.db.tx_all("a test asks whose rows are due") as conn:
            due: list[TenantId] = sorted(bookings.due_tenants(conn, now=at.town.watch()))
        for tenant_id in due:
            book.run(at.town.rig, tenant_id)
        at.town.watch.move(step_s)
        for world in at.worlds.values():
            world.tick()
