"""What MyGLS is asked: every call as its exact bytes, with nothing sent here.

The password travels as the 64 bytes of its SHA-512 digest, times as milliseconds in `/Date(…)/`, and what is text
elsewhere is a number here: the client, parcel ids and parcel numbers (docs/carriers.md 4.1, 4.2).
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from carriers import check, street
from carriers.base import Account, Format, Parcel
from carriers.errors import CarrierRefused, Kind
from carriers.shipment import Address, Box, Shipment
from carriers.wire import TIMEOUT_S, Call, written

CODE = "gls"
ZONES = {
    "CZ": "Europe/Prague", "SK": "Europe/Bratislava", "HU": "Europe/Budapest", "RO": "Europe/Bucharest",
    "SI": "Europe/Ljubljana", "HR": "Europe/Zagreb", "RS": "Europe/Belgrade",
}  # fmt: skip
LANGUAGES = {"CZ": "CS", "SK": "SK", "HU": "HU", "RO": "RO", "SI": "SL", "HR": "HR"}
PRODUCTION = {country: f"https://api.mygls.{country.lower()}" for country in ZONES}
SANDBOX = {country: f"https://api.test.mygls.{country.lower()}" for country in ZONES}
POINTS_URL = "https://map.gls-czech.com"
AGENT = "upgates-expedition"  # the server of points refuses some default agents (4.6)

PRINTERS = {Format.PDF: "Thermo", Format.ZPL: "ThermoZPL"}  # one label a page, where nothing else is chosen
ROLLS = {
    Format.PDF: frozenset({"Thermo", "Connect", "ShipItThermoPdf"}),
    Format.ZPL: frozenset({"ThermoZPL", "ThermoZPL_300DPI", "ShipItThermoZpl"}),
}
SHEET = "A4_2x2"
PARCEL = "parcel"  # GLS has no code for a parcel to an address: it is one without any service
POINT = "PSD"
PRINTING_S = 60.0  # a hundred labels are drawn before the answer begins
CLOCKS = timedelta(hours=1)  # by which theirs and ours may differ without a label being overlooked


def create_call(account: Account, shipments: Sequence[Shipment], kind: Format) -> Call:
    """Return PrintLabels: parcels are stored, numbered and drawn in one step (4.2)."""
    parcels = [parcel_of(account, shipment) for shipment in shipments]
    asked = {"ParcelList": parcels, **_print(account, kind, None)}
    return _call(account, "PrintLabels", asked, makes=True, timeout_s=PRINTING_S)


def reprint_call(account: Account, parcel_ids: Sequence[str], kind: Format, *, sheet_from: int | None) -> Call:
    """Return GetPrintedLabels; `sheet_from`: the place (1 to 4) on an A4 sheet, None for one label a page (4.3)."""
    asked = {"ParcelIdList": [int(one) for one in parcel_ids], **_print(account, kind, sheet_from)}
    return _call(account, "GetPrintedLabels", asked, timeout_s=PRINTING_S)


def statuses_call(account: Account, number: str) -> Call:
    """Return GetParcelStatuses of one number, with or without its check digit (4.4, 4.7)."""
    language = LANGUAGES.get(given(account, "sender_country"), "EN")
    asked = {"ParcelNumber": int(number), "ReturnPOD": False, "LanguageIsoCode": language}
    return _call(account, "GetParcelStatuses", asked)


def list_call(account: Account, *, since: datetime, until: datetime) -> Call:
    """Return GetParcelList of what was printed on these days: whole ones, for nobody says whether hours count (4.5)."""
    zone = zone_of(account)
    first = (since - CLOCKS).astimezone(zone).date()
    last = (until + CLOCKS).astimezone(zone).date() + timedelta(days=1)
    asked = {
        "PickupDateFrom": None,
        "PickupDateTo": None,
        "PrintDateFrom": wire_time(datetime.combine(first, time(), zone)),
        "PrintDateTo": wire_time(datetime.combine(last, time(), zone)),
    }
    return _call(account, "GetParcelList", asked)


def delete_call(account: Account, parcel_ids: Sequence[str]) -> Call:
    """Return DeleteLabels of up to 50 parcels (4.5)."""
    return _call(account, "DeleteLabels", {"ParcelIdList": [int(one) for one in parcel_ids]})


def points_call(account: Account, country: str) -> Call:
    """Return the call for the list of a country's points, which needs no login (4.6)."""
    host = account.given.get("points_url") or POINTS_URL
    url = f"{host.rstrip('/')}/data/deliveryPoints/{country.lower()}.json"
    return Call("GET", url, headers={"Accept": "application/json", "User-Agent": AGENT}, timeout_s=PRINTING_S)


