"""What may happen in a story: each deed by name, how often it is drawn, and how much of it there may be.

A deed carries its own dice, so that leaving another one out changes nothing about it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from service.flows import dismiss
from service.steps.lifecycle import Endpoint, Stale
from simulator import changes
from tests.flows.mortal import Killed
from tests.prove.scene import Site
from tests.prove.trial import Trial

GETS = ("empty", "short", "html", "truncated", "doubled", "reversed", "short", "busy", "error", "dropped")
PUTS = ("dropped", "html", "error", "busy", "truncated", "silent")
WITNESSES = 2
IN_ONE_COMMIT = 40
RESTS = (0.4, 1.0, 5.0, 40.0, 95.0, 301.0, 1_800.0)


@dataclass(frozen=True)
class Deed:
    """`much` says how much of it, `pick` seeds its dice; `amid`: while somebody's call is under way."""

    name: str
    much: Any
    pick: int
    amid: bool = False

    def done(self, trial: Trial) -> None:
        """Do it to the shop its dice choose."""
        dice = random.Random(f"{self.pick}:{self.name}")
        ACTS[self.name](trial, dice.choice(trial.sites), self.much, dice)

    def __str__(self) -> str:
        return f"{self.name}({self.much!r}){' amid a call' if self.amid else ''}, dice {self.pick}"


Act = Callable[[Trial, Site, Any, random.Random], None]


def some(dice: random.Random, those: Sequence[Any], count: int) -> list[Any]:
    return dice.sample(those, min(count, len(those)))


def create(trial: Trial, site: Site, count: int, _dice: random.Random) -> None:
    changes.create_orders(trial.town.world, site.shop, count)


