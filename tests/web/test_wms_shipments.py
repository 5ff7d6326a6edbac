"""The door at which warehouses tell what left: who may, what is refused and in which words, and nothing half-done."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from carriers import CARRIERS
from service.flows import hang
from service.web.wms import shipments
from tests.asgi import Client
from tests.dock import STORNO, Dock, dock

PATH = "/wms/v1/shipments"
CODE = "40170000001"


@dataclass
class Gate:
    """A warehouse's client at the door."""

    dock: Dock
    client: Client
    account: str
    token: str
    keys: int = 0

    def ask(self, method: str, path: str, *, token: str | None = None, **said: Any) -> httpx.Response:
        headers = [("Authorization", f"Bearer {self.token if token is None else token}"), *said.pop("headers", ())]
        return self.client.request(method, path, headers=headers, **said)

    def post(self, body: Any, *, key: str | None = None, token: str | None = None) -> httpx.Response:
        self.keys += 1
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [("Idempotency-Key", key or f"k{self.keys}")]
        return self.ask("POST", PATH, token=token, headers=headers, content=content)

    def told(self, *items: Any) -> list[dict[str, Any]]:
        """Tell of shipments and return the results."""
        answer = self.post({"shipments": list(items)})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def made(self, tenant: str, number: str = "O1", **said: Any) -> dict[str, Any]:
        """Ship an order and return the shipment."""
        [result] = self.told(item(tenant, number, **said))
        assert result["status"] == 201, result
        return result["shipment"]

    def rows(self, tenant: str) -> int:
        return sum(len(self.dock.shipments(tenant, f"O{number}")) for number in range(1, 121))


@pytest.fixture
def gate(database, tmp_path) -> Iterator[Gate]:
    with dock(database.url, tmp_path) as made:
        account = made.warehouse()
        yield Gate(made, Client(Starlette(routes=shipments.routes(made.bench.rig))), account, made.token(account))


@pytest.fixture
def shop(gate: Gate) -> str:
    tenant = gate.dock.shop("alfa", "O1", "O2", "O3")
    hang.run(gate.dock.bench.rig, tenant, gate.account)
    return tenant


@pytest.fixture
def foreign(gate: Gate) -> str:
    return gate.dock.shop("beta", "O1", "O9")


def item(tenant: Any, number: Any = "O1", **said: Any) -> dict[str, Any]:
    parcel = {"carrier": "ppl", "tracking_code": CODE, "weight_g": 1250}
    return {"tenant": tenant, "order": number, "final": True, "parcels": [parcel], **said}


def parcel(**said: Any) -> list[dict[str, Any]]:
    return [{"carrier": "ppl", **said}]


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Return the status, code and field of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["title"]
    assert said["detail"]
    return said["status"], said["code"], said.get("field")


def test_what_left_is_told_and_looked_at_again(gate: Gate, shop: str) -> None:
    [result] = gate.told(item(shop, unknown="field"))

    assert result == {"index": 0, "status": 201, "shipment": result["shipment"]}
    assert result["shipment"]["order"] == "O1"
    assert result["shipment"]["write_back"] == {"state": "due", "written_before": False}
    assert gate.ask("GET", f"{PATH}/{result['shipment']['id']}").json() == result["shipment"]


def test_a_shipment_is_corrected_and_voided(gate: Gate, shop: str) -> None:
    path = f"{PATH}/{gate.made(shop)['id']}"

    corrected = gate.ask("PUT", path, json={"parcels": parcel(tracking_code="dr 1/2-x"), "final": False})
    voided = gate.ask("DELETE", path)

    assert (corrected.status_code, voided.status_code) == (200, 200)
    assert corrected.json()["parcels"] == parcel(tracking_code="DR1/2-X", weight_g=None)
    assert (corrected.json()["final"], corrected.json()["revision"]) == (False, 2)
    assert voided.json()["voided"]
    assert gate.ask("GET", path).json() == gate.ask("DELETE", path).json() == voided.json()


def test_what_was_voided_cannot_be_corrected(gate: Gate, shop: str) -> None:
    path = f"{PATH}/{gate.made(shop)['id']}"
    gate.ask("DELETE", path)

    answer = gate.ask("PUT", path, json={"parcels": parcel(), "final": True})

    assert problem(answer) == (409, "voided", None)


