"""A person decides what releases orders and what we write of them, and switches the shop live or back."""

from collections.abc import Collection, Mapping
from datetime import datetime

from service import activations, db, journal, mappings, problems
from service.lanes import Lane, TenantId
from service.mappings import Answers, Given, Milestone, Target, Tracking
from service.problems import Cause
from service.rig import Rig
from service.steps import reweigh, statuses

DECIDED = (Cause.STATUS_NEW, Cause.STATUS_RENAMED, Cause.STATUS_GONE)


class MappingRefused(Exception):
    """The answers cannot stand; the message says why, `field` which of them."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


class ChangedMeanwhile(MappingRefused):
    """Somebody else gave other answers while these were being thought about."""

    def __init__(self) -> None:
        super().__init__("answers", "somebody else has changed them meanwhile; look at them and say it again")


def save(  # noqa: PLR0913  # the answers, one by one
    rig: Rig,
    tenant_id: TenantId,
    *,
    release: Collection[int],
    targets: Mapping[Milestone, Target],
    release_from: datetime | None,
    pull_from: datetime | None,
    tracking: Tracking,
    tells_paid: bool = False,
    by: str,
    over: int | None = None,
) -> Given:
    """Take the answers over and weigh every order anew by them; raise MappingRefused when they cannot stand.

    `over`: the revision they were made over, None when it does not matter: nobody overwrites what he has not seen.
    `tells_paid`: the shop is told that COD was paid out, of what we hear from now on.
    A date of the pull that lies before its begin makes it read on backwards; what it brings is history.
    """
    now = rig.now()
    with reweigh.deciding(rig, tenant_id) as conn:
        if over is not None and mappings.of(conn, tenant_id).revision != over:
            raise ChangedMeanwhile
        known = statuses.listed(conn, tenant_id)
        refuse_impossible(known.keys(), release, targets)
        if pull_from and pull_from >= now:
            raise MappingRefused("pull_from", "the pull reads what is past")
        for milestone, target in targets.items():
            if not statuses.writable(known[target.status_id]):
                raise MappingRefused(milestone.value, "this status returns the goods to stock; it is never written")
        named = statuses.named(conn, tenant_id)
        answers = Answers(release, targets, release_from, pull_from, tracking, named, tells_paid)
        given = mappings.save(conn, tenant_id, answers, now=now)
        mappings.owe_weighing(conn, tenant_id, since=now)
        for cause in DECIDED:
            problems.settle(conn, tenant_id, cause, now=now)
        said = {"did": "mapping", "revision": given.revision, "tells_paid": tells_paid}
        write_down(conn, tenant_id, by, said, now=now)
        older = pull_from is not None and activations.read_older(conn, tenant_id, since=pull_from, now=now)
    if older:
        rig.wake(Lane.PULL, tenant_id)
    reweigh.run(rig, tenant_id)
    return given


def refuse_impossible(known: Collection[int], release: Collection[int], targets: Mapping[Milestone, Target]) -> None:
    """Raise MappingRefused when a status does not exist or would release what it marks as shipped."""
    if not release:
        raise MappingRefused("release", "choose at least one status that releases an order")
    for field, status_ids in [("release", release), *((m.value, [t.status_id]) for m, t in targets.items())]:
        if unknown := sorted(set(status_ids) - set(known)):
            raise MappingRefused(field, f"the shop has no status {', '.join(map(str, unknown))}")
    for milestone, target in targets.items():
        if target.status_id in release:
            raise MappingRefused(milestone.value, "a status that releases an order cannot also say that it left")


def go_live(rig: Rig, tenant_id: TenantId, *, by: str) -> None:
    """Offer what is released from now on, and write back; raise MappingRefused while the answers are missing."""
    now = rig.now()
    with reweigh.deciding(rig, tenant_id) as conn:
        given = mappings.of(conn, tenant_id)
        if given.live:
            return
        if not given.complete:
            raise MappingRefused("release", "the shop goes live when its orders were pulled and the mapping is given")
        mappings.switch(conn, tenant_id, live_since=now)
        mappings.owe_weighing(conn, tenant_id, since=now)
        write_down(conn, tenant_id, by, {"did": "live"}, now=now)
    reweigh.run(rig, tenant_id)


def observe(rig: Rig, tenant_id: TenantId, *, by: str) -> None:
    """Only watch the shop again: nothing is offered, what was released is stopped, what is to be written waits."""
    now = rig.now()
    with reweigh.deciding(rig, tenant_id) as conn:
        if not mappings.of(conn, tenant_id).live:
            return
        mappings.switch(conn, tenant_id, live_since=None)
        mappings.owe_weighing(conn, tenant_id, since=now)
        write_down(conn, tenant_id, by, {"did": "observe"}, now=now)
    reweigh.run(rig, tenant_id)


def write_down(conn: db.Conn, tenant_id: TenantId, by: str, detail: Mapping[str, object], *, now: datetime) -> None:
    """Note a person's act."""
    journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PERSON, None, {"by": by, **detail})])
