"""How an order comes about: lines from the catalogue, a customer, a shipment, a payment, sums.

The shop's own dice spread the traps of contract 7.3 over the orders: the same seed brings the same ones.
"""

from simulator import names, people, pricing
from simulator.codelists import CURRENCIES, EUR_RATE
from simulator.shop import Order, Product, Record, Shop
from simulator.wire import stamp_of

FREE = ("set_part", "gift")  # paid for with another line
NEW_FIELDS = ("order_id", "uuid")  # unknown to orders of an older shop (T32)
NEW_LINE_FIELDS = ("type", "uuid", "parent_uuid", "price_per_unit_with_vat", "price_per_unit_without_vat")


def make(shop: Shop, created: int, *, older: bool = False, language: str | None = None) -> Order:
    """Return a new order, not yet in the shop. `older`: it lacks the fields of later versions (T32).

    `language`: of whoever orders; None: of anybody.
    """
    rng = shop.rng
    seq = shop.serial("orders")
    number = _number(shop, seq, created)
    customer = _somebody(shop, language) if rng.random() < 0.985 else None
    language = customer["language"] if customer else language or shop.language
    record = _head(shop, seq, number, language, created, by_hand=customer is None)
    record["customer"] = people.on_order(shop, customer, created)
    record["products"] = _lines(shop, language)
    record["shipment"] = _shipment(shop, language)
    record["payment"] = _payment(shop, language)
    _discounts(shop, record)
    pricing.total(record)
    if older:
        for name in NEW_FIELDS:
            record.pop(name, None)
        for row in record["products"]:
            for name in NEW_LINE_FIELDS:
                row.pop(name, None)
    return Order(seq, record, created, created)


def _somebody(shop: Shop, language: str | None) -> Record | None:
    """Return a customer; ids run without gaps, so a number is enough to draw one."""
    last = shop.serials.get("customers", 0)
    found = shop.customers.get(shop.rng.randint(1, last)) if last else None
    if found is None or language in (None, found["language"]):
        return found
    return next((each for each in shop.customers.values() if each["language"] == language), None)


def uuid(shop: Shop) -> str:
    """Return a UUID of the shop's own dice."""
    plain = f"{shop.rng.getrandbits(128):032x}"
    return f"{plain[:8]}-{plain[8:12]}-4{plain[13:16]}-a{plain[17:20]}-{plain[20:]}"


def _number(shop: Shop, seq: int, created: int) -> str:
    year = stamp_of(created)[:4]
    return shop.number_format.format(yy=year[2:], yyyy=year, n=seq)


def _head(shop: Shop, seq: int, number: str, language: str, created: int, *, by_hand: bool) -> Record:
    rng = shop.rng
    received = status_of(shop, "Received")
    plain = "".join(sign for sign in number if sign.isdigit())[-10:]
    record: Record = {
        "order_number": number,
        "order_id": 1000 + seq,
        "case_number": f"OP{seq:06d}",
        "external_order_number": f"EXT-{seq}" if rng.random() < 0.04 else None,
        "uuid": uuid(shop),
        "language_id": language,
        "currency_id": CURRENCIES[language],
        "default_currency_rate": _rate(shop, language),
        "prices_with_vat_yn": rng.random() < 0.9,
        "status_id": received,
        "status": shop.status_name(received, language),
        "paid_date": None,
        "tracking_code": rng.choice((None, "")),
        "tracking_url": None,
        "statistics_yn": True,
        "resolved_yn": False,
        "oss_yn": False,
        "internal_note": rng.choice(names.INTERNAL_NOTES) if rng.random() < 0.06 else None,
        "last_update_time": stamp_of(created),
        "creation_time": stamp_of(created),
        "variable_symbol": plain,
    }
    chance = rng.random()
    if chance < 0.1:
        record["dimensions"] = {"width": 20, "length": 30, "height": 15}
    elif chance < 0.15:
        record["dimensions"] = {"width": None, "length": "30", "height": None}  # T34
    record.update(
        total_weight=0,
        order_total=0.0,
        order_total_before_round=0.0,
        order_total_rest=0.0,
        invoice_number=None,
        origin="admin" if by_hand else "cash–register" if chance > 0.985 else "frontend",  # T38
        admin_url=f"https://{shop.slug}.example.com/manager/orders/main/default/{1000 + seq}",
        customer=None,
        products=[],
        discount_voucher=None,
        quantity_discount=None,
        loyalty_points=None,
        shipment=None,
        payment=None,
        attachments=_attachments(shop, seq),
        metas=_metas(seq),
    )
    return record


