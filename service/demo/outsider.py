"""An outsider's look at a shop: read every order by the platform's public contract and hold each field against it.

Written from the contract alone (chapters 1 and 4.1), with the standard library alone; it imports nothing of this
project. Standard input: a JSON list of shops `{"api_url": …, "login": …, "key": …}`. Standard output: one JSON summary.
Exit code 0 without a fault, 1 with faults, 2 when a shop could not be read.
"""

import base64
import json
import re
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from itertools import pairwise
from typing import IO, Any, cast

AT_ONCE = 3  # 1.8: the fourth concurrent call of an access group is answered 429
TRIES = 6
LONGEST_WAIT_S = 60.0
TIMEOUT_S = 30
FAULTS_SHOWN = 20

Json = dict[str, Any]

# 1.6 and 4.1. `?`: may be null, empty or absent. `{` and `[`: an object, a list of objects, of the table that is named.
ENVELOPE = "current_page=int current_page_items=int number_of_pages=int number_of_items=int"
TABLES = {
    "order": """
        order_number=string order_id=int? case_number=string external_order_number=string? uuid=string?
        language_id=language currency_id=currency default_currency_rate=float prices_with_vat_yn=bool status_id=int?
        status=string? paid_date=date? tracking_code=string? tracking_url=string? statistics_yn=bool resolved_yn=bool
        oss_yn=bool internal_note=string? last_update_time=date creation_time=date variable_symbol=string
        dimensions={dimensions? total_weight=int order_total=float order_total_before_round=float
        order_total_rest=float invoice_number=string? origin=origin admin_url=string customer={customer
        products=[product discount_voucher={voucher? quantity_discount={voucher? loyalty_points={loyalty?
        shipment={shipment? payment={payment? attachments=[attachment metas=[meta
    """,
    "dimensions": "width=int? length=int? height=int?",
    "customer": """
        email=email? phone=string? code=string? customer_id=int? customer_pricelist_id=int? pricelist_name=string?
        pricelist_percent=int? firstname_invoice=string? surname_invoice=string? street_invoice=string?
        city_invoice=string? state_invoice=string? zip_invoice=string? country_id_invoice=country? postal_yn=bool
        firstname_postal=string? surname_postal=string? street_postal=string? city_postal=string? state_postal=string?
        zip_postal=string? country_id_postal=country? company_postal=string? company_yn=bool company=string?
        ico=string? dic=string? vat_payer_yn=bool customer_note=string? agreements=[agreement
    """,
    "agreement": "name=string valid_to=any? status=bool",
    "product": """
        product_id=int? option_set_id=int? type=line? uuid=string? parent_uuid=string? code=string?
        code_supplier=string? supplier=string? ean=string? title=string? adult_yn=bool unit=string length=string?
        length_unit=string? quantity=float price_per_unit=float price_per_unit_with_vat=float?
        price_per_unit_without_vat=float? price=float price_with_vat=float price_without_vat=float vat=float
        buy_price=float? recycling_fee=float? weight=int? availability=string? stock_position=string?
        invoice_info=string? parameters=[parameter configurations=[configuration categories=[category image_url=string?
    """,
    "parameter": "name=string value=string",
    "configuration": "name=string values=[choice",
    "choice": "value=string operation=string price=float",
    "category": "category_id=int code=string?",
    "voucher": "code=string? type=string amount=float discounts=[discount",
    "loyalty": "one_point_for=float amount=float discounts=[discount",
    "discount": "price=float price_with_vat=float? price_without_vat=float? vat=float",
    "shipment": """
        id=int? code=string? name=string price=float? price_with_vat=float? price_without_vat=float? vat=float
        affiliate_id=string? affiliate_name=string? type=string? packeta_carrier_id=int?
    """,
    "payment": """
        id=int? code=string? name=string price=float? price_with_vat=float? price_without_vat=float? vat=float
        eet_yn=bool type=string?
    """,
    "attachment": "id=string name=string? url=string code=string?",
    "meta": "key=string type=string value=string? values=any?",
}
LINE_TYPES = ("product", "set", "set_part", "gift", "discount")


class ShopUnreadable(Exception):
    """The shop cannot be read to the end; the message says which call was answered how."""


