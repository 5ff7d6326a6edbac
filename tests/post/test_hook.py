"""A webhook is told once, signed, and followed nowhere; what else it answers is put into one of three words."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator

import pytest

from service.post import PostBusy, PostRefused, PostTrouble, PostUnreachable, hook
from tests.post.certificate import certified
from tests.post.doors import Doorbell, doorbell
from tests.shop_items import NOON

HOSTS = r"[a-z]+\.example\.com"


@pytest.fixture
def bell() -> Iterator[Doorbell]:
    with doorbell() as served:
        yield served


def post(bell: Doorbell) -> None:
    hook.post(bell.url, {"alarms": ["č"]}, secret="s", hosts=bell.hosts, now=NOON)


def test_it_hears_json_and_can_prove_who_spoke(bell) -> None:
    post(bell)

    [(body, headers)] = bell.heard
    stamp, _, mac = headers[hook.SIGNATURE].partition(",v1=")
    signed = stamp.removeprefix("t=").encode() + b"." + body
    assert json.loads(body) == {"alarms": ["č"]}
    assert mac == hmac.new(b"s", signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("status", "word", "unclear"),
    [
        (301, PostRefused, False),
        (401, PostRefused, False),
        (404, PostRefused, False),
        (429, PostBusy, False),
        (503, PostBusy, False),
        (500, PostUnreachable, True),
        (0, PostUnreachable, True),
    ],
)
def test_a_bad_answer_is_a_word(bell, status, word, unclear) -> None:
    bell.status, bell.headers = status, {"Location": "https://evil.example.org/"}
    with pytest.raises(PostTrouble) as raised:
        post(bell)

    assert (type(raised.value), raised.value.unclear, len(bell.heard)) == (word, unclear, 1)


def test_nobody_there_is_unreachable_and_clear(bell) -> None:
    with doorbell() as gone:
        pass
    with pytest.raises(PostUnreachable) as raised:
        post(gone)

    assert not raised.value.unclear


@pytest.mark.parametrize("https", [False, True])
def test_who_drips_is_cut_off(tmp_path, https) -> None:
    ends = certified(tmp_path)
    with doorbell(drips=True, encrypts=ends.server if https else None) as bell:
        outcome: list[PostTrouble] = []

        def try_it() -> None:
            try:
                hook.post(bell.url, {}, secret="s", hosts=bell.hosts, now=NOON, whole_s=0.5, trust=ends.client)
            except PostTrouble as found:
                outcome.append(found)

        trying = threading.Thread(target=try_it, daemon=True)
        trying.start()
        trying.join(5)

        assert not trying.is_alive()
        assert [(type(found), found.unclear) for found in outcome] == [(PostUnreachable, True)]
        assert len(bell.heard) == 1


def test_only_those_are_told_who_can_prove_who_they_are(tmp_path) -> None:
    ends = certified(tmp_path)
    with doorbell(encrypts=ends.server) as bell:
        hook.post(bell.url, {}, secret="s", hosts=bell.hosts, now=NOON, trust=ends.client)
        assert len(bell.heard) == 1

        with pytest.raises(PostUnreachable) as raised:
            post(bell)
        assert (raised.value.unclear, len(bell.heard)) == (False, 1)


@pytest.mark.parametrize("host", ["xn--a.example.com", "xn--.example.com", "a" * 64 + ".example.com", "a..example.com"])
def test_a_host_that_cannot_be_called_is_refused(host) -> None:
    with pytest.raises(PostRefused):
        hook.post(f"https://{host}/", {}, secret="s", hosts=".*", now=NOON)


def test_a_path_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(PostRefused):
        hook.post("https://hooks.example.com/\x01", {}, secret="s", hosts=HOSTS, now=NOON)


def test_only_named_hosts_are_told_and_only_by_https() -> None:
    assert hook.allowed("https://hooks.example.com/a?b=c", HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://example.org/",
        "https://hooks.example.com.evil.example.org/",
        "https://hooks.example.com:8443/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#x",
        "https://hooks.exämple.com/",
        "https:///path",
        "https://[bad/",
        "ftp://hooks.example.com/",
        "",
    ],
)
def test_other_addresses_are_not(url) -> None:
    with pytest.raises(PostRefused) as raised:
        hook.allowed(url, HOSTS)

    assert "secret" not in raised.value.why


def test_without_the_setting_nobody_is() -> None:
    with pytest.raises(PostRefused, match="ALARM_HOSTS"):
        hook.allowed("https://hooks.example.com/", None)
