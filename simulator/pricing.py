"""Prices with and without VAT, and the sums of an order (contract 4.1)."""

from simulator.shop import Record

DISCOUNTS = ("discount_voucher", "quantity_discount", "loyalty_points")


def prices_of(gross: float, quantity: float, vat: float) -> Record:
    """Return a line's price fields for a unit price with VAT; `total` makes the plain ones follow the order's flag."""
    net = round(gross / (1 + vat / 100), 2)
    return {
        "price_per_unit": gross,
        "price_per_unit_with_vat": gross,
        "price_per_unit_without_vat": net,
        "price": round(gross * quantity, 2),
        "price_with_vat": round(gross * quantity, 2),
        "price_without_vat": round(net * quantity, 2),
    }


def cost(gross: float, vat: float) -> Record:
    """Return the price fields of a shipment or payment."""
    return {
        "price": gross,
        "price_with_vat": gross,
        "price_without_vat": round(gross / (1 + vat / 100), 2),
        "vat": vat,
    }


def total(record: Record) -> None:
    """Set the sums of an order and let the plain prices follow `prices_with_vat_yn`."""
    gross = sum(row["price_with_vat"] for row in record["products"])
    for part in ("shipment", "payment"):
        if record[part]:
            gross += record[part]["price_with_vat"]
    for part in DISCOUNTS:
        if record[part]:
            gross += sum(off["price_with_vat"] for off in record[part]["discounts"])
    before = round(gross, 2)
    rounded = float(round(before)) if record["currency_id"] == "CZK" else before
    record["order_total_before_round"] = before
    record["order_total"] = rounded
    record["order_total_rest"] = round(rounded - before, 2)
    record["total_weight"] = int(sum((row["weight"] or 0) * row["quantity"] for row in record["products"]))
    if not record["prices_with_vat_yn"]:
        _show_net(record)


def _show_net(record: Record) -> None:
    for row in record["products"]:
        row["price"] = row["price_without_vat"]
        if "price_per_unit_without_vat" in row:
            row["price_per_unit"] = row["price_per_unit_without_vat"]
    parts = [record[part] for part in ("shipment", "payment") if record[part]]
    for part in DISCOUNTS:
        parts += record[part]["discounts"] if record[part] else []
    for part in parts:
        part["price"] = part["price_without_vat"]
