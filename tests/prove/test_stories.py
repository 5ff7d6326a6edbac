"""A short set of what `make prove` searches for long: fixed seeds, so that it says the same each time."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from simulator import changes
from tests.prove import heal, histories, quiet, story, verdict, year
from tests.prove.clocks import SCENES
from tests.prove.deeds import ACTS, DRAWN, Deed
from tests.prove.ground import Ground
from tests.prove.story import Story
from tests.prove.trial import Trial

TOLD_BEFORE = {
    "an uninstalled shop comes back while what it had released lies on the line": (
        "(59, \"year's end\", 1, 4, [('uninstall', 1, 253, False), ('come_back', 1, 372, False), "
        "('ship', 4, 483, False)])"
    ),
    "a shop that says yes to a write and drops it": (
        "(57, 'spring forward', 1, 4, [('ship', 2, 58, False), ('fail', 'silent', 155, False)])"
    ),
    "a code is confirmed in the instant in which a status is asked, and that call fails": (
        "(3988, 'noon', 2, 4, [('ship', 2, 986, False), ('jump', 3600, 597, False), ('wait', 1.0, 825, False), "
        "('ship', 1, 977, False), ('ack', 1, 379, False), ('change', 1, 759, False), ('storm', 200, 694, False), "
        "('rival', 1, 409, True), ('fail', 'error', 575, False), ('ship', 1, 272, False)])"
    ),
    "a shop that drops what it said yes to while its merchant sets another status": (
        "(3297, 'noon', 1, 4, [('ship', 4, 816, False), ('fail', 'silent', 334, False), ('bulk', 8, 642, False), "
        "('stall', 2, 264, False), ('lose_database', 1, 429, False), ('find_redis', 1, 254, False)])"
    ),
    "half of a shop's orders deleted while the add-on is away": (
        "(2358, 'leap day', 1, 8, [('delete', 2, 133, True), ('uninstall', 1, 208, False), ('delete', 2, 350, True)])"
    ),
    "our clock leaps an hour ahead while a write is still on its way": (
        "(2607, 'leap day', 1, 4, [('change', 5, 487, False), ('storm', 400, 119, False), ('ship', 1, 275, False), "
        "('kill', 1, 89, False), ('late', 20, 727, False), ('jump', 3600, 46, False)])"
    ),
}


@pytest.mark.parametrize("seed", [1, 2, 4, 5, 6, 9])
def test_a_story_ends_as_promised(ground: Ground, seed: int) -> None:
    ended = story.told(ground, Story.drawn(seed))

    assert ended.wrong == [], f"{ended.story}\nagain: python -m tests.prove tell {ended.story.written()!r}"
    assert (ended.lost, ended.duplicates) == (0, 0)


@pytest.mark.parametrize("text", TOLD_BEFORE.values(), ids=TOLD_BEFORE)
def test_a_story_that_once_ended_otherwise_ends_as_promised(ground: Ground, text: str) -> None:
    assert story.told(ground, Story.read(text)).wrong == []


def test_a_failing_story_is_shortened_to_what_makes_it_fail() -> None:
    whole = Story.drawn(11)
    first, *_, last = whole.deeds

    short = story.shortened(whole, lambda shorter: {first, last} <= set(shorter.deeds))

    assert set(short.deeds) == {first, last}
    assert Story.read(short.written()) == short


def test_every_deed_is_told_somewhere() -> None:
    told = {deed.name for seed in range(100) for deed in Story.drawn(seed).deeds}

    assert told == set(ACTS)
    assert len(ACTS) == len(DRAWN)


def lose_an_order(trial: Trial) -> None:
    with trial.rig.db.tx(trial.sites[0].tenant) as conn:
        conn.execute("DELETE FROM orders WHERE order_number IN (SELECT order_number FROM orders LIMIT 1)")


def show_another_code(trial: Trial) -> None:
    (site,) = trial.sites
    number = next(iter(site.warehouse.told.values())).number
    changes.change_order(trial.town.world, site.shop, number, tracking_code="ELSE")
    trial.carry_all()
    trial.work(for_s=60)


def mail_twice(trial: Trial) -> None:
    trial.sites[0].shop.post(trial.sites[0].shop.mails[-1])


def acknowledge_without_storing(trial: Trial) -> None:
    trial.acked[trial.sites[0].tenant, "Orders.update", b"{}"] += 1


def miss_a_change(trial: Trial) -> None:
    known = trial.sites[0].warehouse.known
    number = min(known)
    known[number] = replace(known[number], revision=known[number].revision - 1)


def park(trial: Trial) -> None:
    with trial.rig.db.tx(trial.sites[0].tenant) as conn:
        conn.execute("UPDATE outbox SET parked = 'nobody knows why'")


def suspend(trial: Trial) -> None:
    with trial.rig.db.tx(trial.sites[0].tenant) as conn:
        conn.execute("UPDATE tenants SET state = 'suspended' WHERE tenant_id = %s", [trial.sites[0].tenant])


def forge(trial: Trial) -> None:
    (site,) = trial.sites
    with trial.rig.db.tx(site.tenant) as conn:
        conn.execute(
            "INSERT INTO shipments (tenant_id, shipment_id, order_number, account_id, final_since, revision,"
            " created_at, changed_at) SELECT tenant_id, shipment_id || 'x', order_number, account_id, NULL, 1,"
            " created_at, changed_at FROM shipments LIMIT 1"
        )


def break_a_rule(trial: Trial) -> None:
    trial.sites[0].shop.stats.breach("concurrency")


PLANTED: dict[Callable[[Trial], None], str] = {
    lose_an_order: "missing",
    show_another_code: "shows the code ELSE",
    mail_twice: "its customer has 2 mails",
    acknowledge_without_storing: "acknowledged webhooks are not stored",
    miss_a_change: "does not know how these stand",
    park: "nobody knows why",
    suspend: "the shop is suspended",
    forge: "shipments are stored",
    break_a_rule: "concurrency",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_what_is_not_as_promised_is_seen(ground: Ground, plant: Callable[[Trial], None]) -> None:
    with ground.trial(1, start=SCENES["noon"], shops=1, orders=4) as trial:
        Deed("ship", 2, 7).done(trial)
        trial.work(for_s=60)
        trial.carry_all()
        Deed("read", 9, 7).done(trial)
        trial.work(for_s=60)
        assert verdict.wrongs(trial) == []

        plant(trial)

        assert any(PLANTED[plant] in each for each in verdict.wrongs(trial))


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_histories_end_as_the_shop_shows_them(ground: Ground, seed: int) -> None:
    assert histories.told(ground, seed=seed, histories=250) == {}


def test_shops_that_told_nothing_for_twelve_hours_are_healed_in_waves_for_three_calls_each(ground: Ground) -> None:
    healed = heal.told(ground, shops=7)

    assert healed.took_s is not None
    assert (healed.untrue, healed.over_budget, healed.most_at_once) == (0, 0, 5)
    assert healed.changed > 0


def test_a_shop_in_which_nothing_happens_is_asked_once_a_week_and_the_cause_is_known(ground: Ground) -> None:
    kept = quiet.told(ground, shops=1, days=8)

    assert kept.causes == {"silence": 1}
    assert (sum(kept.calls.values()), kept.causeless) == (1, 0)


def test_days_of_a_shop_leave_nothing_undone(ground: Ground) -> None:
    lived = year.told(ground, orders_a_day=4, days=2)

    assert lived.wrong == []
    assert 0 < lived.shipped == lived.mails
