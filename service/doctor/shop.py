"""Why the orders of one shop do not move: what stands in their way, from the shop's own side."""

from collections.abc import Iterator
from datetime import datetime

from service.doctor.causes import Finding, Trouble
from service.doctor.checks import SERVICE, TOLD_APART
from service.doctor.evidence import Evidence, OfShop
from service.problems import Cause
from service.tenants import State

NAMED = 12  # causes in one line


def of_shop(evidence: Evidence) -> Iterator[Finding]:
    """Yield what keeps the orders of the shop, in no order."""
    shop = evidence.shop
    if shop is None:
        return
    yield from _of_state(shop)
    yield from _of_calls(shop, evidence)
    yield from _of_steps(shop)
    yield from _of_answers(shop)
    yield from _of_rows(shop)


def _of_state(shop: OfShop) -> Iterator[Finding]:
    tenant, name = shop.tenant, shop.tenant.tenant_id
    if tenant.state is State.DISMISSED:
        says = f"the add-on was uninstalled {_at(tenant.dismissed_at)}: nothing is read, offered or written"
        yield Finding(Trouble.SHOP_LEFT, says, "the merchant activates the add-on anew")
    if tenant.state is State.SUSPENDED:
        says = f"it is called no more: {tenant.state_why}"
        yield Finding(
            Trouble.SHOPS_SUSPENDED, says, f"the merchant activates the add-on anew, or {SERVICE} retry {name}"
        )
    if tenant.state is State.HELD:
        says = f"it is held with all others: {tenant.state_why}"
        yield Finding(Trouble.ADDON_BLOCKED, says, f"wait for the end of the block, or {SERVICE} retry {name}")
    if tenant.state is State.ACTIVE and shop.doubted:
        says = "its credentials have not worked yet: only its activation may try them"
        yield Finding(Trouble.SHOP_DOUBTED, says, f"{SERVICE} tenant {name}")


def _of_calls(shop: OfShop, evidence: Evidence) -> Iterator[Finding]:
    if later := evidence.waits:
        says = f"it may not be called before {_at(later.until)}: {later.why}"
        yield Finding(Trouble.SHOP_WAITS_FOR_CALLS, says, f"{SERVICE} calls {shop.tenant.tenant_id}")
    if shop.resting:
        said = ", ".join(f"{lane} until {_at(until)}" for lane, until in shop.resting.items())
        says = f"it did not answer, and rests: {said}"
        yield Finding(Trouble.SHOP_RESTS, says, f"{SERVICE} retry {shop.tenant.tenant_id}, when the shop answers again")


def _of_steps(shop: OfShop) -> Iterator[Finding]:
    name = shop.tenant.tenant_id
    if shop.failed:
        said = ", ".join(f"{step} ({why})" for step, why in shop.failed.items())
        yield Finding(Trouble.ACTIVATION_FAILED, f"its activation failed at {said}", f"{SERVICE} retry {name}")
    elif shop.running:
        says = f"its activation is under way: {', '.join(shop.running)}"
        yield Finding(Trouble.SHOP_UNDER_WAY, says, f"{SERVICE} tenant {name}")


def _of_answers(shop: OfShop) -> Iterator[Finding]:
    name, mapping = shop.tenant.tenant_id, shop.mapping
    if shop.tenant.state is State.DISMISSED:
        return
    if not mapping.release:
        says = "nobody has answered which statuses release an order"
        yield Finding(Trouble.SHOP_UNANSWERED, says, f"{SERVICE} tenants set {name} --release STATUS …")
    elif not mapping.live:
        says = "it is only observed: nothing is offered to a warehouse or written to the shop"
        yield Finding(Trouble.SHOP_OBSERVED, says, f"{SERVICE} tenants set {name} --live")
    elif not shop.readers:
        says = "it is live and nobody can read its offers: no account of it has a token"
        do = f"{SERVICE} account-pair {name} ACCOUNT, then {SERVICE} token-create ACCOUNT LABEL"
        yield Finding(Trouble.SHOP_UNREAD, says, do)


def _of_rows(shop: OfShop) -> Iterator[Finding]:
    name = shop.tenant.tenant_id
    if shop.parked:
        says = f"{shop.parked} rows of it wait for a person"
        yield Finding(Trouble.ROWS_PARKED, says, f"{SERVICE} parked {name}, then {SERVICE} retry {name}")
    if Cause.WEBHOOKS_SILENT in shop.problems:
        says = f"its webhooks are silent; last heard {_at(shop.heard_at)}"
        yield Finding(Trouble.WEBHOOKS_SILENT, says, f"{SERVICE} look {name}")
    others = {cause: count for cause, count in shop.problems.items() if cause not in TOLD_APART}
    if others:
        told = [f"{count.problems} {cause}" for cause, count in others.items()]
        said = ", ".join([*told[:NAMED], *([f"{len(told) - NAMED} others"] if len(told) > NAMED else [])])
        yield Finding(Trouble.PROBLEMS_OPEN, f"what a person decides: {said}", f"{SERVICE} problems {name}")


def _at(when: datetime | None) -> str:
    return f"{when:%F %T}" if when else "never"
