"""One item of PUT /orders: is it valid, and what does it do to the order (contract 4.2)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from simulator import lines, pricing, seed, stock
from simulator.shop import Mail, Order, Product, Record, Shop
from simulator.wire import as_bool, as_int, message, parse_date, stamp

CUSTOMER_FIELDS = (
    *("email", "phone", "customer_note", "pricelist_name", "pricelist_percent", "company", "ico", "dic"),
    *(f"{part}_invoice" for part in ("firstname", "surname", "street", "city", "state", "zip", "country_id")),
    *(f"{part}_postal" for part in ("firstname", "surname", "street", "city", "state", "zip", "country_id", "company")),
)
CUSTOMER_FLAGS = ("postal_yn", "company_yn", "vat_payer_yn")
DOCUMENTS = {"invoice": "invoice", "receipt": "receipt", "credit_note": "creditNote"}
NAMES = {
    "status_id": "Stav",
    "tracking_code": "Číslo zásilky",
    "paid_date": "Zaplaceno",
    "internal_note": "Interní poznámka",
}

Complain: TypeAlias = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Author:
    """Who edits, when, and what is to go out because of it."""

    name: str
    origin: str
    at: datetime
    login: str | None = None
    mails: bool = True
    sms: bool = True
    delete_missing: bool = False


@dataclass(slots=True)
class Outcome:
    """What an edit touched besides its order."""

    products: list[Product] = field(default_factory=list)
    documents: list[Record] = field(default_factory=list)
    warnings: list[Record] = field(default_factory=list)


def check(shop: Shop, order: Order, item: Record) -> list[Record]:
    """Return what is wrong with an item; when anything is, nothing of the item is done.

    Unknown fields are passed over. # guess: neither that nor "all of an item or nothing" is printed anywhere.
    """
    wrong: list[Record] = []

    def complain(name: str, text: str) -> None:
        wrong.append(message(text, object_="order", property_=name))

    if "status_id" in item and as_int(item["status_id"]) not in shop.statuses:
        complain("status_id", f"Stav s ID {item['status_id']!r} neexistuje")
    elif "status" in item and "status_id" not in item and named_status(shop, item["status"]) is None:
        complain("status", f"Stav {item['status']!r} neexistuje")
    if item.get("paid_date") and parse_date(str(item["paid_date"])) is None:
        complain("paid_date", "Neplatné datum")
    for name in ("resolved_yn", "statistics_yn"):
        if name in item and as_bool(item[name]) is None:
            complain(name, "Neplatná hodnota, očekává se bool")
    symbol = item.get("variable_symbol")
    if symbol is not None and not (str(symbol).isdigit() and len(str(symbol)) <= 10):
        complain("variable_symbol", "Variabilní symbol smí mít nejvýše 10 číslic")
    for name in ("external_order_number", "tracking_code", "internal_note"):
        if not isinstance(item.get(name), str | int | None):
            complain(name, "Neplatná hodnota, očekává se text")
    _check_parts(order, item, complain)
    return wrong


def _check_parts(order: Order, item: Record, complain: Complain) -> None:
    for part in ("customer", "dimensions", "quantity_discount", "shipment", "payment", *DOCUMENTS):
        if item.get(part) is not None and not isinstance(item[part], dict):
            complain(part, "Neplatná hodnota, očekává se objekt")
            return
    for part in ("shipment", "payment"):
        for name in ("name", "price", "vat"):
            if item.get(part) is not None and item[part].get(name) is None:
                complain(f"{part}.{name}", "Povinná hodnota chybí")
    _check_customer(item.get("customer") or {}, complain)
    discount = item.get("quantity_discount")
    if discount is not None and (
        discount.get("type") not in ("price", "percent") or as_int(discount.get("amount")) is None
    ):
        complain("quantity_discount", "Povinné hodnoty jsou amount a type")
    if "products" in item:
        for text in lines.faults(order, item["products"]):
            complain("products", text)


def _check_customer(customer: Record, complain: Complain) -> None:
    email = customer.get("email")
    if email and ("@" not in str(email) or " " in str(email)):
        complain("customer.email", "Neplatný e-mail")
    if as_bool(customer.get("company_yn", False)) and not customer.get("company"):
        complain("customer.company", "Povinná hodnota chybí")


def apply(shop: Shop, order: Order, item: Record, by: Author) -> Outcome:
    """Do what a checked item says: fields, lines, status with its flags and messages, documents, stamp, history."""
    done = Outcome()
    held, before = stock.held(shop, order), _noted(order.record)
    record = order.record
    for name in ("external_order_number", "internal_note", "tracking_code"):
        if name in item:
            record[name] = None if item[name] is None else str(item[name])
    if "variable_symbol" in item:
        record["variable_symbol"] = str(item["variable_symbol"] or "")
    for name in ("resolved_yn", "statistics_yn"):
        if name in item:
            record[name] = as_bool(item[name])
    if "paid_date" in item:  # empty un-pays the order (T27)
        paid = parse_date(str(item["paid_date"])) if item["paid_date"] else None
        record["paid_date"] = stamp(paid) if paid else None
    if item.get("dimensions"):
        record["dimensions"] = {**record.get("dimensions", {}), **_sizes(item["dimensions"])}
    if item.get("customer"):
        done.warnings += _customer(record["customer"], item["customer"])
    _money(shop, order, item, by)
    if "metas" in item:
        done.warnings += _metas(record, item["metas"])
    _retrack(shop, record)
    _status(shop, order, item, by)
    done.documents = _documents(shop, order, item, by)
    done.products = stock.move(shop, held, stock.held(shop, order), by.at)
    shop.touch_order(order, by.at)
    _write_down(order, before, by)
    return done


def named_status(shop: Shop, name: object) -> int | None:
    """Return the status with this name."""
    # guess: a name counts in any language, and the first of two equal ones wins, B17
    for id_, row in shop.statuses.items():
        if any(text["name"] == name for text in row["descriptions"]):
            return id_
    return None


def set_status(shop: Shop, order: Order, status_id: int | None, at: datetime) -> bool:
    """Give an order a status with its flags (T26); return False when it had it already."""
    record = order.record
    changed = record["status_id"] != status_id
    record["status_id"] = status_id
    record["status"] = shop.status_name(status_id, record["language_id"])
    status = shop.statuses.get(status_id) if status_id is not None else None
    if changed and status is not None:
        if status["mark_resolved_yn"]:
            record["resolved_yn"] = True
        if status["mark_paid_yn"] and not record["paid_date"]:
            record["paid_date"] = stamp(at)
    return changed


def _status(shop: Shop, order: Order, item: Record, by: Author) -> None:
    if "status_id" not in item and "status" not in item:
        return
    wanted = as_int(item["status_id"]) if "status_id" in item else named_status(shop, item["status"])
    changed = set_status(shop, order, wanted, by.at)
    if wanted is None or not (changed or shop.mails_on_same_status):
        return
    customer, tracking = order.record["customer"], order.record["tracking_code"] or None
    for kind, wished, to in (
        ("email", by.mails, customer["email"]),
        ("sms", by.sms and shop.sms_enabled, customer["phone"]),
    ):
        if wished and to:
            shop.post(Mail(by.at, kind, order.number, wanted, to, tracking, by.login))


def _sizes(given: Record) -> Record:
    return {name: as_int(given[name]) for name in ("width", "length", "height") if name in given}


def _customer(record: Record, given: Record) -> list[Record]:
    warnings: list[Record] = []
    for name in CUSTOMER_FLAGS:
        if name in given and as_bool(given[name]) is not None:
            record[name] = as_bool(given[name])
    for name in CUSTOMER_FIELDS:
        if name not in given:
            continue
        if name.endswith("_postal") and not record["postal_yn"]:
            # guess: the contract says only that postal_yn must be true when a delivery address is sent
            warnings.append(
                message("Doručovací adresa vyžaduje postal_yn", object_="customer", property_=name, level="warning")
            )
            continue
        value = given[name]
        record[name] = value.lower() if name.startswith("country_id") and isinstance(value, str) else value
    return warnings


def _money(shop: Shop, order: Order, item: Record, by: Author) -> None:
    record = order.record
    counted = False
    if "products" in item:
        lines.edit(shop, order, item["products"], delete_missing=by.delete_missing)
        counted = True
    if item.get("quantity_discount"):
        record["quantity_discount"] = lines.quantity_discount(record, item["quantity_discount"])
        counted = True
    for part, listed in (("shipment", shop.shipments), ("payment", shop.payments)):
        if item.get(part):
            record[part] = lines.replaced(record, part, listed, item[part])
            counted = True
    if counted:
        pricing.total(record)


def _metas(record: Record, given: list[Record]) -> list[Record]:
    warnings = []
    known = {row["key"]: row for row in record["metas"]}
    for row in given:
        found = known.get(row.get("key"))
        if found is None:  # an unknown key is skipped with a warning (contract 4.18)
            warnings.append(message(f"Neznámé vlastní pole {row.get('key')!r}", object_="metas", level="warning"))
        elif "value" in row:
            found["value"] = None if row["value"] is None else str(row["value"])
        else:
            found["values"] = {text["language"]: dict(text) for text in row.get("values", [])}
    return warnings


def _retrack(shop: Shop, record: Record) -> None:
    """Compose `tracking_url`, which nobody can write (T28)."""
    id_ = (record["shipment"] or {}).get("id")
    record["tracking_url"] = seed.tracking_url(shop.shipments.get(id_) if id_ else None, record["tracking_code"])


def _documents(shop: Shop, order: Order, item: Record, by: Author) -> list[Record]:
    made = []
    for part, kind in DOCUMENTS.items():
        if not item.get(part) or not as_bool(item[part].get("generate_yn", False)):
            continue
        if kind == "invoice" and order.record["invoice_number"] in shop.invoices:
            shop.invoices[order.record["invoice_number"]]["updated"] = int(by.at.timestamp())
            continue
        made.append(seed.issue(shop, order, int(by.at.timestamp()), kind))
    return made


def _noted(record: Record) -> Record:
    return {name: record[name] for name in NAMES} | {"Stav": record["status"], "Celkem": record["order_total"]}


def _write_down(order: Order, before: Record, by: Author) -> None:
    """Add the history row (contract 4.3); it names what changed, by its Czech name."""
    after = _noted(order.record)
    changes = [
        {"name": NAMES.get(name, name), "before": _text(before[name]), "after": _text(after[name])}
        for name in before
        if before[name] != after[name] and name != "status_id"
    ]
    order.history.append(
        {
            "event": "Změna objednávky",
            "user_name": by.name,
            "changes": changes,
            "origin": by.origin,
            "data": [],
            "creation_time": stamp(by.at),
        }
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
