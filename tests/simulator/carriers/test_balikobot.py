"""Balíkobot's stand-in takes and refuses packages and calls as the contract prints (carriers.md 6.1, 6.2)."""

import base64
from typing import Any

import httpx
import pytest

from tests.simulator.carriers.balikobot_client import HOME, PACKAGE, PLAIN, ROMANIAN, SLOVAK, Balikobot, balikobot
from tests.simulator.carriers.yard import codes

AT_PPL = HOME | {"service_type": "4"}
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


@pytest.fixture
def it() -> Balikobot:
    return balikobot()


def without(package: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in package.items() if name not in names}


def test_the_contracts_package_is_answered_as_printed(it: Balikobot) -> None:
    told = it.add(PACKAGE)

    labels = f"{it.yard.world.base_url}/pdf/zasilkovna/eN"
    assert told.pop("labels_url").startswith(labels)
    assert told["packages"][0].pop("label_url").startswith(labels)
    assert told == {
        "status": 200,
        "packages": [
            {
                "status": "200",
                "eid": "OBJ-2026-00417-1",
                "order_number": 1,
                "package_id": "42719",
                "carrier_id": "Z4154090123",
                "track_url": "https://tracking.packeta.com/cs/?id=4154090123",
            }
        ],
    }
    assert it.yard.world.made() == {"OBJ-2026-00417-1": ["Z4154090123"]}


def test_wrong_fields_are_answered_as_printed(it: Balikobot) -> None:
    told = it.add(without(PLAIN, "rec_phone") | {"rec_zip": "602 00"})

    assert told == {
        "status": 400,
        "packages": [{"status": 413, "eid": "OBJ-2026-00417-1", "rec_zip": 413, "rec_phone": 406}],
    }
    assert not it.yard.world.parcels


def test_full_errors_are_texts_in_place_of_codes(it: Balikobot) -> None:
    (row,) = it.add(PACKAGE | {"rec_zip": "602 00"})["packages"]

    (error,) = row["errors"]
    assert set(row) == {"status", "eid", "errors"}
    assert error["attribute"] == "rec_zip"
    assert error["message"]


def test_a_failure_may_have_the_http_status_400(it: Balikobot) -> None:
    it.yard.world.bag["failures_with"] = 400

    assert it.post("/zasilkovna/add", {"packages": [PLAIN | {"vs": "x"}]}).status_code == 400
    assert it.post("/zasilkovna/add", {"packages": [PLAIN]}).status_code == 200


def test_one_wrong_package_keeps_no_other_from_being_made(it: Balikobot) -> None:
    told = it.add(PLAIN, PLAIN | {"eid": "OBJ-00000002", "vs": "x"}, "nonsense", PLAIN | {"eid": "OBJ-00000003"})

    assert told["status"] == 400
    assert [int(one["status"]) for one in told["packages"]] == [200, 413, 400, 200]
    assert [page[0][1] for page in codes(it.file(told["labels_url"]))] == ["Z4154090123", "Z4154090124"]


@pytest.mark.parametrize("status", ["ordered", "waiting"])
def test_an_eid_that_exists_returns_the_first_package(it: Balikobot, status: str) -> None:
    first = it.made()
    if status == "ordered":
        it.ordered(first["package_id"])

    told = it.add(PLAIN | {"rec_name": "Někdo jiný", "cod_price": 5})

    assert told["status"] == 208
    assert told["packages"] == [first | {"status": "208"}]
    assert it.yard.world.made() == {"OBJ-2026-00417-1": ["Z4154090123"]}


def test_an_eid_twice_in_one_call_is_one_package(it: Balikobot) -> None:
    told = it.add(PLAIN, PLAIN)

    assert told["status"] == 200
    assert [one["status"] for one in told["packages"]] == ["200", "208"]
    assert len(it.yard.world.parcels) == 1


def test_an_eid_is_one_carriers(it: Balikobot) -> None:
    it.made(HOME | {"service_type": "106"})

    assert it.made(AT_PPL, to="ppl")["status"] == 200
    assert len(it.yard.world.parcels) == 2


def test_some_carriers_answer_with_numbers_for_texts(it: Balikobot) -> None:
    row = it.made(AT_PPL, to="ppl")

    assert (row["status"], row["package_id"]) == (200, 42719)
    assert it.ordered(row["package_id"], to="ppl")["package_ids"] == ["42719"]


