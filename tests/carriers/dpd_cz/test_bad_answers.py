"""Whatever comes back, a batch ends in one result for each shipment, and no number goes to another's."""

import json
from contextlib import suppress
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Booked, Format
from carriers.cars import Car
from carriers.dpd_cz import answers, cars, points
from carriers.errors import CarrierError, CarrierUnreachable
from carriers.states import State
from tests.carriers.dpd_cz.scene import answer, pdf, row, shipment
from tests.carriers.many import MANY

SHIPMENTS = [shipment("R-1"), shipment("R-2", weights=(1, 2)), shipment("R-3", note="x")]
NUMBERS = {"R-1": ["13845600000001"], "R-2": ["13845600000002", "13845600000003"], "R-3": ["13845600000004"]}
GOOD = [row(reference, *numbers) for reference, numbers in NUMBERS.items()]
EVENTS = {
    "parcelInfo": {"parcelNumber": "13845600000001"},
    "parcelEvents": [
        {"createdAt": "2026-03-05T08:00:00", "status": {"statusCode": "06", "description": "Na cestě"}},
        {"createdAt": "2026-03-06T08:00:00+01:00", "status": {"statusCode": "13", "description": "Předáno"}},
    ],
}
ME = {"customers": [{"customer": {"DSW": "015012345"}, "addresses": [{"it4emId": 776655}]}]}
LISTED = {"status": "ok", "data": {"items": [{"id": "CZ1", "latitude": "1", "hours": [{"day": 1}]}, {"id": "CZ2"}]}}
ERROR = {"code": "V", "message": "no", "description": "postal code"}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(allow_nan=True),
    st.text(max_size=12),
    st.sampled_from(
        ["0000-00-00", "2026-03-05 08:00", "2026-13-01T00:00:00", "24:00", "9999-12-31T23:59:59-12:00", "١"]
    ),
)
junk = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
bodies = st.one_of(
    st.binary(max_size=60), st.sampled_from([b"<html>502</html>", b"", b"%PDF-1.4", b"^XA", b"1e999999999999999999999"])
)


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


@st.composite
def spoiled(draw, good):
    """Return a good answer with up to three of its parts replaced, dropped or doubled, perhaps cut off."""
    told = deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(told))))
        if not path:
            continue
        inside = told
        for key in path[:-1]:
            inside = inside[key]
        deed = draw(st.sampled_from(("replace", "drop", "double", "swap")))
        if deed == "replace":
            inside[path[-1]] = draw(junk)
        elif deed == "drop":
            del inside[path[-1]]
        elif isinstance(inside, list):
            inside.insert(0 if deed == "swap" else path[-1], deepcopy(inside[path[-1]]))
    body = json.dumps(told, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 4)) == 0 else body


def wrong_or(good):
    return st.one_of(
        spoiled(good), spoiled(good), bodies, spoiled(ERROR), junk.map(lambda told: json.dumps(told).encode())
    )


statuses = st.sampled_from([200, 200, 200, 200, 201, 204, 301, 400, 401, 404, 418, 429, 500, 503])


@MANY
@given(body=wrong_or(GOOD), status=statuses)
def test_a_booking_ends_in_one_result_for_each_and_never_in_another_ones_number(body, status):
    try:
        taken = answers.read_created(answer(body, status=status), SHIPMENTS)
    except CarrierError:
        return

    assert len(taken) == len(SHIPMENTS)
    numbers = [parcel.number for one in taken if isinstance(one, Booked) for parcel in one.parcels]
    assert len(numbers) == len(set(numbers))
    for one, asked in zip(taken, SHIPMENTS, strict=True):
        assert isinstance(one, CarrierError) or one.reference == asked.reference
        if isinstance(one, Booked):
            foreign = {number for name, own in NUMBERS.items() if name != asked.reference for number in own}
            assert not foreign & {parcel.number for parcel in one.parcels}
            assert len(one.parcels) == len(asked.boxes)
        elif isinstance(one, CarrierUnreachable):
            assert one.unclear