def parcel_of(account: Account, shipment: Shipment) -> dict[str, Any]:
    """Return a shipment as GLS wants it; all its boxes are one `Parcel` with a `Count`."""
    told = shipment.note or shipment.order_number
    return {
        "ClientNumber": client_number(account),
        "ClientReference": shipment.reference,
        "Count": len(shipment.boxes),
        **_cod(shipment),
        "Content": told,
        **({"PickupDate": wire_time(_noon(account, shipment.ship_on))} if shipment.ship_on else {}),
        "PickupAddress": _address(shipment.sender or sender_of(account)),
        "DeliveryAddress": _address(shipment.recipient),
        "ServiceList": list(services(account, shipment)),
        "ParcelPropertyList": [_box(box, told) for box in shipment.boxes],
        **_identity(account),
    }


def turned(account: Account, shipment: Shipment) -> Shipment:
    """Return the way back: from the recipient to us, nothing to be collected, by the shop return service."""
    home = shipment.sender or sender_of(account)
    return replace(shipment, sender=shipment.recipient, recipient=home, service="SRS", point=None, cod=None, options={})


def services(account: Account, shipment: Shipment) -> Iterator[dict[str, Any]]:
    """Yield what is asked for beside carriage, each with the parameter GLS wants for it."""
    if shipment.service == POINT:
        yield {"Code": POINT, "PSDParameter": {"StringValue": shipment.point.point_id if shipment.point else ""}}
    elif shipment.service != PARCEL:
        yield {"Code": shipment.service}
    for code, chosen in shipment.options.items():
        if code in PARAMETERS:
            yield {"Code": code, **PARAMETERS[code](account, shipment, chosen)}


def _value(code: str, of: Callable[[Account, Shipment, str], Any]) -> Callable[[Account, Shipment, str], Any]:
    return lambda account, shipment, chosen: {f"{code}Parameter": {"Value": of(account, shipment, chosen)}}


def _phone(_: Account, shipment: Shipment, chosen: str) -> str:
    return phone(replace(shipment.recipient, phone=chosen or shipment.recipient.phone))


PARAMETERS: Mapping[str, Callable[[Account, Shipment, str], dict[str, Any]]] = {
    "FDS": _value("FDS", lambda _, shipment, chosen: chosen or shipment.recipient.email),
    "FSS": _value("FSS", _phone),
    "SM1": _value("SM1", lambda _, shipment, chosen: f"{phone(shipment.recipient)}|{chosen}"),
    "SM2": _value("SM2", _phone),
    "CS1": _value("CS1", _phone),
    "INS": _value("INS", lambda _, shipment, __: shipment.value.major),
    "AOS": _value("AOS", lambda _, shipment, chosen: chosen or shipment.recipient.name),
    "DDS": _value("DDS", lambda account, _, chosen: wire_time(_noon(account, date.fromisoformat(chosen)))),
    "SZL": _value("SZL", lambda _, __, chosen: chosen),
    "TGS": lambda _, __, ___: {},
    "XS": lambda _, __, ___: {},
}


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


def client_number(account: Account) -> int:
    """Return the number of the contract with GLS; raise ACCOUNT where it is none."""
    number = given(account, "client_number")
    if not re.fullmatch(r"[0-9]{1,10}", number):
        raise _lacking("client_number is no number")
    return int(number)


def given(account: Account, name: str) -> str:
    """Return what an account must say; raise ACCOUNT where it does not."""
    if value := account.given.get(name, "").strip():
        return value
    raise _lacking(f"the account does not say its {name}")


def zone_of(account: Account) -> ZoneInfo:
    """Return the time zone of the country the contract is in."""
    return ZoneInfo(ZONES.get(given(account, "sender_country"), ZONES["CZ"]))


