"""Batches: handed over, made in the background, and looked for where nobody heard the answer."""

from dataclasses import replace

import pytest

from carriers.base import Booked, Pending
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.ppl import PRODUCTION, Ppl, answers, rules
from tests.carriers.ppl.world import (
    BATCH,
    CREATED,
    MALY,
    NOW,
    TO_POINT,
    TWO_BOXES,
    Reply,
    Watch,
    Wire,
    account,
    answer,
    job,
    ppl,
    recorded,
    told,
)

BOTH = [TO_POINT, TWO_BOXES]
REFERENCES = [one.reference for one in BOTH]
JOB = job(OBJ_2026_00418=2)


def polled(change=lambda items: None, references=REFERENCES):
    said = recorded("polled")
    change(said["items"])
    return answers.read_polled(answer(told(said)), references, JOB)


def problem(**errors):
    return told({**recorded("problem"), "errors": errors.pop("errors")}, 400)


def test_a_batch_that_was_taken_is_pending_for_each() -> None:
    taken = ppl(Wire(CREATED)).book(BOTH)

    assert [type(one) for one in taken] == [Pending, Pending]
    assert [one.reference for one in taken] == REFERENCES
    assert {one.job.ids["batch"] for one in taken} == {BATCH}
    assert taken[0].job == taken[1].job


def test_a_batch_that_is_made_gives_numbers_and_labels() -> None:
    wire = Wire(CREATED, told(recorded("polled")))
    carrier = ppl(wire)
    pending = carrier.book(BOTH)

    one, two = carrier.poll(pending[0].job, REFERENCES)

    assert [parcel.number for parcel in one.parcels] == ["70990012345"]
    assert [parcel.number for parcel in two.parcels] == ["40950012346", "40950012347"]
    assert one.parcels[0].tracking_url == "https://www.ppl.cz/vyhledat-zasilku?shipmentId=70990012345"
    assert two.parcels[1].handle.ids == {
        "number": "40950012347",
        "reference": "OBJ-2026-00418",
        "batch": BATCH,
        "format": "pdf",
        "label": f"{PRODUCTION}/data/8b1f2c7e-0000-4000-8000-000000000004",
    }


def test_results_come_in_the_order_asked() -> None:
    assert [one.reference for one in polled(references=REFERENCES[::-1])] == REFERENCES[::-1]


@pytest.mark.parametrize("state", ["Accepted", "InProcess", "Received", "SomethingNew"])
def test_an_import_on_its_way_is_asked_for_again(state: str) -> None:
    one, two = polled(lambda items: items[1]["relatedItems"][0].update(importState=state))

    assert isinstance(one, Booked)
    assert two == Pending("OBJ-2026-00418", JOB, answers.WAIT_S)


def test_an_import_that_failed_is_refused_in_the_carriers_words() -> None:
    def fail(items):
        items[0].update(
            importState="Error", errorCode="E42", errorMessage="Neplatné parcelShopCode", shipmentNumber=None
        )

    one, two = polled(fail)

    assert (one.kind, one.code, one.faults[0].field) == (Kind.CONTENT, "E42", "point")
    assert "Neplatné parcelShopCode" in str(one)
    assert isinstance(two, Booked)


@pytest.mark.parametrize(
    "change",
    [
        lambda items: items.pop(0),
        lambda items: items.append(dict(items[0], shipmentNumber="70990019999")),
        lambda items: items[0].update(shipmentNumber=None),
        lambda items: items[0].update(shipmentNumber=70990012345),
        lambda items: items[0].update(shipmentNumber=7.0990012345e10),
        lambda items: items[0].update(shipmentNumber="../x"),
        lambda items: items[0].update(shipmentNumber="40950012347"),
        lambda items: items[0].update(importState=None),
        lambda items: items[1].update(relatedItems=[{"relationType": "Dormant", "shipmentNumber": "70990012345"}]),
        lambda items: items[0].update(relatedItems=items[1]["relatedItems"]),
        lambda items: items[0].update(referenceId="obj-2026-00417"),
    ],
)
def test_an_item_that_cannot_be_read_is_unclear(change) -> None:
    one = polled(change)[0]

    assert isinstance(one, CarrierUnreachable)
    assert one.unclear


