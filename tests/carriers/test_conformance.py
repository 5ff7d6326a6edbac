"""What is true of every carrier: each adapter against its own stand-in. What a carrier lacks is refused by name."""

import re
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from carriers import registry
from carriers.base import Booked, Cancelled, Close, Collection, Format, Parcel
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.labels import pages_of, split
from carriers.money import Money
from carriers.shipment import Box, Cod, PointRef
from carriers.states import FINAL, State
from simulator.carriers.lives import End
from tests.carriers.kit import NOON, RECIPIENT, SORTS, Kit, codes
from tests.carriers.sorts import SHOP

ON = date(2026, 3, 3)


def unsupported(error: pytest.ExceptionInfo[CarrierRefused]) -> bool:
    return error.value.kind is Kind.UNSUPPORTED


# what may be offered


def test_the_proven_are_those_the_suite_holds_and_no_truth_is_let_off() -> None:
    suite = "".join(path.read_text() for path in Path(__file__).parent.glob("test_conformance*.py"))

    # What is held here and breaks a truth is red, so whoever stands in SORTS and is green is proven.
    assert SORTS.keys() & registry.ADAPTERS.keys() == registry.PROVEN
    assert re.findall(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b", suite) == []


def test_a_service_that_ends_at_a_point_wants_one_and_no_other_does(at: Kit) -> None:
    able = at.carrier.able
    wanting = {
        service
        for service in able.services
        if any(fault.field == "point" for fault in at.carrier.validate(at.home(service=service, point=None)))
    }

    assert wanting == able.to_point & able.services.keys()


# the login


def test_a_right_login_is_proven_by_asking(at: Kit) -> None:
    at.carrier.test()

    assert at.world.ledger
    assert at.made() == 0


def test_a_wrong_login_is_refused_as_one(at: Kit) -> None:
    wrong = at.opened(secrets={name: "0" * len(value) for name, value in at.account.secrets.items()})

    with pytest.raises(CarrierRefused) as refusal:
        wrong.test()

    assert refusal.value.kind is Kind.LOGIN


def test_with_a_wrong_login_nothing_is_made_and_nothing_is_unclear(at: Kit) -> None:
    wrong = at.opened(secrets={name: "0" * len(value) for name, value in at.account.secrets.items()})
    try:
        [taken] = wrong.book([at.home()])
    except CarrierError as refusal:
        taken = refusal

    assert isinstance(taken, CarrierRefused)
    assert at.made() == 0


@pytest.mark.parametrize("kind", ["html", "dropped", "down", "error", "busy"])
def test_no_secret_is_shown_by_what_fails(at: Kit, kind: str) -> None:
    at.world.faults.add(kind, calls=None)
    failed = failing(at, at.home())
    shown = repr(at.account) + repr(failed) + "".join(map(str, failed))

    assert not any(secret in shown for secret in at.account.secrets.values())


# before anybody is paid


def test_a_good_parcel_has_no_faults(at: Kit) -> None:
    assert list(at.carrier.validate(at.home())) == []
    assert list(at.carrier.validate(at.to_point())) == []
    assert list(at.carrier.validate(at.cod())) == []


def test_asking_for_faults_calls_nobody(at: Kit) -> None:
    at.carrier.validate(at.home(boxes=()))

    assert not at.world.ledger


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"recipient": replace(RECIPIENT, name="")}, "recipient.name", "missing"),
        ({"recipient": replace(RECIPIENT, zip="81101")}, "recipient.zip", "bad_zip"),
        ({"recipient": replace(RECIPIENT, phone="12")}, "recipient.phone", "bad_phone"),
        ({"recipient": replace(RECIPIENT, email="jana")}, "recipient.email", "bad_email"),
        ({"recipient": replace(RECIPIENT, name="Jana 🎁")}, "recipient.name", "letters"),
        ({"service": "moon"}, "service", "not_offered"),
        ({"options": {"wings": "1"}}, "options.wings", "not_offered"),
        ({"boxes": ()}, "boxes", "missing"),
        ({"boxes": (Box(0),)}, "boxes[0].weight_g", "missing"),
        ({"cod": Cod(Money(0, "CZK"), "1")}, "cod.amount", "bad_amount"),
        ({"cod": Cod(Money(129_050, "CZK"), "1")}, "cod.amount", "bad_amount"),
        ({"cod": Cod(Money(1_000, "EUR"), "1")}, "cod.amount", "bad_currency"),
        ({"value": Money(-100, "CZK")}, "value", "bad_amount"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(at: Kit, changed: dict[str, object], field: str, code: str) -> None:
    found = {(fault.field, fault.code) for fault in at.carrier.validate(at.home(**changed))}

    assert (field, code) in found


def test_a_country_that_is_not_served_is_named(at: Kit) -> None:
    far = replace(RECIPIENT, country="BR", zip="01001-000", phone="")

    assert "recipient.country" in {fault.field for fault in at.carrier.validate(at.home(recipient=far))}


def test_too_many_boxes_are_named(at: Kit) -> None:
    boxes = (Box(1_000),) * (at.carrier.able.boxes + 1)

    assert "boxes" in {fault.field for fault in at.carrier.validate(at.home(boxes=boxes))}


def test_a_heavy_box_is_named_where_the_carrier_has_a_limit(at: Kit) -> None:
    most = at.carrier.able.most_weight_g
    found = {fault.code for fault in at.carrier.validate(at.home(boxes=(Box((most or 10**6) + 1),)))}

    assert ("too_heavy" in found) is (most is not None)


def test_a_parcel_for_adults_goes_only_where_somebody_asks_for_their_age(at: Kit) -> None:
    found = {fault.field for fault in at.carrier.validate(at.to_point(adults_only=True))}

    assert ("adults_only" in found) is not at.carrier.able.adults_only


def test_what_validate_lets_through_the_carrier_takes(at: Kit) -> None:
    shipments = [at.home(), at.to_point(), at.cod(), at.to_point(cod=Cod(Money(129_000, "CZK"), "26000418"))]

    assert all(not at.carrier.validate(each) for each in shipments)
    assert all(isinstance(each, Booked) for each in at.book(*shipments))


# booking


def test_a_booking_has_the_number_the_carrier_made(at: Kit) -> None:
    [parcel] = at.parcels(at.home())

    assert [at.sort.key(parcel)] == list(at.world.parcels)
    assert parcel.handle.carrier == at.code


def test_a_handle_survives_being_stored_as_text(at: Kit) -> None:
    [parcel] = at.parcels(at.home())

    assert all(isinstance(each, str) for pair in parcel.handle.ids.items() for each in pair)


def test_bookings_come_in_the_order_asked(at: Kit) -> None:
    shipments = [at.home() for _ in range(5)]

    assert [each.reference for each in at.booked(*shipments)] == [each.reference for each in shipments]


def test_each_booking_is_its_own_parcel(at: Kit) -> None:
    numbers = [parcel.number for parcel in at.parcels(*(at.home() for _ in range(5)))]

    assert len(set(numbers)) == at.made() == 5


def test_the_point_arrives(at: Kit) -> None:
    shipment = at.to_point()
    [parcel] = at.parcels(shipment)

    assert shipment.point
    assert at.there(parcel).point == at.place(shipment.point.point_id)


def test_what_is_collected_arrives_to_the_last_crown(at: Kit) -> None:
    [parcel] = at.parcels(at.cod(cod=Cod(Money(1_234_500, "CZK"), "26000417")))
    told = at.there(parcel).cod

    assert told
    assert Money.read(told[0], told[1]) == Money(1_234_500, "CZK")


def test_without_cod_nothing_is_collected(at: Kit) -> None:
    [parcel] = at.parcels(at.home())

    assert at.there(parcel).cod is None


def test_a_shipment_of_several_boxes_has_as_many_numbers(at: Kit) -> None:
    if at.carrier.able.boxes == 1:
        assert "boxes" in {fault.field for fault in at.carrier.validate(at.home(boxes=(Box(1), Box(2))))}
        return
    [booked] = at.booked(at.home(boxes=(Box(1_000, 300, 200, 100), Box(2_000, 300, 200, 100))))

    assert len({parcel.number for parcel in booked.parcels}) == 2


def test_of_several_boxes_one_collects(at: Kit) -> None:
    shipment = at.cod(boxes=(Box(1_000, 300, 200, 100), Box(2_000, 300, 200, 100)))
    if at.carrier.validate(shipment):
        return
    collected = [Money.read(*cod) for parcel in at.parcels(shipment) if (cod := at.there(parcel).cod)]

    assert [each.minor for each in collected] == [129_000]


def test_what_is_refused_harms_no_neighbour(at: Kit) -> None:
    good, bad, other = at.home(), at.home(recipient=replace(RECIPIENT, zip="")), at.home()
    taken = at.book(good, bad, other)

    assert [isinstance(each, Booked) for each in taken] == [True, False, True]
    assert isinstance(taken[1], CarrierRefused)
    assert at.made() == 2


def test_a_refusal_says_what_to_mend(at: Kit) -> None:
    [refusal] = at.book(at.home(recipient=replace(RECIPIENT, zip="")))

    assert isinstance(refusal, CarrierRefused)
    assert refusal.kind is Kind.CONTENT
    assert str(refusal)


def test_a_point_that_is_not_there_is_refused(at: Kit) -> None:
    [refusal] = at.book(at.to_point(point=PointRef("99999999")))

    assert isinstance(refusal, CarrierRefused)
    assert at.made() == 0


def test_the_address_where_a_customer_follows_it_names_the_parcel(at: Kit) -> None:
    [parcel] = at.parcels(at.home())

    assert not parcel.tracking_url or at.sort.key(parcel) in parcel.tracking_url


# what ends unclear


@pytest.mark.parametrize("kind", ["dropped", "html"])
def test_an_answer_that_is_lost_or_is_none_leaves_it_unclear(at: Kit, kind: str) -> None:
    at.strikes(kind)

    [taken] = failing(at, at.home())

    assert isinstance(taken, CarrierUnreachable)
    assert taken.unclear


@pytest.mark.parametrize("kind", ["empty", "truncated"])
def test_an_answer_that_breaks_off_leaves_it_unclear_unless_all_was_in_its_head(at: Kit, kind: str) -> None:
    at.strikes(kind)

    [taken] = failing(at, at.home())

    assert at.made() == 1
    if isinstance(taken, Booked):
        assert [at.sort.key(parcel) for parcel in taken.parcels] == list(at.world.parcels)
    else:
        assert isinstance(taken, CarrierUnreachable)
        assert taken.unclear


def failing(at: Kit, *shipments) -> list[object]:
    """Book in lists as large as the carrier takes, and let an error of a whole call stand for each of it."""
    taken: list[object] = []
    most = at.carrier.able.batch
    for first in range(0, len(shipments), most):
        some = shipments[first : first + most]
        try:
            taken += at.book(*some)
        except CarrierError as whole:
            taken += [whole] * len(some)
    return taken


def test_an_error_of_the_carrier_leaves_it_unclear(at: Kit) -> None:
    at.strikes("error", status=500)

    [taken] = failing(at, at.home())

    assert isinstance(taken, CarrierUnreachable)
    assert taken.unclear


def test_a_connection_that_was_never_opened_made_nothing(at: Kit) -> None:
    at.strikes("down")

    [taken] = failing(at, at.home())

    assert isinstance(taken, CarrierUnreachable)
    assert not taken.unclear
    assert at.made() == 0


def test_a_carrier_that_is_busy_says_when(at: Kit) -> None:
    at.strikes("busy", retry_after=17)

    [taken] = failing(at, at.home())

    assert isinstance(taken, CarrierBusy)
    assert taken.wait_s == 17
    assert at.made() == 0


def test_a_booking_that_lands_late_is_unclear_and_not_taken_for_undone(at: Kit) -> None:
    at.strikes("late", seconds=90)

    [taken] = failing(at, at.home())
    at.watch.go(seconds=91)
    at.world.tick()

    assert isinstance(taken, CarrierUnreachable)
    assert taken.unclear
    assert at.made() == 1


def test_what_was_made_and_not_heard_of_is_found_or_nobody_claims_to_find_it(at: Kit) -> None:
    shipment = at.home()
    at.strikes("dropped")
    failing(at, shipment)
    if not at.carrier.able.finds:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.find(shipment, since=NOON)
        assert unsupported(refusal)
        return
    at.watch.go(minutes=2)
    found = at.carrier.find(shipment, since=NOON)

    assert found
    assert [at.sort.key(parcel) for parcel in found.parcels] == list(at.world.parcels)


def test_what_was_never_made_is_not_found(at: Kit) -> None:
    if at.carrier.able.finds:
        at.booked(at.home())

        assert at.carrier.find(at.home(), since=NOON - timedelta(minutes=1)) is None


def test_only_where_a_key_makes_it_safe_the_same_booking_is_made_once(at: Kit) -> None:
    shipment = at.home()
    at.strikes("dropped")
    failing(at, shipment)
    [second] = at.booked(shipment)

    assert second.again is at.carrier.able.is_idempotent
    assert at.made() == (1 if at.carrier.able.is_idempotent else 2)  # the second label that a look must prevent


@pytest.mark.parametrize("kind", ["reversed", "doubled", "short"])
def test_an_answer_out_of_order_or_with_an_item_too_many_or_too_few_pairs_nothing_wrongly(at: Kit, kind: str) -> None:
    shipments = [at.home() for _ in range(3)]
    fault = at.world.faults.add(kind, operation=at.sort.lists or at.sort.books)
    taken = failing(at, *shipments)

    assert fault.struck == bool(at.sort.lists)  # where each answer tells of one parcel there is nothing to mix up
    references = {number: reference for reference, numbers in at.world.made().items() for number in numbers}
    for shipment, each in zip(shipments, taken, strict=True):
        if isinstance(each, Booked):
            assert all(shipment.reference in references[at.sort.key(parcel)] for parcel in each.parcels)
        else:
            assert isinstance(each, CarrierUnreachable)
            assert each.unclear


@pytest.mark.parametrize("kind", ["wrong_types", "nulls"])
def test_values_of_another_kind_break_no_batch(at: Kit, kind: str) -> None:
    shipments = [at.home(), at.home()]
    at.strikes(kind)

    taken = failing(at, *shipments)

    assert len(taken) == 2
    assert all(isinstance(each, Booked | CarrierError) for each in taken)


# labels


def test_each_parcel_has_a_page_in_the_order_asked_that_a_scanner_reads(at: Kit) -> None:
    parcels = at.parcels(*(at.home() for _ in range(3)))[::-1]

    label = at.carrier.labels(parcels, Format.PDF)

    assert pages_of(label) == 3
    assert label.covers == tuple(parcel.number for parcel in parcels)
    for parcel, said in zip(parcels, codes(label), strict=True):
        assert any(parcel.barcode in code or parcel.number in code for code in said), (parcel, said)


def test_what_it_has_in_zpl_says_the_same_and_the_rest_is_refused(at: Kit) -> None:
    parcels = at.parcels(at.home(), at.home())
    if Format.ZPL not in at.carrier.able.formats:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.labels(parcels, Format.ZPL)
        assert unsupported(refusal)
        return
    label = at.carrier.labels(parcels, Format.ZPL)

    said = [drawn(form) for form in split(label)]
    assert pages_of(label) == 2
    for parcel, codes_drawn in zip(parcels, said, strict=True):
        assert any(parcel.barcode in code or parcel.number in code for code in codes_drawn), (parcel, codes_drawn)


def drawn(form: bytes) -> list[str]:
    """Return what the bar codes of a ZPL form say: the data of each field that a command for one begins."""
    fields = form.decode().split("^FS")
    return [
        found[1]
        for field in fields
        if (found := re.search(r"\^B[0-9A-XZ][^^]*(?:\^FH[^^]*)?\^FD(.*)", field, re.DOTALL))
    ]


def test_a_label_may_be_printed_again(at: Kit) -> None:
    parcels = at.parcels(at.home())

    assert codes(at.carrier.labels(parcels, Format.PDF)) == codes(at.carrier.labels(parcels, Format.PDF))
    assert at.made() == 1


def test_a_label_of_a_parcel_nobody_has_is_refused(at: Kit) -> None:
    with pytest.raises(CarrierRefused):
        at.carrier.labels([at.stranger()], Format.PDF)


@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "error"])
def test_a_label_that_cannot_be_read_is_asked_for_again_later(at: Kit, kind: str) -> None:
    parcels = at.parcels(at.home())
    at.world.faults.add(kind, calls=None)

    with pytest.raises((CarrierUnreachable, CarrierBusy)) as lost:
        at.carrier.labels(parcels, Format.PDF)

    assert isinstance(lost.value, CarrierBusy) or not lost.value.unclear


