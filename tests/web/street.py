"""Every door of a served web process with somebody who knows it: a shop, a warehouse, a merchant; and a judge."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.flows import open as opening
from service.kit.log import JsonLines
from service.lanes import Lane
from service.rig import Rig
from service.steps import turn
from service.steps.lifecycle import Endpoint
from tests.dock import Dock
from tests.lifecycle import CREDENTIALS, SECRET, bench
from tests.web.test_app import serving

PERSON = {"name": "Evžena Tajná", "email": "tajna@example.com", "phone": "+420 777 999 111"}
INSIDE = ("Traceback", 'File "', "psycopg", "pydantic", "starlette", "hypothesis", "SELECT ", "INSERT ")
ORDERS = [f"O{place}" for place in range(100)]
WEBHOOKS = (Lane.REFRESH_ORDERS, Lane.REFRESH_PRODUCTS, Lane.REFRESH_STATUSES, Lane.REFRESH_SHIPPING)
LINES = JsonLines()
AGAIN = 20


@dataclass
class Street:
    """The doors, what opens them, and how much was sent through them."""

    dock: Dock
    http: httpx.Client
    port: int
    log: pytest.LogCaptureFixture
    tenant: str
    token: str  # of the warehouse
    cookie: str = ""  # of the merchant
    form_token: str = ""
    answers: Counter[int] = field(default_factory=Counter[int])
    made: int = 0
    secrets: list[str] = field(default_factory=list[str])

    @property
    def rig(self) -> Rig:
        return self.dock.bench.rig

    def fresh(self) -> int:
        """Return a number nobody used before."""
        self.made += 1
        return self.made

    def ask(self, method: str, path: str, **said: Any) -> httpx.Response:
        """Send a request, and judge whatever comes back, by the rules of every door but the webhooks'."""
        answer = self._send(method, path, **said)
        status = answer.status_code
        assert status < 500 or status == 503, (status, answer.text)
        if status >= 400 and method != "HEAD":
            self._refused(answer, is_page=path.startswith("/panel"))
        self._tells_nothing(answer.text)
        return answer

    def hook(self, body: bytes, event: str = "Orders.update", *, path: str | None = None) -> None:
        """Deliver a webhook until it is acknowledged, as the platform does."""
        path = self.address(event) if path is None else path
        for _ in range(AGAIN):
            with suppress(httpx.RemoteProtocolError):  # silence means the same as 503: past its deadline it hangs up
                if (answer := self._send("POST", path, content=body)).status_code != 503:
                    assert (answer.status_code, answer.content) == (204, b"")
                    return
        raise AssertionError(f"refused {AGAIN} times")

    def address(self, event: str = "Orders.update") -> str:
        subject = f"{self.tenant}.1/{event}"
        return f"/u/{subject}/{self.rig.settings.hook_mac.sign(subject)}"

    def expand(self) -> None:
        """Take in what was delivered, as the next turns of the workers do."""
        for lane in WEBHOOKS:
            while turn.take_in(self.rig, self.tenant, lane):
                pass

    def hints(self) -> set[str]:
        with self.rig.db.tx(self.tenant) as conn:
            return {row["key"] for row in conn.execute("SELECT key FROM hints").fetchall()}

    def unsettled(self) -> int:
        """Return how many deliveries nobody could expand."""
        with self.rig.db.tx(self.tenant) as conn:
            found = conn.execute("SELECT 1 FROM deliveries WHERE expanded_at IS NULL OR tries > 0").fetchall()
        return len(found)

    def enter(self) -> None:
        """Open the panel, as the admin does."""
        self.dock.bench.watch.pass_s(1)
        ticket = opening.run(self.rig, self.dock.bench.call(Endpoint.OPEN, token="alfa"), language="en")
        entered = self.http.get(f"/panel/enter/{ticket}")
        self.cookie = entered.headers["set-cookie"].partition(";")[0].partition("=")[2]
        page = self.http.get("/panel", headers={"Cookie": f"panel={self.cookie}"}).text
        self.form_token = re.findall(r'name="form_token" value="([0-9a-f]+)"', page)[0]
        self.secrets += [self.cookie, self.form_token, str(ticket)]

    def judge_the_log(self) -> None:
        """Fail when the log shows a bug, a secret or a person; forget it."""
        records = [record for record in self.log.records if record.name.startswith(("service", "uvicorn"))]
        assert [
            LINES.format(record) for record in records if record.exc_info or record.levelno >= logging.CRITICAL
        ] == []
        said = "\n".join(map(LINES.format, records))
        assert [secret for secret in (*self.secrets, *PERSON.values()) if secret in said] == []
        self.log.clear()

    def _send(self, method: str, path: str, **said: Any) -> httpx.Response:
        answer = self.http.request(method, path, timeout=30, **said)
        self.answers[answer.status_code] += 1
        return answer

    def _refused(self, answer: httpx.Response, *, is_page: bool) -> None:
        kind = answer.headers.get("content-type", "")
        if kind == "application/problem+json":
            problem = answer.json()
            assert (problem["type"], problem["status"]) == ("about:blank", answer.status_code)
            assert problem["title"]
        else:
            ready = answer.request.url.path == "/health/ready" and answer.status_code == 503
            assert ready or (is_page and (kind.startswith("text/html") or not answer.content)), (answer, kind)

    def _tells_nothing(self, text: str) -> None:
        assert [word for word in (*INSIDE, SECRET, CREDENTIALS.api_key) if word in text] == []


@contextmanager
def opened(database_url: str, folder: Path, log: pytest.LogCaptureFixture) -> Iterator[Street]:
    """Serve every door to a live shop whose orders are released, and to the warehouse that ships for it."""
    (folder / "spool").mkdir()
    log.set_level(logging.INFO, logger="service")
    with bench(database_url, folder, spool_folder=folder / "spool") as made, serving(made.rig) as site:
        dock = Dock(made)
        tenant = dock.shop("alfa", *ORDERS)
        token = dock.token(dock.warehouse(tenant))
        secrets = [SECRET, CREDENTIALS.api_key, "h" * 40, token]
        yield Street(dock, site.http, site.port, log, tenant, token, secrets=secrets)
