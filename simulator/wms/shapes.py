"""What the door answers, exactly as docs/wms.md prints it: every field there, of its type; others may be added.

A field that is missing or of another type is a deviation. Faults name places and no values, which may be personal.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

M = TypeVar("M", bound=BaseModel)


class State(StrEnum):
    """What is to be done with an order."""

    RELEASED = "released"
    HELD = "held"
    STOP = "stop"


ANY_REASONS = frozenset({"cancelled", "deleted", "missing", "status", "unpaid", "uninstalled"})
HELD_REASONS = ANY_REASONS | {"history", "too_old", "shipped", "no_mapping", "observed"}
STOP_REASONS = ANY_REASONS | {"changed", "withdrawn"}
ITEM_CODES = {
    "unknown_order": 404,
    "not_released": 409,
    "stopped": 409,
    "already_shipped": 409,
    "invalid": 422,
}
CARRIERS = (
    *("packeta", "ppl", "dpd", "gls", "ceska_posta", "slovenska_posta", "fan_courier", "balikobot", "messenger"),
    "own",
)


def _in_utc(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("no ISO 8601 time") from None
    if at.utcoffset() != timedelta(0):
        raise ValueError("not in UTC")
    return text


Time = Annotated[str, AfterValidator(_in_utc)]
Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$")]
Quantity = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
Grams = Annotated[int, Field(ge=0)]
Revision = Annotated[int, Field(ge=1)]
Tenant = Annotated[str, Field(pattern=r"^t_.")]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9_/.-]{4,60}$")]


class Shape(BaseModel):
    """Strict, because a client in another language would be; open, because fields may be added."""

    model_config = ConfigDict(extra="allow", strict=True)


class Recipient(Shape):
    """Where the parcel goes."""

    name: str | None
    company: str | None
    street: str | None
    city: str | None
    zip: str | None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None


class PickupPoint(Shape):
    """Where the customer fetches it."""

    network: str | None
    id: str | None
    name: str | None


class Chosen(Shape):
    """The shop's shipment or payment, as the customer chose it."""

    id: str | None
    code: str | None
    name: str | None
    type: str | None


class Cod(Shape):
    """What the carrier collects."""

    amount: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    variable_symbol: str | None


class Line(Shape):
    """One thing to be packed."""

    id: str
    code: str | None
    ean: str | None
    title: str | None
    quantity: Quantity
    unit: str | None
    weight_g: Grams | None
    stock_position: str | None
    image: str | None
    parent: str | None
    kind: Literal["product", "set_part", "gift"]


class Order(Shape):
    """One order of the feed."""

    tenant: Tenant
    number: Annotated[str, Field(min_length=1)]
    revision: Revision
    state: Literal["released", "held", "stop"]
    reason: str | None
    changed: list[str]
    acked_revision: Revision | None
    created: Time
    recipient: Recipient | None
    phone: str | None
    email: str | None
    pickup_point: PickupPoint | None
    shipment: Chosen | None
    payment: Chosen | None
    cod: Cod | None
    weight_g: Grams | None
    customer_note: str | None
    adult: bool | None
    lines: list[Line]

    def wrong(self) -> list[str]:
        """Return the sentences of the page that this order breaks."""
        told: dict[str, bool] = {
            "a released order has a reason": self.state == State.RELEASED and self.reason is not None,
            "a released order names changed fields": self.state == State.RELEASED and bool(self.changed),
            "a held order has no reason of the list": self.state == State.HELD and self.reason not in HELD_REASONS,
            "a held order shows a recipient": self.state == State.HELD and self.recipient is not None,
            "a held order shows a contact": self.state == State.HELD and (self.phone or self.email) is not None,
            "a held order shows lines": self.state == State.HELD and bool(self.lines),
            "a stop has no reason of the list": self.state == State.STOP and self.reason not in STOP_REASONS,
            "a stop for a change names no field": self.reason == "changed" and not self.changed,
            "a later revision is acknowledged": (self.acked_revision or 0) > self.revision,
            "two lines have one id": len({line.id for line in self.lines}) < len(self.lines),
        }
        return [sentence for sentence, broken in told.items() if broken]


class Page(Shape):
    """One answer of the feed."""

    orders: list[dict[str, Any]]  # each an `Order`; one that does not fit spoils no other
    cursor: Annotated[str, Field(min_length=1)]
    more: bool


class Parcel(Shape):
    """What a carrier took."""

    carrier: Literal[CARRIERS]
    tracking_code: Code | None
    weight_g: Annotated[int, Field(ge=1, le=1_000_000)] | None


class WriteBack(Shape):
    """How far the shop knows."""

    state: Literal["none", "waits", "due", "sent", "confirmed", "parked"]
    written_before: bool


class Shipment(Shape):
    """One shipment as the door keeps it."""

    id: Annotated[str, Field(pattern=r"^s_.")]
    tenant: Tenant
    order: str
    revision: Revision
    final: bool
    voided: bool
    created: Time
    changed: Time
    parcels: Annotated[list[Parcel], Field(min_length=1, max_length=20)]
    write_back: WriteBack


class Result(Shape):
    """What became of one item: a shipment, or why there is none."""

    index: int
    status: int
    shipment: Shipment | None = None
    title: str | None = None
    detail: str | None = None
    code: str | None = None
    field: str | None = None

    def wrong(self) -> list[str]:
        """Return the sentences of the page that this result breaks."""
        good = self.status == 201
        told: dict[str, bool] = {
            "a shipment that was made is not shown": good and self.shipment is None,
            "a shipment that was refused is shown": not good and self.shipment is not None,
            "a refusal has no title and detail": not good and not (self.title and self.detail),
            "a refusal has no code of the list with its status": not good
            and ITEM_CODES.get(self.code or "") != self.status,
            "what is invalid is not named": self.code == "invalid" and not self.field,
        }
        return [sentence for sentence, broken in told.items() if broken]


class Results(Shape):
    """The answer to a post of shipments."""

    results: list[dict[str, Any]]  # each a `Result`


class Problem(Shape):
    """An error (RFC 9457); `revision` comes with an ack that is too old."""

    status: int
    title: str
    detail: str
    field: str | None = None
    code: str | None = None
    revision: int | None = None


def read(model: type[M], value: object) -> tuple[M | None, list[str]]:
    """Return a JSON value as a shape and what is wrong with it, each fault by its place; None when it does not fit."""
    try:
        return model.model_validate(value), []
    except ValidationError as errors:
        return None, [f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['type']}" for one in errors.errors()]
