"""The way back: a batch of one with turned addresses, asked for as any other batch."""

import json
from dataclasses import replace

import pytest

from carriers.base import Booked, Format, Pending, Taken
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.money import Money
from carriers.ppl import Ppl, rules
from carriers.shipment import Box
from tests.carriers.ppl.world import (
    BATCH,
    CREATED,
    JANA,
    MALY,
    PRODUCTION,
    TO_POINT,
    Reply,
    Wire,
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


PLACE = "Můj e-shop; Skladová 1; Praha; 19000; CZ"


def on(wire: Wire, **given: str) -> Ppl:
    return ppl(wire, switched=[rules.RETURNS], **{"return_address": PLACE, **given})


def polled(carrier: Ppl) -> Taken:
    """Hand the return over and ask once what became of it."""
    pending = carrier.return_label(BACK)
    [taken] = carrier.poll(pending.job, [pending.reference])
    return taken


def test_on_the_way_back_the_customer_sends_and_the_shop_receives() -> None:
    wire = Wire(CREATED)

    pending = on(wire, label_format="zpl", sender_mask="A; B 1; Praha; 19000; CZ").return_label(BACK)

    assert (pending.reference, pending.wait_s) == ("r417", 2.0)
    assert pending.job.ids == {"batch": BATCH, "sets": "{}", "format": "pdf"}
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
        ({"sender": None}, {}, "Praha"),
    ],
)
def test_it_goes_back_to_whom_somebody_said(changed, given, town: str) -> None:
    wire = Wire(CREATED)

    on(wire, **given).return_label(replace(BACK, **changed))

    assert json.loads(wire.calls[0][1].body)["shipments"][0]["recipient"]["city"] == town


def test_it_goes_by_the_product_the_account_says() -> None:
    wire = Wire(CREATED)

    on(wire, return_product="RECI").return_label(BACK)

    assert json.loads(wire.calls[0][1].body)["shipments"][0]["productType"] == "RECI"


def test_a_return_that_is_made_has_its_number() -> None:
    wire = Wire(CREATED, item())

    booked = polled(on(wire))

    assert isinstance(booked, Booked)
    assert ([parcel.number for parcel in booked.parcels], booked.notes) == (["40950012346"], ())
    assert wire.calls[1][1].url == f"{PRODUCTION}/shipment/batch/{BATCH}"


@pytest.mark.parametrize("state", ["Accepted", "InProcess"])
def test_a_return_ppl_is_still_at_is_not_asked_for_by_itself(state: str) -> None:
    wire = Wire(CREATED, item(importState=state))

    assert isinstance(polled(on(wire)), Pending)
    assert len(wire.calls) == 2


def test_the_label_of_a_return_is_a_pdf_whatever_the_others_are() -> None:
    wire = Wire(CREATED, item(), Reply(200, pdf(100)))
    carrier = on(wire, label_format="zpl")
    booked = polled(carrier)
    assert isinstance(booked, Booked)

    label = carrier.labels(booked.parcels, Format.PDF)

    assert widths(label.content) == [100]


def test_a_return_that_failed_is_refused_in_ppls_words() -> None:
    failed = item(importState="Error", errorCode="E7", errorMessage="Vratky nemáte.", shipmentNumber=None)

    refused = polled(on(Wire(CREATED, failed)))

    assert isinstance(refused, CarrierRefused)
    assert "Vratky nemáte" in refused.why


@pytest.mark.parametrize(("status", "is_unclear"), [(500, False), (403, False), (404, True)])
def test_only_a_return_ppl_does_not_know_any_more_is_unclear(status: int, *, is_unclear: bool) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        polled(on(Wire(CREATED, Reply(status))))

    assert lost.value.unclear is is_unclear


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
        (lambda wire: on(wire, return_address=""), Kind.UNSUPPORTED),
        (lambda wire: on(wire, return_address="Praha"), Kind.ACCOUNT),
    ],
)
def test_a_return_that_goes_nowhere_is_asked_of_nobody(carrier, kind: Kind) -> None:
    wire = Wire()

    with pytest.raises(CarrierError) as refused:
        carrier(wire).return_label(replace(BACK, sender=None, recipient=JANA))

    assert refused.value.kind is kind
    assert wire.calls == []


def test_returns_are_offered_where_they_are_switched_on_and_have_somewhere_to_go() -> None:
    assert not ppl(Wire(), return_address=PLACE).able.returns
    assert [on(Wire(), return_address=each).able.returns for each in ("", "somewhere", PLACE)] == [False, False, True]
    assert rules.RETURNS in Ppl.able.unproven
