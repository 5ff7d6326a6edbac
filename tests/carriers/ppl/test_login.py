"""One token for all: kept, renewed before it ends, and never asked for in a storm."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from tests.carriers.ppl.world import CREATED, TO_POINT, Reply, Watch, Wire, parcel, ppl, told

OK = told([])
ONE = [parcel("70990012345")]


def tokens(*values):
    left = list(values)
    return lambda: told({"access_token": left.pop(0), "expires_in": 1800})


def sent(wire: Wire) -> list[str]:
    return [call.headers["Authorization"] for _, call in wire.calls]


def test_a_token_is_kept_while_it_lasts() -> None:
    wire, watch = Wire(OK, OK, OK, token=tokens("one", "two")), Watch()
    carrier = ppl(wire, watch)

    carrier.track(ONE)
    watch.pass_by(1700)
    carrier.track(ONE)
    watch.pass_by(60)
    carrier.track(ONE)

    assert sent(wire) == ["Bearer one", "Bearer one", "Bearer two"]


@pytest.mark.parametrize(("life", "asked"), [(None, 1), ("1800", 1), (-5, 1), (True, 1), (10**9, 1), (30, 2)])
def test_a_token_of_an_odd_life_lasts_as_documented(life: object, asked: int) -> None:
    wire, watch = Wire(OK, OK, token=lambda: told({"access_token": "one", "expires_in": life})), Watch()
    carrier = ppl(wire, watch)

    carrier.track(ONE)
    watch.pass_by(20)
    carrier.track(ONE)

    assert len(wire.logins) == asked


def test_a_token_refused_before_its_time_is_renewed_once() -> None:
    wire, watch = Wire(OK, Reply(401), CREATED, token=tokens("one", "two")), Watch()
    carrier = ppl(wire, watch)
    carrier.track(ONE)
    watch.pass_by(300)

    carrier.book([TO_POINT])

    assert sent(wire) == ["Bearer one", "Bearer one", "Bearer two"]


def test_a_young_token_that_is_refused_is_a_matter_of_the_login() -> None:
    wire = Wire(Reply(401), token=tokens("one"))

    with pytest.raises(CarrierRefused) as refused:
        ppl(wire).book([TO_POINT])

    assert refused.value.kind is Kind.LOGIN


def test_two_refusals_in_a_row_are_no_storm_of_logins() -> None:
    wire, watch = Wire(OK, Reply(401), Reply(401), Reply(401), token=tokens("one", "two")), Watch()
    carrier = ppl(wire, watch)
    carrier.track(ONE)
    watch.pass_by(300)

    for _ in range(2):
        with pytest.raises(CarrierRefused):
            carrier.track(ONE)

    assert len(wire.logins) == 2


def test_threads_share_one_token() -> None:
    wire = Wire(*[OK] * 8)
    carrier, together = ppl(wire), Barrier(8)

    def track(_: int) -> None:
        together.wait()
        carrier.track(ONE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(track, range(8)))

    assert len(wire.logins) == 1
    assert len(wire.calls) == 8


@pytest.mark.parametrize("status", [400, 401, 403])
def test_wrong_credentials_are_said_to_be_that(status: int) -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(token=lambda: told({"error": "invalid_client"}, status))).test()

    assert refused.value.kind is Kind.LOGIN


def test_too_many_logins_are_put_off_and_nothing_was_done() -> None:
    with pytest.raises(CarrierBusy):
        ppl(Wire(token=lambda: Reply(429))).book([TO_POINT])


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"access_token": null}', b'{"access_token": 7}', b'{"access_token": "a\\nb"}']
)
def test_a_login_without_a_token_made_no_parcel(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        ppl(Wire(token=lambda: Reply(200, body))).book([TO_POINT])

    assert not lost.value.unclear


def test_a_test_of_the_login_takes_no_old_token_for_proof() -> None:
    wire = Wire(OK, OK, token=tokens("one", "two"))
    carrier = ppl(wire)
    carrier.track(ONE)

    carrier.test()

    assert sent(wire) == ["Bearer one", "Bearer two"]


def test_an_adapter_shows_no_token() -> None:
    carrier = ppl(Wire(OK))
    carrier.track(ONE)

    assert "tok-1" not in repr(carrier) + repr(vars(carrier)) + repr(vars(carrier._login))
