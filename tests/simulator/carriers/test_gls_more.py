"""GLS's stand-in: recipients and points elsewhere, codes said when told, what the control tells (carriers.md 4)."""

from typing import Any

import pytest

from tests.simulator.carriers.gls_client import MAP, PARCEL, Bench, other, with_


@pytest.fixture
def bench() -> Bench:
    return Bench()


def to(country: str, zip_: str) -> dict[str, Any]:
    return PARCEL["DeliveryAddress"] | {"CountryIsoCode": country, "ZipCode": zip_, "City": "Kdesi"}


@pytest.mark.parametrize(
    ("country", "zip_", "is_taken"),
    [("DE", "10115", True), ("AT", "1010", True), ("PL", "30-001", True), ("IE", "D02 AF30", True),
     ("MT", "VLT 1117", True), ("DE", "1011", False), ("AT", "10100", False)],
)  # fmt: skip
def test_a_recipient_may_live_anywhere_in_the_union(bench: Bench, country: str, zip_: str, is_taken: bool) -> None:
    assert (bench.wrong(other("OBJ-1", DeliveryAddress=to(country, zip_))) == []) is is_taken


@pytest.mark.parametrize("country", ["si", "hr", "rs"])
def test_every_country_of_gls_has_its_list_of_points(bench: Bench, country: str) -> None:
    answer = bench.client.get(f"{MAP}/{country}.json", headers={"user-agent": "muj-eshop/1.0"})

    items = answer.json()["items"]
    assert {item["contact"]["countryCode"] for item in items} == {country.upper()}
    assert {item["type"] for item in items} == {"parcel-shop", "parcel-locker"}


def test_a_code_is_said_when_told(bench: Bench) -> None:
    [row] = bench.printed(PARCEL)
    number = row["ParcelNumber"]
    bench.go(hours=1)
    bench.world.say([str(number)], "64")

    assert [int(code) for code in bench.codes(number)] == [64, 51]
    with pytest.raises(ValueError, match="does not say"):
        bench.world.say([str(number)], "640")


def test_the_control_tells_the_cod_now_the_box_and_where_it_is_fetched(bench: Bench) -> None:
    services = [{"Code": "PSS"}, {"Code": "DPV", "DPVParameter": {"StringValue": "hodinky", "DecimalValue": 9000}}]
    [row] = bench.printed(with_(PARCEL, "ServiceList", services))
    bench.ask("ModifyCOD", ParcelId=row["ParcelId"], CODAmount=990)

    parcel = bench.world.parcels[str(row["ParcelNumber"])]
    facts = bench.world.facts(parcel)
    assert parcel.cod == ("990", "CZK")
    assert (facts["box"]["Content"], facts["collected_from"]["City"]) == ("Knihy", "Praha")
    assert (facts["insured"]["DecimalValue"], facts["services"].keys()) == (9000, {"PSS", "DPV"})
