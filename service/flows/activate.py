"""Connect a shop: probe the credentials, learn whose shop it is, register webhooks, read the code lists.

Webhooks come before the pull, so that nothing which changes while pages are read is missed (docs/upgates.md A.1).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service import accounts, activations, codebooks, db, inbox, journal, tenants
from service.activations import Claimed, Step
from service.inbox import Cause
from service.lanes import LANE_OF_ENTITY, LOOKED_AT, Lane, TenantId, lane_of
from service.platform.client import Shop
from service.platform.errors import PlatformError, PlatformUnreachable
from service.platform.shapes import CodebookEntry, Page, Webhook, WebhookEvent
from service.rig import Rig
from service.steps import code_lists, setback, telling

ACTIONS = ("create", "update", "delete")
WANTED = [f"{entity}.{action}" for entity in LANE_OF_ENTITY for action in ACTIONS]
DOUBTS = 3  # so often a list that lacks what it ought to hold is not believed; half a minute or more lies between


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Do the steps that are due, one after the other; return how many ended."""
    ended = 0
    while claimed := claim(rig, tenant_id):
        try:
            next_lane = STEPS[claimed.step](rig, tenant_id, claimed)
        except activations.ClaimLost:
            return ended
        except PlatformError as trouble:
            with rig.db.tx(tenant_id) as conn:
                setback.take(conn, tenant_id, claimed, trouble, now=rig.now())
            return ended
        ended += 1
        if next_lane is not None:
            rig.wake(next_lane, tenant_id)
    return ended


def claim(rig: Rig, tenant_id: TenantId) -> Claimed | None:
    """Take the step that is due."""
    with rig.db.tx(tenant_id) as conn:
        return activations.claim(conn, tenant_id, Lane.ACTIVATE, now=rig.now(), lease_s=rig.settings.lease_s)


