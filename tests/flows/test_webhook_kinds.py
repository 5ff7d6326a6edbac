"""Webhooks of products and code lists go the whole way, and the mirror ends as the shop is."""

from typing import Any

import httpx
import pytest

from service import codebooks, inbox, journal
from service.kit.mirroring import State
from service.lanes import Lane
from service.platform.errors import PlatformError
from service.platform.shapes import Page
from service.steps import code_lists
from simulator import changes, thin
from simulator.shop import Shop as WorldShop
from tests import shop_items
from tests.flows.town import Town

LISTS = {"order_statuses": "statuses", "shipments": "shipments", "payments": "payments"}
TEMPLATES = {"order_statuses": "/order-statuses", "shipments": "/shipments", "payments": "/payments"}


def activated(town: Town, *, products: int = 20) -> tuple[WorldShop, str]:
    """Return a shop whose pull has ended and whose webhooks are heard."""
    shop, tenant = town.activated(orders=5, products=products)
    town.hear(shop, tenant)
    town.watch.move(60)
    return shop, tenant


def heard(town: Town) -> None:
    """Bring the webhooks and work until nothing is due; what leaves a list is believed half a minute later."""
    town.watch.move(5)
    town.deliver()
    town.work(for_s=120, idle_s=31)


def catalog_of(town: Town, tenant: str) -> dict[int, Any]:
    """Return the products the mirror believes to live."""
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT product_id, state, content FROM products").fetchall()
    return {row["product_id"]: row["content"] for row in found if row["state"] == State.LIVE}


def state_of(town: Town, tenant: str, product_id: int) -> str:
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT state FROM products WHERE product_id = %s", [product_id]).fetchone()
    assert found is not None
    return found["state"]


def products_of(town: Town, tenant: str) -> dict[int, Any]:
    """Return the products the shop shows, every page of them."""
    shop = town.rig.shop(tenant, Lane.PULL)
    return {item.product_id: item.raw for page in code_lists.every_page(shop.products_page) for item in page.items}


def mirrored(town: Town, tenant: str, kind: str) -> dict[str, Any]:
    """Return the entries that the mirror believes to be on a code list."""
    with town.rig.db.tx(tenant) as conn:
        return {entry_id: entry.content for entry_id, entry in codebooks.entries(conn, tenant, kind).items()}


def shown(shop: WorldShop, kind: str) -> dict[str, Any]:
    """Return the entries of a code list in the shop."""
    return {str(entry_id): row for entry_id, row in getattr(shop, LISTS[kind]).items()}


def tell(town: Town, shop: WorldShop, event: str, entry_id: int) -> None:
    """Tell a change of a shipment or payment that was made by hand."""
    entity, action = event.lower().split("s.")
    town.world.emit(shop, event, [thin.listed(shop, entity, entry_id, action, town.watch())])


def change_stock(town: Town, shop: WorldShop) -> None:
    changes.change_product(town.world, shop, 2, stock=42.0)


def move_stock(town: Town, shop: WorldShop) -> None:
    codes = [product.code for product in shop.live_products() if product.code and product.record["stock"] is not None]
    changes.move_stock(town.world, shop, [(code, -3) for code in codes[:5]])


def order_goods(town: Town, shop: WorldShop) -> None:
    changes.create_orders(town.world, shop, 3)


def import_prices(town: Town, shop: WorldShop) -> None:
    changes.price_import(town.world, shop, percent=5)


def create(town: Town, shop: WorldShop) -> None:
    for _ in range(3):
        changes.create_product(town.world, shop)


def rename(town: Town, shop: WorldShop) -> None:
    changes.change_product(town.world, shop, 3, code="RENAMED-3", ean="8590000000009", weight=350)


def create_and_delete(town: Town, shop: WorldShop) -> None:
    product = changes.create_product(town.world, shop)
    changes.delete_product(town.world, shop, product.seq)


