"""The doctor's one page: at most forty lines, the most probable cause first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from service.doctor import causes, checks, shop
from service.doctor.causes import MOST, Finding
from service.doctor.evidence import Evidence, OfDatabase

RUNBOOK = "deploy/runbook.md"


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with the service, and what keeps the shop that was asked about; the most probable cause first."""

    service: Sequence[Finding]
    shop: Sequence[Finding]

    @property
    def is_clean(self) -> bool:
        return not self.service and not self.shop


def diagnose(evidence: Evidence) -> Diagnosis:
    """Say what the evidence speaks for."""
    service = causes.rank(checks.of_service(evidence))
    return Diagnosis(service, causes.rank(shop.of_shop(evidence), besides=service))


def lines(evidence: Evidence, found: Diagnosis) -> Iterator[str]:
    """Yield the page."""
    yield f"{evidence.at:%F %T} UTC: {_how_many(len(found.service), evidence.away)}"
    yield from _listed(found.service)
    if evidence.shop:
        tenant = evidence.shop.tenant
        kept = "why its orders do not move" if found.shop else "nothing of its own keeps its orders"
        yield f"{tenant.tenant_id}, {tenant.state}: {kept}"
        yield from _listed(found.shop)
    if not found.is_clean:
        yield f"each has a paragraph of its name in {RUNBOOK}"
    yield "looked at:"
    yield from _looked_at(evidence)


def _how_many(found: int, away: Collection[str]) -> str:
    if not found and away:
        return f"nothing is found wrong, but {', '.join(sorted(away))} did not answer: try it from outside"
    if not found:
        return "nothing is wrong"
    if found == 1:
        return "1 cause of trouble"
    return f"{found} causes of trouble, {'the most probable' if found <= MOST else f'the {MOST} most probable'} first"


def _listed(findings: Sequence[Finding]) -> Iterator[str]:
    for place, each in enumerate(findings[:MOST], 1):
        symptom = f" (follows from {each.follows})" if each.follows else ""
        yield f"{place}. {each.trouble}: {each.says}{symptom}"
        yield f"   do: {each.do}"
    if len(findings) > MOST:
        yield f"   and {', '.join(each.trouble for each in findings[MOST:])}"


def _looked_at(evidence: Evidence) -> Iterator[str]:
    """Say in numbers what this rests on, and who did not answer."""
    silent = f"no answer from {', '.join(evidence.away)}" if evidence.away else "everybody answered"
    yield f"  settings, schema, clocks: {len(evidence.faults)} faults; {silent}"
    if evidence.database:
        yield from _shops(evidence.database)
    if redis := evidence.redis:
        beat = f"{redis.beat_at:%T}" if redis.beat_at else "silent"
        yield f"  beat {beat}, {redis.workers} workers alive, {sum(redis.wakeups.values())} wake-ups waiting"
    if spool := evidence.spool:
        free = f"{spool.disk_free // 1_000_000} MB of its disk free"
        yield f"  spool: {spool.held.files} files, {spool.held.size} bytes; {free}"
    ends_at = evidence.certificate_ends_at
    nothing = "not seen: no answer" if "PUBLIC_URL" in evidence.away else "none to look at"
    yield f"  TLS certificate: {f'ends {ends_at:%F}' if ends_at else nothing}"


def _shops(database: OfDatabase) -> Iterator[str]:
    owed = database.lanes.values()
    due, later, parked = (sum(getattr(lane, name) for lane in owed) for name in ("due", "later", "parked"))
    yield f"  {len(database.shops)} shops; {len(owed)} lanes: {due} rows due, {later} later, {parked} parked"
    problems = sum(count.problems for count in database.problems.values())
    made = f"{database.calls_made} calls of the day, {database.logins_refused} logins refused of the hour"
    looked, sealed = (f"{at:%F %T}" if at else "-" for at in (database.looked_at, database.sealed_at))
    yield f"  {made}; {problems} problems open"
    yield f"  last look {looked}, last seal {sealed}"
