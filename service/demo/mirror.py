"""What the service's database says, read with the superuser's eyes: the story waits for it, the verdict counts it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, LiteralString, cast

import psycopg
from psycopg.rows import dict_row

from service.demo.merchants import Merchant

Row = dict[str, Any]
LOOK_EVERY_S = 0.1


class NotInTime(Exception):
    """What the story waits for did not happen; the message says how far it came."""


@dataclass(frozen=True)
class Mirror:
    """The database of a running demo."""

    url: str = field(repr=False)

    def rows(self, statement: LiteralString, **params: object) -> list[Row]:
        """Return what a question to the database brings."""
        with psycopg.connect(self.url) as conn, conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement, params).fetchall()

    def number(self, statement: LiteralString, **params: object) -> Any:  # whatever was asked for
        """Return the only value of the only row."""
        [row] = self.rows(statement, **params)
        [value] = row.values()
        return value


def until(claim: Callable[[], bool], *, within_s: float, what: Callable[[], str]) -> float:
    """Wait for a claim to hold and return how long it took, in seconds; raise NotInTime."""
    began = time.monotonic()
    while not claim():
        if time.monotonic() - began > within_s:
            raise NotInTime(f"not within {within_s:.0f} s: {what()}")
        Event().wait(LOOK_EVERY_S)
    return time.monotonic() - began


TENANT = "SELECT tenant_id FROM tenants WHERE token = %(token)s"


def tenant_of(mirror: Mirror, merchant: Merchant) -> str:
    """Return our name of a shop."""
    return mirror.number(TENANT, token=merchant.token)


STEPS = """
    SELECT step, state, pages_done, pages_all, why
    FROM activation_steps
    WHERE tenant_id = %(tenant_id)s
    ORDER BY place
"""


def steps(mirror: Mirror, tenant_id: str) -> list[Row]:
    """Return how far the activation of a shop has come."""
    return mirror.rows(STEPS, tenant_id=tenant_id)


OPEN = """
    SELECT (SELECT count(*) FROM deliveries WHERE expanded_at IS NULL)
         + (SELECT count(*) FROM hints WHERE due_at IS NOT NULL AND parked IS NULL AND due_at < %(by)s)
         + (SELECT count(*) FROM activation_steps WHERE due_at IS NOT NULL) AS open
"""


def open_work(mirror: Mirror, *, by: datetime) -> int:
    """Return how many rows are still due by a time."""
    return mirror.number(OPEN, by=by)


STILL_DUE = """
    SELECT hints.lane, hints.key, hints.due_at, hints.tries, readings.rests_until
    FROM hints
    LEFT JOIN readings ON readings.tenant_id = hints.tenant_id AND readings.lane = hints.lane
    WHERE hints.due_at < %(by)s AND hints.parked IS NULL
    ORDER BY hints.due_at
    LIMIT 5
"""


def still_due(mirror: Mirror, *, by: datetime) -> str:
    """Return what is due by a time, in words for whoever has to look."""
    return "; ".join(
        f"{row['lane']} {row['key'] or 'look'} at {row['due_at']:%T}, rests until {row['rests_until'] or '-'}"
        for row in mirror.rows(STILL_DUE, by=by)
    )


HELD_ORDERS = "SELECT order_number AS id, state, content FROM orders WHERE tenant_id = %(tenant_id)s"
HELD_PRODUCTS = "SELECT product_id::text AS id, state, content FROM products WHERE tenant_id = %(tenant_id)s"


@dataclass
class Difference:
    """How a mirror differs from its shop: records it lacks, shows otherwise, or believes dead."""

    compared: int = 0
    missing: list[str] = field(default_factory=list[str])
    stale: list[str] = field(default_factory=list[str])
    falsely_dead: list[str] = field(default_factory=list[str])
    undead: list[str] = field(default_factory=list[str])

    def told(self) -> dict[str, Any]:
        """Return the counts, and a few names of each kind for whoever has to look."""
        kinds = {name: getattr(self, name) for name in ("missing", "stale", "falsely_dead", "undead")}
        some = {name: numbers[:5] for name, numbers in kinds.items() if numbers}
        return {"compared": self.compared, **{name: len(numbers) for name, numbers in kinds.items()}, "some": some}


def compare(mirror: Mirror, merchant: Merchant, what: str) -> Difference:
    """Hold every order or product of the shop against the mirror, field by field."""
    held_statement: LiteralString = HELD_ORDERS if what == "order" else HELD_PRODUCTS
    held = {row["id"]: row for row in mirror.rows(held_statement, tenant_id=tenant_of(mirror, merchant))}
    difference = Difference()
    for told in merchant.truth(what):
        difference.compared += 1
        ours = held.pop(str(told["id"]), None)
        _note(difference, told, ours)
    difference.undead.extend(number for number, row in held.items() if row["state"] == "live")
    return difference


def _note(difference: Difference, told: Row, ours: Row | None) -> None:
    number = str(told["id"])
    if told["deleted"]:
        if ours and ours["state"] == "live":
            difference.undead.append(number)
    elif ours is None:
        difference.missing.append(number)
    elif ours["state"] != "live":
        difference.falsely_dead.append(number)
    elif not (ours["content"] == told["record"] if told["kind"] == "order" else shows(ours["content"], told["record"])):
        difference.stale.append(number)


def shows(ours: Any, told: Any) -> bool:  # any JSON value
    """Say whether all we mirror is the shop's: an order whole, of a product what the simple list has (4.7.2)."""
    if isinstance(ours, dict) and isinstance(told, dict):
        left, right = cast("Row", ours), cast("Row", told)
        return left.keys() <= right.keys() and all(shows(left[name], right[name]) for name in left)
    if isinstance(ours, list) and isinstance(told, list):
        some, every = cast("list[Any]", ours), cast("list[Any]", told)
        return len(some) == len(every) and all(map(shows, some, every))
    return ours == told