@pytest.mark.parametrize("kind", ["none", "empty", "wrong", "revoked", "not ascii", "another scheme"])
def test_without_a_good_token_nobody_comes_in(gate: Gate, shop: str, kind: str) -> None:
    rig = gate.dock.bench.rig
    revoked = hang.add_token(rig, gate.account, label="old")
    hang.revoke(rig, gate.account, token_id=revoked.token_id)
    said: dict[str, list[Any]] = {
        "none": [],
        "empty": [("Authorization", "Bearer ")],
        "wrong": [("Authorization", f"Bearer {gate.token}x")],
        "revoked": [("Authorization", f"Bearer {revoked.secret}")],
        "not ascii": [("Authorization", b"Bearer \xff\xfe")],
        "another scheme": [("Authorization", f"Basic {gate.token}")],
    }
    path = f"{PATH}/{gate.made(shop)['id']}"
    headers = [*said[kind], ("Idempotency-Key", "k")]

    for method, where in (("POST", PATH), ("GET", path), ("PUT", path), ("DELETE", path)):
        answer = gate.client.request(method, where, headers=headers, content=b"{}")
        assert problem(answer) == (401, "token", None)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_foreign_token_opens_its_own_shops_only(gate: Gate, shop: str) -> None:
    stranger = gate.dock.token(gate.dock.warehouse())
    path = f"{PATH}/{gate.made(shop)['id']}"
    other = gate.made(shop, "O2")["id"]
    nowhere = f"{PATH}/{other[:-1]}{'3' if other.endswith('2') else '2'}"

    [result] = gate.post({"shipments": [item(shop, "O3")]}, token=stranger).json()["results"]
    assert (result["status"], result["code"]) == (404, "unknown_order")
    for method, body in (("GET", None), ("PUT", {"parcels": parcel(), "final": True}), ("DELETE", None)):
        answers = [
            gate.ask(method, each, token=token, json=body)
            for each, token in ((path, stranger), (nowhere, stranger), (nowhere, gate.token))
        ]
        assert {problem(answer) for answer in answers} == {(404, "unknown_shipment", None)}
        assert len({answer.content for answer in answers}) == 1
    assert gate.ask("GET", path).json()["revision"] == 1


def test_foreign_and_unknown_are_the_same_words(gate: Gate, shop: str, foreign: str) -> None:
    asked = [item(shop, "O9"), item(foreign, "O9"), item(foreign, "O1"), item("t_nobody"), item(""), item("x" * 5_000)]

    results = gate.told(*asked)

    said = {(each["status"], each["title"], each["detail"], each["code"]) for each in results}
    assert said == {(404, "Not Found", "There is no such order here.", "unknown_order")}
    assert [each["field"] for each in results] == [f"/shipments/{index}/order" for index in range(6)]
    assert gate.dock.shipments(foreign, "O1") == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (" dr 123 456\u00a0789\tcz ", "DR123456789CZ"),
        ("abc/def-gh_1.2", "ABC/DEF-GH_1.2"),
        ("1234", "1234"),
        ("x" * 60, "X" * 60),
        (None, None),
    ],
)
def test_a_tracking_code_is_kept_in_one_spelling(gate: Gate, shop: str, said: str | None, kept: str | None) -> None:
    assert gate.made(shop, parcels=parcel(tracking_code=said))["parcels"][0]["tracking_code"] == kept


BAD_PARCELS = [
    ("carrier", "pošta"),
    ("carrier", "PPL"),
    ("carrier", ""),
    ("carrier", None),
    ("carrier", 7),
    ("carrier", ["ppl"]),
    ("tracking_code", "x" * 200),
    ("tracking_code", "📦📦📦📦📦"),
    ("tracking_code", "ČÍSLO1"),
    ("tracking_code", "straße"),
    ("tracking_code", "123"),
    ("tracking_code", ""),
    ("tracking_code", "    "),
    ("tracking_code", "<b>code</b>"),
    ("tracking_code", "a;b;c"),
    ("tracking_code", "nul\0nul"),
    ("tracking_code", 40170000001),
    ("tracking_code", ["40170000001"]),
    ("weight_g", 0),
    ("weight_g", -5),
    ("weight_g", 1_000_001),
    ("weight_g", 12.5),
    ("weight_g", 10**30),
    ("weight_g", "1250"),
    ("weight_g", True),
]
BAD_SHIPMENTS = [
    ("tenant", None),
    ("tenant", 5),
    ("tenant", ["t_x"]),
    ("order", None),
    ("order", 200001),
    ("order", ""),
    ("order", "x" * 201),
    ("order", "O\0"),
    ("final", None),
    ("final", "true"),
    ("final", 1),
    ("left_already", None),
    ("left_already", "no"),
    ("parcels", None),
    ("parcels", []),
    ("parcels", {}),
    ("parcels", "ppl"),
    ("parcels", parcel() * 21),
]


def test_a_bad_parcel_is_told_where_it_is_wrong_and_spoils_no_other(gate: Gate, shop: str) -> None:
    bad = [item(shop, parcels=[*parcel(), {"carrier": "ppl", name: value}]) for name, value in BAD_PARCELS]

    *refused, good = gate.told(*bad, item(shop, "O2"))

    assert good["status"] == 201
    assert [(each["field"], each["code"], each["status"]) for each in refused] == [
        (f"/shipments/{index}/parcels/1/{name}", "invalid", 422) for index, (name, _) in enumerate(BAD_PARCELS)
    ]
    assert all(each["title"] and each["detail"] for each in refused)
    assert gate.dock.shipments(shop, "O1") == []


