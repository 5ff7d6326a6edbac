"""The verdict: a claim stands only when it was measured and holds."""

import json
from pathlib import Path

import pytest

from service.demo import verdict

GOOD = {"up_s": 6.5, "died": [], "unwilling": [], "left_processes": [], "left_files": []}
SEEN = {"orders": 5_600, "expected": 5_600, "calls": 56, "faults": []}


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"up_s": 20.1}, False),
        ({"died": ["worker-2"]}, False),
        ({"unwilling": ["web"]}, False),
        ({"left_processes": ["postgres"]}, False),
        ({"left_files": ["dump.rdb"]}, False),
    ],
)
def test_the_house_stands_when_it_starts_in_time_and_leaves_nothing(change, holds) -> None:
    assert verdict.everything_starts(GOOD | change).ok is holds


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"orders": 5_599}, False),
        ({"orders": 1_599, "expected": 1_599}, False),
        ({"faults": ["order.status is no string (1 times)"]}, False),
    ],
)
def test_the_world_stands_when_an_outsider_reads_all_of_it(change, holds) -> None:
    assert verdict.outsider_reads({"outsider": SEEN | change}).ok is holds


def test_what_was_not_measured_is_broken() -> None:
    [(_, finding), *_] = verdict.judge({}, verdict.CLAIMS)

    assert not finding.ok
    assert "not measured" in finding.measured


def test_the_summary_says_what_the_screen_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = tmp_path / "demo" / "summary.json"

    assert verdict.give(GOOD, verdict.CLAIMS[:1], summary)

    written = json.loads(summary.read_text())
    assert written["ok"]
    assert written["measured"]["up_s"] == GOOD["up_s"]
    assert written["claims"][0]["measured"] in capsys.readouterr().out
    assert [path.name for path in summary.parent.iterdir()] == ["summary.json"]
