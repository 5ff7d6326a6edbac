"""Send webhooks from a process of their own: open loop (a fixed schedule) or closed loop (as fast as answers come).

In the open loop latency counts from the *intended* moment, so a late generator cannot flatter the receiver; it opens a
new connection when none is idle, as the platform would, and an answer later than a second is lost.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from array import array
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

LOST_S = 1.0
LATE_S = 0.75
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Load:
    """What to send: `{n}` in the body becomes the number of the request, or of the record in a body of `records`."""

    port: int
    path: str
    seconds: float
    rate: float = 0.0  # open loop
    connections: int = 0  # closed loop
    records: int = 1
    bad_records: int = 0
    distinct: int = 10**9
    warm_s: float = 0.0
    numbers: str = ""  # a file of order numbers to name in turn, one a line; made-up ones without it
    acked: str = ""  # a file that gets the number of every acknowledged request, 32 bits each


@dataclass
class Figures:
    """What came of it, latencies in milliseconds."""

    sent: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    p50: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    max: float = 0.0
    late: int = 0  # answers of any kind after 750 ms
    tardy: int = 0  # the same from the moment it was really sent: what the receiver can answer for
    lost: int = 0  # a shop would count them as delivered: no answer within a second, or a 204 after it
    hung_up: int = 0  # closed without an answer: sent again, not lost
    unreachable: int = 0  # nobody listened: not sent
    per_second: float = 0.0
    lag_p99: float = 0.0  # the generator's own
    lag_max: float = 0.0

    def acked(self) -> int:
        return self.statuses.get("204", 0) + self.statuses.get("200", 0)


class Line(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.transport: asyncio.Transport
        self.intended: float | None = None  # while an answer is waited for
        self.sent = 0.0
        self.number = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, number: int, intended: float) -> None:
        self.intended = intended
        self.number = number
        self.sent = time.monotonic()
        self.transport.write(self.run.request(number))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end]
        length = LENGTH.search(head)
        if len(self.buffer) < end + 4 + (int(length[1]) if length else 0):
            return
        self.buffer = b""
        if b"connection: close" in head:
            self.transport.close()
        intended, self.intended = self.intended, None
        self.run.answered(self, head[9:12].decode(), intended or 0.0)

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.closed(self, self.intended)


class Run:
    """One load under way."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.idle: list[Line] = []
        self.figures = Figures()
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.lags: list[float] = []
        self.acked = array("I")
        self.ready: dict[int, bytes] = {}  # large bodies are made beforehand
        self.open = 0
        self.number = 0
        self.ends = 0.0
        self.counts_from = 0.0
        self.names = Path(load.numbers).read_bytes().split() if load.numbers else []
        head = f"POST {load.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: "
        self.head = head.encode()

    def request(self, number: int) -> bytes:
        if number in self.ready:
            return self.ready.pop(number)
        body = self.body(number)
        return b"%b%d\r\n\r\n%b" % (self.head, len(body), body)

    def body(self, number: int) -> bytes:
        if self.load.records == 1:
            made_up = b"O%09d" % (number % self.load.distinct)
            return (
                b'{"project_name": "shop.example.com", "orders": [{"order_number": "%b", "last_update_time": '
                b'"2026-03-01T10:00:00+01:00", "status_id": 12, "status": "P\xc5\x99ijat\xc3\xa1 a zaplacena"}]}'
            ) % (self.names[number % len(self.names)] if self.names else made_up)
        first = number * self.load.records
        records: list[dict[str, Any]] = [
            {
                "order_number": f"O{(first + place) % self.load.distinct:09d}",
                "last_update_time": f"2026-03-01T10:00:{place % 60:02}+01:00",
                "status_id": 12,
                "status": "Přijatá",
            }
            for place in range(self.load.records - self.load.bad_records)
        ]
        records += [{"order_number": None}] * self.load.bad_records
        return json.dumps({"project_name": "shop.example.com", "orders": records}).encode()

    def answered(self, line: Line, status: str, intended: float) -> None:
        now = time.monotonic()
        self.open -= 1
        took = now - intended
        if self.load.acked and status == "204":
            self.acked.append(line.number)
        if intended >= self.counts_from:
            self.statuses[status] += 1
            self.latencies.append(took)
            self.figures.late += took > LATE_S
            self.figures.tardy += now - line.sent > LATE_S
            self.figures.lost += took > LOST_S and status in ("200", "204")
        if self.load.connections:
            if now < self.ends and not line.transport.is_closing():
                self.next(line, now)
        elif not line.transport.is_closing():
            self.idle.append(line)

    def closed(self, line: Line, intended: float | None) -> None:
        if line in self.idle:
            self.idle.remove(line)
        if intended is not None:
            self.open -= 1
            took = time.monotonic() - intended
            self.figures.hung_up += 1
            self.figures.lost += took > LOST_S

    def next(self, line: Line, intended: float) -> None:
        self.number += 1
        self.open += 1
        self.figures.sent += intended >= self.counts_from
        line.send(self.number, intended)

    async def line(self) -> Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: Line(self), "127.0.0.1", self.load.port)
        return line

    async def send_open(self, intended: float) -> None:
        if not self.idle:
            try:
                self.idle.append(await self.line())
            except OSError:
                self.figures.unreachable += 1
                return
        self.next(self.idle.pop(), intended)

    async def open_loop(self) -> None:
        if self.load.records > 1:
            self.ready = {turn: self.request(turn) for turn in range(1, int(self.load.rate * self.load.seconds) + 1)}
        began = time.monotonic() + 0.1
        self.counts_from = began
        tasks: set[asyncio.Task[None]] = set()
        for turn in range(int(self.load.rate * self.load.seconds)):
            intended = began + turn / self.load.rate
            wait = intended - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            self.lags.append(max(0.0, time.monotonic() - intended))
            if self.idle:
                self.next(self.idle.pop(), intended)
            else:
                task = asyncio.create_task(self.send_open(intended))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        await self.quiet(began + self.load.seconds + 3)

    async def closed_loop(self) -> None:
        lines = [await self.line() for _ in range(self.load.connections)]
        began = time.monotonic()
        self.counts_from = began + self.load.warm_s
        self.ends = self.counts_from + self.load.seconds
        for line in lines:
            self.next(line, began)
        await asyncio.sleep(self.ends - began)
        await self.quiet(self.ends + 2)

    async def quiet(self, until: float) -> None:
        while self.open and time.monotonic() < until:
            await asyncio.sleep(0.01)
        self.figures.lost += self.open
        for line in self.idle:
            line.intended = None
            line.transport.abort()

    async def go(self) -> Figures:
        await (self.closed_loop() if self.load.connections else self.open_loop())
        figures = self.figures
        figures.statuses = dict(self.statuses)
        figures.per_second = round(figures.acked() / self.load.seconds, 1)
        took, lags = sorted(self.latencies), sorted(self.lags)
        figures.p50, figures.p99, figures.p999 = (at(took, part) for part in (0.5, 0.99, 0.999))
        figures.max = at(took, 1.0)
        figures.lag_p99, figures.lag_max = at(lags, 0.99), at(lags, 1.0)
        return figures


def at(ordered: list[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2) if ordered else 0.0


def start(load: Load) -> subprocess.Popen[bytes]:
    """Start a generator; `finish` waits for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.generators", json.dumps(asdict(load))], stdout=subprocess.PIPE
    )


def finish(process: subprocess.Popen[bytes]) -> Figures:
    out, _ = process.communicate()
    assert process.returncode == 0
    return Figures(**json.loads(out))


def main(load: Load) -> None:
    run = Run(load)
    figures = asyncio.run(run.go())
    if load.acked:
        Path(load.acked).write_bytes(run.acked.tobytes())
    print(json.dumps(asdict(figures)))


if __name__ == "__main__":
    main(Load(**json.loads(sys.argv[1])))
