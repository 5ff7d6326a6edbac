"""Česká pošta's stand-in: its signatures, byte for byte (carriers.md 5.1)."""

import base64

import pytest

from tests.simulator.carriers.posta_client import EXAMPLE, Posta, posta

OK = {"responseCode": 1, "responseText": "OK"}


@pytest.fixture
def it() -> Posta:
    return posta()


def signed(it: Posta, *, key: str | None = None, age_s: int = 0) -> dict[str, str | None]:
    return {**it.signed(EXAMPLE.encode(), key=key, age_s=age_s)}


@pytest.mark.parametrize("age_s", [0, 60])
def test_a_signature_is_good_for_a_minute(it: Posta, age_s: int) -> None:
    it.headers = signed(it, age_s=age_s)

    assert it.post("/parcelService", EXAMPLE.encode()).status_code == 200


@pytest.mark.parametrize("age_s", [-1, 61])
def test_a_signature_of_the_future_or_older_is_refused(it: Posta, age_s: int) -> None:
    it.headers = signed(it, age_s=age_s)

    assert it.post("/parcelService", EXAMPLE.encode()).status_code == 401


def test_the_comma_of_the_signature_may_be_a_space_or_both(it: Posta) -> None:
    right = it.signed(b"")["Authorization"]
    answers: list[int] = []
    for between in ('" signature', '", signature', '";signature', '"  signature', "signature"):
        it.headers = {"Authorization": right.replace('",signature', between)}
        answers.append(it.send("GET", "/location/idContract/356000000").status_code)

    assert answers == [200, 200, 401, 401, 401]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Api-Token", None),
        ("Api-Token", "0f8b2c9e-53a1-4d0e-9b57-2d7c6a1e4f30"),
        ("Authorization", None),
        ("Authorization", "CP-HMAC-SHA256 {nonce},{signature}x"),
        ("Authorization", "cp-hmac-sha256 {nonce},{signature}"),
        ("Authorization", "{nonce},{signature}"),
        ("Authorization", '"nonce="1",{signature}'),
        ("Authorization-Timestamp", None),
        ("Authorization-Timestamp", "{stamp}.0"),
        ("Authorization-Timestamp", "{stamp}000"),
        ("Authorization-Content-SHA256", None),
        ("Authorization-Content-SHA256", ""),
        ("Authorization-Content-SHA256", "{sha}"),
    ],
)
def test_another_header_is_refused_as_an_array(it: Posta, name: str, value: str | None) -> None:
    right = it.signed(EXAMPLE.encode())
    nonce, _, signature = right["Authorization"].removeprefix("CP-HMAC-SHA256 ").partition(",")
    sha, stamp = right["Authorization-Content-SHA256"].upper(), right["Authorization-Timestamp"]
    it.headers = {name: value and value.format(nonce=nonce, signature=signature, sha=sha, stamp=stamp)}

    answer = it.post("/parcelService", EXAMPLE.encode())

    assert answer.status_code == 401
    (told,) = answer.json()
    assert sorted(told) == sorted(["x-request-id", "code", "status", "message", "moreInfo", "date"])
    assert not it.yard.world.parcels


def test_a_key_that_was_decoded_signs_nothing(it: Posta) -> None:
    decoded = base64.b64decode(it.login["secret_key"]).decode("latin-1")
    it.headers = signed(it, key=decoded)

    assert it.post("/parcelService", EXAMPLE.encode()).status_code == 401


def test_a_body_that_is_not_the_hashed_one_is_refused(it: Posta) -> None:
    it.headers = signed(it)

    assert it.post("/parcelService", EXAMPLE.encode() + b" ").status_code == 401


def test_a_call_without_a_body_has_no_hash_at_all(it: Posta) -> None:
    answers: list[int] = []
    for value in ("", None, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"):
        it.headers = {"Authorization-Content-SHA256": value}
        answers.append(it.send("GET", "/location/idContract/356000000").status_code)

    assert answers == [200, 200, 401]


def test_a_late_call_had_arrived_in_time(it: Posta) -> None:
    it.yard.world.faults.add("late", seconds=90)
    with pytest.raises(Exception, match="closed"):
        it.post("/parcelService", EXAMPLE.encode())
    assert not it.yard.world.parcels
    it.yard.go(seconds=91)

    assert list(it.yard.world.parcels) == ["NB5847769990L"]
    assert it.yard.world.ledger[-1].late