def test_a_bad_shipment_is_told_where_it_is_wrong_and_spoils_no_other(gate: Gate, shop: str) -> None:
    good, *refused = gate.told(item(shop, "O2"), *(item(shop) | {name: value} for name, value in BAD_SHIPMENTS))

    assert good["status"] == 201
    assert [(each["field"], each["code"], each["status"]) for each in refused] == [
        (f"/shipments/{index}/{name}", "invalid", 422) for index, (name, _) in enumerate(BAD_SHIPMENTS, 1)
    ]
    assert gate.dock.shipments(shop, "O1") == []


def test_what_is_needed_is_asked_for(gate: Gate, shop: str) -> None:
    names = ["tenant", "order", "final", "parcels"]

    refused = gate.told(*({key: value for key, value in item(shop).items() if key != name} for name in names))

    assert [each["field"] for each in refused] == [f"/shipments/{index}/{name}" for index, name in enumerate(names)]


def test_an_item_that_is_no_object_spoils_no_other(gate: Gate, shop: str) -> None:
    *refused, good = gate.told(None, 7, "x", [], [[]], True, item(shop))

    assert [(each["code"], each["field"]) for each in refused] == [
        ("invalid", f"/shipments/{index}") for index in range(6)
    ]
    assert good["status"] == 201


def test_a_carrier_nobody_knows_is_told_whom_we_know(gate: Gate, shop: str) -> None:
    [refused] = gate.told(item(shop, parcels=[{"carrier": "pigeon"}]))

    assert all(carrier in refused["detail"] for carrier in CARRIERS)
    assert "pigeon" not in refused["detail"]


def test_every_carrier_is_taken(gate: Gate, shop: str) -> None:
    results = gate.told(*(item(shop, final=False, parcels=[{"carrier": carrier}]) for carrier in CARRIERS))

    assert [each["shipment"]["parcels"][0]["carrier"] for each in results] == [*CARRIERS]


@pytest.mark.parametrize("body", [{}, *({"shipments": each} for each in (None, [], {}, "x", 7, [None] * 101))])
def test_a_list_of_none_or_of_too_many_is_refused_whole(gate: Gate, body: Any) -> None:
    assert problem(gate.post(body)) == (422, "invalid", "/shipments")


def test_a_hundred_shipments_are_taken_and_a_hundred_and_one_are_not(gate: Gate, shop: str) -> None:
    numbers = [f"O{number}" for number in range(10, 111)]
    gate.dock.shows(shop, *numbers)

    assert problem(gate.post({"shipments": [item(shop, number) for number in numbers]}))[1] == "invalid"
    assert gate.rows(shop) == 0

    results = gate.told(*(item(shop, number) for number in numbers[:100]))
    assert {each["status"] for each in results} == {201}
    assert gate.rows(shop) == 100


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b'"x"', b"7", b"null", b"NaN", b'{"shipments": [NaN]}', b"[" * 5_000, b"1" * 5_000],
)
def test_what_is_no_json_object_is_refused(gate: Gate, shop: str, body: bytes) -> None:
    assert problem(gate.post(body)) == (400, "malformed", "")


def test_a_body_that_names_something_twice_is_refused_whole(gate: Gate, shop: str) -> None:
    one, other = (json.dumps([item(shop, number)]) for number in ("O1", "O2"))
    twice = json.dumps(item(shop))[:-1] + ', "order": "O2"}'

    for text in (f'{{"shipments": {one}, "shipments": {other}}}', f'{{"shipments": [{twice}]}}'):
        assert problem(gate.post(text.encode())) == (400, "malformed", "")
    assert gate.rows(shop) == 0


def test_a_number_no_one_can_store_is_refused(gate: Gate, shop: str) -> None:
    body = json.dumps({"shipments": [item(shop)], "x": 0}).replace('"x": 0', '"x": 1e999').encode()

    assert problem(gate.post(body)) == (400, "malformed", "")
    assert gate.dock.shipments(shop, "O1") == []


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_over_a_megabyte_is_not_read(gate: Gate, shop: str, method: str) -> None:
    told = gate.made(shop)
    path = PATH if method == "POST" else f"{PATH}/{told['id']}"

    answer = gate.ask(method, path, content=b" " * (2**20 + 1), headers=[("Idempotency-Key", "large")])

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "keys", [[], [""], [" "], ["x" * 101], ["two words"], ["ž".encode()], ["tab\t"], ["a", "b"], ["a", "a"]]
)
def test_without_one_good_key_nothing_is_done(gate: Gate, shop: str, keys: list[Any]) -> None:
    headers = [("Idempotency-Key", key) for key in keys]

    answer = gate.ask("POST", PATH, headers=headers, json={"shipments": [item(shop)]})

    assert problem(answer) == (400, "malformed", "Idempotency-Key")
    assert gate.dock.shipments(shop, "O1") == []


