"""What Packeta answers is told apart, though its status is always 200."""

import base64
import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import date

import pytest

from carriers import labels
from carriers.base import Booked, Cancelled, Format
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.packeta import answers
from carriers.shipment import Box, Shipment
from tests.carriers.packeta.packing import (
    CREATED,
    TO_COURIERS_POINT,
    TO_HOME,
    TO_POINT,
    WRONG_ATTRIBUTES,
    WRONG_PASSWORD,
    Says,
    answer,
    created,
    fault,
    ok,
    packeta,
    parcel,
    pdf,
    record,
)

TWO = replace(TO_POINT, boxes=(Box(1000), Box(2000), Box(3000)))
LOST = CarrierUnreachable("packeta", "book", "the answer got lost (ReadTimeout)", unclear=True)
NO_LINE = CarrierUnreachable("packeta", "book", "no connection (ConnectError)", unclear=False)
CARRIERS = """[{"id": "106", "name": "CZ home", "country": "cz", "apiAllowed": "false", "pickupPoints": "no"},
{"id": "3060", "name": "PL points", "country": "pl", "apiAllowed": "true", "pickupPoints": "yes"}]"""


def encoded(content: bytes) -> str:
    return ok(base64.b64encode(content).decode())


def test_a_packet_that_was_made_is_known_by_its_bar_code_and_handled_by_its_id() -> None:
    (booked,) = packeta(Says(CREATED)).book([TO_POINT])

    assert isinstance(booked, Booked)
    assert booked.reference == "OBJ-2026-00417"
    (made,) = booked.parcels
    assert made.number == made.barcode == "Z4154090123"
    assert made.tracking_url == "https://tracking.packeta.com/cs/?id=4154090123"
    assert made.handle.ids == {"packet_id": "4154090123"}
    assert booked.notes == ()


def test_a_packet_of_a_courier_remembers_which() -> None:
    (home, point) = packeta(Says(created("4154090124"), created("4154090125"))).book([TO_HOME, TO_COURIERS_POINT])

    assert isinstance(home, Booked)
    assert isinstance(point, Booked)
    assert home.parcels[0].handle.ids == {"packet_id": "4154090124", "courier_id": "106"}
    assert point.parcels[0].handle.ids == {"packet_id": "4154090125", "courier_id": "3060"}


def test_a_note_that_was_cut_is_said() -> None:
    (booked,) = packeta(Says(CREATED)).book([replace(TO_HOME, note="x" * 33)])

    assert isinstance(booked, Booked)
    assert booked.notes == ("the note was cut at 32 letters",)


def test_an_order_number_that_was_cut_is_said() -> None:
    (booked,) = packeta(Says(CREATED)).book([replace(TO_POINT, order_number="x" * 30)])

    assert isinstance(booked, Booked)
    assert booked.notes == ("of the order number the last 21 letters were sent",)


def test_attributes_that_are_wrong_are_told_by_our_fields() -> None:
    (refused,) = packeta(Says(WRONG_ATTRIBUTES)).book([TO_POINT])

    assert isinstance(refused, CarrierRefused)
    assert refused.kind is Kind.CONTENT
    assert refused.code == "PacketAttributesFault"
    assert refused.faults == (
        Fault("point", "addressId", "Branch is not active."),
        Fault("recipient.phone", "phone", "Phone number is not valid."),
    )
    assert "phone: Phone number is not valid." in str(refused)


def test_the_box_an_attribute_belongs_to_is_told() -> None:
    heavy = WRONG_ATTRIBUTES.replace("addressId", "weight")

    with pytest.raises(CarrierRefused) as caught:
        answers.created(answer(heavy, makes=True), TWO, 2)

    assert caught.value.faults[0].field == "boxes[2].weight_g"


