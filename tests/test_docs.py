"""What the code and the pages cite is there."""

import re
from pathlib import Path

import pytest

from service import cli

ROOT = Path(__file__).parents[1]
FACTS = (ROOT / "docs" / "upgates.md").read_text()
# A section number, an appendix (A.1), a rule, a trap, an open question; several of them after one name of the page.
PLACE = r"(?:\d+(?:\.\d+)+|A\.\d|[BRT]\d+a?)"
CITATION = re.compile(rf"docs/upgates\.md,? ({PLACE}(?:(?:, | and |-){PLACE})*)")
CODE = [
    path
    for folder in ("service", "workers", "carriers", "simulator", "tests", "deploy")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix != ".pyc"
]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _known(place: str) -> bool:
    if place[0].isdigit():
        return re.search(rf"^#+ {re.escape(place)} ", FACTS, re.MULTILINE) is not None
    if place.startswith("A."):
        return f"**{place}" in FACTS
    return re.search(rf"\b{place}\b", FACTS) is not None


def test_every_fact_the_code_cites_is_on_the_page() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: {place}"
        for path in CODE
        for cited in CITATION.findall(path.read_text(errors="replace"))
        for place in re.findall(PLACE, cited)
        if not _known(place)
    }

    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_decision_is_listed_and_fits_one_page() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))

    assert re.findall(r"\]\((\d{4}-.+?\.md)\)", (folder / "README.md").read_text()) == pages
    for page in pages:
        text = (folder / page).read_text()
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "Alternatives",
        ], page
        assert len(text.splitlines()) <= 40, page


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text()
    listed = readme[readme.index("| command | does |") : readme.index("- **Backups**")]
    commands = next(action.choices for action in cli.parser()._actions if action.choices)

    assert {name for name in commands if not re.search(rf"`{name}[ `]", listed)} == set()
