"""Answers as the reference shows them, and what each other kind of answer means."""

from base64 import b64encode
from datetime import UTC

import pytest

from carriers.base import Booked, Cancelled, Format
from carriers.dpd_cz import answers
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.states import State
from tests.carriers.dpd_cz.scene import answer, pdf, row, shipment

CREATED = b"""[
  {
    "id": "3f0b7a60-0000-4000-8000-0000000000aa",
    "parcels": [
      {"parcelNumbers": {"main": "13845600012345"}, "references": {"ref1": "OBJ-2026-00417/1"}}
    ]
  }
]"""
A, B, C = "13845600012345", "13845600012346", "13845600012347"
ZPL = b"^XA^FO10,10^FDx^FS^XZ"


def created(body, *given):
    return answers.read_created(answer(body), given)


def is_unclear(taken):
    return isinstance(taken, CarrierUnreachable) and taken.unclear


def events(*told):
    listed = [{"createdAt": at, "status": {"statusCode": code, "description": words}} for at, code, words in told]
    return {"parcelInfo": {"parcelNumber": A}, "parcelEvents": listed}


def tracked(*told, by_words=False):
    return answers.read_tracked(answer(events(*told), makes=False), A, by_words=by_words)


def test_the_answer_of_the_reference_is_a_booking():
    [booked] = created(CREATED, shipment())

    [parcel] = booked.parcels
    assert (booked.reference, booked.label, booked.notes) == ("OBJ-2026-00417", None, ())
    assert (parcel.number, parcel.barcode) == (A, A)  # the code on the label has it in its middle
    assert parcel.tracking_url == f"https://www.dpdgroup.com/cz/mydpd/my-parcels/track?parcelNumber={A}"
    assert parcel.handle.ids == {"number": A, "boxes": "1", "shipment": "3f0b7a60-0000-4000-8000-0000000000aa"}


def test_shipments_are_known_by_reference_and_not_by_place():
    taken = created([row("R-2", B), row("R-1", A)], shipment("R-1"), shipment("R-2"))

    assert [(one.reference, one.parcels[0].number) for one in taken] == [("R-1", A), ("R-2", B)]


def test_a_number_with_a_point_is_read_as_the_whole_one_it_is():
    [booked] = created([row("R-1", float(A))], shipment("R-1"))

    assert booked.parcels[0].number == A


def test_boxes_are_known_by_reference_too():
    told = row("R-1", A, B, C)
    told["parcels"].reverse()

    [booked] = created([told], shipment("R-1", weights=(1, 2, 3)))
    assert [parcel.number for parcel in booked.parcels] == [A, B, C]


def test_a_reference_that_looks_like_a_box_of_another_is_not_mistaken():
    taken = created([row("R/1", B), row("R", A)], shipment("R"), shipment("R/1"))

    assert [one.parcels[0].number for one in taken] == [A, B]


def test_one_answer_to_one_question_needs_no_reference():
    told = {"id": 77, "parcels": [{"parcelNumbers": {"main": A}}]}

    [booked] = created([told], shipment("R-1"))
    assert booked.parcels[0].number == A


def test_a_note_that_was_not_sent_is_said():
    [booked] = created([row("R-1", A)], shipment("R-1", note="Zvonit"))

    assert booked.notes == ("the note was not sent: DPD has no field for it",)


@pytest.mark.parametrize(
    "told",
    [
        [row("R-1", A)],  # one is missing
        [row("R-1", A), {"id": 1, "parcels": [{"parcelNumbers": {"main": B}}]}],  # nobody's
        [row("R-1", A), row("R-9", B)],  # another's
        [row("R-1", A), row("R-2", B), row("R-2", C)],  # told twice
        [row("R-1", A), row("R-2", B, C)],  # a box too many
        [row("R-1", A), row("R-2")],  # no box
        [row("R-1", A), row("R-2", "123")],  # no number of DPD
        [row("R-1", A), row("R-2", "١" * 14)],
        [row("R-1", A), {**row("R-2", B), "references": {"ref1": "R-1"}}],  # says two names
        [row("R-1", A), {**row("R-2", B), "references": {"ref1": "R-9"}}],
        [row("R-1", A), {"code": "X", "message": "no routing"}],  # refused, but who?
        [row("R-1", A), None],
        [row("R-1", A), [row("R-2", B)]],
    ],
)
def test_what_is_not_plainly_told_is_unclear_and_the_others_are_booked(told):
    first, second = created(told, shipment("R-1"), shipment("R-2"))

    assert isinstance(first, Booked)
    assert is_unclear(second)


def test_one_number_for_two_shipments_is_unclear_for_both():
    taken = created([row("R-1", A), row("R-2", A), row("R-3", B)], *map(shipment, ("R-1", "R-2", "R-3")))

    assert [is_unclear(one) for one in taken] == [True, True, False]


