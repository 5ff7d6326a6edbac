"""The port: what every carrier is asked in the same words, and what it says it can.

An adapter is pure builders of calls, pure readers of answers and one thin sender between them (wire.py). Nothing here
waits, retries or remembers: when to ask again, and what an unclear end means, is decided by whoever calls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from carriers.cars import Left, Ordered
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, Fault, Kind
from carriers.money import Money
from carriers.shipment import Address, PointRef, Shipment
from carriers.states import Reason, Scan, State
from carriers.wire import Answer, Call, Send


@dataclass(frozen=True)
class Handle:
    """All ids a carrier wants to hear later, as text by the carrier's own names; opaque to everybody else."""

    carrier: str
    ids: Mapping[str, str]


class Format(StrEnum):
    """What a label is."""

    PDF = "pdf"
    ZPL = "zpl"


@dataclass(frozen=True)
class Label:
    """A label as the carrier made it; `covers`: the numbers in the order of its pages."""

    format: Format
    content: bytes = field(repr=False)
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parcel:
    """A booked box: `number` is what a customer follows, `barcode` what the label's code says."""

    number: str
    barcode: str
    tracking_url: str
    handle: Handle


class Hidden(str):
    """A note for one person, as a password: `str()` says it, and what is written for looking into things does not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


@dataclass(frozen=True)
class Booked:
    """A shipment the carrier has taken; `label` where its answer brought one, `again`: it had been taken before."""

    reference: str
    parcels: tuple[Parcel, ...]
    label: Label | None = None
    again: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pending:
    """A shipment the carrier is still at: ask with `job` after `wait_s` seconds."""

    reference: str
    job: Handle
    wait_s: float


Taken: TypeAlias = Booked | Pending | CarrierError
"""What became of one shipment; an error concerns it alone."""


@dataclass(frozen=True)
class Tracked:
    """What a carrier tells of a parcel: scans in the order of their times, and where that leaves it.

    `stored_until`: the last day at the pick-up point. `cod_paid_on`: when the money left for the sender, which is no
    scan. `partner`: number and name where another carrier carries it on.
    """

    number: str
    state: State
    scans: Sequence[Scan] = ()
    reason: Reason | None = None
    stored_until: date | None = None
    cod_paid_on: date | None = None
    partner: tuple[str, str] | None = None


class Cancelled(StrEnum):
    """What came of a cancellation; `LOCAL` means that the carrier need not hear of it."""

    DONE = "done"
    BEFORE = "before"
    TOO_LATE = "too_late"
    UNKNOWN = "unknown"
    LOCAL = "local"


@dataclass(frozen=True)
class Collection:
    """A car that is asked to come: on a day, between two times of that place.

    `parcels`: what it comes for, where that is known by then; `deliver_to`: where it all goes, if not into the network.
    """

    on: date
    since: time
    until: time
    count: int
    weight_g: int
    address: Address | None = None
    note: str = ""
    parcels: tuple[Parcel, ...] = ()
    deliver_to: Address | None = None


@dataclass(frozen=True)
class Manifest:
    """The hand-over as the carrier knows it: its number, and its document where it makes one.

    `doubted`: the numbers of what may be handed over by it or not, to be told again without the others.
    """

    number: str
    covers: tuple[str, ...]
    document: Label | None = None
    doubted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """A pick-up point as it is offered; `opening` is the carrier's text, `raw` what else it says."""

    network: str
    point_id: str
    kind: str
    name: str
    street: str
    city: str
    zip: str
    country: str
    latitude: float | None
    longitude: float | None
    is_open: bool
    takes_cod: bool | None = None
    most_weight_g: int | None = None
    opening: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


