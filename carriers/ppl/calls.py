"""What PPL is asked, as pure builders: every call of docs/carriers.md 2, without the token (see `signed`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from carriers import check
from carriers.base import Account, Format, Parcel
from carriers.money import Money
from carriers.ppl import given, options, rules
from carriers.shipment import Address, Box, Shipment
from carriers.wire import Call, written

PRODUCTION = "https://api.dhl.com/ecs/ppl/myapi2"
SANDBOX = "https://api-dev.dhl.com/ecs/ppl/myapi2"
AGE_CHECK = "A18"
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
    told = [_told({**_shipment(account, shipment), **_on_its_way(account, shipment)}) for shipment in shipments]
    return _batch_call(account, told, given.format_of(account))


def return_call(account: Account, shipment: Shipment, to: Address) -> Call:
    """Ask for a return, a batch of one whose label is a PDF: the recipient sends, `to` receives.

    UNCERTAIN, so behind a switch: of the products for it the contract has the names alone. That the two addresses
    change places is our reading.
    """
    back = replace(
        shipment, service=given.return_product(account), sender=shipment.recipient, recipient=to, point=None, cod=None,
        value=Money(0, "CZK"), boxes=tuple(replace(box, value=None) for box in shipment.boxes), adults_only=False,
        options={},
    )  # fmt: skip
    return _batch_call(account, [_told(_shipment(account, back))], Format.PDF)


def poll_call(account: Account, batch: str) -> Call:
    return _call(account, "GET", f"/shipment/batch/{_part(batch)}")


def find_call(account: Account, carried: str) -> Call:
    """Ask for shipments by what they carry as external number CUST."""
    return _call(account, "GET", "/shipment", query=(("CustomerReferences", carried), *_page()))


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
    return _call(
        account, "PUT", f"/shipment/batch/{_part(batch)}", body={"labelSettings": label_settings(account, kind)}
    )


def cancel_call(account: Account, number: str) -> Call:
    return _call(account, "POST", f"/shipment/{_part(number)}/cancel")


def points_call(account: Account, country: str, *, offset: int) -> Call:
    return _call(account, "GET", "/accessPoint", query=(("CountryCode", country), *_page(PAGE, offset)))


def redirect_call(account: Account, number: str, contact: Address) -> Call:
    """Have whom to call or write to corrected: `POST /shipment/{number}/redirect`; what is empty stays as it is."""
    told = {
        "contact": contact.name.strip() or None,
        "phone": check.phone_of(contact) or contact.phone or None,
        "email": contact.email or None,
    }
    return _call(account, "POST", f"/shipment/{_part(number)}/redirect", body=_told(told))


def collect_call(account: Account, order: Mapping[str, Any]) -> Call:
    """Order a car: `POST /order/batch`."""
    return _call(account, "POST", "/order/batch", body={"orders": [_told(order)]}, makes=True)


def car_call(account: Account, batch: str) -> Call:
    return _call(account, "GET", f"/order/batch/{_part(batch)}")


def recall_call(account: Account, reference: str, note: str) -> Call:
    """Call a car off: `POST /order/cancel?customerReference=…`."""
    return _call(account, "POST", "/order/cancel", query=(("customerReference", reference),), body={"note": note})


def made_as(parcel: Parcel) -> Format | None:
    """Return the format a parcel's batch was made in, whatever the account says by now; None where nobody knows."""
    return next((each for each in Format if each == parcel.handle.ids.get("format")), None)


def label_settings(account: Account, kind: Format) -> Mapping[str, Any]:
    name, dpi = given.looks(account, kind)
    return {"format": name, "dpi": dpi, "completeLabelSettings": {"isCompleteLabelRequested": False}}


def label_url(parcel: Parcel) -> str:
    return parcel.handle.ids.get("label", "")


def batch_of(parcel: Parcel) -> str:
    return parcel.handle.ids.get("batch", "")


def number_of(parcel: Parcel) -> str:
    return parcel.handle.ids.get("number", parcel.number)


def base(account: Account) -> str:
    return account.base_url.rstrip("/")


def address(known: Address) -> Mapping[str, Any]:
    """Return an address as PPL wants it; a second line goes before the person of a company, who is the contact too."""
    told = {
        "name": known.company or known.name,
        "name2": known.more or (known.name if known.company else None),
        "street": options.street(known),
        "city": known.city,
        "zipCode": zip_of(known),
        "country": known.country,
        "contact": known.name,
        "phone": check.phone_of(known) or known.phone or None,
        "email": known.email or None,
    }
    return _told(told)


