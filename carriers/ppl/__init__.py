"""PPL CZ, the CPL API named myAPI2: batches made in the background, a token of half an hour (docs/carriers.md 2).

What a newcomer gets wrong: `referenceId` is no key. The same booking sent twice is two parcels, so what ended unclear
is looked for by the external number CUST that every parcel carries: the order's number and our reference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from carriers.base import (
    Account,
    Booked,
    Cancelled,
    Carrier,
    Collection,
    Format,
    Handle,
    Label,
    Now,
    Parcel,
    Pending,
    Point,
    Taken,
    Tracked,
)
from carriers.cars import Car, Ordered
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.labels import Unprintable
from carriers.money import Money
from carriers.ppl import answers, calls, cars, given, options, points, rules, sheets, tracking
from carriers.ppl.login import Login
from carriers.shipment import Address, Shipment
from carriers.states import State
from carriers.wire import Answer, Call, Send

PRODUCTION = calls.PRODUCTION
SANDBOX = calls.SANDBOX
MOST_PAGES = 1000
OVERLAP = 20  # rows of a page that the next one shows again: so many may close meanwhile
NOTHING = Money(0, "CZK")
NOT_THERE_YET = frozenset({State.CREATED, State.UNKNOWN})
TRIES = 2  # a batch, and once more without those it was refused for; a page of points, and once more


class Ppl(Carrier):
    """PPL's API, one call after another; labels are of the format their batch was made in."""

    code = "ppl"
    sandbox = SANDBOX
    able = rules.ABLE
    needs: ClassVar[Mapping[str, str]] = {
        "client_id": "The client id of the CPL API, as PPL sent it with the access",
        "client_secret": "The client secret of the CPL API, as PPL sent it with the access",
    }
    secret = frozenset({"client_secret"})
    may_give = given.MAY_GIVE
    whose = frozenset({"client_id"})
    options = options.OPTIONS
    gap_s = 0.045  # 40 ms (2.1), and what a thread may lose between being let go and its call leaving

    def __init__(self, account: Account, send: Send, now: Now) -> None:
        super().__init__(account, send, now)
        formats = frozenset(Format) if self.is_on(rules.RELABEL) else frozenset({given.format_of(account)})
        able = rules.able_to(
            adults_only=self.is_on(rules.ADULTS) or bool(given.text(account, "age_check")),
            outside_union=self.is_on(rules.OUTSIDE_UNION),
            returns=self.is_on(rules.RETURNS) and given.back(account) is not None,
            take_date=self.is_on(rules.TAKE_DATE),
        )
        self.able = replace(able, formats=formats)
        self._login = Login(now)
        self._fetched: Mapping[tuple[str, Format], Sequence[sheets.Page]] = {}

    def test(self) -> None:
        """Ask for a new token, and for `/info` with it; refuse what the account gives and PPL would not take."""
        self._expect_given("test")
        self._login.forget()
        self._ask("test", calls.info_call(self.account)).expect_ok()

    def test_all(self) -> None:
        """Ask as `test` does, and refuse a format of labels that is none: one that was kept goes on as PDF."""
        self._expect_given("test", more=given.format_faults(self.account))
        self.test()

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        """Say what PPL would refuse (2.2)."""
        return list(rules.faults(shipment, self.able, now=self.now()))

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        """Hand a batch over; it is made within seconds, see `poll`.

        PPL refuses a batch whole and names who is at fault, so the others are sent once more, without them.
        """
        self._expect_given("book")
        taken = self._unsendable(shipments)
        for _ in range(TRIES):
            left = [place for place in range(len(shipments)) if place not in taken]
            if not left:
                break
            try:
                taken |= self._hand_over(shipments, left)
            except CarrierError as trouble:
                if not taken:
                    raise
                taken |= dict.fromkeys(left, trouble)
        busy = CarrierBusy(self.code, "book", "others of its batch were refused", wait_s=None)
        return [taken.get(place, busy) for place in range(len(shipments))]

    def poll(self, job: Handle, references: Sequence[str]) -> Sequence[Taken]:
        """Ask what became of a batch's shipments; worth asking after 1, 2, 4 and 8 seconds (2.2).

        The batch was taken, so nothing that goes wrong with asking means that it was not made: neither a wrong login
        nor any status. It is CarrierBusy, or CarrierUnreachable that is not unclear, and the job is still to be asked.
        Only a batch PPL does not know (any more) is unclear, and to be looked for.
        """
        try:
            answer = self._ask("poll", calls.poll_call(self.account, job.ids["batch"]))
        except CarrierRefused as refusal:
            raise answers.still_to_ask(refusal) from None
        return answers.read_polled(answer, references, job)

    def find(self, shipment: Shipment, *, since: datetime) -> Booked | None:  # noqa: ARG002  # a reference is unique
        """Look for a booking by its external number; its labels cannot be had, since nothing tells its batch.

        What was booked before the order's number stood in it carries our reference alone, so that is asked for next.
        """
        for carried in dict.fromkeys((rules.carried(shipment), shipment.reference)):
            if found := answers.read_found(self._ask("find", calls.find_call(self.account, carried)), shipment):
                return found
        return None

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        """Return labels in this order, each fetched at its own address; of none, an empty file.

        The file of a whole batch (2.3) is not used: it says nowhere whose a page is, and while a batch is still being
        made its pages move. What was fetched before a call broke off is not fetched again by the next one.
        """
        if kind not in self.able.formats and any(calls.made_as(parcel) is not kind for parcel in parcels):
            raise self.lacks("labels", f"labels are not made as {kind.upper()} under this login")
        if not parcels:
            return Label(kind, b"")
        pages = self._pages(parcels, kind)
        numbers = [calls.number_of(parcel) for parcel in parcels]
        try:
            return sheets.laid([(number, page) for number in numbers for page in pages[number]], kind)
        except Unprintable as broken:
            raise CarrierUnreachable(self.code, "labels", str(broken), unclear=False, answered=True) from None

    def first_format(self, parcels: Sequence[Parcel]) -> Format:
        """Return the format of their batch: the account may ask for another one since, and they have no label in it."""
        made_as = calls.made_as(parcels[0]) if parcels and not self.is_on(rules.RELABEL) else None
        return made_as or super().first_format(parcels)

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked]:
        """Return what is known of parcels (2.4)."""
        if not parcels:
            return []  # without a number PPL would tell of all there are
        numbers = [calls.number_of(parcel) for parcel in parcels]
        return tracking.read_tracked(self._ask("track", calls.track_call(self.account, numbers)), numbers)

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled | CarrierError]:
        """Take parcels back, each of a set for itself; allowed until PPL has them (2.5).

        A refusal of a parcel that PPL has not got yet is no matter of time: it is returned in PPL's words.
        """
        return [self._cancel(parcel) for parcel in parcels]

    def redirect(self, parcel: Parcel, contact: Address) -> None:
        """Have whom PPL calls or writes to corrected (2.5)."""
        if faults := list(rules.contact_faults(contact)):
            raise self._unfit("redirect", faults)
        answer = self._ask("redirect", calls.redirect_call(self.account, calls.number_of(parcel), contact))
        if not 200 <= answer.status < 300:
            raise answers.refusal(answer)

    def is_number(self, number: str) -> bool:
        """Say whether it has eleven digits; there is no check digit (2.7)."""
        return rules.NUMBER.fullmatch(number) is not None

    def collect(self, collection: Collection) -> str:
        """Order a car and return its batch and its reference; the place must be given (2.5).

        That promises that PPL took the order, not that a car comes: `car` tells of that.
        """
        faults = list(rules.collection_faults(collection, now=self.now()))
        if faults or collection.address is None:
            raise self._unfit("collect", faults)
        order = cars.order(collection, collection.address)
        answer = self._ask("collect", calls.collect_call(self.account, order))
        if answer.status == 400:
            raise answers.refusal(answer)
        return cars.named(answers.read_batch(answer), order["referenceId"])

    def car(self, number: str) -> Ordered:
        """Ask what became of a car, also of one that was ordered before cars had a reference in their number."""
        batch, reference = cars.parted(number)
        return cars.read_ordered(self._ask("car", calls.car_call(self.account, batch)), reference)

    def recall(self, number: str) -> Cancelled:
        """Call a car off by its reference; of one that has none in its number others may be called off with it.

        That PPL finds none to call off proves nothing while it takes the order in, so it is asked how that stands.
        """
        _, reference = cars.parted(number)
        if not reference:
            raise self.lacks("recall", "this car was ordered under a name that others may share: call PPL")
        answer = self._ask("recall", calls.recall_call(self.account, reference, cars.RECALLED))
        if (became := answers.read_cancelled(answer)) is Cancelled.DONE:
            return became
        stands = self._stands(number)
        if ended := cars.ENDED.get(stands):
            return ended
        if became is not Cancelled.UNKNOWN:
            raise answers.refusal(answer)
        if stands is Car.WAITING:
            raise CarrierBusy(self.code, "recall", "PPL is still taking the order in", wait_s=answers.WAIT_S)
        why = "PPL has this car and finds none to call off: call PPL"
        raise CarrierRefused(self.code, "recall", why, kind=Kind.CONTENT, code=f"{answer.status}")

    def _stands(self, number: str) -> Car | None:
        """Return how it stands with a car; None: PPL knows of none."""
        try:
            return self.car(number).car
        except CarrierRefused as refused:
            if refused.kind is Kind.UNKNOWN:
                return None
            raise

    def return_label(self, shipment: Shipment) -> Pending:
        """Hand a return over as a batch of one, made within seconds, see `poll`; its label is a PDF.

        It goes to `return_to`, else to the sender, else where the account has what comes back go: no door tells the
        first two, so without the last none is offered.
        """
        if not self.is_on(rules.RETURNS):
            raise self.lacks("return_label", "PPL's return products are not switched on for this account")
        self._expect_given("return_label")
        if (home := given.back(self.account)) is None:
            raise self.lacks("return_label", "this account gives no return_address")
        to = shipment.return_to or shipment.sender or home
        answer = self._ask("return_label", calls.return_call(self.account, shipment, to))
        if answer.status == 400:
            raise answers.refusal(answer)
        [pending] = answers.pending([replace(shipment, value=NOTHING)], answers.read_batch(answer), Format.PDF)
        return pending

    def points(self, country: str) -> Iterator[Point]:
        """Yield shops and boxes page by page until one shows nothing but what was there (2.6).

        A page begins with the end of the one before it. One that does not, as an empty one, is no end: the list broke
        off, or moved by more than that, and whoever compares it would take open points for gone. It is asked for once
        more, for that the list has one order is nowhere promised.
        """
        seen: set[str] = set()
        offset, last = 0, ""
        for _ in range(MOST_PAGES):
            page = self._points_page(country, offset, after=last)
            codes = points.read_codes(page)
            if seen.issuperset(codes):
                return
            found = {point.point_id: point for point in points.read_points(page, country)}
            yield from (point for code, point in found.items() if code not in seen)
            seen.update(codes)
            last = codes[-1]
            offset += len(page) - min(OVERLAP, max(len(page) // 2, 1))
        raise CarrierUnreachable(self.code, "points", f"no end after {MOST_PAGES} pages", unclear=False)

    def _points_page(self, country: str, offset: int, *, after: str) -> Sequence[Any]:
        """Return the page that shows again the point `after`; empty: any."""
        for _ in range(TRIES):
            page = points.read_page(self._ask("points", calls.points_call(self.account, country, offset=offset)))
            if not after or after in points.read_codes(page):
                return page
        why = f"the page at {offset} does not follow the one before"
        raise CarrierUnreachable(self.code, "points", why, unclear=False)

    def _expect_given(self, operation: str, *, more: Iterable[Fault] = ()) -> None:
        """Raise ACCOUNT where what the account gives for all its shipments is nothing PPL takes."""
        if faults := [*given.faults(self.account), *more]:
            why = "; ".join(map(str, faults))
            raise CarrierRefused(self.code, operation, why, kind=Kind.ACCOUNT, faults=faults)

    def _unfit(self, operation: str, faults: Sequence[Fault]) -> CarrierRefused:
        why = "; ".join(map(str, faults))
        return CarrierRefused(self.code, operation, why, kind=Kind.CONTENT, faults=faults)

    def _today(self) -> date:
        return self.now().astimezone(rules.PRAGUE).date()

    def _unsendable(self, shipments: Sequence[Shipment]) -> dict[int, Taken]:
        """Refuse what stands twice in a batch, whose answer could not be told apart, and an age nobody would check."""
        references = [shipment.reference for shipment in shipments]
        twice = CarrierRefused(self.code, "book", "its reference is twice in this batch", kind=Kind.DUPLICATE)
        refused: dict[int, Taken] = {}
        for place, shipment in enumerate(shipments):
            if references.index(shipment.reference) != place:
                refused[place] = twice
            elif shipment.adults_only and not (self.able.adults_only or shipment.options.get("age_check")):
                refused[place] = self.lacks(
                    "book",
                    f"a check of age is sent with an age_check of its own or of the account, or {rules.ADULTS} on",
                )
        return refused

    def _hand_over(self, shipments: Sequence[Shipment], places: Sequence[int]) -> dict[int, Taken]:
        """Post these shipments; return what is known of them, which is only who is at fault where that is somebody."""
        chosen = [self._due(shipments[place]) for place in places]
        answer = self._ask("book", calls.create_call(self.account, chosen))
        if answer.status == 400:
            if at_fault := answers.read_rejected(answer, self.account, chosen):
                return {places[place]: refusal for place, refusal in at_fault.items()}
            raise answers.refusal(answer)
        batch, kind = answers.read_batch(answer), given.format_of(self.account)
        return dict(zip(places, answers.pending(chosen, batch, kind), strict=True))

    def _due(self, shipment: Shipment) -> Shipment:
        """Return a shipment without the day it was to leave, where that went by while it waited: it leaves at once."""
        is_late = shipment.ship_on is not None and shipment.ship_on < self._today()
        return replace(shipment, ship_on=None) if is_late else shipment

    def _cancel(self, parcel: Parcel) -> Cancelled | CarrierError:
        answer = self._ask("cancel", calls.cancel_call(self.account, calls.number_of(parcel)))
        if became := answers.read_cancelled(answer):
            return became
        (told,) = self.track([parcel])  # PPL refuses a second cancellation and a late one in the same way
        if told.state is State.CANCELLED:
            return Cancelled.BEFORE
        return answers.refusal(answer) if told.state in NOT_THERE_YET else Cancelled.TOO_LATE

    def _pages(self, parcels: Sequence[Parcel], kind: Format) -> Mapping[str, Sequence[sheets.Page]]:
        """Return the pages of each parcel by its number; where one fails, keep those before it for the next call."""
        addresses = self._addresses(parcels)
        asked = [(parcel, self._label_call(parcel, addresses)) for parcel in parcels]
        before, got = self._fetched, dict[tuple[str, Format], Sequence[sheets.Page]]()
        self._fetched = {}
        try:
            for parcel, call in asked:
                key = call.url, kind
                got[key] = got.get(key) or before.get(key) or self._file(call, calls.batch_of(parcel), kind)
        except CarrierError:
            self._fetched = got
            raise
        return {calls.number_of(parcel): got[call.url, kind] for parcel, call in asked}

    def _addresses(self, parcels: Sequence[Parcel]) -> Mapping[str, str]:
        """Return the addresses of labels by number; what a booking did not tell, its batch may tell by now."""
        known = {calls.number_of(parcel): url for parcel in parcels if (url := calls.label_url(parcel))}
        silent = {calls.batch_of(parcel): None for parcel in parcels if not calls.label_url(parcel)}
        for batch in filter(None, silent):
            known = {**answers.read_addresses(self._ask("labels", calls.poll_call(self.account, batch))), **known}
        return known

    def _label_call(self, parcel: Parcel, addresses: Mapping[str, str]) -> Call:
        number = calls.number_of(parcel)
        call = calls.label_call(self.account, addresses.get(number, ""))
        if call is None:
            why = f"the label of {number} cannot be asked for: cancel it and book again"
            kind = Kind.UNKNOWN if calls.batch_of(parcel) else Kind.UNSUPPORTED  # its batch may tell another time
            raise CarrierRefused(self.code, "labels", why, kind=kind)
        return call

    def _file(self, call: Call, batch: str, kind: Format) -> Sequence[sheets.Page]:
        """Fetch a file of labels; where the batch was made in another format, have it changed first, if that is on."""
        pages = sheets.read_pages(self._ask("labels", call), kind)
        if pages is None and not self.is_on(rules.RELABEL):
            change = f"set label_format back until it is printed, or switch on {rules.RELABEL}"
            why = f"the label was made when the login asked for another format than {kind.upper()}: {change}"
            raise CarrierRefused(self.code, "labels", why, kind=Kind.ACCOUNT)
        if pages is None and batch:
            self._ask("labels", calls.relabel_call(self.account, batch, kind)).expect_ok()
            pages = sheets.read_pages(self._ask("labels", call), kind)
        if pages is None:
            raise CarrierBusy(self.code, "labels", "the labels are not made in this format yet", wait_s=answers.WAIT_S)
        return pages

    def _ask(self, operation: str, call: Call) -> Answer:
        """Make a call with a token; a token refused before its time proves that nothing was done, so ask anew, once."""
        token = self._login.token(self._ask_token)
        answer = self.send(operation, calls.signed(call, token))
        if answer.status == 401 and self._login.forget(token):
            answer = self.send(operation, calls.signed(call, self._login.token(self._ask_token)))
        return answer

    def _ask_token(self) -> Answer:
        return self.send("login", calls.token_call(self.account))
