"""What GLS answers to a booking, a search, a reprint and a deletion: as it should, and as it may go wrong."""

from dataclasses import replace
from typing import Any

import pytest

from carriers import pages
from carriers.base import Booked, Cancelled, Format, Label
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.gls import answers, body
from carriers.shipment import Box
from tests.carriers.gls import bench


def read(said: Any, shipments: Any, kind: Format = Format.PDF) -> list[answers.Result]:
    return answers.read_created(bench.answer(said, makes=True), shipments, kind)


def booked(one: answers.Result) -> Booked:
    assert isinstance(one, Booked)
    return one


def is_unclear(one: object) -> bool:
    return isinstance(one, CarrierUnreachable) and one.unclear


def test_the_example_of_the_contract_is_a_booked_parcel_with_its_label() -> None:
    content = bench.pdf("whatever it says")  # the contract shows its first five bytes
    (one,) = read(bench.CREATED | {"Labels": list(content)}, [bench.HOME])

    (parcel,) = booked(one).parcels
    label = booked(one).label
    assert (parcel.number, parcel.barcode, parcel.tracking_url) == ("31177007966", "31177007966", "")
    assert parcel.handle.ids == {
        "ParcelId": "90210001",
        "ParcelNumber": "31177007966",
        "ClientReference": "OBJ-2026-00417",
        "DeliveryCountryCode": "CZ",
    }
    assert label
    assert (label.format, label.content, label.covers) == (Format.PDF, content, ("31177007966",))


def test_the_refusal_of_the_contract_names_our_field() -> None:
    (one,) = read(bench.REFUSED, [bench.HOME])

    assert isinstance(one, CarrierRefused)
    assert (one.kind, one.code) == (Kind.CONTENT, "13")
    assert [(fault.field, fault.code) for fault in one.faults] == [("recipient.zip", "13")]


def test_a_bad_parcel_does_not_hold_up_the_good_ones() -> None:
    said = bench.created(3)
    said["PrintLabelsInfoList"].pop(1)
    said["PrintLabelsErrorList"] = [bench.refusal(13, "R-1", says="Parcel validation issue: PickupAddress.City")]

    first, second, third = read(said, bench.shipments(3))

    assert [booked(one).parcels[0].number for one in (first, third)] == [bench.number(0), bench.number(2)]
    assert isinstance(second, CarrierRefused)
    assert second.faults[0].field == "sender.city"


def test_rows_are_told_apart_by_reference_in_whatever_order() -> None:
    said = bench.created(3)
    said["PrintLabelsInfoList"].reverse()

    taken = read(said, bench.shipments(3))

    assert [booked(one).parcels[0].number for one in taken] == [bench.number(place) for place in range(3)]


def test_all_boxes_of_a_shipment_are_its_parcels() -> None:
    shipment = replace(bench.HOME, reference="R-0", boxes=(Box(1), Box(2), Box(3)))
    said = bench.created(0) | {"PrintLabelsInfoList": [bench.row("R-0", place) for place in range(3)]}

    (one,) = read(said, [shipment])

    assert [parcel.number for parcel in booked(one).parcels] == [bench.number(place) for place in range(3)]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [bench.row("R-9", 0)],
        [bench.row("R-0", 0), bench.row("R-0", 1)],
        [bench.row("R-0", 0), bench.row("R-0", 0)],
        [bench.row("R-0", 0), bench.row("R-9", 0)],
        [bench.row("R-0", 0) | {"ParcelNumber": None}],
        [bench.row("R-0", 0) | {"ParcelNumber": 0}],
        [bench.row("R-0", 0) | {"ParcelNumber": 31177007960}],
        [bench.row("R-0", 0) | {"ParcelNumber": "DR1234567890U"}],
        [bench.row("R-0", 0) | {"ParcelNumber": 10**60}],
        [bench.row("R-0", 0) | {"ParcelId": None}],
        [bench.row("R-0", 0) | {"ParcelId": 2**40}],
        [bench.row("R-0", 0) | {"ClientReference": None}],
        [bench.row("R-0", 0), bench.row("R-9", 1) | {"ParcelId": 1000}],
        [None],
        None,
        "R-0",
    ],
)
def test_a_parcel_nobody_can_be_certain_of_is_unclear(rows: Any) -> None:
    (one,) = read(bench.created(0) | {"PrintLabelsInfoList": rows}, bench.shipments(1))

    assert is_unclear(one)


def test_a_number_twice_leaves_both_its_shipments_unclear_and_nobody_else() -> None:
    said = bench.created(3)
    said["PrintLabelsInfoList"][1]["ParcelNumber"] = int(bench.number(0))

    first, second, third = read(said, bench.shipments(3))

    assert is_unclear(first)
    assert is_unclear(second)
    assert isinstance(third, Booked)


