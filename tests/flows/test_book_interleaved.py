"""Whoever writes down what carriers said and whoever voids a shipment stand in one line."""

from threading import Thread

import psycopg

from service import bookings, offers
from service.db import Database
from tests.flows.counter import counter
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