def test_older_carriers_answer_with_numeric_keys(it: Balikobot) -> None:
    packages = [HOME | {"service_type": "1", "eid": f"OBJ-0000000{n}"} for n in range(2)]

    told = it.add(*packages, to="geis")

    assert "packages" not in told
    assert [told[key]["eid"] for key in ("0", "1")] == ["OBJ-00000000", "OBJ-00000001"]


@pytest.mark.parametrize(
    ("changed", "name", "code"),
    [
        ({"eid": "OBJ-1"}, "eid", 413),
        ({"eid": "x" * 41}, "eid", 413),
        ({"eid": "OBJ_2026_00417"}, "eid", 413),
        ({"eid": 202600417}, "eid", 413),
        ({"service_type": "XX"}, "service_type", 413),
        ({"branch_id": "1"}, "branch_id", 413),
        ({"branch_id": 18542}, "branch_id", 413),
        ({"branch_id": "400000"}, "branch_id", 413),
        ({"rec_country": "SK"}, "rec_country", 413),
        ({"rec_country": "cz"}, "rec_country", 413),
        ({"rec_zip": "602 00"}, "rec_zip", 413),
        ({"rec_zip": 60200}, "rec_zip", 413),
        ({"rec_phone": "601234567"}, "rec_phone", 413),
        ({"rec_phone": "+420 601 234 567"}, "rec_phone", 413),
        ({"rec_email": "jana"}, "rec_email", 413),
        ({"sen_zip": "1"}, "sen_zip", 413),
        ({"weight": 0}, "weight", 413),
        ({"weight": -1}, "weight", 413),
        ({"weight": "1.35"}, "weight", 413),
        ({"weight": 10.5}, "weight", 413),
        ({"weight": True}, "weight", 413),
        ({"weight": 1e300}, "weight", 413),
        ({"width": 0}, "width", 413),
        ({"price": "1290"}, "price", 413),
        ({"cod_price": 1290.5}, "cod_price", 413),
        ({"cod_price": "1290"}, "cod_price", 413),
        ({"cod_currency": "EUR"}, "cod_currency", 413),
        ({"cod_currency": "Kč"}, "cod_currency", 413),
        ({"cod_currency": None}, "cod_currency", 406),
        ({"vs": ""}, "vs", 406),
        ({"vs": "12345678901"}, "vs", 413),
        ({"vs": 202600417}, "vs", 413),
        ({"vs": "OBJ1"}, "vs", 413),
        ({"swap": True}, "swap", 409),
        ({"services": ["swap"]}, "swap", 409),
        ({"services": ["flight"]}, "services", 413),
        ({"services": "swap"}, "services", 413),
        ({"sat_delivery": 1}, "sat_delivery", 413),
        ({"real_order_id": "12345678901"}, "real_order_id", 413),
        ({"content": "x" * 91}, "content", 413),
        ({"order_number": 0}, "order_number", 413),
        ({"order_number": "1"}, "order_number", 413),
        ({"pieces_count": 2}, "pieces_count", 413),
        ({"del_insurance": True, "price": None}, "price", 406),
        ({"content_data": {}}, "content_data", 413),
        ({"recipient": "Jana"}, "recipient", 413),
        ({"rec_nick": "Jana"}, "rec_nick", 413),
    ],
)
def test_a_wrong_field_is_told_by_its_code(it: Balikobot, changed: dict[str, Any], name: str, code: int) -> None:
    assert it.wrong(PLAIN | changed)[name] == code


@pytest.mark.parametrize(
    "name", ["eid", "service_type", "branch_id", "rec_name", "rec_phone", "rec_email", "cod_currency", "vs", "weight"]
)
def test_a_missing_field_is_told_by_its_code(it: Balikobot, name: str) -> None:
    assert it.wrong(without(PLAIN, name))[name] == 406


@pytest.mark.parametrize("name", ["rec_street", "rec_city", "rec_zip"])
def test_an_address_is_needed_where_no_point_is(it: Balikobot, name: str) -> None:
    assert it.wrong(without(AT_PPL, name), to="ppl") == {name: 406}


