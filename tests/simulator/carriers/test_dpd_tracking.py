"""DPD's stand-in: parcels on the clock with their codes, and the open list of pick-up points (3A, 3.9)."""

import csv
import io
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from simulator.carriers.lives import End
from tests.simulator.carriers.dpd_client import FIRST, ONE_BOX, PICKUP, POINTS, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_new_parcel_has_no_events(bench: Bench) -> None:
    bench.made(ONE_BOX)

    assert bench.codes(FIRST) == []


@pytest.mark.parametrize(
    ("shipment", "end", "codes"),
    [
        (ONE_BOX, End.HOME, ["05", "6", "10", "03", "13"]),
        (PICKUP, End.POINT, ["05", "6", "10", "23", "13"]),
        (ONE_BOX, End.SECOND_TRY, ["05", "6", "10", "03", "14", "03", "13"]),
        (ONE_BOX, End.REFUSED, ["05", "6", "10", "03", "04", "06", "13"]),
        (PICKUP, End.UNCOLLECTED, ["05", "6", "10", "23", "09", "06", "13"]),
        (ONE_BOX, End.LOST, ["05", "6", "10"]),
    ],
)
def test_a_parcel_lives_to_its_end(bench: Bench, shipment: dict[str, Any], end: End, codes: list[str]) -> None:
    bench.made(shipment)

    assert bench.lives(FIRST, end, days=12) == codes


def test_events_come_with_the_clock(bench: Bench) -> None:
    bench.made(ONE_BOX)

    assert bench.lives(FIRST, End.HOME) == ["05"]
    bench.go(hours=6)
    assert bench.codes(FIRST) == ["05", "6"]


def test_an_event_is_written_in_the_time_of_prague(bench: Bench) -> None:
    bench.made(ONE_BOX)
    bench.lives(FIRST, End.HOME)

    assert bench.get(f"/parcels/{FIRST}/tracking").json() == {
        "parcelEvents": [
            {
                "createdAt": "2026-03-02T09:00:00",
                "status": {
                    "statusCode": "05",
                    "description": "Převzato od odesílatele / Picked up from the sender",
                },
            }
        ]
    }


def test_delivered_to_the_sender_looks_like_delivered(bench: Bench) -> None:
    bench.made(ONE_BOX, ONE_BOX)
    there = bench.lives(FIRST, End.HOME, days=2)
    back = bench.lives("13845600012346", End.REFUSED, days=12)
    last = [bench.get(f"/parcels/{n}/tracking").json()["parcelEvents"][-1] for n in (FIRST, "13845600012346")]

    assert there[-1] == back[-1] == "13"
    assert last[0]["status"] == last[1]["status"]


@pytest.mark.parametrize("number", ["1", "13845600099999", f"no-{FIRST}", "%20"])
def test_an_unknown_number_is_not_found(bench: Bench, number: str) -> None:
    bench.made(ONE_BOX)

    answer = bench.get(f"/parcels/{number}/tracking")

    assert answer.status_code == 404
    assert answer.json().keys() == {"code", "message", "description"}


@pytest.mark.parametrize("is_bare", [False, True])
def test_several_are_answered_at_once_without_the_unknown(bench: Bench, is_bare: bool) -> None:
    second = bench.made(ONE_BOX, PICKUP)[1]
    bench.world.hand_over([second])
    numbers = (second, "13845600099999", FIRST)
    asked = {"parcels": [number if is_bare else {"parcelNumber": number} for number in numbers]}

    told = bench.post("/parcels/tracking", asked).json()["parcels"]

    assert [(one["parcelNumber"], len(one["parcelEvents"])) for one in told] == [(second, 1), (FIRST, 0)]


@pytest.mark.parametrize("body", [[], {}, {"parcels": []}, {"parcels": [7]}, {"parcelNumbers": [FIRST]}])
def test_a_wrong_question_is_refused(bench: Bench, body: Any) -> None:
    assert bench.post("/parcels/tracking", body).status_code == 400


