"""`python -m simulator.carriers` as others use it: a process, one JSON line, plain HTTP."""

import json
import select
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulator.carriers.packeta_client import POINT, tree
from tests.simulator.until import until

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def line() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "simulator.carriers", "--carriers", "packeta", "--seed", "7", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        ready, _, _ = select.select([process.stdout], [], [], 60)
        assert ready, "no line within a minute"
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.stdout.close()


@pytest.fixture
def control(line: dict[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{line['control_url']}/packeta", trust_env=False) as client:
        client.request("DELETE", "/faults", json={})
        yield client


def create(line: dict[str, Any], number: str, *, timeout: float = 10) -> str:
    packeta = line["carriers"]["packeta"]
    password = packeta["accounts"]["shop"]["api_password"]
    body = ET.tostring(tree("createPacket", {"apiPassword": password, "packetAttributes": POINT | {"number": number}}))
    url = f"{packeta['base_url']}/api/rest"
    answer = httpx.post(url, content=body, headers={"content-type": "text/xml"}, timeout=timeout, trust_env=False)
    return ET.fromstring(answer.content).findtext("result/id")


def test_the_line_says_all_a_client_needs(line: dict[str, Any]) -> None:
    assert set(line) == {"base_url", "control_url", "seed", "carriers"}
    told = line["carriers"]["packeta"]
    assert told["base_url"] == f"{line['base_url']}/packeta"
    assert set(told["accounts"]["shop"]) == {"api_password", "api_key"}
    assert told["places"]["https://www.zasilkovna.cz"] == told["base_url"]


def test_a_plain_client_books_and_the_control_counts(line: dict[str, Any], control: httpx.Client) -> None:
    id_ = create(line, "plain")

    assert control.get("/made").json()["made"]["plain"] == [id_]
    assert control.get("/ledger", params={"last": 1}).json()["calls"][0]["made"] == [id_]


def test_parcels_are_moved_by_the_control(line: dict[str, Any], control: httpx.Client) -> None:
    id_ = create(line, "moved")

    control.post("/parcels/end", json={"numbers": [id_], "end": "uncollected"}).raise_for_status()
    control.post("/parcels/move-on", json={"numbers": [id_], "steps": None}).raise_for_status()

    parcels = {one["number"]: one for one in control.get("/parcels").json()["parcels"]}
    assert parcels[id_]["scans"][-1][1] == "returned"


def test_points_are_told_with_what_a_shop_must_know_of_them(control: httpx.Client) -> None:
    [point] = [one for one in control.get("/points").json()["points"] if one["id"] == "18542"]

    assert set(point) == {"id", "kind", "country", "name", "is_open", "takes_cod"}
    assert (point["country"], point["kind"]) == ("CZ", "shop")


@pytest.mark.parametrize("kind", ["dropped", "down", "late"])
def test_the_connection_is_closed_without_an_answer(line: dict[str, Any], control: httpx.Client, kind: str) -> None:
    control.post("/faults", json={"kind": kind, "seconds": 0.3}).raise_for_status()

    with pytest.raises(httpx.RemoteProtocolError):
        create(line, kind)
    if kind == "down":
        assert kind not in control.get("/made").json()["made"]
    else:
        until(lambda: len(control.get("/made").json()["made"].get(kind, [])) == 1)


def test_a_slow_answer_outlasts_patience(line: dict[str, Any], control: httpx.Client) -> None:
    control.post("/faults", json={"kind": "slow", "seconds": 5}).raise_for_status()

    with pytest.raises(httpx.ReadTimeout):
        create(line, "slow", timeout=0.3)
    assert len(control.get("/made").json()["made"]["slow"]) == 1


def test_a_feed_comes_in_pieces(line: dict[str, Any], control: httpx.Client) -> None:
    packeta = line["carriers"]["packeta"]
    control.post("/points/grow", json={"count": 3_000}).raise_for_status()

    url = f"{packeta['base_url']}/v5/{packeta['accounts']['shop']['api_key']}/branch.json"
    assert len(httpx.get(url, trust_env=False).json()) > 2_000


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/faults", {"kind": "rain"}, 404),
        ("/faults", {"kind": "busy", "what": 1}, 400),
        ("/parcels/move-on", {"numbers": ["0"]}, 404),
        ("/parcels/end", {"numbers": [], "end": "sunk"}, 400),
        ("/points/grow", {"count": 0}, 400),
    ],
)
def test_a_wrong_order_is_refused(control: httpx.Client, path: str, body: dict[str, Any], status: int) -> None:
    answer = control.post(path, json=body)

    assert answer.status_code == status
    assert answer.json()["error"]
