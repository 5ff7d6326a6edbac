"""What moves an order moves its offer, in one transaction with its journal; an observed shop offers nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service import inbox, journal, mappings, offers, orders, problems, shipments
from service.inbox import Delivery, Dial
from service.journal import Kind
from service.lanes import Lane, lane_of
from service.offers import Reason
from service.problems import Cause
from service.shipments import Draft, Parcel, Shipment
from service.steps import expand, offering, take_over
from service.tenants import State as TenantState
from tests.live import CANCELED, RECEIVED, SENT, WAITING, go_live
from tests.live import answer as answered
from tests.shop_items import NOON, at, order, page, raw_order

SHOP = "t_one"


@pytest.fixture
def live(conn):
    """A shop that went live at noon."""
    go_live(conn, SHOP)
    return conn


def read(conn, *items, began: float, source: Any = "event") -> None:
    take_over.take_over(conn, SHOP, items, read_at=at(began), source=source, now=at(began))


def fresh(number: str = "O1", *, changed: float = 60, **fields: Any):
    """Return an order of after noon that is to be paid on delivery."""
    return order(number, created=60, changed=changed, **fields)


def told(conn, number: str = "O1") -> tuple[str, str | None, int] | None:
    offer = offers.known(conn, SHOP, [number]).get(number)
    return offer and (offer.state.value, offer.reason and offer.reason.value, offer.revision)


def ship(conn, number: str = "O1", *, final: bool = True, now: float = 500) -> Shipment:
    draft = Draft(number, (Parcel("ppl", "40170000001", 1250),), final)
    (made,) = shipments.add(conn, SHOP, [draft], account_id="a_1", now=at(now))
    offering.weigh(conn, SHOP, {number: ()}, now=at(now))
    return made


def ack(conn, revision: int, number: str = "O1") -> tuple[str, str | None, int] | None:
    offering.acknowledged(conn, SHOP, number, revision=revision, now=at(900))
    return told(conn, number)


def journaled(conn, number: str = "O1") -> list[dict[str, Any]]:
    found = [entry for entry in journal.timeline(conn, SHOP, number) if entry.kind is Kind.OFFERED]
    return [dict(entry.detail) for entry in found]


def test_a_new_order_is_offered_with_the_page_that_brought_it(live) -> None:
    read(live, fresh(), fresh("O2", payment={"type": "command"}), began=70)

    assert told(live) == ("released", None, 1)
    assert told(live, "O2") == ("held", "unpaid", 1)
    assert journaled(live) == [{"state": "released", "reason": None, "revision": 1}]
    assert journaled(live, "O2") == [{"state": "held", "reason": "unpaid", "revision": 1}]


def test_what_no_warehouse_sees_moves_nothing(live) -> None:
    read(live, fresh(), began=70)

    read(live, fresh(changed=80, internal_note="call", status_id=7, tracking_code="Z1", resolved_yn=True), began=90)

    assert told(live) == ("released", None, 1)
    assert len(journaled(live)) == 1


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"total_weight": 900}, ("weight_g",)),
        ({"products": []}, ("lines",)),
        ({"order_total": 5}, ("cod",)),
        ({"paid_date": "2026-03-01T14:00:00+01:00"}, ("cod",)),
        ({"payment": {"id": 9, "type": "command"}, "paid_date": "2026-03-01T14:00:00+01:00"}, ("cod", "payment")),
        ({"shipment": {"id": 4, "type": "zasilkovna", "affiliate_id": "7"}}, ("pickup_point", "shipment")),
        (
            {"customer": {**raw_order("O")["customer"], "phone": "1", "customer_note": "ring"}},
            ("customer_note", "phone"),
        ),
        ({"customer": {**raw_order("O")["customer"], "street_invoice": "Krátká 2"}}, ("recipient",)),
    ],
    ids=str,
)
def test_what_a_warehouse_sees_otherwise_stops_what_was_released(live, fields, named) -> None:
    read(live, fresh(), began=70)

    read(live, fresh(changed=80, **fields), began=90)

    assert told(live) == ("stop", "changed", 2)
    assert offers.known(live, SHOP, ["O1"])["O1"].changed == named
    assert journaled(live)[-1] == {"state": "stop", "reason": "changed", "revision": 2, "changed": list(named)}


def test_an_address_nobody_delivers_to_may_change(live) -> None:
    customer = {**raw_order("O")["customer"], "postal_yn": True, "street_postal": "Krátká 2", "city_postal": "Brno"}
    read(live, fresh(customer=customer), began=70)

    read(live, fresh(changed=80, customer={**customer, "street_invoice": "Jiná 3", "ico": "12345678"}), began=90)

    assert told(live) == ("released", None, 1)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"status_id": CANCELED}, "cancelled"), ({"status_id": WAITING}, "status"), ({"status_id": None}, "status")],
)
def test_a_status_that_releases_nothing_stops_it(live, fields, reason) -> None:
    read(live, fresh(), began=70)

    read(live, fresh(changed=80, **fields), began=90)
    assert told(live) == ("stop", reason, 2)
    assert ack(live, 2) == ("held", reason, 3)
    assert journaled(live)[-1]["acked"] == 2

    read(live, fresh(changed=100), began=110)
    assert told(live) == ("released", None, 4)


def test_a_stop_stands_until_it_is_acknowledged_and_is_released_again_then(live) -> None:
    read(live, fresh(), began=70)
    read(live, fresh(changed=80, status_id=WAITING), began=90)
    read(live, fresh(changed=100), began=110)
    assert told(live) == ("stop", "status", 2)

    assert ack(live, 1) == ("stop", "status", 2)
    assert ack(live, 2) == ("released", None, 3)
    assert ack(live, 2) == ("released", None, 3)


def test_a_told_deletion_stops_it_at_once_and_its_proof_is_no_news(live) -> None:
    read(live, fresh(), fresh("W"), began=70)
    body = b'{"orders": [{"order_number": "O1"}]}'
    event = "Orders.delete"
    inbox.store(live, [Delivery(SHOP, 1, event, lane_of(event), body, len(body), at(100))])
    dial = Dial(interval_s=60, routine_s=1800, wait_s=0.5)
    expand.expand(live, SHOP, Lane.REFRESH_ORDERS, fence=(TenantState.ACTIVE, 1), dial=dial, now=at(101))
    assert told(live) == ("stop", "deleted", 2)

    lacks(live, "O1", began=110)
    assert told(live) == ("stop", "deleted", 2)


def lacks(conn, number: str, *, began: float) -> None:
    answer = page([fresh("W")], began=began)
    take_over.judge_absent(conn, SHOP, {number: at(began)}, answer, read_at=at(began), now=at(began))


def test_what_the_shop_does_not_show_is_stopped_until_it_shows_it_again(live) -> None:
    read(live, fresh(), fresh("W"), began=70)
    lacks(live, "O1", began=100)
    assert told(live) == ("stop", "missing", 2)

    read(live, fresh(), began=200)

    assert told(live) == ("stop", "missing", 2)
    assert ack(live, 2) == ("released", None, 3)


def test_a_shipped_order_is_held_and_no_change_of_it_is_a_stop(live) -> None:
    read(live, fresh(), began=70)
    ship(live)
    assert told(live) == ("held", "shipped", 2)

    read(live, fresh(changed=600, status_id=SENT, total_weight=3), began=610)

    assert told(live) == ("held", "shipped", 2)
    assert problems.open_ones(live, SHOP) == []


def test_a_shipment_that_is_not_the_last_leaves_it_released(live) -> None:
    read(live, fresh(), began=70)

    ship(live, final=False)

    assert told(live) == ("released", None, 1)


def test_what_is_voided_is_offered_anew_and_nothing_is_stopped(live) -> None:
    read(live, fresh(), began=70)
    made = ship(live)

    shipments.void(live, SHOP, made, written=False, now=at(600))
    offering.weigh(live, SHOP, {"O1": ()}, now=at(600))

    assert told(live) == ("released", None, 3)


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
def test_a_person_is_told_when_the_shop_takes_back_what_had_left(live, how: str) -> None:
    read(live, fresh(), fresh("W"), began=70)
    ship(live)

    if how == "cancelled":
        read(live, fresh(changed=600, status_id=CANCELED), began=610)
    else:
        orders.delete_told(live, SHOP, {"O1": at(600)})
        offering.weigh(live, SHOP, {"O1": ()}, now=at(600))

    assert told(live) == ("held", "shipped", 2)
    (problem,) = problems.open_ones(live, SHOP)
    assert (problem.cause, problem.order_number) == (Cause.CANCELLED_AFTER_SHIPPED, "O1")

    read(live, fresh(changed=700, status_id=SENT), began=710)
    assert problems.open_ones(live, SHOP) == []


def test_what_was_cancelled_before_it_left_is_another_story(live) -> None:
    read(live, fresh(status_id=CANCELED), began=70)

    ship(live)

    assert told(live) == ("held", "shipped", 2)
    assert problems.open_ones(live, SHOP) == []


def test_history_is_offered_to_nobody(live) -> None:
    read(live, order("OLD"), order("EDGE", created=0), began=70, source="pull")
    read(live, order("OLD", changed=100, status_id=7), began=110)
    lacks(live, "OLD", began=200)

    assert offers.heads(live, [SHOP]) == {}
    assert journaled(live, "OLD") == []


def test_a_person_may_release_history_and_it_stays_released(live) -> None:
    read(live, order("OLD"), order("UNPAID", payment=None), began=70, source="pull")

    offering.release_by_hand(live, SHOP, ["OLD", "UNPAID", "never seen"], now=at(80))

    assert told(live, "OLD") == ("released", None, 1)
    assert told(live, "UNPAID") == ("held", "unpaid", 1)
    assert offers.by_hand(live, SHOP) == ["OLD", "UNPAID"]
    read(live, order("OLD", changed=100, total_weight=1), began=110)
    assert told(live, "OLD") == ("stop", "changed", 2)
    assert ack(live, 2, "OLD") == ("released", None, 3)


def test_a_release_by_hand_is_remembered_also_when_it_moves_nothing(live) -> None:
    go_live(live, SHOP, release_from=at(3600))
    read(live, fresh(status_id=WAITING), began=70)

    offering.release_by_hand(live, SHOP, ["O1"], now=at(80))
    assert told(live) == ("held", "status", 2)  # before, it was too old
    read(live, fresh(changed=90), began=100)

    assert told(live) == ("released", None, 3)


def test_new_answers_take_a_release_back_with_a_stop(live) -> None:
    read(live, fresh(), began=70)

    go_live(live, SHOP, release_from=at(3600))
    offering.weigh(live, SHOP, {"O1": ()}, now=at(80))

    assert told(live) == ("stop", "withdrawn", 2)
    assert ack(live, 2) == ("held", "too_old", 3)


def test_a_shop_that_is_only_observed_offers_nothing(conn) -> None:
    answered(conn, SHOP)
    read(conn, fresh(), began=70)
    ship(conn)
    offering.release_by_hand(conn, SHOP, ["O1"], now=at(80))

    assert told(conn) is None
    assert offers.after(conn, SHOP, 0, most=10) == []
    assert offering.verdicts(conn, SHOP, ["O1"], offering.terms_of(mappings.of(conn, SHOP))) == {"O1": Reason.OBSERVED}


def shown(conn, number: str = "O1") -> tuple[str, str | None, int, bool] | None:
    found = offering.shown(conn, SHOP, number)
    if found is None:
        return None
    offer = found.offer
    return offer.state.value, offer.reason and offer.reason.value, offer.revision, found.content is not None


def test_one_order_is_shown_as_it_is_offered(live) -> None:
    read(live, fresh(), fresh("O2", status_id=WAITING), order("OLD"), began=70)

    assert shown(live) == ("released", None, 1, True)
    assert shown(live, "O2") == ("held", "status", 1, False)
    assert shown(live, "OLD") == ("held", "history", 0, False)
    assert shown(live, "never") is None


def test_an_observed_shop_shows_why_it_offers_nothing(live) -> None:
    read(live, fresh(), began=70)
    mappings.switch(live, SHOP, live_since=None)

    assert shown(live) == ("held", "observed", 1, False)


def test_no_personal_value_gets_into_the_journal(live) -> None:
    read(live, fresh(), began=70)
    secret = {key: f"secret {key}" for key in raw_order("O")["customer"]}
    read(live, fresh(changed=80, customer=secret), began=90)

    found = live.execute("SELECT detail::text AS detail FROM journal WHERE kind = 'offered'").fetchall()

    assert any("recipient" in row["detail"] for row in found)
    assert not any("secret" in row["detail"] or "Eva" in row["detail"] for row in found)


def test_two_verdicts_about_one_order_do_not_cross(db) -> None:
    with db.tx(SHOP) as conn:
        go_live(conn, SHOP)
        read(conn, fresh(), began=70)
        read(conn, fresh(changed=80, total_weight=1), began=90)
    begun = threading.Event()

    def acknowledge() -> None:
        with db.tx(SHOP) as conn:
            begun.set()
            offering.acknowledged(conn, SHOP, "O1", revision=2, now=at(100))

    with ThreadPoolExecutor(1) as pool:
        with db.tx(SHOP) as conn:
            read(conn, fresh(changed=95, total_weight=1, status_id=CANCELED), began=99)
            acked = pool.submit(acknowledge)
            assert begun.wait(5)
        acked.result(5)

    with db.tx(SHOP) as conn:
        assert told(conn) == ("stop", "cancelled", 3)
        assert offers.known(conn, SHOP, ["O1"])["O1"].acked_revision is None


def test_a_status_says_that_it_is_routine_from_then_on(conn) -> None:
    answered(conn, SHOP)

    assert mappings.of(conn, SHOP).settled == {SENT}


def test_the_verdict_of_a_moment_can_be_asked_for_before_going_live(conn) -> None:
    answered(conn, SHOP)
    read(conn, fresh(), fresh("O2", status_id=WAITING), order("OLD"), began=70)
    terms = offers.Terms(live=True, statuses=frozenset({RECEIVED}), release_from=None, history_until=NOON)

    assert offering.verdicts(conn, SHOP, ["O1", "O2", "OLD"], terms) == {
        "O1": None,
        "O2": Reason.STATUS,
        "OLD": Reason.HISTORY,
    }
