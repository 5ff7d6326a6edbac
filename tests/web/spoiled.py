"""Bodies no sender should send: valid documents, spoiled in what they say and in how they are written (strategies)."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar
from urllib.parse import quote_from_bytes, urlencode

from hypothesis import strategies as st

T = TypeVar("T")
HUGE = 10**400
NUMBERS = [0, -1, 1.5, 2**31, 2**63, HUGE, -HUGE, 1e308, float("inf"), float("nan")]
TEXTS = [
    "", " ", "x" * 300, "nul\0", "half \ud83d", "📦-7", "ž" * 80, "a;b;c", "'; DROP TABLE orders --", "../..", "%00%ff",
    "2026-02-30T25:61:00+99:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "\u202eback", "\ufeff", "İı",
    "1" * 30, "<b>&amp;</b>", "\r\nX-Header: 1",
]  # fmt: skip
NAMES = ["", "x", "Order_Number", "order_number ", "orders\0", "__proto__", "ž", "\ud800", "class"]
ODD: st.SearchStrategy[Any] = (
    st.sampled_from([None, True, False, [], {}, [[]], {"": {}}, *NUMBERS, *TEXTS])
    | st.text(max_size=20)
    | st.integers()
    | st.floats()
).map(deepcopy)  # what is put into a document may be altered in its turn
RARELY = st.integers(0, 3).map(lambda drawn: drawn == 3)
ENCODINGS = ["utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1250", "iso8859_2"]
WHOLE = [
    b"", b" ", b"null", b"7", b'"text"', b"[]", b"{}", b"NaN", b"{", b"<html></html>", b"\xff\xfe\x00\x01", b"\0" * 50,
    b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000, b"9" * 5_000, gzip.compress(b'{"orders": []}'),
]  # fmt: skip
PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_categories=("C", "Z"))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield everything inside a document as its holder and the key or index it stands at."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in list(inside):
        yield value, key
        yield from places(held)


@st.composite
def altered(draw: st.DrawFn, document: Any, *, most: int = 3) -> Any:
    """Return a document in which up to `most` places hold something else, are gone, named otherwise or doubled."""
    found = deepcopy(document)
    for _ in range(draw(st.integers(0, most))):
        known = list(places(found))
        if not known:
            break
        holder, key = known[draw(st.integers(0, len(known) - 1))]
        match draw(st.sampled_from(["replaced", "replaced", "gone", "renamed", "wrapped", "doubled"])):
            case "replaced":
                holder[key] = draw(ODD)
            case "gone":
                del holder[key]
            case "renamed" if isinstance(holder, dict):
                holder[draw(st.sampled_from(NAMES))] = holder.pop(key)
            case "wrapped":
                holder[key] = draw(st.sampled_from([[holder[key]], {"value": holder[key]}]))
            case _ if isinstance(holder, list):
                holder.insert(draw(st.integers(0, len(holder))), deepcopy(holder[key]))
    return found


@st.composite
def written(draw: st.DrawFn, value: Any) -> bytes:
    """Return JSON as some sender writes it: in any encoding, a name twice, or damaged on the way."""
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    if text.startswith('{"') and draw(st.integers(0, 9)) == 0:
        name = text[1 : text.index(":")]
        text = f"{{{name}: {json.dumps(draw(ODD))}, {text[1:]}"
    encoding = draw(st.sampled_from(ENCODINGS))
    content = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")
    return draw(damaged(content)) if draw(RARELY) else content


def legible(value: Any, *, is_ascii: bool) -> bytes:
    """Return JSON in UTF-8, but for what the value itself may hold."""
    return json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Return bytes of which some are lost, added or changed on the way."""
    at, to = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    extra = draw(
        st.sampled_from([b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b"}", b",", b"\x1f\x8b", b"\n"]) | st.binary(max_size=8)
    )
    match draw(st.sampled_from(["cut", "without", "with", "changed", "twice", "packed"])):
        case "cut":
            return content[:at]
        case "without":
            return content[:at] + content[to:]
        case "with":
            return content[:at] + extra + content[at:]
        case "changed":
            return content[:at] + extra + content[at + len(extra) :]
        case "twice":
            return content + content
        case _:
            return gzip.compress(content)


def body(document: Any) -> st.SearchStrategy[bytes]:
    """Return a strategy of bodies that were once this document, or never were anything."""
    spoiled = altered(document).flatmap(written)
    return spoiled | spoiled | spoiled | st.sampled_from(WHOLE) | st.binary(max_size=200)


@st.composite
def beside(draw: st.DrawFn, good: Any, bad: Any, *, most: int = 5) -> tuple[list[Any], int]:
    """Return a list of spoiled records with a good one somewhere among them, and where it stands."""
    others = draw(st.lists(altered(bad) | ODD, max_size=most))
    place = draw(st.integers(0, len(others)))
    return [*others[:place], good, *others[place:]], place


@st.composite
def form(draw: st.DrawFn, fields: Mapping[str, str]) -> bytes:
    """Return a form of a browser, or of something that is none."""
    told = draw(altered(fields))
    pairs = [(name.encode("utf-8", "replace"), str(value).encode("utf-8", "replace")) for name, value in told.items()]
    content = urlencode(pairs + pairs[:1] if draw(st.booleans()) else pairs).encode()
    return draw(damaged(content)) if draw(RARELY) else content


def segment(*known: str) -> st.SearchStrategy[str]:
    """Return a strategy of parts of a path, most of them known ones."""
    odd = st.binary(min_size=1, max_size=30) | st.sampled_from(
        [text.encode("utf-8", "replace") for text in TEXTS if text]
    )
    return mostly(st.sampled_from(known), odd.map(lambda raw: quote_from_bytes(raw, safe="")))


def text(known: str, *others: str) -> st.SearchStrategy[str]:
    """Return a strategy of header values, most of them the first that is known."""
    return mostly(st.just(known), st.sampled_from([known, *others]) | st.text(PRINTABLE, max_size=120))


def mostly(good: st.SearchStrategy[T], odd: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Return a strategy that is odd once in four times."""
    return RARELY.flatmap(lambda is_odd: odd if is_odd else good)


def params(known: Mapping[str, Sequence[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of queries: each parameter may miss, fit, or be nonsense."""
    odd = st.sampled_from([0, -1, HUGE, "", "x", "1e9", "%00", "ž", "²", " 1", "A" * 5_000]) | st.text(
        PRINTABLE, max_size=40
    )
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(list(good)) | odd for name, good in known.items()})
