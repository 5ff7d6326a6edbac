"""What Packeta is asked: XML to one URL for every method, the password inside; feeds by a key in their URL.

Source: docs/carriers.md 1.1-1.6.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import quote
from xml.etree import ElementTree as ET

from carriers import check
from carriers.base import Account, Format
from carriers.money import Money
from carriers.packeta import rules
from carriers.shipment import Shipment
from carriers.wire import TIMEOUT_S, Call

PRODUCTION = "https://www.zasilkovna.cz"  # there is no sandbox: what is never handed over is not billed
FEEDS = "https://pickup-point.api.packeta.com"
FEED_S = 120.0  # tens of megabytes
LABELS_S = 60.0
PAGE = "A6 on A6"
DPI = "203"
SINGLE_NAME = "single_name"
LABEL_ORDER = "label_order"

Nest: TypeAlias = "str | Sequence[tuple[str, Nest]]"
"""What an element holds: text, or elements by name; an empty one is left out."""


def create(account: Account, shipment: Shipment, place: int) -> Call:
    """Return the call that makes the packet of one box; `place` counts from 0."""
    return _method(account, "createPacket", ("packetAttributes", packet(account, shipment, place)), makes=True)


def ask_valid(account: Account, shipment: Shipment, place: int) -> Call:
    """Return the call that only asks whether such a packet could be made."""
    return _method(account, "packetAttributesValid", ("packetAttributes", packet(account, shipment, place)))


def packet(account: Account, shipment: Shipment, place: int) -> Nest:
    """Return the attributes of one box's packet: COD on the first alone, the value in even parts.

    Packeta has no shipment of several boxes (1.2), and no country field: the country follows from `addressId`.
    """
    box, cod = shipment.boxes[place], shipment.cod if place == 0 else None
    currency = (shipment.cod.amount if shipment.cod else shipment.value).currency
    return (
        ("number", number(shipment, place)),
        *_person(account, shipment),
        *_destination(shipment),
        ("currency", currency),
        ("cod", collected(cod.amount) if cod else ""),
        ("value", worth(share(shipment.value, len(shipment.boxes), place))),
        ("weight", f"{Decimal(box.weight_g).scaleb(-3).normalize():f}"),
        ("size", _size((box.length_mm, box.width_mm, box.height_mm))),
        ("eshop", account.given.get("eshop", "")),
        ("deliverOn", shipment.options.get("deliver_on", "")),
        ("adultContent", "1" if shipment.adults_only else ""),
        ("note", rules.printed(shipment)),
        ("carrierService", shipment.options.get("carrier_service", "")),
    )


def claim(account: Account, shipment: Shipment, place: int) -> Call:
    """Return the call for one box's way back (1.2, Returns): with a label, or by a password instead of one."""
    by_password = shipment.options.get("without_label") == "1"
    attributes: Nest = (
        ("number", number(shipment, place)),
        ("email", shipment.recipient.email),
        ("phone", check.phone_of(shipment.recipient) or shipment.recipient.phone),
        ("value", worth(share(shipment.value, len(shipment.boxes), place))),
        ("currency", shipment.value.currency),
        ("eshop", account.given.get("eshop", "")),
        ("consignCountry", shipment.recipient.country.lower() if by_password else ""),
    )
    if by_password:
        return _method(
            account, "createPacketClaimWithPassword", ("claimWithPasswordAttributes", attributes), makes=True
        )
    return _method(account, "createPacketClaim", ("claimAttributes", attributes), makes=True)


def fields(shipment: Shipment, place: int) -> Mapping[str, str]:
    """Return which field of ours each attribute of a packet was made of."""
    destination = "options.carrier_id" if shipment.service == "home" else "point"
    box, money = f"boxes[{place}]", "cod.amount" if shipment.cod else "value"
    return {
        "number": "reference", "name": "recipient.name", "surname": "recipient.name", "company": "recipient.company",
        "email": "recipient.email", "phone": "recipient.phone", "addressId": destination,
        "carrierPickupPoint": "point", "street": "recipient.street", "houseNumber": "recipient.house_number",
        "city": "recipient.city", "zip": "recipient.zip", "province": "options.province", "currency": money,
        "cod": "cod.amount", "value": "value", "weight": f"{box}.weight_g", "size": box, "length": f"{box}.length_mm",
        "width": f"{box}.width_mm", "height": f"{box}.height_mm", "deliverOn": "options.deliver_on",
        "adultContent": "adults_only", "note": "note", "carrierService": "options.carrier_service",
    }  # fmt: skip


def number(shipment: Shipment, place: int) -> str:
    """Return the reference one box goes by, `REF` alone, or `REF-1`, `REF-2` and so on."""
    return shipment.reference if len(shipment.boxes) == 1 else f"{shipment.reference}-{place + 1}"


def collected(amount: Money) -> str:
    """Return a COD amount: whole crowns and forints, else two decimals."""
    return amount.plain(0 if amount.currency == "CZK" else None)


def worth(amount: Money) -> str:
    """Return an insured value, without decimals it does not have."""
    return amount.plain().removesuffix(".00")


def share(whole: Money, boxes: int, place: int) -> Money:
    """Return one box's part of a value; what does not divide is the first one's."""
    each, rest = divmod(whole.minor, boxes)
    return Money(each + (rest if place == 0 else 0), whole.currency)


def label_pdf(account: Account, packet_id: str) -> Call:
    """Return the call for one label of Packeta's own, a page of A6."""
    return _method(account, "packetLabelPdf", ("packetId", packet_id), ("format", PAGE), ("offset", "0"))


