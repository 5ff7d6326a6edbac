"""A resend under the same serials makes nothing twice: an account with a number range, at the stand-in."""

from collections.abc import Iterator

import pytest

from carriers.base import Booked, Carrier
from carriers.errors import CarrierUnreachable
from carriers.shipment import Box, Shipment
from tests.carriers.kit import Kit, kit

BOXES = (Box(1_000, 300, 200, 100), Box(2_000, 300, 200, 100))


@pytest.fixture
def at() -> Iterator[Kit]:
    made = kit("ceska_posta")
    ranged = made.world.accounts["ranged"]
    digits, letter = ranged.given["own"]
    given = {name: ranged.login[name] for name in ("customer_id", "post_code", "location_number")}
    own = {"number_sender": digits, "number_letter": letter, "number_first": "1", "number_last": "999"}
    made.carrier = made.opened(
        secrets={name: ranged.login[name] for name in ("api_token", "secret_key")},
        given={**given, "contract_id": ranged.login["id_contract"], **own},
    )
    yield made
    made.client.close()


def lost(carrier: Carrier, shipments: list[Shipment]) -> None:
    with pytest.raises(CarrierUnreachable) as end:
        carrier.book(shipments)
    assert end.value.unclear


def test_one_whose_answer_was_lost_is_booked_once(at: Kit) -> None:
    shipment = at.home()
    at.strikes("dropped")
    lost(at.carrier, [shipment])

    [again] = at.booked(shipment)

    assert again.again
    assert [parcel.number for parcel in again.parcels] == list(at.world.parcels)


def test_boxes_whose_answer_was_lost_are_booked_once(at: Kit) -> None:
    shipment = at.home(boxes=BOXES)
    at.strikes("dropped")
    lost(at.carrier, [shipment])

    [again] = at.booked(shipment)

    assert again.again
    assert [parcel.number for parcel in again.parcels] == list(at.world.parcels)


def test_a_batch_whose_answer_was_lost_is_booked_once(at: Kit) -> None:
    shipments = [at.home() for _ in range(3)]
    at.world.faults.add("dropped", operation="POST /sendParcels")
    lost(at.carrier, shipments)

    taken = at.booked(*shipments)

    assert [one.again for one in taken] == [True] * 3
    assert [parcel.number for one in taken for parcel in one.parcels] == list(at.world.parcels)


def test_a_batch_that_lands_late_is_booked_once(at: Kit) -> None:
    shipments = [at.home() for _ in range(2)]
    at.world.faults.add("late", operation="POST /sendParcels", seconds=90)
    lost(at.carrier, shipments)
    taken = at.booked(*shipments)
    at.watch.go(seconds=120)
    at.world.tick()

    assert [one.again for one in taken] == [False, False]
    assert at.made() == 2


def test_what_was_booked_with_a_batch_is_asked_for_again_by_itself(at: Kit) -> None:
    first, second = at.booked(at.home(), at.home())
    at.serial -= 1

    [again] = at.booked(at.home(reference=second.reference))

    assert isinstance(again, Booked)
    assert again.again
    assert again.parcels == second.parcels != first.parcels
