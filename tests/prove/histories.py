"""Histories of single orders, hundreds in one shop, whose webhooks come in any order, twice, and late.

Whatever was read in between, each order must end as the shop shows it.
"""

import random
from datetime import timedelta

from simulator import changes
from tests.prove import deeds
from tests.prove.clocks import SCENES
from tests.prove.ground import Ground
from tests.prove.scene import Letter, Site
from tests.prove.trial import Trial

AT_ONCE = 250  # orders of one shop
STEPS = 8  # of each history, at most
TAIL_S = 1_900  # what was read within the second of its change is looked at once more, within half an hour
HELD_BACK = 0.15  # of the letters: they come at the very end


def told(ground: Ground, *, seed: int, histories: int = AT_ONCE) -> dict[str, str]:
    """Tell so many histories and return those that do not end in the shop's state, with what is wrong."""
    with ground.trial(seed, start=SCENES["noon"], shops=1, orders=histories) as trial:
        (site,) = trial.sites
        dice = random.Random(f"{seed}:histories")
        late: list[Letter] = []
        for _ in range(STEPS):
            for number, order in list(site.shop.orders.items()):
                if dice.random() < 0.6:
                    _step(trial, site, number, dice, deleted=order.deleted_at is not None)
                if dice.random() < 0.02:
                    trial.turn()
            held = set(map(id, dice.sample(trial.post, round(len(trial.post) * HELD_BACK))))
            late += [each for each in trial.post if id(each) in held]
            trial.post = [each for each in trial.post if id(each) not in held]
            trial.carry()
            trial.turn()
            trial.pass_(dice.choice([0.3, 1, 2, 5, 40]))
        dice.shuffle(late)
        trial.post += late
        trial.carry_all()
        trial.work(for_s=TAIL_S)
        return trial.town.differences(site.shop, site.tenant)


def _step(trial: Trial, site: Site, number: str, dice: random.Random, *, deleted: bool) -> None:
    world, shop = trial.town.world, site.shop
    if deleted:
        changes.restore_order(world, shop, number)
    elif dice.random() < 0.2 and len(site.living()) > deeds.WITNESSES:
        changes.delete_order(world, shop, number)
    else:
        changes.change_random_order(world, shop, number)
    trial.town.watch.at += timedelta(milliseconds=dice.choice([0, 0, 3, 200]))
