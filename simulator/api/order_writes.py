"""PUT /orders: up to a hundred items, each answered by itself (contract 4.2)."""

from simulator import changes, edits
from simulator.ask import Ask
from simulator.edits import Author, Outcome
from simulator.shop import Order, Record
from simulator.wire import as_bool, message


def put(ask: Ask) -> Record:
    """Change orders; 200 even when single items failed (T60). All changes of a request are told as one event."""
    body = ask.body()
    items = ask.batch(body, "orders")
    author = Author(
        name=f"API: {ask.user.login}",
        origin="api",
        at=ask.now,
        login=ask.user.login,
        mails=_wanted(body, "send_emails_yn"),
        sms=_wanted(body, "send_sms_yn"),
        delete_missing=as_bool(body.get("delete_missing_products_yn", False)) or False,
    )
    changed: list[Order] = []
    done: list[Outcome] = []
    answers = [_one(ask, item, author, changed, done) for item in items]
    changes.tell_orders(ask.world, ask.shop, changed, done, ask.user.login)
    return {"orders": answers, "messages": []}


def _wanted(body: Record, name: str) -> bool:
    """Return a mail flag of the request; absent means true (T22)."""
    value = as_bool(body.get(name, True))
    return True if value is None else value


def _one(ask: Ask, item: Record, author: Author, changed: list[Order], done: list[Outcome]) -> Record:
    number = str(item.get("order_number") or "")
    order = ask.shop.orders.get(number)
    if order is None or order.deleted_at is not None:
        text = "Objednávka neexistuje" if number else "order_number je povinná hodnota"
        return _answered(None, number or None, messages=[message(text, object_="order", property_="order_number")])
    wrong = edits.check(ask.shop, order, item)
    if not wrong and ask.befalls("refused", number):
        wrong = [message("Objednávku se nepodařilo uložit", object_="order")]
    if wrong:
        return _answered(order, number, messages=wrong)
    warnings: list[Record] = []
    if not ask.pretend and not ask.befalls("silent", number):
        outcome = edits.apply(ask.shop, order, item, author)
        changed.append(order)
        done.append(outcome)
        warnings = outcome.warnings
    return _answered(order, number, updated=True, messages=warnings)


def _answered(order: Order | None, number: str | None, *, updated: bool = False, messages: list[Record]) -> Record:
    return {
        "order_number": number,
        "order_url": order.record["admin_url"] if order else None,
        "updated_yn": updated,
        "messages": messages,
    }