def is_date(value: object) -> bool:
    """Say whether a value is an ISO 8601 date and time with its offset."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def is_number(value: object) -> bool:
    """Say whether a value is a number or a numeric string; the contract asks to accept both."""
    if isinstance(value, str):
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def matches(pattern: str) -> Callable[[object], bool]:
    """Return the check of a string against a pattern."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


CHECKS: dict[str, Callable[[object], bool]] = {
    "any": lambda _value: True,
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: value in (True, False, "0", "1", "true", "false"),
    "int": lambda value: is_number(value) and float(str(value)).is_integer(),
    "float": is_number,
    "date": is_date,
    "email": matches(r"[^@\s]+@[^@\s]+"),
    "language": matches(r"[a-z]{2}"),
    "currency": matches(r"[A-Z]{3}"),
    "country": matches(r"[A-Za-z]{2}"),
    "origin": matches(r"admin|frontend|api|cash.register"),
    "line": lambda value: value in LINE_TYPES,
}
FIELDS = {
    table: [(name, kind.rstrip("?"), kind.endswith("?")) for name, kind in (word.split("=") for word in text.split())]
    for table, text in {**TABLES, "envelope": ENVELOPE}.items()
}


def faults_of(thing: Json, table: str, where: str) -> list[str]:
    """Return what is wrong with an object: a field that is missing, of the wrong type, or not in the contract."""
    found = [f"{where}.{name} is not in the contract" for name in thing.keys() - {name for name, _, _ in FIELDS[table]}]
    for name, kind, may_lack in FIELDS[table]:
        value = thing.get(name)
        if value in (None, ""):
            if not may_lack and not (name in thing and value == "" and kind == "string"):
                found.append(f"{where}.{name} is missing")
        else:
            found += faults_in(value, kind, f"{where}.{name}")
    return found


def faults_in(value: object, kind: str, where: str) -> list[str]:
    """Return what is wrong with a value that is there."""
    if kind[0] == "[":
        if not isinstance(value, list):
            return [f"{where} is no list"]
        parts = cast("list[object]", value)
        return [fault for part in parts for fault in faults_in(part, "{" + kind[1:], f"{where}[]")]
    if kind[0] == "{":
        return faults_of(cast("Json", value), kind[1:], where) if isinstance(value, dict) else [f"{where} is no object"]
    return [] if CHECKS[kind](value) else [f"{where} is no {kind}: {value!r:.60}"]


class Stay(urllib.request.HTTPErrorProcessor):
    """Hand over every answer as it is and follow no redirect: the credentials would go wherever it points (1.4)."""

    def http_response(self, request: urllib.request.Request, response: HTTPResponse) -> HTTPResponse:
        """Return the answer, whatever its status."""
        del request
        return response

    https_response = http_response


