"""A new carrier starts out green, and the page that shows how says what the files say."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from carriers import __main__ as cli
from carriers import new, registry
from simulator.carriers import registry as stand_ins

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "new-carrier.md").read_text()
QUOTED = re.compile(r"^`([^`\n]+)`:\n\n```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = "zasilky_u_potoka"
FEW = """from hypothesis import settings

settings.register_profile("few", max_examples=5)
settings.load_profile("few")
"""
SHORT, LONG, LAST = "abc", "x" * new.LONGEST, "zzz"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory) -> Path:
    """Copy what the carriers' own tests need; a few bad answers made up are enough there."""
    top = tmp_path_factory.mktemp("untouched")
    for folder in ("carriers", "simulator", "tests/carriers", "tests/simulator/carriers"):
        shutil.copytree(ROOT / folder, top / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", top)
    (top / "conftest.py").write_text(FEW)
    return top


@pytest.fixture
def checkout(untouched: Path, tmp_path: Path) -> Path:
    return shutil.copytree(untouched, tmp_path / "checkout")


def files(top: Path) -> set[str]:
    return {str(path.relative_to(top)) for path in top.rglob("*")}


def ran(at: Path, *words: str) -> tuple[int, str]:
    env = {"PYTHONPATH": str(at), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


def registered(said: str, checkout: Path) -> None:
    """Register a new carrier as the tool says."""
    found = re.search(r"^1\. (\S+): `(.+?)`, and `(\w+)` among the adapters", said, re.MULTILINE)
    assert found
    path = checkout / found[1]
    text = path.read_text().replace("from carriers.ppl", f"{found[2]}\nfrom carriers.ppl", 1)
    text = text.replace("Balikobot)", f"Balikobot, {found[3]})", 1)
    proven = re.search(r"`(\w+)` in PROVEN", said)
    assert proven
    path.write_text(text.replace('frozenset({"balikobot"', f'frozenset({{"{proven[1]}", "balikobot"', 1))


def test_a_new_carrier_passes_the_whole_suite_as_soon_as_it_is_registered(checkout: Path, capsys) -> None:
    assert cli.main(["new", NAME, "--into", str(checkout)]) == 0
    said = capsys.readouterr().out
    registered(said, checkout)
    line = re.search(r"^ +python -m (pytest .+)$", said, re.MULTILINE)
    assert line

    code, told = ran(checkout, *shlex.split(line[1]))

    assert code == 0, told
    counted = re.search(r"(\d+) passed(?:, \d+ deselected)? in", told)
    assert counted, told
    assert int(counted[1]) > 200


def test_under_any_name_the_linter_finds_nothing_to_mend(checkout: Path) -> None:
    made = [place for name in (SHORT, LONG, LAST, NAME) for place in new.write(name, checkout)]

    assert ran(checkout, "ruff", "check", "--no-cache", *made)[0] == 0
    assert ran(checkout, "ruff", "format", "--no-cache", "--check", *made)[0] == 0


def test_nothing_of_the_example_is_left_in_a_copy(checkout: Path) -> None:
    made = [path for place in new.write(NAME, checkout) for path in under(checkout / place)]

    assert len(made) == sum(len(list(under(ROOT / place.format(new.EXAMPLE)))) for place in new.PLACES)
    for path in made:
        assert not re.search("posl[ií]ček|poslicek", path.read_text(), re.IGNORECASE), path
        assert new.EXAMPLE not in path.name


def under(place: Path) -> Iterator[Path]:
    return (path for path in [place, *place.rglob("*")] if path.suffix in new.KINDS)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *((name, "no name") for name in ("", "ab", "x" * 21, "Mrak", "1mrak", "_mrak", "mrak_", "a__b", "a-b")),
        *((name, "no name") for name in ("mračno", "../mrak", "mrak.py", "mrak\n", "mrak ")),
        *((name, "taken") for name in ("gls", "poslicek", "base", "new", "door", "kit")),
        *((name, "reserved") for name in ("class", "none", "carrier", "format", "own", "messenger")),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(untouched: Path, capsys, name: str, why: str) -> None:
    before = files(untouched)

    assert cli.main(["new", name, "--into", str(untouched)]) == 2
    assert why in capsys.readouterr().err
    assert files(untouched) == before


def test_a_carrier_is_not_written_twice(checkout: Path) -> None:
    new.write(NAME, checkout)
    (checkout / "carriers" / NAME / "calls.py").write_text("# bent\n")

    with pytest.raises(new.Unwritable, match="taken"):
        new.write(NAME, checkout)
    assert (checkout / "carriers" / NAME / "calls.py").read_text() == "# bent\n"


def test_what_is_no_checkout_gets_nothing(tmp_path: Path, capsys) -> None:
    assert cli.main(["new", NAME, "--into", str(tmp_path)]) == 2
    assert "no checkout" in capsys.readouterr().err
    assert files(tmp_path) == set()


def test_the_example_is_neither_offered_nor_served_unasked() -> None:
    assert new.EXAMPLE == stand_ins.EXAMPLE
    assert new.EXAMPLE not in registry.ADAPTERS
    assert new.EXAMPLE in stand_ins.modules()


def test_each_adapter_has_the_code_of_its_folder_and_a_stand_in() -> None:
    assert {adapter.__module__ for adapter in registry.ADAPTERS.values()} == {
        f"carriers.{c}" for c in registry.ADAPTERS
    }
    assert registry.ADAPTERS.keys() | {new.EXAMPLE} == stand_ins.modules().keys()


# the page


def test_the_page_is_short() -> None:
    assert len(PAGE.splitlines()) <= 350


def test_what_the_page_quotes_stands_in_the_files() -> None:
    quotes = [(where, part) for where, _, text in QUOTED.findall(PAGE) for part in text.split("…\n")]

    assert quotes
    assert {where for where, part in quotes if part not in source(where)} == set()


def source(where: str) -> str:
    """Return what the page quotes: a file, or what the tool prints."""
    if where.startswith("python -m carriers new "):
        return new.steps(where.rsplit(" ", 1)[1])
    return (ROOT / where).read_text()


def test_every_block_of_code_on_the_page_is_a_quotation() -> None:
    written = re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)

    assert written == [language for _, language, _ in QUOTED.findall(PAGE) if language]


def test_the_page_names_every_file_of_the_example() -> None:
    made = [path.relative_to(ROOT) for place in new.PLACES for path in under(ROOT / place.format(new.EXAMPLE))]

    assert [str(path) for path in made if path.name not in PAGE] == []
