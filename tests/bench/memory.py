"""How much memory a request takes: of the web process, asked by bodies of megabytes, and of the worker behind it.

What a process held at most is told by the kernel (Linux: `VmHWM`, begun anew by `clear_refs`). Each figure is that of a
fresh process, because an allocator keeps what it once had.
"""

import gzip
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import httpx
import psutil

from service.db import Database
from service.inbox import Dial
from service.kit.clock import utc_now
from service.lanes import Lane
from service.steps import expand
from service.tenants import State
from tests.bench.board import Board
from tests.bench.stage import TENANT, Stage, stage

MEBIBYTE = 2**20
SIZES = (1, 4, 8)  # in mebibytes; larger ones are too large
AT_ONCE, EACH = 8, 4
MOST = 2.0  # times the body
BOMB = 256  # mebibytes, unpacked
WARM = 200
DIAL = Dial(interval_s=60, routine_s=1800, wait_s=0.5)


def run(board: Board) -> None:
    """Ask fresh web processes, then a worker."""
    with stage() as stood:
        board.open("memory of a web process")
        for size in SIZES:
            took = asked(stood, [records(size * MEBIBYTE)])
            board.judge(f"one webhook of {size} MiB, times its body", round(took / (size * MEBIBYTE), 2), MOST)
        took = asked(stood, [records(EACH * MEBIBYTE, first=place) for place in range(AT_ONCE)])
        board.judge(
            f"{AT_ONCE} of {EACH} MiB at once, times all of them", round(took / (AT_ONCE * EACH * MEBIBYTE), 2), MOST
        )
        packed = gzip.compress(bytes(BOMB * MEBIBYTE))
        took = asked(stood, [packed], headers={"Content-Encoding": "gzip"})
        board.judge(f"a bomb of {len(packed):,} bytes, times its body", round(took / len(packed), 2), MOST)
        took = asked(stood, [bytes(20 * MEBIBYTE)], path="/addon/install")
        board.tell("20 MiB at a door that takes one, MiB", round(took / MEBIBYTE, 1))
        board.open("memory of a worker")
        for size in SIZES:
            stood.empty()
            asked(stood, [records(size * MEBIBYTE)])
            command = [sys.executable, "-m", "tests.bench.memory", stood.servers.database_url]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            board.tell(
                f"{told['records']:,} records of one webhook of {size} MiB, times its body",
                round(told["took"] / told["size"], 1),
            )


def records(size: int, *, first: int = 0) -> bytes:
    """Return a webhook of about so many bytes, as a shop sends it after a bulk change."""
    one = '{"order_number": "O%08d", "status_id": 12, "status": "Přijatá", "last_update_time": "2026-03-01T12:00:00Z"}'
    count = size // len((one % 0).encode() + b", ")
    listed = ", ".join(one % (place + first * count) for place in range(count))
    return f'{{"project_name": "x", "orders": [{listed}]}}'.encode()


def asked(stood: Stage, bodies: list[bytes], *, path: str | None = None, headers: dict[str, str] | None = None) -> int:
    """Send bodies at once to a fresh process that is warm; return how many bytes it held more than before."""
    with stood.web() as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        [process] = [each for each in psutil.Process().children() if str(port) in each.cmdline()]

        def post(body: bytes) -> None:
            with suppress(httpx.TransportError):  # silence is an answer too: a slow machine is past the deadline
                client.post(path or stood.path(), content=body, headers=headers)

        for place in range(WARM):
            post(records(MEBIBYTE // 8) if place % 20 == 0 else b'{"orders": []}')
        before = begun(process.pid)
        with ThreadPoolExecutor(len(bodies)) as pool:
            list(pool.map(post, bodies))
        return peak(process.pid) - before


def begun(pid: int) -> int:
    """Let the kernel's mark begin anew, and return what the process holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak(pid)


def peak(pid: int) -> int:
    """Return the most a process held since its mark began."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [mark] = [line for line in lines if line.startswith("VmHWM:")]
    return int(mark.split()[1]) * 1024


def expanded(url: str) -> dict[str, int]:
    """Expand what waits, as a worker does; return what that took."""
    with closing(Database(url, size=1)) as db:
        db.open()
        with db.tx(TENANT) as conn:
            row = conn.execute("SELECT size FROM deliveries ORDER BY size DESC LIMIT 1").fetchone()
            conn.execute("DELETE FROM deliveries WHERE size < 1000")
        before = begun(os.getpid())
        with db.tx(TENANT) as conn:
            done = expand.expand(conn, TENANT, Lane.REFRESH_ORDERS, fence=(State.ACTIVE, 1), dial=DIAL, now=utc_now())
        return {"took": peak(os.getpid()) - before, "size": row["size"] if row else 1, "records": done.records}


if __name__ == "__main__":
    print(json.dumps(expanded(sys.argv[1])))
