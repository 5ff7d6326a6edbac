"""GET /orders: all filters, order and paging (contract 4.1)."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from itertools import islice

from simulator.ask import Ask, Page, Refused
from simulator.shop import Order
from simulator.wire import digits

Keeps = Callable[[Order], bool]


def get(ask: Ask) -> Page:
    """Return one page of the orders that pass every filter.

    A single order comes in the usual list with the envelope (B15); an unknown or deleted one leaves it empty.
    """
    # guess: an unknown number is an empty list, not 404, which the contract keeps for wrong URLs (T43)
    orders = _sorted(ask, _kept(ask))
    per_page = 100
    start = (ask.page - 1) * per_page
    shown = orders[start : start + per_page]
    asked = ask.many("order_numbers")
    if asked:
        ask.items = len(asked)
    return Page("orders", [order.render() for order in shown], ask.page, per_page, len(orders))


def _kept(ask: Ask) -> list[Order]:
    filters = _filters(ask)
    found = list(_candidates(ask))
    for keeps in filters:
        found = [order for order in found if keeps(order)]
    return found


def _candidates(ask: Ask) -> Iterable[Order]:
    """Return the orders the cheapest filter leaves: by number, else by creation time, else all; oldest first."""
    shop = ask.shop
    named = [number for number in (ask.first("order_number"),) if number is not None]
    numbers = ask.many("order_numbers")
    if named or numbers is not None:
        wanted = named if numbers is None else [number for number in numbers if not named or number in named]
        found = (shop.orders[number] for number in dict.fromkeys(wanted) if number in shop.orders)
        return sorted((order for order in found if order.deleted_at is None), key=lambda o: (o.created, o.seq))
    since, until = ask.date("creation_time_from"), ask.date("creation_time_to")
    start = bisect_left(shop.by_creation, (since, 0)) if since is not None else 0
    stop = bisect_left(shop.by_creation, (until + 1, 0)) if until is not None else None  # `to` is inclusive
    return (order for _, _, order in islice(shop.by_creation, start, stop) if order.deleted_at is None)


def _sorted(ask: Ask, orders: list[Order]) -> list[Order]:
    """Return the orders as `order_by` and `order_dir` want them; within one second by id."""
    by, direction = ask.first("order_by") or "creation_time", ask.first("order_dir") or "desc"  # guess: both defaults
    if by not in ("creation_time", "last_update_time") or direction not in ("asc", "desc"):
        raise Refused(400, "Neplatné řazení")  # guess: how a bad filter is answered
    if by == "last_update_time":
        orders.sort(key=lambda order: (order.updated, order.seq))
    if direction == "desc":
        orders.reverse()
    return orders


def _filters(ask: Ask) -> list[Keeps]:
    """Return one test per filter sent, creation times included: a list of numbers may have come with them."""
    keeps: list[Keeps] = []
    since, until = ask.date("creation_time_from"), ask.date("creation_time_to")
    changed = ask.date("last_update_time_from")
    if since is not None:
        keeps.append(lambda order: order.created >= since)
    if until is not None:
        keeps.append(lambda order: order.created <= until)
    if changed is not None:
        keeps.append(lambda order: order.updated >= changed)
    paid = ask.flag("paid_yn")
    if paid is not None:
        keeps.append(lambda order: bool(order.record["paid_date"]) is paid)
    return keeps + _status_filters(ask) + _text_filters(ask)


def _status_filters(ask: Ask) -> list[Keeps]:
    keeps: list[Keeps] = []
    name, id_, ids = ask.first("status"), ask.number("status_id"), ask.numbers("status_ids")
    if name is not None:  # an empty one asks for orders without a status
        keeps.append(lambda order: (order.record["status"] or "") == name)
    if id_ is not None:
        keeps.append(lambda order: order.record["status_id"] == id_)
    if ids is not None:
        wanted = set(ids)
        keeps.append(lambda order: order.record["status_id"] in wanted)
    return keeps


def _text_filters(ask: Ask) -> list[Keeps]:
    keeps: list[Keeps] = []
    language, email, phone = ask.first("language"), ask.first("email"), ask.first("phone")
    external = ask.first("external_order_number")
    if language:
        keeps.append(lambda order: order.record["language_id"] == language)
    if email:
        keeps.append(lambda order: (order.record["customer"]["email"] or "").lower() == email.lower())
    if phone:
        wanted = digits(phone)
        keeps.append(lambda order: msisdn(order) == wanted)
    if external:
        keeps.append(lambda order: order.record["external_order_number"] == external)
    for name in ("payment", "shipment"):
        type_ = ask.first(f"{name}_type")
        if type_:
            keeps.append(lambda order, name=name, type_=type_: (order.record[name] or {}).get("type") == type_)
    return keeps


def msisdn(order: Order) -> str:
    """Return the customer's phone with country code, digits only; a national number gets its country's (T40)."""
    customer = order.record["customer"]
    plain = digits(customer["phone"])
    if len(plain) == 9:
        return {"cz": "420", "sk": "421"}.get((customer["country_id_invoice"] or "").lower(), "") + plain
    return plain


def one(ask: Ask) -> Order:
    """Return the order named in the path."""
    order = ask.shop.orders.get(ask.path["order_number"])
    if order is None or order.deleted_at is not None:
        raise Refused(404, "Objednávka neexistuje")  # guess: a part of an unknown order is a wrong URL
    return order
