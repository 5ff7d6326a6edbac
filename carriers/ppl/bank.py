"""The bank account COD goes to where it is not that of the contract: its parts, and whether they can be true.

An account is of one currency, so what is collected in another goes where the contract says (docs/carriers.md 2.2).
"""

import re
from collections.abc import Iterator, Mapping

from carriers import check
from carriers.errors import Fault

HOME = "CZK"
NAMES = {
    "iban": "iban",
    "swift": "swift",
    "account": "account",
    "accountPre": "account_prefix",
    "bankCode": "bank_code",
}
"""What an account gives, by PPL's names."""
FORMS = {
    "iban": "[A-Z]{2}[0-9]{2}[0-9A-Z]{10,30}",
    "swift": "[0-9A-Z]{8}([0-9A-Z]{3})?",
    "account": "[0-9]{1,10}",
    "account_prefix": "[0-9]{1,6}",
    "bank_code": "[0-9]{4}",
    "cod_currency": "CZK|EUR|PLN|HUF|RON",
}
WEIGHTS = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)  # from the right, of a Czech number and of its prefix


def faults(said: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what cannot be an account, by our names: a wrong check digit, half of a number."""
    for name, is_right in (("iban", is_iban), ("account", is_czech), ("account_prefix", is_czech)):
        if re.fullmatch(FORMS[name], said[name]) and not is_right(said[name]):
            yield check.fault(name, "bad_check")
    if said["account"] and not said["bank_code"]:
        yield check.fault("bank_code", "missing")
    if not said["account"] and (said["bank_code"] or said["account_prefix"]):
        yield check.fault("account", "missing")


def is_iban(number: str) -> bool:
    """Say whether an IBAN's check digits fit (ISO 13616: modulo 97)."""
    return int("".join(str(int(letter, 36)) for letter in number[4:] + number[:4])) % 97 == 1


def is_czech(number: str) -> bool:
    """Say whether a Czech account's number, or its prefix, can be one (modulo 11)."""
    return sum(int(digit) * weight for digit, weight in zip(reversed(number), WEIGHTS, strict=False)) % 11 == 0
