"""Products in their lists, and the stock fields that can be written (contract 4.7)."""

import pytest

from simulator import changes
from simulator.wire import stamp
from tests.simulator.inside import Inside, inside


@pytest.fixture(scope="module")
def shop() -> Inside:
    return inside(orders=5, products=120)


@pytest.fixture
def it() -> Inside:
    return inside(orders=5, products=60)


def plain(it: Inside) -> str:
    """Return the code of a tracked product without variants."""
    return next(
        product.code
        for product in it.shop.live_products()
        if product.code and product.record["stock"] is not None and not product.record["variants"]
    )


@pytest.mark.parametrize("kind", ["", "/simple", "/parameters", "/related"])
def test_each_list_has_fifty_to_a_page_and_every_product_once(shop: Inside, kind: str) -> None:
    pages = [shop.get(f"/products{kind}", page=page) for page in (1, 2, 3)]

    assert [page["current_page_items"] for page in pages] == [50, 50, 20]
    assert {page["number_of_pages"] for page in pages} == {3}
    ids = [product["product_id"] for page in pages for product in page["products"]]
    assert sorted(ids) == sorted(shop.shop.products)


@pytest.mark.parametrize("kind", ["", "/simple", "/parameters", "/related"])
def test_one_product_is_reached_by_its_code(shop: Inside, kind: str) -> None:
    code = next(code for code in shop.shop.by_code if "/" in code)

    found = shop.get(f"/products/{code.replace('/', '%2F')}{kind}")

    assert [product["code"] for product in found["products"]] == [code]


def test_the_simple_list_is_the_full_one_without_texts_pictures_and_prices(shop: Inside) -> None:
    full, simple = shop.get("/products")["products"][3], shop.get("/products/simple")["products"][3]

    assert set(full) - set(simple) == {"action_currently_yn", "descriptions", "images", "categories", "prices", "metas"}
    assert set(full["variants"][0]) - set(simple["variants"][0]) == {"prices", "metas"}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"product_ids": "3;4;999"}, {3, 4}),
        ({"product_ids[]": "3"}, {3}),
        ({"product_id": "5"}, {5}),
        ({"codes": "P00003;P00005"}, {3, 5}),
    ],
)
def test_products_are_found_by_id_and_code(shop: Inside, query: dict[str, str], wanted: set[int]) -> None:
    assert {product["product_id"] for product in shop.get("/products/simple", **query)["products"]} == wanted


def test_a_variants_code_finds_the_product_that_has_it(shop: Inside) -> None:
    product, row = next(iter(shop.shop.by_variant_code.values()))

    found = shop.get("/products/simple", variant_codes=row["code"])["products"]

    assert [one["product_id"] for one in found] == [product.seq]


def test_flags_and_changes_filter_products(it: Inside) -> None:
    it.watch.go(minutes=1)
    it.put("/products", {"products": [{"code": plain(it), "stock": 5}]})

    changed = it.get("/products/simple", last_update_time_from=stamp(it.watch()))["products"]
    archived = it.get("/products/simple", archived_yn="1")["products"]

    assert [product["code"] for product in changed] == [plain(it)]
    assert archived
    assert all(product["archived_yn"] for product in archived)


def test_a_language_narrows_texts_and_prices(shop: Inside) -> None:
    product = shop.get("/products", language="sk")["products"][0]

    assert [text["language"] for text in product["descriptions"]] == ["sk"]
    assert [price["currency"] for price in product["prices"]] == ["EUR"]


def test_the_catalogue_holds_the_traps(shop: Inside) -> None:
    products = [product for page in (1, 2, 3) for product in shop.get("/products", page=page)["products"]]
    related = [product for page in (1, 2, 3) for product in shop.get("/products/related", page=page)["products"]]
    variants = [variant for product in products for variant in product["variants"]]

    assert any(product["code"] is None for product in products)
    assert any(product["stock"] is None for product in products)
    assert any((product["stock"] or 0) < 0 for product in products)
    assert any(product["weight"] is None for product in products)
    assert any(product["images"][0]["titles"] == [] for product in products)
    assert any(isinstance(price["recycling_fee"], str) for product in products for price in product["prices"])
    assert any(isinstance(meta["values"], dict) for product in products for meta in product["metas"])
    assert any(variant["weight"] is None and variant["active_yn"] is None for variant in variants)
    assert any(product["sets"] for product in related)
    assert all(isinstance(product["action_currently_yn"], bool) for product in products)


def test_parameters_come_in_both_forms(shop: Inside) -> None:
    product = next(one for one in shop.get("/products/parameters")["products"] if one["variants"])

    old, new = product["variants"][0]["parameters"][0], product["variants"][0]["parameters_new"][0]
    assert old["name"] == {"cs": "Velikost", "sk": "Veľkosť"}
    assert new["descriptions"][0] == {"language": "cs", "name": "Velikost"}


