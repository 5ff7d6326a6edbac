"""How a call to a carrier may end, and whether anything may have been made by it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import httpx
import pytest

from carriers import wire
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.wire import Answer, Call

MAKES = Call("POST", "http://carrier.test/secret/parcels", headers={"Authorization": "secret"}, body=b"{}", makes=True)
READS = Call("GET", "http://carrier.test/parcels")


def sent(call: Call, reply) -> Answer:
    with httpx.Client(transport=httpx.MockTransport(reply)) as client:
        return wire.sender(client)("packeta", "book", call)


def fails(error: type[Exception]):
    def reply(request: httpx.Request) -> httpx.Response:
        raise error("why", request=request)

    return reply


def answering(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    return Answer("packeta", "book", makes=True, status=status, headers=headers, body=body)


def test_an_answer_comes_back_whole_whatever_its_status() -> None:
    answer = sent(MAKES, lambda request: httpx.Response(418, headers={"X-Y": "z"}, content=request.content))

    assert (answer.status, answer.headers["x-y"], answer.body) == (418, "z", b"{}")


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_without_a_connection_nothing_was_made(error: type[Exception]) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        sent(MAKES, fails(error))

    assert not lost.value.unclear


@pytest.mark.parametrize(("call", "unclear"), [(MAKES, True), (READS, False)])
@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError])
def test_an_answer_that_is_lost_leaves_unclear_what_was_to_be_made(error, call: Call, unclear: bool) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        sent(call, fails(error))

    assert lost.value.unclear is unclear


def test_a_redirect_is_not_followed_with_our_login() -> None:
    answer = sent(MAKES, lambda _: httpx.Response(302, headers={"Location": "http://elsewhere.test"}))

    assert answer.status == 302
    assert answer.trouble().unclear


def test_an_answer_without_an_end_is_not_read_for_ever() -> None:
    def endless(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Endless())

    with pytest.raises(CarrierUnreachable):
        sent(READS, endless)


class Endless(httpx.SyncByteStream):
    def __iter__(self):
        while True:
            yield bytes(2**20)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Kind.CONTENT), (401, Kind.LOGIN), (403, Kind.ACCOUNT), (404, Kind.UNKNOWN), (409, Kind.DUPLICATE)],
)
def test_a_refusal_says_what_somebody_must_do(status: int, kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as refusal:
        answering(status).expect_ok()

    assert refusal.value.kind is kind


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999999", 86_400.0),
        ("", None),
        ("soon", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_a_busy_carrier_may_say_when(said: str, wait_s: float | None) -> None:
    trouble = answering(429, **{"retry-after": said}).trouble()

    assert isinstance(trouble, CarrierBusy)
    assert trouble.wait_s == wait_s


@pytest.mark.parametrize("away", [timedelta(minutes=5), timedelta(days=-400), timedelta(days=3_650)])
def test_a_date_to_wait_for_is_kept_within_a_day(away: timedelta) -> None:
    wait_s = answering(429, **{"retry-after": format_datetime(datetime.now(UTC) + away)}).wait_s()

    assert wait_s is not None
    assert 0 <= wait_s <= 86_400


@pytest.mark.parametrize(("status", "headers"), [(500, {}), (502, {}), (503, {}), (504, {}), (302, {})])
def test_a_broken_carrier_may_have_made_it(status: int, headers: dict[str, str]) -> None:
    trouble = answering(status, **headers).trouble()

    assert isinstance(trouble, CarrierUnreachable)
    assert trouble.unclear


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{",
        b'{"a": NaN}',
        b"[1e9999999]",
        b"[-1e-9999999]",
        b"[1e99999999999999999999]",
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_json_is_unclear(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        answering(body=body).json()

    assert lost.value.unclear


def test_whether_an_answer_came_is_told_from_what_became_of_it() -> None:
    """`answered`: the carrier did not fall silent, nor say itself that it is ill."""
    lost: list[CarrierUnreachable] = []
    for deed in (answering(body=b"<html>").json, answering(502).expect_ok, lambda: sent(READS, fails(httpx.ReadError))):
        with pytest.raises(CarrierUnreachable) as one:
            deed()
        lost.append(one.value)

    assert [one.answered for one in lost] == [True, False, False]


def test_what_a_carrier_says_can_be_written_down_anywhere() -> None:
    refusal = answering(401).refused("No\0 \ud800", kind=Kind.LOGIN, code="E\0")

    assert (str(refusal), refusal.why, refusal.code) == ("packeta, book: No\ufffd ?", "No\ufffd ?", "E\ufffd")


def test_numbers_of_json_are_exact() -> None:
    assert answering(body=b'{"cod": 1290.10, "id": 12345678901234567890}').json() == {
        "cod": Decimal("1290.10"),
        "id": 12345678901234567890,
    }


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (Decimal("7.0"), 7),
        (Decimal("7.5"), None),
        (Decimal("-1e400"), None),
        (Decimal("1e9999999"), None),
        (10**19, None),
    ],
)
def test_a_whole_number_is_read_or_it_is_none(said: object, number: int | None) -> None:
    assert wire.whole(said) == number


def test_no_secret_is_shown() -> None:
    shown = repr(MAKES) + repr(answering(body=b"secret"))

    assert "secret" not in shown
