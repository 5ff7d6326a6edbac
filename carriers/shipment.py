"""What is to be carried, in the words of every carrier: to whom, in which boxes, what is collected, what is declared.

An adapter turns it into its carrier's own fields; what a carrier has no field for, it refuses or says, and
what only tells it more (`Able.takes`) it may leave away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from carriers.money import Money


@dataclass(frozen=True)
class Address:
    """Who gets or sends a parcel: `country` is ISO 3166 alpha-2, `phone` E.164; the number may stand in `street`.

    `more`: a second line, such as a floor or "c/o"; `region`: of the country, where addresses there have one.
    """

    name: str
    street: str
    city: str
    zip: str
    country: str
    house_number: str = ""
    company: str = ""
    phone: str = ""
    email: str = ""
    more: str = ""
    region: str = ""


@dataclass(frozen=True)
class PointRef:
    """A pick-up point: `network` is None for the carrier's own, else the carrier's name of the other network.

    `country`: where it lies, empty where nobody knows; that of the recipient may be another.
    """

    point_id: str
    network: str | None = None
    country: str = ""


@dataclass(frozen=True)
class Box:
    """One box: grams and millimetres; a measure nobody knows is None, never 0.

    `content`: what is inside, in words. `value`: what this box is insured for, where it is not a share of the whole's.
    """

    weight_g: int
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    content: str = ""
    value: Money | None = None


@dataclass(frozen=True)
class Cod:
    """What is collected on delivery, of the whole shipment; `variable_symbol` finds the payment again.

    `card_allowed`: whether a card is taken; None: as the carrier has it.
    """

    amount: Money
    variable_symbol: str
    card_allowed: bool | None = None


@dataclass(frozen=True)
class Goods:
    """Goods of one kind in a declaration; weight and value are those of all its pieces.

    `hs_code`: of the customs' tariff, digits; `origin`: the country they were made in, ISO 3166 alpha-2. What nobody
    knows is empty.
    """

    content: str
    quantity: int
    weight_g: int
    value: Money
    hs_code: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Customs:
    """What is declared of a shipment to another customs union.

    `category`: why it is sent, by the carrier's own code. `eori`: the number the sender has with the customs.
    """

    goods: tuple[Goods, ...]
    category: str = ""
    invoice_number: str = ""
    eori: str = ""


@dataclass(frozen=True)
class Shipment:
    """What is to be carried, in one or several boxes, to one address or point.

    `reference`: ours, unique for ever and stable across tries. `service`: the carrier's code. `value`: what it is
    insured for. `return_to`: who gets it when it is not delivered, None: the sender. `options`: what only this carrier
    knows, by the names of its `options`.
    """

    reference: str
    order_number: str
    service: str
    recipient: Address
    boxes: tuple[Box, ...]
    value: Money
    point: PointRef | None = None
    cod: Cod | None = None
    note: str = ""
    adults_only: bool = False
    ship_on: date | None = None
    sender: Address | None = None
    return_to: Address | None = None
    customs: Customs | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str])
