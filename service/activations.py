"""How far the activation of each tenant has come: one row per step, its page, and when it is due again.

The plan is a list; only its first unfinished step is due. A claim is a lease: a worker that dies gives its step back
after `lease_s`, and whoever comes next goes on at the stored page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb

from service import db
from service.kit import ids
from service.lanes import Lane, TenantId, Waiting

OWNS = ("activation_steps",)


class Step(StrEnum):
    """What happens between the merchant's click and a true mirror, in this order (docs/upgates.md A.1)."""

    CONNECT = "connect"
    OWNER = "owner"
    WEBHOOKS = "webhooks"
    CODEBOOKS = "codebooks"
    ORDERS = "orders"
    PRODUCTS = "products"
    PARAMETERS = "parameters"
    RELATED = "related"


PULLED = (Step.ORDERS, Step.PRODUCTS, Step.PARAMETERS, Step.RELATED)
EXPEDITION = (Step.CONNECT, Step.OWNER, Step.WEBHOOKS, Step.CODEBOOKS, Step.ORDERS, Step.PRODUCTS)
PLANS: Mapping[str, Sequence[Step]] = {
    "expedition": EXPEDITION,
    "fulfillment": (*EXPEDITION, Step.PARAMETERS, Step.RELATED),
}
CHECKED_APART = timedelta(hours=1)  # webhooks are compared on evidence only, and no oftener than this (R29)
ANSWER_FIRST = timedelta(seconds=2)  # credentials may work only once our answer has arrived (docs/upgates.md B5)


class ClaimLost(Exception):
    """The lease ran out and somebody else has the step: roll back what was about to be written."""


@dataclass(frozen=True)
class Claimed:
    """A step in our hands until its lease ends."""

    step: Step
    claim: str
    tries: int
    cursor: Mapping[str, Any]
    pages_done: int


@dataclass(frozen=True)
class Progress:
    """A step as people see it."""

    step: Step
    state: str
    due_at: datetime | None
    pages_done: int
    pages_all: int | None
    why: str | None
    started_at: datetime | None
    ended_at: datetime | None


PLAN = """
    INSERT INTO activation_steps (tenant_id, step, place, lane, state)
    SELECT %(tenant_id)s, step, place, lane, 'waiting'
    FROM unnest(%(steps)s::text[], %(places)s::smallint[], %(lanes)s::text[]) AS plan (step, place, lane)
    ON CONFLICT (tenant_id, step) DO NOTHING
"""

REPEAT = """
    UPDATE activation_steps
    SET state = 'waiting', due_at = NULL, since = NULL, tries = 0, claim = NULL, why = NULL, ended_at = NULL,
        started_at = NULL, pages_done = 0, pages_all = NULL,
        cursor = CASE WHEN state = 'done' OR cursor ? 'delta' THEN '{"delta": true}' ELSE '{}' END::jsonb
    WHERE tenant_id = %(tenant_id)s AND step = ANY (%(steps)s)
"""


def plan(conn: db.Conn, tenant_id: TenantId, *, addon: str, again: bool, now: datetime) -> None:
    """Lay out the steps of a tenant and make the first unfinished one due in two seconds.

    `again`: the shop was connected before. Everything is walked through once more with the new credentials. A pull that
    had ended reads only what changed since its watermark; one that had not begins anew, because nobody told meanwhile
    what changed on the pages it had read.
    """
    steps = PLANS[addon]
    db.run(
        conn,
        PLAN,
        tenant_id=tenant_id,
        steps=[step.value for step in steps],
        places=list(range(len(steps))),
        lanes=[(Lane.PULL if step in PULLED else Lane.ACTIVATE).value for step in steps],
    )
    if again:
        db.run(conn, REPEAT, tenant_id=tenant_id, steps=[step.value for step in steps])
    _next(conn, tenant_id, due_at=now + ANSWER_FIRST, now=now)


def again(conn: db.Conn, tenant_id: TenantId, *, step: Step, now: datetime) -> None:
    """Make one step due again, for example the comparison of webhooks at a version change (R29)."""
    db.run(conn, REPEAT, tenant_id=tenant_id, steps=[step.value])
    _next(conn, tenant_id, due_at=now, now=now)


EVIDENCE = """
    UPDATE activation_steps
    SET state = 'waiting', due_at = NULL, since = NULL, tries = 0, why = NULL, ended_at = NULL, started_at = NULL,
        cursor = jsonb_build_object('evidence', %(why)s::text, 'events', cursor -> 'events')
    WHERE tenant_id = %(tenant_id)s
      AND step = 'webhooks'
      AND state = 'done'
      AND ended_at <= %(before)s
"""


