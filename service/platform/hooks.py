"""Reads the thin bodies of webhooks: which records were touched, and nothing else (docs/upgates.md 3.4, T14-T17).

The event comes from our own URL because no body names it. A record that makes no sense is set aside with its reason, so
is what had to be mended; only a body that makes no sense as a whole is unreadable.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from pydantic_core import from_json

from service.kit import clock

KEY_LETTERS = 200  # as many as a key may have in an answer (platform/shapes.py); the platform names no bound (4.1)
BIGINT = 2**63


class Unreadable(Exception):
    """A body that names nothing: no JSON, no object, or without the list its event calls for."""


# A tuple, because five thousand of them come in one body: it is made three times as fast as a frozen dataclass.
class Record(NamedTuple):
    """One touched thing: an order's number, or the id of a product, variant or status as text."""

    key: str
    action: str  # create, update, delete
    status_id: int | None  # of an order, when the shop tells it
    stamp: str | None  # the time as it was printed; read only by those who need it
    kind: str  # order, product, variant, status

    @property
    def time(self) -> datetime | None:
        """The time of the change; None when none was told or it is no time."""
        try:
            return clock.parse(self.stamp) if self.stamp else None
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Reading:
    """What a body named; a list nobody has seen the wire form of names no records (3.4.5)."""

    records: list[Record]
    set_aside: list[str]


@dataclass(frozen=True)
class _List:
    roots: tuple[str, ...]
    key: str
    kind: str
    numeric: bool
    may_miss: bool = False


ORDERS = (_List(("orders",), "order_number", "order", numeric=False),)
STATUSES = (_List(("statuses", "order_statuses"), "order_status_id", "status", numeric=True),)
PRODUCTS = (_List(("products",), "product_id", "product", numeric=True),)
PRODUCTS_GONE = (  # either list may be missing on delete (3.4.3)
    _List(("products",), "product_id", "product", numeric=True, may_miss=True),
    _List(("variants",), "variant_id", "variant", numeric=True, may_miss=True),
)


def read(event: str, body: bytes) -> Reading:
    """Return the records a webhook body names; raise Unreadable with the reason."""
    entity, _, action = event.lower().partition(".")
    lists = _lists_of(entity, action)
    if not lists:
        return Reading([], [])
    reading = Reading([], [])
    content = _object(body, lists, reading.set_aside)
    if not any(root in content for each in lists for root in each.roots):
        raise Unreadable(f"the body of {event} holds no list {lists[0].roots[0]!r}")
    for each in lists:
        items = next((content[root] for root in each.roots if content.get(root) is not None), None)
        if items is None and each.may_miss:
            continue
        if not isinstance(items, list):
            raise Unreadable(f"{each.roots[0]!r} is no list in the body of {event}")
        _read_list(each, action, cast("list[Any]", items), reading)
    return reading


def _lists_of(entity: str, action: str) -> tuple[_List, ...]:
    match entity:
        case "orders":
            return ORDERS
        case "orderstatuses":
            return STATUSES
        case "products":
            return PRODUCTS_GONE if action == "delete" else PRODUCTS
        case _:
            return ()


def _object(body: bytes, lists: tuple[_List, ...], set_aside: list[str]) -> dict[str, Any]:
    """Return the object a body is; say in `set_aside` what had to be mended for it."""
    repeated: set[str] = set()
    try:
        content = _parsed(body)
        if isinstance(content, dict) and _may_repeat(body, lists, cast("dict[str, Any]", content)):
            content = json.loads(body, object_pairs_hook=lambda pairs: _joined(pairs, repeated))
    except ValueError as fault:  # also bytes that are no UTF-8, a number of 5,000 digits
        content = _mended(body, fault, repeated)
        set_aside.append(f"mended: {fault}")
    except RecursionError as fault:
        raise Unreadable(f"the body is no JSON: {fault}") from None
    if not isinstance(content, dict):
        raise Unreadable(f"the body is no JSON object but a {type(content).__name__}")
    if repeated:
        set_aside.append(f"mended: {len(repeated)} names stood twice in an object")
    return cast("dict[str, Any]", content)


def _parsed(body: bytes) -> object:
    """Return what a JSON text says, read from its bytes where that can be: a text of them may be four times as long."""
    try:
        return from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:  # UTF-16, NaN or half a surrogate too: rare, and no reason to refuse the rest
        return json.loads(body)


def _may_repeat(body: bytes, lists: tuple[_List, ...], content: dict[str, Any]) -> bool:
    """Say whether a name that counts may stand twice in an object; to look at every object would take twice as long."""
    for each in lists:
        found = [content[root] for root in each.roots if isinstance(content.get(root), list)]
        if any(body.count(f'"{root}"'.encode()) > 1 for root in each.roots):
            return True
        if body.count(f'"{each.key}"'.encode()) > sum(map(len, found)):
            return True
    return False


def _joined(pairs: list[tuple[str, Any]], repeated: set[str]) -> dict[str, Any]:
    """Return an object whose names may stand twice: lists go on where they ended, of anything else the last counts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        before = found.get(name)
        if name in found:
            repeated.add(name)
        found[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return found


def _mended(body: bytes, fault: ValueError, repeated: set[str]) -> object:
    """Read what a letter or a number spoiled: a shop's name in Windows-1250 must not hide the orders beside it."""
    try:
        return json.loads(
            body.decode("utf-8-sig", "replace"),
            strict=False,
            object_pairs_hook=lambda pairs: _joined(pairs, repeated),
            parse_int=lambda text: int(text) if len(text) < 20 else None,
        )
    except (ValueError, RecursionError):
        raise Unreadable(f"the body is no JSON: {fault}") from None


def _read_list(each: _List, action: str, items: list[Any], reading: Reading) -> None:
    keep = reading.records.append
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            reading.set_aside.append(f"{each.kind} {place}: no object")
            continue
        items[place] = None  # read once; thousands of them need not stand beside what was made of them
        record = cast("dict[str, Any]", item)
        key = _key(record.get(each.key), numeric=each.numeric)
        if key is None:
            reading.set_aside.append(f"{each.kind} {place}: {each.key} is {_shown(record.get(each.key))}")
            continue
        status_id = record.get("status_id")
        # Samples print the wrong one of the three (3.4.2), so whichever is there.
        stamp = record.get("last_update_time") or record.get("creation_time") or record.get("deletion_time")
        keep(
            Record(
                key,
                action,
                status_id if status_id.__class__ is int else _number(status_id),
                stamp if stamp.__class__ is str else None,
                each.kind,
            )
        )


def _key(value: object, *, numeric: bool) -> str | None:
    """Return an id as text; None when it cannot be one: empty, too long, or letters PostgreSQL cannot keep."""
    if numeric or isinstance(value, int):
        number = _number(value)
        return None if number is None or number <= 0 else str(number)
    if not isinstance(value, str) or not 0 < len(value) <= KEY_LETTERS or "\0" in value:
        return None
    return value if value.isascii() or _is_text(value) else None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair is JSON but no text
        return False
    return True


def _number(value: object) -> int | None:
    """Read an id that comes as a number or as text (3.4.2, 3.4.4); True is neither."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and -BIGINT <= value < BIGINT else None


def _shown(value: object) -> str:
    return ascii(value[:40]) if isinstance(value, str) else f"a {type(value).__name__}"
