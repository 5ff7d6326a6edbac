"""What belongs to one order: its history and its PDF (contract 4.3, 4.4)."""

import re

from simulator import pdf as paper
from simulator.api import orders
from simulator.ask import Ask, Document, Page, Refused
from simulator.shop import Order, Record
from simulator.wire import dumps, stamp, stamp_of

NAME_CHARS, VALUE_CHARS = 50, 500


def get(ask: Ask) -> Page:
    """Return the history of an order, oldest first; not paged."""
    rows = rows_of(orders.one(ask))
    return Page("history", [dumps(row) for row in rows], more={"number_of_items": len(rows)})


def post(ask: Ask) -> Record:
    """Add one record for the admin user to read; it does not touch `last_update_time`."""
    # guess: the contract does not say whether a history record counts as a change of the order
    order = orders.one(ask)
    body = ask.body()
    rows = ask.batch(body, "data")
    if not rows or not all(isinstance(row.get("name"), str) and "value" in row for row in rows):
        raise Refused(400, "data[].name a data[].value jsou povinné hodnoty")
    if not ask.pretend:
        order.history.append(
            {
                "event": "Záznam z API",
                "user_name": f"API: {ask.user.login}",
                "changes": [],
                "origin": "api",
                "data": [
                    {"name": plain(row["name"], NAME_CHARS), "value": plain(str(row["value"]), VALUE_CHARS)}
                    for row in rows
                ],
                "creation_time": stamp(ask.now),
            }
        )
    return {"updated": True, "messages": []}


def pdf(ask: Ask) -> Document:
    """Return the order as a PDF."""
    record = orders.one(ask).record
    lines = [f"Objednavka {record['order_number']}", f"Celkem {record['order_total']} {record['currency_id']}"]
    lines += [f"{row['quantity']:g} x {row['title']}" for row in record["products"]]
    return Document("application/pdf", paper.document(lines))


def rows_of(order: Order) -> list[Record]:
    """Return the history with the creation in front."""
    made = {
        "event": "Vytvoření objednávky",
        "user_name": "E-shop",
        "changes": [],
        "origin": "admin" if order.record["origin"] == "admin" else "frontend",
        "data": [],
        "creation_time": stamp_of(order.created),
    }
    return [made, *order.history]


def plain(text: str, most: int) -> str:
    """Return a text without HTML, cut to `most` characters."""
    return re.sub(r"<[^>]*>", "", text)[:most]
