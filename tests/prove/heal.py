"""Twelve hours without a receiver: how long until every shop is true again, for how many calls, how many at once."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator import changes
from tests.prove import ground as grounds
from tests.prove.clocks import SCENES
from tests.prove.ground import Ground
from tests.prove.scene import Site
from tests.prove.trial import Trial

OUTAGE = timedelta(hours=12)
AT_MOST = timedelta(hours=6)
WAVE_S = 10.0
ORDERS = 6


@dataclass(frozen=True)
class Healed:
    """What healing came to."""

    shops: int
    changed: int
    took_s: float | None  # None: not all healed
    calls: int
    over_budget: int  # shops that cost more than three calls and one for each hundred changed orders
    most_at_once: int
    untrue: int


def told(ground: Ground, *, shops: int, seed: int = 1) -> Healed:
    """Let the receiver of so many shops be away for twelve hours of trade, and heal them."""
    with opened(ground, shops=shops, seed=seed) as trial:
        trial.keep_alive()
        dice = random.Random(f"{seed}:outage")
        trial.town.watch.at += OUTAGE / 2
        changed = {site.tenant: _trade(trial, site, dice) for site in trial.sites}
        trial.town.watch.at += OUTAGE / 2
        trial.post.clear()
        before = {site.tenant: site.shop.stats.total for site in trial.sites}
        back = trial.now
        ended = _heal(trial, until=back + AT_MOST)
        calls = {site.tenant: site.shop.stats.total - before[site.tenant] for site in trial.sites}
        return Healed(
            shops=shops,
            changed=sum(changed.values()),
            took_s=None if ended is None else (ended - back).total_seconds(),
            calls=sum(calls.values()),
            over_budget=sum(count > 3 + -(-changed[tenant] // 100) for tenant, count in calls.items()),
            most_at_once=_most_at_once(trial.sites, since=back),
            untrue=len(_untrue(trial)),
        )


@contextmanager
def opened(ground: Ground, *, shops: int, seed: int, orders: int = ORDERS) -> Iterator[Trial]:
    """Open a trial with so many small shops, pulled and heard; the day after, so that its calls are not counted."""
    with ground.opened(grounds.empty_scene(SCENES["noon"]), seed=seed, pull_spacing_s=0) as trial:
        for place in range(shops):
            shop = trial.town.open_shop(f"small{place}", orders=orders)
            shop.products_follow_stock = False
            trial.install(shop)
        trial.work(for_s=3_600, beats=shops * 50)
        trial.sweep_every = None
        trial.town.watch.at += timedelta(days=1)
        trial.keep_alive()
        trial.work(for_s=120)
        yield trial


def _trade(trial: Trial, site: Site, dice: random.Random) -> int:
    """Let some orders change and new ones come; return how many orders look otherwise afterwards."""
    some = dice.sample(site.living(), dice.randint(0, len(site.living()) - 2))
    for number in some:
        changes.change_random_order(trial.town.world, site.shop, number)
    made = changes.create_orders(trial.town.world, site.shop, dice.randint(0, 3))
    return len(some) + len(made)


def _heal(trial: Trial, *, until: datetime) -> datetime | None:
    """Let the receiver be back and work; return when the last shop was true."""
    sick = set(_untrue(trial))
    last = trial.now
    trial.keep_alive()
    while trial.now < until:
        woken = {tenant for _, tenant in trial.due()}
        trial.turn()
        well = {tenant for tenant in sick & woken if _is_true(trial, tenant)}
        if well:
            last, sick = trial.now, sick - well
        at = trial.next_at()
        step = 1.0 if at is None else (at - trial.now).total_seconds()
        trial.pass_(min(max(1.0, step), 30))
        if not sick and not _looks_wait(trial):
            return last
    return None


def _looks_wait(trial: Trial) -> bool:
    with trial.rig.db.tx_all("a trial asks who was not looked at yet") as conn:
        row = conn.execute(
            "SELECT count(*) AS waiting FROM tenants WHERE NOT EXISTS"
            " (SELECT FROM looks WHERE looks.tenant_id = tenants.tenant_id AND looks.ended_at IS NOT NULL)"
        ).fetchone()
    return bool(row and row["waiting"])


def _is_true(trial: Trial, tenant: str) -> bool:
    (site,) = (each for each in trial.sites if each.tenant == tenant)
    return not trial.town.differences(site.shop, tenant)


def _untrue(trial: Trial) -> list[str]:
    return [site.tenant for site in trial.sites if trial.town.differences(site.shop, site.tenant)]


def _most_at_once(sites: Sequence[Site], *, since: datetime) -> int:
    """Return how many shops were called within one wave's time at most; each counts from its first call."""
    firsts = sorted(min(at) for site in sites if (at := [call.at for call in site.shop.stats.log if call.at >= since]))
    wave = timedelta(seconds=WAVE_S)
    return max((sum(first <= other < first + wave for other in firsts) for first in firsts), default=0)
