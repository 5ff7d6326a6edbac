"""Calls to Packeta's stand-in as its contract prints them."""

import base64
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

import httpx

from simulator.carriers.packeta.asking import tree
from tests.simulator.carriers.yard import Yard, yard

POINT = {
    "number": "OBJ-2026-00417",
    "name": "Jana",
    "surname": "Dvořáková",
    "email": "jana.dvorakova@example.cz",
    "phone": "+420601234567",
    "addressId": "18542",
    "currency": "CZK",
    "cod": "1290",
    "value": "1290",
    "weight": "1.35",
    "eshop": "muj-eshop",
    "note": "Křehké",
}
HOME = {
    "number": "OBJ-2026-00418",
    "name": "Petr",
    "surname": "Malý",
    "company": "Malý a syn s.r.o.",
    "email": "petr.maly@example.cz",
    "phone": "+420605111222",
    "addressId": "106",
    "street": "Lipová",
    "houseNumber": "12/3",
    "city": "Brno",
    "zip": "60200",
    "currency": "CZK",
    "value": "4990",
    "weight": "3.2",
    "size": {"length": "400", "width": "300", "height": "150"},
    "eshop": "muj-eshop",
}
COURIER = HOME | {"number": "OBJ-2026-00419", "addressId": "25061"}


@dataclass
class Packeta:
    """A yard with one carrier and the password of its one account."""

    yard: Yard
    password: str
    key: str

    def send(self, method: str, **arguments: Any) -> httpx.Response:
        body = ET.tostring(tree(method, {"apiPassword": self.password, **arguments}), encoding="utf-8")
        return self.yard.client.post("/api/rest", content=body, headers={"content-type": "text/xml"})

    def ask(self, method: str, **arguments: Any) -> ET.Element:
        answer = self.send(method, **arguments)
        assert answer.status_code == 200
        return ET.fromstring(answer.content)

    def done(self, method: str, **arguments: Any) -> ET.Element:
        answer = self.ask(method, **arguments)
        assert answer.findtext("status") == "ok", ET.tostring(answer, encoding="unicode")
        return answer.find("result")

    def fault(self, method: str, **arguments: Any) -> str:
        answer = self.ask(method, **arguments)
        assert answer.findtext("status") == "fault", ET.tostring(answer, encoding="unicode")
        return answer.findtext("fault")

    def file(self, method: str, **arguments: Any) -> bytes:
        return base64.b64decode(self.done(method, **arguments).text, validate=True)

    def made(self, attributes: dict[str, Any] | None = None, **more: Any) -> str:
        return self.done("createPacket", packetAttributes={**(attributes or POINT), **more}).findtext("id")

    def wrong(self, attributes: dict[str, Any]) -> set[str]:
        """Return the attributes a creation is refused for, and make sure that nothing was made."""
        before = len(self.yard.world.parcels)
        answer = self.ask("createPacket", packetAttributes=attributes)
        assert answer.findtext("fault") == "PacketAttributesFault"
        assert len(self.yard.world.parcels) == before
        return {name.text for name in answer.findall("detail/attributes/fault/name")}


def packeta() -> Packeta:
    it = yard("packeta")
    login = it.world.accounts["shop"].login
    return Packeta(it, login["api_password"], login["api_key"])
