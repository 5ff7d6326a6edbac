"""Packeta's labels are readable, its packets live on the clock, its lists and messages are as it writes them."""

import hashlib
import hmac
import json
import xml.etree.ElementTree as ET
from typing import Any

import httpx
import pytest

from simulator.carriers import points, pushes
from simulator.carriers.lives import End
from tests.simulator.carriers.packeta_client import COURIER, Packeta, packeta
from tests.simulator.carriers.yard import codes, codes_of_png


@pytest.fixture
def it() -> Packeta:
    return packeta()


@pytest.mark.parametrize("form", ["A6 on A6", "A7 on A7", "A6 on A4", "A7 on A4", "105x35mm on A4", "A8 on A8"])
def test_a_label_of_every_format_is_readable(it: Packeta, form: str) -> None:
    label = it.file("packetLabelPdf", packetId=it.made(), format=form, offset="0")

    assert codes(label) == [[("Code128", "Z4154090123"), ("QRCode", "Z4154090123")]]


def test_labels_in_one_document_come_in_the_order_asked(it: Packeta) -> None:
    ids = [it.made(number=f"O{n}") for n in range(3)][::-1]

    label = it.file("packetsLabelsPdf", packetIds={"id": ids}, format="A6 on A6", offset="0")

    assert [page[0][1] for page in codes(label)] == [f"Z{id_}" for id_ in ids]


def test_positions_are_skipped_on_a_sheet(it: Packeta) -> None:
    ids = [it.made(), it.made()]

    label = it.file("packetsLabelsPdf", packetIds={"id": ids}, format="A6 on A4", offset="3")

    assert [[text for kind, text in page if kind == "Code128"] for page in codes(label)] == [[f"Z{i}"] for i in ids]


@pytest.mark.parametrize("form", ["", "A5", "a6 on a6"])
def test_another_format_is_unknown(it: Packeta, form: str) -> None:
    assert it.fault("packetLabelPdf", packetId=it.made(), format=form, offset="0") == "UnknownLabelFormatFault"


def test_zpl_says_the_same(it: Packeta) -> None:
    text = it.done("packetLabelZpl", packetId=it.made(note="a < b & ~c^"), dpi="203").text

    assert text.startswith("^XA")
    assert "^FDZ4154090123^FS" in text
    assert "a < b & _7Ec_5E" in text
    assert "Dvořáková" in text
    assert text.rstrip().endswith("^XZ")


def test_the_couriers_label_needs_the_couriers_number(it: Packeta) -> None:
    id_ = it.made(COURIER)
    assert it.fault("packetCourierLabelPdf", packetId=id_, courierNumber="") == "InvalidCourierNumber"

    told = it.done("packetCourierNumberV2", packetId=id_)
    number = told.findtext("courierNumber")

    assert (told.findtext("carrierId"), told.findtext("carrierName")) == ("25061", "CZ Kurýr HD")
    assert codes(it.file("packetCourierLabelPdf", packetId=id_, courierNumber=number)) == [[("Code128", number)]]
    assert codes_of_png(it.file("packetCourierLabelPng", packetId=id_, courierNumber=number)) == [("Code128", number)]
    assert f"^FD{number}^FS" in it.done("packetCourierLabelZpl", packetId=id_, courierNumber=number, dpi="300").text
    pairs = {"packetIdWithCourierNumber": [{"packetId": id_, "courierNumber": number}]}
    batch = it.file("packetsCourierLabelsPdf", packetIdsWithCourierNumbers=pairs, offset="1", format="A6 on A4")
    assert codes(batch) == [[("Code128", number)]]


def test_a_packet_of_ones_own_network_has_no_couriers_number(it: Packeta) -> None:
    assert it.fault("packetCourierNumberV2", packetId=it.made()) == "NotSupportedFault"


def test_the_couriers_system_may_be_down(it: Packeta) -> None:
    it.yard.world.bag["gateway_down"] = True

    assert it.fault("packetCourierNumberV2", packetId=it.made(COURIER)) == "ExternalGatewayFault"


def test_a_barcode_alone_is_a_picture(it: Packeta) -> None:
    assert codes_of_png(it.file("barcodePng", barcode="Z4154090123")) == [("Code128", "Z4154090123")]


def states(it: Packeta, id_: str) -> list[str]:
    return [record.findtext("statusCode") for record in it.done("packetTracking", packetId=id_)]


