"""Control of how a shop behaves: its switches, faults, API users, and how its webhooks are delivered."""

from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from simulator import limits
from simulator.control.asking import Ask, Nothing, Refused, Slug
from simulator.faults import KINDS, Fault
from simulator.shop import SERVICES, ApiUser, Shop
from simulator.stage import Stage

Method = Literal["GET", "POST", "PUT", "DELETE"]
Privilege = Literal["deny", "readonly", "all"]


class Switches(Ask):
    """Fields left out stay as they are."""

    latency_s: float | None = Field(None, ge=0, le=60)
    tariff: str | None = None
    verified: bool | None = None
    packages: int | None = Field(None, ge=0, le=60)
    mails_on_same_status: bool | None = None
    sms_enabled: bool | None = None
    products_follow_stock: bool | None = None
    availability_by_stock: bool | None = None


class NewFault(Ask):
    """A fault as in `simulator.faults`; `calls` null means until cleared."""

    kind: str
    calls: int | None = Field(1, ge=1)
    method: Method | None = None
    template: str | None = None
    numbers: set[str] | None = None
    every: int = Field(1, ge=1)
    one_in: int = Field(1, ge=1)
    seed: int = 1
    seconds: float = Field(0.0, ge=0, le=600)
    seconds_most: float | None = Field(None, ge=0, le=600)
    items: int = Field(1, ge=0)
    status: int = Field(500, ge=500, le=599)
    honest: bool = True
    retry_after_s: float | None = Field(None, ge=0)


class ClearFaults(Ask):
    """All of them, or one kind."""

    kind: str | None = None


class HookQuirks(Ask):
    """Fields left out stay as they are; meanings in `simulator.bodies`."""

    statuses_as_printed: bool | None = None
    ids_as_text: bool | None = None
    without_status: bool | None = None
    update_after_create: bool | None = None


class HookSwitches(Ask):
    """Fields left out stay as they are; meanings in `simulator.hooks.Handling`.

    `off`: switch the webhooks of this event off, as somebody in the admin may.
    """

    echo: bool | None = None
    timeout_delivered: bool | None = None
    switch_off: bool | None = None
    double_every: int | None = Field(None, ge=0)
    shuffle_s: float | None = Field(None, ge=0, le=600)
    lose_next: int | None = Field(None, ge=0)
    swallow_next: int | None = Field(None, ge=0)
    hold: bool | None = None
    quirks: HookQuirks | None = None
    off: str | None = None


class NewUser(Ask):
    """Rights by service; those left out are `all`."""

    rights: dict[str, Privilege] = Field(default_factory=dict)


class ChangeUser(Ask):
    """`login` comes from the path; `addon` stands for the add-on's user."""

    login: str
    revoked: bool | None = None
    active: bool | None = None
    rights: dict[str, Privilege] | None = None


class MoveShop(Ask):
    """The new slug, and whether the old address answers 301 with `api_url` in its `body` or with `location`."""

    to: Slug
    how: Literal["body", "location"] = "body"


def switch(_stage: Stage, shop: Shop, ask: Switches) -> dict[str, Any]:
    """Set switches of the shop; return all of them."""
    if ask.tariff is not None:
        ask.tariff = known_tariff(ask.tariff)
    _set(shop, ask)
    return {name: getattr(shop, name) for name in Switches.model_fields}


def add_fault(_stage: Stage, shop: Shop, ask: NewFault) -> dict[str, Any]:
    """Add a fault; return all that wait."""
    if ask.kind not in KINDS:
        raise Refused(f"no fault {ask.kind!r}; there are {', '.join(KINDS)}")
    how = ask.model_dump(exclude={"kind", "retry_after_s"})
    shop.faults.add(ask.kind, retry_after=_span(ask.retry_after_s), **how)
    return faults(_stage, shop, ask)


def clear_faults(stage: Stage, shop: Shop, ask: ClearFaults) -> dict[str, Any]:
    """Forget faults; return those left."""
    shop.faults.clear(ask.kind)
    return faults(stage, shop, ask)


def faults(_stage: Stage, shop: Shop, _ask: Ask) -> dict[str, Any]:
    """Return the faults that wait, and which kinds there are."""
    return {"faults": [_fault(fault) for fault in shop.faults.waiting], "kinds": KINDS}


