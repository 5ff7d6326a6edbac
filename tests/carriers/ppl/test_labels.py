"""Labels: each on its page, in the order asked, in the format asked, or none at all."""

from itertools import pairwise

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


def batch_of(numbers, **more):
    return told(
        {"items": [{"referenceId": one, "shipmentNumber": one, "importState": "Complete", **more} for one in numbers]}
    )


def test_few_labels_are_fetched_one_by_one_in_the_order_asked() -> None:
    wire = Wire(page(101), page(102))

    label = ppl(wire).labels([parcel("2222"), parcel("1111")], Format.PDF)

    assert [call.url for _, call in wire.calls] == [f"{PRODUCTION}/data/2222", f"{PRODUCTION}/data/1111"]
    assert widths(label.content) == [101, 102]
    assert label.covers == ("2222", "1111")


def test_many_labels_of_a_batch_are_one_file_laid_anew() -> None:
    wire = Wire(batch_of(NUMBERS[::-1]), page(*range(100, 110)))

    label = ppl(wire).labels([parcel(number) for number in NUMBERS[::-1]], Format.PDF)

    assert len(wire.calls) == 2
    assert widths(label.content) == list(range(109, 99, -1))
    assert label.covers == tuple(NUMBERS[::-1])


def test_a_large_batch_is_fetched_by_the_pages_that_are_wanted() -> None:
    numbers = [f"{70990010000 + place}" for place in range(450)]
    wire = Wire(batch_of(numbers), page(*range(100, 300)), page(*range(500, 550)))
    wanted = [*numbers[:5], *numbers[-5:]]

    label = ppl(wire).labels([parcel(number) for number in wanted], Format.PDF)

    assert [dict(call.query)["Offset"] for _, call in wire.calls[1:]] == ["0", "400"]
    assert widths(label.content) == [*range(100, 105), *range(545, 550)]


@pytest.mark.parametrize(
    ("batch", "file"),
    [
        (batch_of(NUMBERS), page(*range(100, 109))),
        (batch_of([*NUMBERS, NUMBERS[0]]), None),
        (batch_of([*NUMBERS, "123"]), None),
        (batch_of(NUMBERS, relatedItems=[{"relationType": "Dormant", "shipmentNumber": "80990012345"}]), None),
        (batch_of(NUMBERS[:9]), page(*range(100, 109))),
    ],
)
def test_a_file_whose_pages_are_not_certain_is_not_used(batch: Reply, file: Reply | None) -> None:
    ones = [page(201 + place) for place in range(10)]
    wire = Wire(batch, *([file] if file else []), *ones)

    label = ppl(wire).labels([parcel(number) for number in NUMBERS], Format.PDF)

    assert widths(label.content) == list(range(201, 211))


def test_sets_that_lie_apart_are_not_told_by_their_place() -> None:
    items = [
        {"shipmentNumber": "1111", "importState": "Complete",
         "relatedItems": [{"relationType": "ShipmentSet", "importState": "Complete", "shipmentNumber": "3333"}]},
        *({"shipmentNumber": str(number), "importState": "Complete"} for number in range(2222, 2229)),
    ]  # fmt: skip
    numbers = ["1111", "3333", *map(str, range(2222, 2229))]
    wire = Wire(told({"items": items}), *(page(201 + place) for place in range(9)))

    label = ppl(wire).labels([parcel(number) for number in numbers], Format.PDF)

    assert widths(label.content) == list(range(201, 210))


def test_a_label_that_lies_elsewhere_comes_with_its_batch() -> None:
    elsewhere = parcel("70990012301", label="https://evil.example/data/1")
    wire = Wire(batch_of(NUMBERS), page(*range(100, 110)))

    label = ppl(wire).labels([elsewhere], Format.PDF)

    assert widths(label.content) == [101]
    assert all(call.url.startswith(PRODUCTION) for _, call in wire.calls)


def test_a_parcel_that_was_only_found_has_no_label() -> None:
    found = Parcel("70990012345", "70990012345", "", Handle("ppl", {"number": "70990012345"}))

    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire()).labels([found], Format.PDF)

    assert refused.value.kind is Kind.UNKNOWN


def test_a_batch_in_another_format_is_made_anew() -> None:
    wire = Wire(page(100), Reply(204), zpl("a"))

    label = ppl(wire).labels([parcel("1111")], Format.ZPL)

    assert [call.method for _, call in wire.calls] == ["GET", "PUT", "GET"]
    assert wire.calls[1][1].url == f"{PRODUCTION}/shipment/batch/{BATCH}"
    assert label.content == b"^XA^FDa^FS^XZ\n"


def test_a_format_that_is_not_made_yet_is_asked_for_later() -> None:
    with pytest.raises(CarrierBusy):
        ppl(Wire(page(100), Reply(204), page(100))).labels([parcel("1111")], Format.ZPL)


def test_zpl_of_a_batch_is_laid_form_by_form() -> None:
    wire = Wire(batch_of(NUMBERS), zpl(*NUMBERS))
    wanted = NUMBERS[3:] + NUMBERS[:3]

    label = ppl(wire).labels([parcel(number) for number in wanted], Format.ZPL)

    places = [label.content.index(number.encode()) for number in wanted]
    assert all(one < other for one, other in pairwise(places))
    assert label.content.count(b"^XA") == 10


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
    wire = Wire(page(101), page(103), page(102))

    label = ppl(wire).labels([parcel("1111"), parcel("2222", batch="other"), parcel("3333")], Format.PDF)

    assert widths(label.content) == [101, 102, 103]
