"""What is true of every carrier's wire: what is asked for reaches the carrier or is a fault, and so with its words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from carriers import check
from carriers.base import Booked, Carrier, Format, Tracked
from carriers.errors import CarrierRefused, Kind
from carriers.labels import pages_of
from carriers.money import Money
from carriers.shipment import Cod, Shipment
from carriers.states import State
from tests.carriers.kit import DECLARED, NOON, SORTS, Kit, lacks
from tests.carriers.sorts import SHOP

ELSEWHERE = replace(SHOP, name="Vedlejsi dilna", street="Zadni 77")
CHOICES = [(code, name) for code, sort in SORTS.items() for name in sort.choices]


def _recipient(shipment: Shipment, **changed: str) -> Shipment:
    return replace(shipment, recipient=replace(shipment.recipient, **changed))


def _box(shipment: Shipment, **changed: object) -> Shipment:
    return replace(shipment, boxes=(replace(shipment.boxes[0], **changed),))


# What somebody asks for: where it does not reach the carrier, it must not be booked.
ASKED: Mapping[str, Callable[[Shipment], Shipment]] = {
    "sender": lambda shipment: replace(shipment, sender=ELSEWHERE),
    "return_to": lambda shipment: replace(shipment, return_to=ELSEWHERE),
    "customs": lambda shipment: replace(shipment, customs=DECLARED),
    "recipient.more": lambda shipment: _recipient(shipment, more="4. patro"),
    "cod.card_allowed": lambda shipment: replace(
        shipment, cod=Cod(Money(129_000, "CZK"), "26000417", card_allowed=False)
    ),
    "boxes.value": lambda shipment: _box(shipment, value=Money(6_000_000, "CZK")),
}
# What only tells more: it may be left away.
TOLD: Mapping[str, Callable[[Shipment], Shipment]] = {
    "recipient.region": lambda shipment: _recipient(shipment, region="Kraj"),
    "boxes.content": lambda shipment: _box(shipment, content="Hrnek"),
    "ship_on": lambda shipment: replace(shipment, ship_on=date(2026, 3, 5)),
}
SEEN = {
    "sender": "Vedlejsi dilna",
    "return_to": "Vedlejsi dilna",
    "customs": "Hrnek",
    "recipient.more": "4. patro",
    "boxes.value": "60000",
    "recipient.region": "Kraj",
    "boxes.content": "Hrnek",
}


# what may be switched on


def test_a_right_login_is_proven_whatever_is_switched_on(wide: Kit) -> None:
    wide.carrier.test_all()

    assert wide.account.switches <= wide.carrier.able.unproven.keys()
    assert wide.made() == 0


# what is asked for


def test_every_field_that_some_carriers_have_is_asked_about() -> None:
    assert sorted([*ASKED, *TOLD]) == sorted(check.SOME)


@pytest.mark.parametrize("field", ASKED)
def test_what_is_asked_for_and_would_not_reach_the_carrier_is_a_fault(at: Kit, field: str) -> None:
    due = set() if field in at.carrier.able.takes else {field}

    assert not_offered(at, ASKED[field](at.home())) == due


@pytest.mark.parametrize("field", ASKED)
def test_with_all_switched_on_it_is_a_fault_still_or_is_taken(wide: Kit, field: str) -> None:
    due = set() if field in wide.carrier.able.takes else {field}

    assert not_offered(wide, ASKED[field](wide.home())) == due


@pytest.mark.parametrize("field", [*ASKED, *TOLD])
def test_what_a_carrier_has_a_field_for_reaches_it(wide: Kit, field: str) -> None:
    plain = ordinary(wide, field)
    asked = (ASKED | TOLD)[field](plain)
    if field not in wide.carrier.able.takes:
        assert field in TOLD or not_offered(wide, asked)
        return

    assert list(wide.carrier.validate(asked)) == []
    with_it = wide.wired(asked)
    assert SEEN.get(field, "") in with_it
    assert field == "customs" or with_it != wide.wired(plain)


@pytest.mark.parametrize("field", TOLD)
def test_what_only_tells_more_holds_no_parcel_up(at: Kit, field: str) -> None:
    plain = ordinary(at, field)
    told = TOLD[field](plain)

    assert list(at.carrier.validate(told)) == []
    without, with_it = at.wired(plain), at.wired(told)
    assert field in at.carrier.able.takes or with_it == without


def not_offered(at: Kit, shipment: Shipment) -> set[str]:
    """Return the fields a carrier does not have, without the places of boxes."""
    found = at.carrier.validate(shipment)
    return {re.sub(r"\[\d+\]", "", fault.field or "") for fault in found if fault.code == "not_offered"}


def ordinary(at: Kit, field: str) -> Shipment:
    """Return a good parcel that lacks this field alone: one abroad for what is told of such, if it can be declared."""
    at.booked(at.home())  # a login, where there is one, is behind it
    if field == "cod.card_allowed":
        return at.cod()
    is_far = field in ("customs", "recipient.region") and "customs" in at.carrier.able.takes
    return abroad(at) if is_far and at.sort.far in at.carrier.able.services else at.home()


# what leaves the Union


def test_what_leaves_the_union_is_declared_or_is_told_of_by_field(wide: Kit) -> None:
    if "customs" not in wide.carrier.able.takes:
        assert not_offered(wide, wide.home(customs=DECLARED)) == {"customs"}
        return
    [parcel] = wide.parcels(abroad(wide))
    bare = {fault.field for fault in wide.carrier.validate(replace(abroad(wide), customs=None))}
    there = repr(wide.world.facts(wide.there(parcel))["customs"])

    assert ("customs" in bare) is wide.sort.declares
    assert all(told in there for told in ("Hrnek", "691110", "CZ"))


def test_a_declaration_without_goods_is_a_fault(wide: Kit) -> None:
    bare = replace(DECLARED, goods=())
    if "customs" not in wide.carrier.able.takes:
        assert not_offered(wide, wide.home(customs=bare)) == {"customs"}
        return
    found = {fault.field for fault in wide.carrier.validate(replace(abroad(wide), customs=bare))}

    assert ("customs.goods" in found) is wide.sort.declares


def abroad(at: Kit) -> Shipment:
    """Return a parcel that leaves the Union, with all that is declared of it."""
    return at.suited(at.sort.far, "CH", options=at.home().options | at.sort.far_options)


# every product


def test_every_product_that_is_offered_is_taken(at: Kit) -> None:
    shipments = [at.suited(service) for service in at.carrier.able.services]

    assert [(each.service, list(at.carrier.validate(each))) for each in shipments] == [
        (each.service, []) for each in shipments
    ]
    assert untaken(at, shipments) == []


def test_every_product_that_a_switch_opens_is_taken(wide: Kit) -> None:
    shipments = [wide.suited(service) for service in wide.carrier.able.services]

    assert [(each.service, list(wide.carrier.validate(each))) for each in shipments] == [
        (each.service, []) for each in shipments
    ]
    assert untaken(wide, shipments) == []


def test_every_product_has_its_label(wide: Kit) -> None:
    parcels = wide.parcels(*map(wide.suited, wide.carrier.able.services))
    most = wide.carrier.able.label_batch
    runs = [parcels[first : first + most] for first in range(0, len(parcels), most)]
    labels = [wide.carrier.labels(run, wide.carrier.first_format(run)) for run in runs]

    assert [number for label in labels for number in label.covers] == [parcel.number for parcel in parcels]
    assert sum(map(pages_of, labels)) == len(parcels)


def test_a_way_back_that_a_switch_opens_has_its_label(wide: Kit) -> None:
    back = wide.home(sender=SHOP)
    if not wide.carrier.able.returns:
        assert lacks(wide.carrier.return_label, back)
        return
    [booked] = wide.settled([wide.carrier.return_label(back)])

    assert isinstance(booked, Booked)
    assert booked.label or pages_of(wide.carrier.labels(booked.parcels, Format.PDF)) == 1
    assert wide.made() == len(booked.parcels) == 1


def untaken(at: Kit, shipments: list[Shipment]) -> list[tuple[str, object]]:
    taken = zip(shipments, at.book(*shipments), strict=True)
    return [(shipment.service, each) for shipment, each in taken if not isinstance(each, Booked)]


# what it is worth


def test_a_value_nobody_insures_is_refused_by_field_left_out_with_a_note_or_told_as_what_it_is(at: Kit) -> None:
    shipment = at.home(value=Money(9_876_500, "USD"), options=at.home().options | at.sort.insuring)
    found = {(fault.field, fault.code) for fault in at.carrier.validate(shipment)}
    assert "USD" not in at.carrier.able.insures
    if found:
        assert found == {("value", "bad_currency")}
        return
    [booked] = at.booked(shipment)

    assert "USD" in at.said() if "98765" in at.said() else booked.notes


def test_a_box_is_insured_in_no_other_currency_either(at: Kit) -> None:
    shipment = _box(at.home(), value=Money(9_876_500, "USD"))
    code = "bad_currency" if "boxes.value" in at.carrier.able.takes else "not_offered"

    assert [(fault.field, fault.code) for fault in at.carrier.validate(shipment)] == [("boxes[0].value", code)]


# numbers


def test_every_number_that_was_booked_is_one(at: Kit) -> None:
    parcels = at.parcels(at.home(), at.to_point(), at.cod())

    assert [parcel.number for parcel in parcels if not at.carrier.is_number(parcel.number)] == []


def test_a_number_that_was_mistyped_is_none_where_a_digit_checks_the_others(at: Kit) -> None:
    [parcel] = at.parcels(at.home())
    places = [place for place, letter in enumerate(parcel.number) if letter.isdigit()]
    number, place = parcel.number, places[len(places) // 2]
    mistyped = f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"

    assert at.carrier.is_number(mistyped) is not at.sort.checks


@pytest.mark.parametrize("text", ["", " ", "nobody", "žádné číslo"])
def test_what_holds_no_digit_is_no_number(at: Kit, text: str) -> None:
    assert not at.carrier.is_number(text)


def test_the_number_of_the_order_reaches_a_carrier_that_has_a_field_and_our_reference_is_found_still(at: Kit) -> None:
    shipment = at.home(order_number="A7741")

    assert ("A7741" in at.wired(shipment)) is at.sort.tells_orders
    if not at.carrier.able.finds:
        with pytest.raises(CarrierRefused) as refusal:
            at.carrier.find(shipment, since=NOON)
        assert refusal.value.kind is Kind.UNSUPPORTED
        return
    at.watch.go(minutes=2)
    found = at.carrier.find(shipment, since=NOON - timedelta(minutes=1))
    assert found
    assert [at.sort.key(parcel) for parcel in found.parcels] == list(at.world.parcels)


# the carrier's own codes


def test_a_code_the_contract_lists_means_what_it_says_and_every_other_is_kept_as_unknown(at: Kit) -> None:
    lean = at.opened(switches=frozenset())

    assert misread(at, lean, at.sort.said) == []


def test_a_code_that_a_switch_is_for_means_what_it_is_said_to(wide: Kit) -> None:
    if wide.sort.lists_codes:
        assert misread(wide, wide.carrier, {**wide.sort.said, **wide.sort.said_more}) == []
    else:  # by words, each of which may be unknown
        assert wide.sort.said == wide.sort.said_more == {}


def misread(at: Kit, carrier: Carrier, due: Mapping[str, State | None]) -> list[tuple[str, object]]:
    """Have each code said of a parcel of its own; return those that are not kept, or mean another thing than is due."""
    parcels = at.parcels(*(at.home() for _ in at.world.codes))
    at.hand_over(parcels)
    at.watch.go(hours=1)
    for parcel, code in zip(parcels, at.world.codes, strict=False):
        at.world.say([at.sort.key(parcel)], code)
    most = carrier.able.track_batch
    told = [one for first in range(0, len(parcels), most) for one in carrier.track(parcels[first : first + most])]
    heard = {code: _meant(code, one) for code, one in zip(at.world.codes, told, strict=False)}
    means = {code: due.get(code, State.UNKNOWN) for code in heard}
    return [(code, heard[code]) for code, state in means.items() if heard[code] != ({state} if state else set())]


def _meant(code: str, told: Tracked) -> set[State]:
    """Return what is made of a code wherever the carrier's own word for it is kept: `5`, `05`, `Active/Active/12`."""
    kept = [(scan.state, [*scan.code.split("/"), scan.code.lstrip("0"), *scan.text.split()]) for scan in told.scans]
    return {state for state, words in kept if code in words}


# what an account chooses


@pytest.mark.parametrize(("at", "name"), CHOICES, indirect=["at"])
def test_what_an_account_cannot_choose_is_told_by_the_test_of_its_login(at: Kit, name: str) -> None:
    odd = at.opened(given={**at.account.given, name: at.sort.choices[name]})
    at.carrier.test_all()
    before = at.made()

    with pytest.raises(CarrierRefused) as refusal:
        odd.test_all()
    assert refusal.value.kind in (Kind.ACCOUNT, Kind.CONTENT)
    assert at.made() == before
    assert name in str(refusal.value) or at.sort.choices[name] in str(refusal.value)
