"""PUT /products: the stock fields, by code only (contract 4.7.5, 4.7.6, T44-T48)."""

from simulator import catalogue, changes
from simulator.ask import MOST_ITEMS, Ask, Refused
from simulator.shop import Product, Record
from simulator.wire import as_bool, as_int, as_number, message

FLAGS = ("active_yn", "archived_yn", "can_add_to_basket_yn", "adult_yn")
TEXTS = ("code_supplier", "ean", "stock_position", "replacement_product_code", "shipment_group", "manufacturer")
OF_VARIANT = ("active_yn", "can_add_to_basket_yn", "code_supplier", "ean", "stock_position")  # no weight


def put(ask: Ask) -> Record:
    """Change products and variants; a root `variants` names variants without their product."""
    body = ask.body()
    if "products" not in body and "variants" not in body:
        raise Refused(400, "Očekává se pole objektů products nebo variants")
    products = ask.batch(body, "products") if "products" in body else []
    variants = ask.batch(body, "variants") if "variants" in body else []
    if any(isinstance(row.get("variants"), list) and len(row["variants"]) > MOST_ITEMS for row in products):
        ask.shop.stats.breach("too_many_items")
        raise Refused(413, f"Produkt může obsahovat nejvýše {MOST_ITEMS} variant")
    ask.items = len(products) + len(variants)
    changed: dict[int, Product] = {}
    answer: Record = {"products": [_product(ask, row, changed) for row in products]}
    if "variants" in body:
        answer["variants"] = [_variant(ask, row, changed, None) for row in variants]  # guess: the shape is not printed
    changes.tell_products(ask.world, ask.shop, list(changed.values()), ask.user.login)
    return {**answer, "messages": []}


def _product(ask: Ask, item: Record, changed: dict[int, Product]) -> Record:
    product = ask.shop.by_code.get(str(item.get("code") or ""))
    if product is None:
        wrong = [message("Produkt s tímto kódem neexistuje", object_="product", property_="code")]
        return _answered(None, item, wrong, [])
    wrong = _check(item) + _check_stocks(ask, item)
    if not wrong and not ask.pretend:
        for name in FLAGS:
            if name in item:
                product.record[name] = as_bool(item[name])
        for name in TEXTS:
            if name in item:
                product.record[name] = item[name]
        if "weight" in item:
            product.record["weight"] = as_int(item["weight"])
        if "limit_orders" in item:
            product.record["limit_orders"] = item["limit_orders"]
        _shelve(ask, product.record, item, None)
        changed[product.seq] = product
    variants = [] if wrong else [_variant(ask, row, changed, product) for row in item.get("variants") or []]
    return _answered(product, item, wrong, variants)


def _variant(ask: Ask, item: Record, changed: dict[int, Product], parent: Product | None) -> Record:
    """Change one variant; never creates one."""
    # guess: a variant named under its product is not created either, although the full import may do so
    found = ask.shop.by_variant_code.get(str(item.get("code") or ""))
    if found is None or (parent is not None and found[0] is not parent):
        wrong = [message("Varianta s tímto kódem neexistuje", object_="variant", property_="code")]
        return {"variant_id": None, "code": item.get("code"), "updated_yn": False, "messages": wrong}
    product, row = found
    wrong = _check(item) + _check_stocks(ask, item)
    if not wrong and not ask.pretend:
        for name in OF_VARIANT:
            if name in item:
                row[name] = as_bool(item[name]) if name.endswith("_yn") and item[name] is not None else item[name]
        _shelve(ask, row, item, product)
        changed[product.seq] = product
    return {"variant_id": row["variant_id"], "code": row["code"], "updated_yn": not wrong, "messages": wrong}


def _check(item: Record) -> list[Record]:
    wrong = []
    if item.get("stock") is not None and as_number(item["stock"]) is None:
        wrong.append(message("Neplatné číslo", object_="product", property_="stock"))
    if item.get("stock_increment") is not None and as_number(item["stock_increment"]) is None:
        wrong.append(message("Neplatné číslo", object_="product", property_="stock_increment"))
    if item.get("weight") is not None and as_int(item["weight"]) is None:
        wrong.append(message("Neplatné číslo", object_="product", property_="weight"))
    if item.get("limit_orders") not in (None, "0", "1", "sale"):
        wrong.append(message("Neplatná hodnota", object_="product", property_="limit_orders"))
    return wrong


def _check_stocks(ask: Ask, item: Record) -> list[Record]:
    """Return what is wrong with the additional warehouses; the shop may have none (T48)."""
    missing = message("Sklad neexistuje", object_="stocks", property_="stock_id")
    return [missing for row in item.get("stocks") or [] if _stock_id(ask, row) is None]


def _stock_id(ask: Ask, row: Record) -> int | None:
    stocks = ask.shop.stocks or {}
    if row.get("stock_id") is not None:
        id_ = as_int(row["stock_id"])
        return id_ if id_ in stocks else None
    return next((id_ for id_, stock in stocks.items() if stock["code"] and stock["code"] == row.get("code")), None)


def _shelve(ask: Ask, row: Record, item: Record, parent: Product | None) -> None:
    """Write stock, increment and additional warehouses; availability follows the stock."""
    if "stock" in item:
        row["stock"] = as_number(item["stock"])
    increment = as_number(item.get("stock_increment"))
    if increment is not None and row["stock"] is not None:  # ignored silently when stock is not tracked (T46)
        row["stock"] = round(row["stock"] + increment, 3)
    for given in item.get("stocks") or []:
        id_ = _stock_id(ask, given)
        for stored in row.get("stocks", []):
            if stored["stock_id"] == id_:
                stored.update({name: given[name] for name in ("position", "quantity") if name in given})
    if ask.shop.availability_by_stock:
        catalogue.shelve(ask.shop, row, parent.record if parent else None)


def _answered(product: Product | None, item: Record, wrong: list[Record], variants: list[Record]) -> Record:
    return {
        "product_id": product.seq if product else None,
        "code": item.get("code"),
        "product_url": product.record["admin_url"] if product else None,
        "updated_yn": not wrong,
        "messages": wrong,
        "variants": variants,
    }
