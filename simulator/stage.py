"""Everything one running simulator consists of, put together in one place."""

from dataclasses import dataclass
from enum import StrEnum

import httpx

from simulator.hooks import Sender
from simulator.lifecycle import Addon, Caller
from simulator.marketplace import Marketplace
from simulator.signing import SigningKey
from simulator.state import World


class KeyHostMode(StrEnum):
    """What the host of the public key does (contract 2.2)."""

    UP = "up"
    DOWN = "down"  # 503
    HANG = "hang"  # no answer at all


@dataclass
class KeyHost:
    """The place the public key is fetched from, and how often somebody did."""

    key: SigningKey
    mode: KeyHostMode = KeyHostMode.UP
    fetches: int = 0


@dataclass
class Stage:
    """World, webhooks, add-on and key of one simulator."""

    world: World
    sender: Sender
    market: Marketplace
    key_host: KeyHost
    client: httpx.AsyncClient
    lag_s: float = 0.0  # the longest our own loop kept anybody waiting; measured times above it are the add-on's

    @property
    def key_url(self) -> str:
        """Return where the public key lies; on the platform it is a host of its own."""
        return f"{self.world.base_url}/addons/signature/api.signature.pub.key"


def build(world: World, *, addon_url: str, signature_token: str, timers: float = 1.0) -> Stage:
    """Return a stage around `world`, its webhook sender already listening."""
    key = SigningKey()
    # No proxy, no redirects; 2 s is below the keep-alive of common servers, so no call meets a connection just closed.
    client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(keepalive_expiry=2.0))
    caller = Caller(Addon(addon_url, signature_token), key, client, world.now)
    sender = Sender(world, timers=timers, seed=world.seed)
    world.on_event.append(sender.hear)
    return Stage(world, sender, Marketplace(world, caller), KeyHost(key), client)
