"""Labels: Packeta's own and those of external carriers (carriers.md 1.3)."""

import base64

from simulator.carriers import paper
from simulator.carriers.packeta import network
from simulator.carriers.packeta.asking import Asked, Fault, Method
from simulator.carriers.packeta.network import External
from simulator.carriers.paper import A4, A6, A7, A8, Code, Label, Millimetres, Symbology
from simulator.carriers.world import Parcel

FORMATS: dict[str, tuple[Millimetres, Millimetres]] = {
    "A6 on A6": (A6, A6),
    "A7 on A7": (A7, A7),
    "A6 on A4": (A6, A4),
    "A7 on A4": (A7, A4),
    "105x35mm on A4": ((105.0, 35.0), A4),
    "A8 on A8": (A8, A8),
}
COURIER_FORMATS = ("A6 on A4", "A6 on A6")


def one(asked: Asked) -> object:
    """Return a label in base64."""
    return _pdf(asked, [_label(asked, asked.packet())], tuple(FORMATS))


def several(asked: Asked) -> object:
    """Return one document for all."""
    return _pdf(asked, [_label(asked, packet) for packet in asked.packets(asked.ids())], tuple(FORMATS))


def zpl(asked: Asked) -> object:
    """Return ZPL as text."""
    return paper.zpl([_label(asked, asked.packet())], dpi=_dpi(asked))


def number(asked: Asked) -> object:
    """Have the external carrier give a packet its number; the second time it is the same one."""
    packet, external = asked.packet(), _external(asked, asked.packet())
    if "courier" not in packet.bag:
        packet.bag["courier"] = f"{external.country}{asked.world.serial('courier', 70_100_200)}"
    return {"courierNumber": packet.bag["courier"], "carrierId": external.id, "carrierName": external.name}


def courier_pdf(asked: Asked) -> object:
    """Return the external carrier's label in base64."""
    label = _courier_label(asked, asked.packet(), asked.text("courierNumber"))
    return base64.b64encode(paper.pdf([label])).decode()


def courier_png(asked: Asked) -> object:
    """Return the external carrier's barcode as a picture in base64."""
    label = _courier_label(asked, asked.packet(), asked.text("courierNumber"))
    return base64.b64encode(paper.png(label.codes[0])).decode()


def courier_zpl(asked: Asked) -> object:
    """Return the external carrier's label as ZPL."""
    return paper.zpl([_courier_label(asked, asked.packet(), asked.text("courierNumber"))], dpi=_dpi(asked))


def courier_several(asked: Asked) -> object:
    """Return one document of external carriers' labels."""
    # guess: the name of the children, whatever it is they hold packetId and courierNumber
    pairs = [
        (one.findtext("packetId", ""), one.findtext("courierNumber", ""))
        for one in asked.root.findall("packetIdsWithCourierNumbers/*")
    ]
    packets = asked.packets(id_ for id_, _ in pairs)
    labels = [_courier_label(asked, packet, told) for packet, (_, told) in zip(packets, pairs, strict=True)]
    return _pdf(asked, labels, COURIER_FORMATS)


def barcode(asked: Asked) -> object:
    """Return a picture of a barcode in base64."""
    return base64.b64encode(paper.png(Code(asked.text("barcode") or "Z"))).decode()


def _pdf(asked: Asked, labels: list[Label], formats: tuple[str, ...]) -> str:
    wanted, offset = asked.text("format"), asked.text("offset", "0")
    if wanted not in formats or not offset.isdecimal():
        raise Fault("UnknownLabelFormatFault", f"Unknown label format {wanted!r}.")
    size, page = FORMATS[wanted]
    return base64.b64encode(paper.pdf(labels, size=size, page=page, skip=int(offset))).decode()


def _label(asked: Asked, packet: Parcel) -> Label:
    told, external = packet.bag["told"], packet.bag["external"]
    point = asked.world.points.get(packet.point)
    routing = f"{point.country}-{point.zip[:2]}" if point else f"H-{external or '00'}"
    kind = "CD" if point or packet.point else "HD"
    cod = f"Dobírka {packet.cod[0]} {packet.cod[1]}" if packet.cod else ""
    lines = (
        f"{told.get('name', '')} {told.get('surname', '')}".strip(),
        told.get("company", ""),
        point.name if point else f"{told.get('street', '')} {told.get('houseNumber', '')}".strip(),
        f"{told.get('zip', '')} {told.get('city', '')}".strip(),
        told.get("phone", ""),
        cod,
        f"{told.get('eshop', '')} {packet.reference}".strip(),
        told.get("note", ""),
    )
    codes = (Code(packet.barcode), Code(packet.barcode, Symbology.QR))
    return Label(codes, tuple(line for line in lines if line), f"{routing} {kind}{' COD' if cod else ''}")


def _courier_label(asked: Asked, packet: Parcel, told: str) -> Label:
    external = _external(asked, packet)
    if not told or packet.bag.get("courier") != told:
        raise Fault("InvalidCourierNumber", f"Courier number {told!r} is not that of the packet.")
    return Label((Code(told),), _label(asked, packet).lines, external.name)


def _external(asked: Asked, packet: Parcel) -> External:
    """Return the carrier that makes labels of its own; its system may be down (`world.bag["gateway_down"]`)."""
    external = network.EXTERNALS.get(packet.bag["external"])
    if external is None or not external.api:
        raise Fault("NotSupportedFault", "The carrier of this packet makes no labels of its own.")
    if asked.world.bag.get("gateway_down"):
        raise Fault("ExternalGatewayFault", f"{external.name} does not answer.")
    return external


def _dpi(asked: Asked) -> int:
    told = asked.text("dpi", "203")  # guess: what a missing one means
    if told not in ("203", "300"):
        raise Fault("UnknownLabelFormatFault", f"Unknown resolution {told!r}.")
    return int(told)


METHODS: dict[str, Method] = {
    "packetLabelPdf": one,
    "packetsLabelsPdf": several,
    "packetLabelZpl": zpl,
    "packetCourierNumberV2": number,
    "packetCourierLabelPdf": courier_pdf,
    "packetCourierLabelPng": courier_png,
    "packetCourierLabelZpl": courier_zpl,
    "packetsCourierLabelsPdf": courier_several,
    "barcodePng": barcode,
}
