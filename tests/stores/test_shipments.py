"""Shipments as they were told, corrected and taken back; and a request that comes twice is one request."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from service import shipments
from service.shipments import Asked, Draft, OtherBody, Parcel, Shipment
from tests.shop_items import at

SHOP, OTHER = "t_one", "t_two"
WMS = "a_wms"
PPL = Parcel("ppl", "40170000001", 1250)
LATE = Parcel("dpd", None, None)


def ship(
    conn, *numbers: str, final: bool = True, parcels: tuple[Parcel, ...] = (PPL,), when: float = 0
) -> list[Shipment]:
    drafts = [Draft(number, parcels, final) for number in numbers]
    return shipments.add(conn, SHOP, drafts, account_id=WMS, now=at(when))


def held(conn, shipment: Shipment) -> Shipment:
    found = shipments.one(conn, SHOP, shipment.shipment_id, hold=True)
    assert found
    return found


def test_what_was_told_is_read_back(conn) -> None:
    [told] = ship(conn, "O1", parcels=(PPL, LATE))

    assert shipments.one(conn, SHOP, told.shipment_id) == told
    assert (told.order_number, told.account_id, told.parcels, told.final) == ("O1", WMS, (PPL, LATE), True)
    assert (told.revision, told.created_at, told.changed_at, told.voided) == (1, at(0), at(0), False)


def test_only_a_final_shipment_that_stands_closes_an_order(conn) -> None:
    ship(conn, "O1", final=False)
    [_, taken_back] = ship(conn, "O2", "O3")
    shipments.void(conn, SHOP, taken_back, written=False, now=at(1))

    assert shipments.shipped(conn, SHOP, ["O1", "O2", "O3", "O4"]) == {"O2"}
    assert shipments.shipped(conn, SHOP, []) == set()


def test_the_shipments_of_orders_come_as_they_were_told(conn) -> None:
    told = ship(conn, *["O1"] * 30, final=False)
    [other] = ship(conn, "O2")

    assert shipments.of_orders(conn, SHOP, ["O1", "O2", "O9"]) == {"O1": told, "O2": [other], "O9": []}


def test_a_correction_replaces_the_parcels_and_counts_up(conn) -> None:
    [told] = ship(conn, "O1", parcels=(PPL, LATE), final=False)

    changed = shipments.change(conn, SHOP, held(conn, told), parcels=(LATE,), final=True, written=True, now=at(9))

    assert shipments.one(conn, SHOP, told.shipment_id) == changed
    assert (changed.parcels, changed.revision, changed.changed_at) == ((LATE,), 2, at(9))
    assert changed.final_since == at(9)
    assert changed.written_before


def test_it_is_final_since_it_first_was(conn) -> None:
    [told] = ship(conn, "O1")

    again = shipments.change(conn, SHOP, told, parcels=(LATE,), final=True, written=False, now=at(5))
    no_more = shipments.change(conn, SHOP, again, parcels=(LATE,), final=False, written=False, now=at(6))

    assert (again.final_since, no_more.final_since) == (at(0), None)


def test_that_the_shop_was_told_is_not_forgotten_by_a_later_correction(conn) -> None:
    [told] = ship(conn, "O1")
    known = shipments.change(conn, SHOP, told, parcels=(PPL,), final=True, written=True, now=at(1))

    voided = shipments.void(conn, SHOP, known, written=False, now=at(2))

    assert held(conn, told) == voided
    assert (voided.voided_at, voided.revision, voided.written_before) == (at(2), 3, True)


def test_no_shop_sees_anothers_shipments(db) -> None:
    with db.tx(SHOP) as conn:
        [told] = ship(conn, "O1")

    with db.tx(OTHER) as conn:
        assert shipments.one(conn, SHOP, told.shipment_id) is None
        assert shipments.one(conn, OTHER, told.shipment_id) is None
        assert shipments.shipped(conn, OTHER, ["O1"]) == set()
        assert shipments.of_orders(conn, OTHER, ["O1"]) == {"O1": []}


def test_an_id_names_its_tenant(conn) -> None:
    [told] = ship(conn, "O1")

    assert shipments.tenant_of(told.shipment_id) == SHOP
    assert shipments.tenant_of("s_8f2ca9k3mq7x_abcdefghijkm") == "t_8f2ca9k3mq7x"


@pytest.mark.parametrize("text", ["", "s", "s_", "s_one", "s__x", "s_one_", "t_one_x", "one_x", "_one_x"])
def test_what_is_no_id_names_nobody(text: str) -> None:
    assert shipments.tenant_of(text) is None


def begin(conn, key: str = "k", *, digest: str = "d", who: str = WMS, when: float = 0) -> Asked:
    return shipments.begin_key(conn, who, key, digest=digest, tenant_ids=[SHOP], now=at(when))


def test_a_key_stands_for_what_it_was_first_used_for(conn) -> None:
    first = begin(conn)

    again = shipments.begin_key(conn, WMS, "k", digest="d", tenant_ids=[SHOP, OTHER], now=at(50))

    assert again == first == Asked(WMS, "k", at(0), frozenset({SHOP}))


def test_a_key_with_another_body_is_refused_and_changes_nothing(conn) -> None:
    first = begin(conn)

    with pytest.raises(OtherBody):
        begin(conn, digest="another")

    assert begin(conn) == first


def test_keys_belong_to_their_account(conn) -> None:
    begin(conn)

    assert begin(conn, digest="another", who="a_other").account_id == "a_other"


def test_what_came_of_a_request_is_answered_to_its_repeat(conn) -> None:
    asked = begin(conn)

    assert shipments.answered(conn, SHOP, asked) is None
    shipments.keep(conn, SHOP, asked, [{"index": 0, "code": "stopped"}])
    assert shipments.answered(conn, SHOP, asked) == [{"index": 0, "code": "stopped"}]


def test_a_repeat_waits_for_the_first_to_end(db) -> None:
    waits = threading.Event()

    def repeat() -> object:
        with db.tx(SHOP) as conn:
            waits.set()
            return shipments.answered(conn, SHOP, asked)

    with ThreadPoolExecutor() as threads:
        with db.tx(SHOP) as conn:
            asked = begin(conn)
            assert shipments.answered(conn, SHOP, asked) is None
            second = threads.submit(repeat)
            assert waits.wait(5)
            shipments.keep(conn, SHOP, asked, [{"index": 7}])
        assert second.result(5) == [{"index": 7}]


def test_what_died_before_its_end_is_done_by_the_repeat(db) -> None:
    with db.tx(SHOP) as conn:
        asked = begin(conn)

    def die() -> None:
        with db.tx(SHOP) as conn:
            shipments.answered(conn, SHOP, asked)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die()
    with db.tx(SHOP) as conn:
        assert shipments.answered(conn, SHOP, begin(conn)) is None


def test_old_keys_are_forgotten_and_younger_ones_kept(conn) -> None:
    begin(conn, "old", when=0)
    begin(conn, "young", when=10)

    shipments.forget_keys(conn, SHOP, before=at(5))

    assert begin(conn, "old", digest="another", when=20).first_at == at(20)
    assert begin(conn, "young", when=20).first_at == at(10)


def test_a_forgotten_key_starts_anew_where_its_results_are_still_there(conn) -> None:
    before = begin(conn)
    assert shipments.answered(conn, SHOP, before) is None
    shipments.keep(conn, SHOP, before, [{"index": 0}])
    shipments.forget_keys(conn, SHOP, before=at(5))

    after = begin(conn, digest="another", when=20)

    assert shipments.answered(conn, SHOP, after) is None
    shipments.keep(conn, SHOP, after, [{"index": 1}])
    assert shipments.answered(conn, SHOP, after) == [{"index": 1}]


def test_results_are_forgotten_a_day_after_their_key(conn) -> None:
    asked = begin(conn)
    shipments.answered(conn, SHOP, asked)
    shipments.keep(conn, SHOP, asked, [{"index": 0}])

    shipments.forget_keys(conn, SHOP, before=at(0) + timedelta(hours=23))
    assert shipments.answered(conn, SHOP, asked) == [{"index": 0}]

    shipments.forget_keys(conn, SHOP, before=at(1) + timedelta(days=1))
    assert shipments.answered(conn, SHOP, asked) is None
