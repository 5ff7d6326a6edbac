"""Labels: each on its page, in the order asked, in the format asked, or none at all."""

import pytest

from carriers.base import Format, Handle, Parcel
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.ppl import PRODUCTION
from tests.carriers.ppl.world import BATCH, Reply, Wire, parcel, pdf, ppl, told, widths

NUMBERS = [f"{70990012300 + place}" for place in range(10)]


def page(*wide: int) -> Reply:
    return Reply(200, pdf(*wide))


def zpl(*texts: str) -> Reply:
    return Reply(200, "\n".join(f"^XA^FD{text}^FS^XZ" for text in texts).encode())


def test_labels_are_fetched_one_by_one_in_the_order_asked() -> None:
    wire = Wire(page(101), page(102))

    label = ppl(wire).labels([parcel("2222"), parcel("1111")], Format.PDF)

    assert [call.url for _, call in wire.calls] == [f"{PRODUCTION}/data/2222", f"{PRODUCTION}/data/1111"]
    assert widths(label.content) == [101, 102]
    assert label.covers == ("2222", "1111")


def test_many_labels_are_told_by_their_addresses_and_never_by_their_place_in_a_file() -> None:
    wire = Wire(*(page(201 + place) for place in range(10)))

    label = ppl(wire).labels([parcel(number) for number in NUMBERS], Format.PDF)

    assert [call.url for _, call in wire.calls] == [f"{PRODUCTION}/data/{number}" for number in NUMBERS]
    assert widths(label.content) == list(range(201, 211))


def test_no_labels_are_asked_of_nobody() -> None:
    wire = Wire()

    label = ppl(wire).labels([], Format.PDF)

    assert (label.covers, wire.calls, wire.logins) == ((), [], [])


def test_what_was_fetched_before_a_call_broke_off_is_not_fetched_again() -> None:
    parcels = [parcel(number) for number in ("1111", "2222", "3333")]
    wire = Wire(page(101), page(102), Reply(500), page(103))
    carrier = ppl(wire)
    with pytest.raises(CarrierUnreachable):
        carrier.labels(parcels, Format.PDF)

    label = carrier.labels(parcels, Format.PDF)

    assert widths(label.content) == [101, 102, 103]
    assert len(wire.calls) == 4


def test_a_label_that_was_had_is_asked_for_anew() -> None:
    wire = Wire(page(101), page(102))
    carrier = ppl(wire)

    assert widths(carrier.labels([parcel("1111")], Format.PDF).content) == [101]
    assert widths(carrier.labels([parcel("1111")], Format.PDF).content) == [102]


def silent(number: str) -> Parcel:
    return Parcel(number, number, "", Handle("ppl", {"number": number, "batch": BATCH}))


def test_an_address_the_booking_did_not_tell_is_asked_of_its_batch_once() -> None:
    at = f"{PRODUCTION}/data/"
    items = [
        {"shipmentNumber": "2222", "labelUrl": f"{at}b", "relatedItems": []},
        {"shipmentNumber": "1111", "relatedItems": [{"shipmentNumber": "3333", "labelUrl": f"{at}c"}]},
    ]
    wire = Wire(told({"items": items}), page(103), page(102), page(101))

    label = ppl(wire).labels([silent("3333"), silent("2222"), parcel("1111")], Format.PDF)

    urls = [call.url for _, call in wire.calls]
    assert urls == [f"{PRODUCTION}/shipment/batch/{BATCH}", f"{at}c", f"{at}b", f"{at}1111"]
    assert widths(label.content) == [103, 102, 101]


@pytest.mark.parametrize("items", [[], None, [{"shipmentNumber": "1111"}], [{"shipmentNumber": "1111"}] * 2])
def test_an_address_nobody_tells_is_refused(items: object) -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(told({"items": items}))).labels([silent("1111")], Format.PDF)

    assert refused.value.kind is Kind.UNKNOWN


