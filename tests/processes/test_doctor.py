"""The doctor and `/metrics` about the service's own processes: whole, and when some are gone."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.demo.stage import WORKERS
from tests.processes.standing import House, standing
from tests.simulator.until import until


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with standing() as stood:
        yield stood


def doctor(house: House, *words: str) -> list[str]:
    """Return the page as an operator reads it."""
    command = [sys.executable, "-m", "service", "doctor", *words]
    said = subprocess.run(command, env=house.stage.env, capture_output=True, text=True, timeout=60, check=False)
    assert said.stderr == ""
    assert len(said.stdout.splitlines()) <= 40
    return said.stdout.splitlines()


def figure(house: House, name: str) -> float | None:
    text = httpx.get(f"{house.stage.web_url}/metrics", timeout=10, trust_env=False).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return next((sample.value for sample in samples if sample.name == f"expedition_{name}"), None)


def test_nothing_is_wrong_with_a_service_that_works(house: House) -> None:
    house.becomes_whole()

    said = doctor(house, house.tenant)

    assert said[0].endswith("nothing is wrong")
    assert "shop_unanswered" in said[2]  # of the shop itself: nobody answered what releases its orders
    assert figure(house, "workers_alive") == len(WORKERS)
    assert figure(house, "beat_alive") == 1


def test_killed_workers_are_the_first_cause(house: House) -> None:
    for name in WORKERS:
        house.stage.kill(name)

    until(lambda: "1. workers_gone: no worker has given" in "\n".join(doctor(house)), within_s=30)
    until(lambda: figure(house, "workers_alive") == 0, within_s=30)
    house.again(*WORKERS)


def test_a_killed_beat_is_the_first_cause(house: House) -> None:
    house.stage.kill("beat")

    until(lambda: "1. beat_silent: " in "\n".join(doctor(house)), within_s=40)
    until(lambda: figure(house, "beat_alive") == 0, within_s=30)
    house.again("beat")
    until(lambda: doctor(house)[0].endswith("nothing is wrong"), within_s=30)
