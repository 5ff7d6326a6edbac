"""Balíkobot's packages are ordered, printed, and live on the clock (carriers.md 6.3 to 6.5)."""

import json
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from simulator.carriers.balikobot import numbers
from simulator.carriers.lives import End, Scan, Step
from simulator.wire import PRAGUE
from tests.simulator.carriers.balikobot_client import HOME, PLAIN, ROMANIAN, SLOVAK, Balikobot, balikobot
from tests.simulator.carriers.yard import codes

AT_PPL = HOME | {"service_type": "4"}


@pytest.fixture
def it() -> Balikobot:
    return balikobot()


def without(package: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in package.items() if name not in names}


def fine(it: Balikobot, number: str, to: str = "zasilkovna") -> list[float]:
    (row,) = it.track(number, to=to)
    return [state["status_id_v2"] for state in row.get("states", [])]


def test_a_package_is_read_by_its_id_and_by_its_number(it: Balikobot) -> None:
    row = it.made()

    told = it.get("/zasilkovna/package/42719").json()

    assert told == it.get("/zasilkovna/package/carrier_id/Z4154090123").json()
    assert (told["status"], told["carrier_id"], told["rec_name"]) == (200, row["carrier_id"], "Jana Dvořáková")


@pytest.mark.parametrize(
    "path",
    [
        "/zasilkovna/package/1",
        "/cp/package/42719",
        "/zasilkovna/package/carrier_id/Z1",
        "/ppl/package/carrier_id/Z4154090123",
        "/zasilkovna/package",
        "/zasilkovna/orderview/1",
        "/cp/orderview/2757",
        "/zasilkovna/orderview",
    ],
)
def test_what_does_not_exist_at_this_carrier_is_404(it: Balikobot, path: str) -> None:
    it.ordered(it.made()["package_id"])

    assert it.get(path).json()["status"] == 404


def test_another_accounts_package_is_unknown(it: Balikobot) -> None:
    it.made()
    login = it.yard.world.accounts["test"].login
    other = replace(it, auth=(login["api_user"], login["api_key"]))

    assert other.get("/zasilkovna/package/42719").json()["status"] == 404
    assert other.ordered("42719")["status"] == 404
    assert other.made()["carrier_id"] == "Z4154090124"


def test_a_dropped_package_is_gone_and_its_eid_free(it: Balikobot) -> None:
    row = it.made()
    told = [it.post("/zasilkovna/drop", {"package_ids": ["42719"]}).json()["status"] for _ in range(2)]

    assert told == [200, 404]
    assert it.yard.world.made() == {}
    assert it.get("/zasilkovna/overview").json()["packages"] == []
    assert it.yard.client.get(row["label_url"]).status_code == 404
    assert it.add(PLAIN)["status"] == 200


def test_of_several_to_drop_all_go_or_none(it: Balikobot) -> None:
    it.made()

    assert it.post("/zasilkovna/drop", {"package_ids": ["42719", "1"]}).json()["status"] == 404
    assert it.yard.world.made() != {}


def test_what_is_ordered_cannot_be_dropped(it: Balikobot) -> None:
    it.ordered(it.made()["package_id"])

    assert it.post("/zasilkovna/drop", {"package_ids": ["42719"]}).json()["status"] == 405


def test_an_order_is_answered_as_printed_and_repeated_with_208(it: Balikobot) -> None:
    it.made()

    told = it.ordered("42719")

    assert {name: value for name, value in told.items() if not name.endswith("_url")} == {
        "status": 200,
        "order_id": "2757",
        "package_ids": ["42719"],
    }
    assert it.ordered(42719) == told | {"status": 208}
    assert it.get("/zasilkovna/orderview/2757").json() == told
    assert it.get("/zasilkovna/overview").json()["packages"] == []
    assert codes(it.file(told["labels_url"])) == [[("Code128", "Z4154090123"), ("QRCode", "Z4154090123")]]
    assert codes(it.file(told["handover_url"])) == [[("Code128", "2757")]]
    assert b"Z4154090123" in it.file(told["file_url"])


