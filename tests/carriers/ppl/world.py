"""A PPL that says what it is told to say, and two shipments of the contract's example."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from carriers.base import Account, Handle, Parcel
from carriers.money import Money
from carriers.ppl import PRODUCTION, Ppl
from carriers.shipment import Address, Box, Cod, PointRef, Shipment
from carriers.wire import Answer, Call

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
JANA = Address(
    name="Jana Dvořáková",
    street="Lipová",
    house_number="12",
    city="Brno",
    zip="602 00",
    country="CZ",
    phone="601 234 567",
    email="jana.dvorakova@example.cz",
)
MALY = Address(
    name="Petr Malý",
    company="Malý a syn s.r.o.",
    street="Tovární 8",
    city="Olomouc",
    zip="77900",
    country="CZ",
    phone="+420605111222",
    email="petr.maly@example.cz",
)
TO_POINT = Shipment(
    reference="OBJ-2026-00417",
    order_number="2026-00417",
    service="SMAR",
    recipient=JANA,
    boxes=(Box(1_250),),
    value=Money(1_290_00, "CZK"),
    point=PointRef("KM10004321"),
    cod=Cod(Money(1_290_00, "CZK"), "202600417"),
    note="Volat předem",
)
TWO_BOXES = Shipment(
    reference="OBJ-2026-00418",
    order_number="2026-00418",
    service="PRIV",
    recipient=MALY,
    boxes=(Box(4_200), Box(7_900)),
    value=Money(60_000_00, "CZK"),
)
BATCH = "b7a1c9de-0000-4000-8000-00000000aaaa"
SECRET = "s3cr3t & more"


@dataclass(frozen=True)
class Reply:
    """What the carrier answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def told(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


TOKEN = told({"access_token": "tok-1", "token_type": "Bearer", "expires_in": 1800})
CREATED = Reply(201, headers={"location": f"{PRODUCTION}/shipment/batch/{BATCH}"})


class Wire:
    """Answers one call after another as scripted, and logins by themselves; keeps what it was asked."""

    def __init__(self, *replies: Reply, token: Callable[[], Reply] = lambda: TOKEN) -> None:
        self.replies = list(replies)
        self.token = token
        self.calls: list[tuple[str, Call]] = []
        self.logins: list[Call] = []

    def __call__(self, carrier: str, operation: str, call: Call) -> Answer:
        assert carrier == "ppl"
        if call.url.endswith("/login/getAccessToken"):
            self.logins.append(call)
            return answer(self.token(), operation, makes=call.makes)
        self.calls.append((operation, call))
        return answer(self.replies.pop(0), operation, makes=call.makes)


class Watch:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def account(*switches: str, **given: str) -> Account:
    return Account(PRODUCTION, {"client_secret": SECRET}, {"client_id": "me", **given}, frozenset(switches))


def ppl(wire: Wire, watch: Watch | None = None, *, switched: Sequence[str] = (), **given: str) -> Ppl:
    return Ppl(account(*switched, **given), wire, watch or Watch())


def answer(reply: Reply, operation: str = "poll", *, makes: bool = False) -> Answer:
    return Answer("ppl", operation, makes, reply.status, reply.headers, reply.body)


def recorded(name: str) -> Any:
    return json.loads((Path(__file__).parent / "recorded" / f"{name}.json").read_text())


def job(**sets: int) -> Handle:
    return Handle("ppl", {"batch": BATCH, "sets": json.dumps({name.replace("_", "-"): n for name, n in sets.items()})})


def parcel(number: str, *, batch: str = BATCH, label: str = "", **more: str) -> Parcel:
    ids = {"number": number, "batch": batch, "label": label or f"{PRODUCTION}/data/{number}", **more}
    return Parcel(number, number, "", Handle("ppl", ids))


def pdf(*widths: int) -> bytes:
    """Return a PDF whose pages are known by their widths."""
    writer, out = PdfWriter(), BytesIO()
    for width in widths:
        writer.add_blank_page(width, 100)
    writer.write(out)
    return out.getvalue()


def widths(content: bytes) -> list[int]:
    return [int(page.mediabox.width) for page in PdfReader(BytesIO(content)).pages]
