"""What is asked is asked to the letter, and what the carrier answered once is read as it was meant."""

import json
from dataclasses import replace

import pytest

from carriers.base import Booked, Cancelled, Format
from carriers.errors import CarrierRefused, CarrierUnreachable, Kind
from carriers.poslicek.calls import PRODUCTION
from carriers.shipment import Box, PointRef
from carriers.states import Reason, State
from tests.carriers.poslicek.wire import HOME, JANA, NOW, TO_POINT, Line, parcel, recorded

ROW = {"reference": HOME.reference, "number": "770000000001", "tracking_url": ""}


def asked(line: Line) -> list[str]:
    return [f"{call.method} {call.url.removeprefix(PRODUCTION)}" for call in line.calls]


# what is asked


def test_a_booking_is_asked_for_as_recorded() -> None:
    line = Line(recorded("book.answer"))

    line.carrier().book([HOME, TO_POINT])

    [call] = line.calls
    assert call.body
    assert (call.method, call.url, call.makes) == ("POST", f"{PRODUCTION}/parcels", True)
    assert call.headers == {"Authorization": "Bearer k-1", "Content-Type": "application/json"}
    assert json.loads(call.body) == recorded("book.request")


def test_parcels_are_named_by_number_in_the_order_asked() -> None:
    line = Line(recorded("track.answer"))

    line.carrier().track([parcel("770000000001"), parcel("770000000002")])

    assert asked(line) == ["POST /tracking"]
    assert line.calls[0].body == b'{"numbers":["770000000001","770000000002"]}'


def test_what_makes_nothing_says_so() -> None:
    line = Line({"number": "4711"}, {"parcels": []}, recorded("points.answer"), 204)
    carrier = line.carrier()
    carrier.test()
    carrier.find(HOME, since=NOW)
    list(carrier.points("CZ"))
    carrier.cancel([parcel("77/1")])

    assert asked(line) == ["GET /account", "GET /parcels", "GET /points", "DELETE /parcels/77%2F1"]
    assert [call.query for call in line.calls] == [(), (("reference", HOME.reference),), (("country", "CZ"),), ()]
    assert not any(call.makes for call in line.calls)


# what is answered


def test_a_recorded_booking_is_read_by_reference_and_not_by_place() -> None:
    taken, refused = Line(recorded("book.answer")).carrier().book([HOME, TO_POINT])

    assert isinstance(taken, Booked)
    [made] = taken.parcels
    assert (taken.reference, made.number) == (HOME.reference, "770000000001")
    assert made.tracking_url.endswith(made.number)
    assert isinstance(refused, CarrierRefused)
    assert [(fault.field, fault.code) for fault in refused.faults] == [
        ("point.point_id", "unknown"),
        ("boxes[0].weight_g", "wrong"),
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [ROW, {**ROW, "number": "770000000009"}],
        [ROW, {**ROW, "reference": "another"}],
        [{**ROW, "errors": [{"field": "note"}]}],
        [{**ROW, "number": 770_000_000_001}],
    ],
)
def test_what_is_not_told_of_exactly_once_is_unclear(rows: list[object]) -> None:
    [taken] = Line({"parcels": rows}).carrier().book([HOME])

    assert isinstance(taken, CarrierUnreachable)
    assert taken.unclear


def test_a_lost_booking_is_found_and_two_of_it_are_for_a_person() -> None:
    line = Line({"parcels": [ROW]}, {"parcels": []}, {"parcels": [ROW, {**ROW, "number": "770000000009"}]})
    carrier = line.carrier()

    found = carrier.find(HOME, since=NOW)
    assert found
    assert found.parcels[0].number == "770000000001"
    assert carrier.find(HOME, since=NOW) is None
    with pytest.raises(CarrierRefused) as twice:
        carrier.find(HOME, since=NOW)
    assert twice.value.kind is Kind.DUPLICATE


def test_nothing_is_found_only_where_every_row_can_be_read() -> None:
    with pytest.raises(CarrierUnreachable):
        Line({"parcels": [{"reference": None, "number": "1"}]}).carrier().find(HOME, since=NOW)


def test_recorded_events_are_sorted_mapped_and_kept() -> None:
    back, waiting, strange = (
        Line(recorded("track.answer"))
        .carrier()
        .track([parcel("770000000002"), parcel("770000000001"), parcel("770000000003")])
    )

    assert (back.state, back.reason) == (State.RETURNING, Reason.REFUSED)
    assert [scan.code for scan in back.scans if scan.state is State.UNKNOWN] == ["weighed"]
    assert (waiting.state, strange.state) == (State.CREATED, State.UNKNOWN)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(204, Cancelled.DONE), (404, Cancelled.UNKNOWN), (409, Cancelled.TOO_LATE), (410, Cancelled.BEFORE)],
)
def test_a_cancellation_is_told_by_its_status(status: int, outcome: Cancelled) -> None:
    assert Line(status).carrier().cancel([parcel("770000000001")]) == [outcome]


def test_recorded_points_say_whether_they_are_open_and_take_money() -> None:
    points = list(Line(recorded("points.answer")).carrier().points("CZ"))

    assert [(point.point_id, point.is_open, point.takes_cod) for point in points] == [
        ("CZ1001", True, True),
        ("CZ1003", False, False),
    ]


def test_a_file_with_another_number_of_pages_is_no_label() -> None:
    with pytest.raises(CarrierUnreachable):
        Line(b"%PDF-1.4").carrier().labels([parcel("770000000001")], Format.PDF)


# before anybody is paid


@pytest.mark.parametrize(
    ("shipment", "field", "code"),
    [
        (replace(TO_POINT, point=None), "point", "missing"),
        (replace(TO_POINT, point=PointRef("1", "another")), "point.network", "not_offered"),
        (replace(TO_POINT, recipient=replace(JANA, phone="", email="")), "recipient.phone", "missing"),
        (replace(HOME, point=PointRef("CZ1001")), "point", "not_both"),
        (replace(HOME, note="x" * 101), "note", "too_long"),
        (replace(HOME, reference="x" * 41), "reference", "too_long"),
        (replace(HOME, recipient=replace(JANA, street="x" * 60)), "recipient.street", "too_long"),
        (replace(HOME, boxes=(Box(30_001),)), "boxes[0].weight_g", "too_heavy"),
        (replace(HOME, options={"gift": "1"}), "options.gift", "not_offered"),
    ],
)
def test_what_the_carrier_would_refuse_is_known_before(shipment, field: str, code: str) -> None:
    assert (field, code) in {(fault.field, fault.code) for fault in Line().carrier().validate(shipment)}
