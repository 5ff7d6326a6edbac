"""What a body may hold: a rule looks at a value and its path, and refuses it.

A name the contract has not is refused, and so is null: the real one may pass over both, and a misspelt field would do
nothing. Only the first wrong field is told, for an answer has room for one.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from simulator.carriers.dpd_cz.asking import wrong

Rule: TypeAlias = Callable[[Any, str], None]
NONE: Mapping[str, Rule] = {}


def text(most: int | None = None, *, least: int = 1, like: str = "") -> Rule:
    """Allow a text of so many letters that looks like a pattern."""

    def rule(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise wrong(path, "must be a string")
        if any("\ud800" <= one <= "\udfff" for one in value):
            raise wrong(path, "is no Unicode")
        if len(value.strip()) < least or (most is not None and len(value) > most):
            raise wrong(path, f"length must be between {least} and {most or 'any'}")
        if like and not re.fullmatch(like, value, re.ASCII):
            raise wrong(path, f"{value!r} is not valid")

    return rule


def among(values: Collection[str]) -> Rule:
    """Allow some words."""

    def rule(value: Any, path: str) -> None:
        if not isinstance(value, str) or value not in values:
            raise wrong(path, f"must be one of {', '.join(values)}")

    return rule


def whole(least: int = 1, most: int = 2**63 - 1) -> Rule:
    """Allow a whole number; a text of digits is none, and neither is 1350.0."""

    def rule(value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong(path, "must be an integer")
        if not least <= value <= most:
            raise wrong(path, f"must be between {least} and {most}")

    return rule


def flag(value: Any, path: str) -> None:
    """Allow true and false."""
    if not isinstance(value, bool):
        raise wrong(path, "must be a boolean")


def each(rule: Rule, *, most: int | None = None) -> Rule:
    """Allow a list of one or more."""

    def checked(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise wrong(path or "body", "must be an array")
        if not value or (most is not None and len(value) > most):
            raise wrong(path or "body", f"must have between 1 and {most or 'any'} items")
        for n, one in enumerate(value):
            rule(one, f"{path}[{n}]")

    return checked


def shape(needed: Mapping[str, Rule], optional: Mapping[str, Rule] = NONE) -> Rule:
    """Allow an object with these fields and no others."""
    rules = {**needed, **optional}

    def checked(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong(path or "body", "must be an object")
        before = f"{path}." if path else ""
        for name in value:
            if name not in rules:
                raise wrong(before + name, "is unknown")
        for name in needed:
            if name not in value:
                raise wrong(before + name, "is required")
        for name, one in value.items():
            rules[name](one, before + name)

    return checked


def one_of(rules: Mapping[str, Rule]) -> Rule:
    """Allow an object with exactly one of these fields."""
    inside = shape(NONE, rules)

    def checked(value: Any, path: str) -> None:
        inside(value, path)
        if len(value) != 1:
            raise wrong(path, f"must have exactly one of {', '.join(rules)}")

    return checked
