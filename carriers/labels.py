"""One printable file from many labels: pages in the order asked, A6 four to an A4 sheet, ZPL one after the other."""

import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, IndirectObject, NameObject, StreamObject

from carriers.base import Format, Label

MM = 72 / 25.4
A4 = (210 * MM, 297 * MM)
PLACES = 4  # two by two on a sheet, left to right, then down


class Unprintable(Exception):
    """What a carrier sent is no label: empty, broken, or without a page."""


def pages_of(label: Label) -> int:
    """Return how many pages or ZPL forms a label has; raise Unprintable when there is none."""
    if label.format is Format.ZPL:
        forms = label.content.count(b"^XA")
        if not forms or forms != label.content.count(b"^XZ"):
            raise Unprintable("the carrier sent ZPL without a whole form")
        return forms
    return len(_pages(label))


@contextmanager
def readable() -> Generator[None]:
    """Turn whatever a broken PDF does to its reader into Unprintable: it breaks in every way there is."""
    try:
        yield
    except Unprintable:
        raise
    except Exception as fault:  # noqa: BLE001
        raise Unprintable(f"the carrier sent no PDF that can be read ({type(fault).__name__})") from None


def merged(labels: Sequence[Label]) -> Label:
    """Return one file with the pages of all, in this order; they are of one format."""
    covers = tuple(number for label in labels for number in label.covers)
    if labels[0].format is Format.ZPL:
        return Label(Format.ZPL, b"\n".join(label.content.strip() for label in labels) + b"\n", covers)
    with readable():
        return Label(Format.PDF, _written(_copied(page for label in labels for page in _pages(label))), covers)


def ordered(label: Label, numbers: Sequence[str]) -> Label | None:
    """Return a label with its pages in the order of these numbers; None where the pages do not say whose they are.

    For carriers that promise no order: each number must stand on one page alone, and each page say one of them.
    """
    with suppress(Unprintable):
        pages = split(label)
        places = _places([_text(page, label.format) for page in pages], [_plain(number) for number in numbers])
        if places is not None:
            return replace(merged([Label(label.format, pages[place]) for place in places]), covers=tuple(numbers))
    return None


def _places(texts: Sequence[str], wanted: Sequence[str]) -> list[int] | None:
    said = [[number for number in wanted if number in text] for text in texts]
    if sorted(said) != sorted([number] for number in wanted):
        return None
    return [said.index([number]) for number in wanted]


def _text(page: bytes, kind: Format) -> str:
    if kind is Format.ZPL:
        return _plain(page.decode("latin-1"))
    with readable():
        return _plain("".join(each.extract_text() for each in PdfReader(BytesIO(page)).pages))


def _plain(text: str) -> str:
    # People read numbers in groups: what stands between their letters is no part of them.
    return re.sub(r"[\s.\-]", "", text)


def split(label: Label) -> list[bytes]:
    """Return each page or form of a label as a file of its own."""
    if label.format is Format.ZPL:
        return [form + b"^XZ" for form in label.content.split(b"^XZ") if b"^XA" in form]
    with readable():
        return [_written(_copied([page])) for page in _pages(label)]


def on_a4(label: Label, *, start: int = 1) -> Label:
    """Return a PDF of A6 labels as A4 sheets of four, the first one at place `start` (1 to 4) of a used sheet.

    A page larger than its place is made smaller, never cut; one that lies is turned upright.
    """
    if label.format is not Format.PDF or not 1 <= start <= PLACES:
        raise ValueError("only a PDF can be laid on sheets, from place 1 to 4")
    writer = PdfWriter()
    with readable():
        pages = _pages(label)
        first = PLACES - start + 1
        ends = [0, *range(first, len(pages), PLACES), len(pages)]
        for begin, end in pairwise(ends):
            _sheet(writer, pages[begin:end], PLACES - first if begin == 0 else 0)
        return Label(Format.PDF, _written(writer), label.covers)


def _sheet(writer: PdfWriter, pages: Sequence[PageObject], first: int) -> None:
    """Lay pages on a new sheet as forms, as they are: to rewrite what they draw takes six times as long."""
    forms, drawn = DictionaryObject(), list[str]()
    for place, page in enumerate(pages, first):
        forms[NameObject(f"/L{place}")] = _added(writer, _form(writer, page))
        matrix = " ".join(f"{value:.5f}" for value in _place(page, place).ctm)
        drawn.append(f"q {matrix} cm /L{place} Do Q")
    content = StreamObject()
    content.set_data("\n".join(drawn).encode())
    sheet = writer.add_blank_page(*A4)
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): forms})
    sheet[NameObject("/Contents")] = _added(writer, content)


def _added(writer: PdfWriter, stream: StreamObject) -> IndirectObject:
    return writer._add_object(stream)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # there is no other way


def _form(writer: PdfWriter, page: PageObject) -> StreamObject:
    """Return a page as a form that can be drawn at any place."""
    streams = page.get("/Contents", ArrayObject()).get_object()
    parts = streams if isinstance(streams, ArrayObject) else [streams]
    form = StreamObject()
    form.set_data(b"\n".join(part.get_object().get_data() for part in parts))
    form = form.flate_encode()
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(float(side)) for side in page.mediabox)
    form[NameObject("/Resources")] = page.get("/Resources", DictionaryObject()).get_object().clone(writer)
    return form


def _place(page: PageObject, place: int) -> Transformation:
    """Return how a page comes to its place, counted from 0: upright, and no larger than that."""
    box = page.mediabox
    here = Transformation().translate(-float(box.left), -float(box.bottom))
    here, width, height = _turned(here, float(box.width), float(box.height), -page.rotation % 360)
    if width > height:
        here, width, height = _turned(here, width, height, 90)
    cell_width, cell_height = A4[0] / 2, A4[1] / 2
    scale = min(1.0, cell_width / width, cell_height / height)
    left = (place % 2) * cell_width + (cell_width - width * scale) / 2
    bottom = (1 - place // 2) * cell_height + (cell_height - height * scale) / 2
    return here.scale(scale).translate(left, bottom)


def _turned(here: Transformation, width: float, height: float, degrees: int) -> tuple[Transformation, float, float]:
    """Turn what lies between zero and its size counter-clockwise by quarters, and move it back there."""
    moves = {90: (height, 0.0), 180: (width, height), 270: (0.0, width)}
    if degrees not in moves:
        return here, width, height
    turned = here.rotate(degrees).translate(*moves[degrees])
    return (turned, width, height) if degrees == 180 else (turned, height, width)


def _pages(label: Label) -> list[PageObject]:
    with readable():
        pages = list(PdfReader(BytesIO(label.content)).pages)
    if not pages:
        raise Unprintable("the carrier sent a PDF without a page")
    return pages


def _copied(pages: Iterable[PageObject]) -> PdfWriter:
    writer = PdfWriter()
    for page in pages:
        writer.add_page(page)
    return writer


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
