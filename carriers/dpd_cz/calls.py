"""What GeoAPI is asked. Pure: an account and a shipment in, a call out.

Source: docs/carriers.md 3A; weights are grams there, money is hundredths of any currency, of the forint too.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from carriers import check, street
from carriers.base import Account, Format
from carriers.dpd_cz import rules, services
from carriers.shipment import Address, Shipment
from carriers.wire import Call

SLOW_S = 60.0  # fifty parcels, or fifty labels, take GeoAPI longer than a look-up does


def me_call(account: Account) -> Call:
    """Return the call for who we are: customers and their addresses."""
    return read(account, "/me")


def create_call(account: Account, shipments: Sequence[Shipment]) -> Call:
    """Return the call that makes shipments, at most 50; five to ten are recommended."""
    return post(account, "/shipments", [_shipment(account, shipment) for shipment in shipments], makes=True)


def return_call(account: Account, shipment: Shipment) -> Call:
    """Return the call for the way back: the recipient sends, the registered address receives.

    The contract has the names of types and of `dpdReturn` alone, and one shape of sender and receiver for all types
    (3A): that these two change places is our reading. What DPD takes otherwise it refuses, and nothing is made.
    """
    back = _shipment(account, shipment) | {
        "shipmentType": _way_back(shipment),
        "sender": _subject(shipment.recipient),
        "receiver": registered(account),
        "services": {} if is_picked_up(shipment) else {"dpdReturn": True},
    }
    return post(account, "/shipments", [back], makes=True)


def drop_off_call(account: Account, number: str) -> Call:
    """Return the call for the codes a parcel is handed in with; it has no label from then on."""
    path = f"/parcels/{quote(number, safe='')}/drop-off-codes"
    return post(account, path, {"aztec": {"format": "PNG"}}, makes=True)


def labels_call(account: Account, numbers: Sequence[str], kind: Format) -> Call:
    """Return the call for labels; it commits the parcels, and may be repeated as often as one likes.

    The contract shows the page of a PDF only, and the one client that is known to print ZPL tells none (3A).
    """
    wanted = [{"parcelNumber": number} for number in numbers]
    has_page = kind is Format.PDF or "zpl_page" in account.switches
    page = {"printProperties": {"pageSize": "A6", "labelsPerPage": 1}} if has_page else {}
    body = {"printType": kind.value.upper(), **page, "parcels": wanted}
    accept = "application/pdf" if kind is Format.PDF else "application/json"
    return post(account, "/parcels/labels", body, accept=accept)


def track_call(account: Account, number: str) -> Call:
    """Return the call for the events of one parcel."""
    return read(account, f"/parcels/{quote(number, safe='')}/tracking")


def track_many_call(account: Account, numbers: Sequence[str]) -> Call:
    """Return the call for the events of many parcels, in the shape one client sends."""
    return post(account, "/parcels/tracking", {"parcels": list(numbers)})


def list_call(account: Account, *, since: date, until: date) -> Call:
    """Return the call for the parcels made between two days, both included."""
    days = (("from", since.isoformat()), ("to", until.isoformat()))
    return Call("GET", _url(account, "/parcels"), days, headers=_headers(account), timeout_s=SLOW_S)


def delete_call(account: Account, shipment_id: str) -> Call:
    """Return the call that takes a shipment back, with all its parcels."""
    return delete(account, f"/shipments/{quote(shipment_id, safe='')}")


def points_call(url: str, numeric: str) -> Call:
    """Return the call for all points of a country; another server than GeoAPI, which must not see our key."""
    return Call("GET", f"{url.rstrip('/')}/getAll", (("country", numeric),), timeout_s=SLOW_S)


def is_picked_up(shipment: Shipment) -> bool:
    """Say whether a car fetches the way back from whoever sends it."""
    return shipment.options.get("picked_up") == "1"


def registered(account: Account) -> dict[str, Any]:
    """Return the account's address as GeoAPI knows it."""
    address_id = account.given.get("address_id", "").strip()
    return {"it4emId": int(address_id) if address_id.isdecimal() and len(address_id) < 19 else address_id}


def post(account: Account, path: str, body: object, *, makes: bool = False, accept: str = "application/json") -> Call:
    """Return a call that sends JSON."""
    sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {**_headers(account), "Accept": accept, "Content-Type": "application/json"}
    return Call("POST", _url(account, path), headers=headers, body=sent, makes=makes, timeout_s=SLOW_S)


def read(account: Account, path: str) -> Call:
    """Return a call that changes nothing."""
    return Call("GET", _url(account, path), headers=_headers(account))


def delete(account: Account, path: str) -> Call:
    """Return a call that takes something back; once more is the same as once."""
    return Call("DELETE", _url(account, path), headers=_headers(account))


def _shipment(account: Account, shipment: Shipment) -> dict[str, Any]:
    is_elsewhere = bool(shipment.sender) and "collections" in account.switches
    return {
        "customer": {"dsw": account.given.get("dsw", "")},
        "shipmentType": "ThirdPartyCollection" if is_elsewhere else "Standard",
        "references": _references(shipment),
        "sender": _subject(shipment.sender) if shipment.sender and is_elsewhere else registered(account),
        "receiver": _subject(shipment.recipient),
        "parcels": [_parcel(shipment, place) for place in range(1, len(shipment.boxes) + 1)],
        "services": services.chosen(shipment, upper="payment_upper" in account.switches),
    }


def _way_back(shipment: Shipment) -> str:
    if not is_picked_up(shipment):
        return "Return"
    return "Collection" if shipment.recipient.country == "CZ" else "Import"


def _references(shipment: Shipment) -> dict[str, str]:
    others = {name: shipment.options.get(name, "").strip() for name in ("ref3", "ref4")}
    told = {"ref1": shipment.reference, "ref2": shipment.order_number, **others}
    return {name: reference for name, reference in told.items() if reference}


def _parcel(shipment: Shipment, place: int) -> dict[str, Any]:
    parcel: dict[str, Any] = {
        "weightGrams": shipment.boxes[place - 1].weight_g,
        "references": {"ref1": rules.parcel_reference(shipment, place)},
    }
    if value := services.insured(shipment, place):
        parcel["additionalServices"] = {"insurance": services.amount(value)}
    return parcel


def _subject(given: Address) -> dict[str, Any]:
    contact = {"person": given.name, "phone": check.phone_of(given) or given.phone, "email": given.email}
    company = given.company.strip()
    road, house_number = street.parted(given)
    info: dict[str, Any] = {"name1": company or given.name}
    if company:
        info["name2"] = given.name
    info["contact"] = {name: value for name, value in contact.items() if value}
    address: dict[str, Any] = {"street": road, **({"houseNumber": house_number} if house_number else {})}
    address |= {"postalCode": check.zip_of(given) or given.zip, "city": given.city}
    address["country"] = {"isoAlpha2": given.country}
    return {"info": info, "address": address}


def _headers(account: Account) -> dict[str, str]:
    return {"x-api-key": account.secrets.get("api_key", "").strip(), "Accept": "application/json"}


def _url(account: Account, path: str) -> str:
    return account.base_url.rstrip("/") + path
