"""A shipment, an account, and a Packeta that says what it is told to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from pypdf import PdfWriter

from carriers.base import Account, Handle, Parcel
from carriers.errors import CarrierError
from carriers.money import Money
from carriers.packeta import Packeta
from carriers.shipment import Address, Box, Cod, PointRef, Shipment
from carriers.wire import Answer, Call

NOW = datetime(2026, 3, 4, 8, tzinfo=UTC)
ACCOUNT = Account(
    base_url="https://www.zasilkovna.cz",
    secrets={"api_password": "PASSWORD", "api_key": "KEY", "webhook_key": "SIGNING"},
    given={"eshop": "muj-eshop"},
)
JANA = Address(
    name="Jana Dvořáková", street="Dlouhá 5", city="Praha", zip="110 00", country="CZ",
    phone="+420601234567", email="jana.dvorakova@example.cz",
)  # fmt: skip
PETR = Address(
    name="Petr Malý", company="Malý a syn s.r.o.", street="Lipová 12/3", city="Brno", zip="602 00", country="CZ",
    phone="605 111 222", email="petr.maly@example.cz",
)  # fmt: skip
TO_POINT = Shipment(
    reference="OBJ-2026-00417", order_number="417", service="point", recipient=JANA, boxes=(Box(1350),),
    value=Money(129_000, "CZK"), point=PointRef("18542"), cod=Cod(Money(129_000, "CZK"), "417"), note="Křehké",
)  # fmt: skip
TO_HOME = Shipment(
    reference="OBJ-2026-00418", order_number="418", service="home", recipient=PETR, boxes=(Box(3200, 400, 300, 150),),
    value=Money(499_000, "CZK"),
)  # fmt: skip
TO_COURIERS_POINT = replace(TO_POINT, point=PointRef("WAW123", network="3060"), cod=None)

CREATED = """<response><status>ok</status><result><id>4154090123</id><barcode>Z4154090123</barcode>
<barcodeText>Z 415 4090 123</barcodeText></result></response>"""
WRONG_PASSWORD = """<response><status>fault</status><fault>IncorrectApiPasswordFault</fault>
<string>Incorrect API password.</string><detail/></response>"""
WRONG_ATTRIBUTES = """<response><status>fault</status><fault>PacketAttributesFault</fault>
<string>Failed to validate attributes. See detail.</string><detail><attributes>
<fault><name>addressId</name><fault>Branch is not active.</fault></fault>
<fault><name>phone</name><fault>Phone number is not valid.</fault></fault></attributes></detail></response>"""


def created(packet_id: str) -> str:
    return CREATED.replace("4154090123", packet_id)


def fault(name: str, said: str = "No.") -> str:
    return f"<response><status>fault</status><fault>{name}</fault><string>{said}</string><detail/></response>"


def ok(result: str) -> str:
    return f"<response><status>ok</status><result>{result}</result></response>"


def record(code: str, at: str = "2026-03-04T09:12:44", **more: str) -> str:
    fields = {"dateTime": at, "statusCode": code, "statusText": f"text of {code}", **more}
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


def history(*records: str) -> str:
    return ok("".join(f"<record>{one}</record>" for one in records))


def pdf(pages: int) -> bytes:
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(298, 420)
    writer.write(out)
    return out.getvalue()


def parcel(packet_id: str = "4154090123", **ids: str) -> Parcel:
    number = f"Z{packet_id}"
    return Parcel(number, number, "", Handle("packeta", {"packet_id": packet_id, **ids}))


def answer(said: str | bytes, *, makes: bool = False, status: int = 200) -> Answer:
    body = said if isinstance(said, bytes) else said.encode()
    return Answer("packeta", "test", makes, status, {}, body)


class Says:
    """Answers calls with what it was given, in this order, and keeps the calls."""

    def __init__(self, *said: str | bytes | CarrierError | int) -> None:
        self.calls: list[Call] = []
        self._said = list(said)

    def __call__(self, carrier: str, operation: str, call: Call) -> Answer:
        self.calls.append(call)
        said = self._said.pop(0)
        if isinstance(said, CarrierError):
            raise said
        status, body = (
            (said, b"") if isinstance(said, int) else (200, said if isinstance(said, bytes) else said.encode())
        )
        return Answer(carrier, operation, call.makes, status, {}, body)

    @property
    def methods(self) -> list[str]:
        """The methods that were asked for, or the paths of feeds."""
        return [(call.body or b"").split(b"\n<")[-1].split(b">")[0].decode() or call.url for call in self.calls]


def packeta(says: Any, *, switches: frozenset[str] = frozenset(), given: Mapping[str, str] | None = None) -> Packeta:
    account = replace(ACCOUNT, switches=switches, given=ACCOUNT.given if given is None else given)
    return Packeta(account, says, lambda: NOW)
