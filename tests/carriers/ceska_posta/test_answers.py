"""What the Post answers to bookings, batches, prints and closings."""

import json
from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from carriers.base import Booked, Format, Handle, Pending
from carriers.ceska_posta import answers, codes
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from tests.carriers.ceska_posta.sample import THREE, TO_POINT, answer, batch, created, numbered, pdf, record, said_pdf

CODE, OTHER, THIRD = "NB5847769990L", "NB0600004030U", "NB5847769970L"
JOB = Handle("ceska_posta", {"transaction": "28x97"})
OWN_JOB = Handle("ceska_posta", {"transaction": "28x97", "codes": json.dumps({"OBJ0": CODE, "OBJ1": OTHER})})
SIZE, MAIL = (261, "MISSING_SIZE_CATEGORY"), (250, "MISSING_REQUIRED_EMAIL")


def is_unclear(taken) -> bool:
    return isinstance(taken, CarrierUnreachable) and taken.unclear


def test_a_booking_has_its_code_and_its_label() -> None:
    file = pdf()

    taken = answers.read_created(answer(created(record("OBJ202600417", CODE), file=file)), TO_POINT)

    assert taken.reference == "OBJ202600417"
    assert [parcel.number for parcel in taken.parcels] == [CODE]
    assert taken.parcels[0].tracking_url.endswith(f"parcelNumbers={CODE}")
    assert (taken.label.content, taken.label.covers) == (b64decode(file), (CODE,))
    assert (taken.again, taken.notes) == (False, ())


def test_a_refusal_with_200_names_the_fields() -> None:
    said = created(record("OBJ202600417", "", SIZE, MAIL), result=(19, "BATCH_INVALID"))

    taken = answers.read_created(answer(said), TO_POINT)

    assert isinstance(taken, CarrierRefused)
    assert (taken.kind, taken.code) == (Kind.CONTENT, "261")
    assert [(fault.field, fault.code) for fault in taken.faults] == [("boxes[0]", "261"), ("recipient.email", "250")]


def test_a_code_beside_19_is_no_parcel() -> None:
    taken = answers.read_created(answer(created(record("OBJ202600417", CODE), result=(19, "BATCH_INVALID"))), TO_POINT)

    assert isinstance(taken, CarrierRefused)


def test_what_was_corrected_is_told_as_a_note() -> None:
    said = created(record("OBJ202600417", CODE, (1, "OK"), (408, "INFO_ADDRESS_WAS_MODIFIED")))

    taken = answers.read_created(answer(said), TO_POINT)

    assert taken.notes[:1] == ("408 INFO_ADDRESS_WAS_MODIFIED",)


@pytest.mark.parametrize(
    "records",
    [
        [],
        [record("OBJ1", CODE)],
        [record("OBJ202600417", CODE), record("OBJ202600417", OTHER)],
        [record("OBJ202600417", "")],
        [record("OBJ202600417", "Z1234567890")],
        [record("OBJ202600417", "DR4362230958U")],
        [record("OBJ202600417", CODE, SIZE)],
        [{"recordNumber": "OBJ202600417", "parcelCode": CODE, "parcelStateResponse": None}],
        [{"recordNumber": "OBJ202600417", "parcelCode": 5847769990, "parcelStateResponse": [{"responseCode": 1}]}],
        [{"recordNumber": 5.0, "parcelCode": CODE, "parcelStateResponse": [{"responseCode": 1}]}],
        [None, "text", 5],
    ],
)
def test_an_ok_whose_record_proves_nothing_is_unclear(records) -> None:
    assert is_unclear(answers.read_created(answer(created(*records)), TO_POINT))


def test_a_further_record_is_nobodys() -> None:
    taken = answers.read_created(answer(created(record("OBJ1", OTHER), record("OBJ202600417", CODE))), TO_POINT)

    assert [parcel.number for parcel in taken.parcels] == [CODE]


def test_boxes_are_paired_by_record_whatever_their_order() -> None:
    codes_said = ["DR4362230958U", "DR5847760001L", "DR5847760015L"]
    records = [record(name, code) for name, code in zip(["OBJ9", "OBJ9/2", "OBJ9/3"], codes_said, strict=True)]

    taken = answers.read_created(answer(created(*reversed(records), file=said_pdf(*reversed(codes_said)))), THREE)

    assert [parcel.number for parcel in taken.parcels] == codes_said
    assert taken.label.covers == tuple(codes_said)
    assert [code in page_texts(taken.label)[place] for place, code in enumerate(codes_said)] == [True] * 3