def test_a_fault_turns_the_events_round(bench: Bench) -> None:
    bench.made(ONE_BOX)
    bench.lives(FIRST, End.HOME, days=2)
    bench.world.faults.add("reversed", operation="GET /parcels/{}/tracking")

    assert bench.codes(FIRST) == ["13", "03", "10", "6", "05"]


def listed(bench: Bench, **query: Any) -> dict[str, Any]:
    return bench.client.get(f"{POINTS}/api/getAll", params={"country": "203", **query}).json()


def test_the_list_of_points_is_open(bench: Bench) -> None:
    told = listed(bench)

    first = told["data"]["items"][0]
    assert (told["status"], told["count"], len(told["data"]["items"])) == ("ok", 200, 200)
    assert first.keys() == {
        *("id", "company", "street", "house_number", "city", "postcode", "phone", "fax", "email", "homepage"),
        *("latitude", "longitude", "pickup_network_type", "pickup_allowed", "return_allowed", "express_allowed"),
        *("dropoff_allowed", "cardpayment_allowed", "cod_allowed", "service", "hours"),
    }
    assert first["id"] == "CZ21570"
    assert first["hours"][0].keys() == {
        *("day", "dayName", "openMorning", "closeMorning", "openAfternoon", "closeAfternoon")
    }
    assert [one["hours"][-1]["dayName"] for one in told["data"]["items"][:3]] == ["Sobota", "Sobota", "Neděle"]
    assert {one["pickup_network_type"] for one in told["data"]["items"]} == {"pickup_point", "dpd_box"}


def test_the_alias_and_another_country_are_there(bench: Bench) -> None:
    alias = bench.client.get(f"{POINTS}/api/get-all?country=203").json()

    assert alias == listed(bench)
    assert {one["id"][:2] for one in listed(bench, country="703")["data"]["items"]} == {"SK"}


@pytest.mark.parametrize("query", ["", "?country=CZ", "?country=0203"])
def test_a_country_is_three_digits(bench: Bench, query: str) -> None:
    assert bench.client.get(f"{POINTS}/api/getAll{query}").status_code == 400


def test_the_hash_changes_with_the_list_alone(bench: Bench) -> None:
    before = listed(bench)["hash"]
    assert listed(bench)["hash"] == before

    bench.world.points["CZ21580"].is_open = False

    told = listed(bench)
    assert told["hash"] != before
    assert next(one for one in told["data"]["items"] if one["id"] == "CZ21580")["pickup_allowed"] == "0"


def test_one_point_and_those_near_are_found(bench: Bench) -> None:
    (one,) = bench.client.get(f"{POINTS}/api/GetParcelShopById?id=CZ21571").json()["data"]["items"]
    near = bench.client.get(f"{POINTS}/api/GetParcelShopsByAddress?address=Brno&limit=3&lang=cs").json()

    assert one["id"] == "CZ21571"
    assert [row["city"] for row in near["data"]["items"]] == ["Brno"] * 3
    assert bench.client.get(f"{POINTS}/api/GetParcelShopById?id=CZ1").json()["status"] == "error"


def test_the_list_is_there_as_xml_and_csv(bench: Bench) -> None:
    root = ET.fromstring(bench.client.get(f"{POINTS}/Export/xml?country=203").content)
    rows = list(
        csv.DictReader(
            io.StringIO(bench.client.get(f"{POINTS}/Export/csv?country=203").content.decode("windows-1250")),
            delimiter=";",
        )
    )

    assert [row.findtext("id") for row in root] == [row["id"] for row in rows] == list(bench.world.points)[:200]
    assert {row["city"] for row in rows} >= {"Plzeň", "Žďár nad Sázavou"}


def test_the_list_grows_as_far_as_asked(bench: Bench) -> None:
    bench.world.grow(1_800)

    told = listed(bench)
    assert told["count"] == len({one["id"] for one in told["data"]["items"]}) == 2_000