class Shop:
    """One shop's API with Basic auth, moved when the platform says so."""

    def __init__(self, api_url: str, login: str, key: str) -> None:
        self.api_url = api_url.rstrip("/")
        self.calls = 0
        self._lock = threading.Lock()
        self._basic = "Basic " + base64.b64encode(f"{login}:{key}".encode()).decode()
        self._opener = urllib.request.build_opener(Stay)

    def get(self, path: str, **query: object) -> Json:
        """Return the answer to a GET: once more after a 301, later after 429 and 500, never after another refusal."""
        moved = False
        for tries in range(1, TRIES + 1):
            asked_at = self.api_url
            status, headers, body = self._ask(f"{asked_at}{path}?{urllib.parse.urlencode(query)}")
            parsed = as_object(body)
            if status == 200 and parsed is not None:
                return parsed
            if status == 301 and not moved:
                moved = True
                self.api_url = new_address(parsed or {}, headers)
            elif status in (200, 429, 500):
                wait_for(seconds_to_wait(headers.get("Retry-After"), tries))
                moved = False
            else:
                raise ShopUnreadable(f"GET {asked_at}{path} is answered {status}")
        raise ShopUnreadable(f"GET {self.api_url}{path} fails {TRIES} times")

    def _ask(self, url: str) -> tuple[int, Message, bytes]:
        with self._lock:
            self.calls += 1
        headers = {"Authorization": self._basic, "Accept": "application/json"}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - whoever starts us names the shop
        with self._opener.open(request, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.headers, answer.read()


def as_object(body: bytes) -> Json | None:
    """Return the JSON object of a body; None when it is another thing, such as an HTML page sent with 200."""
    try:
        parsed: object = json.loads(body)
    except ValueError:
        return None
    return cast("Json", parsed) if isinstance(parsed, dict) else None


def new_address(body: Json, headers: Message) -> str:
    """Return where the shop has moved: `api_url` of the body, else `Location` cut after `/api/v2` (1.4)."""
    named = str(body.get("api_url") or headers.get("Location") or "")
    found = re.match(r"https?://[^/\s]+(/[^?\s]*?)?/api/v2(?=/|\?|$)", named)
    if not found:
        raise ShopUnreadable(f"moved to an address that is no API: {named!r}")
    return found.group()


def seconds_to_wait(retry_after: str | None, tries: int) -> float:
    """Read `Retry-After`, an HTTP date, an ISO date or whole seconds (1.7); without one wait longer each time."""
    if not retry_after:
        return 0.2 * 2**tries
    if retry_after.isdigit():
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except ValueError:
        when = datetime.fromisoformat(retry_after)
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def wait_for(seconds: float) -> None:
    """Wait; raise when it would be longer than anybody stands by."""
    if seconds > LONGEST_WAIT_S:
        raise ShopUnreadable(f"the platform asks to wait {seconds:.0f} s")
    threading.Event().wait(seconds)


def read_orders(shop: Shop) -> tuple[list[Json], list[str]]:
    """Return all orders of a shop, oldest first, and what was wrong with the pages (1.9)."""

    def page(number: int) -> Json:
        return shop.get("/orders", page=number, order_by="creation_time", order_dir="asc")

    pages = [page(1)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pages += pool.map(page, range(2, int(pages[0].get("number_of_pages") or 1) + 1))
    while pages[-1].get("current_page_items") and int(pages[-1].get("number_of_pages") or 0) > len(pages):
        pages.append(page(len(pages) + 1))  # the shop grew while we read
    faults = [fault for number, answer in enumerate(pages, start=1) for fault in faults_of_page(answer, number)]
    orders = [order for answer in pages for order in answer.get("orders", [])]
    return orders, faults + faults_of_list(orders, int(pages[-1].get("number_of_items") or 0))


def faults_of_page(answer: Json, number: int) -> list[str]:
    """Return what is wrong with one page's envelope."""
    orders = answer.get("orders", [])
    found = faults_of({name: answer[name] for name in answer if name not in ("orders", "messages")}, "envelope", "page")
    if answer.get("current_page") != number:
        found.append(f"page {number} calls itself {answer.get('current_page')}")
    if answer.get("current_page_items") != len(orders):
        found.append(f"page {number} holds {len(orders)} orders and says {answer.get('current_page_items')}")
    return found


def faults_of_list(orders: list[Json], promised: int) -> list[str]:
    """Return what is wrong with the orders taken together and each by itself."""
    found = [fault for order in orders for fault in faults_of(order, "order", "order")]
    numbers = Counter(order["order_number"] for order in orders)
    found += [f"order {number} came {times} times" for number, times in numbers.items() if times > 1]
    if len(orders) != promised:
        found.append(f"{promised} orders were promised, {len(orders)} came")
    created = [order["creation_time"] for order in orders if is_date(order.get("creation_time"))]
    if any(datetime.fromisoformat(a) > datetime.fromisoformat(b) for a, b in pairwise(created)):
        found.append("the orders are not in the order of their creation")
    return found


def main(source: IO[str]) -> int:
    """Read the shops one after the other and print the summary."""
    began = time.monotonic()
    orders = 0
    calls = 0
    faults: list[str] = []
    for place in json.load(source):
        shop = Shop(place["api_url"], place["login"], place["key"])
        try:
            read, found = read_orders(shop)
        except (ShopUnreadable, OSError) as failure:
            print(f"{shop.api_url}: {failure}", file=sys.stderr)
            return 2
        orders += len(read)
        calls += shop.calls
        faults += found
    kinds = [f"{fault} ({times} times)" for fault, times in Counter(faults).most_common(FAULTS_SHOWN)]
    seconds = round(time.monotonic() - began, 2)
    print(json.dumps({"orders": orders, "calls": calls, "seconds": seconds, "faults": kinds}, ensure_ascii=False))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin))
