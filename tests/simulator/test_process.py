"""`python -m simulator` as others use it: a process, one JSON line, plain HTTP."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]


def start(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start the process and return it with what its first line says; it gets six seconds for that."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    ready, _, _ = select.select([process.stdout], [], [], 60)
    if not ready:
        end(process)
    assert ready, "no line within a minute"
    return process, json.loads(process.stdout.readline())


def end(process: subprocess.Popen[str], how: int = signal.SIGTERM) -> int:
    process.send_signal(how)
    try:
        return process.wait(20)
    finally:
        process.kill()
        process.stdout.close()


@pytest.fixture(scope="module")
def line() -> Iterator[dict[str, Any]]:
    process, line = start("--shops", "2", "--orders", "120", "--seed", "7", "--port", "0", "--tariff", "verified")
    yield line
    end(process)


def test_the_line_says_all_a_client_needs(line: dict[str, Any]) -> None:
    assert set(line) == {
        "base_url", "control_url", "pages_url", "key_url", "signature_token", "addon_url", "seed", "shops",
    }  # fmt: skip
    assert [shop["slug"] for shop in line["shops"]] == ["alfa", "beta"]


def test_a_plain_client_reads_every_order(line: dict[str, Any]) -> None:
    for shop in line["shops"]:
        numbers = []
        with httpx.Client(auth=(shop["login"], shop["key"]), trust_env=False) as client:
            for page in (1, 2):
                answer = client.get(f"{shop['api_url']}/orders", params={"page": page, "order_by": "creation_time"})
                numbers += [order["order_number"] for order in answer.json()["orders"]]
        assert len(set(numbers)) == answer.json()["number_of_items"] == shop["orders"]


def test_the_key_is_served(line: dict[str, Any]) -> None:
    assert httpx.get(line["key_url"], trust_env=False).text.startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("path", ["/", "/shops", "/shops/alfa", "/shops/beta?page=2"])
def test_a_person_gets_a_page(line: dict[str, Any], path: str) -> None:
    answer = httpx.get(line["base_url"] + path, trust_env=False, follow_redirects=True)

    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>")


def test_the_same_seed_brings_the_same_data(line: dict[str, Any]) -> None:
    process, twin = start("--shops", "2", "--orders", "120", "--seed", "7")
    names = ("slug", "name", "token", "login", "key", "orders", "products")

    assert end(process) == 0
    assert [[shop[name] for name in names] for shop in twin["shops"]] == [
        [shop[name] for name in names] for shop in line["shops"]
    ]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_without_waiting_for_a_call_of_half_a_minute(how: int) -> None:
    process, line = start("--shops", "1", "--orders", "5", "--latency", "30")
    shop = line["shops"][0]
    with httpx.Client(auth=(shop["login"], shop["key"]), trust_env=False, timeout=0.3) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"{shop['api_url']}/owner")
        begun = time.monotonic()
        code = end(process, how)

    assert code == 0
    assert time.monotonic() - begun < 15
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_the_demos_two_shops_are_there() -> None:
    process, line = start("--shop", "a:400:60:platinum", "--shop", "b:5200:1500:verified")
    end(process)

    assert [(shop["orders"], shop["products"], shop["tariff"]) for shop in line["shops"]] == [
        (400, 60, "platinum"),
        (5_200, 1_500, "verified"),
    ]


@pytest.mark.parametrize("wrong", [["--shop", "a:1:2"], ["--tariff", "wood"], ["--shop", "A B:1:1:gold"]])
def test_a_wrong_argument_is_named(wrong: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "simulator", *wrong], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False
    )

    assert ended.returncode == 2
    assert "error:" in ended.stderr
    assert "Traceback" not in ended.stderr
