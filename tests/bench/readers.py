"""Read the feed of `/wms/v1` from a process of their own: threads with a connection each, a long poll after the other.

Says `ready` when every reader stands at the end of the feed. When its stdin ends, each reads to the end once more; then
one line tells what each got, when: `[[[shop, number, revision, seconds], …], …]`. The clock is the machine's monotonic
one, so whoever commits can say how long it took.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

Seen: TypeAlias = tuple[str, str, int, float]

LIMIT = 500


@dataclass(frozen=True)
class Crowd:
    """How many read where, with whose token."""

    port: int
    token: str
    readers: int
    wait_s: int = 25


@dataclass
class Reader:
    """One of them."""

    crowd: Crowd
    over: threading.Event
    caught_up: threading.Event = field(default_factory=threading.Event)
    seen: list[Seen] = field(default_factory=list[Seen])
    cursor: str = ""

    def read_on(self) -> None:
        door = http.client.HTTPConnection("127.0.0.1", self.crowd.port, timeout=self.crowd.wait_s + 10)
        while not self.over.is_set():
            wait_s = self.crowd.wait_s if self.caught_up.is_set() else 0
            if not self.take(self.ask(door, wait_s)):
                self.caught_up.set()
        while self.take(self.ask(door, 0)):
            pass
        door.close()

    def ask(self, door: http.client.HTTPConnection, wait_s: int) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.crowd.token}"}
        door.request("GET", f"/wms/v1/orders?limit={LIMIT}&wait={wait_s}&after={self.cursor}", headers=headers)
        answer = door.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {body[:200]!r}")
        return json.loads(body)

    def take(self, page: dict[str, Any]) -> int:
        now = time.monotonic()
        self.seen += [(order["tenant"], order["number"], order["revision"], now) for order in page["orders"]]
        self.cursor = page["cursor"]
        return len(page["orders"])


def main(crowd: Crowd) -> None:
    over = threading.Event()
    readers = [Reader(crowd, over) for _ in range(crowd.readers)]
    threads = [threading.Thread(target=reader.read_on) for reader in readers]
    for thread in threads:
        thread.start()
    for reader in readers:
        reader.caught_up.wait()
    print("ready", flush=True)
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps([reader.seen for reader in readers]))


def start(crowd: Crowd) -> subprocess.Popen[str]:
    """Start the readers and return when they stand at the end of the feed; `finish` waits for them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.readers", json.dumps(asdict(crowd))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline().strip() == "ready"
    return process


def finish(process: subprocess.Popen[str]) -> list[list[Seen]]:
    out, _ = process.communicate("")
    assert process.returncode == 0
    return [[(shop, number, revision, at) for shop, number, revision, at in seen] for seen in json.loads(out)]


if __name__ == "__main__":
    main(Crowd(**json.loads(sys.argv[1])))
