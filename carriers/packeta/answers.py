"""What Packeta answers: always 200, and whether it was done stands in `status` (docs/carriers.md 1.1, 1.2, 1.3)."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from carriers import labels
from carriers.base import Format, Handle, Label, Parcel
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.packeta import calls, rules
from carriers.shipment import Shipment
from carriers.wire import Answer

LONGEST_WORDS = 300
NO_FIELDS: Mapping[str, str] = {}
LANGUAGES = {"CZ": "cs", "SK": "sk"}

KINDS = {
    "IncorrectApiPasswordFault": Kind.LOGIN,
    "PacketAttributesFault": Kind.CONTENT,
    "AttributeFault": Kind.CONTENT,
    "InvalidCourierNumber": Kind.CONTENT,
    "DateOutOfRangeFault": Kind.CONTENT,
    "SenderNotExists": Kind.CONTENT,
    "PacketIdFault": Kind.UNKNOWN,
    "PacketIdsFault": Kind.UNKNOWN,
    "NoPacketIdsFault": Kind.UNKNOWN,
    "ShipmentNotFoundFault": Kind.UNKNOWN,
    "CancelNotAllowedFault": Kind.TOO_LATE,
    "UnknownLabelFormatFault": Kind.UNSUPPORTED,
    "NotSupportedFault": Kind.UNSUPPORTED,
    "DispatchOrderNotAllowedFault": Kind.ACCOUNT,
    "CustomBarcodeNotAllowedFault": Kind.ACCOUNT,
}
"""Every fault of the contract but `ExternalGatewayFault`, which nobody here can do anything about."""


class _Refusing(ET.TreeBuilder):
    """A tree without a document type, whose entities could grow without end."""

    def doctype(self, name: str, pubid: str, system: str) -> Any:
        raise ValueError(f"a document type {name} {pubid} {system}")


def opened(answer: Answer, fields: Mapping[str, str] = NO_FIELDS) -> ET.Element:
    """Return the `response` of an answer that says ok; raise what a fault means, its attributes as our `fields`."""
    answer.expect_ok()
    try:
        root = ET.fromstring(answer.body, ET.XMLParser(target=_Refusing()))  # noqa: S314  # refuses what could grow
    except (ET.ParseError, ValueError, LookupError):
        raise answer.unreadable(f"the answer is no XML, or breaks off ({len(answer.body)} bytes)") from None
    status = text(root, "status")
    if root.tag == "response" and status == "fault":
        raise trouble(answer, root, fields)
    if root.tag != "response" or status != "ok":
        raise answer.unreadable("the answer says neither ok nor fault")
    return root


def result(answer: Answer, fields: Mapping[str, str] = NO_FIELDS) -> ET.Element:
    """Return the `result` of an answer that says ok."""
    found = opened(answer, fields).find("result")
    if found is None:
        raise answer.unreadable("the answer has no result")
    return found


def text(element: ET.Element, path: str) -> str:
    """Return a child's text, empty where there is none."""
    return (element.findtext(path) or "").strip()


def words(said: str) -> str:
    """Return what the carrier said as one line a person can read."""
    return " ".join(said.split())[:LONGEST_WORDS]


def trouble(answer: Answer, root: ET.Element, fields: Mapping[str, str]) -> CarrierError:
    """Return what a fault means.

    One that is not in the table, or has no name, is a refusal somebody must read; but not where a packet was to be
    made: nobody knows that none was.
    """
    code, said = words(text(root, "fault")), words(text(root, "string"))
    if code == "ExternalGatewayFault":
        return answer.unreadable("the external carrier's system failed", said=said, code=code)
    if answer.makes and code not in KINDS:
        what = f"{code or 'without a name'} {said}".rstrip()
        return answer.unreadable("a fault nobody knows", said=what, code=code)
    named = [(words(text(one, "name")), words(text(one, "fault"))) for one in root.iterfind("detail/attributes/fault")]
    faults = [Fault(fields.get(name), name or code, says) for name, says in named]
    kind = KINDS.get(code, Kind.CONTENT)
    if any(name == "user_id" for name, _ in named):
        kind = Kind.ACCOUNT  # not cleared to ship yet (1.2)
    if kind is Kind.UNKNOWN:
        said = words(f"{said} {' '.join(_ids(root))}")
    why = "; ".join(f"{name}: {says}" for name, says in named) or said or code or "a fault without a name"
    return CarrierRefused(answer.carrier, answer.operation, words(why), kind=kind, faults=faults, code=code)


