"""Česká pošta by its B2B REST interface, Balíkovna with it (docs/carriers.md 5).

The Post looks nothing up by our reference. With a number range of the sender's own (`number_…` of the account) a
repeated booking is told as such, so such an account is idempotent; without one, an unclear end is a person's matter.
That is said of an account as a whole, so one with a range has no products whose numbers the Post alone makes.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import ClassVar

from carriers import batches, check, labels
from carriers.base import (
    Able,
    Account,
    Booked,
    Cancelled,
    Carrier,
    Close,
    Format,
    Handle,
    Label,
    Manifest,
    Now,
    Parcel,
    Point,
    Taken,
    Tracked,
)
from carriers.ceska_posta import answers, calls, forms, numbers, points, products, rules, tracking
from carriers.ceska_posta.calls import PRODUCTION, SANDBOX, Stamp
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.shipment import PointRef, Shipment
from carriers.states import State
from carriers.wire import Send

__all__ = ["PRODUCTION", "SANDBOX", "CeskaPosta"]

BEHIND_S = 5  # a signature may be 60 s old but never of the future, and clocks differ (5.1)
AT_HOME = "CZ"
NOBODY = Account("", {})  # who switched nothing on


class CeskaPosta(Carrier):
    """One shipment is booked at once and brings its label; several of one box go as a batch to be polled.

    `able` here is that of an account with nothing special; an instance has that of its own account.
    """

    code = "ceska_posta"
    sandbox = SANDBOX
    able = Able(
        services=products.offered(NOBODY),
        countries=frozenset({AT_HOME}),
        to_point=products.TO_POINT,
        cod=frozenset({"CZK"}),
        points=True,
        boxes=5,
        batch=100,  # the ceiling is 1000; a lost answer leaves all of a batch to a person
        is_async=True,
        formats=frozenset({Format.PDF, Format.ZPL}),
        label_batch=50,  # the ceiling is 500; each may need a call of its own
        label_with_booking=True,
        track_batch=10,
        tells_paid=True,
        takes=frozenset({"ship_on", "customs", "recipient.more", "recipient.region"}),
        insures=frozenset({"CZK"}),
        cancel_batch=500,  # nobody is asked
        unproven={
            "na_postu": "NP to a post office: which style of address it wants is written for Balíkovna only, and that "
            "the rows of the list of post offices hold what its public readers take from them is our reading",
            "variants": "DV and DE (and NV and NA where NP is on) as variants of DR and NP: that they want the same "
            "services is our reading",
            "packets": "registered packets BA, BN, BE and BP: that they have no size class, a value where service 7 is "
            "asked for alone, and the label of parcels is our reading",
            "insured_parcels": "insured parcels B, BB, V and VV: that they have a size class as other parcels do is "
            "our reading",
            "ems": "EMS in the country (EE): that nothing but service 7 is a must is our reading",
            "abroad": "EM, CE, CS and CV abroad, each with a form of label the account names: which form is for which, "
            "43 (goods) where nothing else is asked for, goods weighed in kilograms, weight and value of a line of the "
            "declaration being those of all its pieces, and a CN22 or CN23 printed as a label is are our reading",
            "newer_cod": "Du and Dh as services for COD: only texts of errors name them",
            "open_posting": "the posting stays open until it is closed (transmissionEnd); once said to be suspended",
            "contract_number": "bookings tell the order's number as contractNumber; with a print that is the ID CČK",
            "depots": "what the list calls depo is a point too; nobody says whether parcels to Balíkovna go there",
            "measures": "length, width and height are sent in centimetres; their unit is nowhere written",
        },
    )
    needs: ClassVar = {
        "api_token": "Api-Token of the key made in the B2B profile at Pošta Online",
        "secret_key": "Secret key that belongs to it, as it is shown",
        "contract_id": "ID CČK of the contract, which every booking and every print names",
        "customer_id": "Technological number of the sender, such as U219 or L00123",
        "post_code": "Post code of the posting office",
        "location_number": "Number of the posting place, which tells the sender's address and bank account",
    }
    may_give: ClassVar = {
        "contract_number": "Number of the order (číslo zakázky), told with the switch of this name only",
        "size": "Size class S, M, L or XL of parcels that are not measured",
        "number_sender": "Own number range: the digits of the sender in a parcel code",
        "number_letter": "Own number range: the last letter of a parcel code",
        "number_first": "Own number range: the first serial",
        "number_last": "Own number range: the last serial",
        "points_url": "Address of the list of Balíkovna points, if another than the Post's",
        "offices_url": "Address of the list of post offices, if another than the Post's",
        "forms": "Forms of labels (idForm) by product, such as RR=39,CE=72; one is needed for each product abroad; "
        "CN=57 or CN=56: the CN23 or CN22 that follows the label of what is declared",
        "zpl": "Form of ZPL: 200 (105 × 148 mm, the usual one), 201 (100 × 150 mm) or 202 (100 × 125 mm)",
        "shift_horizontal": "Millimetres a label is moved to the side on its page",
        "shift_vertical": "Millimetres a label is moved down on its page",
        "franking_number": "Number of the franking machine, up to ten characters",
        "card_number": "Number of the sender's customer card, up to twenty characters",
    }
    secret = frozenset({"api_token", "secret_key"})
    whose = frozenset({"customer_id", "contract_id"})
    options: ClassVar = rules.OPTIONS | check.DECLARED

    def __init__(
        self, account: Account, send: Send, now: Now, *, nonce: Callable[[], str] = lambda: str(uuid.uuid4())
    ) -> None:
        """`nonce` returns a new UUID4 for each call."""
        super().__init__(account, send, now)
        self._nonce = nonce
        self.able = able_of(account)  # pyright: ignore[reportAttributeAccessIssue]  # what it can is a matter of the account

    def test(self) -> None:
        if wrong := "; ".join(forms.wrong(self.account)):
            raise CarrierRefused(self.code, "test", f"what the account says of labels: {wrong}", kind=Kind.ACCOUNT)
        answer = self.send("test", calls.places_call(self.account, stamp=self._stamp()))
        answers.read_places(answer, self.account.given.get("location_number", ""))

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        return list(rules.faults(self.account, self.able, shipment))

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        """Book one shipment at once; several of one box each as a batch, beside those of several boxes one by one.

        A batch that is refused for its content goes one by one, as a bad record spoils it whatever `goodToAccept` says.
        Another error about a call as a whole is raised if it was the only call, else it stands for all it was about.
        """
        wrong = {place: refusal for place, one in enumerate(shipments) if (refusal := self._hindered(one))}
        asked = self._calls(shipments, [place for place in range(len(shipments)) if place not in wrong])
        taken: dict[int, Taken] = dict(wrong)
        for places in asked:
            try:
                read = batches.booked([shipments[place] for place in places], self._ask)
            except CarrierError as error:
                if len(asked) == 1 and not wrong:
                    raise
                read = [error] * len(places)
            taken |= zip(places, read, strict=True)
        return [taken[place] for place in range(len(shipments))]

    def poll(self, job: Handle, references: Sequence[str]) -> Sequence[Taken]:
        """Ask what became of a batch; it was taken in, so whoever is refused an answer to this is to ask again.

        What is good of one that ended with 19 is believed as soon as the Post knows its code, and asked about for some
        minutes until it does: the contract leaves both open.
        """
        call = calls.sent_call(self.account, job.ids["transaction"], stamp=self._stamp())
        try:
            answer = self.send("poll", call)
            taken = answers.read_batch(answer, job, references)
            made = [one.parcels[0].number for one in taken if isinstance(one, Booked) and not one.again]
            if not made or not answers.is_invalid(answer):
                return taken
            return answers.proven(answer, job, taken, self._known(made), now_s=int(self.now().timestamp()))
        except CarrierRefused as refusal:
            raise CarrierUnreachable(
                self.code, "poll", refusal.ours, unclear=False, said=refusal.why, code=refusal.code, answered=True
            ) from None

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        """Return labels in this order, of none an empty file; letters and parcels have forms, and calls, of their own.

        One call for all of a form where each page says whose it is, else one for each: no order is promised (5.3).
        Where the account names a form of declaration, that follows the label of what was declared.
        """
        if not parcels:
            return Label(kind, b"")
        codes = [parcel.number for parcel in parcels]
        if kind is Format.ZPL and not all(map(calls.has_zpl, codes)):
            raise self.lacks("labels", "the Post has no ZPL label of a letter, nor one known of what goes abroad")
        forms_of = groupby(parcels, lambda parcel: calls.form_of(self.account, parcel.number, kind))
        runs = [(form, list(run)) for form, run in forms_of]
        if any(form is None for form, _ in runs):
            raise CarrierRefused(self.code, "labels", "the account names no form for these", kind=Kind.ACCOUNT)
        made = [label for _, run in runs for label in self._printed(run, kind)]
        try:
            return made[0] if len(made) == 1 else labels.merged(made)
        except labels.Unprintable as broken:
            raise CarrierUnreachable(self.code, "labels", str(broken), unclear=False, answered=True) from None

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked]:
        """Ask for up to 10 parcels, and once more for each delivered one with COD: when that was paid out."""
        codes = [parcel.number for parcel in parcels]
        answer = self.send("track", calls.track_call(self.account, codes, stamp=self._stamp()))
        with_cod = tracking.with_cod(answer)
        tracked = tracking.read_tracked(answer, codes)
        return [self._paid(one) if one.state is State.DELIVERED and one.number in with_cod else one for one in tracked]

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled]:
        """Tell nobody: a parcel that is not handed over is none (5.5)."""
        return [Cancelled.LOCAL for _ in parcels]

    def close(self, parcels: Sequence[Parcel], on: date) -> Manifest:
        """Close the posting that `open_posting` leaves open; without that every request has closed itself (5.5)."""
        if not self.is_on("open_posting"):
            raise self.lacks("close", "every booking closes its own posting")
        day = max(on, self._today())
        answers.read_closed(self.send("close", calls.close_call(self.account, on=day, stamp=self._stamp())))
        return Manifest(day.isoformat(), tuple(parcel.number for parcel in parcels))

    def is_number(self, number: str) -> bool:
        return numbers.is_valid(number)

    def points(self, country: str) -> Iterator[Point]:
        """Yield the points of Balíkovna and, where parcels go there, the post offices: a network of their own (5.6).

        Offices that cannot be read are left out as a network: half of them would say that the others have closed, and
        nobody may lose Balíkovna for them.
        """
        if country != AT_HOME:
            return
        answer = self.send("points", calls.points_call(self.account))
        yield from points.read_points(answer, depots=self.is_on("depots"))
        if self.is_on("na_postu"):
            yield from self._offices()

    def listed_point(self, shipment: Shipment) -> PointRef | None:
        """Return a point of Balíkovna, or a post office of the other list; None where that one is not read."""
        point = shipment.point
        if point is None or shipment.service not in products.TO_POST_OFFICE:
            return super().listed_point(shipment)
        return PointRef(point.point_id, rules.POST_OFFICES) if self.is_on("na_postu") else None

    def _offices(self) -> Sequence[Point]:
        try:
            answer = self.send("points", calls.offices_call(self.account))
            return list(points.read_points(answer, network=rules.POST_OFFICES))
        except CarrierError:
            return ()

    def _known(self, codes: Sequence[str]) -> frozenset[str]:
        most = self.able.track_batch
        told: list[Tracked] = []
        for some in (codes[first : first + most] for first in range(0, len(codes), most)):
            answer = self.send("poll", calls.track_call(self.account, some, stamp=self._stamp()))
            told += tracking.read_tracked(answer, some)
        return frozenset(one.number for one in told if tracking.is_known(one))

    def _printed(self, parcels: Sequence[Parcel], kind: Format) -> Sequence[Label]:
        codes = [parcel.number for parcel in parcels]
        if products.of_code(codes[0]).is_abroad:  # where one may have several pages, and a paper of its own
            return [label for parcel in parcels for label in self._papers(parcel, kind)]
        label = self._print(codes, kind)
        whole = label if len(codes) == 1 else labels.ordered(label, codes)
        return [whole] if whole else [self._print([code], kind) for code in codes]

    def _papers(self, parcel: Parcel, kind: Format) -> Iterator[Label]:
        yield self._print([parcel.number], kind)
        if (form := forms.declaration(self.account)) and answers.is_declared(parcel):
            yield self._print([parcel.number], kind, form)

    def _print(self, codes: Sequence[str], kind: Format, form: int | None = None) -> Label:
        call = calls.print_call(self.account, codes, kind, stamp=self._stamp(), form=form)
        return answers.read_labels(self.send("labels", call), codes, kind)

    def _ask(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        if len(shipments) == 1:
            call = calls.create_call(self.account, shipments[0], today=self._today(), stamp=self._stamp())
            own = numbers.codes_of(self.account, shipments[0])
            return [answers.read_created(self.send("book", call), shipments[0], own)]
        call = calls.send_call(self.account, shipments, today=self._today(), stamp=self._stamp())
        own = {one.reference: code for one in shipments for code in numbers.codes_of(self.account, one)}
        return list(answers.read_sent(self.send("book", call), shipments, own))

    def _calls(self, shipments: Sequence[Shipment], places: Iterable[int]) -> list[list[int]]:
        """Return the places of each call: a batch is of one day, of single boxes and of parcels at home (5.2).

        That a record of a batch may have a customs declaration too is not written.
        """
        batches: dict[date, list[int]] = {}
        alone: list[list[int]] = []
        for place in places:
            if len(shipments[place].boxes) > 1 or products.of(shipments[place].service).is_abroad:
                alone.append([place])
            else:
                batches.setdefault(calls.posted_on(shipments[place], self._today()), []).append(place)
        return [*batches.values(), *alone]

    def _hindered(self, shipment: Shipment) -> CarrierRefused | None:
        """Return why a shipment cannot be asked for at all: made-up codes would book twice what has own ones."""
        try:
            found = list(numbers.faults(self.account, shipment))
        except CarrierRefused as refusal:
            return refusal
        if not shipment.boxes:
            found.append(check.fault("boxes", "missing"))
        why = "; ".join(map(str, found))
        return CarrierRefused(self.code, "book", why, kind=Kind.CONTENT, faults=found) if found else None

    def _paid(self, tracked: Tracked) -> Tracked:
        # Where the parcel is must not be lost with the news of its money.
        try:
            call = calls.history_call(self.account, tracked.number, stamp=self._stamp())
            return replace(tracked, cod_paid_on=tracking.read_paid(self.send("track", call)))
        except CarrierError:
            return tracked

    def _stamp(self) -> Stamp:
        return Stamp(int(self.now().timestamp()) - BEHIND_S, self._nonce())

    def _today(self) -> date:
        return self.now().astimezone(tracking.PRAGUE).date()


def able_of(account: Account) -> Able:
    """Return what an account can: the products it has, abroad too, numbers of its own, a posting it keeps open."""
    has_own, services = numbers.has_own(account), products.offered(account)
    goes_abroad = any(products.of(code).is_abroad for code in services)
    is_open = "open_posting" in account.switches  # closing a closed one is as good (5.2, 15)
    return replace(
        CeskaPosta.able,
        services=services,
        countries=check.WORLD if goes_abroad else CeskaPosta.able.countries,  # which the Post serves, it says (137)
        is_idempotent=has_own,
        serials=int(has_own),
        close=Close.REQUIRED if is_open else Close.NONE,
        closes_again=is_open,
    )
