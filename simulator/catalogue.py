"""Products of a seeded shop, with the traps of contract 7.4: no code, inherited nulls, untracked and negative stock."""

import random
from datetime import datetime

from simulator import names
from simulator.codelists import EUR_RATE
from simulator.shop import Product, Record, Shop
from simulator.wire import stamp_of

AVAILABILITIES = {  # id, type, Czech, Slovak
    "in": (1, "InStock", "Skladem", "Skladom"),
    "out": (2, "NotAvailable", "Není skladem", "Nie je skladom"),
    "ask": (3, "OnRequest", "Na dotaz", "Na dopyt"),
    "own": (4, "Custom", "Do 3 dnů", "Do 3 dní"),
}


def fill(shop: Shop, now: datetime, count: int) -> None:
    """Add `count` products; the last twentieth are sets made of the others."""
    sets = count // 20
    for _ in range(count - sets):
        shop.add_product(make(shop, now))
    for _ in range(sets):
        shop.add_product(bundle(shop, now))
    coded = [product for product in shop.products.values() if product.code]
    for product in coded[::17]:
        product.related["gifts"] = [{"code": coded[0].code, "type": "variant"}]
    for product in coded[::5]:
        product.related["related"] = [shop.rng.choice(coded).code for _ in range(2)]


def make(shop: Shop, now: datetime) -> Product:
    """Return a new ordinary product, a quarter of them with variants."""
    rng = shop.rng
    seq = shop.serial("products")
    czech, slovak, unit, vat, price, weight = names.GOODS[seq % len(names.GOODS)]
    mark = rng.randrange(len(names.ADJECTIVES["cs"]))
    titles = {"cs": f"{czech} {names.ADJECTIVES['cs'][mark]}", "sk": f"{slovak} {names.ADJECTIVES['sk'][mark]}"}
    code = None if seq % 40 == 7 else f"P{seq:05d}" if seq % 11 else f"{seq}/A-{mark}"
    created = int(now.timestamp()) - rng.randint(86_400, 86_400 * 600)
    record = _record(shop, seq, code, created)
    record["descriptions"] = _descriptions(shop, seq, titles, unit)
    record["prices"] = prices(round(price * rng.uniform(0.7, 1.6), 1), vat, seq)
    record["vats"] = {"cz": float(vat), "sk": 23.0 if vat == 21 else 19.0}
    record["weight"] = rng.choice((weight, weight, weight, None, 0))  # T39
    record["adult_yn"] = czech in names.ADULT_GOODS
    record["stock"] = _stock(rng, fractional=czech in names.CUT_GOODS)
    shelve(shop, record)
    product = Product(seq, record, {}, {}, created, created)
    parameters = [_parameter(1, ("Materiál", "Materiál"), (("bavlna", "bavlna"),))]
    if seq % 4 == 0:
        record["variants"] = [_variant(shop, record, size, colour) for size in names.SIZES[:3] for colour in (0, 1)]
        record["variants_exists_yn"] = True
        record["stock"] = None if seq % 8 else record["stock"]
    _attach(product, parameters)
    return product


def bundle(shop: Shop, now: datetime) -> Product:
    """Return a new set; its parts are in `/products/related` (contract 4.7.4)."""
    product = make(shop, now)
    product.record.update(set_yn=True, stock=None, variants=[], variants_exists_yn=False)
    product.record["code"] = f"SADA-{product.seq}"
    product.parameters["variants"] = []
    for text in product.record["descriptions"]:
        text["title"] = f"{'Sada' if text['language'] == 'cs' else 'Súprava'}: {text['title']}"
    parts = [p for p in shop.products.values() if p.code and not p.record["set_yn"] and not p.record["variants"]]
    for part in shop.rng.sample(parts, min(3, len(parts))):
        part.record["in_set_yn"] = True
        part.rendered.clear()
        product.related["sets"].append({"code": part.code, "quantity": float(shop.rng.choice((1, 1, 2)))})
    shelve(shop, product.record)
    return product


