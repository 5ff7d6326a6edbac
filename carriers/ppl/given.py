"""What an account with PPL may say once for all its shipments (docs/carriers.md 2.2, 2.3); texts go out as they are."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from carriers import check
from carriers.base import Account, Format
from carriers.errors import Fault
from carriers.ppl import bank, options
from carriers.shipment import Address, Shipment

MAY_GIVE: Mapping[str, str] = {
    "label_format": "What labels are made as: zpl; without it PDF",
    "dpi": "How fine labels are: 203, 300 or 600; without it PDF 300 and ZPL 203",
    "sender_mask": f"Who is named as the sender in your place: {options.LINE}",
    "return_address": f"Where parcels that come back go, and returns: {options.LINE}",
    "return_product": "What returns are booked as: RETD, RECI or RECE; without it RETD",
    "age_check": "The code of /codelist/ageCheck that stands for 18+",
    "depot": "The code of a depot, only where PPL asks for it",
    "integrator_id": "The number PPL gave to whoever joins it to the shop",
    "iban": "IBAN that COD goes to, where it is not that of the contract",
    "swift": "SWIFT code of that bank",
    "account": "Number of that bank account, without its prefix",
    "account_prefix": "Prefix of that number",
    "bank_code": "Code of that bank",
    "cod_currency": "The one currency whose COD goes to that bank account: CZK, EUR, PLN, HUF or RON; without it CZK",
}
FORMATS = "(?i:pdf|zpl)"
FORMS = {
    "dpi": "203|300|600",
    "return_product": "RETD|RECI|RECE",
    "age_check": options.CODE,
    "integrator_id": "[1-9][0-9]{0,9}",
    **bank.FORMS,
}
LINES = ("sender_mask", "return_address")
PLACES = {
    "senderMask": "sender_mask", "backAddress": "return_address", "ageCheck": "age_check", "depot": "depot",
    "integratorId": "integrator_id",
} | {f"cashOnDelivery.{theirs}": ours for theirs, ours in bank.NAMES.items()}  # fmt: skip
"""Where in a shipment PPL finds what an account gives."""
LABELS = {Format.PDF: ("Pdf", 300), Format.ZPL: ("Zpl", 203)}


def text(account: Account, name: str) -> str:
    """Return what was given under a name; "" where nothing was. A bank's numbers are often written with spaces."""
    said = account.given.get(name, "").strip()
    return re.sub(r"\s", "", said) if name in bank.FORMS else said


def faults(account: Account) -> Iterator[Fault]:
    """Yield what PPL would refuse with every shipment; the fields are names of `MAY_GIVE`."""
    for name, form in FORMS.items():
        yield from check.text(name, text(account, name), 40, form)
    yield from bank.faults({name: text(account, name) for name in bank.NAMES.values()})
    said = [(name, text(account, name)) for name in LINES]
    yield from chain(*(options.line_faults(name, line) for name, line in said if line))


def format_faults(account: Account) -> Iterator[Fault]:
    """Yield what is wrong with the format of labels, which is PDF all the same."""
    yield from check.text("label_format", text(account, "label_format"), 40, FORMATS)


def format_of(account: Account) -> Format:
    """Return what an account's labels are made as."""
    return Format.ZPL if text(account, "label_format").lower() == "zpl" else Format.PDF


def looks(account: Account, kind: Format) -> tuple[str, int]:
    """Return PPL's word for a format, and how many dots an inch has."""
    name, dpi = LABELS[kind]
    asked = text(account, "dpi")
    return name, int(asked) if re.fullmatch(FORMS["dpi"], asked) else dpi


def cod_account(account: Account, currency: str) -> Mapping[str, str]:
    """Return where COD of a currency goes, by PPL's names; nothing where that is the account of the contract."""
    if currency != (text(account, "cod_currency") or bank.HOME):
        return {}
    return {theirs: said for theirs, ours in bank.NAMES.items() if (said := text(account, ours))}


def told_by(path: str, account: Account, shipment: Shipment) -> str | None:
    """Return by which name the account gives what stands at a path within a shipment; None: the shipment says it."""
    said = {**shipment.options, "return_address": shipment.return_to}
    for theirs, ours in PLACES.items():
        is_there = f"{path}.".lower().startswith(f"{theirs}.".lower())
        if is_there and text(account, ours) and not said.get(ours):
            return ours
    return None


def mask(account: Account) -> Address | None:
    return options.address_of(text(account, "sender_mask"))


def back(account: Account) -> Address | None:
    return options.address_of(text(account, "return_address"))


def return_product(account: Account) -> str:
    return text(account, "return_product") or "RETD"
