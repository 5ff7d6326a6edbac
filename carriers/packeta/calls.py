"""What Packeta is asked: XML to one URL for every method, the password inside; feeds by a key in their URL.

Source: docs/carriers.md 1.1-1.6.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import quote
from xml.etree import ElementTree as ET

from carriers import check
from carriers.base import Account, Format
from carriers.money import Money
from carriers.packeta import customs, rules
from carriers.shipment import Shipment
from carriers.wire import TIMEOUT_S, Call

PRODUCTION = "https://www.zasilkovna.cz"  # there is no sandbox: what is never handed over is not billed
FEEDS = "https://pickup-point.api.packeta.com"
FEED_S = 120.0  # tens of megabytes
LABELS_S = 60.0
PAGES = ("A6 on A6", "A7 on A7", "A8 on A8")  # those that are a page a label; the others are sheets, which we lay
DPIS = ("203", "300")
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
    is_declared = customs.SWITCH in account.switches
    currency = (shipment.cod.amount if shipment.cod else shipment.value).currency
    return (
        ("number", number(shipment, place)),
        *_person(account, shipment),
        *_destination(shipment),
        ("currency", currency),
        ("cod", collected(cod.amount) if cod else ""),
        ("value", worth(share(shipment, place))),
        ("weight", f"{Decimal(box.weight_g).scaleb(-3).normalize():f}"),
        ("size", _size((box.length_mm, box.width_mm, box.height_mm))),
        ("eshop", _eshop(account, shipment)),
        ("deliverOn", shipment.options.get("deliver_on", "")),
        ("adultContent", "1" if shipment.adults_only else ""),
        ("note", rules.printed(shipment)),
        ("carrierService", shipment.options.get("carrier_service", "")),
        ("customerBarcode", shipment.options.get("customer_barcode", "")),
        *(_declared(shipment) if is_declared else ()),
    )


def claim(account: Account, shipment: Shipment, place: int) -> Call:
    """Return the call for one box's way back (1.2, Returns): with a label, or by a password instead of one."""
    by_password = shipment.options.get("without_label") == "1"
    mails = "1" if rules.mail_return(shipment) and shipment.recipient.email else ""
    attributes: Nest = (
        ("number", number(shipment, place)),
        ("email", shipment.recipient.email),
        ("phone", check.phone_of(shipment.recipient) or shipment.recipient.phone),
        ("value", worth(share(shipment, place))),
        ("currency", shipment.value.currency),
        ("eshop", _eshop(account, shipment)),
        ("consignCountry", shipment.recipient.country.lower() if by_password else ""),
        ("sendEmailToCustomer" if by_password else "sendLabelToEmail", mails),
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
    province = "options.province" if shipment.options.get("province") else "recipient.region"
    value = "value" if shipment.boxes[place].value is None else f"{box}.value"
    return {
        "number": "order_number", "name": "recipient.name", "surname": "recipient.name", "company": "recipient.company",
        "email": "recipient.email", "phone": "recipient.phone", "addressId": destination,
        "carrierPickupPoint": "point", "street": "recipient.street", "houseNumber": "recipient.house_number",
        "city": "recipient.city", "zip": "recipient.zip", "province": province, "currency": money,
        "cod": "cod.amount", "value": value, "weight": f"{box}.weight_g", "size": box, "length": f"{box}.length_mm",
        "width": f"{box}.width_mm", "height": f"{box}.height_mm", "deliverOn": "options.deliver_on",
        "adultContent": "adults_only", "note": "note", "carrierService": "options.carrier_service",
        "customerBarcode": "options.customer_barcode", "attributes": "customs", "items": "customs",
    } | ({"eshop": "options.eshop"} if shipment.options.get("eshop") else {})  # fmt: skip


def number(shipment: Shipment, place: int) -> str:
    """Return what one box goes by: `ORDER-REFERENCE`, of several boxes `ORDER-REFERENCE-1` and so on.

    People look for the order number; our reference stands whole behind it, as it alone is unique. The same shipment
    has the same number at every try.
    """
    own = shipment.reference if len(shipment.boxes) == 1 else f"{shipment.reference}-{place + 1}"
    order = rules.order_number(shipment)
    return f"{order}-{own}" if order else own


def collected(amount: Money) -> str:
    """Return a COD amount: whole crowns and forints, else two decimals."""
    return amount.plain(0 if amount.currency == "CZK" else None)


def worth(amount: Money) -> str:
    """Return an insured value, without decimals it does not have."""
    return amount.plain().removesuffix(".00")


def share(shipment: Shipment, place: int) -> Money:
    """Return what one box is worth: its own value, or its part of the whole's; what does not divide is the first's."""
    if (own := shipment.boxes[place].value) is not None:
        return own
    each, rest = divmod(shipment.value.minor, len(shipment.boxes))
    return Money(each + (rest if place == 0 else 0), shipment.value.currency)


def page(account: Account) -> str:
    """Return what size of label Packeta's own are asked for."""
    asked = account.given.get("label_format", "").strip()
    return asked if asked in PAGES else PAGES[0]


def dpi(account: Account) -> str:
    """Return for what printer ZPL is asked for."""
    asked = account.given.get("dpi", "").strip()
    return asked if asked in DPIS else DPIS[0]


def label_pdf(account: Account, packet_id: str) -> Call:
    """Return the call for one label of Packeta's own, a page."""
    return _method(account, "packetLabelPdf", ("packetId", packet_id), ("format", page(account)), ("offset", "0"))


def labels_pdf(account: Account, packet_ids: Sequence[str]) -> Call:
    """Return the call for Packeta's own labels, a page each."""
    ids: Nest = [("id", packet_id) for packet_id in packet_ids]
    parts: tuple[tuple[str, Nest], ...] = (("packetIds", ids), ("format", page(account)), ("offset", "0"))
    return _method(account, "packetsLabelsPdf", *parts, timeout_s=LABELS_S)


def label_zpl(account: Account, packet_id: str) -> Call:
    """Return the call for one label of Packeta's own in ZPL."""
    return _method(account, "packetLabelZpl", ("packetId", packet_id), ("dpi", dpi(account)))


def courier_number(account: Account, packet_id: str) -> Call:
    """Return the call for the number the courier gave a packet; its label is asked for by that."""
    return _method(account, "packetCourierNumberV2", ("packetId", packet_id))


def courier_label(account: Account, packet_id: str, courier: str, kind: Format) -> Call:
    """Return the call for the courier's own label."""
    method = "packetCourierLabelZpl" if kind is Format.ZPL else "packetCourierLabelPdf"
    dots = dpi(account) if kind is Format.ZPL else ""
    return _method(account, method, ("packetId", packet_id), ("courierNumber", courier), ("dpi", dots))


def status(account: Account, packet_id: str) -> Call:
    """Return the call for the latest record of a packet."""
    return _method(account, "packetStatus", ("packetId", packet_id))


def tracking(account: Account, packet_id: str) -> Call:
    """Return the call for all records of a packet."""
    return _method(account, "packetTracking", ("packetId", packet_id))


def cancel(account: Account, packet_id: str) -> Call:
    """Return the call that takes a packet back; asked twice it does nothing twice."""
    return _method(account, "cancelPacket", ("packetId", packet_id))


def keep(account: Account, packet_id: str, until: date) -> Call:
    """Return the call that moves a packet's last day at its point; asked twice it does nothing twice.

    What the day is called is not printed, but alike in clients that have nothing to do with each other (1.4).
    """
    return _method(account, "packetSetStoredUntil", ("packetId", packet_id), ("date", until.isoformat()))


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
    return FEEDS if base == PRODUCTION else base


def _eshop(account: Account, shipment: Shipment) -> str:
    return shipment.options.get("eshop", "") or account.given.get("eshop", "")


def _declared(shipment: Shipment) -> Sequence[tuple[str, Nest]]:
    goods: Nest = [("item", [("attributes", _pairs(said))]) for said in customs.items(shipment)]
    return (("attributes", _pairs(customs.attributes(shipment))), ("items", goods))


def _pairs(said: Sequence[customs.Pair]) -> Nest:
    return [("attribute", [("key", key), ("value", value)]) for key, value in said]


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
        ("province", rules.province(shipment)),
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
