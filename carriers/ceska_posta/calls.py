"""The calls of the Post's REST interface, serialised once and signed over exactly those bytes (docs/carriers.md 5.1).

A posting closes itself with every request unless the account keeps it open (`transmissionEnd`, 5.5).
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from carriers import check, street
from carriers.base import Account, Format
from carriers.ceska_posta import numbers
from carriers.money import Money
from carriers.shipment import Address, Shipment
from carriers.wire import Call, written

# Both chain to PostSignum, whose root the trust store must know; verification stays on (5.1).
PRODUCTION = "https://b2b.postaonline.cz:444/restservices/ZSKService/v1"
SANDBOX = "https://b2b-test.postaonline.cz:444/restservices/ZSKService/v1"
POINTS = "http://napostu.ceskaposta.cz/vystupy/balikovny.xml"
FORMS = {Format.PDF: 101, Format.ZPL: 200}  # harmonised label: A6 portrait; Zebra 105 × 148 mm (5.3)
LETTER_FORM = 21  # the harmonised one is for parcels; this is the plain address label, A6 portrait too
SIZES = {"S": 350, "M": 500, "L": 1_000, "XL": 2_400}  # longest side in millimetres (5.2)
LETTERS = frozenset({"RR", "VL"})
PLAIN = frozenset({"RR"})  # registered and no more; the letter that is insured is VL
TO_POINT = frozenset({"NB", "NP"})
VALUE, COD, MULTI_BOX, SMS, SMS_AND_EMAIL, EMAIL = "7", "41", "70", "34", "45", "46"
ORDER = "Obj. "  # before the order number on the label
NOTICES = frozenset({SMS, SMS_AND_EMAIL, EMAIL})
MOBILE = re.compile(r"\+420[67]\d{8}")
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
        "printParams": {"idForm": form_of(shipment.service, Format.PDF), "shiftHorizontal": 0, "shiftVertical": 0},
        "position": 1,
        **_open(account),
    }
    body: dict[str, Any] = {"parcelServiceHeader": header, "parcelServiceData": _parcel(account, shipment)}
    if more := [_more(account, shipment, place) for place in range(1, len(shipment.boxes))]:
        body["multipartParcelData"] = more
    return signed(account, stamp, "POST", "/parcelService", body=body, query=_contract(account), makes=True)


def send_call(account: Account, shipments: Sequence[Shipment], *, today: date, stamp: Stamp) -> Call:
    """Return the call that hands over shipments of one box and one day, good ones kept beside bad (`goodToAccept`)."""
    header = {**_header(account, posted_on(shipments[0], today)), **_open(account), "goodToAccept": True}
    body = {"parcelHeader": header, "parcelDataList": [_parcel(account, shipment) for shipment in shipments]}
    return signed(account, stamp, "POST", "/sendParcels", body=body, query=_contract(account), makes=True)


def sent_call(account: Account, transaction: str, *, stamp: Stamp) -> Call:
    """Return the call that asks what became of a batch: 202 while it runs."""
    return signed(account, stamp, "GET", f"/sendParcels/idTransaction/{quote(transaction, safe='')}")


def close_call(account: Account, *, on: date, stamp: Stamp) -> Call:
    """Return the call that ends a posting kept open: what was sent before with `false` is closed (5.5)."""
    body = {"parcelServiceHeader": {"parcelServiceHeaderCom": _header(account, on), "transmissionEnd": True}}
    return signed(account, stamp, "POST", "/parcelService", body=body, query=_contract(account), makes=True)


def print_call(account: Account, codes: Sequence[str], kind: Format, *, stamp: Stamp) -> Call:
    """Return the call that prints labels once more, up to 500 of one form (5.3).

    What is called the contract's number here is its ID CČK; what it is with a booking the contract leaves open.
    """
    header = {
        "customerID": account.given["customer_id"],
        "contractNumber": _contract_id(account),
        "idForm": form_of(codes[0], kind),
        "shiftHorizontal": 0,
        "shiftVertical": 0,
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


def form_of(code: str, kind: Format) -> int:
    """Return the form of a label by what begins with its product: a parcel's code, or the product."""
    return LETTER_FORM if kind is Format.PDF and is_letter(code) else FORMS[kind]


def is_letter(code: str) -> bool:
    """Say whether a parcel's code, or a product, is that of a letter."""
    return code[:2] in LETTERS


def record_of(shipment: Shipment, place: int) -> str:
    """Return the `recordID` of a box, by which its answer is known."""
    return f"{shipment.reference}/{place + 1}" if place else shipment.reference


def posted_on(shipment: Shipment, today: date) -> date:
    """Return the day of posting: one that is over is refused (13), so what waited past midnight is posted today."""
    return max(shipment.ship_on or today, today)


def size_of(account: Account, shipment: Shipment) -> str | None:
    """Return the size class: the one asked for, else that of the longest side, else the account's; None: unknown."""
    if asked := shipment.options.get("size"):
        return asked
    sides = [side for box in shipment.boxes for side in (box.length_mm, box.width_mm, box.height_mm) if side]
    if sides:
        return next((size for size, most in SIZES.items() if max(sides) <= most), None)
    return account.given.get("size") or None


def is_insured(shipment: Shipment) -> bool:
    """Say whether the Post is told what it is worth."""
    return shipment.value.minor > 0 and shipment.service not in PLAIN