def test_a_packet_goes_its_way_on_the_clock(it: Packeta) -> None:
    id_ = it.made()
    world = it.yard.world
    world.end([id_], End.POINT)
    assert states(it, id_) == ["1"]
    world.hand_over([id_])
    it.yard.go(hours=10)
    assert states(it, id_) == ["1", "2", "2", "4"]
    it.yard.go(hours=16)

    told = it.done("packetStatus", packetId=id_)

    assert {one.tag: one.text for one in told} == {
        "dateTime": "2026-03-03T11:00:00",
        "statusCode": "5",
        "codeText": "ready for pickup",
        "statusText": "Zásilka byla přijata na cílovém výdejním místě.",
        "branchId": "18542",
        "destinationBranchId": "0",
        "externalTrackingCode": None,
        "isReturning": "false",
        "storedUntil": "2026-03-10",
        "carrierId": None,
        "carrierName": None,
    }
    it.yard.go(days=1)
    assert states(it, id_)[-1] == "7"


def test_an_uncollected_packet_comes_back(it: Packeta) -> None:
    id_ = it.made()
    it.yard.world.end([id_], End.UNCOLLECTED)
    it.yard.world.hand_over([id_])
    it.yard.go(days=20)

    last = it.done("packetStatus", packetId=id_)

    assert states(it, id_)[-3:] == ["9", "5", "10"]
    assert last.findtext("isReturning") == "true"
    assert it.done("packetTracking", packetId=id_).find("record/isReturning") is None


def test_the_last_day_at_the_point_can_be_moved(it: Packeta) -> None:
    id_ = it.made()
    it.yard.world.end([id_], End.UNCOLLECTED)
    it.yard.world.hand_over([id_])
    assert it.fault("packetSetStoredUntil", packetId=id_, date="2026-03-05") == "DateOutOfRangeFault"
    it.yard.go(hours=26)
    it.done("packetSetStoredUntil", packetId=id_, date="2026-03-15")
    it.yard.go(days=8)

    assert it.done("packetGetStoredUntil", packetId=id_).text == "2026-03-15"
    assert states(it, id_)[-1] == "5"
    it.yard.go(days=10)
    assert states(it, id_)[-1] == "10"


def test_an_external_carriers_packet_is_handed_on(it: Packeta) -> None:
    id_ = it.made(COURIER)
    number = it.done("packetCourierNumberV2", packetId=id_).findtext("courierNumber")
    it.yard.world.end([id_], End.SECOND_TRY)
    it.yard.world.hand_over([id_])
    it.yard.go(days=4)

    assert states(it, id_)[-3:] == ["6", "16", "7"]
    theirs = it.done("packetCourierTracking", packetId=id_).findall("record")
    assert {r.findtext("externalTrackingCode") for r in theirs} == {number}
    info = it.done("packetInfo", packetId=id_)
    assert info.findtext("invoicedWeightGrams") == "3200"
    assert [one.text for one in info.iter("courierNumber")] == [number]


def test_a_packet_is_called_off_until_it_is_handed_over(it: Packeta) -> None:
    first, second = it.made(), it.made()

    assert it.ask("cancelPacket", packetId=first).find("result").text is None
    assert states(it, first) == ["1", "11"]
    it.yard.world.hand_over()
    assert it.fault("cancelPacket", packetId=second) == "CancelNotAllowedFault"
    assert it.yard.world.made() == {"OBJ-2026-00417": [second]}


def test_packets_are_grouped_for_the_hand_over(it: Packeta) -> None:
    ids = [it.made(), it.made()]

    told = it.done("createShipment", packetIds={"id": ids})

    assert told.findtext("barcode").startswith("D-")
    assert told.findtext("barcode").endswith(f"-XM-{told.findtext('id')}")
    packets = it.done("shipmentPackets", shipmentId=told.findtext("id"))
    assert [one.findtext("id") for one in packets] == ids


def test_a_return_cannot_be_grouped(it: Packeta) -> None:
    claim = {"number": "R1", "email": "a@example.cz", "value": "100", "currency": "CZK", "eshop": "muj-eshop"}
    id_ = it.done("createPacketClaim", claimAttributes=claim | {"sendLabelToEmail": "0"}).findtext("id")

    assert it.fault("createShipment", packetIds={"id": [id_]}) == "PacketIdsFault"


def test_a_return_with_a_password_tells_it(it: Packeta) -> None:
    claim = {"number": "R1", "email": "a@example.cz", "value": "100", "currency": "CZK", "consignCountry": "CZ"}

    assert it.done("createPacketClaimWithPassword", claimAttributes=claim).findtext("password")


@pytest.mark.parametrize("path", ["branch.json", "box.json", "carrier.json", "carrier/json"])
def test_a_feed_is_text_all_through(it: Packeta, path: str) -> None:
    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict) and value:
            return [leaf for one in value.values() for leaf in leaves(one)]
        return [value]

    rows = it.yard.client.get(f"/v5/{it.key}/{path}", params={"lang": "cs"}).json()

    assert rows
    assert all((isinstance(leaf, str) and leaf) or leaf == {} for row in rows for leaf in leaves(row))
    assert all(row["country"].islower() and len(row["country"]) == 2 for row in rows)


