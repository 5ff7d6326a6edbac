import json
from dataclasses import replace
from typing import Any

import pytest

from carriers.balikobot import Balikobot, calls, returns
from carriers.base import Account, Format
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.shipment import Address, PointRef
from tests.carriers.balikobot.made_up import BASE, RECIPIENT, Wire, account, balikobot, home, packages, pdf, row

SHOP = {
    "return_name": "Dílna s.r.o.", "return_street": "Tovární 8", "return_city": "Olomouc", "return_zip": "779 00",
    "return_country": "cz", "return_phone": "605111222", "return_email": "dilna@example.cz",
}  # fmt: skip
ON = account("returns", **SHOP)
WAY_OUT = home("return-001", service="ppl/46", point=PointRef("KM1"), note="zvonek", adults_only=True)
BACK = (
    '{"packages":[{"eid":"return-001-1","service_type":"45","rec_name":"Dílna s.r.o.","rec_street":"Tovární 8",'
    '"rec_city":"Olomouc","rec_zip":"77900","rec_country":"CZ","rec_phone":"+420605111222",'
    '"rec_email":"dilna@example.cz","weight":1.35,"real_order_id":"2026000417","return_track":true,'
    '"sen_name":"Jana Dvořáková","sen_street":"Lipová 12","sen_city":"Brno","sen_zip":"60200","sen_country":"CZ",'
    '"sen_phone":"+420601234567","sen_email":"jana.dvorakova@example.cz","price":1290,"ins_currency":"CZK"}]}'
)
LINK = "https://pdf.balikobot.cz/1"
ORDERED = {"status": 200, "order_id": 12, "labels_url": LINK}


def refused(given: Any, at: Balikobot) -> CarrierRefused:
    with pytest.raises(CarrierRefused) as caught:
        at.return_label(given)
    return caught.value


def test_a_way_back_is_sent_letter_by_letter() -> None:
    call = calls.add(ON, [returns.turned(ON, WAY_OUT)])

    assert (call.url, call.body) == (f"{BASE}/ppl/add", BACK.encode())


def test_a_way_back_is_ordered_at_once_and_has_its_label_with_it() -> None:
    wire = Wire([packages(row("return-001-1", 1)), ORDERED, pdf(1)])
    booked = balikobot(wire, ON).return_label(WAY_OUT)

    assert [*wire.paths()[:2], wire.calls[2].url] == ["/ppl/add", "/ppl/order", LINK]
    assert wire.bodies()[1] == {"package_ids": ["42001"]}
    assert booked.label is not None
    assert (booked.label.format, booked.label.covers) == (Format.PDF, (booked.parcels[0].number,))


@pytest.mark.parametrize("paper", [(502, b""), b"<html>", pdf(2)])
def test_a_label_that_cannot_be_had_with_the_order_is_left_to_be_asked_for(paper: Any) -> None:
    booked = balikobot(Wire([packages(row("return-001-1", 1)), ORDERED, paper]), ON).return_label(WAY_OUT)

    assert booked.label is None
    assert booked.parcels


def test_a_way_back_asked_for_again_is_what_was_made_and_ordered_before() -> None:
    wire = Wire([packages(row("return-001-1", 1)), (502, b""), packages(row("return-001-1", 1, 208)), {"status": 208}])
    adapter = balikobot(wire, ON)
    with pytest.raises(CarrierUnreachable) as lost:
        adapter.return_label(WAY_OUT)
    booked = adapter.return_label(WAY_OUT)

    assert lost.value.unclear
    assert booked.again
    assert wire.bodies()[0] == wire.bodies()[2]


@pytest.mark.parametrize("status", [403, 409, 413])
def test_what_an_order_refuses_is_dropped_so_that_it_can_be_made_anew(status: int) -> None:
    wire = Wire([packages(row("return-001-1", 1)), {"status": status}, {"status": 200}])
    error = refused(WAY_OUT, balikobot(wire, ON))

    assert error.code == str(status)
    assert "42001" not in error.why
    assert wire.paths() == ["/ppl/add", "/ppl/order", "/ppl/drop"]
    assert wire.bodies()[2] == {"package_ids": ["42001"]}