def test_an_account_that_may_not_ship_yet_is_no_fault_of_the_parcel() -> None:
    (refused,) = packeta(Says(WRONG_ATTRIBUTES.replace("addressId", "user_id"))).book([TO_POINT])

    assert isinstance(refused, CarrierRefused)
    assert refused.kind is Kind.ACCOUNT


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("IncorrectApiPasswordFault", Kind.LOGIN),
        ("PacketAttributesFault", Kind.CONTENT),
        ("AttributeFault", Kind.CONTENT),
        ("PacketIdFault", Kind.UNKNOWN),
        ("PacketIdsFault", Kind.UNKNOWN),
        ("NoPacketIdsFault", Kind.UNKNOWN),
        ("ShipmentNotFoundFault", Kind.UNKNOWN),
        ("CancelNotAllowedFault", Kind.TOO_LATE),
        ("UnknownLabelFormatFault", Kind.UNSUPPORTED),
        ("NotSupportedFault", Kind.UNSUPPORTED),
        ("DispatchOrderNotAllowedFault", Kind.ACCOUNT),
        ("CustomBarcodeNotAllowedFault", Kind.ACCOUNT),
        ("InvalidCourierNumber", Kind.CONTENT),
        ("DateOutOfRangeFault", Kind.CONTENT),
        ("SenderNotExists", Kind.CONTENT),
        ("SomethingNewFault", Kind.CONTENT),
    ],
)
def test_every_fault_has_its_kind(name: str, kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as caught:
        answers.opened(answer(fault(name)))

    assert (caught.value.kind, caught.value.code) == (kind, name)


@pytest.mark.parametrize("said", [fault("SomethingNewFault", "Later."), fault("", "Later."), fault("", "")])
def test_a_fault_nobody_knows_leaves_unclear_what_was_to_be_made(said: str) -> None:
    (lost,) = packeta(Says(said)).book([TO_POINT])

    assert isinstance(lost, CarrierUnreachable)
    assert lost.unclear
    assert ("Later." in lost.why) is ("Later." in said)


@pytest.mark.parametrize("makes", [True, False])
def test_a_courier_that_is_down_is_unclear_where_something_was_to_be_made(makes: bool) -> None:
    with pytest.raises(CarrierUnreachable) as caught:
        answers.opened(answer(fault("ExternalGatewayFault"), makes=makes))

    assert caught.value.unclear is makes


def test_packets_that_are_unknown_are_named() -> None:
    said = fault("PacketIdsFault").replace("<detail/>", "<detail><ids><id>4154090123</id></ids></detail>")

    with pytest.raises(CarrierRefused, match=r"No\. 4154090123"):
        answers.opened(answer(said))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "<html><body>Bad gateway</body></html>",
        '{"status": "ok"}',
        CREATED[:90],
        "<response><status>ok</status></response>",
        "<response><result/></response>",
        ok("<id>4154090123.0</id><barcode>Z4154090123</barcode>"),
        ok("<id/><barcode>Z4154090123</barcode>"),
        ok("<id>4154090123</id><barcode>Z4154090124</barcode>"),
        ok("<id>4154090123</id><barcode/>"),
        ok("<id>٤١٥٤٠٩٠١٢٣</id><barcode>Z٤١٥٤٠٩٠١٢٣</barcode>"),
        '<!DOCTYPE response [<!ENTITY a "4154090123">]>' + CREATED.replace("4154090123", "&a;"),
        '<?xml version="1.0" encoding="nonsense"?>' + CREATED,
    ],
)
def test_an_answer_to_a_booking_that_cannot_be_read_is_unclear(said: str) -> None:
    (lost,) = packeta(Says(said)).book([TO_POINT])

    assert isinstance(lost, CarrierUnreachable)
    assert lost.unclear


@pytest.mark.parametrize(
    ("status", "error", "unclear"),
    [(500, CarrierUnreachable, True), (302, CarrierUnreachable, True), (429, CarrierBusy, None)],
)
def test_a_status_packeta_never_sends_is_read_all_the_same(
    status: int, error: type[CarrierError], unclear: bool | None
) -> None:
    (lost,) = packeta(Says(status)).book([TO_POINT])

    assert isinstance(lost, error)
    assert getattr(lost, "unclear", None) is unclear


def test_one_bad_shipment_leaves_the_others_of_a_call_alone() -> None:
    says = Says(created("4154090124"), WRONG_ATTRIBUTES, NO_LINE, created("4154090125"))
    first, second, third, fourth = packeta(says).book(
        [replace(TO_POINT, reference=reference) for reference in ("a", "b", "c", "d")]
    )

    assert isinstance(first, Booked)
    assert (first.reference, first.parcels[0].number) == ("a", "Z4154090124")
    assert isinstance(second, CarrierRefused)
    assert isinstance(third, CarrierUnreachable)
    assert not third.unclear
    assert isinstance(fourth, Booked)
    assert (fourth.reference, fourth.parcels[0].number) == ("d", "Z4154090125")


