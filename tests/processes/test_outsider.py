"""The outsider reads shops by the contract alone, whatever they do to it, and sees what is off the contract."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.demo import outsider, ready
from service.demo.processes import ROOT, Processes, basic_environment
from service.embedded import run_folder

SHOPS = ("--shop", "a:230:20:platinum", "--shop", "b:120:20:verified")


@pytest.fixture
def world() -> Iterator[dict[str, Any]]:
    folder = run_folder.make("exp-demo-")
    processes = Processes(folder)
    argv = [sys.executable, "-m", "simulator", *SHOPS, "--seed", "7"]
    simulator = processes.begin("simulator", argv, basic_environment(folder))
    simulator.wait_ready(lambda: ready.said(simulator.log) is not None, within_s=30)
    yield ready.said(simulator.log)
    processes.stop()
    run_folder.clear(folder)


def read(world: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    shops = [{name: shop[name] for name in ("api_url", "login", "key")} for shop in world["shops"]]
    argv = [sys.executable, "-I", str(ROOT / "service/demo/outsider.py")]
    answer = subprocess.run(argv, input=json.dumps(shops), capture_output=True, text=True, timeout=60, check=False)
    return answer.returncode, json.loads(answer.stdout or "{}")


def tell(shop: dict[str, Any], path: str, **body: object) -> None:
    httpx.post(shop["control_url"] + path, json=body).raise_for_status()


def test_it_reads_every_order_of_shops_that_move_and_stumble(world) -> None:
    first, second = world["shops"]
    tell(first, "/move", to="a-elsewhere", how="body")
    tell(second, "/move", to="b-elsewhere", how="location")
    moved = httpx.get(world["control_url"]).json()["shops"]
    for shop, fault in zip(moved, ({"kind": "busy", "retry_after_s": 1}, {"kind": "html"}), strict=True):
        tell(shop, "/faults", calls=1, method="GET", **fault)

    code, seen = read(world)

    assert (code, seen["orders"], seen["faults"]) == (0, 350, [])


def test_it_notices_orders_that_a_page_left_out(world) -> None:
    tell(world["shops"][0], "/faults", kind="short", items=3, honest=False)

    code, seen = read(world)

    assert code == 1
    assert any("350" in fault or "230 orders were promised" in fault for fault in seen["faults"])


def test_it_stops_at_a_wrong_login_and_says_so(world) -> None:
    world["shops"][0]["key"] = "wrong"

    assert read(world) == (2, {})


@pytest.mark.parametrize(
    ("value", "kind", "fine"),
    [
        ("2026-03-01T10:00:00+01:00", "date", True),
        ("2026-03-01T10:00:00", "date", False),
        (7, "int", True),
        ("7", "int", True),
        (7.5, "int", False),
        (True, "float", False),
        ("1,5", "float", False),
        ("0", "bool", True),
        ("yes", "bool", False),
        ("CZK", "currency", True),
        ("cash–register", "origin", True),
        ([{"name": "Barva", "value": "modrá"}], "[parameter", True),
        ([{"name": "Barva", "value": 5}], "[parameter", False),
        ({}, "[parameter", False),
    ],
)
def test_it_knows_the_wire_formats(value: object, kind: str, fine: bool) -> None:
    assert (outsider.faults_in(value, kind, "x") == []) is fine


def test_it_names_a_field_that_is_missing_and_one_too_many() -> None:
    assert outsider.faults_of({"name": "Barva", "extra": 1}, "parameter", "x") == [
        "x.extra is not in the contract",
        "x.value is missing",
    ]
