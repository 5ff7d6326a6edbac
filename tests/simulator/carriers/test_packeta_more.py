"""Packeta's stand-in: returns, other countries, the customs, codes said when told (carriers.md 1.2, 1.4)."""

from typing import Any

import pytest

from simulator.carriers import union
from tests.simulator.carriers.packeta_client import COURIER, HOME, POINT, Packeta, packeta

CLAIM = {"number": "R1", "email": "a@example.cz", "value": "100", "currency": "CZK", "eshop": "muj-eshop"}
BRITISH = HOME | {"addressId": "31001", "currency": "EUR", "zip": "SW1A 1AA", "phone": "+447911123456"}
PAIR = {"key": "ean", "value": "8590000000000"}


@pytest.fixture
def it() -> Packeta:
    return packeta()


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"email": "jana"}, "email"),
        ({"phone": "123"}, "phone"),
        ({"currency": "USD"}, "currency"),
        ({"consignCountry": "XX"}, "consignCountry"),
        ({"sendEmailToCustomer": "maybe"}, "sendEmailToCustomer"),
        ({"number": "x" * 37}, "number"),
        ({"sendLabelToEmail": "1"}, "sendLabelToEmail"),
        ({"value": "0"}, "value"),
    ],
)
def test_a_wrong_return_names_its_attribute(it: Packeta, changed: dict[str, str], name: str) -> None:
    answer = it.ask("createPacketClaimWithPassword", claimWithPasswordAttributes=CLAIM | changed)

    assert [one.text for one in answer.findall("detail/attributes/fault/name")] == [name]
    assert not it.yard.world.parcels


def test_a_return_makes_its_sender_silently_and_bears_a_label(it: Packeta) -> None:
    id_ = it.done("createPacketClaim", claimAttributes=CLAIM | {"eshop": "druhy", "sendLabelToEmail": "1"}).findtext(
        "id"
    )

    assert it.yard.world.accounts["shop"].given["senders"] == ["muj-eshop", "druhy"]
    assert it.file("packetLabelPdf", packetId=id_, format="A6 on A6", offset="0").startswith(b"%PDF")
    assert it.yard.world.facts(it.yard.world.parcels[id_])["is_claim"]


def test_there_is_a_courier_in_every_country_of_the_union_and_a_few_outside(it: Packeta) -> None:
    rows = it.yard.client.get(f"/v5/{it.key}/carrier.json").json()

    home = {row["country"].upper() for row in rows if row["pickupPoints"] == "false"}
    assert home >= set(union.COUNTRIES)
    outside = {row["country"] for row in rows if row["customsDeclarations"] == "true"}
    assert outside == {"ch", "gb", "ua"}


def test_a_courier_in_another_country_is_taken(it: Packeta) -> None:
    rows = it.yard.client.get(f"/v5/{it.key}/carrier.json").json()
    [irish] = [row["id"] for row in rows if row["country"] == "ie"]

    assert it.made(HOME | {"addressId": irish, "currency": "EUR", "phone": "+353851234567", "zip": "D02 AF30"})


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, {"attributes", "items"}),
        ({"attributes": {"attribute": [PAIR]}}, {"items"}),
        ({"attributes": {"attribute": [PAIR]}, "items": ""}, {"items"}),
        ({"attributes": {"ean": "1"}, "items": {"item": [{"attributes": {"attribute": [PAIR]}}]}}, {"attributes"}),
    ],
)
def test_what_leaves_the_union_is_declared(it: Packeta, given: dict[str, Any], names: set[str]) -> None:
    assert it.wrong(BRITISH | given) == names


@pytest.mark.parametrize(
    "items",
    [
        {"item": [{"attributes": {"attribute": [PAIR, {"key": "pieces", "value": "2"}]}}]},
        {"item": [{"attribute": [PAIR, {"key": "pieces", "value": "2"}]}]},
        [{"attribute": [PAIR, {"key": "pieces", "value": "2"}]}],
    ],
)
def test_goods_are_rows_of_pairs(it: Packeta, items: Any) -> None:
    rows = items if isinstance(items, dict) else {"item": items}
    id_ = it.made(BRITISH | {"attributes": {"attribute": [{"key": "invoice", "value": "FA1"}]}, "items": rows})

    told = it.yard.world.facts(it.yard.world.parcels[id_])["customs"]
    assert told == {"attributes": {"invoice": "FA1"}, "items": [{"ean": PAIR["value"], "pieces": "2"}]}


@pytest.mark.parametrize("code", ["3", "14", "15", "26", "999"])
def test_a_code_is_said_when_told(it: Packeta, code: str) -> None:
    id_ = it.made(COURIER)
    it.yard.go(hours=1)
    it.yard.world.say([id_], code)

    assert it.done("packetStatus", packetId=id_).findtext("statusCode") == code
    it.yard.world.move_on([id_])
    told = it.done("packetTracking", packetId=id_)
    assert [one.text for one in told.findall("record/statusCode")][:2] == ["1", code]


def test_the_control_tells_until_when_a_packet_waits(it: Packeta) -> None:
    id_ = it.made(POINT)
    packet = it.yard.world.parcels[id_]
    assert it.yard.world.facts(packet)["stored_until"] == ""
    it.yard.world.hand_over([id_])
    it.yard.go(hours=26)
    it.done("packetSetStoredUntil", packetId=id_, date="2026-03-15")

    assert it.yard.told("/parcels")["parcels"][0]["facts"]["stored_until"] == "2026-03-15"


@pytest.mark.parametrize(("dpi", "width"), [("203", "^PW839"), ("300", "^PW1240")])
def test_zpl_has_the_resolution_asked(it: Packeta, dpi: str, width: str) -> None:
    assert width in it.done("packetLabelZpl", packetId=it.made(), dpi=dpi).text