# following


def follow(at: Kit, parcels: list[Parcel]) -> list[State]:
    return [each.state for each in at.carrier.track(parcels)]


def is_at(at: Kit, told: State, *stages: State) -> bool:
    """Say whether a parcel is at one of these stages; where no contract lists the codes, it may be unknown instead."""
    return told in stages or (told is State.UNKNOWN and not at.sort.lists_codes)


def test_a_parcel_that_was_only_told_of_is_created(at: Kit) -> None:
    assert follow(at, at.parcels(at.home())) == [State.CREATED]


def test_a_parcel_to_a_door_is_carried_and_delivered(at: Kit) -> None:
    parcels = at.parcels(at.home())
    at.world.end([at.sort.key(parcels[0])], End.HOME)
    at.hand_over(parcels)
    at.watch.go(hours=10)
    at.world.tick()
    underway = follow(at, parcels)
    at.watch.go(hours=30)
    at.world.tick()

    assert is_at(at, underway[0], State.ACCEPTED, State.IN_TRANSIT)
    assert follow(at, parcels) == [State.DELIVERED]


def test_a_parcel_to_a_point_waits_there(at: Kit) -> None:
    parcels = at.parcels(at.to_point())
    at.world.end([at.sort.key(parcels[0])], End.POINT)
    at.hand_over(parcels)
    at.watch.go(hours=27)
    at.world.tick()
    [told] = follow(at, parcels)

    assert is_at(at, told, State.AT_PICKUP_POINT)