def created(answer: Answer, shipment: Shipment, place: int) -> Parcel:
    """Return the packet made for one box; raise what is wrong, unclear where the answer does not tell.

    `<result><id>4154090123</id><barcode>Z4154090123</barcode>…</result>`. Ids need 64 bits and stay text.
    """
    return _parcel(answer, result(answer, calls.fields(shipment, place)), shipment, rules.courier_of(shipment))


def claimed(answer: Answer, shipment: Shipment, place: int) -> tuple[Parcel, str]:
    """Return the packet made for one box's way back, and its `password` where it has one instead of a label.

    It is Packeta's own, whoever carried it there: no courier prints its label.
    """
    made = result(answer, calls.fields(shipment, place))
    return _parcel(answer, made, shipment, ""), text(made, "password")


def _parcel(answer: Answer, made: ET.Element, shipment: Shipment, courier_id: str) -> Parcel:
    packet_id, barcode = text(made, "id"), text(made, "barcode")
    if not re.fullmatch(r"[0-9]{1,19}", packet_id):
        raise answer.unreadable("a packet was made, but its id cannot be read")
    if barcode != f"Z{packet_id.zfill(10)}":
        raise answer.unreadable(f"packet {packet_id} was made, but its bar code is of another one")
    ids = {"packet_id": packet_id, "courier_id": courier_id}
    language = LANGUAGES.get(shipment.recipient.country, "en")
    url = f"https://tracking.packeta.com/{language}/?id={packet_id}"
    handle = Handle(answer.carrier, {name: said for name, said in ids.items() if said})
    return Parcel(number=barcode, barcode=barcode, tracking_url=url, handle=handle)


def half_made(lost: CarrierError, made: Sequence[Parcel], boxes: int) -> CarrierUnreachable:
    """Return the error for a shipment of which some packets exist: it must not be made again before a person looked."""
    numbers = ", ".join(parcel.number for parcel in made)
    why = f"{len(made)} of {boxes} packets were made ({numbers}), the next one failed"
    return CarrierUnreachable(lost.carrier, lost.operation, why, unclear=True, said=lost.why, code=lost.code)


def label_pdf(answer: Answer, numbers: Sequence[str]) -> Label:
    """Return Packeta's own labels; raise CarrierUnreachable where it is not one page for each number.

    That the pages of several come in the order asked is assumed.
    """
    label = Label(Format.PDF, _decoded(answer), tuple(numbers))
    pages = _pages(answer, label)
    if pages != len(numbers):
        raise answer.unreadable(f"{pages} labels came for {len(numbers)} packets")
    return label


def label_of_one(answer: Answer, number: str, kind: Format) -> Label:
    """Return the label of one packet, which may be several pages; ZPL comes as text."""
    content = _decoded(answer) if kind is Format.PDF else (result(answer).text or "").encode()
    label = Label(kind, content)
    return Label(kind, content, (number,) * _pages(answer, label))


def courier_number(answer: Answer) -> str:
    """Return the number the courier gave a packet."""
    number = text(result(answer), "courierNumber")
    if not number:
        raise answer.unreadable("the external carrier gave no number")
    return number


def consigned(answer: Answer) -> str:
    """Return the bar code of a consignment (`D-***-XM-<id>`), which is scanned instead of each packet."""
    made = result(answer)
    number = text(made, "barcode") or text(made, "id")
    if not number:
        raise answer.unreadable("the packets were grouped, but the answer does not say as what")
    return number


def _ids(root: ET.Element) -> list[str]:
    found = (element.text or "" for detail in root.iterfind("detail") for element in detail.iter())
    return [one for said in found if re.fullmatch(r"Z?[0-9]{1,19}", one := said.strip())]


def _decoded(answer: Answer) -> bytes:
    try:
        return base64.b64decode("".join((result(answer).text or "").split()), validate=True)
    except ValueError:
        raise answer.unreadable("the label is no base64") from None


def _pages(answer: Answer, label: Label) -> int:
    try:
        return labels.pages_of(label)
    except labels.Unprintable as fault:
        raise answer.unreadable(str(fault)) from None
    except Exception as fault:  # noqa: BLE001  # a broken file leads the PDF library to errors of any kind
        raise answer.unreadable(f"the label cannot be read ({type(fault).__name__})") from None