@pytest.mark.parametrize(
    "deed", [change_stock, move_stock, order_goods, import_prices, create, rename, create_and_delete]
)
def test_the_catalog_ends_as_the_shops_products(town: Town, deed: Any) -> None:
    shop, tenant = activated(town, products=70)
    deed(town, shop)

    heard(town)

    assert catalog_of(town, tenant) == products_of(town, tenant)


@pytest.mark.parametrize("product_id", [3, 4], ids=["without variants", "with variants"])
def test_a_deleted_product_is_dead_and_no_other(town: Town, product_id: int) -> None:
    shop, tenant = activated(town)
    changes.delete_product(town.world, shop, product_id)

    heard(town)

    assert state_of(town, tenant, product_id) == State.DELETED
    assert catalog_of(town, tenant) == products_of(town, tenant)


def test_a_bulk_of_products_goes_in_full_batches(town: Town) -> None:
    shop, tenant = activated(town, products=147)
    before = shop.stats.gets("/products")
    changes.price_import(town.world, shop, percent=5)

    heard(town)

    assert catalog_of(town, tenant) == products_of(town, tenant)
    assert shop.stats.gets("/products") - before == 3 + 3  # three batches of 49, and the test's own three pages


def test_a_restored_product_lives_again(town: Town) -> None:
    shop, tenant = activated(town)
    product = changes.delete_product(town.world, shop, 3)
    heard(town)
    product.deleted_at = None
    shop.add_product(product)
    changes.change_product(town.world, shop, 3, stock=1.0)

    heard(town)

    assert state_of(town, tenant, 3) == State.LIVE
    assert catalog_of(town, tenant) == products_of(town, tenant)


def create_status(town: Town, shop: WorldShop) -> None:
    changes.create_status(town.world, shop, {"cs": "Čeká na svoz", "sk": "Čaká na zvoz"})


def rename_status(town: Town, shop: WorldShop) -> None:
    changes.rename_status(town.world, shop, next(iter(shop.statuses)), {"cs": "Právě přijatá"}, color="#000000")


def delete_status(town: Town, shop: WorldShop) -> None:
    changes.delete_status(town.world, shop, custom(shop))


def touch_shipment(town: Town, shop: WorldShop) -> None:
    changes.touch_shipment(town.world, shop, next(iter(shop.shipments)), active_yn=False)


def create_shipment(town: Town, shop: WorldShop) -> None:
    shop.shipments[900] = {**next(iter(shop.shipments.values())), "id": "900", "code": "NEW"}
    tell(town, shop, "Shipments.create", 900)


def delete_shipment(town: Town, shop: WorldShop) -> None:
    gone = next(iter(shop.shipments))
    del shop.shipments[gone]
    tell(town, shop, "Shipments.delete", gone)


def touch_payment(town: Town, shop: WorldShop) -> None:
    changes.touch_payment(town.world, shop, next(iter(shop.payments)), active_yn=False)


def create_payment(town: Town, shop: WorldShop) -> None:
    shop.payments[900] = {**next(iter(shop.payments.values())), "id": "900", "code": "NEW"}
    tell(town, shop, "Payments.create", 900)


def delete_payment(town: Town, shop: WorldShop) -> None:
    gone = next(iter(shop.payments))
    del shop.payments[gone]
    tell(town, shop, "Payments.delete", gone)


def custom(shop: WorldShop) -> int:
    """Return a status that may be deleted."""
    return next(id_ for id_, row in shop.statuses.items() if row["type"] == "Custom")


@pytest.mark.parametrize(
    "deed",
    [
        create_status, rename_status, delete_status, touch_shipment, create_shipment, delete_shipment, touch_payment,
        create_payment, delete_payment,
    ],
)  # fmt: skip
def test_the_code_lists_end_as_the_shops(town: Town, deed: Any) -> None:
    shop, tenant = activated(town)
    deed(town, shop)

    heard(town)

    assert {kind: mirrored(town, tenant, kind) for kind in LISTS} == {kind: shown(shop, kind) for kind in LISTS}