def test_99_rows_for_a_hundred_leave_one_unclear() -> None:
    taken = read(bench.created(99), bench.shipments(100))

    assert [isinstance(one, Booked) for one in taken] == [True] * 99 + [False]
    assert is_unclear(taken[-1])


def test_two_shipments_of_one_reference_are_both_unclear() -> None:
    shipment = bench.shipments(1)[0]

    assert all(map(is_unclear, read(bench.created(1), [shipment, shipment])))


def test_a_number_without_its_check_digit_gets_it() -> None:
    said = bench.created(0) | {"PrintLabelsInfoList": [bench.row("R-0", 0) | {"ParcelNumber": 3117700796}]}

    (one,) = read(said, bench.shipments(1))

    assert booked(one).parcels[0].number == "31177007966"


@pytest.mark.parametrize("number", [b"31177007966.0", b'"31177007966"', b"3117700796"])
def test_a_number_written_otherwise_is_the_same(number: bytes) -> None:
    raw = bench.wired(bench.CREATED).replace(b"31177007966", number)

    (one,) = read(raw, [bench.HOME])

    assert booked(one).parcels[0].number == "31177007966"


def test_a_parcel_that_is_numbered_and_complained_of_is_booked_with_a_note() -> None:
    said = bench.created(1) | {"PrintLabelsErrorList": [bench.refusal(18, "R-0", says="Label already generated")]}

    (one,) = read(said, bench.shipments(1))

    assert booked(one).notes == ("Label already generated",)


@pytest.mark.parametrize(
    "content",
    [
        *(None, [], "JVBERi0=", [37, 80, 68, 70, 256], [None], 5, [60, 104, 116, 109, 108]),
        list(b"%PDF-"),
        list(bench.pdf("a")[:-300]),
        list(bench.pdf()),
        list(bench.pdf("one", "too many")),
    ],
)
def test_a_parcel_without_a_usable_label_is_booked_all_the_same(content: Any) -> None:
    (one,) = read(bench.CREATED | {"Labels": content}, [bench.HOME])

    assert booked(one).label is None


@pytest.mark.parametrize("kind", list(Format))
def test_pages_go_to_the_parcels_they_name_whatever_their_order(kind: Format) -> None:
    draw = {Format.PDF: bench.pdf, Format.ZPL: bench.zpl}[kind]
    content = draw(*(f"GLS {bench.number(place)[:4]} {bench.number(place)[4:]}" for place in (2, 0, 1)))

    taken = read(bench.created(3, content), bench.shipments(3), kind)

    labels = [booked(one).label for one in taken]
    assert [label and label.covers for label in labels] == [(bench.number(place),) for place in range(3)]
    if kind is Format.ZPL:
        assert all(label and bench.number(place)[4:].encode() in label.content for place, label in enumerate(labels))


@pytest.mark.parametrize("kind", list(Format))
def test_boxes_of_one_shipment_have_their_pages_in_the_order_of_their_numbers(kind: Format) -> None:
    draw = {Format.PDF: bench.pdf, Format.ZPL: bench.zpl}[kind]
    shipment = replace(bench.HOME, reference="R-0", boxes=(Box(1), Box(2)))
    rows = [bench.row("R-0", place) for place in range(2)]

    def label(*texts: str) -> Label | None:
        (one,) = read({"Labels": list(draw(*texts)), "PrintLabelsInfoList": rows}, [shipment], kind)
        return booked(one).label

    swapped = label(bench.number(1), bench.number(0))
    assert swapped
    assert [*pages.by_number(swapped, swapped.covers, digits=10)] == [bench.number(0), bench.number(1)]
    assert label("nobody's", "nobody's") is None
    assert label(bench.number(0)) is None


def test_zpl_may_begin_with_what_sets_the_printer_up() -> None:
    content = b"CT~~CD,~CC^~CT~\n" + bench.zpl("a")

    (one,) = read(bench.CREATED | {"Labels": list(content)}, [bench.HOME], Format.ZPL)

    label = booked(one).label
    assert label
    assert label.content == content


@pytest.mark.parametrize("told", [(), (0,), (0, 0), (0, 1, 1), (0, 7), (1, 0, 2)])
@pytest.mark.parametrize("draw", [bench.pdf, bench.zpl])
def test_pages_that_are_not_certain_are_given_to_nobody(told: tuple[int, ...], draw: Any) -> None:
    content = draw(*map(bench.number, told)) or b"^XA"
    kind = Format.PDF if draw is bench.pdf else Format.ZPL

    taken = read(bench.created(2, content), bench.shipments(2), kind)

    assert [booked(one).label for one in taken] == [None, None]


