"""Send one call to a carrier and say in three words how it failed; nothing is repeated here.

A call that makes something may have made it whenever its answer is lost or cannot be read. Only a connection that was
never opened proves that nothing was done.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import Any, TypeAlias, cast

import httpx

from carriers import line
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind

TIMEOUT_S = 20.0
CONNECT_S = 5.0
LONG_S = 300.0  # a whole list of points, however it comes in
MOST_BYTES = 64 * 2**20
LONG_BYTES = 2**20  # up to here a long answer is kept as it is
MOST_LONG_BYTES = 2**29  # unpacked; 100,000 points of Packeta's are 83 MB
PIECE = 2**16
LONGEST_WAIT_S = 86_400.0
MOST_DIGITS = 400  # before or behind the point: what a binary float holds, and more
REFUSALS = {
    400: (Kind.CONTENT, "the carrier cannot read this request"),
    401: (Kind.LOGIN, "the login is wrong"),
    403: (Kind.ACCOUNT, "the account has no right to that"),
    404: (Kind.UNKNOWN, "there is no such thing"),
    409: (Kind.DUPLICATE, "it was done before"),
    410: (Kind.UNKNOWN, "there is no such thing any more"),
    413: (Kind.CONTENT, "the request is too large"),
    415: (Kind.CONTENT, "the carrier cannot read this request"),
    422: (Kind.CONTENT, "the carrier cannot read this request"),
}
SERVERS_FAULT = 500  # from here on a status says that the carrier is ill, whatever it was asked
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Json: TypeAlias = Any  # of the outside, until a reader has looked at it


@dataclass(frozen=True)
class Call:
    """One request; `makes`: asking twice would do something twice. All but the method may hold secrets.

    `long`: the answer may be a list of 10⁵ rows; it is read by `pieces`. `timeout_s`: how long one may wait for any of
    the answer; `whole_s`: for all of it.
    """

    method: str
    url: str = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)
    makes: bool = False
    timeout_s: float = TIMEOUT_S
    long: bool = False

    @property
    def whole_s(self) -> float:
        """Return how many seconds the whole call takes at most, however its answer drips."""
        return LONG_S if self.long else CONNECT_S + self.timeout_s


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status; header names are lower case.

    A good answer to a `long` call that is long is kept `packed`, and its body is empty: a list of 83 MB is 5 MB then.
    It stays in memory, for a container's folder of temporary files is memory too, and it is all there before the first
    row is read, so that whoever reads it may take his time.
    """

    carrier: str
    operation: str
    makes: bool
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    packed: tuple[bytes, ...] = field(default=(), repr=False)

    def pieces(self) -> Iterator[bytes]:
        """Yield the body piece by piece, as often as it is asked for; no piece is empty."""
        for place in range(0, len(self.body), PIECE):
            yield self.body[place : place + PIECE]
        unpacking = zlib.decompressobj()
        for packed in self.packed:
            left = packed
            while left:
                if piece := unpacking.decompress(left, PIECE):
                    yield piece
                left = unpacking.unconsumed_tail
        if piece := unpacking.flush():
            yield piece

    def whole(self) -> bytes:
        """Return the body in one piece; raise CarrierUnreachable for one that is too long for that."""
        return self.body if not self.packed else b"".join(_bounded(self.pieces(), MOST_BYTES, self._too_long()))

    def _too_long(self) -> CarrierUnreachable:
        return self.unreadable(f"the answer has more than {MOST_BYTES} bytes and is no list")

    def unreadable(self, why: str, *, said: str = "", code: str = "") -> CarrierUnreachable:
        """Return the error for an answer that cannot be read: what was to be made may have been made.

        `said` and `code` are the carrier's own; `why` must hold no word of its.
        """
        answered = self.status < SERVERS_FAULT
        return CarrierUnreachable(
            self.carrier, self.operation, why, unclear=self.makes, answered=answered, said=said, code=code
        )

    def refused(self, why: str, *, kind: Kind, code: str = "") -> CarrierRefused:
        """Return a refusal of the call as a whole."""
        return CarrierRefused(self.carrier, self.operation, why, kind=kind, code=code)

    def json(self) -> Json:
        """Return the body as JSON, numbers with a point as Decimal; raise CarrierUnreachable where it is none.

        A number nothing can reckon with, as `1e9999999`, is none either: one reader or another would overflow at it.
        """
        try:
            return json.loads(self.whole(), parse_float=exact, parse_constant=_no_number)
        except (ValueError, ArithmeticError, RecursionError):
            kind = "HTML" if self.body.lstrip()[:1] == b"<" else "no JSON, or breaks off"
            raise self.unreadable(f"the answer is {kind} ({len(self.body)} bytes)") from None

    def expect_ok(self) -> "Answer":
        """Return this answer if its status says that it was done; else raise what the status means."""
        if 200 <= self.status < 300:
            return self
        raise self.trouble()

    def trouble(self) -> CarrierRefused | CarrierBusy | CarrierUnreachable:
        """Return what a status other than 2xx means, where the carrier's own words say no more."""
        if self.status == 429 or (self.status == 503 and (self.wait_s() is not None or not self.makes)):
            return CarrierBusy(self.carrier, self.operation, f"busy ({self.status})", wait_s=self.wait_s())
        if meaning := REFUSALS.get(self.status):
            kind, why = meaning
            return self.refused(f"{why} ({self.status})", kind=kind, code=str(self.status))
        return self.unreadable(f"the carrier answered {self.status}")

    def wait_s(self) -> float | None:
        """Return what `Retry-After` asks for, in seconds or as a date; None where it says nothing that can be kept."""
        said = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}", said):
            return min(float(said), LONGEST_WAIT_S)
        try:
            until = parsedate_to_datetime(said)
        except (ValueError, OverflowError):
            return None
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max((aware - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT_S)


def written(value: Json, number: Callable[[Decimal], str] = "{:f}".format) -> str:
    """Return compact JSON in which a Decimal is the `number` it is: the library would want a binary float."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Json]", value)
        return "{" + ",".join(f"{json.dumps(name)}:{written(one, number)}" for name, one in fields.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(one, number) for one in cast("list[Json]", value)) + "]"
    return number(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def whole(value: Json) -> int | None:
    """Return a whole number that came as one, as digits or with a point; None: it is none, or absurdly large."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value.strip()):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if not -(10**19) < value < 10**19:
        return None
    return int(value) if value == int(value) else None


def exact(said: str) -> Decimal:
    """Return a number with a point; raise ValueError or ArithmeticError for what nothing can reckon with."""
    number = Decimal(said)
    if abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError("it is absurdly large, or small")
    return number


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


Send: TypeAlias = Callable[[str, str, Call], Answer]
"""(carrier, operation, call): makes the call once."""


def sender(client: httpx.Client) -> Send:
    """Return the thin sender of a client that follows no redirects."""

    def send(carrier: str, operation: str, call: Call) -> Answer:
        try:
            with line.within(call.whole_s), _opened(client, call) as answer:
                body, packed = _kept(answer, is_long=call.long and answer.is_success)
        except NEVER_SENT as lost:
            why = f"no connection ({type(lost).__name__})"
            raise CarrierUnreachable(carrier, operation, why, unclear=False) from None
        except (httpx.HTTPError, httpx.InvalidURL, _TooMuch) as lost:
            why = f"the answer got lost ({type(lost).__name__})"
            raise CarrierUnreachable(carrier, operation, why, unclear=call.makes) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(carrier, operation, call.makes, answer.status_code, headers, body, packed)

    return send


def _opened(client: httpx.Client, call: Call) -> Any:
    soon_s = min(CONNECT_S, call.timeout_s)
    return client.stream(
        call.method,
        call.url,
        params=list(call.query) or None,
        headers=dict(call.headers),
        content=call.body,
        timeout=httpx.Timeout(call.timeout_s, connect=soon_s, pool=soon_s),
        follow_redirects=False,
    )


class _TooMuch(Exception):
    """An answer larger than any label or list of points, or slower."""


def _kept(answer: httpx.Response, *, is_long: bool) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the body as it is, or, of a long one, nothing and the body packed."""
    if not is_long:
        return b"".join(_bounded(answer.iter_bytes(), MOST_BYTES, _TooMuch())), ()
    pieces, begin = _bounded(answer.iter_bytes(PIECE), MOST_LONG_BYTES, _TooMuch()), bytearray()
    while len(begin) <= LONG_BYTES:
        if (piece := next(pieces, None)) is None:
            return bytes(begin), ()
        begin += piece
    return b"", tuple(_bounded(_packed(chain([bytes(begin)], pieces)), MOST_BYTES, _TooMuch()))


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packing = zlib.compressobj(1)
    for piece in pieces:
        yield packing.compress(piece)
    yield packing.flush()


def _bounded(pieces: Iterable[bytes], most: int, too_long: Exception) -> Iterator[bytes]:
    """Yield pieces that are not empty, until they are too many, or come too late for the call in hand."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most or not line.left_s():
            raise too_long
        if piece:
            yield piece
