"""DPD's stand-in: other types of shipments, services of which there is a name alone, cars (carriers.md 3A)."""

from typing import Any

import pytest

from tests.simulator.carriers.dpd_client import FIRST, ONE_BOX, PICKUP, Bench, with_

CUSTOMER = {
    "info": {"name1": "Eva Nováková", "contact": {"phone": "+421905123456"}},
    "address": {"street": "Hlavná", "postalCode": "81101", "city": "Bratislava", "country": {"isoAlpha2": "SK"}},
}
WAREHOUSE = {"it4emId": 776655}
BACK: dict[str, Any] = ONE_BOX | {"shipmentType": "Return", "sender": CUSTOMER, "receiver": WAREHOUSE, "services": {}}


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("type_", ["Return", "Collection", "Import", "ThirdPartyCollection"])
@pytest.mark.parametrize("receiver", [WAREHOUSE, PICKUP["receiver"]])
def test_somebody_else_may_send(bench: Bench, type_: str, receiver: dict[str, Any]) -> None:
    [number] = bench.made(BACK | {"shipmentType": type_, "receiver": receiver})

    assert number == FIRST
    assert bench.label(number).status_code == 200
    assert bench.world.facts(bench.world.parcels[number])["type"] == type_


@pytest.mark.parametrize(("end", "who"), [("sender", CUSTOMER), ("receiver", WAREHOUSE)])
def test_a_standard_shipment_goes_from_ones_own_address_to_somebody(bench: Bench, end: str, who: Any) -> None:
    assert bench.create(with_(ONE_BOX, end, who)).status_code == 400


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("sender.address.postalCode", "8110"),
        ("sender.address.country.isoAlpha2", "US"),
        ("sender.info.name1", "x" * 36),
        ("sender.name", "Eva"),
        ("receiver.it4emId", 1),
        ("parcels", [{"weightGrams": 1}, {"weightGrams": 2}]),
    ],
)
def test_a_wrong_return_is_refused(bench: Bench, path: str, value: Any) -> None:
    assert bench.create(with_(BACK, path, value)).status_code == 400
    assert not bench.world.parcels


def test_a_return_to_an_address_without_numbers_is_refused(bench: Bench) -> None:
    answer = bench.create(BACK | {"receiver": {"it4emId": 776656}})

    assert answer.json()["code"] == "NO_PARCEL_RANGE"


@pytest.mark.parametrize(
    "name", ["dpdGuarantee", "airExpress", "dpdPneu", "shopToHome", "dpdReturn", "swap"]
)  # fmt: skip
@pytest.mark.parametrize(("value", "status"), [(True, 200), ({"any": 1}, 200), ("yes", 400), (1, 400)])
def test_a_service_of_which_there_is_a_name_alone_is_known(bench: Bench, name: str, value: Any, status: int) -> None:
    assert bench.create(with_(ONE_BOX, f"services.{name}", value)).status_code == status


def test_the_control_tells_what_was_insured_and_asked_for(bench: Bench) -> None:
    insurance = {"amountCents": 6_000_000, "currency": "EUR"}
    services = {"declaredValue": insurance, "personalIdentification": {"name": "Jana", "personalId": "1"}}
    asked = with_(ONE_BOX, "parcels.0.additionalServices", {"insurance": insurance}) | {"services": services}
    [number] = bench.made(asked)

    facts = bench.world.facts(bench.world.parcels[number])
    assert (facts["insured"], facts["services"]) == (insurance, services)


def test_a_car_may_go_to_somebody_and_stays_known_when_called_off(bench: Bench) -> None:
    [made] = bench.post("/pickup-orders", [{"customerAddress": CUSTOMER, "date": "2026-03-05"}]).json()
    bench.delete(f"/pickup-orders/{made['id']}")

    [car] = bench.world.cars.values()
    assert (car.id, car.told["customerAddress"], car.cancelled_at) == (made["id"], CUSTOMER, bench.world.now())


def test_a_code_is_said_when_told(bench: Bench) -> None:
    [number] = bench.made(ONE_BOX)
    bench.world.say([number], "12")
    bench.world.hand_over([number])

    assert bench.codes(number) == ["12", "05"]
