"""What a bench measured, held against what was asked: one table, and a summary for machines."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.generators import Figures

SUMMARY = Path("var/bench/summary.json")
HEAD = ("part", "figure", "asked", "measured", "")


@dataclass(frozen=True)
class Row:
    """One figure; `hard` ones are claims of correctness and break the bench, the others are told."""

    part: str
    figure: str
    asked: str
    measured: float | str
    holds: bool
    hard: bool

    def cells(self) -> tuple[str, ...]:
        mark = "" if not self.asked else "ok" if self.holds else "BROKEN" if self.hard else "missed"
        measured = f"{self.measured:,g}" if isinstance(self.measured, float) else str(self.measured)
        return self.part, self.figure, self.asked, measured, mark


@dataclass
class Board:
    """The figures of all parts, printed as they come."""

    part: str = ""
    rows: list[Row] = field(default_factory=list)
    began_load: tuple[float, ...] = field(default_factory=os.getloadavg)

    def open(self, part: str) -> None:
        self.part = part
        print(f"{part} (load {os.getloadavg()[0]:.2f})", flush=True)

    def tell(self, figure: str, measured: float | str) -> None:
        """Note what nobody asked a figure for."""
        self._add(Row(self.part, figure, "", measured, holds=True, hard=False))

    def judge(self, figure: str, value: float, limit: float, *, at_least: bool = False, hard: bool = False) -> None:
        holds = value >= limit if at_least else value <= limit
        asked = f"{'>=' if at_least else '<='} {limit:,g}" if limit or at_least else "0"
        measured = value if isinstance(value, float) and value != int(value) else f"{int(value):,}"
        self._add(Row(self.part, figure, asked, measured, holds, hard))

    def answers(self, figures: Figures) -> None:
        """Judge what no receiver may do, and say how far the generator itself can be trusted."""
        self.judge("answers over 750 ms", figures.late, 0, hard=True)
        if figures.late:
            self.tell("of these, counted from when they were really sent", f"{figures.tardy:,}")
        self.judge("lost", figures.lost, 0, hard=True)
        self.tell("sent", f"{figures.sent:,}: answered {figures.statuses}, hung up {figures.hung_up}")
        self.tell("generator's own lag ms", f"p99 {figures.lag_p99}, max {figures.lag_max}")

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        _, figure, asked, measured, mark = row.cells()
        print(f"  {mark:6} {figure}: {measured}{f' ({asked})' if asked else ''}", flush=True)

    def broken(self) -> list[str]:
        return [f"{row.part}: {row.figure}" for row in self.rows if row.hard and not row.holds]

    def missed(self) -> list[str]:
        return [f"{row.part}: {row.figure}" for row in self.rows if not row.hard and not row.holds]

    def table(self) -> str:
        body = [row.cells() for row in self.rows]
        shown = [("" if at and body[at - 1][0] == cells[0] else cells[0], *cells[1:]) for at, cells in enumerate(body)]
        widths = [max(len(cells[column]) for cells in (HEAD, *shown)) for column in range(len(HEAD))]
        ruled = tuple("-" * width for width in widths)
        return "\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in (HEAD, ruled, *shown))

    def machine(self) -> str:
        began, ended = ("/".join(f"{load:.2f}" for load in loads) for loads in (self.began_load, os.getloadavg()))
        return f"{os.cpu_count()} cores, load {began} before, {ended} after"

    def write(self, *, seconds: float, summary: Path = SUMMARY) -> None:
        told: dict[str, Any] = {
            "ok": not self.broken(),
            "machine": self.machine(),
            "seconds": round(seconds, 1),
            "figures": [asdict(row) for row in self.rows],
        }
        summary.parent.mkdir(parents=True, exist_ok=True)
        fresh = summary.with_suffix(f".{os.getpid()}")  # two benches side by side: whole files, the later one stays
        fresh.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        fresh.replace(summary)