@pytest.mark.parametrize(
    ("code", "kind"),
    [(code, kind) for kind, codes in body.KINDS.items() for code in codes],
)
def test_an_error_of_one_parcel_is_refused_in_our_words(code: int, kind: Kind) -> None:
    said = bench.created(0) | {"PrintLabelsErrorList": [bench.refusal(code, "R-0", says="so")]}

    (one,) = read(said, bench.shipments(1))

    assert isinstance(one, CarrierRefused)
    assert (one.kind, one.code, "so" in str(one)) == (kind, str(code), True)


@pytest.mark.parametrize("code", [16, 17, 19, 20, 21, 1000, 1001])
def test_trouble_inside_gls_may_have_made_the_parcel(code: int) -> None:
    said = bench.created(0) | {"PrintLabelsErrorList": [bench.refusal(code, "R-0")]}

    assert is_unclear(read(said, bench.shipments(1))[0])


@pytest.mark.parametrize("code", [0, 45, 777, 1002, None, "x"])
def test_a_code_nobody_told_us_of_may_have_made_the_parcel_and_is_a_refusal_where_nothing_is_made(code: Any) -> None:
    said = bench.created(0) | {"PrintLabelsErrorList": [bench.refusal(code, "R-0")]}

    assert is_unclear(read(said, bench.shipments(1))[0])
    with pytest.raises(CarrierRefused) as refused:
        answers.read_printed(bench.answer({"GetPrintedLabelsErrorList": [bench.refusal(code)]}), Format.PDF, [])
    assert refused.value.kind is Kind.CONTENT


def test_the_same_request_too_often_is_busy() -> None:
    said = bench.created(0) | {"PrintLabelsErrorList": [bench.refusal(31, says="5 times in 5 minutes")]}

    with pytest.raises(CarrierBusy) as busy:
        read(said, bench.shipments(2))
    assert busy.value.wait_s == 300


@pytest.mark.parametrize("code", [-1, 14, 15, 27])
def test_a_wrong_login_in_a_good_answer_concerns_the_call(code: int) -> None:
    said = {"Labels": None, "PrintLabelsErrorList": [bench.refusal(code, says="Unauthorized")]}

    with pytest.raises(CarrierRefused) as refused:
        read(said, bench.shipments(2))
    assert refused.value.kind is Kind.LOGIN


def test_a_general_error_beside_booked_parcels_does_not_lose_them() -> None:
    said = bench.created(1) | {"PrintLabelsErrorList": [bench.refusal(1000)]}

    first, second = read(said, bench.shipments(2))

    assert isinstance(first, Booked)
    assert is_unclear(second)


@pytest.mark.parametrize("raw", [b"<html>busy</html>", b"", b"{", b"[]", b"null", b'"ok"', b'{"a": NaN}'])
def test_a_booking_whose_answer_cannot_be_read_is_unclear(raw: bytes) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        read(raw, bench.shipments(1))
    assert lost.value.unclear


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("DeliveryAddress.ContactPhone is bad", "recipient.phone"),
        ("DeliveryAddress.Something", "recipient"),
        ("SDSParameter.TimeFrom", "options.SDS"),
        ("CODAmount < 0", "cod.amount"),
        ("CODReference", "cod.variable_symbol"),
        ("ClientReference is required", "reference"),
        ("PSDParameter", "point"),
        ("Count is out of range", "boxes"),
        ("Content is required", "note"),
        ("something else", None),
    ],
)
def test_an_error_names_a_field_of_ours_where_it_can(said: str, field: str | None) -> None:
    assert body.field(said) == field


LISTED = {
    "GetParcelListErrors": [],
    "PrintDataInfoList": [
        {
            "ClientReference": "R-0",
            "ParcelId": 1000,
            "ParcelNumber": int(bench.number(0)[:10]),
            "ParcelNumberWithCheckdigit": int(bench.number(0)),
        },
        {"ClientReference": None, "Depot": "Brno", "ParcelId": 7, "ParcelNumber": 3117700700},
    ],
}


def find(said: Any, reference: str = "R-0", boxes: int = 1) -> Booked | None:
    shipment = replace(bench.HOME, reference=reference, boxes=(Box(1),) * boxes)
    return answers.read_found(bench.answer(said), shipment)


def test_a_booking_nobody_heard_of_is_found_by_its_reference() -> None:
    found = find(LISTED)

    assert found
    assert [(parcel.number, parcel.handle.ids["ParcelId"]) for parcel in found.parcels] == [(bench.number(0), "1000")]