def test_a_label_that_lies_elsewhere_is_refused_before_anything_is_fetched() -> None:
    wire = Wire()

    with pytest.raises(CarrierRefused):
        ppl(wire).labels([parcel("1111"), parcel("2222", label="https://evil.example/data/1")], Format.PDF)

    assert not wire.calls


def test_a_parcel_that_was_only_found_has_no_label() -> None:
    found = Parcel("70990012345", "70990012345", "", Handle("ppl", {"number": "70990012345"}))

    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire()).labels([found], Format.PDF)

    assert refused.value.kind is Kind.UNSUPPORTED


def test_a_batch_in_another_format_is_made_anew() -> None:
    wire = Wire(page(100), Reply(204), zpl("a"))

    label = ppl(wire, switched=("relabel",)).labels([parcel("1111")], Format.ZPL)

    assert [call.method for _, call in wire.calls] == ["GET", "PUT", "GET"]
    assert wire.calls[1][1].url == f"{PRODUCTION}/shipment/batch/{BATCH}"
    assert label.content == b"^XA^FDa^FS^XZ\n"


def test_a_format_that_is_not_made_yet_is_asked_for_later() -> None:
    with pytest.raises(CarrierBusy):
        ppl(Wire(page(100), Reply(204), page(100)), switched=("relabel",)).labels([parcel("1111")], Format.ZPL)


def test_a_format_is_changed_only_where_that_is_switched_on() -> None:
    wire = Wire(page(100))
    with pytest.raises(CarrierRefused) as refused:
        ppl(wire, label_format="zpl").labels([parcel("1111")], Format.ZPL)

    assert refused.value.kind is Kind.ACCOUNT
    assert "label_format" in str(refused.value)
    assert [call.method for _, call in wire.calls] == ["GET"]
    assert [ppl(Wire(), label_format=each).able.formats for each in ("", "zpl")] == [{Format.PDF}, {Format.ZPL}]
    assert ppl(Wire(), switched=("relabel",)).able.formats == {*Format}


def test_a_label_made_before_the_format_was_changed_is_had_as_it_was_made() -> None:
    carrier, made = ppl(Wire(page(101)), label_format="zpl"), [parcel("1111", format="pdf")]

    assert [carrier.first_format(each) for each in (made, [parcel("2222")])] == [Format.PDF, Format.ZPL]
    assert widths(carrier.labels(made, Format.PDF).content) == [101]
    with pytest.raises(CarrierRefused):
        carrier.labels([*made, parcel("2222")], Format.PDF)
    assert ppl(Wire(), switched=("relabel",)).first_format([parcel("1111", format="zpl")]) is Format.PDF


def test_zpl_is_laid_form_by_form() -> None:
    label = ppl(Wire(zpl("b"), zpl("a")), label_format="zpl").labels([parcel("2222"), parcel("1111")], Format.ZPL)

    assert label.content == b"^XA^FDb^FS^XZ\n^XA^FDa^FS^XZ\n"
    assert label.covers == ("2222", "1111")


def test_a_label_of_two_pages_covers_its_number_twice() -> None:
    label = ppl(Wire(page(101, 102), page(103))).labels([parcel("1111"), parcel("2222")], Format.PDF)

    assert label.covers == ("1111", "1111", "2222")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b""),
        Reply(200, b"<html>login</html>"),
        Reply(200, b"%PDF-1.7 and nothing else"),
        Reply(200, pdf(100)[:200]),
        Reply(200, pdf()),
        Reply(500),
    ],
)
def test_what_is_no_label_is_not_printed(reply: Reply) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        ppl(Wire(reply)).labels([parcel("1111")], Format.PDF)

    assert not lost.value.unclear


def test_labels_of_several_batches_are_one_file() -> None:
    wire = Wire(page(101), page(102), page(103))

    label = ppl(wire).labels([parcel("1111"), parcel("2222", batch="other"), parcel("3333")], Format.PDF)

    assert widths(label.content) == [101, 102, 103]
