"""Who orders in the chapter of the carriers: addresses as customers write them, and how each order is to travel."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from service.demo.merchants import Merchant

SHIPMENTS = 300
COD_EVERY = 5  # parcels of one box
SEVERAL_EVERY = 9  # of those that go to a door
MERGED_AT = 40  # this parcel holds two orders
BY_PAGE = 313  # one box to a door, paid
SEED = 23
ROUNDS = 8


@dataclass(frozen=True)
class Way:
    """How an order travels: by which service of a carrier, and what the shop calls that."""

    code: str
    service: str
    shop_code: str
    shop_name: str
    price: int
    to_point: bool = False


WAYS = (
    Way("packeta", "point", "ZASILKOVNA", "Zásilkovna – výdejní místo", 79, to_point=True),
    Way("ppl", "PRIV", "PPL", "PPL na adresu", 119),
    Way("gls", "PSD", "GLS-PS", "GLS ParcelShop", 69, to_point=True),
    Way("dpd_cz", "327", "DPD", "DPD na adresu", 115),
    Way("packeta", "point", "ZASILKOVNA", "Zásilkovna – výdejní místo", 79, to_point=True),
    Way("ppl", "SMAR", "PPL-PS", "PPL ParcelShop", 75, to_point=True),
    Way("gls", "PSD", "GLS-PS", "GLS ParcelShop", 69, to_point=True),
    Way("dpd_cz", "337", "DPD-BOX", "DPD výdejní box", 72, to_point=True),
)
OLD_ENOUGH = "packeta"  # the one that looks at an identity card

PEOPLE = (
    ("Jana", "Dvořáková"), ("Řehoř", "Šťastný"), ("Žaneta", "Říhová"), ("Čeněk", "Ďuriš"),
    ("Anna Marie", "Nováková - Malá"), ("Bohdana", "Kučerová"), ("Ondřej", "Příhoda ml."),
    ("Květa", "Žáčková"), ("Ing. Zdeněk", "Hájek"),
    ("Lucie", "Ťoupalíková"),
)  # fmt: skip
STREETS = (
    "Lipová 12", "Nádražní 125/3a", "nám. Svobody 7", "U Vodárny  1084/2", "Na Příkopě 22", "17. listopadu 4 ",
    "Pod Lipami č.p. 47", "5. května 1/65", "Masarykova tř. 9b", "Horní Lhota 113",
)  # fmt: skip
TOWNS = (
    ("Praha 5", "150 00"), ("Brno", "60200"), ("Ostrava", "702 00"), ("Ústí nad Labem", " 400 01"),
    ("Dvůr Králové n. L.", "54401"), ("Žďár nad Sázavou", "591 01"), ("Rožnov pod Radhoštěm", "75661"),
)  # fmt: skip
PHONES = ("+420 601 {a} {b}", "00420602{a}{b}", "605 {a} {b}", "721{a}{b}", "+420777{a}{b}", "(+420) 737 {a} {b}")


@dataclass
class Packing:
    """One parcel to be: its orders, how it travels, and the boxes it was packed in, each by its weight in grams."""

    way: Way
    numbers: list[str]
    weights_g: Sequence[int]
    is_cod: bool = False
    shipment: str = ""
    codes: list[str] = field(default_factory=list[str])

    def asked(self, tenant_id: str) -> dict[str, Any]:
        """Return what a warehouse says to have it booked (docs/wms.md)."""
        first, *others = self.numbers
        return {
            "tenant": tenant_id,
            "order": first,
            "book": True,
            "with_orders": others,
            "parcels": [{"weight_g": weight} for weight in self.weights_g],
            "carrier": self.way.code,
            "service": self.way.service,
        }


class Customers:
    """People who order, by the same dice each time."""

    def __init__(self, merchant: Merchant, points: Mapping[str, Sequence[str]]) -> None:
        """`points`: where a parcel may wait, by carrier."""
        self._merchant = merchant
        self._points = points
        self._dice = random.Random(SEED)  # noqa: S311  # a story, not a secret
        self._people = count(1)

    def order(self) -> list[Packing]:
        """Let them order; return the parcels to be packed.

        One carrier alone looks whether somebody is eighteen. What others should have carried is left on the shelf, and
        somebody else orders instead.
        """
        return self._packed(range(SHIPMENTS))

    def one_more(self) -> Packing:
        """Let one more person order; return the parcel to be packed."""
        [packing] = self._packed([BY_PAGE])
        return packing

    def _packed(self, places: Sequence[int]) -> list[Packing]:
        packed: dict[int, Packing] = {}
        for _ in range(ROUNDS):
            for place in places:
                if place not in packed:
                    packed[place] = self._parcel(place)
            barred = self._for_adults([each for each in packed.values() if each.way.code != OLD_ENOUGH])
            packed = {place: each for place, each in packed.items() if not barred.intersection(each.numbers)}
            if not barred:
                break
        return [packed[place] for place in sorted(packed)]

    def _parcel(self, place: int) -> Packing:
        way = WAYS[place % len(WAYS)]
        in_boxes = 2 if not way.to_point and place % SEVERAL_EVERY == 0 else 1
        is_cod = in_boxes == 1 and place % COD_EVERY == 0 and place != MERGED_AT
        fields = self._fields(way, is_cod=is_cod)
        orders = 2 if place == MERGED_AT else 1
        numbers = [self._placed(fields) for _ in range(orders)]
        weights = [self._dice.randrange(200, 4_500, 50) for _ in range(in_boxes)]
        return Packing(way, numbers, weights, is_cod)

    def _placed(self, fields: Mapping[str, Any]) -> str:
        [order] = self._merchant.tell("/orders/create", language="cs", fields=fields)["orders"]
        return order["order_number"]

    def _fields(self, way: Way, *, is_cod: bool) -> dict[str, Any]:
        point = self._dice.choice(self._points[way.code]) if way.to_point else None
        by_cod = {"code": "DOBIRKA", "name": "Dobírka", "price": 39, "vat": 21}
        before = {"code": "PREVOD", "name": "Převodem na účet", "price": 0, "vat": 21}
        shipment = {"code": way.shop_code, "name": way.shop_name, "price": way.price, "vat": 21, "affiliate_id": point}
        shipment |= {"affiliate_name": f"Výdejní místo {point}"} if point else {}
        paid = {} if is_cod else {"paid_date": datetime.now(UTC).isoformat(timespec="seconds")}
        payment = by_cod if is_cod else before
        return {"customer": self._somebody(), "shipment": shipment, "payment": payment, **paid}

    def _somebody(self) -> dict[str, Any]:
        """Return a customer who fills the form in by hand."""
        dice, number = self._dice, next(self._people)
        first, last = dice.choice(PEOPLE)
        town, postcode = dice.choice(TOWNS)
        digits = f"{dice.randrange(10**6):06}"
        return {
            "email": f"zakaznik{number}@example.com",
            "phone": dice.choice(PHONES).format(a=digits[:3], b=digits[3:]),
            "postal_yn": False,
            "company_yn": False,
            "firstname_invoice": first,
            "surname_invoice": last,
            "street_invoice": dice.choice(STREETS),
            "city_invoice": town,
            "zip_invoice": postcode,
            "country_id_invoice": "cz",
        }

    def _for_adults(self, packed: Sequence[Packing]) -> set[str]:
        numbers = [number for each in packed for number in each.numbers]
        records = [told["record"] for told in self._merchant.truth("order", numbers)]
        return {
            record["order_number"] for record in records if any(line["adult_yn"] for line in record["products"])
        }  # fmt: skip
