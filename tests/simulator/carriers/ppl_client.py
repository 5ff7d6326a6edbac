"""A shop that speaks to PPL's stand-in, and the requests its contract prints."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pypdfium2
import zxingcpp

from simulator.carriers import registry, transport
from simulator.carriers.world import World

MONDAY = datetime(2026, 3, 2, 16, 1, tzinfo=UTC)  # 17:01 in Prague
REAL = "https://api.dhl.com/ecs/ppl/myapi2"
FORM = {"grant_type": "client_credentials", "scope": "myapi2"}

JANA: dict[str, Any] = {
    "name": "Jana Dvořáková",
    "street": "Lipová 12",
    "city": "Brno",
    "zipCode": "60200",
    "country": "CZ",
    "contact": "Jana Dvořáková",
    "phone": "+420601234567",
    "email": "jana.dvorakova@example.cz",
}
COD: dict[str, Any] = {"codPrice": 1290, "codCurrency": "CZK", "codVarSym": "202600417"}
SMAD: dict[str, Any] = {
    "referenceId": "OBJ-2026-00417",
    "productType": "SMAD",
    "note": "Volat předem",
    "recipient": JANA,
    "specificDelivery": {"parcelShopCode": "KM10004321"},
    "cashOnDelivery": COD,
    "externalNumbers": [{"code": "CUST", "externalNumber": "OBJ-2026-00417"}],
}
SET: dict[str, Any] = {
    "referenceId": "OBJ-2026-00418",
    "productType": "PRIV",
    "shipmentSet": {
        "numberOfShipments": 2,
        "shipmentSetItems": [{"weighedShipmentInfo": {"weight": 4.2}}, {"weighedShipmentInfo": {"weight": 7.9}}],
    },
    "recipient": {
        "name": "Malý a syn s.r.o.",
        "name2": "sklad",
        "street": "Tovární 8",
        "city": "Olomouc",
        "zipCode": "77900",
        "country": "CZ",
        "contact": "Petr Malý",
        "phone": "+420605111222",
        "email": "petr.maly@example.cz",
    },
    "insurance": {"insurancePrice": 60000, "insuranceCurrency": "CZK"},
}
EXAMPLE: dict[str, Any] = {
    "labelSettings": {
        "format": "Pdf",
        "dpi": 300,
        "completeLabelSettings": {"isCompleteLabelRequested": True, "pageSize": "A4", "position": 1},
    },
    "shipments": [SMAD, SET],
}
COLLECTION: dict[str, Any] = {
    "orderType": "CollectionOrder",
    "referenceId": "SVOZ-2026-03-05",
    "shipmentCount": 14,
    "email": "sklad@example.cz",
    "note": "Rampa 2",
    "customerReference": "SVOZ-2026-03-05",
    "sendDate": "2026-03-05",
    "sendTimeFrom": "12:00",
    "sendTimeTo": "16:00",
    "productType": "BUSS",
    "sender": {
        "name": "Můj e-shop s.r.o.",
        "street": "Skladová 1",
        "city": "Praha",
        "zipCode": "19000",
        "country": "CZ",
        "contact": "Sklad",
        "phone": "+420222333444",
        "email": "sklad@example.cz",
    },
}


PRID: dict[str, Any] = {name: value for name, value in SMAD.items() if name != "specificDelivery"} | {
    "productType": "PRID"
}
BOX = "KM10004202"


@dataclass
class Bench:
    """A shop that speaks to the carrier, and the carrier's world."""

    at: datetime = MONDAY
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        carriers = registry.built(["ppl"], now=lambda: self.at, seed=7)
        self.world: World = carriers.worlds["ppl"]
        self.client = httpx.Client(transport=transport(carriers), base_url=REAL)
        self.login()

    def login(self, name: str = "shop") -> None:
        form = FORM | self.world.accounts[name].login
        token = self.client.post("/login/getAccessToken", data=form).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "cs-CZ"}

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)
        self.world.tick()
        if self.at - MONDAY > timedelta(minutes=29):
            self.login()

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: Any = None, **query: Any) -> httpx.Response:
        return self.client.post(path, json=body, params=query, headers=self.headers)

    def create(self, *shipments: dict[str, Any], **settings: Any) -> httpx.Response:
        return self.post("/shipment/batch", {"shipments": list(shipments), **settings})

    def batch(self, *shipments: dict[str, Any], **settings: Any) -> tuple[str, dict[str, Any]]:
        """Send shipments, wait until they are imported, and return the batch's address and what it says."""
        place = self.create(*shipments, **settings).headers["location"]
        self.go(seconds=15)
        return place, self.get(place).json()

    def number(self, shipment: dict[str, Any] = SMAD) -> str:
        return self.batch(shipment)[1]["items"][0]["shipmentNumber"]

    def fault(self, shipment: dict[str, Any]) -> str | None:
        return self.batch(shipment)[1]["items"][0]["errorCode"]

    def track(self, **filters: Any) -> list[dict[str, Any]]:
        return self.get("/shipment", Limit=100, Offset=0, **filters).json()

    def phases(self, number: str) -> list[str | None]:
        (told,) = self.track(ShipmentNumbers=number)
        return [event["phase"] for event in told["trackAndTrace"]["events"]]


def with_(shipment: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a shipment with one field changed; None takes it away."""
    changed = copy.deepcopy(shipment)
    *way, last = path.split(".")
    at: Any = changed
    for name in way:
        at = at[int(name)] if name.isdigit() else at[name]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return changed


def printed_within(printed: Any, given: Any) -> bool:
    """Say whether an answer has everything that is printed, and lists as long."""
    if isinstance(printed, dict):
        return all(name in given and printed_within(value, given[name]) for name, value in printed.items())
    if isinstance(printed, list):
        return len(printed) == len(given) and all(map(printed_within, printed, given))
    return printed == given


def pages(pdf: bytes) -> Iterator[tuple[tuple[float, float], list[tuple[str, str]]]]:
    """Return for each page its size in millimetres and the codes read from its raster of 203 dpi."""
    for page in pypdfium2.PdfDocument(pdf):
        width, height = page.get_size()
        picture = page.render(scale=203 / 72, grayscale=True).to_pil()
        codes = [(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)]
        yield (round(width / 72 * 25.4), round(height / 72 * 25.4)), codes


def texts(pdf: bytes) -> list[str]:
    return [text for _, codes in pages(pdf) for _, text in codes]
