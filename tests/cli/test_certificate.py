"""`certificate`: a verdict in words or as a document, its cost said before, its proof asked for once."""

import json
from datetime import timedelta

import pytest

from service.kit.clock import PRAGUE, utc_now
from service.lanes import Lane
from simulator import changes
from tests.cli.conftest import Said
from tests.flows.town import Town


@pytest.fixture
def period(activated, town: Town) -> list[str]:
    """The minutes since the shop was pulled, as a person types them: Prague's, without an offset."""
    town.watch.move(600)
    now = utc_now()
    since, until = (f"{at.astimezone(PRAGUE):%FT%T}" for at in (now - timedelta(minutes=25), now))
    return ["--from", since, "--to", until]


def words(said: Said) -> list[str]:
    return [line.split("  ")[0] for line in said.lines]


def test_without_proof_it_costs_nothing_and_says_what_proof_costs(run, town: Town, activated, period) -> None:
    shop, tenant = activated
    before = town.calls(shop)

    said = run("certificate", tenant, *period)

    assert said.code == 1
    assert said.lines[0].startswith(f"UNPROVEN  {tenant}  ")
    assert "proving  at least 1, at most 2 calls" in said.out
    assert {"not proven", "arrived", "calls", "read", "not seen"} <= set(words(said))
    assert town.calls(shop) == before
    assert not town.due()


def test_a_proof_is_asked_for_once_and_then_names_what_was_lost(run, town: Town, activated, period) -> None:
    shop, tenant = activated
    number = next(iter(shop.orders))
    changes.change_order(town.world, shop, number, internal_note="lost")

    asked = run("certificate", tenant, *period, "--prove")
    again = run("certificate", tenant, *period, "--prove")
    town.watch.at = utc_now()
    town.beat()
    proven = run("certificate", tenant, *period)
    named = json.loads(run("certificate", tenant, *period, "--json").out)

    assert asked.code == again.code == 0
    assert "asked for; ask for the certificate again" in asked.out
    assert "under way" in again.out
    assert f"missing  {number}  changed" in proven.out
    assert [each["number"] for each in named["missing"]] == [number]
    assert [each["because"] for each in named["looks"]] == [["person"]]


def test_a_proof_that_just_ended_is_not_asked_for_again(run, town: Town, activated, period) -> None:
    _, tenant = activated
    run("certificate", tenant, *period, "--prove")
    town.watch.at = utc_now()
    town.beat()
    later = ["--from", period[1], "--to", utc_now().isoformat()]

    said = run("certificate", tenant, *later, "--prove")

    assert said.code == 1
    assert "a proof has just ended" in said.err
    assert (Lane.REFRESH_ORDERS, tenant) not in town.due()


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        ("2026-03-02", "2026-03-01", "--from: The period begins"),
        ("2026-03-01", "2026-03-01", "--from: The period begins"),
        ("2026-03-01", "2999-01-01", "--to: The period has not ended"),
        ("0001-01-01", "2026-03-01", "--from: There were no such shops"),
    ],
)
def test_a_period_nothing_can_be_said_of_is_misuse(run, activated, since: str, until: str, why: str) -> None:
    _, tenant = activated

    said = run("certificate", tenant, "--from", since, "--to", until)

    assert said.code == 2
    assert why in said.all
