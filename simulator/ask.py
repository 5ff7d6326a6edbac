"""One authenticated call as an endpoint sees it: path, query and body by name; and what an endpoint may return."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.faults import Fault
from simulator.shop import ApiUser, Record, Shop
from simulator.wire import Request, as_bool, as_int, parse_date

if TYPE_CHECKING:
    from simulator.state import World

MOST_ITEMS = 100  # in one PUT or POST; 101 are refused whole (contract 1.3)


class Refused(Exception):
    """The call is answered with an error status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(slots=True)
class Page:
    """A list answer. `items` are rendered already; `page` None = a list without paging (contract 1.9)."""

    root: str
    items: list[bytes]
    page: int | None = None
    per_page: int = 100
    total: int = 0
    more: Record = field(default_factory=dict)
    """Further root fields, instead of the paging ones."""


@dataclass(frozen=True, slots=True)
class Document:
    """An answer that is not JSON."""

    content_type: str
    body: bytes


@dataclass(slots=True)
class Ask:
    """A call to one endpoint. `pretend`: answer as if it were done and do nothing (`silent`, `late_answered`)."""

    world: "World"
    shop: Shop
    user: ApiUser
    request: Request
    method: str
    template: str
    path: dict[str, str]
    now: datetime
    pretend: bool = False
    items: int = 0
    """How many items the call asked for or sent; for the log."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """What befalls the call, by kind."""

    def befalls(self, kind: str, number: str) -> bool:
        """Say whether a fault of this kind befalls the item of this order."""
        return kind in self.faults and self.faults[kind].concerns(number)

    def first(self, name: str) -> str | None:
        """Return a path or query parameter, None when it was not sent."""
        if name in self.path:
            return self.path[name]
        return next((value for key, value in self.request.query if key == name), None)

    def many(self, name: str) -> list[str] | None:
        """Return a list parameter: `a;b`, or repeated as `name[]` (contract 1.3). None when it was not sent."""
        found = [value for key, value in self.request.query if key in (name, f"{name}[]")]
        if not found:
            return None
        return [part.strip() for value in found for part in value.split(";") if part.strip()]

    def flag(self, name: str) -> bool | None:
        """Return a boolean parameter."""
        text = self.first(name)
        if text is None or text == "":
            return None
        value = as_bool(text)
        if value is None:
            raise Refused(400, f"Neplatná hodnota parametru {name}")  # guess: how a bad filter is answered
        return value

    def date(self, name: str) -> int | None:
        """Return a date parameter as a Unix second."""
        text = self.first(name)
        if not text:
            return None
        at = parse_date(text)
        if at is None:
            raise Refused(400, f"Neplatné datum v parametru {name}")  # guess: how a bad filter is answered
        return int(at.timestamp())

    def number(self, name: str) -> int | None:
        """Return a whole-number parameter."""
        text = self.first(name)
        if text is None or text == "":
            return None
        value = as_int(text)
        if value is None:
            raise Refused(400, f"Neplatná hodnota parametru {name}")  # guess: how a bad filter is answered
        return value

    def numbers(self, name: str) -> list[int] | None:
        """Return a list parameter of whole numbers; what is none is passed over."""
        texts = self.many(name)
        return None if texts is None else [value for text in texts if (value := as_int(text)) is not None]

    @property
    def page(self) -> int:
        """The page asked for, 1 when none was."""
        return max(1, self.number("page") or 1)

    def body(self) -> Record:
        """Return the JSON body; 400 when it is no JSON or no object (contract 1.3)."""
        try:
            value = json.loads(self.request.body)
        except ValueError:
            raise Refused(400, "Tělo požadavku není platný JSON") from None
        if not isinstance(value, dict):
            raise Refused(400, "Kořenem těla musí být JSON object")
        return value

    def batch(self, body: Record, root: str) -> list[Record]:
        """Return the items of a write; 413 above a hundred, 400 when they are no list of objects."""
        rows: Any = body.get(root)
        if isinstance(rows, list) and len(rows) > MOST_ITEMS:
            self.shop.stats.breach("too_many_items")
            raise Refused(413, f"Požadavek může obsahovat nejvýše {MOST_ITEMS} položek")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused(400, f"Očekává se pole objektů {root}")  # guess: how a missing or odd root is answered
        self.items = len(rows)
        return rows

    def paged(self, root: str, rows: list[Any], render: Any, per_page: int = 100) -> Page:
        """Return the asked page of the rows found; a page beyond the last one is empty."""
        start = (self.page - 1) * per_page
        shown = rows[start : start + per_page]
        return Page(root, [render(row) for row in shown], self.page, per_page, len(rows))