def test_a_call_that_mixes_ordered_and_new_packages_orders_nothing(it: Balikobot) -> None:
    it.ordered(it.made()["package_id"])
    second = it.made(eid="OBJ-00000002")["package_id"]

    assert it.ordered("42719", second)["status"] == 405
    assert it.ordered(second, second)["status"] == 413
    assert it.ordered(second, "1")["status"] == 404
    assert [one["package_id"] for one in it.get("/zasilkovna/overview").json()["packages"]] == [second]
    assert it.ordered()["status"] == 406


def test_a_protocol_of_many_packages_has_several_pages(it: Balikobot) -> None:
    told = it.add(*(PLAIN | {"eid": f"OBJ-{n:08}"} for n in range(70)))
    order = it.ordered(*(one["package_id"] for one in told["packages"]))

    assert len(codes(it.file(order["handover_url"]))) == 2


COLLECTION = {
    "date": "2026-03-05",
    "time_from": "12:00",
    "time_to": "16:00",
    "weight": 40,
    "package_count": 14,
    "message": "Rampa 2",
}


def test_a_collection_is_ordered_as_printed(it: Balikobot) -> None:
    assert "message" not in it.post("/cp/orderpickup", COLLECTION).json()
    told = it.post("/ppl/orderpickup", {"date": "2026-03-05", "note": "Rampa 2"}).json()
    assert told["pickup_order_id"]
    assert told["confirmed"]
    assert [one["inner"] for one in it.yard.world.bag["collections"]] == ["cp", "ppl"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"date": "5.3.2026"}, 416),
        ({"date": "2026-03-01"}, 416),
        ({"date": "2026-13-01"}, 416),
        ({"date": None}, 406),
        ({"time_to": "11:00"}, 413),
        ({"time_from": "noon"}, 413),
        ({"package_count": 0}, 413),
        ({"date": "2026-03-07"}, 200),
    ],
)
def test_a_message_means_that_no_collection_was_ordered(it: Balikobot, changed: dict[str, Any], status: int) -> None:
    told = it.post("/cp/orderpickup", COLLECTION | changed).json()

    assert told["status"] == status
    assert told["message"]
    assert not it.yard.world.bag["collections"]


@pytest.mark.parametrize(
    ("to", "package", "number"),
    [
        ("zasilkovna", PLAIN, "Z4154090123"),
        ("cp", HOME | {"service_type": "DR"}, "DR4362230958U"),
        ("ppl", HOME | {"service_type": "4"}, "40551000123"),
        ("gls", HOME | {"service_type": "1"}, "31177007966"),
        ("sp", SLOVAK | {"service_type": "BZA"}, "EB123456785SK"),
        ("fan", ROMANIAN | {"service_type": "Standard"}, "2332300120218"),
        ("geis", HOME | {"service_type": "1"}, "090000000123"),
    ],
)
def test_a_label_says_the_number(it: Balikobot, to: str, package: dict[str, Any], number: str) -> None:
    row = it.made(package, to=to)

    (page,) = codes(it.file(row["label_url"]))

    assert row["carrier_id"] == number
    assert {text for _, text in page} == {number}


def test_dpds_label_has_the_number_among_28_characters(it: Balikobot) -> None:
    row = it.made(HOME | {"service_type": "2"}, to="dpd")

    assert row["barcode"] == f"%0060200{row['carrier_id']}327203"
    assert codes(it.file(row["label_url"])) == [[("Code128", row["barcode"])]]


def test_labels_come_in_the_order_asked(it: Balikobot) -> None:
    rows = [it.made(eid=f"OBJ-0000000{n}") for n in range(3)][::-1]

    told = it.post("/zasilkovna/labels", {"package_ids": [row["package_id"] for row in rows]}).json()

    assert told["status"] == 200
    assert [page[0][1] for page in codes(it.file(told["labels_url"]))] == [row["carrier_id"] for row in rows]


def test_a_package_of_several_boxes_has_a_label_for_each(it: Balikobot) -> None:
    row = it.made(HOME | {"service_type": "1", "pieces_count": 3, "get_piece_numbers": True}, to="gls")

    assert row["pieces"][0] == row["carrier_id"]
    assert [page[0][1] for page in codes(it.file(row["label_url"]))] == row["pieces"]
    assert it.yard.world.made() == {row["eid"]: [row["carrier_id"]]}