def page_texts(label):
    return [page.extract_text() for page in PdfReader(BytesIO(label.content)).pages]


@pytest.mark.parametrize("file", [pdf(3), said_pdf("DR4362230958U", "DR4362230958U", "DR5847760015L")])
def test_labels_of_boxes_that_do_not_say_whose_they_are_are_printed_later(file) -> None:
    codes_said = ["DR4362230958U", "DR5847760001L", "DR5847760015L"]
    records = [record(name, code) for name, code in zip(["OBJ9", "OBJ9/2", "OBJ9/3"], codes_said, strict=True)]

    taken = answers.read_created(answer(created(*records, file=file)), THREE)

    assert (taken.label, len(taken.parcels)) == (None, 3)


def test_two_boxes_with_one_code_are_unclear() -> None:
    records = [record(name, "DR4362230958U") for name in ("OBJ9", "OBJ9/2", "OBJ9/3")]

    assert is_unclear(answers.read_created(answer(created(*records)), THREE))


@pytest.mark.parametrize("file", [None, "", "!!!", 5, "PGh0bWw+", "JVBERi0xLjQK", pdf(0), pdf(2), pdf()[:400]])
def test_a_booking_without_a_label_is_a_booking(file) -> None:
    taken = answers.read_created(answer(created(record("OBJ202600417", CODE), file=file)), TO_POINT)

    assert (taken.label, taken.parcels[0].number) == (None, CODE)
    assert taken.notes[0].startswith("no label: ")


def test_a_form_that_does_not_fit_refuses_the_label_only() -> None:
    said = created(record("OBJ202600417", CODE))
    status = {"responseCode": 378, "responseText": "INVALID_PREFIX_COMBINATION"}
    said["responseHeader"]["responsePrintParams"]["printParamsResponse"] = [status]

    taken = answers.read_created(answer(said), TO_POINT)

    assert (taken.label, taken.notes) == (None, ("no label: 378 INVALID_PREFIX_COMBINATION",))


def test_an_own_code_in_use_means_booked_before() -> None:
    said = created(record("OBJ202600417", "", (101, "DUPLICATE_PARCEL_CODE")), result=(19, "BATCH_INVALID"))

    taken = answers.read_created(answer(said), TO_POINT, [CODE])

    assert taken == Booked("OBJ202600417", (answers.parcel(CODE),), again=True, notes=(answers.FIRST_TRY,))


def test_what_else_is_wrong_by_now_does_not_undo_what_was_booked_before() -> None:
    said = created(record("OBJ202600417", "", (101, "DUPLICATE"), SIZE), result=(19, "BATCH_INVALID"))

    taken = answers.read_created(answer(said), TO_POINT, [CODE])

    assert (taken.again, taken.parcels) == (True, (answers.parcel(CODE),))
    assert taken.notes == (answers.FIRST_TRY, "261 MISSING_SIZE_CATEGORY")


@pytest.mark.parametrize("statuses", [[(144, "DUPLICATE")], [SIZE]])
def test_other_trouble_is_not_booked_before(statuses) -> None:
    said = created(record("OBJ202600417", "", *statuses), result=(19, "BATCH_INVALID"))

    assert isinstance(answers.read_created(answer(said), TO_POINT, [CODE]), CarrierRefused)


def test_a_duplicate_of_a_code_nobody_asked_for_is_refused() -> None:
    said = created(record("OBJ202600417", "", (101, "DUPLICATE")), result=(19, "BATCH_INVALID"))

    assert answers.read_created(answer(said), TO_POINT).kind is Kind.DUPLICATE


def test_some_boxes_in_use_and_some_not_are_no_repetition() -> None:
    own = ["DR5847760001L", "DR5847760015L", "DR5847760029L"]
    records = [record("OBJ9", "", (101, "DUPLICATE")), record("OBJ9/2", own[1]), record("OBJ9/3", own[2])]

    taken = answers.read_created(answer(created(*records, result=(19, "BATCH_INVALID"))), THREE, own)

    assert taken.kind is Kind.DUPLICATE


