"""Parcels abroad: what is declared of them, and what stands in their way."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from carriers import check
from carriers.base import Booked, Format
from carriers.ceska_posta import answers, calls, customs, products
from carriers.errors import CarrierRefused, Kind
from carriers.money import Money
from carriers.shipment import Address, Box, Customs, Goods, PointRef
from tests.carriers.ceska_posta.sample import HOME, STAMP, TO_POINT, TODAY, account, created, pdf, post, record
from tests.carriers.kit import kit

FORMS = {"forms": "CE=72,CS=59,CV=60,EM=58"}
GIVEN = account(switches=("abroad",), **FORMS)
JOHN = Address(
    "John Smith", "Main Street 5", "Springfield", "62701", "US", phone="+12175550123", email="john@example.com",
    more="Apt 4", region="IL",
)  # fmt: skip
BOOKS = Goods("Books", 2, 800, Money(45_000, "CZK"), "49019900", "CZ")
GIFT = Goods("Mug", 1, 350, Money(19_950, "CZK"))
CUSTOMS = Customs((BOOKS, GIFT), "31")
TO_US = replace(
    HOME, service="CE", recipient=JOHN, boxes=(Box(1_350),), value=Money(2_599, "USD"), customs=CUSTOMS, options={}
)
TO_DE = replace(TO_US, recipient=replace(JOHN, country="DE", zip="10115", phone="", region=""), customs=None)


def found(shipment, given=GIVEN):
    adapter, _ = post(given=given)
    return [(fault.field, fault.code) for fault in adapter.validate(shipment)]


def body(shipment, given=GIVEN):
    return json.loads(calls.create_call(given, shipment, today=TODAY, stamp=STAMP).body, parse_float=Decimal)


def test_what_leaves_the_union_is_declared() -> None:
    said = body(replace(TO_US, options={"services": "9A,4B", "mrn": "26CZ0000000000001X"}))

    assert said["parcelServiceHeader"]["printParams"]["idForm"] == 72
    assert said["parcelServiceData"] == {
        "parcelParams": {
            "recordID": "OBJ202600418", "prefixParcelCode": "CE", "weight": "1.350", "sequenceParcel": 1,
            "quantityParcel": 1, "notePrint": "Obj. 418", "mrn": "26CZ0000000000001X",
        },
        "parcelServices": ["43", "9A", "4B"],
        "parcelAddress": {
            "firstName": "John", "surname": "Smith", "aditionAddress": "Apt 4", "subject": "F",
            "address": {
                "street": "Main Street", "houseNumber": "5", "city": "Springfield", "zipCode": "62701",
                "isoCountry": "US", "subIsoCountry": "IL",
            },
            "phoneNumber": "+12175550123", "emailAddress": "john@example.com",
        },
        "parcelCustomsDeclaration": {
            "category": "31", "customValCur": "CZK",
            "parcelCustomGoods": [
                {
                    "sequence": 1, "customCont": "Books", "quantity": 2, "weight": "0.800", "customVal": 450,
                    "hsCode": "49019900", "iso": "CZ",
                },
                {"sequence": 2, "customCont": "Mug", "quantity": 1, "weight": "0.350", "customVal": Decimal("199.50")},
            ],
        },
    }  # fmt: skip


def test_goods_nobody_weighed_are_declared_without_a_weight() -> None:
    shipment = of(goods=(replace(GIFT, weight_g=0),))

    [good] = body(shipment)["parcelServiceData"]["parcelCustomsDeclaration"]["parcelCustomGoods"]

    assert found(shipment) == []
    assert good == {"sequence": 1, "customCont": "Mug", "quantity": 1, "customVal": Decimal("199.50")}


@pytest.mark.parametrize(
    ("asked", "told"), [("", ["43"]), ("42", ["42"]), ("44,4A", ["44", "4A"]), ("46", ["43", "46"])]
)
def test_what_goes_abroad_is_goods_unless_somebody_says_otherwise(asked, told) -> None:
    assert body(replace(TO_DE, options={"services": asked}))["parcelServiceData"]["parcelServices"] == told


def test_an_insured_parcel_abroad_tells_its_value() -> None:
    said = body(replace(TO_US, service="CV", value=Money(64_950, "CZK")))["parcelServiceData"]

    assert (said["parcelParams"]["insuredValue"], said["parcelServices"]) == (Decimal("649.50"), ["7", "43"])


def test_a_post_code_of_no_known_form_stays_as_it_was_written() -> None:
    british = replace(TO_US, recipient=replace(JOHN, country="GB", zip=" SW1A 1AA ", phone=""))

    assert found(british) == []
    assert body(british)["parcelServiceData"]["parcelAddress"]["address"]["zipCode"] == "SW1A 1AA"


@pytest.mark.parametrize("shipment", [TO_US, TO_DE, replace(TO_DE, customs=CUSTOMS)])
def test_a_good_parcel_abroad_has_no_fault(shipment) -> None:
    assert found(shipment) == []


def of(**changed):
    return replace(TO_US, customs=replace(CUSTOMS, **changed))


@pytest.mark.parametrize(
    ("shipment", "fault"),
    [
        (replace(TO_US, customs=None), ("customs", "missing")),
        (of(category=""), ("customs.category", "missing")),
        (of(goods=()), ("customs.goods", "missing")),
        (of(goods=(BOOKS,) * 21), ("customs.goods", "too_many")),
        (of(goods=(BOOKS, replace(GIFT, value=Money(1_000, "EUR")))), ("customs.goods", "not_both")),
        (of(goods=(BOOKS, replace(GIFT, content=" "))), ("customs.goods[1].content", "missing")),
        (of(goods=(replace(GIFT, content="Mug\0"),)), ("customs.goods[0].content", "letters")),
        (of(goods=(replace(GIFT, quantity=0),)), ("customs.goods[0].quantity", "missing")),
        (of(goods=(replace(GIFT, value=Money(-1, "CZK")),)), ("customs.goods[0].value", "bad_amount")),
        (replace(TO_US, boxes=(Box(1), Box(1))), ("boxes", "too_many")),
        (replace(TO_US, recipient=replace(JOHN, country="CZ", zip="60200")), ("recipient.country", "not_both")),
        (replace(TO_US, recipient=replace(JOHN, region="IL\0")), ("recipient.region", "letters")),
        (replace(TO_US, point=PointRef("60200")), ("point", "not_both")),
        (replace(TO_US, service="CV"), ("value", "bad_currency")),
        (replace(TO_US, options={"mrn": "M" * 19}), ("options.mrn", "too_long")),
        (replace(HOME, customs=CUSTOMS), ("customs", "not_both")),
        (replace(HOME, recipient=replace(JOHN, more="", region="")), ("recipient.country", "not_offered")),
        (replace(HOME, options={"size": "S", "services": "9A"}), ("options.services", "not_both")),
    ],
)
def test_what_stands_in_its_way_is_named(shipment, fault) -> None:
    assert fault in found(shipment)
    assert fault[1] in check.CODES


def test_a_parcel_abroad_is_booked_by_itself_beside_a_batch() -> None:
    pending, made = ({"idTransaction": "1"}, 202), created(record("OBJ202600418", "CE000000005CZ"))
    adapter, wire = post(pending, made, given=GIVEN)

    adapter.book([replace(TO_POINT, reference="A"), TO_US, replace(TO_POINT, reference="B")])

    assert [call.url.rpartition("/")[2] for call in wire.calls] == ["sendParcels", "parcelService"]


def test_a_parcel_abroad_has_a_label_of_the_form_its_account_names_and_no_other() -> None:
    sent = [answers.parcel("CE000000005CZ")]
    adapter, wire = post(given=account())

    with pytest.raises(CarrierRefused) as nameless:
        adapter.labels(sent, Format.PDF)
    with pytest.raises(CarrierRefused) as thermal:
        adapter.labels(sent, Format.ZPL)

    assert (nameless.value.kind, thermal.value.kind, wire.calls) == (Kind.ACCOUNT, Kind.UNSUPPORTED, [])


def printed(pages):
    return {"printingHeaderResult": {"printingStatusResponse": {"responseCode": 1}}, "printingDataResult": pdf(pages)}


def test_a_label_abroad_may_have_several_pages_and_is_printed_by_itself() -> None:
    one, other = "CE000000005CZ", "CE000000014CZ"
    adapter, wire = post(printed(3), printed(1), given=GIVEN)

    label = adapter.labels([answers.parcel(one), answers.parcel(other)], Format.PDF)

    assert label.covers == (one, one, one, other)
    assert [json.loads(call.body)["printingData"] for call in wire.calls] == [[one], [other]]


def test_a_booking_abroad_brings_all_pages_of_its_label() -> None:
    adapter, _ = post(created(record("OBJ202600418", "CE000000005CZ"), file=pdf(2)), given=GIVEN)

    [taken] = adapter.book([TO_US])

    assert (taken.notes, taken.label.covers) == ((), ("CE000000005CZ",) * 2)


DECLARING = account(switches=("abroad",), forms=f"{FORMS['forms']},CN=57")


def test_the_declaration_follows_the_label_of_what_was_declared() -> None:
    one, plain = "CE000000005CZ", "CE000000014CZ"
    adapter, wire = post(printed(1), printed(2), printed(1), given=DECLARING)

    label = adapter.labels([answers.parcel(one, declared=True), answers.parcel(plain)], Format.PDF)

    assert label.covers == (one, one, one, plain)
    assert [json.loads(call.body)["printingHeader"]["idForm"] for call in wire.calls] == [72, 57, 72]
    assert json.loads(wire.calls[1].body)["printingData"] == [one]


def test_a_booking_whose_label_has_a_declaration_leaves_both_to_be_printed() -> None:
    made = created(record("OBJ202600418", "CE000000005CZ"))
    adapter, _ = post(made, given=DECLARING)

    [taken] = adapter.book([TO_US])

    assert answers.is_declared(taken.parcels[0])
    assert "printParams" not in body(TO_US, DECLARING)["parcelServiceHeader"]
    assert body(TO_DE, DECLARING)["parcelServiceHeader"]["printParams"]["idForm"] == 72


def test_what_is_not_declared_says_so_by_its_handle() -> None:
    adapter, _ = post(created(record("OBJ202600418", "CE000000005CZ"), file=pdf(1)), given=GIVEN)

    [taken] = adapter.book([TO_DE])

    assert taken.parcels[0].handle.ids == {"code": "CE000000005CZ"}


def test_a_declaration_is_printed_by_the_stand_in() -> None:
    at = kit("ceska_posta")
    at.carrier = at.opened(switches=frozenset({"abroad"}), given={**at.account.given, "forms": "CE=72,CN=57"})
    goods = (BOOKS, replace(GIFT, hs_code="691200", origin="CN"))

    [taken] = at.book(at.home(service="CE", recipient=JOHN, customs=Customs(goods, "31")))
    label = at.carrier.labels(taken.parcels, Format.PDF)
    at.client.close()

    assert (taken.label, label.covers) == (None, (taken.parcels[0].number,) * 2)


def test_without_a_form_a_parcel_is_booked_and_no_label_asked_for() -> None:
    header = body(TO_US, account())["parcelServiceHeader"]

    assert not header.keys() & {"printParams", "position"}


@pytest.mark.parametrize("service", [code for code, one in products.PRODUCTS.items() if one.is_abroad])
def test_every_product_abroad_is_taken_by_the_stand_in(service) -> None:
    at = kit("ceska_posta")
    at.carrier = at.opened(switches=frozenset({"abroad"}), given={**at.account.given, **FORMS})
    changed = {
        "service": service,
        "recipient": JOHN,
        "customs": Customs((BOOKS, replace(GIFT, hs_code="691200", origin="CN")), "31"),
    }
    shipment = at.home(**changed)

    [taken] = at.book(shipment)
    at.client.close()

    assert list(at.carrier.validate(shipment)) == []
    assert isinstance(taken, Booked), taken
    assert taken.label
    assert taken.parcels[0].number.startswith(service)


def test_what_of_a_declaration_the_post_has_no_field_for_is_said() -> None:
    assert [*customs.notes(TO_US), *customs.notes(HOME)] == []
    assert [*customs.notes(of(eori="CZ1234567890"))] == [
        "EORI of the declaration did not reach the Post, which has no field for it"
    ]
