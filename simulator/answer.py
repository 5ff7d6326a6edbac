"""One API request in, one answer out: who asks, may they, which endpoint, which fault befalls it (contract 1.1-1.9)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlencode

from simulator import garble, limits, wire
from simulator.api import (
    customers,
    history,
    invoices,
    lists,
    order_statuses,
    order_writes,
    orders,
    payments,
    product_writes,
    products,
    shipments,
    webhooks,
)
from simulator.ask import Ask, Document, Page, Refused
from simulator.faults import Fault
from simulator.shop import ApiUser, Shop
from simulator.state import Move, World
from simulator.stats import Entry
from simulator.wire import Request, Response

Endpoint = Callable[[Ask], Any]

# template, service whose right is needed (None = no right needed), endpoints by method
ROUTES: tuple[tuple[str, str | None, dict[str, Endpoint]], ...] = (
    ("/orders", "orders", {"GET": orders.get, "PUT": order_writes.put}),
    ("/orders/{order_number}", "orders", {"GET": orders.get}),
    ("/orders/{order_number}/history", "orders", {"GET": history.get, "POST": history.post}),
    ("/orders/{order_number}/pdf", "orders", {"GET": history.pdf}),
    ("/order-statuses", "order-statuses", order_statuses.METHODS),
    ("/order-statuses/{id}", "order-statuses", {"GET": order_statuses.get, "DELETE": order_statuses.delete}),
    ("/products", "products", {"GET": products.full, "PUT": product_writes.put}),
    ("/products/simple", "products", {"GET": products.simple}),
    ("/products/parameters", "products", {"GET": products.parameters}),
    ("/products/related", "products", {"GET": products.related}),
    ("/products/{code}", "products", {"GET": products.full}),
    ("/products/{code}/simple", "products", {"GET": products.simple}),
    ("/products/{code}/parameters", "products", {"GET": products.parameters}),
    ("/products/{code}/related", "products", {"GET": products.related}),
    ("/stocks", "stocks", {"GET": lists.stocks}),
    ("/stocks/{id}", "stocks", {"GET": lists.stocks}),
    ("/shipments", "shipments", {"GET": shipments.get}),
    ("/shipments/groups", "shipments", {"GET": shipments.groups}),
    ("/shipments/{id}", "shipments", {"GET": shipments.get}),
    ("/shipments/{id}/affiliates", "shipments", shipments.AFFILIATES),
    ("/payments", "payments", {"GET": payments.get}),
    ("/payments/{id}", "payments", {"GET": payments.get}),
    ("/owner", "owner", {"GET": lists.owner}),
    ("/languages", "languages", {"GET": lists.languages}),
    ("/config", "config", {"GET": lists.config}),
    ("/customers", "customers", {"GET": customers.get}),
    ("/invoices", "invoices", {"GET": invoices.get}),
    ("/invoices/{invoice_number}", "invoices", {"GET": invoices.get}),
    ("/invoices/{invoice_number}/pdf", "invoices", {"GET": invoices.pdf}),
    ("/status", None, {"GET": lists.status}),
    ("/webhooks", None, webhooks.METHODS),
    ("/webhooks/events", None, {"GET": webhooks.events}),
    ("/webhooks/{id}", None, {"GET": webhooks.get, "DELETE": webhooks.delete}),
)
METHODS = ("GET", "POST", "PUT", "DELETE")
NOWHERE = "(unknown)"
MOVED = "(old address)"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a path leads."""

    template: str
    service: str | None
    methods: dict[str, Endpoint]
    path: dict[str, str]


def answer(world: World, request: Request) -> Response:
    """Answer one API request of any shop; the caller has counted it in with `world.enter`.

    `delay_s` and `drop` of the answer are for the server to carry out.
    """
    with world.lock:
        world.tick()
        slug, shop = limits.shop_at(world, request.path)
        if shop is None:
            moved = world.moved.get(slug)
            return _gone(world, moved, slug, request) if moved else wire.failure(404, "E-shop neexistuje")
        method = request.headers.get("x-http-method-override", request.method).upper()
        way = find(request.path)
        response, ask = _admitted(world, shop, request, method, way)
        _log(world, shop, request, method, way, response, ask)
        return response


def find(path: str) -> Way | None:
    """Return where a raw path leads, None for a wrong one. A trailing slash is allowed."""
    # guess: the contract prints list paths with and without one (1.1)
    segments = path.strip("/").split("/")
    if segments[1:3] != ["api", "v2"] or len(segments) < 4:
        return None
    rest = [unquote(segment) for segment in segments[3:]]
    for template, service, methods in ROUTES:
        parts = template[1:].split("/")
        if len(parts) == len(rest) and all(
            part[0] == "{" or part == got for part, got in zip(parts, rest, strict=True)
        ):
            named = {part[1:-1]: got for part, got in zip(parts, rest, strict=True) if part[0] == "{"}
            return Way(template, service, methods, named)
    return None


def _admitted(world: World, shop: Shop, request: Request, method: str, way: Way | None) -> tuple[Response, Ask | None]:
    """Check the caller, then the quota, the path, the method, the right; then answer."""
    user = limits.login(world, shop, request)
    if isinstance(user, Response):
        return user, None
    headers, granted = limits.spend(shop, user, world.now())
    if not granted:
        shop.stats.breach("quota")
        return wire.failure(429, "Překročen počet požadavků", headers), None
    response, ask = _served(world, shop, request, method, way, user)
    response.headers.update(headers)
    response.delay_s += shop.latency_s
    return response, ask


