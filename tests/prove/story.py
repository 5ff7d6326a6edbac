"""A story: on which day, in how many shops, what happens in which order. Drawn by a seed, told, judged, shortened."""

import ast
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from service.flows import go_on, look
from service.flows.look import LookRefused
from service.kit import canon
from tests.prove import deeds, verdict
from tests.prove.clocks import SCENES
from tests.prove.deeds import Deed
from tests.prove.ground import Ground
from tests.prove.trial import Trial

SHOPS = (1, 1, 1, 2, 3)  # three are what a block of the add-on is told by
ORDERS = (4, 8)
LENGTH = (10, 28)
ROUNDS = 14  # of a quarter of an hour: by then everything must have come right by itself, or by what a person does
TRIES = 250  # of a shorter story

JOURNAL = """
    SELECT tenant_id, at, kind, order_number, detail
    FROM journal
    ORDER BY journal_id
"""


@dataclass(frozen=True)
class Story:
    """What is told; `seed` also seeds the shops, our ids and the order of the post."""

    seed: int
    scene: str
    shops: int
    orders: int
    deeds: tuple[Deed, ...]

    @classmethod
    def drawn(cls, seed: int) -> "Story":
        """Draw a story from a seed."""
        dice = random.Random(f"{seed}:story")
        scene, shops, orders = dice.choice(sorted(SCENES)), dice.choice(SHOPS), dice.choice(ORDERS)
        return cls(seed, scene, shops, orders, tuple(deeds.drawn(dice, dice.randint(*LENGTH))))

    def written(self) -> str:
        """Return it as one line that `read` takes back."""
        acts = [(each.name, each.much, each.pick, each.amid) for each in self.deeds]
        return repr((self.seed, self.scene, self.shops, self.orders, acts))

    @classmethod
    def read(cls, text: str) -> "Story":
        """Return a story from its line."""
        seed, scene, shops, orders, acts = ast.literal_eval(text)
        return cls(seed, scene, shops, orders, tuple(Deed(*each) for each in acts))

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.scene}, {self.shops} shop(s) with {self.orders} orders each:"]
        return "\n".join([*lines, *(f"  {place}. {each}" for place, each in enumerate(self.deeds, 1))])


@dataclass
class Ended:
    """What came of a story."""

    story: Story
    wrong: list[str] = field(default_factory=list[str])
    digest: str = ""
    deliveries: int = 0
    lost: int = 0
    duplicates: int = 0
    killed: int = 0
    faults: int = 0
    turns: int = 0
    calls: int = 0
    shipped: int = 0
    mails: int = 0


def told(ground: Ground, story: Story) -> Ended:
    """Tell a story on a database of its own and judge how it ended."""
    with ground.trial(story.seed, start=SCENES[story.scene], shops=story.shops, orders=story.orders) as trial:
        for deed in story.deeds:
            if deed.amid:
                trial.amid.append(lambda deed=deed: deed.done(trial))
            else:
                deed.done(trial)
            _go_on(trial)
        _come_right(trial)
        ended = Ended(story, verdict.wrongs(trial), digest(trial))
        verdict.count(trial, ended)
        return ended


def _go_on(trial: Trial) -> None:
    """Let some time pass as on any day: letters come, lanes have turns, merchants tend their shops."""
    if trial.dice.random() < 0.7:
        trial.carry()
    if trial.dice.random() < 0.8:
        trial.turn()
    trial.pass_(trial.dice.choice([0, 0.6, 3]))
    trial.tend()


def _come_right(trial: Trial) -> None:
    """End all faults, let everybody do what he would, and work until nothing is owed."""
    while trial.amid:
        trial.amid.pop(0)()
    trial.fate.left, trial.severed.away, trial.ours.off, trial.deaf_until = None, False, timedelta(0), None
    trial.town.world.unblock_addon()
    for site in trial.sites:
        site.shop.faults.clear()
        if site.uninstalled or not site.shop.addon_user or site.shop.addon_user.revoked:
            trial.reinstall(site)
        assert site.shop.addon_user
        site.shop.addon_user.active = True
    for round_ in range(ROUNDS):
        trial.carry_all()
        trial.work(for_s=120)
        trial.tend()
        if round_ == 1:
            _by_hand(trial)
        for site in trial.sites:
            while site.warehouse.read(trial.rig):
                pass
            site.warehouse.ack(trial.rig, site.warehouse.stopped())
        trial.work(for_s=120)
        if round_ > 1 and not trial.post and not verdict.wrongs(trial):
            break
        trial.pass_(15 * 60)
    trial.pass_(6 * 60)


def _by_hand(trial: Trial) -> None:
    """Let a person do what only a person can: start again what was stopped, ask for a look where letters were lost."""
    for site in trial.sites:
        go_on.run(trial.rig, site.tenant)
        if trial.in_doubt:
            try:
                look.run(trial.rig, site.tenant, by="person")
            except LookRefused as refused:
                raise AssertionError(f"after a person let it go on, {refused}") from None


def digest(trial: Trial) -> str:
    """Return a sum over all that the journal tells, in its order; the database's own numbers are not part of it."""
    with trial.rig.db.tx_all("a trial sums up its journal") as conn:
        found = conn.execute(JOURNAL).fetchall()
    summed = hashlib.sha256()
    for row in found:
        summed.update(canon.text({**row, "at": row["at"].isoformat()}).encode() + b"\n")
    return summed.hexdigest()


def shortened(story: Story, fails: Callable[[Story], bool]) -> Story:
    """Return a story as short as hypothesis can make it that still fails: it leaves deeds out."""
    keeps = st.tuples(*(st.integers(0, 15).map(bool) for _ in story.deeds))

    def fewer(kept: tuple[bool, ...]) -> Story:
        return replace(story, deeds=tuple(each for each, keep in zip(story.deeds, kept, strict=True) if keep))

    thorough = settings(
        max_examples=TRIES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    try:
        return fewer(find(keeps, lambda kept: fails(fewer(kept)), settings=thorough))
    except NoSuchExample:  # it fails whole only
        return story
