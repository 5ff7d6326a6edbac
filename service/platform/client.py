"""The client of one shop: a method for each thing we ask, and nothing that is not in the call plan.

It knows what is asked and how answers are read. Who pays for a call, follows a moved shop and shuts out a dead one is
whoever makes the calls (`service.rig`), handed in as `call`.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol, TypeVar

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_exponential_jitter

from service.kit import clock
from service.platform import callplan, envelope, jsontext
from service.platform.callplan import AddonType
from service.platform.errors import NotInTime, PlatformUnreachable, Unreadable
from service.platform.jsontext import Json
from service.platform.shapes import (
    Affiliate,
    CodebookEntry,
    CodebookKind,
    Done,
    Item,
    Language,
    Listed,
    NewAffiliate,
    Order,
    OrderUpdate,
    Owner,
    Page,
    Product,
    ServiceRight,
    Webhook,
    WebhookEvent,
)
from service.platform.wire import Answer, Ask

T = TypeVar("T")
K = TypeVar("K", bound=Item)

ORDERS_AT_ONCE = 100  # a page of orders, so one call is one page (docs/upgates.md 1.9)
PRODUCTS_AT_ONCE = 50
AFFILIATES_AT_ONCE = 100  # of a POST, and by our own choice of a DELETE (1.3)
SEPARATOR = ";"  # between the values of a list (1.3)
DELETED = ("deleted", "deleted_yn")  # T18

CONNECT_S = 3.0
READ_S = 20.0
WHOLE_S = 25.0  # a body that drips is cut off here; the lease of a call is longer
MOST_BYTES = 32 * 1024 * 1024  # a full page of orders is under 1 MB
TRIES, WITHIN_S = 3, 10.0


class Call(Protocol):
    """Whoever makes one call to the shop: returns what the ask reads out of the answer, or raises a PlatformError."""

    def __call__(self, ask: Ask[T]) -> T: ...


class Shop:
    """One shop of the platform; every method is one paid call and raises a PlatformError when it brings nothing."""

    def __init__(self, call: Call, *, addon: AddonType) -> None:
        self._call = call
        self._addon: AddonType = addon

    def status(self) -> Page[ServiceRight]:
        """Ask what our access may do; needs no right itself (docs/upgates.md 4.17)."""
        return self._list("status", ServiceRight)

    def owner(self) -> Page[Owner]:
        """Ask who owns the shop, one entry per language (docs/upgates.md 4.11)."""
        return self._list("owner", Owner)

    def languages(self) -> Page[Language]:
        """Ask for the language mutations (docs/upgates.md 4.12)."""
        return self._list("languages", Language)

    def order_statuses(self) -> Page[CodebookEntry]:
        """Ask for the order statuses, all at once (docs/upgates.md 4.6)."""
        return self._codebook("order_statuses", None)

    def shipments(self, page: int = 1) -> Page[CodebookEntry]:
        """Ask for a page of the shipments (docs/upgates.md 4.9)."""
        return self._codebook("shipments", page)

    def affiliates(self, shop_shipment_id: str, page: int = 1) -> Page[Affiliate]:
        """Ask for a page of the pick-up points of a shipment (docs/upgates.md 4.9)."""
        row = callplan.row("affiliates", self._addon)
        params = (("page", str(page)),)
        return self._call(
            Ask(row, lambda answer: envelope.page(answer, Affiliate), params=params, named=shop_shipment_id)
        )

    def add_affiliates(self, shop_shipment_id: str, points: Sequence[NewAffiliate]) -> list[Done]:
        """Put up to 100 points into a shipment of type `custom`; return what the shop says of each, by its place.

        Any other type is 403, RightMissing. An error whose `unclear` is set may have been done (docs/upgates.md 4.9).
        """
        _at_most(AFFILIATES_AT_ONCE, points)
        row = callplan.row("add_affiliates", self._addon)
        body: Json = {"affiliates": [asdict(point) for point in points]}
        return self._call(
            Ask(row, lambda answer: envelope.placed(answer, len(points)), body=body, named=shop_shipment_id)
        )

    def remove_affiliates(self, shop_shipment_id: str, affiliate_ids: Sequence[str]) -> Mapping[str, Done]:
        """Take up to 100 points out of a shipment of type `custom`, by their ids and in no other way (4.9)."""
        _at_most(AFFILIATES_AT_ONCE, affiliate_ids)
        row = callplan.row("remove_affiliates", self._addon)
        params = tuple(("affiliate_ids[]", affiliate_id) for affiliate_id in affiliate_ids)
        return self._call(
            Ask(row, lambda answer: envelope.results(answer, Affiliate), params=params, named=shop_shipment_id)
        )

    def payments(self, page: int = 1) -> Page[CodebookEntry]:
        """Ask for a page of the payments (docs/upgates.md 4.10)."""
        return self._codebook("payments", page)

    def webhook_events(self) -> Page[WebhookEvent]:
        """Ask for the events in the shop's own spelling (docs/upgates.md 3.1)."""
        return self._list("webhook_events", WebhookEvent)

    def webhooks(self) -> Page[Webhook]:
        """Ask for the webhooks of our own access (docs/upgates.md 3.1)."""
        return self._list("webhooks", Webhook)

    def webhooks_on_evidence(self) -> Page[Webhook]:
        """Ask for the same when something speaks for a webhook that does not work (docs/upgates.md A.7, R29)."""
        return self._list("webhooks_on_evidence", Webhook)

    def create_webhook(self, name: str, url: str, event: str) -> Webhook:
        """Create a webhook; look for it first, the platform makes a second one without a word (docs/upgates.md 3.1)."""
        return self._write("create_webhook", {"active_yn": True, "name": name, "url": url, "event": event})

    def update_webhook(self, webhook_id: int, *, name: str, url: str, event: str) -> Webhook:
        """Give a webhook these values and switch it on (docs/upgates.md 3.1)."""
        body: Json = {"id": webhook_id, "active_yn": True, "name": name, "url": url, "event": event}
        return self._write("update_webhook", body)

    def delete_webhooks(self, webhook_ids: Sequence[int]) -> dict[int, bool]:
        """Delete webhooks in one call; return which of them the shop says it deleted (docs/upgates.md 3.1)."""

        def read(answer: Answer) -> dict[int, bool]:
            done = envelope.flagged(answer, flags=DELETED, key="id")
            return {webhook_id: done.get(str(webhook_id), False) for webhook_id in webhook_ids}

        return self._ask("delete_webhooks", read, ids=_joined(map(str, webhook_ids)))

    def orders_by_numbers(self, numbers: Sequence[str]) -> Page[Order]:
        """Ask for up to 100 orders by their numbers; those the shop lacks are not in the answer (docs/upgates.md 4.1).

        A number that holds the separator can only be asked for alone; among others it is left out and told as `unread`.
        """
        return self._orders("orders_events", numbers)

    def orders_before_resend(self, numbers: Sequence[str]) -> Page[Order]:
        """Ask for up to 100 orders before anything about them is sent again (docs/upgates.md A.4, B28)."""
        return self._orders("orders_before_resend", numbers)

    def _orders(self, name: str, numbers: Sequence[str]) -> Page[Order]:
        _at_most(ORDERS_AT_ONCE, numbers)
        if len(numbers) == 1:
            return self._list(name, Order, order_number=numbers[0])
        askable = [number for number in numbers if SEPARATOR not in number]
        page = self._list(name, Order, order_numbers=_joined(askable))
        left_out = [number for number in numbers if SEPARATOR in number]
        return page.without(left_out, "holds the separator, ask for it alone")

    def update_orders(self, updates: Sequence[OrderUpdate], *, send_emails: bool, send_sms: bool) -> Mapping[str, Done]:
        """Write up to 100 orders in one call; return what the shop says of each item, by order number.

        The two flags belong to the call and are true when left out, so they are always sent (docs/upgates.md 4.2,
        T22). An error whose `unclear` is set may have been done all the same, and so may an item the answer lacks.
        """
        _at_most(ORDERS_AT_ONCE, updates)
        body: Json = {
            "send_emails_yn": send_emails,
            "send_sms_yn": send_sms,
            "orders": [item_of(update) for update in updates],
        }
        row = callplan.row("orders_update", self._addon)
        return self._call(Ask(row, lambda answer: envelope.results(answer, Order), body=body))

    def add_history(self, order_number: str, data: Sequence[tuple[str, str]]) -> bool | None:
        """Add a record of names and values to an order's history; None: the shop does not say whether it did (4.3)."""
        body: Json = {"data": [{"name": name, "value": value} for name, value in data]}
        row = callplan.row("order_history", self._addon)
        return self._call(Ask(row, lambda answer: envelope.result(answer).done, body=body, named=order_number))

    def orders_created(self, since: datetime, until: datetime, page: int = 1) -> Page[Order]:
        """Ask for a page of the orders created within a closed window, oldest first (docs/upgates.md 1.9, 4.1)."""
        return self._list(
            "orders_pull", Order, creation_time_from=stamp(since), creation_time_to=stamp(until),
            order_by="creation_time", order_dir="asc", page=str(page),
        )  # fmt: skip

    def orders_about(self, since: datetime, until: datetime) -> Page[Order]:
        """Ask for the orders around one that a webhook named, by when they were created (docs/upgates.md 4.1).

        The only way to ask for an order beside others whose number cannot stand in a list.
        """
        return self._list(
            "orders_events", Order, creation_time_from=stamp(since), creation_time_to=stamp(until),
            order_by="creation_time", order_dir="asc",
        )  # fmt: skip

    def orders_changed(self, since: datetime, page: int = 1) -> Page[Order]:
        """Ask for a page of the orders changed since, newest change first; the set moves (docs/upgates.md T41)."""
        return self._list(
            "orders_changes", Order, last_update_time_from=stamp(since), order_by="last_update_time", order_dir="desc",
            page=str(page),
        )  # fmt: skip

    def products_by_ids(self, product_ids: Sequence[int]) -> Page[Product]:
        """Ask for up to 50 products by their ids, in the simple list (docs/upgates.md 4.7.2, 5.2 R21)."""
        _at_most(PRODUCTS_AT_ONCE, product_ids)
        return self._list("products_events", Product, product_ids=_joined(map(str, product_ids)))

    def products_page(self, page: int = 1) -> Page[Product]:
        """Ask for a page of all products, in the simple list (docs/upgates.md 4.7.2)."""
        return self._list("products_pull", Product, page=str(page))

    def products_changed(self, since: datetime, page: int = 1) -> Page[Product]:
        """Ask for a page of the products changed since; their order is not told (docs/upgates.md 4.7.1)."""
        return self._list("products_changes", Product, last_update_time_from=stamp(since), page=str(page))

    def product_parameters(self, page: int = 1, *, product_ids: Sequence[int] | None = None) -> Page[Product]:
        """Ask for a page of all products' parameters, or for those of up to 50 products (docs/upgates.md 4.7.4)."""
        return self._products("product_parameters", page, product_ids)

    def product_related(self, page: int = 1, *, product_ids: Sequence[int] | None = None) -> Page[Product]:
        """Ask for a page of all products' sets and gifts, or for those of up to 50 (docs/upgates.md 4.7.4)."""
        return self._products("product_related", page, product_ids)

    def _products(self, name: str, page: int, product_ids: Sequence[int] | None) -> Page[Product]:
        if product_ids is None:
            return self._list(name, Product, page=str(page))
        _at_most(PRODUCTS_AT_ONCE, product_ids)
        return self._list(name, Product, product_ids=_joined(map(str, product_ids)), page=str(page))

    def _codebook(self, kind: CodebookKind, page: int | None) -> Page[CodebookEntry]:
        listed = self._list(kind, Listed, **({} if page is None else {"page": str(page)}))
        return listed.mapped(lambda item: CodebookEntry(kind, item.id, item.raw))

    def _list(self, name: str, kind: type[K], **params: str) -> Page[K]:
        return self._ask(name, lambda answer: envelope.page(answer, kind), **params)

    def _write(self, name: str, body: Json) -> Webhook:
        row = callplan.row(name, self._addon)
        return self._call(Ask(row, lambda answer: envelope.single(answer, Webhook), body=body))

    def _ask(self, name: str, read: Callable[[Answer], T], **params: str) -> T:
        return self._call(Ask(callplan.row(name, self._addon), read, params=tuple(params.items())))