def test_a_reference_may_stand_in_the_parcel() -> None:
    inner = LISTED["PrintDataInfoList"][0] | {"Parcel": {"ClientReference": "R-0"}}
    inner.pop("ClientReference")

    assert find({"PrintDataInfoList": [inner]})


def test_what_is_not_in_the_list_is_not_there() -> None:
    assert find(LISTED, "R-1") is None
    assert find({"PrintDataInfoList": []}) is None


def test_a_shipment_printed_twice_is_for_a_person() -> None:
    twice = [bench.row("R-0", 0), bench.row("R-0", 1)]

    with pytest.raises(CarrierRefused) as refused:
        find({"PrintDataInfoList": twice})
    assert refused.value.kind is Kind.DUPLICATE


@pytest.mark.parametrize(
    "listed",
    [
        None,
        {},
        "",
        [None],
        [{}],
        [{"ClientReference": {}}],
        [bench.row("R-0", 0) | {"ParcelNumber": 1}],
        [bench.row("R-0", 0) | {"ClientReference": None, "Depot": None, "Parcel": {"Content": None}}],
    ],
)
def test_a_list_that_cannot_be_read_does_not_say_that_there_is_none(listed: Any) -> None:
    with pytest.raises(CarrierUnreachable):
        find({"PrintDataInfoList": listed})


def test_a_shipment_found_in_part_is_not_found() -> None:
    with pytest.raises(CarrierUnreachable):
        find({"PrintDataInfoList": [bench.row("R-0", 0)]}, boxes=2)


def test_an_error_of_the_list_is_raised() -> None:
    with pytest.raises(CarrierRefused):
        find({"PrintDataInfoList": [], "GetParcelListErrors": [bench.refusal(24)]})


@pytest.mark.parametrize("content", [None, [], list(b"%PDF-1.4 broken"), list(b"<html>"), list(bench.zpl("a"))])
def test_a_reprint_that_cannot_be_printed_is_no_label(content: Any) -> None:
    with pytest.raises(CarrierUnreachable):
        answers.read_printed(bench.answer({"Labels": content}), Format.PDF, ["1"])


def test_a_deletion_is_told_for_each_parcel() -> None:
    parcels = [bench.parcel(place) for place in range(4)]
    said = {
        "SuccessfullyDeletedList": [{"ParcelId": 1000, "SubParcelIdList": [1001]}],
        "DeleteLabelsErrorList": [bench.refusal(6, ids=[1002]), bench.refusal(4, ids=[1003])],
    }

    assert answers.read_deleted(bench.answer(said), parcels) == [
        Cancelled.DONE,
        Cancelled.DONE,
        Cancelled.TOO_LATE,
        Cancelled.UNKNOWN,
    ]


@pytest.mark.parametrize(
    "rest",
    [
        [],
        [bench.refusal(1000, ids=[1001])],
        [bench.refusal(8, ids=[1001])],
        [bench.refusal(1000)],
    ],
)
def test_a_parcel_nobody_knows_the_end_of_does_not_hide_that_of_another(rest: list[Any]) -> None:
    said = {"SuccessfullyDeletedList": [{"ParcelId": 1000}], "DeleteLabelsErrorList": rest}

    first, second = answers.read_deleted(bench.answer(said), [bench.parcel(0), bench.parcel(1)])

    assert first is Cancelled.DONE
    assert isinstance(second, CarrierError)


@pytest.mark.parametrize("said", [{}, {"DeleteLabelsErrorList": [bench.refusal(1000)]}, [], b"<html>"])
def test_a_deletion_without_a_word_of_a_parcel_is_no_deletion(said: Any) -> None:
    with pytest.raises(CarrierError):
        answers.read_deleted(bench.answer(said), [bench.parcel(0)])


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"Successful": False}, Kind.CONTENT),
        ({"Successful": False, "ModifyCODErrorList": [bench.refusal(6)]}, Kind.TOO_LATE),
        ({"Successful": False, "ModifyCODError": [bench.refusal(9)]}, Kind.UNKNOWN),
        ({"Successful": True, "ModifyCODErrors": [bench.refusal(8)]}, Kind.CONTENT),
        ({"ModifyCODErrorList": [bench.refusal(-1)]}, Kind.LOGIN),
    ],
)
def test_an_amount_that_was_not_changed_is_refused(said: dict[str, Any], kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as refused:
        answers.read_changed(bench.answer(said, makes=True))
    assert refused.value.kind is kind


@pytest.mark.parametrize("said", [{}, {"Successful": None}, {"Successful": "true"}, {"Successful": 1}, [], b"<html>"])
def test_whether_an_amount_was_changed_is_said_or_open(said: Any) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        answers.read_changed(bench.answer(said, makes=True))
    assert lost.value.unclear
