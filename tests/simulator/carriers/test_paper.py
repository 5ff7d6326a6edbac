"""Labels can be read where they are printed: from a raster of 203 dpi, whatever page they lie on."""

import io

import pytest
from pypdf import PdfReader

from simulator.carriers import paper
from simulator.carriers.paper import A4, A6, A6_LANDSCAPE, A7, A8, Code, Label, Millimetres, Symbology
from tests.simulator.carriers.yard import codes, codes_of_png

NUMBERS = (
    Code("Z4154090123"),
    Code("%000393206219912345678101040"),
    Code("NB5847769990L"),
    Code("31177007966"),
    Code("70990012345", Symbology.I2OF5),
    Code("Z4154090123", Symbology.QR),
)
LINES = ("Žluťoučký Kůň", "Příčná 12/3", "602 00 Brno", "Dobírka 1290 Kč")


@pytest.mark.parametrize("code", NUMBERS, ids=lambda code: f"{code.kind}-{code.text}")
@pytest.mark.parametrize("size", [A6, A6_LANDSCAPE, A7], ids=["A6", "A6 landscape", "A7"])
def test_a_code_is_read_back(code: Code, size: Millimetres) -> None:
    ((read,),) = codes(paper.pdf([Label((code,), LINES, "CZ-60 HD")], size=size))

    assert read[1] == code.drawn


def test_the_smallest_label_is_read_back() -> None:
    label = Label((Code("Z4154090123"), Code("Z4154090123", Symbology.QR)), LINES)

    assert codes(paper.pdf([label], size=A8)) == [[("Code128", "Z4154090123"), ("QRCode", "Z4154090123")]]


def test_two_codes_on_a_label_are_both_read() -> None:
    label = Label((Code("70990012345"), Code("70990012345", Symbology.I2OF5)), LINES)

    assert codes(paper.pdf([label])) == [[("Code128", "70990012345"), ("ITF", "070990012345")]]


def test_a_page_has_the_size_of_its_label_in_points() -> None:
    (page,) = PdfReader(io.BytesIO(paper.pdf([Label((Code("A1"),))], size=A6))).pages

    assert [round(float(side), 1) for side in page.mediabox[2:]] == [297.6, 419.5]


@pytest.mark.parametrize(("skip", "pages"), [(0, [4, 1]), (1, [3, 2]), (3, [1, 4]), (4, [4, 1])])
def test_labels_fill_a_sheet_from_the_place_asked(skip: int, pages: list[int]) -> None:
    labels = [Label((Code(f"Z415409012{n}"),)) for n in range(5)]

    read = codes(paper.pdf(labels, size=A6, page=A4, skip=skip))

    assert [len(page) for page in read] == pages
    assert sorted(text for page in read for _, text in page) == [f"Z415409012{n}" for n in range(5)]


def test_places_run_to_the_right_and_then_down() -> None:
    def place(skip: int) -> tuple[bool, bool]:
        found = PdfReader(io.BytesIO(paper.pdf([Label((), ("here",))], size=A6, page=A4, skip=skip))).pages[0]
        at: list[tuple[float, float]] = []
        found.extract_text(visitor_text=lambda text, cm, _tm, *_: at.append((cm[4], cm[5])) if "here" in text else None)
        return at[0][0] > 100, at[0][1] > 100

    assert [place(skip) for skip in range(4)] == [(False, True), (True, True), (False, False), (True, False)]


def test_czech_letters_are_on_the_label() -> None:
    text = PdfReader(io.BytesIO(paper.pdf([Label((), LINES)]))).pages[0].extract_text()

    assert "Příčná 12/3" in text or "Pricna 12/3" in text


def test_no_label_is_no_page_too_many() -> None:
    assert len(PdfReader(io.BytesIO(paper.pdf([Label((Code("A1"),))] * 8, size=A6, page=A4))).pages) == 2


def test_zpl_has_the_same_content_for_each_label() -> None:
    label = Label((Code("Z4154090123"), Code("70990012345", Symbology.I2OF5)), ("Jana ^Dvořáková~_",), "HD")

    text = paper.zpl([label, label], dpi=300)

    assert text.count("^XA") == text.count("^XZ") == 2
    assert "^BCN" in text
    assert "^FDZ4154090123^FS" in text
    assert "^B2N" in text
    assert "^FD070990012345^FS" in text
    assert "^FDJana _5EDvořáková_7E_5F^FS" in text
    assert "^PW1240" in text


@pytest.mark.parametrize("code", NUMBERS, ids=lambda code: f"{code.kind}-{code.text}")
def test_a_picture_of_a_code_is_read_back(code: Code) -> None:
    ((_, text),) = codes_of_png(paper.png(code))

    assert text == code.drawn
