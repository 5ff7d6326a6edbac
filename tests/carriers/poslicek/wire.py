"""Two shipments, an account, and a line that answers what it was told to and keeps what it was asked."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from carriers.base import Account, Handle, Parcel
from carriers.money import Money
from carriers.poslicek import Poslicek
from carriers.poslicek.calls import PRODUCTION
from carriers.shipment import Address, Box, Cod, PointRef, Shipment
from carriers.wire import Answer, Call

NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)
JANA = Address(
    "Jana Dvořáková",
    "Lipová",
    "Brno",
    "602 00",
    "CZ",
    house_number="12",
    phone="601 234 567",
    email="jana.dvorakova@example.cz",
)
COD = Cod(Money(129_000, "CZK"), "202600417")
HOME = Shipment(
    "OBJ-2026-00417", "2026-00417", "home", JANA, (Box(1_350),), Money(129_000, "CZK"), cod=COD, note="zvonek nefunguje"
)
TO_POINT = Shipment(
    "OBJ-2026-00418", "2026-00418", "point", JANA, (Box(1_350),), Money(129_000, "CZK"), point=PointRef("CZ1001")
)


def recorded(name: str) -> Any:
    """Return what a file beside this one holds."""
    return json.loads((Path(__file__).parent / "recorded" / f"{name}.json").read_text())


def parcel(number: str) -> Parcel:
    return Parcel(number, number, "", Handle("poslicek", {"number": number}))


class Line:
    """Answers in turn: a status, or a body with status 200."""

    def __init__(self, *told: object) -> None:
        self.told = list(told)
        self.calls: list[Call] = []

    def __call__(self, carrier: str, operation: str, call: Call) -> Answer:
        self.calls.append(call)
        told = self.told.pop(0)
        status, body = (told, b"") if isinstance(told, int) else (200, told)
        return answer(body, operation, makes=call.makes, status=status)

    def carrier(self) -> Poslicek:
        return Poslicek(Account(PRODUCTION, {"api_key": "k-1"}), self, lambda: NOW)


def answer(body: object, operation: str = "book", *, makes: bool = False, status: int = 200) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("poslicek", operation, makes, status, {}, raw)