def test_an_increment_adds_and_is_ignored_for_untracked_stock(it: Inside) -> None:
    tracked = plain(it)
    before = it.shop.by_code[tracked].record["stock"]
    untracked = next(
        p for p in it.shop.live_products() if p.code and p.record["stock"] is None and not p.record["set_yn"]
    )

    items = [{"code": tracked, "stock_increment": "-3"}, {"code": untracked.code, "stock_increment": "+10"}]
    answers = it.put("/products", {"products": items})["products"]

    assert [answer["updated_yn"] for answer in answers] == [True, True]
    assert it.shop.by_code[tracked].record["stock"] == before - 3
    assert untracked.record["stock"] is None


def test_an_absolute_stock_starts_tracking_and_moves_availability(it: Inside) -> None:
    code = plain(it)

    for stock in (0, 4.5):
        it.put("/products", {"products": [{"code": code, "stock": stock}]})
    product = it.get(f"/products/{code}/simple")["products"][0]

    assert (product["stock"], product["availability_type"]) == (4.5, "InStock")


def test_a_variant_is_written_under_its_product_or_by_itself(it: Inside) -> None:
    product, row = next(iter(it.shop.by_variant_code.values()))

    under = it.put("/products", {"products": [{"code": product.code, "variants": [{"code": row["code"], "stock": 7}]}]})
    alone = it.put(
        "/products", {"variants": [{"code": row["code"], "stock_increment": "+1"}, {"code": "NEW", "stock": 1}]}
    )

    assert under["products"][0]["variants"][0]["updated_yn"] is True
    assert [answer["updated_yn"] for answer in alone["variants"]] == [True, False]
    assert row["stock"] == 8


def test_a_product_without_a_code_cannot_be_written(it: Inside) -> None:
    answers = it.put("/products", {"products": [{"code": None, "stock": 1}, {"product_id": 7, "stock": 1}]})["products"]

    assert [answer["updated_yn"] for answer in answers] == [False, False]


def test_additional_warehouses_are_written_where_there_are_any(it: Inside) -> None:
    with_stocks = inside("beta", orders=1, products=1001)
    item = {"stocks": [{"stock_id": 3, "quantity": 9.0}, {"code": "BRNO", "position": "R1"}]}

    there = with_stocks.put("/products", {"products": [{"code": plain(with_stocks), **item}]})["products"][0]
    none = it.put("/products", {"products": [{"code": plain(it), **item}]})["products"][0]

    assert (there["updated_yn"], none["updated_yn"]) == (True, False)
    stored = with_stocks.shop.by_code[plain(with_stocks)].record["stocks"][0]
    assert (stored["quantity"], stored["position"]) == (9.0, "R1")
    assert [stock["id"] for stock in with_stocks.get("/stocks")["stocks"]] == [3, 7]
    assert it.get("/stocks")["stocks"] == []


def test_too_many_products_or_variants_are_refused_whole(it: Inside) -> None:
    code = plain(it)

    many = it.client.put("/products", json={"products": [{"code": code, "stock": 1}] * 101})
    deep = it.client.put(
        "/products", json={"products": [{"code": code, "stock": 1, "variants": [{"code": "V"}] * 101}]}
    )

    assert (many.status_code, deep.status_code) == (413, 413)
    assert it.events("Products.update") == []


def test_a_price_import_is_one_event_for_all_products(it: Inside) -> None:
    before = it.get("/products")["products"][0]["prices"][0]["pricelists"][0]["price_with_vat"]

    changes.price_import(it.world, it.shop, percent=10)

    after = it.get("/products")["products"][0]["prices"][0]["pricelists"][0]["price_with_vat"]
    assert after == pytest.approx(before * 1.1, abs=0.01)
    assert [len(records) for records in it.events("Products.update")] == [60]
    assert set(it.events("Products.update")[0][0]) == {"product_id", "code", "last_update_time"}


def test_a_deleted_product_is_gone_and_its_variants_are_told(it: Inside) -> None:
    product, _ = next(iter(it.shop.by_variant_code.values()))

    changes.delete_product(it.world, it.shop, product.seq)

    assert it.get("/products/simple", product_id=product.seq)["products"] == []
    records = it.events("Products.delete")[0]
    assert [set(record) for record in records[:2]] == [
        {"product_id", "code", "deletion_time"},
        {"variant_id", "code", "deletion_time"},
    ]


def test_a_new_product_is_told_once_and_found(it: Inside) -> None:
    product = changes.create_product(it.world, it.shop, code="NOVÝ/1")

    assert it.get("/products/simple", codes="NOVÝ/1")["products"][0]["product_id"] == product.seq
    assert [event for event, _, _ in it.heard] == ["Products.create"]