def test_a_parcel_nobody_collects_comes_back_and_is_never_delivered(at: Kit) -> None:
    parcels = at.parcels(at.to_point())
    at.world.end([at.sort.key(parcels[0])], End.UNCOLLECTED)
    at.hand_over(parcels)
    at.watch.go(days=9)
    at.world.tick()
    underway = follow(at, parcels)
    at.watch.go(days=5)
    at.world.tick()

    assert underway[0] in (State.RETURNING, State.RETURNED)
    assert follow(at, parcels) == [State.RETURNED]


def test_scans_are_aware_in_order_and_keep_the_carriers_own_words(at: Kit) -> None:
    parcels = at.parcels(at.home())
    at.hand_over(parcels)
    at.watch.go(hours=30)
    at.world.tick()

    [tracked] = at.carrier.track(parcels)

    assert tracked.scans
    assert all(scan.at.tzinfo for scan in tracked.scans)
    assert [scan.at for scan in tracked.scans] == sorted(scan.at for scan in tracked.scans)
    assert all(scan.code or scan.text for scan in tracked.scans)


def test_a_number_nobody_has_is_unknown_and_harms_no_neighbour(at: Kit) -> None:
    known = at.parcels(at.home())
    odd = at.stranger()

    told = [tracked for parcel in (known[0], odd) for tracked in at.carrier.track([parcel])]

    assert [each.state for each in told] == [State.CREATED, State.UNKNOWN]


