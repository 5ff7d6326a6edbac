"""Going live on the command line: answers one by one, what stands, what waits for a person."""

import pytest

from service import cli, mappings, problems
from service.mappings import Milestone, Target, Tracking
from service.problems import Cause


def of_type(shop, kind: str) -> int:
    return next(each["id"] for each in shop.statuses.values() if each["type"] == kind)


@pytest.fixture
def chosen(activated) -> tuple[str, int, int]:
    """A tenant, a status that releases, and the one that says shipped."""
    shop, tenant = activated
    return tenant, of_type(shop, "Received"), of_type(shop, "Sent")


def given(town, tenant: str) -> mappings.Given:
    with town.rig.db.tx(tenant) as conn:
        return mappings.of(conn, tenant)


def test_without_answers_it_shows_the_shops_statuses_and_suggests_the_one_for_shipped(run, chosen) -> None:
    tenant, received, sent = chosen
    said = run("tenants", "set", tenant)

    assert said.code == cli.OK
    assert said.lines[0] == "observed"
    [suggested] = [line for line in said.lines if "suggested for shipped" in line]
    assert suggested.split()[0] == str(sent)
    assert any(line.split()[0] == str(received) for line in said.lines)


def test_answers_are_given_one_by_one_and_what_is_not_named_stays(run, town, chosen) -> None:
    tenant, received, sent = chosen
    assert run("tenants", "set", tenant, "--release", str(received), "--shipped", f"{sent}:mail").code == cli.OK
    assert run("tenants", "set", tenant, "--tracking", "joined", "--from", "2026-03-01").code == cli.OK

    stands = given(town, tenant)
    assert (stands.release, stands.targets) == ({received}, {Milestone.SHIPPED: Target(sent, mail=True)})
    assert stands.tracking is Tracking.JOINED
    assert f"{stands.release_from:%F %H:%M %Z}" == "2026-02-28 23:00 UTC"

    assert run("tenants", "set", tenant, "--shipped", "none").code == cli.OK
    assert given(town, tenant).targets == {}


def test_whether_the_shop_hears_of_paid_cod_is_off_until_it_is_said_and_stays_as_it_was_said(run, town, chosen) -> None:
    tenant, received, _ = chosen
    first = run("tenants", "set", tenant, "--release", str(received))
    assert any(line.split() == ["paid", "COD", "not", "told"] for line in first.lines)

    assert run("tenants", "set", tenant, "--cod-paid", "on").code == cli.OK
    since = given(town, tenant).paid_since
    said = run("tenants", "set", tenant, "--tracking", "last")
    assert since
    assert given(town, tenant).paid_since == since
    assert any(line.split()[:4] == ["paid", "COD", "told", "since"] for line in said.lines)

    run("tenants", "set", tenant, "--cod-paid", "off")
    assert given(town, tenant).paid_since is None
    run("tenants", "set", tenant, "--cod-paid", "on")
    again = given(town, tenant).paid_since
    assert again
    assert again > since


def test_a_shop_is_switched_live_and_back(run, town, chosen) -> None:
    tenant, received, _ = chosen
    refused = run("tenants", "set", tenant, "--live")
    assert (refused.code, refused.out) == (cli.FAILED, "")
    assert "mapping" in refused.err

    said = run("tenants", "set", tenant, "--release", str(received), "--live")
    assert said.lines[0].startswith("live since")
    assert given(town, tenant).live
    assert run("tenants", "set", tenant, "--observe").lines[0] == "observed"
    assert not given(town, tenant).live


@pytest.mark.parametrize(
    "answer",
    [
        ["--release", "x"],
        ["--shipped", "12:fax"],
        ["--shipped", ""],
        ["--from", "yesterday"],
        ["--tracking", "some"],
        ["--live", "--observe"],
    ],
)
def test_an_answer_that_makes_no_sense_is_a_misuse(run, town, chosen, answer: list[str]) -> None:
    tenant, _, _ = chosen

    assert run("tenants", "set", tenant, *answer).code == cli.MISUSED
    assert given(town, tenant).revision == 0


@pytest.mark.parametrize("shipped", ["987654", "Canceled", "Received"])
def test_a_status_that_cannot_be_written_is_refused(run, town, activated, shipped: str) -> None:
    shop, tenant = activated
    status = shipped if shipped.isdecimal() else str(of_type(shop, shipped))

    refused = run("tenants", "set", tenant, "--release", str(of_type(shop, "Received")), "--shipped", status)

    assert refused.code == cli.FAILED
    assert refused.err.startswith("shipped: ")
    assert given(town, tenant).revision == 0


def test_open_orders_of_the_history_are_released_by_hand(run, chosen) -> None:
    tenant, received, _ = chosen
    assert "observed" in run("release", tenant, "--open").err
    run("tenants", "set", tenant, "--release", str(received), "--live")

    assert run("release", tenant).code == cli.MISUSED
    assert run("release", tenant, "1", "--open").code == cli.MISUSED
    assert "no order" in run("release", tenant, "nobody's").err
    said = run("release", tenant, "--open")
    assert said.code == cli.OK
    assert "weighed" in said.out


def test_problems_say_what_to_do(run, town, chosen) -> None:
    tenant, _, _ = chosen
    assert run("problems").out == ""
    with town.rig.db.tx(tenant) as conn:
        detail = {"statuses": [{"status_id": 7, "name": "Balíme"}]}
        problems.note(conn, tenant, Cause.STATUS_NEW, now=town.watch(), detail=detail)
        problems.note(conn, tenant, Cause.OVERRULED, now=town.watch(), order_number="O1")

    said = run("problems", tenant)
    assert said.out == run("problems").out
    assert [line.split()[1] for line in said.lines if line.startswith(tenant)] == ["status_new", "overruled"]
    assert "Balíme" in said.out
    assert said.out.count("do:") == 2
