"""Control of the add-on: activate, open, deactivate, new version, wrong requests, blocking, the signing key."""

from typing import Any, Literal

from pydantic import Field

from simulator.control.asking import Ask, Nothing, Refused
from simulator.lifecycle import Door, Sent, Signs, Spoilt
from simulator.shop import Shop
from simulator.stage import KeyHostMode, Stage

Language = Literal["cs", "sk", "en"]


class Install(Ask):
    """`again` repeats the activation with the credentials there are."""

    language: Language = "cs"
    again: bool = False


class Speaking(Ask):
    """The language of the admin user who acts."""

    language: Language = "cs"


class Uninstall(Ask):
    """`lost`: the add-on is never told."""

    lost: bool = False


class ChangeVersion(Ask):
    """`signs` chooses among the readings of 2.6; `new_key` gives the same login a new key."""

    version: int
    signs: Signs = Signs.SHORT
    new_key: bool = False


class Wrong(Ask):
    """Which door gets a request with which fault."""

    door: Door
    fault: Spoilt


class Replay(Ask):
    """Send the last body that went to `of` to `door`."""

    door: Door
    of: Door


class ChangeAddon(Ask):
    """Fields left out stay as they are; `doors` holds whole URLs of doors in unusual places."""

    url: str | None = Field(None, pattern=r"^https?://")
    signature_token: str | None = Field(None, min_length=1)
    version: int | str | None = None
    valid_for_s: float | None = Field(None, ge=0)
    doors: dict[Door, str] | None = None


class Block(Ask):
    """What the add-on's users get while it is blocked; `uninstall_calls`: shops are told (guess: B26)."""

    status: Literal[401, 403] = 403
    uninstall_calls: bool = False


class SwitchKeyHost(Ask):
    """The host is `up`, `down` (503) or does not answer (`hang`)."""

    mode: KeyHostMode


async def install(stage: Stage, shop: Shop, ask: Install) -> dict[str, Any]:
    """Activate the add-on in the shop."""
    if ask.again and shop.addon_user is None:
        raise Refused("the add-on is not active here, there is nothing to repeat", 409)
    return _told(shop, await stage.market.install(shop, language=ask.language, again=ask.again))


async def open_(stage: Stage, shop: Shop, ask: Speaking) -> dict[str, Any]:
    """Open the add-on; the page's URL is in `answer`."""
    return _told(shop, await stage.market.open(shop, language=ask.language))


async def uninstall(stage: Stage, shop: Shop, ask: Uninstall) -> dict[str, Any]:
    """Deactivate the add-on in the shop."""
    sent = await stage.market.uninstall(shop, lost=ask.lost)
    return {"active": False} if sent is None else _told(shop, sent)


async def reinstall(stage: Stage, shop: Shop, ask: Speaking) -> dict[str, Any]:
    """Deactivate and activate again, with new credentials."""
    return _told(shop, await stage.market.reinstall(shop, language=ask.language))


async def change_version(stage: Stage, shop: Shop, ask: ChangeVersion) -> dict[str, Any]:
    """Move the shop to another version of the add-on."""
    if ask.signs is Signs.FULL and shop.addon_user is None:
        raise Refused("the add-on is not active here, there are no credentials to send", 409)
    sent = await stage.market.change_version(shop, ask.version, signs=ask.signs, new_key=ask.new_key)
    return _told(shop, sent)


async def wrong(stage: Stage, shop: Shop, ask: Wrong) -> dict[str, Any]:
    """Send a request that is wrong on purpose."""
    return _told(shop, await stage.market.spoilt(shop, ask.door, ask.fault))


async def replay(stage: Stage, shop: Shop, ask: Replay) -> dict[str, Any]:
    """Send a captured request again, to the same or another door."""
    sent = await stage.market.replay(ask.door, of=ask.of, token=shop.token)
    if sent is None:
        raise Refused(f"nothing was sent to {ask.of!s} for this shop yet", 409)
    return _told(shop, sent)


def addon(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Return the add-on as the Marketplace knows it and the last calls to it."""
    return _addon(stage) | {"calls": [sent.told() for sent in stage.market.caller.sent]}


def change_addon(stage: Stage, ask: ChangeAddon) -> dict[str, Any]:
    """Say where the add-on is and which secret it has."""
    known = stage.market.caller.addon
    for name in ask.model_fields_set:
        value = getattr(ask, name)
        if value is not None:
            setattr(known, name, value)
    return _addon(stage)


async def block(stage: Stage, ask: Block) -> dict[str, Any]:
    """Block the add-on in all shops; credentials come back unchanged with `unblock` (contract 2.7)."""
    stage.world.block_addon(ask.status)
    if ask.uninstall_calls:
        for shop in list(stage.world.shops.values()):
            if shop.addon_user is not None:
                await stage.market.tell_blocked(shop)
    return _addon(stage)


def unblock(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Let the add-on in again."""
    stage.world.unblock_addon()
    return _addon(stage)


def rotate_key(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Sign with a new key from now on."""
    stage.key_host.key.rotate()
    return key(stage, _ask)


def switch_key_host(stage: Stage, ask: SwitchKeyHost) -> dict[str, Any]:
    """Take the key's host down, let it hang, or bring it up."""
    stage.key_host.mode = ask.mode
    return key(stage, Nothing())


def key(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Return where the key is, how its host does and how often it was asked."""
    host = stage.key_host
    return {
        "url": stage.key_url,
        "mode": host.mode,
        "fetches": host.fetches,
        "rotations": host.key.rotations,
        "pem": host.key.public_pem.decode(),
    }


def _told(shop: Shop, sent: Sent) -> dict[str, Any]:
    user = shop.addon_user
    return sent.told() | {"active": user is not None, "login": user.login if user else None}


def _addon(stage: Stage) -> dict[str, Any]:
    known = stage.market.caller.addon
    return {
        "url": known.url,
        "doors": {door.value: known.at(door) for door in Door},
        "signature_token": known.signature_token,
        "version": known.version,
        "valid_for_s": known.valid_for_s,
        "blocked": stage.world.addon_blocked,
        "active_at": [shop.slug for shop in stage.world.shops.values() if shop.addon_user is not None],
    }
