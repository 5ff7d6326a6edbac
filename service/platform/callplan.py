"""The call plan: every access we declare, and nothing else can be called (docs/upgates.md 5.2 R17, 5.6)."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

AddonType = Literal["expedition", "fulfillment"]
Verb = Literal["GET", "POST", "PUT", "DELETE"]


class Row(BaseModel):
    """One declared access for one purpose; what each field means stands in callplan.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str
    section: str
    endpoint: str
    verb: Verb
    path: str
    root: str
    paged: bool = False
    purpose: str
    frequency: Literal["install", "install + own", "own"]
    count: str
    webhook: bool
    types: list[AddonType]
    optional: bool = False


class Undeclared(LookupError):
    """A call that the plan does not declare, or not for this type of add-on: a bug, found before anything is sent."""


def read(text: str) -> Mapping[str, Row]:
    """Return the rows of a plan by name; a row that is not whole is an error of ours and raised as it comes."""
    table = {name: {"name": name, **row} for name, row in tomllib.loads(text).items()}
    return TypeAdapter(dict[str, Row]).validate_python(table)


def row(name: str, addon: AddonType) -> Row:
    """Return the row a call names; raise Undeclared when this type of add-on has not declared it."""
    found = ROWS.get(name)
    if found is None or addon not in found.types:
        raise Undeclared(f"{name} is not in the call plan of an add-on of type {addon}")
    return found


ROWS = read(resources.files("service.platform").joinpath("callplan.toml").read_text("utf-8"))