def parcel_ids(parcels: Sequence[Parcel], operation: str) -> list[str]:
    """Return GLS's own ids, each once: labels and deletion know no parcel numbers; raise UNKNOWN for one without."""
    found = [parcel.handle.ids.get("ParcelId", "") for parcel in parcels]
    if strange := [
        parcel.number for parcel, one in zip(parcels, found, strict=True) if not re.fullmatch("[0-9]+", one)
    ]:
        raise CarrierRefused(CODE, operation, f"no ParcelId is known of {', '.join(strange)}", kind=Kind.UNKNOWN)
    return list(dict.fromkeys(found))


def phone(at: Address) -> str:
    """Return a telephone number in the international form GLS asks for."""
    return check.phone_of(at) or at.phone


def house_number(at: Address) -> tuple[str, str, str]:
    """Return street, number and the rest of it: `Lipová 12/3` → (`Lipová`, `12`, `/3`). GLS takes digits only, never 0.

    Without a number the street stays whole: GLS asks for none.
    """
    road, number = street.parted(at)
    digits = re.match(r"0*([1-9][0-9]*)", number)
    if not digits:
        return road, "", "" if number.strip("0") == "" else number
    return road, digits[1], number[digits.end() :].strip()


def wire_time(at: datetime) -> str:
    """Return a time in milliseconds as GLS reads it; the offset it may show says nothing more."""
    return f"/Date({int(at.astimezone(UTC).timestamp()) * 1000})/"


def _shortest(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _call(
    account: Account, method: str, asked: Mapping[str, Any], *, makes: bool = False, timeout_s: float = TIMEOUT_S
) -> Call:
    digest = hashlib.sha512(account.secrets.get("password", "").encode()).digest()
    body = {"Username": given(account, "username"), "Password": list(digest), **asked}
    return Call(
        "POST",
        f"{account.base_url.rstrip('/')}/ParcelService.svc/json/{method}",
        headers={"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"},
        body=written(body, _shortest).encode(),
        makes=makes,
        timeout_s=timeout_s,
    )


def _print(account: Account, kind: Format, sheet_from: int | None) -> dict[str, Any]:
    chosen = account.given.get("printer", "")
    roll = chosen if chosen in ROLLS[kind] else PRINTERS[kind]
    return {
        "WebshopEngine": AGENT,
        "PrintPosition": sheet_from or 1,
        "ShowPrintDialog": False,
        "TypeOfPrinter": SHEET if sheet_from else roll,
    }


def _cod(shipment: Shipment) -> dict[str, Any]:
    if shipment.cod is None:
        return {}
    amount = shipment.cod.amount
    return {
        "CODAmount": amount.major,
        "CODReference": shipment.cod.variable_symbol,
        "CODCurrency": amount.currency,
    }


def _address(at: Address) -> dict[str, str]:
    road, number, rest = house_number(at)
    return {
        "Name": at.company.strip() or at.name,
        "Street": road,
        **({"HouseNumber": number} if number else {}),
        "HouseNumberInfo": rest,
        "City": at.city,
        "ZipCode": check.zip_of(at) or at.zip,
        "CountryIsoCode": at.country,
        "ContactName": at.name,
        "ContactPhone": phone(at),
        "ContactEmail": at.email,
    }


def _box(box: Box, told: str) -> dict[str, Any]:
    sides = {"Height": box.height_mm, "Length": box.length_mm, "Width": box.width_mm}
    in_cm = {name: -(-side // 10) for name, side in sides.items() if side}  # whole centimetres, never too few
    return {"Content": told, **in_cm, "Weight": Decimal(box.weight_g).scaleb(-3)}


def _identity(account: Account) -> dict[str, str]:
    card = account.given.get("sender_identity_card", "")  # Serbia only
    return {"SenderIdentityCardNumber": card} if card and given(account, "sender_country") == "RS" else {}


def _noon(account: Account, day: date) -> datetime:
    # At noon it is the same day wherever the server counts from.
    return datetime.combine(day, time(12), zone_of(account))


def _lacking(why: str) -> CarrierRefused:
    return CarrierRefused(CODE, "account", why, kind=Kind.ACCOUNT)
