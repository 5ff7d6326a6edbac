"""What Poslíček is asked: every call as its exact bytes, with nothing sent here."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from carriers import check
from carriers.base import Account, Parcel
from carriers.money import Money
from carriers.shipment import Address, Shipment
from carriers.wire import Call, written

CODE = "poslicek"
PRODUCTION = "https://api.poslicek.example/v1"
HOME, POINT = "home", "point"
PRINTING_S = 60.0  # a page for each parcel is drawn before the answer begins


def account_call(account: Account) -> Call:
    """Return the call that proves the key and makes nothing."""
    return _get(account, "/account")


def create_call(account: Account, shipments: Sequence[Shipment]) -> Call:
    """Return the call that makes a parcel of each shipment, up to twenty."""
    return _post(account, "/parcels", {"parcels": [parcel_of(one) for one in shipments]}, makes=True)


def find_call(account: Account, reference: str) -> Call:
    """Return the call for the parcels of one of our references."""
    return _get(account, "/parcels", ("reference", reference))


def label_call(account: Account, parcels: Sequence[Parcel]) -> Call:
    """Return the call for one PDF with a page for each parcel, in this order."""
    return _post(account, "/labels", _numbers(parcels), timeout_s=PRINTING_S)


def track_call(account: Account, parcels: Sequence[Parcel]) -> Call:
    """Return the call for what happened to parcels."""
    return _post(account, "/tracking", _numbers(parcels))


def cancel_call(account: Account, parcel: Parcel) -> Call:
    """Return the call that takes a parcel back."""
    number = quote(parcel.handle.ids["number"], safe="")
    return Call("DELETE", f"{_base(account)}/parcels/{number}", headers=_login(account))


def points_call(account: Account, country: str) -> Call:
    """Return the call for the pick-up points of a country."""
    return _get(account, "/points", ("country", country))


def parcel_of(shipment: Shipment) -> dict[str, Any]:
    """Return a shipment as the carrier wants it; what there is not is left out, never null."""
    cod = shipment.cod
    return {
        "reference": shipment.reference,
        "service": shipment.service,
        "recipient": recipient_of(shipment.recipient),
        "weight_g": shipment.boxes[0].weight_g,
        "value": _money(shipment.value),
        **({"point": shipment.point.point_id} if shipment.point else {}),
        **({"cod": {**_money(cod.amount), "variable_symbol": cod.variable_symbol}} if cod else {}),
        **({"note": shipment.note} if shipment.note else {}),
    }


def recipient_of(given: Address) -> dict[str, str]:
    """Return who gets it: the post code bare, the telephone as E.164, the house number behind its street."""
    told = {
        "name": given.name,
        "company": given.company,
        "street": f"{given.street} {given.house_number}".strip(),
        "city": given.city,
        "zip": check.zip_of(given) or given.zip,
        "country": given.country,
        "phone": check.phone_of(given) or given.phone,
        "email": given.email,
    }
    return {name: value for name, value in told.items() if value}


def _money(money: Money) -> dict[str, str]:
    return {"amount": money.plain(), "currency": money.currency}


def _numbers(parcels: Sequence[Parcel]) -> dict[str, list[str]]:
    return {"numbers": [parcel.handle.ids["number"] for parcel in parcels]}


def _get(account: Account, path: str, *query: tuple[str, str]) -> Call:
    return Call("GET", f"{_base(account)}{path}", query=query, headers=_login(account))


def _post(account: Account, path: str, asked: Mapping[str, Any], *, makes: bool = False, timeout_s: float = 20) -> Call:
    headers = {**_login(account), "Content-Type": "application/json"}
    body = written(asked).encode()
    return Call("POST", f"{_base(account)}{path}", headers=headers, body=body, makes=makes, timeout_s=timeout_s)


def _base(account: Account) -> str:
    return account.base_url.rstrip("/")


def _login(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.secrets['api_key']}"}
