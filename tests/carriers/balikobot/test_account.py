"""What an account says of itself: whether its keys are what it thinks, whose cars come, which points it has."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from carriers.base import Collection
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.shipment import PointRef
from tests.carriers.balikobot.made_up import NOW, RECIPIENT, Wire, account, balikobot, home, parcel

OK = {"status": 200}
COLLECTION = Collection(date(2026, 3, 5), time(12), time(16), 3, 6_000, note="Rampa 2")
MIXED = replace(COLLECTION, parcels=(parcel("A", "dpd"), parcel("B", "cp"), parcel("C", "dpd")))


def proven(given: Any, *answers: Any) -> list[str]:
    wire = Wire(answers)
    balikobot(wire, given).test_all()
    return wire.paths()


def refused(given: Any, *answers: Any) -> CarrierRefused:
    with pytest.raises(CarrierRefused) as caught:
        proven(given, *answers)
    return caught.value


def test_the_whole_login_is_that_of_each_shipper_it_names() -> None:
    named = account(services="ups/65, ups/11", collects="dpd")

    assert proven(account(), OK) == ["/info/whoami"]
    assert proven(named, OK, OK, OK) == ["/info/whoami", "/ups/activatedservices", "/dpd/activatedservices"]


@pytest.mark.parametrize("status", [404, 501])
def test_a_shipper_without_a_list_of_its_services_is_let_through(status: int) -> None:
    assert len(proven(account(services="ups/65"), OK, {"status": status})) == 2


def test_a_shipper_that_is_away_does_not_stop_a_login() -> None:
    named = account(services="ups/65, intime/1")

    assert len(proven(named, OK, {"status": 426}, OK)) == 3
    with pytest.raises(CarrierBusy):
        proven(named, OK, (429, b"", {"retry-after": "60"}))


def test_what_only_live_keys_are_shown_does_not_stop_those_for_testing() -> None:
    assert len(proven(account(keys="test", services="ups/65"), OK, {"status": 423})) == 2
    assert refused(account(services="ups/65"), OK, {"status": 423}).code == "423"


def test_a_shipper_that_is_not_activated_is_named() -> None:
    error = refused(account(services="ups/65"), OK, {"status": 403})

    assert (error.kind, error.code) == (Kind.ACCOUNT, "403")
    assert "ups: " in error.why


def test_what_is_no_service_is_told_when_the_login_is_entered() -> None:
    error = refused(account(services="ups/65, Express"), OK)

    assert error.kind is Kind.CONTENT
    assert "Express" in error.why


@pytest.mark.parametrize(
    ("keys", "live", "is_right"),
    [
        ("", True, True), ("live", "1", True), ("test", False, True), ("Test", 0, True),
        ("", False, False), ("live", "0", False), ("test", True, False),
        ("", None, True), ("test", "?", True), ("", [], True),
    ],
)  # fmt: skip
def test_keys_of_the_other_sort_are_told_where_they_say_so(keys: str, live: Any, is_right: bool) -> None:
    given, told = account(keys=keys), {"status": 200, "live_account": live}

    if is_right:
        assert proven(given, told) == ["/info/whoami"]
    else:
        assert refused(given, told).kind is Kind.ACCOUNT


def test_a_login_that_works_is_not_stopped_by_its_sort_of_keys() -> None:
    balikobot(Wire([{"status": 200, "live_account": False}])).test()


def test_where_nobody_knows_the_parcels_the_usual_car_comes() -> None:
    wire = Wire([OK])
    balikobot(wire, account(collects="dpd, cp")).collect(COLLECTION)

    assert wire.paths() == ["/dpd/orderpickup"]
    assert (wire.bodies()[0]["package_count"], wire.bodies()[0]["weight"]) == (3, 6)


def test_each_shipper_of_the_parcels_sends_its_car_for_its_own() -> None:
    wire = Wire([OK, OK])
    number = balikobot(wire, account(collects="cp, dpd, gls")).collect(MIXED)

    assert number == ""
    assert wire.paths() == ["/cp/orderpickup", "/dpd/orderpickup"]
    assert [(each["package_count"], each["weight"]) for each in wire.bodies()] == [(1, 2), (2, 4)]


def test_a_car_that_fails_alone_may_be_asked_for_again() -> None:
    with pytest.raises(CarrierBusy):
        balikobot(Wire([{"status": 426}]), account(collects="dpd")).collect(MIXED)


@pytest.mark.parametrize("bad", [{"status": 426}, {"status": 200, "message": "Svoz nelze objednat"}])
def test_after_a_car_that_comes_another_that_fails_is_for_a_person(bad: Any) -> None:
    with pytest.raises(CarrierRefused, match="the car of cp comes; that of dpd not"):
        balikobot(Wire([OK, bad]), account(collects="cp, dpd")).collect(MIXED)


def test_the_number_of_a_car_that_comes_is_told_though_another_fails() -> None:
    wire = Wire([{"status": 200, "pickup_order_id": 77}, {"status": 413}])

    with pytest.raises(CarrierRefused, match="the car of cp 77 comes; that of dpd not"):
        balikobot(wire, account(collects="cp, dpd")).collect(MIXED)


def test_after_a_car_that_comes_another_that_may_come_is_unclear() -> None:
    wire = Wire([{"status": 200, "pickup_order_id": 77}, (502, b"")])

    with pytest.raises(CarrierUnreachable, match="the car of cp 77 comes; that of dpd perhaps") as lost:
        balikobot(wire, account(collects="cp, dpd")).collect(MIXED)
    assert lost.value.unclear


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("gls", MIXED),
        ("ppl", replace(COLLECTION, parcels=(parcel("A", "ppl"),))),
        ("dpd", replace(COLLECTION, deliver_to=RECIPIENT)),
    ],
)
def test_a_car_nobody_can_ask_for_costs_no_call(given: str, wanted: Collection) -> None:
    wire = Wire([])

    with pytest.raises(CarrierRefused) as caught:
        balikobot(wire, account(collects=given)).collect(wanted)
    assert caught.value.kind is Kind.UNSUPPORTED
    assert wire.calls == []


def test_points_of_services_an_account_names_are_listed_and_held_against_nobody() -> None:
    wire = Wire(lambda _: {"status": 200, "branches": [{"id": "F1", "name": "FANbox"}]})
    named = account("fan_courier", point_services="fan/FANbox Cont Colector", carriers="fan")
    adapter = balikobot(wire, named)

    assert [(point.network, point.point_id) for point in adapter.points("RO")] == [("fan", "F1")]
    assert wire.paths() == ["/fan/fullbranches/service/FANbox%20Cont%20Colector/country/RO"]
    assert list(adapter.points("CZ")) == []
    assert adapter.listed_point(home(service="fan/FANbox Cont Colector", point=PointRef("F1"))) is None


def test_a_service_that_has_no_points_after_all_takes_nothing_from_the_others() -> None:
    def said(call: Any) -> Any:
        return {"status": 413} if "/ups/" in call.url else {"status": 200, "branches": [{"id": "1", "name": "Shop"}]}

    found = balikobot(Wire(said), account(point_services="ups/65", carriers="ups, gls")).points("CZ")

    assert [point.network for point in found] == ["gls"]


def test_a_listed_service_that_is_refused_leaves_the_list_unfinished() -> None:
    with pytest.raises(CarrierRefused):
        list(balikobot(Wire(lambda _: {"status": 413}), account(carriers="gls")).points("CZ"))


def test_who_carries_a_parcel_on_is_told_where_its_booking_named_it() -> None:
    plain = parcel("Z1")
    ids = {**plain.handle.ids, "final": "F701", "final_url": "https://example.com/F701"}
    onward = replace(plain, handle=replace(plain.handle, ids=ids))
    told = {
        "status": 200,
        "packages": [{"carrier_id": "Z1", "states": [{"date": f"{NOW:%F %T}", "status_id_v2": 2.5}]}],
    }

    assert [one.partner for one in balikobot(Wire([told])).track([onward])] == [("F701", "https://example.com/F701")]
    assert [one.partner for one in balikobot(Wire([told])).track([plain])] == [None]