def test_many_are_followed_in_the_order_asked(at: Kit) -> None:
    parcels = at.parcels(*(at.home() for _ in range(4)))[::-1]
    most = at.carrier.able.track_batch

    told = [each for first in range(0, 4, most) for each in at.carrier.track(parcels[first : first + most])]

    assert [each.number for each in told] == [parcel.number for parcel in parcels]


@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "error", "down", "dropped"])
def test_following_that_fails_is_never_unclear(at: Kit, kind: str) -> None:
    parcels = at.parcels(at.home())
    at.world.faults.add(kind, calls=None)

    with pytest.raises((CarrierUnreachable, CarrierBusy)) as lost:
        follow(at, parcels)

    assert isinstance(lost.value, CarrierBusy) or not lost.value.unclear


def test_a_final_state_is_one_of_three(at: Kit) -> None:
    parcels = at.parcels(*(at.home() for _ in range(6)))
    at.hand_over(parcels)
    at.watch.go(days=30)
    at.world.tick()
    most = at.carrier.able.track_batch
    told = [each for first in range(0, 6, most) for each in at.carrier.track(parcels[first : first + most])]

    assert {each.state for each in told} <= FINAL


# taking back, handing over, collecting


def test_a_parcel_is_taken_back_before_the_hand_over(at: Kit) -> None:
    parcels = at.parcels(at.home())
    if not at.carrier.able.cancel_batch:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.cancel(parcels)
        assert unsupported(refusal)
        return

    assert list(at.carrier.cancel(parcels)) in ([Cancelled.DONE], [Cancelled.LOCAL])