def stamp(at: datetime) -> str:
    """Return a time as the platform writes it: whole seconds with Prague's offset (docs/upgates.md 1.6)."""
    return at.astimezone(clock.PRAGUE).isoformat(timespec="seconds")


def item_of(update: OrderUpdate) -> Json:
    """Return an item of a PUT of orders: only what is to change, a status by its id (docs/upgates.md 4.2, B17).

    An empty `paid_date` would say that the order is not paid (T27): it is a day, or it is left out.
    """
    item: Json = {"order_number": update.order_number}
    if update.status_id is not None:
        item["status_id"] = update.status_id
    if update.tracking_code is not None:
        item["tracking_code"] = update.tracking_code
    if update.paid_date is not None:
        item["paid_date"] = stamp(datetime.combine(update.paid_date, datetime.min.time(), clock.PRAGUE))
    return item


def _joined(values: Iterable[str]) -> str:
    return SEPARATOR.join(values)


def _at_most(most: int, values: Sequence[object]) -> None:
    if not 1 <= len(values) <= most:
        raise ValueError(f"a call asks for 1 to {most}, not for {len(values)}")


def open_client(transport: httpx.BaseTransport | None) -> httpx.Client:
    """Return the HTTP client of a process: it keeps connections, follows nothing, remembers no cookie of any shop."""
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(READ_S, connect=CONNECT_S, pool=CONNECT_S),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=30),
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"accept": "application/json", "user-agent": "upgates-expedition"},
    )


