"""A carrier asked by hand: what `python -m carriers` prints is what it takes, and no login is ever shown."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from carriers import __main__ as cli
from carriers import labels
from carriers.base import Format, Label, Shipment
from carriers.registry import ADAPTERS
from tests.carriers.kit import RECIPIENT, Kit, kit


@pytest.fixture
def at() -> Kit:
    return kit("packeta")


@pytest.fixture
def ask(at: Kit, tmp_path: Path, capsys):
    """Ask as a person would: files by name; what was printed and the exit code come back."""
    account = asdict(at.account) | {"switches": sorted(at.account.switches)}
    (tmp_path / "account.json").write_text(json.dumps(account))

    def asked(what: str, file: str = "", *more: str, content: object = None) -> tuple[int, str, str]:
        if content is not None:
            (tmp_path / file).write_bytes(TypeAdapter(type(content)).dump_json(content))
        files = [str(tmp_path / file)] if file else []
        words = [what, "packeta", "--account", str(tmp_path / "account.json"), *files, *more]
        code = cli.main(words, transport=at.client._transport)
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def test_a_parcel_is_booked_printed_followed_and_taken_back(at: Kit, ask, tmp_path: Path) -> None:
    shipment: Shipment = at.to_point()
    code, printed, _ = ask("book", "shipment.json", content=shipment)
    assert code == 0
    (tmp_path / "parcels.json").write_text(printed)
    [number] = at.world.parcels

    assert ask("label", "parcels.json", "--to", str(tmp_path / "label.pdf"), "--a4", "3")[0] == 0
    assert labels.pages_of(Label(Format.PDF, (tmp_path / "label.pdf").read_bytes())) == 1
    assert number in printed
    assert '"state": "created"' in ask("track", "parcels.json")[1]
    assert '"done"' in ask("cancel", "parcels.json")[1]
    assert at.world.is_cancelled(at.world.parcels[number])


def test_a_login_is_tried(at: Kit, ask) -> None:
    assert ask("test") == (0, "the login works\n", "")

    next(iter(at.world.accounts.values())).login["api_password"] = "another"
    code, _, said = ask("test")

    assert code == 1
    assert at.account.secrets["api_password"] not in said


def test_what_is_wrong_is_told_and_nobody_is_paid(at: Kit, ask) -> None:
    bad = at.home(recipient=replace(RECIPIENT, zip="1"))

    for what in ("quote", "book"):
        code, said, _ = ask(what, "shipment.json", content=bad)
        assert (code, "recipient.zip" in said) == (1, True)
    assert at.made() == 0


@pytest.mark.parametrize("text", ["", "{", '{"reference": 1}', "[]"])
def test_a_file_that_is_none_is_named_without_its_values(at: Kit, ask, tmp_path: Path, text: str) -> None:
    (tmp_path / "shipment.json").write_text(text)

    code, _, said = ask("book", "shipment.json")

    assert code == 2
    assert said


def test_an_account_that_lacks_something_says_what(at: Kit, ask, tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text('{"base_url": "http://carriers.test", "secrets": {}}')

    code, _, said = ask("test")

    assert code == 2
    assert "api_password" in said


def test_the_list_names_every_adapter(capsys) -> None:
    assert cli.main(["list"]) == 0

    said = capsys.readouterr().out
    assert all(f'"{code}"' in said for code in ADAPTERS)


def test_points_come_a_line_each(at: Kit, ask) -> None:
    code, said, _ = ask("points", "", "CZ")

    assert code == 0
    assert {json.loads(line)["country"] for line in said.splitlines()} == {"CZ"}
