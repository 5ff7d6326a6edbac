"""The whole service in one process under trial: shops, their posts, a warehouse, our workers, and two clocks.

Everything is ours but PostgreSQL and Redis, and everything comes from the story's seed: what happens twice from one
seed happens the same way, down to the journal. Workers have fates (tests/flows/mortal.py), the post is slow, doubled
and out of order, and Redis may be away.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg

from service import mappings, tenants
from service.accounts import Kind, Person
from service.flows import admit, attend, hang, mapping, receive, sweep
from service.inbox import Delivery
from service.kit import ids
from service.kit.clock import Leaps
from service.lanes import Lane, TenantId
from service.mappings import Milestone, Target, Tracking
from service.rig import Rig
from service.steps.lifecycle import Call, Endpoint, Stale
from service.tenants import Credentials
from simulator import bodies, changes
from simulator.shop import Shop as WorldShop
from tests.flows import mortal
from tests.flows.mortal import Fate, Killed
from tests.flows.town import FLOWS, Town, build
from tests.prove.clocks import Ours
from tests.prove.scene import Letter, Scene, Severed, Site
from tests.prove.warehouse import Warehouse
from workers.due import due
from workers.leaps import heed

ANSWER_S = 0.05
ALIVE_EVERY = timedelta(seconds=30)  # as service/web/attendant.py says that it lives
SWEEP_EVERY = timedelta(minutes=5)  # what is sealed hangs on the server's other databases, so the shops' rhythm does
RESENT = timedelta(minutes=5)
PIECE_S = 240.0  # less than the five minutes after which a receiver counts as away
BEATS = 400  # of one stretch of work: who is not idle by then never will be

NEXT = """
    SELECT LEAST(
        (
            SELECT min(GREATEST(hints.due_at, readings.rests_until))
            FROM hints
            LEFT JOIN readings ON readings.tenant_id = hints.tenant_id AND readings.lane = hints.lane
            WHERE hints.due_at IS NOT NULL AND hints.parked IS NULL
        ),
        (
            SELECT min(GREATEST(outbox.due_at, write_backs.rests_until))
            FROM outbox
            LEFT JOIN write_backs ON write_backs.tenant_id = outbox.tenant_id
            WHERE outbox.due_at IS NOT NULL AND outbox.parked IS NULL
        ),
        (SELECT min(confirm_by) FROM outbox),
        (SELECT min(due_at) FROM activation_steps),
        (SELECT min(due_at) FROM deliveries WHERE expanded_at IS NULL AND parked IS NULL),
        (SELECT min(next_at) FROM blocks WHERE ended_at IS NULL),
        (SELECT min(sweep_due_at) FROM tenants WHERE %(sweeps)s)
    ) AS at
