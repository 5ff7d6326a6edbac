"""Česká pošta's stand-in: scans, money, points and faults (carriers.md 5.4-5.6)."""

import xml.etree.ElementTree as ET
from typing import Any

import httpx
import pytest

from simulator.carriers.lives import End
from tests.simulator.carriers.posta_client import Posta, home, order, posta

OK = {"responseCode": 1, "responseText": "OK"}
LOST = (httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ConnectError)
ROW = "{http://www.cpost.cz/schema/aict/zv_2}row"
FEED = "http://napostu.ceskaposta.cz/vystupy/balikovny.xml"


@pytest.fixture
def it() -> Posta:
    return posta()


@pytest.fixture
def ranged() -> Posta:
    found = posta()
    found.account = "ranged"
    return found


def test_the_contracts_tracking_is_answered_as_printed(it: Posta) -> None:
    number = it.made()
    it.yard.world.end([number], End.POINT)
    it.yard.world.hand_over([number])
    it.yard.go(hours=26)

    told = it.send("POST", "/parcelStatus", {"parcelIds": [number], "language": "CZ"}).json()
    assert told == {
        "detail": [
            {
                "idParcel": "NB5847769990L", "parcelType": "NB", "weight": "1.350", "amount": 1290.0, "currency": "CZK",
                "depositTo": "2026-03-13", "timeDeposit": 7,
                "parcelStatuses": [
                    {"id": "-M", "date": "2026-03-05", "text": "Obdrženy údaje k zásilce."},
                    {
                        "id": "21", "date": "2026-03-05", "text": "Zásilka převzata do přepravy.",
                        "postCode": "19000", "name": "Praha 90",
                    },
                    {
                        "id": "82", "date": "2026-03-06", "text": "Zásilka uložena v Balíkovně.",
                        "postCode": "60200", "name": "Brno 2",
                    },
                ],
            }
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "end", "ids"),
    [
        (order(), End.POINT, ["-M", "21", "82", "42", "43", "91", "BG4"]),
        (order(), End.UNCOLLECTED, ["-M", "21", "82", "42", "43", "97", "43", "9V"]),
        (home(), End.HOME, ["-M", "21", "53", "91"]),
        (home(), End.SECOND_TRY, ["-M", "21", "53", "53", "91"]),
        (home(), End.REFUSED, ["-M", "21", "53", "95", "43", "9V"]),
        (home(), End.LOST, ["-M", "21"]),
    ],
)
def test_scans_come_in_order(it: Posta, asked: dict[str, Any], end: End, ids: list[str]) -> None:
    number = it.made(asked)
    it.yard.world.end([number], end)
    it.yard.world.hand_over([number])
    it.yard.go(hours=400)

    rows = it.rows(number)
    assert [row["id"] for row in rows if row["id"] not in ("75", "51")] == ids
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)


def test_half_of_the_parcels_are_seen_on_their_way(it: Posta) -> None:
    found = [it.made(), it.made()]
    it.yard.world.hand_over(found)
    it.yard.go(hours=10)

    assert [[row["id"] for row in it.rows(number)] for number in found] == [["-M", "21"], ["-M", "21", "75", "51"]]


def test_a_parcel_that_goes_back_says_so_under_a_notices_code(it: Posta) -> None:
    number = it.made(home())
    it.yard.world.end([number], End.REFUSED)
    it.yard.world.hand_over([number])
    it.yard.go(hours=30)

    assert it.rows(number)[-1]["id"] == "43"
    assert "Odeslání zásilky zpět" in it.rows(number)[-1]["text"]


def test_a_parcel_is_out_of_the_register_after_a_year(it: Posta) -> None:
    number = it.made()
    it.yard.go(days=366)

    assert [row["id"] for row in it.rows(number)] == ["88"]


@pytest.mark.parametrize(("count", "status"), [(0, 400), (10, 200), (11, 400)])
def test_ten_numbers_are_tracked_at_most(it: Posta, count: int, status: int) -> None:
    answer = it.send("POST", "/parcelStatus", {"parcelIds": ["NB5847769990L"] * count, "language": "CZ"})

    assert answer.status_code == status


def test_the_history_is_coarse_and_has_times(it: Posta) -> None:
    number = it.made()
    it.yard.world.end([number], End.POINT)
    it.yard.world.hand_over([number])
    it.yard.go(hours=60)

    told = it.send("GET", f"/parcelDataHistory/parcelID/{number}").json()
    assert [(row["status"], row["date"]) for row in told["parcelStatusHistory"]] == [
        ("1", "2026-03-05T09:00:00"),
        ("4", "2026-03-05T14:00:00"),
        ("6", "2026-03-06T11:00:00"),
        ("2", "2026-03-07T11:00:00"),
    ]
    assert "creditedData" not in told["parcelDataHistory"]
    it.account = "second"
    assert it.send("GET", f"/parcelDataHistory/parcelID/{number}").status_code == 404


def credited(it: Posta, number: str) -> dict[str, Any] | None:
    told = it.send("GET", f"/parcelDataHistory/parcelID/{number}").json()
    return told["parcelDataHistory"].get("creditedData")


