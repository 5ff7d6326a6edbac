"""Which evidence speaks for which cause, and which of several causes is told first: tables, no servers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.blocks import Block
from service.bookings import Standing
from service.budget.ledger import Outcome
from service.budget.purse import Later
from service.contracts import Failing
from service.db.partitions import Parent
from service.doctor import causes, page
from service.doctor.causes import FOLLOWS, Finding, Trouble
from service.doctor.evidence import Evidence
from service.guard import KEEP_TIME, MIGRATE
from service.lanes import Lane, Waiting
from service.mappings import Given
from service.problems import Cause, Count
from service.tenants import State
from tests.doctor import well
from tests.doctor.well import NOW, WELL

AGO = NOW - timedelta(minutes=11)
JUST = NOW - timedelta(seconds=31)
LATE = Waiting(7, 0, 0, AGO, AGO)
DENIED = Failing("dpd_cz", "book", 0, None, 3)
PARKED = Waiting(0, 0, 2, None, None)
BLOCK = Block(1, AGO, ["t_one", "t_two", "t_six"], NOW, 3, None, None, 0, None)
STATUS = Later(NOW + timedelta(hours=1), "our own calls of the day are used up")

OF_SERVICE: list[tuple[Trouble, Evidence, str]] = [
    (Trouble.DATABASE_AWAY, replace(WELL, away={"DATABASE_URL": "refused"}, database=None), "not answer: refused"),
    (Trouble.REDIS_AWAY, replace(WELL, away={"REDIS_URL": "timed out"}, redis=None), "no shop is called: timed out"),
    (Trouble.SCHEMA_BEHIND, replace(WELL, faults=[f"the schema is behind: {MIGRATE}"]), "the schema is behind"),
    (Trouble.CLOCKS_APART, replace(WELL, faults=[f"clocks are 9 s apart: {KEEP_TIME}"]), "9 s apart"),
    (Trouble.UNFIT, replace(WELL, faults=["LEASE_S is 6", "DATABASE_POOL is 2"]), "LEASE_S is 6; 1 more"),
    (Trouble.DISK_LOW, well.spool(disk_free=499_000_000), "has 499 MB free of 10,000 MB"),
    (Trouble.DISK_LOW, well.spool(disk_bytes=10**12, disk_free=49 * 10**9), "has 49,000 MB free"),
    (Trouble.SPOOL_FULL, well.spool(size=8 * 10**8, files=1, oldest=NOW), "holds 800 MB of 1,000 MB"),
    (Trouble.CERTIFICATE_ENDS, replace(WELL, certificate_ends_at=NOW + timedelta(days=13)), "ends in 13 days"),
    (Trouble.CERTIFICATE_ENDS, replace(WELL, certificate_ends_at=AGO), "has ended"),
    (Trouble.RECEIVER_SILENT, well.database(receiver_at=AGO), "said for 11 min"),
    (Trouble.RECEIVER_SILENT, well.database(receiver_at=None), "said ever"),
    (Trouble.BEAT_SILENT, well.redis(beat_at=None), "no sign of life"),
    (Trouble.WORKERS_GONE, well.redis(workers=0, wakeups={Lane.PULL: 3}), "nobody took: 3 of pull"),
    (Trouble.ADDON_BLOCKED, well.database(block=BLOCK), "3 probes so far"),
    (Trouble.LOGINS_REFUSED, well.database(outcomes=[Outcome("CredentialsRejected", 401, 3)]), "3 logins were refused"),
    (
        Trouble.SERVICE_CALLS_USED_UP,
        well.database(calls={"t_one": 4_000} | {f"t_{n}": 4_000 for n in range(9)}),
        "40000",
    ),
    (
        Trouble.PLATFORM_FAILS,
        well.database(outcomes=[Outcome("read", 200, 40), Outcome("PlatformUnreachable", None, 10)]),
        "10 PlatformUnreachable (no answer)",
    ),
    (Trouble.PLATFORM_FAILS, well.database(outcomes=[Outcome("Unreadable", 200, 10)]), "10 of 10 calls"),
    (
        Trouble.WORKERS_DEAF,
        replace(
            well.redis(wakeups={Lane.WRITEBACK: 20}),
            database=replace(well.DATABASE, lanes=well.lanes(writeback=Waiting(20, 0, 0, AGO, JUST))),
        ),
        "2 workers live and yet",
    ),
    (Trouble.LANE_LATE, well.database(lanes=well.lanes(writeback=LATE)), "writeback for 660 s (7 rows)"),
    (
        Trouble.CARRIER_DOWN,
        well.database(
            failing=[Failing("ppl", "book", 2, AGO, 1), Failing("gls", "book", 1, JUST, 0), DENIED],
            labels={"ppl": Standing(7, 0, 0, AGO, None), "gls": Standing(5, 0, 0, JUST, None)},
        ),
        "ppl for 11 min (book, 2 logins); 7 parcels wait",
    ),
    (
        Trouble.LABELS_LATE,
        well.database(labels={"ppl": Standing(7, 0, 0, AGO, AGO), "gls": Standing(5, 9, 9, AGO, JUST)}),
        "well: ppl for 11 min (7 parcels)",
    ),
    (Trouble.SPOOL_WAITS, well.spool(files=2, size=99, oldest=AGO), "in 2 spool files for 11 min"),
    (
        Trouble.SHOPS_SUSPENDED,
        well.database(shops=[well.tenant(), well.tenant("t_two", State.SUSPENDED, state_why="401")]),
        "1 of 2 shops are called no more: t_two (401)",
    ),
    (Trouble.SHOP_CALLS_USED_UP, well.database(calls={"t_one": 5_000, "t_two": 4}), "2026-03-02 00:00 in Prague"),
    (
        Trouble.WEBHOOKS_SILENT,
        well.database(problems={Cause.WEBHOOKS_SILENT: Count(2, 2)}),
        "2 shops have told nothing",
    ),
    (Trouble.WEBHOOKS_OFF, well.database(hooks_off=4), "webhooks of 4 shops"),
    (Trouble.ACTIVATION_FAILED, well.database(lanes=well.lanes(pull=PARKED)), "2 steps"),
    (Trouble.ROWS_PARKED, well.database(lanes=well.lanes(refresh_orders=PARKED)), "2 of refresh_orders"),
    (Trouble.SPOOL_ASIDE, well.spool(aside=1), "1 spool files"),
    (Trouble.PARTITIONS_BEHIND, well.database(partitions={Parent.CALLS: None, Parent.JOURNAL: NOW}), "calls, journal"),
    (Trouble.WEBHOOKS_OVERDUE, well.database(overdue=12), "12 webhooks"),
    (Trouble.PROBLEMS_OPEN, well.database(problems={Cause.WRITE_REFUSED: Count(9, 2)}), "9 write_refused (2 shops)"),
]

OF_SHOP: list[tuple[Trouble, Evidence, str]] = [
    (
        Trouble.SHOP_LEFT,
        well.shop(tenant=well.tenant(state=State.DISMISSED, dismissed_at=AGO)),
        "uninstalled 2026-03-01",
    ),
    (Trouble.SHOPS_SUSPENDED, well.shop(tenant=well.tenant(state=State.SUSPENDED, state_why="401")), "no more: 401"),
    (Trouble.ADDON_BLOCKED, well.shop(tenant=well.tenant(state=State.HELD, state_why="blocked")), "with all others"),
    (Trouble.SHOP_DOUBTED, well.shop(doubted=True), "have not worked yet"),
    (Trouble.SHOP_WAITS_FOR_CALLS, replace(well.shop(), waits=STATUS), "before 2026-03-01 13:00:00: our own calls"),
    (Trouble.SHOP_RESTS, well.shop(resting={Lane.WRITEBACK: NOW}), "writeback until 2026-03-01 12:00:00"),
    (Trouble.ACTIVATION_FAILED, well.shop(failed={"webhooks": "403"}), "failed at webhooks (403)"),
    (Trouble.SHOP_UNDER_WAY, well.shop(running=["orders"]), "under way: orders"),
    (Trouble.SHOP_UNANSWERED, well.shop(mapping=Given()), "which statuses release"),
    (Trouble.SHOP_OBSERVED, well.shop(mapping=Given(release=frozenset({1}))), "only observed"),
    (Trouble.SHOP_UNREAD, well.shop(readers=0), "nobody can read its offers"),
    (Trouble.ROWS_PARKED, well.shop(parked=3), "3 rows"),
    (Trouble.WEBHOOKS_SILENT, well.shop(problems={Cause.WEBHOOKS_SILENT: Count(1, 1)}), "last heard 2026"),
    (Trouble.PROBLEMS_OPEN, well.shop(problems={Cause.SILENT_DROP: Count(4, 1)}), "4 silent_drop"),
]


@pytest.mark.parametrize(("trouble", "evidence", "says"), OF_SERVICE, ids=lambda value: getattr(value, "value", ""))
def test_evidence_about_the_service_speaks_for_one_cause(trouble: Trouble, evidence: Evidence, says: str) -> None:
    [found] = page.diagnose(evidence).service

    assert found.trouble is trouble
    assert says in found.says
    assert found.do


@pytest.mark.parametrize(("trouble", "evidence", "says"), OF_SHOP, ids=lambda value: getattr(value, "value", ""))
def test_evidence_about_a_shop_speaks_for_one_cause(trouble: Trouble, evidence: Evidence, says: str) -> None:
    found = page.diagnose(evidence)

    assert [each.trouble for each in found.shop] == [trouble]
    assert says in found.shop[0].says
    assert found.service == []


def test_every_cause_is_found_by_some_evidence() -> None:
    assert {trouble for trouble, _, _ in OF_SERVICE + OF_SHOP} == set(Trouble)


@pytest.mark.parametrize(
    "evidence",
    [
        WELL,
        well.shop(),
        replace(WELL, certificate_ends_at=None, spool=None),
        replace(WELL, away={"PUBLIC_URL": "not reached from here"}),
        well.spool(files=1, size=100, oldest=NOW - timedelta(seconds=119)),
        well.redis(wakeups=dict.fromkeys(Lane, 300)),
        well.database(problems={Cause.NO_ECHO: Count(3, 3), Cause.OVERRULED: Count(9, 1)}),
        well.database(outcomes=[Outcome("read", 200, 3), Outcome("PlatformUnreachable", 500, 9)]),
        well.database(outcomes=[Outcome("PlatformBusy", 429, 50), Outcome("CredentialsRejected", 401, 2)]),
        well.database(outcomes=[Outcome("read", 200, 100), Outcome("PlatformUnreachable", 503, 20)]),
        well.database(lanes=well.lanes(writeback=Waiting(1, 9, 0, AGO, NOW - timedelta(minutes=2)))),
    ],
    ids=[
        "well",
        "a shop",
        "no certificate",
        "no way out",
        "drained soon",
        "a burst",
        "seen to",
        "few",
        "told",
        "some",
        "in time",
    ],
)
def test_what_is_no_trouble_is_none(evidence: Evidence) -> None:
    assert page.diagnose(evidence).is_clean


def ranked(*troubles: Trouble) -> list[tuple[Trouble, Trouble | None]]:
    return [(each.trouble, each.follows) for each in causes.rank(Finding(trouble, "", "") for trouble in troubles)]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ((Trouble.PROBLEMS_OPEN, Trouble.BEAT_SILENT), [(Trouble.BEAT_SILENT, None), (Trouble.PROBLEMS_OPEN, None)]),
        (
            (Trouble.BEAT_SILENT, Trouble.SPOOL_WAITS, Trouble.DATABASE_AWAY),
            [
                (Trouble.DATABASE_AWAY, None),
                (Trouble.BEAT_SILENT, Trouble.DATABASE_AWAY),
                (Trouble.SPOOL_WAITS, Trouble.DATABASE_AWAY),
            ],
        ),
        (
            (Trouble.LANE_LATE, Trouble.WORKERS_GONE, Trouble.ROWS_PARKED),
            [
                (Trouble.WORKERS_GONE, None),
                (Trouble.ROWS_PARKED, None),
                (Trouble.LANE_LATE, Trouble.WORKERS_GONE),
            ],
        ),
        (
            (Trouble.SHOPS_SUSPENDED, Trouble.LOGINS_REFUSED, Trouble.ADDON_BLOCKED),
            [
                (Trouble.ADDON_BLOCKED, None),
                (Trouble.LOGINS_REFUSED, Trouble.ADDON_BLOCKED),
                (Trouble.SHOPS_SUSPENDED, Trouble.ADDON_BLOCKED),
            ],
        ),
        (
            (Trouble.SPOOL_FULL, Trouble.DISK_LOW),
            [(Trouble.DISK_LOW, None), (Trouble.SPOOL_FULL, Trouble.DISK_LOW)],
        ),
        (
            (Trouble.WEBHOOKS_OVERDUE, Trouble.LANE_LATE, Trouble.WORKERS_DEAF),
            [
                (Trouble.WORKERS_DEAF, None),
                (Trouble.LANE_LATE, Trouble.WORKERS_DEAF),
                (Trouble.WEBHOOKS_OVERDUE, Trouble.WORKERS_DEAF),
            ],
        ),
    ],
)
def test_causes_come_before_their_symptoms_then_by_what_stands_still(found, told) -> None:
    assert ranked(*found) == told
    assert ranked(*reversed(found)) == told


def test_what_is_wrong_with_all_shops_is_told_as_the_cause_at_one() -> None:
    failing = well.database(outcomes=[Outcome("PlatformUnreachable", 503, 50)]).database
    evidence = replace(well.shop(resting={Lane.PULL: NOW}), database=failing)

    [found] = page.diagnose(evidence).shop

    assert (found.trouble, found.follows) == (Trouble.SHOP_RESTS, Trouble.PLATFORM_FAILS)


def test_no_cause_follows_from_its_own_symptoms() -> None:
    places = list(Trouble)

    assert [
        (cause, symptom)
        for cause, symptoms in FOLLOWS.items()
        for symptom in symptoms
        if places.index(symptom) <= places.index(cause)
    ] == []


def everything_wrong() -> Evidence:
    """Return evidence with every trouble at once that a shop of one name can have."""
    of_database = well.database(
        block=BLOCK,
        overdue=1,
        hooks_off=1,
        receiver_at=None,
        lanes=well.lanes(writeback=LATE, pull=PARKED, refresh_orders=PARKED),
        outcomes=[Outcome("Unreadable", 200, 60), Outcome("CredentialsRejected", 401, 5)],
        problems={cause: Count(5, 3) for cause in Cause},
    ).database
    spoiled = well.spool(disk_free=0, size=10**9, aside=2, files=4, oldest=AGO).spool
    silent = well.redis(beat_at=None, workers=0).redis
    shop = well.shop(
        doubted=True, resting={Lane.WRITEBACK: NOW}, failed={"webhooks": "403"}, parked=3, mapping=Given(),
        problems={cause: Count(5, 1) for cause in Cause},
    ).shop  # fmt: skip
    return replace(WELL, faults=["x" * 999], database=of_database, spool=spoiled, redis=silent, shop=shop, waits=STATUS)


def test_the_page_has_forty_lines_at_most_and_five_causes_each() -> None:
    evidence = everything_wrong()

    lines = list(page.lines(evidence, page.diagnose(evidence)))

    assert len(lines) <= 40
    assert all(len(line) <= 400 for line in lines)
    assert [line[:2] for line in lines if line[:1].isdigit() and line[1] == "."] == ["1.", "2.", "3.", "4.", "5."] * 2
    assert [line for line in lines if line.startswith("   and ")]  # the rest is named


def test_a_page_without_trouble_says_so_and_what_it_looked_at() -> None:
    lines = list(page.lines(WELL, page.diagnose(WELL)))

    assert lines == [
        "2026-03-01 12:00:00 UTC: nothing is wrong",
        "looked at:",
        "  settings, schema, clocks: 0 faults; everybody answered",
        "  1 shops; 8 lanes: 0 rows due, 0 later, 0 parked",
        "  40 calls of the day, 0 logins refused of the hour; 0 problems open",
        "  last look -, last seal 2026-03-01 12:00:00",
        "  beat 12:00:00, 2 workers alive, 0 wake-ups waiting",
        "  spool: 0 files, 0 bytes; 9000 MB of its disk free",
        "  TLS certificate: ends 2026-04-30",
    ]
