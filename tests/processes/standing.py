"""A small shop and all processes of the service that serve it, for tests that kill, freeze or deafen them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service.demo import activation, mirror
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import READY_WITHIN_S, Stage
from service.embedded import Embedded
from service.inbox import spool
from tests.simulator.until import until

SHOP = "alfa:180:10:verified"
WHOLE_WITHIN_S = 40.0

ACKED = "SELECT coalesce(sum(copies), 0) AS stored FROM deliveries"


@dataclass
class House:
    """A small shop, and all processes of the service that serve it."""

    stage: Stage
    truth: Mirror
    shop: Merchant

    @property
    def servers(self) -> Embedded:
        assert self.stage.servers
        return self.stage.servers

    @property
    def tenant(self) -> str:
        return mirror.tenant_of(self.truth, self.shop)

    def trade(self, changes: int = 60) -> None:
        """Let merchants and customers do something of everything."""
        living = [told["id"] for told in self.shop.truth("order") if not told["deleted"]]
        self.shop.tell("/orders/change", numbers=living, count=changes)
        self.shop.tell("/orders/create", count=3)
        self.shop.tell("/orders/delete", count=2)
        self.shop.tell("/orders/restore", count=1)

    def hooks(self) -> dict[str, Any]:
        """Return what the shop counted of its webhooks."""
        return self.shop.stats()["hooks"]

    def stored(self) -> int:
        return self.truth.number(ACKED)

    def spooled(self) -> int:
        """Return how many webhooks wait in files."""
        return sum(file.deliveries for file in spool.listed(Path(self.stage.env["SPOOL_FOLDER"])))

    def differences(self) -> dict[str, Any]:
        """Return how the mirror differs from the shop, orders and products."""
        told = {what: mirror.compare(self.truth, self.shop, what).told() for what in ("order", "product")}
        return {what: each for what, each in told.items() if each["some"]}

    def is_quiet(self) -> bool:
        """Say whether all webhooks were delivered and nothing is due within the next seconds."""
        waiting = sum(self.hooks()["waiting"].values()) + self.spooled()
        return not waiting and not mirror.open_work(self.truth, by=datetime.now(UTC) + timedelta(seconds=10))

    def becomes_whole(self) -> None:
        """Wait until all was delivered and read; then the mirror is the shop."""

        mirror.until(
            self.is_quiet, within_s=WHOLE_WITHIN_S, what=lambda: f"{self.hooks()['waiting']} and work is still open"
        )
        assert self.differences() == {}

    def again(self, *names: str) -> None:
        """Start killed processes together and wait until all of them work."""
        children = {name: self.stage.processes.children[name] for name in names}
        for child in children.values():
            child.start()
        for name, child in children.items():
            child.wait_ready(self.stage.readiness(name), within_s=READY_WITHIN_S)

    @contextmanager
    def slow_answers(self, seconds: float) -> Iterator[None]:
        self.shop.tell("", "PATCH", latency_s=seconds)
        yield
        self.shop.tell("", "PATCH", latency_s=0.02)


@contextmanager
def standing(**changed: str) -> Iterator[House]:
    """Stand a house up with other settings, its shop activated."""
    stage = Stage.make([SHOP], **changed)
    try:
        stage.start()
        truth, [shop] = Mirror(stage.admin_url), activation.merchants_of(stage)
        assert activation.activate(shop)["ok"]
        shop.tell("/hooks", "PATCH", timeout_delivered=False)  # the older rule: what we were too slow for comes again
        house = House(stage, truth, shop)
        until(lambda: all(step["state"] == "done" for step in mirror.steps(truth, house.tenant)), within_s=40)
        yield house
    finally:
        stage.close()
