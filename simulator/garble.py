"""What faults make of a good answer: lists and the results of writes, spoilt as a shop might spoil them."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from simulator import wire
from simulator.ask import Page
from simulator.faults import Fault

T = TypeVar("T")
FLAGS = ("created_yn", "inserted_yn", "updated_yn", "deleted_yn", "updated", "deleted")  # contract 1.5
ODD = (
    {"object": "order", "property": None, "message": "Objednávka byla zpracována", "level": "notice"},
    {"object": None, "property": None, "message": "Bez úrovně"},
)

Faulty = Mapping[str, Fault]


def page(shown: Page, faults: Faulty) -> bytes:
    """Return a list as JSON, envelope first, spoilt as the faults want it."""
    kept, total = _items(shown.items, faults), shown.total
    told = len(shown.items)
    if "empty" in faults:
        told, total = 0, 0
    elif "short" in faults and faults["short"].honest:
        left_out = min(len(shown.items), faults["short"].items)
        told, total = told - left_out, total - left_out
    head: dict[str, Any] = dict(shown.more)
    if shown.page is not None:
        head = {
            "current_page": shown.page,
            "current_page_items": told,
            "number_of_pages": -(-total // shown.per_page),  # guess: an empty list has no pages
            "number_of_items": total,
        }
    if "texts" in faults:
        kept = [wire.dumps(_texts(json.loads(item), at)) for at, item in enumerate(kept)]
    opening = json.dumps(head, separators=(",", ":"))[:-1].encode() + (b"," if head else b"")
    return b'%b"%b":[%b]}' % (opening, shown.root.encode(), b",".join(kept))


def results(told: dict[str, Any], faults: Faulty) -> dict[str, Any]:
    """Return the answer of a write spoilt as the faults want it: its list of results, else the answer itself."""
    lists = [name for name, value in told.items() if name != "messages" and isinstance(value, list)]
    if not lists:
        return _result(told, 0, faults)
    return told | {
        name: [_result(item, at, faults) for at, item in enumerate(_items(told[name], faults))] for name in lists
    }


def _items(items: list[T], faults: Faulty) -> list[T]:
    kept = [] if "empty" in faults else items
    if "short" in faults and kept:
        left_out = min(len(kept), faults["short"].items)
        gone = {len(kept) * at // left_out for at in range(left_out)}  # spread over the page
        kept = [item for at, item in enumerate(kept) if at not in gone]
    if "reversed" in faults:
        kept = kept[::-1]
    if "doubled" in faults:
        kept = [item for item in kept for _ in range(2)]
    return kept


def _result(item: Any, at: int, faults: Faulty) -> Any:
    if not isinstance(item, dict):
        return item
    told = dict(item)
    if "odd_levels" in faults and "messages" in told:
        told["messages"] = [*told["messages"], *ODD]
    if "flagless" in faults:
        told = {name: value for name, value in told.items() if name not in FLAGS}
    return _texts(told, at) if "texts" in faults else told


def _texts(value: Any, at: int) -> Any:
    """Return a value with its booleans written out; the wording turns from item to item (T52)."""
    if isinstance(value, bool):
        return (("0", "1"), ("false", "true"))[at % 2][value]
    if isinstance(value, list):
        return [_texts(one, at) for one in value]
    if isinstance(value, dict):
        return {name: _texts(one, at) for name, one in value.items()}
    return value
