"""A shop's own shipment shows a carrier's points: what differs is sent once, and the shop's own points stay."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import affiliates
from service.affiliates import Affiliate, Key, Source, State, named, plan
from service.affiliates.decide import ALIVE, THERE
from service.flows import affiliates as flow
from service.flows import point_offers
from service.lanes import Lane
from service.pairings import Pairing
from service.problems import Cause
from service.steps import filling, pairing
from service.steps.pairing import Bar
from tests.flows.own import DAY, PACKETA, Own, opened, trafiky
from tests.flows.test_points import point
from tests.flows.town import Town


@pytest.fixture
def own(town: Town) -> Own:
    return opened(town)


def test_nobody_who_did_not_ask_for_it_costs_a_call(own: Own) -> None:
    own.reads(*trafiky(1, 2))
    own.town.work(for_s=DAY)

    assert own.calls() == {}


def test_points_go_in_by_the_hundred_and_only_what_differs_goes_after_them(own: Own) -> None:
    own.reads(*trafiky(*range(1, 151)))
    assert own.offer() == 150
    assert own.turn() == 2
    assert own.calls() == {"POST": 2}
    assert len(own.shown()) == 150

    own.reads(*trafiky(*range(2, 150)), *trafiky(150, name="Papír"), *trafiky(151))
    assert own.turn(after_s=2 * DAY) == 2

    assert own.calls() == {"POST": 3, "DELETE": 1}
    assert own.shown() == sorted([*(f"Trafika {n}" for n in range(2, 150)), "Papír 150", "Trafika 151"])
    assert [row["name"] for row in own.shop.affiliates[own.shipment]].count("Prodejna") == 1


def test_a_shipment_follows_its_list_once_a_day_and_no_list_that_says_the_same(own: Own) -> None:
    own.reads(*trafiky(1))
    own.offer()
    own.turn()
    own.reads(*trafiky(1, 2))
    own.reads(*trafiky(1, 2, 3))

    assert own.turn(after_s=DAY - 60) == 0
    assert own.turn(after_s=7 * 3_600) == 1
    own.reads(*trafiky(1, 2, 3))
    assert own.stands().due_at is None
    assert own.shown() == ["Trafika 1", "Trafika 2", "Trafika 3"]


def test_what_is_offered_before_its_list_was_read_follows_within_hours(own: Own) -> None:
    own.offer()
    assert own.turn() == 0
    own.reads(*trafiky(1))

    assert own.turn(after_s=6 * 3_600) == 1
    assert own.shown() == ["Trafika 1"]


def test_a_point_that_closed_goes_out_and_one_that_opens_again_comes_back(own: Own) -> None:
    own.reads(*trafiky(1, 2))
    own.offer()
    own.turn()
    own.reads(*trafiky(1), *trafiky(2, is_open=False))
    own.turn(after_s=2 * DAY)
    assert own.shown() == ["Trafika 1"]

    own.reads(*trafiky(1, 2))
    own.turn(after_s=2 * DAY)

    assert own.shown() == ["Trafika 1", "Trafika 2"]


@pytest.mark.parametrize(("kind", "landed"), [("dropped", True), ("error", False), ("late", True), ("empty", True)])
def test_a_lost_answer_is_read_back_and_no_point_stands_there_twice(own: Own, kind: str, landed: bool) -> None:
    own.reads(*trafiky(*range(120)))
    own.fails(kind, "POST", **({"seconds": 60, "seconds_most": 60} if kind == "late" else {}))
    own.offer()
    own.turn()
    for _ in range(8):
        own.turn(after_s=60)

    assert own.shown() == sorted(f"Trafika {n}" for n in range(120))
    assert own.calls() == ({"POST": 2, "GET": 2} if landed else {"POST": 4, "GET": 1})
    assert own.states() == {State.SHOWN: 120}


def test_a_removal_whose_answer_got_lost_is_read_back_too(own: Own) -> None:
    own.reads(*trafiky(1, 2, 3))
    own.offer()
    own.turn()
    own.reads(*trafiky(1, 2))
    own.fails("dropped", "DELETE")
    own.turn(after_s=2 * DAY)
    own.turn(after_s=120)

    assert own.calls() == {"POST": 1, "DELETE": 1, "GET": 1}
    assert own.states() == {State.SHOWN: 2, State.GONE: 1}


def test_what_the_shop_keeps_against_our_word_is_asked_for_once_a_round(own: Own) -> None:
    own.reads(*trafiky(1, 2, 3))
    own.offer()
    own.turn()
    own.reads(*trafiky(1, 2))
    own.fails("error", "DELETE")
    own.turn(after_s=2 * DAY)
    for _ in range(10):
        own.turn(after_s=600)
    assert own.calls()["DELETE"] == 1
    assert own.states()[State.KEPT] == 1
    own.reads(*trafiky(1, 2, 4))
    own.turn(after_s=2 * DAY)

    assert own.calls()["DELETE"] == 2
    assert own.shown() == ["Trafika 1", "Trafika 2", "Trafika 4"]


def test_a_point_the_shop_refuses_is_not_sent_again_until_it_changes(own: Own) -> None:
    def picky(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and b"Trafika 2" in request.content:
            said = [{"created_yn": True, "messages": []}, {"created_yn": False, "messages": [{"message": "Ne"}]}]
            return httpx.Response(200, json={"affiliates": said})
        return answered(request)

    answered = own.town.rig.transport.handler
    own.town.rig.transport.handler = picky
    own.reads(*trafiky(1, 2))
    own.offer()
    assert own.turn() == 1
    assert own.states() == {State.SHOWN: 1, State.REFUSED: 1}
    own.reads(*trafiky(1, 2, 3))
    own.turn(after_s=2 * DAY)

    assert own.states() == {State.SHOWN: 2, State.REFUSED: 1}


def test_a_shop_that_does_not_let_us_is_asked_no_more_and_a_person_told(own: Own) -> None:
    own.reads(*trafiky(1))
    own.offer()
    own.shop.shipments[own.shipment]["type"] = "zasilkovna"  # nobody told us
    assert own.turn() == 0
    for _ in range(5):
        own.turn(after_s=DAY)

    assert own.calls() == {"POST": 1}
    assert "403" in str(own.stands().why)
    assert own.causes() == [Cause.POINTS_REFUSED]
    own.shop.shipments[own.shipment]["type"] = "custom"
    own.offer()
    assert own.turn() == 1
    assert own.causes() == []


def test_only_an_own_shipment_of_the_shop_and_a_carrier_with_a_list_are_offered(own: Own) -> None:
    packeta = next(id_ for id_, row in own.shop.shipments.items() if row["code"] == "ZASILKOVNA")
    for shipment, source in (("99", PACKETA), (str(packeta), PACKETA), (str(own.shipment), Source("fan", "fan", "RO"))):
        with pytest.raises(point_offers.OfferFaulty):
            point_offers.offer(own.town.rig, own.tenant, shipment, source, by="a test")
    with pytest.raises(point_offers.OfferFaulty):
        point_offers.withdraw(own.town.rig, own.tenant, str(own.shipment), by="a test")

    assert own.calls() == {}


def test_an_offer_taken_back_takes_out_what_is_ours_and_follows_no_list(own: Own) -> None:
    own.reads(*trafiky(*range(1, 151)))
    own.offer()
    own.turn()
    point_offers.withdraw(own.town.rig, own.tenant, str(own.shipment), by="a test")
    assert own.turn() == 2
    own.reads(*trafiky(*range(1, 152)))
    own.turn(after_s=2 * DAY)

    assert [row["name"] for row in own.shop.affiliates[own.shipment]] == ["Prodejna"]
    assert own.calls() == {"POST": 2, "DELETE": 2}


def test_a_list_that_shows_nothing_there_empties_no_checkout(own: Own) -> None:
    own.reads(*trafiky(1, 2))
    own.offer()
    own.turn()
    own.offer(Source("packeta", "nobody", "CZ"))

    assert own.turn() == 0
    assert own.shown() == ["Trafika 1", "Trafika 2"]
    assert own.stands().why == flow.NO_POINTS


def test_a_budget_that_is_used_up_puts_a_round_off_and_it_goes_on(own: Own) -> None:
    own.reads(*trafiky(*range(1, 151)))
    own.offer()
    own.fails("busy", "POST", retry_after=None)
    own.turn()
    own.town.work(for_s=120)

    assert len(own.shown()) == 150
    assert own.calls() == {"POST": 3}
    assert own.states() == {State.SHOWN: 150}


def test_beat_finds_who_is_due_and_nobody_that_is_not_active(own: Own) -> None:
    own.reads(*trafiky(1))
    own.offer()
    assert (Lane.AFFILIATES, own.tenant) in own.town.due()

    with own.town.rig.db.tx_all("a test changes a shop") as conn:
        conn.execute("UPDATE tenants SET state = 'suspended'")

    assert (Lane.AFFILIATES, own.tenant) not in own.town.due()


SHOWN = st.dictionaries(st.integers(1, 6), st.tuples(st.sampled_from("ab"), st.booleans()), min_size=1)
TROUBLES = st.sampled_from([None, ("dropped", "POST"), ("error", "POST"), ("dropped", "DELETE"), ("error", "DELETE")])


@settings(max_examples=12)
@given(history=st.lists(st.tuples(SHOWN, TROUBLES), min_size=1, max_size=4))
def test_whatever_lists_and_answers_come_the_shop_shows_the_list_and_only_ids_of_ours_are_deleted(
    own: Own, history: Sequence[tuple[dict[int, tuple[str, bool]], tuple[str, str] | None]]
) -> None:
    asked: list[httpx.Request] = []
    answered = own.town.rig.transport.handler
    own.town.rig.transport.handler = lambda request: (asked.append(request), answered(request))[1]
    own.offer()
    for shows, trouble in history:
        own.reads(*(point(number, name=name, is_open=is_open) for number, (name, is_open) in shows.items()))
        if trouble:
            own.fails(*trouble)
        own.turn(after_s=2 * DAY)
        own.settle()
    own.shop.faults.waiting.clear()
    own.offer()
    own.settle()
    own.town.rig.transport.handler = answered

    with own.town.rig.db.tx(own.tenant) as conn:
        ours = {each.affiliate_id for each in affiliates.every(conn, own.tenant, str(own.shipment))}
        wanted = filling.wanted(conn, PACKETA)
    there = [row["affiliate_id"] for row in own.shop.affiliates[own.shipment]]
    deletes = [request.url.params for request in asked if request.method == "DELETE"]
    assert own.shown() == sorted(each.name for each in wanted.values()) or not wanted
    assert len(there) == len(set(there))
    assert "prodejna1" in there
    assert all({*params.keys()} == {"affiliate_ids[]"} for params in deletes)
    assert {id_ for params in deletes for id_ in params.get_list("affiliate_ids[]")} <= ours
    assert not any(b"delete_all" in request.content for request in asked)


def test_an_own_shipment_is_paired_once_it_shows_our_points_and_its_orders_find_them_for_ever(own: Own) -> None:
    own.reads(*trafiky(7, 8))
    own.offer()
    pair = partial(pairing.pair, shop_shipment_id=str(own.shipment), wanted=Pairing("packeta", "point"))
    with own.town.rig.db.tx(own.tenant) as conn:
        assert pair(conn, own.tenant, ables=pairing.every(), now=own.town.watch()) == (Bar.OTHER_NETWORK,)
    own.turn()
    id_ = next(row["affiliate_id"] for row in own.shop.affiliates[own.shipment] if row["name"] == "Trafika 7")
    content = {"shipment": {"id": own.shipment, "type": "custom", "affiliate_id": id_}}
    with own.town.rig.db.tx(own.tenant) as conn:
        assert pair(conn, own.tenant, ables=pairing.every(), now=own.town.watch()) == ()
    point_offers.withdraw(own.town.rig, own.tenant, str(own.shipment), by="a test")
    own.turn()

    with own.town.rig.db.tx(own.tenant) as conn:
        assert filling.meant(conn, own.tenant, [content]) == {(str(own.shipment), id_): Key("packeta", "packeta", "7")}
        assert filling.meant(conn, "t_other", [content]) == {}


LISTED = st.dictionaries(st.sampled_from("abcde"), st.binary(min_size=1, max_size=1), max_size=5)
ENDS = st.lists(st.tuples(LISTED, st.sampled_from(["told", "lost", "refused"])), max_size=6)


@given(ENDS)
def test_whatever_a_list_shows_and_answers_say_the_plan_ends_at_the_list_with_no_id_twice(
    rounds: Sequence[tuple[dict[str, bytes], str]],
) -> None:
    rows: dict[str, Affiliate] = {}
    posted: Counter[str] = Counter()
    for listed, answer in rounds:
        wanted = {Key("c", "n", code): digest for code, digest in listed.items()}
        found = plan(list(rows.values()), wanted, tenant_id="t_one")
        turns = {id_: state for state, ids in found.turns.items() for id_ in ids}
        rows = {id_: _turned(row, turns.get(id_, row.state)) for id_, row in rows.items()}
        rows |= {each.affiliate_id: each for each in found.new}
        posted.update(each.affiliate_id for each in found.new)
        assert turns.keys() <= rows.keys()
        for id_, row in rows.items():
            if row.state is State.WANTED and answer != "lost":
                rows[id_] = _turned(row, State.SHOWN if answer == "told" else State.REFUSED)
            if row.state is State.UNWANTED:
                rows[id_] = _turned(row, State.KEPT if answer == "refused" else State.GONE)
        alive = [(row.key, row.digest) for row in rows.values() if row.state in ALIVE and row.state is not State.KEPT]

        assert sorted(alive) == sorted(wanted.items())
        assert all(count == 1 for count in posted.values())
        if answer == "told":
            assert {row.key for row in rows.values() if row.state in THERE} >= wanted.keys()


def _turned(row: Affiliate, state: State) -> Affiliate:
    return Affiliate(row.affiliate_id, row.key, row.digest, state)


@given(st.text(), st.sets(st.text(alphabet="ab1x", max_size=3)))
def test_an_id_is_of_letters_and_digits_and_nobody_elses(code: str, taken: set[str]) -> None:
    key = Key("packeta", "packeta", code)
    first = named(key, taken, tenant_id="t_one")

    assert first.isascii()
    assert first.isalnum()
    assert named(key, {first.casefold()}, tenant_id="t_one") != first
    assert named(key, taken, tenant_id="t_two") != first
