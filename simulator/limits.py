"""Who may call, how often and how many at once (contract 1.2, 1.7, 1.8)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections import deque
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from simulator import wire
from simulator.shop import ApiUser, Shop
from simulator.stats import Entry

if TYPE_CHECKING:
    from simulator.state import World

TARIFFS = {  # per hour, per day (contract 1.7)
    "bronze": (10, 100),
    "silver": (15, 300),
    "gold": (50, 600),
    "platinum": (100, 1500),
    "exclusive": (100, 1500),
}
PACKAGE = (25, 400)  # what one additional package of 1,000 requests adds
AT_ONCE = 3
BAD_LOGINS = 5
FLOATING = timedelta(hours=1)
ENTITIES = {  # entity and the service its right hangs on
    "Orders": "orders",
    "OrderStatuses": "order-statuses",
    "Products": "products",
    "Categories": "categories",
    "Customers": "customers",
    "Invoices": "invoices",
    "Availabilities": "availabilities",
    "Labels": "labels",
    "Shipments": "shipments",
    "Payments": "payments",
    "Pricelists": "pricelists",
    "Languages": "languages",
}
# Printed with a capital U in the changelog; names are to be taken from here, case-insensitively (T17).
ODD = {"Availabilities.update": "Availabilities.Update"}
EVENTS = {
    ODD.get(name, name): service
    for entity, service in ENTITIES.items()
    for name in (f"{entity}.create", f"{entity}.update", f"{entity}.delete")
}


def known_tariff(name: str) -> str:
    """Return the tariff's name as the table has it, ValueError when it has none such."""
    if name.lower() not in TARIFFS:
        raise ValueError(f"unknown tariff {name!r}; known: {', '.join(TARIFFS)}")
    return name.lower()


def shop_at(world: World, path: str) -> tuple[str, Shop | None]:
    """Return the first segment of a path and the shop that lives there now."""
    slug = path.lstrip("/").partition("/")[0]
    return slug, world.shops.get(slug)


def enter(world: World, request: wire.Request) -> wire.Response | None:
    """Count a request in for its access group; see `World.enter`."""
    _, shop = shop_at(world, request.path)
    user = _known(shop, request) if shop else None
    if shop is None or user is None:
        return None  # nobody to count it for: `answer` will refuse it
    busy = shop.in_flight.get(user.group, 0)
    if busy >= AT_ONCE:
        shop.stats.breach("concurrency")
        shop.stats.count(Entry(world.now(), request.method, "(too many at once)", user.login, 429, 0))
        return wire.failure(429, "Překročen počet souběžných požadavků")  # no rate headers, no Retry-After (T62)
    request.group = f"{shop.slug}\n{user.group}"
    shop.in_flight[user.group] = busy + 1
    shop.stats.peak_in_flight = max(shop.stats.peak_in_flight, busy + 1)
    return None


def leave(world: World, request: wire.Request) -> None:
    """Count a request out again; one that never was in changes nothing."""
    if request.group is None:
        return
    slug, _, group = request.group.partition("\n")
    request.group = None
    shop = world.shops.get(slug) or (world.moved[slug].shop if slug in world.moved else None)
    if shop is not None and group in shop.in_flight:
        shop.in_flight[group] -= 1
        if not shop.in_flight[group]:
            del shop.in_flight[group]


def login(world: World, shop: Shop, request: wire.Request) -> ApiUser | wire.Response:
    """Return who calls, or why they may not: 401 for wrong credentials, 403 for a lock-out or a switched-off user."""
    now = world.now()
    if locked_out(world, request.client_ip, now):
        shop.stats.breach("locked_out")
        return wire.failure(403, "Překročen maximální počet pokusů o přihlášení")
    user = _known(shop, request)
    if user is None:
        shop.stats.breach("bad_login")
        if "authorization" in request.headers:  # guess: a request without the header is no login attempt
            world.bad_logins.setdefault(request.client_ip, deque()).append(now)
        return wire.failure(401, "Neplatné přihlašovací údaje", {"www-authenticate": 'Basic realm="Upgates API"'})
    if user.addon and world.addon_blocked is not None:  # guess: 401 or 403, B26; it does not count as a bad login
        return wire.failure(world.addon_blocked, "Doplněk je zablokován")
    if not user.active:
        return wire.failure(403, "API uživatel není aktivní")
    return user


def locked_out(world: World, client_ip: str, now: datetime) -> bool:
    """Say whether five bad logins came from this address within the last hour."""
    tries = world.bad_logins.get(client_ip)
    if not tries:
        return False
    while tries and tries[0] <= now - FLOATING:
        tries.popleft()
    return len(tries) >= BAD_LOGINS


def may(user: ApiUser, service: str | None, method: str) -> bool:
    """Say whether a user has the right; /status and /webhooks need none (contract 1.2)."""
    right = user.rights.get(service, "deny") if service else "all"
    return right == "all" or (right == "readonly" and method == "GET")


def may_hear(user: ApiUser, event: str) -> bool:
    """Say whether a user may have a webhook for an event: it takes the right to read the endpoint (contract 3.1)."""
    return EVENTS[event] in user.rights and may(user, EVENTS[event], "GET")


def allowance(shop: Shop) -> tuple[int, int]:
    """Return requests per hour and per day, packages included."""
    hour, day = TARIFFS[shop.tariff]
    return hour + PACKAGE[0] * shop.packages, day + PACKAGE[1] * shop.packages


def spend(shop: Shop, user: ApiUser, now: datetime) -> tuple[dict[str, str], bool]:
    """Take one request from the hour, else from the day; return the rate headers and whether there was one to take.

    Windows are clock hours and clock days in Prague. A verified add-on has neither windows nor headers (B13).
    """
    if shop.verified and user.addon:
        return {}, True
    hour_most, day_most = allowance(shop)
    local = now.astimezone(wire.PRAGUE)
    hour, day = f"{now.astimezone(UTC):%Y-%m-%dT%H}", f"{local:%Y-%m-%d}"
    if user.hour != hour:
        user.hour, user.hour_used = hour, 0
    if user.day != day:
        user.day, user.day_used = day, 0
    taken = True
    if user.hour_used < hour_most:
        user.hour_used += 1
    elif user.day_used < day_most:
        user.day_used += 1
    else:
        taken = False  # guess: a refused request takes nothing
    left_hour, left_day = hour_most - user.hour_used, day_most - user.day_used
    headers = {
        "x-rate-limit-hour": str(hour_most),
        "x-rate-limit-day": str(day_most),
        "x-rate-limit-hour-remaining": str(left_hour),
        "x-rate-limit-day-remaining": str(left_day),
        # guess: what can be taken right now, not the allowances of the hours still to come
        "x-rate-limit-total-remaining": str(left_hour + left_day),
    }
    if not taken:
        headers["retry-after"] = http_date(_next_hour(now))
    return headers, taken


def http_date(at: datetime) -> str:
    """Return a time as HTTP writes it, in GMT (contract 1.7, T62)."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _next_hour(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _known(shop: Shop, request: wire.Request) -> ApiUser | None:
    """Return the user whose credentials the request carries."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, key = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user = shop.users.get(name)
    if user is None or user.revoked or not hmac.compare_digest(user.key.encode(), key.encode()):
        return None
    return user
