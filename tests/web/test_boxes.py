"""What people type about boxes is read as they mean it, and refused where it may mean two things."""

import pytest

from carriers.shipment import Box
from service.web import boxes


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1200", (Box(1_200),)),
        (" 1200  800 ", (Box(1_200), Box(800))),
        ("1200+800", (Box(1_200), Box(800))),
        ("1200 + 50", (Box(1_200), Box(50))),
        ("1200\u00a0800", (Box(1_200), Box(800))),
        ("1200 30x20x10", (Box(1_200, 300, 200, 100),)),
        ("1200 30,5 × 20 X 9 800 20x20x5", (Box(1_200, 305, 200, 90), Box(800, 200, 200, 50))),
        (" ".join(["500"] * 20), (Box(500),) * 20),
    ],
)
def test_grams_and_measures_are_read(typed: str, meant: tuple[Box, ...]) -> None:
    assert boxes.of(typed) == meant
    assert boxes.of(boxes.text_of(meant)) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "1 200", "1\u00a0200", "12 500", "25 000", "1,2", "2", "0", "1200 50", "1200+", "a lot", "1200 30x20",
        "30x20x10 1200", "1200 30x0x10", "1200 30x20x10 30x20x10", "1200\0", "1234567", "500 " * 21, "5" * 500,
    ],
)  # fmt: skip
def test_what_is_no_box_or_may_be_two_is_none(typed: str) -> None:
    assert boxes.of(typed) is None
