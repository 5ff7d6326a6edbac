"""Long lists: kept small, read row by row, and never taken for whole when they are not."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers import feed, wire
from carriers.errors import CarrierUnreachable
from carriers.wire import LONG_BYTES, PIECE, Answer, Call
from tests.carriers.kit import kit

POINTS = Call("GET", "http://carrier.test/points", long=True)


def answer(body: bytes) -> Answer:
    return Answer("packeta", "points", makes=False, status=200, headers={}, body=body)


def read(body: bytes, name: str = "") -> list[Any]:
    return list(feed.opened(answer(body), name).rows())


def sent(reply: httpx.Response, call: Call = POINTS) -> Answer:
    with httpx.Client(transport=httpx.MockTransport(lambda _: reply)) as client:
        return wire.sender(client)("packeta", "points", call)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(rows=st.lists(JSON, max_size=8), indent=st.none() | st.integers(0, 2), shift=st.integers(0, 60))
def test_a_list_is_read_as_what_it_says_however_it_is_cut_into_pieces(rows: list[Any], indent: Any, shift: int) -> None:
    far = " " * max(0, PIECE - shift)  # the edge of a piece lies somewhere in the rows

    assert read(f"{far}{json.dumps(rows, indent=indent, ensure_ascii=False)}".encode(errors="surrogatepass")) == rows
    named = json.dumps({"status": "ok", "data": {"items": rows}}, indent=indent)
    assert read(f"{far}{named}".encode(), "items") == rows


@given(
    rows=st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5), min_size=1), min_size=1, max_size=4),
    at=st.data(),
)
def test_a_list_that_is_cut_short_raises(rows: list[Any], at: Any) -> None:
    whole = json.dumps(rows).encode()
    cut = at.draw(st.integers(1, len(whole) - 1))

    with pytest.raises(CarrierUnreachable):
        read(whole[:cut])


@pytest.mark.parametrize(
    "body", [b"[] x", b"[{}]]", b'[{}] {"error": 1}', b"[" * 100_000, b'[{"a" 1}, {}]', b"[{} {}]"]
)
def test_what_is_not_only_a_list_raises(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable):
        read(body)


def test_packed_bytes_are_unpacked_and_must_be_whole() -> None:
    packed = gzip.compress(json.dumps([{"id": number} for number in range(20_000)]).encode())

    assert len(read(packed)) == 20_000
    with pytest.raises(CarrierUnreachable):
        read(packed[:-1])


def test_numbers_nobody_can_hold_are_none() -> None:
    assert read(b"[NaN, Infinity, 1e9999999, 1e99999999999999999999, " + b"9" * 5_000 + b", 5]") == [*[None] * 5, 5]


def test_a_row_without_an_end_is_not_waited_for_for_ever() -> None:
    with pytest.raises(CarrierUnreachable):
        read(b'[{"a": "' + b"x" * (3 * LONG_BYTES) + b'"}]')


def test_a_long_answer_is_kept_packed_and_says_the_same() -> None:
    rows = [{"id": str(number), "name": "Žďár"} for number in range(60_000)]
    body = json.dumps(rows, ensure_ascii=False).encode()

    told = sent(httpx.Response(200, content=body))

    assert len(body) > LONG_BYTES
    assert sum(map(len, told.packed)) * 3 < len(body)
    assert (told.body, b"".join(told.pieces()), told.whole()) == (b"", body, body)
    assert list(feed.opened(told).rows()) == told.json() == rows


def test_a_long_answer_of_packed_bytes_is_unpacked_too() -> None:
    dice = Random(7)
    rows = [{"id": dice.randbytes(60).hex()} for _ in range(20_000)]

    told = sent(httpx.Response(200, content=gzip.compress(json.dumps(rows).encode())))

    assert told.packed
    assert list(feed.opened(told).rows()) == rows


@pytest.mark.parametrize("edge", range(PIECE - 12, PIECE - 4))
def test_a_letter_of_several_bytes_may_lie_on_the_edge_of_a_piece(edge: int) -> None:
    assert read(b"[" + b" " * edge + '"žš€𝄞"]'.encode()) == ["žš€𝄞"]


@pytest.mark.parametrize(("status", "size"), [(200, LONG_BYTES), (500, 2 * LONG_BYTES)])
def test_a_short_answer_and_a_bad_one_are_kept_as_they_are(status: int, size: int) -> None:
    told = sent(httpx.Response(status, content=bytes(size)))

    assert (len(told.body), told.packed) == (size, ())


def test_a_list_without_an_end_is_not_read_for_ever() -> None:
    with pytest.raises(CarrierUnreachable):
        sent(httpx.Response(200, stream=Endless()))


class Endless(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield bytes(2**24)


@pytest.mark.parametrize("code", ["packeta", "ceska_posta"])
def test_points_by_the_thousand_are_read_in_little_memory(code: str) -> None:
    at = kit(code)
    assert at.world.grow
    at.world.grow(3_000)

    tracemalloc.start()
    count = sum(1 for _ in at.carrier.points("CZ"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count > 2_800  # a few are closed, and one list leaves those out
    assert most < 10 * 2**20  # as objects they are twice that