"""


@dataclass
class Trial:
    """A scene with our workers in it."""

    town: Town
    ours: Ours
    severed: Severed
    fate: Fate
    workers: Rig
    dice: random.Random
    sites: list[Site]
    leaps: Leaps
    post: list[Letter] = field(default_factory=list[Letter])
    sent: list[Letter] = field(default_factory=list[Letter])  # what was acknowledged: the platform may repeat it
    acked: Counter[tuple[str, str, bytes]] = field(default_factory=Counter[tuple[str, str, bytes]])
    refused: dict[tuple[TenantId, Lane], datetime] = field(default_factory=dict[tuple[TenantId, Lane], datetime])
    amid: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    deaf_until: datetime | None = None  # the receiver is away
    in_doubt: bool = False  # something was lost that nobody can notice by himself: a person asks for a look
    alive_at: datetime | None = None
    swept_at: datetime | None = None
    sweep_every: timedelta | None = SWEEP_EVERY  # None: when the shops' own rhythm wants it
    killed: int = 0
    faults: int = 0
    turns: int = 0
    serial: int = 0

    @property
    def now(self) -> datetime:
        return self.town.watch.at

    @property
    def rig(self) -> Rig:
        return self.town.rig

    def call(self, endpoint: Endpoint, shop: WorldShop) -> Call:
        """Return a signed call of the platform that came through."""
        self.serial += 1
        signature = f"{endpoint} of {shop.token} at {self.now} by {self.serial}"
        return Call(endpoint, shop.token, self.now, signature, "1", "cs")

    def install(self, shop: WorldShop) -> Site:
        """Install a shop; its activation follows."""
        user = self.town.world.install(shop)
        given = Credentials(self.town.world.api_url(shop), user.login, user.key)
        tenant = admit.run(self.rig, self.call(Endpoint.INSTALL, shop), given)
        site = Site(shop, tenant)
        self.sites.append(site)
        return site

    def reinstall(self, site: Site) -> None:
        """Give a shop fresh credentials, as its merchant does who activates the add-on again."""
        self.town.world.install(site.shop)
        site.admitted = False
        self.admit(site)

    def admit(self, site: Site) -> None:
        """Bring the signed installation; where our clock is off it is refused, and brought again later."""
        user = site.shop.addon_user
        if user is None:
            return
        given = Credentials(self.town.world.api_url(site.shop), user.login, user.key)
        try:
            admit.run(self.rig, self.call(Endpoint.INSTALL, site.shop), given)
        except Stale:
            return
        site.admitted, site.uninstalled = True, False

    def tend(self) -> None:
        """Let merchants do what they do sooner or later: bring an installation again, and switch the shop live."""
        for site in self.sites:
            if not site.admitted and not site.uninstalled:
                self.admit(site)
            with self.rig.db.tx(site.tenant) as conn:
                given = mappings.of(conn, site.tenant)
                state, _ = tenants.fence(conn, site.tenant)
            if given.complete and not given.live and state is tenants.State.ACTIVE:
                mapping.go_live(self.rig, site.tenant, by="merchant")

    def hear(self, shop: WorldShop, event: str, records: list[dict[str, Any]], _by: str | None) -> None:
        """Write the letters a shop's active webhooks send, to the address each of them was registered with."""
        hooks = [hook for hook in shop.webhooks.values() if hook.event.lower() == event.lower()]
        self.in_doubt = self.in_doubt or any(not hook.active for hook in hooks) or not hooks
        for hook in hooks:
            if not hook.active:
                continue
            subject, event_name = hook.url.split("/u/")[1].split("/")[:2]
            tenant, generation = subject.rsplit(".", 1)
            for body, _ in bodies.made(event, shop.name, records, bodies.Quirks()):
                self.post.append(Letter(tenant, int(generation), event_name, body))

    def bring(self, letters: list[Letter]) -> None:
        """Bring letters to the receiver; what it does not take comes again in five minutes."""
        now = self.ours()
        batch = [
            Delivery(each.tenant, each.generation, each.event, each.lane, each.body, len(each.body), now)
            for each in letters
        ]
        stored: list[bool] = []
        if self.deaf_until is None and batch:
            self.mortally(lambda: stored.extend(receive.run(self.workers, batch)))
        for place, letter in enumerate(letters):
            if place < len(stored) and stored[place]:
                self.acked[letter.tenant, letter.event, letter.body] += 1
                self.sent.append(letter)
                continue
            again = Letter(letter.tenant, letter.generation, letter.event, letter.body, self.now + RESENT)
            self.post.append(again)
            if self.deaf_until is None and letter.lane:
                self.refused.setdefault((letter.tenant, letter.lane), now)

    def carry(self) -> None:
        """Bring some of what is due, in any order and some of it twice; some stays for later."""
        ready = [each for each in self.post if each.again_at is None or each.again_at <= self.now]
        if not ready:
            return
        some = self.dice.sample(ready, self.dice.randint((len(ready) + 1) // 2, len(ready)))
        taken = set(map(id, some))
        self.post = [each for each in self.post if id(each) not in taken]
        if self.sent and self.dice.random() < 0.2:
            some.append(self.dice.choice(self.sent))
        self.bring(some)

    def carry_all(self) -> None:
        """Bring everything, also what was to come again later."""
        letters, self.post = self.post, []
        self.bring(letters)

    def pass_(self, seconds: float) -> None:
        """Let time pass: late writes land, the receiver says that it lives, and what is to be swept is swept."""
        while seconds > 0:
            piece = min(seconds, PIECE_S)
            seconds -= piece
            self.town.watch.move(piece)
            self.town.world.tick()
            self.keep_alive()

    def keep_alive(self) -> None:
        """Let the receiver say that it lives, and the shops be swept, where it is time for that."""
        if self.deaf_until and self.now >= self.deaf_until:
            self.deaf_until = None
        if self.deaf_until is None and (self.alive_at is None or self.now - self.alive_at >= ALIVE_EVERY):
            self.alive_at = self.now
            refused, self.refused = self.refused, {}
            if not self.mortally(lambda: attend.run(self.workers, refused)):
                self.refused = {**self.refused, **refused}
        if self.sweep_every and (self.swept_at is None or self.now - self.swept_at >= self.sweep_every):
            self.swept_at = self.now
            for site in self.sites:
                self.mortally(lambda site=site: sweep.run(self.workers, site.tenant))

    def due(self) -> list[tuple[Lane, TenantId]]:
        """Ask what beat asks, the shops by their places."""
        now, places = self.ours(), {site.tenant: place for place, site in enumerate(self.sites)}
        lanes = [lane for lane in Lane if lane is not Lane.SWEEP or not self.sweep_every]
        with self.rig.db.tx_all("a trial asks whose rows are due") as conn:
            found = [(lane, tenant) for lane in lanes for tenant in due(conn, lane, now=now)]
            block = conn.execute("SELECT FROM blocks WHERE ended_at IS NULL AND next_at <= %s", [now]).fetchall()
        woken = [(Lane.SWEEP, self.sites[0].tenant)] if block and self.sweep_every else []
        return woken + sorted(found, key=lambda each: (list(Lane).index(each[0]), places[each[1]]))

    def turn(self) -> int:
        """Let every lane that is due have one turn, as beat does; return how many there were."""
        turns = self.due()
        for lane, tenant in turns:
            self.turns += 1
            self.mortally(lambda lane=lane, tenant=tenant: self._task(lane, tenant))
        return len(turns)

    def _task(self, lane: Lane, tenant: TenantId) -> None:
        heed(self.workers, self.leaps)
        FLOWS[lane](self.workers, tenant)

    def mortally(self, work: Callable[[], object]) -> bool:
        """Let somebody work who may die of it, or lose his database; say whether he came to the end."""
        try:
            work()
        except Killed:
            self.fate.dead = False
            self.killed += 1
            return False
        except psycopg.OperationalError:  # of our making: the task fails, and the row's lease ends
            self.faults += 1
            return False
        return True

    def insistently(self, work: Callable[[], object]) -> None:
        """Let a client repeat his request until he is answered."""
        while not self.mortally(work):
            self.pass_(1)

    def next_at(self) -> datetime | None:
        """Return when something is due next by our clock."""
        with self.rig.db.tx_all("a trial asks when something is due") as conn:
            row = conn.execute(NEXT, {"sweeps": not self.sweep_every}).fetchone()
        landing = [late.due_at + self.ours.off for late in self.town.world.late[:1]]
        return min([*landing, *([row["at"]] if row and row["at"] else [])], default=None)

    def work(self, *, for_s: float, beats: int = BEATS) -> None:
        """Work until nothing is due that comes within this time."""
        end = self.ours() + timedelta(seconds=for_s)
        for _ in range(beats):
            if self.turn():
                self.pass_(1)
                continue
            at = self.next_at()
            if at is None or at > end or self.ours() > end:
                return
            self.pass_(max(1.0, (at - self.ours()).total_seconds()))


def _answering(trial: Trial) -> None:
    """Let steps of fate lie around each call, and deeds happen while it is under way."""
    transport = trial.rig.transport
    assert isinstance(transport, httpx.MockTransport)
    answered = transport.handler

    def handler(request: httpx.Request) -> Any:
        trial.fate.step()
        if trial.amid:
            trial.amid.pop(0)()
        trial.town.watch.move(ANSWER_S)
        answer = answered(request)
        if trial.amid:
            trial.amid.pop(0)()
        trial.fate.step()
        return answer

    transport.handler = handler


@contextmanager
def opened(
    database_url: str, redis_url: str, *, seed: int, scene: Scene, folder: Path, **changed: object
) -> Iterator[Trial]:
    """Open a trial in a scene whose database this is; every id of ours is drawn from its seed."""
    with ExitStack() as stack:
        keys = Path(stack.enter_context(TemporaryDirectory(dir=folder)))
        stack.enter_context(ids.drawn_from(random.Random(f"{seed}:ids")))
        world, watch = scene.world, scene.watch
        ours = Ours(watch)
        town = build(keys, database_url, redis_url, world=world, watch=watch, now=ours, **changed)
        stack.callback(town.rig.close)
        severed = Severed.from_url(redis_url)
        stack.callback(severed.disconnect)
        town.rig.redis.connection_pool = severed
        town.rig.redis.flushdb()
        fate = Fate()
        dice = random.Random(f"{seed}:schedule")
        leaps = Leaps(ours, ours.steady)
        trial = Trial(town, ours, severed, fate, mortal.workers(town.rig, fate), dice, scene.sites, leaps)
        town.world.on_event.append(trial.hear)
        _answering(trial)
        yield trial


def furnish(trial: Trial, *, shops: int, orders: int, history_days: int = 45) -> None:
    """Install shops whose older orders are history, give their mapping, switch them live, let a warehouse ship."""
    town = trial.town
    account = hang.open_account(trial.rig, Kind.WAREHOUSE, Person("A warehouse"))
    for place in range(shops):
        shop = town.open_shop(f"shop{place}", orders=orders)
        shop.products_follow_stock = False
        paid = {"status_id": _kinds(shop)["Received"], "paid_date": trial.now.date().isoformat()}
        for order in list(shop.live_orders()):
            changes.change_order(town.world, shop, order.number, **paid)
            order.history.clear()  # what a merchant says in the story stands there alone
        site = trial.install(shop)
        with trial.rig.db.tx(site.tenant) as conn:  # before the pull says that all it brings is history
            mappings.note_history(conn, site.tenant, until=trial.now - timedelta(days=history_days))
    trial.work(for_s=600)
    for site in trial.sites:
        kinds = _kinds(site.shop)
        custom = sorted(status_id for status_id, row in site.shop.statuses.items() if row["type"] == "Custom")
        site.sent_id = kinds["Sent"]
        hang.run(trial.rig, site.tenant, account)
        site.warehouse = Warehouse(account, site.tenant)
        mapping.save(
            trial.rig,
            site.tenant,
            release=[kinds["Received"], kinds["PaymentSuccessful"], *custom[:2]],
            targets={Milestone.SHIPPED: Target(site.sent_id, mail=True)},
            release_from=None,
            pull_from=None,
            tracking=Tracking.FIRST,
            by="merchant",
        )
        mapping.go_live(trial.rig, site.tenant, by="merchant")
        site.shop.mails.clear()
        site.shop.mails_on_same_status = True  # the reading of B27 that costs a mail
    trial.in_doubt = False


def _kinds(shop: WorldShop) -> dict[str, int]:
    return {row["type"]: status_id for status_id, row in shop.statuses.items()}