def test_a_key_of_a_hundred_letters_is_one(gate: Gate, shop: str) -> None:
    assert gate.post({"shipments": [item(shop)]}, key="!" * 50 + "~" * 50).status_code == 200


def test_the_same_body_again_is_answered_the_same_however_it_is_written(gate: Gate, shop: str) -> None:
    body = {"shipments": [item(shop), item(shop, "O9"), item(shop, "O2", final=None)], "more": 1}
    turned = {"more": 1, "shipments": [dict(reversed(each.items())) for each in body["shipments"]]}

    first, again = gate.post(body, key="k"), gate.post(json.dumps(turned, indent=3).encode(), key="k")

    assert again.json() == first.json()
    assert [each["status"] for each in first.json()["results"]] == [201, 404, 422]
    assert len(gate.dock.shipments(shop, "O1")) == 1


def test_a_key_with_another_body_is_refused(gate: Gate, shop: str) -> None:
    gate.post({"shipments": [item(shop)]}, key="k")

    answer = gate.post({"shipments": [item(shop, "O2")]}, key="k")

    assert problem(answer) == (422, "idempotency_key", "Idempotency-Key")
    assert gate.dock.shipments(shop, "O2") == []


def test_a_bad_request_uses_no_key_up(gate: Gate, shop: str) -> None:
    gate.post({"shipments": []}, key="k")
    gate.post(b"{", key="k")

    assert gate.post({"shipments": [item(shop)]}, key="k").json()["results"][0]["status"] == 201


def test_what_must_not_leave_is_refused_with_the_reason(gate: Gate, shop: str) -> None:
    gate.dock.shows(shop, "O1", status_id=STORNO)
    gate.dock.shows(shop, "O7", status_id=STORNO)
    gate.made(shop, "O2")

    results = gate.told(item(shop, "O1"), item(shop, "O7"), item(shop, "O2"), item(shop, "O1", left_already=True))

    assert [(each["status"], each.get("code")) for each in results] == [
        (409, "stopped"),
        (409, "not_released"),
        (409, "already_shipped"),
        (201, None),
    ]
    assert "cancelled" in results[0]["detail"]
    assert "cancelled" in results[1]["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/parcels"),
        ({"parcels": [], "final": True}, "/parcels"),
        ({"parcels": parcel(), "final": "yes"}, "/final"),
        ({"parcels": parcel()}, "/final"),
        ({"parcels": [{"carrier": "pigeon"}], "final": True}, "/parcels/0/carrier"),
        ({"parcels": [*parcel(), 7], "final": True}, "/parcels/1"),
        ({"parcels": parcel(tracking_code="x" * 200), "final": True}, "/parcels/0/tracking_code"),
    ],
)
def test_a_bad_correction_changes_nothing(gate: Gate, shop: str, body: Any, field: str) -> None:
    told = gate.made(shop)

    assert problem(gate.ask("PUT", f"{PATH}/{told['id']}", json=body)) == (422, "invalid", field)
    assert gate.ask("GET", f"{PATH}/{told['id']}").json() == told


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_a_correction_that_is_no_json_object_is_refused(gate: Gate, shop: str, body: bytes) -> None:
    assert problem(gate.ask("PUT", f"{PATH}/{gate.made(shop)['id']}", content=body)) == (400, "malformed", "")


def test_only_one_shipment_is_the_last(gate: Gate, shop: str) -> None:
    part = gate.made(shop, final=False)
    gate.made(shop)

    answer = gate.ask("PUT", f"{PATH}/{part['id']}", json={"parcels": parcel(), "final": True})

    assert problem(answer) == (409, "already_shipped", None)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_name_of_nothing_is_not_found(gate: Gate, method: str) -> None:
    for name in ("s_", "x", "s_x_y", "%00", "s_%00_x", "%ff", "s_ž_x", "s_" + "x" * 5_000 + "_y", "a%2Fb"):
        answer = gate.ask(method, f"{PATH}/{name}", json={"parcels": parcel(), "final": True})
        assert answer.status_code == 404, name


def test_the_database_away_is_told_and_nothing_is_lost(gate: Gate, shop: str) -> None:
    rig = gate.dock.bench.rig
    rig.db.close()

    answer = gate.post({"shipments": [item(shop)]})

    assert problem(answer) == (503, "away", None)
    assert answer.headers["retry-after"]
