"""What is said of a shipment before it is asked for."""

from dataclasses import replace

import pytest

from carriers.dpd_cz import DpdCz, services
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef
from tests.carriers.dpd_cz.scene import JANA, carrier, shipment


def faults(given, *switches):
    return [(fault.field, fault.code) for fault in carrier(switches=switches)[0].validate(given)]


@pytest.mark.parametrize("service", services.PROVEN)
def test_a_good_shipment_has_no_faults(service):
    point = "CZ21570" if service == "337" else ""

    assert faults(shipment(service=service, point=point, cod=129000)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"service": "999"}, ("service", "not_offered")),
        ({"service": "dpd12"}, ("service", "not_offered")),
        ({"service": "337"}, ("point", "missing")),
        ({"service": "337", "point": PointRef(" ")}, ("point", "missing")),
        ({"point": PointRef("CZ21570")}, ("service", "not_both")),
        ({"service": "337", "point": PointRef("1", "packeta")}, ("point.network", "not_offered")),
        ({"service": "337", "point": PointRef("CZ1"), "boxes": (Box(1), Box(1))}, ("boxes", "too_many")),
        ({"service": "337", "point": PointRef("CZ1"), "boxes": (Box(20_001),)}, ("boxes[0].weight_g", "too_heavy")),
        ({"boxes": (Box(1), Box(31_501))}, ("boxes[1].weight_g", "too_heavy")),
        ({"boxes": (Box(1),) * 21}, ("boxes", "too_many")),
        ({"boxes": (Box(0),)}, ("boxes[0].weight_g", "missing")),
        ({"reference": "R" * 34}, ("reference", "too_long")),
        ({"order_number": "R" * 36}, ("order_number", "too_long")),
        ({"recipient": replace(JANA, name="J" * 36)}, ("recipient.name", "too_long")),
        ({"recipient": replace(JANA, name="J")}, ("recipient.name", "missing")),
        ({"recipient": replace(JANA, company="J" * 36)}, ("recipient.company", "too_long")),
        ({"recipient": replace(JANA, phone="", email="")}, ("recipient.phone", "missing")),
        ({"recipient": replace(JANA, phone="123")}, ("recipient.phone", "bad_phone")),
        ({"recipient": replace(JANA, name="Jana 🎁")}, ("recipient.name", "letters")),
        ({"recipient": replace(JANA, zip="99999")}, ("recipient.zip", "bad_zip")),
        ({"recipient": replace(JANA, country="US")}, ("recipient.country", "not_offered")),
        ({"cod": Cod(Money(129050, "CZK"), "1")}, ("cod.amount", "bad_amount")),
        ({"cod": Cod(Money(4990, "EUR"), "1")}, ("cod.amount", "bad_currency")),
        ({"cod": Cod(Money(100, "CZK"), "")}, ("cod.variable_symbol", "missing")),
        ({"cod": Cod(Money(100, "CZK"), "OBJ-1")}, ("cod.variable_symbol", "letters")),
        ({"cod": Cod(Money(100, "CZK"), "1" * 11)}, ("cod.variable_symbol", "too_long")),
        ({"value": Money(100, "EUR"), "options": {"insurance": "1"}}, ("value", "bad_currency")),
        ({"value": Money(0, "CZK"), "options": {"insurance": "1"}}, ("value", "missing")),
        ({"options": {"insurance": "yes"}}, ("options.insurance", "not_offered")),
        ({"options": {"credit_card": "2"}}, ("options.credit_card", "not_offered")),
        ({"options": {"notification": "yes"}}, ("options.notification", "not_offered")),
        ({"options": {"without_label": "yes"}}, ("options.without_label", "not_offered")),
        ({"options": {"picked_up": "1"}}, ("options.picked_up", "not_offered")),
        ({"options": {"picked_up": "1", "without_label": "1"}}, ("options.without_label", "not_both")),
        ({"options": {"services": "guarantee"}}, ("options.services", "not_offered")),
        ({"options": {"ref3": "R" * 36}}, ("options.ref3", "too_long")),
        ({"options": {"ref4": "🎁"}}, ("options.ref4", "letters")),
        ({"options": {"person": "🎁"}}, ("options.person", "letters")),
        ({"options": {"person_id": "1\n2"}}, ("options.person_id", "letters")),
        ({"boxes": (Box(1, value=Money(1, "EUR")),)}, ("boxes[0].value", "bad_currency")),
        ({"boxes": (Box(1, value=Money(0, "CZK")),)}, ("boxes[0].value", "missing")),
        ({"options": {"saturday": "1"}}, ("options.saturday", "not_offered")),
        ({"adults_only": True}, ("adults_only", "not_offered")),
        ({"sender": JANA}, ("sender", "not_offered")),
    ],
)
def test_what_dpd_would_refuse_is_said_before(change, found):
    assert found in faults(replace(shipment(), **change))