def connect(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> Lane | None:
    """Ask `/status` whether the credentials work and what they may do (4.17)."""
    rights = rig.shop(tenant_id, Lane.ACTIVATE).status()
    denied = [right.service for right in rights.items if right.privilege == "deny"]
    with rig.db.tx(tenant_id) as conn:
        inbox.rest_no_more(conn, tenant_id)
    return finish(rig, tenant_id, claimed, detail={"denied": denied})


def owner(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> Lane | None:
    """Ask whose shop it is and name it; a tenant without an account gets its merchant's (4.11, R32)."""
    shop = rig.shop(tenant_id, Lane.ACTIVATE)
    owners, languages = shop.owner(), shop.languages()
    believe(rig, tenant_id, claimed, lacking=empty({"owner": [owners], "languages": [languages]}))
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        code_lists.take_over(conn, tenant_id, "owner", [owners.mapped(lambda owner: owner.entry)], now=now)
        code_lists.take_over(conn, tenant_id, "languages", [languages.mapped(lambda language: language.entry)], now=now)
        tenants.rename(conn, tenant_id, shop_name=codebooks.shop_name(conn, tenant_id))
        if tenants.account_of(conn, tenant_id) is None:
            account_id = accounts.create_merchant(conn, codebooks.owner(conn, tenant_id), now=now)
            tenants.pair(conn, tenant_id, account_id=account_id)
            entry = journal.Entry(now, journal.Kind.PAIRED, None, {"account": account_id, "by": "owner"})
            journal.write(conn, tenant_id, [entry])
    telling.anew(rig, tenant_id)
    return finish(rig, tenant_id, claimed, detail={"owners": len(owners.items)})


def believe(rig: Rig, tenant_id: TenantId, claimed: Claimed, *, lacking: Collection[str]) -> None:
    """Raise PlatformUnreachable while what a list lacks is not believed: an answer may come back short or empty.

    A list that insists is believed in the end, because a shop may really have no payments.
    """
    doubts: int = claimed.cursor.get("doubts", 0)
    if lacking and doubts < DOUBTS:
        keep(rig, tenant_id, claimed, cursor={**claimed.cursor, "doubts": doubts + 1})
        raise PlatformUnreachable(f"an answer came back without {', '.join(sorted(lacking))}", unclear=False)


def empty(lists: Mapping[str, Sequence[Page[Any]]]) -> list[str]:
    """Return the names of the lists nothing stood on."""
    return [name for name, pages in lists.items() if not any(page.items or page.set_aside for page in pages)]


def webhooks(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> Lane | None:
    """Compare the shop's webhooks with ours and mend the difference; GET comes before POST (3.1, R29).

    On evidence that one does not work the list of hooks alone is asked for: which events there are is known.
    """
    shop = rig.shop(tenant_id, Lane.ACTIVATE)
    known_events: list[str] = claimed.cursor.get("events") or []
    on_evidence = bool(claimed.cursor.get("evidence") and known_events)
    told = allowed(known_events) if on_evidence else events_of(shop)
    if not on_evidence:
        believe(rig, tenant_id, claimed, lacking=[name for name in WANTED if name not in told])
    with rig.db.tx(tenant_id) as conn:
        _, generation = tenants.fence(conn, tenant_id)
    wanted = {event.name: url_of(rig, tenant_id, generation, event.name) for event in told.values() if event.allowed}
    found = code_lists.believed(shop.webhooks_on_evidence() if on_evidence else shop.webhooks()).items
    # An event the list lacks may have been left out: what hangs on it stays as it is.
    judged = [hook for hook in found if hook.event.lower() in told or hook.event.lower() not in WANTED]
    made, mended, left = compare(judged, wanted, ours=f"{rig.settings.public_url}/u/")
    for hook_id, event in mended.items():
        shop.update_webhook(hook_id, name=named(event), url=wanted[event], event=event)
        keep(rig, tenant_id, claimed, cursor=claimed.cursor)
    if left:
        shop.delete_webhooks(left)
    successes = {hook.id: hook.last_success_call for hook in found}
    look_at_the_gap(rig, tenant_id, {event: successes[hook_id] for hook_id, event in mended.items()})
    failing = failed_last(found, wanted)
    look_at_refusals(rig, tenant_id, failing)
    believe(rig, tenant_id, claimed, lacking=made.keys() & known(rig, tenant_id, claimed, wanted))
    make(rig, tenant_id, claimed, made)
    refused = [name for name in WANTED if name not in told or not told[name].allowed]
    detail = {"made": sorted(made), "mended": sorted(mended.values()), "deleted": len(left), "not_allowed": refused}
    if on_evidence:
        detail |= {"evidence": claimed.cursor["evidence"], "failing": sorted(hook.event for hook in failing)}
    keep(rig, tenant_id, claimed, cursor={"events": sorted(wanted)})
    return finish(rig, tenant_id, claimed, detail=detail)


def allowed(events: Collection[str]) -> dict[str, WebhookEvent]:
    """Return the events our access may use, as they were told and spelled before."""
    return {name.lower(): WebhookEvent.read({"name": name}) for name in events}


def failed_last(found: Sequence[Webhook], wanted: Mapping[str, str]) -> list[Webhook]:
    """Return our hooks whose last call failed, by the shop's own word: a second witness of what was lost."""

    def failed(hook: Webhook) -> bool:
        error, success = hook.last_error_call, hook.last_success_call
        return error is not None and (success is None or error > success)

    return [hook for hook in found if hook.url in wanted.values() and failed(hook)]


def look_at_refusals(rig: Rig, tenant_id: TenantId, failing: Sequence[Webhook]) -> None:
    """Let the lanes of hooks whose last call failed look at what it told, unless they have looked since."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        for hook in failing:
            lane = lane_of(hook.event)
            if lane and lane not in LOOKED_AT:
                read_list(conn, tenant_id, lane, unless_since=hook.last_error_call, now=now)
            if lane is None or lane not in LOOKED_AT or inbox.last_read(conn, tenant_id, lane).watermark is None:
                continue
            asked_at = inbox.last_asked(conn, tenant_id, lane, cause=None)
            if asked_at is None or (hook.last_error_call and asked_at < hook.last_error_call):
                since = hook.last_success_call or hook.last_error_call
                inbox.ask_look(conn, tenant_id, lane, Cause.REFUSED, now=now, doubted_from=since)


def make(rig: Rig, tenant_id: TenantId, claimed: Claimed, urls: Mapping[str, str]) -> None:
    """Create the webhooks of these events, one by one, each noted before the next (3.1)."""
    shop = rig.shop(tenant_id, Lane.ACTIVATE)
    made: list[str] = [*claimed.cursor.get("made", [])]
    for event, url in urls.items():
        shop.create_webhook(name=named(event), url=url, event=event)
        made.append(event)
        keep(rig, tenant_id, claimed, cursor={**claimed.cursor, "made": made})
    look_at_the_gap(rig, tenant_id, dict.fromkeys(urls))


def events_of(shop: Shop) -> dict[str, WebhookEvent]:
    """Return the events we want by their lower-case name, in the shop's spelling (T17).

    A list without any of ours is an answer gone wrong: nothing may be deleted on the strength of it.
    """
    events = code_lists.believed(shop.webhook_events()).items
    told = {event.name.lower(): event for event in events if event.name.lower() in WANTED}
    if not told:
        raise PlatformUnreachable("the list of webhook events came back without any event we know", unclear=False)
    return told


def known(rig: Rig, tenant_id: TenantId, claimed: Claimed, wanted: Collection[str]) -> Collection[str]:
    """Return the events whose webhooks our access has made: all of them when only this step is done once more.

    With fresh credentials the other steps are still to come, and the webhooks of the old access are gone (2.5).
    """
    with rig.db.tx(tenant_id) as conn:
        done = {step.step for step in activations.of(conn, tenant_id) if step.state == "done"}
    return wanted if Step.CODEBOOKS in done else claimed.cursor.get("made", [])


def keep(rig: Rig, tenant_id: TenantId, claimed: Claimed, *, cursor: Mapping[str, Any]) -> None:
    """Renew the lease between two writes: a second worker would make the same webhook once more."""
    until = rig.now() + timedelta(seconds=rig.settings.lease_s)
    with rig.db.tx(tenant_id) as conn:
        activations.save(conn, tenant_id, claimed, cursor=cursor, pages_done=0, pages_all=None, until=until)


def look_at_the_gap(rig: Rig, tenant_id: TenantId, events: Mapping[str, datetime | None]) -> None:
    """Let the lanes of webhooks that were missing or off look at what they did not tell; the pull is first (3.2).

    Each event comes with its last success, from which on nothing is known to have been told.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        if any(step.step in activations.PULLED and step.state != "done" for step in activations.of(conn, tenant_id)):
            return  # what the pull or its delta reads comes after the webhooks anyway
        for event, since in sorted(events.items()):
            lane = lane_of(event)
            if lane and lane not in LOOKED_AT:
                read_list(conn, tenant_id, lane, unless_since=None, now=now)
            elif lane and inbox.last_read(conn, tenant_id, lane).watermark:
                inbox.ask_look(conn, tenant_id, lane, Cause.HOOK_OFF, now=now, doubted_from=since)


def read_list(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, unless_since: datetime | None, now: datetime) -> None:
    """Let a list whose webhook was not taken or was off be read whole, unless it was read after that."""
    read_at = inbox.last_read(conn, tenant_id, lane).last_read_at
    if read_at is None or unless_since is None or read_at <= unless_since:
        inbox.hint(conn, tenant_id, lane, [inbox.Hint(inbox.LOOK, urgent=True, due_at=now)], now=now)


def compare(
    found: Sequence[Webhook], wanted: Mapping[str, str], *, ours: str
) -> tuple[dict[str, str], dict[int, str], list[int]]:
    """Return (event → url to create, id → event to mend, ids of our leftovers to delete).

    A hook is kept when event and URL fit and it is active; one of ours per event is mended rather than made again.
    Hooks of other addresses are not ours to touch.
    """
    kept: dict[str, Webhook] = {}
    mended: dict[int, str] = {}
    left: list[int] = []
    mine = [hook for hook in found if hook.url.startswith(ours)]
    spelled = {event.lower(): event for event in wanted}
    for hook in sorted(mine, key=lambda hook: wanted.get(spelled.get(hook.event.lower(), "")) != hook.url):
        event = spelled.get(hook.event.lower())
        if event is None or event in kept:
            left.append(hook.id)
            continue
        kept[event] = hook
        if hook.url != wanted[event] or not hook.active:
            mended[hook.id] = event
    return {event: url for event, url in wanted.items() if event not in kept}, mended, left


def url_of(rig: Rig, tenant_id: TenantId, generation: int, event: str) -> str:
    """Return the address of one event of one tenant; its last part is a credential (3.3)."""
    subject = f"{tenant_id}.{generation}/{event}"
    return f"{rig.settings.public_url}/u/{subject}/{rig.settings.hook_mac.sign(subject)}"


def named(event: str) -> str:
    """Return the label of a webhook in the shop's administration."""
    return f"Expedition: {event}"


def lists(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> Lane | None:
    """Read order statuses, shipments and payments whole; then the pull may begin."""
    shop = rig.shop(tenant_id, Lane.ACTIVATE)
    pages = {
        "order_statuses": [shop.order_statuses()],
        "shipments": code_lists.every_page(shop.shipments),
        "payments": code_lists.every_page(shop.payments),
    }
    believe(rig, tenant_id, claimed, lacking=empty(pages))
    doubted = believe_lost(rig, tenant_id, claimed, pages)
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        counts = {
            kind: code_lists.take_over(conn, tenant_id, kind, found, now=now, kept=doubted.get(kind, ()))
            for kind, found in pages.items()
        }
    return finish(rig, tenant_id, claimed, detail=counts, next_at=pull_start(rig, tenant_id))


def believe_lost(
    rig: Rig, tenant_id: TenantId, claimed: Claimed, pages: Mapping[str, Sequence[Page[CodebookEntry]]]
) -> Mapping[str, Sequence[str]]:
    """Return what only the second answer of a shop that was here before lacks, by list: it is not believed to be gone.

    Raise PlatformUnreachable the first time they lack what they held.
    """
    with rig.db.tx(tenant_id) as conn:
        lost = code_lists.lost(conn, tenant_id, pages)
    if lost and "lost" not in claimed.cursor:
        keep(rig, tenant_id, claimed, cursor={**claimed.cursor, "lost": lost})
        raise PlatformUnreachable(f"an answer came back without what it held: {', '.join(sorted(lost))}", unclear=False)
    return code_lists.unproven(lost, claimed.cursor)


def pull_start(rig: Rig, tenant_id: TenantId) -> datetime:
    """Return when this shop's pull may begin: at once, or a spacing after another one that is still running."""
    with rig.db.tx_all("the start of other shops' pulls") as conn:
        other = activations.other_pull_started(conn, tenant_id)
    spacing = timedelta(seconds=rig.settings.pull_spacing_s)
    return max(rig.now(), other + spacing) if other else rig.now()


STEPS: Mapping[Step, Callable[[Rig, TenantId, Claimed], Lane | None]] = {
    Step.CONNECT: connect,
    Step.OWNER: owner,
    Step.WEBHOOKS: webhooks,
    Step.CODEBOOKS: lists,
}


def finish(
    rig: Rig, tenant_id: TenantId, claimed: Claimed, *, detail: Mapping[str, object], next_at: datetime | None = None
) -> Lane | None:
    """End the step, write it down, and make the next one due."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        entry = journal.Entry(now, journal.Kind.STEP_DONE, None, {"step": claimed.step.value, **detail})
        journal.write(conn, tenant_id, [entry])
        return activations.done(conn, tenant_id, claimed, now=now, next_at=next_at or now)
