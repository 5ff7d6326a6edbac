"""The joint: which calls are made for what is asked, and what each brings."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from carriers.base import Booked, Cancelled, Close, Format, Handle, Pending
from carriers.ceska_posta import PRODUCTION, answers
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.money import Money
from carriers.states import State
from tests.carriers.ceska_posta.sample import (
    HOME,
    NOW,
    OWN,
    THREE,
    TO_POINT,
    account,
    batch,
    created,
    numbered,
    pdf,
    post,
    record,
    said_pdf,
)  # fmt: skip
from tests.carriers.kit import codes, kit

CODE, OTHER = "NB5847769990L", "NB0600004030U"
LOST = CarrierUnreachable("ceska_posta", "book", "the answer got lost", unclear=True)


def paths(wire):
    return [call.url.removeprefix(PRODUCTION) for call in wire.calls]


def test_one_shipment_is_booked_at_once() -> None:
    adapter, wire = post(created(record("OBJ202600417", CODE)))

    (taken,) = adapter.book([TO_POINT])

    assert taken.parcels[0].number == CODE
    assert paths(wire) == ["/parcelService"]


def test_several_shipments_go_as_a_batch_and_are_polled() -> None:
    adapter, wire = post(
        ({"idTransaction": "28x97"}, 202), (b"", 202), batch(record("OBJ1", CODE), record("OBJ0", OTHER))
    )

    pending = adapter.book(numbered(2))
    waiting = adapter.poll(pending[0].job, ["OBJ0", "OBJ1"])
    taken = adapter.poll(pending[0].job, ["OBJ0", "OBJ1"])

    assert waiting == pending
    assert [one.parcels[0].number for one in taken] == [OTHER, CODE]
    assert paths(wire) == ["/sendParcels", *["/sendParcels/idTransaction/28x97"] * 2]


def test_a_batch_refused_for_one_of_its_records_goes_one_by_one() -> None:
    refusal = ([{"message": "parcelDataList[1].parcelAddress.firstName: size must be between 0 and 38"}], 400)
    adapter, wire = post(refusal, created(record("OBJ0", CODE)), refusal)

    good, bad = adapter.book(numbered(2))

    assert good.parcels[0].number == CODE
    assert (bad.kind, "firstName" in str(bad)) == (Kind.CONTENT, True)
    assert paths(wire) == ["/sendParcels", "/parcelService", "/parcelService"]


def test_what_is_good_of_a_batch_that_ended_with_19_is_booked_where_its_code_is_known() -> None:
    bad = record("OBJ2", "", (261, "MISSING_SIZE_CATEGORY"))
    ended = batch(record("OBJ0", CODE), record("OBJ1", OTHER), bad, result=(19, "BATCH_INVALID"))
    known = {"idParcel": CODE, "parcelStatuses": [{"id": "-M", "date": "2026-03-05"}]}
    not_found = {"idParcel": OTHER, "parcelStatuses": [{"id": "-3", "date": "2026-03-05"}]}
    adapter, wire = post(({"idTransaction": "1"}, 202), ended, {"detail": [known, not_found]})
    pending = adapter.book(numbered(3))

    made, unknown, refused = adapter.poll(pending[0].job, ["OBJ0", "OBJ1", "OBJ2"])

    assert made.parcels[0].number == CODE
    assert isinstance(unknown, Pending)
    assert refused.kind is Kind.CONTENT
    assert paths(wire)[2:] == ["/parcelStatus"]


@pytest.mark.parametrize(
    ("minutes", "statuses", "outcome"),
    [(14, [], Pending), (14, ["42"], Booked), (15, ["-3"], CarrierUnreachable), (15, ["88"], CarrierUnreachable)],
)
def test_a_code_that_is_not_known_yet_is_asked_about_for_a_quarter_of_an_hour(minutes, statuses, outcome) -> None:
    ended = batch(record("OBJ0", CODE), result=(19, "BATCH_INVALID"))
    told = {"detail": [{"idParcel": CODE, "parcelStatuses": [{"id": one, "date": "2026-03-05"} for one in statuses]}]}
    adapter, _ = post(ended, {"detail": []}, ended, told)
    (first,) = adapter.poll(Handle("ceska_posta", {"transaction": "1"}), ["OBJ0"])
    adapter.now = lambda: NOW + timedelta(minutes=minutes)

    (then,) = adapter.poll(first.job, ["OBJ0"])

    assert isinstance(then, outcome)
    assert outcome is not CarrierUnreachable or (then.unclear, then.code, CODE in str(then)) == (True, "19", True)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_poll_that_is_refused_refuses_no_parcel(status) -> None:
    adapter, _ = post(({"idTransaction": "28x97"}, 202), ([{"message": "Unauthorized."}], status))
    pending = adapter.book(numbered(2))

    with pytest.raises(CarrierUnreachable, match="Unauthorized") as lost:
        adapter.poll(pending[0].job, ["OBJ0", "OBJ1"])
    assert not lost.value.unclear


def test_shipments_of_several_boxes_and_of_other_days_stay_out_of_the_batch() -> None:
    boxes = [
        record(name, code)
        for name, code in zip(
            ["OBJ9", "OBJ9/2", "OBJ9/3"], ["DR4362230958U", "DR5847760001L", "DR5847760015L"], strict=True
        )
    ]
    later = replace(HOME, ship_on=date(2026, 3, 9))
    adapter, wire = post(
        ({"idTransaction": "1"}, 202), created(record("OBJ202600418", "DR5847760029L")), created(*boxes)
    )
    shipments = [THREE, *numbered(1), later, replace(TO_POINT, reference="OBJ7")]

    taken = adapter.book(shipments)

    assert [one.reference for one in taken] == [one.reference for one in shipments]
    assert [type(one) for one in taken] == [Booked, Pending, Booked, Pending]
    assert paths(wire) == ["/sendParcels", "/parcelService", "/parcelService"]


def test_trouble_with_the_only_call_is_raised() -> None:
    adapter, _ = post(LOST)

    with pytest.raises(CarrierUnreachable):
        adapter.book([TO_POINT])


def test_trouble_with_one_of_several_calls_leaves_the_others_their_answers() -> None:
    later = replace(HOME, ship_on=date(2026, 3, 9))
    adapter, _ = post(created(record("OBJ202600417", CODE)), LOST)

    taken = adapter.book([TO_POINT, later])

    assert (taken[0].parcels[0].number, taken[1]) == (CODE, LOST)


def test_own_numbers_make_a_repetition_harmless() -> None:
    duplicate = created(record("OBJ202600417", "", (101, "DUPLICATE_PARCEL_CODE")), result=(19, "BATCH_INVALID"))
    adapter, wire = post(LOST, duplicate, given=account(**OWN))
    shipment = replace(TO_POINT, options={"serial": "6999"})

    with pytest.raises(CarrierUnreachable):
        adapter.book([shipment])
    (taken,) = adapter.book([shipment])

    assert (taken.again, taken.parcels[0].number) == (True, "NB5847769990L")
    assert len({call.body for call in wire.calls}) == 1


def test_a_shipment_without_its_serial_is_not_asked_for() -> None:
    adapter, wire = post(created(record("OBJ202600418", "DR5847760001L")), given=account(**OWN))

    refused, taken = adapter.book([TO_POINT, replace(HOME, options={"serial": "6000"})])

    assert (refused.kind, refused.faults[0].field) == (Kind.CONTENT, "options.serial")
    assert taken.parcels[0].number == "DR5847760001L"
    assert len(wire.calls) == 1


def test_a_broken_number_range_books_nothing() -> None:
    adapter, wire = post(given=account(number_sender="58477"))

    (refused,) = adapter.book([TO_POINT])

    assert (refused.kind, wire.calls) == (Kind.ACCOUNT, [])


def test_only_an_account_with_own_numbers_is_idempotent_and_none_finds() -> None:
    plain, _ = post()
    own, _ = post(given=account(**OWN))

    assert (plain.able.is_idempotent, own.able.is_idempotent) == (False, True)
    assert (plain.able.finds, own.able.finds) == (False, False)
    with pytest.raises(CarrierRefused) as refusal:
        plain.find(TO_POINT, since=NOW)
    assert refusal.value.kind is Kind.UNSUPPORTED


def test_a_signature_is_of_just_before_now() -> None:
    adapter, wire = post(created(record("OBJ202600417", CODE)))

    adapter.book([TO_POINT])

    age = NOW - datetime.fromtimestamp(int(wire.calls[0].headers["Authorization-Timestamp"]), UTC)
    assert timedelta(0) < age < timedelta(seconds=60)


def test_the_day_is_that_of_prague() -> None:
    adapter, wire = post(created(), now=lambda: datetime(2026, 7, 1, 22, 30, tzinfo=UTC))

    adapter.book([TO_POINT])

    header = json.loads(wire.calls[0].body)["parcelServiceHeader"]["parcelServiceHeaderCom"]
    assert header["transmissionDate"] == "2026-07-02"


def test_each_call_has_a_nonce_of_its_own() -> None:
    adapter, wire = post({"detail": []}, {"detail": []})
    fresh = type(adapter)(adapter.account, wire, adapter.now)

    fresh.track([answers.parcel(CODE)])
    fresh.track([answers.parcel(CODE)])

    assert len({call.headers["Authorization"] for call in wire.calls}) == 2


def test_a_login_is_proved_by_the_posting_places_of_the_contract() -> None:
    adapter, wire = post([{"locationNumber": 1}], ([{"message": "Unauthorized"}], 401), given=account(contract_id="77"))

    adapter.test()
    with pytest.raises(CarrierRefused) as refusal:
        adapter.test()

    assert refusal.value.kind is Kind.LOGIN
    assert paths(wire) == ["/location/idContract/77"] * 2


def printed(file):
    return {"printingHeaderResult": {"printingStatusResponse": {"responseCode": 1}}, "printingDataResult": file}


def asked_to_print(wire):
    return [json.loads(call.body)["printingData"] for call in wire.calls]


@pytest.mark.parametrize("pages", [(CODE, OTHER), (OTHER, CODE)])
def test_labels_come_in_the_order_asked_whatever_the_order_of_pages(pages) -> None:
    adapter, wire = post(printed(said_pdf(*pages)))

    label = adapter.labels([answers.parcel(OTHER), answers.parcel(CODE)], Format.PDF)

    assert label.covers == (OTHER, CODE)
    assert [page.extract_text().strip() for page in PdfReader(BytesIO(label.content)).pages] == [OTHER, CODE]
    assert asked_to_print(wire) == [[OTHER, CODE]]


def test_labels_that_do_not_say_whose_they_are_are_printed_one_by_one() -> None:
    adapter, wire = post(printed(pdf(2)), printed(pdf()), printed(pdf()))

    label = adapter.labels([answers.parcel(OTHER), answers.parcel(CODE)], Format.PDF)

    assert label.covers == (OTHER, CODE)
    assert asked_to_print(wire) == [[OTHER, CODE], [OTHER], [CODE]]


def test_of_no_parcels_there_are_no_labels() -> None:
    adapter, wire = post()

    assert (adapter.labels([], Format.PDF).content, wire.calls) == (b"", [])


def test_letters_and_parcels_are_printed_in_one_file() -> None:
    at = kit("ceska_posta")
    letters = [at.home(service="RR", value=Money(0, "CZK")) for _ in range(2)]
    first, second, third = at.booked(letters[0], at.home(), letters[1])
    parcels = [*second.parcels, *first.parcels, *third.parcels]

    label = at.carrier.labels(parcels, Format.PDF)
    alone = at.booked(at.home(service="RR", value=Money(0, "CZK")))[0].label
    at.client.close()

    assert label.covers == tuple(parcel.number for parcel in parcels)
    assert [parcel.number in page for parcel, page in zip(parcels, codes(label), strict=True)] == [True] * 3
    assert alone


def test_a_letter_has_no_label_for_a_thermal_printer() -> None:
    adapter, wire = post()

    with pytest.raises(CarrierRefused) as refusal:
        adapter.labels([answers.parcel(CODE), answers.parcel("RR950819194CZ")], Format.ZPL)

    assert (refusal.value.kind, wire.calls) == (Kind.UNSUPPORTED, [])


def delivered(code, amount):
    return {"idParcel": code, "amount": amount, "parcelStatuses": [{"id": "91", "date": "2026-03-06", "text": ""}]}


def test_money_is_asked_for_once_a_parcel_with_cod_is_delivered() -> None:
    paid = {"parcelDataHistory": {"creditedData": {"transactionDate": "2026-03-09"}}}
    adapter, wire = post({"detail": [delivered(CODE, 1290), delivered(OTHER, 0)]}, paid)

    first, second = adapter.track([answers.parcel(CODE), answers.parcel(OTHER)])

    assert (first.cod_paid_on, second.cod_paid_on) == (date(2026, 3, 9), None)
    assert paths(wire) == ["/parcelStatus", f"/parcelDataHistory/parcelID/{CODE}"]


def test_a_parcel_is_told_of_even_where_its_money_is_not() -> None:
    adapter, _ = post({"detail": [delivered(CODE, 1290)]}, CarrierBusy("ceska_posta", "track", "busy", wait_s=None))

    (one,) = adapter.track([answers.parcel(CODE)])

    assert (one.state, one.cod_paid_on) == (State.DELIVERED, None)


def test_a_cancellation_is_nobodys_business() -> None:
    adapter, wire = post()

    assert adapter.cancel([answers.parcel(CODE)]) == [Cancelled.LOCAL]
    assert wire.calls == []


def test_a_posting_closes_itself_unless_it_is_kept_open() -> None:
    adapter, _ = post()

    assert adapter.able.close is Close.NONE
    with pytest.raises(CarrierRefused) as refusal:
        adapter.close([answers.parcel(CODE)], date(2026, 3, 5))
    assert refusal.value.kind is Kind.UNSUPPORTED


def test_a_posting_kept_open_is_closed_at_hand_over() -> None:
    adapter, wire = post(created(), given=account(switches=("open_posting",)))

    manifest = adapter.close([answers.parcel(CODE)], date(2026, 3, 5))

    assert adapter.able.close is Close.REQUIRED
    assert (manifest.number, manifest.covers) == ("2026-03-05", (CODE,))
    assert json.loads(wire.calls[0].body)["parcelServiceHeader"]["transmissionEnd"] is True


def test_what_is_posted_one_by_one_or_as_a_batch_stays_open_until_the_hand_over() -> None:
    at = kit("ceska_posta")
    at.carrier = at.opened(switches=frozenset({"open_posting"}))
    parcels = [*at.parcels(at.home()), *at.parcels(at.home(), at.home())]
    before = [at.there(parcel).bag["is_open"] for parcel in parcels]

    at.carrier.close(parcels, at.watch().date())
    at.carrier.close(parcels, at.watch().date())
    at.client.close()

    assert before == [True] * 3
    assert [at.there(parcel).bag["is_open"] for parcel in parcels] == [False] * 3


def test_a_closing_is_of_the_day_it_is_made_on() -> None:
    adapter, wire = post(created(), given=account(switches=("open_posting",)))

    manifest = adapter.close([answers.parcel(CODE)], date(2026, 3, 1))

    header = json.loads(wire.calls[0].body)["parcelServiceHeader"]
    assert header["parcelServiceHeaderCom"]["transmissionDate"] == manifest.number == "2026-03-05"


def test_there_are_no_points_abroad() -> None:
    adapter, wire = post()

    assert (list(adapter.points("SK")), wire.calls) == ([], [])


def test_what_an_account_must_give_is_named() -> None:
    adapter, _ = post()

    assert adapter.secret < adapter.needs.keys()
    assert "contract_id" in adapter.needs  # without it a login would pass its test and every booking be refused
    assert not adapter.needs.keys() & adapter.may_give.keys()


@pytest.mark.parametrize(
    ("number", "is_one"), [(CODE, True), ("V 5847769990L", True), ("NB5847769991L", False), ("Z1234567890", False)]
)
def test_a_number_of_the_posts_is_known_by_its_form_and_check_digit(number, is_one) -> None:
    adapter, _ = post()

    assert adapter.is_number(number) is is_one
