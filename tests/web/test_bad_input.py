"""What is wrong is refused by a clear word or, on a webhook's path, kept and looked into; nothing is half-done.

Over HTTP, every door. Beside it stand the doors' own tests: test_addon (each field, each signature), test_panel (forms,
tickets), test_receiver (addresses, sizes), tests/steps/test_expand (what a body is worth).
"""

import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from service.flows import admit
from service.inbox import LOOK, SAMPLE_BYTES
from service.lanes import Lane
from service.steps import turn
from tests.lifecycle import CREDENTIALS, SECRET, Bench, bench, signed
from tests.web.test_app import serving

DOORS = ("install", "open", "uninstall", "version")
TWENTY_MB = b"x" * 20_000_000
WRONG: list[Any] = [None, 7, True, 1.5, [], ["x"], {}, {"x": 1}, "", "x" * 201, "nul\x00", "two\nlines", "cut;in;two"]
ODD = ["2025/001", "A 1", "📦-7", "a;b", "%2F%00", "'; DROP TABLE orders --", "../../etc/passwd", "<b>", "ž" * 200]
BAD_NUMBERS: list[Any] = ["a\x00b", "", "x" * 256, None, True, 1.5, [], {}]
PANEL = [
    ("GET", "/panel"), ("GET", "/panel/progress"), ("POST", "/panel/account"), ("POST", "/panel/leave"),
    ("GET", "/panel/pack"), ("GET", "/panel/pack/batch/f_aaaaaaaaaaaa"), ("POST", "/panel/pack/book"),
    ("POST", "/panel/pack/print"), ("GET", "/panel/pack/returns"), ("POST", "/panel/pack/returns/ask"),
    ("GET", "/panel/pairing"), ("POST", "/panel/pairing/save"),
    ("GET", "/panel/carriers"), ("POST", "/panel/carriers/login"),
]  # fmt: skip
TABLES = """
    SELECT relname AS name
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    ORDER BY relname
"""


