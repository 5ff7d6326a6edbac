"""What can be asked of GLS beside carriage: services of one list, so any of them go together as far as GLS lets them.

A service that means the recipient may be given as `1`, for the doors let no option be empty (docs/carriers.md 4.2).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, NoReturn, TypeAlias

from carriers import check
from carriers.base import Account
from carriers.errors import CarrierRefused, Kind
from carriers.gls.body import listed
from carriers.gls.contract import CODE, noon, wire_time, zone_of
from carriers.shipment import Address, Shipment

PARCEL = "parcel"  # GLS has no code for a parcel to an address: it is one without any service
POINT = "PSD"
FETCHED = "PSS"
BARE = ("24H", "SAT", "T09", "T10", "T12", "TGS", "XS", FETCHED)
PACKAGE = "PackageType"
OPTIONS = {
    "24H": "1: within 24 hours",
    "SAT": "1: on Saturday",
    "T09": "1: by nine",
    "T10": "1: by ten",
    "T12": "1: by noon",
    "FDS": "flexible delivery by e-mail; 1: to the recipient's address",
    "FSS": "flexible delivery by SMS, only beside FDS; 1: to the recipient's number",
    "SM1": "an SMS to the recipient with this text",
    "SM2": "an SMS before delivery; 1: to the recipient's number",
    "CS1": "a number to call; 1: the recipient's",
    "INS": "1: insured for the shipment's value, one box only",
    "DPV": "the shipment's value is declared, with this text",
    "AOS": "handed to this person only; 1: to the recipient",
    "DDS": "delivered on this day, 2026-03-05",
    "SDS": "delivered between these times of that place, 2026-03-05 10:00-12:00",
    "SZL": "a document comes back; its number, at most 15 letters",
    FETCHED: "1: fetched by GLS at the sender the shipment names, one box only",
    "ADR": 'dangerous goods: AdrItemType, AmountUnit, InnerCount, PackSize, UnNumber as JSON, [1,"L",1,0.5,1950]',
    "TGS": "1: service TGS of the contract",
    "XS": "1: service XS of the contract",
    PACKAGE: "what the boxes are, 1 to 7, by GLS's own list",
}
OWN = frozenset({"", "1"})
DANGEROUS = ("AdrItemType", "AmountUnit", "InnerCount", "PackSize", "UnNumber")
DAY = r"\d{4}-\d\d-\d\d"
WINDOW = rf"({DAY}) (\d\d:\d\d)-(\d\d:\d\d)"
LARGEST = 12  # digits of a number nobody means more of

Parameter: TypeAlias = Callable[[Account, Shipment, str], dict[str, Any]]


def asked(account: Account, shipment: Shipment) -> Iterator[dict[str, Any]]:
    """Yield the services of a shipment, each once, with the parameter GLS wants for it."""
    if shipment.service == POINT:
        yield {"Code": POINT, "PSDParameter": {"StringValue": shipment.point.point_id if shipment.point else ""}}
    elif shipment.service != PARCEL:
        yield {"Code": shipment.service}
    for code, chosen in shipment.options.items():
        if code in PARAMETERS:
            yield {"Code": code, f"{code}Parameter": PARAMETERS[code](account, shipment, chosen)}
        elif code in BARE and code != shipment.service:
            yield {"Code": code}


def phone(at: Address) -> str:
    """Return a telephone number in the international form GLS asks for."""
    return check.phone_of(at) or at.phone


def own(chosen: str, recipients: str) -> str:
    """Return what was chosen, or what is the recipient's."""
    return recipients if chosen in OWN else chosen


def day_of(chosen: str) -> date | None:
    """Return a day; None: it is none."""
    try:
        return date.fromisoformat(chosen) if re.fullmatch(DAY, chosen) else None
    except ValueError:
        return None


def window_of(chosen: str, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Return the two times of a window, which are of that zone; None: it is none."""
    if not (found := re.fullmatch(WINDOW, chosen)):
        return None
    try:
        since, until = (datetime.fromisoformat(f"{found[1]}T{at}").replace(tzinfo=zone) for at in found.group(2, 3))
    except ValueError:
        return None
    return (since, until) if since < until else None


def dangerous_of(chosen: str) -> Mapping[str, Any] | None:
    """Return what is said of dangerous goods by GLS's names, numbers as numbers and text as text; None: it is not."""
    try:
        said = listed(json.loads(chosen, parse_float=Decimal))
    except (ValueError, ArithmeticError, RecursionError):
        return None
    if len(said) != len(DANGEROUS) or not all(map(_is_plain, said)):
        return None
    return dict(zip(DANGEROUS, said, strict=True))


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and abs(Decimal(value).adjusted()) < LARGEST


def _value(of: Callable[[Account, Shipment, str], Any]) -> Parameter:
    return lambda account, shipment, chosen: {"Value": of(account, shipment, chosen)}


def _phone(_: Account, shipment: Shipment, chosen: str) -> str:
    return phone(replace(shipment.recipient, phone=own(chosen, shipment.recipient.phone)))


def _day(account: Account, shipment: Shipment, chosen: str) -> str:
    return wire_time(noon(account, day_of(chosen) or _unreadable(shipment, "DDS")))


def _window(account: Account, shipment: Shipment, chosen: str) -> dict[str, Any]:
    since, until = window_of(chosen, zone_of(account, shipment.recipient.country)) or _unreadable(shipment, "SDS")
    return {"TimeFrom": wire_time(since), "TimeTo": wire_time(until)}


def _dangerous(_: Account, shipment: Shipment, chosen: str) -> dict[str, Any]:
    return dict(dangerous_of(chosen) or _unreadable(shipment, "ADR"))


def _unreadable(shipment: Shipment, name: str) -> NoReturn:
    """Raise CONTENT for what `validate` would have told: a batch is then asked one by one, and the others go."""
    fault = check.fault(f"options.{name}", "letters")
    why = f"{shipment.reference}: {name} cannot be read"
    raise CarrierRefused(CODE, "book", why, kind=Kind.CONTENT, faults=[fault])


PARAMETERS: Mapping[str, Parameter] = {
    "FDS": _value(lambda _, shipment, chosen: own(chosen, shipment.recipient.email)),
    "FSS": _value(_phone),
    "SM1": _value(lambda _, shipment, chosen: f"{phone(shipment.recipient)}|{chosen}"),
    "SM2": _value(_phone),
    "CS1": _value(_phone),
    "INS": _value(lambda _, shipment, __: shipment.value.major),
    "DPV": lambda _, shipment, chosen: {"StringValue": chosen, "DecimalValue": shipment.value.major},
    "AOS": _value(lambda _, shipment, chosen: own(chosen, shipment.recipient.name)),
    "DDS": _value(_day),
    "SDS": _window,
    "SZL": _value(lambda _, __, chosen: chosen),
    "ADR": _dangerous,
}
