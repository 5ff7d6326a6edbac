"""Fulfillment reads parameters and relations of products, expedition never asks for them (docs/upgates.md 4.7.4)."""

from collections.abc import Iterator
from typing import Any

import pytest

from service import catalog
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town, build

LISTS = {"parameters": "/products/parameters", "related": "/products/related"}


@pytest.fixture
def warehouse(tmp_path, database, redis_url) -> Iterator[Town]:
    """A town whose add-on is a fulfillment."""
    built = build(tmp_path, database.url, redis_url, addon="fulfillment")
    yield built
    built.rig.close()


def calls(shop: WorldShop) -> dict[str, int]:
    """How often each of the two lists was asked for."""
    return {kind: shop.stats.gets(template) for kind, template in LISTS.items()}


def booked(town: Town, tenant: str) -> dict[str, int]:
    """How many calls of the two lists the ledger holds."""
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT plan, count(*) AS calls FROM calls GROUP BY plan").fetchall()
    told = {row["plan"]: row["calls"] for row in found}
    return {"parameters": told.get("product_parameters", 0), "related": told.get("product_related", 0)}


def listed(town: Town, tenant: str, kind: str, product_id: int) -> Any:
    with town.rig.db.tx(tenant) as conn:
        return catalog.listed(conn, tenant, kind, product_id)


def shown(shop: WorldShop, kind: str, product_id: int) -> dict[str, Any]:
    """Return what the shop's list says of a product."""
    product = shop.products[product_id]
    ids = {"code": product.code, "product_id": product_id, "admin_url": product.record["admin_url"]}
    return {**ids, **getattr(product, kind)}


@pytest.mark.parametrize("kind", LISTS)
def test_the_activation_pulls_both_lists_whole(warehouse: Town, kind: str) -> None:
    shop, tenant = warehouse.activated(orders=3, products=120)

    ours = {product_id: listed(warehouse, tenant, kind, product_id) for product_id in shop.products}
    assert ours == {product_id: shown(shop, kind, product_id) for product_id in shop.products}


def test_the_calls_of_the_pull_are_few_and_all_of_them_are_in_the_ledger(warehouse: Town) -> None:
    shop, tenant = warehouse.activated(orders=3, products=120)

    assert booked(warehouse, tenant) == calls(shop) == {"parameters": 3, "related": 3}


def test_a_changed_product_costs_one_call_of_each_list(warehouse: Town) -> None:
    shop, tenant = warehouse.activated(orders=3, products=120)
    warehouse.hear(shop, tenant)
    before = calls(shop)
    first, second = list(shop.products)[:2]
    shop.products[first].related["gifts"] = [{"code": shop.products[second].code, "type": "variant"}]
    shop.products[second].parameters["parameters_new"] = []
    for product_id in (first, second):
        changes.change_product(warehouse.world, shop, product_id, stock=5.0)
    warehouse.watch.move(10)

    warehouse.deliver()
    warehouse.work()

    assert listed(warehouse, tenant, "related", first) == shown(shop, "related", first)
    assert listed(warehouse, tenant, "parameters", second) == shown(shop, "parameters", second)
    assert {kind: count - before[kind] for kind, count in calls(shop).items()} == {"parameters": 1, "related": 1}
    assert booked(warehouse, tenant) == calls(shop)


def test_a_new_product_is_in_both_lists(warehouse: Town) -> None:
    shop, tenant = warehouse.activated(orders=3, products=10)
    warehouse.hear(shop, tenant)
    product_id = changes.create_product(warehouse.world, shop).seq

    warehouse.deliver()
    warehouse.work()

    assert {kind: listed(warehouse, tenant, kind, product_id) for kind in LISTS} == {
        kind: shown(shop, kind, product_id) for kind in LISTS
    }


def test_a_look_reads_both_lists_of_what_it_found(warehouse: Town) -> None:
    shop, tenant = warehouse.activated(orders=3, products=20)
    warehouse.watch.move(3_600)
    product_id = next(iter(shop.products))
    shop.products[product_id].related["accessories"] = ["P00002"]
    changes.change_product(warehouse.world, shop, product_id, stock=5.0)
    warehouse.watch.move(10)

    warehouse.deliver([warehouse.delivery(tenant, "Products.update", b"{not json")])
    warehouse.work()

    assert listed(warehouse, tenant, "related", product_id) == shown(shop, "related", product_id)


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_that_came_back_short_leaves_the_hint_due(warehouse: Town, kind: str) -> None:
    shop, tenant = warehouse.activated(orders=3, products=20)
    warehouse.hear(shop, tenant)
    shop.faults.add("short", method="GET", template=LISTS[kind], honest=False)
    product_id = next(iter(shop.products))
    product = shop.products[product_id]
    (product.related if kind == "related" else product.parameters)["told"] = "once more"
    changes.change_product(warehouse.world, shop, product_id, stock=5.0)

    warehouse.deliver()
    warehouse.work(for_s=120, idle_s=60)

    assert listed(warehouse, tenant, kind, product_id) == shown(shop, kind, product_id)


def test_an_expedition_never_asks_for_either(town: Town) -> None:
    shop, tenant = town.activated(orders=3, products=60)
    town.hear(shop, tenant)
    changes.change_product(town.world, shop, next(iter(shop.products)), stock=5.0)
    changes.create_product(town.world, shop)

    town.deliver()
    town.deliver([town.delivery(tenant, "Products.update", b"{not json")])
    town.work()

    assert calls(shop) == booked(town, tenant) == {"parameters": 0, "related": 0}
