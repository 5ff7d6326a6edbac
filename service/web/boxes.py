"""Boxes as people type them: grams, and behind them the measures in centimetres.

`1200 800` are two boxes, and `1 200` is how many write 1200: boxes lighter than a number's first digits are taken for
several only where a plus sign says so, as each is a label that is paid for.
"""

import re
from collections.abc import Sequence

from carriers.shipment import Box

FIELD = frozenset({"boxes"})  # what is read as it was typed: left out unseen, one box would be booked in its place
MOST = 20
LETTERS_MOST = 400
LEAST_G = 10  # below it somebody typed kilograms
APART_G = 100  # of boxes with no more than a space between them
MEASURE = r"(\d{1,3}(?:[.,]\d)?)"
MEASURES = re.compile(rf"{MEASURE}x{MEASURE}x{MEASURE}", re.ASCII)
WEIGHT = re.compile(r"\d{1,6}", re.ASCII)
BY = re.compile(r"\s*[xX×*]\s*")


def of(text: str) -> tuple[Box, ...] | None:
    """Return the boxes of what was typed: `1200`, `1200 800`, `1200 30x20x10 + 50`; None for what is none."""
    if len(text) > LETTERS_MOST:
        return None
    groups = [_group(group) for group in BY.sub("x", text).split("+")]
    boxes = [box for group in groups for box in group]
    return tuple(boxes) if all(groups) and len(boxes) <= MOST else None


def text_of(boxes: Sequence[Box]) -> str:
    """Return boxes as they may be typed; nothing where they cannot be: one has no weight, say."""
    text = " + ".join(map(_typed, boxes))
    return text if of(text) == tuple(boxes) else ""


def _group(text: str) -> list[Box]:
    """Return boxes with spaces between them, none where something is odd."""
    boxes: list[Box] = []
    for part in text.split():
        size = MEASURES.fullmatch(part)
        if WEIGHT.fullmatch(part):
            boxes.append(Box(int(part)))
        elif size and boxes and boxes[-1].length_mm is None:
            length, width, height = (_mm(each) for each in size.groups())
            boxes[-1] = Box(boxes[-1].weight_g, length, width, height)
        else:
            return []
    least = LEAST_G if len(boxes) == 1 else APART_G
    is_odd = any(box.weight_g < least or 0 in (box.length_mm, box.width_mm, box.height_mm) for box in boxes)
    return [] if is_odd else boxes


def _mm(text: str) -> int:
    whole, _, tenth = text.replace(",", ".").partition(".")
    return int(whole) * 10 + int(tenth or 0)


def _typed(box: Box) -> str:
    measures = [box.length_mm, box.width_mm, box.height_mm]
    known = "x".join(f"{each / 10:g}" for each in measures if each)
    return f"{box.weight_g} {known}" if known else str(box.weight_g)