@dataclass
class Site:
    """A served web process with one shop in it, and everything it wrote down."""

    shop: Bench
    tenant: str
    http: httpx.Client
    port: int
    log: pytest.LogCaptureFixture

    def door(self, name: str, body: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(f"/addon/{name}", content=content)

    def hook(self, body: bytes, event: str = "Orders.update", *, tenant: str | None = None) -> httpx.Response:
        subject = f"{tenant or self.tenant}.1/{event}"
        return self.http.post(f"/u/{subject}/{self.shop.rig.settings.hook_mac.sign(subject)}", content=body)

    def body(self, door: str, **other: Any) -> dict[str, Any]:
        """Return a body that the door would take."""
        return self.shop.install_body(**other) if door == "install" else self.shop.short_body(**other)

    def tables(self) -> dict[str, list[str]]:
        """Return every row of the database."""
        with self.shop.rig.db.tx_all("a test looks at everything") as conn:
            names = [row["name"] for row in conn.execute(TABLES).fetchall()]
            told = {name: conn.execute(f"SELECT t::text AS row FROM {name} AS t").fetchall() for name in names}
        return {name: sorted(row["row"] for row in rows) for name, rows in told.items()}

    def expand(self, lane: Lane = Lane.REFRESH_ORDERS) -> None:
        """Take in what was delivered, as the next turn of a worker does."""
        while turn.take_in(self.shop.rig, self.tenant, lane):
            pass

    def hints(self) -> list[str]:
        with self.shop.rig.db.tx(self.tenant) as conn:
            return [row["key"] for row in conn.execute("SELECT key FROM hints ORDER BY key").fetchall()]

    def deliveries(self) -> list[dict[str, Any]]:
        asked = "SELECT event, outcome, records, size, octet_length(body) AS kept FROM deliveries ORDER BY delivery_id"
        with self.shop.rig.db.tx(self.tenant) as conn:
            return conn.execute(asked).fetchall()

    def reasons(self) -> list[str]:
        """Return the log's lines of our own, from warning on; fails when one shows a stack or a secret."""
        records = [record for record in self.log.records if record.name.startswith("service")]
        assert not [record for record in records if record.exc_info]
        for secret in (SECRET, CREDENTIALS.api_key, "h" * 40):
            assert secret not in self.log.text
        return [record.getMessage() for record in records if record.levelno >= logging.WARNING]


@pytest.fixture
def site(database, tmp_path, caplog) -> Iterator[Site]:
    caplog.set_level(logging.INFO, logger="service")
    with bench(database.url, tmp_path) as shop, serving(shop.rig) as served:
        tenant = admit.run(shop.rig, shop.call(), CREDENTIALS)
        shop.watch.pass_s(60)
        yield Site(shop, tenant, served.http, served.port, caplog)


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem an answer is (RFC 9457); it tells nothing of our inside."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    for inside in ("Traceback", ".py", "psycopg", "pydantic", SECRET, CREDENTIALS.api_key):
        assert inside not in answer.text
    return problem


@pytest.mark.parametrize("door", DOORS)
def test_a_call_that_is_not_signed_now_and_by_the_platform_is_401_and_does_nothing(site: Site, door: str) -> None:
    good, before = site.body(door), site.tables()
    unsigned = {name: value for name, value in good.items() if name != "signature_v2"}
    forged = [
        unsigned,
        unsigned | {"signature": "legacy"},
        *(
            good | {"signature_v2": wrong}
            for wrong in ("", "AAAA", "not base64 ž", "=" * 2000, good["signature_v2"][:-8])
        ),
        good | {"signature_v2": signed(good["token"], good["time"], "another-secret")},
        good | {"signature_v2": signed(good["token"], good["time"], SECRET, key=1)},
        good | {"token": "another-shop"},
        site.body(door, time="2026-03-01T11:00:00+00:00"),
        site.body(door, time="2026-03-03T12:00:00+00:00"),
        site.body(door, time="9999-12-31T23:59:59-14:00"),
        site.body(door, time="about noon"),
    ]

    for body in forged:
        assert refused(site.door(door, body), 401)["title"] == "Not accepted"
    assert site.tables() == before
    assert len([line for line in site.reasons() if line.startswith(f"{door} refused")]) == len(forged)


@pytest.mark.parametrize("door", DOORS)
def test_a_field_that_cannot_be_is_400_and_named(site: Site, door: str) -> None:
    before = site.tables()
    for field in ("token", "time"):
        for value in WRONG:
            problem = refused(site.door(door, site.body(door) | {field: value}), 400)
            assert list(problem["fields"]) == [field]
    for field, value in (("signature_v2", 7), ("signature_v2", "x" * 2001), ("current_admin_language", ["cs"])):
        assert list(refused(site.door(door, site.body(door) | {field: value}), 400)["fields"]) == [field]

    assert site.tables() == before
    assert all("refused: " in line for line in site.reasons())


@pytest.mark.parametrize("door", DOORS)
def test_a_body_that_cannot_be_is_refused_by_its_size_or_its_form(site: Site, door: str) -> None:
    before = site.tables()

    for body in (b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"[" * 60_000, b"token=x&time=y", b'{"token": NaN}'):
        refused(site.door(door, body), 400)
    for body in (b"x" * 70_000, TWENTY_MB):
        refused(site.door(door, body), 413)
    refused(site.http.get(f"/addon/{door}"), 405)
    assert site.tables() == before
    assert site.reasons()


@pytest.mark.parametrize(
    "url", ["https://evil.example.org/api/v2", "http://127.0.0.1:1/x/api/v2", "file:///etc/passwd"]
)
def test_a_foreign_address_is_400_though_signed_and_is_not_echoed(site: Site, url: str) -> None:
    before = site.tables()

    for door in ("install", "version"):
        answer = site.door(door, site.shop.install_body(apiUrl=url))
        assert list(refused(answer, 400)["fields"]) == ["apiUrl"]
        assert url not in answer.text
    assert site.tables() == before
    assert all("refused" in line for line in site.reasons())


def test_a_shop_that_is_not_with_us_is_404_at_two_doors_and_fine_at_the_farewell(site: Site) -> None:
    before = site.tables()

    for door in ("open", "version"):
        refused(site.door(door, site.shop.short_body("nobody")), 404)
        site.shop.watch.pass_s(1)
    assert site.door("uninstall", site.shop.short_body("nobody")).json() == {"error": False}
    assert site.tables()["tenants"] == before["tenants"]
    assert [line for line in site.reasons() if "not with us" in line]


def test_the_panel_takes_nothing_from_a_stranger(site: Site) -> None:
    before = site.tables()
    cookies = ["", "panel=", f"panel={site.tenant}.guess", "panel=" + "x" * 3_000, "panel=%00", "a;b=;;="]

    for cookie in cookies:
        for method, path in PANEL:
            assert site.http.request(method, path, headers={"Cookie": cookie}, content=b"a=1").status_code == 401
    for ticket in ("nonsense", f"{site.tenant}.guess", "%00", "%2F..%2F", "📦", "x" * 2_000):
        assert site.http.get(f"/panel/enter/{ticket}").status_code in (404, 410)
    for path in ("/panel/account", "/panel/leave"):
        refused(site.http.post(path, content=TWENTY_MB), 413)
    refused(site.http.put("/panel"), 405)
    refused(site.http.get("/panel/nothing"), 404)
    assert site.tables() == before
    assert site.reasons() == []


BODIES = {
    "nothing": b"",
    "cut": b'{"orders": [{"order_number": "1"',
    "html": b"<html></html>",
    "no object": b'["orders"]',
    "no text": b"\xff\xfe\x00\x01",
    "no list": b'{"orders": {"order_number": "1"}}',
    "another list": b'{"invoices": []}',
    "deep": b"[" * 100_000,
    "twenty megabytes": TWENTY_MB,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_unreadable_webhook_is_204_a_sample_and_a_look(site: Site, body: bytes) -> None:
    answer = site.hook(body)
    site.expand()

    assert (answer.status_code, answer.content) == (204, b"")
    assert site.hints() == [LOOK]
    [row] = site.deliveries()
    assert (row["outcome"], row["size"]) == ("unreadable", len(body))
    assert row["kept"] == min(len(body), SAMPLE_BYTES)
    assert any(f"of {site.tenant}: " in line or "too large" in line for line in site.reasons())


def test_numbers_that_cannot_be_are_set_aside_and_the_odd_ones_are_hints(site: Site) -> None:
    told = [{"order_number": number} for number in (*ODD, *BAD_NUMBERS)] + [7, None, "text"]

    assert site.hook(json.dumps({"orders": told}).encode()).status_code == 204
    site.expand()

    assert site.hints() == sorted([LOOK, *ODD], key=str)
    [row] = site.deliveries()
    assert (row["outcome"], row["records"]) == ("expanded", len(ODD))
    [line] = site.reasons()
    assert f"{len(BAD_NUMBERS) + 3} records set aside" in line


def test_five_thousand_and_one_records_are_all_hints(site: Site) -> None:
    body = json.dumps({"orders": [{"order_number": f"O{place}"} for place in range(5_001)]}).encode()

    assert site.hook(body).status_code == 204
    site.expand()

    assert len(site.hints()) == 5_001
    assert site.deliveries()[0]["records"] == 5_001


@pytest.mark.parametrize(
    "event", ["Labels.create", "Orders", "Orders.explode", "nonsense", "orders.UPDATE", "x" * 300, "Ž.📦"]
)
def test_an_event_nobody_knows_is_204_and_harms_nothing(site: Site, event: str) -> None:
    assert site.hook(b'{"orders": [{"order_number": "1"}]}', event).status_code == 204
    site.expand()

    assert set(site.hints()) <= {"1"}
    assert all(row["outcome"] in ("unknown", "expanded") for row in site.deliveries())
    assert site.reasons() == [] or event.startswith(("x", "Ž"))


def test_a_tenant_nobody_knows_is_204_and_costs_one_row(site: Site) -> None:
    stranger = "t_" + "0" * 16
    before = site.tables()

    assert site.hook(b'{"orders": [{"order_number": "1"}]}', tenant=stranger).status_code == 204
    assert not turn.take_in(site.shop.rig, stranger, Lane.REFRESH_ORDERS)

    after = site.tables()
    assert {name for name in after if after[name] != before[name]} == {"deliveries"}
    assert site.reasons() == []


def test_what_is_no_http_at_all_leaves_the_doors_open(site: Site) -> None:
    for line in (b"\x16\x03\x01\x00", b"POST /u/x HTTP/1.1\r\ncontent-length: -1\r\n\r\n", b"GET / HTTP/9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", site.port)) as wire:
            wire.settimeout(5)
            wire.sendall(line)
            wire.shutdown(socket.SHUT_WR)
            assert b"Traceback" not in wire.recv(4_096)

    assert site.http.get("/health/live").status_code == 200
    assert site.reasons() == []
