"""The stand-in keeps the contract it states, spoken to by a client that knows nothing of the adapter."""

from typing import Any

import httpx
import pytest

from simulator.carriers import transport
from simulator.carriers.lives import End
from tests.simulator.carriers.yard import Yard, codes, yard

REAL = "https://api.poslicek.example/v1"
GOOD: dict[str, Any] = {
    "reference": "OBJ-2026-00417",
    "service": "home",
    "recipient": {"name": "Jana Dvořáková", "street": "Lipová 12", "city": "Brno", "zip": "60200", "country": "CZ"},
    "weight_g": 1350,
    "value": {"amount": "1290.00", "currency": "CZK"},
}
TO = GOOD["recipient"]
CROWNS = {"amount": "1290.00", "currency": "CZK", "variable_symbol": "202600417"}


class Shop:
    """A sender with a key."""

    def __init__(self) -> None:
        self.yard: Yard = yard("poslicek")
        self.world = self.yard.world
        key = self.world.accounts["shop"].login["api_key"]
        self.client = httpx.Client(
            transport=transport(self.yard.carriers), base_url=REAL, headers={"authorization": f"Bearer {key}"}
        )

    def book(self, *parcels: Any) -> list[dict[str, Any]]:
        return self.client.post("/parcels", json={"parcels": list(parcels)}).json()["parcels"]

    def follow(self, *numbers: str) -> dict[str, list[str]]:
        told = self.client.post("/tracking", json={"numbers": numbers}).json()["parcels"]
        return {one["number"]: [event["code"] for event in one["events"]] for one in told}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_only_its_own_key_opens_an_account(shop: Shop) -> None:
    assert shop.client.get("/account").json() == {"number": "4711"}

    refused = shop.client.get("/account", headers={"authorization": "Bearer 0"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", ["/", "/moon", "/parcels/1/2"])
def test_what_the_contract_does_not_have_is_not_there(shop: Shop, path: str) -> None:
    assert shop.client.get(path).status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"parcels": []}', b'{"parcels": [1]}', b'{"parcels": {}}'])
def test_a_body_of_another_shape_is_refused_whole(shop: Shop, body: bytes) -> None:
    assert shop.client.post("/parcels", content=body).status_code == 400


def test_at_most_twenty_go_into_one_call(shop: Shop) -> None:
    assert len(shop.book(*[GOOD] * 20)) == 20
    assert shop.client.post("/parcels", json={"parcels": [GOOD] * 21}).status_code == 400


def test_each_parcel_is_made_or_refused_for_itself(shop: Shop) -> None:
    good, bad = shop.book(GOOD, {**GOOD, "reference": "2", "weight_g": 0})

    assert good["reference"] == GOOD["reference"]
    assert good["number"] in good["tracking_url"]
    assert [(error["field"], error["code"]) for error in bad["errors"]] == [("weight_g", "wrong")]
    assert len(shop.world.parcels) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"note": None}, "note"),
        ({"weight": 1350}, "weight"),
        ({"recipient": {**TO, "postcode": "60200"}}, "recipient.postcode"),
        ({"service": "moon"}, "service"),
        ({"recipient": {**TO, "name": "x" * 61}}, "recipient.name"),
        ({"recipient": {**TO, "zip": "81101"}}, "recipient.zip"),
        ({"recipient": {**TO, "country": "BR"}}, "recipient.country"),
        ({"weight_g": "1350"}, "weight_g"),
        ({"value": {"amount": 1290, "currency": "CZK"}}, "value.amount"),
        ({"cod": {**CROWNS, "currency": "EUR"}}, "cod.currency"),
        ({"cod": {**CROWNS, "amount": "1290.50"}}, "cod.amount"),
        ({"cod": {**CROWNS, "variable_symbol": "x"}}, "cod.variable_symbol"),
        ({"point": "CZ1001"}, "point"),
        ({"service": "point", "point": "CZ9"}, "point"),
        ({"service": "point", "point": "CZ1001"}, "recipient.phone"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(shop: Shop, changed: dict[str, Any], field: str) -> None:
    [told] = shop.book(GOOD | changed)

    assert field in {error["field"] for error in told["errors"]}
    assert not shop.world.parcels


def test_a_reference_told_again_makes_another_parcel_and_both_are_found(shop: Shop) -> None:
    numbers = [one["number"] for one in shop.book(GOOD, GOOD)]

    found = shop.client.get("/parcels", params={"reference": GOOD["reference"]}).json()["parcels"]

    assert [one["number"] for one in found] == numbers
    assert shop.client.get("/parcels", params={"reference": "another"}).json() == {"parcels": []}


def test_a_parcel_is_taken_back_until_it_is_handed_over(shop: Shop) -> None:
    first, second = (one["number"] for one in shop.book(GOOD, GOOD))
    shop.world.hand_over([second])
    statuses = [shop.client.delete(f"/parcels/{number}").status_code for number in (first, first, second, "1")]

    assert statuses == [204, 410, 409, 404]
    assert [one.number for one in shop.world.parcels.values() if not shop.world.is_cancelled(one)] == [second]


def test_labels_come_in_the_order_asked_or_not_at_all(shop: Shop) -> None:
    numbers = [one["number"] for one in shop.book({**GOOD, "cod": CROWNS}, GOOD)][::-1]

    printed = shop.client.post("/labels", json={"numbers": numbers})

    assert printed.headers["content-type"] == "application/pdf"
    assert codes(printed.content) == [[("Code128", number)] for number in numbers]
    assert shop.client.post("/labels", json={"numbers": [*numbers, "1"]}).status_code == 404


def test_a_parcel_is_followed_to_its_end(shop: Shop) -> None:
    [told] = shop.book(GOOD)
    number = told["number"]
    shop.world.end([number], End.REFUSED)
    shop.world.hand_over([number])
    shop.yard.go(days=4)

    assert shop.follow(number, "1") == {
        number: ["registered", "accepted", "depot", "on_the_way", "out", "refused", "going_back", "returned"]
    }


def test_points_are_those_of_a_country(shop: Shop) -> None:
    points = shop.client.get("/points", params={"country": "SK"}).json()["points"]

    assert {point["country"] for point in points} == {"SK"}
    assert len(points) == sum(point.country == "SK" for point in shop.world.points.values())
    assert shop.client.get("/points").json() == {"points": []}
