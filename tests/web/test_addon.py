"""The four doors believe the platform and nobody else, and say clearly what they will not take."""

import json
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
from starlette.applications import Starlette

from service.web import addon
from tests.asgi import Client
from tests.lifecycle import API_URL, bench, signed


@pytest.fixture
def shop(database, tmp_path):
    with bench(database.url, tmp_path) as made:
        yield made


@pytest.fixture
def client(shop):
    return Client(Starlette(routes=addon.routes(shop.rig, monotonic=shop.watch.monotonic)))


def tenants_of(shop):
    return shop.one("SELECT count(*) AS n FROM tenants")["n"]


def state_of(shop):
    return shop.one("SELECT state, api_url, generation FROM tenants")


def test_an_installation_is_answered_as_documented(shop, client) -> None:
    answer = client.post("/addon/install", json=shop.install_body())

    assert (answer.status_code, answer.json()) == (200, {"error": False})
    assert state_of(shop)["api_url"] == API_URL


def test_a_version_is_a_number_or_text_and_unknown_fields_are_let_through(shop, client) -> None:
    for version in (0, "", "2", 3, 1.5, None):
        body = shop.install_body(version=version, something_new={"x": [1]}, signature="legacy")

        assert client.post("/addon/install", json=body).status_code == 200


def test_ten_installations_at_once_are_one_tenant(shop, client) -> None:
    bodies = [shop.install_body(version=number) for number in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda body: client.post("/addon/install", json=body).status_code, bodies))

    assert answers == [200] * 10
    assert tenants_of(shop) == 1
    assert len(shop.keys.asked) == 1


def test_what_is_wrong_with_a_signature_looks_the_same_from_outside(shop, client) -> None:
    good = shop.install_body()
    late = shop.install_body(time="2026-03-01T11:49:59+00:00")
    early = shop.install_body(time="2026-03-02T12:00:01+00:00")
    wrong = [
        good | {"signature_v2": "AAAA"},
        good | {"signature_v2": ""},
        {name: value for name, value in good.items() if name != "signature_v2"},
        good | {"apiKey": "swapped"},
        shop.install_body(secret="not-the-secret"),
        shop.install_body(key=1),
        late,
        early,
        shop.install_body(time="yesterday, about noon"),
        shop.install_body(time="0001-01-01T00:00:00+14:00"),
    ]

    answers = [client.post("/addon/install", json=body) for body in wrong]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert tenants_of(shop) == 0


@pytest.mark.parametrize("time", ["2026-03-01T11:50:00Z", "2026-03-02T13:00:00+01:00", "2026-03-01T13:00:00"])
def test_a_time_may_be_the_moment_of_signing_or_of_expiry(shop, client, time) -> None:
    assert client.post("/addon/install", json=shop.install_body(time=time)).status_code == 200


@pytest.mark.parametrize("door", ["install", "open", "uninstall", "version"])
def test_a_body_that_is_no_object_of_json_is_malformed(shop, client, door) -> None:
    bodies = [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"token": ',
        b"NaN",
        b'{"a":"\\ud800"}',
    ]

    answers = [client.post(f"/addon/{door}", content=content) for content in bodies]

    assert {(answer.status_code, answer.headers["content-type"]) for answer in answers} == {
        (400, "application/problem+json")
    }


@pytest.mark.parametrize("field", ["token", "apiUser", "apiKey", "apiUrl", "time"])
def test_a_field_of_a_wrong_type_is_named(shop, client, field) -> None:
    for value in (None, 7, True, [], {}, "", "x" * 1001, "nul\x00"):
        answer = client.post("/addon/install", json=shop.install_body() | {field: value})

        assert answer.status_code == 400
        assert field in answer.json()["fields"]
    assert tenants_of(shop) == 0


def test_a_version_of_a_wrong_type_is_named(shop, client) -> None:
    for version in ([], {}, "v" * 41, True):
        answer = client.post("/addon/install", json=shop.install_body() | {"version": version})

        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["version"])


FOREIGN = [
    "https://api.example.org/api/v2",
    "http://shop.admin.s5.upgates.com/api/v2",
    "https://shop.admin.s5.upgates.com.example.org/api/v2",
    "https://shop.admin.s5.upgates.com@example.org/api/v2",
    "https://shop.admin.s5.upgates.com/api/v1",
    "ftp://[",
]


@pytest.mark.parametrize("door", ["install", "version"])
def test_credentials_for_a_foreign_host_are_refused_though_signed(shop, client, door) -> None:
    answers = [client.post(f"/addon/{door}", json=shop.install_body(apiUrl=url)) for url in FOREIGN]

    assert [answer.status_code for answer in answers] == [400] * len(FOREIGN)
    assert all("apiUrl" in answer.json()["fields"] for answer in answers)
    assert tenants_of(shop) == 0


@pytest.mark.parametrize("size", [70_000, 20 * 2**20])
def test_a_body_that_is_too_large_is_refused(shop, client, size) -> None:
    content = json.dumps(shop.install_body() | {"more": "x" * size})

    doors = ["install", "open", "uninstall", "version"]
    assert [client.post(f"/addon/{door}", content=content).status_code for door in doors] == [413] * 4
    assert tenants_of(shop) == 0