def zip_of(known: Address) -> str:
    return check.zip_of(known) or known.zip.strip()


def _batch_call(account: Account, shipments: Sequence[Mapping[str, Any]], kind: Format) -> Call:
    body = {"labelSettings": label_settings(account, kind), "shipments": shipments}
    return _call(account, "POST", "/shipment/batch", body=body, makes=True, timeout_s=SLOW_S)


def _shipment(account: Account, shipment: Shipment) -> Mapping[str, Any]:
    """Return what is said of a shipment whichever way it goes."""
    product = rules.PRODUCTS.get(shipment.service)
    integrator = given.text(account, "integrator_id")
    return {
        "referenceId": shipment.reference,
        "productType": product.with_cod if product and shipment.cod else shipment.service,
        "note": shipment.note or None,
        "depot": given.text(account, "depot") or None,
        "integratorId": int(integrator) if integrator else None,
        "shipmentSet": _boxes(shipment),
        "sender": address(shipment.sender) if shipment.sender else None,
        "recipient": address(shipment.recipient),
        "externalNumbers": _carried(shipment),
    }


def _on_its_way(account: Account, shipment: Shipment) -> Mapping[str, Any]:
    """Return what is said of a shipment to a customer alone."""
    mask = options.address_of(shipment.options.get("sender_mask", "")) or given.mask(account)
    back = shipment.return_to or given.back(account)
    return {
        "ageCheck": _age_check(account, shipment),
        "senderMask": address(mask) if mask else None,
        "backAddress": address(back) if back else None,
        "specificDelivery": _delivery(account, shipment),
        "cashOnDelivery": _cod(account, shipment),
        "insurance": _insurance(shipment.value) if rules.is_insured(shipment) else None,
        "services": [{"code": code} for code in options.services(shipment)] or None,
    }


def _age_check(account: Account, shipment: Shipment) -> str | None:
    code = given.text(account, "age_check") or AGE_CHECK if shipment.adults_only else None
    return shipment.options.get("age_check") or code


def _delivery(account: Account, shipment: Shipment) -> Mapping[str, Any] | None:
    is_day_told = shipment.ship_on and rules.TAKE_DATE in account.switches
    told = {
        "parcelShopCode": shipment.point.point_id if shipment.point else None,
        "specificDeliveryDate": shipment.options.get("deliver_on") or None,
        "specificDeliveryTimeFrom": shipment.options.get("deliver_from") or None,
        "specificDeliveryTimeTo": shipment.options.get("deliver_to") or None,
        "specificTakeDate": f"{shipment.ship_on}" if is_day_told else None,
    }
    return _told(told) or None


def _boxes(shipment: Shipment) -> Mapping[str, Any]:
    are_insured = rules.are_boxes_insured(shipment)
    items = [_box(box, shipment, is_insured=are_insured) for box in shipment.boxes]
    return {"numberOfShipments": len(items), "shipmentSetItems": items}


def _box(box: Box, shipment: Shipment, *, is_insured: bool) -> Mapping[str, Any]:
    """Return a parcel of a set; each carries our number itself, so that whoever looks for the set finds all."""
    told = {
        "weighedShipmentInfo": {"weight": _kg(box.weight_g)},
        "externalNumbers": _carried(shipment) if len(shipment.boxes) > 1 else None,
        "insurance": _insurance(box.value) if is_insured and box.value and box.value.minor else None,
    }
    return _told(told)


def _carried(shipment: Shipment) -> Sequence[Mapping[str, str]]:
    return [{"code": "CUST", "externalNumber": rules.carried(shipment)}]


def _cod(account: Account, shipment: Shipment) -> Mapping[str, Any] | None:
    if shipment.cod is None:
        return None
    amount = shipment.cod.amount.collected()
    told = {
        "codPrice": _plain(amount.major),
        "codCurrency": amount.currency,
        "codVarSym": shipment.cod.variable_symbol,
        "specSymbol": shipment.options.get("spec_symbol") or None,
    }
    return {**_told(told), **given.cod_account(account, amount.currency)}


def _insurance(value: Money) -> Mapping[str, Any]:
    return {"insurancePrice": _plain(value.major), "insuranceCurrency": value.currency}


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
