"""DPD's stand-in takes shipments as its contract prints them, refuses the others whole, and suffers faults (3A)."""

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.carriers.dpd_client import DELETED, FIRST, HOME, ONE_BOX, PICKUP, Bench, with_

LOST = (httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError)
COD = PICKUP["services"]["cashOnDelivery"]
WITH_COD = with_(ONE_BOX, "services.cashOnDelivery", COD)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_contracts_order_is_answered_as_printed(bench: Bench) -> None:
    answer = bench.create(PICKUP)

    assert answer.status_code == 200
    assert answer.json() == [
        {
            "id": "3f0b7a60-0000-4000-8000-0000000000aa",
            "parcels": [
                {"parcelNumbers": {"main": "13845600012345"}, "references": {"ref1": "OBJ-2026-00417/1"}},
            ],
        }
    ]
    assert bench.world.made() == {"OBJ-2026-00417": [FIRST]}


def test_a_shipment_of_several_boxes_has_a_number_for_each(bench: Bench) -> None:
    assert bench.made(HOME) == [FIRST, "13845600012346"]
    assert bench.world.made() == {"OBJ-2026-00418": [FIRST], "OBJ-2026-00418/2": ["13845600012346"]}


def test_answers_stand_in_the_order_asked_and_echo_references_alone(bench: Bench) -> None:
    first, second = bench.create(HOME, PICKUP).json()

    assert [box.get("references") for box in first["parcels"]] == [None, {"ref1": "OBJ-2026-00418/2"}]
    assert second["parcels"][0]["references"] == {"ref1": "OBJ-2026-00417/1"}


def test_the_cod_lies_on_the_first_box(bench: Bench) -> None:
    shipment = with_(with_(HOME, "services.cashOnDelivery", COD), "services.cashOnDelivery.amountCents", 129900)
    bench.made(shipment)

    assert [parcel.cod for parcel in bench.world.parcels.values()] == [("1299", "CZK"), None]


def test_the_key_tells_who_one_is(bench: Bench) -> None:
    (told,) = bench.get("/me").json()["customers"]

    assert told["customer"]["DSW"] == "015012345"
    assert [one["it4emId"] for one in told["customer"]["addresses"]] == [776655, 776656]


@pytest.mark.parametrize("key", [None, "", "0" * 40, "{} ", "{}0", "upper"])
@pytest.mark.parametrize("path", ["/me", "/shipments", "/nothing"])
def test_another_key_is_refused(bench: Bench, key: str | None, path: str) -> None:
    right = bench.headers["x-api-key"]
    told = {} if key is None else {"x-api-key": right.upper() if key == "upper" else key.format(right)}

    answer = bench.client.get(path, headers=told)

    assert answer.status_code == 401
    assert answer.json() == {"code": "UNAUTHORIZED", "message": "API key is not valid", "description": ""}


def test_a_bearer_is_no_key(bench: Bench) -> None:
    answer = bench.client.get("/me", headers={"authorization": f"Bearer {bench.headers['x-api-key']}"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/shipments", 405),
        ("PUT", "/shipments", 405),
        ("POST", "/shipments/", 404),
        ("POST", "/shipment", 404),
        ("GET", "/parcels//tracking", 404),
        ("GET", "https://geoapi.dpd.cz/v2/me", 404),
        ("GET", "https://geoapi-test.dpd.cz/v1/me", 200),
        ("POST", "https://pickup.dpd.cz/api/getAll?country=203", 404),
    ],
)
def test_only_the_contracts_addresses_are_there(bench: Bench, method: str, path: str, status: int) -> None:
    assert bench.client.request(method, path, headers=bench.headers).status_code == status


