"""An account, a parcel and a wire that answers what it is told; all names and keys are made up (docs/carriers.md 5)."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from carriers.base import Account
from carriers.ceska_posta import PRODUCTION, CeskaPosta
from carriers.ceska_posta.calls import Stamp
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef, Shipment
from carriers.wire import Answer, Call

NOW = datetime(2026, 3, 5, 9, 0, 5, tzinfo=UTC)
TODAY = date(2026, 3, 5)
NONCE = "74b03ffb-34e1-419e-8c6f-f8275bad9a41"
STAMP = Stamp(1_772_701_200, NONCE)
ACCOUNT = Account(
    PRODUCTION,
    {"api_token": "123e4567-e89b-12d3-a456-426614174000", "secret_key": "c2VjcmV0LWtleQ=="},
    {"customer_id": "L00123", "contract_id": "356000000", "post_code": "19000", "location_number": "1"},
)
OWN = {"number_sender": "58477", "number_letter": "L", "number_first": "6000", "number_last": "6999"}

JANA = Address(
    "Jana Dvořáková", "Dlouhá 12/3", "Brno", "602 00", "CZ", phone="601 234 567", email="jana.dvorakova@example.cz"
)
TO_POINT = Shipment(
    reference="OBJ202600417",
    order_number="417",
    service="NB",
    recipient=JANA,
    boxes=(Box(1_350, 400, 300, 200),),
    value=Money(129_000, "CZK"),
    point=PointRef("60200"),
    cod=Cod(Money(129_000, "CZK"), "202600417"),
)
HOME = replace(
    TO_POINT,
    reference="OBJ202600418",
    order_number="418",
    service="DR",
    point=None,
    cod=None,
    value=Money(99_950, "CZK"),
    recipient=replace(JANA, company="Dvořáková s.r.o.", phone="+420 221 132 060", email=""),
    options={"size": "S", "services": "1A"},
)
THREE = replace(HOME, reference="OBJ9", boxes=(Box(1_000), Box(2_500), Box(15_000)), value=Money(5_000_00, "CZK"))


def said_pdf(*codes: str) -> str:
    """Return a PDF in base64 with a page for each code that says it."""
    out = BytesIO()
    canvas = Canvas(out)
    for code in codes:
        canvas.drawString(20, 20, code)
        canvas.showPage()
    canvas.save()
    return b64encode(out.getvalue()).decode()


def pdf(pages: int = 1) -> str:
    """Return a PDF of empty A6 pages in base64."""
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(298, 420)
    writer.write(out)
    return b64encode(out.getvalue()).decode()


def account(*, switches: tuple[str, ...] = (), **given: str) -> Account:
    return replace(ACCOUNT, given={**ACCOUNT.given, **given}, switches=frozenset(switches))


def answer(body: object, *, status: int = 200, makes: bool = True, operation: str = "book") -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("ceska_posta", operation, makes, status, {}, content)


class Wire:
    """Answers calls in turn with what it was given, and keeps them."""

    def __init__(self, *said: object) -> None:
        self.said = list(said)
        self.calls: list[Call] = []

    def __call__(self, carrier: str, operation: str, call: Call) -> Answer:
        self.calls.append(call)
        said = self.said.pop(0)
        if isinstance(said, Exception):
            raise said
        body, status = said if isinstance(said, tuple) else (said, 200)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Answer(carrier, operation, call.makes, status, {}, content)


def post(*said: object, given: Account = ACCOUNT, now: Callable[[], datetime] = lambda: NOW) -> tuple[CeskaPosta, Wire]:
    wire = Wire(*said)
    return CeskaPosta(given, wire, now, nonce=lambda: NONCE), wire


def record(number: str, code: str, *statuses: tuple[int, str]) -> dict[str, object]:
    said = [{"responseCode": one, "responseText": text} for one, text in statuses or [(1, "OK")]]
    return {"recordNumber": number, "parcelCode": code, "parcelStateResponse": said}


def created(*records: object, result: tuple[int, str] = (1, "OK"), file: object = None) -> dict[str, object]:
    header = {"responseCode": result[0], "responseText": result[1]}
    printed = {"file": file, "printParamsResponse": [{"responseCode": 1, "responseText": "OK"}]}
    return {
        "responseHeader": {
            "resultHeader": header,
            "resultParcelData": list(records),
            "resultParcelCustomsGoods": [],
            "resultParcelCustomsDocument": [],
            "responsePrintParams": printed,
        }
    }


def batch(*records: object, result: tuple[int, str] = (1, "OK")) -> dict[str, object]:
    return {
        "StatusResponseList": [{"responseCode": result[0], "responseText": result[1]}],
        "ResultSendParcelsList": list(records),
    }


def numbered(count: int) -> list[Shipment]:
    return [replace(TO_POINT, reference=f"OBJ{place}") for place in range(count)]
