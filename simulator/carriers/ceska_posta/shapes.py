"""What a body must look like before its contents are looked at: names, types, lengths."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, cast

from simulator.carriers.ceska_posta.failures import Failure
from simulator.carriers.wire import Request

LARGEST = 10**9
HALVES = re.compile("[\ud800-\udfff]")  # of letters beyond 16 bits: JSON may hold one alone, a text may not


@dataclass(frozen=True)
class Text:
    """A text of at most `most` letters; one that is needed is not empty, an empty one else is as good as none."""

    most: int | None = None
    needed: bool = False
    like: str = ""


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds; a text or a fraction is none."""

    least: int
    most: int
    needed: bool = False


@dataclass(frozen=True)
class Number:
    """A number below a thousand million that may have a fraction."""

    needed: bool = False


@dataclass(frozen=True)
class Flag:
    """True or false."""

    needed: bool = False


@dataclass(frozen=True)
class Anything:
    """What the contract does not describe."""

    needed: bool = False


@dataclass(frozen=True)
class Shape:
    """An object that has no other fields than these."""

    fields: Mapping[str, "Rule"]
    needed: bool = False


@dataclass(frozen=True)
class Each:
    """A list of so many."""

    of: "Rule"
    least: int = 0
    most: int | None = None
    needed: bool = False


Rule: TypeAlias = Text | Whole | Number | Flag | Anything | Shape | Each


def read(request: Request, shape: Shape) -> dict[str, Any]:
    """Return a JSON body, fractions as Decimal; 400 with a message for each field that is not as it must be.

    Guess: unknown fields and null are refused, as a strict reading of the published schema would.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Failure(400, f"content-type: {kind!r} is not application/json")
    try:
        body = json.loads(request.body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as wrong:
        raise Failure(400, "The body is not JSON.") from wrong
    if found := list(_wrong(body, shape, "")):
        raise Failure(400, *found)
    return body


def _refuse(name: str) -> None:
    raise ValueError(name)


def _wrong(value: Any, rule: Rule, path: str) -> Iterator[str]:
    match rule:
        case Shape():
            yield from _of_shape(value, rule, path)
        case Each():
            yield from _of_each(value, rule, path)
        case Text():
            yield from _of_text(value, rule, path)
        case Anything():
            pass
        case Whole() | Number() | Flag():
            if not _is(value, rule):
                yield f"{path}: {_WORDS[type(rule)]}"


_WORDS = {
    Whole: "must be a whole number within its bounds",
    Number: "must be a number",
    Flag: "must be true or false",
}


def _is(value: Any, rule: Whole | Number | Flag) -> bool:
    if isinstance(value, bool) or isinstance(rule, Flag):
        return isinstance(value, bool) and isinstance(rule, Flag)
    if isinstance(rule, Whole):
        return isinstance(value, int) and rule.least <= value <= rule.most
    return isinstance(value, int | Decimal) and abs(value) < LARGEST


def _of_shape(value: Any, rule: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path or 'body'}: must be an object"
        return
    for name, one in rule.fields.items():
        below = f"{path}.{name}" if path else name
        if name in value:
            yield from _wrong(value[name], one, below)
        elif one.needed:
            yield f"{below}: is required"
    for name in cast("dict[str, Any]", value):
        if name not in rule.fields:
            yield f"{path}.{name}: is not known"


def _of_each(value: Any, rule: Each, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: must be a list"
        return
    items = cast("list[Any]", value)
    if len(items) < rule.least or (rule.most is not None and len(items) > rule.most):
        yield f"{path}: must have {rule.least} to {rule.most} items"
        return
    for n, one in enumerate(items):
        yield from _wrong(one, rule.of, f"{path}[{n}]")


def _of_text(value: Any, rule: Text, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path}: must be a text"
    elif HALVES.search(value):
        yield f"{path}: is not a text"
    elif rule.most is not None and len(value) > rule.most:
        yield f"{path}: must have at most {rule.most} letters"
    elif (rule.needed and not value) or (value and rule.like and not re.fullmatch(rule.like, value)):
        yield f"{path}: is not valid"
