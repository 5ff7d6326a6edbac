"""Packages ordered, which is when the carrier learns of them, and collections (carriers.md 6.5)."""

import re
from datetime import date, time
from typing import Any

from simulator.carriers.balikobot import papers
from simulator.carriers.balikobot.asking import Asked, Method, Refusal
from simulator.carriers.world import Parcel

FIRST_ORDER = 2_757


def order(asked: Asked) -> dict[str, Any]:
    """Hand packages to the carrier, all of them or none; the same once more is 208 with the first order.

    Guess: what else than exactly one order's packages holds an ordered one is 405.
    """
    packages = asked.packages(asked.ids())
    ids = [package.bag["package_id"] for package in packages]
    known = {package.bag["order"] for package in packages if "order" in package.bag}
    if known:
        first = asked.world.bag["orders"][min(known)]
        if len(known) > 1 or set(first["package_ids"]) != set(ids):
            raise Refusal(405, "Některé balíky jsou již objednané.")
        return _shown(asked, first, 208)
    id_ = str(asked.world.serial("orders", FIRST_ORDER))
    made = {"account": asked.account.name, "inner": asked.inner.code, "order_id": id_, "package_ids": ids}
    asked.world.bag["orders"][id_] = made
    for package in packages:
        package.bag |= {"order": id_, "ordered_at": asked.world.now()}
    return _shown(asked, made, 200)


def view(asked: Asked) -> dict[str, Any]:
    """Return an order as it was answered."""
    made = asked.world.bag["orders"].get(asked.more[0]) if len(asked.more) == 1 else None
    if made is None or (made["account"], made["inner"]) != (asked.account.name, asked.inner.code):
        raise Refusal(404, "Objednávka neexistuje.")
    return _shown(asked, made, 200)


def labels(asked: Asked) -> dict[str, Any]:
    """Return where labels are.

    What was ordered is "already processed" (404): its labels are in the order's answer and in `orderview` (6.3). Guess
    in the strict direction; `world.bag["labels_after_order"]` gives them here too.
    """
    packages = asked.packages(asked.ids())
    if any("order" in one.bag for one in packages) and not asked.world.bag.get("labels_after_order"):
        raise Refusal(404, "Balíky již byly objednány.")
    return {"status": 200, "labels_url": papers.labels_url(asked.world, asked.inner.code, _ids(packages))}


def pickup(asked: Asked) -> dict[str, Any]:
    """Order a collection. A `message` in the answer means failure, also beside `status` 200 (6.5)."""
    missing = [name for name in _needed(asked) if asked.told.get(name) in (None, "")]
    if missing:
        return {"status": 406, "message": f"Povinný údaj chybí: {', '.join(missing)}."}
    day = _day(asked.told["date"])
    if day is None or day < asked.world.today(asked.request.at):
        return {"status": 416, "message": "Neplatné datum."}
    why = _window(asked.told) if asked.inner.code != "ppl" else ""
    if why:
        return {"status": 413, "message": why}
    if day.weekday() >= 5:
        return {"status": 200, "message": "Svoz nelze objednat na víkend."}
    id_ = str(asked.world.serial("collections", 30_101))
    kept = {"id": id_, "account": asked.account.name, "inner": asked.inner.code, **asked.told}
    asked.world.bag["collections"].append(kept)
    asked.world.order_car(id_, account=asked.account.name, told=kept)
    return {"status": 200, "pickup_order_id": id_, "confirmed": True} if asked.inner.code == "ppl" else {"status": 200}


def _shown(asked: Asked, made: dict[str, Any], status: int) -> dict[str, Any]:
    world, code = asked.world, asked.inner.code
    return {
        "status": status,
        "order_id": made["order_id"],
        "package_ids": made["package_ids"],
        "handover_url": papers.url(world, code, "handover", [made["order_id"]]),
        "labels_url": papers.labels_url(world, code, made["package_ids"]),
        "file_url": papers.url(world, code, "file", [made["order_id"]]),
    }


def _ids(packages: list[Parcel]) -> list[str]:
    return [package.bag["package_id"] for package in packages]


def _needed(asked: Asked) -> tuple[str, ...]:
    """Return what a collection needs; PPL takes the date and a note (SINGLE)."""
    return ("date",) if asked.inner.code == "ppl" else ("date", "time_from", "time_to", "weight", "package_count")


def _window(told: dict[str, Any]) -> str:
    """Return what is wrong with times, weight or count, "" for nothing."""
    times = [_time(told["time_from"]), _time(told["time_to"])]
    if times[0] is None or times[1] is None or times[0] >= times[1]:
        return "Neplatné časové rozmezí."
    for name in ("weight", "package_count"):
        if isinstance(told[name], bool) or not isinstance(told[name], int | float) or told[name] <= 0:
            return f"Neplatná hodnota: {name}."
    return ""


def _day(told: object) -> date | None:
    try:
        return date.fromisoformat(told) if isinstance(told, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", told) else None
    except ValueError:
        return None


def _time(told: object) -> time | None:
    try:
        return time.fromisoformat(told) if isinstance(told, str) and re.fullmatch(r"\d\d:\d\d", told) else None
    except ValueError:
        return None


METHODS: dict[str, Method] = {"order": order, "orderview": view, "labels": labels, "orderpickup": pickup}