@pytest.mark.parametrize(
    "change",
    [
        lambda items: items[1].update(relatedItems=[]),
        lambda items: items[1].update(relatedItems=None),
        lambda items: items[1]["relatedItems"][0].update(importState="Error"),
        lambda items: items[1].update(importState="Error"),
        lambda items: items[1]["relatedItems"][0].update(shipmentNumber="40950012346"),
        lambda items: items[1]["relatedItems"][0].update(relationType="Dormant"),
    ],
)
def test_a_set_with_other_than_a_number_for_each_box_is_unclear(change) -> None:
    one, two = polled(change)

    assert isinstance(one, Booked)
    assert isinstance(two, CarrierUnreachable)
    assert two.unclear


@pytest.mark.parametrize("relation", ["ShipmentSet", "Dormant"])
@pytest.mark.parametrize(("state", "became"), [("InProcess", Pending), ("Complete", CarrierUnreachable)])
def test_a_failed_item_is_refused_only_when_nothing_of_it_can_still_be_made(relation, state, became) -> None:
    related = {"shipmentNumber": None, "importState": state, "relationType": relation}

    _, two = polled(lambda items: items[1].update(importState="Error", relatedItems=[related]))

    assert isinstance(two, became)


def test_a_set_is_asked_for_until_its_last_piece_is_made_or_failed() -> None:
    def underway(items):
        items[1].update(importState="InProcess")
        items[1]["relatedItems"][0].update(importState="Error")

    assert isinstance(polled(underway)[1], Pending)


def test_an_item_that_failed_with_all_of_its_set_is_refused() -> None:
    def fail(items):
        items[1].update(importState="Error", errorMessage="Bad")
        items[1]["relatedItems"][0].update(importState="Error")

    assert isinstance(polled(fail)[1], CarrierRefused)


def test_one_item_too_many_concerns_nobody() -> None:
    taken = polled(lambda items: items.append({"referenceId": "OTHER", "shipmentNumber": "1111", "importState": "x"}))

    assert [type(one) for one in taken] == [Booked, Booked]


def test_a_batch_that_is_not_known_is_unclear() -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        answers.read_polled(answer(Reply(404)), REFERENCES, JOB)

    assert lost.value.unclear


@pytest.mark.parametrize("status", [302, 400, 401, 403, 409, 422, 500, 502, 504])
def test_a_batch_that_was_taken_is_never_refused_by_asking_for_it(status: int) -> None:
    with pytest.raises(CarrierUnreachable, match="still to be asked") as lost:
        ppl(Wire(Reply(status))).poll(JOB, REFERENCES)

    assert not lost.value.unclear


def test_a_login_that_went_wrong_meanwhile_refuses_no_batch_that_was_taken() -> None:
    with pytest.raises(CarrierUnreachable, match="client_secret is wrong") as lost:
        ppl(Wire(token=lambda: Reply(401))).poll(JOB, REFERENCES)

    assert not lost.value.unclear


