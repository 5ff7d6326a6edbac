"""The book of the warehouse: all it saw and did, in order, each line with its time; nothing personal is in it.

Everything else here follows from the lines. With a file they are kept, and a warehouse that starts anew goes on there.

What a line may be: `offer` (a state of an order as the feed showed it), `page` (a cursor), `acking` (begun), `ack`
(heard), `post` (begun), `results` (heard), `turned_away` (a post refused whole), `lost` (an answer thrown away on
purpose), `corrected`, `voided`, `seen` (a shipment looked at), `turned_down` (one of these three refused), `unheard`,
`deviation`.
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, TypeAlias

from simulator.wms.codes import as_kept

Key: TypeAlias = tuple[str, str]  # tenant and order number
Line: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Shipped:
    """One shipment the door accepted."""

    id: str
    key: Key
    final: bool
    left_already: bool
    parcels: list[dict[str, Any]]
    """As the door keeps them, codes clean; how they were sent stands in the line `post`."""
    posted_at: str
    took_s: float
    state: str | None
    """What the feed had said of the order when it was posted."""
    revision: int
    voided_at: str | None = None
    corrected: int = 0
    write_back: str | None = None


@dataclass(slots=True)
class Ledger:
    """Lines and what follows from them; `lock` is held by whoever decides on what it reads here."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    file: Path | None = None
    lines: list[Line] = field(default_factory=list)
    offers: dict[Key, list[Line]] = field(default_factory=dict)
    cursor: str | None = None
    acking: dict[Key, int] = field(default_factory=dict)
    """The newest revision whose ack was begun, `answered`: was heard of, `acked`: was accepted."""
    answered: dict[Key, int] = field(default_factory=dict)
    acked: dict[Key, int] = field(default_factory=dict)
    open: dict[str, Line] = field(default_factory=dict)
    """Posts whose answer was not heard, by Idempotency-Key."""
    shipped: dict[str, Shipped] = field(default_factory=dict)
    by_order: dict[Key, list[Shipped]] = field(default_factory=dict)
    refused_at: dict[Key, int] = field(default_factory=dict)
    """The revision an order had in the feed when its shipment was refused."""
    refused: list[Line] = field(default_factory=list)
    deviations: Counter[str] = field(default_factory=Counter)
    lock: RLock = field(default_factory=RLock, repr=False)
    _last: dict[Key, Line] = field(default_factory=dict, repr=False)
    _standing: defaultdict[str, set[Key]] = field(default_factory=lambda: defaultdict(set), repr=False)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            *whole, cut = self.file.read_bytes().split(b"\n")
            for line in whole:
                self._take(json.loads(line))
            if cut:  # a sudden end in the middle of a line; what it would have said, nobody acted on
                os.truncate(self.file, self.file.stat().st_size - len(cut))

    def note(self, what: str, **of: Any) -> Line:
        """Write a line."""
        with self.lock:
            line = {"what": what, "at": stamp(self.now()), **of}
            if self.file is not None:
                with self.file.open("a") as book:
                    book.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._take(line)
            return line

    def last(self, key: Key) -> Line | None:
        """Return what the feed said of an order last; a revision that went back is passed over."""
        return self._last.get(key)

    def standing(self, *states: str) -> list[Line]:
        """Return what the feed said last of every order in these states."""
        return [self._last[key] for state in states for key in self._standing[state]]

    def live(self, key: Key) -> list[Shipped]:
        """Return the shipments of an order that are not voided."""
        return [one for one in self.by_order.get(key, ()) if one.voided_at is None]

    def of(self, *kinds: str) -> list[Line]:
        """Return the lines of these kinds."""
        with self.lock:
            return [line for line in self.lines if line["what"] in kinds]

    def _take(self, line: Line) -> None:
        self.lines.append(line)
        match line["what"]:
            case "offer":
                self._offer(line)
            case "page":
                self.cursor = line["cursor"]
            case "acking" | "ack":
                self._ack(line)
            case "post":
                self.open[line["key"]] = line
            case "results":
                self._results(line)
            case "turned_away":
                self.open.pop(line["key"])
            case "corrected" | "voided" | "seen":
                self._changed(line)
            case "deviation":
                self.deviations[f"{line['call']}: {line['fault']}"] += 1

    def _offer(self, line: Line) -> None:
        key = key_of(line)
        self.offers.setdefault(key, []).append(line)
        known = self._last.get(key)
        if known is None or known["revision"] < line["revision"]:
            if known is not None:
                self._standing[known["state"]].discard(key)
            self._last[key] = line
            self._standing[line["state"]].add(key)

    def _ack(self, line: Line) -> None:
        outcome = line.get("outcome")
        _raise(self.acking, line)
        if outcome is not None:
            _raise(self.answered, line)
        if outcome == "acked":
            _raise(self.acked, line)

    def _results(self, line: Line) -> None:
        post = self.open.pop(line["key"])
        for item, result in zip(post["items"], line["results"], strict=False):
            if result["shipment"] is None:
                self.refused.append({**item, "at": line["at"], "status": result["status"], "code": result["code"]})
                _raise(self.refused_at, item)
                continue
            self._book(
                Shipped(
                    id=result["shipment"],
                    key=key_of(item),
                    final=item["final"],
                    left_already=item["left_already"],
                    parcels=as_kept(item["parcels"]),
                    posted_at=post["at"],
                    took_s=line["took_s"],
                    state=item["state"],
                    revision=result["revision"],
                    write_back=result["write_back"],
                )
            )

    def _book(self, shipped: Shipped) -> None:
        self.shipped[shipped.id] = shipped
        self.by_order.setdefault(shipped.key, []).append(shipped)

    def _changed(self, line: Line) -> None:
        shipped = self.shipped[line["shipment"]]
        shipped.revision, shipped.write_back = line["revision"], line["write_back"]
        if line["what"] == "corrected":
            shipped.parcels, shipped.final = line["parcels"], line["final"]
            shipped.corrected += 1
        elif line["what"] == "voided":
            shipped.voided_at = line["at"]


def key_of(line: Line) -> Key:
    """Return the order a line is about."""
    return line["tenant"], line["number"]


def _raise(newest: dict[Key, int], line: Line) -> None:
    newest[key_of(line)] = max(line["revision"], newest.get(key_of(line), 0))


def stamp(at: datetime) -> str:
    """Return a time with milliseconds, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