def check_webhooks(conn: db.Conn, tenant_id: TenantId, *, why: str, now: datetime) -> bool:
    """Make the comparison of webhooks due on this evidence; False when it ended within the hour, or is due anyway."""
    if not db.run(conn, EVIDENCE, tenant_id=tenant_id, why=why, before=now - CHECKED_APART):
        return False
    _next(conn, tenant_id, due_at=now, now=now)
    return True


OLDER = """
    UPDATE activation_steps
    SET state = 'waiting', due_at = %(now)s, since = %(now)s, tries = 0, claim = NULL, why = NULL, ended_at = NULL,
        started_at = NULL, pages_done = 0, pages_all = NULL,
        cursor = jsonb_build_object('since', %(since)s::text, 'until', cursor->>'since')
    WHERE tenant_id = %(tenant_id)s
      AND step = 'orders'
      AND state = 'done'
      AND (cursor->>'since')::timestamptz > %(since)s::text::timestamptz
"""


def read_older(conn: db.Conn, tenant_id: TenantId, *, since: datetime, now: datetime) -> bool:
    """Let the pull read the orders created between `since` and where it had begun; False when it goes as far back."""
    return db.run(conn, OLDER, tenant_id=tenant_id, since=since.isoformat(), now=now) == 1


NEXT = """
    UPDATE activation_steps
    SET due_at = LEAST(due_at, %(due_at)s), since = COALESCE(since, %(now)s)
    WHERE tenant_id = %(tenant_id)s
      AND claim IS NULL
      AND place = (
          SELECT min(place) FROM activation_steps WHERE tenant_id = %(tenant_id)s AND state NOT IN ('done', 'failed')
      )
    RETURNING lane
"""


def _next(conn: db.Conn, tenant_id: TenantId, *, due_at: datetime, now: datetime) -> Lane | None:
    found = db.one(conn, NEXT, tenant_id=tenant_id, due_at=due_at, now=now)
    return Lane(found["lane"]) if found else None


CLAIM = """
    UPDATE activation_steps
    SET claim = %(claim)s, due_at = %(until)s, state = 'running', started_at = COALESCE(started_at, %(now)s)
    WHERE (tenant_id, step) IN (
        SELECT tenant_id, step
        FROM activation_steps
        WHERE tenant_id = %(tenant_id)s AND lane = %(lane)s AND due_at <= %(now)s
          AND EXISTS (SELECT FROM tenants WHERE tenants.tenant_id = %(tenant_id)s AND tenants.state = 'active')
        ORDER BY place
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING step, tries, cursor, pages_done
"""


def claim(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, now: datetime, lease_s: float) -> Claimed | None:
    """Take the step that is due in this lane, or None; nobody else gets it for `lease_s`."""
    token = ids.fresh("s")
    until = now + timedelta(seconds=lease_s)
    found = db.one(conn, CLAIM, tenant_id=tenant_id, lane=lane.value, now=now, until=until, claim=token)
    if not found:
        return None
    return Claimed(Step(found["step"]), token, found["tries"], found["cursor"], found["pages_done"])


SAVE = """
    UPDATE activation_steps
    SET cursor = %(cursor)s, pages_done = %(pages_done)s, pages_all = %(pages_all)s, due_at = %(until)s,
        tries = 0, why = NULL
    WHERE tenant_id = %(tenant_id)s AND step = %(step)s AND claim = %(claim)s
"""


def save(
    conn: db.Conn,
    tenant_id: TenantId,
    claimed: Claimed,
    *,
    cursor: Mapping[str, Any],
    pages_done: int,
    pages_all: int | None,
    until: datetime,
) -> None:
    """Store the cursor with the page it belongs to and renew the lease to `until`; raise ClaimLost when it is gone."""
    _kept(
        db.run(
            conn,
            SAVE,
            tenant_id=tenant_id,
            step=claimed.step.value,
            claim=claimed.claim,
            cursor=Jsonb(dict(cursor)),
            pages_done=pages_done,
            pages_all=pages_all,
            until=until,
        )
    )


DONE = """
    UPDATE activation_steps
    SET state = 'done', due_at = NULL, since = NULL, claim = NULL, tries = 0, why = NULL, ended_at = %(now)s
    WHERE tenant_id = %(tenant_id)s AND step = %(step)s AND claim = %(claim)s
"""


def done(conn: db.Conn, tenant_id: TenantId, claimed: Claimed, *, now: datetime, next_at: datetime) -> Lane | None:
    """End a step and make the next one due at `next_at`; return the next one's lane, None when there is none."""
    _kept(db.run(conn, DONE, tenant_id=tenant_id, step=claimed.step.value, claim=claimed.claim, now=now))
    return _next(conn, tenant_id, due_at=next_at, now=now)