@MANY
@given(body=wrong_or(EVENTS), status=statuses)
def test_tracking_never_delivers_what_was_not_delivered(body, status):
    try:
        told = answers.read_tracked(answer(body, status=status, makes=False), "13845600000001", by_words=True)
    except CarrierError:
        return

    assert told.number == "13845600000001"
    assert told.state is not State.DELIVERED or any(scan.code == "13" for scan in told.scans)
    assert all(scan.at.tzinfo for scan in told.scans)


@MANY
@given(body=wrong_or([EVENTS]), status=statuses)
def test_tracking_of_many_answers_for_each(body, status):
    with suppress(CarrierError):
        told = answers.read_tracked_many(answer(body, status=status), ["1", "13845600000001"], by_words=False)
        assert [one.number for one in told] == ["1", "13845600000001"]
        assert told[0].state is State.UNKNOWN


@MANY
@given(body=wrong_or(GOOD[1]["parcels"]), status=statuses)
def test_a_search_finds_all_boxes_or_says_that_it_cannot(body, status):
    with suppress(CarrierError):
        found = answers.read_found(answer(body, status=status, makes=False), SHIPMENTS[1])
        assert found is None or len(found.parcels) == 2


@MANY
@given(body=wrong_or({"labels": [{"content": "JVBERi0xLjQ="}]}), status=statuses, kind=st.sampled_from(Format))
def test_a_label_is_one_or_an_error(body, status, kind):
    with suppress(CarrierError):
        label = answers.read_labels(answer(body, status=status, makes=False), ["1"], kind)
        assert label.covers == ("1",)


@MANY
@given(cut=st.integers(0, len(pdf(2))), spoil=st.binary(max_size=4))
def test_a_spoiled_pdf_is_an_error_or_has_its_pages(cut, spoil):
    body = pdf(2)

    with suppress(CarrierError):
        label = answers.read_labels(answer(body[:cut] + spoil + body[cut + 2 :], makes=False), ["1", "2"], Format.PDF)
        assert label.covers == ("1", "2")


@MANY
@given(body=wrong_or(ME), status=statuses)
def test_customers_are_read_or_an_error(body, status):
    with suppress(CarrierError):
        for dsw, ids in answers.read_me(answer(body, status=status, makes=False)).items():
            assert dsw
            assert all(ids)


@MANY
@given(body=wrong_or([{"id": 9912}, {"id": "9b1d"}]), status=statuses)
def test_a_car_has_all_its_orders_or_is_an_error(body, status):
    with suppress(CarrierError):
        number = cars.read_ordered(answer(body, status=status), 2)
        assert len(cars.orders_in(number)) == 2


@MANY
@given(body=wrong_or({"id": 9912, "date": "2026-03-06"}), status=statuses)
def test_a_car_that_was_ordered_is_or_is_an_error(body, status):
    with suppress(CarrierError):
        assert cars.read_car(answer(body, status=status, makes=False), "9912").car is Car.ORDERED


@MANY
@given(body=wrong_or({"pin": {"value": "40213377"}, "aztec": {"value": "iVBORw0KGgo="}}), status=statuses)
def test_a_pin_is_one_or_an_error(body, status):
    with suppress(CarrierError):
        assert answers.read_pin(answer(body, status=status))


@MANY
@given(body=wrong_or(LISTED), status=statuses)
def test_points_are_read_or_an_error(body, status):
    with suppress(CarrierError):
        for point in points.read(answer(body, status=status, makes=False), "CZ"):
            assert point.point_id


@MANY
@given(body=wrong_or(ERROR), status=statuses)
def test_a_deletion_ends_or_is_an_error(body, status):
    with suppress(CarrierError):
        assert answers.read_deleted(answer(body, status=status, makes=False))


def test_the_good_answers_are_good():
    taken = answers.read_created(answer(GOOD), SHIPMENTS)

    assert [[parcel.number for parcel in one.parcels] for one in taken] == list(NUMBERS.values())
    assert answers.read_tracked(answer(EVENTS), "13845600000001", by_words=False).state is State.DELIVERED
    with pytest.raises(CarrierError):
        answers.read_created(answer(ERROR), SHIPMENTS)
