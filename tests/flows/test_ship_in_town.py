"""From a warehouse's word to what the shop shows and its customers are mailed, with the shop of the simulator."""

from collections.abc import Mapping
from typing import Any

import pytest

from service import offers
from service.flows import ship
from service.flows.ship import Asking, Item
from service.offers import State
from service.problems import Cause
from service.shipments import Draft, Parcel
from service.steps import offering
from tests.flows.shipping import MINUTE, Live, live
from tests.flows.town import Town

PPL = Parcel("ppl", "40170000001", 1250)
DPD = Parcel("dpd", "05500000002", None)
LATE = Parcel("ppl", None, None)


class Packed(Live):
    """A live shop whose released orders a warehouse ships."""

    keys = 0

    @property
    def released(self) -> list[str]:
        """Release what the pull brought by hand; return what may be packed and whose customer can be mailed."""
        with self.town.rig.db.tx(self.tenant) as conn:
            offering.release_by_hand(conn, self.tenant, list(self.shop.orders), now=self.town.watch())
            known = offers.known(conn, self.tenant, self.numbers)
        return [number for number in self.numbers if number in known and known[number].state is State.RELEASED]

    def ship(self, number: str, *parcels: Parcel, final: bool = True) -> Mapping[str, Any]:
        Packed.keys += 1
        asking = Asking("a_wms", frozenset([self.tenant]), f"key-{Packed.keys}", "body")
        item = Item(0, self.tenant, Draft(number, parcels or (PPL,), final))
        [result] = ship.record(self.town.rig, asking, [item])
        return result["shipment"]

    def correct(self, told: Mapping[str, Any], *parcels: Parcel) -> Mapping[str, Any]:
        return ship.correct(self.town.rig, [self.tenant], told["id"], parcels=parcels, final=True, by="a_wms")

    def void(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        return ship.void(self.town.rig, [self.tenant], told["id"], by="a_wms")

    def offered(self, number: str) -> str:
        with self.town.rig.db.tx(self.tenant) as conn:
            offer = offers.known(conn, self.tenant, [number])[number]
        return f"{offer.state}: {offer.reason}" if offer.reason else offer.state.value


@pytest.fixture
def packed(town: Town) -> Packed:
    made = live(town, count=20)
    return Packed(**vars(made))


def test_what_left_stands_in_the_shop_and_each_customer_is_mailed_once(packed: Packed) -> None:
    some = packed.released[:4]
    for place, number in enumerate(some):
        packed.ship(number, Parcel("ppl", f"CODE{place}", None))

    packed.after(5)
    packed.read()

    assert [packed.shown(number) for number in some] == [(packed.sent_id, f"CODE{place}") for place in range(4)]
    assert [packed.mails(number) for number in some] == [1] * 4
    assert packed.puts() == 1
    assert {packed.state(number) for number in some} == {"confirmed"}
    assert {packed.offered(number) for number in some} == {"held: shipped"}


def test_a_correction_in_time_is_all_the_shop_ever_sees(packed: Packed) -> None:
    number = packed.released[0]
    told = packed.ship(number, PPL)

    assert not packed.correct(told, DPD)["write_back"]["written_before"]
    packed.after(5)

    assert packed.shown(number) == (packed.sent_id, DPD.tracking_code)
    assert (packed.mails(number), packed.puts()) == (1, 1)


def test_a_correction_too_late_is_written_once_more_and_mails_nobody(packed: Packed) -> None:
    number = packed.released[0]
    told = packed.ship(number, PPL)
    packed.after(5)

    assert packed.correct(told, DPD)["write_back"] == {"state": "due", "written_before": True}
    packed.after(5)
    packed.after(5)

    assert packed.shown(number) == (packed.sent_id, DPD.tracking_code)
    assert (packed.mails(number), packed.puts()) == (1, 2)


def test_what_is_taken_back_in_time_never_reaches_the_shop(packed: Packed) -> None:
    number = packed.released[0]
    before = packed.shown(number)

    packed.void(packed.ship(number, PPL))
    packed.after(5)

    assert packed.shown(number) == before
    assert packed.puts() == 0
    assert packed.offered(number) == "released"


def test_what_is_taken_back_too_late_stays_in_the_shop_and_a_person_is_told(packed: Packed) -> None:
    number = packed.released[0]
    told = packed.ship(number, PPL)
    packed.after(5)
    packed.read()

    assert packed.void(told)["write_back"]["written_before"]
    packed.after(5)

    assert packed.shown(number) == (packed.sent_id, PPL.tracking_code)
    assert packed.problems() == [(Cause.VOIDED_AFTER_WRITTEN, number)]
    assert packed.offered(number) == "held: status"  # the shop's status says shipped, and that releases nothing


def test_a_late_code_goes_with_the_status_or_after_it_without_a_mail(packed: Packed) -> None:
    soon, later = packed.released[:2]
    _, old_code = packed.shown(later)
    first, second = packed.ship(soon, LATE), packed.ship(later, LATE)

    packed.after(5)
    assert packed.puts() == 0
    packed.correct(first, PPL)
    packed.after(5)
    assert packed.shown(soon) == (packed.sent_id, PPL.tracking_code)
    packed.after(15 * MINUTE)
    assert packed.shown(later) == (packed.sent_id, old_code)
    packed.correct(second, DPD)
    packed.after(5)

    assert packed.shown(later) == (packed.sent_id, DPD.tracking_code)
    assert [packed.mails(number) for number in (soon, later)] == [1, 1]


def test_the_code_of_a_part_that_left_stops_nobody_at_the_packing_table(packed: Packed) -> None:
    number = packed.released[0]
    packed.ship(number, PPL, final=False)
    packed.after(5)
    packed.read()

    assert packed.shown(number)[1] == PPL.tracking_code
    assert packed.offered(number) == "released"
    packed.ship(number, DPD)
    packed.after(5)
    assert packed.mails(number) == 1
