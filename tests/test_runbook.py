"""Every alarm has its paragraph in the runbook, every paragraph its alarm and a test that brings it about."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from service.doctor.causes import Trouble
from service.problems import Cause
from tests import house

RUNBOOK = house.ROOT / "deploy" / "runbook.md"
PARAGRAPHS = dict(re.findall(r"^## (\S+)\n\n((?:.+\n)+)", RUNBOOK.read_text(), re.MULTILINE))
ALERTS = [
    rule["alert"]
    for group in YAML(typ="safe").load(house.ROOT / "deploy" / "alerts.yml")["groups"]
    for rule in group["rules"]
]
LINES = re.compile(r"- \*Means\*:\s.+?\n- \*Do\*:\s.+?\n- \*Exercised by\*:\s(?P<by>.+)", re.DOTALL)
TEST = re.compile(r"`(tests/\S+?\.py)::(\w+)`")


def heading(alert: str) -> str:
    """Return the heading of an alert: `LaneLate` is `lane_late`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", alert).lower()


def test_every_alarm_has_its_paragraph_and_every_paragraph_its_alarm() -> None:
    alarms = {*Cause, *Trouble, *map(heading, ALERTS)}

    assert house.unlisted(sorted(PARAGRAPHS), sorted({str(alarm) for alarm in alarms})) == []


def test_no_paragraph_stands_there_twice_or_empty() -> None:
    headings = re.findall(r"^## (.+)$", RUNBOOK.read_text(), re.MULTILINE)

    assert headings == list(PARAGRAPHS)


@pytest.mark.parametrize("name", PARAGRAPHS)
def test_a_paragraph_says_what_it_means_what_to_do_and_which_test_brings_it_about(name: str) -> None:
    told = LINES.fullmatch(PARAGRAPHS[name].strip())
    assert told
    tests = TEST.findall(told["by"])

    assert tests
    assert [(file, test) for file, test in tests if not defines(house.ROOT / file, test)] == []


def defines(file: Path, test: str) -> bool:
    return file.is_file() and re.search(rf"^def {test}\(", file.read_text(), re.MULTILINE) is not None


def test_a_test_that_is_not_there_is_found() -> None:
    here = Path(__file__)

    assert defines(here, "test_a_test_that_is_not_there_is_found")
    assert not defines(here, "test_nothing")
    assert not defines(here.with_name("nowhere.py"), "test_nothing")


def test_every_fault_of_the_chaos_set_that_is_named_is_one() -> None:
    code = "".join(path.read_text() for path in (house.ROOT / "tests" / "chaos").glob("*.py"))
    named = {fault for text in PARAGRAPHS.values() for fault in re.findall(r"`(\w+)`", text.partition("chaos ")[2])}

    assert named
    assert {fault for fault in named if code and f'"{fault}"' not in code} == set()


def test_an_alert_is_named_by_the_words_of_its_heading() -> None:
    assert heading("ServiceCallsUsedUp") == "service_calls_used_up"
