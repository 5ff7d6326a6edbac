"""Answers change while orders are read: whoever comes first, in the end each order stands by the last answers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from service import mappings, offers
from service.flows import mapping, release
from service.mappings import Tracking
from service.steps import take_over
from tests.live import PAID, answer, go_live
from tests.shop_items import NOON, at, order

SHOP = "t_one"


def read(conn, number: str, **fields) -> None:
    found = order(number, created=60, changed=60, **fields)
    take_over.take_over(conn, SHOP, [found], read_at=at(70), source="event", now=at(70))


def told(town) -> dict[str, tuple[str, str | None]]:
    with town.rig.db.tx(SHOP) as conn:
        found = offers.known(conn, SHOP, ["O1", "OLD"])
    return {number: (offer.state.value, offer.reason and offer.reason.value) for number, offer in found.items()}


def save(town) -> None:
    mapping.save(
        town.rig, SHOP, release=[PAID], targets={}, release_from=None, pull_from=None, tracking=Tracking.FIRST, by="x"
    )


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        (lambda town: mapping.go_live(town.rig, SHOP, by="x"), answer, ("released", None)),
        (save, go_live, ("stop", "status")),
    ],
    ids=["go live", "save"],
)
def test_an_order_that_is_being_read_is_weighed_by_the_new_answers(town, act, before, after) -> None:
    with town.rig.db.tx(SHOP) as conn:
        before(conn, SHOP)
    begun = threading.Event()

    def change() -> None:
        begun.set()
        act(town)

    with ThreadPoolExecutor(1) as pool:
        with town.rig.db.tx(SHOP) as conn:
            read(conn, "O1")
            assert mappings.of(conn, SHOP).history_until == NOON
            changing = pool.submit(change)
            assert begun.wait(5)
            with pytest.raises(TimeoutError):
                changing.result(0.2)
        changing.result(10)

    assert told(town)["O1"] == after


def test_what_a_person_released_stands_by_new_answers_too(town) -> None:
    with town.rig.db.tx(SHOP) as conn:
        go_live(conn, SHOP)
        take_over.take_over(conn, SHOP, [order("OLD")], read_at=at(70), source="pull", now=at(70))
    release.run(town.rig, SHOP, ["OLD"], by="x")
    assert told(town) == {"OLD": ("released", None)}

    save(town)

    assert told(town) == {"OLD": ("stop", "status")}


def test_answers_made_over_others_than_those_that_stand_change_nothing(town) -> None:
    with town.rig.db.tx(SHOP) as conn:
        answer(conn, SHOP)
        given = mappings.of(conn, SHOP)
    later = {"release_from": None, "pull_from": None, "tracking": Tracking.LAST, "by": "x", "over": given.revision}
    mapping.save(town.rig, SHOP, release=[PAID], targets={}, **later)

    with pytest.raises(mapping.ChangedMeanwhile):
        mapping.save(town.rig, SHOP, release=sorted(given.release), targets=given.targets, **later)

    with town.rig.db.tx(SHOP) as conn:
        assert mappings.of(conn, SHOP).release == {PAID}