def test_one_number_for_two_boxes_is_unclear():
    assert is_unclear(created([row("R-1", A, A)], shipment("R-1", weights=(1, 2)))[0])


def test_99_answers_to_100_shipments_leave_one_unclear():
    given = [shipment(f"R-{place}") for place in range(100)]
    told = [row(f"R-{place}", f"{13845600000000 + place}") for place in range(100) if place != 57]

    taken = created(told, *given)
    assert [place for place, one in enumerate(taken) if is_unclear(one)] == [57]


def test_an_error_that_names_its_shipment_is_its_refusal():
    told = {"code": "E1", "message": "Invalid postal code", "references": {"ref1": "R-2"}}

    booked, refused = created([row("R-1", A), told], shipment("R-1"), shipment("R-2"))
    assert isinstance(booked, Booked)
    assert (refused.kind, refused.code, refused.faults[0].field) == (Kind.CONTENT, "E1", "recipient.zip")


@pytest.mark.parametrize("body", [b"<html>", b"", b"{}", b"[", b"null", b'"x"', b"[1e99999999999999999999]", b"\xff"])
def test_a_body_that_is_no_list_leaves_all_unclear(body):
    with pytest.raises(CarrierUnreachable) as lost:
        created(body, shipment())

    assert lost.value.unclear


@pytest.mark.parametrize(
    ("message", "kind", "field"),
    [
        ("Parcel number range is missing for the sender address", Kind.ACCOUNT, None),
        ("PostalCode does not match the pattern of the country", Kind.CONTENT, "recipient.zip"),
        ("No routing data for the destination", Kind.CONTENT, "recipient.zip"),
        ("InvalidServiceCombination", Kind.CONTENT, "service"),
        ("receiver.info.contact.phone is too long", Kind.CONTENT, "recipient.phone"),
        ("receiver.address.houseNumber", Kind.CONTENT, "recipient.house_number"),
        ("services.cashOnDelivery.amountCents", Kind.CONTENT, "cod.amount"),
        ("services.pickupPoint CZ1 does not exist", Kind.CONTENT, "point"),
        ("something else", Kind.CONTENT, None),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 422])
def test_an_error_names_its_cause_and_our_field(status, message, kind, field):
    with pytest.raises(CarrierRefused) as refused:
        answers.read_created(answer({"code": "E7", "message": "Failed", "description": message}, status=status), [])

    said = refused.value
    assert (said.kind, said.code, said.faults[0].field) == (kind, "E7", field)
    assert said.why == f"Failed: {message}"


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Kind.LOGIN), (403, Kind.ACCOUNT), (404, Kind.UNKNOWN), (409, Kind.DUPLICATE)]
)
def test_a_status_says_more_than_the_words_beside_it(status, kind):
    with pytest.raises(CarrierRefused) as refused:
        created_with(status, {"message": "postal code"})

    assert refused.value.kind is kind


def created_with(status, body, **headers):
    return answers.read_created(answer(body, status=status, headers=headers), [shipment()])


def test_throttling_is_busy_for_as_long_as_it_says():
    with pytest.raises(CarrierBusy) as busy:
        created_with(429, {"code": "T", "message": "slow down"}, **{"retry-after": "30"})

    assert busy.value.wait_s == 30


@pytest.mark.parametrize("status", [302, 500, 502, 503, 504])
def test_a_server_in_trouble_leaves_a_booking_unclear(status):
    with pytest.raises(CarrierUnreachable) as lost:
        created_with(status, b"<html>")

    assert lost.value.unclear


def test_a_message_never_holds_a_whole_answer():
    with pytest.raises(CarrierRefused) as refused:
        created_with(400, {"message": "x" * 10_000})

    assert len(str(refused.value)) < 400


def test_customers_and_their_addresses_are_read():
    told = {
        "customers": [
            {"customer": {"DSW": "015012345"}, "addresses": [{"it4emId": 776655}, {"it4emId": "776656"}, None]},
            {"customer": {"DSW": 15012346}, "addresses": None},
            {"customer": None},
        ]
    }

    assert answers.read_me(answer(told)) == {"015012345": ["776655", "776656"], "15012346": []}


@pytest.mark.parametrize("body", [pdf(2), None])
def test_labels_come_bare_or_in_base64(body):
    listed = {"labels": [{"content": b64encode(pdf(1)).decode()}, {"content": b64encode(pdf(1)).decode()}]}

    label = answers.read_labels(answer(body or listed), [A, B], Format.PDF)
    assert (label.format, label.covers, label.content[:4]) == (Format.PDF, (A, B), b"%PDF")


def test_base64_may_be_broken_into_lines():
    content = b64encode(pdf(1)).decode()
    lines = "\r\n".join(content[first : first + 76] for first in range(0, len(content), 76))

    assert answers.read_labels(answer({"labels": [{"content": lines}]}), [A], Format.PDF).content == pdf(1)