def test_a_closed_branch_is_said_to_be(it: Packeta) -> None:
    it.yard.world.points["18542"].is_open = False

    rows = it.yard.client.get(f"/v5/{it.key}/branch.json").json()

    assert {row["id"]: row["status"]["statusId"] for row in rows}["18542"] != "1"


def test_points_of_external_carriers_come_by_carrier(it: Packeta) -> None:
    for path in (f"/api/{it.key}/point.json", f"/api/v5/{it.key}/point.json"):
        told = it.yard.client.get(path, params={"ids": "3060,4539"}).json()["carriers"]

        assert [one["id"] for one in told] == ["3060", "4539"]
        assert told[0]["points"][0]["country"] == "pl"
    assert len(ET.fromstring(it.yard.client.get(f"/api/{it.key}/point.xml?ids=3060").text)) == 1


def test_a_wrong_key_opens_no_feed(it: Packeta) -> None:
    assert it.yard.client.get("/v5/0123456789abcdef/branch.json").status_code == 401


def test_a_feed_grows_when_asked(it: Packeta) -> None:
    it.yard.world.grow(7_500)

    with it.yard.client.stream("GET", f"/v5/{it.key}/branch.json") as answer:
        rows = sum(piece.count(b'"statusId"') for piece in answer.iter_bytes())

    assert rows > 5_000


def test_points_that_change_are_the_only_rows_that_do(it: Packeta) -> None:
    def rows() -> dict[str, Any]:
        return {row["id"]: row for row in it.yard.client.get(f"/v5/{it.key}/branch.json").json()}

    it.yard.world.grow(500)
    before = rows()
    changed = points.changed(it.yard.world.points, every=100)
    after = rows()

    assert {id_ for id_ in after if after[id_] != before[id_]} == set(changed) & after.keys() != set()


def test_the_widgets_check_knows_closed_points(it: Packeta) -> None:
    def check(**point: str) -> Any:
        body = {"apiKey": it.key, "options": {}, "point": point}
        return it.yard.client.post("/v6/pps/api/widget/v1/validate", json=body).json()

    assert check(id="18542") == {"isValid": True, "errors": []}
    assert check(carrierId="3060", carrierPickupPointId="PL000M")["isValid"]
    it.yard.world.points["18542"].is_open = False
    assert not check(id="18542")["isValid"]
    assert check(id="1")["errors"][0]["code"]


def test_the_real_addresses_are_answered_in_process(it: Packeta) -> None:
    for url in (
        f"https://pickup-point.api.packeta.com/v5/{it.key}/carrier.json?lang=cs",
        f"https://www.zasilkovna.cz/api/{it.key}/point.json?ids=3060",
    ):
        assert it.yard.client.get(url).status_code == 200


def test_every_new_status_is_pushed_and_signed(it: Packeta) -> None:
    heard: list[httpx.Request] = []
    answers = iter([500, 200, 200, 202])

    def hear(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(next(answers, 200))

    listening = httpx.Client(transport=httpx.MockTransport(hear))
    it.yard.world.webhook = ("http://shop.test/packeta", "a-key")
    id_ = it.made()
    it.yard.go(seconds=1)
    assert pushes.deliver(it.yard.world, listening) == 0
    it.yard.go(seconds=2)
    it.yard.world.move_on([id_])
    it.yard.go(seconds=1)

    assert pushes.deliver(it.yard.world, listening) == 2
    assert not it.yard.world.pushes
    for request in heard:
        stamp = request.headers["X-Webhook-Timestamp"]
        expected = hmac.new(b"a-key", f"{stamp}.".encode() + request.content, hashlib.sha256).hexdigest()
        assert request.headers["X-Webhook-Signature"] == expected
    told = [json.loads(request.content)["status"] for request in heard]
    assert [(one["barcode"], one["statusCode"]) for one in told] == [
        ("Z4154090123", "1"),
        ("Z4154090123", "1"),
        ("Z4154090123", "2"),
    ]
    assert len({request.headers["X-Webhook-Event-Id"] for request in heard}) == 2


def test_messages_come_twice_turned_round_or_never() -> None:
    def heard(kind: str | None) -> list[str]:
        it, told = packeta(), list[str]()
        it.yard.world.webhook = ("http://shop.test/packeta", "a-key")
        if kind:
            it.yard.world.faults.add(kind, operation="push")
        for _ in range(3):
            it.made()
        it.yard.go(seconds=1)

        def hear(request: httpx.Request) -> httpx.Response:
            told.append(json.loads(request.content)["status"]["id"][-1])
            return httpx.Response(202)

        for _ in range(2):
            pushes.deliver(it.yard.world, httpx.Client(transport=httpx.MockTransport(hear)))
            it.yard.go(seconds=3)
        return told

    assert [heard(kind) for kind in (None, "doubled", "reversed", "short")] == [
        ["3", "4", "5"],
        ["3", "3", "4", "5"],
        ["5", "4", "3"],
        ["3", "4"],
    ]
