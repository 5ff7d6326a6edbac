"""Where a carrier fails for too long, its second one carries what nobody was asked for yet."""

from datetime import timedelta

import pytest

from carriers.shipment import Box
from service import bookings, journal, offers, pairings, shipments
from service.bookings import State
from service.journal import Kind
from service.pairings import Pairing, Second
from service.shipments import Parcel
from service.steps import carriage
from service.steps.instead import MOST
from service.steps.packing import Packed, Packer, Wish
from tests.carriers.kit import SORTS
from tests.flows.counter import Counter, counter

AFTER_MIN = 30
PAIRED = Pairing("gls", SORTS["gls"].home, second=Second("ppl", SORTS["ppl"].home, AFTER_MIN))


def wants(at: Counter, count: int, *, wish: Wish | None = None, paired: Pairing = PAIRED) -> list[str]:
    """Let so many orders leave as their pairing says; return the ids of their bookings."""
    asked: list[str] = []
    now = at.town.watch()
    with at.town.rig.db.tx(at.tenant) as conn:
        offers.hold(conn, at.tenant)
        for number in at.shop.numbers:
            order = at.shop.shop.orders[number].record
            if not order["shipment"] or not order["shipment"].get("id") or len(asked) == count:
                continue
            pairings.save(conn, at.tenant, str(order["shipment"]["id"]), paired, now=now)
            packed = Packer(at.town.rig, conn, at.tenant).pack([number], wish or Wish((Box(1_200, 300, 200, 100),)))
            if isinstance(packed, Packed):
                drafts = [shipments.Draft(number, (Parcel(paired.carrier, None, 1_200),), final=True, label_due=True)]
                [made] = shipments.add(conn, at.tenant, drafts, account_id="a_any", now=now)
                bookings.add(conn, at.tenant, [packed.draft(made.shipment_id, number)], now=now)
                asked.append(packed.booking_id)
    assert len(asked) == count, "the shop has too few orders that can be booked"
    return asked


def carriers(at: Counter, asked: list[str]) -> list[str]:
    return [at.stands(each).carrier for each in asked]


@pytest.fixture
def at(town) -> Counter:
    return counter(town, "gls", "ppl", count=60)


def test_what_waits_for_a_carrier_that_is_down_for_too_long_goes_with_the_second(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    asked = wants(at, 3)

    at.work(AFTER_MIN * 60 - 120, step_s=30)
    assert carriers(at, asked) == ["gls"] * 3
    at.work(360, step_s=30)

    assert carriers(at, asked) == ["ppl"] * 3
    assert at.states(asked) == [State.READY.value] * 3
    assert at.worlds["gls"].made() == {}
    number = at.stands(asked[0]).order_number
    with at.town.rig.db.tx(at.tenant) as conn:
        told = list(journal.timeline(conn, at.tenant, number))
    assert [entry.detail["instead_of"] for entry in told if entry.kind is Kind.LABEL_DIVERTED] == ["gls"]


def test_what_the_first_carrier_may_have_made_stays_with_it(at: Counter) -> None:
    at.strikes("gls", "dropped")
    [doubted] = wants(at, 1)
    at.turn()
    at.worlds["gls"].faults.add("down", calls=None)

    at.work(2 * AFTER_MIN * 60, step_s=60)
    at.worlds["gls"].faults.clear()
    at.work(300)

    assert carriers(at, [doubted]) == ["gls"]
    assert at.states([doubted]) == [State.READY.value]
    assert (len(at.worlds["gls"].made()), len(at.worlds["ppl"].made())) == (1, 0)


def test_what_a_warehouse_chose_by_name_stays_with_that(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    [each] = wants(at, 1, wish=Wish((Box(1_200, 300, 200, 100),), carrier="ppl", service="PRIV"))
    [other] = wants(at, 1)
    with at.town.rig.db.tx(at.tenant) as conn:  # a service nobody paired
        conn.execute("UPDATE bookings SET service = 'chosen' WHERE booking_id = %s", [other])

    at.work(2 * AFTER_MIN * 60, step_s=60)

    assert carriers(at, [each, other]) == ["ppl", "gls"]


def test_a_carrier_that_is_back_keeps_what_is_its_own(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    asked = wants(at, 1)
    at.work((AFTER_MIN - 10) * 60, step_s=60)
    at.worlds["gls"].faults.clear()
    at.work(300)
    assert carriers(at, asked) == ["gls"]
    at.town.watch.move(timedelta(hours=5).total_seconds())

    more = wants(at, 1)
    at.work(30)

    assert carriers(at, more) == ["gls"]


def test_a_carrier_that_is_back_is_found_though_all_that_waited_went_with_the_second(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    asked = wants(at, 1)
    at.work((AFTER_MIN + 10) * 60, step_s=60)
    assert carriers(at, asked) == ["ppl"]
    at.worlds["gls"].faults.clear()
    at.work(180, step_s=60)

    more = wants(at, 1)
    at.work(30)
    last = wants(at, 1)

    assert carriers(at, [*more, *last]) == ["gls"] * 2
    assert at.states(more) == [State.READY.value]


def test_while_a_carrier_rests_what_is_new_goes_with_the_second_at_once(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    wants(at, 1)
    at.work((AFTER_MIN + 10) * 60, step_s=60)

    tried = wants(at, 1)
    at.work()
    more = wants(at, 2)

    assert carriers(at, [*tried, *more]) == ["ppl"] * 3


def test_what_cannot_be_read_any_more_keeps_no_other_from_the_second_carrier(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    bad, good = wants(at, 2)
    at.turn()
    with at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET content = '{}' WHERE booking_id = %s", [bad])

    at.work((AFTER_MIN + 10) * 60, step_s=60)

    assert carriers(at, [bad, good]) == ["gls", "ppl"]


def test_part_of_an_order_collects_no_more_with_the_second_carrier(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    asked = wants(at, 20, wish=Wish((Box(1_200, 300, 200, 100),), final=False))
    at.turn()
    at.town.watch.move(AFTER_MIN * 60)
    at.turn()

    gone = [each for each in map(at.stands, asked) if each.carrier == "ppl"]
    assert len(gone) > 5
    assert not any(carriage.collects(each.content or {}) for each in gone)
    assert {each.content and each.content["cod"] for each in gone} == {None}


def test_what_cannot_go_with_the_second_carrier_keeps_nothing_behind_it(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    [first] = wants(at, 1)
    with at.town.rig.db.tx(at.tenant) as conn:  # what is in no parcel any more, more than are looked at together
        conn.execute(
            """
            INSERT INTO bookings (tenant_id, booking_id, shipment_id, order_number, contract_id, carrier, service,
                boxes, content, position, due_at, since, created_at, changed_at)
            SELECT tenant_id, booking_id || n, shipment_id || n, order_number, contract_id, carrier, service,
                boxes, content, 1000 + n, due_at, since, created_at, changed_at
            FROM bookings, generate_series(1, %s) AS n
            """,
            [2 * MOST],
        )
        conn.execute("UPDATE bookings SET due_at = due_at + interval '1 s' WHERE booking_id = %s", [first])

    at.town.watch.move(1)
    at.turn()
    at.town.watch.move(AFTER_MIN * 60)
    at.turn()

    assert carriers(at, [first]) == ["ppl"]