def _metas(seq: int) -> list[Record]:
    """Return custom fields; `values` is an object keyed by language (T54)."""
    if seq % 6:
        return []
    return [
        {"key": "darkove_baleni", "type": "checkbox", "value": "1", "values": {}},
        {
            "key": "venovani",
            "type": "input",
            "value": None,
            "values": {"cs": {"language": "cs", "value": "Vše nejlepší"}},
        },
    ]


def _attachments(shop: Shop, seq: int) -> list[Record]:
    if seq % 60:
        return []
    return [{"id": str(seq), "name": None, "url": f"https://{shop.slug}.example.com/files/{seq}.pdf", "code": None}]


def _rate(shop: Shop, language: str) -> float:
    main, own = CURRENCIES[shop.language], CURRENCIES[language]
    return 1.0 if main == own else EUR_RATE if own == "EUR" else 1 / EUR_RATE


def status_of(shop: Shop, type_: str) -> int | None:
    """Return the id of a system status, None when the shop has none of that type."""
    return next((id_ for id_, row in shop.statuses.items() if row["type"] == type_), None)


def _lines(shop: Shop, language: str) -> list[Record]:
    rng = shop.rng
    rows: list[Record] = []
    last = shop.serials.get("products", 0)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
        product = shop.products.get(rng.randint(1, last)) if last and rng.random() < 0.97 else None
        if product is None or product.deleted_at is not None:
            rows.append(by_hand(shop))
        elif product.record["set_yn"] and product.related["sets"]:
            rows += _set_lines(shop, product, language)
        else:
            rows.append(goods(shop, product, language, _variant(shop, product)))
            rows += _gifts(shop, product, rows[-1], language)
    return rows


def _variant(shop: Shop, product: Product) -> Record | None:
    variants = product.record["variants"]
    return shop.rng.choice(variants) if variants else None


def _set_lines(shop: Shop, product: Product, language: str) -> list[Record]:
    """Return the header of a set and its parts; only the header carries the price (T33)."""
    head = goods(shop, product, language, None, type_="set", quantity=1.0)
    rows = [head]
    for part in product.related["sets"]:
        found = shop.by_code.get(part["code"])
        if found is not None:
            row = goods(shop, found, language, None, type_="set_part", quantity=part["quantity"], parent=head["uuid"])
            rows.append(row)
    return rows


def _gifts(shop: Shop, product: Product, line: Record, language: str) -> list[Record]:
    rows = []
    for gift in product.related["gifts"]:
        found = shop.by_code.get(gift["code"])
        if found is not None and found is not product:
            row = goods(shop, found, language, None, type_="gift", quantity=1.0, parent=line["uuid"])
            rows.append(row)
    if shop.rng.random() < 0.04:  # a discount is a line too
        rows.append(_discount_line(shop, line))
    return rows


def goods(
    shop: Shop,
    product: Product,
    language: str,
    variant: Record | None,
    *,
    type_: str = "product",
    quantity: float | None = None,
    parent: str | None = None,
) -> Record:
    """Return an order line of a product or variant (contract 4.1). A part's price is in its parent line."""
    rng, record = shop.rng, product.record
    own = variant or record
    text = record["descriptions"][1 if language == "sk" else 0]
    cut = text["unit"] == "m"
    if quantity is None:
        quantity = round(rng.uniform(0.5, 7), 1) if cut else float(rng.choice((1, 1, 1, 2, 3)))
    price = own["prices"][1 if language == "sk" else 0]
    vat = price["vat"]
    gross = 0.0 if type_ in FREE else price["pricelists"][0]["price_with_vat"]
    parameters = []
    if variant is not None:
        at = next(i for i, row in enumerate(record["variants"]) if row is variant)
        parameters = [
            {"name": p["descriptions"][0]["name"], "value": p["values"][0]["descriptions"][0]["value"]}
            for p in product.parameters["variants"][at]["parameters_new"]
        ]
    row = {
        "product_id": product.seq,
        "option_set_id": variant["variant_id"] if variant else None,
        "type": type_,
        "uuid": uuid(shop),
        "parent_uuid": parent,
        "code": own["code"],
        "code_supplier": record["code_supplier"],
        "supplier": record["supplier"],
        "ean": own["ean"],
        "title": text["title"],
        "adult_yn": record["adult_yn"],
        "unit": text["unit"],
        "length": "1,5" if cut and rng.random() < 0.5 else None,
        "length_unit": "m" if cut else None,
        "quantity": quantity,
    }
    row.update(pricing.prices_of(gross, quantity, vat))
    row.update(
        vat=vat,
        buy_price=price["price_purchase"],
        recycling_fee=None,
        weight=(variant["weight"] if variant and variant["weight"] is not None else record["weight"]),
        availability=own["availability"] or record["availability"],
        stock_position=own["stock_position"] or record["stock_position"],
        invoice_info=None,
        parameters=parameters,
        configurations=[{"name": "Gravírování", "values": [{"value": "ano", "operation": "+", "price": 0.0}]}]
        if rng.random() < 0.02
        else [],
        categories=[{"category_id": c["category_id"], "code": c["code"]} for c in record["categories"]],
        image_url=record["images"][0]["url"],
    )
    return row


