"""Whether an order may be packed, and what a warehouse is told when that changes: all cases, and a property."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.offers import Facts, Offer, Reason, State, Terms, move, release
from tests.shop_items import at

HELD, RELEASED, STOP = State.HELD, State.RELEASED, State.STOP
ORDER = Facts(
    order_number="O1",
    live=True,
    deleted=False,
    delete_told=False,
    status_id=1,
    status_type="Received",
    paid=True,
    cod=False,
    creation_time=at(60),
    by_hand=False,
    shipped=False,
)
TERMS = Terms(live=True, statuses=frozenset({1, 7}), release_from=None, history_until=at(0))
AFTER_AN_HOUR = {"release_from": at(3600)}
OLD = {"creation_time": at(0)}
MISSING = {"live": False}
DELETED = {"live": False, "deleted": True}
TOLD = {"live": False, "delete_told": True}
CANCELLED = {"status_id": 2, "status_type": "Canceled"}
UNPAID = {"paid": False}
ALL_WRONG = {**CANCELLED, **DELETED, **UNPAID}

CASES: list[tuple[dict[str, Any], dict[str, Any], Reason | None]] = [
    ({}, {}, None),
    ({"status_id": 7}, {}, None),
    ({"paid": False, "cod": True}, {}, None),
    ({"paid": True, "cod": True}, {}, None),
    (UNPAID, {}, Reason.UNPAID),
    ({"status_id": 20, "status_type": "Custom"}, {}, Reason.STATUS),
    ({"status_id": None, "status_type": None}, {}, Reason.STATUS),
    ({"status_id": 20, **UNPAID}, {}, Reason.STATUS),
    (CANCELLED, {}, Reason.CANCELLED),
    (CANCELLED, {"statuses": frozenset({1, 2})}, Reason.CANCELLED),
    (DELETED, {}, Reason.DELETED),
    (TOLD, {}, Reason.DELETED),
    (MISSING, {}, Reason.MISSING),
    ({**MISSING, **CANCELLED}, {}, Reason.MISSING),
    ({"creation_time": at(0)}, {}, Reason.HISTORY),
    ({"creation_time": at(0.001)}, {}, None),
    ({**OLD, **ALL_WRONG}, {}, Reason.HISTORY),
    ({**OLD, "by_hand": True}, {}, None),
    ({**OLD, "by_hand": True, **UNPAID}, {}, Reason.UNPAID),
    ({**OLD, "by_hand": True, **CANCELLED}, {}, Reason.CANCELLED),
    ({}, AFTER_AN_HOUR, Reason.TOO_OLD),
    ({"creation_time": at(3600)}, AFTER_AN_HOUR, None),
    ({"by_hand": True}, AFTER_AN_HOUR, None),
    (CANCELLED, AFTER_AN_HOUR, Reason.CANCELLED),
    ({"shipped": True}, {}, Reason.SHIPPED),
    ({"shipped": True, **ALL_WRONG}, {}, Reason.SHIPPED),
    ({"shipped": True, **OLD}, {}, Reason.SHIPPED),
    ({}, {"statuses": frozenset()}, Reason.NO_MAPPING),
    ({}, {"history_until": None}, Reason.NO_MAPPING),
    ({}, {"live": False}, Reason.OBSERVED),
    ({"shipped": True}, {"live": False}, Reason.OBSERVED),
]


@pytest.mark.parametrize(("order", "terms", "reason"), CASES, ids=str)
def test_an_order_is_released_or_says_why_not(order, terms, reason: Reason | None) -> None:
    assert release(replace(ORDER, **order), replace(TERMS, **terms)) is reason


@pytest.mark.parametrize(
    ("order", "gone"), [({}, False), (MISSING, False), (DELETED, True), (TOLD, True), (CANCELLED, True)], ids=str
)
def test_what_the_shop_took_back_is_gone_and_what_it_does_not_show_is_not(order, gone: bool) -> None:
    assert replace(ORDER, **order).gone is gone


def offer(state: State, reason: Reason | None = None, *changed: str, revision: int = 4, acked: int | None = None):
    return Offer("O1", 9, revision, state, reason, changed, acked, by_hand=False)


FRESH = offer(RELEASED)
WAITING = offer(HELD, Reason.UNPAID)
CALLED_BACK = offer(STOP, Reason.CANCELLED)
ALTERED = offer(STOP, Reason.CHANGED, "phone")

Names = tuple[str, ...]
MOVES: list[tuple[Offer | None, Reason | None, Names, tuple[State, Reason | None, Names] | None]] = [
    (None, None, (), (RELEASED, None, ())),
    (None, None, ("phone",), (RELEASED, None, ())),
    (None, Reason.STATUS, (), (HELD, Reason.STATUS, ())),
    (WAITING, Reason.UNPAID, (), None),
    (WAITING, Reason.UNPAID, ("phone",), None),
    (WAITING, Reason.STATUS, (), (HELD, Reason.STATUS, ())),
    (WAITING, None, ("phone",), (RELEASED, None, ())),
    (WAITING, Reason.SHIPPED, (), (HELD, Reason.SHIPPED, ())),
    (FRESH, None, (), None),
    (FRESH, None, ("phone", "lines"), (STOP, Reason.CHANGED, ("lines", "phone"))),
    (FRESH, Reason.CANCELLED, (), (STOP, Reason.CANCELLED, ())),
    (FRESH, Reason.CANCELLED, ("phone",), (STOP, Reason.CANCELLED, ("phone",))),
    (FRESH, Reason.DELETED, (), (STOP, Reason.DELETED, ())),
    (FRESH, Reason.MISSING, (), (STOP, Reason.MISSING, ())),
    (FRESH, Reason.STATUS, (), (STOP, Reason.STATUS, ())),
    (FRESH, Reason.UNPAID, (), (STOP, Reason.UNPAID, ())),
    (FRESH, Reason.TOO_OLD, (), (STOP, Reason.WITHDRAWN, ())),
    (FRESH, Reason.HISTORY, (), (STOP, Reason.WITHDRAWN, ())),
    (FRESH, Reason.NO_MAPPING, (), (STOP, Reason.WITHDRAWN, ())),
    (FRESH, Reason.SHIPPED, ("phone",), (HELD, Reason.SHIPPED, ())),
    (CALLED_BACK, Reason.CANCELLED, (), None),
    (CALLED_BACK, None, (), None),
    (CALLED_BACK, Reason.SHIPPED, (), None),
    (CALLED_BACK, Reason.DELETED, (), (STOP, Reason.DELETED, ())),
    (CALLED_BACK, Reason.CANCELLED, ("phone",), (STOP, Reason.CANCELLED, ("phone",))),
    (CALLED_BACK, None, ("phone",), (STOP, Reason.CHANGED, ("phone",))),
    (CALLED_BACK, Reason.SHIPPED, ("phone",), (STOP, Reason.CANCELLED, ("phone",))),
    (ALTERED, None, (), None),
    (ALTERED, None, ("lines",), (STOP, Reason.CHANGED, ("lines", "phone"))),
    (ALTERED, None, ("phone",), (STOP, Reason.CHANGED, ("phone",))),
    (ALTERED, Reason.UNPAID, (), (STOP, Reason.UNPAID, ("phone",))),
    (replace(ALTERED, acked_revision=3), None, (), None),
    (replace(ALTERED, acked_revision=4), None, (), (RELEASED, None, ())),
    (replace(ALTERED, acked_revision=4), Reason.STATUS, (), (HELD, Reason.STATUS, ())),
    (replace(CALLED_BACK, acked_revision=4), Reason.CANCELLED, (), (HELD, Reason.CANCELLED, ())),
    (replace(CALLED_BACK, acked_revision=4), Reason.SHIPPED, (), (HELD, Reason.SHIPPED, ())),
    (offer(HELD, Reason.SHIPPED), None, (), (RELEASED, None, ())),
    (offer(HELD, Reason.SHIPPED), Reason.STATUS, (), (HELD, Reason.STATUS, ())),
    (offer(HELD, Reason.SHIPPED), Reason.SHIPPED, ("phone",), None),
]  # fmt: skip


@pytest.mark.parametrize(("known", "reason", "changed", "told"), MOVES, ids=str)
def test_a_warehouse_is_told_what_it_does_not_know(known: Offer | None, reason, changed, told) -> None:
    moved = move(known, reason, changed, number="O1")

    assert (moved and (moved.state, moved.reason, moved.changed)) == told
    if moved:
        assert moved.revision == (known.revision if known else 0) + 1
        assert (moved.order_number, moved.acked_revision) == ("O1", known and known.acked_revision)


@dataclass
class Told:
    """One order between the shop and a warehouse that reads when it likes and acknowledges what it has read."""

    verdict: Reason | None = None
    content: int = 0
    offer: Offer | None = None
    seen: Offer | None = None
    packing: int | None = None  # the content the warehouse packs, if it does
    revisions: list[int] = field(default_factory=list)

    def weigh(self, *changed: str) -> None:
        moved = move(self.offer, self.verdict, changed, number="O1")
        if moved:
            self.revisions.append(moved.revision)
            self.offer = moved

    def change(self, name: str) -> None:
        self.content += 1
        self.weigh(name)

    def judge(self, reason: Reason | None) -> None:
        self.verdict = reason
        self.weigh()

    def read(self) -> None:
        """Read the order as the feed shows it, and do what it says."""
        before, self.seen = self.seen, self.offer
        if self.offer is None:
            return
        if self.offer.state is RELEASED:
            assert self.packing in (None, self.content), "packed already, and nobody said stop"
            self.packing = self.content
            return
        if self.offer.state is HELD:
            shipped = self.offer.reason is Reason.SHIPPED
            assert self.packing is None or shipped or before is self.offer, "taken back without a stop"
        self.packing = None

    def ack(self) -> None:
        if self.offer and self.seen and self.seen.revision == self.offer.revision:
            self.offer = replace(self.offer, acked_revision=self.offer.revision)
            self.weigh()


VERDICTS = [reason for reason in Reason if reason not in (Reason.CHANGED, Reason.WITHDRAWN)]
EVENTS = st.sampled_from(
    [
        *(("change", name) for name in ("phone", "lines") for _ in range(4)),
        *(("judge", reason) for reason in VERDICTS),
        *[("judge", None)] * len(VERDICTS),
        *[("read",), ("ack",)] * 8,
    ]
)


@given(events=st.lists(EVENTS, min_size=20, max_size=60))
def test_no_stop_is_lost_whatever_comes_when(events: list[tuple[Any, ...]]) -> None:
    told = Told()
    for name, *said in events:
        getattr(told, name)(*said)

        assert told.revisions == list(range(1, len(told.revisions) + 1))
        if told.offer and told.seen is told.offer and told.offer.state is RELEASED:
            assert (told.verdict, told.packing) == (None, told.content)
    told.read()
    told.ack()
    told.read()
    if told.offer and told.offer.state is not STOP:
        assert (told.packing is not None) == (told.verdict is None)
