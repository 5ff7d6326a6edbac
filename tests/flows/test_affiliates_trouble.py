"""A shop that does not do its part for its points: it is not asked for ever, and one bad point holds up no other."""

import json
from collections.abc import Callable

import httpx
import pytest

from service.affiliates import State
from service.flows import points
from service.platform.client import AFFILIATES_AT_ONCE
from service.problems import Cause
from tests.flows.own import DAY, Own, opened, trafiky
from tests.flows.test_points import Lists, lists
from tests.flows.town import Town


@pytest.fixture
def own(town: Town) -> Own:
    return opened(town)


def changing(own: Own, change: Callable[[httpx.Request, httpx.Response], httpx.Response | None]) -> None:
    """Let the shop's answers about points be others; None: as they are."""
    answered = own.town.rig.transport.handler

    def answer(request: httpx.Request) -> httpx.Response:
        said = answered(request)
        return (change(request, said) if "/affiliates" in request.url.path else None) or said

    own.town.rig.transport.handler = answer


def paged(**changes: object) -> Callable[[httpx.Request, httpx.Response], httpx.Response | None]:
    def change(request: httpx.Request, said: httpx.Response) -> httpx.Response | None:
        return httpx.Response(200, json=json.loads(said.content) | changes) if request.method == "GET" else None

    return change


def lose_one(own: Own, points: int) -> None:
    """Put points in, and lose the last answer."""
    own.reads(*trafiky(*range(points)))
    own.fails("dropped", "POST")
    own.offer()
    own.turn()


def test_a_shop_that_ignores_the_page_is_not_read_for_ever(own: Own) -> None:
    lose_one(own, 100)
    changing(own, paged(current_page=1, number_of_pages=2))
    own.turn(after_s=120)
    own.turn(after_s=60)

    assert own.calls() == {"POST": 1, "GET": 4}
    assert own.stands().read_page == 1
    assert own.states() == {State.SHOWN: 99, State.SENT: 1}


def test_a_page_beyond_the_end_proves_nothing(own: Own) -> None:
    lose_one(own, 50)
    with own.town.rig.db.tx(own.tenant) as conn:
        conn.execute("UPDATE affiliate_offers SET read_page = 7")
    own.turn(after_s=120)
    assert own.stands().read_page == 1
    own.turn(after_s=120)

    assert own.calls()["POST"] == 1
    assert own.states() == {State.SHOWN: 50}


def test_a_list_that_changed_between_two_turns_is_read_from_its_beginning(own: Own) -> None:
    lose_one(own, 120)
    with own.town.rig.db.tx(own.tenant) as conn:
        conn.execute("UPDATE affiliate_offers SET read_page = 2, read_total = 150")
    own.turn(after_s=120)

    assert own.stands().read_page == 1
    assert own.states()[State.SENT] == 100


def test_whoever_acts_on_an_offer_has_its_list_read_from_the_beginning(own: Own) -> None:
    own.offer()
    with own.town.rig.db.tx(own.tenant) as conn:
        conn.execute("UPDATE affiliate_offers SET read_page = 2, read_total = 150")
    own.offer()

    assert (own.stands().read_page, own.stands().read_total) == (1, None)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_point_the_shop_chokes_on_is_soon_alone_and_holds_up_no_other(own: Own, status: int) -> None:
    answered = own.town.rig.transport.handler

    def choke(request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or b'"Trafika 7"' not in request.content:
            return answered(request)
        count = len(json.loads(request.content)["affiliates"])
        return httpx.Response(status, json={"affiliates": [{"created_yn": "?"}] * count} if status == 200 else {})

    own.town.rig.transport.handler = choke
    own.reads(*trafiky(*range(120)))
    own.offer()
    for _ in range(60):
        own.turn(after_s=300)

    assert own.states() == {State.SHOWN: 119, State.REFUSED: 1}
    assert own.causes() == []
    assert own.stands().due_at is None
    assert own.calls()["POST"] + own.calls()["GET"] < 60


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_shop_that_takes_no_point_is_asked_no_more_in_the_end_and_a_person_told(own: Own, status: int) -> None:
    answered = own.town.rig.transport.handler

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return answered(request)
        count = len(json.loads(request.content)["affiliates"])
        return httpx.Response(status, json={"affiliates": [{"created_yn": "?"}] * count} if status == 200 else {})

    own.town.rig.transport.handler = refuse
    own.reads(*trafiky(*range(120)))
    own.offer()
    for _ in range(60):
        own.turn(after_s=1_800)

    assert own.stands().parked_at
    assert own.causes() == [Cause.POINTS_REFUSED]


def test_after_answers_a_batch_is_whole_again(own: Own) -> None:
    asked: list[int] = []
    own.reads(*trafiky(*range(AFFILIATES_AT_ONCE + 50)))
    own.fails("error", "POST")
    own.offer()

    def count(request: httpx.Request, _: httpx.Response) -> None:
        if request.method == "POST":
            asked.append(len(json.loads(request.content)["affiliates"]))

    changing(own, count)
    own.settle()
    own.settle()

    assert asked == [AFFILIATES_AT_ONCE, 6, 25, AFFILIATES_AT_ONCE, 19]
    assert own.stands().tries == 0


def test_shops_follow_what_a_read_wrote_that_was_overtaken(own: Own) -> None:
    own.reads(*trafiky(1))
    own.offer()
    own.turn()
    own.town.watch.move(2 * DAY)
    shows = trafiky(*range(points.AT_ONCE + 1))  # one of them is known
    late = Lists(shows)

    def overtake() -> None:
        own.town.watch.move(3_600)
        again = points.sync(own.town.rig, lists(*shows), "CZ")
        assert again
        assert again.written == 0

    late.meanwhile.append(overtake)
    assert points.sync(own.town.rig, late, "CZ") is None

    assert own.stands().due_at
