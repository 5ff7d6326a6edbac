"""Shipments, an account, and a wire that answers what it was told to and keeps what it was asked."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfWriter

from carriers.base import Account, Parcel
from carriers.dpd_cz import SANDBOX, DpdCz, answers
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef, Shipment
from carriers.wire import Answer, Call

GIVEN = {"dsw": "015012345", "address_id": "776655"}
JANA = Address(
    "Jana Dvořáková",
    "Lipová",
    "Brno",
    "602 00",
    "CZ",
    house_number="12",
    phone="+420601234567",
    email="jana.dvorakova@example.cz",
)


def shipment(reference="OBJ-2026-00417", *, service="327", weights=(1350,), point="", cod=None, **more) -> Shipment:
    return Shipment(
        **{
            "reference": reference,
            "order_number": "2026-00417",
            "service": service,
            "recipient": JANA,
            "boxes": tuple(Box(weight) for weight in weights),
            "value": Money(129000, "CZK"),
            "point": PointRef(point) if point else None,
            "cod": Cod(Money(cod, "CZK"), "202600417") if cod else None,
        }
        | more
    )


def account(*switches, **more) -> Account:
    given = {"base_url": SANDBOX, "secrets": {"api_key": "k-1"}, "given": GIVEN, "switches": frozenset(switches)}
    return Account(**(given | more))


class Wire:
    """Answers in turn; a thing that is an error is raised."""

    def __init__(self, *told) -> None:
        self.told = list(told)
        self.calls: list[Call] = []

    def __call__(self, carrier: str, operation: str, call: Call) -> Answer:
        self.calls.append(call)
        status, headers, body = as_answer(self.told.pop(0))
        return Answer(carrier, operation, call.makes, status, headers, body)


def as_answer(told) -> tuple[int, dict[str, str], bytes]:
    if isinstance(told, Exception):
        raise told
    if isinstance(told, tuple):
        return told
    return 200, {}, told if isinstance(told, bytes) else json.dumps(told).encode()


def carrier(*told, switches: Sequence[str] = (), **more) -> tuple[DpdCz, Wire]:
    wire = Wire(*told)
    return DpdCz(account(*switches, **more), wire, lambda: datetime(2026, 3, 6, 12, tzinfo=UTC)), wire


def answer(body: object, *, status: int = 200, makes: bool = True, headers=None) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("dpd_cz", "book", makes, status, headers or {}, content)


def row(reference: str, *numbers: str, shipment_id: object = "3f0b7a60") -> dict:
    return {
        "id": shipment_id,
        "parcels": [
            {"parcelNumbers": {"main": number}, "references": {"ref1": f"{reference}/{place}"}}
            for place, number in enumerate(numbers, 1)
        ],
    }


def parcel(number="13845600012345", *, shipment_id="77", boxes=1) -> Parcel:
    made = answers._parcel(shipment(weights=(1000,) * boxes), number, shipment_id)
    return Parcel(made.number, made.barcode, made.tracking_url, made.handle)


def pdf(pages: int) -> bytes:
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(298, 420)
    writer.write(out)
    return out.getvalue()
