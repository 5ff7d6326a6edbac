"""What is true in the shops and what was counted; the dump is for whoever compares a mirror with the truth."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from starlette.responses import StreamingResponse

from simulator import wire
from simulator.control.asking import Ask, Nothing, Refused
from simulator.shop import Order, Product, Shop
from simulator.stage import Stage

LINES_AT_ONCE = 100  # between two such lots others get their turn
KINDS = ("order", "product", "status", "shipment", "payment")


class Dump(Ask):
    """`what`: kinds parted by commas, all when left out; `numbers`: only these orders, parted by `;`."""

    what: str = ",".join(KINDS)
    numbers: str | None = None


class Last(Ask):
    """How many of the newest."""

    last: int = 100


def dump(_stage: Stage, shop: Shop, ask: Dump) -> StreamingResponse:
    """Stream the shop's truth, a line per record: `{"kind": …, "id": …, "deleted": …, "record": …}`.

    Records are exactly those of the API: orders, full products, statuses, shipments, payments.
    """
    kinds = ask.what.split(",")
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise Refused(f"nothing called {', '.join(unknown)}; there are {', '.join(KINDS)}")
    numbers = ask.numbers.split(";") if ask.numbers is not None else None
    return StreamingResponse(_in_lots(_lines(shop, kinds, numbers)), media_type="application/x-ndjson")


def stats(stage: Stage, shop: Shop, _ask: Nothing) -> dict[str, Any]:
    """Return what the shop's clients did, which rules they broke, which mails went out, how webhooks fared."""
    return {
        "slug": shop.slug,
        "orders": sum(1 for _ in shop.live_orders()),
        "orders_deleted": sum(order.deleted_at is not None for order in shop.orders.values()),
        "products": sum(1 for _ in shop.live_products()),
        "api": shop.stats.summary(),
        "mails": dict(shop.mail_counts),
        "hooks": stage.sender.figures(shop),
    }


def all_stats(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Return the figures of all shops, and how long our own loop ever kept anybody waiting."""
    return {
        "shops": {slug: stats(stage, shop, _ask) for slug, shop in stage.world.shops.items()},
        "key_fetches": stage.key_host.fetches,
        "own_lag_max_ms": round(stage.lag_s * 1_000, 1),
    }


def reset_stats(stage: Stage, shop: Shop, _ask: Nothing) -> dict[str, Any]:
    """Count anew: calls, breaches, mails, webhooks."""
    shop.stats.reset()
    shop.mails.clear()
    shop.mail_counts.update(email=0, sms=0)
    shop.mailed.clear()
    stage.sender.forget_figures(shop)
    return stats(stage, shop, _ask)


def reset_all_stats(stage: Stage, _ask: Nothing) -> dict[str, Any]:
    """Count anew in all shops."""
    for shop in stage.world.shops.values():
        reset_stats(stage, shop, _ask)
    stage.lag_s, stage.key_host.fetches = 0.0, 0
    return all_stats(stage, _ask)


def calls(_stage: Stage, shop: Shop, ask: Last) -> dict[str, Any]:
    """Return the newest API calls, oldest of them first."""
    newest = list(islice(reversed(shop.stats.log), ask.last))[::-1]
    return {"calls": [asdict(call) | {"at": call.at.isoformat()} for call in newest]}


def mails(_stage: Stage, shop: Shop, ask: Last) -> dict[str, Any]:
    """Return the newest messages to customers, oldest of them first."""
    newest = list(islice(reversed(shop.mails), ask.last))[::-1]
    return {**shop.mail_counts, "mails": [asdict(mail) | {"at": wire.stamp(mail.at)} for mail in newest]}


def mails_by_order(_stage: Stage, shop: Shop, _ask: Nothing) -> dict[str, Any]:
    """Return how many messages each order caused, by kind."""
    counts: dict[str, dict[str, int]] = {kind: {} for kind in shop.mail_counts}
    for (kind, number), count in shop.mailed.items():
        counts[kind][number] = count
    return counts


def _lines(shop: Shop, kinds: list[str], numbers: list[str] | None) -> Iterator[bytes]:
    if "order" in kinds:
        wanted = list(shop.orders) if numbers is None else numbers
        orders = [shop.orders[number] for number in wanted if number in shop.orders]
        yield from (_line("order", order.number, order, order.render()) for order in orders)
    if "product" in kinds:
        yield from (_line("product", one.seq, one, wire.dumps(one.record)) for one in list(shop.products.values()))
    for kind, records in (("status", shop.statuses), ("shipment", shop.shipments), ("payment", shop.payments)):
        if kind in kinds:
            yield from (_line(kind, id_, None, wire.dumps(record)) for id_, record in list(records.items()))


def _line(kind: str, id_: str | int, thing: Order | Product | None, record: bytes) -> bytes:
    deleted = thing is not None and thing.deleted_at is not None
    head = wire.dumps({"kind": kind, "id": id_, "deleted": deleted})
    return head[:-1] + b',"record":' + record + b"}\n"


async def _in_lots(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    while lot := b"".join(islice(lines, LINES_AT_ONCE)):
        yield lot
        await asyncio.sleep(0)
