"""The way back, as we read it: the recipient sends and the shop receives (docs/carriers.md 6.2).

The contract says of one service alone, PPL's 45, that it is a return, and of none whose address goes where.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from carriers import check
from carriers.balikobot import services
from carriers.base import Account
from carriers.errors import CarrierRefused, Fault, Kind
from carriers.shipment import Address, Shipment

SWITCH = "returns"
KNOWN = {"ppl": "ppl/45"}
SHOP = {
    "name": "name", "street": "street with its house number", "city": "town", "zip": "post code",
    "country": "country, two letters", "phone": "telephone", "email": "e-mail",
}  # fmt: skip
NEEDED = ("name", "street", "city", "zip", "country")
KEPT = ("content", "fields")  # options that are of the goods, not of how they went out


def of(account: Account) -> Mapping[str, str]:
    """Return each shipper's service for the way back, as far as one is known or named."""
    named = services.listed(account.given.get("return_services", ""))
    return KNOWN | {services.shipper_of(code): code for code in named if services.NAME.fullmatch(code)}


def has_shop(account: Account) -> bool:
    """Say whether an account names where parcels come back to."""
    return not _lacking(account)


def faults(account: Account, shipment: Shipment) -> Iterator[Fault]:
    """Yield `not_offered` where no service is known or named by which its shipper brings a parcel back."""
    if services.shipper_of(shipment.service) not in of(account):
        yield check.fault("service", "not_offered", ", ".join(sorted(of(account).values())))


def turned(account: Account, shipment: Shipment) -> Shipment:
    """Return the shipment of the way back; raise UNSUPPORTED without a service, ACCOUNT without the shop's address."""
    shipper = services.shipper_of(shipment.service)
    service = of(account).get(shipper)
    if service is None:
        why = f"no service of {shipper} for a way back is known (return_services)"
        raise CarrierRefused("balikobot", "return_label", why, kind=Kind.UNSUPPORTED)
    return replace(
        shipment,
        service=service,
        recipient=shipment.return_to or shipment.sender or _shop(account),
        sender=shipment.recipient,
        point=None,
        cod=None,
        customs=None,
        return_to=None,
        note="",
        adults_only=False,
        options={name: text for name, text in shipment.options.items() if name in KEPT},
    )


def _shop(account: Account) -> Address:
    if lacking := _lacking(account):
        why = f"the account does not say where parcels come back to: {', '.join(lacking)}"
        raise CarrierRefused("balikobot", "return_label", why, kind=Kind.ACCOUNT)
    told = {name: _told(account, name) for name in SHOP}
    return Address(**(told | {"country": told["country"].upper()}))


def _lacking(account: Account) -> list[str]:
    return [f"return_{name}" for name in NEEDED if not _told(account, name)]


def _told(account: Account, name: str) -> str:
    return account.given.get(f"return_{name}", "").strip()
