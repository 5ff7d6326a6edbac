"""The calls of the Post's REST interface, serialised once and signed over exactly those bytes (docs/carriers.md 5.1).

A posting closes itself with every request unless the account keeps it open (`transmissionEnd`, 5.5).
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from carriers.base import Account, Format
from carriers.ceska_posta import forms, products, records
from carriers.shipment import Shipment
from carriers.wire import Call, written

# Both chain to PostSignum, whose root the trust store must know; verification stays on (5.1).
PRODUCTION = "https://b2b.postaonline.cz:444/restservices/ZSKService/v1"
SANDBOX = "https://b2b-test.postaonline.cz:444/restservices/ZSKService/v1"
POINTS = "http://napostu.ceskaposta.cz/vystupy/balikovny.xml"
POST_OFFICES = "http://napostu.ceskaposta.cz/vystupy/napostu.xml"
PAID_BY = {"franking_number": "frankingNumber", "card_number": "senderCustCardNum"}
POINTS_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Stamp:
    """What makes a signature good once: Unix seconds, at most 60 old and never ahead of the Post's, and a UUID4."""

    at_s: int
    nonce: str


def create_call(account: Account, shipment: Shipment, *, today: date, stamp: Stamp) -> Call:
    """Return the call that registers one shipment of 1 to 5 boxes and brings its labels (5.2)."""
    header: dict[str, Any] = {
        "parcelServiceHeaderCom": _header(account, posted_on(shipment, today)),
        **_printed(account, shipment),
        **_open(account),
    }
    body: dict[str, Any] = {"parcelServiceHeader": header, "parcelServiceData": records.parcel(account, shipment)}
    if more := [records.further(account, shipment, place) for place in range(1, len(shipment.boxes))]:
        body["multipartParcelData"] = more
    return signed(account, stamp, "POST", "/parcelService", body=body, query=_contract(account), makes=True)


def send_call(account: Account, shipments: Sequence[Shipment], *, today: date, stamp: Stamp) -> Call:
    """Return the call that hands over shipments of one box and one day, good ones kept beside bad (`goodToAccept`)."""
    header = {**_header(account, posted_on(shipments[0], today)), **_open(account), "goodToAccept": True}
    body = {"parcelHeader": header, "parcelDataList": [records.parcel(account, shipment) for shipment in shipments]}
    return signed(account, stamp, "POST", "/sendParcels", body=body, query=_contract(account), makes=True)


def sent_call(account: Account, transaction: str, *, stamp: Stamp) -> Call:
    """Return the call that asks what became of a batch: 202 while it runs."""
    return signed(account, stamp, "GET", f"/sendParcels/idTransaction/{quote(transaction, safe='')}")


def close_call(account: Account, *, on: date, stamp: Stamp) -> Call:
    """Return the call that ends a posting kept open: what was sent before with `false` is closed (5.5)."""
    body = {"parcelServiceHeader": {"parcelServiceHeaderCom": _header(account, on), "transmissionEnd": True}}
    return signed(account, stamp, "POST", "/parcelService", body=body, query=_contract(account), makes=True)


def print_call(account: Account, codes: Sequence[str], kind: Format, *, stamp: Stamp, form: int | None = None) -> Call:
    """Return the call that prints labels once more, up to 500 of one form (5.3); `form`: another paper's.

    What is called the contract's number here is its ID CČK; what it is with a booking the contract leaves open.
    """
    header = {
        "customerID": account.given["customer_id"],
        "contractNumber": _contract_id(account),
        "idForm": form or form_of(account, codes[0], kind),
        **forms.shifts(account),
        "position": 1,
    }
    body = {"printingHeader": header, "printingData": list(codes)}
    return signed(account, stamp, "POST", "/parcelPrinting", body=body, query=_contract(account))


def track_call(account: Account, codes: Sequence[str], *, stamp: Stamp) -> Call:
    """Return the call that asks where parcels are, up to 10 (5.4)."""
    return signed(account, stamp, "POST", "/parcelStatus", body={"parcelIds": list(codes), "language": "CZ"})


def history_call(account: Account, code: str, *, stamp: Stamp) -> Call:
    """Return the call that also knows when COD was paid out (5.4)."""
    return signed(account, stamp, "GET", f"/parcelDataHistory/parcelID/{quote(code, safe='')}")


