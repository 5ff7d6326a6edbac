"""Faults of the outside world: the shops' API, their webhooks, the Marketplace and its key."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from service.demo.merchants import told
from tests.chaos.faults import DOUBT_S, Fault, Strike
from tests.chaos.world import World

HELD_WITHIN_S = 60.0
FREE_WITHIN_S = 30.0
MENDED_WITHIN_S = 90.0
OPENED_WITHIN_S = 20.0
STRUCK_WITHIN_S = 40.0

HELD = "SELECT count(*) FROM tenants WHERE state = 'held'"
BLOCKS = "SELECT count(*) FROM blocks WHERE ended_at IS NULL"
HOOKS_ASKED_LONG_AGO = "UPDATE activation_steps SET ended_at = ended_at - interval '1 h' WHERE step = 'webhooks'"
AWAY_FOR_10_MIN = "UPDATE receiver_beats SET alive_at = alive_at - interval '10 min'"
HOUR_IS_OVER = "UPDATE blocks SET next_at = clock_timestamp() WHERE ended_at IS NULL AND next_at > clock_timestamp()"


def befalling(kind: str, **how: Any) -> Strike:
    """Return what lets calls of every shop take a fault until it ends; `how` may depend on the dice."""

    @contextmanager
    def strike(world: World, dice: random.Random) -> Iterator[None]:
        asked = {name: value(dice) if callable(value) else value for name, value in how.items()}
        world.say(f"the shops: {kind} {asked}")
        for merchant in world.merchants:
            told("POST", f"{merchant.control_url}/faults", {"kind": kind, "calls": None, **asked})
        try:
            yield
            world.until(lambda: struck(world, kind) > 0, within_s=STRUCK_WITHIN_S)
            world.say(f"{struck(world, kind)} calls were befallen")
            if not struck(world, kind):
                world.wrong.append(f"no call was befallen by {kind} {asked}")
        finally:
            world.tell_all("/faults", "DELETE", kind=kind)

    return strike


def struck(world: World, kind: str) -> int:
    """Return how many calls a fault of the shops has befallen."""
    faults = [fault for merchant in world.merchants for fault in merchant.tell("/faults", "GET")["faults"]]
    return sum(fault["struck"] for fault in faults if fault["kind"] == kind)


@contextmanager
def shops_move(world: World, dice: random.Random) -> Iterator[None]:
    """Let every shop move to a new address; the old one answers 301, by its body or by Location."""
    for merchant in world.merchants:
        name = merchant.slug.partition("-")[0]
        merchant.tell("/move", to=f"{name}-{dice.randrange(10**6)}", how=dice.choice(("body", "location")))
    world.find_shops()
    yield


def refused(**switch: Any) -> Strike:
    """Return what lets one shop refuse our credentials; afterwards a person says `retry`, as the panel tells him to."""

    @contextmanager
    def strike(world: World, dice: random.Random) -> Iterator[None]:
        merchant = dice.choice(world.merchants)
        tenant_id = next(tenant for tenant, each in world.tenants().items() if each == merchant)
        merchant.tell("/users/addon", "PATCH", **switch)
        world.say(f"{merchant.slug} refuses us")
        yield
        merchant.tell("/users/addon", "PATCH", **{name: not value for name, value in switch.items()})
        world.say(f"retry: {world.stage.command('retry', tenant_id)}")
        world.platform("/lockout/clear")

    return strike


@contextmanager
def blocked(world: World, _dice: random.Random) -> Iterator[None]:
    """Block the add-on until all shops are held, and unblock it; the hours between the probes are cut short."""
    world.platform("/addon/block", status=403)
    held = world.until(lambda: world.truth.number(HELD) == len(world.merchants), within_s=HELD_WITHIN_S)
    world.say("all shops are held" if held else "not all shops are held")
    yield
    world.platform("/addon/unblock")

    def free() -> bool:
        world.run(HOUR_IS_OVER)
        return world.truth.number(BLOCKS) == 0

    if not world.until(free, within_s=FREE_WITHIN_S):
        world.wrong.append("the end of the block was not found")


def hooks(what: str, **switches: Any) -> Strike:
    """Return what leads the webhooks of every shop astray until it ends."""
    off = {name: False if value is True else 0 for name, value in switches.items()}

    @contextmanager
    def strike(world: World, _dice: random.Random) -> Iterator[None]:
        world.tell_all("/hooks", "PATCH", **switches)
        world.say(what)
        yield
        world.tell_all("/hooks", "PATCH", **off)

    return strike


@contextmanager
def hook_off(world: World, _dice: random.Random) -> Iterator[None]:
    """Switch one hook of each shop off, and let the service believe that its receiver was away for ten minutes.

    That is the evidence on which a shop's hooks are asked for; once an hour at most, so that hour is cut short as well.
    """
    world.tell_all("/hooks", "PATCH", off="Orders.update")
    yield
    world.run(HOOKS_ASKED_LONG_AGO)
    world.run(AWAY_FOR_10_MIN)
    world.say("the receiver was away for ten minutes, it seems")

    def mended() -> bool:
        there = [merchant.tell("/hooks", "GET")["webhooks"] for merchant in world.merchants]
        return all(hook["active_yn"] for each in there for hook in each if hook["event"] == "Orders.update")

    if not world.until(mended, within_s=MENDED_WITHIN_S):
        world.wrong.append("a webhook that was off is still off after an outage of ours")


@contextmanager
def key_host_down(world: World, dice: random.Random) -> Iterator[None]:
    mode = dice.choice(("down", "hang"))
    web = world.stage.processes.children["web"]
    knows_key, pid = opens(world), web.pid  # a process that has just started knows none, and may refuse
    world.platform("/key", "PATCH", mode=mode)
    yield
    if knows_key and web.pid == pid:
        opened(world, f"the key's host is in mode {mode}")
    world.platform("/key", "PATCH", mode="up")


@contextmanager
def key_rotated(world: World, _dice: random.Random) -> Iterator[None]:
    world.platform("/key/rotate")
    yield
    opened(world, "the key was rotated")


def opened(world: World, when: str) -> None:
    """Let a merchant open the add-on: its signature must be believed."""
    if not opens(world):
        world.wrong.append(f"opening failed when {when}: {world.merchants[0].tell('/open')['why']}")


def opens(world: World) -> bool:
    return world.until(lambda: world.merchants[0].tell("/open")["ok"], within_s=OPENED_WITHIN_S)


def at_shops(name: str, says: str, strike: Strike, *, whole_s: float = DOUBT_S + 90, lasts=(3.0, 12.0), **of: Any):
    return Fault(name, says, "shops", strike, lasts=lasts, whole_s=whole_s, **of)


def at_hooks(name: str, says: str, strike: Strike, *, whole_s: float = 60, lasts=(4.0, 10.0)) -> Fault:
    return Fault(name, says, "hooks", strike, lasts=lasts, whole_s=whole_s)


PUT = {"method": "PUT", "template": "/orders"}
FAULTS = (
    at_shops("busy", "429 without a word more", befalling("busy")),
    at_shops("busy_until", "429 with Retry-After", befalling("busy", retry_after_s=4)),
    at_shops("error_500", "500", befalling("error", status=500)),
    at_shops("error_503", "503", befalling("error", status=503)),
    at_shops("html", "200 with an HTML page", befalling("html")),
    at_shops("empty", "200 with nothing in it", befalling("empty")),
    at_shops("moved", "301: the shops have moved", shops_move),
    at_shops("revoked", "401: one shop refuses us", refused(revoked=True), breaks=frozenset({"bad_login"})),
    at_shops("inactive", "403: one shop refuses us", refused(active=False), breaks=frozenset({"no_right"})),
    at_shops(
        "unanswered",
        "done, and the answer dropped",
        befalling("dropped", one_in=2, seed=lambda dice: dice.randrange(1_000)),
    ),
    at_shops(
        "landing_late",
        "no answer, and the write lands later",
        befalling("late", one_in=2, seconds=2, seconds_most=80, seed=lambda dice: dice.randrange(1_000), **PUT),
        whole_s=2 * DOUBT_S + 60,
    ),
    at_shops(
        "slow",
        "answers take 2 to 30 s",
        befalling("latency", seconds=lambda dice: round(dice.uniform(2, 30), 1)),
        lasts=(8, 20),
        whole_s=2 * DOUBT_S + 60,
    ),
    at_shops("blocked", "the add-on is blocked and unblocked", blocked, breaks=frozenset({"no_right"}), lasts=(1, 3)),
    at_hooks("doubled", "every webhook comes twice", hooks("every webhook comes twice", double_every=1)),
    at_hooks("shuffled", "webhooks in any order", hooks("webhooks wait up to 8 s each", shuffle_s=8)),
    at_hooks("delayed", "webhooks late and all at once", hooks("webhooks are held back", hold=True)),
    at_hooks("hook_off", "one hook switched off", hook_off, whole_s=120),
    Fault("key_host_down", "the key's host is away", "key", key_host_down),
    Fault("key_rotated", "the key is another one", "key", key_rotated),
)
