"""What GeoAPI is asked, and what it would refuse before anybody asks. Pure: an account and a shipment in, a call out.

Source: docs/carriers.md 3A; weights are grams there, money is hundredths of any currency, of the forint too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from carriers import check, street
from carriers.base import Able, Account, Collection, Format
from carriers.errors import Fault
from carriers.money import Money
from carriers.shipment import Address, Shipment
from carriers.wire import Call

SLOW_S = 60.0  # fifty parcels, or fifty labels, take GeoAPI longer than a look-up does
POINT_WEIGHT_G = 20_000
LONGEST = 35  # name1, person, each reference
LONGEST_PHONE = 31
ABROAD = frozenset({"EUR", "HUF", "PLN", "RON"})
POINT_SERVICE = "337"

SERVICES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "101": ("DPD Classic, to a company", {}),
    "327": ("DPD Private, to a person at home", {"notification": True}),
    "337": ("DPD Pickup, to a shop or a box", {"notification": True}),
    "guarantee": ("DPD Guarantee", {"dpdGuarantee": True}),
    "express": ("DPD Express, by air", {"airExpress": True}),
    "pneu": ("DPD Pneu, tyres", {"dpdPneu": True, "notification": True}),
    "dpd12": ("DPD 12:00", {"dpdTimeGuarantee": "DPD12"}),
    "sameday": ("DPD on the same day", {"dpdTimeGuarantee": "SAMEDAY"}),
}
"""Our name of a service, the code of its label where that is known: what it is, and what `services` then says."""

OPTIONS = {"insurance": "1 insures the shipment for its value, in CZK, for a fee"}
PROVEN = ("101", "327", "337")  # of the rest only the names are documented, no shape of the values


def me_call(account: Account) -> Call:
    """Return the call for who we are: customers and their addresses."""
    return Call("GET", _url(account, "/me"), headers=_headers(account))


def create_call(account: Account, shipments: Sequence[Shipment]) -> Call:
    """Return the call that makes shipments, at most 50; five to ten are recommended."""
    return _post(account, "/shipments", [_shipment(account, shipment) for shipment in shipments], makes=True)


def return_call(account: Account, shipment: Shipment) -> Call:
    """Return the call for the way back: the recipient sends, the registered address receives.

    The contract has the names `Return` and `dpdReturn` alone, and one shape of sender and receiver for all types (3A):
    that these two change places is our reading. What DPD takes otherwise it refuses, and nothing is made.
    """
    back = _shipment(account, shipment) | {
        "shipmentType": "Return",
        "sender": _subject(shipment.recipient),
        "receiver": _registered(account),
        "services": {"dpdReturn": True},
    }
    return _post(account, "/shipments", [back], makes=True)


def labels_call(account: Account, numbers: Sequence[str], kind: Format) -> Call:
    """Return the call for labels; it commits the parcels, and may be repeated as often as one likes.

    The contract shows the page of a PDF only, and the one client that is known to print ZPL tells none (3A).
    """
    wanted = [{"parcelNumber": number} for number in numbers]
    has_page = kind is Format.PDF or "zpl_page" in account.switches
    page = {"printProperties": {"pageSize": "A6", "labelsPerPage": 1}} if has_page else {}
    body = {"printType": kind.value.upper(), **page, "parcels": wanted}
    accept = "application/pdf" if kind is Format.PDF else "application/json"
    return _post(account, "/parcels/labels", body, accept=accept)


def track_call(account: Account, number: str) -> Call:
    """Return the call for the events of one parcel."""
    return Call("GET", _url(account, f"/parcels/{quote(number, safe='')}/tracking"), headers=_headers(account))


def track_many_call(account: Account, numbers: Sequence[str]) -> Call:
    """Return the call for the events of many parcels, in the shape one client sends."""
    return _post(account, "/parcels/tracking", {"parcels": list(numbers)})


def list_call(account: Account, *, since: date, until: date) -> Call:
    """Return the call for the parcels made between two days, both included."""
    days = (("from", since.isoformat()), ("to", until.isoformat()))
    return Call("GET", _url(account, "/parcels"), days, headers=_headers(account), timeout_s=SLOW_S)


def delete_call(account: Account, shipment_id: str) -> Call:
    """Return the call that takes a shipment back, with all its parcels."""
    return Call("DELETE", _url(account, f"/shipments/{quote(shipment_id, safe='')}"), headers=_headers(account))


def collect_call(account: Account, collection: Collection) -> Call:
    """Return the call for a car to our address; hours, count and weight have no field, so the note says them.

    The contract does not name the field of the address; a client made from DPD's own schema calls it `customerAddress`,
    which is why a switch decides (`collect_address`).
    """
    hours = f"{collection.since:%H:%M}-{collection.until:%H:%M}"
    told = (collection.note, hours, f"{collection.count} ks", f"{-(-collection.weight_g // 1000)} kg")
    order = {
        "customerAddress": _registered(account),
        "date": collection.on.isoformat(),
        "note": ", ".join(part for part in told if part),
    }
    return _post(account, "/pickup-orders", [order], makes=True)


def points_call(url: str, numeric: str) -> Call:
    """Return the call for all points of a country; another server than GeoAPI, which must not see our key."""
    return Call("GET", f"{url.rstrip('/')}/getAll", (("country", numeric),), timeout_s=SLOW_S)


def parcel_reference(shipment: Shipment, place: int) -> str:
    """Return the reference of a box, counted from 1, by which we know it again in an answer."""
    return f"{shipment.reference}/{place}"


def rules(shipment: Shipment, able: Able) -> Iterator[Fault]:
    """Yield what DPD would refuse (3A); nothing is cut, as it documents no cut."""
    yield from check.shared(shipment, able, options=OPTIONS)
    yield from check.rounded(shipment)
    yield from _texts(shipment)
    yield from _notified(shipment)
    if shipment.point or shipment.service == POINT_SERVICE:
        yield from _to_a_point(shipment)
    if shipment.cod:  # no more is carried by a bank
        yield from check.text("cod.variable_symbol", shipment.cod.variable_symbol, 10, "[0-9]*")
    yield from _options(shipment)


def _options(shipment: Shipment) -> Iterator[Fault]:
    if shipment.options.get("insurance", "") not in ("", "0", "1"):
        yield check.fault("options.insurance", "not_offered", "0, 1")
    if shipment.options.get("insurance") == "1":
        if shipment.value.minor <= 0:
            yield check.fault("value", "missing")
        if shipment.value.currency != "CZK":  # other currencies are refused, says one client
            yield check.fault("value", "bad_currency", "CZK")


def _texts(shipment: Shipment) -> Iterator[Fault]:
    recipient = shipment.recipient
    yield from check.text("reference", parcel_reference(shipment, len(shipment.boxes)), LONGEST)
    yield from check.text("order_number", shipment.order_number, LONGEST)
    yield from check.text("recipient.name", recipient.name, LONGEST)
    yield from check.text("recipient.company", recipient.company, LONGEST)
    yield from check.text("recipient.phone", recipient.phone, LONGEST_PHONE)
    if len(recipient.name.strip()) == 1:  # a person has two letters at least
        yield check.fault("recipient.name", "missing", "2-35")


def _notified(shipment: Shipment) -> Iterator[Fault]:
    told = SERVICES.get(shipment.service, ("", {}))[1]
    if told.get("notification") and not (shipment.recipient.phone or shipment.recipient.email):
        yield check.fault("recipient.phone", "missing")


def _to_a_point(shipment: Shipment) -> Iterator[Fault]:
    if shipment.point is None or not shipment.point.point_id.strip():
        yield check.fault("point", "missing")
    elif shipment.service != POINT_SERVICE:
        yield check.fault("service", "not_both", POINT_SERVICE)
    elif shipment.point.network not in (None, "dpd_cz"):
        yield check.fault("point.network", "not_offered")
    if len(shipment.boxes) > 1:
        yield check.fault("boxes", "too_many", 1)
    for place, box in enumerate(shipment.boxes):
        if box.weight_g > POINT_WEIGHT_G:
            yield check.fault(f"boxes[{place}].weight_g", "too_heavy", POINT_WEIGHT_G)


def cents(money: Money) -> int:
    """Return an amount in hundredths, whatever the currency's own smallest unit is."""
    return int(money.major * 100)


