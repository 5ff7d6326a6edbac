"""What a client says of shipments, in its shapes: exact types, fields we do not know let through (docs/wms.md)."""

import re
from datetime import date
from typing import Annotated, Literal, Self, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from carriers import CARRIERS
from carriers.money import Money
from carriers.shipment import Box, Customs, Goods
from service.shipments import Parcel
from service.steps import carriage
from service.steps.packing import Wish
from service.web.wms.door import NUMBER_MOST

CODE = re.compile(r"[A-Z0-9/._-]{4,60}")


def _known_carrier(carrier: str) -> str:
    if carrier not in CARRIERS:
        raise ValueError(f"is none of {', '.join(CARRIERS)}")
    return carrier


def _normal(code: object) -> object:
    """Take spaces out and make ASCII letters upper case; other letters are left for the rule to refuse."""
    if not isinstance(code, str):
        return code
    joined = "".join(code.split())
    return joined.upper() if joined.isascii() else joined


def _plausible(code: str) -> str:
    if not CODE.fullmatch(code):
        raise ValueError("is not 4 to 60 letters, digits and - _ / .")
    return code


def _storable(number: str) -> str:
    if "\0" in number:
        raise ValueError("is no order number")
    return number


Carrier = Annotated[str, AfterValidator(_known_carrier)]
TrackingCode = Annotated[str, AfterValidator(_plausible), BeforeValidator(_normal)]
Weight = Annotated[int, Field(ge=1, le=1_000_000)]
Number = Annotated[str, Field(min_length=1, max_length=NUMBER_MOST), AfterValidator(_storable)]


class Said(BaseModel):
    """What every client may say."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, hide_input_in_errors=True)


class ParcelSaid(Said):
    """One box."""

    carrier: Carrier
    tracking_code: TrackingCode | None = None
    weight_g: Weight | None = None


class Correction(Said):
    """What a shipment is from now on."""

    parcels: Annotated[list[ParcelSaid], Field(min_length=1, max_length=20)]
    final: bool

    @property
    def packed(self) -> tuple[Parcel, ...]:
        """Return the boxes as the store keeps them."""
        return tuple(Parcel(said.carrier, said.tracking_code, said.weight_g) for said in self.parcels)


class ShipmentSaid(Correction):
    """One shipment."""

    tenant: str
    order: Number
    left_already: bool = False


def _day(said: object) -> object:
    return date.fromisoformat(said) if isinstance(said, str) else said


Side = Annotated[int, Field(ge=1, le=10_000)]
Day = Annotated[date, BeforeValidator(_day)]
Word = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]


AMOUNT = r"^[0-9]{1,9}(\.[0-9]{1,2})?$"
Amount = Annotated[str, Field(pattern=AMOUNT)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Tariff = Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]
Content = Annotated[str, Field(min_length=1, max_length=90, pattern=r"^[^\x00-\x1f]*$")]


class GoodsSaid(Said):
    """Goods of one kind as they are declared; weight and value of all of them."""

    content: Content
    quantity: Annotated[int, Field(ge=1, le=100_000)]
    weight_g: Annotated[int, Field(ge=1, le=1_000_000)]
    value: Amount
    currency: Currency
    hs_code: Tariff | None = None
    origin: Country | None = None

    @model_validator(mode="after")
    def _is_money(self) -> Self:
        Money.read(self.value, self.currency)
        return self

    @property
    def declared(self) -> Goods:
        """Return them as a carrier is told of them."""
        value = Money.read(self.value, self.currency)
        return Goods(self.content, self.quantity, self.weight_g, value, self.hs_code or "", self.origin or "")


class CustomsSaid(Said):
    """What is declared of a parcel; what is left out is taken from its orders and its pairing."""

    goods: Annotated[list[GoodsSaid], Field(max_length=20)] = []
    category: Word | None = None
    invoice_number: Word | None = None
    eori: Word | None = None

    @property
    def declared(self) -> Customs:
        """Return it as a carrier is told of it."""
        goods = tuple(each.declared for each in self.goods)
        return Customs(goods, self.category or "", self.invoice_number or "", self.eori or "")


class ValueSaid(Said):
    """What one box is insured for."""

    amount: Amount
    currency: Currency

    @model_validator(mode="after")
    def _is_money(self) -> Self:
        Money.read(self.amount, self.currency)
        return self

    @property
    def money(self) -> Money:
        """Return it as a carrier is told of it."""
        return Money.read(self.amount, self.currency)


class BoxSaid(Said):
    """One box as it was packed; what nobody weighed weighs what its order says."""

    content: Content | None = None
    weight_g: Weight | None = None
    length_mm: Side | None = None
    width_mm: Side | None = None
    height_mm: Side | None = None
    value: ValueSaid | None = None

    @property
    def packed(self) -> Box:
        """Return it as a carrier is told of it; 0 is a weight nobody knows."""
        sides = self.length_mm, self.width_mm, self.height_mm
        return Box(self.weight_g or 0, *sides, content=self.content or "", value=self.value and self.value.money)


class BookSaid(Said):
    """One shipment whose label we are to make; without carrier and service it goes as its merchant paired it."""

    tenant: str
    order: Number
    book: Literal[True]
    final: bool = True
    with_orders: Annotated[list[Number], Field(max_length=20)] = []
    parcels: Annotated[list[BoxSaid], Field(min_length=1, max_length=20)]
    carrier: Word | None = None
    service: Word | None = None
    options: Annotated[dict[Word, Text], Field(max_length=20)] = {}
    ship_on: Day | None = None
    customs: CustomsSaid | None = None

    @model_validator(mode="after")
    def _names_both(self) -> Self:
        if (self.carrier is None) != (self.service is None):
            raise ValueError("carrier and service stand together or not at all")
        if len({self.order, *self.with_orders}) <= len(self.with_orders):
            raise ValueError("an order stands twice in the parcel")
        return self

    @property
    def wish(self) -> Wish:
        """Return how it is to be booked."""
        boxes = (each.packed for each in self.parcels)
        also = tuple(self.with_orders)
        carrier = self.carrier and carriage.CODES.get(self.carrier, self.carrier)
        customs = self.customs and self.customs.declared
        return Wish(tuple(boxes), also, carrier, self.service, self.options, self.ship_on, customs=customs)


def books(said: object) -> bool:
    """Say whether we are to make the label of an item."""
    return isinstance(said, dict) and bool(cast("dict[str, object]", said).get("book"))
