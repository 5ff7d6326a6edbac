"""What leaves the stand-in warehouse: carriers, parcels, codes."""

import re
from typing import Any

import pytest

from simulator.wms.codes import MADE, Codes, clean, gls, s10
from simulator.wms.packing import need
from simulator.wms.shapes import CARRIERS, Order
from tests.simulator.fake_door import order


@pytest.mark.parametrize("carrier", CARRIERS)
def test_codes_have_a_carriers_form_and_are_never_drawn_twice(carrier: str) -> None:
    codes = Codes(7)
    drawn = [codes.draw(carrier) for _ in range(500)]

    assert set(MADE) == set(CARRIERS)
    assert all(re.fullmatch(r"[A-Z0-9_/.-]{4,60}", clean(code)) for code in drawn)
    assert len({clean(code) for code in drawn}) == 500
    assert any(code != clean(code) for code in drawn)
    assert drawn == [Codes.draw(codes, carrier) for codes in [Codes(7)] for _ in range(500)]


class Serial:
    """Dice that always fall the same."""

    def __init__(self, number: int) -> None:
        self.number = number

    def randrange(self, _most: int) -> int:
        return self.number


def test_check_digits_are_those_of_the_carriers() -> None:
    assert s10(Serial(47312482), "RR", "SK") == "RR473124829SK"  # the postal union's own example
    assert gls(Serial(5030012345)) == "50300123458"


def test_who_carries_follows_from_the_point_then_from_the_shops_shipment() -> None:
    def carried(**fields: Any) -> str:
        return need(Order.model_validate(order("O1", **fields))).carrier

    ppl = {"id": "5", "code": "PPL-PS", "name": "PPL", "type": "ppl"}
    assert carried() == "packeta"
    assert carried(shipment=ppl) == "packeta"
    assert carried(shipment=ppl, pickup_point=None) == "ppl"
    assert carried(shipment={**ppl, "type": "custom"}, pickup_point=None) == "ppl"
    assert carried(shipment=None, pickup_point=None) == "own"
