"""A parcel that leaves the customs union: declared from its order, its pairing and its warehouse."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from service import bookings
from service.pairings import Pairing
from tests.carriers.kit import SORTS
from tests.flows.town import Town
from tests.web.gate import TO_THE_DOOR, Gate, change, of, open_gate, pair

FORMS = {"forms": "EM=58"}
GOODS = {
    "content": "Mug",
    "quantity": 1,
    "weight_g": 400,
    "value": "19.50",
    "currency": "EUR",
    "hs_code": "691200",
    "origin": "CZ",
}
DECLARED = {"customs_category": "11", "hs_code": "49019900", "origin": "CZ"}


@pytest.fixture
def gate(town: Town) -> Iterator[Gate]:
    with open_gate(town, "ceska_posta") as made:
        world, sort = made.at.worlds["ceska_posta"], SORTS["ceska_posta"]
        given = {**sort.given(world), **FORMS}
        made.at.log_in("ceska_posta", sort.secrets(world), given=given, switches=("abroad",))
        pair(made, TO_THE_DOOR, Pairing("ceska_posta", "EM", DECLARED))
        yield made


def to_bern(gate: Gate, **fields: Any) -> str:
    """Return an order of a Swiss customer."""
    number = of(gate, TO_THE_DOOR)[0]
    customer = gate.at.shop.shop.orders[number].record["customer"]
    away = {"country_id_invoice": "ch", "zip_invoice": "3005", "city_invoice": "Bern", "phone": "+41446681800"}
    lines = [{**gate.at.shop.shop.orders[number].record["products"][0], "title": "Book", "quantity": 2, "weight": 300}]
    paid = {"paid_date": "2026-03-01", "products": lines, "invoice_number": "F260001"}
    change(gate, number, customer={**customer, **away, "postal_yn": False}, **paid, **fields)
    return number


def asked(gate: Gate, number: str, **said: Any) -> dict[str, Any]:
    wish = {"tenant": gate.at.tenant, "order": number, "book": True, "parcels": [{"weight_g": 700}]}
    [result] = gate.told({**wish, **said})
    return result


def told(gate: Gate) -> list[Any]:
    """Return what the Post knows to be declared, parcel by parcel."""
    world = gate.at.worlds["ceska_posta"]
    return [world.facts(parcel)["customs"] for parcel in world.parcels.values()]


def test_an_order_is_declared_by_its_lines_and_its_pairing(gate: Gate) -> None:
    number = to_bern(gate)

    result = asked(gate, number)
    assert result["status"] == 201, result
    gate.at.work(60)

    [booking] = gate.booked(number)
    assert booking.state is bookings.State.READY
    [declared] = told(gate)
    [goods] = declared["parcelCustomGoods"]
    assert (declared["category"], declared["customValCur"]) == ("11", "CZK")
    assert [goods[name] for name in ("customCont", "quantity", "weight", "hsCode", "iso")] == [
        "Book", 2, "0.600", "49019900", "CZ"
    ]  # fmt: skip


def test_what_a_warehouse_says_goes_before_the_order(gate: Gate) -> None:
    number = to_bern(gate)

    result = asked(gate, number, customs={"category": "31", "goods": [GOODS]})
    assert result["status"] == 201, result
    gate.at.work(60)

    [declared] = told(gate)
    [goods] = declared["parcelCustomGoods"]
    assert (declared["category"], declared["customValCur"], goods["customVal"]) == ("31", "EUR", Decimal("19.50"))
    assert (goods["customCont"], goods["weight"], goods["hsCode"]) == ("Mug", "0.400", "691200")


def test_of_a_part_its_warehouse_says_what_is_in_it(gate: Gate) -> None:
    number = to_bern(gate)

    first = asked(gate, number, final=False)
    said = asked(gate, number, final=False, customs={"goods": [GOODS]})
    last = asked(gate, number)

    assert [(each["field"], each["code"]) for each in first["faults"]] == [("customs.goods", "missing")]
    assert said["status"] == 201
    assert last["status"] == 422
