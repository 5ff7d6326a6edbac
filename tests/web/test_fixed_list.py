"""The fixed list of bad input, by the words it was asked in: what each door makes of it, and where the rest is tested.

What a webhook names is a hint whatever stands beside it; what cannot be read as a whole is a look at all that changed.
"""

import asyncio
import gzip
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from service.inbox import LOOK
from service.web.app import posts
from tests.lifecycle import API_URL, SECRET, START, signed
from tests.web import street
from tests.web.street import ORDERS, Street

DEEP = "[" * 10_000 + "]" * 10_000
BOMB = gzip.compress(bytes(2**24))
A, B = '{"order_number": "A"}', '{"order_number": "B"}'
MANY = {f"M{place}" for place in range(5_001)}
ANYWHERE = {"empty": b"", "not JSON": b"<html></html>", "array": b"[]", "gzip bomb": BOMB}

# Of each word: what a webhook says, and the hints it makes.
WEBHOOKS: dict[str, tuple[bytes, set[str]]] = {
    **{word: (body, {LOOK}) for word, body in ANYWHERE.items()},
    "duplicate keys": (f'{{"orders": [{A}], "orders": [{B}]}}'.encode(), {"A", "B", LOOK}),
    "NaN": (
        b'{"n": NaN, "orders": [{"order_number": "A", "status_id": NaN}, {"order_number": Infinity}]}',
        {"A", LOOK},
    ),
    "10^400": (f'{{"orders": [{A}, {{"order_number": {10**400}}}, {{"order_number": 1e400}}]}}'.encode(), {"A", LOOK}),
    "lone surrogates": (
        f'{{"project_name": "\\ud800", "orders": [{A}, {{"order_number": "\\ud83d"}}]}}'.encode(),
        {"A", LOOK},
    ),
    "NUL": (f'{{"project_name": "a\0", "orders": [{A}, {{"order_number": "\\u0000"}}]}}'.encode(), {"A", LOOK}),
    "BOM": (f'{{"orders": [{A}]}}'.encode("utf-8-sig"), {"A"}),
    "windows-1250": (f'{{"project_name": "Žižkův obchůdek", "orders": [{A}]}}'.encode("cp1250"), {"A", LOOK}),
    "10,000 levels deep": (f'{{"x": {DEEP}, "orders": [{A}]}}'.encode(), {LOOK}),
    "5,001 records": (json.dumps({"orders": [{"order_number": each} for each in MANY]}).encode(), MANY),
    "the same order twice": (f'{{"orders": [{A}, {A}]}}'.encode(), {"A"}),
    "missing project_name": (f'{{"orders": [{A}]}}'.encode(), {"A"}),
    "foreign project_name": (f'{{"project_name": ["not", 1], "orders": [{A}]}}'.encode(), {"A"}),
}

# Of each word: what stands before the closing brace of a call that is good otherwise, and the answer.
LIFECYCLE: dict[str, tuple[str, int]] = {
    "duplicate keys": (', "token": "alfa"', 200),  # the last one counts, and only it was signed
    "NaN": (', "version": NaN', 400),
    "10^400": (f', "version": {10**400}', 400),
    "lone surrogates": (', "token": "\\ud800"', 400),
    "NUL": (', "token": "\\u0000"', 400),
    "10,000 levels deep": (f', "x": {DEEP}', 400),
}
DOORS = {"install": ("apiUser", "apiKey", "apiUrl"), "open": (), "uninstall": (), "version": ()}
CREDENTIALS = {"apiUser": "addon-7", "apiKey": "key-of-the-shop", "apiUrl": API_URL}

ITEM: dict[str, Any] = {"tenant": "", "order": "O1", "final": True, "parcels": [{"carrier": "ppl"}]}
# Of each word: what becomes of the item, and of the good one beside it; a number: the request is refused whole.
SHIPMENTS: dict[str, tuple[dict[str, str], int | list[int]]] = {
    "duplicate keys": ({'"final": true': '"final": true, "final": false'}, 400),
    "NaN": ({'"final": true': '"final": NaN'}, 400),
    "10^400": ({'"carrier": "ppl"': f'"carrier": "ppl", "weight_g": {10**400}'}, [422, 201]),
    "lone surrogates": ({'"O1"': '"\\ud800"'}, 400),
    "NUL": ({'"O1"': '"O\\u0000"'}, [422, 201]),
    "10,000 levels deep": ({'"final": true': f'"final": {DEEP}'}, 400),
    "the same order twice": ({'"O1"': '"O2"'}, [201, 409]),
}

