"""GET /invoices: what a document shows is drawn from its order when it is read (contract 4.13)."""

from collections.abc import Callable

from simulator import pdf as paper
from simulator.ask import Ask, Document, Page, Refused
from simulator.shop import Record, Shop
from simulator.wire import dumps, stamp_of

PARTS = ("shipment", "payment")


def get(ask: Ask) -> Page:
    """Return one page of the documents that pass every filter, oldest first."""
    keeps = _keeps(ask)
    rows = [row for row in ask.shop.invoices.values() if keeps(row)]
    return ask.paged("invoices", rows, lambda row: dumps(record(ask.shop, row)))


def pdf(ask: Ask) -> Document:
    """Return the document as a PDF."""
    row = ask.shop.invoices.get(ask.path["invoice_number"])
    if row is None:
        raise Refused(404, "Faktura neexistuje")
    return Document("application/pdf", paper.document([f"Faktura {row['invoice_number']}", row["order_number"]]))


def _keeps(ask: Ask) -> Callable[[Record], bool]:
    number, several, type_ = ask.first("invoice_number"), ask.many("invoice_numbers"), ask.first("type")
    since, until = ask.date("creation_time_from"), ask.date("creation_time_to")
    changed, paid = ask.date("last_update_time_from"), ask.flag("paid_yn")
    orders = ask.shop.orders
    return lambda row: (
        (number is None or row["invoice_number"] == number)
        and (several is None or row["invoice_number"] in several)
        and (type_ is None or row["type"] == type_)
        and (since is None or row["created"] >= since)
        and (until is None or row["created"] <= until)
        and (changed is None or row["updated"] >= changed)
        and (paid is None or bool(orders[row["order_number"]].record["paid_date"]) is paid)
    )


def record(shop: Shop, row: Record) -> Record:
    """Return a document with all its fields."""
    order = shop.orders[row["order_number"]].record
    sign = -1 if row["type"] == "creditNote" else 1
    items = _items(order, sign)
    vats = _recapitulation(items)
    net = round(sum(item["price_without_vat"] for item in items), 2)
    shown: Record = {
        "invoice_number": row["invoice_number"],
        "related_invoice_number": row["related_invoice_number"],
        "type": row["type"],
        "order_number": row["order_number"],
        "external_order_number": order["external_order_number"],
        "case_number": order["case_number"],
        "language_id": order["language_id"],
        "currency_id": order["currency_id"],
        "date_of_issuance": stamp_of(row["created"]),
        "date_of_vat_revenue_recognition": stamp_of(row["created"]),
        "date_of_expiration": stamp_of(row["expires"]),
        "creation_time": stamp_of(row["created"]),
        "variable_symbol": order["variable_symbol"],
        "specific_symbol": "",
        "payment": (order["payment"] or {}).get("name") or "",
        "paid_yn": bool(order["paid_date"]),
        "paid_date": order["paid_date"],
        "oss_yn": order["oss_yn"],
        "oss_country_id": None,
        "total_rest": order["order_total_rest"],
        "total_with_vat": sign * order["order_total"],
        "total_without_vat": net,
        "note": None,
        "invoice_pdf_url": f"https://www.{shop.slug}.example.com/invoice/{row['invoice_number']}.pdf",
        "supplier": _supplier(shop, order["language_id"]),
        "customer": _customer(order["customer"]),
        "items": items,
        "recapitulation_currency_id": order["currency_id"],
        "recapitulation_currency_rate": 1.0,
        "recapitulation_vats": vats,  # an object keyed by rate, although printed as an array
        "recapitulation_vats_total": {
            name: round(sum(vat[name] for vat in vats.values()), 2) for name in ("base", "vat", "total")
        },
    }
    if row["type"] == "receipt":
        shown["eet"] = {"send_yn": False, "production_yn": False, "id_provoz": "", "id_pokl": "", "rezim": "common"}
        shown["eet"] |= {"bkp": "", "fik": "", "pkp": ""}
    return shown


def _items(order: Record, sign: int) -> list[Record]:
    rows = [
        _item(
            row["code"],
            row["title"],
            row["quantity"],
            row["unit"],
            row,
            "discount" if row.get("type") == "discount" else "product",
        )
        for row in order["products"]
    ]
    rows += [_item(None, order[part]["name"], 1.0, "ks", order[part], part) for part in PARTS if order[part]]
    for row in rows:
        for name in ("price_with_vat", "price_without_vat"):
            row[name] = round(sign * row[name], 2)
    return rows


def _item(code: str | None, name: str | None, quantity: float, unit: str, priced: Record, type_: str) -> Record:
    count = quantity or 1.0
    return {
        "code": code,
        "name": name,
        "description": "",
        "quantity": quantity,
        "unit": unit,
        "vat": priced["vat"],
        "price_per_unit_with_vat": round(priced["price_with_vat"] / count, 2),
        "price_per_unit_without_vat": round(priced["price_without_vat"] / count, 2),
        "price_with_vat": priced["price_with_vat"],
        "price_without_vat": priced["price_without_vat"],
        "type": type_,
    }


def _recapitulation(items: list[Record]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for item in items:
        vat = found.setdefault(f"{item['vat']:g}", {"base": 0.0, "vat": 0.0, "total": 0.0})
        vat["base"] = round(vat["base"] + item["price_without_vat"], 2)
        vat["total"] = round(vat["total"] + item["price_with_vat"], 2)
        vat["vat"] = round(vat["total"] - vat["base"], 2)
    return found


def _supplier(shop: Shop, language: str) -> Record:
    owner = next((row for row in shop.owners if row["language_id"] == language), shop.owners[0])
    return {
        "email": owner["email"],
        "phone": owner["phone"],
        "name": owner["company"],
        "street": owner["street"],
        "city": owner["city"],
        "zip": owner["zip"],
        "country_id": owner["country_id"],
        "company_yn": True,
        "var_payer_yn": owner["vat_number"] is not None,  # sic
        "ico": owner["company_number"],
        "dic": owner["vat_number"],
        "account_number": f"{owner['bank_account']}/{owner['bank_symbol']}",
        "iban": owner["iban"],
        "swift": owner["swift"],
        "web": f"www.{shop.slug}.example.com",
    }


def _customer(customer: Record) -> Record:
    person = " ".join(part for part in (customer["firstname_invoice"], customer["surname_invoice"]) if part)
    return {
        "email": customer["email"],
        "phone": customer["phone"],
        "name": customer["company"] or person or None,
        "street": customer["street_invoice"],
        "city": customer["city_invoice"],
        "zip": customer["zip_invoice"],
        "country_id": customer["country_id_invoice"],
        "company_yn": customer["company_yn"],
        "ico": customer["ico"],
        "dic": customer["dic"],
    }