def test_money_is_paid_three_days_after_delivery_or_when_asked(it: Posta) -> None:
    later, less, none = it.made(), it.made(), it.made(home())
    for number in (later, less, none):
        it.yard.world.move_on([number], steps=None)
    it.yard.world.parcels[less].paid = "990"

    assert credited(it, later) is None
    assert credited(it, less) == {
        "paymentDate": "2026-03-05", "transactionDate": "2026-03-05", "amount": 990.0, "currency": "CZK",
        "vsVoucher": "202600417",
    }  # fmt: skip
    it.yard.go(days=3)
    paid = credited(it, later) or {}
    assert (paid["paymentDate"], paid["amount"]) == ("2026-03-08", 1290.0)
    assert credited(it, none) is None


def test_the_public_page_needs_no_key(it: Posta) -> None:
    it.made()

    url = "https://b2c.cpost.cz/services/ParcelHistory/getDataAsJson"
    told = it.yard.client.get(url, params={"idParcel": "NB5847769990L"}).json()
    assert told[0]["id"] == "NB5847769990L"
    assert [(row["id"], row["date"]) for row in told[0]["states"]["state"]] == [("-M", "2026-03-05")]


def rows_of(it: Posta) -> dict[str, ET.Element]:
    root = ET.fromstring(it.yard.client.get(FEED).content)
    ns = ROW.removesuffix("row")
    return {row.findtext(f"{ns}PSC", ""): row for row in root.findall(ROW)}


def test_the_points_are_listed_with_the_longitude_as_x(it: Posta) -> None:
    ns, rows = ROW.removesuffix("row"), rows_of(it)

    assert len(rows) == sum(point.is_open for point in it.yard.world.points.values())
    assert {row.findtext(f"{ns}TYP") for row in rows.values()} == {
        "pošta",
        "balíkovna partner",
        "balíkovna-BOX",
        "depo",
    }
    for row in rows.values():
        assert 12.0 < float(row.findtext(f"{ns}SOUR_X_WGS84", "")) < 18.9
        assert 48.5 < float(row.findtext(f"{ns}SOUR_Y_WGS84", "")) < 51.1
    assert rows["60200"].findtext(f"{ns}NAZEV") == "Brno 2"


def test_a_closed_point_is_neither_listed_nor_delivered_to(it: Posta) -> None:
    it.yard.world.points["60200"].is_open = False

    assert "60200" not in rows_of(it)
    assert it.codes(order()) == [247]


def test_points_grow_until_five_digits_name_no_more(it: Posta) -> None:
    before = dict(it.yard.world.points)
    grow = it.yard.world.grow
    assert grow
    grow(100_000)

    assert len(it.yard.world.points) == 100_000
    assert all(it.yard.world.points[id_] is point for id_, point in before.items())


def test_posting_places_are_listed_added_and_removed(it: Posta) -> None:
    path = f"/location/idContract/{it.login['id_contract']}"
    number = it.send("POST", path, {"locationName": "Druhý sklad"}).json()["locationNumber"]

    assert [one["locationNumber"] for one in it.send("GET", path).json()] == [1, number]
    assert it.made(order(locationNumber=number))
    assert it.send("DELETE", path, locationNumber=str(number)).status_code == 200
    assert it.send("DELETE", path, locationNumber=str(number)).status_code == 404


@pytest.mark.parametrize("kind", ["dropped", "late"])
def test_an_order_nobody_heard_of_is_in_the_ledger(it: Posta, kind: str) -> None:
    it.yard.world.faults.add(kind, operation="POST /parcelService", seconds=90)
    with pytest.raises(LOST):
        it.book(order())
    it.yard.go(seconds=91)

    assert it.yard.world.made() == {"OBJ202600417": ["NB5847769990L"]}
    assert it.yard.world.ledger[-1].references == ["OBJ202600417"]


def test_trouble_is_told_as_an_array(it: Posta) -> None:
    it.yard.world.faults.add("busy")
    busy = it.post("/parcelService", order())
    it.yard.world.faults.add("error", status=503)
    error = it.post("/parcelService", order())

    assert (busy.status_code, busy.headers["retry-after"], busy.json()[0]["status"]) == (429, "30", 429)
    assert (error.status_code, error.json()[0]["status"]) == (503, 503)
    assert not it.yard.world.parcels


@pytest.mark.parametrize(
    ("kind", "found"), [("doubled", ["1", "1", "2", "3"]), ("short", ["1", "2"]), ("reversed", ["3", "2", "1"])]
)
def test_items_are_spoilt(it: Posta, kind: str, found: list[str]) -> None:
    it.yard.world.faults.add(kind, operation="POST /parcelStatus")
    told = it.send("POST", "/parcelStatus", {"parcelIds": ["1", "2", "3"], "language": "CZ"}).json()

    assert [one["idParcel"] for one in told["detail"]] == found


def test_rows_of_points_are_left_out(it: Posta) -> None:
    whole = len(rows_of(it))
    it.yard.world.faults.add("short", items=10)

    assert len(rows_of(it)) == whole - 10