def _served(
    world: World, shop: Shop, request: Request, method: str, way: Way | None, user: ApiUser
) -> tuple[Response, Ask | None]:
    if way is None:
        shop.stats.breach("wrong_url")
        return wire.failure(404, "Špatná URL adresa požadavku"), None
    if method not in way.methods:
        shop.stats.breach("wrong_method")
        return wire.failure(405 if method in METHODS else 501, "Nepodporovaná metoda"), None
    if not limits.may(user, way.service, method):
        shop.stats.breach("no_right")
        return wire.failure(403, "Nemáte práva na tento endpoint"), None
    ask = Ask(world, shop, user, request, method, way.template, way.path, world.now())
    ask.faults = {fault.kind: fault for fault in shop.faults.take(method, way.template, cache(lambda: _named(ask)))}
    response = _befallen(ask, way)
    if "latency" in ask.faults:
        response.delay_s += ask.faults["latency"].seconds
    return response, ask


def _named(ask: Ask) -> set[str]:
    """Return the orders a call names, in its path, its query or its body."""
    named = {*(ask.many("order_numbers") or ()), *(ask.many("order_number") or ()), ask.path.get("order_number", "")}
    try:
        items = json.loads(ask.request.body or b"{}")["orders"]
        return named | {str(item.get("order_number")) for item in items}
    except (ValueError, KeyError, TypeError, AttributeError):
        return named


def _befallen(ask: Ask, way: Way) -> Response:
    """Answer under the faults that befall the call; those that do nothing come first."""
    faults = ask.faults
    if "busy" in faults:
        return _busy(ask, faults["busy"])
    if "error" in faults:
        return wire.failure(faults["error"].status, "Chyba serveru, kontaktujte technickou podporu")
    if "html" in faults:
        page = "<!DOCTYPE html><html><body><h1>Probíhá údržba</h1></body></html>"
        return Response(200, {"content-type": "text/html; charset=utf-8"}, page.encode())
    endpoint = way.methods[ask.method]
    late = faults.get("late") or faults.get("late_answered")
    if late is not None and ask.method != "GET":
        ask.world.put_off(ask.shop, late.delay_s(), lambda: _quietly(ask, endpoint))
        if late.kind == "late":
            return Response(200, drop=True)
    silent = "silent" in faults and faults["silent"].numbers is None
    ask.pretend = ask.method != "GET" and (silent or late is not None)
    response = _done(ask, endpoint)
    ask.pretend = False
    if "truncated" in faults:
        response.body = response.body[: len(response.body) * 2 // 3]
    if "dropped" in faults:
        response.drop = True
    return response


def _done(ask: Ask, endpoint: Endpoint) -> Response:
    try:
        result = endpoint(ask)
    except Refused as refused:
        if refused.status == 400:
            ask.shop.stats.breach("bad_request")
        return wire.failure(refused.status, refused.text)
    if isinstance(result, Document):
        return Response(200, {"content-type": result.content_type}, result.body)
    if isinstance(result, Page):
        ask.items = ask.items or len(result.items)
        return Response(200, {"content-type": wire.JSON}, garble.page(result, ask.faults))
    return wire.answer_json(200, garble.results(result, ask.faults))


def _quietly(ask: Ask, endpoint: Endpoint) -> None:
    """Do a late write; whatever it answers, nobody hears it."""
    ask.now = ask.world.now()
    try:
        endpoint(ask)
    except Refused:
        return


def _busy(ask: Ask, fault: Fault) -> Response:
    if fault.retry_after is None:
        return wire.failure(429, "Překročen počet požadavků")
    headers = {"retry-after": limits.http_date(ask.now + fault.retry_after)}
    if not (ask.shop.verified and ask.user.addon):  # such a one has no windows (B13)
        hour, day = limits.allowance(ask.shop)
        headers |= {
            "x-rate-limit-hour": str(hour),
            "x-rate-limit-day": str(day),
            "x-rate-limit-hour-remaining": "0",
            "x-rate-limit-day-remaining": "0",
            "x-rate-limit-total-remaining": "0",
        }
    return wire.failure(429, "Překročen počet požadavků", headers)


def _gone(world: World, moved: Move, slug: str, request: Request) -> Response:
    """Answer for a shop that moved: both documented forms of 301 (contract 1.4). Nobody's login is looked at."""
    # guess: whether the old server still checks credentials
    api_url = world.api_url(moved.shop)
    moved.shop.stats.count(Entry(world.now(), request.method, MOVED, None, 301, 0))
    if moved.how == "body":
        return wire.answer_json(301, {"api_url": api_url})
    query = f"?{urlencode(request.query)}" if request.query else ""
    rest = request.path.removeprefix(f"/{slug}/api/v2")
    return Response(301, {"location": f"{api_url}{rest}{query}"})


def _log(
    world: World, shop: Shop, request: Request, method: str, way: Way | None, response: Response, ask: Ask | None
) -> None:
    login = ask.user.login if ask else None
    template = way.template if way else NOWHERE
    query = urlencode(request.query, safe=";:")[:300]
    items = ask.items if ask else 0
    shop.stats.count(Entry(world.now(), method, template, login, response.status, items, query))