def test_several_boxes_are_several_packets_in_their_order() -> None:
    says = Says(created("4154090124"), created("4154090125"), created("4154090126"))
    (booked,) = packeta(says).book([TWO])

    assert isinstance(booked, Booked)
    assert [one.number for one in booked.parcels] == ["Z4154090124", "Z4154090125", "Z4154090126"]
    assert [b"<cod>" in (call.body or b"") for call in says.calls] == [True, False, False]


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (WRONG_ATTRIBUTES, "Branch is not active."),
        (LOST, "the answer got lost"),
        (NO_LINE, "no connection"),
        (429, "busy"),
        (created("4154090124"), "a second time"),
        ("<html>", "no XML"),
    ],
)
def test_a_set_of_which_some_were_made_is_unclear_and_names_them(failure: str | int | CarrierError, why: str) -> None:
    says = Says(created("4154090124"), failure)
    (lost,) = packeta(says).book([TWO])

    assert isinstance(lost, CarrierUnreachable)
    assert lost.unclear
    assert "1 of 3 packets were made (Z4154090124)" in lost.why
    assert why in lost.why
    assert len(says.calls) == 2


def test_a_number_that_came_before_is_not_taken_for_another_shipments() -> None:
    first, second = packeta(Says(CREATED, CREATED)).book([TO_POINT, TO_HOME])

    assert isinstance(first, Booked)
    assert isinstance(second, CarrierUnreachable)
    assert second.unclear


def test_a_set_whose_first_packet_was_refused_is_just_refused() -> None:
    (refused,) = packeta(Says(WRONG_ATTRIBUTES)).book([TWO])

    assert isinstance(refused, CarrierRefused)


def test_a_lost_booking_cannot_be_looked_for() -> None:
    carrier = packeta(Says())

    assert not carrier.able.finds
    with pytest.raises(CarrierRefused) as caught:
        carrier.find(TO_POINT, since=carrier.now())
    assert caught.value.kind is Kind.UNSUPPORTED


def test_a_login_is_proven_by_a_packet_nobody_has() -> None:
    says = Says(fault("PacketIdFault"))
    packeta(says).test()

    assert b"<packetId>0</packetId>" in (says.calls[0].body or b"")


def test_a_wrong_password_is_told() -> None:
    with pytest.raises(CarrierRefused, match="Incorrect API password") as caught:
        packeta(Says(WRONG_PASSWORD)).test()

    assert caught.value.kind is Kind.LOGIN
    assert "PASSWORD" not in str(caught.value)


def test_a_wrong_key_is_told_of_a_login_that_is_entered_and_shuts_nobody_out() -> None:
    says = Says(fault("PacketIdFault"), 401)
    with pytest.raises(CarrierRefused, match="the API key is refused") as caught:
        packeta(says).test_all()
    assert caught.value.kind is Kind.LOGIN

    with pytest.raises(CarrierRefused, match="correct the API key") as refused:
        packeta(Says(401)).labels([parcel(courier_id="3060")], Format.PDF)

    assert refused.value.kind is Kind.ACCOUNT  # the labels that need it bear that
    packeta(Says(fault("PacketIdFault"), CARRIERS)).test_all()


@pytest.mark.parametrize("said", [404, "[]"])
def test_a_list_that_cannot_be_had_is_no_wrong_key_for_certain(said: str | int) -> None:
    with pytest.raises((CarrierRefused, CarrierUnreachable)) as caught:
        packeta(Says(fault("PacketIdFault"), said)).test_all()

    assert getattr(caught.value, "kind", Kind.UNKNOWN) is not Kind.LOGIN
    assert isinstance(said, int) or "API key" in str(caught.value)


@pytest.mark.parametrize(("said", "end"), [(CARRIERS, None), (401, CarrierRefused), ("[]", CarrierUnreachable)])
def test_the_list_of_couriers_is_read_once_for_labels_that_are_asked_for_one_by_one(
    said: str | int, end: type[CarrierError] | None
) -> None:
    says = Says(said, *[encoded(pdf(1))] * 2)
    carrier = packeta(says)

    for packet_id in ("4154090123", "4154090124"):
        with pytest.raises(end) if end else nullcontext():
            carrier.labels([parcel(packet_id, courier_id="106")], Format.PDF)
    assert sum("carrier.json" in call.url for call in says.calls) == 1


def test_what_packeta_would_refuse_may_be_asked_of_it() -> None:
    assert packeta(Says(ok(""))).ask_valid(TO_POINT) == ()
    assert [one.field for one in packeta(Says(WRONG_ATTRIBUTES)).ask_valid(TO_POINT)] == ["point", "recipient.phone"]
    with pytest.raises(CarrierRefused):
        packeta(Says(WRONG_PASSWORD)).ask_valid(TO_POINT)


