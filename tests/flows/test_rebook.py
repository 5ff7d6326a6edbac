"""A person decides about a label: only what he was shown, only what may leave still, nothing that is handed over."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from carriers.shipment import Box
from service import bookings, problems
from service.bookings import Parked, State
from service.flows import rebook, ship
from service.flows.rebook import RebookRefused, Why
from service.problems import Cause
from service.steps import labelling
from simulator import changes
from tests.flows.counter import Counter, counter
from tests.flows.town import build


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Counter]:
    town = build(tmp_path, database.url, redis_url)
    yield counter(town, "ppl")
    town.rig.close()


def park(at: Counter, booking_id: str, reason: Parked) -> None:
    """Leave a booking to a person whatever it is at."""
    with at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET claim = 'c_x' WHERE booking_id = %s", [booking_id])
        each = bookings.one(conn, at.tenant, booking_id)
        assert each
        labelling.park(conn, at.tenant, replace(each, claim="c_x"), reason, why="a test", now=at.town.watch())


def again(at: Counter, booking_id: str, *, over: int | None = None) -> None:
    shown = at.stands(booking_id).position if over is None else over
    rig = at.town.rig
    rebook.again(rig, at.tenant, booking_id, over=shown, boxes=(), as_it_was=True, by="a test")


def refusal(at: Counter, booking_id: str, *, over: int | None = None) -> Why:
    with pytest.raises(RebookRefused) as refused:
        again(at, booking_id, over=over)
    return refused.value.why


def test_what_the_carrier_has_and_we_failed_at_is_only_printed_again(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.worlds["ppl"].faults.add("down", operation="GET /data/{}", calls=None)
    at.work(10)
    at.worlds["ppl"].faults.clear()
    made = len(at.worlds["ppl"].parcels)
    assert at.stands(booking).booked_at
    park(at, booking, Parked.FAILING)

    again(at, booking)
    at.work(300)

    assert at.states([booking]) == ["ready"]
    assert len(at.worlds["ppl"].parcels) == made
    assert at.causes() == set()


def test_nobody_decides_about_what_has_moved_on(at: Counter) -> None:
    [booking] = at.wants("ppl")
    park(at, booking, Parked.REFUSED)
    shown = at.stands(booking).position

    assert refusal(at, booking, over=shown - 1) is Why.CHANGED
    assert refusal(at, "b_none", over=1) is Why.UNKNOWN
    [waiting] = at.wants("ppl")
    assert refusal(at, waiting) is Why.CHANGED  # it is under way


def test_who_confirms_the_weights_keeps_the_measures(at: Counter) -> None:
    [booking] = at.wants("ppl", boxes=(Box(700, 300, 200, 100), Box(800)))
    each = at.stands(booking)

    assert rebook.wish_of(each, (Box(700), Box(800)), as_it_was=True).boxes == (Box(700, 300, 200, 100), Box(800))
    assert rebook.wish_of(each, (Box(900),), as_it_was=True).boxes == (Box(900),)
    assert rebook.wish_of(each, (), as_it_was=False).boxes == (Box(700, 300, 200, 100), Box(800))


def test_an_order_the_shop_cancelled_and_a_shipment_taken_back_get_no_label(at: Counter) -> None:
    one, other = at.wants("ppl", 2)
    for booking in (one, other):
        park(at, booking, Parked.REFUSED)
    storno = next(i for i, each in at.shop.shop.statuses.items() if each["type"] == "Canceled")
    changes.change_order(at.town.world, at.shop.shop, at.stands(one).order_number, status_id=storno)
    at.shop.read()
    ship.void(at.town.rig, {at.tenant}, at.stands(other).shipment_id, by="a test")

    assert refusal(at, one) is Why.STOPPED
    assert refusal(at, other) is Why.CHANGED  # its label went with it


def test_what_is_handed_over_is_not_taken_back(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    with at.town.rig.db.tx(at.tenant) as conn:
        bookings.handed(conn, at.tenant, [booking], now=at.town.watch())
    shown = at.stands(booking).position

    with pytest.raises(RebookRefused) as refused:
        rebook.leaving(at.town.rig, at.tenant, booking, over=shown)
    rebook.take_back(at.town.rig, at.tenant, booking, by="a test")

    assert refused.value.why is Why.HANDED
    assert at.states([booking]) == ["ready"]


def test_strays_of_an_order_are_told_together_and_no_label_closes_them(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    made = at.stands(booking)
    boxes = [[bookings.Box(1, "ppl", number, number, "", {})] for number in ("41", "42", "41")]
    with at.town.rig.db.tx(at.tenant) as conn:
        for each in boxes:
            labelling.nobodys(conn, at.tenant, made, each, now=at.town.watch())
    at.cancel(booking)
    at.work(30)

    with at.town.rig.db.tx(at.tenant) as conn:
        [stray] = problems.open_ones(conn, at.tenant, causes=[Cause.PARCEL_STRAY])
    assert (stray.detail["numbers"], stray.count) == ({"41": "ppl", "42": "ppl"}, 3)
    assert not rebook.seen_to(at.town.rig, at.tenant, made.order_number, by="a test", over=2)  # told again since
    assert rebook.seen_to(at.town.rig, at.tenant, made.order_number, by="a test", over=3)
    assert at.causes() == set()


def test_what_the_carrier_did_not_take_back_is_confirmed_and_over(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    at.cancel(booking)
    park(at, booking, Parked.NOT_TAKEN_BACK)
    assert at.causes() == {Cause.LABEL_NOT_TAKEN_BACK}

    rebook.let_be(at.town.rig, at.tenant, booking, by="a test")

    assert at.stands(booking).state is State.CANCELLED
    assert at.causes() == set()


def test_what_was_never_asked_for_is_over_at_once(at: Counter) -> None:
    [booking] = at.wants("ppl")

    rebook.take_back(at.town.rig, at.tenant, booking, by="a test")
    rebook.take_back(at.town.rig, at.tenant, booking, by="a test")
    at.work(30)

    assert at.states([booking]) == ["cancelled"]
    assert at.worlds["ppl"].parcels == {}


def test_what_is_to_be_taken_back_is_not_made_anew(at: Counter) -> None:
    at.strikes("ppl", "error")
    one, other = at.wants("ppl", 2)
    at.turn()
    for each in (one, other):
        at.cancel(each)
        park(at, each, Parked.UNCLEAR)

    assert refusal(at, one) is Why.UNWANTED
    with at.town.rig.db.tx(at.tenant) as conn:  # as one was left by whoever could say so before
        conn.execute("UPDATE bookings SET parked = NULL, asked_at = NULL, creates = 1 WHERE booking_id = %s", [other])
    at.work(700, step_s=60)

    assert at.stands(other).state is State.CANCELLED
    assert at.causes() == {Cause.LABEL_UNCLEAR}


def test_a_label_that_comes_after_all_is_nobodys_to_decide(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    with at.town.rig.db.tx(at.tenant) as conn:  # one clerk stands still with the label, another has given up
        [sheet] = bookings.sheets(conn, at.tenant, [booking], format="pdf").values()
        boxes = bookings.boxes(conn, at.tenant, [booking])[booking]
        conn.execute("UPDATE bookings SET label_at = NULL, due_at = changed_at, since = changed_at")
        conn.execute("DELETE FROM labels")
    park(at, booking, Parked.FAILING)
    late = labelling.Done(at.stands(booking), boxes, sheet)

    with at.town.rig.db.tx(at.tenant) as conn:
        labelling.ready(conn, at.tenant, [late], now=at.town.watch())

    assert (at.states([booking]), at.causes()) == (["ready"], set())
    assert refusal(at, booking) is Why.CHANGED


def test_a_label_closes_nothing_that_another_of_its_order_waits_for(at: Counter) -> None:
    one, other = at.wants("ppl", 2)
    with at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET order_number = (SELECT min(order_number) FROM bookings)")
    park(at, one, Parked.REFUSED)

    at.work(30)
    at.cancel(other)
    at.work(30)
    assert (at.states([other]), at.causes()) == (["cancelled"], {Cause.LABEL_REFUSED})
    rebook.let_be(at.town.rig, at.tenant, one, by="a test")

    assert at.causes() == set()
