"""Balíkobot's lists of points and settings (carriers.md 6.1, 6.6)."""

import gzip
import json
from typing import Any

import pytest

from tests.simulator.carriers.balikobot_client import HOME, SLOVAK, Balikobot, balikobot


@pytest.fixture
def it() -> Balikobot:
    return balikobot()


def points(it: Balikobot, path: str, **query: str) -> list[dict[str, Any]]:
    told = it.get(path, **query).json()
    assert told["status"] == 200, told
    return told["branches"]


def test_a_full_list_has_the_fields_of_the_contract(it: Balikobot) -> None:
    rows = points(it, "/zasilkovna/fullbranches/service/VMCZ/country/CZ")

    assert rows[0]["id"] == "18542"
    assert set(rows[0]) == {
        *("id", "branch_id", "branch_uid", "type", "name", "city", "street", "zip", "country", "city_part", "district"),
        *("region", "currency", "photo_small", "photo_big", "url", "latitude", "longitude", "directions_global"),
        *("directions_car", "directions_public", "wheelchair_accessible", "claim_assistant", "dressing_room"),
        *("opening_monday", "opening_tuesday", "opening_wednesday", "opening_thursday", "opening_friday"),
        *("opening_saturday", "opening_sunday", "max_weight"),
    }


@pytest.mark.parametrize(
    ("to", "service", "value"),
    [
        ("zasilkovna", "VMSK", lambda row: row["id"]),
        ("cp", "NB", lambda row: row["zip"].replace(" ", "")),
        ("cp", "NP", lambda row: row["zip"].replace(" ", "")),
        ("sp", "BZP", lambda row: row["zip"].replace(" ", "")),
        ("sp", "BZB", lambda row: row["zip"].replace(" ", "")),
        ("ppl", "52", lambda row: row["id"].removeprefix("KM")),
        ("dpd", "3", lambda row: row["id"]),
        ("gls", "2", lambda row: row["id"]),
    ],
)
def test_every_point_listed_for_a_service_can_be_delivered_to(it: Balikobot, to: str, service: str, value: Any) -> None:
    method = "branches" if to == "sp" else "fullbranches"
    rows = points(it, f"/{to}/{method}/service/{service}")
    bases = {"CZ": HOME, "SK": SLOVAK}

    told = it.add(
        *(
            bases[row["country"]] | {"service_type": service, "branch_id": value(row), "eid": f"OBJ-{n:08}"}
            for n, row in enumerate(rows)
        ),
        to=to,
    )

    assert len(rows) > 5
    assert told["status"] == 200


def test_a_list_comes_packed_when_asked_to_but_not_from_everyone(it: Balikobot) -> None:
    packed = it.get("/zasilkovna/fullbranches", gzip="1").content
    plain = it.get("/ppl/fullbranches", gzip="1").content

    assert json.loads(gzip.decompress(packed)) == it.get("/zasilkovna/fullbranches").json()
    assert json.loads(plain)["status"] == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sp/fullbranches", 501),
        ("/geis/branches", 501),
        ("/cp/branches/service/DR", 413),
        ("/cp/branches/service/XX", 413),
        ("/cp/branches/country/cz", 413),
        ("/cp/branches/city/Brno", 501),
        ("/cp/branches/service", 501),
    ],
)
def test_a_list_that_there_is_not_is_refused(it: Balikobot, path: str, status: int) -> None:
    assert it.get(path).json()["status"] == status


def test_lists_are_narrowed_and_leave_out_what_is_closed(it: Balikobot) -> None:
    assert {row["country"] for row in points(it, "/zasilkovna/branches/country/SK")} == {"SK"}
    before = len(points(it, "/zasilkovna/branches/country/SK"))
    it.yard.world.points["zasilkovna/400000"].is_open = False

    assert len(points(it, "/zasilkovna/branches/country/SK")) == before - 1


def test_a_list_grows_when_asked(it: Balikobot) -> None:
    it.yard.world.grow(5_000)

    url = "/zasilkovna/fullbranches/service/VMCZ?gzip=1"
    with it.yard.client.stream("GET", url, auth=it.auth) as answer:
        packed = b"".join(answer.iter_bytes())

    assert gzip.decompress(packed).count(b'"branch_id"') > 4_000


def test_a_point_is_found_by_its_city(it: Balikobot) -> None:
    body = {"country": "CZ", "city": "Brno", "max_results": 3}

    told = it.post("/gls/branchlocator", body).json()["branches"]

    assert {one["city"] for one in told} == {"Brno"}
    assert len(told) == 3
    assert it.post("/gls/branchlocator", {"city": "Brno"}).json()["status"] == 406
    assert it.post("/gls/branchlocator", body | {"town": "Brno"}).json()["status"] == 413


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/info/carriers", "carriers"),
        ("/ppl/services", "service_types"),
        ("/ppl/activatedservices", "service_types"),
        ("/ppl/countries4service", "service_types"),
        ("/ppl/cod4services", "service_types"),
        ("/ppl/addserviceoptions", "service_types"),
        ("/ppl/addserviceoptions/4", "services"),
        ("/ppl/addattributes", "attributes"),
        ("/ppl/zipcodes/4/CZ", "zip_codes"),
        ("/ppl/manipulationunits", "units"),
        ("/ppl/adrunits", "units"),
        ("/getCountriesData", "countries"),
        ("/changelog", "changelog"),
    ],
)
def test_settings_can_be_read(it: Balikobot, path: str, name: str) -> None:
    told = it.get(path).json()

    assert told["status"] == 200
    assert isinstance(told[name], list)


def test_the_real_addresses_are_answered_in_process(it: Balikobot) -> None:
    token = it.made()["label_url"].partition("/pdf/")[2]

    assert it.get("https://apiv2.balikobot.cz/info/whoami").json()["status"] == 200
    assert it.file(f"https://pdf.balikobot.cz/{token}").startswith(b"%PDF")