@pytest.mark.parametrize(("status", "wait_s"), [(429, None), (503, 7)])
def test_a_batch_is_asked_for_later_where_ppl_is_busy(status: int, wait_s: float | None) -> None:
    headers = {"retry-after": str(wait_s)} if wait_s else {}
    with pytest.raises(CarrierBusy) as busy:
        ppl(Wire(Reply(status, headers=headers))).poll(JOB, REFERENCES)

    assert busy.value.wait_s == wait_s


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"items": null}', b'{"items": [', b"null"])
def test_a_poll_that_cannot_be_read_is_simply_asked_again(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        answers.read_polled(answer(Reply(200, body)), REFERENCES, JOB)

    assert not lost.value.unclear


@pytest.mark.parametrize(
    "reply",
    [Reply(201), Reply(200, b"<html>"), Reply(201, headers={"location": "/elsewhere"}), Reply(500), Reply(302)],
)
def test_a_batch_nobody_can_name_is_unclear(reply: Reply) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        ppl(Wire(reply)).book(BOTH)

    assert lost.value.unclear


def test_who_is_at_fault_is_refused_and_the_others_are_sent_again() -> None:
    wire = Wire(told(recorded("problem"), 400), CREATED)

    one, two = ppl(wire).book(BOTH)

    assert one.kind is Kind.CONTENT
    assert [(fault.field, fault.code) for fault in one.faults] == [
        ("recipient.zip", "recipient.zipCode"),
        ("cod.variable_symbol", "cashOnDelivery.codVarSym"),
    ]
    assert one.faults[0].says == "The ZipCode field is required."
    assert two.reference == "OBJ-2026-00418"
    assert isinstance(two, Pending)
    assert b"OBJ-2026-00417" not in wire.calls[1][1].body


def test_nothing_is_sent_again_when_all_are_at_fault() -> None:
    wire = Wire(told(recorded("problem"), 400))

    (one,) = ppl(wire).book([TO_POINT])

    assert isinstance(one, CarrierRefused)
    assert len(wire.calls) == 1


def test_a_second_answer_that_is_lost_leaves_the_others_unclear() -> None:
    one, two = ppl(Wire(told(recorded("problem"), 400), Reply(504))).book(BOTH)

    assert isinstance(one, CarrierRefused)
    assert two.unclear


def test_a_third_try_is_left_to_the_caller() -> None:
    third = replace(TO_POINT, reference="OBJ-3")
    second = problem(errors={"shipments[0].note": ["Too long."]})

    taken = ppl(Wire(told(recorded("problem"), 400), second)).book([*BOTH, third])

    assert [type(one) for one in taken] == [CarrierRefused, CarrierRefused, CarrierBusy]


@pytest.mark.parametrize(
    ("errors", "field"),
    [
        ({"labelSettings.dpi": ["Bad."]}, None),
        ({"shipments[7].note": ["Bad."]}, None),
    ],
)
def test_a_refusal_that_names_nobody_is_everybodys(errors, field) -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(problem(errors=errors))).book(BOTH)

    assert refused.value.kind is Kind.CONTENT
    assert refused.value.faults[0].field is field


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"errors": null}', b'{"errors": [1]}'])
def test_a_refusal_without_reasons_is_one_all_the_same(body: bytes) -> None:
    with pytest.raises(CarrierRefused):
        ppl(Wire(Reply(400, body))).book(BOTH)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("recipient.zipCode", "recipient.zip"),
        ("Recipient.ZipCode", "recipient.zip"),
        ("recipient.name", "recipient.company"),
        ("recipient.name2", "recipient.name"),
        ("recipient.contact", "recipient.name"),
        ("recipient.phone", "recipient.phone"),
        ("sender.name", "sender.name"),
        ("recipient", "recipient"),
        ("specificDelivery.parcelShopCode", "point"),
        ("cashOnDelivery.codPrice", "cod.amount"),
        ("cashOnDelivery", "cod.amount"),
        ("insurance.insurancePrice", "value"),
        ("shipmentSet.shipmentSetItems[1].weighedShipmentInfo.weight", "boxes[1].weight_g"),
        ("shipmentSet.shipmentSetItems[9].weighedShipmentInfo.weight", "boxes"),
        ("shipmentSet.numberOfShipments", "boxes"),
        ("externalNumbers[0].externalNumber", "reference"),
        ("shipmentSet.shipmentSetItems[1].externalNumbers[0].code", "reference"),
        ("cashOnDelivery.bankCode", None),
        ("productType", "service"),
        ("depot", None),
        ("", None),
    ],
)
def test_a_path_of_theirs_is_a_field_of_ours(path: str, field: str | None) -> None:
    assert answers.field_of(path, replace(TWO_BOXES, recipient=MALY)) == field


@pytest.mark.parametrize(
    ("status", "kind"), [(403, Kind.ACCOUNT), (404, Kind.UNKNOWN), (409, Kind.DUPLICATE), (422, Kind.CONTENT)]
)
def test_a_refused_call_says_what_to_do(status: int, kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(Reply(status))).book(BOTH)

    assert refused.value.kind is kind


@pytest.mark.parametrize(("status", "headers"), [(429, {}), (503, {"retry-after": "7"})])
def test_a_busy_carrier_is_asked_later(status: int, headers) -> None:
    with pytest.raises(CarrierBusy):
        ppl(Wire(Reply(status, headers=headers))).book(BOTH)


