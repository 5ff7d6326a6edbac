"""A code list is replaced whole: what is gone is marked, and what proves nothing changes nothing."""

from typing import Any

import pytest

from service import codebooks
from service.codebooks import Change
from service.platform.shapes import CodebookEntry
from tests.shop_items import at

SHOP = "t_one"
KIND = "order_statuses"


def replace(conn, *entries: tuple[str, dict[str, Any]], began: float, kind: str = KIND, unread=()) -> list[Change]:
    items = [CodebookEntry(kind, entry_id, raw) for entry_id, raw in entries]
    return codebooks.replace(conn, SHOP, kind, items, read_at=at(began), unread=unread)


def test_only_changes_are_told(conn) -> None:
    first = replace(conn, ("1", {"color": "#fff"}), ("2", {"color": "#000"}), began=1)
    again = replace(conn, ("1", {"color": "#fff"}), ("2", {"color": "#0f0", "type": "Sent"}), ("3", {}), began=2)

    assert first == [Change("1", "new"), Change("2", "new")]
    assert again == [Change("2", "changed", ["color", "type"]), Change("3", "new")]


def test_an_entry_that_is_gone_is_marked_and_can_come_back(conn) -> None:
    replace(conn, ("1", {}), ("2", {"color": "#000"}), began=1)

    assert replace(conn, ("1", {}), began=2) == [Change("2", "gone")]
    assert list(codebooks.entries(conn, SHOP, KIND)) == ["1"]
    gone = codebooks.entry(conn, SHOP, KIND, "2")
    assert gone
    assert (gone.content, gone.gone_at) == ({"color": "#000"}, at(2))
    assert replace(conn, ("1", {}), ("2", {"color": "#000"}), began=3) == [Change("2", "back", [])]


def test_an_empty_list_proves_nothing(conn) -> None:
    replace(conn, ("1", {}), began=1)

    assert replace(conn, began=2) == []
    assert list(codebooks.entries(conn, SHOP, KIND)) == ["1"]


def test_an_entry_that_could_not_be_read_is_not_gone(conn) -> None:
    replace(conn, ("1", {}), ("2", {}), began=1)

    assert replace(conn, ("1", {}), began=2, unread={"2"}) == []


def test_a_read_that_began_earlier_is_too_late(conn) -> None:
    replace(conn, ("1", {"color": "#fff"}), began=5)

    assert replace(conn, ("1", {"color": "#000"}), ("2", {}), began=4) == []
    assert codebooks.entries(conn, SHOP, KIND)["1"].content == {"color": "#fff"}


def test_lists_do_not_disturb_each_other(conn) -> None:
    replace(conn, ("1", {}), began=1)
    replace(conn, ("9", {}), began=2, kind="shipments")

    assert list(codebooks.entries(conn, SHOP, KIND)) == ["1"]
    assert codebooks.entry(conn, SHOP, "payments", "1") is None


@pytest.mark.parametrize(
    ("languages", "name"),
    [
        ({}, "Obchod s.r.o."),
        ({"sk": {"domain": "obchod.example.org", "default_yn": "0"}}, "obchod.example.org"),
        ({"cs": {"domain": "a.example.com"}, "sk": {"domain": "b.example.com", "default_yn": 1}}, "b.example.com"),
        ({"cs": {"domain": None, "default_yn": True}}, "Obchod s.r.o."),
    ],
)
def test_a_shop_is_called_by_the_domain_of_its_main_language(conn, languages: dict[str, Any], name: str) -> None:
    replace(conn, ("cs", {"company": "Obchod s.r.o."}), began=1, kind="owner")
    replace(conn, *((key, {"language_id": key, **raw}) for key, raw in languages.items()), began=1, kind="languages")

    assert codebooks.shop_name(conn, SHOP) == name


def test_the_owner_is_the_one_of_the_main_language(conn) -> None:
    replace(conn, ("cs", {"company": "Obchod"}), ("sk", {"company": "Obchod SK"}), began=1, kind="owner")

    assert codebooks.owner(conn, SHOP) == {"company": "Obchod"}
    replace(conn, ("sk", {"language_id": "sk", "default_yn": True}), began=1, kind="languages")
    assert codebooks.owner(conn, SHOP) == {"company": "Obchod SK"}


def test_a_shop_never_read_has_no_name(conn) -> None:
    assert codebooks.shop_name(conn, SHOP) is None