PUT_OFF = """
    UPDATE activation_steps
    SET state = CASE WHEN %(until)s::timestamptz IS NULL THEN 'failed' ELSE 'running' END,
        due_at = %(until)s, claim = NULL, tries = tries + %(failures)s, why = COALESCE(%(why)s, why)
    WHERE tenant_id = %(tenant_id)s AND step = %(step)s AND claim = %(claim)s
"""


def put_off(
    conn: db.Conn, tenant_id: TenantId, claimed: Claimed, *, until: datetime | None, why: str | None, failed: bool
) -> bool:
    """Give a step back until `until`, None: for good; return False when somebody else has it by now.

    A failure is counted and its reason shown, a busy budget is no failure.
    """
    given = db.run(
        conn,
        PUT_OFF,
        tenant_id=tenant_id,
        step=claimed.step.value,
        claim=claimed.claim,
        until=until,
        failures=int(failed),
        why=why,
    )
    return given == 1


def fail(conn: db.Conn, tenant_id: TenantId, claimed: Claimed, *, why: str) -> bool:
    """End a step without success: a person must act, then `retry` or a signed call starts it again."""
    return put_off(conn, tenant_id, claimed, until=None, why=why, failed=True)


FAILED = "SELECT EXISTS (SELECT FROM activation_steps WHERE tenant_id = %(tenant_id)s AND state = 'failed') AS failed"


def has_failed(conn: db.Conn, tenant_id: TenantId) -> bool:
    """Say whether the activation waits for a person."""
    found = db.one(conn, FAILED, tenant_id=tenant_id)
    return bool(found and found["failed"])


STOP = "UPDATE activation_steps SET due_at = NULL, claim = NULL WHERE tenant_id = %(tenant_id)s"


def stop(conn: db.Conn, tenant_id: TenantId) -> None:
    """Let nothing be due any more; a worker in the middle of a page loses its claim."""
    db.run(conn, STOP, tenant_id=tenant_id)


OF = """
    SELECT step, state, due_at, pages_done, pages_all, why, started_at, ended_at
    FROM activation_steps
    WHERE tenant_id = %(tenant_id)s
    ORDER BY place
"""


def of(conn: db.Conn, tenant_id: TenantId) -> list[Progress]:
    """Return the steps of a tenant in order."""
    found = db.rows(conn, OF, tenant_id=tenant_id)
    seen: list[db.Row] = [{**row, "step": Step(row["step"])} for row in found]
    return [Progress(**row) for row in seen]


DUE = """
    SELECT DISTINCT step.tenant_id
    FROM activation_steps AS step
    JOIN tenants ON tenants.tenant_id = step.tenant_id AND tenants.state = 'active'
    WHERE step.lane = %(lane)s AND step.due_at <= %(now)s
"""


def due_tenants(conn: db.Conn, lane: Lane, *, now: datetime) -> list[TenantId]:
    """Return the tenants whose step of this lane is due."""
    return [row["tenant_id"] for row in db.rows(conn, DUE, lane=lane.value, now=now)]


WAITING = """
    WITH owed AS (
        SELECT step.since, step.claim, step.due_at, step.state = 'failed' AS is_parked,
            step.due_at <= %(now)s AND tenants.state = 'active' AS is_due
        FROM activation_steps AS step
        JOIN tenants ON tenants.tenant_id = step.tenant_id
        WHERE step.lane = %(lane)s
          AND (step.due_at IS NOT NULL OR step.state = 'failed')
    )
    SELECT count(*) FILTER (WHERE is_due) AS due,
        count(*) FILTER (WHERE is_due IS NOT TRUE AND NOT is_parked) AS later,
        count(*) FILTER (WHERE is_parked) AS parked,
        min(since) FILTER (WHERE is_due) AS since,
        min(CASE WHEN claim IS NULL THEN GREATEST(since, due_at) ELSE since END) FILTER (WHERE is_due) AS untaken_since
    FROM owed
"""


def waiting(conn: db.Conn, lane: Lane, *, now: datetime) -> Waiting:
    """Return what a lane owes, over every tenant; a failed step counts as parked."""
    row = db.one(conn, WAITING, lane=lane.value, now=now)
    return Waiting(**row) if row else Waiting(0, 0, 0, None, None)


LAST_PULL = """
    SELECT max(CASE WHEN state = 'running' THEN started_at ELSE due_at END) AS last
    FROM activation_steps
    WHERE step = 'orders' AND due_at IS NOT NULL AND tenant_id <> %(tenant_id)s
"""


def other_pull_started(conn: db.Conn, tenant_id: TenantId) -> datetime | None:
    """Return when the newest pull of another tenant that has not ended began or is to begin (R15 spreads them)."""
    found = db.one(conn, LAST_PULL, tenant_id=tenant_id)
    return found["last"] if found else None


def _kept(touched: int) -> None:
    if not touched:
        raise ClaimLost
