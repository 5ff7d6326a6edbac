"""The way back: a batch of one with turned addresses, whose number is waited for."""

import json
from dataclasses import replace

import pytest

from carriers.base import Format
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.money import Money
from carriers.ppl import ASKED_FOR, ASKS, Ppl, rules
from carriers.shipment import Box
from tests.carriers.ppl.world import (
    BATCH,
    CREATED,
    JANA,
    MALY,
    PRODUCTION,
    TO_POINT,
    Reply,
    Watch,
    Wire,
    account,
    pdf,
    ppl,
    told,
    widths,
)

BACK = replace(
    TO_POINT, reference="r417", sender=MALY, value=Money(60_000_00, "CZK"), boxes=(Box(1_250),), adults_only=True,
    options={"services": "SATD"},
)  # fmt: skip


def item(**changed):
    sound = {
        "referenceId": "r417",
        "shipmentNumber": "40950012346",
        "importState": "Complete",
        "labelUrl": f"{PRODUCTION}/data/1",
    }
    return told({"items": [{**sound, **changed}]})


def on(wire: Wire, watch: Watch | None = None, **given: str) -> Ppl:
    return ppl(wire, watch, switched=[rules.RETURNS], **given)


def test_on_the_way_back_the_customer_sends_and_the_shop_receives() -> None:
    wire = Wire(CREATED, item())

    booked = on(wire, label_format="zpl", sender_mask="A; B 1; Praha; 19000; CZ").return_label(BACK)

    assert [parcel.number for parcel in booked.parcels] == ["40950012346"]
    assert booked.notes == ()
    assert (wire.calls[0][1].url, wire.calls[0][1].makes) == (f"{PRODUCTION}/shipment/batch", True)
    assert json.loads(wire.calls[0][1].body) == {
        "labelSettings": {"format": "Pdf", "dpi": 300, "completeLabelSettings": {"isCompleteLabelRequested": False}},
        "shipments": [
            {
                "referenceId": "r417",
                "productType": "RETD",
                "note": "Volat předem",
                "shipmentSet": {
                    "numberOfShipments": 1,
                    "shipmentSetItems": [{"weighedShipmentInfo": {"weight": 1.25}}],
                },
                "sender": {
                    "name": "Jana Dvořáková",
                    "street": "Lipová 12",
                    "city": "Brno",
                    "zipCode": "60200",
                    "country": "CZ",
                    "contact": "Jana Dvořáková",
                    "phone": "+420601234567",
                    "email": "jana.dvorakova@example.cz",
                },
                "recipient": {
                    "name": "Malý a syn s.r.o.",
                    "name2": "Petr Malý",
                    "street": "Tovární 8",
                    "city": "Olomouc",
                    "zipCode": "77900",
                    "country": "CZ",
                    "contact": "Petr Malý",
                    "phone": "+420605111222",
                    "email": "petr.maly@example.cz",
                },
                "externalNumbers": [{"code": "CUST", "externalNumber": "2026-00417/r417"}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("changed", "given", "town"),
    [
        ({}, {}, "Olomouc"),
        ({"return_to": replace(MALY, city="Zlín")}, {}, "Zlín"),
        ({"sender": None}, {"return_address": "Můj e-shop; Skladová 1; Praha; 19000; CZ"}, "Praha"),
    ],
)
def test_it_goes_back_to_whom_somebody_said(changed, given, town: str) -> None:
    wire = Wire(CREATED, item())

    on(wire, **given).return_label(replace(BACK, **changed))

    assert json.loads(wire.calls[0][1].body)["shipments"][0]["recipient"]["city"] == town


def test_it_goes_by_the_product_the_account_says() -> None:
    wire = Wire(CREATED, item())

    on(wire, return_product="RECI").return_label(BACK)

    assert json.loads(wire.calls[0][1].body)["shipments"][0]["productType"] == "RECI"


def test_a_return_is_asked_for_until_it_has_its_number() -> None:
    wire = Wire(CREATED, item(importState="Accepted"), item(importState="InProcess"), item())

    assert on(wire).return_label(BACK).parcels
    assert [call.url for _, call in wire.calls[1:]] == [f"{PRODUCTION}/shipment/batch/{BATCH}"] * 3


def test_the_label_of_a_return_is_a_pdf_whatever_the_others_are() -> None:
    wire = Wire(CREATED, item(), Reply(200, pdf(100)))
    carrier = on(wire, label_format="zpl")

    label = carrier.labels(carrier.return_label(BACK).parcels, Format.PDF)

    assert widths(label.content) == [100]


def test_a_return_that_failed_is_refused_in_ppls_words() -> None:
    failed = item(importState="Error", errorCode="E7", errorMessage="Vratky nemáte.", shipmentNumber=None)

    with pytest.raises(CarrierRefused, match="Vratky nemáte"):
        on(Wire(CREATED, failed)).return_label(BACK)


@pytest.mark.parametrize(
    "replies",
    [[Reply(500)], [Reply(429)], [Reply(404)], [Reply(403)], [item(importState="InProcess"), Reply(200, b"<html>")]],
)
def test_a_return_that_was_taken_and_not_heard_of_is_unclear(replies: list[Reply]) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        on(Wire(CREATED, *replies)).return_label(BACK)

    assert lost.value.unclear


def test_a_return_that_is_not_made_in_time_is_unclear() -> None:
    with pytest.raises(CarrierUnreachable, match="still at it") as lost:
        on(Wire(CREATED, *[item(importState="InProcess")] * ASKS)).return_label(BACK)

    assert lost.value.unclear


def test_nobody_waits_for_a_return_for_long() -> None:
    watch = Watch()
    slow = item(importState="InProcess")
    wire = Wire(CREATED, slow, slow)

    def send(carrier, operation, call):
        watch.pass_by(ASKED_FOR.total_seconds() * 0.7 if wire.calls else 0)
        return wire(carrier, operation, call)

    with pytest.raises(CarrierUnreachable):
        Ppl(account(rules.RETURNS), send, watch).return_label(BACK)
    assert wire.replies == []


@pytest.mark.parametrize("reply", [Reply(201), Reply(500), Reply(504)])
def test_a_return_nobody_can_name_is_unclear(reply: Reply) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        on(Wire(reply)).return_label(BACK)

    assert lost.value.unclear


def test_a_return_ppl_does_not_take_says_why() -> None:
    with pytest.raises(CarrierRefused, match="ZipCode"):
        on(
            Wire(told({"errors": {"shipments[0].sender.zipCode": ["The ZipCode field is required."]}}, 400))
        ).return_label(BACK)


@pytest.mark.parametrize(
    ("carrier", "kind"),
    [
        (ppl, Kind.UNSUPPORTED),
        (on, Kind.CONTENT),
        (lambda wire: on(wire, return_address="Praha"), Kind.ACCOUNT),
    ],
)
def test_a_return_that_goes_nowhere_is_asked_of_nobody(carrier, kind: Kind) -> None:
    wire = Wire()

    with pytest.raises(CarrierError) as refused:
        carrier(wire).return_label(replace(BACK, sender=None, recipient=JANA))

    assert refused.value.kind is kind
    assert wire.calls == []


def test_returns_are_offered_where_they_are_switched_on() -> None:
    assert not ppl(Wire()).able.returns
    assert on(Wire()).able.returns
    assert rules.RETURNS in Ppl.able.unproven
