"""What a contract with GLS says: whose it is, where parcels are picked up, by which clock, on which printer.

Source: docs/carriers.md 4.1 (servers, times), 4.3 (printers).
"""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from carriers.base import Account, Format
from carriers.errors import CarrierRefused, Kind
from carriers.shipment import Address

CODE = "gls"
ZONES = {
    "CZ": "Europe/Prague", "SK": "Europe/Bratislava", "HU": "Europe/Budapest", "RO": "Europe/Bucharest",
    "SI": "Europe/Ljubljana", "HR": "Europe/Zagreb", "RS": "Europe/Belgrade",
}  # fmt: skip
LANGUAGES = {"CZ": "CS", "SK": "SK", "HU": "HU", "RO": "RO", "SI": "SL", "HR": "HR"}
PRODUCTION = {country: f"https://api.mygls.{country.lower()}" for country in ZONES}
SANDBOX = {country: f"https://api.test.mygls.{country.lower()}" for country in ZONES}

PRINTERS = {Format.PDF: "Thermo", Format.ZPL: "ThermoZPL"}  # one label a page, where nothing else is chosen
ROLLS = {
    Format.PDF: frozenset({"Thermo", "Connect", "ShipItThermoPdf"}),
    Format.ZPL: frozenset({"ThermoZPL", "ThermoZPL_300DPI", "ShipItThermoZpl"}),
}
BACK = "SRS"
WAYS_BACK = frozenset({BACK, "PRS", "LRS"})
LOCKER_BACK = "LRS"


def given(account: Account, name: str) -> str:
    """Return what an account must say; raise ACCOUNT where it does not."""
    if value := account.given.get(name, "").strip():
        return value
    raise lacking(f"the account does not say its {name}")


def home_of(account: Account) -> str:
    """Return the country of the contract, "" where the account does not say it."""
    return account.given.get("sender_country", "").strip()


def client_number(account: Account) -> int:
    """Return the number of the contract with GLS; raise ACCOUNT where it is none."""
    number = given(account, "client_number")
    if not re.fullmatch(r"[0-9]{1,10}", number):
        raise lacking("client_number is no number")
    return int(number)


def sender_of(account: Account) -> Address:
    """Return where the account's parcels are picked up; raise ACCOUNT where it does not say."""
    return Address(
        name=given(account, "sender_name"),
        street=given(account, "sender_street"),
        city=given(account, "sender_city"),
        zip=given(account, "sender_zip"),
        country=given(account, "sender_country"),
        house_number=account.given.get("sender_house_number", ""),
        company=account.given.get("sender_company", ""),
        phone=account.given.get("sender_phone", ""),
        email=account.given.get("sender_email", ""),
    )


def printer_of(account: Account, kind: Format) -> str:
    """Return the printer labels of a kind are for: the one with a label a page where the account names none of these.

    An account may name another since long, so nobody's parcels wait for that: `expect_printer` tells who enters one.
    """
    chosen = account.given.get("printer", "").strip()
    return chosen if chosen in ROLLS[kind] else PRINTERS[kind]


def expect_printer(account: Account) -> None:
    """Raise ACCOUNT where the account names a printer GLS has not, or one of sheets.

    A sheet holds several labels: whose page is whose would be lost, and sheets are laid out by whoever prints.
    """
    chosen = account.given.get("printer", "").strip()
    known = sorted(ROLLS[Format.PDF] | ROLLS[Format.ZPL])
    if chosen and chosen not in known:
        raise lacking(f"printer is none with one label a page: {', '.join(known)}")


def way_back(account: Account) -> str:
    """Return the service a parcel comes back by; raise ACCOUNT where the account names one it cannot have."""
    chosen = account.given.get("return_service", "").strip() or BACK
    if chosen not in WAYS_BACK:
        raise lacking(f"return_service is none of {', '.join(sorted(WAYS_BACK))}")
    if chosen == LOCKER_BACK and home_of(account) != "HU":
        raise lacking(f"return_service {LOCKER_BACK} is of a contract in Hungary only")
    return chosen


def zone_of(account: Account, country: str = "") -> ZoneInfo:
    """Return the time zone of a country GLS has a server in, else that of the contract's."""
    return ZoneInfo(ZONES.get(country) or ZONES.get(given(account, "sender_country"), ZONES["CZ"]))


def noon(account: Account, day: date) -> datetime:
    """Return a time that is on this day wherever the server counts from."""
    return datetime.combine(day, time(12), zone_of(account))


def wire_time(at: datetime) -> str:
    """Return a time in milliseconds as GLS reads it; the offset it may show says nothing more."""
    return f"/Date({int(at.astimezone(UTC).timestamp()) * 1000})/"


def lacking(why: str) -> CarrierRefused:
    """Return the refusal for what somebody must mend in the account."""
    return CarrierRefused(CODE, "account", why, kind=Kind.ACCOUNT)