@pytest.mark.parametrize(
    ("to", "package"),
    [
        ("zasilkovna", without(PLAIN, "cod_price", "cod_currency", "vs", "price")),
        ("zasilkovna", without(PLAIN, "rec_street", "rec_city", "rec_zip")),
        ("zasilkovna", without(PLAIN, "rec_name") | {"rec_firm": "Malý a syn s.r.o."}),
        ("zasilkovna", PLAIN | {"cod_price": 0, "note": "x" * 500, "content": "x" * 90}),
        ("zasilkovna", PLAIN | {"eid": "a" * 8, "declaration_type": "CN22", "content_data": []}),
        ("zasilkovna", SLOVAK | {"service_type": "131", "cod_price": 49.9, "cod_currency": "EUR", "vs": "1"}),
        ("cp", AT_PPL | {"service_type": "DR", "services": ["open_before_payment"], "sat_delivery": True}),
        ("ceskaposta", HOME | {"service_type": "NB", "branch_id": "10003"}),
        ("ppl", HOME | {"service_type": "46", "branch_id": "10000001"}),
        ("dpd", HOME | {"service_type": "1", "rec_country": "PL", "rec_zip": "00-001", "rec_phone": "+48601234567"}),
        ("sp", SLOVAK | {"service_type": "BZP", "branch_id": "81000"}),
        ("fan", ROMANIAN | {"service_type": "FANbox", "branch_id": "F1000125", "rec_region": "Cluj"}),
        ("gls", HOME | {"service_type": "1", "order_number": 2, "pieces_count": 3, "width": 30.5}),
    ],
)
def test_what_the_contract_allows_is_taken(it: Balikobot, to: str, package: dict[str, Any]) -> None:
    assert it.made(package, to=to)["carrier_id"] in it.yard.world.parcels


@pytest.mark.parametrize(
    ("to", "branch_id"), [("ppl", "KM10000001"), ("cp", "100 03"), ("cp", "70003"), ("sp", "810 00")]
)
def test_a_branch_is_told_by_its_value_not_as_the_list_has_it(it: Balikobot, to: str, branch_id: str) -> None:
    service = {"ppl": "46", "cp": "NB", "sp": "BZP"}[to]
    base = SLOVAK if to == "sp" else HOME

    assert it.wrong(base | {"service_type": service, "branch_id": branch_id}, to=to) == {"branch_id": 413}


def test_a_point_that_closed_or_of_another_kind_is_refused(it: Balikobot) -> None:
    box = HOME | {"service_type": "52", "branch_id": "10000002"}
    assert it.made(box, to="ppl")
    assert it.wrong(box | {"eid": "OBJ-00000001", "branch_id": "10000001"}, to="ppl") == {"branch_id": 413}
    it.yard.world.points["ppl/10000002"].is_open = False

    assert it.wrong(box | {"eid": "OBJ-00000001"}, to="ppl") == {"branch_id": 413}


def test_an_address_and_a_branch_conflict(it: Balikobot) -> None:
    assert it.wrong(AT_PPL | {"branch_id": "10000001"}, to="ppl") == {"branch_id": 409}


@pytest.mark.parametrize("code", [406, 413])
def test_a_range_of_numbers_may_be_missing_or_used_up(it: Balikobot, code: int) -> None:
    it.yard.world.accounts["shop"].given["ranges"] = {"cp": code}

    assert it.wrong(HOME | {"service_type": "DR"}, to="cp") == {"service_range": code}
    assert it.made(AT_PPL, to="ppl")


def test_checking_makes_nothing(it: Balikobot) -> None:
    told = it.post("/zasilkovna/check", {"packages": [PLAIN, PLAIN | {"vs": "x"}]}).json()

    assert told["status"] == 400
    assert [int(one["status"]) for one in told["packages"]] == [200, 413]
    assert not it.yard.world.parcels


@pytest.mark.parametrize(
    "told",
    ["", "Basic", "Basic !", "Bearer {token}", "Basic {token}=", "Basic {upper}", "Basic {empty}", "{token}"],
)
def test_another_login_is_refused(it: Balikobot, told: str) -> None:
    user, key = it.auth
    made = {
        "token": base64.b64encode(f"{user}:{key}".encode()).decode(),
        "upper": base64.b64encode(f"{user}:{key.upper()}".encode()).decode(),
        "empty": base64.b64encode(f"{user}:".encode()).decode(),
    }
    headers = {"authorization": told.format(**made)}
    assert set(key) & LETTERS

    answer = it.yard.client.post("/zasilkovna/add", json={"packages": [PLAIN]}, headers=headers)

    assert (answer.status_code, answer.json()["status"]) == (401, 401)
    assert not it.yard.world.parcels


