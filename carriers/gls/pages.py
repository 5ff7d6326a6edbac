"""Whose a page of a common label file is: the parcel's whose number it says, for GLS promises no order of pages."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader, PdfWriter

from carriers.base import Format, Label
from carriers.labels import Unprintable, readable

FORM = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)
BODY = 10  # digits of a number without its check digit, which a page may leave out


def by_number(label: Label, numbers: Iterable[str]) -> dict[str, Label]:
    """Return each parcel's own page; nothing at all where one page is nobody's, two parcels' or a parcel's second."""
    wanted = list(numbers)
    found: dict[str, Label] = {}
    for text, content in _pages(label):
        said = [number for number in wanted if number[:BODY] in text]
        if len(said) != 1 or said[0] in found:
            return {}
        found[said[0]] = Label(label.format, content, (said[0],))
    return found if len(found) == len(wanted) else {}


def _pages(label: Label) -> list[tuple[str, bytes]]:
    if label.format is Format.ZPL:
        return [(_digits(form.decode("latin-1")), form + b"\n") for form in FORM.findall(label.content)]
    try:
        with readable():
            return [(_digits(page.extract_text()), content) for page, content in _single(label.content)]
    except Unprintable:
        return []


def _single(content: bytes) -> Iterator[tuple[Any, bytes]]:
    for page in PdfReader(BytesIO(content)).pages:
        writer, out = PdfWriter(), BytesIO()
        writer.add_page(page)
        writer.write(out)
        yield page, out.getvalue()


def _digits(text: str) -> str:
    # People read numbers in groups: what stands between the digits on one line is no part of them.
    return re.sub(r"(?<=\d)[ .\-\u00a0](?=\d)", "", text)
