"""Messages a carrier sends by itself: they wait in `world.pushes` and are sent until somebody says 200 or 202.

Faults of the operation `push` befall what is due together: `doubled`, `reversed`, and `short`, whose are never sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from simulator.carriers import garble
from simulator.carriers.faults import PUSH
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
        faults = world.faults.take(PUSH, b"", makes=False, has_items=True) if due else {}
    going = garble.items(due, faults)
    taken = [push for push in going if _sent(push, client)]
    with world.lock:
        for push in due:
            push.tries += 1
            push.due_at = now + AGAIN_AFTER
        lost = {id(push) for push in due} - {id(push) for push in going}
        over = lost | {id(push) for push in taken} | {id(push) for push in due if push.tries >= MOST_TRIES}
        world.pushes = [push for push in world.pushes if id(push) not in over]
    return len({id(push) for push in taken})


def _sent(push: Push, client: httpx.Client) -> bool:
    try:
        return client.post(push.url, headers=dict(push.headers), content=push.body).status_code in TAKEN
    except httpx.HTTPError:
        return False
