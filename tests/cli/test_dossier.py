"""What is listed at the Marketplace follows from what the adapters say and the tests hold."""

from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import pytest

from service import cli
from service.cli import dossier
from service.platform import callplan
from service.steps import pairing
from service.steps.pairing import Bar

PAGE = Path(__file__).parents[2] / "docs" / "dossier.md"
ABLE = pairing.every()["balikobot"]


def test_the_page_is_what_the_command_prints_without_any_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dossier"]) == 0
    assert capsys.readouterr().out == PAGE.read_text()


def test_every_service_of_every_adapter_is_told_of() -> None:
    services = takewhile(lambda line: line != "## Not offered", dossier.lines())
    rows = [line for line in services if line.startswith("| ") and not line.startswith("| service")]

    assert len(rows) == sum(len(able.services) for able in pairing.every().values())


def test_a_service_is_listed_with_the_kind_of_points_it_ends_at() -> None:
    assert pairing.unlisted("gls", "PSD", pairing.every()["gls"]) is None
    assert dossier.ends("gls", "PSD") == "yes, where the shipment offers points of kind parcelBox or parcelShop"
    assert dossier.ends("gls", "parcel") == "yes"


def test_nobody_is_listed_without_an_adapter_or_with_points_no_shop_can_offer() -> None:
    fan = replace(ABLE, services={"fan/point": "FAN Courier: point"}, to_point=frozenset({"fan/point"}))

    assert pairing.unlisted("fan", "point", ABLE) is Bar.NO_ADAPTER
    assert pairing.unlisted("balikobot", "fan/point", fan) is Bar.POINTS_UNKNOWN
    assert pairing.unlisted("balikobot", "moon", ABLE) is Bar.NOT_OFFERED


def test_what_is_off_is_told_apart_with_its_reason() -> None:
    text = "\n".join(dossier.lines()).partition("## Optional accesses, off")[2]
    rows = [row for row in callplan.ROWS.values() if row.optional]

    assert {row.name for row in rows} == {"affiliates", "add_affiliates", "remove_affiliates"}
    assert all(row.purpose in text and row.count in text for row in rows)