def test_another_code_than_asked_for_is_unclear() -> None:
    assert is_unclear(answers.read_created(answer(created(record("OBJ202600417", OTHER))), TO_POINT, [CODE]))


@pytest.mark.parametrize(
    ("result", "kind"),
    [((3, "UNAUTHORIZED_LOGIN"), Kind.LOGIN), ((11, "INVALID_LOCATION"), Kind.ACCOUNT), ((102, ""), Kind.ACCOUNT)],
)
def test_what_concerns_the_account_is_raised(result, kind) -> None:
    with pytest.raises(CarrierRefused) as refusal:
        answers.read_created(answer(created(result=result)), TO_POINT)

    assert refusal.value.kind is kind


@pytest.mark.parametrize("result", [(2, "INTERNAL_ERROR"), (16, "TRANSMISSION_UNFINISHED"), (18, "BATCH_UNFINISHED")])
def test_what_the_post_had_trouble_with_or_is_still_at_may_be_a_parcel(result) -> None:
    assert is_unclear(answers.read_created(answer(created(result=result)), TO_POINT))


def test_trouble_with_one_record_of_a_refused_batch_is_busy() -> None:
    said = created(record("OBJ202600417", "", (2, "INTERNAL_ERROR")), result=(19, "BATCH_INVALID"))

    assert isinstance(answers.read_created(answer(said), TO_POINT), CarrierBusy)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Kind.CONTENT), (401, Kind.LOGIN), (403, Kind.ACCOUNT), (404, Kind.UNKNOWN)],
)
def test_a_transport_failure_is_told_in_the_posts_words(status, kind) -> None:
    said = [{"x-request-id": "ID-1", "code": -50, "status": str(status), "message": "Bad clock", "moreInfo": "at java"}]

    with pytest.raises(CarrierRefused, match="Bad clock") as refusal:
        answers.read_created(answer(said, status=status), TO_POINT)

    assert refusal.value.kind is kind
    assert "java" not in str(refusal.value)


@pytest.mark.parametrize("status", [500, 502, 503, 302])
def test_a_broken_answer_to_a_booking_is_unclear(status) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        answers.read_created(answer(b"<html>", status=status), TO_POINT)

    assert lost.value.unclear


def test_html_with_200_is_unclear() -> None:
    with pytest.raises(CarrierUnreachable, match="HTML") as lost:
        answers.read_created(answer(b"<html>maintenance</html>"), TO_POINT)

    assert lost.value.unclear


def test_a_batch_is_pending_under_its_transaction() -> None:
    sent = answers.read_sent(answer({"idTransaction": "28x97"}, status=202), numbered(2), {})

    assert sent == [Pending("OBJ0", JOB, answers.POLL_S), Pending("OBJ1", JOB, answers.POLL_S)]


def test_a_batch_without_a_transaction_is_unclear() -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        answers.read_sent(answer({}, status=202), numbered(2), {})

    assert lost.value.unclear


def polled(body, references, *, status=200, job=JOB):
    return answers.read_batch(answer(body, status=status, makes=False, operation="poll"), job, references)


def test_a_batch_still_at_work_is_pending() -> None:
    assert polled(b"", ["OBJ0"], status=202) == [Pending("OBJ0", JOB, answers.POLL_S)]
    assert polled(batch(result=(18, "BATCH_PROCESSING")), ["OBJ0"]) == [Pending("OBJ0", JOB, answers.POLL_S)]


def test_a_batch_nobody_knows_leaves_all_unclear() -> None:
    assert [is_unclear(one) for one in polled([], ["OBJ0", "OBJ1"], status=404)] == [True, True]


def test_a_batch_is_told_in_the_order_asked_and_the_good_are_kept() -> None:
    said = batch(record("OBJ2", OTHER), record("OBJ1", "", SIZE), record("OBJ0", CODE), result=(19, "BATCH_INVALID"))

    first, second, third = polled(said, ["OBJ0", "OBJ1", "OBJ2"])

    assert (first.parcels[0].number, third.parcels[0].number) == (CODE, OTHER)
    assert (second.kind, second.code) == (Kind.CONTENT, "261")