def test_a_parcel_that_is_under_way_is_not_taken_back(at: Kit) -> None:
    parcels = at.parcels(at.home())
    at.hand_over(parcels)
    at.watch.go(hours=6)
    at.world.tick()
    if at.carrier.able.cancel_batch:
        (said,) = at.carrier.cancel(parcels)

        assert said in (Cancelled.TOO_LATE, Cancelled.LOCAL) or is_past(said)


def is_past(said: object) -> bool:
    return isinstance(said, CarrierRefused) and said.kind is Kind.TOO_LATE


def test_what_is_taken_back_twice_is_no_error(at: Kit) -> None:
    parcels = at.parcels(at.home())
    if at.carrier.able.cancel_batch:
        first, second = at.carrier.cancel(parcels)[0], at.carrier.cancel(parcels)[0]

        assert first in (Cancelled.DONE, Cancelled.LOCAL)
        # GLS does not say whether it was deleted or left: a person looks.
        assert second in (Cancelled.DONE, Cancelled.LOCAL, Cancelled.BEFORE, Cancelled.UNKNOWN) or is_past(second)
        assert (first is Cancelled.LOCAL) is (second is Cancelled.LOCAL)


def test_the_hand_over_is_told_or_need_not_be(at: Kit) -> None:
    parcels = at.parcels(at.home(), at.home())
    if at.carrier.able.close is Close.NONE:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.close(parcels, ON)
        assert unsupported(refusal)
        return
    manifest = at.carrier.close(parcels, ON)

    assert manifest.covers == tuple(parcel.number for parcel in parcels)


