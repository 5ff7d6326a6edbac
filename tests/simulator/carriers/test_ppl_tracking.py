"""PPL: where parcels are, what may still be done to them, and who comes for them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from simulator.carriers.lives import End, Scan, Step
from tests.simulator.carriers.ppl_client import COLLECTION, MONDAY, PRID, SET, SMAD, Bench, with_


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_tracking_example_is_answered_as_printed(bench: Bench) -> None:
    number = bench.number()
    prague = timedelta(hours=1)
    bench.world.parcels[number].plan = [
        Scan(MONDAY, Step.DATA),
        Scan(datetime(2026, 3, 3, 4, 30, tzinfo=UTC) - prague, Step.TRANSIT),
        Scan(datetime(2026, 3, 4, 9, 12, tzinfo=UTC) - prague, Step.AT_POINT),
    ]
    bench.go(days=2)

    order = {"statusId": 1, "code": "DataShipment", "phase": "Order", "group": "Order"}
    moving = {"statusId": 11, "code": "Arrival", "phase": "InTransport", "group": "InTransport"}
    point = {"statusId": 450, "code": "ParcelShop", "phase": "PickupPoint", "group": "PickupPoint"}
    assert bench.track(ShipmentNumbers=number) == [
        {
            "shipmentNumber": "70990012345",
            "productType": "SMAD",
            "lastUpdateDate": "2026-03-04T09:12:00",
            "externalNumbers": [{"code": "CUST", "externalNumber": "OBJ-2026-00417"}],
            "trackAndTrace": {
                "externalShipmentId": None,
                "partnerUrl": None,
                "events": [
                    order | {"eventDate": "2026-03-02T17:01:00", "name": "Zásilka objednána"},
                    moving | {"eventDate": "2026-03-03T04:30:00", "name": "Zásilka v přepravě"},
                    point | {"eventDate": "2026-03-04T09:12:00", "name": "Připraveno k vyzvednutí"},
                ],
            },
            "paymentInfo": {"codPaidDate": None},
        }
    ]


HANDED = ["Order", "PickedUpFromSender", "InTransport", "InTransport"]


@pytest.mark.parametrize(
    ("end", "shipment", "phases"),
    [
        (End.HOME, PRID, [*HANDED, "Delivering", "Delivered"]),
        (End.POINT, SMAD, [*HANDED, "PickupPoint", "Delivered"]),
        (End.SECOND_TRY, PRID, [*HANDED, "Delivering", "NotDelivered", "Delivering", "Delivered"]),
        (End.REFUSED, PRID, [*HANDED, "Delivering", "Rejected", "Returning", "BackToSender"]),
        (End.UNCOLLECTED, SMAD, [*HANDED, "PickupPoint", "NotDelivered", "Returning", "BackToSender"]),
        (End.LOST, SMAD, HANDED),
    ],
)
def test_scans_come_in_order_with_the_clock(
    bench: Bench, end: End, shipment: dict[str, Any], phases: list[str]
) -> None:
    number = bench.number(shipment)  # an odd one
    bench.world.end([number], end)
    seen = [bench.phases(number)]
    bench.world.hand_over([number])
    for _ in range(40):
        bench.go(hours=7)
        seen.append(bench.phases(number))

    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(seen))
    assert (seen[0], seen[-1]) == (["Order"], phases)


def test_every_second_return_ends_with_a_delivered(bench: Bench) -> None:
    bench.number()
    number = bench.number(with_(PRID, "referenceId", "OBJ-2"))
    bench.world.end([number], End.REFUSED)
    bench.world.hand_over([number])
    bench.go(days=4)

    assert bench.phases(number)[-2:] == ["Returning", "Delivered"]


def test_cod_that_was_paid_out_is_told(bench: Bench) -> None:
    number = bench.number()
    bench.world.end([number], End.POINT)
    bench.world.hand_over([number])
    bench.go(hours=51)
    assert bench.track(ShipmentNumbers=number)[0]["paymentInfo"] == {"codPaidDate": None}

    bench.go(days=3)
    assert bench.track(ShipmentStates="CodPaidDate")[0]["paymentInfo"]["codPaidDate"].startswith("2026-03-07T")


def test_an_unknown_number_is_left_out(bench: Bench) -> None:
    number = bench.number()

    assert [one["shipmentNumber"] for one in bench.track(ShipmentNumbers=["70990099999", number])] == [number]
    assert bench.track(ShipmentNumbers="70990099999") == []
    bench.login("tracking")
    assert bench.track(ShipmentNumbers=number) == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"Offset": 0}, "Limit"),
        ({"Limit": 100}, "Offset"),
        ({"Limit": 0, "Offset": 0}, "Limit"),
        ({"Limit": 1001, "Offset": 0}, "Limit"),
        ({"Limit": 1, "Offset": 0, "CustomerReference": "x"}, "CustomerReference"),
        ({"Limit": 1, "Offset": 0, "ShipmentStates": "Lost"}, "ShipmentStates"),
        ({"Limit": 1, "Offset": 0, "DateFrom": "2.3.2026"}, "DateFrom"),
    ],
)
def test_a_wrong_search_is_refused(bench: Bench, query: dict[str, Any], wrong: str) -> None:
    answer = bench.get("/shipment", **query)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [wrong])


def test_more_than_a_hundred_numbers_are_too_many(bench: Bench) -> None:
    numbers = [f"7099{n:07d}" for n in range(101)]

    assert bench.get("/shipment", ShipmentNumbers=numbers, Limit=1000, Offset=0).status_code == 414
    assert bench.get("/shipment", ShipmentNumbers=numbers[1:], Limit=1000, Offset=0).status_code == 200


def test_shipments_are_found_by_what_they_were_made_with(bench: Bench) -> None:
    invoiced = SET | {"externalNumbers": [{"code": "INVO", "externalNumber": "2026001"}]}
    _, told = bench.batch(SMAD, invoiced)
    smart, main = (item["shipmentNumber"] for item in told["items"])
    other = told["items"][1]["relatedItems"][0]["shipmentNumber"]

    def found(**query: Any) -> list[str]:
        return [one["shipmentNumber"] for one in bench.track(**query)]

    assert found() == [smart, main, other]
    assert found(CustomerReferences="OBJ-2026-00417") == [smart]
    assert found(CustomerReferences="OBJ-2026-00418") == []
    assert found(InvoiceNumbers="2026001") == [main]  # of the set's others nobody says so
    assert found(VariableSymbols="202600417") == [smart]
    assert found(ShipmentStates="DataShipment", DateFrom="2026-03-02", DateTo="2026-03-02") == [smart, main, other]
    assert found(ShipmentStates="Delivered") == found(DateFrom="2026-03-03") == []
    assert [one["shipmentNumber"] for one in bench.get("/shipment", Limit=1, Offset=1).json()] == [main]


def test_each_parcel_is_cancelled_by_itself_until_it_is_picked_up(bench: Bench) -> None:
    _, told = bench.batch(SMAD, SET)
    numbers = [told["items"][1]["shipmentNumber"], told["items"][1]["relatedItems"][0]["shipmentNumber"]]

    assert bench.post(f"/shipment/{numbers[0]}/cancel").is_success
    assert (bench.phases(numbers[0]), bench.phases(numbers[1])) == (["Order", None], ["Order"])
    assert bench.post(f"/shipment/{numbers[1]}/cancel").is_success
    assert bench.phases(numbers[1]) == ["Order", "Canceled"]
    assert bench.post(f"/shipment/{numbers[1]}/cancel").is_success

    smart = told["items"][0]["shipmentNumber"]
    bench.world.hand_over([smart])
    answer = bench.post(f"/shipment/{smart}/cancel")
    assert answer.status_code == 400
    assert answer.json()["instance"] == f"/shipment/{smart}/cancel"
    assert bench.post("/shipment/70990099999/cancel").status_code == 404


def test_contacts_may_be_completed_and_papers_added(bench: Bench) -> None:
    number = bench.number()

    assert bench.post(f"/shipment/{number}/redirect", {"phone": "+420601000000"}).is_success
    assert bench.post(f"/shipment/{number}/redirect", {"street": "Jiná 1"}).status_code == 400
    assert bench.post("/shipment/70990099999/redirect", {"phone": "+420601000000"}).status_code == 404
    papers = bench.client.post(f"/shipment/{number}/documents", content=b"%PDF-", headers=bench.headers)
    assert papers.is_success
    bench.world.hand_over([number])
    bench.world.move_on([number], steps=None)
    assert bench.post(f"/shipment/{number}/redirect", {"phone": "+420601000000"}).status_code == 400


def test_a_collection_is_ordered_and_called_off(bench: Bench) -> None:
    answer = bench.post("/order/batch", {"orders": [COLLECTION]})
    assert (answer.status_code, answer.content) == (201, b"")
    place = answer.headers["location"]
    assert "/order/batch/" in place
    assert bench.get(place).json()["items"][0]["importState"] == "Accepted"

    bench.go(seconds=3)
    (item,) = bench.get(place).json()["items"]
    assert (item["referenceId"], item["importState"], item["orderState"]) == ("SVOZ-2026-03-05", "Complete", "Created")
    cancelled = bench.post("/order/cancel", {"note": "Nic není"}, customerReference="SVOZ-2026-03-05")
    assert cancelled.is_success
    assert bench.get(place).json()["items"][0]["orderState"] == "Canceled"
    assert bench.post("/order/cancel", {"note": "x"}, customerReference="jiná").status_code == 404
    assert bench.post("/order/cancel", {"note": "x"}).status_code == 400
    assert bench.get("/order/batch/nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orderType", "Order"),
        ("orderType", "TransportOrder"),
        ("referenceId", "x" * 51),
        ("note", "x" * 301),
        ("customerReference", "x" * 41),
        ("sendDate", "5.3.2026"),
        ("sendTimeFrom", "25:00"),
        ("shipmentCount", 0),
    ],
)
def test_a_collection_that_breaks_a_rule_is_refused(bench: Bench, name: str, value: Any) -> None:
    answer = bench.post("/order/batch", {"orders": [COLLECTION | {name: value}]})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [f"orders[0].{'recipient' if value == 'TransportOrder' else name}"]


def test_a_collection_of_yesterday_is_refused_after_import(bench: Bench) -> None:
    place = bench.post("/order/batch", {"orders": [COLLECTION | {"sendDate": "2026-03-01"}]}).headers["location"]
    bench.go(seconds=3)

    (item,) = bench.get(place).json()["items"]
    assert (item["importState"], item["errorCode"]) == ("Error", "SendDatePast")


def test_cod_is_paid_out_at_delivery_when_asked_for(bench: Bench) -> None:
    number = bench.number()
    bench.world.parcels[number].paid = "1290"
    assert bench.track(ShipmentNumbers=number)[0]["paymentInfo"] == {"codPaidDate": None}

    bench.world.end([number], End.POINT)
    bench.world.move_on([number], steps=None)
    assert bench.track(ShipmentNumbers=number)[0]["paymentInfo"] == {"codPaidDate": "2026-03-02T17:01:15"}