def test_an_entry_that_is_gone_is_kept_for_the_orders_that_bear_it(town: Town) -> None:
    shop, tenant = activated(town)
    gone = custom(shop)
    delete_status(town, shop)

    heard(town)

    with town.rig.db.tx(tenant) as conn:
        entry = codebooks.entry(conn, tenant, "order_statuses", str(gone))
    assert entry is not None
    assert entry.gone_at is not None


@pytest.mark.parametrize("kind", ["order_statuses", "shipments", "payments"])
def test_a_list_that_lost_an_entry_is_read_once_more_before_it_is_believed(town: Town, kind: str) -> None:
    shop, tenant = activated(town)
    before, calls = mirrored(town, tenant, kind), shop.stats.gets(TEMPLATES[kind])
    shop.faults.add("short", calls=1, method="GET", template=TEMPLATES[kind])
    create_status(town, shop)
    create_shipment(town, shop)
    create_payment(town, shop)

    town.watch.move(5)
    town.deliver()
    town.work(for_s=10)

    assert mirrored(town, tenant, kind).keys() == shown(shop, kind).keys() > before.keys()  # what is new need not wait

    town.work(for_s=120, idle_s=60)

    assert mirrored(town, tenant, kind) == shown(shop, kind)
    assert shop.stats.gets(TEMPLATES[kind]) - calls == 2
    with town.rig.db.tx(tenant) as conn:
        assert not [row for row in journal_of(conn, tenant) if ["gone"] in row.values()]


def test_many_saves_of_one_list_are_one_call(town: Town) -> None:
    shop, tenant = activated(town)
    before = shop.stats.gets("/order-statuses")
    for name in ("a", "b", "c", "d"):
        changes.rename_status(town.world, shop, next(iter(shop.statuses)), {"cs": name})

    heard(town)

    assert mirrored(town, tenant, "order_statuses") == shown(shop, "order_statuses")
    assert shop.stats.gets("/order-statuses") - before == 1


def test_lists_of_several_pages_are_read_whole(town: Town) -> None:
    shop, tenant = activated(town)
    model = next(iter(shop.shipments.values()))
    shop.shipments.update({number: {**model, "id": str(number)} for number in range(1_000, 1_110)})
    tell(town, shop, "Shipments.create", 1_000)

    heard(town)

    assert mirrored(town, tenant, "shipments") == shown(shop, "shipments")


def test_an_entry_that_leaves_while_pages_are_read_makes_no_other_pass_for_gone(town: Town) -> None:
    shop, tenant = activated(town)
    model = next(iter(shop.shipments.values()))
    shop.shipments.update({number: {**model, "id": str(number)} for number in range(1_000, 1_110)})
    tell(town, shop, "Shipments.create", 1_000)
    heard(town)
    told_gone: list[Any] = []
    answered = town.rig.transport.handler

    def handler(request):
        if request.url.params.get("page") == "2" and 1_003 in shop.shipments:
            del shop.shipments[1_003]
        return answered(request)

    town.rig.transport.handler = handler
    tell(town, shop, "Shipments.update", 1_000)

    heard(town)
    town.work(for_s=120, idle_s=60)

    with town.rig.db.tx(tenant) as conn:
        for row in journal_of(conn, tenant):
            told_gone += [entry_id for entry_id, what in row.items() if what == ["gone"]]
    assert told_gone == ["1003"]
    assert mirrored(town, tenant, "shipments") == shown(shop, "shipments")


def journal_of(conn: Any, tenant: str) -> list[dict[str, Any]]:
    """Return what was written down about code lists."""
    found = conn.execute(
        "SELECT detail FROM journal WHERE tenant_id = %s AND kind = %s", [tenant, journal.Kind.CODEBOOK.value]
    ).fetchall()
    return [row["detail"] for row in found]