def test_the_client_zone_lays_labels_out(it: Balikobot) -> None:
    it.yard.world.accounts["shop"].given |= {"layout": "A4", "position": 4}

    told = it.add(PLAIN, PLAIN | {"eid": "OBJ-00000002"})

    assert [{text for _, text in page} for page in codes(it.file(told["labels_url"]))] == [
        {"Z4154090123"},
        {"Z4154090124"},
    ]


def test_labels_of_what_was_ordered_are_with_the_order(it: Balikobot) -> None:
    it.ordered(it.made()["package_id"])
    assert it.post("/zasilkovna/labels", {"package_ids": ["42719"]}).json()["status"] == 404
    it.yard.world.bag["labels_after_order"] = True

    assert it.post("/zasilkovna/labels", {"package_ids": ["42719"]}).json()["status"] == 200


def test_unknown_packages_have_no_labels(it: Balikobot) -> None:
    assert it.post("/zasilkovna/labels", {"package_ids": ["1"]}).json()["status"] == 404


def test_a_document_needs_no_login_and_takes_none(it: Balikobot) -> None:
    url = it.made()["label_url"]

    assert it.yard.client.get(url, auth=it.auth).status_code == 400
    assert it.yard.client.get(url).headers["content-type"] == "application/pdf"


@pytest.mark.parametrize("path", ["x", "zasilkovna", "zasilkovna/eNorMTIwt9A1.", "zasilkovna/é", "cp/{token}"])
def test_a_link_that_leads_nowhere_is_404(it: Balikobot, path: str) -> None:
    token = it.made()["label_url"].rpartition("/")[2]

    assert it.yard.client.get(f"/pdf/{path.format(token=token)}").status_code == 404


def test_the_contracts_history_is_answered_as_printed(it: Balikobot) -> None:
    parcel = it.on_the_way(without(PLAIN, "cod_price"))
    data = parcel.plan[0]
    parcel.plan = [
        data,
        Scan(datetime(2026, 3, 2, 14, 15, 1, tzinfo=PRAGUE), Step.COLLECTED, "Brno"),
        Scan(datetime(2026, 3, 4, 18, 0, tzinfo=PRAGUE), Step.DELIVERED, parcel.point),
    ]
    it.yard.go(days=5)

    answer = it.post("/v2/zasilkovna/track", {"carrier_ids": ["Z4154090123"]})

    assert answer.json() == json.loads("""{
      "status": 200,
      "packages": [
        {
          "carrier_id": "Z4154090123", "status": 200,
          "states": [
            {"date": "2026-03-02 14:15:01", "name": "Zásilka přijata", "name_balikobot": "Zásilka byla převzata.",
             "status_id": 2, "status_id_v2": 2.1, "type": "event"},
            {"date": "2026-03-04 18:00:00", "name": "Vydáno", "name_balikobot": "Zásilka byla doručena příjemci.",
             "status_id": 1, "status_id_v2": 1.1, "type": "event"}
          ]
        }
      ]
    }""")


def test_nothing_is_known_of_a_package_before_it_is_ordered(it: Balikobot) -> None:
    row = it.made()
    it.yard.world.hand_over()
    it.yard.go(days=1)

    assert it.track(row["carrier_id"]) == [{"carrier_id": row["carrier_id"], "status": 404}]


@pytest.mark.parametrize("status", [200, 404])
def test_what_stands_above_an_unknown_package_of_several_is_chosen(it: Balikobot, status: int) -> None:
    it.yard.world.bag["track_unknown"] = status
    row = it.made()
    it.ordered(row["package_id"])

    told = it.post("/v2/zasilkovna/track", {"carrier_ids": [row["carrier_id"], "Z999"]}).json()

    assert told["status"] == status
    assert [each["status"] for each in told["packages"]] == [200, 404]


def test_an_ordered_package_waits(it: Balikobot) -> None:
    row = it.made()
    it.ordered(row["package_id"])

    assert fine(it, row["carrier_id"]) == [-1]