def extras_of(shipment: Shipment) -> list[str]:
    """Return the codes of further services that were asked for, `10,1A`."""
    return [code.strip() for code in shipment.options.get("services", "").split(",") if code.strip()]


def notice_of(recipient: Address) -> str | None:
    """Return how the recipient hears of the parcel: exactly one way, and an SMS only to a Czech mobile (5.2)."""
    if is_mobile(recipient):
        return SMS_AND_EMAIL if recipient.email else SMS
    return EMAIL if recipient.email else None


def is_mobile(recipient: Address) -> bool:
    """Say whether the recipient's telephone is a Czech mobile, the only one that is sent an SMS."""
    return MOBILE.fullmatch(check.phone_of(recipient) or "") is not None


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
        **_filled({"contractNumber": number}),
        "locationNumber": int(place) if place.isascii() and place.isdigit() else place,
    }


def _open(account: Account) -> dict[str, bool]:
    return {"transmissionEnd": False} if "open_posting" in account.switches else {}


def _parcel(account: Account, shipment: Shipment) -> dict[str, Any]:
    params = _box(account, shipment, 0)
    if is_insured(shipment):
        params["insuredValue"] = _number(shipment.value)
    if shipment.cod:
        params |= {"amount": _number(shipment.cod.amount), "currency": shipment.cod.amount.currency}
        params |= {"vsVoucher": shipment.cod.variable_symbol, "vsParcel": shipment.cod.variable_symbol}
    params |= _filled({"note": shipment.note})
    params["notePrint"] = f"{ORDER}{shipment.order_number}"
    services = _services(account, shipment)
    return {
        "parcelParams": params,
        **({"parcelServices": services} if services else {}),
        "parcelAddress": _recipient(shipment),
    }


def _more(account: Account, shipment: Shipment, place: int) -> dict[str, Any]:
    # Multi-box is said of every box, all other services only of the first (5.2).
    return {"addParcelData": _box(account, shipment, place), "addParcelDataServices": [MULTI_BOX]}


def _box(account: Account, shipment: Shipment, place: int) -> dict[str, Any]:
    box, codes = shipment.boxes[place], numbers.codes_of(account, shipment)
    return {
        "recordID": record_of(shipment, place),
        "prefixParcelCode": shipment.service,
        **({"parcelCode": codes[place]} if codes else {}),
        **({"masterCode": codes[0]} if codes and place else {}),
        "weight": f"{Decimal(box.weight_g) / 1_000:.3f}",
        **_measures(account, shipment, place),
        "sequenceParcel": place + 1,
        "quantityParcel": len(shipment.boxes),
    }


def _measures(account: Account, shipment: Shipment, place: int) -> dict[str, int]:
    # Nobody says in what unit 0-999 is (docs/carriers.md 11); whoever knows switches centimetres on.
    if "measures" not in account.switches:
        return {}
    box = shipment.boxes[place]
    sides = {"length": box.length_mm, "width": box.width_mm, "height": box.height_mm}
    return {name: min(-(-side // 10), 999) for name, side in sides.items() if side}


def _services(account: Account, shipment: Shipment) -> list[str]:
    extras = extras_of(shipment)
    size = None if shipment.service in LETTERS else size_of(account, shipment)
    told = None if NOTICES & set(extras) else notice_of(shipment.recipient)
    wanted = [
        size,
        VALUE if is_insured(shipment) else None,
        COD if shipment.cod else None,
        told,
        MULTI_BOX if len(shipment.boxes) > 1 else None,
        *extras,
    ]
    return list(dict.fromkeys(service for service in wanted if service))


def _recipient(shipment: Shipment) -> dict[str, Any]:
    recipient = shipment.recipient
    first, _, last = recipient.name.strip().rpartition(" ")
    phone = check.phone_of(recipient) or recipient.phone
    return {
        **_filled({"firstName": first.strip(), "surname": last, "company": recipient.company}),
        "subject": "P" if recipient.company else "F",
        "address": _point(shipment) if shipment.point else _street(recipient),
        **_filled({("mobilNumber" if is_mobile(recipient) else "phoneNumber"): phone, "emailAddress": recipient.email}),
    }


def _point(shipment: Shipment) -> dict[str, str]:
    # Both styles are taken and nobody knows which is liked better (docs/carriers.md 11). The shop knows the point's
    # number only; where somebody tells its town too, the fuller one is used.
    zip_code = shipment.point.point_id if shipment.point else ""
    town = shipment.options.get("point_city", "")
    named = {"street": "BALÍKOVNA", "city": town} if town and shipment.service == "NB" else {}
    return {**named, "zipCode": zip_code, "isoCountry": "CZ"}


def _street(recipient: Address) -> dict[str, str]:
    road, number = street.parted(recipient)
    house, _, sequence = number.partition("/")
    return {
        **_filled({"street": road, "houseNumber": house.strip(), "sequenceNumber": sequence.strip()}),
        "city": recipient.city,
        "zipCode": check.zip_of(recipient) or recipient.zip,
        "isoCountry": recipient.country,
    }


def _filled(given: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in given.items() if text}


def _number(amount: Money) -> int | Decimal:
    major = amount.major
    return int(major) if major == major.to_integral_value() else major
