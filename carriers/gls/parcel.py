"""A shipment as MyGLS wants it: one `Parcel`, however many boxes it has (docs/carriers.md 4.2)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from carriers import check, street
from carriers.base import Account
from carriers.gls import services
from carriers.gls.contract import LOCKER_BACK, client_number, given, noon, sender_of, way_back, wire_time
from carriers.shipment import Address, Box, Shipment

FROM_LOCKER = 2  # the one PickupType there is


def parcel_of(account: Account, shipment: Shipment) -> dict[str, Any]:
    """Return a shipment as GLS wants it; all its boxes are one `Parcel` with a `Count`."""
    told = label_text(shipment)
    return {
        "ClientNumber": client_number(account),
        "ClientReference": shipment.reference,
        "Count": len(shipment.boxes),
        **_cod(shipment),
        "Content": told,
        **({"PickupDate": wire_time(noon(account, shipment.ship_on))} if shipment.ship_on else {}),
        "PickupAddress": _address(shipment.sender or sender_of(account)),
        "DeliveryAddress": _address(shipment.recipient),
        "ServiceList": list(services.asked(account, shipment)),
        "ParcelPropertyList": [_box(box, shipment.options, told) for box in shipment.boxes],
        **_identity(account),
        **({"PickupType": FROM_LOCKER} if shipment.service == LOCKER_BACK else {}),
    }


def turned(account: Account, shipment: Shipment) -> Shipment:
    """Return the way back: from the recipient to us, nothing to be collected, by the account's service for that."""
    home, service = shipment.sender or sender_of(account), way_back(account)
    return replace(
        shipment, sender=shipment.recipient, recipient=home, service=service, point=None, cod=None, options={}
    )


def label_text(shipment: Shipment) -> str:
    """Return what the label says of a parcel: its order and the note, where there is neither what is inside.

    Nothing is cut, for no limit is known; a note that names the order itself stands alone.
    """
    number, note = shipment.order_number, shipment.note
    if number and re.search(rf"(?<!\w){re.escape(number)}(?!\w)", note):
        return note
    return ", ".join(filter(None, (number, note))) or ", ".join(dict.fromkeys(contents(shipment)))


def contents(shipment: Shipment) -> list[str]:
    """Return what is said to be in the boxes."""
    return [box.content.strip() for box in shipment.boxes if box.content.strip()]


def house_number(at: Address) -> tuple[str, str, str]:
    """Return street, number and the rest of it: `Lipová 12/3` → (`Lipová`, `12`, `/3`). GLS takes digits only, never 0.

    Without a number the street stays whole: GLS asks for none.
    """
    road, number = street.parted(at)
    digits = re.match(r"0*([1-9][0-9]*)", number)
    if not digits:
        return road, "", "" if number.strip("0") == "" else number
    return road, digits[1], number[digits.end() :].strip()


def _cod(shipment: Shipment) -> dict[str, Any]:
    if shipment.cod is None:
        return {}
    amount = shipment.cod.amount
    return {
        "CODAmount": amount.major,
        "CODReference": shipment.cod.variable_symbol,
        "CODCurrency": amount.currency,
    }


def _address(at: Address) -> dict[str, str]:
    road, number, rest = house_number(at)
    return {
        "Name": at.company.strip() or at.name,
        "Street": road,
        **({"HouseNumber": number} if number else {}),
        "HouseNumberInfo": rest,
        "City": at.city,
        "ZipCode": check.zip_of(at) or at.zip,
        "CountryIsoCode": at.country,
        "ContactName": at.name,
        "ContactPhone": services.phone(at),
        "ContactEmail": at.email,
    }


def _box(box: Box, options: Mapping[str, str], told: str) -> dict[str, Any]:
    kind = options.get(services.PACKAGE, "")
    sides = {"Height": box.height_mm, "Length": box.length_mm, "Width": box.width_mm}
    in_cm = {name: -(-side // 10) for name, side in sides.items() if side}  # whole centimetres, never too few
    return {
        "Content": box.content.strip() or told,
        **({"PackageType": int(kind)} if kind.isdecimal() else {}),
        **in_cm,
        "Weight": Decimal(box.weight_g).scaleb(-3),
    }


def _identity(account: Account) -> dict[str, str]:
    card = account.given.get("sender_identity_card", "")  # Serbia only
    return {"SenderIdentityCardNumber": card} if card and given(account, "sender_country") == "RS" else {}
