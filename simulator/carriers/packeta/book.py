"""Packets made, checked, called off, and grouped for a hand-over (carriers.md 1.2, 1.5)."""

import xml.etree.ElementTree as ET
from typing import Any

from simulator.carriers.packeta import customs, network, rules, tracks
from simulator.carriers.packeta.asking import Asked, Fault, Method
from simulator.carriers.world import Parcel, World

FIRST_ID = 4_154_090_123  # beyond 32 bits, as ids are
FIRST_SHIPMENT = 900_101


def create(asked: Asked) -> object:
    """Make one packet; nothing holds `number` against those made before."""
    told = _checked(asked)
    to = rules.destination(asked.world, told["addressId"])
    currency = told.get("currency") or network.CURRENCIES[to.country if to else "CZ"]
    cod = rules.amount(told.get("cod", "0"))
    name_sender(asked, told)
    return shown(
        made(
            asked,
            told["number"],
            told=told,
            point=told["addressId"] if to and to.point else told.get("carrierPickupPoint", ""),
            town=told.get("city") or (to.point.city if to and to.point else ""),
            external=to.external.id if to and to.external else "",
            cod=(told["cod"], currency) if cod else None,
            customs=customs.declared(asked.root.find("packetAttributes")),
        )
    )


def name_sender(asked: Asked, told: dict[str, str]) -> None:
    """Make a sender nobody has heard of, silently (1.2)."""
    if (sender := told.get("eshop")) and sender not in asked.account.given["senders"]:
        asked.account.given["senders"].append(sender)


def facts(world: World, packet: Parcel) -> dict[str, Any]:
    """Return what was told of a packet, and the last day it waits, "" while it does not."""
    told = packet.bag["told"]
    return {
        "customs": packet.bag.get("customs"),
        "insured": told.get("value"),
        "services": told.get("carrierService"),
        "contact": {name: told.get(name) for name in ("name", "surname", "phone", "email")},
        "sender": told.get("eshop"),
        "is_claim": bool(packet.bag.get("claim")),
        "stored_until": tracks.stored_until(world, packet),
    }


def made(asked: Asked, number: str, **of: Any) -> Parcel:
    """Take a packet with the next id."""
    id_ = str(asked.world.serial("packets", FIRST_ID))
    return asked.world.make(id_, reference=number, account=asked.account.name, barcode=f"Z{id_}", **of)


def shown(packet: Parcel) -> dict[str, str]:
    """Return a packet as its making is answered."""
    id_ = packet.number
    return {"id": id_, "barcode": packet.barcode, "barcodeText": f"Z {id_[:3]} {id_[3:7]} {id_[7:]}"}


def validate(asked: Asked) -> object:
    """Check attributes and make nothing."""
    _checked(asked)
    return None


def cancel(asked: Asked) -> object:
    """Call a packet off that was not handed over."""
    packet = asked.packet()
    # guess: a packet that was called off before cannot be called off
    if asked.world.is_cancelled(packet) or not asked.world.cancel(packet):
        raise Fault("CancelNotAllowedFault", "Packet cannot be cancelled.")
    return None


def group(asked: Asked) -> object:
    """Group packets for one hand-over; a packet may be in several groups."""
    packets = asked.packets(asked.ids())
    refused = [p.number for p in packets if p.bag.get("claim") or asked.world.is_cancelled(p)]
    if refused:
        raise Fault("PacketIdsFault", "Some packets cannot be in a shipment.", {"ids": {"packetId": refused}})
    barcode = asked.text("customBarcode")
    if barcode and not asked.account.given.get("barcodes"):
        raise Fault("CustomBarcodeNotAllowedFault", "Custom barcodes are not allowed.")
    id_ = str(asked.world.serial("shipments", FIRST_SHIPMENT))
    asked.world.bag.setdefault("shipments", {})[id_] = [packet.number for packet in packets]
    return {"id": id_, "barcode": barcode or f"D-***-XM-{id_}"}  # as printed in 1.5; what the stars are is not said


def grouped(asked: Asked) -> object:
    """Return the packets of a group."""
    ids = asked.world.bag.get("shipments", {}).get(asked.text("shipmentId"))
    if ids is None:
        raise Fault("ShipmentNotFoundFault", "Shipment does not exist.")
    return {"packet": [shown(asked.world.parcels[id_]) for id_ in ids]}


def attributes(node: ET.Element | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return attributes and the size; what is nested otherwise is kept as a name without text."""
    if node is None:
        return {}, {}
    size = {side.tag: side.text or "" for side in node.findall("size/*")}
    return {one.tag: one.text or "" for one in node}, size


def refuse(wrong: list[tuple[str, str]]) -> None:
    """Raise the fault that names every attribute, if there is any."""
    if wrong:
        faults = [{"name": name, "fault": why} for name, why in wrong]
        text = "Failed to validate attributes. See detail."
        raise Fault("PacketAttributesFault", text, {"attributes": {"fault": faults}})


def _checked(asked: Asked) -> dict[str, str]:
    told, size = attributes(asked.root.find("packetAttributes"))
    told = rules.split(told)
    if told.get("customerBarcode") and not asked.account.given.get("barcodes"):
        raise Fault("CustomBarcodeNotAllowedFault", "Custom barcodes are not allowed.")
    today = asked.world.today(asked.request.at)
    to = rules.destination(asked.world, told.get("addressId", ""))
    is_declared = bool(to and to.external and to.external.customs)
    declaration = customs.wrong(asked.root.find("packetAttributes"), is_needed=is_declared)
    refuse([*rules.wrong(asked.world, asked.account, told, size, today), *declaration])
    return told


METHODS: dict[str, Method] = {
    "createPacket": create,
    "packetAttributesValid": validate,
    "cancelPacket": cancel,
    "createShipment": group,
    "shipmentPackets": grouped,
}