def _shipment(account: Account, shipment: Shipment) -> dict[str, Any]:
    return {
        "customer": {"dsw": account.given.get("dsw", "")},
        "shipmentType": "Standard",
        "references": {"ref1": shipment.reference, **({"ref2": order} if (order := shipment.order_number) else {})},
        "sender": _registered(account),
        "receiver": _subject(shipment.recipient),
        "parcels": [_parcel(shipment, place) for place in range(1, len(shipment.boxes) + 1)],
        "services": _chosen(account, shipment),
    }


def _parcel(shipment: Shipment, place: int) -> dict[str, Any]:
    parcel: dict[str, Any] = {
        "weightGrams": shipment.boxes[place - 1].weight_g,
        "references": {"ref1": parcel_reference(shipment, place)},
    }
    # Insurance is paid for, so somebody must have asked for it. Whole in the first box: a share of each is nobody's.
    if shipment.options.get("insurance") == "1" and place == 1:
        insured = {"amountCents": cents(shipment.value), "currency": shipment.value.currency}
        parcel["additionalServices"] = {"insurance": insured}
    return parcel


def _chosen(account: Account, shipment: Shipment) -> dict[str, Any]:
    chosen = dict(SERVICES.get(shipment.service, ("", {}))[1])
    if shipment.point:
        chosen |= {"notification": True, "pickupPoint": shipment.point.point_id}
    if shipment.cod:
        chosen["cashOnDelivery"] = {
            "amountCents": cents(shipment.cod.amount),
            "currency": shipment.cod.amount.currency,
            "payment": "CASH_OR_CARD" if "payment_upper" in account.switches else "CashOrCard",
            "variableSymbol": shipment.cod.variable_symbol,
        }
    return chosen


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


def _registered(account: Account) -> dict[str, Any]:
    address_id = account.given.get("address_id", "").strip()
    return {"it4emId": int(address_id) if address_id.isdecimal() and len(address_id) < 19 else address_id}


def _post(account: Account, path: str, body: object, *, makes: bool = False, accept: str = "application/json") -> Call:
    sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {**_headers(account), "Accept": accept, "Content-Type": "application/json"}
    return Call("POST", _url(account, path), headers=headers, body=sent, makes=makes, timeout_s=SLOW_S)


def _headers(account: Account) -> dict[str, str]:
    return {"x-api-key": account.secrets.get("api_key", "").strip(), "Accept": "application/json"}


def _url(account: Account, path: str) -> str:
    return account.base_url.rstrip("/") + path
