"""Whose a page of a common label file is: the parcel's whose number it says, where no order of pages is promised."""

import re
from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader

from carriers import labels
from carriers.base import Format, Label


def in_order(label: Label, numbers: Sequence[str], *, digits: int) -> Label | None:
    """Return a file with the pages of these parcels in this order; None where it is not certain whose each page is."""
    found = by_number(label, numbers, digits=digits)
    return labels.merged([found[number] for number in numbers]) if found else None


def by_number(label: Label, numbers: Sequence[str], *, digits: int) -> dict[str, Label]:
    """Return each parcel's own page; nothing at all where one page is nobody's, two parcels' or a parcel's second.

    `digits`: how many of a number a page says, from its beginning; it may leave out what checks it.
    """
    wanted = list(dict.fromkeys(numbers))
    found: dict[str, Label] = {}
    try:
        pages = list(zip(_texts(label), labels.split(label), strict=True))
    except labels.Unprintable:
        return {}
    for text, content in pages:
        said = [number for number in wanted if number[:digits] in text]
        if len(said) != 1 or said[0] in found:
            return {}
        found[said[0]] = Label(label.format, content, (said[0],))
    return found if len(found) == len(wanted) else {}


def _texts(label: Label) -> list[str]:
    if label.format is Format.ZPL:
        return [_digits(form.decode("latin-1")) for form in labels.split(label)]
    with labels.readable():
        return [_digits(page.extract_text()) for page in PdfReader(BytesIO(label.content)).pages]


def _digits(text: str) -> str:
    # People read numbers in groups: what stands between the digits on one line is no part of them.
    return re.sub(r"(?<=\d)[ .\-\u00a0](?=\d)", "", text)