def test_99_answers_to_100_parcels_leave_one_unclear() -> None:
    references = [f"OBJ{place}" for place in range(100)]
    codes_said = [f"NB{place:09}0L" for place in range(100)]
    records = [record(*pair) for pair in zip(references, codes_said, strict=True)]

    taken = polled(batch(*records[:41], *records[42:]), references)

    assert is_unclear(taken[41])
    assert [one.parcels[0].number for one in taken[:41] + taken[42:]] == codes_said[:41] + codes_said[42:]


def test_parcels_that_share_a_code_are_unclear() -> None:
    said = batch(record("OBJ0", CODE), record("OBJ1", CODE), record("OBJ2", OTHER))

    taken = polled(said, ["OBJ0", "OBJ1", "OBJ2"])

    assert [is_unclear(one) for one in taken] == [True, True, False]


def test_a_batch_that_ended_otherwise_proves_nothing() -> None:
    taken = polled(batch(record("OBJ0", CODE), result=(2, "INTERNAL_ERROR")), ["OBJ0", "OBJ1"])

    assert [is_unclear(one) for one in taken] == [True, True]


def test_the_posts_words_about_a_batch_stand_with_its_parcels_alone() -> None:
    [error] = polled(batch(record("OBJ0", CODE), result=(2, "Jana Nová")), ["OBJ0"])

    assert isinstance(error, CarrierError)
    assert "Jana Nová" in str(error)
    assert error.unnamed() == "ceska_posta, poll: in the batch, but that ended otherwise (2)"


@pytest.mark.parametrize("status", [(2, "INTERNAL_ERROR"), (18, "BATCH_UNFINISHED")])
def test_trouble_with_one_record_of_a_batch_leaves_that_one_unclear(status) -> None:
    first, second = polled(batch(record("OBJ0", "", status), record("OBJ1", OTHER)), ["OBJ0", "OBJ1"])

    assert is_unclear(first)
    assert second.parcels[0].number == OTHER


def test_a_batch_refused_whole_refuses_each() -> None:
    taken = polled(batch(result=(10, "INVALID_CUSTOMER_ID")), ["OBJ0", "OBJ1"])

    assert [one.kind for one in taken] == [Kind.ACCOUNT, Kind.ACCOUNT]


def test_a_gateway_that_knows_no_such_page_tells_nothing_of_a_batch() -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        polled(b"<html>not found</html>", ["OBJ0"], status=404)

    assert not lost.value.unclear


@pytest.mark.parametrize("told", [CODE, ""])
def test_an_own_code_in_use_is_booked_before_in_a_batch_too(told) -> None:
    said = batch(record("OBJ0", told, (101, "DUPLICATE")), result=(19, "BATCH_INVALID"))

    (own,) = polled(said, ["OBJ0"], job=OWN_JOB)
    (made_up,) = polled(said, ["OBJ0"])

    assert (own.again, own.parcels[0].number) == (True, CODE)
    assert made_up.kind is Kind.DUPLICATE


def test_another_code_than_asked_for_is_unclear_in_a_batch_too() -> None:
    first, second = polled(batch(record("OBJ0", THIRD), record("OBJ1", OTHER)), ["OBJ0", "OBJ1"], job=OWN_JOB)

    assert is_unclear(first)
    assert second.parcels[0].number == OTHER


def test_a_poll_that_cannot_be_read_is_asked_again() -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        polled(b"<html>", ["OBJ0"])

    assert not lost.value.unclear


def printed(code, text="OK", file=None):
    status = {"responseCode": code, "responseText": text}
    said = {"printingHeaderResult": {"printingStatusResponse": status}, "printingDataResult": file}
    return answer(said, makes=False, operation="labels")


def test_labels_cover_the_codes_asked_for() -> None:
    label = answers.read_labels(printed(1, file=pdf(2)), [CODE, OTHER], Format.PDF)

    assert (label.content, label.covers) == (b64decode(pdf(2)), (CODE, OTHER))


def test_labels_for_a_thermal_printer_are_zpl() -> None:
    assert answers.read_labels(printed(1, file="XlhBXlha"), [CODE], Format.ZPL).content == b"^XA^XZ"


