"""What PPL is asked, as pure builders: every call of docs/carriers.md 2, without the token (see `signed`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from carriers import check
from carriers.base import Account, Collection, Format, Parcel
from carriers.ppl import rules
from carriers.shipment import Address, Shipment
from carriers.wire import Call, written

PRODUCTION = "https://api.dhl.com/ecs/ppl/myapi2"
SANDBOX = "https://api-dev.dhl.com/ecs/ppl/myapi2"
AGE_CHECK = "A18"
LABELS = {Format.PDF: ("Pdf", 300), Format.ZPL: ("Zpl", 203)}
PAGE = 1000  # the most rows of one answer
SLOW_S = 60.0


def token_call(account: Account) -> Call:
    """Ask for a token: `POST /login/getAccessToken`."""
    form = {
        "grant_type": "client_credentials",
        "client_id": account.given.get("client_id", ""),
        "client_secret": account.secrets.get("client_secret", ""),
        "scope": "myapi2",
    }
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return Call("POST", f"{base(account)}/login/getAccessToken", headers=kind, body=urlencode(form).encode())


def signed(call: Call, token: str) -> Call:
    """Return a call with the token in it."""
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})


def info_call(account: Account) -> Call:
    return _call(account, "GET", "/info")


def create_call(account: Account, shipments: Sequence[Shipment]) -> Call:
    """Ask for a batch: `POST /shipment/batch`, answered by 201 and where to look."""
    body = {
        "labelSettings": label_settings(format_of(account)),
        "shipments": [_shipment(shipment) for shipment in shipments],
    }
    return _call(account, "POST", "/shipment/batch", body=body, makes=True, timeout_s=SLOW_S)


def poll_call(account: Account, batch: str) -> Call:
    return _call(account, "GET", f"/shipment/batch/{_part(batch)}")


def find_call(account: Account, reference: str) -> Call:
    """Ask for shipments by our reference, which they carry as external number CUST."""
    return _call(account, "GET", "/shipment", query=(("CustomerReferences", reference), *_page()))


def track_call(account: Account, numbers: Sequence[str]) -> Call:
    query = (*(("ShipmentNumbers", number) for number in numbers), *_page())
    return _call(account, "GET", "/shipment", query=query)


def label_call(account: Account, url: str) -> Call | None:
    """Ask for one label at its `labelUrl`; None where that is not of this API: a token is shown to nobody else."""
    path = url.removeprefix(base(account))
    return _call(account, "GET", path) if path != url and path.startswith("/data/") else None


def relabel_call(account: Account, batch: str, kind: Format) -> Call:
    """Ask for a batch's labels in another format: `PUT /shipment/batch/{batchId}`.

    UNCERTAIN, so behind a switch: the body is nowhere shown; it is taken to be the settings as at creation.
    """
    return _call(account, "PUT", f"/shipment/batch/{_part(batch)}", body={"labelSettings": label_settings(kind)})


def cancel_call(account: Account, number: str) -> Call:
    return _call(account, "POST", f"/shipment/{_part(number)}/cancel")


def points_call(account: Account, country: str, *, offset: int) -> Call:
    return _call(account, "GET", "/accessPoint", query=(("CountryCode", country), *_page(PAGE, offset)))


def collect_call(account: Account, collection: Collection, address: Address) -> Call:
    """Order a car: `POST /order/batch`. Its reference is made of day, time and place, so that both sides can say it."""
    reference = f"SVOZ-{collection.on}-{collection.since:%H%M}-{_zip(address)}"[:40]
    order = {
        "orderType": "CollectionOrder",
        "referenceId": reference,
        "shipmentCount": collection.count,
        "email": address.email or None,
        "note": collection.note or None,
        "customerReference": reference,
        "sendDate": f"{collection.on}",
        "sendTimeFrom": f"{collection.since:%H:%M}",
        "sendTimeTo": f"{collection.until:%H:%M}",
        "productType": "BUSS",
        "sender": _address(address),
    }
    return _call(account, "POST", "/order/batch", body={"orders": [_told(order)]}, makes=True)


def format_of(account: Account) -> Format:
    """Return what an account's labels are made as."""
    return Format.ZPL if account.given.get("label_format", "").strip().lower() == "zpl" else Format.PDF


