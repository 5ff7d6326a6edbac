"""The code on a DPD label: the number is only its middle, so what a scanner reads is not what a customer follows.

Code 128, 28 characters: `%`, post code (7), number (14), service (3), country (3). Which service DPD prints for what we
ask is in no source, so none is foretold. Source: docs/carriers.md 3.0.
"""

import re

from carriers import digits

# ISO 3166 numeric, of the countries of DPD's road network; also the argument of the list of points.
NUMERIC = {
    "AT": "040", "BE": "056", "BG": "100", "CZ": "203", "DE": "276", "DK": "208", "EE": "233", "ES": "724",
    "FI": "246", "FR": "250", "GR": "300", "HR": "191", "HU": "348", "IE": "372", "IT": "380", "LT": "440",
    "LU": "442", "LV": "428", "NL": "528", "PL": "616", "PT": "620", "RO": "642", "SE": "752", "SI": "705",
    "SK": "703",
}  # fmt: skip
DIGITS = 14
NUMBER = re.compile(rf"\d{{{DIGITS}}}", re.ASCII)
CODE = re.compile(r"%?([0-9A-Z]{7})(\d{14})(\d{3})(\d{3})", re.ASCII)
LINE = re.compile(r"([0-9A-Z]{7}\d{14}\d{3}\d{3})([0-9A-Z])", re.ASCII)


def line(code: str) -> str:
    """Return what people read below a bar code: its parts and the check character; raise ValueError for no code."""
    parts = CODE.fullmatch(code)
    if not parts:
        raise ValueError("no DPD bar code")
    return " ".join((*parts.groups(), digits.mod_37_36("".join(parts.groups()))))


def number_in(scanned: str) -> str | None:
    """Return the parcel number in what was scanned or typed: a bar code, its line, the bare number; None: no such.

    A line with a wrong check character is None: somebody mistyped it.
    """
    plain = re.sub(r"\s", "", scanned).upper()
    if NUMBER.fullmatch(plain):
        return plain
    if typed := LINE.fullmatch(plain):
        return typed[1][7:21] if digits.mod_37_36(typed[1]) == typed[2] else None
    code = CODE.fullmatch(plain)
    return code[2] if code else None
