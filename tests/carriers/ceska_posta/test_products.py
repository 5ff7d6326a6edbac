"""What an account of the Post can book, and what of each product is told without being asked for."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from carriers.base import Booked
from carriers.ceska_posta import calls, products, rules
from carriers.money import Money
from carriers.shipment import Box, PointRef
from service.steps import pairing
from tests.carriers.ceska_posta.sample import HOME, OWN, STAMP, THREE, TODAY, account
from tests.carriers.kit import kit

AT_HOME = ("na_postu", "variants", "packets", "insured_parcels", "ems")


def services(*switches: str, **given: str) -> set[str]:
    return {*products.offered(account(switches=switches, **given))}


def parcel(shipment, given):
    call = calls.create_call(given, shipment, today=TODAY, stamp=STAMP)
    return json.loads(call.body, parse_float=Decimal)["parcelServiceData"]


@pytest.mark.parametrize(
    ("switches", "more"),
    [
        ((), set()),
        (("na_postu",), {"NP"}),
        (("variants",), {"DV", "DE"}),
        (("na_postu", "variants"), {"NP", "DV", "DE", "NV", "NA"}),
        (("packets",), {"BA", "BN", "BE", "BP"}),
        (("insured_parcels",), {"B", "BB", "V", "VV"}),
        (("ems",), {"EE"}),
        (("abroad",), set()),
    ],
)
def test_what_is_our_reading_is_offered_to_whom_vouched_for_it(switches, more) -> None:
    assert services(*switches) == {"NB", "DR", "RR", "VL"} | more


def test_abroad_goes_what_the_account_names_a_form_of_label_for() -> None:
    assert services("abroad", forms="CE=72, EM=58,RR=39") == {"NB", "DR", "RR", "VL", "CE", "EM"}


def test_with_a_number_range_only_what_it_numbers_is_offered() -> None:
    offered = services(*AT_HOME, "abroad", forms="CE=72", **OWN)

    assert offered == {"NB", "DR", "NP", "DV", "DE", "NV", "NA", "B", "BB", "V", "VV"}


@pytest.mark.parametrize(
    ("service", "value", "told"),
    [
        ("DV", 999, ["S", "7", "1A"]),
        ("BA", None, ["S", "1A"]),  # where a size is asked for it is told of whatever is no letter
        ("V", 999, ["S", "7", "1A"]),
        ("EE", 999, ["S", "7", "1A"]),
    ],
)
def test_a_product_has_its_services(service, value, told) -> None:
    said = parcel(replace(HOME, service=service, value=Money(99_900, "CZK")), account(switches=AT_HOME))

    assert (said["parcelParams"].get("insuredValue"), said["parcelServices"]) == (value, told)


@pytest.mark.parametrize(("service", "prefix"), [("B", "B "), ("V", "V "), ("BB", "BB"), ("EE", "EE")])
def test_a_single_letter_is_padded(service, prefix) -> None:
    said = parcel(replace(HOME, service=service), account(switches=AT_HOME))

    assert said["parcelParams"]["prefixParcelCode"] == prefix


def test_a_packet_is_worth_something_where_that_is_asked_for() -> None:
    shipment = replace(HOME, service="BA", options={"services": "7"})

    said = parcel(shipment, account(switches=AT_HOME))

    assert (said["parcelParams"]["insuredValue"], said["parcelServices"]) == (Decimal("999.50"), ["7"])


def test_boxes_of_an_oversize_packet_are_joined_by_a_service_of_their_own() -> None:
    call = calls.create_call(
        account(switches=AT_HOME), replace(THREE, service="BN", options={}), today=TODAY, stamp=STAMP
    )

    said = json.loads(call.body)
    assert said["parcelServiceData"]["parcelServices"] == ["69"]
    assert [one["addParcelDataServices"] for one in said["multipartParcelData"]] == [["69"], ["69"]]


def test_a_code_of_an_own_range_is_padded_too() -> None:
    shipment = replace(HOME, service="V", options={**HOME.options, "serial": "6999"})

    said = parcel(shipment, account(switches=AT_HOME, **OWN))

    assert said["parcelParams"]["parcelCode"] == "V 5847769990L"


def test_every_product_at_home_is_taken_by_the_stand_in() -> None:
    at = kit("ceska_posta")
    at.carrier = at.opened(switches=frozenset(AT_HOME))
    shipments = [
        at.home(service=code, boxes=(Box(900, 300, 200, 100),), point=PointRef("60200") if code == "NB" else None)
        for code in at.carrier.able.services.keys() - products.TO_POST_OFFICE  # whose address nobody wrote down
    ]

    taken = [at.book(shipment)[0] for shipment in shipments]
    at.client.close()

    assert [list(at.carrier.validate(each)) for each in shipments] == [[]] * len(shipments)
    assert [type(each) for each in taken] == [Booked] * 15
    assert all(each.label for each in taken if isinstance(each, Booked))


def test_the_service_knows_what_ends_at_a_post_office() -> None:
    assert dict.fromkeys(products.TO_POST_OFFICE, rules.POST_OFFICES) == pairing.APART
