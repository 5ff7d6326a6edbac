"""Labels of many carriers become one file that a printer's codes can be read from."""

from contextlib import suppress
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from carriers import labels
from carriers.base import Format, Label
from carriers.labels import Unprintable

DPI = 203
A6 = (105 * mm, 148 * mm)
ACROSS = (150 * mm, 100 * mm)


def made(*numbers: str, size: tuple[float, float] = A6) -> Label:
    """Draw a page for each number, with its Code 128."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    for number in numbers:
        Code128(number, barWidth=0.4 * mm, barHeight=20 * mm).drawOn(canvas, 5 * mm, 40 * mm)
        canvas.drawString(10 * mm, 80 * mm, number)
        canvas.showPage()
    canvas.save()
    return Label(Format.PDF, out.getvalue(), numbers)


def read(label: Label) -> list[list[str]]:
    """Return the codes of each page, by the places they stand at: down, then left to right."""
    with pypdfium2.PdfDocument(label.content) as document:
        pages = [page.render(scale=DPI / 72, grayscale=True).to_pil() for page in document]
    found = [sorted(zxingcpp.read_barcodes(page), key=_place) for page in pages]
    return [[code.text for code in page] for page in found]


def _place(code: zxingcpp.Barcode) -> tuple[int, int]:
    corner = code.position.top_left
    return round(corner.y / 500), corner.x


def test_many_labels_become_one_file_in_the_order_asked() -> None:
    whole = labels.merged([made("B1", "B2"), made("A1", size=ACROSS), made("C1")])

    assert read(whole) == [["B1"], ["B2"], ["A1"], ["C1"]]
    assert whole.covers == ("B1", "B2", "A1", "C1")


def test_pages_that_say_whose_they_are_are_laid_in_the_order_asked() -> None:
    whole = labels.ordered(made("Z4154090123", "NB 5847 7699 90L", "345"), ["NB5847769990L", "345", "Z4154090123"])

    assert whole
    assert read(whole) == [["NB 5847 7699 90L"], ["345"], ["Z4154090123"]]
    assert whole.covers == ("NB5847769990L", "345", "Z4154090123")


def test_forms_that_say_whose_they_are_are_laid_in_the_order_asked() -> None:
    forms = [f"^XA^FD{number}^FS^XZ".encode() for number in ("A1", "B2", "C3")]

    whole = labels.ordered(Label(Format.ZPL, b"\n".join(forms)), ["C3", "A1", "B2"])

    assert whole
    assert labels.split(whole) == [b"\n" * bool(place) + forms[at] for place, at in enumerate((2, 0, 1))]


@pytest.mark.parametrize("numbers", [("A1", "B2"), ("A1", "B2", "D4"), ("A1", "B2", "1"), ("A1", "B2", "B2")])
def test_pages_that_do_not_say_whose_they_are_are_in_no_order(numbers: tuple[str, ...]) -> None:
    assert labels.ordered(made("A1", "B2", "C3"), numbers) is None


@pytest.mark.parametrize("start", [1, 2, 3, 4])
def test_four_labels_lie_on_a_sheet_from_the_place_that_is_free(start: int) -> None:
    numbers = [f"Z41540901{place}" for place in range(10, 16)]

    sheets = read(labels.on_a4(made(*numbers), start=start))

    first = 4 - (start - 1)
    assert sheets[0] == numbers[:first]
    assert [number for sheet in sheets for number in sheet] == numbers


def test_a_label_that_lies_is_turned_and_one_that_is_too_large_made_smaller() -> None:
    sheet = labels.on_a4(made("70990012345", size=ACROSS))

    assert read(sheet) == [["70990012345"]]
    page = PdfReader(BytesIO(sheet.content)).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


def test_forms_of_zpl_follow_each_other() -> None:
    whole = labels.merged([Label(Format.ZPL, b"^XA^FDa^FS^XZ\n", ("a",)), Label(Format.ZPL, b"^XA^FDb^FS^XZ", ("b",))])

    assert whole == Label(Format.ZPL, b"^XA^FDa^FS^XZ\n^XA^FDb^FS^XZ\n", ("a", "b"))
    assert labels.pages_of(whole) == 2


def no_page() -> bytes:
    out = BytesIO()
    PdfWriter().write(out)
    return out.getvalue()


@pytest.mark.parametrize("content", [b"", b"<html>", b"%PDF-1.7\n", b"%PDF-1.4 %%EOF", no_page()])
def test_what_is_no_label_is_named(content: bytes) -> None:
    with pytest.raises(Unprintable):
        labels.pages_of(Label(Format.PDF, content))


@pytest.mark.parametrize("content", [b"", b"^XA", b"^XA^XZ^XA"])
def test_zpl_that_breaks_off_is_named(content: bytes) -> None:
    with pytest.raises(Unprintable):
        labels.pages_of(Label(Format.ZPL, content))


WHOLE = made("A1").content


@given(cut=st.integers(0, len(WHOLE) - 1), flip=st.binary(max_size=20))
def test_whatever_is_broken_is_named_or_read(cut: int, flip: bytes) -> None:
    label = Label(Format.PDF, WHOLE[:cut] + flip + WHOLE[cut + len(flip) :])
    for read in (labels.pages_of, labels.split, labels.on_a4, lambda one: labels.merged([one])):
        with suppress(Unprintable):
            read(label)
