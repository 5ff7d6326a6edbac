"""Packeta's stand-in answers as the contract prints and checks every field (carriers.md 1.1, 1.2)."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.simulator.carriers.packeta_client import HOME, POINT, Packeta, packeta

AS_PRINTED = """<createPacket>
  <apiPassword>{password}</apiPassword>
  <packetAttributes>
    <number>OBJ-2026-00417</number>
    <name>Jana</name>
    <surname>Dvořáková</surname>
    <email>jana.dvorakova@example.cz</email>
    <phone>+420601234567</phone>
    <addressId>18542</addressId>
    <currency>CZK</currency>
    <cod>1290</cod>
    <value>1290</value>
    <weight>1.35</weight>
    <eshop>muj-eshop</eshop>
    <note>Křehké</note>
  </packetAttributes>
</createPacket>"""


@pytest.fixture
def it() -> Packeta:
    return packeta()


def without(attributes: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in names}


def test_the_contracts_first_order_is_answered_as_printed(it: Packeta) -> None:
    body = AS_PRINTED.format(password=it.password).encode()

    answer = it.yard.client.post("/api/rest", content=body, headers={"content-type": "text/xml"})

    assert ET.canonicalize(answer.text) == ET.canonicalize(
        "<response><status>ok</status><result><id>4154090123</id><barcode>Z4154090123</barcode>"
        "<barcodeText>Z 415 4090 123</barcodeText></result></response>"
    )
    assert it.yard.world.made() == {"OBJ-2026-00417": ["4154090123"]}


def test_the_contracts_home_delivery_is_taken(it: Packeta) -> None:
    assert it.made(HOME) == "4154090123"


@pytest.mark.parametrize("told", ["", "0123456789abcdef0123456789abcdef", "{} ", " {}"])
def test_another_password_is_refused_as_printed(it: Packeta, told: str) -> None:
    it.password = told.format(it.password)

    answer = it.send("createPacket", packetAttributes=POINT)

    assert answer.status_code == 200
    assert ET.canonicalize(answer.text) == ET.canonicalize(
        "<response><status>fault</status><fault>IncorrectApiPasswordFault</fault>"
        "<string>Incorrect API password.</string><detail/></response>"
    )


def test_the_password_comes_first(it: Packeta) -> None:
    body = f"<packetStatus><packetId>1</packetId><apiPassword>{it.password}</apiPassword></packetStatus>"
    answer = it.yard.client.post("/api/rest", content=body, headers={"content-type": "text/xml"})

    assert ET.fromstring(answer.text).findtext("fault") == "IncorrectApiPasswordFault"


@pytest.mark.parametrize("body", ["", "<a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "{}"])
def test_what_is_no_xml_is_a_fault_with_200(it: Packeta, body: str) -> None:
    answer = it.yard.client.post("/api/rest", content=body, headers={"content-type": "text/xml"})

    assert answer.status_code == 200
    assert ET.fromstring(answer.text).findtext("status") == "fault"


def test_wrong_attributes_are_told_as_printed(it: Packeta) -> None:
    it.yard.world.points["18542"].is_open = False

    answer = it.ask("createPacket", packetAttributes=POINT | {"phone": "+420123"})

    assert ET.tostring(answer.find("detail"), encoding="unicode") == (
        "<detail><attributes>"
        "<fault><name>addressId</name><fault>Branch is not active.</fault></fault>"
        "<fault><name>phone</name><fault>Phone number is not valid.</fault></fault>"
        "</attributes></detail>"
    )


@pytest.mark.parametrize(
    ("base", "changed", "name"),
    [
        (POINT, {"number": ""}, "number"),
        (POINT, {"number": "x" * 37}, "number"),
        (POINT, {"name": "Jana 😀"}, "name"),
        (POINT, {"surname": 'Nová"k'}, "surname"),
        (POINT, {"surname": "x" * 33}, "surname"),
        (POINT, {"surname": "a;b"}, "surname"),
        (POINT, {"company": ""}, "company"),
        (POINT, {"email": "jana"}, "email"),
        (POINT, {"addressId": "1"}, "addressId"),
        (POINT, {"addressId": "9990"}, "addressId"),
        (POINT, {"carrierPickupPoint": "PL001M"}, "carrierPickupPoint"),
        (POINT, {"currency": "USD"}, "currency"),
        (POINT, {"currency": "EUR"}, "currency"),
        (POINT, {"cod": "1290.50"}, "cod"),
        (POINT, {"cod": "1290,-"}, "cod"),
        (POINT, {"value": "100000.01"}, "value"),
        (POINT, {"value": "lots"}, "value"),
        (POINT, {"weight": "0"}, "weight"),
        (POINT, {"weight": "10.5"}, "weight"),
        (POINT, {"adultContent": "yes"}, "adultContent"),
        (HOME, {"adultContent": "1"}, "adultContent"),
        (POINT, {"note": "a;b"}, "note"),
        (POINT, {"note": 'a "b"'}, "note"),
        (POINT, {"note": "x" * 129}, "note"),
        (POINT, {"carrierService": "signature, additionalInsurance"}, "carrierService"),
        (POINT, {"deliverOn": "2026-03-17"}, "deliverOn"),
        (POINT, {"deliverOn": "2026-03-01"}, "deliverOn"),
        (POINT, {"deliverOn": "5.3.2026"}, "deliverOn"),
        (POINT, {"services": "x"}, "services"),
        (POINT, {"id": "1"}, "id"),
        (HOME, {"city": ""}, "city"),
        (HOME, {"houseNumber": "x" * 17}, "houseNumber"),
        (HOME, {"addressId": "13613", "phone": "+491701234567", "currency": "EUR", "cod": "5"}, "cod"),
        (HOME, {"addressId": "4159", "size": {"length": "1"}}, "size"),
        (HOME, {"addressId": "3060"}, "carrierPickupPoint"),
        (HOME, {"addressId": "106", "phone": ""}, "phone"),
    ],
)
def test_a_wrong_attribute_is_named(it: Packeta, base: dict[str, Any], changed: dict[str, Any], name: str) -> None:
    assert name in it.wrong(base | changed)


@pytest.mark.parametrize("name", ["number", "name", "addressId", "value", "weight"])
def test_a_missing_attribute_is_named(it: Packeta, name: str) -> None:
    assert name in it.wrong(without(POINT, name))


@pytest.mark.parametrize(
    ("base", "changed"),
    [
        (POINT, {"surname": "O'Brien-Nováková 2 & (syn), a.s."}),
        (POINT, {"phone": "601 234 567"}),
        (POINT, {"phone": "00420601234567"}),
        (POINT, {"phone": "+421905123456"}),
        (POINT, {"deliverOn": "2026-03-16"}),
        (POINT, {"adultContent": "1"}),
        (POINT, {"carrierService": "signature,additionalInsurance"}),
        (POINT, {"cod": "0"}),
        (HOME, {"addressId": "4159", "currency": "HUF", "cod": "12345", "phone": "+36201234567"}),
        (HOME, {"addressId": "4539", "carrierPickupPoint": "HU000M", "phone": "201234567"}),
        (HOME, {"addressId": "4161", "currency": "RON", "cod": "49.90", "phone": "0712345678"}),
    ],
)
def test_what_the_contract_allows_is_taken(it: Packeta, base: dict[str, Any], changed: dict[str, Any]) -> None:
    assert it.made(base | changed)


def test_forints_are_asked_for_in_fives(it: Packeta) -> None:
    forints = HOME | {"addressId": "4159", "currency": "HUF", "cod": "12343", "phone": "+36201234567"}

    assert it.wrong(forints) == {"cod"}


def test_a_lone_name_is_split(it: Packeta) -> None:
    id_ = it.made(without(POINT, "surname"), name="Jana Marie Dvořáková")

    told = it.yard.world.parcels[id_].bag["told"]
    assert (told["name"], told["surname"]) == ("Jana Marie", "Dvořáková")


def test_validating_makes_nothing(it: Packeta) -> None:
    it.done("packetAttributesValid", packetAttributes=POINT)

    assert it.fault("packetAttributesValid", packetAttributes=without(POINT, "value")) == "PacketAttributesFault"
    assert not it.yard.world.parcels


def test_the_same_number_makes_a_second_packet(it: Packeta) -> None:
    numbers = [it.made(), it.made()]

    assert it.yard.world.made() == {"OBJ-2026-00417": numbers}


def test_an_account_that_may_not_ship_is_told_by_user_id(it: Packeta) -> None:
    it.yard.world.accounts["shop"].given["cleared"] = False

    assert it.wrong(POINT) == {"user_id"}


def test_an_unknown_sender_is_made_silently_and_must_then_be_told(it: Packeta) -> None:
    it.made(eshop="druhy")

    assert it.wrong(without(POINT, "eshop")) == {"eshop"}


def test_a_barcode_of_ones_own_needs_a_right(it: Packeta) -> None:
    assert (
        it.fault("createPacket", packetAttributes=POINT | {"customerBarcode": "A1"}) == "CustomBarcodeNotAllowedFault"
    )


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("packetStatus", "PacketIdFault"),
        ("packetTracking", "PacketIdFault"),
        ("packetInfo", "PacketIdFault"),
        ("cancelPacket", "PacketIdFault"),
        ("packetLabelPdf", "PacketIdFault"),
        ("packetsLabelsPdf", "NoPacketIdsFault"),
        ("createShipment", "NoPacketIdsFault"),
        ("shipmentPackets", "ShipmentNotFoundFault"),
        ("senderGetReturnRouting", "SenderNotExists"),
        ("somethingElse", "NotSupportedFault"),
    ],
)
def test_what_does_not_exist_is_a_fault(it: Packeta, method: str, fault: str) -> None:
    assert it.fault(method, packetId="1") == fault


def test_unknown_ids_are_listed(it: Packeta) -> None:
    answer = it.ask("packetsLabelsPdf", packetIds={"id": [it.made(), "1", "2"]}, format="A6 on A6")

    assert answer.findtext("fault") == "PacketIdsFault"
    assert [one.text for one in answer.find("detail").iter() if one.text] == ["1", "2"]