@pytest.mark.parametrize("fault", ["empty", "html", "truncated", "error"])
@pytest.mark.parametrize(
    ("kind", "deed"),
    [("order_statuses", rename_status), ("shipments", touch_shipment), ("payments", touch_payment)],
)
def test_an_answer_that_proves_nothing_deletes_nothing_and_is_asked_for_again(
    town: Town, kind: str, deed: Any, fault: str
) -> None:
    shop, tenant = activated(town)
    before = {kind: mirrored(town, tenant, kind) for kind in LISTS}
    shop.faults.add(fault, calls=4, method="GET", template=TEMPLATES[kind])
    deed(town, shop)
    town.deliver()

    town.work(for_s=10)
    assert {kind: mirrored(town, tenant, kind) for kind in LISTS} == before
    town.work(for_s=600, idle_s=300)

    assert {kind: mirrored(town, tenant, kind) for kind in LISTS} == {kind: shown(shop, kind) for kind in LISTS}


@pytest.mark.parametrize("event", ["OrderStatuses.update", "Shipments.update", "Payments.delete", "Products.update"])
@pytest.mark.parametrize("body", [b"", b"{not json", b"[]", b'{"project_name": "x"}'])
def test_whatever_a_body_says_it_is_a_hint_to_read(town: Town, event: str, body: bytes) -> None:
    shop, tenant = activated(town)
    town.world.on_event.clear()
    for deed in (rename_status, touch_shipment, delete_payment, change_stock):
        deed(town, shop)
    town.watch.move(5)

    town.deliver([town.delivery(tenant, event, body)])
    town.work(for_s=120, idle_s=31)

    [kind] = [kind for kind in ("order_statuses", "shipments", "payments", "products") if is_about(event, kind)]
    if kind == "products":
        assert catalog_of(town, tenant) == products_of(town, tenant)
    else:
        assert mirrored(town, tenant, kind) == shown(shop, kind)


def is_about(event: str, kind: str) -> bool:
    return event.partition(".")[0].lower() == kind.replace("_", "")


def endless(number: int) -> Page[Any]:
    """Answer as a shop that never tells how many pages there are."""
    return shop_items.page([shop_items.product(number)], pages=number + 1)


def test_a_list_without_an_end_is_given_up_with_its_reason() -> None:
    asked: list[int] = []

    def ask(number: int) -> Page[Any]:
        asked.append(number)
        return endless(number)

    with pytest.raises(PlatformError, match="at most 20 are read"):
        code_lists.every_page(ask)

    assert len(asked) <= code_lists.MOST_PAGES


def test_a_list_that_tells_of_too_many_pages_costs_one_call() -> None:
    asked: list[int] = []

    def ask(number: int) -> Page[Any]:
        asked.append(number)
        return shop_items.page([shop_items.product(number)], pages=5_000)

    with pytest.raises(PlatformError, match="5000 pages"):
        code_lists.every_page(ask)

    assert asked == [1]


def test_a_status_is_not_gone_when_the_next_answer_lacks_another(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    first, *_, last = sorted(shop.statuses)
    answered = town.rig.transport.handler
    cut: list[int] = []

    def short(request: httpx.Request) -> httpx.Response:
        response = answered(request)
        if not request.url.path.endswith("/order-statuses"):
            return response
        cut.append(first if not cut else last)
        told = response.json()
        told["order_statuses"] = [each for each in told["order_statuses"] if each["id"] != cut[-1]]
        return httpx.Response(200, json=told)

    town.rig.transport.handler = short
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        inbox.hint(conn, tenant, Lane.REFRESH_STATUSES, [inbox.Hint(inbox.LOOK, urgent=True, due_at=now)], now=now)
    town.work(for_s=200, idle_s=100)

    with town.rig.db.tx(tenant) as conn:
        assert len(codebooks.entries(conn, tenant, "order_statuses")) == len(shop.statuses)
    assert cut == [first, last]