def places_call(account: Account, *, stamp: Stamp) -> Call:
    """Return the call that lists the places a sender posts from (5.1)."""
    return signed(account, stamp, "GET", f"/location/idContract/{quote(_contract_id(account), safe='')}")


def points_call(account: Account) -> Call:
    """Return the call for the open list of Balíkovna points: another host, so neither key nor signature goes there."""
    return Call("GET", account.given.get("points_url") or POINTS, timeout_s=POINTS_TIMEOUT_S)


def offices_call(account: Account) -> Call:
    """Return the call for the open list of post offices, which lies beside the other (5.6)."""
    return Call("GET", account.given.get("offices_url") or POST_OFFICES, timeout_s=POINTS_TIMEOUT_S)


def signed(
    account: Account,
    stamp: Stamp,
    method: str,
    path: str,
    *,
    body: dict[str, Any] | None = None,
    query: tuple[tuple[str, str], ...] = (),
    makes: bool = False,
) -> Call:
    """Return a call with its four headers (5.1): the text signed is `{sha256 of the body};{seconds};{nonce}`.

    Without a body the first part is empty. The key is used as its characters stand, not decoded.
    """
    content = None if body is None else written(body).encode()
    digest = "" if content is None else sha256(content).hexdigest()
    text = f"{digest};{stamp.at_s};{stamp.nonce}"
    key = account.secrets["secret_key"].encode()
    signature = b64encode(hmac.new(key, text.encode(), sha256).digest()).decode()
    headers = {
        "Accept": "application/json",
        "Api-Token": account.secrets["api_token"],
        "Authorization-Timestamp": str(stamp.at_s),
        "Authorization-Content-SHA256": digest,
        "Authorization": f'CP-HMAC-SHA256 nonce="{stamp.nonce}",signature="{signature}"',
    }
    if content is not None:
        headers["Content-Type"] = "application/json"
    return Call(method, account.base_url.rstrip("/") + path, query, headers, content, makes)


def form_of(account: Account, code: str, kind: Format) -> int | None:
    """Return the form of a label by what begins with its product: a parcel's code, or the product.

    None: of that product nobody knows it, as only the account can say which.
    """
    if kind is Format.ZPL:
        return forms.zpl(account)
    product = products.of_code(code)
    usual = None if product.is_abroad else forms.LETTER if product.is_letter else forms.PARCEL
    return forms.asked(account, code[:2].strip()) or usual


def has_zpl(code: str) -> bool:
    """Say whether a parcel has a label for a thermal printer: letters have none, and of one abroad nobody knows."""
    product = products.of_code(code)
    return not product.is_letter and not product.is_abroad


def posted_on(shipment: Shipment, today: date) -> date:
    """Return the day of posting: one that is over is refused (13), so what waited past midnight is posted today."""
    return max(shipment.ship_on or today, today)


def _contract(account: Account) -> tuple[tuple[str, str], ...]:
    return (("idContract", _contract_id(account)),)


def _contract_id(account: Account) -> str:
    return account.given.get("contract_id", "")


def _header(account: Account, on: date) -> dict[str, Any]:
    given = account.given
    place = given.get("location_number", "")
    number = given.get("contract_number", "") if "contract_number" in account.switches else ""
    return {
        "transmissionDate": on.isoformat(),
        "customerID": given.get("customer_id", ""),
        "postCode": given.get("post_code", ""),
        **({"contractNumber": number} if number else {}),
        **{field: text for name, field in PAID_BY.items() if (text := given.get(name))},
        "locationNumber": int(place) if place.isascii() and place.isdigit() else place,
    }


def _printed(account: Account, shipment: Shipment) -> dict[str, Any]:
    # Without them no label is made, and the parcel is booked all the same (5.2): where a declaration belongs to the
    # label, both are asked for together.
    is_with_more = shipment.customs and forms.declaration(account)
    form = None if is_with_more else form_of(account, shipment.service, Format.PDF)
    return {"printParams": {"idForm": form, **forms.shifts(account)}, "position": 1} if form else {}


def _open(account: Account) -> dict[str, bool]:
    return {"transmissionEnd": False} if "open_posting" in account.switches else {}