def test_labels_of_packetas_own_are_asked_for_one_by_one() -> None:
    says = Says(encoded(pdf(1)), encoded(pdf(1)))
    label = packeta(says).labels([parcel("4154090124"), parcel("4154090123")], Format.PDF)

    assert label.covers == ("Z4154090124", "Z4154090123")
    assert labels.pages_of(label) == 2
    assert says.methods == ["packetLabelPdf", "packetLabelPdf"]
    assert [b"<packetId>4154090124<" in (call.body or b"") for call in says.calls] == [True, False]


@pytest.mark.parametrize("kind", Format)
def test_no_labels_are_asked_of_nobody(kind: Format) -> None:
    says = Says()

    assert packeta(says).labels([], kind).covers == ()
    assert not says.calls


def test_labels_of_packetas_own_come_in_one_file_where_their_order_is_trusted() -> None:
    says = Says(encoded(pdf(2)))
    carrier = packeta(says, switches=frozenset({"label_order"}))
    label = carrier.labels([parcel("4154090123"), parcel("4154090124")], Format.PDF)

    assert "label_order" in carrier.able.unproven

    assert label.format is Format.PDF
    assert label.covers == ("Z4154090123", "Z4154090124")
    assert says.methods == ["packetsLabelsPdf"]


def test_a_label_is_the_couriers_where_it_must_be_and_pages_keep_their_order() -> None:
    says = Says(
        CARRIERS,
        encoded(pdf(1)),
        ok("<courierNumber>C7</courierNumber><carrierId>3060</carrierId><carrierName>P</carrierName>"),
        encoded(pdf(2)),
        encoded(pdf(1)),
    )
    parcels = [parcel("4154090123"), parcel("4154090124", courier_id="3060"), parcel("4154090125", courier_id="106")]
    label = packeta(says).labels(parcels, Format.PDF)

    assert says.methods == [
        "https://pickup-point.api.packeta.com/v5/KEY/carrier.json",
        "packetLabelPdf",
        "packetCourierNumberV2",
        "packetCourierLabelPdf",
        "packetLabelPdf",
    ]
    assert b"<courierNumber>C7</courierNumber>" in (says.calls[3].body or b"")
    assert label.covers == ("Z4154090123", "Z4154090124", "Z4154090124", "Z4154090125")


def test_zpl_is_asked_for_label_by_label() -> None:
    says = Says(ok("^XA^FDa &amp; b^FS^XZ"), ok("^XA^XZ"))
    label = packeta(says).labels([parcel("4154090123"), parcel("4154090124")], Format.ZPL)

    assert label.content == b"^XA^FDa & b^FS^XZ\n^XA^XZ\n"
    assert label.covers == ("Z4154090123", "Z4154090124")
    assert says.methods == ["packetLabelZpl", "packetLabelZpl"]


@pytest.mark.parametrize(
    "said", [ok(""), ok("*"), encoded(b""), encoded(b"%PDF-1.4"), encoded(pdf(1)), encoded(pdf(3))]
)
def test_a_file_that_is_not_a_page_for_each_packet_is_no_label(said: str) -> None:
    with pytest.raises(CarrierUnreachable) as caught:
        packeta(Says(said), switches=frozenset({"label_order"})).labels(
            [parcel("4154090123"), parcel("4154090124")], Format.PDF
        )

    assert not caught.value.unclear


@pytest.mark.parametrize("said", [ok(""), encoded(b"%PDF-1.4"), encoded(pdf(2))])
def test_a_file_of_other_than_a_page_is_no_label_of_a_packet(said: str) -> None:
    with pytest.raises(CarrierUnreachable):
        packeta(Says(said)).labels([parcel()], Format.PDF)


@pytest.mark.parametrize("said", [ok(""), ok("^XA"), ok("<x>^XA^XZ</x>"), "<html>"])
def test_zpl_without_a_whole_form_is_no_label(said: str) -> None:
    with pytest.raises(CarrierUnreachable):
        packeta(Says(said)).labels([parcel()], Format.ZPL)


@pytest.mark.parametrize(
    ("said", "came"),
    [
        ([ok("")], Cancelled.DONE),
        (["<response><status>ok</status></response>"], Cancelled.DONE),
        ([fault("PacketIdFault")], Cancelled.UNKNOWN),
        ([fault("CancelNotAllowedFault"), ok(record("2"))], Cancelled.TOO_LATE),
        ([fault("CancelNotAllowedFault"), ok(record("11"))], Cancelled.BEFORE),
    ],
)
def test_a_packet_is_taken_back_until_it_is_handed_over(said: list[str], came: Cancelled) -> None:
    assert packeta(Says(*said)).cancel([parcel()]) == [came]


