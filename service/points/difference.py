"""What a list shows otherwise than the table, found row by row while the list is read."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from sys import intern

from pydantic_core import to_json

from service.kit import canon

Key = tuple[str, str]  # network, point
SHOWN = b""  # in place of a digest: the list has shown it
LONGEST_ID = 200
HEAVIEST_G = 2**31
NO_ZIP = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True)
class Row:
    """A point as a list shows it, all of it as JSON by the table's columns, and its digest."""

    text: bytes
    digest: bytes


@dataclass
class Difference:
    """A list held against what the table knows of it: the digest of each point that is not gone."""

    known: dict[Key, bytes]
    shown: Counter[str] = field(default_factory=Counter[str])  # points by network
    before: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.before = Counter(network for network, _ in self.known)

    def news(self, network: str, point_id: str, says: Mapping[str, object]) -> Row | None:
        """Return what is to be written of a point; None when it is known, was shown before, or cannot be kept.

        `says`: the other columns by name, `raw` whatever JSON holds. A point that comes twice counts as it came first.
        """
        key = (intern(canon.storable(network)), canon.storable(point_id))
        if not key[1] or max(map(len, key)) > LONGEST_ID or self.known.get(key) == SHOWN:
            return None
        if (row := row_of(key, says)) is None:
            return None
        before, self.known[key] = self.known.get(key), SHOWN
        self.shown[key[0]] += 1
        return row if before != row.digest else None

    def lacking(self) -> list[Key]:
        """Return the points the list has not shown, of networks it shows: a contract need not know all of them."""
        return [key for key, digest in self.known.items() if digest != SHOWN and self.shown[key[0]]]


def row_of(key: Key, says: Mapping[str, object]) -> Row | None:
    """Return a point as it is stored; None for one that cannot be, such as one nested without end."""
    network, point_id = key
    weight_g = says["most_weight_g"]
    fits = isinstance(weight_g, int) and 0 < weight_g < HEAVIEST_G
    kept = {
        **says,
        "network": network,
        "point_id": point_id,
        "zip": plain_zip(str(says["zip"])),
        "most_weight_g": weight_g if fits else None,
    }
    try:
        text = _text(kept)
    except RecursionError:
        return None
    return Row(text, blake2b(text, digest_size=16).digest())


def plain_zip(zip_code: str) -> str:
    """Return the letters and digits of a post code: it is written `110 00`, `11000`, `00-001`."""
    return NO_ZIP.sub("", zip_code).upper()[:20]


def _text(kept: Mapping[str, object]) -> bytes:
    """Return JSON that jsonb takes; a number with a point becomes text."""
    try:
        text = to_json(kept, inf_nan_mode="null", fallback=str)  # three times as fast as the library's own
    except ValueError:  # half a surrogate pair, or too deep for it
        return _mended(kept)
    return _mended(kept) if b"\\u0000" in text else text


def _mended(kept: Mapping[str, object]) -> bytes:
    return canon.stored(json.loads(json.dumps(kept, default=str))).encode()
