"""One text for one value: canonical JSON that digests agree on and that PostgreSQL's jsonb accepts."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, cast


def text(value: object) -> str:
    """Return canonical JSON: sorted keys, no blanks, UTF-8 as it is.

    jsonb refuses NUL, halves of surrogate pairs and NaN, all of which Python's parser lets in; they become the
    replacement character and null, so that one odd note cannot hold up a page of orders.
    """
    try:
        found = _dump(value)
        found.encode()
    except ValueError:  # NaN, infinity, or a surrogate that does not encode
        return _dump(_storable(value))
    return _dump(_storable(value)) if "\\u0000" in found else found


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical text."""
    return hashlib.sha256(text(value).encode()).hexdigest()


def storable(text: str) -> str:
    """Return text that PostgreSQL takes: NUL and halves of surrogate pairs are replaced."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


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
