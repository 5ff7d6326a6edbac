"""Webhooks dropped on purpose: the certificate names exactly the orders they were about, and a blind one is caught."""

from collections.abc import Callable

import pytest

from service import inbox
from service.flows import certify
from service.lanes import Lane
from simulator import changes
from tests.flows.planting import Planted, drawn, judged, lacking, named, plant, proven
from tests.flows.town import Town

LIVES = 4  # `python -m tests.bench planted` plants two hundred
HOUR_S = 3_600


def test_exactly_what_was_planted_is_named_by_a_proof_that_costs_what_it_said(town: Town) -> None:
    shop, tenant = town.activated(orders=150)
    town.hear(shop, tenant)
    for seed in range(LIVES):
        planted = plant(town, shop, tenant, seed)
        assert lacking(town, planted) - planted.left <= planted.lost.keys()

        stated, made, calls = proven(town, planted)

        assert judged(planted, made.verdict.value, named(made)) == {}
        assert stated.proving
        assert calls <= stated.proving.cost.at_most
        assert made.whole or not planted.whole


@pytest.fixture
def hidden(town: Town) -> Planted:
    """One lost change, one lost creation and one lost deletion behind a hundred changes that were told."""
    shop, tenant = town.activated(orders=150)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    numbers = list(shop.orders)
    planted = Planted(shop, tenant, began=town.watch())
    changes.bulk_status(town.world, shop, numbers[:30], next(iter(shop.statuses)))
    town.deliver()
    town.work()
    town.watch.move(HOUR_S)
    changes.change_order(town.world, shop, numbers[3], internal_note="lost")
    changes.delete_order(town.world, shop, numbers[4])
    new = changes.create_order(town.world, shop).number  # so their number is what it was
    town.undelivered = []
    planted.lost = {numbers[3]: "change", numbers[4]: "delete", new: "create"}
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, numbers[30:], next(iter(shop.statuses)))
    town.deliver()
    town.work()
    town.watch.move(HOUR_S)
    planted.ended = town.watch()
    return planted


def test_what_is_hidden_behind_a_hundred_told_changes_is_named(town: Town, hidden: Planted) -> None:
    _, made, _ = proven(town, hidden)

    assert judged(hidden, made.verdict.value, named(made)) == {}


def test_an_old_order_that_was_deleted_without_a_word_is_named_by_a_proof_of_all(town: Town, hidden: Planted) -> None:
    old = list(hidden.shop.orders)[-2]
    with town.rig.db.tx(hidden.tenant) as conn:  # nothing of it changed since long before the period
        long_ago = "UPDATE orders SET last_update_time = %s - interval '200 days' WHERE order_number = %s"
        conn.execute(long_ago, [hidden.began, old])
    changes.delete_order(town.world, hidden.shop, old)
    town.undelivered = []
    town.watch.move(HOUR_S)
    hidden.ended = town.watch()
    _, made, _ = proven(town, hidden)
    hidden.lost[old] = "delete"
    hidden.whole = True
    stated, whole, _ = proven(town, hidden)

    assert judged(hidden, made.verdict.value, named(made)) == {"not named": {old: "delete"}}
    assert not made.whole
    assert stated.proving
    assert judged(hidden, whole.verdict.value, named(whole)) == {}
    assert whole.whole


def counts(town: Town, planted: Planted) -> list[str]:
    """A detector that holds numbers of orders against each other."""
    ours = sum(row["state"] == "live" for row in town.mirrored(planted.tenant).values())
    theirs = sum(not order.deleted_at for order in planted.shop.orders.values())
    return [] if ours == theirs else ["some"]


def front(town: Town, planted: Planted) -> list[str]:
    """A detector that compares the newest hundred changes."""
    listed = sorted(planted.shop.orders.values(), key=lambda order: order.updated, reverse=True)[:100]
    return sorted({order.number for order in listed} & lacking(town, planted))


def receipts(town: Town, planted: Planted) -> list[str]:
    """A detector that asks whether all that came was read."""
    with town.rig.db.tx(planted.tenant) as conn:
        return sorted(inbox.owed(conn, planted.tenant, Lane.REFRESH_ORDERS, list(planted.shop.orders)))


def listed_only(town: Town, planted: Planted) -> list[str]:
    """A detector that compares what the shop lists, and forgets what it does not."""
    return sorted(number for number in lacking(town, planted) if not planted.shop.orders[number].deleted_at)


def everything(town: Town, planted: Planted) -> list[str]:
    """A detector that names whoever changed."""
    return sorted(number for number in planted.shop.orders if planted.shop.orders[number].updated)


@pytest.mark.parametrize("blind", [counts, front, receipts, listed_only, everything])
def test_a_blind_detector_is_caught(town: Town, hidden: Planted, blind: Callable[[Town, Planted], list[str]]) -> None:
    numbers = blind(town, hidden)

    assert judged(hidden, "incomplete" if numbers else "complete", numbers)


def test_a_certificate_over_evidence_without_identities_is_caught(town: Town, hidden: Planted) -> None:
    _, seeing, _ = proven(town, hidden)
    with town.rig.db.tx(hidden.tenant) as conn:  # the looks and their counts stay, the numbers are gone
        conn.execute("DELETE FROM losses")

    made = drawn(town, hidden.tenant, hidden.period)

    assert judged(hidden, seeing.verdict.value, named(seeing)) == {}
    assert judged(hidden, made.verdict.value, named(made)).keys() == {"not named", "verdict"}


def test_a_look_that_is_blind_to_what_stands_behind_its_first_page_proves_nothing_of_it(
    town: Town, hidden: Planted
) -> None:
    with town.rig.db.tx(hidden.tenant) as conn:  # no doubt: it ends where nothing differs, with equal counts
        now = town.watch()
        inbox.ask_look(conn, hidden.tenant, Lane.REFRESH_ORDERS, inbox.Cause.PERSON, now=now, doubted_from=None)
    town.work()
    town.watch.move(HOUR_S)

    made = drawn(town, hidden.tenant, hidden.period)

    assert made.verdict.value == "unproven"
    assert [gap.span.since for gap in made.gaps] == [hidden.began]
    town.watch.move(HOUR_S)
    certify.run(town.rig, hidden.tenant, hidden.period, by="a test")
    town.work(for_s=900, idle_s=400)
    whole = drawn(town, hidden.tenant, hidden.period)
    assert judged(hidden, whole.verdict.value, named(whole)) == {}
