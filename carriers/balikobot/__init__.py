"""Balíkobot: an umbrella over the carriers of Czech and Slovak shops, one adapter for all of them.

A service is `<shipper>/<service_type>` (`ppl/46`), and every list is cut by shipper here, so that callers may mix them.
What is booked, its carrier has not heard of before `close`. Source: docs/carriers.md 6.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import ClassVar

from carriers import check
from carriers import labels as printing
from carriers.balikobot import (
    answers,
    calls,
    cars,
    declared,
    feed,
    fields,
    login,
    papers,
    returns,
    rules,
    said,
    services,
    tracking,
)
from carriers.base import (
    Account,
    Booked,
    Cancelled,
    Carrier,
    Collection,
    Format,
    Label,
    Manifest,
    Now,
    Parcel,
    Point,
    Taken,
    Tracked,
)
from carriers.check import CODES, fault
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.shipment import PointRef, Shipment
from carriers.states import State
from carriers.wire import Send

PRODUCTION = "https://apiv2.balikobot.cz"
SANDBOX = PRODUCTION  # keys tell live from test, not hosts


class Balikobot(Carrier):
    """All of Balíkobot's carriers. A parcel's handle holds whose it is, for what is asked later."""

    code: ClassVar[str] = "balikobot"
    sandbox = SANDBOX
    able = rules.ABLE
    needs: ClassVar[Mapping[str, str]] = {
        "user": "the API user of the dispatch place, from Balíkobot's administration",
        "key": "the API key that goes with this user",
    }
    secret: ClassVar[frozenset[str]] = frozenset({"key"})
    whose: ClassVar[frozenset[str]] = frozenset({"user"})
    options: ClassVar[Mapping[str, str]] = fields.OPTIONS | check.DECLARED
    may_give: ClassVar[Mapping[str, str]] = {
        "services": "services of the contract besides the listed ones, with commas: zasilkovna/4161, toptrans/1",
        "carriers": "whose pick-up points are wanted, with commas: cp, ppl; without it those of all",
        "point_services": "which services of the contract end at pick-up points, with commas: inpost/1, fan/FANbox",
        "collects": "the carriers whose cars `collect` asks for, the usual one first: dpd, cp",
        "return_services": "the services of return labels, one of a shipper, with commas; PPL's is known: gls/4",
        **{f"return_{name}": f"where parcels come back to: {what}" for name, what in returns.SHOP.items()},
        "keys": "test, where these are keys for testing, whose labels nobody takes; without it live ones are expected",
        **dict.fromkeys(fields.COD_ACCOUNT, "where COD money goes, if not to the account of the profile"),
    }

    def __init__(self, account: Account, send: Send, now: Now) -> None:
        super().__init__(account, send, now)
        self.able = rules.offered(account)

    def test(self) -> None:
        """Ask whose keys these are; raise LOGIN where they are nobody's."""
        said.done(self.send("test", calls.whoami(self.account)))

    def test_all(self) -> None:
        """Prove the login as `test`, that the keys are of the sort expected, and all that the account names.

        Raise ACCOUNT for keys of the other sort and for a shipper not activated, CONTENT for what is no service.
        """
        login.prove(self)

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        """Return what chapter 6.2 and the shippers' own chapters would have refused; `ask_valid` asks them."""
        return list(rules.faults(shipment, self.account))

    def validate_back(self, shipment: Shipment) -> Sequence[Fault]:
        """Say that a shipper has no service for the way back, where none is known or named."""
        return list(returns.faults(self.account, shipment))

    def ask_valid(self, shipment: Shipment) -> Sequence[Fault]:
        """Ask what is wrong with a shipment without making anything (`check`)."""
        [wrong] = answers.read_checked(self.send("ask_valid", calls.checked(self.account, [shipment])), [shipment])
        if wrong is None:
            return ()
        if not isinstance(wrong, CarrierRefused) or wrong.kind is not Kind.CONTENT:
            raise wrong
        return wrong.faults or (Fault(None, wrong.code, wrong.why),)

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        """Have packages made, one call for each shipper; what was made before under its `eid` comes back `again`.

        With shippers mixed, what befalls one shipper's call stands at its shipments, and the others go on.
        """
        taken: dict[int, Taken] = {}
        groups = self._by_shipper(shipments, taken)
        for shipper, places in groups:
            some = [shipments[place] for place in places]
            try:
                results: Sequence[Taken] = self._add(shipper, some)
            except CarrierError as failed:
                if len(places) == len(shipments):
                    raise
                results = [failed] * len(places)
            taken |= zip(places, results, strict=True)
        return [taken[place] for place in range(len(shipments))]

    def find(self, shipment: Shipment, *, since: datetime) -> Booked | None:  # noqa: ARG002  # all that is open is short
        """Look among the packages not yet ordered. None is no proof, but `book` again answers with what was made."""
        shipper = services.shipper_of(shipment.service)
        found = answers.read_overview(self.send("find", calls.overview(self.account, shipper)), shipper, shipment)
        return self._noted(found, shipment) if found else None

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        """Return one PDF in this order, of none an empty one; refuse when the client zone lays several on a page.

        One file of a shipper's where each page says whose it is, else one for each: no order is promised (6.3).
        """
        if kind is not Format.PDF:
            raise self.lacks("labels", "Balíkobot makes PDF labels only")
        if not parcels:
            return Label(kind, b"")
        made = [label for shipper, run in _runs(parcels) for label in papers.printed(self, shipper, run)]
        try:
            return papers.merged(made)
        except printing.Unprintable as broken:
            raise CarrierUnreachable(self.code, "labels", str(broken), unclear=False, answered=True) from None

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked | CarrierBusy]:
        """Return the histories, one call for each shipper; raise where none of them could be asked.

        Where the parcels of the others are is told though one shipper is away: those of that one are left out. Too
        many calls are the login's own, so then no other shipper is asked, and the error ends the list.
        """
        known: dict[tuple[str, str], Tracked] = {}
        failed: list[CarrierError] = []
        for shipper, some in _shippers(parcels):
            try:
                for one in self._histories(shipper, some):
                    known[shipper, one.number] = one
            except CarrierError as error:
                failed.append(error)
                if not known and isinstance(error, CarrierRefused) and error.kind is Kind.LOGIN:
                    raise
                if said.wants_rest(error):
                    break
        rests = [error for error in failed if said.wants_rest(error)]
        if failed and not known:
            raise [*rests, *failed][0]
        told = [
            replace(known[place], partner=_partner(parcel))
            for parcel in parcels
            if (place := (_shipper(parcel), parcel.number)) in known
        ]
        return [*told, *rests]

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled]:
        """Drop packages one by one: an answer for many would not say which of them were ordered already."""
        return [
            answers.read_dropped(
                self.send("cancel", calls.drop(self.account, _shipper(parcel), [papers.id_of(parcel)]))
            )
            for parcel in parcels
        ]

    def collect(self, collection: Collection) -> str:
        """Ask for the cars of the parcels' shippers, as far as the account's `collects` has them; else for the first.

        Most give no number, which is then empty. Once a car is asked for, what fails after it is for a person, who is
        told the numbers of those that come: nobody may ask for all of them again.
        """
        came: list[str] = []
        numbers: list[str] = []
        for shipper, share in cars.shared(self.account, collection):
            try:
                answer = self.send("collect", calls.pickup(self.account, shipper, share))
                numbers.append(answers.read_pickup(answer))
            except CarrierError as failed:
                if not came:
                    raise
                raise cars.left(came, shipper, failed) from None
            came.append(f"{shipper} {numbers[-1]}".rstrip())
        return ", ".join(filter(None, numbers))

    def close(self, parcels: Sequence[Parcel], on: date) -> Manifest:  # noqa: ARG002  # `order` is for now, always
        """Order what is handed over: one order for each shipper, numbers and protocols of all in one manifest.

        Only the packages an answer names are covered. A shipper that fails is raised where none was ordered: what is
        ordered must be known as such, for in another order it would be refused (405). Beside others, what it refused
        is left uncovered and the rest is doubted: told again in the same set, it is 208. So is what was not asked any
        more, after too many calls.
        """
        orders: list[Manifest] = []
        failed: list[CarrierError] = []
        doubted: list[str] = []
        for shipper, some in _shippers(parcels):
            if failed and said.wants_rest(failed[-1]):
                doubted += [parcel.number for parcel in some]
                continue
            try:
                orders.append(self._order(shipper, some))
            except CarrierError as error:
                failed.append(error)
                doubted += [] if isinstance(error, CarrierRefused) else [parcel.number for parcel in some]
        if failed and not orders:
            raise min(failed, key=_certainty)
        protocols = [order.document for order in orders if order.document]
        try:
            document = papers.merged(protocols) if protocols else None
        except printing.Unprintable:
            document = None  # as with a protocol that cannot be had: it is handed over all the same
        covers = {number for order in orders for number in order.covers}
        return Manifest(
            ", ".join(order.number for order in orders),
            tuple(parcel.number for parcel in parcels if parcel.number in covers),
            document,
            tuple(doubted),
        )

    def return_label(self, shipment: Shipment) -> Booked:
        """Make the parcel of the way back and tell its carrier at once, for nobody hands it over; its label is with it.

        Asked again it is answered with what was made, and ordered, before. What is refused then is dropped, or a second
        try with other content would be answered with, and ordered as, what was made now.
        """
        if not self.is_on(returns.SWITCH):
            raise self.lacks("return_label", rules.ABLE.unproven[returns.SWITCH])
        back = returns.turned(self.account, shipment)
        shipper = services.shipper_of(back.service)
        [taken] = self._add(shipper, [back], operation="return_label")
        if not isinstance(taken, Booked):
            raise taken if isinstance(taken, CarrierError) else self.lacks("return_label")
        ids = [papers.id_of(parcel) for parcel in taken.parcels]
        answer = self.send("return_label", calls.order(self.account, shipper, ids))
        try:
            answers.read_order(answer)
        except CarrierRefused as refused:
            self._drop_rest(shipper, refused, ids)
            raise
        return replace(taken, label=papers.told(self, answer, taken.parcels))

    def points(self, country: str) -> Iterator[Point]:
        """Yield each shipper's points once, `network` being the shipper; one that is not activated has none.

        What is raised on the way leaves the list unfinished: nobody may take a point that is lacking for closed.
        """
        wanted = services.listed(self.account.given.get("carriers", ""))
        seen: set[tuple[str, str]] = set()
        for service, product in services.of(self.account).items():
            shipper = services.shipper_of(service)
            if not product.to_point or product.country not in (None, country) or (wanted and shipper not in wanted):
                continue
            for point in self._points(service, country):
                if (shipper, point.point_id) not in seen:
                    seen.add((shipper, point.point_id))
                    yield point

    def listed_point(self, shipment: Shipment) -> PointRef | None:
        """Return a point of a shipper's; None for a service whose points not every login is shown."""
        product, shipper = services.SERVICES.get(shipment.service), services.shipper_of(shipment.service)
        if shipment.point is None or product is None or not product.to_point:
            return None
        return PointRef(calls.branch_of(shipper, shipment.point), shipper)

    def _by_shipper(
        self, shipments: Sequence[Shipment], refused: dict[int, Taken] | dict[int, CarrierError | None]
    ) -> list[tuple[str, list[int]]]:
        """Return the places of each shipper's shipments; those of a service nobody offers are refused at once."""
        offered, groups = self.able.services, dict[str, list[int]]()
        for place, shipment in enumerate(shipments):
            if shipment.service in offered:
                groups.setdefault(services.shipper_of(shipment.service), []).append(place)
            else:
                found = [fault("service", "not_offered")]
                why = f"service {shipment.service!r} {CODES['not_offered']}"
                refused[place] = CarrierRefused(self.code, "book", why, kind=Kind.CONTENT, faults=found)
        return list(groups.items())

    def _add(self, shipper: str, shipments: Sequence[Shipment], *, operation: str = "book") -> Sequence[Taken]:
        answer = self.send(operation, calls.add(self.account, shipments))
        taken = answers.read_added(answer, shipper, shipments)
        for one in taken:
            if isinstance(one, answers.Torn):
                self._drop_rest(shipper, one, one.left)
        told = zip(taken, shipments, strict=True)
        return [self._noted(one, shipment) if isinstance(one, Booked) else one for one, shipment in told]

    def _noted(self, booked: Booked, shipment: Shipment) -> Booked:
        return replace(booked, notes=booked.notes + tuple(declared.notes(self.account, shipment)))

    def _drop_rest(self, shipper: str, refused: CarrierRefused, package_ids: Sequence[str]) -> None:
        """Drop what was made of a shipment that is refused all the same; `refused` then names what could not be."""
        for package_id in package_ids:
            try:
                ended = answers.read_dropped(self.send("cancel", calls.drop(self.account, shipper, [package_id])))
            except CarrierError:  # a person learns of it with the refusal, and acts anyway
                refused.why += f"; package {package_id} of it was made and is to be dropped in Balíkobot"
            else:
                if ended is Cancelled.TOO_LATE:
                    refused.why += f"; package {package_id} of it was made and ordered, and must not be handed over"
        refused.args = (f"{refused.carrier}, {refused.operation}: {refused.why}",)

    def _histories(self, shipper: str, parcels: Sequence[Parcel]) -> Iterator[Tracked]:
        """Yield the histories of one shipper's parcels, and once more those of which more is known then.

        It has not heard of what is not ordered, and tells it no otherwise than a number of nobody: for numbers without
        a history one more call asks what is waiting to be ordered. Where it fails, what is told before it stands.
        """
        numbers = [parcel.number for parcel in parcels]
        told = tracking.read_tracked(self.send("track", calls.track(self.account, shipper, numbers)), numbers)
        yield from told
        if silent := [one for one in told if not one.scans]:
            waiting = answers.read_waiting(self.send("track", calls.overview(self.account, shipper)))
            yield from (replace(one, state=State.CREATED) for one in silent if one.number in waiting)

    def _order(self, shipper: str, parcels: Sequence[Parcel]) -> Manifest:
        answer = self.send("close", calls.order(self.account, shipper, [papers.id_of(parcel) for parcel in parcels]))
        number, ids, link = answers.read_order(answer)
        covers = tuple(parcel.number for parcel in parcels if ids is None or papers.id_of(parcel) in ids)
        try:
            document = papers.document(self, "close", link, covers) if link else None
        except CarrierError:
            document = None  # it is handed over all the same, and the protocol can be had in the client zone
        return Manifest(f"{shipper} {number}".rstrip(), covers, document)

    def _points(self, service: str, country: str) -> Iterator[Point]:
        """Yield a service's points from the full list, or from the short one where its carrier has no other."""
        for is_full in (True, False):
            answer = self.send("points", calls.branches(self.account, service, country, is_full=is_full))
            try:
                yield from feed.read_points(answer, services.shipper_of(service), country)
            except CarrierRefused as refused:
                # What the account alone takes for a service with points may be none: that says nothing of the others.
                is_guess = refused.kind is Kind.CONTENT and services.is_open(service)
                if refused.kind not in (Kind.ACCOUNT, Kind.UNSUPPORTED, Kind.UNKNOWN) and not is_guess:
                    raise
            else:
                return


def _certainty(error: CarrierError) -> int:
    """Return how sure it is that nothing was done, for as long as there is no more to ask: a refusal comes last."""
    if isinstance(error, CarrierRefused):
        return 2
    return 0 if isinstance(error, CarrierUnreachable) and error.unclear else 1


def _shipper(parcel: Parcel) -> str:
    return parcel.handle.ids["shipper"]


def _partner(parcel: Parcel) -> tuple[str, str] | None:
    """Return number and page at the carrier that carries it on; None: the booking named none."""
    number = parcel.handle.ids.get("final")
    return (number, parcel.handle.ids.get("final_url", "")) if number else None


def _runs(parcels: Sequence[Parcel]) -> Iterator[tuple[str, list[Parcel]]]:
    """Yield neighbours of one shipper, which keeps the order of all."""
    return ((shipper, list(run)) for shipper, run in groupby(parcels, key=_shipper))


def _shippers(parcels: Sequence[Parcel]) -> Iterator[tuple[str, list[Parcel]]]:
    """Yield each shipper once with its parcels."""
    return _runs(sorted(parcels, key=_shipper))
