"""Packeta (Zásilkovna): its own points and boxes, and the couriers behind it (docs/carriers.md 1).

Packeta makes one packet a call and knows no look-up by reference: a lost answer is for a person to clear.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import ClassVar, TypeAlias

from carriers import check, labels
from carriers.base import (
    Able,
    Account,
    Booked,
    Cancelled,
    Carrier,
    Close,
    Format,
    Hidden,
    Label,
    Manifest,
    Now,
    Parcel,
    Point,
    Taken,
    Tracked,
)
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.packeta import answers, calls, customs, points, rules, tracking
from carriers.packeta.points import Courier
from carriers.packeta.printing import OwnLabels
from carriers.shipment import Shipment
from carriers.states import State
from carriers.wire import Answer, Call, Send

KEY_REFUSED = frozenset({"401", "403"})
BOGUS = "0"  # a packet nobody has: a right password answers that it is unknown
PUSH = "push"
MORE_CODES = "more_codes"

Build: TypeAlias = Callable[[Account, Shipment, int], Call]
"""(account, shipment, place of the box): the call that makes its packet."""
Read: TypeAlias = Callable[[Answer, Shipment, int], Parcel]
"""(answer, shipment, place of the box): the packet that was made."""


class Packeta(Carrier):
    """Books packets one by one; several boxes are several packets, with COD on the first of them."""

    code = "packeta"
    able = Able(
        services={
            "point": "a pick-up point or box of Packeta's own, or a courier's point (its id is the point's network)",
            "home": "delivery to an address by a courier (option carrier_id)",
        },
        countries=check.UNION,
        to_point=frozenset({"point"}),
        cod=frozenset({"CZK", "EUR", "HUF", "PLN", "RON"}),
        points=True,
        boxes=10,  # of ours: each is a call, and the first that fails leaves the rest to a person
        formats=frozenset({Format.PDF, Format.ZPL}),
        label_batch=50,  # of ours: they come one by one, and a courier's takes five seconds
        pushes=True,
        cancel_batch=1,
        close=Close.OPTIONAL,
        returns=True,
        adults_only=True,
        asks_first=True,
        takes=frozenset({"recipient.region", "boxes.value"}),
        insures=frozenset({"CZK", "EUR", "HUF", "PLN", "RON"}),
        prolongs=True,
        unproven={
            customs.SWITCH: "goods for the customs are declared by keys and nested as we read them, to any country",
            calls.SINGLE_NAME: "Packeta is sent one name and splits it itself",
            calls.LABEL_ORDER: "labels asked for together come in the order asked, so they are one call",
            MORE_CODES: "tracking codes 18 to 31 are read as one implementation reads them",
            PUSH: "Packeta sends signed messages about packets by itself",
        },
    )
    needs = {  # noqa: RUF012  # the port says that it is the class's, and read only
        "api_password": "the API password of the client section, 32 characters",
        "api_key": "the API key of the client section, 16 characters, for the list of pick-up points",
        "eshop": "the sender's label in the client section, exactly: an unknown one makes a new sender",
    }
    may_give = {  # noqa: RUF012  # as above
        "dpi": "for what printer ZPL is made: 203 or 300; without it 203",
        "label_format": f"what size labels are: {', '.join(calls.PAGES)}; without it {calls.PAGES[0]}",
        "webhook_key": "the key Packeta signs its messages with, where it sends some",
    }
    secret = frozenset({"api_password", "api_key", "webhook_key"})
    whose: ClassVar[frozenset[str]] = frozenset()  # the password says it, and changes; nothing can be looked for anyway
    options: ClassVar[Mapping[str, str]] = rules.OPTIONS | check.DECLARED

    def __init__(self, account: Account, send: Send, now: Now) -> None:
        super().__init__(account, send, now)
        if self.is_on(customs.SWITCH):
            countries = check.WORLD
            self.able = replace(Packeta.able, countries=countries, takes=Packeta.able.takes | {"customs"})
        self._own_labels = OwnLabels(now)

    def test(self) -> None:
        """Ask for a packet nobody has; raise LOGIN where the password is wrong."""
        try:
            answers.result(self.send("test", calls.status(self.account, BOGUS)))
        except CarrierRefused as refusal:
            if refusal.kind is not Kind.UNKNOWN:
                raise

    def test_all(self) -> None:
        """Ask for the list of couriers too; raise LOGIN where the password is wrong, or the key of the lists.

        Raise ACCOUNT, before anything is asked, for a size of labels or dots of a printer there are none of.
        """
        for name, offered in (("label_format", calls.PAGES), ("dpi", calls.DPIS)):
            if (said := self.account.given.get(name, "").strip()) and said not in offered:
                why = f"{name} is one of {', '.join(offered)}"
                raise CarrierRefused(self.code, "test", why, kind=Kind.ACCOUNT)
        self.test()
        try:
            self.couriers()
        except CarrierRefused as refusal:
            if refusal.code not in KEY_REFUSED:
                raise
            raise CarrierRefused(self.code, "test", "the API key is refused", kind=Kind.LOGIN) from None

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        """Say what Packeta would refuse, without asking it."""
        today = self.now().astimezone(tracking.PRAGUE).date()
        return list(rules.faults(shipment, self.able, today=today, single_name=self.is_on(calls.SINGLE_NAME)))

    def validate_back(self, shipment: Shipment) -> Sequence[Fault]:
        """Say what Packeta could not do of a return."""
        return list(rules.faults_back(shipment))

    def ask_valid(self, shipment: Shipment) -> Sequence[Fault]:
        """Ask Packeta what it would refuse (`packetAttributesValid`), which makes nothing.

        It knows what stands in no rule: closed points, and what each courier wants.
        """
        for place in range(len(shipment.boxes)):
            answer = self.send("ask_valid", calls.ask_valid(self.account, shipment, place))
            try:
                answers.opened(answer, calls.fields(shipment, place))
            except CarrierRefused as refusal:
                if refusal.kind is not Kind.CONTENT:
                    raise
                return refusal.faults or (Fault(None, refusal.code, refusal.why),)
        return ()

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        """Make the packets of each shipment.

        Where one fails after others of its shipment were made, the shipment is unclear and the error names those made.
        """
        taken: set[str] = set()
        return [self._booked(shipment, taken) for shipment in shipments]

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        """Return the labels one by one; Packeta's own in one call where `label_order` is on (1.3).

        A page does not say whose it is, and that a file keeps the order asked is written nowhere. Of none: an empty
        file.
        """
        if not parcels:
            return Label(kind, b"")
        is_with_courier = any("courier_id" in parcel.handle.ids for parcel in parcels)
        printing = self._own_labels.ids(self.couriers) if is_with_courier else frozenset[str]()
        made: list[Label] = []
        for is_couriers, run in groupby(parcels, lambda parcel: parcel.handle.ids.get("courier_id") in printing):
            if is_couriers:
                made.extend(self._label_of_courier(parcel, kind) for parcel in run)
            elif kind is Format.ZPL:
                made.extend(self._label_zpl(parcel) for parcel in run)
            elif self.is_on(calls.LABEL_ORDER):
                made.append(self._labels_pdf(list(run)))
            else:
                made.extend(self._label_pdf(parcel) for parcel in run)
        try:
            return made[0] if len(made) == 1 else labels.merged(made)
        except labels.Unprintable as broken:
            raise CarrierUnreachable(self.code, "labels", str(broken), unclear=False, answered=True) from None

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked]:
        """Return what is known of each packet."""
        return [self._tracked(parcel) for parcel in parcels]

    def hear(self, headers: Mapping[str, str], body: bytes) -> Sequence[Tracked]:
        """Read a signed message; a packet told of without scans is in state UNKNOWN and is to be asked for."""
        if not self.is_on(PUSH):
            raise self.lacks("hear", f"the switch {PUSH} is off")
        if not tracking.is_signed(self.account.secrets.get("webhook_key", ""), headers, body):
            raise CarrierRefused(self.code, "hear", "the signature of the message is wrong", kind=Kind.LOGIN)
        told = tracking.heard(body, with_more=self.is_on(MORE_CODES))
        if told is None:
            raise CarrierUnreachable(self.code, "hear", "the message names no packet", unclear=False)
        return [told]

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled]:
        """Take packets back, which Packeta allows until they are handed over."""
        return [self._cancelled(parcel) for parcel in parcels]

    def prolong(self, parcel: Parcel, until: date) -> None:
        """Have a packet kept at its point until a day; raise CONTENT for one Packeta does not keep it to (1.4)."""
        answers.opened(self.send("prolong", calls.keep(self.account, _id(parcel), until)))

    def is_number(self, number: str) -> bool:
        """Say whether it is `Z` and ten digits; none of them is for checking (1.7)."""
        return re.fullmatch("Z[0-9]{10}", number) is not None

    def close(self, parcels: Sequence[Parcel], on: date) -> Manifest:  # noqa: ARG002  # Packeta asks for no day
        """Group packets under one bar code that is scanned instead of each; Packeta makes no document of it."""
        number = answers.consigned(self.send("close", calls.consign(self.account, [_id(parcel) for parcel in parcels])))
        return Manifest(number, tuple(parcel.number for parcel in parcels))

    def return_label(self, shipment: Shipment) -> Booked:
        """Make packets for the way back; their labels are asked for as all others, unless a password stands in.

        A password is told once, in `notes`, for whoever brings the parcel: `str()` of the note says it, its `repr` does
        not. Nothing later asks for it, so no handle holds it.
        """
        notes: list[str] = []

        def read(answer: Answer, shipment: Shipment, place: int) -> Parcel:
            parcel, password = answers.claimed(answer, shipment, place)
            if password:
                notes.append(Hidden(f"{parcel.number} is handed over with the password {password}"))
            return parcel

        parcels = self._made("return_label", shipment, calls.claim, read, set())
        return Booked(shipment.reference, parcels, notes=tuple(notes))

    def points(self, country: str) -> Iterator[Point]:
        """Yield Packeta's points and boxes of a country, then those of its couriers, network by network."""
        for feed in ("branch", "box"):
            yield from points.own(self.send("points", calls.feed(self.account, feed)), country, feed)
        for courier in self.couriers():
            if courier.has_points and courier.country == country:
                answer = self.send("points", calls.courier_points(self.account, courier.courier_id))
                yield from points.of_courier(answer, courier)

    def couriers(self) -> Sequence[Courier]:
        """Return the carriers behind Packeta, by whose ids a home delivery is booked."""
        return list(points.couriers(self.send("couriers", calls.feed(self.account, "carrier"))))

    def _booked(self, shipment: Shipment, taken: set[str]) -> Taken:
        try:
            parcels = self._made("book", shipment, calls.create, answers.created, taken)
        except CarrierError as error:
            return error
        return Booked(shipment.reference, parcels, notes=rules.cuts(shipment))

    def _made(
        self, operation: str, shipment: Shipment, build: Build, read: Read, taken: set[str]
    ) -> tuple[Parcel, ...]:
        """Make a packet for each box; `taken` are the numbers that came before, which no other packet can have."""
        made: list[Parcel] = []
        for place in range(len(shipment.boxes)):
            try:
                answer = self.send(operation, build(self.account, shipment, place))
                parcel = read(answer, shipment, place)
                if parcel.number in taken:
                    raise answer.unreadable(f"{parcel.number} came a second time")
            except CarrierError as error:
                raise answers.half_made(error, made, len(shipment.boxes)) if made else error from None
            taken.add(parcel.number)
            made.append(parcel)
        return tuple(made)

    def _label_pdf(self, parcel: Parcel) -> Label:
        answer = self.send("labels", calls.label_pdf(self.account, _id(parcel)))
        return answers.label_pdf(answer, [parcel.number])

    def _labels_pdf(self, parcels: Sequence[Parcel]) -> Label:
        answer = self.send("labels", calls.labels_pdf(self.account, [_id(parcel) for parcel in parcels]))
        return answers.label_pdf(answer, [parcel.number for parcel in parcels])

    def _label_zpl(self, parcel: Parcel) -> Label:
        answer = self.send("labels", calls.label_zpl(self.account, _id(parcel)))
        return answers.label_of_one(answer, parcel.number, Format.ZPL)

    def _label_of_courier(self, parcel: Parcel, kind: Format) -> Label:
        number = answers.courier_number(self.send("labels", calls.courier_number(self.account, _id(parcel))))
        answer = self.send("labels", calls.courier_label(self.account, _id(parcel), number, kind))
        return answers.label_of_one(answer, parcel.number, kind)

    def _tracked(self, parcel: Parcel) -> Tracked:
        try:
            history = tracking.records(self.send("track", calls.tracking(self.account, _id(parcel))))
            if tracking.wants_latest(history):
                latest = tracking.records(self.send("track", calls.status(self.account, _id(parcel))))
                history = tracking.with_latest(history, latest)
        except CarrierRefused as refusal:
            if refusal.kind is not Kind.UNKNOWN:
                raise
            return Tracked(parcel.number, State.UNKNOWN)
        return tracking.told(parcel.number, history, with_more=self.is_on(MORE_CODES))

    def _cancelled(self, parcel: Parcel) -> Cancelled:
        try:
            answers.opened(self.send("cancel", calls.cancel(self.account, _id(parcel))))
        except CarrierRefused as refusal:
            if refusal.kind is Kind.UNKNOWN:
                return Cancelled.UNKNOWN
            if refusal.kind is not Kind.TOO_LATE:
                raise
            # A cancellation whose answer was lost is refused the second time as one that comes too late is.
            latest = tracking.records(self.send("cancel", calls.status(self.account, _id(parcel))))
            is_gone = any(record.code == tracking.CANCELLED for record in latest)
            return Cancelled.BEFORE if is_gone else Cancelled.TOO_LATE
        return Cancelled.DONE


def _id(parcel: Parcel) -> str:
    return parcel.handle.ids["packet_id"]
