"""Answers no carrier should give: none breaks a batch, pairs a parcel wrongly, or ends in another error than ours."""

import copy
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Booked, Format, Pending
from carriers.cars import Car, Ordered
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable
from carriers.ppl import answers, cars, points, sheets, tracking
from carriers.ppl.login import read_token
from tests.carriers.many import MANY
from tests.carriers.ppl.test_points import SHOP
from tests.carriers.ppl.world import NOW, TO_POINT, TWO_BOXES, Reply, account, answer, job, pdf, recorded

REFERENCES = [TO_POINT.reference, TWO_BOXES.reference]
JOB = job(OBJ_2026_00418=2)
BOOKED = [*REFERENCES, "70990012345", "40950012346", "40950012347", "Complete", "Error", "ShipmentSet"]
TIMES = ["2026-03-29T02:30:00", "2026-10-25T02:30:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999+14:00", "24:00"]
HTML = b"<!DOCTYPE html><html><body>Service unavailable</body></html>"

dice = st.integers(0, 2**64 - 1).map(Random)  # a seed draws a whole answer; drawing it value by value takes minutes
STATUSES = [200, 200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503]
JUNK = [
    None, True, False, 0, -1, 70990012345, 2**64, -(2**80), 10**400, 0.1, 7.0990012345e10, float("nan"), float("inf"),
    "", " ", "\x00", "š🙂", "../..", "x" * 5000, [], {}, [None], [[]], {"": None}, *BOOKED, *TIMES, *tracking.PHASES,
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a JSON value, from its root."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def spoilt(chance: Random, value: Any) -> Any:
    """Return a value with one place of it replaced, left out, wrapped, or there twice."""
    path = chance.choice(places(value))
    if not path:
        return chance.choice([value, [value], chance.choice(JUNK)])
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    how = chance.choice(["replace", "replace", "drop", "double", "wrap"])
    if how == "replace":
        holder[path[-1]] = copy.deepcopy(chance.choice(JUNK))
    elif how == "wrap":
        holder[path[-1]] = [holder[path[-1]]]
    elif how == "double" and isinstance(holder, list):
        holder.insert(path[-1], copy.deepcopy(holder[path[-1]]))
    else:
        del holder[path[-1]]
    return value


def bad(chance: Random, sound: Any) -> Reply:
    """Return an answer like a sound one, spoilt in up to four places, perhaps cut off, perhaps HTML."""
    value = copy.deepcopy(sound)
    for _ in range(chance.randint(1, 4)):
        value = spoilt(chance, value)
    body = json.dumps(value).encode()
    kind = chance.randint(0, 9)
    if kind == 0:
        body = body[: chance.randint(0, len(body))]
    elif kind == 1:
        body = chance.choice([HTML, b"", b"\xff\xfe", b"null", b"[" * 100_000, b"1" * 5000])
    return Reply(chance.choice(STATUSES), body)


def owners(body: bytes, number: str) -> list[Any]:
    """Return the references under which a number stands in an answer."""
    items = [item for item in json.loads(body)["items"] if isinstance(item, dict)]
    boxes = [(item, item) for item in items]
    boxes += [(item, one) for item in items for one in related(item) if isinstance(one, dict)]
    return [item.get("referenceId") for item, one in boxes if one.get("shipmentNumber") == number]


def related(item: dict[str, Any]) -> list[Any]:
    listed = item.get("relatedItems")
    return listed if isinstance(listed, list) else []


@MANY
@given(dice)
def test_a_polled_batch_pairs_no_parcel_wrongly(chance: Random) -> None:
    reply = bad(chance, recorded("polled"))
    try:
        taken = answers.read_polled(answer(reply), REFERENCES, JOB)
    except CarrierError:
        return

    assert len(taken) == len(REFERENCES)
    for reference, boxes, one in zip(REFERENCES, (1, 2), taken, strict=True):
        assert isinstance(one, Booked | Pending | CarrierRefused | CarrierUnreachable)
        if isinstance(one, CarrierUnreachable):
            assert one.unclear
        if isinstance(one, Booked):
            assert (one.reference, len(one.parcels)) == (reference, boxes)
            assert all(owners(reply.body, parcel.number) == [reference] for parcel in one.parcels)


@MANY
@given(dice)
def test_tracking_keeps_to_the_numbers_it_was_asked_for(chance: Random) -> None:
    reply = bad(chance, [recorded("tracked")[0], {"shipmentNumber": "40950012346"}])
    numbers = ["40950012346", "70990012345", "00000000001"]
    try:
        told = tracking.read_tracked(answer(reply), numbers)
    except CarrierError:
        return

    assert [one.number for one in told] == numbers
    assert not told[2].scans
    assert all(scan.at.tzinfo for one in told for scan in one.scans)
    assert all(list(one.scans) == sorted(one.scans, key=lambda scan: scan.at) for one in told)


@MANY
@given(dice)
def test_nothing_is_found_but_what_carries_the_reference(chance: Random) -> None:
    reply = bad(chance, recorded("tracked"))
    try:
        booked = answers.read_found(answer(reply, "find"), TO_POINT)
    except CarrierError:
        return

    if booked is not None:
        (parcel,) = booked.parcels
        records = [one for one in json.loads(reply.body) if one.get("shipmentNumber") == parcel.number]
        assert any(TO_POINT.reference in json.dumps(one["externalNumbers"]) for one in records)


@MANY
@given(dice)
def test_a_car_stands_somewhere_or_nothing_is_said_of_it(chance: Random) -> None:
    sound = {"items": [{"referenceId": "SVOZ-1", "importState": "Complete", "orderState": "PickedUp"}]}
    reply = bad(chance, sound)
    try:
        ordered = cars.read_ordered(answer(reply, "car"), "SVOZ-1")
    except CarrierError:
        return

    assert isinstance(ordered, Ordered)
    assert ordered.car is not Car.CAME or '"PickedUp"' in reply.body.decode()
    assert len(ordered.said) <= 300


@MANY
@given(dice)
def test_a_refusal_blames_only_who_was_in_the_batch(chance: Random) -> None:
    reply = bad(chance, recorded("problem"))
    refused = answer(reply, "book", makes=True)

    at_fault = answers.read_rejected(refused, account(), [TO_POINT, TWO_BOXES])

    assert at_fault.keys() <= {0, 1}
    assert all(one.faults and str(one) for one in at_fault.values())
    assert isinstance(answers.refusal(refused), CarrierError)


@MANY
@given(st.text(max_size=30) | st.from_regex(r"shipments\[\d{1,6}\]\.[a-zA-Z0-9.\[\]]{0,30}"), st.sampled_from(JUNK))
def test_odd_reasons_are_reasons_all_the_same(path: str, why: Any) -> None:
    refused = answer(Reply(400, json.dumps({"errors": {path: why}}).encode()))

    assert answers.read_rejected(refused, account(), [TO_POINT, TWO_BOXES]).keys() <= {0, 1}
    assert isinstance(answers.refusal(refused), CarrierError)


@MANY
@given(dice)
def test_a_bad_row_costs_no_other_point(chance: Random) -> None:
    reply = bad(chance, [SHOP, {**SHOP, "accessPointCode": "2"}, {**SHOP, "accessPointCode": "3"}])
    try:
        found = points.read_points(points.read_page(answer(reply)), "CZ")
    except CarrierError:
        return

    assert all(point.point_id and point.zip and point.country == "CZ" for point in found)
    assert all(point.latitude is None or abs(point.latitude) <= 90 for point in found)


@MANY
@given(dice)
def test_an_address_of_a_label_is_of_its_own_number(chance: Random) -> None:
    reply = bad(chance, recorded("polled"))
    try:
        addresses = answers.read_addresses(answer(reply, "labels"))
    except CarrierError:
        return
    if not addresses:
        return

    items = [item for item in json.loads(reply.body)["items"] if isinstance(item, dict)]
    pieces = [*items, *(one for item in items for one in related(item) if isinstance(one, dict))]
    for number, url in addresses.items():
        assert [one["labelUrl"].strip() for one in pieces if one.get("shipmentNumber") == number] == [url]


@MANY
@given(dice)
def test_a_login_gives_a_token_that_can_be_sent_or_none(chance: Random) -> None:
    reply = bad(chance, {"access_token": "tok", "expires_in": 1800})
    try:
        token = read_token(answer(reply, "login"), NOW)
    except CarrierError:
        return

    assert token.value.isascii()
    assert token.value.isprintable()
    assert token.until > NOW


@MANY
@given(st.text(max_size=60) | st.sampled_from(["/shipment/batch/", "/shipment/batch/a b", "x/order/batch/1"]))
def test_a_batch_has_an_id_or_is_unclear(location: str) -> None:
    reply = Reply(201, headers={"location": location})
    try:
        batch, is_unclear = answers.read_batch(answer(reply, "book", makes=True)), False
    except CarrierUnreachable as lost:
        batch, is_unclear = "", lost.unclear

    assert batch in location
    assert is_unclear is (batch == "")


@MANY
@given(dice, st.sampled_from([pdf(100, 101), b"^XA^FDa^FS^XZ\n^XA^FDb^FS^XZ", HTML]), st.sampled_from(Format))
def test_a_broken_file_is_no_label(chance: Random, sound: bytes, kind: Format) -> None:
    content = bytearray(sound)
    for _ in range(chance.randint(0, 5)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    if chance.randint(0, 2) == 0:
        del content[chance.randrange(len(content)) :]
    try:
        pages = sheets.read_pages(answer(Reply(200, bytes(content)), "labels"), kind)
    except CarrierError:
        return

    assert pages is None or len(pages) > 0


@pytest.mark.parametrize("body", [b'[{"phase": 1e999999}]', b"[-0.0]", b"[NaN]", b"[Infinity]"])
def test_odd_numbers_are_no_crash(body: bytes) -> None:
    try:
        numbers = [one.number for one in tracking.read_tracked(answer(Reply(200, body)), ["1"])]
    except CarrierError:
        numbers = ["1"]

    assert numbers == ["1"]
