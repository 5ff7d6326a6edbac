"""The migrations: what they make, and whom they let wait."""

import re
from pathlib import Path

from service.db import migrate
from tests import schema

ALTERED = re.compile(r"^ALTER TABLE (?:ONLY )?(\w+)", re.MULTILINE)
INDEXED = re.compile(r"^CREATE (?:UNIQUE )?INDEX \w+ ON (\w+)", re.MULTILINE)

SINCE = "20261129"  # what was released before stays as it was


def test_the_picture_of_the_schema_is_what_the_migrations_make(database) -> None:
    drawn = schema.drawn(database.admin_url)

    assert drawn == schema.PICTURE.read_text(), "run `make schema`"


def test_nobody_waits_for_an_altered_table_while_an_index_of_another_is_built() -> None:
    late = {
        (file.name, table)
        for file in Path(migrate.__file__).parent.glob("migrations/*/*.sql")
        if file.name >= SINCE
        for table in built_late(file.read_text().partition("-- migrate:down")[0])
    }

    assert late == set()


def built_late(up: str) -> set[str]:
    """Return the tables that were there already whose indexes are built after another one was altered."""
    made = set(re.findall(r"^CREATE TABLE (\w+)", up, re.MULTILINE))
    altered = [found for found in ALTERED.finditer(up) if found[1] not in made]
    return {
        index[1]
        for index in INDEXED.finditer(up)
        for found in altered
        if index[1] not in made and index[1] != found[1] and found.start() < index.start()
    }
