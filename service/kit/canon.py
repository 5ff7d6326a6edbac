"""JSON as PostgreSQL's jsonb accepts it, and one text for one value where digests must agree."""

import json
import math
from collections.abc import Mapping
from typing import Any, cast


def stored(value: object) -> str:
    """Return JSON for a jsonb column.

    jsonb refuses NUL, halves of surrogate pairs and NaN, all of which Python's parser lets in; they become the
    replacement character and null, so that one odd note cannot hold up a page of orders.
    """
    try:
        found = _dump(value, sort=False)
        found.encode()
    except ValueError:  # NaN, infinity, or a surrogate that does not encode
        return _dump(_storable(value), sort=False)
    return _dump(_storable(value), sort=False) if "\\u0000" in found else found


def storable(text: str) -> str:
    """Return text that PostgreSQL takes: NUL and halves of surrogate pairs are replaced."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def text(value: object) -> str:
    """Return the canonical JSON of a stored value: sorted keys, no blanks, UTF-8 as it is."""
    return _dump(value, sort=True)


def _dump(value: object, *, sort: bool) -> str:
    return json.dumps(value, sort_keys=sort, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _storable(value: object) -> object:
    match value:
        case str():
            return storable(value)
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_storable(item) for item in cast("list[Any]", value)]
        case dict():
            return {storable(str(key)): _storable(item) for key, item in cast("Mapping[Any, Any]", value).items()}
        case _:
            return value
