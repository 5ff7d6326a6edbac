"""Of parcels that are over, or wait for a person, nothing names anybody longer than their labels are kept."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from carriers.errors import CarrierRefused, Fault, Kind
from service import bookings, contracts, handovers, returns
from service.bookings import Parked, State
from service.flows import sweep
from service.lanes import Lane
from service.steps import carriage
from tests.carriers.kit import RECIPIENT
from tests.flows.counter import Counter, counter

DAY_S = 86_400
KEPT_DAYS = 30
SAID = f"{RECIPIENT.name} is unknown in {RECIPIENT.street}"
REFUSED = carriage.faults_of(
    CarrierRefused("ppl", "book", SAID, kind=Kind.CONTENT, faults=[Fault("recipient.name", "X", SAID)])
)
TABLES = ("bookings", "labels", "return_labels", "handovers", "breakers")


@pytest.fixture
def see(database) -> Iterator[psycopg.Connection]:
    """Look past the policies."""
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        yield conn


def naming(see: psycopg.Connection) -> list[str]:
    """Return which tables of parcels name the recipient."""
    found = {table: see.execute(f"SELECT t::text FROM {table} t").fetchall() for table in TABLES}
    return [table for table, rows in found.items() if any(RECIPIENT.name in text for (text,) in rows)]


def refused(at: Counter) -> str:
    """Return a booking a carrier refused in words that name somebody."""
    [asked] = at.wants("ppl", service="NONE")
    at.work(30)
    with at.town.rig.db.tx(at.tenant) as conn:
        conn.execute(
            "UPDATE bookings SET why = %s, faults = %s::jsonb WHERE booking_id = %s",
            (SAID, json.dumps(REFUSED), asked),
        )
    return asked


def swept_after(at: Counter, days: float) -> None:
    at.town.watch.move(days * DAY_S)
    sweep.run(at.town.rig, at.tenant)


def test_a_parcel_that_waits_for_a_person_names_nobody_in_the_end_and_can_still_be_decided(town, see) -> None:
    at = counter(town, "ppl")
    asked = refused(at)

    swept_after(at, KEPT_DAYS - 1)
    assert naming(see) == ["bookings"]
    swept_after(at, 2)

    assert naming(see) == []
    stands = at.stands(asked)
    assert (stands.parked, stands.content, stands.why, stands.faults) == (Parked.REFUSED, None, None, [])
    with town.rig.db.tx(at.tenant) as conn:
        assert bookings.give_up(conn, at.tenant, asked, now=town.watch())


def test_a_parcel_that_is_let_be_keeps_no_words_of_its_carrier(town, see) -> None:
    at = counter(town, "ppl")
    asked = refused(at)
    with town.rig.db.tx(at.tenant) as conn:
        bookings.give_up(conn, at.tenant, asked, now=town.watch())

    swept_after(at, KEPT_DAYS + 1)

    assert at.stands(asked).state is State.CANCELLED
    assert naming(see) == []


def test_what_a_carrier_is_still_to_be_asked_keeps_what_it_is_asked_with(town, see) -> None:
    at = counter(town, "ppl")
    at.worlds["ppl"].faults.add("down", calls=None)
    [asked] = at.wants("ppl")

    swept_after(at, KEPT_DAYS + 1)

    assert at.stands(asked).content
    at.worlds["ppl"].faults.clear()
    at.work(60)
    assert at.stands(asked).state is State.READY


def test_returns_hand_overs_and_a_rest_name_nobody_in_the_end(town, see) -> None:
    at, now = counter(town, "ppl"), town.watch()
    contract_id = at.contracts["ppl"].contract_id
    with town.rig.db.tx(at.tenant) as conn:
        back = returns.Draft(
            returns.fresh(at.tenant), "a_any", "s_any", "O1", contract_id, "ppl", "RETD", 1, another=False,
            content={"recipient": {"name": RECIPIENT.name}},
        )  # fmt: skip
        assert returns.add(conn, at.tenant, back, now=now)
        asked = returns.claim(conn, at.tenant, now=now, lease_s=45)
        assert asked
        assert returns.park(conn, at.tenant, asked, returns.Parked.REFUSED, why=SAID, faults=REFUSED, now=now)
        for why, document in ((SAID, None), ("", SAID.encode())):
            told = handovers.add(
                conn, at.tenant, handovers.fresh(at.tenant), account_id="a_any", contract_id=contract_id,
                carrier="ppl", parcels={"b": "s"}, closes=True, refused=(), now=now,
                collection={"on": "2026-03-02", "address": {"name": RECIPIENT.name}, "note": SAID},
            )  # fmt: skip
            claimed = handovers.claim(conn, at.tenant, now=now, lease_s=45)
            assert claimed
            if document:
                handovers.closed(conn, at.tenant, told, manifest="1", document=document, now=now)
                handovers.collected(conn, at.tenant, told, car="2", tells=False, now=now)
            else:
                handovers.park(conn, at.tenant, claimed, handovers.Parked.REFUSED, why=why, now=now)
        contracts.rest(conn, contract_id, Lane.BOOK, until=now, why=SAID)
    assert naming(see) == ["return_labels", "handovers", "breakers"]

    swept_after(at, KEPT_DAYS + 1)

    assert naming(see) == []
    assert see.execute("SELECT count(*) FROM handovers WHERE document IS NOT NULL").fetchone() == (0,)
    assert see.execute("SELECT DISTINCT collection::text FROM handovers").fetchall() == [('{"on": "2026-03-02"}',)]
