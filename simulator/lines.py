"""Order lines, shipment and payment as PUT /orders edits them (contract 4.2, T23, T29)."""

from typing import Any

from simulator import ordering, pricing
from simulator.shop import Order, Record, Shop
from simulator.wire import as_number

PLAIN = ("code", "code_supplier", "ean", "title", "unit", "invoice_info", "parameters")
NUMBERS = ("quantity", "vat", "buy_price", "recycling_fee")


def faults(order: Order, rows: Any) -> list[str]:
    """Return what is wrong with the lines sent."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return ["Neplatná hodnota, očekává se pole objektů"]
    known = {row.get("uuid") for row in order.record["products"]}
    wrong = []
    for row in rows:
        if row.get("uuid") and row["uuid"] not in known:
            wrong.append(f"Položka {row['uuid']!r} na objednávce není")
        if as_number(row.get("price_per_unit")) is None:
            wrong.append("price_per_unit je povinná hodnota")
        if "quantity" in row and as_number(row["quantity"]) is None:
            wrong.append("Neplatné množství")
    return wrong


def edit(shop: Shop, order: Order, rows: list[Record], *, delete_missing: bool) -> None:
    """Change the lines that are named by `uuid`, insert those that are not, drop the unnamed when asked to (T23)."""
    record = order.record
    sent = {row["uuid"] for row in rows if row.get("uuid")}
    if delete_missing:
        record["products"] = [row for row in record["products"] if row.get("uuid") in sent]
    by_uuid = {row["uuid"]: row for row in record["products"] if row.get("uuid")}
    for given in rows:
        row = by_uuid.get(given.get("uuid"))
        if row is None:
            row = _inserted(shop, given)
            record["products"].append(row)
        _fill(record, row, given)


def _inserted(shop: Shop, given: Record) -> Record:
    """Return a new line; a known code links it to its product (contract 4.5)."""
    row = ordering.by_hand(shop, given.get("title") or "")
    product = shop.by_code.get(given.get("code") or "")
    variant = shop.by_variant_code.get(given.get("code") or "") if product is None else None
    if product is not None:
        row["product_id"] = product.seq
    elif variant is not None:
        row.update(product_id=variant[0].seq, option_set_id=variant[1]["variant_id"])
    return row


def _fill(record: Record, row: Record, given: Record) -> None:
    for name in PLAIN:
        if name in given:
            row[name] = given[name]
    for name in NUMBERS:
        if name in given:
            row[name] = as_number(given[name])
    if "weight" in given:
        row["weight"] = int(as_number(given["weight"]) or 0)
    gross = with_vat(record, as_number(given["price_per_unit"]) or 0.0, row["vat"])
    known = {
        name: value for name, value in pricing.prices_of(gross, row["quantity"], row["vat"]).items() if name in row
    }
    row.update(known)


def with_vat(record: Record, price: float, vat: float) -> float:
    """Return a price with VAT; how it was meant follows from the order (contract 4.2)."""
    return price if record["prices_with_vat_yn"] else round(price * (1 + vat / 100), 2)


def quantity_discount(record: Record, given: Record) -> Record:
    """Return the discount; a percentage is taken from the goods alone."""
    amount = float(as_number(given["amount"]) or 0)
    goods = sum(row["price_with_vat"] for row in record["products"])
    off = amount if given["type"] == "price" else round(goods * amount / 100, 2)
    return {"type": given["type"], "amount": amount, "discounts": [pricing.cost(-off, 21.0)]}


def replaced(record: Record, part: str, listed: dict[int, Record], given: Record) -> Record:
    """Return the new `shipment` or `payment`: price and name as sent, linked by `code` (T29)."""
    vat = as_number(given["vat"]) or 0.0
    old = record[part] or {}
    # guess: without a code the link to the listed shipment or payment stays as it was
    id_ = old.get("id")
    if given.get("code"):
        id_ = next((id_ for id_, row in listed.items() if row["code"] == given["code"]), None)
    row = listed.get(id_) if id_ is not None else None
    new: Record = {
        "id": id_,
        "code": row["code"] if row else given.get("code"),
        "name": given["name"],
        **pricing.cost(with_vat(record, as_number(given["price"]) or 0.0, vat), vat),
    }
    if part == "payment":
        return {**new, "eet_yn": bool(old.get("eet_yn")), "type": row["type"] if row else None}
    new["affiliate_id"] = given.get("affiliate_id", old.get("affiliate_id"))
    if given.get("affiliate_name", old.get("affiliate_name")) is not None:
        new["affiliate_name"] = given.get("affiliate_name", old.get("affiliate_name"))
    new["type"] = row["type"] if row else None
    if new["type"] == "zasilkovna":
        # guess: whoever delivers for Packeta was chosen together with this shipment, and with no other
        new["packeta_carrier_id"] = old.get("packeta_carrier_id") if id_ == old.get("id") else None
    return new