def change(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    for number in some(dice, site.living(), count):
        changes.change_random_order(trial.town.world, site.shop, number)


def delete(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    """Delete some; two stay, for of a shop that lists nothing at all nobody can tell whether it answers in earnest."""
    living = site.living()
    changes.delete_orders(trial.town.world, site.shop, some(dice, living, min(count, len(living) - WITNESSES)))


def restore(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    gone = [number for number, order in site.shop.orders.items() if order.deleted_at]
    for number in some(dice, gone, count):
        changes.restore_order(trial.town.world, site.shop, number)


def bulk(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    status_id = dice.choice(sorted(site.shop.statuses))
    changes.bulk_status(trial.town.world, site.shop, some(dice, site.living(), count), status_id)


def pay(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    """Let orders be paid and received, as most are before they leave."""
    received = next(i for i, row in site.shop.statuses.items() if row["type"] == "Received")
    day = trial.now.date().isoformat()
    for number in some(dice, site.living(), count):
        changes.change_order(trial.town.world, site.shop, number, status_id=received, paid_date=day)


def read(trial: Trial, site: Site, count: int, _dice: random.Random) -> None:
    for _ in range(count):
        site.warehouse.read(trial.rig)


def ack(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    numbers = some(dice, sorted(site.warehouse.known), count)
    trial.insistently(lambda: site.warehouse.ack(trial.workers, numbers))


def ship(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    warehouse = site.warehouse
    while warehouse.read(trial.rig):
        pass
    trial.insistently(lambda: warehouse.ack(trial.workers, warehouse.stopped()))
    numbers = some(dice, warehouse.packable(), count)
    if numbers:
        posted = warehouse.packed(numbers, coded=dice.random() < 0.8, final=dice.random() < 0.85)
        trial.insistently(lambda: warehouse.post(trial.workers, *posted))


def repeat(trial: Trial, site: Site, count: int, _dice: random.Random) -> None:
    """Post the last ones once more, as after answers that were lost: nothing may come of it."""
    for posted in site.warehouse.posts[-count:]:
        trial.insistently(lambda posted=posted: site.warehouse.post(trial.workers, *posted))


def correct(trial: Trial, site: Site, _count: int, dice: random.Random) -> None:
    if standing := site.warehouse.standing():
        told = dice.choice(standing)
        code = dice.choice([told.code, f"N{dice.randint(1, 999)}", f"N{dice.randint(1, 999)}", None])
        final = told.final or dice.random() < 0.5
        trial.insistently(lambda: site.warehouse.correct(trial.workers, told, code=code, final=final))


def void(trial: Trial, site: Site, _count: int, dice: random.Random) -> None:
    if standing := site.warehouse.standing():
        told = dice.choice(standing)
        trial.insistently(lambda: site.warehouse.void(trial.workers, told))


def shuffle(trial: Trial, _site: Site, count: int, dice: random.Random) -> None:
    """Bring a few letters out of their order, and leave the others."""
    picked = some(dice, trial.post, count)
    taken = set(map(id, picked))
    trial.post = [each for each in trial.post if id(each) not in taken]
    trial.bring(picked)


def double(trial: Trial, _site: Site, count: int, dice: random.Random) -> None:
    trial.bring(some(dice, trial.sent, count))


def storm(trial: Trial, _site: Site, count: int, dice: random.Random) -> None:
    """Let the platform repeat itself at length: what it told once, hundreds of times, a few dozen in one commit."""
    if trial.sent:
        letters = dice.choices(trial.sent[-20:], k=count)
        for first in range(0, count, IN_ONE_COMMIT):
            trial.bring(letters[first : first + IN_ONE_COMMIT])


def hook_off(trial: Trial, site: Site, count: int, dice: random.Random) -> None:
    """Switch webhooks off, as the platform does after twelve hours of refusals."""
    for hook in some(dice, sorted(site.shop.webhooks.values(), key=lambda hook: hook.id), count):
        hook.active = False
    trial.in_doubt = True


def deaf(trial: Trial, _site: Site, seconds: int, _dice: random.Random) -> None:
    """Let the receiver be away; what was sent meanwhile comes again, or does not."""
    trial.deaf_until = trial.now + timedelta(seconds=seconds)


def lie(_trial: Trial, site: Site, kind: str, dice: random.Random) -> None:
    site.shop.faults.add(kind, method="GET", template="/orders", honest=dice.random() < 0.5)


def fail(_trial: Trial, site: Site, kind: str, _dice: random.Random) -> None:
    site.shop.faults.add(kind, method="PUT", template="/orders")


def late(_trial: Trial, site: Site, seconds: int, _dice: random.Random) -> None:
    site.shop.faults.add("late", method="PUT", template="/orders", seconds=seconds)


def stall(_trial: Trial, site: Site, seconds: int, _dice: random.Random) -> None:
    site.shop.faults.add("latency", seconds=seconds)


def move(trial: Trial, site: Site, how: str, dice: random.Random) -> None:
    trial.town.world.move_shop(site.shop, f"{site.shop.slug.split('-')[0]}-{dice.randint(1, 99_999)}", how=how)


def revoke(_trial: Trial, site: Site, _much: int, _dice: random.Random) -> None:
    """Let the credentials work no more: 401."""
    if site.shop.addon_user:
        site.shop.addon_user.revoked = True


def switch_off(_trial: Trial, site: Site, _much: int, _dice: random.Random) -> None:
    """Let the API user be switched off in the admin: 403."""
    if site.shop.addon_user:
        site.shop.addon_user.active = False


def renew(trial: Trial, site: Site, _much: int, _dice: random.Random) -> None:
    if not site.uninstalled:
        trial.reinstall(site)


def uninstall(trial: Trial, site: Site, _much: int, _dice: random.Random) -> None:
    trial.town.world.uninstall(site.shop)
    try:
        if not dismiss.run(trial.rig, trial.call(Endpoint.UNINSTALL, site.shop)):
            return
    except Stale:  # our clock is off, and we were not told
        pass
    site.uninstalled = True
    site.forgotten |= {told.number for told in site.warehouse.told.values()}
    trial.in_doubt = True


def come_back(trial: Trial, site: Site, _much: int, _dice: random.Random) -> None:
    if site.uninstalled:
        trial.reinstall(site)


def block(trial: Trial, _site: Site, status: int, _dice: random.Random) -> None:
    trial.town.world.block_addon(status)


def unblock(trial: Trial, _site: Site, _much: int, _dice: random.Random) -> None:
    trial.town.world.unblock_addon()


def kill(trial: Trial, _site: Site, steps: int, _dice: random.Random) -> None:
    trial.fate.left, trial.fate.by = steps, Killed


def lose_database(trial: Trial, _site: Site, steps: int, _dice: random.Random) -> None:
    trial.fate.left, trial.fate.by = steps, psycopg.OperationalError


def flush_redis(trial: Trial, _site: Site, _much: int, _dice: random.Random) -> None:
    if not trial.severed.away:
        trial.rig.redis.flushdb()


def lose_redis(trial: Trial, _site: Site, _much: int, _dice: random.Random) -> None:
    trial.severed.away = True


def find_redis(trial: Trial, _site: Site, _much: int, _dice: random.Random) -> None:
    trial.severed.away = False


def jump(trial: Trial, _site: Site, seconds: int, _dice: random.Random) -> None:
    trial.ours.off = timedelta(seconds=seconds)


def wait(trial: Trial, _site: Site, seconds: float, _dice: random.Random) -> None:
    trial.pass_(seconds)


def work(trial: Trial, _site: Site, seconds: int, _dice: random.Random) -> None:
    trial.work(for_s=seconds)


def rival(trial: Trial, _site: Site, _much: int, _dice: random.Random) -> None:
    """Let another worker have its turns, if need be in the middle of this one's."""
    trial.turn()


# How often, out of all, and how much: the milder first.
DRAWN: Mapping[Act, tuple[int, Sequence[Any]]] = {
    create: (6, (1, 2, 3)),
    change: (8, (1, 2, 5)),
    delete: (3, (1, 2)),
    restore: (3, (1, 2)),
    bulk: (2, (3, 8)),
    pay: (5, (1, 3, 8)),
    read: (4, (1, 3)),
    ack: (3, (1, 3)),
    ship: (14, (1, 2, 4)),
    repeat: (2, (1, 2)),
    correct: (4, (1,)),
    void: (3, (1,)),
    shuffle: (3, (1, 3)),
    double: (3, (1, 3)),
    storm: (6, (200, 400)),
    hook_off: (1, (1, 5)),
    deaf: (1, (120, 420)),
    lie: (6, GETS),
    fail: (6, PUTS),
    late: (3, (2, 20, 60, 90)),
    stall: (2, (2, 25)),
    move: (1, ("body", "location")),
    revoke: (1, (1,)),
    switch_off: (1, (1,)),
    renew: (1, (1,)),
    uninstall: (1, (1,)),
    come_back: (2, (1,)),
    block: (1, (401, 403)),
    unblock: (2, (1,)),
    kill: (9, (1, 2, 3, 5, 8, 13, 21)),
    lose_database: (5, (1, 2, 3, 5, 8, 13)),
    flush_redis: (2, (1,)),
    lose_redis: (1, (1,)),
    find_redis: (2, (1,)),
    jump: (1, (3_600, -3_600)),
    wait: (7, RESTS),
    work: (4, (60, 600)),
    rival: (3, (1,)),
}
ACTS: Mapping[str, Act] = {act.__name__: act for act in DRAWN}
AMID = frozenset(
    act.__name__
    for act in (create, change, delete, restore, bulk, pay, shuffle, double, flush_redis, rival, ship, correct)
)


def drawn(dice: random.Random, count: int) -> list[Deed]:
    """Draw so many deeds."""
    acts = [act.__name__ for act in DRAWN]
    weights = [often for often, _ in DRAWN.values()]
    made: list[Deed] = []
    for name in dice.choices(acts, weights, k=count):
        much = dice.choice(DRAWN[ACTS[name]][1])
        made.append(Deed(name, much, dice.randint(1, 999), name in AMID and dice.random() < 0.3))
    return made
