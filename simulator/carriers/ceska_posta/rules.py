"""What the post checks of a record, as codes in the order it tells them (carriers.md 5.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulator.carriers.ceska_posta import addressee, customs, numbers
from simulator.carriers.world import Account, World

HOME, POINT, OFFICE = ("DR", "DV", "DE"), ("NB",), ("NP", "NV", "NA")
ABROAD = addressee.ABROAD
LETTERS = ("RR", "VL", "RT")
PRODUCTS = (*HOME, *POINT, *OFFICE, *LETTERS, "BA", "BN", "BE", "BP", "B", "BB", "V", "VV", "EE", *ABROAD)
# Guess: which products "parcels" are that need a size class, and which ones "insured parcels".
SIZED = (*HOME, *POINT, *OFFICE)
INSURED = ("DR", "NP", "VL", "EE", "B", "BB", "V", "VV", "CV")
SIZES = {"S", "M", "L", "XL"}
COD = {"41", "4", "5", "Du", "Dh"}
NOTICES = {"34", "45", "46"}
EITHER_OR = (
    SIZES, NOTICES, COD, {"3", "76", "77", "78"}, {"20", "21", "22", "12"}, {"1A", "1B"}, {"42", "43", "44"},
    {"4A", "4B", "4C", "4D"}, {"9A", "9B"},
)  # fmt: skip
OF_ABROAD = {"42", "43", "44", "4A", "4B", "4C", "4D", "9A", "9B"}
BY_SMS, BY_EMAIL = {"34", "45", "76", "78"}, {"45", "46", "77", "78"}
SETS = {"70", "69"}
SERVICES = {
    *SIZES, *COD, *NOTICES, *SETS, "7", "1", "8", "3", "76", "77", "78", "10", "11", "1N", "20", "21", "22", "12", "30",
    "24", "25", "1A", "1B", "18", "19", "27", "31", "42", "43", "44", "4A", "4B", "4C", "4D", "9A", "9B",
}  # fmt: skip
MOST_KG = Decimal(50)  # guess: the contract gives no limit
MOST_COD_AT_A_POINT = Decimal(20_000)
MONEY = Decimal("0.01")


@dataclass
class Record:
    """One parcel as asked for; `box` of `boxes`, the first has the address, `master` is its number if it brings one."""

    params: dict[str, Any]
    services: list[str]
    address: dict[str, Any] = field(default_factory=dict)
    customs: dict[str, Any] | None = None
    box: int = 1
    boxes: int = 1
    master: str = ""

    @property
    def prefix(self) -> str:
        """Return the product; single letters come with a space or without."""
        return self.params.get("prefixParcelCode", "").rstrip(" ")

    @property
    def country(self) -> str:
        """Return where it goes."""
        return self.address.get("address", {}).get("isoCountry") or "CZ"

    @property
    def cod(self) -> tuple[str, str] | None:
        """Return amount and currency, None without COD."""
        if not COD & set(self.services):
            return None
        return format(self.params["amount"], "f"), self.params.get("currency") or "CZK"


def codes(world: World, account: Account, record: Record, *, taken: set[str]) -> list[int]:
    """Return what is to be said of a record, nothing for a faultless one; `taken`: numbers of this very call."""
    if record.prefix not in PRODUCTS:
        return [103 if record.prefix else 128]
    found = [*_number(world, account, record, taken), *_weight(record), *_services(record), *_value(record)]
    if record.box == 1:
        found += [
            *_cod(record),
            *addressee.codes(world, record.prefix, record.address),
            *_contact(record),
            *customs.codes(record.customs, set(record.services), record.country, record.params.get("weight", "")),
        ]
    return list(dict.fromkeys(found))


def _number(world: World, account: Account, record: Record, taken: set[str]) -> Iterator[int]:
    number = record.params.get("parcelCode", "")
    if number:
        fault = numbers.fault_of_own(account, record.prefix, number)
        if fault:
            yield fault
        elif number in world.parcels or number in taken:  # the world is never thirteen months old
            yield 101
        taken.add(number)
    if record.params.get("masterCode") and record.params["masterCode"] != record.master:
        yield 100  # guess: the code


def _weight(record: Record) -> Iterator[int]:
    text = record.params.get("weight", "")
    if not text:
        yield 104
    elif not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text):
        yield 121
    elif not 0 < Decimal(text) <= MOST_KG:
        yield 104


def _services(record: Record) -> Iterator[int]:
    given, of_sets = set(record.services), {"69" if record.prefix == "BN" else "70"}
    # guess: the code of a service that is unknown or comes twice
    is_known = given <= SERVICES and len(given) == len(record.services)
    if not is_known or any(len(given & group) > 1 for group in EITHER_OR):
        yield 112
    if record.boxes > 1 and not of_sets <= given:
        yield 113
    if given & SETS - (of_sets if record.boxes > 1 else set()):
        yield 112
    # Whether a further box has a class of its own the contract leaves open: it may, and need not.
    if record.box > 1:
        if given - SETS - SIZES:
            yield 112
        return
    yield from _needed(record, given)


def _needed(record: Record, given: set[str]) -> Iterator[int]:
    """Yield what a product lacks. Sides are not held against the class, for their unit is an open question."""
    if record.prefix in INSURED and "7" not in given:
        yield 113
    if record.prefix not in ABROAD and given & OF_ABROAD:
        yield 112  # guess: the code
    if record.prefix in ABROAD and not given & {"42", "43", "44"}:
        yield 127
    if "25" in given and "24" not in given:
        yield 328
    if record.prefix in SIZED and not given & SIZES:
        yield 261


def _value(record: Record) -> Iterator[int]:
    value, is_insured = record.params.get("insuredValue"), "7" in record.services
    if value is None:
        if is_insured:
            yield 336
    elif value < 0 or (is_insured and value == 0) or value % MONEY:
        yield 105
    elif value and not is_insured:
        yield 113  # guess: a value nobody would pay for is refused, not forgotten


def _cod(record: Record) -> Iterator[int]:
    amount, has_cod = record.params.get("amount"), bool(COD & set(record.services))
    currency = record.params.get("currency") or "CZK"
    symbols = [record.params.get(name, "") for name in ("vsVoucher", "vsParcel")]
    if any(symbol and not re.fullmatch(r"\d{1,10}", symbol) for symbol in symbols):
        yield 132
    if record.params.get("specSym") and not re.fullmatch(r"\d{1,10}", record.params["specSym"]):
        yield 317
    if not has_cod:
        if amount:
            yield 131
        return
    if amount is None:
        yield 124
    elif amount <= 0 or amount % (1 if currency == "CZK" else MONEY):  # CZK in whole crowns: carriers.md 0
        yield 106
    elif record.prefix in POINT and amount > MOST_COD_AT_A_POINT:
        yield 139  # guess: which addresses; here every Balíkovna
    if currency != "CZK" and record.prefix not in ABROAD:
        yield 107
    if not symbols[0]:
        yield 108


def _contact(record: Record) -> Iterator[int]:
    """Yield what a notice lacks to be sent to.

    A number or an address nobody needs is dropped when it cannot be read, and that is said.
    """
    given = set(record.services)
    mobile, email = (record.address.get(name, "") for name in ("mobilNumber", "emailAddress"))
    if given & BY_SMS:
        if not mobile:
            yield 189
        elif not re.fullmatch(r"(\+420)?[67]\d{8}", mobile):
            yield 184
    elif mobile and not re.fullmatch(r"\+\d{8,15}|\d{9}", mobile):
        yield 304
    phone = record.address.get("phoneNumber", "")
    if phone and not re.fullmatch(r"\+\d{8,15}|\d{9}", phone):
        yield 305
    is_read = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email)
    if given & BY_EMAIL and not email:
        yield 250
    elif email and not is_read:
        yield 185 if given & BY_EMAIL else 183
    for name, code in (("prefixAccount", 306), ("account", 307), ("bank", 308)):
        told = record.address.get("bank", {}).get(name, "")
        if told and not re.fullmatch(r"\d+", told):
            yield code
