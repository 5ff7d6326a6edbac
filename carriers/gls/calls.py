"""What MyGLS is asked: every call as its exact bytes, with nothing sent here.

The password travels as the 64 bytes of its SHA-512 digest, times as milliseconds in `/Date(…)/`, and what is text
elsewhere is a number here: the client, parcel ids and parcel numbers (docs/carriers.md 4.1, 4.2).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from carriers.base import Account, Format, Parcel
from carriers.errors import CarrierRefused, Kind
from carriers.gls.contract import CODE, LANGUAGES, given, printer_of, wire_time, zone_of
from carriers.gls.parcel import parcel_of
from carriers.money import Money
from carriers.shipment import Shipment
from carriers.wire import TIMEOUT_S, Call, written

POINTS_URL = "https://map.gls-czech.com"
AGENT = "upgates-expedition"  # the server of points refuses some default agents (4.6)
PRINTING_S = 60.0  # a hundred labels are drawn before the answer begins
CLOCKS = timedelta(hours=1)  # by which theirs and ours may differ without a label being overlooked


def create_call(account: Account, shipments: Sequence[Shipment], kind: Format) -> Call:
    """Return PrintLabels: parcels are stored, numbered and drawn in one step (4.2)."""
    parcels = [parcel_of(account, shipment) for shipment in shipments]
    asked = {"ParcelList": parcels, **_print(account, kind)}
    return _call(account, "PrintLabels", asked, makes=True, timeout_s=PRINTING_S)


def reprint_call(account: Account, parcel_ids: Sequence[str], kind: Format) -> Call:
    """Return GetPrintedLabels, one label a page (4.3)."""
    asked = {"ParcelIdList": [int(one) for one in parcel_ids], **_print(account, kind)}
    return _call(account, "GetPrintedLabels", asked, timeout_s=PRINTING_S)


def statuses_call(account: Account, number: str) -> Call:
    """Return GetParcelStatuses of one number, with or without its check digit (4.4, 4.7)."""
    return _call(account, "GetParcelStatuses", {"ParcelNumber": int(number), **_wording(account)})


def many_call(account: Account, numbers: Sequence[str]) -> Call:
    """Return GetParcelListStatuses of up to 100 numbers, asked for as those of one are (4.4, switch `track_list`)."""
    asked = {"ParcelNumberList": [int(one) for one in numbers], **_wording(account)}
    return _call(account, "GetParcelListStatuses", asked)


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


def cod_call(account: Account, parcel_id: str, amount: Money) -> Call:
    """Return ModifyCOD, which names no currency (4.5); it may have been done wherever its answer is lost."""
    return _call(account, "ModifyCOD", {"ParcelId": int(parcel_id), "CODAmount": amount.major}, makes=True)


def points_call(account: Account, country: str) -> Call:
    """Return the call for the list of a country's points, which needs no login (4.6)."""
    host = account.given.get("points_url") or POINTS_URL
    url = f"{host.rstrip('/')}/data/deliveryPoints/{country.lower()}.json"
    return Call("GET", url, headers={"Accept": "application/json", "User-Agent": AGENT}, timeout_s=PRINTING_S)


def parcel_ids(parcels: Sequence[Parcel], operation: str) -> list[str]:
    """Return GLS's own ids, each once: labels and deletion know no parcel numbers; raise UNKNOWN for one without."""
    found = [parcel.handle.ids.get("ParcelId", "") for parcel in parcels]
    if strange := [
        parcel.number for parcel, one in zip(parcels, found, strict=True) if not re.fullmatch("[0-9]+", one)
    ]:
        raise CarrierRefused(CODE, operation, f"no ParcelId is known of {', '.join(strange)}", kind=Kind.UNKNOWN)
    return list(dict.fromkeys(found))


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


def _print(account: Account, kind: Format) -> dict[str, Any]:
    return {
        "WebshopEngine": AGENT,
        "PrintPosition": 1,
        "ShowPrintDialog": False,
        "TypeOfPrinter": printer_of(account, kind),
    }


def _wording(account: Account) -> dict[str, Any]:
    return {"ReturnPOD": False, "LanguageIsoCode": LANGUAGES.get(given(account, "sender_country"), "EN")}
