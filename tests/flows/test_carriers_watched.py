"""What those who watch are told of carriers: labels that wait, carriers that give no answer, lists that grow old."""

from datetime import timedelta

import pytest

from service import bookings, contracts, points
from service.doctor import checks, gather
from service.doctor.causes import Trouble
from service.doctor.evidence import Caps, Evidence
from service.flows import points as flow
from service.lanes import Lane, Waiting
from service.steps import health
from service.web import metrics
from tests.flows.counter import Counter, counter
from tests.flows.town import Town

MINUTE = 60


@pytest.fixture
def at(town: Town) -> Counter:
    return counter(town, "ppl", count=6)


def told(town: Town) -> dict[tuple[str, ...], float]:
    """Return what `/metrics` tells of carriers, by name and labels; times as ages in seconds."""
    found: dict[tuple[str, ...], float] = {}
    for family in metrics.of_carriers(gather.of_database(town.rig)):
        for sample in family.samples:
            is_time = sample.name.endswith("_timestamp_seconds")
            name = sample.name.removeprefix("expedition_").removesuffix("_timestamp_seconds")
            value = town.watch().timestamp() - sample.value if is_time else sample.value
            found[name, *sample.labels.values()] = round(value)
    return found


def troubles(town: Town) -> set[Trouble]:
    evidence = Evidence(town.watch(), Caps(1, 1), database=gather.of_database(town.rig))
    return {each.trouble for each in checks.of_service(evidence)} & {Trouble.CARRIER_DOWN, Trouble.LABELS_LATE}


def owed(town: Town) -> tuple[Waiting, dict[Lane, float]]:
    with town.rig.db.tx_all("a test asks what the lane owes") as conn:
        lanes = health.of_lanes(conn, now=town.watch())
    return lanes[Lane.BOOK], health.late(lanes, now=town.watch())


def fails(at: Counter, *, shut_out: bool = False) -> None:
    with at.town.rig.db.tx_all("a test lets a carrier fail") as conn:
        contract_id = at.contracts["ppl"].contract_id
        contracts.failed(conn, contract_id, Lane.BOOK, why="no answer", now=at.town.watch(), shut_out=shut_out)


def test_labels_that_wait_though_their_carrier_is_well_are_told(town: Town, at: Counter) -> None:
    at.wants("ppl", 2)
    town.watch.move(2 * MINUTE)
    assert owed(town) == (Waiting(2, 0, 0, *[town.watch() - timedelta(minutes=2)] * 2), {})
    assert troubles(town) == set()

    town.watch.move(9 * MINUTE)

    assert owed(town)[1] == {Lane.BOOK: 11 * MINUTE}
    assert told(town)["labels", "ppl", "waiting"] == 2
    assert told(town)["labels_waiting", "ppl"] == told(town)["labels_late", "ppl"] == 11 * MINUTE
    assert troubles(town) == {Trouble.LABELS_LATE}


def test_a_carrier_that_gives_no_answer_is_told_and_its_parcels_are_not_late(town: Town, at: Counter) -> None:
    at.wants("ppl", 2)
    fails(at)
    town.watch.move(3)
    assert (owed(town)[0].due, owed(town)[0].later) == (0, 2)

    town.watch.move(11 * MINUTE)

    assert told(town)["carrier_failing", "ppl", "book"] == 11 * MINUTE + 3
    assert told(town)["logins_failing", "ppl", "book", "no_answer"] == 1
    assert told(town)["labels_waiting", "ppl"] == 11 * MINUTE + 3
    assert ("labels_late", "ppl") not in told(town)
    assert troubles(town) == {Trouble.CARRIER_DOWN}


def test_a_login_that_is_refused_says_nothing_of_its_carrier(town: Town, at: Counter) -> None:
    at.wants("ppl")
    fails(at, shut_out=True)
    town.watch.move(30 * MINUTE)

    assert told(town)["logins_failing", "ppl", "book", "refused"] == 1
    assert ("carrier_failing", "ppl", "book") not in told(town)
    assert troubles(town) == set()

    fails(at)  # it is asked again, and does not answer now
    assert told(town)["logins_failing", "ppl", "book", "no_answer"] == 1


def test_what_rests_in_doubt_or_is_parked_is_counted_apart(town: Town, at: Counter) -> None:
    waits, doubted, parked = at.wants("ppl", 3)
    with town.rig.db.tx(at.tenant) as conn:
        for booking_id, change in ((doubted, "asked_at = since"), (parked, "parked = 'refused'")):
            conn.execute(f"UPDATE bookings SET {change} WHERE booking_id = %s", [booking_id])
    with town.rig.db.tx(at.tenant) as conn:
        states = [one.state.value for each in (waits, doubted, parked) if (one := bookings.one(conn, at.tenant, each))]

    assert states == ["waiting", "doubtful", "parked"]
    assert {key[2]: value for key, value in told(town).items() if key[0] == "labels"} == dict.fromkeys(states, 1)
    assert owed(town)[0].parked == 1


def test_a_label_whose_worker_died_is_late_since_it_is_owed_and_one_in_doubt_since_it_may_be_looked_for(
    town: Town, at: Counter
) -> None:
    at.wants("ppl")
    town.watch.move(5 * MINUTE)
    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET claim = 'c_dead', due_at = %s", [town.watch()])
    assert owed(town)[1] == {Lane.BOOK: 5 * MINUTE}

    with town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET asked_at = since")
    assert owed(town)[1] == {}


def test_what_a_shop_that_left_owes_is_nobodys(town: Town, at: Counter) -> None:
    at.wants("ppl")
    with town.rig.db.tx_all("a test lets a shop leave") as conn:
        conn.execute("UPDATE tenants SET state = 'dismissed'")

    assert owed(town)[0] == Waiting(0, 0, 0, None, None)
    assert told(town) == {}


def test_nothing_is_told_of_labels_that_are_made(town: Town, at: Counter) -> None:
    at.wants("ppl", 3)
    at.work(30)

    assert told(town) == {}
    assert owed(town)[0] == Waiting(0, 0, 0, None, None)


def test_a_list_nobody_could_read_grows_old(town: Town, at: Counter) -> None:
    at.worlds["ppl"].faults.add("down", calls=99)
    flow.run(town.rig, at.tenant)
    with town.rig.db.tx_all("a list nobody needs") as conn:
        points.want(conn, "gls", "CZ", now=town.watch())
    town.watch.move(7_200)

    assert {key: age for key, age in told(town).items() if key[0] == "points_read"} == {("points_read", "ppl"): 7_200}

    at.worlds["ppl"].faults.waiting.clear()
    flow.run(town.rig, at.tenant)
    flow.run(town.rig, at.tenant)
    assert told(town)["points_read", "ppl"] == 0
