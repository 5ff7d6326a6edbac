"""A shop that uninstalls us: what it had released is stopped, nothing is written, and what returns is observed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
import pytest

from service import accounts, mappings, tenants
from service.db import Conn, Database
from service.flows import acknowledge, admit, dismiss, mapping, sweep
from service.rig import Rig
from service.steps import reweigh
from service.steps.lifecycle import Endpoint
from tests.dock import Dock, dock
from tests.lifecycle import CREDENTIALS

DAY_S = 86_400


@pytest.fixture
def at(database, tmp_path) -> Iterator[Dock]:
    with dock(database.url, tmp_path) as made:
        yield made


@dataclass
class Dies:
    """A database that is there for the signed call and away for what comes after it."""

    alive: Database

    def tx_all(self, why: str):
        return self.alive.tx_all(why)

    @contextmanager
    def tx(self, tenant_id: str) -> Iterator[Conn]:
        raise psycopg.OperationalError("the server closed the connection unexpectedly")
        yield  # pragma: no cover


def leaves(at: Dock, name: str = "alfa", *, rig: Rig | None = None) -> None:
    at.bench.watch.pass_s(60)
    assert dismiss.run(rig or at.bench.rig, at.bench.call(Endpoint.UNINSTALL, token=name))


def dies_leaving(at: Dock) -> None:
    """Let a shop leave, and whoever serves it die before anything is stopped."""
    with pytest.raises(psycopg.OperationalError):
        leaves(at, rig=replace(at.bench.rig, db=Dies(at.bench.rig.db)))


def comes_back(at: Dock, name: str = "alfa") -> str:
    at.bench.watch.pass_s(60)
    return admit.run(at.bench.rig, at.bench.call(token=name), CREDENTIALS)


def hears(at: Dock, shop: str, number: str) -> tuple[str, str | None]:
    """Acknowledge what stands and return what comes next."""
    revision = at.offer(shop, number).revision
    shown = acknowledge.run(at.bench.rig, shop, number, revision=revision, account_id="a_any")
    assert shown
    return shown.offer.state.value, shown.offer.reason and shown.offer.reason.value


def test_what_was_released_is_stopped_and_what_has_left_is_not(at: Dock) -> None:
    shop, other = at.shop("alfa", "O1", "O2", "O3"), at.shop("beta", "O1")
    at.shows(shop, "O3", status_id=2)
    at.ships(shop, "O2")
    leaves(at)

    assert at.says(shop, "O1") == ("stop", "uninstalled")
    assert at.says(shop, "O2") == ("held", "shipped")
    assert at.says(shop, "O3") == ("stop", "uninstalled")
    assert at.says(other, "O1") == ("released", None)
    assert hears(at, shop, "O1") == ("held", "uninstalled")


def test_nothing_is_shipped_for_it_but_what_has_left_already_and_nothing_is_written(at: Dock) -> None:
    shop = at.shop("alfa", "O1", "O2")
    leaves(at)

    assert at.post("a", at.item(shop, "O1")) == ["not_released"]
    at.ships(shop, "O2", left_already=True)
    assert at.says(shop, "O2") == ("stop", "uninstalled")
    assert comes_back(at) == shop
    with at.bench.rig.db.tx(shop) as conn:
        tenants.trust(conn, shop, credentials_revision=3)
    mapping.go_live(at.bench.rig, shop, by="test")
    assert at.written(shop) == []


def test_a_stop_outlives_the_return_and_what_follows_it_is_history(at: Dock) -> None:
    shop = at.shop("alfa", "O1", "O2")
    leaves(at)
    comes_back(at)

    assert at.says(shop, "O1") == ("stop", "uninstalled")
    assert hears(at, shop, "O1") == ("held", "observed")
    mapping.go_live(at.bench.rig, shop, by="test")
    assert at.says(shop, "O2") == ("stop", "withdrawn")
    assert hears(at, shop, "O2") == ("held", "history")


def test_whoever_dies_before_the_stops_is_followed_by_the_sweep(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    dies_leaving(at)
    assert at.says(shop, "O1") == ("released", None)
    at.bench.watch.pass_s(reweigh.DEAD_AFTER.total_seconds())
    with at.bench.rig.db.tx_all("a test asks as beat does") as conn:
        assert shop in tenants.sweep_due(conn, now=at.bench.watch.at)
    sweep.run(at.bench.rig, shop)

    assert at.says(shop, "O1") == ("stop", "uninstalled")
    with at.bench.rig.db.tx(shop) as conn:
        assert mappings.unweighed_since(conn, shop) is None


def test_a_shop_that_is_back_before_the_stops_were_told_stops_all_the_same(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    dies_leaving(at)
    comes_back(at)
    at.bench.watch.pass_s(reweigh.DEAD_AFTER.total_seconds())
    sweep.run(at.bench.rig, shop)

    assert at.says(shop, "O1") == ("stop", "withdrawn")
    assert hears(at, shop, "O1") == ("held", "observed")


def test_it_is_its_warehouse_s_business_until_it_is_erased(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    warehouse, stranger = at.token(at.warehouse(shop)), at.token(at.warehouse())
    leaves(at)
    assert (opens(at, warehouse), opens(at, stranger)) == ({shop}, set())

    at.bench.watch.pass_s(31 * DAY_S)
    sweep.run(at.bench.rig, shop)
    assert opens(at, warehouse) == set()


def opens(at: Dock, token: str) -> set[str]:
    with at.bench.rig.db.tx_all("a test asks as the door does") as conn:
        opened = accounts.opens(conn, token)
    assert opened
    return set(opened.tenants)
