"""What the shared suite does not ask, tried out at the stand-in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest

from carriers.base import Booked, Carrier, Collection, Format
from carriers.errors import CarrierRefused, Kind
from carriers.labels import pages_of
from carriers.money import Money
from carriers.shipment import Box, Cod, Customs, Goods
from tests.carriers.kit import Kit, kit
from tests.carriers.sorts import SHOP
from tests.carriers.test_conformance import ON


@pytest.fixture
def at() -> Iterator[Kit]:
    bench = kit("balikobot")
    yield bench
    bench.client.close()


def opened(at: Kit, *switches: str, **given: str) -> Carrier:
    return at.opened(given={**at.account.given, **given}, switches=frozenset(switches))


def test_all_that_may_be_told_of_a_parcel_is_taken(at: Kit) -> None:
    slovak = replace(
        SHOP, zip="81101", city="Bratislava", country="SK", phone="+421905123456", more="dvůr", region="BA"
    )
    goods = Goods("Woollen cap", 3, 450, Money(100_000, "CZK"), "650500", "CZ")
    wanted = at.home(
        service="dpd/1",
        recipient=slovak,
        sender=replace(SHOP, more="vrátnice"),
        boxes=(Box(900, content="čepice", value=Money(1_000, "CZK")), Box(700, value=Money(2_000, "EUR"))),
        customs=Customs((goods,), invoice_number="FV1", eori="CZ1"),
        options={"fields": '{"declaration_comments": "gift"}'},
    )
    carrier = opened(at, "customs_rows")

    assert list(carrier.validate(wanted)) == []
    assert list(carrier.ask_valid(wanted)) == []
    assert [isinstance(one, Booked) for one in carrier.book([wanted])] == [True]


def test_a_card_that_is_not_taken_is_told(at: Kit) -> None:
    [parcel] = at.parcels(at.home(cod=Cod(Money(129_000, "CZK"), "26000417", card_allowed=False)))

    assert at.there(parcel).bag["told"]["credit_card"] is False


def test_a_label_is_had_again_after_the_hand_over(at: Kit) -> None:
    parcels = at.parcels(at.home(), at.home(service="ppl/1"), at.home())
    at.carrier.close(parcels[:2], ON)
    label = at.carrier.labels(parcels, Format.PDF)

    assert label.covers == tuple(parcel.number for parcel in parcels)
    assert pages_of(label) == 3


def test_a_way_back_is_made_ordered_and_labelled_and_once_more_it_is_the_same(at: Kit) -> None:
    carrier, wanted = opened(at, "returns"), at.home(service="ppl/4", sender=SHOP)
    first, second = carrier.return_label(wanted), carrier.return_label(wanted)

    assert first.parcels == second.parcels
    assert first.label is not None
    assert pages_of(first.label) == 1
    assert at.there(first.parcels[0]).bag["order"]
    assert at.made() == 1


def test_points_of_a_service_the_account_names_are_there(at: Kit) -> None:
    carrier = opened(at, "fan_courier", point_services="fan/FANbox", carriers="fan")

    boxes = {place for place, point in at.world.points.items() if place.startswith("fan/") and point.kind == "box"}

    assert {f"fan/{point.point_id}" for point in carrier.points("RO")} == boxes


def test_each_car_is_asked_for_once(at: Kit) -> None:
    parcels = at.parcels(at.home(), at.home(service="dpd/1"), at.home(service="gls/1"))
    opened(at, collects="dpd, cp").collect(Collection(ON, time(9), time(15), 3, 3_600, parcels=tuple(parcels)))

    assert [(each["inner"], each["package_count"]) for each in at.world.bag["collections"]] == [("dpd", 1), ("cp", 1)]


def test_keys_for_testing_are_no_login_of_a_shop_that_means_it(at: Kit) -> None:
    login = at.world.accounts["test"].login
    keys = {"secrets": {"key": login["api_key"]}}
    given = {**at.account.given, "user": login["api_user"]}

    at.opened(given=given | {"keys": "test"}, **keys).test_all()
    at.opened(given=given, **keys).test()
    with pytest.raises(CarrierRefused) as caught:
        at.opened(given=given, **keys).test_all()
    assert caught.value.kind is Kind.ACCOUNT
