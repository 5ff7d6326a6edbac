"""Signed calls to the stand-in of Česká pošta, and the orders its contract prints."""

import base64
import copy
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.simulator.carriers.yard import Yard, yard

NONCE = "0f8b2c9e-53a1-4d0e-9b57-2d7c6a1e4f30"
EXAMPLE = """{
  "parcelServiceHeader": {
    "parcelServiceHeaderCom": {"transmissionDate": "2026-03-05", "customerID": "L00123", "postCode": "19000", "locationNumber": 1},
    "printParams": {"idForm": 101, "shiftHorizontal": 0, "shiftVertical": 0},
    "position": 1
  },
  "parcelServiceData": {
    "parcelParams": {
      "recordID": "OBJ202600417", "prefixParcelCode": "NB", "weight": "1.350", "insuredValue": 1290,
      "amount": 1290, "currency": "CZK", "vsVoucher": "202600417", "vsParcel": "202600417",
      "sequenceParcel": 1, "quantityParcel": 1, "note": "", "notePrint": "Obj. 417"
    },
    "parcelServices": ["M", "7", "41", "45"],
    "parcelAddress": {
      "recordID": "OBJ202600417", "firstName": "Jana", "surname": "Dvořáková", "company": "", "aditionAddress": "",
      "subject": "F",
      "address": {"street": "BALÍKOVNA", "houseNumber": "", "city": "Brno 2", "zipCode": "60200", "isoCountry": "CZ"},
      "mobilNumber": "+420601234567", "phoneNumber": "", "emailAddress": "jana.dvorakova@example.cz"
    }
  }
}"""  # noqa: E501 - as printed
HOME_TO = {"street": "Lipová", "houseNumber": "12/3", "city": "Olomouc", "zipCode": "77900"}
GOOD = {"sequence": 1, "customCont": "tričko", "quantity": 1, "weight": "0.5", "customVal": 20, "hsCode": "610910"}


def order(**changes: Any) -> dict[str, Any]:
    """Return the contract's order with fields changed anywhere by their names; None takes a field away."""
    return with_(json.loads(EXAMPLE), **changes)


def home(**changes: Any) -> dict[str, Any]:
    """Return an order to the door."""
    asked = order(prefixParcelCode="DR", parcelServices=["M", "7"], address=HOME_TO, amount=None, recordID="OBJ418")
    return with_(asked, **changes)


def with_(asked: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return an order with fields changed, taken away (None), or added where they belong."""
    asked = copy.deepcopy(asked)
    header, data = asked["parcelServiceHeader"], asked["parcelServiceData"]
    common, params, whom = header["parcelServiceHeaderCom"], data["parcelParams"], data["parcelAddress"]
    places = [common, header, whom["address"], params, whom, data]
    new = {"contractNumber": common, "transmissionEnd": header, "multipartParcelData": asked, "additionAddress": whom}
    for name, value in changes.items():
        place = next((one for one in places if name in one), new.get(name, params))
        if value is None:
            del place[name]
        else:
            place[name] = value
    return asked


def boxes(count: int, **changes: Any) -> dict[str, Any]:
    """Return an order to the door in so many boxes."""
    asked = home(parcelServices=["M", "7", "70"], quantityParcel=count)
    more = {"prefixParcelCode": "DR", "weight": "1.000", "quantityParcel": count, **changes}
    asked["multipartParcelData"] = [
        {"addParcelData": {"recordID": f"OBJ418-{n}", "sequenceParcel": n, **more}, "addParcelDataServices": ["70"]}
        for n in range(2, count + 1)
    ]
    return asked


@dataclass
class Posta:
    """A yard with one carrier and one of its accounts."""

    yard: Yard
    account: str = "shop"
    headers: dict[str, str | None] = field(default_factory=dict)
    """What is sent instead of the right headers; None: nothing."""

    @property
    def login(self) -> dict[str, str]:
        return self.yard.world.accounts[self.account].login

    def signed(self, body: bytes, *, key: str | None = None, age_s: int = 0) -> dict[str, str]:
        """Return the four headers of a call, and its content type."""
        told = hashlib.sha256(body).hexdigest() if body else ""
        stamp = str(int(self.yard.watch().timestamp()) - age_s)
        text = f"{told};{stamp};{NONCE}".encode()
        digest = hmac.new((key or self.login["secret_key"]).encode(), text, hashlib.sha256).digest()
        return {
            "Api-Token": self.login["api_token"],
            "Authorization-Timestamp": stamp,
            "Authorization-Content-SHA256": told,
            "Authorization": f'CP-HMAC-SHA256 nonce="{NONCE}",signature="{base64.b64encode(digest).decode()}"',
            "Content-Type": "application/json",
        }

    def send(self, method: str, path: str, body: Any = None, **params: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {**self.signed(content), **self.headers}
        told = {name: value for name, value in headers.items() if value is not None}
        return self.yard.client.request(method, path, content=content, headers=told, params=params)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.send("POST", path, body, idContract=self.login["id_contract"])

    def book(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = self.post("/parcelService", asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["responseHeader"]

    def made(self, asked: dict[str, Any] | None = None) -> str:
        """Return the number of a new parcel."""
        told = self.book(asked or order())
        assert told["resultHeader"] == {"responseCode": 1, "responseText": "OK"}, told
        return told["resultParcelData"][0]["parcelCode"]

    def codes(self, asked: dict[str, Any]) -> list[int]:
        """Return the codes of a refused order's first record, and make sure that nothing was made."""
        before = len(self.yard.world.parcels)
        told = self.book(asked)
        assert told["resultHeader"] == {"responseCode": 19, "responseText": "BATCH_INVALID"}, told
        assert len(self.yard.world.parcels) == before
        return [state["responseCode"] for state in told["resultParcelData"][0]["parcelStateResponse"]]

    def label(self, *numbers: str, id_form: int = 101, **more: int) -> tuple[int, bytes]:
        """Return the code and the document of a reprint."""
        header = {"customerID": self.login["customer_id"], "idForm": id_form, **more}
        told = self.post("/parcelPrinting", {"printingHeader": header, "printingData": [*numbers]}).json()
        code = told["printingHeaderResult"]["printingStatusResponse"]["responseCode"]
        return code, base64.b64decode(told["printingDataResult"], validate=True)

    def rows(self, number: str) -> list[dict[str, Any]]:
        told = self.send("POST", "/parcelStatus", {"parcelIds": [number], "language": "CZ"}).json()
        return told["detail"][0]["parcelStatuses"]


def posta() -> Posta:
    """Return a yard on the day of the contract's example, in the morning."""
    it = Posta(yard("ceska_posta"))
    it.yard.go(days=3)
    return it
