"""JSON of the outside: read fast, and mended where it could not be kept."""

import json
import re
from typing import Any, TypeGuard

from pydantic_core import from_json

Json = dict[str, Any]
UNKEPT = re.compile("[\x00\ud800-\udfff]")


def parse(body: bytes) -> object:
    """Return the value of a JSON text; raise ValueError when it is none.

    What the fast reader refuses or PostgreSQL could not keep (NUL, half a surrogate, NaN, a byte that is not UTF-8) is
    mended, because one such letter would otherwise stop a page of a hundred orders for ever.
    """
    try:
        value: object = from_json(body, allow_inf_nan=False, cache_strings="keys")
        if b"\\u0000" not in body:
            return value
    except ValueError:
        try:
            value = json.loads(body.decode("utf-8-sig", "replace"), strict=False, parse_constant=lambda _: None)
        except RecursionError:
            raise ValueError("is nested too deep") from None
    return mended(value)


def mended(value: object) -> object:
    """Return the value with U+FFFD for each letter PostgreSQL cannot keep: left out, one key would become another."""
    if isinstance(value, str):
        return UNKEPT.sub("\ufffd", value)
    if is_list(value):
        return [mended(item) for item in value]
    if is_object(value):
        return {str(mended(key)): mended(item) for key, item in value.items()}
    return value


def is_object(value: object) -> TypeGuard[Json]:
    """Say whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Say whether a value is a JSON list."""
    return isinstance(value, list)


def write(body: Json) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