@pytest.mark.parametrize("body", [ZPL * 2, {"labels": [{"content": b64encode(ZPL).decode()}] * 2}])
def test_zpl_comes_bare_or_in_base64(body):
    label = answers.read_labels(answer(body), [A, B], Format.ZPL)

    assert label.content.count(b"^XA") == 2


@pytest.mark.parametrize(
    "body",
    [
        pdf(0),
        b"",
        b"%PDF-1.4",
        b"<html>",
        {"labels": []},
        {"labels": [{"content": "!"}]},
        {"labels": [{"content": None}]},
        {"labels": [{"content": b64encode(pdf(1)).decode()}, {"content": "!"}]},
        [],
    ],
)
def test_a_file_without_a_page_is_no_label(body):
    with pytest.raises(CarrierUnreachable) as lost:
        answers.read_labels(answer(body, makes=False), [A, B], Format.PDF)

    assert not lost.value.unclear


def test_the_label_of_an_unknown_parcel_is_refused():
    with pytest.raises(CarrierRefused) as refused:
        answers.read_labels(answer({"code": "N", "message": "unknown"}, status=404), [A], Format.PDF)

    assert refused.value.kind is Kind.UNKNOWN


def test_events_are_put_in_the_order_of_their_times_in_prague_where_no_zone_is_named():
    told = tracked(
        ("2026-03-06T10:00:00", "13", "Parcel is delivered to recipient"),
        ("2026-03-05T08:00:00Z", "06", "Na cestě"),
        ("2026-03-05T08:30:00", "6", "Přijato"),
    )

    assert told.state is State.DELIVERED
    assert [(scan.code, scan.at.astimezone(UTC).hour) for scan in told.scans] == [("6", 7), ("06", 8), ("13", 9)]
    assert [scan.text for scan in told.scans] == ["Přijato", "Na cestě", "Parcel is delivered to recipient"]


@pytest.mark.parametrize("code", [str(number) for number in range(1, 60) if number != 13] + ["06", "013", "", "DODEI"])
def test_only_the_one_code_that_is_known_is_mapped(code):
    told = tracked(("2026-03-05T08:00:00", code, "Doručeno"))

    assert told.state is State.UNKNOWN
    assert told.scans[0].code == code


@pytest.mark.parametrize(
    "words",
    [
        *("Zásilka se vrací odesílateli", "Vrácení zásilky", "Zásielka sa vracia", "Vrátená odosielateľovi", "Vratka"),
        *(
            "Returning to sender",
            "Cesta zpět",
            "Parcel returned",
            "Vráceno z depa odesílateli",
            "Vrácena z výdejního místa",
        ),
    ],
)
def test_delivered_after_a_return_is_returned(words):
    back = tracked(("2026-03-05T08:00:00", "20", words), ("2026-03-06T08:00:00", "13", "Předáno"))

    assert tracked(("2026-03-05T08:00:00", "20", words)).state is State.RETURNING
    assert back.state is State.RETURNED


def test_a_delivery_that_calls_itself_a_return_is_returned():
    assert tracked(("2026-03-06T08:00:00", "13", "Returned to sender")).state is State.RETURNED


@pytest.mark.parametrize(
    "words",
    [
        *("Předáno na vrátnici", "Doručeno vrátnému", "Hlavná vrátnica", "Depo Vracov", "Předáno u vrat"),
        *(
            "Vráceno na depo",
            "Nedoručeno, zpět na depu",
            "Zásilka se vrací na pobočku",
            "Returned to depot",
            "Back in the hub",
        ),
    ],
)
def test_a_gate_keeper_and_a_depot_are_no_return(words):
    there = tracked(("2026-03-05T08:00:00", "20", words), ("2026-03-06T08:00:00", "13", "Předáno"))

    assert there.state is State.DELIVERED
    assert tracked(("2026-03-06T08:00:00", "13", words)).state is State.DELIVERED


@pytest.mark.parametrize("words", ["Jinak bude zásilka vrácena", "It will be returned if not collected"])
def test_a_return_that_only_threatens_is_none(words):
    told = tracked(("2026-03-05T08:00:00", "20", words), ("2026-03-06T08:00:00", "13", "Předáno"))

    assert told.state is State.DELIVERED


@pytest.mark.parametrize("words", answers.WORDS)
def test_words_make_a_state_only_where_they_are_switched_on(words):
    event = ("2026-03-05T08:00:00", "9", f" {words.title()} ")

    assert tracked(event).state is State.UNKNOWN
    assert tracked(event, by_words=True).state is answers.WORDS[words]


