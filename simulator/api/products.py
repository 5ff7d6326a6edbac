"""GET /products in its four lists: full, simple, parameters, related (contract 4.7.1-4.7.4); fifty to a page (T49)."""

from collections.abc import Callable
from typing import Any

from simulator.ask import Ask, Page
from simulator.shop import Product, Record
from simulator.wire import dumps

PER_PAGE = 50
FULL_ONLY = ("action_currently_yn", "descriptions", "images", "categories", "prices", "metas")
SIMPLE_ORDER = ("code", "code_supplier", "supplier", "ean", "product_id")
BY_LANGUAGE = ("descriptions", "prices")


def full(ask: Ask) -> Page:
    """Return the full list; `language` narrows texts and prices to that language."""
    languages = ask.many("languages") or ask.many("language")
    pricelist = ask.first("pricelist")
    without = ask.flag("variants_yn") is False
    if not languages and not pricelist and not without:
        return _page(ask, "full", lambda product: product.record)
    rows = [product for product in _found(ask) if not pricelist or _has_pricelist(product, pricelist)]
    return ask.paged(
        "products",
        rows,
        lambda product: dumps(_narrowed(product.record, languages, pricelist, without=without)),
        PER_PAGE,
    )


def simple(ask: Ask) -> Page:
    """Return the list without texts, pictures and prices."""
    if ask.flag("variants_yn") is False:
        return _page(ask, "bare", lambda product: {**_simple(ask, product), "variants": []})
    return _page(ask, "simple", lambda product: _simple(ask, product))


def parameters(ask: Ask) -> Page:
    """Return the parameters, in the old form and the new one (T50)."""
    return _page(
        ask,
        "parameters",
        lambda product: {**_ids(product), **product.parameters, "admin_url": product.record["admin_url"]},
    )


def related(ask: Ask) -> Page:
    """Return the relations; `sets` is the bill of materials."""
    return _page(
        ask,
        "related",
        lambda product: {**_ids(product), **product.related, "admin_url": product.record["admin_url"]},
    )


def _page(ask: Ask, shape: str, build: Callable[[Product], Record]) -> Page:
    def render(product: Product) -> bytes:
        known = product.rendered.get(shape)
        if known is None:
            known = product.rendered[shape] = dumps(build(product))
        return known

    return ask.paged("products", _found(ask), render, PER_PAGE)


def _ids(product: Product) -> Record:
    return {"code": product.code, "product_id": product.seq}


def _simple(ask: Ask, product: Product) -> Record:
    record = product.record
    shown = {name: record[name] for name in SIMPLE_ORDER}
    shown.update((name, value) for name, value in record.items() if name not in FULL_ONLY and name not in shown)
    if not ask.shop.config["oss_yn"]:
        shown["vats"] = {}  # only with OSS switched on
    shown["variants"] = [
        {name: value for name, value in row.items() if name not in FULL_ONLY} for row in record["variants"]
    ]
    return shown


def _narrowed(record: Record, languages: list[str] | None, pricelist: str | None, *, without: bool) -> Record:
    def one(row: Record) -> Record:
        shown = dict(row)
        for name in BY_LANGUAGE:
            if name in shown and languages:
                shown[name] = [text for text in shown[name] if text["language"] in languages]
        if pricelist:
            shown["prices"] = [
                {**price, "pricelists": [listed for listed in price["pricelists"] if listed["name"] == pricelist]}
                for price in shown["prices"]
            ]
        return shown

    return {**one(record), "variants": [] if without else [one(row) for row in record["variants"]]}


def _has_pricelist(product: Product, name: str) -> bool:
    return any(listed["name"] == name for price in product.record["prices"] for listed in price["pricelists"])


def _found(ask: Ask) -> list[Product]:
    """Return the products that pass every filter, by id."""
    keeps = _filters(ask)
    return [product for product in ask.shop.live_products() if all(keep(product) for keep in keeps)]


def _filters(ask: Ask) -> list[Callable[[Product], bool]]:
    keeps: list[Callable[[Product], bool]] = []
    codes = _both(ask, "code", "codes")
    ids = _both(ask, "product_id", "product_ids")
    variants = ask.many("variant_codes")
    changed = ask.date("last_update_time_from")
    if codes is not None:
        keeps.append(lambda product: product.code in codes)
    if ids is not None:
        keeps.append(lambda product: str(product.seq) in ids)
    if variants is not None:
        wanted = set(variants)
        keeps.append(lambda product: any(row["code"] in wanted for row in product.record["variants"]))
    if changed is not None:
        keeps.append(lambda product: product.updated >= changed)
    for name in ("active_yn", "archived_yn", "can_add_to_basket_yn", "exclude_from_search_yn"):
        flag = ask.flag(name)
        if flag is not None:
            keeps.append(lambda product, name=name, flag=flag: product.record[name] is flag)
    in_stock = ask.flag("in_stock_yn")
    if in_stock is not None:
        keeps.append(lambda product: (product.record["availability_type"] == "InStock") is in_stock)
    return keeps


def _both(ask: Ask, single: str, several: str) -> set[Any] | None:
    """Return the values of a filter that comes for one and for several; the numbers asked for are logged."""
    one, many = ask.first(single), ask.many(several)
    if one is None and many is None:
        return None
    found = {value for value in (one, *(many or ())) if value}
    ask.items = max(ask.items, len(found))
    return found
