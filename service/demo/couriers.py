"""The control API of the carriers' stand-ins as the story uses it, and the logins their customers have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from service.demo.merchants import told

CODES = ("packeta", "ppl", "gls", "dpd_cz")

SENDER = {
    "sender_name": "Sklad Demo s.r.o.",
    "sender_street": "Tovární 8",
    "sender_city": "Olomouc",
    "sender_zip": "77900",
    "sender_country": "CZ",
}
# What a contract says besides the login, in the stand-ins' own figures.
ESHOP, DPD_CUSTOMER, DPD_ADDRESS = "muj-eshop", "015012345", "776655"


@dataclass(frozen=True)
class Couriers:
    """Carriers that know their own contract and nothing of us."""

    line: dict[str, Any] = field(repr=False)  # what the process says first, logins and all

    def tell(self, code: str, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:  # JSON values
        """Let something happen at a carrier and return what it says of it."""
        return told(method, f"{self.line['control_url']}/{code}{path}", body)

    def login(self, code: str) -> dict[str, Any]:
        """Return what `carrier-login` reads: the shop's contract with a carrier."""
        place = self.line["carriers"][code]
        own, base_url = place["accounts"]["shop"], place["base_url"]
        match code:
            case "packeta":
                return {"base_url": base_url, "secrets": own, "given": {"eshop": ESHOP}}
            case "ppl":
                secrets = {"client_secret": own["client_secret"]}
                return {"base_url": base_url, "secrets": secrets, "given": {"client_id": own["client_id"]}}
            case "gls":
                given = {name: own[name] for name in ("username", "client_number")} | SENDER
                given["points_url"] = base_url
                return {"base_url": base_url, "secrets": {"password": own["password"]}, "given": given}
            case _:
                given = {"dsw": DPD_CUSTOMER, "address_id": DPD_ADDRESS, "points_url": f"{base_url}/api"}
                return {
                    "base_url": f"{base_url}/v1",
                    "secrets": own,
                    "given": given,
                    "switches": ["status_words"],
                }

    def points(self, code: str) -> list[str]:
        """Return the shops in the country where a parcel may wait and money is taken."""
        return [
            point["id"]
            for point in self.tell(code, "/points", "GET")["points"]
            if point["country"] == "CZ" and point["kind"] == "shop" and point["is_open"] and point["takes_cod"]
        ]

    def made(self, code: str) -> tuple[set[str], int]:
        """Return every number a carrier has made, and how many references it made two for."""
        books = self.tell(code, "/made", "GET", counting_cancelled=True)
        return {number for numbers in books["made"].values() for number in numbers}, len(books["twice"])

    def calls(self) -> int:
        """Return how often the carriers were called so far."""
        return sum(self.tell(code, "", "GET")["calls"] for code in CODES)

    def parcels(self, code: str, numbers: Sequence[str]) -> list[dict[str, Any]]:
        """Return parcels as their carrier has them, in the order of its books."""
        return [each for each in self.tell(code, "/parcels", "GET")["parcels"] if each["number"] in numbers]


def known_as(code: str, tracking_code: str) -> str:
    """Return what a carrier's books call a parcel: Packeta's leave out the letter of the bar code."""
    return tracking_code.removeprefix("Z") if code == "packeta" else tracking_code