def shelve(shop: Shop, row: Record, parent: Record | None = None) -> None:
    """Set a product's or variant's availability from its stock, as availability-by-stock does (contract 4.7.6)."""
    stock = row["stock"]
    if parent is not None and stock is None:
        row.update(availability_id=None, availability=None, availability_type=None)  # inherited (T45)
        return
    id_, type_, czech, slovak = AVAILABILITIES["own" if stock is None else "in" if stock > 0 else "out"]
    row.update(availability_id=id_, availability=slovak if shop.language == "sk" else czech, availability_type=type_)


def _stock(rng: random.Random, *, fractional: bool) -> float | None:
    chance = rng.random()
    if chance < 0.08:
        return None  # not tracked (T46)
    if chance < 0.12:
        return float(-rng.randint(1, 5))
    return round(rng.uniform(1, 400), 2) if fractional else float(rng.randint(0, 250))


def _record(shop: Shop, seq: int, code: str | None, created: int) -> Record:
    rng = shop.rng
    category = names.CATEGORIES[seq % len(names.CATEGORIES)]
    host = f"https://www.{shop.slug}.example.com"
    picture = f"{host}/_cache/p{seq}.jpg"
    return {
        "code": code,
        "product_id": seq,
        "action_currently_yn": seq % 9 == 0,
        "code_supplier": f"DOD-{seq}" if seq % 3 else None,
        "supplier": rng.choice(names.SUPPLIERS),
        "ean": f"859{rng.randint(0, 9_999_999_999):010d}" if seq % 5 else None,
        "active_yn": seq % 23 != 0,
        "archived_yn": seq % 29 == 0,
        "replacement_product_code": "P00001" if seq % 29 == 0 else None,
        "can_add_to_basket_yn": True,
        "adult_yn": False,
        "set_yn": False,
        "in_set_yn": False,
        "exclude_from_search_yn": seq % 31 == 0,
        "variants_exists_yn": False,
        "descriptions": [],
        "manufacturer": rng.choice(names.MANUFACTURERS),
        "stock": None,
        "stock_position": f"{rng.choice('ABCD')}{rng.randint(1, 30)}-{rng.randint(1, 6)}" if seq % 7 else None,
        "limit_orders": rng.choice((None, None, "0", "1", "sale")),
        "availability_id": None,
        "availability": None,
        "availability_type": None,
        "weight": None,
        "shipment_group": "Nadrozměrné" if seq % 15 == 14 else None,
        "images": [
            {"file_id": seq * 10, "url": picture, "main_yn": True, "list_yn": True, "position": 1, "titles": []}
        ],
        **(
            {
                "stocks": [
                    {
                        "stock_id": id_,
                        "code": stock["code"],
                        "position": None,
                        "quantity": rng.choice((None, 4.0, 25.0)),
                    }
                    for id_, stock in shop.stocks.items()
                ]
            }
            if shop.stocks
            else {}
        ),
        "categories": [
            {"category_id": category[0], "code": category[1], "main_yn": True, "position": seq, "name": category[2]}
        ],
        "groups": ["Novinky"] if seq % 10 == 0 else [],
        "prices": [],
        "vats": {},
        "variants": [],
        "metas": [
            {
                "key": "pribalovy_letak",
                "type": "input",
                "value": None,
                "values": {"cs": {"language": "cs", "value": "ano"}},
            }
        ]
        if seq % 12 == 0
        else [],
        "creation_time": stamp_of(created),
        "last_update_time": stamp_of(created),
        "admin_url": f"https://{shop.slug}.example.com/manager/products/main/default/{seq}",
    }


def _descriptions(shop: Shop, seq: int, titles: dict[str, str], unit: str) -> list[Record]:
    return [
        {
            "language": language,
            "title": title,
            "short_description": None if seq % 6 == 0 else f"{title} – krátký popis",
            "long_description": f"<p>{title}. <strong>Ruční výroba</strong> &amp; rychlé dodání.</p>",
            "url": f"https://www.{shop.slug}.example.com/{language}/p/{seq}",
            "seo_title": None,
            "seo_description": None,
            "seo_url": "",
            "unit": unit,
        }
        for language, title in titles.items()
    ]