@pytest.mark.parametrize(
    ("to", "package", "end", "expected"),
    [
        ("zasilkovna", PLAIN, End.POINT, [2.1, 2.2, 2.2, 2.3, 1.1, 5]),
        ("zasilkovna", PLAIN, End.UNCOLLECTED, [2.1, 2.2, 2.2, 2.3, 2.4, 4]),
        ("zasilkovna", HOME | {"service_type": "25061"}, End.HOME, [2.1, 2.2, 2.5, 2.2, 1.2]),
        ("ppl", AT_PPL, End.HOME, [2.1, 2.2, 2.2, 2.2, 1.2]),
        ("ppl", AT_PPL, End.SECOND_TRY, [2.1, 2.2, 2.2, 2.2, 0.2, 2.2, 1.2]),
        ("sp", SLOVAK | {"service_type": "BZA"}, End.REFUSED, [2.1, 2.2, 2.2, 2.2, 0.2, 2.4, 4]),
        ("fan", ROMANIAN | {"service_type": "Standard"}, End.LOST, [2.1, 2.2, 2.2]),
    ],
)
def test_a_package_lives_on_the_clock(
    it: Balikobot, to: str, package: dict[str, Any], end: End, expected: list[float]
) -> None:
    parcel = it.on_the_way(package, to=to)
    it.yard.world.end([parcel.number], end)
    seen: list[list[float]] = []
    for _ in range(40):
        it.yard.go(hours=12)
        seen.append(fine(it, parcel.number, to))

    assert seen[-1] == expected
    assert all(later[: len(sooner)] == sooner for sooner, later in pairwise(seen))
    (row,) = it.track(parcel.number, to=to)
    assert [state["date"] for state in row["states"]] == sorted(state["date"] for state in row["states"])
    assert [state["status_id"] for state in row["states"]] == [int(one) for one in expected]


def test_a_cod_is_paid_out_at_once_when_asked_for(it: Balikobot) -> None:
    parcel = it.on_the_way()
    it.yard.world.end([parcel.number], End.POINT)
    parcel.paid = "1290"
    assert fine(it, parcel.number)[-1] == 2.1
    it.yard.world.move_on([parcel.number], steps=None)

    assert fine(it, parcel.number)[-2:] == [1.1, 5]


def test_rows_come_in_the_order_asked_and_strangers_are_404(it: Balikobot) -> None:
    first, second = it.on_the_way(eid="OBJ-00000001"), it.on_the_way(eid="OBJ-00000002")
    elsewhere = it.on_the_way(AT_PPL, to="ppl")
    it.yard.go(hours=1)
    asked = [second.number, "Z1", elsewhere.number, first.number]

    rows = it.track(*asked)

    assert [(row["carrier_id"], row["status"]) for row in rows] == list(zip(asked, (200, 404, 404, 200), strict=True))


def test_the_last_state_comes_with_the_fine_or_the_coarse_id(it: Balikobot) -> None:
    parcel = it.on_the_way(AT_PPL, to="ppl")
    it.yard.world.end([parcel.number], End.HOME)
    it.yard.go(hours=10)
    body = {"carrier_ids": [parcel.number, "1"]}

    (fine_one, unknown) = it.post("/v2/ppl/trackstatus", body).json()["packages"]
    (coarse, _) = it.post("/ppl/trackstatus", body).json()["packages"]

    assert (fine_one["status_id_v2"], fine_one["name"]) == (2.2, "Přeprava")
    assert (coarse["status_id"], coarse["status_text"]) == (2, "Zásilka je přepravována.")
    assert unknown == {"carrier_id": "1", "status": 404}


def test_a_proof_of_delivery_is_on_the_old_host(it: Balikobot) -> None:
    parcel = it.on_the_way(AT_PPL, to="ppl")
    it.yard.world.end([parcel.number], End.HOME)
    it.yard.go(days=2)

    told = it.post("https://api.balikobot.cz/ppl/pod", {"carrier_ids": [parcel.number, "1"]}).json()["packages"]

    assert [one["status"] for one in told] == [200, 404]
    assert it.file(told[0]["file_url"]).startswith(b"%PDF")


def test_check_digits_are_those_of_the_contract() -> None:
    assert numbers.gls("3117700796") == "31177007966"
    assert [numbers.posted(n[:2], n[2:11], n[12]) for n in ("DR4362230958U", "NB5847769990L", "NB0600004030U")] == [
        "DR4362230958U",
        "NB5847769990L",
        "NB0600004030U",
    ]
    assert [numbers.s10(n[:2], n[2:10], n[11:]) for n in ("RR950819194CZ", "VL800017039CZ", "EB123456785SK")] == [
        "RR950819194CZ",
        "VL800017039CZ",
        "EB123456785SK",
    ]
