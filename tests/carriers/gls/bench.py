"""What the tests of GLS stand on: an account, shipments, the contract's own answers, a line that answers by list."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from carriers.base import Account, Handle, Parcel
from carriers.digits import gls as digit
from carriers.gls import PRODUCTION, Gls
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef, Shipment
from carriers.wire import Answer, Call

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
PASSWORD = "made-up"
ACCOUNT = Account(
    base_url=PRODUCTION["CZ"],
    secrets={"password": PASSWORD},
    given={
        "username": "sklad@example.cz",
        "client_number": "50001234",
        "sender_name": "Můj e-shop s.r.o.",
        "sender_street": "Skladová 1",
        "sender_city": "Praha",
        "sender_zip": "190 00",
        "sender_country": "CZ",
        "sender_phone": "222 333 444",
        "sender_email": "sklad@example.cz",
    },
)
JANA = Address(
    name="Jana Dvořáková",
    street="Lipová",
    house_number="12/3",
    city="Brno",
    zip="602 00",
    country="CZ",
    phone="601 234 567",
    email="jana.dvorakova@example.cz",
)
HOME = Shipment(
    reference="OBJ-2026-00417",
    order_number="417",
    service="parcel",
    recipient=JANA,
    boxes=(Box(1350, 300, 200, 145),),
    value=Money(129_000, "CZK"),
)
COD = Cod(Money(129_000, "CZK"), "202600417")
POINT = replace(
    HOME,
    service="PSD",
    point=PointRef("CZ60200-PARCELSHOP01"),
    cod=COD,
    note="Obj. 417",
    options={"FDS": ""},
)

# The contract's own examples (docs/carriers.md 4.2, 4.4).
CREATED = {
    "Labels": [37, 80, 68, 70, 45],
    "PrintLabelsErrorList": [],
    "PrintLabelsInfoList": [
        {"ClientReference": "OBJ-2026-00417", "ParcelId": 90210001, "ParcelNumber": 31177007966},
    ],
}
REFUSED = {
    "Labels": None,
    "PrintLabelsInfoList": [],
    "PrintLabelsErrorList": [
        {
            "ErrorCode": 13,
            "ErrorDescription": "Parcel validation issue: DeliveryAddress.ZipCode",
            "ClientReferenceList": ["OBJ-2026-00417"],
            "ParcelIdList": [],
        }
    ],
}
STATUSES = {
    "ClientReference": "OBJ-2026-00417",
    "DeliveryCountryCode": "CZ",
    "DeliveryZipCode": "60200",
    "ParcelNumber": 31177007966,
    "ParcelStatusList": [
        {
            "StatusCode": "05",
            "StatusDate": "/Date(1772793000000+0100)/",
            "StatusDescription": "Doručeno",
            "StatusInfo": "",
            "DepotCity": "Brno",
            "DepotNumber": "60",
        },
        {
            "StatusCode": "04",
            "StatusDate": "/Date(1772777000000+0100)/",
            "StatusDescription": "Na doručení",
            "StatusInfo": "",
            "DepotCity": "Brno",
            "DepotNumber": "60",
        },
        {
            "StatusCode": "51",
            "StatusDate": "/Date(1772700000000+0100)/",
            "StatusDescription": "Data přijata",
            "StatusInfo": "",
            "DepotCity": "",
            "DepotNumber": "",
        },
    ],
    "POD": None,
    "Weight": 1.35,
    "GetParcelStatusErrors": [],
}
POINTS = {
    "items": [
        {
            "id": "CZ10000-PARCELLOCK11",
            "goldId": 11,
            "externalId": None,
            "name": "Box u nádraží",
            "description": "vedle trafiky",
            "contact": {"countryCode": "cz", "postalCode": "10000", "city": "Praha", "address": "Nádražní 1"},
            "location": [50.08, 14.48],
            "hours": [[1, "00:00", "24:00"], [2, "00:00", "24:00"]],
            "features": ["pickup", "delivery", "acceptsCard"],
            "type": "parcel-locker",
            "hasWheelchairAccess": True,
        },
        {
            "id": "CZ60200-PARCELSHOP01",
            "name": "Trafika",
            "contact": {"countryCode": "CZ", "postalCode": "60200", "city": "Brno", "address": "Lipová 1"},
            "location": [49.2, 16.6],
            "hours": [],
            "features": ["pickup"],
            "type": "parcel-shop",
        },
    ]
}

Reply = bytes | dict[str, Any] | tuple[int, bytes] | Exception | Callable[[Call], Any]


class Line:
    """Answers calls in turn, the last reply for ever, and remembers them."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.calls: list[Call] = []

    def __call__(self, carrier: str, operation: str, call: Call) -> Answer:
        self.calls.append(call)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if callable(reply):
            reply = reply(call)
        if isinstance(reply, Exception):
            raise reply
        status, body = reply if isinstance(reply, tuple) else (200, reply)
        return Answer(carrier, operation, call.makes, status, {}, body if isinstance(body, bytes) else wired(body))

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(call.body or b"null") for call in self.calls]


def carrier(line: Line, *switches: str, **given: str) -> Gls:
    account = replace(ACCOUNT, given={**ACCOUNT.given, **given}, switches=frozenset(switches))
    return Gls(account, line, lambda: NOW)


def wired(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def answer(body: Any, *, makes: bool = False, status: int = 200) -> Answer:
    raw = body if isinstance(body, bytes) else wired(body)
    return Answer("gls", "book" if makes else "ask", makes, status, {}, raw)


def number(place: int) -> str:
    """Return the GLS number at a place of an invented range."""
    ten = str(3_117_700_000 + place)
    return ten + digit(ten)


def shipments(count: int) -> list[Shipment]:
    return [replace(HOME, reference=f"R-{place}", order_number=str(place)) for place in range(count)]


def row(reference: str, place: int) -> dict[str, Any]:
    return {"ClientReference": reference, "ParcelId": 1000 + place, "ParcelNumber": int(number(place))}


def created(count: int, labels: bytes = b"%PDF-") -> dict[str, Any]:
    rows = [row(f"R-{place}", place) for place in range(count)]
    return {"Labels": list(labels), "PrintLabelsErrorList": [], "PrintLabelsInfoList": rows}


def refusal(code: Any, *references: str, says: str = "no", ids: Sequence[int] = ()) -> dict[str, Any]:
    return {
        "ErrorCode": code,
        "ErrorDescription": says,
        "ClientReferenceList": list(references),
        "ParcelIdList": list(ids),
    }


def parcel(place: int, parcel_id: int | None = None) -> Parcel:
    ids = {"ParcelId": str(1000 + place if parcel_id is None else parcel_id)}
    return Parcel(number(place), number(place), "", Handle("gls", ids))


def pdf(*pages: str) -> bytes:
    """Return a PDF whose pages say these texts."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(298, 420))
    for text in pages:
        canvas.drawString(20, 200, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def zpl(*texts: str) -> bytes:
    return b"\n".join(f"^XA^FO20,20^FD{text}^FS^XZ".encode() for text in texts)