# What is not a body, or needs more than one: where it is tested.
ELSEWHERE = {
    "wrong content length": "test_fixed_list.py::test_a_wrong_content_length_costs_its_own_request",
    "slow body": "test_fixed_list.py::test_a_slow_body_is_not_waited_for",
    "slow body, in process": "test_receiver.py::test_a_body_that_does_not_come_is_given_up_too",
    "connection cut": "test_fixed_list.py::test_a_connection_cut_in_the_middle_leaves_nothing",
    "gzip bomb, its memory": "test_memory.py::test_a_bomb_is_not_unpacked",
    "wrong order of fields": "test_fixed_list.py::test_a_signature_over_other_values_or_in_another_order_is_refused",
    "missing field": "test_fixed_list.py::test_a_missing_field_is_named",
    "expired time": "test_bad_input.py::test_a_call_that_is_not_signed_now_and_by_the_platform_is_401_and_does_nothing",
    "; inside a value": "test_addon.py::test_values_cannot_be_cut_in_another_way_under_one_signature",
    "other endpoint's signature": "test_addon.py::test_a_signature_is_good_at_one_door",
    "replay": "test_addon.py::test_a_call_older_than_the_last_one_is_refused",
    "rotated key": "test_addon.py::test_a_rotated_key_is_taken_over",
    "Retry-After": "../platform/test_answers.py::test_a_429_says_when_to_come_back",
    "Retry-After, garbage": "../platform/test_answers.py::test_no_retry_after_breaks_anything_or_stops_a_shop_for_long",
}


@pytest.fixture
def doors(database, tmp_path, caplog) -> Iterator[Street]:
    with street.opened(database.url, tmp_path, caplog) as opened:
        yield opened
        opened.judge_the_log()


@pytest.mark.parametrize("word", WEBHOOKS)
def test_a_webhook_is_acknowledged_and_what_it_names_is_a_hint(doors: Street, word: str) -> None:
    body, hints = WEBHOOKS[word]
    doors.hook(body)
    doors.expand()

    assert doors.hints() == hints
    assert doors.unsettled() == 0


def test_a_lifecycle_call_is_refused_or_understood(doors: Street) -> None:
    for door in ("install", "open", "version"):
        good = json.dumps(call(door))
        bodies = {**{word: (body, 400) for word, body in ANYWHERE.items()}, "BOM": (good.encode("utf-8-sig"), 400)}
        bodies |= {word: (f"{good[:-1]}{more}}}".encode(), status) for word, (more, status) in LIFECYCLE.items()}
        bodies["windows-1250"] = (f'{good[:-1]}, "x": "Žižkův"}}'.encode("cp1250"), 400)
        bodies["5,001 records"] = (f'{good[:-1]}, "x": {["x"] * 5_001}}}'.replace("'", '"').encode(), 200)
        answers = {
            word: doors.ask("POST", f"/addon/{door}", content=body).status_code for word, (body, _) in bodies.items()
        }

        assert answers == {word: status for word, (_, status) in bodies.items()}


