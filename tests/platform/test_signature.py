"""A call is the platform's when its signature fits the key the platform serves now."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.platform.signature import FETCH_S, KEPT_S, SPACING_S, KeySource, KeyUnknown, SignatureWrong, verify
from tests.lifecycle import KeyHost, Watch, signed

URL = "https://files.example.com/api.signature.pub.key"
VALUES = ("shop-1", "2026-03-01T12:00:00+01:00", "secret")


@pytest.fixture
def host():
    host = KeyHost()
    yield host
    host.released.set()


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def keys(host, watch):
    return KeySource(URL, transport=host.transport, monotonic=watch.monotonic)


def test_a_signature_over_the_values_in_their_order_fits(keys) -> None:
    assert verify(keys, signed(*VALUES), [VALUES])


@pytest.mark.parametrize(
    "signature",
    ["", "not base64 ***", "AAAA", signed(*VALUES, key=1), signed(*VALUES[::-1]), signed(*VALUES) + "AA", "é"],
)
def test_any_other_signature_is_wrong(keys, signature) -> None:
    with pytest.raises(SignatureWrong):
        verify(keys, signature, [VALUES])


def test_the_first_candidate_that_fits_is_enough(keys) -> None:
    assert verify(keys, signed("a", "b"), [VALUES, ("a", "b")])


def test_one_signature_has_one_digest_however_its_base64_is_spelled(keys) -> None:
    signature = signed(*VALUES)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = len(signature.rstrip("=")) - 1
    respelled = signature[:at] + letters[letters.index(signature[at]) ^ 1] + signature[at + 1 :]

    assert respelled != signature
    assert verify(keys, respelled, [VALUES]) == verify(keys, signature, [VALUES])


def test_the_key_is_fetched_for_each_call_but_not_more_often_than_its_spacing(keys, host, watch) -> None:
    keys.current()
    watch.pass_s(SPACING_S - 0.1)
    keys.current()
    assert len(host.asked) == 1

    watch.pass_s(0.1)
    keys.current()
    assert len(host.asked) == 2
    assert host.asked[0].headers["Cache-Control"] == "no-cache"


def test_a_key_that_was_exchanged_is_known_with_the_next_fetch(keys, host, watch) -> None:
    verify(keys, signed(*VALUES), [VALUES])
    host.key = 1
    watch.pass_s(SPACING_S)

    assert verify(keys, signed(*VALUES, key=1), [VALUES])
    with pytest.raises(SignatureWrong):
        verify(keys, signed(*VALUES, key=0), [VALUES])


def test_a_key_out_of_date_is_asked_for_once_more_before_a_call_is_refused(host) -> None:
    moments = iter([0, 0, 0, SPACING_S - 0.1, SPACING_S - 0.1, SPACING_S - 0.1, *[SPACING_S] * 9])
    keys = KeySource(URL, transport=host.transport, monotonic=lambda: next(moments))
    keys.current()
    host.key = 1

    assert verify(keys, signed(*VALUES, key=1), [VALUES])
    assert len(host.asked) == 2


@pytest.mark.parametrize("mode", ["down", "silly"])
def test_the_last_good_key_serves_while_the_host_does_not(keys, host, watch, mode) -> None:
    keys.current()
    host.mode = mode
    watch.pass_s(KEPT_S - 1)

    assert verify(keys, signed(*VALUES), [VALUES])


def test_the_last_good_key_is_not_kept_for_good(keys, host, watch) -> None:
    keys.current()
    host.mode = "down"
    watch.pass_s(KEPT_S + 1)

    with pytest.raises(KeyUnknown):
        keys.current()


@pytest.mark.parametrize("mode", ["down", "silly"])
def test_without_any_key_nothing_is_believed(keys, host, mode) -> None:
    host.mode = mode

    with pytest.raises(KeyUnknown):
        verify(keys, signed(*VALUES), [VALUES])


def test_a_host_that_hangs_is_not_waited_for_beyond_the_deadline(host, watch) -> None:
    keys = KeySource(URL, transport=host.transport, monotonic=watch.monotonic)
    host.mode = "hanging"

    with pytest.raises(KeyUnknown):
        keys.current()
    watch.pass_s(FETCH_S)
    with pytest.raises(KeyUnknown):
        keys.current()

    assert len(host.asked) == 1


def test_many_that_ask_at_once_share_one_fetch(keys, host) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: keys.current(), range(10)))

    assert len({id(key) for key in found}) == 1
    assert len(host.asked) == 1