@pytest.mark.parametrize("file", [None, "", "PGh0bWw+", 7, "JVBERi0xLjQK", pdf(0), pdf(2)])
def test_what_is_no_label_is_none(file) -> None:
    with pytest.raises(CarrierUnreachable):
        answers.read_labels(printed(1, file=file), [CODE], Format.PDF)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(100, Kind.UNKNOWN), (378, Kind.CONTENT), (379, Kind.CONTENT), (380, Kind.CONTENT)],
)
def test_a_label_is_refused_for_a_reason(code, kind) -> None:
    with pytest.raises(CarrierRefused) as refusal:
        answers.read_labels(printed(code, "NO"), [CODE], Format.PDF)

    assert (refusal.value.kind, refusal.value.code) == (kind, str(code))


def test_a_printer_in_trouble_is_busy() -> None:
    with pytest.raises(CarrierBusy):
        answers.read_labels(printed(2, "INTERNAL_ERROR"), [CODE], Format.PDF)


@pytest.mark.parametrize("result", [(1, "OK"), (15, "POSTING_CLOSED")])
def test_a_closed_posting_is_closed(result) -> None:
    assert answers.read_closed(answer(created(result=result), operation="close")) is None


@pytest.mark.parametrize(
    ("result", "error"), [((16, ""), CarrierBusy), ((20, ""), CarrierRefused), ((2, ""), CarrierError)]
)
def test_a_posting_that_is_not_closed_says_why(result, error) -> None:
    with pytest.raises(error):
        answers.read_closed(answer(created(result=result), operation="close"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (3, Kind.LOGIN), (10, Kind.ACCOUNT), (12, Kind.ACCOUNT), (13, Kind.CONTENT), (14, Kind.TOO_LATE),
        (101, Kind.DUPLICATE), (144, Kind.DUPLICATE), (256, Kind.DUPLICATE), (102, Kind.ACCOUNT),
        (143, Kind.ACCOUNT), (100, Kind.CONTENT), (261, Kind.CONTENT), (9_999, Kind.CONTENT), (-5, Kind.CONTENT),
    ],
)  # fmt: skip
def test_a_code_is_of_a_kind(code, kind) -> None:
    assert codes.kind_of(code) is kind


def test_more_than_a_hundred_codes_are_known_and_each_once() -> None:
    listed = [code for _, _, group in codes.GROUPS for code in group]

    assert len(listed) == len(set(listed)) > 100
    assert not codes.INFO & set(listed)


@pytest.mark.parametrize(
    ("code", "text", "field"),
    [
        (104, "INVALID_WEIGHT", "boxes[1].weight_g"),
        (212, "MISSING_WEIGHT_CUSTOM_GOOD", "customs"),
        (206, "", "customs"),
        (105, "INVALID_PRICE", "value"),
        (258, "MISSING_VS", "cod.variable_symbol"),
        (259, "MISSING_ADDRESSEE_CITY", "recipient.city"),
        (260, "MISSING_ADDRESSEE_STREET", "recipient.street"),
        (250, "MISSING_REQUIRED_EMAIL", "recipient.email"),
        (118, "", "recipient.phone"),
        (139, "", "cod.amount"),
        (336, "", "value"),
        (116, "", "recipient"),
        (9_999, "SOMETHING_NEW", None),
    ],
)
def test_a_code_names_a_field_of_ours(code, text, field) -> None:
    assert codes.field_of(codes.Status(code, text), 1) == field


@pytest.mark.parametrize("number", [True, 1.5, None, "x", "", [], "9" * 50])
def test_a_code_that_is_no_whole_number_is_none(number) -> None:
    assert codes.read({"responseCode": number, "responseText": "OK"}) is None


@pytest.mark.parametrize("wanted", [True, False])
def test_the_posting_place_is_one_of_the_senders(wanted) -> None:
    said = answer([{"locationNumber": 1, "location": {}}, {"locationNumber": 2}], makes=False, operation="test")

    if wanted:
        answers.read_places(said, "2")
    else:
        with pytest.raises(CarrierRefused, match="1, 2"):
            answers.read_places(said, "7")


def test_a_shipments_reference_may_come_back_as_a_number() -> None:
    shipment = replace(TO_POINT, reference="417")
    said = created(record("x", CODE))
    said["responseHeader"]["resultParcelData"][0]["recordNumber"] = 417.0  # as the code: a number with a point
    said["responseHeader"]["resultHeader"]["responseCode"] = 1.0

    assert answers.read_created(answer(said), shipment).reference == "417"
