"""The activation as the merchant sees it: each step, how far it is, when it will probably end (docs/upgates.md R38)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import accounts, activations, catalog, codebooks, db, mappings, orders, problems, tenants
from service.accounts import Person
from service.activations import Progress
from service.kit.clock import PRAGUE
from service.lanes import TenantId
from service.tenants import State, Tenant
from service.web.words import Words

SOON = timedelta(seconds=30)  # who waits less need not be told until when
PAUSE = timedelta(minutes=2)  # further ahead than a usual lease: nobody works on the step until then
STATE_WORDS = {
    "waiting": "waiting",
    "running": "running",
    "retrying": "retrying",
    "done": "state_done",
    "failed": "state_failed",
}


@dataclass(frozen=True)
class Step:
    """A step in words; `bar` is how many hundredths are done, None when nobody knows."""

    step: str
    state: str
    state_word: str
    details: Sequence[str]
    bar: int | None
    why: str | None


@dataclass(frozen=True)
class Seen:
    """All that the panel shows of a tenant; nothing in it lets anybody into the shop (R7)."""

    shop_name: str | None
    headline: str
    running: bool
    steps: Sequence[Step]
    orders: int
    products: int
    account: Person | None
    owners: Sequence[Person]
    live: bool
    answered: bool
    problems: int


def look(conn: db.Conn, tenant_id: TenantId, words: Words, *, now: datetime) -> Seen | None:
    """Return what the panel shows now; None when the shop is not with us any more."""
    tenant = tenants.of(conn, tenant_id)
    if tenant is None or tenant.state is State.DISMISSED:
        return None
    steps = activations.of(conn, tenant_id)
    account = accounts.of(conn, tenant.account_id) if tenant.account_id else None
    headline = headline_of(tenant, steps)
    given = mappings.of(conn, tenant_id)
    sizes = problems.sizes(conn, tenant_id)
    return Seen(
        shop_name=tenant.shop_name,
        headline=headline,
        running=headline == "working",
        steps=[told(step, words, now=now) for step in steps],
        orders=orders.counts(conn, tenant_id).live,
        products=catalog.counts(conn, tenant_id).live,
        account=account.person if account else None,
        owners=owners(conn, tenant_id, but=account.person.email if account else None),
        live=given.live,
        answered=given.revision > 0,
        problems=sum(size.problems for cause, size in sizes.items() if cause not in problems.OPERATORS_OWN),
    )


def headline_of(tenant: Tenant, steps: Sequence[Progress]) -> str:
    """Return the word for how the activation stands as a whole."""
    if tenant.state is State.SUSPENDED:
        return "suspended"
    if tenant.state is State.HELD:
        return "held"
    if any(step.state == "failed" for step in steps):
        return "failed"
    return "thanks" if all(step.state == "done" for step in steps) else "working"


def owners(conn: db.Conn, tenant_id: TenantId, *, but: str | None) -> list[Person]:
    """Return the shop's owners that have an e-mail, each once: there is one per language (4.11)."""
    found = [accounts.person_of(entry.content) for entry in codebooks.entries(conn, tenant_id, "owner").values()]
    return list({person.email: person for person in found if person.email and person.email != but}.values())


def told(step: Progress, words: Words, *, now: datetime) -> Step:
    """Put a step into words."""
    state = "retrying" if retried(step) else "waiting" if paused(step, now=now) else step.state
    return Step(
        step=step.step.value,
        state=state,
        state_word=STATE_WORDS[state],
        details=details(step, words, now=now),
        bar=round(100 * step.pages_done / step.pages_all) if step.state == "running" and step.pages_all else None,
        why=step.why,
    )


def details(step: Progress, words: Words, *, now: datetime) -> list[str]:
    """Return where a running step is, when it ends, and when one that waits goes on."""
    if step.due_at and retried(step):
        return [words["retry_at"].format(time=of_day(step.due_at))]
    if step.state == "waiting" and step.due_at and step.due_at > now + SOON:
        return [words["starts_at"].format(time=of_day(step.due_at))]
    if step.state != "running":
        return []
    page = words["page" if step.pages_all else "page_so_far"].format(done=step.pages_done, all=step.pages_all)
    pages = [page] if step.pages_done else []
    if step.due_at and paused(step, now=now):
        return [*pages, words["goes_on_at"].format(time=of_day(step.due_at))]
    end = expected_end(step, now=now)
    return [*pages, words["until"].format(time=of_day(end))] if end else pages


def retried(step: Progress) -> bool:
    """Say whether a step failed and will be tried again; to the store it runs, to the merchant it does not."""
    return step.state == "running" and bool(step.why and step.due_at)


def paused(step: Progress, *, now: datetime) -> bool:
    """Say whether a step was begun and rests without fault, as when no call to the shop is left in this hour."""
    return step.state == "running" and not step.why and step.due_at is not None and step.due_at > now + PAUSE


def expected_end(step: Progress, *, now: datetime) -> datetime | None:
    """Return when a step ends if its pages go on coming as they came; None before the first page."""
    if not (step.pages_done and step.pages_all and step.started_at):
        return None
    return now + (now - step.started_at) / step.pages_done * max(step.pages_all - step.pages_done, 0)


def of_day(moment: datetime) -> str:
    """Return hour and minute as the merchant's clock shows them."""
    return f"{moment.astimezone(PRAGUE):%H:%M}"