def exchange(client: httpx.Client, ask: Ask[Any], *, api_url: str, login: tuple[str, str], now: datetime) -> Answer:
    """Send one request and return the answer, whatever its status; raise PlatformUnreachable when none came.

    `unclear` is true when the request may have reached the shop and asked it to change something; NotInTime says that
    the shop may be at it still.
    """
    what, body = ask.row.name, None if ask.body is None else jsontext.write(ask.body)
    headers = {} if body is None else {"content-type": "application/json"}
    request = client.build_request(ask.row.verb, api_url + ask.path, params=ask.params, content=body, headers=headers)
    try:
        response = client.send(request, auth=httpx.BasicAuth(*login), stream=True)
    except (httpx.ConnectError, httpx.ConnectTimeout) as lost:
        raise PlatformUnreachable(f"{what}: no connection ({_name(lost)})", unclear=False) from None
    except httpx.ReadTimeout:
        raise NotInTime(f"{what}: no answer within {READ_S:g} s", unclear=not ask.safe) from None
    except httpx.HTTPError as lost:
        raise PlatformUnreachable(f"{what}: no answer ({_name(lost)})", unclear=not ask.safe) from None
    try:
        answered = _body(response)
    except httpx.ReadTimeout:
        raise NotInTime(f"{what}: the answer stopped for {READ_S:g} s", unclear=not ask.safe) from None
    except httpx.HTTPError as lost:
        raise PlatformUnreachable(f"{what}: the answer broke off ({_name(lost)})", unclear=not ask.safe) from None
    finally:
        response.close()
    if answered is None:
        raise NotInTime(f"{what}: the answer is too long or too slow", unclear=not ask.safe)
    return Answer(now, response.status_code, dict(response.headers), answered, ask)


def persist(once: Callable[[], T], ask: Ask[T], *, nap: Callable[[float], None]) -> T:
    """Make a call up to three times within 10 s, when nothing was done and asking again may help.

    That is: a read whose connection broke, or any call whose connection was refused. An answer that cannot be read is
    not asked for again at once, each try costs a call; nor is one that did not come in time, for the shop has enough.
    """

    def again(trouble: BaseException) -> bool:
        if not isinstance(trouble, PlatformUnreachable) or isinstance(trouble, NotInTime | Unreadable):
            return False
        return ask.safe or not trouble.unclear

    return Retrying(
        stop=stop_after_attempt(TRIES) | stop_before_delay(WITHIN_S),
        wait=wait_exponential_jitter(multiplier=0.25, max=2, jitter=0.5),
        retry=retry_if_exception(again),
        sleep=nap,
        reraise=True,
    )(once)


def _body(response: httpx.Response) -> bytes | None:
    """Return the whole body; None when it is longer or slower than an answer may be."""
    end = time.monotonic() + WHOLE_S
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES or time.monotonic() > end:
            return None
    return b"".join(chunks)


def _name(lost: Exception) -> str:
    return type(lost).__name__  # the text of the error may hold the address
