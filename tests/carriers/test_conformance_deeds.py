"""What is true of every carrier that is asked for more than carriage: first, meanwhile, and for a car."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from carriers.base import Cancelled, Collection, Parcel
from carriers.cars import Car
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.money import Money
from carriers.shipment import Address, PointRef
from simulator.carriers.lives import End
from tests.carriers.kit import RECIPIENT, Kit, lacks, nines

ON = date(2026, 3, 3)
LATER = date(2026, 3, 14)
LESS = Money(99_000, "CZK")


# asked first


def test_a_good_parcel_is_good_when_its_carrier_is_asked_and_is_not_made(at: Kit) -> None:
    shipments = [at.home(), at.to_point(), at.cod()]
    if not at.carrier.able.asks_first:
        assert all(lacks(at.carrier.ask_valid, each) for each in shipments)
        return

    assert [list(at.carrier.ask_valid(each)) for each in shipments] == [[], [], []]
    assert at.made() == 0


def test_what_no_rule_of_ours_knows_is_told_by_the_carrier_that_is_asked(at: Kit) -> None:
    closed, nowhere = at.to_point(is_open=False), at.to_point(point=PointRef("99999999"))
    if not at.carrier.able.asks_first:
        assert lacks(at.carrier.ask_valid, closed)
        return
    told = [list(at.carrier.ask_valid(each)) for each in (closed, nowhere)]

    assert [list(at.carrier.validate(each)) for each in (closed, nowhere)] == [[], []]
    assert [{fault.field for fault in each} for each in told] == [{"point"}, {"point"}]
    assert at.made() == 0
    assert all(isinstance(each, CarrierRefused) for each in at.book(closed, nowhere))


@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "error", "down", "dropped"])
def test_asking_first_that_fails_finds_no_faults_and_is_never_unclear(at: Kit, kind: str) -> None:
    shipment = at.home()
    at.world.faults.add(kind, calls=None)
    if not at.carrier.able.asks_first:
        assert lacks(at.carrier.ask_valid, shipment)
        return

    with pytest.raises(CarrierError) as lost:
        at.carrier.ask_valid(shipment)
    assert not (isinstance(lost.value, CarrierUnreachable) and lost.value.unclear)


# what is collected


def test_another_amount_is_collected_from_then_on_and_told_twice_is_told_once(at: Kit) -> None:
    parcels = at.parcels(at.cod())
    if not at.carrier.able.changes_cod:
        assert lacks(at.carrier.change_cod, parcels, LESS)
        return
    for _ in range(2):
        at.carrier.change_cod(parcels, LESS)

    assert collected(at, parcels[0]) == LESS
    assert at.made() == 1


def test_nothing_at_all_may_be_collected_from_then_on(at: Kit) -> None:
    parcels = at.parcels(at.cod())
    if not at.carrier.able.changes_cod:
        assert lacks(at.carrier.change_cod, parcels, Money(0, "CZK"))
        return
    at.carrier.change_cod(parcels, Money(0, "CZK"))

    assert collected(at, parcels[0]) is None


def test_what_a_strangers_parcel_collects_is_not_changed(at: Kit) -> None:
    odd = at.stranger()
    if not at.carrier.able.changes_cod:
        assert lacks(at.carrier.change_cod, [odd], LESS)
        return

    with pytest.raises(CarrierRefused) as refusal:
        at.carrier.change_cod([odd], LESS)
    assert refusal.value.kind is Kind.UNKNOWN


def test_another_currency_is_not_collected_from_then_on_and_nobody_is_asked(at: Kit) -> None:
    parcels = at.parcels(at.cod())
    before = len(at.world.ledger)
    with pytest.raises(CarrierRefused) as refusal:
        at.carrier.change_cod(parcels, Money(9_900, "EUR"))

    assert refusal.value.kind is (Kind.CONTENT if at.carrier.able.changes_cod else Kind.UNSUPPORTED)
    assert len(at.world.ledger) == before
    assert collected(at, parcels[0]) == Money(129_000, "CZK")


def collected(at: Kit, parcel: Parcel) -> Money | None:
    """Return what the carrier itself will collect."""
    told = at.there(parcel).cod
    return told and Money.read(*told)


# at the point, and on the way


def test_a_parcel_is_kept_at_its_point_for_longer(at: Kit) -> None:
    [parcel] = at.parcels(at.to_point())
    at.world.end([at.sort.key(parcel)], End.UNCOLLECTED)
    at.hand_over([parcel])
    at.watch.go(hours=27)
    at.world.tick()
    if not at.carrier.able.prolongs:
        assert lacks(at.carrier.prolong, parcel, LATER)
        return
    before = at.world.facts(at.there(parcel))["stored_until"]
    at.carrier.prolong(parcel, LATER)

    assert before < LATER.isoformat() == at.world.facts(at.there(parcel))["stored_until"]
    assert [each.stored_until for each in at.carrier.track([parcel])] == [LATER]


def test_a_parcel_is_not_kept_until_a_day_that_is_over_nor_one_that_nobody_has(at: Kit) -> None:
    [parcel], odd = at.parcels(at.to_point()), at.stranger()
    over = at.watch().date() - timedelta(days=1)
    if not at.carrier.able.prolongs:
        assert lacks(at.carrier.prolong, parcel, over)
        assert lacks(at.carrier.prolong, odd, LATER)
        return
    with pytest.raises(CarrierRefused) as late:
        at.carrier.prolong(parcel, over)
    with pytest.raises(CarrierRefused) as unknown:
        at.carrier.prolong(odd, LATER)

    assert (late.value.kind, unknown.value.kind) == (Kind.CONTENT, Kind.UNKNOWN)


def test_whom_the_carrier_calls_is_corrected_and_where_it_goes_stays(at: Kit) -> None:
    [parcel], odd = at.parcels(at.home()), at.stranger()
    contact = _contact(name="Jana Nova", phone="+420605999888", email="nova@example.cz")
    if not at.carrier.able.redirects:
        assert lacks(at.carrier.redirect, parcel, contact)
        return
    town = at.there(parcel).town
    at.carrier.redirect(parcel, contact)
    with pytest.raises(CarrierRefused) as unknown:
        at.carrier.redirect(odd, contact)

    assert {"Jana Nova", "+420605999888", "nova@example.cz"} <= {*at.world.facts(at.there(parcel))["contact"].values()}
    assert at.there(parcel).town == town
    assert unknown.value.kind is Kind.UNKNOWN


def test_a_contact_that_is_none_is_refused_and_nobody_is_asked(at: Kit) -> None:
    [parcel] = at.parcels(at.home())
    before = len(at.world.ledger)
    with pytest.raises(CarrierRefused) as refusal:
        at.carrier.redirect(parcel, _contact(name="", phone="12", email="jana"))

    assert refusal.value.kind is (Kind.CONTENT if at.carrier.able.redirects else Kind.UNSUPPORTED)
    assert len(at.world.ledger) == before


# a car


def test_a_car_that_was_asked_for_waits_or_is_ordered(at: Kit) -> None:
    number = ordered(at)
    if not at.carrier.able.tells_of_cars:
        assert lacks(at.carrier.car, number)
        return
    told = [at.carrier.car(number).car]
    at.watch.go(minutes=1)
    told.append(at.carrier.car(number).car)

    assert told[0] in (Car.WAITING, Car.ORDERED)
    assert told[1] is Car.ORDERED


def test_a_car_is_called_off_and_a_second_time_is_no_error(at: Kit) -> None:
    number = ordered(at)
    at.watch.go(minutes=1)
    if not at.carrier.able.recalls_cars:
        assert lacks(at.carrier.recall, number)
        assert not [car for car in at.world.cars.values() if car.cancelled_at]
        return
    first, second = at.carrier.recall(number), at.carrier.recall(number)

    assert first is Cancelled.DONE
    assert second in (Cancelled.BEFORE, Cancelled.DONE, Cancelled.UNKNOWN)
    assert all(car.cancelled_at for car in at.world.cars.values())
    assert at.world.cars


def test_a_car_that_was_called_off_is_not_told_to_come(at: Kit) -> None:
    number = ordered(at)
    at.watch.go(minutes=1)
    if not (at.carrier.able.recalls_cars and at.carrier.able.tells_of_cars):
        assert lacks(at.carrier.recall, number)
        return
    at.carrier.recall(number)

    assert standing(at, number) in (Car.CANCELLED, Kind.UNKNOWN)


def test_a_car_nobody_ordered_is_neither_called_off_nor_told_to_come(at: Kit) -> None:
    odd = nines(ordered(at)) or "9999"
    at.watch.go(minutes=1)
    if not at.carrier.able.recalls_cars:
        assert lacks(at.carrier.recall, odd)
        return

    assert standing(at, odd) is Kind.UNKNOWN
    assert recalled(at, odd) is not Cancelled.DONE
    assert not [car for car in at.world.cars.values() if car.cancelled_at]


def test_a_car_asked_for_again_after_a_lost_answer_is_called_off_with_the_first_where_both_go_by_one_name(
    at: Kit,
) -> None:
    if not at.carrier.able.recalls_cars:
        assert lacks(at.carrier.recall, ordered(at))
        return
    at.world.faults.add("dropped", operation=at.sort.orders)
    with pytest.raises(CarrierUnreachable) as lost:
        ordered(at)
    at.watch.go(minutes=1)
    number = ordered(at)
    at.watch.go(minutes=1)
    at.carrier.recall(number)

    assert lost.value.unclear
    assert [bool(car.cancelled_at) for car in at.world.cars.values()] == [at.sort.names_cars, True]


def test_a_car_for_parcels_hears_our_note_and_is_called_off_for_all_of_them(at: Kit) -> None:
    wanted = _collection(at, parcels=tuple(at.parcels(at.home(), at.home())))
    lean = at.opened(switches=frozenset())
    if not at.carrier.able.collects:
        assert lacks(lean.collect, wanted)
        return
    number = lean.collect(wanted)
    told = repr([car.told for car in at.world.cars.values()])
    at.watch.go(minutes=1)

    assert "rampa 2" in told
    if not at.carrier.able.recalls_cars:
        assert lacks(lean.recall, number)
        return
    assert lean.recall(number) is Cancelled.DONE
    assert all(car.cancelled_at for car in at.world.cars.values())


def ordered(at: Kit) -> str:
    """Order a car and return its number; "" where there is none, or no car."""
    return at.carrier.collect(_collection(at)) if at.carrier.able.collects else ""


def recalled(at: Kit, number: str) -> object:
    try:
        return at.carrier.recall(number)
    except CarrierRefused as refusal:
        return refusal


def standing(at: Kit, number: str) -> Car | Kind:
    """Return how it stands with a car, or why nobody says."""
    try:
        return at.carrier.car(number).car
    except CarrierRefused as refusal:
        return refusal.kind


def _collection(at: Kit, **more: object) -> Collection:
    wanted = Collection(ON, time(9), time(15), 2, 12_000, at.sort.collects_from, "rampa 2")
    return replace(wanted, **more)


def _contact(**changed: str) -> Address:
    return replace(RECIPIENT, **changed)
