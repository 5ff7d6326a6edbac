"""What must hold after every run, whatever broke; each function returns in words what differs, if anything."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from service.demo import mirror, shipping
from service.demo.verdict import DIFFERENCES
from tests.chaos.world import World

SMOOTH_MS = 200.0  # a machine that lets us wait longer says nothing about the receiver's deadline
SHOWN = 5


@dataclass(frozen=True)
class Counts:
    """What the outside and our own books had counted at one moment."""

    hooks: Counter[str]
    breaches: Counter[str]
    slowest_ms: float = 0.0  # answer since this world began

    @classmethod
    def of(cls, world: World) -> "Counts":
        stats = [merchant.stats() for merchant in world.merchants]
        hooks, breaches = Counter[str](), Counter[str]()
        for each in stats:
            hooks.update({name: count for name, count in each["hooks"].items() if isinstance(count, int)})
            breaches.update(each["api"]["breaches"])
        return cls(hooks, breaches, max(each["hooks"]["ack_ms"]["max"] or 0.0 for each in stats))


@dataclass(frozen=True)
class Seen:
    """One run as the invariants look at it."""

    world: World
    before: Counts
    after: Counts
    judged: dict[str, Any]  # the warehouse's own judgement
    breaks: frozenset[str]  # rules that the faults themselves broke
    stall_ms: float  # how long the machine kept our own thread from running

    def hooks(self, name: str) -> int:
        """Return how many webhooks of this run ended in a way."""
        return self.after.hooks[name] - self.before.hooks[name]


BODIES = """
    SELECT event || ' ' || left(encode(sha256(body), 'hex'), 16) AS body, sum(copies)::integer AS copies
    FROM deliveries
    WHERE tenant_id = %(tenant_id)s
    GROUP BY 1
"""


def every_ack_has_its_row(seen: Seen) -> list[str]:
    """Look for each acknowledged webhook by its event and its body: one row too many elsewhere makes up for none."""
    found: list[str] = []
    for tenant_id, merchant in seen.world.tenants().items():
        acked = Counter[str](merchant.tell("/hooks/acked", "GET")["bodies"])
        rows = seen.world.truth.rows(BODIES, tenant_id=tenant_id)
        lost = acked - Counter[str]({row["body"]: row["copies"] for row in rows})
        if lost:
            found.append(f"{merchant.slug}: {lost.total()} of {acked.total()} acknowledged webhooks have no row")
    return found


def answers_are_in_time(seen: Seen) -> list[str]:
    late = seen.hooks("over_750_ms") + seen.hooks("timeouts")
    if not late or seen.stall_ms > SMOOTH_MS:
        return []
    return [f"{late} answers took over 750 ms (our own thread waited {seen.stall_ms:.0f} ms at most)"]


def mirror_is_the_shop(seen: Seen) -> list[str]:
    found: list[str] = []
    for merchant in seen.world.merchants:
        for what in ("order", "product"):
            told = mirror.compare(seen.world.truth, merchant, what).told()
            if any(told[name] for name in DIFFERENCES):
                found.append(f"{merchant.slug}: {what}s differ: {told['some']}")
    return found


def shipped_orders_show_it(seen: Seen) -> list[str]:
    """Hold the shops against the warehouse's last words: status, code, exactly one mail, and none to others."""
    told = shipping.against_shops(seen.world.tenants(), shipping.last_words(seen.judged["shipments"]))
    mails = told["mails"]
    wrong = {
        "shipped orders show another status": told["other_status"],
        "shipped orders show another code": told["other_code"],
        "customers were mailed more than once": mails["several"],
        "customers were not mailed": mails["none"],
        "mails about orders that did not leave": mails["others"],
    }
    found = [f"{len(numbers)} {words}: {numbers[:SHOWN]}" for words, numbers in wrong.items() if numbers]
    return [*found, *([f"{mails['sms']} SMS were sent"] if mails["sms"] else [])]


TWICE = """
    SELECT order_number, count(*) AS shipments
    FROM shipments
    WHERE voided_at IS NULL
    GROUP BY tenant_id, order_number
    HAVING count(*) > 1
"""


def nothing_is_done_twice(seen: Seen) -> list[str]:
    """Look for second shipments, on either side, and for revisions the feed showed twice."""
    found = [f"{row['order_number']} has {row['shipments']} shipments" for row in seen.world.truth.rows(TWICE)]
    findings = {name: keys for name, keys in seen.judged["findings"].items() if keys}
    found += [f"the warehouse: {name.replace('_', ' ')}: {keys[:SHOWN]}" for name, keys in findings.items()]
    if deviations := seen.judged["deviations"]:
        found.append(f"the warehouse saw other than docs/wms.md says: {deviations}")
    ledger = shipping.warehouse_of(seen.world.stage).control_url + "/ledger"
    lines = httpx.get(ledger, params={"what": "offer"}, timeout=30).text.splitlines()
    offers = Counter(_revision(line) for line in lines)
    twice = [key for key, count in offers.items() if count > 1]
    return [*found, *([f"the feed showed {len(twice)} revisions twice: {twice[:SHOWN]}"] if twice else [])]


def _revision(line: str) -> tuple[str, str, int]:
    offer = httpx.Response(200, text=line).json()
    return offer["tenant"], offer["number"], offer["revision"]


CALLS = "SELECT count(*) FROM calls"


def rules_are_kept(seen: Seen) -> list[str]:
    """Ask the shops which rules were broken, and whether they saw a call that our ledger lacks."""
    broken = seen.after.breaches - seen.before.breaches
    found = [f"{count} times {name}" for name, count in broken.items() if name not in seen.breaks]
    theirs = sum(merchant.stats()["api"]["total"] for merchant in seen.world.merchants)
    ours = seen.world.truth.number(CALLS)
    return [*found, *([f"{theirs} calls by the shops, {ours} by our ledger"] if theirs > ours else [])]


PARKED = """
    SELECT lane || ' ' || key AS what, parked AS why FROM hints WHERE parked IS NOT NULL
    UNION ALL SELECT 'delivery ' || delivery_id, parked FROM deliveries WHERE parked IS NOT NULL
    UNION ALL SELECT 'write-back ' || order_number, parked FROM outbox WHERE parked IS NOT NULL
    UNION ALL SELECT 'step ' || step, why FROM activation_steps WHERE state = 'failed'
    UNION ALL SELECT 'shop ' || tenant_id, state FROM tenants WHERE state <> 'active'
    UNION ALL SELECT 'problem ' || cause, coalesce(order_number, '') FROM problems WHERE closed_at IS NULL
"""


def nothing_is_stuck(seen: Seen) -> list[str]:
    """Look for what is parked, suspended or a person's problem, for dead processes and lanes past their promise."""
    parked = [f"{row['what']}: {row['why']}" for row in seen.world.truth.rows(PARKED)]
    found = [f"waits for a person: {words}" for words in parked[:SHOWN]]
    found += [f"{name} is dead" for name in seen.world.stage.processes.died()]
    health = httpx.get(f"{seen.world.stage.web_url}/health/ready", timeout=10)
    return [*found, *([f"/health/ready says {health.text[:300]}"] if health.status_code != 200 else [])]


INVARIANTS = (
    every_ack_has_its_row,
    answers_are_in_time,
    mirror_is_the_shop,
    shipped_orders_show_it,
    nothing_is_done_twice,
    rules_are_kept,
    nothing_is_stuck,
)
