"""Read the rows of a long list of JSON one by one: as objects the whole of it is six times its text.

A row that says nothing is the adapter's to leave out. A list that does not end raises after what it brought: whoever
compares it with yesterday's would take all that is missing for closed.
"""

import json
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any

from carriers.wire import MOST_LONG_BYTES, PIECE, Answer, Json, exact

LONGEST_ROW = 2**20
LONGEST_NUMBER = 30
LIST = re.compile(r"\ufeff?\s*\[")
BETWEEN = re.compile(r"\s*(?:,\s*(?=\S)|(?=\]))")
BLANK, BLANKS = re.compile(r"\s*"), "\ufeff \t\r\n"
GZIP = b"\x1f\x8b"


@dataclass
class Feed:
    """A list whose rows are read once; `before`: what stands in front of it, or instead of it where there is none."""

    answer: Answer
    before: str
    is_list: bool
    text: str = field(default="", repr=False)  # what of the list was read to find it
    rest: Iterator[str] = field(default_factory=lambda: iter(()), repr=False)

    def rows(self) -> Iterator[Json]:
        """Yield the rows; raise CarrierUnreachable where the list breaks off."""
        text, place = self.text, 0
        try:
            while not text.startswith("]", place := _end_of_blank(text, place)):
                if found := _first(text, place):
                    row, place = found
                    yield row
                    continue
                more = next(self.rest, "") if len(text) - place <= LONGEST_ROW else ""
                if not more:
                    raise self.answer.unreadable("the list breaks off")
                text, place = text[place:] + more, 0
        except RecursionError:
            raise self.answer.unreadable("the list is nested too deep") from None
        self._end(text[place + 1 :])

    def _end(self, begun: str) -> None:
        """Read on to the end, where packed bytes prove to be whole; after a bare list nothing may stand."""
        after = [piece for piece in chain([begun], self.rest) if piece.strip()]
        if after and not self.before.strip(BLANKS):
            raise self.answer.unreadable("something stands after the list")


def opened(answer: Answer, name: str = "") -> Feed:
    """Return the list that stands under a name, wherever that is; without a name the one that is all of the answer.

    `gzip` bytes are unpacked, though no header says so (docs/carriers.md 6.1); raise what a bad status means.
    """
    begins = re.compile(rf'"{name}"\s*:\s*\[') if name else LIST
    pieces, text = _texts(answer.expect_ok()), ""
    for piece in pieces:
        text += piece
        if begin := (begins.search if name else begins.match)(text):
            return Feed(answer, text[: begin.start()], is_list=True, text=text[begin.end() :], rest=pieces)
        if len(text) > LONGEST_ROW:
            break
    return Feed(answer, text, is_list=False)


def _first(text: str, place: int) -> tuple[Json, int] | None:
    """Return the row that begins here and where the next one does; None: it goes on, or is none."""
    try:
        row, end = DECODER.raw_decode(text, place)
    except json.JSONDecodeError:
        return None
    between = BETWEEN.match(text, end)
    return (row, between.end()) if between else None


def _end_of_blank(text: str, place: int) -> int:
    blank = BLANK.match(text, place)
    return blank.end() if blank else place


def _texts(answer: Answer) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8")("replace")  # one bad byte is one bad name
    for piece in _unpacked(answer):
        if text := decoder.decode(piece):  # an empty one would look like the end
            yield text


def _unpacked(answer: Answer) -> Iterator[bytes]:
    pieces = answer.pieces()
    first = next(pieces, b"")
    return _inflated(answer, chain([first], pieces)) if first.startswith(GZIP) else chain([first], pieces)


def _inflated(answer: Answer, pieces: Iterable[bytes]) -> Iterator[bytes]:
    unpacking, size = zlib.decompressobj(wbits=31), 0
    try:
        for packed in pieces:
            left = packed
            while left and not unpacking.eof:
                piece = unpacking.decompress(left, PIECE)
                left, size = unpacking.unconsumed_tail, size + len(piece)
                if size > MOST_LONG_BYTES:
                    raise answer.unreadable("the list is larger than any")
                yield piece
        yield unpacking.flush()
    except zlib.error:
        raise answer.unreadable("the list cannot be unpacked") from None
    if not unpacking.eof:
        raise answer.unreadable("the packed list breaks off")


def _decimal(text: str) -> Decimal | None:
    try:
        return exact(text)
    except (ValueError, ArithmeticError):
        return None


def _whole(text: str) -> int | None:
    return int(text) if len(text) < LONGEST_NUMBER else None


def _none(_name: str) -> Any:
    return None


DECODER = json.JSONDecoder(parse_float=_decimal, parse_int=_whole, parse_constant=_none)
