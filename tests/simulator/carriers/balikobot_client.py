"""Calls to Balíkobot's stand-in as its contract prints them."""

from dataclasses import dataclass
from typing import Any

import httpx

from simulator.carriers.world import Parcel
from tests.simulator.carriers.yard import Yard, yard

# carriers.md 6.2, as printed
PACKAGE: dict[str, Any] = {
    "eid": "OBJ-2026-00417-1",
    "service_type": "VMCZ",
    "branch_id": "18542",
    "rec_name": "Jana Dvořáková",
    "rec_street": "Lipová 12",
    "rec_city": "Brno",
    "rec_zip": "60200",
    "rec_country": "CZ",
    "rec_phone": "+420601234567",
    "rec_email": "jana.dvorakova@example.cz",
    "price": 1290,
    "cod_price": 1290,
    "cod_currency": "CZK",
    "vs": "202600417",
    "weight": 1.35,
    "real_order_id": "2026000417",
    "return_track": True,
    "return_full_errors": True,
}
PLAIN = {name: value for name, value in PACKAGE.items() if name != "return_full_errors"}
HOME = {
    "eid": "OBJ-2026-00418-1",
    "rec_name": "Petr Malý",
    "rec_street": "Lipová 12/3",
    "rec_city": "Brno",
    "rec_zip": "60200",
    "rec_phone": "+420605111222",
    "rec_email": "petr.maly@example.cz",
    "weight": 3.2,
}
SLOVAK = HOME | {"rec_country": "SK", "rec_city": "Bratislava", "rec_zip": "81101", "rec_phone": "+421905123456"}
ROMANIAN = HOME | {"rec_country": "RO", "rec_city": "Cluj-Napoca", "rec_zip": "400001", "rec_phone": "+40722123456"}


@dataclass
class Balikobot:
    """A yard with one carrier and the login of one of its accounts."""

    yard: Yard
    auth: tuple[str, str]

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.yard.client.post(path, json=body, auth=self.auth)

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.yard.client.get(path, params=query, auth=self.auth)

    def add(self, *packages: Any, to: str = "zasilkovna") -> dict[str, Any]:
        answer = self.post(f"/{to}/add", {"packages": packages})
        assert answer.status_code == 200
        return answer.json()

    def made(self, package: dict[str, Any] | None = None, *, to: str = "zasilkovna", **more: Any) -> dict[str, Any]:
        told = self.add({**(package or PLAIN), **more}, to=to)
        assert told["status"] == 200, told
        return told["packages"][0] if "packages" in told else told["0"]

    def ordered(self, *package_ids: Any, to: str = "zasilkovna") -> dict[str, Any]:
        return self.post(f"/{to}/order", {"package_ids": package_ids}).json()

    def on_the_way(self, package: dict[str, Any] | None = None, *, to: str = "zasilkovna", **more: Any) -> Parcel:
        """Return a parcel that was added, ordered and handed over."""
        row = self.made(package, to=to, **more)
        assert self.ordered(row["package_id"], to=to)["status"] == 200
        self.yard.world.hand_over([row["carrier_id"]])
        return self.yard.world.parcels[row["carrier_id"]]

    def wrong(self, package: dict[str, Any], *, to: str = "zasilkovna") -> dict[str, int]:
        """Return the codes of the fields an adding is refused for, and make sure that nothing was made."""
        before = len(self.yard.world.parcels)
        told = self.add(package, to=to)
        assert told["status"] == 400
        assert len(self.yard.world.parcels) == before
        (row,) = told["packages"]
        return {name: code for name, code in row.items() if name != "status" and isinstance(code, int)}

    def track(self, *numbers: str, to: str = "zasilkovna") -> list[dict[str, Any]]:
        return self.post(f"/v2/{to}/track", {"carrier_ids": numbers}).json()["packages"]

    def file(self, url: str) -> bytes:
        """Return a document; it needs no login."""
        answer = self.yard.client.get(url)
        assert answer.status_code == 200
        return answer.content


def balikobot(account: str = "shop") -> Balikobot:
    it = yard("balikobot")
    login = it.world.accounts[account].login
    return Balikobot(it, (login["api_user"], login["api_key"]))