def call(door: str, *, order: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Return a good call, or one signed over other values."""
    time = START + timedelta(
        seconds=list(DOORS).index(door)
    )  # two doors sign the same values: never at the same moment
    said = {"token": "alfa", "version": 1, "time": time.isoformat()} | (CREDENTIALS if door == "install" else {})
    names = ("token", *DOORS[door], "time") if order is None else order
    return {**said, "signature_v2": signed(*(str(said[name]) for name in names), SECRET)}


def test_a_shipment_is_refused_alone_or_the_request_whole(doors: Street) -> None:
    items = [json.dumps({**ITEM, "tenant": doors.tenant, "order": order}) for order in ORDERS[1:3]]
    whole = f'{{"shipments": [{", ".join(items)}]}}'
    bodies: dict[str, tuple[bytes, int | list[int]]] = {word: (body, 400) for word, body in ANYWHERE.items()}
    bodies |= {
        "BOM": (whole.encode("utf-8-sig"), 400),
        "windows-1250": (whole.replace("ppl", "žpl").encode("cp1250"), 400),
    }
    bodies["5,001 records"] = (f'{{"shipments": [{", ".join(["7"] * 5_001)}]}}'.encode(), 422)
    for word, (changes, becomes) in SHIPMENTS.items():
        first = items[0]
        for good, bad in changes.items():
            first = first.replace(good, bad)
        bodies[word] = (f'{{"shipments": [{first}, {items[1]}]}}'.encode(), becomes)

    for word, (body, becomes) in bodies.items():
        answer = posted(doors, body, key=word.replace(" ", "_"))
        results = (
            [each["status"] for each in answer.json()["results"]] if answer.status_code == 200 else answer.status_code
        )
        assert results == becomes, word
        void(doors, answer)


def posted(doors: Street, body: bytes, *, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {doors.token}", "Idempotency-Key": key, "Content-Encoding": "gzip"}
    return doors.ask("POST", "/wms/v1/shipments", content=body, headers=headers)


def void(doors: Street, answer: httpx.Response) -> None:
    """Take back what was made, so that the next word finds the orders as they were."""
    for each in answer.json().get("results", ()):
        if each["status"] == 201:
            doors.ask(
                "DELETE",
                f"/wms/v1/shipments/{each['shipment']['id']}",
                headers={"Authorization": f"Bearer {doors.token}"},
            )


def test_a_form_of_the_panel_is_never_taken_for_another(doors: Street) -> None:
    doors.enter()
    for body, _ in WEBHOOKS.values():
        old = ("/panel/account", "/panel/shipping", "/panel/shipping/mode", "/panel/leave")
        for path in (*old, "/panel/carriers/login", "/panel/pairing/save", "/panel/pack/book", "/panel/pack/cancel"):
            answer = doors.ask("POST", path, content=body, headers={"Cookie": f"panel={doors.cookie}"})
            assert answer.status_code == 403


@pytest.mark.parametrize("door", DOORS)
def test_a_signature_over_other_values_or_in_another_order_is_refused(doors: Street, door: str) -> None:
    names = ("token", *DOORS[door], "time")
    for order in (names[::-1], names[:-1], names[1:], (*names, "time")):
        assert doors.ask("POST", f"/addon/{door}", json=call(door, order=order)).status_code == 401
    assert doors.ask("POST", f"/addon/{door}", json=call(door)).status_code == 200


@pytest.mark.parametrize("door", DOORS)
def test_a_missing_field_is_named(doors: Street, door: str) -> None:
    for name in ("token", *DOORS[door], "time"):
        said = {field: value for field, value in call(door).items() if field != name}
        answer = doors.ask("POST", f"/addon/{door}", json=said)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


def told(doors: Street, *parts: bytes, cut: bool = False) -> bytes:
    """Say something over a connection of its own, and return what is heard until it is closed."""
    with socket.create_connection(("127.0.0.1", doors.port)) as wire:
        wire.settimeout(10)
        for part in parts:
            wire.sendall(part)
        if cut:
            return b""
        heard = b""
        while more := wire.recv(4_096):
            heard += more
        return heard


def head(doors: Street, path: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()


def test_a_wrong_content_length_costs_its_own_request(doors: Street) -> None:
    whole, address = f'{{"orders": [{A}]}}'.encode(), doors.address()
    assert told(doors, head(doors, address, 10) + whole).startswith(b"HTTP/1.1 204 ")  # too short: cut, and so a look
    for length in ("-1", "x", "1, 2", "9" * 30):
        raw = f"POST {address} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
        assert b"Traceback" not in told(doors, raw + whole)
    doors.hook(f'{{"orders": [{B}]}}'.encode())
    doors.expand()

    assert doors.hints() == {LOOK, "B"}


def test_a_slow_body_is_not_waited_for(doors: Street) -> None:
    heard = told(doors, head(doors, doors.address(), 1_000), b'{"orders"')  # and then nothing: too long, too slow

    assert heard == b"" or heard.startswith(b"HTTP/1.1 503 ")  # silence says the same, on a slow machine
    doors.expand()
    assert doors.hints() == set()


def test_another_door_gives_a_slow_body_up_too() -> None:
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not said:
            said.append({})
            return {"type": "http.request", "body": b"x", "more_body": True}
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        said.append(message)

    door = Starlette(routes=[posts("/door", lambda *_: Response("done"), within_s=0.05)])
    scope = {"type": "http", "method": "POST", "path": "/door", "headers": [], "query_string": b"", "root_path": ""}
    asyncio.run(door(scope, receive, send))

    _, start, body = said
    assert (start["status"], json.loads(body["body"])["title"]) == (408, "Request Timeout")


def test_a_connection_cut_in_the_middle_leaves_nothing(doors: Street) -> None:
    body = json.dumps(call("open")).encode()
    told(doors, head(doors, doors.address(), 100), b'{"orders"', cut=True)
    told(doors, head(doors, "/addon/uninstall", len(body)), body[:-5], cut=True)

    assert doors.ask("POST", "/addon/open", content=body).status_code == 200
    doors.expand()
    assert doors.hints() == set()


@pytest.mark.parametrize("word", ELSEWHERE)
def test_what_is_tested_elsewhere_is_there(word: str) -> None:
    file, _, name = ELSEWHERE[word].partition("::")

    assert f"def {name}(" in (Path(__file__).parent / file).read_text()