def prices(price: float, vat: float, seq: int) -> list[Record]:
    """Return price lists in both currencies for a price in CZK with VAT."""
    found = []
    for language, currency, rate in (("cs", "CZK", 1.0), ("sk", "EUR", EUR_RATE)):
        gross = round(price * rate, 2)
        found.append(
            {
                "language": language,
                "currency": currency,
                "pricelists": [
                    {
                        "name": "Výchozí",
                        "price_original": gross,
                        "product_discount": None,
                        "product_discount_real": 0.0,
                        "price_sale": round(gross * 0.8, 2) if seq % 9 == 0 else None,
                        "price_with_vat": gross,
                        "price_without_vat": round(gross / (1 + vat / 100), 2),
                    }
                ],
                "price_purchase": round(gross * 0.55, 2) if seq % 2 else None,
                "price_common": round(gross * 1.15, 2),
                "vat": float(vat),
                "recycling_fee": "5.00" if seq % 14 == 0 else None,  # sometimes text (T51)
            }
        )
    return found


def _variant(shop: Shop, parent: Record, size: str, colour: int) -> Record:
    rng = shop.rng
    id_ = shop.serial("variants") + 500
    code = parent["code"] and f"{parent['code']}-{size}{colour}"
    priced = [{**price, "pricelists": [dict(row) for row in price["pricelists"]]} for price in parent["prices"]]
    for price in priced:
        del price["recycling_fee"]
    row: Record = {
        "code": code if id_ % 19 else None,
        "code_supplier": None,
        "ean": f"858{rng.randint(0, 9_999_999_999):010d}" if id_ % 3 else None,
        "variant_id": id_,
        "product_code": parent["code"],
        "product_id": parent["product_id"],
        "active_yn": None,
        "main_yn": size == "S" and colour == 0,
        "can_add_to_basket_yn": None,
        "stock": _stock(rng, fractional=False),
        "stock_position": None if id_ % 2 else f"V{id_ % 40}",
        "availability_id": None,
        "availability": None,
        "availability_type": None,
        "weight": None if id_ % 3 else 210,
        "image": None,
        **({"stocks": [dict(stock) for stock in parent["stocks"]]} if "stocks" in parent else {}),
        "prices": priced,
        "metas": [],
        "_size": size,
        "_colour": colour,
    }
    shelve(shop, row, parent)
    return row


def _parameter(id_: int, name: tuple[str, str], values: tuple[tuple[str, str], ...]) -> Record:
    """Return a parameter in the new form; `parameters_new` of contract 4.7.4."""
    return {
        "id": id_,
        "descriptions": [
            {"language": language, "name": text} for language, text in zip(("cs", "sk"), name, strict=True)
        ],
        "values": [
            {
                "id": id_ * 100 + at,
                "descriptions": [
                    {"language": language, "value": text} for language, text in zip(("cs", "sk"), value, strict=True)
                ],
            }
            for at, value in enumerate(values)
        ],
    }


def _old_form(parameter: Record) -> Record:
    """Return a parameter in the old form: names and values are objects keyed by language (T50)."""
    return {
        "name": {text["language"]: text["name"] for text in parameter["descriptions"]},
        "values": [
            {text["language"]: text["value"] for text in value["descriptions"]} for value in parameter["values"]
        ],
    }


def _attach(product: Product, parameters: list[Record]) -> None:
    record = product.record
    variants = []
    for variant in record["variants"]:
        size, colour = variant.pop("_size"), variant.pop("_colour")
        own = [
            _parameter(2, ("Velikost", "Veľkosť"), ((size, size),)),
            _parameter(3, ("Barva", "Farba"), ((names.COLOURS["cs"][colour], names.COLOURS["sk"][colour]),)),
        ]
        variants.append(
            {
                "code": variant["code"],
                "variant_id": variant["variant_id"],
                "parameters": [_old_form(parameter) for parameter in own],
                "parameters_new": own,
            }
        )
    product.parameters.update(
        parameters=[_old_form(parameter) for parameter in parameters],
        parameters_new=parameters,
        variants=variants,
    )
    product.related.update(related=[], accessories=[], alternative=[], gifts=[], sets=[])
