"""What support sees of pick-up points."""

import pytest

from service.flows.points import sync
from tests.carriers.kit import kit
from tests.cli.conftest import Run
from tests.flows.town import Town


def test_points_are_told_by_code_post_code_and_place_and_lists_by_their_state(town: Town, run: Run) -> None:
    at = kit("packeta")
    sync(town.rig, at.carrier, "CZ")
    key, there = next((key, place) for key, place in at.world.points.items() if place.country == "CZ" and place.is_open)

    assert f"packeta/{key}  open" in run("points", "packeta", key).out
    assert f", {there.zip} {there.city}, CZ" in run("points", "packeta", "--zip", there.zip).out
    assert " km" in run("points", "packeta", "--near", f"{there.latitude},{there.longitude}").out
    assert "packeta       CZ" in run("points").out
    assert run("points", "packeta", "no-such-point").code == 1


@pytest.mark.parametrize("words", [["packeta"], ["packeta", "--near", "here"], ["packeta", "--near", "91,0"]])
def test_a_question_nobody_understands_is_refused(run: Run, words: list[str]) -> None:
    said = run("points", *words)

    assert said.code in (1, 2)
    assert said.err
