"""What the merchant answered before anything leaves: what releases an order, which status we write, and who mails.

Statuses are chosen by id (docs/upgates.md 4.6); the name is kept only to notice that somebody renamed it. Until the
shop is switched live it is only observed: nothing is offered to a warehouse and nothing is written.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service import db
from service.lanes import TenantId

OWNS = ("mappings", "mapped_statuses")

RELEASE = "release"


class Milestone(StrEnum):
    """How far a parcel got, in this order; a status is never written back to an earlier one."""

    SHIPPED = "shipped"
    PICKUP_POINT = "pickup_point"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"


class Tracking(StrEnum):
    """Which code stands in the order's one field when it left in several parcels (docs/upgates.md 4.2)."""

    FIRST = "first"
    LAST = "last"
    JOINED = "joined"


@dataclass(frozen=True)
class Target:
    """The status we write at a milestone, and whether the shop may tell the customer about it.

    `since`: since when the milestone has a status; None: since ever, or it is only asked for.
    """

    status_id: int
    mail: bool = False
    sms: bool = False
    since: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Answers:
    """What a person fills in; `names` are the statuses as he saw them, all of the shop's.

    `tells_paid`: the shop is told that COD was paid out.
    """

    release: Collection[int]
    targets: Mapping[Milestone, Target]
    release_from: datetime | None
    pull_from: datetime | None
    tracking: Tracking
    names: Mapping[int, str]
    tells_paid: bool = False


@dataclass(frozen=True)
class Given:
    """The mapping of a shop as it stands.

    `history_until`: what was created until then the pull brought; it is never offered, written or mailed unless a
    person releases it by hand. `names`: the chosen statuses as they were called then. `seen`: all that there were.
    `paid_since`: of COD we hear of from then on the shop is told that it was paid out; None: it is not.
    """

    live_since: datetime | None = None
    revision: int = 0
    release: frozenset[int] = frozenset()
    targets: Mapping[Milestone, Target] = field(default_factory=dict[Milestone, Target])
    release_from: datetime | None = None
    pull_from: datetime | None = None
    history_until: datetime | None = None
    tracking: Tracking = Tracking.FIRST
    names: Mapping[int, str] = field(default_factory=dict[int, str])
    seen: frozenset[int] = frozenset()
    paid_since: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether orders are offered and the shop is written to."""
        return self.live_since is not None

    @property
    def complete(self) -> bool:
        """Whether the shop may go live: it is known what to release and what was there before us."""
        return bool(self.release) and self.history_until is not None

    @property
    def settled(self) -> frozenset[int]:
        """The statuses of orders that have left the house."""
        return frozenset(target.status_id for target in self.targets.values())


NOTHING = Given()

OF = """
    SELECT live_since, revision, release_from, pull_from, history_until, tracking, seen_statuses, paid_since
    FROM mappings
    WHERE tenant_id = %(tenant_id)s
"""

STATUSES = """
    SELECT role, status_id, name, mail, sms, since
    FROM mapped_statuses
    WHERE tenant_id = %(tenant_id)s
"""


def of(conn: db.Conn, tenant_id: TenantId) -> Given:
    """Return the mapping of a shop; an empty one when nobody answered anything yet."""
    row = db.one(conn, OF, tenant_id=tenant_id)
    if row is None:
        return NOTHING
    statuses = db.rows(conn, STATUSES, tenant_id=tenant_id) if row["revision"] else []
    return Given(
        live_since=row["live_since"],
        revision=row["revision"],
        release=frozenset(status["status_id"] for status in statuses if status["role"] == RELEASE),
        targets={
            Milestone(status["role"]): Target(status["status_id"], status["mail"], status["sms"], status["since"])
            for status in statuses
            if status["role"] != RELEASE
        },
        release_from=row["release_from"],
        pull_from=row["pull_from"],
        history_until=row["history_until"],
        tracking=Tracking(row["tracking"]),
        names={status["status_id"]: status["name"] for status in statuses},
        seen=frozenset(row["seen_statuses"]),
        paid_since=row["paid_since"],
    )


SAVE = """
    INSERT INTO mappings (tenant_id, revision, release_from, pull_from, tracking, seen_statuses, paid_since, changed_at)
    VALUES (%(tenant_id)s, 1, %(release_from)s, %(pull_from)s, %(tracking)s, %(seen)s,
        CASE WHEN %(tells_paid)s THEN %(now)s::timestamptz END, %(now)s)
    ON CONFLICT (tenant_id) DO UPDATE SET
        revision = mappings.revision + 1,
        release_from = excluded.release_from,
        pull_from = excluded.pull_from,
        tracking = excluded.tracking,
        seen_statuses = excluded.seen_statuses,
        paid_since = CASE WHEN %(tells_paid)s THEN coalesce(mappings.paid_since, excluded.paid_since) END,
        changed_at = excluded.changed_at
