"""What the merchant answered: saved whole, replaced whole, and only then the shop may go live."""

from dataclasses import replace

from service import mappings
from service.mappings import NOTHING, Answers, Milestone, Target, Tracking
from tests.shop_items import at

SHOP = "t_one"
NAMES = {1: "Přijatá", 7: "Zaplacená", 12: "Odeslaná", 13: "Na výdejním místě"}
ANSWERS = Answers(
    release={1, 7},
    targets={Milestone.SHIPPED: Target(12, mail=True), Milestone.PICKUP_POINT: Target(13, sms=True)},
    release_from=at(-100),
    pull_from=None,
    tracking=Tracking.JOINED,
    names=NAMES,
)


def test_nothing_is_answered_at_first(conn) -> None:
    assert mappings.of(conn, SHOP) == NOTHING
    assert not NOTHING.live
    assert not NOTHING.complete


def test_what_was_answered_is_read_back(conn) -> None:
    given = mappings.save(conn, SHOP, ANSWERS, now=at(0))

    assert given == mappings.of(conn, SHOP)
    assert given.release == {1, 7}
    assert given.targets == ANSWERS.targets
    assert (given.release_from, given.tracking, given.revision) == (at(-100), Tracking.JOINED, 1)
    assert given.names == {key: NAMES[key] for key in (1, 7, 12, 13)}
    assert given.seen == set(NAMES)
    assert given.settled == {12, 13}


def test_new_answers_replace_all_of_the_old(conn) -> None:
    mappings.save(conn, SHOP, ANSWERS, now=at(0))
    fewer = Answers({7}, {}, None, None, Tracking.FIRST, NAMES)

    given = mappings.save(conn, SHOP, fewer, now=at(1))

    assert (given.release, given.targets, given.revision) == ({7}, {}, 2)


def test_a_milestone_knows_since_when_it_has_a_status(conn) -> None:
    mappings.save(conn, SHOP, ANSWERS, now=at(0))
    more = replace(ANSWERS, targets={Milestone.SHIPPED: Target(13), Milestone.DELIVERED: Target(12)})

    given = mappings.save(conn, SHOP, more, now=at(1))

    assert {name: target.since for name, target in given.targets.items()} == {
        Milestone.SHIPPED: at(0), Milestone.DELIVERED: at(1)
    }  # fmt: skip


def test_a_shop_goes_live_only_with_answers_and_a_known_history(conn) -> None:
    assert not mappings.switch(conn, SHOP, live_since=at(1))
    mappings.note_history(conn, SHOP, until=at(0))
    assert not mappings.switch(conn, SHOP, live_since=at(1))
    assert mappings.save(conn, SHOP, ANSWERS, now=at(1)).complete

    assert mappings.switch(conn, SHOP, live_since=at(2))

    assert mappings.of(conn, SHOP).live
    assert mappings.switch(conn, SHOP, live_since=None)
    assert not mappings.of(conn, SHOP).live


def test_the_first_pull_says_what_is_history_and_no_later_one(conn) -> None:
    mappings.note_history(conn, SHOP, until=at(0))
    mappings.note_history(conn, SHOP, until=at(500))
    mappings.save(conn, SHOP, ANSWERS, now=at(1))

    assert mappings.of(conn, SHOP).history_until == at(0)
