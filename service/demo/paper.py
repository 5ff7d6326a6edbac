"""The labels of the chapter of the carriers as one file, in pick order, and whether each page is its parcel's."""

import os
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from service.demo.customers import Packing
from service.demo.wmsdoor import WmsDoor

FILE = Path("var/demo/labels.pdf")
AT_ONCE = 100


def by_hundreds(packed: Sequence[Packing]) -> Iterator[list[str]]:
    """Yield the shipments of parcels in pick order: by carrier, as they leave, each a hundred at most."""
    order = picked(packed)
    yield from ([each.shipment for each in order[first : first + AT_ONCE]] for first in range(0, len(order), AT_ONCE))


def picked(packed: Sequence[Packing]) -> list[Packing]:
    """Return parcels in pick order: what one carrier comes for lies together."""
    return sorted(packed, key=lambda each: each.way.code)


def print_all(door: WmsDoor, packed: Sequence[Packing], file: Path = FILE) -> dict[str, Any]:
    """Write one PDF of all labels; return its pages, how many are those of the parcel of that place, and its size."""
    writer = PdfWriter()
    for some in by_hundreds(packed):
        writer.append(BytesIO(door.labels(some)[0]))
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")  # as the summary: two demos side by side leave one whole file
    writer.write(fresh)
    fresh.replace(file)
    codes = [code for each in picked(packed) for code in each.codes]
    said = ["".join(page.extract_text().split()) for page in PdfReader(file).pages]
    right = sum(code in text for code, text in zip(codes, said, strict=False))
    return {"pages": len(said), "right": right, "kb": round(file.stat().st_size / 1_000)}