@pytest.mark.parametrize("body", [b"", b"[", b"{}", b"[]", b"null", b"[1]", b'"a"', b"[" * 100_000])
def test_what_is_no_list_of_shipments_is_refused(bench: Bench, body: bytes) -> None:
    answer = bench.client.post(
        "/shipments", content=body, headers={**bench.headers, "content-type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "description"}


def test_the_body_must_say_that_it_is_json(bench: Bench) -> None:
    assert bench.client.post("/shipments", content=b"[]", headers=bench.headers).status_code == 415


def test_fifty_are_taken_and_fifty_one_are_refused_whole(bench: Bench) -> None:
    assert len(bench.made(*[ONE_BOX] * 50)) == 50
    assert bench.create(*[ONE_BOX] * 51).status_code == 400
    assert len(bench.world.parcels) == 50


FIELDS = (
    *("customer", "customer.dsw", "shipmentType", "references", "references.ref1", "sender", "sender.it4emId"),
    *("receiver", "receiver.info", "receiver.info.name1", "receiver.info.contact", "receiver.info.contact.phone"),
    *("receiver.address", "receiver.address.postalCode", "receiver.address.country", "parcels", "parcels.0"),
    *("parcels.0.weightGrams", "parcels.0.references", "services", "services.pickupPoint", "services.cashOnDelivery"),
    *("services.cashOnDelivery.amountCents", "services.swap", "services.dpdTimeGuarantee"),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(), max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(path=st.sampled_from(FIELDS), value=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_whatever_a_field_holds_is_answered(path: str, value: Any) -> None:
    bench = Bench()

    answer = bench.create(with_(PICKUP, path, value))

    assert answer.status_code in (200, 400)
    assert len(bench.world.parcels) == (answer.status_code == 200)


LONG = "x" * 36


@pytest.mark.parametrize(
    ("base", "path", "value"),
    [
        (PICKUP, "customer", DELETED),
        (PICKUP, "customer", {}),
        (PICKUP, "customer", {"dsw": "015012345", "id": 4711}),
        (PICKUP, "customer.dsw", "015012346"),
        (PICKUP, "customer.dsw", 15012345),
        (PICKUP, "shipmentType", DELETED),
        (PICKUP, "shipmentType", "standard"),
        (PICKUP, "references.ref5", "a"),
        (PICKUP, "references.ref1", LONG),
        (PICKUP, "references.ref1", ""),
        (PICKUP, "references.ref1", 417),
        (PICKUP, "sender", DELETED),
        (PICKUP, "sender.it4emId", "776655"),
        (PICKUP, "sender.it4emId", 776654),
        (PICKUP, "receiver.info.name1", LONG),
        (PICKUP, "receiver.info.name1", DELETED),
        (PICKUP, "receiver.info.name1", "   "),
        (PICKUP, "receiver.info.name1", "Jana \ud83d"),
        (PICKUP, "receiver.address.postalCode", "٦٠٢٠٠"),
        (PICKUP, "receiver.info.name2", LONG),
        (PICKUP, "receiver.info.contact.person", "J"),
        (PICKUP, "receiver.info.contact.person", LONG),
        (PICKUP, "receiver.info.contact.phone", "+420" + " 6" * 14),
        (PICKUP, "receiver.info.contact.phone", "601234567"),
        (PICKUP, "receiver.info.contact.email", "jana"),
        (PICKUP, "receiver.info.contact.mail", "jana@example.cz"),
        (PICKUP, "receiver.address.street", DELETED),
        (PICKUP, "receiver.address.city", None),
        (PICKUP, "receiver.address.postalCode", "602 00"),
        (PICKUP, "receiver.address.country", "CZ"),
        (PICKUP, "receiver.address.country.isoAlpha2", "cz"),
        (PICKUP, "parcels", []),
        (PICKUP, "parcels", DELETED),
        (PICKUP, "parcels.0.weightGrams", 0),
        (PICKUP, "parcels.0.weightGrams", 1350.0),
        (PICKUP, "parcels.0.weightGrams", "1350"),
        (PICKUP, "parcels.0.weightGrams", True),
        (PICKUP, "parcels.0.weightGrams", 20001),
        (ONE_BOX, "parcels.0.weightGrams", 31501),
        (ONE_BOX, "parcels.0.weight", 900),
        (HOME, "parcels.0.additionalServices.insurance.amountCents", 6000000.5),
        (HOME, "parcels.0.additionalServices.insurance.currency", "CZE"),
        (PICKUP, "services.notification", False),
        (PICKUP, "services.notification", DELETED),
        (PICKUP, "services.notification", "true"),
        (PICKUP, "services.pickupPoint", "CZ1"),
        (PICKUP, "services.pickupPoint", "SK21570"),
        (PICKUP, "services.pickupPoint", 21570),
        (PICKUP, "services.pudoId", "CZ21570"),
        (WITH_COD, "services.cashOnDelivery.payment", "CASH_OR_CARD"),
        (WITH_COD, "services.cashOnDelivery.payment", DELETED),
        (WITH_COD, "services.cashOnDelivery.amountCents", 129050),
        (WITH_COD, "services.cashOnDelivery.amountCents", 1290.5),
        (WITH_COD, "services.cashOnDelivery.amountCents", 0),
        (WITH_COD, "services.cashOnDelivery.currency", "EUR"),
        (WITH_COD, "services.cashOnDelivery.variableSymbol", "OBJ-417"),
        (WITH_COD, "services.cashOnDelivery.variableSymbol", 202600417),
        (WITH_COD, "note", "Křehké"),
        (ONE_BOX, "receiver.info.contact", DELETED),
    ],
)
def test_a_wrong_field_refuses_the_whole_call(bench: Bench, base: dict[str, Any], path: str, value: Any) -> None:
    answer = bench.create(HOME, with_(base, path, value))

    assert answer.status_code == 400
    assert "[1]" in answer.json()["description"]
    assert not bench.world.parcels


@pytest.mark.parametrize(
    ("base", "path", "value"),
    [
        (PICKUP, "customer", {"id": 4711}),
        (PICKUP, "customer", {"ident": "MUJ-ESHOP"}),
        (PICKUP, "references", DELETED),
        (PICKUP, "receiver.address.houseNumber", DELETED),
        (PICKUP, "parcels.0.weightGrams", 20000),
        (PICKUP, "services.cashOnDelivery.payment", "Cash"),
        (ONE_BOX, "services", DELETED),
        (ONE_BOX, "services", {"dpdTimeGuarantee": "DPD12"}),
        (HOME, "services", {"personalIdentification": {"name": "Jana Dvořáková", "personalId": "1234"}}),
        (ONE_BOX, "shipmentType", "Return"),
    ],
)
def test_what_the_contract_allows_is_taken(bench: Bench, base: dict[str, Any], path: str, value: Any) -> None:
    assert bench.made(with_(base, path, value))[0] == FIRST


def abroad(country: str, postcode: str) -> dict[str, Any]:
    return with_(with_(ONE_BOX, "receiver.address.country.isoAlpha2", country), "receiver.address.postalCode", postcode)


@pytest.mark.parametrize(
    ("shipment", "code", "message"),
    [
        (
            with_(ONE_BOX, "sender.it4emId", 776656),
            "NO_PARCEL_RANGE",
            "Parcel number range missing for the sender address",
        ),
        (abroad("CZ", "6020"), "POSTAL_CODE", "Postcode not matching the country pattern"),
        (abroad("HU", "60200"), "POSTAL_CODE", "Postcode not matching the country pattern"),
        (abroad("CZ", "90000"), "NO_ROUTING", "No routing data for the destination"),
        (abroad("US", "60200"), "NO_ROUTING", "No routing data for the destination"),
        (with_(PICKUP, "services.swap", True), "SERVICE_COMBINATION", "Invalid service combination"),
        (with_(ONE_BOX, "services.shopToShop", True), "SERVICE_COMBINATION", "Invalid service combination"),
        (
            with_(PICKUP, "parcels", [{"weightGrams": 1}, {"weightGrams": 2}]),
            "SERVICE_COMBINATION",
            "Invalid service combination",
        ),
        (with_(HOME, "services.swap", True), "SERVICE_COMBINATION", "Invalid service combination"),
        (with_(HOME, "services.dpdReturn", True), "SERVICE_COMBINATION", "Invalid service combination"),
        (with_(HOME, "shipmentType", "Return"), "SERVICE_COMBINATION", "Invalid service combination"),
        (with_(HOME, "shipmentType", "Collection"), "SERVICE_COMBINATION", "Invalid service combination"),
    ],
)
def test_the_known_causes_are_told(bench: Bench, shipment: dict[str, Any], code: str, message: str) -> None:
    answer = bench.create(PICKUP, shipment)

    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["message"]) == (code, message)
    assert "[1]" in answer.json()["description"]
    assert not bench.world.parcels


@pytest.mark.parametrize(("country", "postcode"), [("SK", "81101"), ("HU", "1011"), ("PL", "30-001"), ("DE", "10115")])
def test_other_countries_are_served(bench: Bench, country: str, postcode: str) -> None:
    bench.made(abroad(country, postcode))

    assert postcode.replace("-", "").zfill(7) == bench.world.parcels[FIRST].barcode[1:8]


def test_a_range_that_is_used_up_makes_nothing_more(bench: Bench) -> None:
    bench.world.accounts["shop"].given["addresses"][0].last = int(FIRST) + 1

    assert bench.create(HOME, ONE_BOX).json()["code"] == "NO_PARCEL_RANGE"
    assert len(bench.made(HOME)) == 2
    assert bench.create(ONE_BOX).json()["code"] == "NO_PARCEL_RANGE"


def test_a_closed_point_and_one_without_cod_take_no_parcel(bench: Bench) -> None:
    bench.world.points["CZ21570"].takes_cod = False
    assert bench.create(PICKUP).json()["code"] == "SERVICE_COMBINATION"

    bench.world.points["CZ21570"].is_open = False
    assert bench.create(with_(PICKUP, "services.cashOnDelivery", DELETED)).status_code == 400


def test_the_same_order_twice_is_two_shipments(bench: Bench) -> None:
    bench.made(PICKUP)
    bench.made(PICKUP)

    assert bench.world.made() == {"OBJ-2026-00417": [FIRST, "13845600012346"]}


def test_a_shipment_is_deleted_until_it_is_committed(bench: Bench) -> None:
    first, second = (one["id"] for one in bench.create(PICKUP, HOME).json())
    bench.label("13845600012347")

    assert bench.delete(f"/shipments/{first}").status_code == 204
    assert bench.delete(f"/shipments/{first}").status_code == 404
    assert bench.delete(f"/shipments/{second}").status_code == 409
    assert bench.label(FIRST).status_code == 404
    assert bench.get(f"/parcels/{FIRST}/tracking").status_code == 404
    assert "OBJ-2026-00417" not in bench.world.made()


def test_deleting_can_be_taken_away(bench: Bench) -> None:
    (shipment,) = bench.create(PICKUP).json()
    bench.world.bag["deletes"] = False

    assert bench.delete(f"/shipments/{shipment['id']}").status_code == 405


def test_another_account_sees_nothing(bench: Bench) -> None:
    (shipment,) = bench.create(PICKUP).json()
    given = bench.world.accounts["shop"].given
    bench.world.add_account("other", api_key="other", given=given)
    bench.headers = {"x-api-key": "other"}

    assert bench.delete(f"/shipments/{shipment['id']}").status_code == 404
    assert bench.label(FIRST).status_code == 404
    assert bench.get(f"/parcels/{FIRST}/tracking").status_code == 404


def test_a_dropped_answer_has_made_its_shipment(bench: Bench) -> None:
    bench.world.faults.add("dropped", operation="POST /shipments")

    with pytest.raises(LOST):
        bench.create(PICKUP)
    assert bench.world.made() == {"OBJ-2026-00417": [FIRST]}


def test_a_late_shipment_is_made_when_nobody_listens(bench: Bench) -> None:
    bench.world.faults.add("late", operation="POST /shipments", seconds=90)

    with pytest.raises(LOST):
        bench.create(PICKUP)
    assert bench.world.made() == {}
    bench.go(seconds=91)
    assert bench.world.made() == {"OBJ-2026-00417": [FIRST]}
    assert bench.world.ledger[-1].made == [FIRST]


def test_a_throttled_call_did_nothing(bench: Bench) -> None:
    bench.world.faults.add("busy", retry_after=7)

    answer = bench.create(PICKUP)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json().keys() == {"code", "message", "description"}
    assert not bench.world.parcels


@pytest.mark.parametrize(
    ("kind", "references"),
    [("short", ["b"]), ("doubled", ["a", "a", "b"]), ("reversed", ["b", "a"])],
)
def test_items_of_an_answer_can_be_wrong(bench: Bench, kind: str, references: list[str]) -> None:
    bench.world.faults.add(kind)
    shipments = [with_(ONE_BOX, "parcels.0.references", {"ref1": name}) for name in "ab"]

    told = [one["parcels"][0]["references"]["ref1"] for one in bench.create(*shipments).json()]

    assert told == (["a"] if kind == "short" else references)


def test_the_ledger_says_what_each_call_was(bench: Bench) -> None:
    bench.made(PICKUP)
    bench.label(FIRST)
    bench.codes(FIRST)
    bench.get("https://pickup.dpd.cz/api/get-all", country="203")

    assert [(entry.operation, entry.status, entry.made) for entry in bench.world.ledger] == [
        ("POST /shipments", 200, [FIRST]),
        ("POST /parcels/labels", 200, []),
        ("GET /parcels/{}/tracking", 200, []),
        ("GET /api/getAll", 200, []),
    ]


def test_a_collection_is_ordered_shown_and_called_off(bench: Bench) -> None:
    bench.made(PICKUP)
    orders = [
        {"parcel": {"parcelNumber": FIRST}, "date": "2026-03-02", "note": "Rampa 2"},
        {"customer": {"dsw": "015012345"}, "customerAddress": {"it4emId": 776655}, "date": "2026-03-05"},
    ]

    first, second = (one["id"] for one in bench.post("/pickup-orders", orders).json())

    assert bench.get(f"/pickup-orders/{first}").json() == {"id": first, **orders[0]}
    assert bench.delete(f"/pickup-orders/{first}").status_code == 204
    assert bench.get(f"/pickup-orders/{first}").status_code == 404
    assert bench.delete(f"/pickup-orders/{first}").status_code == 404
    assert bench.get(f"/pickup-orders/{second}").status_code == 200


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"parcel": {"parcelNumber": "13845600099999"}, "date": "2026-03-05"}, 404),
        ({"customerAddress": {"it4emId": 1}, "date": "2026-03-05"}, 400),
        ({"customerAddress": {"it4emId": 776655}}, 400),
        ({"date": "2026-03-05"}, 400),
        ({"customerAddress": {"it4emId": 776655}, "date": "2026-03-01"}, 400),
        ({"customerAddress": {"it4emId": 776655}, "date": "2026-02-30"}, 400),
        ({"customerAddress": {"it4emId": 776655}, "date": "5.3.2026"}, 400),
        ({"customerAddress": {"it4emId": 776655}, "date": "2026-03-05", "notes": "a"}, 400),
    ],
)
def test_a_wrong_collection_is_refused(bench: Bench, order: dict[str, Any], status: int) -> None:
    answer = bench.post("/pickup-orders", [{"customerAddress": {"it4emId": 776655}, "date": "2026-03-05"}, order])

    assert answer.status_code == status
    assert not bench.world.cars
