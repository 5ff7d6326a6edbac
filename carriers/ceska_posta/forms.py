"""Which form a label is printed by, and where on its page: as the account gives it, else the usual one (5.3).

A form that lays several labels on a sheet is not taken: whoever prints lays pages on sheets (labels.py).
"""

import re
from collections.abc import Iterator

from carriers.base import Account

PARCEL, LETTER, ZPL = 101, 21, 200  # A6 upright, harmonised or a plain address label; Zebra 105 × 148 mm
ABROAD, OF_BUSINESS = frozenset({*range(58, 64), 72, 73}), frozenset({72, 73})
ONE_A_PAGE = frozenset({PARCEL, 102, LETTER, 39, *range(22, 26), 7, 8, 10, 11, 12}) | ABROAD
DECLARATION, DECLARATIONS = "CN", frozenset({56, 57})  # CN22 and CN23, in `forms` as if of a product
ZPLS = frozenset({ZPL, 201, 202})
GOING_ABROAD = frozenset({"CE", "CS", "CV", "EM"})
PAIR = re.compile(r"\s*([A-Z]{1,2})\s*=\s*(\d{1,3})\s*", re.ASCII)
SHIFT = re.compile(r"[+-]?\d{1,3}", re.ASCII)
SHIFTS = ("shift_horizontal", "shift_vertical")


def asked(account: Account, service: str) -> int | None:
    """Return the form of PDF an account wants for a product, `RR=39,CE=72`; None: it names none that can be."""
    named = {found[1]: int(found[2]) for found in map(PAIR.fullmatch, _pairs(account)) if found}
    form = named.get(service)
    return form if form is not None and _fits(service, form) else None


def declaration(account: Account) -> int | None:
    """Return the form of the declaration that follows a label where something is declared; None: none is wanted."""
    return asked(account, DECLARATION)


def zpl(account: Account) -> int:
    """Return the form of ZPL: 200, or 201 (100 × 150 mm) or 202 (100 × 125 mm) where an account says so."""
    said = account.given.get("zpl", "").strip()
    return int(said) if said.isascii() and said.isdigit() and int(said) in ZPLS else ZPL


def shifts(account: Account) -> dict[str, int]:
    """Return how far a label is moved on its page, in millimetres."""
    right, down = (_millimetres(account, name) for name in SHIFTS)
    return {"shiftHorizontal": right, "shiftVertical": down}


def wrong(account: Account) -> Iterator[str]:
    """Yield what an account says of its labels and cannot be; it is passed over elsewhere."""
    for pair in _pairs(account):
        found = PAIR.fullmatch(pair)
        if not found or not _fits(found[1], int(found[2])):
            yield f"forms: {pair.strip()}"
    said = account.given.get("zpl", "").strip()
    if said and said != str(zpl(account)):
        yield f"zpl: {said}"
    for name in SHIFTS:
        if (text := account.given.get(name, "").strip()) and not SHIFT.fullmatch(text):
            yield f"{name}: {text}"


def _pairs(account: Account) -> list[str]:
    return [pair for pair in account.given.get("forms", "").split(",") if pair.strip()]


def _fits(service: str, form: int) -> bool:
    if service == DECLARATION:
        return form in DECLARATIONS
    if form in OF_BUSINESS:
        return service == "CE"
    return form in ONE_A_PAGE and (form not in ABROAD or service in GOING_ABROAD)


def _millimetres(account: Account, name: str) -> int:
    said = account.given.get(name, "").strip()
    return int(said) if SHIFT.fullmatch(said) else 0