def refused(it: Balikobot, answer: httpx.Response) -> int:
    assert answer.status_code == 200
    assert not it.yard.world.parcels
    return answer.json()["status"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/liftago/add", 403),
        ("/nobody/add", 501),
        ("/zasilkovna/b2c", 501),
        ("/zasilkovna/transportcosts", 501),
        ("/zasilkovna/something", 501),
        ("/zasilkovna/track", 501),
        ("/zasilkovna/pod", 501),
        ("/v2/zasilkovna/add", 501),
        ("/v1/zasilkovna/add", 501),
        ("/zasilkovna/add/1", 501),
        ("/info/add", 501),
        ("/zasilkovna/overview", 400),
    ],
)
def test_a_call_that_leads_nowhere_is_refused_in_the_body(it: Balikobot, path: str, status: int) -> None:
    assert refused(it, it.post(path, {"packages": [PLAIN]})) == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"packages": "\\ud800"}', 400),
        (b"{}", 406),
        (b'{"packages": []}', 406),
        (b'{"packages": {}}', 413),
    ],
)
def test_a_body_that_is_none_is_refused(it: Balikobot, body: bytes, status: int) -> None:
    headers = {"content-type": "application/json"}

    assert refused(it, it.yard.client.post("/cp/add", content=body, headers=headers, auth=it.auth)) == status


def test_only_json_is_read(it: Balikobot) -> None:
    assert refused(it, it.yard.client.post("/cp/add", data={"packages": "1"}, auth=it.auth)) == 400


def test_adding_is_no_get(it: Balikobot) -> None:
    assert refused(it, it.get("/zasilkovna/add")) == 400


def test_a_carrier_behind_it_may_be_down_or_its_profile_incomplete(it: Balikobot) -> None:
    it.yard.world.bag["unavailable"] = {"cp"}
    it.yard.world.accounts["shop"].given["incomplete"] = {"zasilkovna"}

    assert refused(it, it.post("/cp/add", {"packages": [PLAIN]})) == 426
    assert refused(it, it.post("/zasilkovna/add", {"packages": [PLAIN]})) == 409


@pytest.mark.parametrize(("kind", "status"), [("busy", 429), ("error", 500)])
def test_trouble_is_told_in_both_places(it: Balikobot, kind: str, status: int) -> None:
    it.yard.world.faults.add(kind, operation="add")

    answer = it.post("/zasilkovna/add", {"packages": [PLAIN]})

    assert (answer.status_code, answer.json()) == (status, {"status": status})
    assert ("retry-after" in answer.headers) == (kind == "busy")


def test_test_keys_are_told_from_live_ones() -> None:
    it = balikobot("test")

    assert it.get("/info/whoami").json()["live_account"] is False
    assert balikobot().get("/info/whoami").json()["live_account"] is True
    assert it.post("/cp/orderpickup", {"date": "2026-03-05"}).json()["status"] == 423
    assert it.ordered(it.made()["package_id"])["status"] == 200


def test_a_dropped_answer_is_found_by_resending_or_in_the_overview(it: Balikobot) -> None:
    it.yard.world.faults.add("dropped", operation="add")
    with pytest.raises(httpx.RemoteProtocolError):
        it.add(PLAIN)

    (row,) = it.get("/zasilkovna/overview").json()["packages"]
    assert row["eid"] == PLAIN["eid"]
    assert it.add(PLAIN)["packages"][0] == row | {"status": "208"}
    assert it.yard.world.made() == {"OBJ-2026-00417-1": ["Z4154090123"]}


def test_a_late_create_makes_no_second_package(it: Balikobot) -> None:
    it.yard.world.faults.add("late", operation="add", seconds=90)
    with pytest.raises(httpx.RemoteProtocolError):
        it.add(PLAIN)
    assert it.add(PLAIN)["status"] == 200
    it.yard.go(seconds=91)

    assert it.yard.world.made() == {"OBJ-2026-00417-1": ["Z4154090123"]}
    assert [entry.made for entry in it.yard.world.ledger] == [[], ["Z4154090123"]]


def test_items_of_an_answer_are_spoilt(it: Balikobot) -> None:
    it.yard.world.faults.add("short", operation="add")

    told = it.add(PLAIN, PLAIN | {"eid": "OBJ-00000002"})

    assert [one["eid"] for one in told["packages"]] == [PLAIN["eid"]]
    assert len(it.yard.world.parcels) == 2