def by_hand(shop: Shop, title: str = "Vzorník materiálů", gross: float = 50.0, vat: float = 21.0) -> Record:
    """Return a line without a product, as an admin types it (T35)."""
    row: Record = {
        "product_id": None,
        "option_set_id": None,
        "type": "product",
        "uuid": uuid(shop),
        "parent_uuid": None,
        **dict.fromkeys(("code", "code_supplier", "supplier", "ean")),
        "title": title,
        "adult_yn": False,
        "unit": "ks",
        "length": None,
        "length_unit": None,
        "quantity": 1.0,
        **pricing.prices_of(gross, 1.0, vat),
        "vat": vat,
        **dict.fromkeys(("buy_price", "recycling_fee", "weight", "availability", "stock_position", "invoice_info")),
        "parameters": [],
        "configurations": [],
        "categories": [],
        "image_url": None,
    }
    return row


def _discount_line(shop: Shop, line: Record) -> Record:
    row = by_hand(shop, "Sleva 2+1 zdarma", -round(line["price_with_vat"] / 10, 2), line["vat"])
    row.update(type="discount", parent_uuid=line["uuid"])
    return row


def _shipment(shop: Shop, language: str) -> Record | None:
    rng = shop.rng
    chance = rng.random()
    if chance < 0.01:
        return None
    if chance < 0.02:  # typed in by hand, without a link (T30)
        by_hand: Record = {"id": None, "code": None, "name": "Doprava dle dohody", **pricing.cost(0.0, 21.0)}
        return {**by_hand, "affiliate_id": None, "type": None}
    ids = [id_ for id_, row in shop.shipments.items() if row["active_yn"]]
    return shipment(shop, rng.choice(ids[:6] * 2 + ids), language)


def shipment(shop: Shop, id_: int, language: str) -> Record:
    """Return an order's `shipment`; its id is an int, the point is in `affiliate_*` only (T30, T31)."""
    rng, listed = shop.rng, shop.shipments[id_]
    text = listed["descriptions"][1 if language == "sk" else 0]
    row: Record = {"id": id_, "code": listed["code"], "name": text["name"], **pricing.cost(text["price"] or 0.0, 21.0)}
    points = shop.affiliates.get(id_)
    point = rng.choice(points) if points else None
    if rng.random() < 0.03:  # renamed since: the same id under another name (T30)
        row["name"] += " (2024)"
    row["affiliate_id"] = point["affiliate_id"] if point else None
    if point:
        row["affiliate_name"] = point["name"]
    row["type"] = listed["type"]
    if listed["type"] == "zasilkovna":
        row["packeta_carrier_id"] = None if point else rng.choice((106, 131))
    return row


def _payment(shop: Shop, language: str) -> Record | None:
    rng = shop.rng
    chance = rng.random()
    if chance < 0.01:
        return None
    if chance < 0.015:
        return {
            "id": None,
            "code": None,
            "name": "Dle dohody",
            **pricing.cost(0.0, 21.0),
            "eet_yn": False,
            "type": None,
        }
    ids = [id_ for id_, row in shop.payments.items() if row["active_yn"]]
    return payment(shop, rng.choice((ids[0], ids[0], *ids)), language)


def payment(shop: Shop, id_: int, language: str) -> Record:
    """Return an order's `payment`."""
    listed = shop.payments[id_]
    text = listed["descriptions"][1 if language == "sk" else 0]
    price = text["price"] if text["price_type"] == "fixed" else 0.0
    row = {"id": id_, "code": listed["code"], "name": text["name"], **pricing.cost(price, 21.0)}
    return {**row, "eet_yn": False, "type": listed["type"]}


def _discounts(shop: Shop, record: Record) -> None:
    rng = shop.rng
    chance = rng.random()
    if chance < 0.05:
        off = pricing.cost(-round(sum(row["price_with_vat"] for row in record["products"]) / 10, 2), 21.0)
        record["discount_voucher"] = {
            "code": f"JARO{rng.randint(10, 99)}",
            "type": "percent",
            "amount": 10.0,
            "discounts": [off],
        }
    elif chance < 0.08:
        record["quantity_discount"] = {"type": "price", "amount": 50.0, "discounts": [pricing.cost(-50.0, 21.0)]}
    elif chance < 0.1:
        record["loyalty_points"] = {"one_point_for": 1.0, "amount": 25.0, "discounts": [pricing.cost(-25.0, 21.0)]}