@pytest.mark.parametrize(
    "at", [None, "", "yesterday", 1772697600, "0001-01-01T00:00:00", "9999-12-31T23:59:59+14:00", "2026-02-30T00:00:00"]
)
def test_an_event_without_a_time_that_can_be_has_that_of_its_neighbour(at):
    lost = (at, "20", "Vrací se odesílateli")
    told = tracked(("2026-03-05T08:00:00", "10", "Na cestě"), lost, ("2026-03-06T08:00:00", "13", "Předáno"))

    assert [(scan.code, scan.at.day) for scan in told.scans] == [("20", 5), ("10", 5), ("13", 6)]
    assert told.state is State.RETURNED
    assert tracked(lost).state is State.UNKNOWN


def test_a_parcel_nobody_knows_is_unknown():
    told = answers.read_tracked(answer({"message": "no"}, status=404, makes=False), A, by_words=False)

    assert (told.number, told.state, told.scans) == (A, State.UNKNOWN, ())


def test_the_events_of_another_parcel_are_not_taken():
    with pytest.raises(CarrierUnreachable):
        answers.read_tracked(answer(events(("2026-03-06T08:00:00", "13", "x"))), B, by_words=False)


def test_many_parcels_are_known_by_number():
    there = events(("2026-03-06T08:00:00", "13", "x"))
    twice = {"parcelInfo": {"parcelNumber": C}, "parcelEvents": there["parcelEvents"]}

    told = answers.read_tracked_many(answer([twice, there, None, twice]), [B, A, C], by_words=False)
    states = [State.UNKNOWN, State.DELIVERED, State.UNKNOWN]
    assert [(one.number, one.state) for one in told] == list(zip((B, A, C), states, strict=True))


@pytest.mark.parametrize(
    ("status", "ended"),
    [(200, Cancelled.DONE), (204, Cancelled.DONE), (404, Cancelled.UNKNOWN), (400, Cancelled.TOO_LATE),
     (409, Cancelled.TOO_LATE)],
)  # fmt: skip
def test_a_deletion_ends_in_a_word_of_ours(status, ended):
    assert answers.read_deleted(answer(b"", status=status, makes=False)) is ended


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_deletion_nobody_looked_at_has_not_ended(status):
    with pytest.raises((CarrierRefused, CarrierBusy, CarrierUnreachable)):
        answers.read_deleted(answer(b"", status=status, makes=False))


def test_a_parcel_without_label_has_a_pin():
    told = {"pin": {"value": "040213377"}, "aztec": {"value": "iVBORw0KGgo="}}

    assert answers.read_pin(answer(told)) == "040213377"


@pytest.mark.parametrize("body", [{}, [], {"pin": "1"}, {"pin": {"value": None}}, {"pin": {"value": " "}}, b"<html>"])
def test_a_parcel_whose_pin_is_not_told_may_have_one(body):
    with pytest.raises(CarrierUnreachable) as lost:
        answers.read_pin(answer(body))

    assert lost.value.unclear


def test_a_list_of_parcels_is_searched_by_reference():
    listed = row("R-1", A, B)["parcels"] + row("R-2", C)["parcels"]

    booked = answers.read_found(answer(listed, makes=False), shipment("R-1", weights=(1, 2)))
    assert [parcel.number for parcel in booked.parcels] == [A, B]
    assert answers.read_found(answer(listed, makes=False), shipment("R-3")) is None


@pytest.mark.parametrize(
    "listed", [row("R-1", A)["parcels"], row("R-1", A, B)["parcels"] * 2, row("R-1", A, A)["parcels"]]
)
def test_a_list_with_a_part_or_too_much_is_not_believed(listed):
    with pytest.raises(CarrierUnreachable):
        answers.read_found(answer(listed, makes=False), shipment("R-1", weights=(1, 2)))


def test_a_number_without_events_is_created_and_one_that_cannot_be_read_is_unknown():
    assert tracked().state is State.CREATED
    assert tracked(("soon", "13", "Doručeno")).state is State.UNKNOWN


@pytest.mark.parametrize("body", [{}, [], {"parcelInfo": {"parcelNumber": A}}, {"parcelEvents": None}])
def test_an_answer_without_events_is_none(body):
    with pytest.raises(CarrierUnreachable):
        answers.read_tracked(answer(body, makes=False), A, by_words=False)


@pytest.mark.parametrize(
    "row",
    [
        {"customer": {"DSW": "015012345"}, "addresses": [{"it4emId": 776655}]},
        {"customer": {"DSW": "015012345", "addresses": [{"it4emId": 776655}]}},
        {"customer": {"DSW": "015012345", "addresses": [{"it4emId": 776655}]}, "addresses": [{"it4emId": 776655}]},
    ],
)
def test_addresses_stand_beside_their_customer_or_in_it(row):
    assert answers.read_me(answer({"customers": [row]})) == {"015012345": ["776655"]}
