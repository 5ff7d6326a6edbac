"""JSON of PPL as rows and texts: what has another shape than documented is not there."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

Row: TypeAlias = Mapping[str, Any]

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{3,39}")


def row(value: Any) -> Row:
    return cast("Row", value) if isinstance(value, dict) else {}


def rows(value: Any) -> Sequence[Row]:
    """Return the rows of a list; what is none, is left out."""
    return [cast("Row", one) for one in listed(value) if isinstance(one, dict)]


def listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def number(value: Any) -> str | None:
    """Return a parcel number as it is: text, opaque (2.7). One that came as a number may have lost its zeros."""
    return value if isinstance(value, str) and NUMBER.fullmatch(value) else None