@pytest.mark.parametrize(
    ("dropped", "said"), [((502, b""), "is to be dropped in Balíkobot"), ({"status": 405}, "must not be handed over")]
)
def test_what_could_not_be_dropped_of_a_way_back_is_named(dropped: Any, said: str) -> None:
    wire = Wire([packages(row("return-001-1", 1)), {"status": 413}, dropped])
    error = refused(WAY_OUT, balikobot(wire, ON))

    assert "42001" in error.why
    assert said in error.why
    assert said in str(error)


@pytest.mark.parametrize("lost", [(502, b""), {"status": 426}])
def test_an_order_that_may_be_one_or_waits_is_not_dropped(lost: Any) -> None:
    wire = Wire([packages(row("return-001-1", 1)), lost])

    with pytest.raises((CarrierUnreachable, CarrierBusy)):
        balikobot(wire, ON).return_label(WAY_OUT)
    assert wire.paths() == ["/ppl/add", "/ppl/order"]


def test_an_address_of_the_shipments_own_goes_before_the_accounts() -> None:
    depot = Address("Sklad", "Skladová 1", "Praha", "11000", "CZ", phone="+420605111333")

    assert returns.turned(ON, replace(WAY_OUT, sender=depot)).recipient is depot
    assert returns.turned(ON, replace(WAY_OUT, sender=RECIPIENT, return_to=depot)).recipient is depot


def test_how_it_went_out_says_nothing_of_the_way_back() -> None:
    given = replace(WAY_OUT, options={"sat_delivery": "1", "content": "boty", "fields": '{"note_driver": "x"}'})

    assert returns.turned(ON, given).options == {"content": "boty", "fields": '{"note_driver": "x"}'}


def test_an_account_names_the_services_of_other_shippers() -> None:
    at = account("returns", return_services="gls/4, ppl/46", **SHOP)

    assert returns.turned(at, replace(WAY_OUT, service="gls/2")).service == "gls/4"
    assert returns.turned(at, WAY_OUT).service == "ppl/46"


@pytest.mark.parametrize(
    ("given", "at", "kind"),
    [
        (WAY_OUT, account(**SHOP), Kind.UNSUPPORTED),
        (home(service="cp/DR"), ON, Kind.UNSUPPORTED),
        (WAY_OUT, account("returns", **(SHOP | {"return_zip": " "})), Kind.ACCOUNT),
    ],
)
def test_a_way_back_nobody_can_book_costs_no_call(given: Any, at: Any, kind: Kind) -> None:
    wire = Wire([])

    assert refused(given, balikobot(wire, at)).kind is kind
    assert wire.calls == []


def test_what_is_refused_of_a_way_back_is_refused() -> None:
    wire = Wire([packages({"status": 413, "eid": "return-001-1", "rec_zip": 413}, status=400)])

    assert refused(WAY_OUT, balikobot(wire, ON)).faults[0].field == "recipient.zip"
    assert [json.loads(call.body or b"{}").get("package_ids") for call in wire.calls] == [None]


@pytest.mark.parametrize(
    ("at", "is_offered"),
    [(ON, True), (account(**SHOP), False), (account("returns"), False), (account("returns", return_name="A"), False)],
)
def test_a_way_back_is_offered_where_it_is_switched_on_and_has_an_end(at: Account, is_offered: bool) -> None:
    assert balikobot(Wire([]), at).able.returns is is_offered


def test_a_shipper_without_a_service_for_the_way_back_is_told_before() -> None:
    at = account("returns", **SHOP, return_services="cp/DR")
    carrier = balikobot(Wire([]), at)

    assert [str(one.field) for one in carrier.validate_back(replace(WAY_OUT, service="sp/BZA"))] == ["service"]
    assert [*carrier.validate_back(WAY_OUT), *carrier.validate_back(replace(WAY_OUT, service="cp/NB"))] == []
