"""Balíkobot's stand-in: all its carriers, extra services, customs, numbers of others (carriers.md 6)."""

from typing import Any

import pytest

from simulator.carriers.balikobot import inners
from tests.simulator.carriers.balikobot_client import HOME, PLAIN, Balikobot, balikobot

POLISH = HOME | {"rec_country": "PL", "rec_zip": "30-001", "rec_phone": "+48601234567", "service_type": "3060"}
BRITISH = HOME | {"rec_country": "GB", "rec_zip": "SW1A1AA", "rec_phone": "+447911123456", "service_type": "EXPRESS"}
CUSTOMS = {
    "content_data": [{"name": "tričko", "count": 2}],
    "invoice_number": "FA1",
    "eori": "CZ12345678",
    "declaration_type": "CN23",
}


@pytest.fixture
def it() -> Balikobot:
    return balikobot()


@pytest.mark.parametrize("carrier", sorted(inners.CODES - {"liftago"}))
def test_every_carrier_answers_and_books_an_address(it: Balikobot, carrier: str) -> None:
    listed = it.get(f"/{carrier}/services").json()["service_types"]
    code = next(one["service_type"] for one in listed)
    there = {"sp": {"rec_country": "SK", "rec_zip": "81101"}, "fan": {"rec_country": "RO", "rec_zip": "400001"}}

    if carrier == "zasilkovna":
        code = "106"
    row = it.made(HOME | there.get(carrier, {}) | {"service_type": code}, to=carrier)

    assert it.ordered(row["package_id"], to=carrier)["status"] == 200
    assert it.track(row["carrier_id"], to=carrier)[0]["states"][0]["status_id_v2"] == -1


@pytest.mark.parametrize("carrier", ["ups", "fedex", "dhl", "spring", "inpost", "sps", "sameday"])
def test_a_carrier_whose_services_nobody_names_takes_any_name(it: Balikobot, carrier: str) -> None:
    assert it.made(BRITISH, to=carrier)
    assert it.wrong(BRITISH | {"eid": "OBJ-2026-1", "service_type": "not a code"}, to=carrier) == {"service_type": 413}


@pytest.mark.parametrize(("carrier", "country"), sorted(inners.WITH_POINTS.items()))
def test_some_of_them_have_points(it: Balikobot, carrier: str, country: str) -> None:
    rows = it.get(f"/{carrier}/fullbranches/service/2/country/{country}").json()["branches"]

    zip_ = {"HU": "1011", "RO": "010011", "DE": "10115", "PL": "30-001", "SK": "81101"}[country]
    to = HOME | {"rec_country": country, "rec_zip": zip_, "service_type": "2", "branch_id": rows[0]["branch_id"]}
    assert it.made(to, to=carrier)


def test_a_couriers_points_are_not_ones_own(it: Balikobot) -> None:
    rows = it.get("/zasilkovna/fullbranches/service/3060").json()["branches"]

    assert {row["country"] for row in rows} == {"PL"}
    assert it.made(POLISH, branch_id=rows[0]["branch_id"])
    assert it.wrong(POLISH | {"eid": "OBJ-2026-1", "branch_id": "600000"}) == {"branch_id": 413}


def test_another_world_delivers_under_a_number_of_its_own(it: Balikobot) -> None:
    row = it.made(HOME | {"service_type": "25061", "return_track": True})

    assert row["carrier_id_final"]
    assert row["carrier_id_final"] in row["track_url_final"]
    assert "carrier_id_final" not in it.made(PLAIN)


@pytest.mark.parametrize("asked", [{"swap": True}, {"services": ["swap"]}])
def test_a_swap_has_a_second_number(it: Balikobot, asked: dict[str, Any]) -> None:
    row = it.made(HOME | {"service_type": "4", **asked}, to="ppl")

    assert row["carrier_id_swap"] not in ("", row["carrier_id"])
    assert len(it.yard.world.parcels) == 1


@pytest.mark.parametrize("services", [["7", "41"], ["4A"], ["SATD", "sms_notification"], []])
def test_extra_services_are_codes_or_flags(it: Balikobot, services: list[str]) -> None:
    it.made(HOME | {"service_type": "DR", "services": services}, to="cp")

    [parcel] = it.yard.world.parcels.values()
    assert it.yard.world.facts(parcel)["services"] == services


def test_the_control_tells_what_was_declared(it: Balikobot) -> None:
    it.made(BRITISH | CUSTOMS | {"rec_street_append": "2nd floor", "rec_region": "Kent"}, to="ups")

    [told] = it.yard.told("/parcels")["parcels"]
    assert told["facts"]["customs"] == CUSTOMS
    assert (told["facts"]["inner"], told["facts"]["is_ordered"]) == ("ups", False)


@pytest.mark.parametrize("goods", [["tričko"], [{}], {"name": "tričko"}, [None]])
def test_goods_are_objects(it: Balikobot, goods: Any) -> None:
    assert it.wrong(BRITISH | {"content_data": goods}, to="ups") == {"content_data": 413}


def test_a_car_is_known_by_the_carrier_it_is_of(it: Balikobot) -> None:
    window = {"date": "2026-03-05", "time_from": "12:00", "time_to": "16:00", "weight": 40, "package_count": 14}
    it.post("/ups/orderpickup", window)

    [car] = it.yard.told("/cars")["cars"]
    assert (car["told"]["inner"], car["told"]["date"], car["cancelled_at"]) == ("ups", "2026-03-05", None)


@pytest.mark.parametrize("code", ["3.1", "0.3", "2.5", "6.1"])
def test_a_code_is_said_when_told(it: Balikobot, code: str) -> None:
    parcel = it.on_the_way(HOME | {"service_type": "4"}, to="ppl")
    it.yard.world.say([parcel.number], code)

    assert it.track(parcel.number, to="ppl")[0]["states"][-1]["status_id_v2"] == float(code)