def test_a_cancellation_that_is_refused_otherwise_is_told() -> None:
    with pytest.raises(CarrierRefused):
        packeta(Says(WRONG_PASSWORD)).cancel([parcel()])


def test_a_packet_is_kept_at_its_point_until_another_day() -> None:
    says = Says(ok(""))

    packeta(says).prolong(parcel(), date(2026, 3, 18))

    assert says.methods == ["packetSetStoredUntil"]


@pytest.mark.parametrize(
    ("said", "kind"), [("DateOutOfRangeFault", Kind.CONTENT), ("PacketIdFault", Kind.UNKNOWN), ("X", Kind.CONTENT)]
)
def test_a_day_packeta_keeps_nothing_to_is_refused(said: str, kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as caught:
        packeta(Says(fault(said))).prolong(parcel(), date(2026, 6, 18))

    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("Z4154090123", True),
        ("4154090123", False),
        ("Z415409012", False),
        ("Z41540901234", False),
        ("Z 415 4090 123", False),
        ("z4154090123", False),
        ("Z٤154090123", False),
        ("Z4154090123\n", False),
        ("", False),
    ],
)
def test_a_number_is_told_by_its_form(number: str, is_one: bool) -> None:
    assert packeta(Says()).is_number(number) is is_one


@pytest.mark.parametrize("given", [{"dpi": "600"}, {"label_format": "A6 on A4"}])
def test_a_login_that_asks_for_labels_there_are_none_of_is_refused_before_anybody_is_asked(
    given: dict[str, str],
) -> None:
    with pytest.raises(CarrierRefused) as caught:
        packeta(Says(), given=given).test_all()

    assert caught.value.kind is Kind.ACCOUNT


def test_packets_are_grouped_under_the_bar_code_that_is_scanned() -> None:
    says = Says(ok("<id>77</id><barcode>D-001-XM-77</barcode>"))
    manifest = packeta(says).close([parcel("4154090123"), parcel("4154090124")], date(2026, 3, 4))

    assert manifest.number == "D-001-XM-77"
    assert manifest.covers == ("Z4154090123", "Z4154090124")


def test_a_grouping_whose_answer_says_nothing_is_unclear() -> None:
    with pytest.raises(CarrierUnreachable) as caught:
        packeta(Says(ok(""))).close([parcel()], date(2026, 3, 4))

    assert caught.value.unclear


def test_a_way_back_is_a_claim() -> None:
    says = Says(CREATED)
    booked = packeta(says).return_label(replace(TO_POINT, cod=None))

    assert booked.parcels[0].number == "Z4154090123"
    assert says.methods == ["createPacketClaim"]


@pytest.mark.parametrize("shipment", [TO_HOME, TO_COURIERS_POINT])
def test_a_way_back_has_packetas_label_whoever_carried_it_there(shipment: Shipment) -> None:
    (back,) = packeta(Says(CREATED)).return_label(shipment).parcels

    assert back.handle.ids == {"packet_id": "4154090123"}


def test_a_way_back_without_a_label_has_a_password_that_is_told_and_not_shown() -> None:
    says = Says(CREATED.replace("</result>", "<password>A1B2C3</password></result>"))
    booked = packeta(says).return_label(replace(TO_POINT, options={"without_label": "1"}))

    assert booked.notes == ("Z4154090123 is handed over with the password A1B2C3",)
    assert "A1B2C3" in f"{booked.notes[0]}"
    assert "A1B2C3" in json.dumps(booked.notes)
    assert "A1B2C3" not in repr(booked)
    assert "A1B2C3" not in repr(dict(booked.parcels[0].handle.ids))


def test_a_courier_without_a_number_for_the_packet_prints_nothing() -> None:
    says = Says(CARRIERS, ok("<courierNumber/>"))
    with pytest.raises(CarrierUnreachable):
        packeta(says).labels([parcel(courier_id="3060")], Format.PDF)


def test_collections_are_not_ordered_here() -> None:
    carrier = packeta(Says())

    assert not carrier.able.collects
    assert carrier.able.batch == carrier.able.track_batch == 1
    assert carrier.secret <= carrier.needs.keys() | carrier.may_give.keys()


def test_a_point_nobody_chose_is_refused_by_packeta_and_breaks_nothing() -> None:
    (refused,) = packeta(Says(WRONG_ATTRIBUTES)).book([replace(TO_POINT, point=None)])

    assert isinstance(refused, CarrierRefused)
