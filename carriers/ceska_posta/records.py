"""The record of a parcel, as it stands in a booking of one and in a batch (docs/carriers.md 5.2)."""

import re
from collections.abc import Mapping
from typing import Any

from carriers import check, street
from carriers.base import Account
from carriers.ceska_posta import customs, numbers, products
from carriers.ceska_posta.products import Value
from carriers.shipment import Address, Shipment

SIZES = {"S": 350, "M": 500, "L": 1_000, "XL": 2_400}  # longest side in millimetres (5.2)
VALUE, COD, SMS, SMS_AND_EMAIL, EMAIL, GOODS = "7", "41", "34", "45", "46", "43"
ORDER = "Obj. "  # before the order number on the label
NOTICES = frozenset({SMS, SMS_AND_EMAIL, EMAIL})
NO_NOTICE = "none"
COD_KINDS = frozenset({COD, "4", "5", "Du", "Dh"})
CONTENTS = frozenset({"42", GOODS, "44"})  # what goes abroad: a document, goods, goods with a declaration
MOBILE = re.compile(r"\+420[67]\d{8}")
OF_PARCEL: Mapping[str, str] = {
    "note2": "note2",
    "specific_symbol": "specSym",
    "return_days": "returnNumDays",
    "mrn": "mrn",
    "reference_number": "referenceNumber",
}
OF_RECIPIENT = ("ic", "dic", "specification")
OF_STREET: Mapping[str, str] = {"city_part": "cityPart", "address_code": "addressCode"}
"""Options that are a field by themselves, as text; the last ones where the parcel goes to a door."""


def parcel(account: Account, shipment: Shipment) -> dict[str, Any]:
    """Return the record of a shipment's first box, with all that is said of the whole."""
    params = _box(account, shipment, 0)
    if is_insured(shipment):
        params["insuredValue"] = customs.number(shipment.value)
    if shipment.cod:
        params |= {"amount": customs.number(shipment.cod.amount), "currency": shipment.cod.amount.currency}
        params |= {"vsVoucher": shipment.cod.variable_symbol, "vsParcel": shipment.cod.variable_symbol}
    params |= _filled({"note": shipment.note})
    params["notePrint"] = shipment.options.get("note_print") or f"{ORDER}{shipment.order_number}"
    params |= _filled({field: shipment.options.get(name, "") for name, field in OF_PARCEL.items()})
    if (pallets := shipment.options.get("pallets", "")).isdecimal():
        params["pallets"] = int(pallets)
    services = _services(account, shipment)
    return {
        "parcelParams": params,
        **({"parcelServices": services} if services else {}),
        "parcelAddress": _recipient(shipment),
        **({"parcelCustomsDeclaration": customs.declaration(shipment.customs)} if shipment.customs else {}),
    }


def further(account: Account, shipment: Shipment, place: int) -> dict[str, Any]:
    """Return what is said of a box after the first: that it is one of several; other services are the first's (5.2)."""
    of_several = products.of(shipment.service).of_several
    return {"addParcelData": _box(account, shipment, place), "addParcelDataServices": [of_several]}


def number_of(shipment: Shipment, place: int) -> str:
    """Return the `recordID` of a box, by which its answer is known."""
    return f"{shipment.reference}/{place + 1}" if place else shipment.reference


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
    value = products.of(shipment.service).value
    is_told = value in (Value.KNOWN, Value.NEEDED) or (value is Value.ASKED and VALUE in extras_of(shipment))
    return is_told and shipment.value.minor > 0


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


def _box(account: Account, shipment: Shipment, place: int) -> dict[str, Any]:
    box, codes = shipment.boxes[place], numbers.codes_of(account, shipment)
    return {
        "recordID": number_of(shipment, place),
        "prefixParcelCode": products.prefix(shipment.service),
        **({"parcelCode": codes[place]} if codes else {}),
        **({"masterCode": codes[0]} if codes and place else {}),
        "weight": customs.kilograms(box.weight_g),
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
    extras, product = extras_of(shipment), products.of(shipment.service)
    wanted = [
        _size(account, shipment),
        VALUE if is_insured(shipment) else None,
        COD if shipment.cod and not COD_KINDS & {*extras} else None,
        _notice(shipment),
        GOODS if product.is_abroad and not CONTENTS & {*extras} else None,
        product.of_several if len(shipment.boxes) > 1 else None,
        *(code for code in extras if shipment.cod or code not in COD_KINDS),  # how it is collected, where it is
    ]
    return list(dict.fromkeys(service for service in wanted if service))


def _size(account: Account, shipment: Shipment) -> str | None:
    product = products.of(shipment.service)
    if product.is_sized:
        return size_of(account, shipment)
    return None if product.is_letter else shipment.options.get("size")


def _notice(shipment: Shipment) -> str | None:
    """Return the notice: the one asked for, else at home what the recipient can be sent; abroad it is not written."""
    if asked := shipment.options.get("notice"):
        return None if asked == NO_NOTICE else asked
    if NOTICES & {*extras_of(shipment)} or products.of(shipment.service).is_abroad:
        return None
    return notice_of(shipment.recipient)


def _recipient(shipment: Shipment) -> dict[str, Any]:
    recipient, options = shipment.recipient, shipment.options
    first, _, last = recipient.name.strip().rpartition(" ")
    phone = check.phone_of(recipient) or recipient.phone
    return {
        **_filled({"firstName": first.strip(), "surname": last, "company": recipient.company}),
        **_filled({"aditionAddress": recipient.more}),  # spelt so
        "subject": "P" if recipient.company else "F",
        **_filled({name: options.get(name, "") for name in OF_RECIPIENT}),
        "address": _point(shipment) if shipment.point else _street(shipment),
        **_filled({("mobilNumber" if is_mobile(recipient) else "phoneNumber"): phone, "emailAddress": recipient.email}),
    }


def _point(shipment: Shipment) -> dict[str, str]:
    # Both styles are taken and nobody knows which is liked better (docs/carriers.md 11). The shop knows the point's
    # number only; where somebody tells its town too, the fuller one is used.
    zip_code = shipment.point.point_id if shipment.point else ""
    town = shipment.options.get("point_city", "")
    named = {"street": "BALÍKOVNA", "city": town} if town and shipment.service == "NB" else {}
    return {**named, "zipCode": zip_code, "isoCountry": "CZ"}


def _street(shipment: Shipment) -> dict[str, str]:
    recipient = shipment.recipient
    road, number = street.parted(recipient)
    house, _, sequence = number.partition("/")
    return {
        **_filled({"street": road, "houseNumber": house.strip(), "sequenceNumber": sequence.strip()}),
        **_filled({field: shipment.options.get(name, "") for name, field in OF_STREET.items()}),
        "city": recipient.city,
        "zipCode": _zip(recipient),
        "isoCountry": recipient.country,
        **_filled({"subIsoCountry": recipient.region if products.of(shipment.service).is_abroad else ""}),
    }


def _zip(recipient: Address) -> str:
    # Of a country whose form nobody here knows it stays as it was written: a space may be part of it.
    known = check.zip_of(recipient) if recipient.country in check.ZIPS else None
    return known or recipient.zip.strip()


def _filled(given: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in given.items() if text}
