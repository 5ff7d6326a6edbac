"""What support sees of pick-up points."""

import pytest

from service.flows import affiliates
from service.flows.points import sync
from service.kit.clock import utc_now
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


def test_points_are_offered_in_an_own_shipment_shown_and_taken_back(town: Town, run: Run, activated) -> None:
    shop, tenant = activated
    ids = {row["code"]: str(id_) for id_, row in shop.shipments.items()}
    sync(town.rig, kit("packeta").carrier, "CZ")

    assert "points," in run("points-offer", tenant, ids["OSOBNE"], "packeta").out
    town.watch.at = utc_now()  # the command's own clock
    affiliates.run(town.rig, tenant)
    assert "packeta/packeta CZ  done" in run("points-offers", tenant).out
    assert run("points-withdraw", tenant, ids["OSOBNE"]).code == 0
    town.watch.at = utc_now()
    affiliates.run(town.rig, tenant)
    assert "gone" in run("points-offers", tenant).out


@pytest.mark.parametrize(
    ("code", "carrier", "why"),
    [
        ("ZASILKOVNA", "packeta", "of type zasilkovna"),
        ("OSOBNE", "nobody", "no list of points of nobody"),
        ("OSOBNE", "balikobot", "--network"),
    ],
)
def test_an_offer_that_cannot_be_kept_is_refused(run: Run, activated, code: str, carrier: str, why: str) -> None:
    shop, tenant = activated
    shipment = next(str(id_) for id_, row in shop.shipments.items() if row["code"] == code)

    said = run("points-offer", tenant, shipment, carrier)

    assert said.code == 1
    assert why in said.err