class Close(StrEnum):
    """Whether a hand-over must be told: what is not closed, a carrier of the last kind has never heard of."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True)
class Able:
    """What a carrier can do, so that nobody finds out by failing (docs/carriers.md 10.5).

    `takes`: which of the fields of `check.SOME` reach it. `insures`: the currencies it insures in. `label_days`: how
    long it hands labels out, None: it does not say. `asks_first`: it says what it would refuse, and makes nothing.
    `to_point`: the services that end at a pick-up point and nowhere else, also where only a switch offers them.
    `repeat_is_free`: a second booking costs nothing as long as one label is used, and none binds before its label is
    printed. `closes_again`: the same hand-over told twice does no harm. `serials`: how many serial numbers of the
    account's own row a box takes, in `options["serial"]`. `tells_paid`: its tracking says when COD was paid out.
    `changes_cod`, `recalls_cars`, `tells_of_cars`, `prolongs`, `redirects`: it has `change_cod`, `recall`, `car`,
    `prolong`, `redirect`; what is left of a car recalled in part is a `Left`, which names it.
    `unproven`: what the contract is not certain of, each a name of `Account.switches`; off unless switched on.
    """

    services: Mapping[str, str]
    countries: frozenset[str]
    to_point: frozenset[str] = frozenset()
    cod: frozenset[str] = frozenset()
    points: bool = False
    boxes: int = 1
    batch: int = 1
    is_async: bool = False
    formats: frozenset[Format] = frozenset({Format.PDF})
    label_batch: int = 1
    label_with_booking: bool = False
    track_batch: int = 1
    pushes: bool = False
    tells_paid: bool = False
    cancel_batch: int = 0
    collects: bool = False
    close: Close = Close.NONE
    closes_again: bool = False
    returns: bool = False
    adults_only: bool = False
    finds: bool = False
    is_idempotent: bool = False
    repeat_is_free: bool = False
    serials: int = 0
    asks_first: bool = False
    takes: frozenset[str] = frozenset()
    insures: frozenset[str] = frozenset()
    label_days: int | None = None
    changes_cod: bool = False
    recalls_cars: bool = False
    tells_of_cars: bool = False
    prolongs: bool = False
    redirects: bool = False
    most_weight_g: int | None = None
    unproven: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Account:
    """A contract with a carrier: where its API is, and what lets us in. Secrets are never shown."""

    base_url: str
    secrets: Mapping[str, str] = field(repr=False)
    given: Mapping[str, str] = field(default_factory=dict[str, str])  # sender, depot, client number …
    switches: frozenset[str] = frozenset()


Now: TypeAlias = Callable[[], datetime]


class Carrier:
    """What every adapter does; what its carrier does not have stays as it is here and is refused as UNSUPPORTED.

    Lists are cut by the caller to what `able` says; results come in the order asked. Every method may raise a
    CarrierError about the call as a whole; what concerns one item is in its place.
    """

    code: ClassVar[str]
    able: Able  # of an account that switched nothing on; an adapter that was opened tells what its own one can
    needs: ClassVar[Mapping[str, str]]  # what an account must give, each with what it is; secrets are in `secret`
    secret: ClassVar[frozenset[str]]
    whose: ClassVar[frozenset[str]]  # what of these says whose account it is: under another nothing is found
    may_give: ClassVar[Mapping[str, str]] = {}
    options: ClassVar[Mapping[str, str]] = {}  # of a shipment, each with what it is
    sandbox: ClassVar[str] = ""  # the base URL to try things at; "": it has none
    gap_s: ClassVar[float] = 0.0  # between two calls under one login; kept by who sends (pace.py)

    def __init__(self, account: Account, send: Send, now: Now) -> None:
        """`now` returns an aware time; nothing else here asks the machine."""
        self.account = account
        self.now = now
        self.calls = 0  # made so far, one question may cost several
        self._send = send

    def test(self) -> None:
        """Ask something cheap that proves the login; raise what is wrong."""
        raise self.lacks("test")

    def test_all(self) -> None:
        """Ask what proves all of a login, also what only some of the work needs; raise what is wrong."""
        self.test()

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        """Say what this carrier would refuse, without asking it."""
        raise self.lacks("validate")

    def validate_back(self, shipment: Shipment) -> Sequence[Fault]:
        """Say what this carrier would refuse of the way back alone, beside what `validate` says."""
        return ()

    def ask_valid(self, shipment: Shipment) -> Sequence[Fault]:
        """Ask the carrier what it would refuse; nothing is made by that."""
        raise self.lacks("ask_valid")

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        """Have labels made; what ends unclear must be looked for (`find`) before it is asked for again."""
        raise self.lacks("book")

    def poll(self, job: Handle, references: Sequence[str]) -> Sequence[Taken]:
        """Ask what became of pending shipments."""
        raise self.lacks("poll")

    def find(self, shipment: Shipment, *, since: datetime) -> Booked | None:
        """Look for a booking nobody heard the answer of; None: there is none."""
        raise self.lacks("find")

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        """Return the labels of parcels in this order, one page each."""
        raise self.lacks("labels")

    def first_format(self, parcels: Sequence[Parcel]) -> Format:
        """Return in which format these surely have their labels: PDF where there is any, for every printer takes it."""
        return Format.PDF if Format.PDF in self.able.formats else Format.ZPL

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked | CarrierBusy]:
        """Return what is known; a number the carrier does not know is in state UNKNOWN, one not asked is left out.

        Where the carrier said midway until when it wants to be left alone, that ends the list.
        """
        raise self.lacks("track")

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Tracked]:
        """Read a message the carrier sent by itself; raise LOGIN where its signature is wrong."""
        raise self.lacks("hear")

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled | CarrierError]:
        """Take parcels back."""
        raise self.lacks("cancel")

    def change_cod(self, parcels: Sequence[Parcel], amount: Money) -> None:
        """Have another amount collected for a shipment's parcels, all of them told; once more is the same as once."""
        raise self.lacks("change_cod")

    def prolong(self, parcel: Parcel, until: date) -> None:
        """Have a parcel kept at its pick-up point until a day."""
        raise self.lacks("prolong")

    def redirect(self, parcel: Parcel, contact: Address) -> None:
        """Have the recipient's name, telephone and e-mail corrected; where it goes stays."""
        raise self.lacks("redirect")

    def is_number(self, number: str) -> bool:
        """Say whether this can be a number of this carrier's, by its form and check digit alone."""
        return any(map(str.isdigit, number))

    def collect(self, collection: Collection) -> str:
        """Ask for a car and return what names it to `car` and `recall`; "" where the carrier gives nothing."""
        raise self.lacks("collect")

    def car(self, number: str) -> Ordered:
        """Ask what became of a car that was asked for."""
        raise self.lacks("car")

    def recall(self, number: str) -> Cancelled | Left:
        """Take the order of a car back; where nobody heard the answer that is unclear, and once more does no harm."""
        raise self.lacks("recall")

    def close(self, parcels: Sequence[Parcel], on: date) -> Manifest:
        """Tell the carrier what is handed over."""
        raise self.lacks("close")

    def return_label(self, shipment: Shipment) -> Booked | Pending:
        """Have a label made for the way back from the recipient; with a `Hidden` note none is needed.

        What is pending is asked for with `poll` and the one reference, as what was booked.
        """
        raise self.lacks("return_label")

    def points(self, country: str) -> Iterator[Point]:
        """Yield the pick-up points of a country as they stream in."""
        raise self.lacks("points")

    def listed_point(self, shipment: Shipment) -> PointRef | None:
        """Return a shipment's point as `points` names it, with its network; None: none, or one `points` leaves out.

        What a whole list never showed is then no point of the carrier's.
        """
        point = shipment.point
        return point and PointRef(point.point_id, point.network or self.code)

    def is_on(self, switch: str) -> bool:
        """Say whether something the contract is not certain of is switched on."""
        return switch in self.account.switches

    def lacks(self, operation: str, why: str = "") -> CarrierRefused:
        """Return the refusal for what this carrier cannot do."""
        said = why or f"this carrier's API has no {operation}"
        return CarrierRefused(self.code, operation, said, kind=Kind.UNSUPPORTED)

    def send(self, operation: str, call: Call) -> Answer:
        """Make a call, once; what lists points may be long."""
        self.calls += 1
        return self._send(self.code, operation, replace(call, long=True) if operation == "points" else call)
