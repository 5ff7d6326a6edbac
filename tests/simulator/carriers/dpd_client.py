"""A shop that speaks to DPD's stand-in, and the requests its contract prints."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pypdfium2

from simulator.carriers import transport
from simulator.carriers.lives import End
from tests.simulator.carriers.yard import codes, yard

REAL = "https://geoapi.dpd.cz/v1"
POINTS = "https://pickup.dpd.cz"
FIRST = "13845600012345"
DELETED = object()

PICKUP: dict[str, Any] = {
    "customer": {"dsw": "015012345"},
    "shipmentType": "Standard",
    "references": {"ref1": "OBJ-2026-00417"},
    "sender": {"it4emId": 776655},
    "receiver": {
        "info": {
            "name1": "Jana Dvořáková",
            "contact": {"person": "Jana Dvořáková", "phone": "+420601234567", "email": "jana.dvorakova@example.cz"},
        },
        "address": {
            "street": "Lipová",
            "houseNumber": "12",
            "postalCode": "60200",
            "city": "Brno",
            "country": {"isoAlpha2": "CZ"},
        },
    },
    "parcels": [{"weightGrams": 1350, "references": {"ref1": "OBJ-2026-00417/1"}}],
    "services": {
        "notification": True,
        "pickupPoint": "CZ21570",
        "cashOnDelivery": {
            "amountCents": 129000,
            "currency": "CZK",
            "payment": "CashOrCard",
            "variableSymbol": "202600417",
        },
    },
}
HOME: dict[str, Any] = PICKUP | {
    "references": {"ref1": "OBJ-2026-00418"},
    "services": {"notification": True},
    "parcels": [
        {
            "weightGrams": 31500,
            "additionalServices": {"insurance": {"amountCents": 6000000, "currency": "CZK"}},
        },
        {"weightGrams": 7900, "references": {"ref1": "OBJ-2026-00418/2"}},
    ],
}
ONE_BOX: dict[str, Any] = HOME | {"parcels": [{"weightGrams": 900}]}
PDF = {"printType": "PDF", "printProperties": {"pageSize": "A6", "labelsPerPage": 1}}
A4 = {"printType": "PDF", "printProperties": {"pageSize": "A4", "labelsPerPage": 4}}


class Bench:
    """A shop with a key, and the carrier's yard, called by its real address."""

    def __init__(self) -> None:
        it = yard("dpd_cz")
        self.world = it.world
        self.go = it.go
        self.client = httpx.Client(transport=transport(it.carriers), base_url=REAL, timeout=20)
        self.headers = {"x-api-key": self.world.accounts["shop"].login["api_key"]}

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: Any, accept: str = "application/json") -> httpx.Response:
        kinds = {"accept": accept, "content-type": "application/json"}
        return self.client.post(path, content=json.dumps(body), headers={**self.headers, **kinds})

    def delete(self, path: str) -> httpx.Response:
        return self.client.delete(path, headers=self.headers)

    def create(self, *shipments: dict[str, Any]) -> httpx.Response:
        return self.post("/shipments", list(shipments))

    def made(self, *shipments: dict[str, Any]) -> list[str]:
        """Make shipments and return the numbers of all their parcels."""
        answer = self.create(*shipments)
        assert answer.status_code == 200, answer.text
        return [box["parcelNumbers"]["main"] for one in answer.json() for box in one["parcels"]]

    def label(self, *numbers: str, how: dict[str, Any] = PDF, accept: str = "application/pdf") -> httpx.Response:
        body = {**how, "parcels": [{"parcelNumber": number} for number in numbers]}
        return self.post("/parcels/labels", body, accept)

    def codes(self, number: str) -> list[str]:
        answer = self.get(f"/parcels/{number}/tracking")
        assert answer.status_code == 200, answer.text
        return [event["status"]["statusCode"] for event in answer.json()["parcelEvents"]]

    def lives(self, number: str, end: End, **by: float) -> list[str]:
        """Hand a parcel over, let time pass, and return its codes."""
        self.world.end([number], end)
        self.world.hand_over([number])
        self.go(**by)
        return self.codes(number)


def with_(shipment: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a shipment with one field changed or, for DELETED, without it."""
    changed = copy.deepcopy(shipment)
    *way, last = [int(name) if name.isdigit() else name for name in path.split(".")]
    at: Any = changed
    for name in way:
        at = at.setdefault(name, {}) if isinstance(at, dict) else at[name]
    if value is DELETED:
        del at[last]
    else:
        at[last] = value
    return changed


def pages(pdf: bytes) -> Iterator[tuple[tuple[int, int], list[str]]]:
    """Return for each page its size in millimetres and the codes read from its raster of 203 dpi."""
    for page, found in zip(pypdfium2.PdfDocument(pdf), codes(pdf), strict=True):
        width, height = page.get_size()
        yield (round(width / 72 * 25.4), round(height / 72 * 25.4)), [text for _, text in found]
