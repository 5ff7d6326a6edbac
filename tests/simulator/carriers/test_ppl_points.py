"""PPL: access points and code lists."""

from typing import Any

import pytest

from tests.simulator.carriers.ppl_client import BOX, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_points_are_paged(bench: Bench) -> None:
    def page(offset: int) -> list[dict[str, Any]]:
        return bench.get("/accessPoint", CountryCode="CZ", Limit=50, Offset=offset).json()

    told = [point for offset in range(0, 250, 50) for point in page(offset)]
    codes = [point["accessPointCode"] for point in told]
    assert len(codes) == len(set(codes)) > 190
    assert {point["accessPointType"] for point in told} == {"ParcelShop", "ParcelBox", "AlzaBox"}
    assert {point["country"] for point in told} == {"CZ"}
    assert bench.get("/accessPoint", CountryCode="CZ").status_code == 400
    assert bench.get("/accessPoint", Limit=1001, Offset=0).status_code == 400
    assert bench.get("/accessPoint", Country="CZ", Limit=1, Offset=0).status_code == 400


def test_points_are_filtered(bench: Bench) -> None:
    def found(**query: Any) -> list[dict[str, Any]]:
        return bench.get("/accessPoint", Limit=1000, Offset=0, **query).json()

    assert {point["country"] for point in found(CountryCode="SK")} == {"SK"}
    assert {point["zipCode"] for point in found(ZipCode="60200")} == {"60200"}
    assert {point["city"] for point in found(City="brno")} == {"Brno"}
    assert {point["accessPointType"] for point in found(AccessPointTypes=["ParcelBox", "AlzaBox"])} == {
        "ParcelBox",
        "AlzaBox",
    }
    assert not any(point["activeCashPayment"] for point in found(ActiveCashPayment="false"))
    assert {point["city"] for point in found(Latitude=49.195, Longitude=16.608, Radius=15, CountryCode="CZ")} == {
        "Brno"
    }
    assert bench.get("/accessPoint", Limit=1, Offset=0, Radius=5).status_code == 400
    assert bench.get("/accessPoint", Limit=1, Offset=0, AccessPointTypes="Shop").status_code == 400


def test_a_point_that_closed_is_gone_or_says_so(bench: Bench) -> None:
    for code in ("KM10004321", BOX):
        bench.world.points[code].is_open = False
    told = {point["accessPointCode"]: point for point in bench.get("/accessPoint", Limit=1000, Offset=0).json()}

    assert "KM10004321" not in told
    assert told[BOX]["pickupEnabled"] is False


@pytest.mark.parametrize(
    "name",
    [
        "ageCheck", "country", "currency", "externalNumber", "product", "proofOfIdentityType", "service",
        "servicePriceLimit", "shipmentPhase", "status", "validationMessage",
    ],
)  # fmt: skip
def test_every_code_list_has_rows(bench: Bench, name: str) -> None:
    assert bench.get(f"/codelist/{name}").json()


def test_limits_are_those_that_are_kept(bench: Bench) -> None:
    limits = bench.get("/codelist/servicePriceLimit").json()
    cod = {(row["product"], row["currency"]): row["maxPrice"] for row in limits if row["service"] == "COD"}

    assert (cod["SMAD", "CZK"], cod["SMED", "CZK"], cod["COND", "RON"]) == (100_000, 80_000, 7_300)
    assert bench.get("/codelist/nothing").status_code == 404


def test_the_customer_has_an_address_for_the_van(bench: Bench) -> None:
    assert "PICK" in {row["code"] for row in bench.get("/customer/address").json()}
    assert bench.get("/customer").json()["customerId"]
    assert bench.get("/addressWhisper", City="Brno", Street="Lip").json()[0]["street"] == "Lipová"
    assert bench.get("/routing", Country="CZ", ZipCode="60200").json()[0]["depot"] == "60"


def test_many_points_more_are_made_on_request(bench: Bench) -> None:
    before = len(bench.world.points)
    assert bench.world.grow
    bench.world.grow(3_000)

    assert len(bench.world.points) == before + 3_000
    page = bench.get("/accessPoint", CountryCode="CZ", Limit=1000, Offset=2000).json()
    assert len(page) == 1000