"""

FORGET = """
    DELETE FROM mapped_statuses
    WHERE tenant_id = %(tenant_id)s
"""

CHOOSE = """
    INSERT INTO mapped_statuses (tenant_id, role, status_id, name, mail, sms, since)
    SELECT %(tenant_id)s, role, status_id, name, mail, sms, since
    FROM unnest(
        %(roles)b::text[], %(status_ids)b::bigint[], %(names)b::text[], %(mails)b::boolean[], %(sms)b::boolean[],
        %(sinces)b::timestamptz[]
    ) AS chosen (role, status_id, name, mail, sms, since)
"""


def save(conn: db.Conn, tenant_id: TenantId, answers: Answers, *, now: datetime) -> Given:
    """Replace the answers, all of them, and return what stands now; whether the shop is live stays as it was."""
    before = of(conn, tenant_id).targets
    db.run(
        conn,
        SAVE,
        tenant_id=tenant_id,
        release_from=answers.release_from,
        pull_from=answers.pull_from,
        tracking=answers.tracking.value,
        seen=sorted(answers.names),
        tells_paid=answers.tells_paid,
        now=now,
    )
    db.run(conn, FORGET, tenant_id=tenant_id)
    since = {name: before[name].since if name in before else now for name in answers.targets}
    _choose(conn, tenant_id, answers, since)
    return of(conn, tenant_id)


def _choose(conn: db.Conn, tenant_id: TenantId, answers: Answers, since: Mapping[Milestone, datetime | None]) -> None:
    chosen: Sequence[tuple[str, Target]] = [
        *((RELEASE, Target(status_id)) for status_id in sorted(set(answers.release))),
        *((milestone.value, target) for milestone, target in answers.targets.items()),
    ]
    db.run(
        conn,
        CHOOSE,
        tenant_id=tenant_id,
        roles=[role for role, _ in chosen],
        status_ids=[target.status_id for _, target in chosen],
        names=[answers.names.get(target.status_id, "") for _, target in chosen],
        mails=[target.mail for _, target in chosen],
        sms=[target.sms for _, target in chosen],
        sinces=[since[Milestone(role)] if role != RELEASE else None for role, _ in chosen],
    )


SWITCH = """
    UPDATE mappings
    SET live_since = %(live_since)s
    WHERE tenant_id = %(tenant_id)s
      AND revision > 0
      AND history_until IS NOT NULL
"""


def switch(conn: db.Conn, tenant_id: TenantId, *, live_since: datetime | None) -> bool:
    """Switch a shop live, or back to being observed (None); False when its mapping was never given."""
    return db.run(conn, SWITCH, tenant_id=tenant_id, live_since=live_since) == 1


COME_BACK = """
    UPDATE mappings
    SET history_until = greatest(history_until, %(until)s)
    WHERE tenant_id = %(tenant_id)s
      AND history_until IS NOT NULL
"""


def note_absence(conn: db.Conn, tenant_id: TenantId, *, until: datetime) -> None:
    """Count as history what a shop that comes back did without us."""
    db.run(conn, COME_BACK, tenant_id=tenant_id, until=until)


OWE = """
    UPDATE mappings
    SET unweighed_since = %(since)s
    WHERE tenant_id = %(tenant_id)s
"""

UNWEIGHED = """
    SELECT unweighed_since
    FROM mappings
    WHERE tenant_id = %(tenant_id)s
"""

WEIGHED = """
    UPDATE mappings
    SET unweighed_since = NULL
    WHERE tenant_id = %(tenant_id)s
      AND unweighed_since = %(owed)s
"""


def owe_weighing(conn: db.Conn, tenant_id: TenantId, *, since: datetime) -> None:
    """Note that the orders are still to be weighed by these answers."""
    db.run(conn, OWE, tenant_id=tenant_id, since=since)


def unweighed_since(conn: db.Conn, tenant_id: TenantId) -> datetime | None:
    """Return since when orders wait to be weighed; None: all were."""
    row = db.one(conn, UNWEIGHED, tenant_id=tenant_id)
    return row["unweighed_since"] if row else None


def weighed(conn: db.Conn, tenant_id: TenantId, *, owed: datetime | None) -> bool:
    """Note that all orders were weighed by the answers of then; False when there are newer ones."""
    return db.run(conn, WEIGHED, tenant_id=tenant_id, owed=owed) == 1


HISTORY = """
    INSERT INTO mappings (tenant_id, history_until)
    VALUES (%(tenant_id)s, %(until)s)
    ON CONFLICT (tenant_id) DO UPDATE SET history_until = coalesce(mappings.history_until, excluded.history_until)
"""


def note_history(conn: db.Conn, tenant_id: TenantId, *, until: datetime) -> None:
    """Note where the first pull's window closed; a later pull changes nothing about it."""
    db.run(conn, HISTORY, tenant_id=tenant_id, until=until)
