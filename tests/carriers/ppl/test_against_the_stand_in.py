"""PPL against its stand-in, which gives a parcel of a set no number but what was said of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from carriers.errors import CarrierUnreachable
from carriers.shipment import Box
from tests.carriers.kit import NOON, Kit, kit


@pytest.fixture
def at() -> Iterator[Kit]:
    made = kit("ppl")
    yield made
    made.client.close()


def test_a_set_whose_answer_got_lost_is_found_whole(at: Kit) -> None:
    three = at.home(boxes=(Box(1000), Box(2000), Box(3000)))
    at.strikes("dropped")
    with pytest.raises(CarrierUnreachable) as lost:
        at.carrier.book([three])
    at.watch.go(minutes=2)

    found = at.carrier.find(three, since=NOON)

    assert lost.value.unclear
    assert found
    assert {parcel.number for parcel in found.parcels} == at.world.parcels.keys()
    assert at.carrier.find(replace(three, reference="r-other", order_number="O-other"), since=NOON) is None
