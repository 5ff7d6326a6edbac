"""What the tests of Balíkobot share: an account, shipments, answers, and a wire that plays them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from carriers.balikobot import Balikobot
from carriers.base import Account, Handle, Parcel
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef, Shipment
from carriers.wire import Answer, Call

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
BASE = "https://apiv2.balikobot.cz"
ACCOUNT = Account(BASE, {"key": "tajny-klic"}, {"user": "obchod"})
RECIPIENT = Address(
    "Jana Dvořáková", "Lipová 12", "Brno", "602 00", "CZ", phone="601 234 567", email="jana.dvorakova@example.cz"
)


def account(*switches: str, **given: str) -> Account:
    return Account(BASE, ACCOUNT.secrets, {"user": "obchod", **given}, frozenset(switches))


def shipment(reference: str = "OBJ-2026-00417", **changes: Any) -> Shipment:
    """A parcel to a Packeta point with COD, as in the contract's example, unless told otherwise."""
    fields: dict[str, Any] = {
        "order_number": "2026000417",
        "service": "zasilkovna/VMCZ",
        "recipient": RECIPIENT,
        "boxes": (Box(1_350),),
        "value": Money(129_000, "CZK"),
        "point": PointRef("18542"),
        "cod": Cod(Money(129_000, "CZK"), "202600417"),
    }
    return Shipment(reference, **(fields | changes))


def home(reference: str = "OBJ-2026-00418", **changes: Any) -> Shipment:
    return shipment(reference, **({"service": "ppl/4", "point": None, "cod": None} | changes))


def answer(body: Any, *, status: int = 200, makes: bool = False, headers: Mapping[str, str] | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("balikobot", "test", makes, status, headers or {}, raw)


def row(eid: str, number: int, status: object = "200", **more: Any) -> dict[str, Any]:
    return {"status": status, "eid": eid, "package_id": str(42_000 + number), "carrier_id": f"Z4154{number:06}", **more}


def packages(*rows: Any, status: object = 200) -> dict[str, Any]:
    return {"status": status, "packages": list(rows)}


def parcel(number: str = "Z4154090123", shipper: str = "zasilkovna", package_id: str = "42719") -> Parcel:
    ids = {"shipper": shipper, "package_id": package_id, "carrier_id": number}
    return Parcel(number, number, "", Handle("balikobot", ids))


def pdf(pages: int) -> bytes:
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(298, 420)
    writer.write(out)
    return out.getvalue()


def said_pdf(*numbers: str) -> bytes:
    """Return a PDF with a page for each number that says it."""
    out = BytesIO()
    canvas = Canvas(out)
    for number in numbers:
        canvas.drawString(20, 20, number)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass
class Wire:
    """Plays answers in order, or what a function says; keeps the calls."""

    answers: Sequence[Any] | Callable[[Call], Any]
    calls: list[Call] = field(default_factory=list)

    def __call__(self, carrier: str, operation: str, call: Call) -> Answer:
        self.calls.append(call)
        said = self.answers(call) if callable(self.answers) else self.answers[len(self.calls) - 1]
        status, body, *headers = said if isinstance(said, tuple) else (200, said)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Answer(carrier, operation, call.makes, status, headers[0] if headers else {}, raw)

    def paths(self) -> list[str]:
        return [call.url.removeprefix(BASE) for call in self.calls]

    def bodies(self) -> list[Any]:
        return [json.loads(call.body) if call.body else None for call in self.calls]


def balikobot(wire: Wire, given: Account = ACCOUNT) -> Balikobot:
    return Balikobot(given, wire, lambda: NOW)