def test_the_doors_take_nothing_but_post(client) -> None:
    assert [client.get(f"/addon/{door}").status_code for door in ("install", "open", "uninstall", "version")] == [
        405
    ] * 4


def test_values_cannot_be_cut_in_another_way_under_one_signature(shop, client) -> None:
    signature = signed("shop-1;addon-7", "key", API_URL, shop.stamp(), "the-signature-token")
    body = shop.install_body() | {"token": "shop-1;addon-7", "signature_v2": signature}

    assert client.post("/addon/open", json=body).status_code == 400


def test_a_signature_is_good_at_one_door(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())
    body = shop.short_body()
    assert client.post("/addon/open", json=body).status_code == 200

    assert client.post("/addon/uninstall", json=body).status_code == 401
    assert client.post("/addon/version", json=body).status_code == 401
    assert state_of(shop)["state"] == "active"


def test_a_call_older_than_the_last_one_is_refused(shop, client) -> None:
    old_install, old_farewell = shop.install_body(), shop.short_body()
    shop.watch.pass_s(30)
    client.post("/addon/install", json=shop.install_body(apiKey="newer"))

    assert client.post("/addon/install", json=old_install).status_code == 401
    assert client.post("/addon/uninstall", json=old_farewell).status_code == 401
    assert state_of(shop)["state"] == "active"


def test_an_uninstallation_is_fine_for_a_shop_that_is_known_gone_or_unknown(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())
    answers = []
    for token in ("shop-1", "shop-1", "nobody"):
        shop.watch.pass_s(1)
        answers.append(client.post("/addon/uninstall", json=shop.short_body(token)).status_code)

    assert answers == [200, 200, 200]
    assert state_of(shop)["state"] == "dismissed"


def test_an_opening_answers_with_a_ticket_for_the_admins_frame(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())

    answer = client.post("/addon/open", json=shop.short_body()).json()

    assert answer["type"] == "iframe"
    assert answer["url"].startswith("https://expedition.example.com/panel/enter/t_")


def test_an_opening_may_come_twice_within_one_second(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())
    body = shop.short_body()

    assert [client.post("/addon/open", json=body).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("door", ["open", "version"])
def test_a_shop_that_is_not_with_us_is_not_found(shop, client, door) -> None:
    assert client.post(f"/addon/{door}", json=shop.short_body("nobody")).status_code == 404


@pytest.mark.parametrize("names", [("token", "time"), ("token", "version", "time")])
def test_a_version_change_is_believed_in_each_likely_form(shop, client, names) -> None:
    client.post("/addon/install", json=shop.install_body())
    body = {"token": "shop-1", "version": 7, "time": shop.stamp()}
    body["signature_v2"] = signed(*(str(body[name]) for name in names), "the-signature-token")

    assert client.post("/addon/version", json=body).json() == {"error": False}
    assert shop.one("SELECT version FROM tenants")["version"] == "7"


def test_a_version_change_may_bring_signed_credentials(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())
    shop.watch.pass_s(1)
    there = API_URL.replace("s5", "s9")

    assert client.post("/addon/version", json=shop.install_body(apiUrl=there, version=2)).status_code == 200
    assert state_of(shop)["api_url"] == there


def test_an_empty_credential_of_a_version_change_is_none(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())
    body = shop.short_body() | {"apiUser": "", "apiKey": "", "apiUrl": ""}

    assert client.post("/addon/version", json=body).status_code == 200


@pytest.mark.parametrize("mode", ["down", "silly"])
def test_without_a_key_the_service_is_not_available(shop, client, mode) -> None:
    shop.keys.mode = mode

    assert client.post("/addon/install", json=shop.install_body()).status_code == 503
    assert tenants_of(shop) == 0


def test_a_key_host_that_hangs_costs_less_than_the_platform_waits(shop, client) -> None:
    shop.keys.mode = "hanging"
    began = perf_counter()

    assert client.post("/addon/install", json=shop.install_body()).status_code == 503
    assert perf_counter() - began < 4


def test_a_rotated_key_is_taken_over(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())
    shop.keys.key = 1
    shop.watch.pass_s(30)

    assert client.post("/addon/install", json=shop.install_body(key=1)).status_code == 200
    assert client.post("/addon/install", json=shop.install_body(key=0, apiKey="forged")).status_code == 401


def test_the_last_good_key_serves_while_its_host_is_down(shop, client) -> None:
    client.post("/addon/install", json=shop.install_body())
    shop.keys.mode = "down"
    shop.watch.pass_s(30)

    assert client.post("/addon/open", json=shop.short_body()).status_code == 200


def test_a_database_that_is_away_is_said_in_time(tmp_path) -> None:
    with bench("postgresql://nobody@127.0.0.1:1/none", tmp_path) as shop:
        client = Client(Starlette(routes=addon.routes(shop.rig)))

        assert client.post("/addon/install", json=shop.install_body()).status_code == 503


def test_no_answer_and_no_log_line_holds_a_secret(shop, client, caplog) -> None:
    caplog.set_level("DEBUG")
    answers = [
        client.post("/addon/install", json=body)
        for body in (shop.install_body(), shop.install_body(apiUrl="https://evil.example.org/api/v2"), {"apiKey": 7})
    ]

    said = caplog.text + "".join(answer.text for answer in answers)
    assert "key-of-the-shop" not in said
    assert "the-signature-token" not in said
