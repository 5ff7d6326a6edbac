"""The fields of a request: what they may be, how long, and which must be there (2.2, 2.5).

Whatever has no name here is refused: the real one probably passes over it, and a misspelt field would do nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from simulator.carriers.ppl.problems import Errors, Problem

NOT_CONVERTED = "The JSON value could not be converted."


class Rule(Protocol):
    """What a field must keep to."""

    @property
    def needed(self) -> bool:
        """Say whether the field must be there."""
        ...

    def check(self, value: Any, path: str, errors: Errors) -> None:
        """Note what is wrong with a value that is there."""
        ...


@dataclass(frozen=True)
class Text:
    """A text of at most so many letters."""

    most: int | None = None
    needed: bool = False
    one_of: Sequence[str] = ()
    like: str = ""

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, str):
            return _note(errors, path, NOT_CONVERTED)
        if self.most is not None and len(value) > self.most:
            return _note(errors, path, f"Maximum length is {self.most}.")
        if (self.one_of and value not in self.one_of) or (self.like and not re.fullmatch(self.like, value)):
            return _note(errors, path, f"The value '{value}' is not valid.")
        return None


@dataclass(frozen=True)
class Whole:
    """A whole number; a text of digits is none."""

    least: int
    most: int
    needed: bool = False

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            return _note(errors, path, NOT_CONVERTED)
        if not self.least <= value <= self.most:
            return _note(errors, path, f"The value must be between {self.least} and {self.most}.")
        return None


@dataclass(frozen=True)
class Amount:
    """A number above zero, with or without a point."""

    needed: bool = False

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            return _note(errors, path, NOT_CONVERTED)
        if value <= 0:
            return _note(errors, path, "The value must be greater than 0.")
        return None


@dataclass(frozen=True)
class Flag:
    """True or false."""

    needed: bool = False

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, bool):
            _note(errors, path, NOT_CONVERTED)


@dataclass(frozen=True)
class Anything:
    """A special case whose inside the contract does not tell: taken as it comes."""

    needed: bool = False

    def check(self, value: Any, path: str, errors: Errors) -> None:
        pass


@dataclass(frozen=True)
class Each:
    """A list of equal things."""

    rule: Rule
    least: int = 0
    most: int | None = None
    needed: bool = False

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, list):
            return _note(errors, path, NOT_CONVERTED)
        if len(value) < self.least:
            return _note(errors, path, f"Minimum count is {self.least}.")
        if self.most is not None and len(value) > self.most:
            return _note(errors, path, f"Maximum count is {self.most}.")
        for n, one in enumerate(value):
            self.rule.check(one, f"{path}[{n}]", errors)
        return None


@dataclass(frozen=True)
class Shape:
    """An object with these fields and no others; null is as if it were not there."""

    fields: Mapping[str, Rule] = field(default_factory=dict)
    needed: bool = False

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            return _note(errors, path or "$", NOT_CONVERTED)
        before = f"{path}." if path else ""
        for name in value.keys() - self.fields.keys():
            _note(errors, before + name, f"The {_pascal(name)} field is unknown.")
        for name, rule in self.fields.items():
            given = value.get(name)
            if given is not None and given != "":
                rule.check(given, before + name, errors)
            elif rule.needed:
                _note(errors, before + name, f"The {_pascal(name)} field is required.")
        return None


def checked(value: Any, rule: Shape) -> Any:
    """Return a body that keeps to its rule; what is wrong is a problem."""
    errors: Errors = {}
    rule.check(value, "", errors)
    if errors:
        raise Problem(400, errors=errors)
    return value


def _note(errors: Errors, path: str, text: str) -> None:
    errors.setdefault(path, []).append(text)


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]
