"""A warehouse asks once more for a label that was parked: as the order and the boxes are now, and never unseen."""

from service.bookings import State
from service.lanes import Lane
from tests.web.gate import TO_THE_DOOR, Gate, merge, of, show, storno
from tests.web.hatch import fault


def parked(gate: Gate, number: str, **wish: object) -> str:
    """Return a shipment whose label waits for a person, as its order moved before its carrier was asked."""
    gate.at.worlds["ppl"].faults.add("down", calls=None)
    [result] = gate.told(gate.item(number, **wish))
    customer = gate.at.shop.shop.orders[number].record["customer"]
    show(gate, number, customer={**customer, "city_invoice": "Jinde"})
    gate.at.worlds["ppl"].faults.clear()
    gate.at.work(300, step_s=60)
    assert gate.booked(number)[0].state is State.PARKED
    return result["shipment"]["id"]


def test_what_was_parked_goes_once_more_as_the_order_and_the_boxes_are_now(gate: Gate) -> None:
    number = of(gate, TO_THE_DOOR)[0]
    shipment_id = parked(gate, number)
    said = {"as_it_was": True, "parcels": [{"weight_g": 700}, {"weight_g": 800}]}

    told = gate.ask("POST", f"/shipments/{shipment_id}/book", json=said).json()
    woken = (Lane.BOOK, gate.at.tenant) in gate.at.town.wake.sent
    gate.at.work(30)

    assert (told["booking"]["state"], [each["weight_g"] for each in told["parcels"]]) == ("waiting", [700, 800])
    assert woken
    [booking] = gate.booked(number)
    assert (booking.state, len(gate.at.numbers(booking.booking_id))) == (State.READY, 2)
    assert {each.town for each in gate.at.worlds["ppl"].parcels.values()} == {"Jinde"}


def test_orders_of_one_parcel_go_once_more_by_either_shipment(gate: Gate) -> None:
    first, second = merge(gate)
    parked(gate, first, with_orders=[second])
    customer = gate.at.shop.shop.orders[first].record["customer"]
    [companion] = gate.left(second)

    apart = gate.ask("POST", f"/shipments/{companion.shipment_id}/book", json={"as_it_was": True})
    show(gate, second, customer=customer)
    told = gate.ask("POST", f"/shipments/{companion.shipment_id}/book", json={"as_it_was": True})
    gate.at.work(30)

    assert fault(apart)[:2] == (422, "unfit")
    assert [(each["field"], each["code"]) for each in apart.json()["faults"]] == [("recipient.city", "differs")]
    assert told.json()["booking"]["state"] == "waiting"
    assert gate.booked(first)[0].state is State.READY


def test_what_nobody_paired_goes_as_it_was_or_not_at_all(gate: Gate) -> None:
    shipment_id = parked(gate, of(gate, TO_THE_DOOR)[0])

    refused = gate.ask("POST", f"/shipments/{shipment_id}/book", json={})
    told = gate.ask("POST", f"/shipments/{shipment_id}/book", json={"as_it_was": True})
    again = gate.ask("POST", f"/shipments/{shipment_id}/book", json={"as_it_was": True})

    assert fault(refused)[:2] == (422, "unfit")
    assert told.status_code == 200
    assert fault(again)[:2] == (409, "not_parked")


def test_what_the_carrier_may_have_made_is_looked_for_first(gate: Gate) -> None:
    number = of(gate, TO_THE_DOOR)[0]
    gate.at.strikes("packeta", "dropped")
    wish = {"carrier": "packeta", "service": "home", "options": {"carrier_id": "106"}}
    [result] = gate.told(gate.item(number, **wish))
    gate.at.work(900, step_s=60)
    path = f"/shipments/{result['shipment']['id']}/book"

    unseen = gate.ask("POST", path, json={"as_it_was": True})
    told = gate.ask("POST", path, json={"as_it_was": True, "looked": True})

    assert fault(unseen) == (409, "look_first", "/looked")
    assert told.json()["booking"]["state"] == "waiting"


def test_what_must_not_leave_is_not_booked_again(gate: Gate) -> None:
    number = of(gate, TO_THE_DOOR)[0]
    shipment_id = parked(gate, number)
    storno(gate, number)

    stopped = gate.ask("POST", f"/shipments/{shipment_id}/book", json={"as_it_was": True})
    gate.ask("DELETE", f"/shipments/{shipment_id}")
    voided = gate.ask("POST", f"/shipments/{shipment_id}/book", json={"as_it_was": True})

    assert fault(stopped)[:2] == (409, "stopped")
    assert fault(voided)[:2] == (409, "not_parked")


def test_what_cannot_be_asked_for_says_why(gate: Gate) -> None:
    number, other, *_ = of(gate, TO_THE_DOOR)
    shipment_id = parked(gate, number)
    item = {"tenant": gate.at.tenant, "order": other, "final": True, "parcels": [{"carrier": "own"}]}
    [told] = gate.told(item)
    tenant = gate.at.tenant.removeprefix("t_")

    asked = {
        f"s_{tenant}_0": {},
        "s_foreign_1": {},
        told["shipment"]["id"]: {},
        shipment_id: {"parcels": []},
    }
    answers = [fault(gate.ask("POST", f"/shipments/{each}/book", json=body)) for each, body in asked.items()]

    assert answers == [
        (404, "unknown_shipment", None), (404, "unknown_shipment", None), (409, "no_label", None),
        (422, "invalid", "/parcels"),
    ]  # fmt: skip
