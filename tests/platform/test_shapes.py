"""Keys of the shop: as odd as people like, but only such as can be kept and asked for again."""

import json

import pytest

from service.platform import envelope, hooks
from service.platform.shapes import Listed, Order, Page, Product
from tests.platform.test_answers import answer, order, page_of


def raw_page(*numbers: str) -> Page[Order]:
    """Return a page whose order numbers stand in the JSON exactly as given."""
    told = {
        "current_page": 1,
        "current_page_items": len(numbers),
        "number_of_pages": 1,
        "number_of_items": len(numbers),
    }
    items = [json.dumps(order("@")).replace('"@"', f'"{number}"') for number in numbers]
    return envelope.page(answer(f'{json.dumps(told)[:-1]}, "orders": [{", ".join(items)}]}}'.encode()), Order)


@pytest.mark.parametrize("number", ["2025/001", "A 1", " A", "📦-7", "a;b", "a\nb", "%2F", "'; --", "x" * 200, "ž"])
def test_an_odd_number_is_a_number(number: str) -> None:
    assert [item.order_number for item in page_of(order(number)).items] == [number]


@pytest.mark.parametrize("number", ["", " ", "\n", "x" * 201, "a\0b", "\0", "a\ufffdb", True, 1.5, None, []])
def test_a_number_that_could_not_be_kept_is_set_aside(number: object) -> None:
    page = page_of(order("O1"), order(number), order("O2"))

    assert [item.order_number for item in page.items] == ["O1", "O2"]
    assert len(page.set_aside) == 1


@pytest.mark.parametrize("letter", [r"\u0000", r"\ud800", r"\udfff"])
def test_a_number_that_had_to_be_mended_is_nobody_elses(letter: str) -> None:
    page = raw_page("AB", f"A{letter}B", "A?B", "C")

    assert [item.order_number for item in page.items] == ["AB", "A?B", "C"]
    assert len(page.set_aside) == 1
    assert page.complete


def test_a_key_of_a_code_list_is_as_careful() -> None:
    with pytest.raises(ValueError, match="id"):
        Listed.read({"id": "1\0"})


def test_a_webhook_may_name_what_an_answer_may_hold() -> None:
    longest = "x" * hooks.KEY_LETTERS

    assert [item.order_number for item in page_of(order(longest), order(longest + "x")).items] == [longest]


@pytest.mark.parametrize("number", ["x" * 201, "x" * 5_000, "ž" * 100_000])
def test_a_number_too_long_to_be_asked_for_is_set_aside_and_the_page_stays_whole(number: str) -> None:
    page = page_of(order("O1"), order(number), order("O2", status_id="odd"))

    assert [item.order_number for item in page.items] == ["O1"]
    assert (page.unread, page.complete) == ({"O2"}, True)
    assert page.set_aside[0].endswith("order_number too_long")
    assert max(map(len, page.set_aside)) < 300


@pytest.mark.parametrize(
    ("product_id", "unread"),
    [(41, {"41"}), ("041", {"41"}), ("P41", set()), ("4" * 30, set()), ("41 ", set()), (2**70, set())],
)
def test_a_product_that_cannot_be_read_is_asked_for_by_a_number_only(product_id: object, unread: set[str]) -> None:
    page = envelope.page(
        answer({"products": [{"product_id": product_id, "last_update_time": "never"}]}, name="products_events"), Product
    )

    assert (len(page.set_aside), page.unread) == (1, unread)