def test_a_box_that_would_not_be_insured_with_the_others_is_told():
    boxes = (Box(1, value=Money(100, "CZK")), Box(1))

    assert faults(shipment(boxes=boxes)) == []
    assert faults(shipment(boxes=boxes, options={"insurance": "1"})) == [("boxes[1].value", "missing")]


@pytest.mark.parametrize("phone", ["", "+420601234567"])
def test_whoever_is_to_be_told_has_somewhere_to_be_told_at(phone):
    reached = replace(JANA, phone=phone, email="")
    found = [] if phone else [("recipient.phone", "missing")]

    assert faults(shipment(recipient=reached, service="101", options={"notification": "1"})) == found
    assert faults(shipment(recipient=reached, options={"notification": "0"})) == []


def test_whoever_waits_at_a_point_is_always_told():
    given = shipment(service="337", point="CZ21570", options={"notification": "0"})

    assert faults(given) == [("options.notification", "not_both")]


@pytest.mark.parametrize(
    ("service", "named", "found"),
    [
        ("101", "guarantee, swap ,dpd12", []),
        ("dpd12", "dpd12", []),
        ("dpd12", "sameday", [("options.services", "not_both")]),
        ("101", "sameday,dpd12", [("options.services", "not_both")]),
        ("101", "guarantee,saturday", [("options.services", "not_offered")]),
        ("101", "declared_value", []),
        ("shop2shop", "", [("point", "missing")]),
    ],
)
def test_services_on_top_are_those_with_a_name_and_do_not_contradict_each_other(service, named, found):
    assert faults(shipment(service=service, options={"services": named}), "more_services") == found


def test_a_declared_value_is_one():
    given = shipment(value=Money(0, "CZK"), options={"services": "declared_value"})

    assert faults(given, "more_services") == [("value", "missing")]


@pytest.mark.parametrize("change", [{"sender": JANA}, {"options": {"services": "swap"}}])
def test_what_is_fetched_elsewhere_or_swapped_is_one_box(change):
    given = replace(shipment(weights=(1, 1)), **change)

    assert faults(given, "more_services", "collections") == [("boxes", "too_many")]


def test_another_sender_is_looked_at_as_the_recipient_is():
    given = shipment(sender=replace(JANA, name="J", zip="1", phone=""))

    assert faults(given, "collections") == [("sender.zip", "bad_zip"), ("sender.name", "missing")]


def test_a_reference_of_a_single_box_may_have_33_letters():
    assert faults(shipment("R" * 33)) == []


def test_switches_open_what_is_not_certain():
    abroad = Address("Eva Nováková", "Hlavná 5", "Bratislava", "811 01", "SK", phone="+421905123456")
    given = replace(shipment(), recipient=abroad, cod=Cod(Money(4990, "EUR"), "1"))

    assert faults(given) == [("cod.amount", "bad_currency")]
    assert faults(given, "cod_abroad") == []
    assert faults(shipment(service="dpd12"), "more_services") == []
    assert faults(shipment(options={"picked_up": "1"}), "collections") == []
    in_euro = shipment(value=Money(100, "EUR"), options={"insurance": "1"})
    assert (faults(in_euro), faults(in_euro, "insure_abroad")) == ([("value", "bad_currency")], [])


def test_every_switch_that_is_asked_for_is_declared():
    assert set(DpdCz.able.unproven) == {
        "cod_abroad",
        "collect_address",
        "collections",
        "delete",
        "find_list",
        "insure_abroad",
        "more_services",
        "payment_upper",
        "returns",
        "status_words",
        "track_batch",
        "zpl_page",
    }