def labels_pdf(account: Account, packet_ids: Sequence[str]) -> Call:
    """Return the call for Packeta's own labels, one page of A6 each."""
    ids: Nest = [("id", packet_id) for packet_id in packet_ids]
    parts: tuple[tuple[str, Nest], ...] = (("packetIds", ids), ("format", PAGE), ("offset", "0"))
    return _method(account, "packetsLabelsPdf", *parts, timeout_s=LABELS_S)


def label_zpl(account: Account, packet_id: str) -> Call:
    """Return the call for one label of Packeta's own in ZPL."""
    return _method(account, "packetLabelZpl", ("packetId", packet_id), ("dpi", DPI))


def courier_number(account: Account, packet_id: str) -> Call:
    """Return the call for the number the courier gave a packet; its label is asked for by that."""
    return _method(account, "packetCourierNumberV2", ("packetId", packet_id))


def courier_label(account: Account, packet_id: str, courier: str, kind: Format) -> Call:
    """Return the call for the courier's own label."""
    method = "packetCourierLabelZpl" if kind is Format.ZPL else "packetCourierLabelPdf"
    dpi = DPI if kind is Format.ZPL else ""
    return _method(account, method, ("packetId", packet_id), ("courierNumber", courier), ("dpi", dpi))


def status(account: Account, packet_id: str) -> Call:
    """Return the call for the latest record of a packet."""
    return _method(account, "packetStatus", ("packetId", packet_id))


def tracking(account: Account, packet_id: str) -> Call:
    """Return the call for all records of a packet."""
    return _method(account, "packetTracking", ("packetId", packet_id))


def cancel(account: Account, packet_id: str) -> Call:
    """Return the call that takes a packet back; asked twice it does nothing twice."""
    return _method(account, "cancelPacket", ("packetId", packet_id))


def consign(account: Account, packet_ids: Sequence[str]) -> Call:
    """Return the call that groups packets for one hand-over (1.5)."""
    ids: Nest = [("id", packet_id) for packet_id in packet_ids]
    return _method(account, "createShipment", ("packetIds", ids), makes=True)


def feed(account: Account, name: str) -> Call:
    """Return the call for a feed of Packeta's own: `branch`, `box` or `carrier`, which somebody may wait for."""
    key = quote(account.secrets.get("api_key", ""), safe="")
    most_s = TIMEOUT_S if name == "carrier" else FEED_S
    return Call("GET", f"{_feeds(account)}/v5/{key}/{name}.json", (("lang", "cs"),), timeout_s=most_s)


def courier_points(account: Account, courier_id: str) -> Call:
    """Return the call for the points of one courier: its rows do not say whose they are, so each is asked for alone."""
    key = quote(account.secrets.get("api_key", ""), safe="")
    # The documentation has a second address on the host of the other feeds; this one is in its table (1.6).
    url = f"{account.base_url.rstrip('/')}/api/{key}/point.json"
    return Call("GET", url, (("ids", courier_id),), timeout_s=FEED_S)


def _feeds(account: Account) -> str:
    base = account.base_url.rstrip("/")
    return account.given.get("feed_url", "").rstrip("/") or (FEEDS if base == PRODUCTION else base)


def _person(account: Account, shipment: Shipment) -> Sequence[tuple[str, Nest]]:
    given = shipment.recipient
    # That Packeta splits one name itself was seen in one place only, so we do it unless that is switched on.
    whole = SINGLE_NAME in account.switches
    name, surname = (rules.clean(given.name), "") if whole else rules.names(given.name)
    return (
        ("name", name),
        ("surname", surname),
        ("company", rules.clean(given.company)),
        ("email", given.email),
        ("phone", check.phone_of(given) or given.phone),
    )


def _destination(shipment: Shipment) -> Sequence[tuple[str, Nest]]:
    point, courier = shipment.point, rules.courier_of(shipment)
    if shipment.service != "home":
        point_id = point.point_id if point else ""
        return (("addressId", courier or point_id), ("carrierPickupPoint", point_id if courier else ""))
    street, house_number = rules.house(shipment.recipient)
    return (
        ("addressId", courier),
        ("street", street),
        ("houseNumber", house_number),
        ("city", rules.clean(shipment.recipient.city)),
        ("zip", check.zip_of(shipment.recipient) or shipment.recipient.zip),
        ("province", rules.clean(shipment.options.get("province", ""))),
    )


def _size(sides: Sequence[int | None]) -> Nest:
    names = ("length", "width", "height")
    return [(name, str(side)) for name, side in zip(names, sides, strict=True)] if all(sides) else ""


def _method(
    account: Account, name: str, *arguments: tuple[str, Nest], makes: bool = False, timeout_s: float = TIMEOUT_S
) -> Call:
    tree = _element(name, [("apiPassword", account.secrets.get("api_password", "")), *arguments])
    return Call(
        "POST",
        f"{account.base_url.rstrip('/')}/api/rest",
        headers={"content-type": "text/xml; charset=utf-8", "accept": "text/xml"},
        body=ET.tostring(tree, encoding="utf-8", xml_declaration=True),
        makes=makes,
        timeout_s=timeout_s,
    )


def _element(name: str, content: Nest) -> ET.Element:
    made = ET.Element(name)
    if isinstance(content, str):
        made.text = content
        return made
    made.extend(_element(inner, held) for inner, held in content if held)
    return made
