"""PPL's stand-in: wishes, returns, parcels abroad, cars, and what the control tells of them (carriers.md 2.2-2.5)."""

from typing import Any

import pytest

from simulator.carriers.lives import End
from tests.simulator.carriers.ppl_client import COLLECTION, JANA, PRID, SET, SMAD, Bench, with_

PRIV: dict[str, Any] = with_(PRID, "cashOnDelivery", None) | {"productType": "PRIV"}
AMERICAN = JANA | {"country": "US", "zipCode": "12180", "city": "Troy"}
GERMAN = JANA | {"country": "DE", "zipCode": "10115", "city": "Berlin"}


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"specificDeliveryDate": "2026-03-05"}, None),
        ({"specificDeliveryDate": "2026-03-05T00:00:00"}, None),
        ({"specificDeliveryTimeFrom": "17:00", "specificDeliveryTimeTo": "20:00"}, None),
        ({"specificTakeDate": "2026-03-04"}, None),
        ({"specificDeliveryDate": "2026-03-01"}, "DeliveryDatePast"),
        ({"specificDeliveryTimeFrom": "20:00", "specificDeliveryTimeTo": "17:00"}, "DeliveryTimeWrong"),
    ],
)
def test_a_wish_for_the_delivery_is_judged(bench: Bench, wish: dict[str, str], code: str | None) -> None:
    assert bench.fault(PRIV | {"specificDelivery": wish}) == code


def test_hours_are_hours(bench: Bench) -> None:
    assert bench.create(PRIV | {"specificDelivery": {"specificDeliveryTimeFrom": "odpoledne"}}).status_code == 400


@pytest.mark.parametrize("product", ["RETD", "RECI", "RECE"])
def test_returns_are_taken_without_cod(bench: Bench, product: str) -> None:
    back = PRIV | {"productType": product, "sender": JANA, "backAddress": COLLECTION["sender"]}

    assert bench.fault(back) is None
    assert bench.fault(PRID | {"productType": product}) == "CodNotAllowed"


@pytest.mark.parametrize(
    ("product", "recipient", "code"),
    [("COPL", AMERICAN, None), ("COPL", GERMAN, "CountryNotServed"), ("CONN", AMERICAN, "CountryNotServed"),
     ("CONN", GERMAN, None)],
)  # fmt: skip
def test_one_product_goes_out_of_the_union(
    bench: Bench, product: str, recipient: dict[str, Any], code: str | None
) -> None:
    assert bench.fault(PRIV | {"productType": product, "recipient": recipient}) == code


def test_a_partner_abroad_has_a_number_once_the_parcel_travels(bench: Bench) -> None:
    number = bench.number(PRIV | {"productType": "CONN", "recipient": GERMAN})
    before = bench.track(ShipmentNumbers=number)[0]["trackAndTrace"]["externalShipmentId"]
    bench.world.move_on([number], steps=3)

    told = bench.track(ShipmentNumbers=number)[0]["trackAndTrace"]
    assert (before, told["externalShipmentId"]) == (None, f"DE{number}")
    assert told["partnerUrl"].endswith(number)


def test_phases_can_have_their_other_words_and_a_payout_an_event(bench: Bench) -> None:
    number = bench.number(PRID)
    bench.world.bag |= {"words": {"Order": "DataShipment", "Delivering": "OutForDelivery"}, "paid_event": True}
    bench.world.end([number], End.HOME)
    bench.world.move_on([number], steps=None)
    bench.go(days=4)

    phases = bench.phases(number)
    assert (phases[0], phases[-3:]) == ("DataShipment", ["OutForDelivery", "Delivered", "CodPaidDate"])


def test_a_parcel_of_a_set_has_its_own_insurance(bench: Bench) -> None:
    own = {"insurancePrice": 80_000, "insuranceCurrency": "CZK"}
    _, told = bench.batch(with_(with_(SET, "insurance", None), "shipmentSet.shipmentSetItems.1.insurance", own))

    numbers = [told["items"][0]["shipmentNumber"], told["items"][0]["relatedItems"][0]["shipmentNumber"]]
    assert [bench.world.facts(bench.world.parcels[one])["insured"] for one in numbers] == [None, own]


def test_the_control_tells_the_contact_after_a_redirection_and_the_papers(bench: Bench) -> None:
    number = bench.number(SMAD | {"services": [{"code": "SATD"}]})
    bench.post(f"/shipment/{number}/redirect", {"phone": "+420601000000"})
    bench.client.post(f"/shipment/{number}/documents", content=b"%PDF-", headers=bench.headers)

    facts = bench.world.facts(bench.world.parcels[number])
    assert (facts["contact"]["phone"], facts["contact"]["email"]) == ("+420601000000", JANA["email"])
    assert (facts["customs"], facts["services"]) == ({"documents": 1}, ["SATD"])


def order_state(bench: Bench, order: dict[str, Any], *, days: int, missed: bool) -> str:
    place = bench.post("/order/batch", {"orders": [order]}).headers["location"]
    bench.go(days=days)
    (item,) = bench.get(place).json()["items"]
    if missed:
        bench.world.bag["missed"].add(item["orderNumber"])
        (item,) = bench.get(place).json()["items"]
    return item["orderState"]


@pytest.mark.parametrize(
    ("days", "missed", "state"), [(1, False, "Created"), (4, False, "PickedUp"), (4, True, "NotPickedUp")]
)
def test_a_car_comes_or_does_not(bench: Bench, days: int, missed: bool, state: str) -> None:
    assert order_state(bench, COLLECTION, days=days, missed=missed) == state


def test_an_order_is_imported_step_by_step(bench: Bench) -> None:
    place = bench.post("/order/batch", {"orders": [COLLECTION]}).headers["location"]
    states: list[str] = []
    for _ in range(3):
        states.append(bench.get(place).json()["items"][0]["importState"])
        bench.go(seconds=1)

    assert states == ["Accepted", "InProcess", "Complete"]


def test_a_transport_has_a_recipient_and_stays_known_when_called_off(bench: Bench) -> None:
    order = COLLECTION | {"orderType": "TransportOrder", "sender": JANA, "recipient": COLLECTION["sender"]}
    bench.post("/order/batch", {"orders": [order]})
    bench.go(seconds=3)
    assert bench.post("/order/cancel", {"note": "Nic není"}, orderReference="SVOZ-2026-03-05").is_success

    [car] = bench.world.cars.values()
    assert (car.told["recipient"]["name"], car.cancelled_at) == ("Můj e-shop s.r.o.", bench.at)


@pytest.mark.parametrize("code", ["Undelivered", "Deleted", "Sunken"])
def test_a_status_is_said_when_told(bench: Bench, code: str) -> None:
    number = bench.number(PRID)
    bench.world.say([number], code)

    assert bench.phases(number) == ["Order", code]