def test_a_reference_that_is_twice_in_a_batch_is_sent_once() -> None:
    wire = Wire(CREATED)

    one, two = ppl(wire).book([TO_POINT, TO_POINT])

    assert isinstance(one, Pending)
    assert two.kind is Kind.DUPLICATE
    assert wire.calls[0][1].body.count(b"referenceId") == 1


def test_an_age_is_not_asked_for_by_a_code_nobody_trusts() -> None:
    adults = replace(TO_POINT, adults_only=True)
    wire = Wire(CREATED, CREATED)

    one, two = ppl(wire).book([adults, TWO_BOXES])
    (trusted,) = Ppl(account(rules.ADULTS), wire, Watch()).book([adults])

    assert one.kind is Kind.UNSUPPORTED
    assert isinstance(two, Pending)
    assert isinstance(trusted, Pending)
    assert [b'"ageCheck":"A18"' in call.body for _, call in wire.calls] == [False, True]


def test_nothing_to_book_asks_nothing() -> None:
    assert ppl(Wire()).book([]) == []


def found(*records, shipment=TO_POINT):
    return ppl(Wire(told(list(records)), told([]))).find(shipment, since=NOW)


def record(number, reference="OBJ-2026-00417", **more):
    return {
        "shipmentNumber": number,
        "externalNumbers": [{"code": "CUST", "externalNumber": reference}],
        **more,
    }


def test_a_booking_nobody_heard_of_is_found_by_its_reference() -> None:
    booked = found(*recorded("tracked"))

    assert booked.again
    assert [parcel.number for parcel in booked.parcels] == ["70990012345"]


def test_a_booking_is_looked_for_by_what_is_sent_now_and_then_by_what_was_sent_before() -> None:
    wire = Wire(told([]), told(recorded("tracked")))

    booked = ppl(wire).find(TO_POINT, since=NOW)

    assert [parcel.number for parcel in booked.parcels] == ["70990012345"]
    assert [call.query[0] for _, call in wire.calls] == [
        ("CustomerReferences", "2026-00417/OBJ-2026-00417"),
        ("CustomerReferences", "OBJ-2026-00417"),
    ]


def test_what_is_found_by_what_is_sent_now_is_not_looked_for_once_more() -> None:
    wire = Wire(told([record("70990012345", "2026-00417/OBJ-2026-00417")]))

    booked = ppl(wire).find(TO_POINT, since=NOW)

    assert [parcel.number for parcel in booked.parcels] == ["70990012345"]
    assert len(wire.calls) == 1


def test_what_another_reference_carries_is_not_ours() -> None:
    assert found() is None
    assert found(record("70990012346", "OBJ-2026-004170")) is None


def test_a_cancelled_parcel_is_no_booking() -> None:
    events = [{"phase": "Canceled", "eventDate": "2026-03-02T17:01:00"}]

    assert found(record("70990012345", trackAndTrace={"events": events})) is None


def test_a_set_is_found_with_all_its_boxes() -> None:
    booked = found(record("40950012347", "OBJ-2026-00418"), record("40950012346", "OBJ-2026-00418"), shipment=TWO_BOXES)

    assert [parcel.number for parcel in booked.parcels] == ["40950012346", "40950012347"]


@pytest.mark.parametrize(
    "records",
    [
        [record("40950012346", "OBJ-2026-00418")],
        [record(None, "OBJ-2026-00418"), record("40950012346", "OBJ-2026-00418")],
        [{"shipmentNumber": "40950012346"}],
        [{"shipmentNumber": "40950012346", "externalNumbers": [{"code": "VARS", "externalNumber": "OBJ-2026-00418"}]}],
        [None],
    ],
)
def test_what_was_found_in_part_is_no_answer(records) -> None:
    with pytest.raises(CarrierUnreachable):
        found(*records, shipment=TWO_BOXES)


def test_a_shipment_that_was_booked_twice_is_for_a_person() -> None:
    with pytest.raises(CarrierRefused) as refused:
        found(record("70990012345"), record("70990012399"))

    assert refused.value.kind is Kind.DUPLICATE
    assert "70990012399" in str(refused.value)
