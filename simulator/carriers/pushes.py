"""Messages a carrier sends by itself: they wait in `world.pushes` and are sent until somebody says 200 or 202."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from simulator.carriers.world import World

TAKEN = (200, 202)
AGAIN_AFTER = timedelta(seconds=2)
MOST_TRIES = 50


@dataclass(slots=True)
class Push:
    """One message; `due_at` None: at once."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    due_at: datetime | None = None
    tries: int = 0


def put(world: World, push: Push) -> None:
    """Have a message sent by the next `deliver`."""
    with world.lock:
        world.pushes.append(push)


def deliver(world: World, client: httpx.Client) -> int:
    """Send what is due, once each; return how many were taken. What was not taken is due again two seconds later."""
    with world.lock:
        now = world.now()
        due = [push for push in world.pushes if push.due_at is None or push.due_at <= now]
    taken = [push for push in due if _sent(push, client)]
    with world.lock:
        for push in due:
            push.tries += 1
            push.due_at = now + AGAIN_AFTER
        done = {id(push) for push in taken}
        world.pushes = [push for push in world.pushes if id(push) not in done and push.tries < MOST_TRIES]
    return len(taken)


def _sent(push: Push, client: httpx.Client) -> bool:
    try:
        return client.post(push.url, headers=dict(push.headers), content=push.body).status_code in TAKEN
    except httpx.HTTPError:
        return False