def switch_hooks(stage: Stage, shop: Shop, ask: HookSwitches) -> dict[str, Any]:
    """Set how webhooks are delivered; return all settings. `hold: false` lets held calls go."""
    handling = stage.sender.handling(shop)
    if ask.quirks is not None:
        _set(handling.quirks, ask.quirks)
    _set(handling, ask, but=("quirks", "off"))
    for hook in shop.webhooks.values():
        hook.active = hook.active and hook.event != ask.off
    if ask.hold is False:
        stage.sender.release(shop)
    return asdict(handling)


def hooks(stage: Stage, shop: Shop, _ask: Ask) -> dict[str, Any]:
    """Return the registered webhooks, how they are delivered and the last calls made."""
    return {
        "webhooks": [hook.record() | {"login": hook.login} for hook in shop.webhooks.values()],
        "handling": asdict(stage.sender.handling(shop)),
        "waiting": stage.sender.figures(shop)["waiting"],
        "recent": [call for call in list(stage.sender.recent) if call["token"] == shop.token],
    }


def acked(stage: Stage, shop: Shop, _ask: Nothing) -> dict[str, Any]:
    """Return what was answered right: how often each body was, by its event and the beginning of its SHA-256."""
    return {"bodies": stage.sender.acked(shop)}


def add_user(stage: Stage, shop: Shop, ask: NewUser) -> dict[str, Any]:
    """Create an API user; return its credentials."""
    _known(ask.rights)
    return _user(stage, shop, stage.world.add_user(shop, rights=dict(ask.rights)))


def change_user(stage: Stage, shop: Shop, ask: ChangeUser) -> dict[str, Any]:
    """Revoke, switch off or restrict an API user, or undo it."""
    user = shop.addon_user if ask.login == "addon" else shop.users.get(ask.login)
    if user is None:
        raise Refused(f"no API user {ask.login!r}; there are {', '.join(shop.users) or 'none'}", 404)
    _set(user, ask, but=("login", "rights"))
    if ask.rights is not None:
        _known(ask.rights)
        user.rights.update(ask.rights)
        _switch_off_forbidden(shop, user)
    return _user(stage, shop, user)


def move(stage: Stage, shop: Shop, ask: MoveShop) -> dict[str, Any]:
    """Move the shop to another slug; its control URL moves along."""
    if ask.to in stage.world.shops:
        raise Refused(f"{ask.to!r} is taken", 409)
    stage.world.move_shop(shop, ask.to, how=ask.how)
    return {"slug": shop.slug, "api_url": stage.world.api_url(shop)}


def clear_lockout(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Forget bad logins, so that every address may call again; return how many each had within the hour."""
    forgotten = {address: len(logins) for address, logins in stage.world.bad_logins.items()}
    stage.world.bad_logins.clear()
    return {"forgotten": forgotten}


def _user(stage: Stage, shop: Shop, user: ApiUser) -> dict[str, Any]:
    told = {name: getattr(user, name) for name in ("login", "key", "addon", "active", "revoked", "rights")}
    return told | {"api_url": stage.world.api_url(shop)}


def _fault(fault: Fault) -> dict[str, Any]:
    told = {field.name: getattr(fault, field.name) for field in fields(fault) if field.init}
    span = told.pop("retry_after")
    numbers = None if fault.numbers is None else sorted(fault.numbers)
    return told | {"numbers": numbers, "retry_after_s": span.total_seconds() if span is not None else None}


def _set(target: object, ask: Ask, *, but: tuple[str, ...] = ()) -> None:
    for name in ask.model_fields_set - set(but):
        value = getattr(ask, name)
        if value is not None:
            setattr(target, name, value)


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def known_tariff(name: str) -> str:
    try:
        return limits.known_tariff(name)
    except ValueError as unknown:
        raise Refused(str(unknown)) from unknown


def _known(rights: dict[str, Privilege]) -> None:
    unknown = sorted(set(rights) - set(SERVICES))
    if unknown:
        raise Refused(f"no right {', '.join(unknown)}; there are {', '.join(SERVICES)}")


def _switch_off_forbidden(shop: Shop, user: ApiUser) -> None:
    """Deactivate the user's webhooks whose right is gone, as the platform does at once (contract 3.1)."""
    for hook in shop.webhooks.values():
        if hook.login == user.login and user.rights.get(SERVICE_OF.get(hook.event.partition(".")[0], "")) == "deny":
            hook.active = False


SERVICE_OF = {
    "Orders": "orders",
    "OrderStatuses": "order-statuses",
    "Products": "products",
    "Customers": "customers",
    "Invoices": "invoices",
    "Shipments": "shipments",
    "Payments": "payments",
    "Languages": "languages",
}
