"""A shop that speaks to GLS's stand-in, and the request its contract prints."""

import copy
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pypdfium2

from simulator.carriers import registry, transport
from simulator.carriers.world import World
from tests.simulator.carriers.yard import codes

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # 9:00 in Prague
REAL = "https://api.mygls.cz"
MAP = "https://map.gls-czech.com/data/deliveryPoints"
SHOP = "CZ60200-PARCELSHOP01"

PARCEL: dict[str, Any] = {
    "ClientNumber": 50001234,
    "ClientReference": "OBJ-2026-00417",
    "Count": 1,
    "CODAmount": 1290,
    "CODReference": "202600417",
    "CODCurrency": "CZK",
    "Content": "Obj. 417",
    "PickupDate": "/Date(1772700000000)/",
    "PickupAddress": {
        "Name": "Můj e-shop s.r.o.",
        "Street": "Skladová",
        "HouseNumber": "1",
        "HouseNumberInfo": "",
        "City": "Praha",
        "ZipCode": "19000",
        "CountryIsoCode": "CZ",
        "ContactName": "Sklad",
        "ContactPhone": "+420222333444",
        "ContactEmail": "sklad@example.cz",
    },
    "DeliveryAddress": {
        "Name": "Jana Dvořáková",
        "Street": "Lipová",
        "HouseNumber": "12",
        "HouseNumberInfo": "/3",
        "City": "Brno",
        "ZipCode": "60200",
        "CountryIsoCode": "CZ",
        "ContactName": "Jana Dvořáková",
        "ContactPhone": "+420601234567",
        "ContactEmail": "jana.dvorakova@example.cz",
    },
    "ServiceList": [
        {"Code": "PSD", "PSDParameter": {"StringValue": SHOP}},
        {"Code": "FDS", "FDSParameter": {"Value": "jana.dvorakova@example.cz"}},
    ],
    "ParcelPropertyList": [
        {"Content": "Knihy", "PackageType": 2, "Height": 15, "Length": 30, "Width": 20, "Weight": 1.35}
    ],
}
HOW: dict[str, Any] = {"PrintPosition": 1, "ShowPrintDialog": False, "TypeOfPrinter": "A4_2x2"}


def other(reference: str, /, **fields: Any) -> dict[str, Any]:
    """Return the printed parcel sent home without COD, under another reference."""
    plain = {name: value for name, value in PARCEL.items() if not name.startswith("COD")}
    return copy.deepcopy(plain | {"ClientReference": reference, "ServiceList": []} | fields)


HOME = other("OBJ-2026-00418")


def with_(parcel: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a parcel with one field changed."""
    changed = copy.deepcopy(parcel)
    *way, last = path.split(".")
    at: Any = changed
    for name in way:
        at = at[int(name)] if name.isdigit() else at[name]
    at[int(last) if last.isdigit() else last] = value
    return changed


def stamp(at: datetime) -> str:
    return f"/Date({int(at.timestamp() * 1000)})/"


@dataclass
class Bench:
    """A shop that speaks to the carrier, and the carrier's world."""

    at: datetime = MONDAY
    account: str = "shop"
    base: str = REAL

    def __post_init__(self) -> None:
        carriers = registry.built(["gls"], now=lambda: self.at, seed=7)
        self.world: World = carriers.worlds["gls"]
        self.client = httpx.Client(transport=transport(carriers), timeout=20)

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)
        self.world.tick()

    @property
    def login(self) -> dict[str, Any]:
        login = self.world.accounts[self.account].login
        return {
            "Username": login["username"],
            "Password": list(hashlib.sha512(login["password"].encode()).digest()),
        }

    def post(self, method: str, **body: Any) -> httpx.Response:
        """Call a method with the login; a member given replaces the login's."""
        return self.client.post(f"{self.base}/ParcelService.svc/json/{method}", json={**self.login, **body})

    def ask(self, method: str, **body: Any) -> dict[str, Any]:
        answer = self.post(method, **body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/json")
        return answer.json()

    def label(self, method: str, **body: Any) -> dict[str, Any]:
        return self.ask(method, WebshopEngine="muj-eshop", **body)

    def print(self, *parcels: dict[str, Any], **how: Any) -> dict[str, Any]:
        return self.label("PrintLabels", ParcelList=list(parcels), **{**HOW, **how})

    def printed(self, *parcels: dict[str, Any], **how: Any) -> list[dict[str, Any]]:
        """Print parcels that are all good and return their rows."""
        answer = self.print(*parcels, **how)
        assert answer["PrintLabelsErrorList"] == []
        return answer["PrintLabelsInfoList"]

    def wrong(self, *parcels: dict[str, Any], **how: Any) -> list[tuple[int, str]]:
        answer = self.print(*parcels, **how)
        return [(one["ErrorCode"], one["ErrorDescription"]) for one in answer["PrintLabelsErrorList"]]

    def reprint(self, *ids: int, **how: Any) -> dict[str, Any]:
        return self.label("GetPrintedLabels", ParcelIdList=list(ids), **{**HOW, **how})

    def delete(self, *ids: int) -> dict[str, Any]:
        return self.ask("DeleteLabels", ParcelIdList=list(ids))

    def track(self, number: int, **more: Any) -> dict[str, Any]:
        body = {"ParcelNumber": number, "ReturnPOD": False, "LanguageIsoCode": "CS", **more}
        return self.ask("GetParcelStatuses", **body)

    def codes(self, number: int) -> list[str]:
        return [row["StatusCode"] for row in self.track(number)["ParcelStatusList"]]

    def found(self, **since: float) -> list[str]:
        """Return the references printed within so much time before now."""
        told = {"PrintDateFrom": stamp(self.at - timedelta(**since)), "PrintDateTo": stamp(self.at)}
        return [row["ClientReference"] for row in self.ask("GetParcelList", **told)["PrintDataInfoList"]]


def codes_of(answer: dict[str, Any], name: str) -> list[int]:
    return [one["ErrorCode"] for one in answer[name]]


def pages(labels: list[int]) -> list[tuple[tuple[int, int], list[tuple[str, str]]]]:
    """Return for each page its size in millimetres and the codes read from its raster of 203 dpi."""
    pdf = bytes(labels)
    sizes = [page.get_size() for page in pypdfium2.PdfDocument(pdf)]
    in_mm = [(round(width / 72 * 25.4), round(height / 72 * 25.4)) for width, height in sizes]
    return list(zip(in_mm, codes(pdf), strict=True))


def texts(labels: list[int]) -> list[str]:
    return [text for _, read in pages(labels) for _, text in read]