def test_a_car_is_asked_for_or_refused_by_name(at: Kit) -> None:
    wanted = Collection(ON, time(9), time(15), 3, 12_000, at.sort.collects_from, "rampa 2")
    if not at.carrier.able.collects:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.collect(wanted)
        assert unsupported(refusal)
        return

    assert bool(at.carrier.collect(wanted)) is at.sort.numbers_cars


def test_a_car_is_not_sent_to_a_place_it_does_not_come_to(at: Kit) -> None:
    if at.carrier.able.collects and at.sort.collects_from is None:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.collect(Collection(ON, time(9), time(15), 3, 12_000, SHOP))

        assert unsupported(refusal)


def test_a_way_back_has_its_label_or_is_refused_by_name(at: Kit) -> None:
    if not at.carrier.able.returns:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.return_label(at.home())
        assert unsupported(refusal)
        return

    [made] = at.settled([at.carrier.return_label(at.home(sender=SHOP))])

    assert isinstance(made, Booked)
    assert made.parcels


# points


def test_points_are_those_the_carrier_has(at: Kit) -> None:
    told = {at.place(point.point_id, point.network) for point in at.carrier.points("CZ")}
    there = {place: point for place, point in at.world.points.items() if point.country == "CZ"}

    assert told
    assert told <= set(there)
    assert {place for place, point in there.items() if point.is_open} <= told


def test_a_point_says_where_it_is(at: Kit) -> None:
    point = next(iter(at.carrier.points("CZ")))
    there = at.world.points[at.place(point.point_id, point.network)]

    assert (point.country, point.city) == ("CZ", there.city)
    assert point.latitude is None or abs(point.latitude - there.latitude) < 0.001


def test_a_list_of_points_that_breaks_off_is_an_error_and_no_shorter_list(at: Kit) -> None:
    assert list(at.carrier.points("CZ"))
    fault = at.world.faults.add("truncated", operation=at.world.ledger[-1].operation)

    with pytest.raises(CarrierError):
        list(at.carrier.points("CZ"))
    assert fault.struck


# messages of their own accord


def test_a_message_with_a_wrong_signature_is_refused(at: Kit) -> None:
    with pytest.raises(CarrierRefused) as refusal:
        at.carrier.hear({"x-webhook-signature": "0"}, b"{}")

    assert refusal.value.kind in (Kind.LOGIN, Kind.UNSUPPORTED)
    assert (refusal.value.kind is Kind.UNSUPPORTED) is not at.carrier.able.pushes
