"""GLS: parcels are stored, numbered, printed, looked up, changed and deleted as the contract says."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from simulator.carriers.gls.booking import check_digit
from tests.simulator.carriers.gls_client import (
    HOME,
    HOW,
    MAP,
    MONDAY,
    PARCEL,
    Bench,
    codes_of,
    other,
    stamp,
    texts,
    with_,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_example_is_answered_as_printed(bench: Bench) -> None:
    answer = bench.print(PARCEL)
    labels = answer.pop("Labels")

    assert labels[:5] == [37, 80, 68, 70, 45]
    assert answer == {
        "PrintLabelsErrorList": [],
        "PrintLabelsInfoList": [
            {"ClientReference": "OBJ-2026-00417", "ParcelId": 90210001, "ParcelNumber": 31177007966}
        ],
    }
    assert bench.world.made() == {"OBJ-2026-00417": ["31177007966"]}


def test_the_error_is_answered_as_printed(bench: Bench) -> None:
    assert bench.print(with_(PARCEL, "DeliveryAddress.ZipCode", "6020")) == {
        "Labels": None,
        "PrintLabelsInfoList": [],
        "PrintLabelsErrorList": [
            {
                "ErrorCode": 13,
                "ErrorDescription": "Parcel validation issue: DeliveryAddress.ZipCode",
                "ClientReferenceList": ["OBJ-2026-00417"],
                "ParcelIdList": [],
            }
        ],
    }
    assert bench.world.made() == {}


def test_the_test_vector_of_the_check_digit() -> None:
    assert check_digit("3117700796") == 6


def test_one_bad_parcel_does_not_spoil_the_others(bench: Bench) -> None:
    bad = {"City": ""}
    parcels = [HOME, *(other(f"B{n}", DeliveryAddress=PARCEL["DeliveryAddress"] | bad) for n in (1, 2)), PARCEL]
    answer = bench.print(*parcels)

    assert [row["ClientReference"] for row in answer["PrintLabelsInfoList"]] == ["OBJ-2026-00418", "OBJ-2026-00417"]
    (error,) = answer["PrintLabelsErrorList"]
    assert (error["ErrorCode"], error["ClientReferenceList"]) == (13, ["B1", "B2"])
    assert texts(answer["Labels"]) == [str(row["ParcelNumber"]) for row in answer["PrintLabelsInfoList"]]


def test_the_same_parcel_twice_is_two_labels(bench: Bench) -> None:
    bench.printed(HOME, HOME)

    assert len(bench.world.made()["OBJ-2026-00418"]) == 2


def test_boxes_have_consecutive_numbers_and_are_no_second_label(bench: Bench) -> None:
    rows = bench.printed(PARCEL | {"Count": 3})

    assert {row["ClientReference"] for row in rows} == {"OBJ-2026-00417"}
    assert [row["ParcelId"] for row in rows] == [90210001, 90210002, 90210003]
    assert [row["ParcelNumber"] // 10 for row in rows] == [3117700796, 3117700797, 3117700798]
    assert all(check_digit(str(row["ParcelNumber"] // 10)) == row["ParcelNumber"] % 10 for row in rows)
    assert {reference: len(made) for reference, made in bench.world.made().items()} == {
        "OBJ-2026-00417": 1,
        "OBJ-2026-00417#2": 1,
        "OBJ-2026-00417#3": 1,
    }
    assert [parcel.cod for parcel in bench.world.parcels.values()] == [("1290", "CZK"), None, None]


def test_a_collection_elsewhere_tells_its_first_box_alone(bench: Bench) -> None:
    answer = bench.print(other("PSS", Count=3, ServiceList=[{"Code": "PSS"}]))

    assert len(answer["PrintLabelsInfoList"]) == 1
    assert len(texts(answer["Labels"])) == 3


@pytest.mark.parametrize("method", ["PrepareLabels", "PrepareLabelsV2", "PrepareLabels_20251022"])
def test_what_is_prepared_has_an_id_and_gets_its_number_when_it_is_printed(bench: Bench, method: str) -> None:
    prepared = bench.label(method, ParcelList=[PARCEL, with_(HOME, "Count", 0)])
    assert prepared["ParcelInfoList"] == [{"ClientReference": "OBJ-2026-00417", "ParcelId": 90210001}]
    assert codes_of(prepared, "PrepareLabelsError") == [29]
    assert bench.world.made() == {}

    answer = bench.reprint(90210001)
    (row,) = answer["PrintDataInfoList"]
    assert (row["ParcelNumber"], row["ParcelNumberWithCheckdigit"]) == (3117700796, 31177007966)
    assert texts(answer["Labels"]) == ["31177007966"]
    assert bench.world.made() == {"OBJ-2026-00417": ["31177007966"]}


def test_a_label_is_printed_again_and_stays_the_same(bench: Bench) -> None:
    first = bench.print(PARCEL)
    again = bench.reprint(90210001)

    assert again["Labels"] == first["Labels"]
    assert again["GetPrintedLabelsErrorList"] == []
    assert len(bench.world.parcels) == 1


def test_own_labels_need_a_number_first(bench: Bench) -> None:
    bench.label("PrepareLabels", ParcelList=[PARCEL])
    assert codes_of(bench.label("GetPrintData", ParcelIdList=[90210001]), "GetPrintDataErrorList") == [26]

    bench.reprint(90210001)
    (row,) = bench.label("GetPrintData", ParcelIdList=[90210001])["PrintDataInfoList"]
    assert row["ParcelNumberWithCheckdigit"] == 31177007966
    assert row["ClientReference"] == row["Parcel"]["ClientReference"] == "OBJ-2026-00417"


def test_ninety_nine_are_printed_at_once(bench: Bench) -> None:
    prepared = bench.label("PrepareLabels", ParcelList=[other(f"O{n}") for n in range(100)])
    ids = [row["ParcelId"] for row in prepared["ParcelInfoList"]]

    assert codes_of(bench.reprint(*ids), "GetPrintedLabelsErrorList") == [13]
    assert len(bench.reprint(*ids[:99])["PrintDataInfoList"]) == 99


def test_ids_are_unknown_or_foreign_and_the_good_ones_are_printed(bench: Bench) -> None:
    bench.printed(PARCEL)
    bench.world.add_account(
        "else", given={"country": "CZ"}, username="jiny@example.cz", password="x", client_number="50009999"
    )
    bench.account = "else"
    bench.label("PrepareLabels", ParcelList=[HOME | {"ClientNumber": 50009999}])

    answer = bench.reprint(90210001, 90210002, 4711)
    assert [row["ParcelId"] for row in answer["PrintDataInfoList"]] == [90210002]
    assert codes_of(answer, "GetPrintedLabelsErrorList") == [9, 4]
    assert [one["ParcelIdList"] for one in answer["GetPrintedLabelsErrorList"]] == [[90210001], [4711]]
    assert codes_of(bench.track(31177007966), "GetParcelStatusErrors") == [10]


def test_the_fifth_same_request_in_five_minutes_is_refused_and_makes_it_worse(bench: Bench) -> None:
    for _ in range(4):
        bench.printed(HOME)
        bench.go(seconds=60)
    for _ in range(3):
        assert bench.wrong(HOME)[0][0] == 31
        bench.go(seconds=60)
    assert bench.printed(PARCEL)

    bench.go(seconds=301)
    bench.printed(HOME)
    assert len(bench.world.made()["OBJ-2026-00418"]) == 5


def test_asking_is_not_counted(bench: Bench) -> None:
    bench.printed(HOME)

    assert all(bench.codes(31177007966) == ["51"] for _ in range(10))


def test_a_label_is_deleted_until_the_parcel_is_scanned(bench: Bench) -> None:
    bench.printed(PARCEL, HOME)
    bench.world.hand_over(["31177007973"])
    bench.go(hours=1)

    answer = bench.delete(90210001, 90210002, 4711)
    assert answer["SuccessfullyDeletedList"] == [{"ParcelId": 90210001, "SubParcelIdList": []}]
    assert codes_of(answer, "DeleteLabelsErrorList") == [6, 4]
    assert bench.world.made() == {"OBJ-2026-00418": ["31177007973"]}

    assert codes_of(bench.delete(90210001), "DeleteLabelsErrorList") == [6]
    assert codes_of(bench.track(31177007966), "GetParcelStatusErrors") == [5]
    assert codes_of(bench.reprint(90210001), "GetPrintedLabelsErrorList") == [6]
    assert codes_of(bench.reprint(90210002), "GetPrintedLabelsErrorList") == [6]
    assert bench.found(days=1) == ["OBJ-2026-00418"]


def test_a_shipment_is_deleted_with_its_boxes(bench: Bench) -> None:
    bench.printed(PARCEL | {"Count": 3})

    assert bench.delete(90210002)["SuccessfullyDeletedList"] == [{"ParcelId": 90210002, "SubParcelIdList": []}]
    assert bench.delete(90210001)["SuccessfullyDeletedList"] == [{"ParcelId": 90210001, "SubParcelIdList": [90210003]}]
    assert bench.world.made() == {}


def test_what_was_only_prepared_is_not_in_printed_state(bench: Bench) -> None:
    bench.label("PrepareLabels", ParcelList=[PARCEL])

    assert codes_of(bench.delete(90210001), "DeleteLabelsErrorList") == [6]
    assert codes_of(bench.ask("ModifyCOD", ParcelId=90210001, CODAmount=1), "ModifyCODError") == [26]


def test_cod_is_changed_by_id_or_number(bench: Bench) -> None:
    bench.printed(PARCEL)
    parcel = bench.world.parcels["31177007966"]

    assert bench.ask("ModifyCOD", ParcelId=90210001, CODAmount=990) == {"Successful": True, "ModifyCODError": []}
    assert parcel.cod == ("990", "CZK")
    assert bench.ask("ModifyCOD", ParcelNumber=31177007966, CODAmount=0)["Successful"] is True
    assert parcel.cod is None

    refused = bench.ask("ModifyCOD", ParcelNumber=31177007966, CODAmount=12.5)
    assert (refused["Successful"], codes_of(refused, "ModifyCODError")) == (False, [13])
    assert codes_of(bench.ask("ModifyCOD", ParcelNumber=3117700796, CODAmount=1), "ModifyCODError") == [5]
    bench.world.move_on(["31177007966"], steps=None)
    assert codes_of(bench.ask("ModifyCOD", ParcelId=90210001, CODAmount=1), "ModifyCODError") == [6]


def test_what_was_printed_is_found_by_its_time(bench: Bench) -> None:
    bench.printed(PARCEL | {"Count": 2})
    bench.go(days=1)
    bench.printed(HOME)

    assert bench.found(hours=1) == ["OBJ-2026-00418"]
    assert bench.found(days=1) == ["OBJ-2026-00417", "OBJ-2026-00417", "OBJ-2026-00418"]
    pickup = {"PickupDateFrom": "/Date(1772700000000+0100)/", "PickupDateTo": "/Date(1772700000000)/"}
    assert len(bench.ask("GetParcelList", **pickup)["PrintDataInfoList"]) == 3
    today = {"PrintDateFrom": stamp(MONDAY), "PrintDateTo": stamp(MONDAY + timedelta(hours=1))}
    assert len(bench.ask("GetParcelList", **pickup, **today)["PrintDataInfoList"]) == 2


def test_returns_have_an_address(bench: Bench) -> None:
    assert bench.ask("GetClientReturnAddress", ClientNumber=50001234)["ReturnAddress"]["City"] == "Praha"


def test_a_dropped_create_was_made_and_is_found(bench: Bench) -> None:
    bench.world.faults.add("dropped", operation="PrintLabels")
    with pytest.raises(httpx.RemoteProtocolError):
        bench.print(PARCEL)

    assert bench.found(minutes=1) == ["OBJ-2026-00417"]
    made = [(entry.operation, entry.made, entry.references) for entry in bench.world.ledger if entry.made]
    assert made == [("PrintLabels", ["31177007966"], ["OBJ-2026-00417"])]


@pytest.mark.parametrize("method", ["PrintLabels", "GetPrintedLabels"])
def test_a_late_create_lands(bench: Bench, method: str) -> None:
    bench.label("PrepareLabels", ParcelList=[other("prepared")])
    bench.world.faults.add("late", seconds=90)
    with pytest.raises(httpx.RemoteProtocolError):
        bench.print(HOME) if method == "PrintLabels" else bench.reprint(90210001)
    bench.go(seconds=60)
    assert bench.found(minutes=10) == []

    bench.go(seconds=31)
    assert bench.found(seconds=10) == ["OBJ-2026-00418" if method == "PrintLabels" else "prepared"]
    (entry,) = [entry for entry in bench.world.ledger if entry.made]
    assert (entry.late, entry.status, entry.operation) == (True, 200, method)


@pytest.mark.parametrize(("kind", "status"), [("busy", 429), ("error", 500)])
def test_trouble_is_a_page_and_nothing_is_made(bench: Bench, kind: str, status: int) -> None:
    bench.world.faults.add(kind, operation="PrintLabels")
    answer = bench.post("PrintLabels", WebshopEngine="x", ParcelList=[HOME], **HOW)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert bench.world.made() == {}


@pytest.mark.parametrize("code", [16, 17, 19, 20, 21, 1000, 1001])
def test_its_own_troubles_are_told_in_the_list_of_errors(bench: Bench, code: int) -> None:
    bench.world.bag["trouble"] = {"PrintLabels": [code]}

    assert [one for one, _ in bench.wrong(HOME)] == [code]
    assert bench.world.made() == {}
    assert bench.printed(HOME)


@pytest.mark.parametrize(("kind", "count"), [("doubled", 3), ("short", 1), ("reversed", 2)])
def test_an_answer_can_lack_a_row_or_have_one_twice(bench: Bench, kind: str, count: int) -> None:
    bench.world.faults.add(kind)

    assert len(bench.printed(HOME, PARCEL)) == count
    assert len(bench.world.parcels) == 2


def test_the_list_of_points_refuses_clients_without_a_name(bench: Bench) -> None:
    assert bench.client.get(f"{MAP}/cz.json").status_code == 403
    assert bench.client.get(f"{MAP}/cz.json", headers={"user-agent": ""}).status_code == 403
    assert bench.client.get(f"{MAP}/cz.json", headers={"user-agent": "muj-eshop/1.0"}).status_code == 200
    assert bench.client.get(f"{MAP}/xx.json", headers={"user-agent": "muj-eshop/1.0"}).status_code == 404
    assert bench.client.post(f"{MAP}/cz.json", headers={"user-agent": "muj-eshop/1.0"}).status_code == 405


def points(bench: Bench, country: str = "cz") -> dict[str, dict[str, Any]]:
    answer = bench.client.get(f"{MAP}/{country}.json", headers={"user-agent": "muj-eshop/1.0"})
    return {item["id"]: item for item in answer.json()["items"]}


def test_points_are_written_as_the_contract_lists(bench: Bench) -> None:
    items = points(bench)
    shop = items["CZ60200-PARCELSHOP01"]

    assert set(shop) == {
        "id",
        "goldId",
        "externalId",
        "name",
        "description",
        "contact",
        "location",
        "hours",
        "features",
        "type",
        "parcelLockerExternalProvider",
        "hasWheelchairAccess",
        "lockerSaturation",
    }
    assert set(shop["contact"]) == {"countryCode", "postalCode", "city", "address", "phone", "web"}
    assert {item["type"] for item in items.values()} == {"parcel-shop", "parcel-locker"}
    assert all(("PARCELLOCK" in id_) == (item["type"] == "parcel-locker") for id_, item in items.items())
    assert set(shop["features"]) <= {"pickup", "delivery", "acceptsCash", "acceptsCard"}
    assert all(item["contact"]["countryCode"] == "SK" for item in points(bench, "sk").values())


def test_a_closed_point_is_not_in_the_list_and_takes_no_parcel(bench: Bench) -> None:
    bench.world.points["CZ60200-PARCELSHOP01"].is_open = False

    assert "CZ60200-PARCELSHOP01" not in points(bench)
    assert bench.wrong(PARCEL) == [(13, "Parcel validation issue: ServiceList.PSD")]


def test_points_grow_when_asked(bench: Bench) -> None:
    before = len(points(bench))
    assert bench.world.grow is not None
    bench.world.grow(2_000)

    assert len(points(bench)) > before + 1_500
