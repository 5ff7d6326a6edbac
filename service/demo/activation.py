"""Chapters: two shops are installed at once, a worker is killed in the middle, and every order is there."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic
from typing import Any

from service.demo import mirror
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import Stage

VICTIM = "worker-1"
KILL_AT_PAGE = 10
PULLED_WITHIN_S = 100
TELL_EVERY_S = 1.0


def install(stage: Stage) -> None:
    """Let both merchants activate the add-on in the same moment."""
    merchants = merchants_of(stage)
    for merchant in merchants:
        merchant.tell("/stats/reset")  # the outsider's calls are not ours
    began = monotonic()
    with ThreadPoolExecutor(len(merchants)) as crowd:
        calls = list(crowd.map(activate, merchants))
    stage.notes["install_s"] = round(monotonic() - began, 2)
    stage.notes["installed"] = [bool(call["ok"]) for call in calls]
    print(f"{len(merchants)} shops activated the add-on in {stage.notes['install_s']:.2f} s")


def activate(merchant: Merchant) -> dict[str, Any]:
    """Press *Activate add-on* in a shop."""
    return merchant.tell("/install")


def pull_and_kill(stage: Stage) -> None:
    """Watch the pull, kill a worker with -9 in the middle of it, and compare everything afterwards."""
    truth, merchants = Mirror(stage.admin_url), merchants_of(stage)
    largest = max(merchants, key=lambda merchant: merchant.orders)
    began = monotonic()
    told = ""
    while not all(step["state"] == "done" for merchant in merchants for step in steps_of(truth, merchant)):
        told = tell(truth, merchants, told)
        if "killed_at_page" not in stage.notes and (page := orders_page(truth, largest)) >= KILL_AT_PAGE:
            stage.kill(VICTIM)
            stage.notes["killed_at_page"] = page
            print(f"  kill -9 {VICTIM} while page {page} of {largest.slug} was stored")
            stage.again(VICTIM)
        if monotonic() - began > PULLED_WITHIN_S:
            raise mirror.NotInTime(f"the pull was not over after {PULLED_WITHIN_S} s: {told}")
        Event().wait(TELL_EVERY_S / 4)
    stage.notes["pull_s"] = round(monotonic() - began, 1)
    stage.notes["pulled"] = compared(truth, merchants)
    stage.notes["pull_calls"] = {merchant.slug: ledger(truth, merchant) for merchant in merchants}
    stage.notes["pull_counted"] = {merchant.slug: counted_by_shop(merchant) for merchant in merchants}
    print(f"both shops are mirrored after {stage.notes['pull_s']:.0f} s")


def merchants_of(stage: Stage) -> list[Merchant]:
    """Return the shops of the simulator."""
    return [Merchant.of(shop) for shop in stage.world["shops"]]


def steps_of(truth: Mirror, merchant: Merchant) -> list[dict[str, Any]]:
    """Return the steps of a shop's activation."""
    return mirror.steps(truth, mirror.tenant_of(truth, merchant))


def orders_page(truth: Mirror, merchant: Merchant) -> int:
    """Return how many pages of orders the pull of a shop has stored."""
    return next(step["pages_done"] for step in steps_of(truth, merchant) if step["step"] == "orders")


def tell(truth: Mirror, merchants: list[Merchant], told: str) -> str:
    """Print where the activations stand when that has changed; on a terminal the line is written over."""
    line = "  ".join(f"{merchant.slug}: {bar(steps_of(truth, merchant))}" for merchant in merchants)
    if line != told:
        sys.stdout.write(f"\r{line:<110}" if sys.stdout.isatty() else f"  {line}\n")
        sys.stdout.flush()
    return line


def bar(steps: list[dict[str, Any]]) -> str:
    """Return the step a shop is at, with its pages."""
    now = next((step for step in steps if step["state"] != "done"), None)
    if now is None:
        return "done"
    pages = f" {now['pages_done']}/{now['pages_all'] or '?'}" if now["pages_done"] else ""
    why = f" ({now['why']})" if now["why"] else ""
    return f"{now['step']}{pages}{why}"


def compared(truth: Mirror, merchants: list[Merchant]) -> dict[str, dict[str, Any]]:
    """Hold every order and product of every shop against its mirror."""
    return {
        f"{merchant.slug} {what}s": mirror.compare(truth, merchant, what).told()
        for merchant in merchants
        for what in ("order", "product")
    }


LEDGER = "SELECT plan, count(*) AS calls FROM calls WHERE tenant_id = %(tenant_id)s GROUP BY plan ORDER BY plan"


def ledger(truth: Mirror, merchant: Merchant) -> dict[str, int]:
    """Return our own count of calls, by row of the call plan."""
    found = truth.rows(LEDGER, tenant_id=mirror.tenant_of(truth, merchant))
    return {row["plan"]: row["calls"] for row in found}


def counted_by_shop(merchant: Merchant) -> dict[str, Any]:
    """Return the simulator's count of the same calls, and the rules it saw broken."""
    api = merchant.stats()["api"]
    return {name: api[name] for name in ("calls", "total", "broken", "breaches", "peak_in_flight")}