def made_as(parcel: Parcel) -> Format | None:
    """Return the format a parcel's batch was made in, whatever the account says by now; None where nobody knows."""
    return next((each for each in Format if each == parcel.handle.ids.get("format")), None)


def label_settings(kind: Format) -> Mapping[str, Any]:
    name, dpi = LABELS[kind]
    return {"format": name, "dpi": dpi, "completeLabelSettings": {"isCompleteLabelRequested": False}}


def label_url(parcel: Parcel) -> str:
    return parcel.handle.ids.get("label", "")


def batch_of(parcel: Parcel) -> str:
    return parcel.handle.ids.get("batch", "")


def number_of(parcel: Parcel) -> str:
    return parcel.handle.ids.get("number", parcel.number)


def base(account: Account) -> str:
    return account.base_url.rstrip("/")


def _shipment(shipment: Shipment) -> Mapping[str, Any]:
    product = rules.PRODUCTS.get(shipment.service)
    told = {
        "referenceId": shipment.reference,
        "productType": product.with_cod if product and shipment.cod else shipment.service,
        "note": shipment.note or None,
        "ageCheck": AGE_CHECK if shipment.adults_only else None,
        "shipmentSet": _boxes(shipment),
        "sender": _address(shipment.sender) if shipment.sender else None,
        "recipient": _address(shipment.recipient),
        "specificDelivery": {"parcelShopCode": shipment.point.point_id} if shipment.point else None,
        "cashOnDelivery": _cod(shipment),
        "insurance": _insurance(shipment),
        "externalNumbers": [{"code": "CUST", "externalNumber": shipment.reference}],
    }
    return _told(told)


def _boxes(shipment: Shipment) -> Mapping[str, Any]:
    items = [{"weighedShipmentInfo": {"weight": _kg(box.weight_g)}} for box in shipment.boxes]
    return {"numberOfShipments": len(items), "shipmentSetItems": items}


def _cod(shipment: Shipment) -> Mapping[str, Any] | None:
    if shipment.cod is None:
        return None
    amount = shipment.cod.amount.collected()
    return {
        "codPrice": _plain(amount.major),
        "codCurrency": amount.currency,
        "codVarSym": shipment.cod.variable_symbol,
    }


def _insurance(shipment: Shipment) -> Mapping[str, Any] | None:
    if not rules.is_insured(shipment):
        return None
    return {"insurancePrice": _plain(shipment.value.major), "insuranceCurrency": shipment.value.currency}


def _address(given: Address) -> Mapping[str, Any]:
    told = {
        "name": given.company or given.name,
        "name2": given.name if given.company else None,
        "street": rules.street(given),
        "city": given.city,
        "zipCode": _zip(given),
        "country": given.country,
        "contact": given.name,
        "phone": check.phone_of(given) or given.phone or None,
        "email": given.email or None,
    }
    return _told(told)


def _zip(given: Address) -> str:
    return check.zip_of(given) or given.zip.strip()


def _kg(weight_g: int) -> Decimal:
    return _plain(Decimal(weight_g).scaleb(-3))


def _plain(number: Decimal) -> Decimal:
    """Return a number without the zeros behind its point."""
    return number.to_integral_value() if number == number.to_integral_value() else number.normalize()


def _told(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _page(limit: int = PAGE, offset: int = 0) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("Limit", str(limit)), ("Offset", str(offset))


def _part(text: str) -> str:
    return quote(text, safe="")


def _call(
    account: Account,
    method: str,
    path: str,
    *,
    query: tuple[tuple[str, str], ...] = (),
    body: object = None,
    makes: bool = False,
    timeout_s: float = 20.0,
) -> Call:
    headers = {"Accept-Language": "cs-CZ"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    content = None if body is None else written(body).encode()
    return Call(method, f"{base(account)}{path}", query, headers, content, makes, timeout_s)
