"""Whoever writes down what carriers said and whoever voids a shipment stand in one line."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread

import psycopg

from service import bookings, offers
from service.db import Database
from service.flows import book
from tests.flows.counter import counter
from tests.flows.test_instead import AFTER_MIN, wants
from tests.simulator.until import until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def test_an_answer_is_not_lost_to_a_shipment_that_is_voided_meanwhile(town, database) -> None:
    at = counter(town, "gls")
    [bad] = at.wants("gls", service="NONE")
    town.watch.move(1)
    [good] = at.wants("gls")
    beside = Database(database.url, size=1)
    beside.open()
    clerk = Thread(target=at.turn)

    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        with beside.tx(at.tenant) as conn:
            offers.hold(conn, at.tenant)
            clerk.start()
            until(lambda: (admin.execute(WAITING, [database.name]).fetchone() or [0])[0])
            bookings.cancel(conn, at.tenant, "b_none", now=town.watch())  # takes a place in the feed
        clerk.join(10)
    beside.close()

    assert at.states([bad, good]) == ["parked", "ready"]
    assert at.twice("gls") == {}
    assert len(at.numbers(good)) == 1


def test_whoever_diverts_and_whoever_cancels_take_the_same_way(town, database) -> None:
    at = counter(town, "gls", "ppl", count=20)
    at.worlds["gls"].faults.add("down", calls=None)
    [asked] = wants(at, 1)
    at.turn()
    contract_id = at.contracts["gls"].contract_id
    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE breakers SET failing_since = %s", [town.watch()])
        conn.execute("UPDATE bookings SET due_at = %s", [town.watch()])
    town.watch.move(AFTER_MIN * 60)
    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE breakers SET rests_until = %s", [town.watch() + timedelta(minutes=1)])
    beside = Database(database.url, size=1)
    beside.open()

    with psycopg.connect(database.admin_url, autocommit=True) as admin, ThreadPoolExecutor(1) as pool:
        with beside.tx(at.tenant) as conn:
            offers.hold(conn, at.tenant)
            bookings.cancel(conn, at.tenant, "b_none", now=town.watch())  # takes a place in the feed
            diverting = pool.submit(book.diverted, town.rig, at.tenant, contract_id, going_on=lambda: True)
            until(lambda: (admin.execute(WAITING, [database.name]).fetchone() or [0])[0])
            assert bookings.cancel(conn, at.tenant, asked, now=town.watch())
        assert diverting.result(10) == 0
    beside.close()


def test_whoever_notes_that_nothing_was_made_and_whoever_cancels_take_the_same_way(town, database) -> None:
    at = counter(town, "gls")
    at.worlds["gls"].faults.add("down", calls=None)
    [asked] = at.wants("gls")
    beside = Database(database.url, size=1)
    beside.open()
    clerk = Thread(target=at.turn)

    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        with beside.tx(at.tenant) as conn:
            offers.hold(conn, at.tenant)
            bookings.cancel(conn, at.tenant, "b_none", now=town.watch())  # takes a place in the feed
            clerk.start()
            until(lambda: (admin.execute(WAITING, [database.name]).fetchone() or [0])[0])
            assert bookings.cancel(conn, at.tenant, asked, now=town.watch())
        clerk.join(10)
    beside.close()

    assert at.states([asked]) == ["cancelled"]
