"""The doctor and `/metrics` about the service's own processes: whole, and when some are gone."""

import subprocess
import sys
from collections.abc import Iterator, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.demo.stage import WORKERS
from tests.bench.stage import stage
from tests.processes.standing import House, standing
from tests.simulator.until import until

SCRAPED_WITHIN_S = 5


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with standing() as stood:
        yield stood


def doctor(house: House, *words: str) -> list[str]:
    return page(house.stage.env, *words)


def page(env: Mapping[str, str], *words: str) -> list[str]:
    """Return what an operator reads."""
    command = [sys.executable, "-m", "service", "doctor", *words]
    said = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in said.stderr
    assert len(said.stdout.splitlines()) <= 40
    return said.stdout.splitlines()


def figure(house: House, name: str) -> float | None:
    return scraped(house.stage.web_url).get((f"expedition_{name}", ""))


def scraped(url: str) -> dict[tuple[str, str], float]:
    """Return every sample by its name and its label `of`."""
    text = httpx.get(f"{url}/metrics", timeout=SCRAPED_WITHIN_S, trust_env=False).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, sample.labels.get("of", "")): sample.value for sample in samples}


def ups(url: str) -> tuple[float, float]:
    told = scraped(url)
    return told["expedition_up", "database"], told["expedition_up", "redis"]


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

    until(lambda: figure(house, "workers_alive") == 0, within_s=30)
    until(lambda: "1. workers_gone: no worker has given" in "\n".join(doctor(house)), within_s=30)
    house.again(*WORKERS)


def test_a_killed_beat_is_the_first_cause(house: House) -> None:
    house.stage.kill("beat")

    until(lambda: figure(house, "beat_alive") == 0, within_s=40)
    until(lambda: "1. beat_silent: " in "\n".join(doctor(house)), within_s=30)
    house.again("beat")
    until(lambda: doctor(house)[0].endswith("nothing is wrong"), within_s=30)


def test_servers_that_stand_still_hold_neither_page_nor_scrape_up() -> None:
    with stage(durable=False) as stood, stood.web() as port:
        url = f"http://127.0.0.1:{port}"
        with stood.frozen():
            stood.servers.redis.child.freeze()
            assert ups(url) == (0, 0)
            said = page(stood.env)
            stood.servers.redis.child.thaw()
        assert said[1].startswith("1. database_away: ")
        assert [line for line in said if line.startswith("2. redis_away: ")]
        until(lambda: ups(url) == (1, 1), within_s=60)
