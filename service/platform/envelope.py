"""Lists out of answers: the items, the paging around them, and whether the two agree (docs/upgates.md 1.9)."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, TypeVar

from pydantic import ValidationError

from service.platform import jsontext
from service.platform.errors import PlatformRefused
from service.platform.hooks import KEY_LETTERS
from service.platform.jsontext import Json
from service.platform.shapes import FALSE, TRUE, Done, Item, Page
from service.platform.wire import Answer

K = TypeVar("K", bound=Item)
NUMBER = re.compile(r"-?[0-9]{1,18}")  # eighteen digits fit 64 bits whatever they are
BAD_LEVELS = frozenset({"error", "fatal_error"})
UNTOLD = "untold"  # a message without a level is an error (1.5)
LEVELS = BAD_LEVELS | {"info", "warning", UNTOLD}
FLAGS = ("created_yn", "inserted_yn", "updated_yn", "deleted_yn", "updated", "deleted")  # T57


def page(answer: Answer, kind: type[K]) -> Page[K]:
    """Read an answer as a page; items that cannot be read are set aside, the envelope may be missing (1.9, B15).

    Raises Unreadable when the body is no JSON object.
    """
    told = answer.json()
    found, whole = _under(told, answer.ask.row.root)
    items: dict[object, K] = {}
    set_aside: list[str] = []
    unread: set[str] = set()
    keyless: set[str] = set()
    for place, item in enumerate(found):
        try:
            read = kind.read(_object(item))
        except (ValidationError, ValueError) as fault:
            key = _key(item, kind)
            keyless |= (
                {blake2b(repr(item).encode(errors="replace"), digest_size=8).hexdigest()} if key is None else set()
            )
            unread |= {key} if key is not None and _askable(key, kind) else set()
            set_aside.append(f"{kind.key} {'?' if key is None else repr(key[:200])}: {_reason(fault)}")
        else:
            key = _key(item, kind)
            items[place if key is None else key] = read  # an item that comes twice is one; the later was read later
    current, pages, total = _paging(told)
    whole = whole and _agrees(told, len(found), paged=answer.ask.row.paged)
    return Page(
        items=list(items.values()),
        set_aside=set_aside,
        unread=frozenset(unread),
        current_page=current or 1,
        pages=pages,
        total=total,
        began_at=answer.began_at,
        complete=whole and not keyless,
        keyless=frozenset(keyless) if whole else frozenset(),
    )


def single(answer: Answer, kind: type[K]) -> K:
    """Read the answer to a write that brings back the one thing written; raise PlatformRefused with the shop's words.

    Raises Unreadable, unclear, when the answer says neither.
    """
    told = answer.json()
    root = answer.ask.row.root
    found, _ = _under(told, root if root in told else f"{root}s")
    messages = [
        *_messages(told),
        *(message for item in found if jsontext.is_object(item) for message in _messages(item)),
    ]
    if found:
        try:
            return kind.read(_object(found[0]))
        except (ValidationError, ValueError) as fault:
            if not messages:
                raise answer.unreadable(f"what was written cannot be read: {_reason(fault)}") from None
    if messages:
        raise PlatformRefused(f"{answer.ask.row.name}: {'; '.join(messages)[:300]}")
    raise answer.unreadable("the answer does not say what was written")


def flagged(answer: Answer, *, flags: tuple[str, ...], key: str) -> dict[str, bool]:
    """Read the answer to a write item by item: whether each was done, by its key (1.5: the flag's name varies).

    Success is the first flag that is there; without any, the absence of an error message.
    """
    found, _ = _under(answer.json(), answer.ask.row.root)
    done: dict[str, bool] = {}
    for item in found:
        if jsontext.is_object(item) and item.get(key) is not None:
            flag = next((item[name] for name in flags if name in item), None)
            done[str(item[key])] = not _messages(item) if flag is None else str(flag).strip().lower() in {"true", "1"}
    return done


def results(answer: Answer, kind: type[Item]) -> dict[str, Done]:
    """Read the answer to a write of many items: what it says of each, by its key, in whatever order (1.5).

    An item that is not there, has no key or is told of in two ways is not in it or says nothing: it may have been done.
    """
    found, _ = _under(answer.json(), answer.ask.row.root)
    told: dict[str, Done] = {}
    for item in found:
        if not jsontext.is_object(item) or (name := _key(item, kind)) is None:
            continue
        done = _done(item)
        told[name] = done if told.get(name, done) == done else Done(None)
    return told


def placed(answer: Answer, count: int) -> list[Done]:
    """Read the answer to a write of so many items that names none of them: what it says of each, by its place (4.9).

    An answer with more or fewer items says nothing of any.
    """
    found, _ = _under(answer.json(), answer.ask.row.root)
    if len(found) != count:
        return [Done(None)] * count
    return [_done(item) if jsontext.is_object(item) else Done(None) for item in found]


def result(answer: Answer) -> Done:
    """Read the answer to a write of one thing whose flag stands at the root (1.5)."""
    return _done(answer.json())


def _done(item: Mapping[str, Any]) -> Done:
    """Say whether an item was done: the first flag that is there decides, without one the absence of an error.

    A flag that is neither yes nor no says nothing.
    """
    levels = _levels(item)
    flag = next((item[name] for name in FLAGS if item.get(name) not in (None, "")), None)
    if flag is None:
        return Done(not any(level in BAD_LEVELS or level == UNTOLD for level in levels), levels)
    text = str(flag).strip().lower()
    return Done(True if text in TRUE else False if text in FALSE else None, levels)


def _levels(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the levels of an item's messages, in our own words: what the shop writes there may be anything."""
    told = item.get("messages")
    levels = [
        str(message.get("level") or UNTOLD).lower() if jsontext.is_object(message) else UNTOLD
        for message in (told if jsontext.is_list(told) else [])
    ]
    return tuple(level if level in LEVELS else "other" for level in levels)


def _under(told: Json, root: str) -> tuple[list[object], bool]:
    """Return what stands under the root, and whether the root was there; one object is a list of one."""
    found = told.get(root)
    if jsontext.is_list(found):
        return list(found), True
    if jsontext.is_object(found):
        return ([found] if found else []), True
    return [], False


def _agrees(told: Json, count: int, *, paged: bool) -> bool:
    """Say whether the envelope and the number of items fit each other."""
    here, total = _whole_number(told.get("current_page_items")), _whole_number(told.get("number_of_items"))
    current, pages = _whole_number(told.get("current_page")) or 1, _whole_number(told.get("number_of_pages"))
    if here is None and total is None and pages is None:
        return count == 1 or not paged  # a single item may come without its envelope, a list that has pages may not
    if here is not None and here != count:
        return False
    if total is None:
        return True
    if (pages or 1) <= 1:
        return total == count
    return total >= count and (count > 0 or current > (pages or 1))


def _paging(told: Json) -> tuple[int | None, int | None, int | None]:
    current, pages, total = (
        _whole_number(told.get(name)) for name in ("current_page", "number_of_pages", "number_of_items")
    )
    return current, pages, total


def _whole_number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = int(value)
    except ValueError:
        return None
    return number if 0 <= number < 2**31 else None


def _object(item: object) -> Mapping[str, Any]:
    if not jsontext.is_object(item):
        raise ValueError("is no object")
    return item


def _key(item: object, kind: type[Item]) -> str | None:
    value = item.get(kind.key) if jsontext.is_object(item) else None
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        return None
    key = str(value)
    return str(int(key)) if _numbered(kind) and NUMBER.fullmatch(key) else key  # "041" is 41


def _askable(key: str, kind: type[Item]) -> bool:
    """Say whether a key can be one we asked for: no longer than any of ours, and a number where they are numbers.

    One that cannot hides nothing we wait for, so the answer stays whole; it would fit neither a call nor an index.
    """
    return len(key) <= KEY_LETTERS and (not _numbered(kind) or NUMBER.fullmatch(key) is not None)


def _numbered(kind: type[Item]) -> bool:
    return kind.model_fields[kind.key].annotation is int


def _messages(item: Mapping[str, Any]) -> list[str]:
    """Return the texts of an item's errors; without a level every message is one (1.5)."""
    told = item.get("messages")
    return [
        str(message.get("message"))
        for message in (told if jsontext.is_list(told) else [])
        if jsontext.is_object(message) and message.get("level", "error") in BAD_LEVELS
    ]


def _reason(fault: ValueError) -> str:
    """Say what cannot be read, without the value: it may be a customer's."""
    if isinstance(fault, ValidationError):
        faults = fault.errors(include_input=False, include_url=False)
        return "; ".join(f"{'.'.join(map(str, told['loc']))} {told['type']}" for told in faults)
    return str(fault)
