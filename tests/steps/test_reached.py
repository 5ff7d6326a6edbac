"""What an order's parcels reached all together, and which status that means, as a table of cases."""

from dataclasses import replace

import pytest

from service.flows import track
from service.mappings import Given, Milestone, Target
from service.shipments import Shipment
from service.steps import reached, wanting
from service.tracking import Followed, State
from tests.shop_items import NOON, at
from tests.steps.test_wanting import shipment

RECEIVED = 1
STATUS = {milestone: 10 + place for place, milestone in enumerate(Milestone)}
ALL = Given(live_since=at(-9), targets={milestone: Target(STATUS[milestone]) for milestone in Milestone})


def box(state: str, *, when: float = 0, place: int = 1, number: str = "1") -> Followed:
    """Return a box of the shipment of then."""
    return Followed(
        "b_one", place, "k_one", "ppl", number, "O1", f"s_one_{when}", State(state), None, at(when), *[None] * 6, 0,
        *[None] * 6, NOON, False,
    )  # fmt: skip


TWO = [shipment("A", "B", final=True)]
LATER = [shipment("A"), shipment("B", final=True, when=5)]


@pytest.mark.parametrize(
    ("left", "states", "milestone"),
    [
        (TWO, ["created", "created"], "shipped"),
        (TWO, ["delivered", "in_transit"], "shipped"),
        (TWO, ["delivered", "at_pickup_point"], "pickup_point"),
        (TWO, ["at_pickup_point", "at_pickup_point"], "pickup_point"),
        (TWO, ["delivered", "delivered"], "delivered"),
        (TWO, ["delivered"], "shipped"),  # the other one is nobody's to follow
        (TWO, ["delivered", "returning"], "returning"),
        (TWO, ["returned", "returning"], "returning"),
        (TWO, ["returned", "in_transit"], "returned"),
        (TWO, ["returned", "returned"], "returned"),
        (TWO, ["exception", "unknown"], "shipped"),
    ],
)
def test_every_box_counts(left: list[Shipment], states: list[str], milestone: str) -> None:
    boxes = [box(state, place=place) for place, state in enumerate(states, 1)]

    assert reached.of(left, boxes) == milestone
    assert wanting.wanted(left, ALL, status_id=RECEIVED, cancelled=False, followed=boxes).milestone == milestone


def test_two_shipments_of_one_order_are_one_matter() -> None:
    assert reached.of(LATER, [box("delivered")]) is Milestone.SHIPPED
    assert reached.of(LATER, [box("delivered"), box("delivered", when=5)]) is Milestone.DELIVERED


def test_a_parcel_of_a_voided_shipment_counts_no_more() -> None:
    left = [shipment("A", final=True, voided=True), shipment("B", final=True, when=5)]
    boxes = [box("returned"), box("in_transit", when=5)]

    assert wanting.wanted(left, ALL, status_id=RECEIVED, cancelled=False, followed=boxes).milestone == "shipped"


def test_what_is_not_all_shipped_yet_has_no_milestone_whatever_its_parts_did() -> None:
    assert (
        wanting.wanted([shipment("A")], ALL, status_id=1, cancelled=False, followed=[box("returning")]).milestone
        is None
    )


def test_a_milestone_without_a_status_of_its_own_leaves_the_shop_where_it_is() -> None:
    given = Given(live_since=at(-9), targets={Milestone.SHIPPED: Target(10), Milestone.RETURNED: Target(14)})

    told = wanting.wanted(
        [shipment("A", final=True)], given, status_id=10, cancelled=False, followed=[box("delivered")]
    )

    assert (told.milestone, told.status_id) == ("shipped", 10)


def test_a_status_that_says_more_than_we_know_stands() -> None:
    left, shown = [shipment("A", final=True)], STATUS[Milestone.RETURNED]

    told = wanting.wanted(left, ALL, status_id=shown, cancelled=False, followed=[box("delivered")])

    assert (told.milestone, told.tracking_code) == (None, "A")


def test_orders_of_one_parcel_are_where_it_is() -> None:
    along = [replace(shipment("A", final=True, when=3), order_number="O2", booked_with="s_one_0")]

    assert reached.of(along, [box("delivered")]) is Milestone.DELIVERED
    assert reached.of(along, [box("delivered", when=3)]) is Milestone.SHIPPED


@pytest.mark.parametrize("milestone", [Milestone.DELIVERED, Milestone.PICKUP_POINT])
def test_a_status_that_stands_for_an_earlier_milestone_too_says_nothing_more(milestone: Milestone) -> None:
    targets = {**ALL.targets, Milestone.RETURNING: ALL.targets[Milestone.SHIPPED]}
    given, shown = Given(live_since=at(-9), targets=targets), STATUS[Milestone.SHIPPED]
    state = {Milestone.DELIVERED: "delivered", Milestone.PICKUP_POINT: "at_pickup_point"}[milestone]

    told = wanting.wanted([shipment("A", final=True)], given, status_id=shown, cancelled=False, followed=[box(state)])

    assert (told.milestone, told.status_id) == (milestone, STATUS[milestone])


@pytest.mark.parametrize(("since", "mails"), [(None, True), (-1, True), (1, False)])
def test_nobody_is_mailed_of_what_was_reached_before_it_had_a_status(since: float | None, mails: bool) -> None:
    target = Target(12, mail=True, sms=True, since=None if since is None else at(since))
    given = Given(live_since=at(-9), targets={Milestone.SHIPPED: Target(10), Milestone.DELIVERED: target})

    told = wanting.wanted(
        [shipment("A", final=True)], given, status_id=10, cancelled=False, followed=[box("delivered")]
    )

    assert (told.status_id, told.mail, told.sms) == (12, mails, mails)


def tracked(number: str, state: str = "delivered") -> track.Tracked:
    return track.Tracked(number, state)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (["1", "2"], ["1", "2"]),
        (["2", "1"], ["1", "2"]),
        (["1"], ["1"]),
        (["1", "2", "3"], ["1", "2"]),
        (["1", "1", "2"], ["2"]),
        ([], []),
    ],
)
def test_nothing_is_believed_that_was_not_asked_or_was_told_twice(told: list[str], believed: list[str]) -> None:
    boxes = [box("created", number=number, place=int(number)) for number in ("1", "2")]

    found = track.matched(boxes, [tracked(number) for number in told])

    assert [one.number for one in found.values()] == believed
