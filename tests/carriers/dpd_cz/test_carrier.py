"""The joint: which call an operation makes, and what it does with one that fails."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from carriers.base import Booked, Cancelled, Collection, Format, Handle, Hidden
from carriers.dpd_cz import DpdCz, answers, calls
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.labels import pages_of
from carriers.money import Money
from carriers.shipment import Box, Cod
from carriers.states import State
from simulator.carriers.lives import End
from tests.carriers.dpd_cz.scene import JANA, account, carrier, parcel, pdf, row, shipment
from tests.carriers.kit import kit

ME = {"customers": [{"customer": {"DSW": "015012345"}, "addresses": [{"it4emId": 776655}]}]}
NUMBERS = [f"{13845600000000 + place}" for place in range(20)]
BAD = (400, {}, b'{"code": "V", "message": "Invalid postal code"}')
EVENTS = {"parcelEvents": [{"createdAt": "2026-03-06T08:00:00", "status": {"statusCode": "13", "description": "x"}}]}
CAR = Collection(date(2026, 3, 6), time(9), time(14), count=1, weight_g=1000)


def refusal(act):
    with pytest.raises(CarrierRefused) as refused:
        act()
    return refused.value


def references(call):
    return [one["references"]["ref1"] for one in json.loads(call.body)]


def test_a_login_is_proven_by_who_we_are():
    dpd, wire = carrier(ME)

    dpd.test()
    assert wire.calls[0].url.endswith("/me")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"dsw": "1", "address_id": "776655"}, "customer number 1 is not of this key, which has 015012345"),
        ({"dsw": "015012345", "address_id": "5"}, "address 5 is not registered, which are 776655"),
        ({}, "customer number  is not of this key, which has 015012345"),
    ],
)
def test_a_customer_or_an_address_of_somebody_else_is_told(given, says):
    refused = refusal(carrier(ME, given=given)[0].test)

    assert (refused.kind, refused.why) == (Kind.ACCOUNT, says)


@pytest.mark.parametrize("key", ["", " ", "klíč", "a\r\nb"])
def test_a_key_that_cannot_be_sent_is_no_login_and_no_call(key):
    dpd, wire = carrier(secrets={"api_key": key})

    assert refusal(dpd.test).kind is Kind.LOGIN
    assert wire.calls == []


def test_a_wrong_key_is_no_login():
    assert refusal(carrier((401, {}, b""))[0].test).kind is Kind.LOGIN


def test_shipments_are_booked_in_one_call():
    given = [shipment(f"R-{place}") for place in range(3)]
    dpd, wire = carrier([row(f"R-{place}", NUMBERS[place]) for place in range(3)])

    taken = dpd.book(given)
    assert [one.parcels[0].number for one in taken] == NUMBERS[:3]
    assert len(wire.calls) == 1


def test_one_bad_shipment_does_not_break_a_batch():
    given = [shipment(f"R-{place}") for place in range(3)]
    dpd, wire = carrier(BAD, [row("R-0", NUMBERS[0])], BAD, [row("R-2", NUMBERS[2])])

    first, second, third = dpd.book(given)
    assert [type(one) for one in (first, second, third)] == [Booked, CarrierRefused, Booked]
    assert second.faults[0].field == "recipient.zip"
    assert [references(call) for call in wire.calls] == [["R-0", "R-1", "R-2"], ["R-0"], ["R-1"], ["R-2"]]


def test_a_single_bad_shipment_is_asked_for_once():
    dpd, wire = carrier(BAD)

    [refused] = dpd.book([shipment()])
    assert refused.kind is Kind.CONTENT
    assert len(wire.calls) == 1


def test_a_batch_asked_one_by_one_stops_where_the_carrier_is_busy():
    given = [shipment(f"R-{place}") for place in range(3)]
    dpd, wire = carrier(BAD, [row("R-0", NUMBERS[0])], (429, {"retry-after": "9"}, b""))

    booked, *rest = dpd.book(given)
    assert isinstance(booked, Booked)
    assert [(type(one), one.wait_s) for one in rest] == [(CarrierBusy, 9)] * 2
    assert len(wire.calls) == 3


def test_a_batch_asked_one_by_one_knows_what_was_not_asked_for_after_a_lost_answer():
    given = [shipment(f"R-{place}") for place in range(3)]
    lost = CarrierUnreachable("dpd_cz", "book", "lost", unclear=True)
    dpd, _ = carrier(BAD, [row("R-0", NUMBERS[0])], lost)

    _, second, third = dpd.book(given)
    assert (second.unclear, third.unclear) == (True, False)


def test_a_batch_asked_one_by_one_keeps_what_was_booked_when_the_account_fails():
    given = [shipment(f"R-{place}") for place in range(3)]
    dpd, _ = carrier(BAD, [row("R-0", NUMBERS[0])], (403, {}, b""))

    first, *rest = dpd.book(given)
    assert isinstance(first, Booked)
    assert [one.kind for one in rest] == [Kind.ACCOUNT] * 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_account_that_is_refused_is_refused_as_a_whole(status):
    dpd, wire = carrier((status, {}, b""))

    refusal(lambda: dpd.book([shipment("R-1"), shipment("R-2")]))
    assert len(wire.calls) == 1


def zpl(*numbers):
    """Return labels as people read them: the number in groups, between post code and service."""
    told = (f"^XA^FO20,20^FD0060200 {n[:4]} {n[4:8]} {n[8:12]} {n[12:]} 327 203 X^FS^XZ" for n in numbers)
    return "\n".join(told).encode()


def test_labels_come_in_the_order_asked_whatever_the_order_of_their_pages():
    dpd, wire = carrier(zpl(*NUMBERS[:2]))

    label = dpd.labels([parcel(NUMBERS[1]), parcel(NUMBERS[0])], Format.ZPL)
    assert label.covers == (NUMBERS[1], NUMBERS[0])
    assert label.content.split() == zpl(NUMBERS[1], NUMBERS[0]).split()
    assert len(wire.calls) == 1


@pytest.mark.parametrize("first", [pdf(2), pdf(1), pdf(3)])
def test_labels_whose_pages_do_not_say_whose_they_are_are_asked_for_one_by_one(first):
    dpd, wire = carrier(first, pdf(1), pdf(1))

    label = dpd.labels([parcel(NUMBERS[1]), parcel(NUMBERS[0])], Format.PDF)
    assert (pages_of(label), label.covers) == (2, (NUMBERS[1], NUMBERS[0]))
    assert [json.loads(call.body)["parcels"] for call in wire.calls[1:]] == [
        [{"parcelNumber": NUMBERS[1]}],
        [{"parcelNumber": NUMBERS[0]}],
    ]


def test_parcels_are_tracked_one_by_one_and_one_bad_answer_holds_up_nobody():
    told = [EVENTS, b"<html>", (404, {}, b""), BAD, (200, {}, b"[]"), EVENTS]
    dpd, wire = carrier(*told)

    tracked = dpd.track([parcel(number) for number in NUMBERS[:6]])
    assert [one.state for one in tracked] == [State.DELIVERED, *[State.UNKNOWN] * 4, State.DELIVERED]
    assert [one.number for one in tracked] == NUMBERS[:6]
    assert len(wire.calls) == 6


@pytest.mark.parametrize(
    "told", [b"<html>", b"[]", b"{}", {"parcelInfo": {"parcelNumber": "13845600099999"}, **EVENTS}]
)
def test_answers_of_which_none_can_be_read_are_no_parcels_nobody_knows(told):
    dpd, wire = carrier(told, told)

    with pytest.raises(CarrierUnreachable) as lost:
        dpd.track([parcel(NUMBERS[0]), parcel(NUMBERS[1])])
    assert not lost.value.unclear
    assert len(wire.calls) == 2


@pytest.mark.parametrize("told", [(401, {}, b""), (429, {}, b""), (500, {}, b"")])
def test_tracking_ends_where_the_next_number_would_fail_as_well(told):
    dpd, wire = carrier(told)

    with pytest.raises((CarrierRefused, CarrierBusy, CarrierUnreachable)):
        dpd.track([parcel(NUMBERS[0]), parcel(NUMBERS[1])])
    assert len(wire.calls) == 1


def test_a_question_is_about_one_parcel_so_that_what_befalls_it_costs_no_other_what_is_known() -> None:
    assert [carrier(switches=on)[0].able.track_batch for on in ([], ["track_batch"])] == [1, 20]


def test_many_are_tracked_in_one_call_at_the_stand_in_too() -> None:
    at = kit("dpd_cz")
    parcels = at.parcels(at.home(), at.home())
    at.world.end([parcels[0].number], End.HOME)
    at.world.hand_over([parcels[0].number])
    at.watch.go(hours=48)
    at.world.tick()
    asked = len(at.world.ledger)

    told = at.opened(switches=frozenset({"track_batch"})).track(parcels)

    assert [(one.number, one.state) for one in told] == [
        (parcels[0].number, State.DELIVERED),
        (parcels[1].number, State.CREATED),
    ]
    assert len(at.world.ledger) == asked + 1


@pytest.mark.parametrize(
    "wanted",
    [
        {"service": "shop2home"},
        {"service": "101", "options": {"services": "guarantee,express,pneu,dpd12,swap,declared_value"}},
        {"options": {"insurance": "1", "ref3": "Sklad 7", "ref4": "B", "notification": "0"}},
        {"options": {"person": "Petr Lípa", "person_id": "123456789"}},
        {"boxes": (Box(1_000, value=Money(50_000, "CZK")), Box(1_000))},
        {"cod": Cod(Money(129_000, "CZK"), "26000417", card_allowed=False)},
    ],
)
def test_what_is_asked_for_on_top_is_taken_at_the_stand_in_too(wanted) -> None:
    at = kit("dpd_cz")
    dpd = at.opened(switches=frozenset({"more_services"}))
    given = at.home(**wanted)

    assert dpd.validate(given) == []
    assert isinstance(dpd.book([given])[0], Booked)


def test_a_parcel_has_its_pin_at_the_stand_in_too() -> None:
    at = kit("dpd_cz")
    [parcel] = at.parcels()

    told = [at.carrier.send("pin", calls.drop_off_call(at.account, parcel.number)) for _ in range(2)]

    assert answers.read_pin(told[0]) == answers.read_pin(told[1]) != ""


def test_parcels_are_tracked_in_one_call_where_that_is_switched_on():
    dpd, wire = carrier([EVENTS | {"parcelInfo": {"parcelNumber": NUMBERS[1]}}], switches=["track_batch"])

    assert [one.state for one in dpd.track([parcel(NUMBERS[0]), parcel(NUMBERS[1])])] == [
        State.UNKNOWN,
        State.DELIVERED,
    ]
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda dpd: dpd.find(shipment(), since=datetime(2026, 3, 5, tzinfo=UTC)),
        lambda dpd: dpd.cancel([parcel()]),
        lambda dpd: dpd.return_label(shipment()),
        lambda dpd: dpd.close([parcel()], date(2026, 3, 6)),
        lambda dpd: dpd.hear({}, b""),
        lambda dpd: dpd.poll(Handle("dpd_cz", {}), []),
        lambda dpd: dpd.collect(CAR),
        lambda dpd: dpd.collect(replace(CAR, address=JANA)),
    ],
)
def test_what_dpd_lacks_or_nobody_is_sure_of_is_refused_without_a_call(act):
    dpd, wire = carrier()

    assert refusal(lambda: act(dpd)).kind is Kind.UNSUPPORTED
    assert wire.calls == []


def test_a_lost_booking_is_found_in_the_list_of_the_days_in_prague():
    dpd, wire = carrier(row("R-1", NUMBERS[0])["parcels"], switches=["find_list"])

    booked = dpd.find(shipment("R-1"), since=datetime(2026, 3, 4, 23, 30, tzinfo=UTC))
    assert booked.parcels[0].number == NUMBERS[0]
    assert wire.calls[0].query == (("from", "2026-03-05"), ("to", "2026-03-06"))


def test_a_shipment_is_deleted_once_with_all_its_boxes():
    dpd, wire = carrier((204, {}, b""), (404, {}, b""), switches=["delete"])
    two = [parcel(NUMBERS[0], boxes=2), parcel(NUMBERS[1], shipment_id="78"), parcel(NUMBERS[2], boxes=2)]

    assert dpd.cancel(two) == [Cancelled.DONE, Cancelled.UNKNOWN, Cancelled.DONE]
    assert [call.url[-3:] for call in wire.calls] == ["/77", "/78"]


def test_a_deletion_that_is_lost_does_not_hide_those_that_were_heard_of():
    dpd, wire = carrier((204, {}, b""), (500, {}, b""), (204, {}, b""), switches=["delete"])

    first, lost, third = dpd.cancel([parcel(number, shipment_id=number) for number in NUMBERS[:3]])
    assert (first, third) == (Cancelled.DONE, Cancelled.DONE)
    assert isinstance(lost, CarrierUnreachable)
    assert len(wire.calls) == 3


@pytest.mark.parametrize("alone", [parcel(boxes=2), parcel(shipment_id=None)])
def test_a_box_nobody_named_is_never_deleted(alone):
    dpd, wire = carrier(switches=["delete"])

    refusal(lambda: dpd.cancel([parcel(shipment_id="1"), alone]))
    assert wire.calls == []


def test_a_return_is_booked_where_that_is_switched_on():
    dpd, wire = carrier([row("R-1", NUMBERS[0])], switches=["returns"])

    assert dpd.return_label(shipment("R-1")).parcels[0].number == NUMBERS[0]
    assert json.loads(wire.calls[0].body)[0]["shipmentType"] == "Return"


def test_a_return_without_label_has_a_pin_for_whoever_brings_it_and_nobody_else():
    codes = {"pin": {"value": "040213377"}, "aztec": {"value": "iVBORw0KGgo="}}
    dpd, wire = carrier([row("R-1", NUMBERS[0])], codes, switches=["returns"])

    [note] = dpd.return_label(shipment("R-1", options={"without_label": "1"})).notes
    assert isinstance(note, Hidden)
    assert str(note) == f"{NUMBERS[0]} is handed in with the PIN 040213377"
    assert "040213377" not in repr(note)
    assert wire.calls[1].url.endswith(f"/parcels/{NUMBERS[0]}/drop-off-codes")


@pytest.mark.parametrize(
    ("told", "is_unclear"), [((429, {}, b""), False), ((400, {}, b""), False), ({}, True), ((500, {}, b""), True)]
)
def test_a_return_whose_pin_does_not_come_is_unclear_only_where_it_may_have_been_made(told, is_unclear):
    dpd, _ = carrier([row("R-1", NUMBERS[0])], told, switches=["returns"])

    with pytest.raises(CarrierError) as failed:
        dpd.return_label(shipment("R-1", options={"without_label": "1"}))
    assert getattr(failed.value, "unclear", False) is is_unclear


def test_a_return_that_is_picked_up_has_a_switch_of_its_own():
    fetched = shipment("R-1", options={"picked_up": "1"})
    plain, silent = carrier(switches=["returns"])
    dpd, wire = carrier([row("R-1", NUMBERS[0])], switches=["returns", "collections"])

    assert refusal(lambda: plain.return_label(fetched)).kind is Kind.UNSUPPORTED
    assert dpd.return_label(fetched).parcels[0].number == NUMBERS[0]
    assert (silent.calls, json.loads(wire.calls[0].body)[0]["shipmentType"]) == ([], "Collection")


@pytest.mark.parametrize(
    ("number", "is_one"),
    [(NUMBERS[0], True), ("1384560001234", False), ("١" * 14, False), ("", False), ("Z1234567890", False),
     ("%006020013845600012345327203", False)],
)  # fmt: skip
def test_a_number_is_14_digits(number, is_one):
    assert carrier()[0].is_number(number) is is_one


def test_a_return_whose_answer_names_nobody_is_unclear():
    dpd, _ = carrier([], switches=["returns"])

    with pytest.raises(CarrierUnreachable) as lost:
        dpd.return_label(shipment("R-1"))
    assert lost.value.unclear


def test_a_return_of_two_boxes_is_refused():
    two, (at, _) = shipment(weights=(1, 2)), carrier(switches=["returns"])

    assert [(one.field, one.code) for one in at.validate_back(two)] == [("boxes", "too_many")]
    assert refusal(lambda: at.return_label(two)).kind


def test_what_an_account_needs_is_said():
    assert set(DpdCz.needs) == {"api_key", "dsw", "address_id"}
    assert DpdCz.secret <= set(DpdCz.needs)
    assert "k-1" not in repr(account())


def test_what_an_account_can_is_a_matter_of_its_switches():
    plain = carrier()[0].able
    more = carrier(switches=["delete", "find_list", "returns", "cod_abroad", "more_services",
                              "collections", "insure_abroad"])[0].able  # fmt: skip

    assert (plain.cancel_batch, plain.finds, plain.returns, plain.cod) == (0, False, False, {"CZK"})
    assert (more.finds, more.returns, more.cancel_batch >= more.boxes) == (True, True, True)
    assert plain.services.keys() < more.services.keys()
    assert ("EUR" in more.cod, "EUR" in more.insures, "sender" in more.takes) == (True, True, True)
    assert (plain.insures, plain.takes) == ({"CZK"}, {"boxes.value", "cod.card_allowed"})
    assert (plain.collects, plain.recalls_cars, plain.tells_of_cars) == (True, True, True)
