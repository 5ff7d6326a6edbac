"""GLS in seven countries by MyGLS: labels come with the booking, statuses by polling, points from an open list.

Errors come with HTTP 200 and name our references; a lost answer is looked for in the list of what was printed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from carriers import batches, check, labels, pages
from carriers.base import Able, Account, Booked, Cancelled, Carrier, Format, Label, Now, Parcel, Point, Taken, Tracked
from carriers.errors import CarrierError, CarrierRefused, Fault, Kind
from carriers.gls import answers, body, calls, contract, points, rules, scans, services
from carriers.gls.contract import PRODUCTION, SANDBOX, ZONES
from carriers.gls.parcel import turned
from carriers.money import Money
from carriers.shipment import Shipment
from carriers.states import State
from carriers.wire import Send

__all__ = ["PRODUCTION", "SANDBOX", "Gls"]

TRACKED_AT_ONCE = 100
TRACKING_PAGE = "https://gls-group.eu/CZ/cs/sledovani-zasilek?match="


class Gls(Carrier):
    """MyGLS (docs/carriers.md 4)."""

    code = contract.CODE
    sandbox = SANDBOX["CZ"]
    able = Able(
        services={
            services.PARCEL: "to an address",
            services.POINT: "to a parcel shop or locker",
            "24H": "within 24 hours",
            "T09": "by nine",
            "T10": "by ten",
            "T12": "by noon",
            "SAT": "on Saturday",
        },
        countries=frozenset(ZONES),
        to_point=frozenset({services.POINT}),
        cod=frozenset({"CZK", "EUR", "HUF", "RON", "RSD"}),
        points=True,
        boxes=99,
        batch=50,
        formats=frozenset(Format),
        label_batch=99,
        label_with_booking=True,
        track_batch=1,
        cancel_batch=50,
        finds=True,
        takes=frozenset({"sender", "ship_on", "boxes.content"}),
        insures=frozenset(check.CURRENCIES[country] for country in ZONES),
        changes_cod=True,
        unproven={
            "abroad": "GLS carries to the whole Union, post codes without hyphens; COD in its seven countries only",
            "returns": "the label for the way back is service SRS, PRS or LRS, from the recipient to us",
            "track_list": "GetParcelListStatuses answers for a hundred numbers as GetParcelStatuses does for one",
            "tracking_page": "the page customers follow a parcel on is the Czech one whatever the country",
            "unlisted": "a label that GLS does not delete and the list of printed parcels lacks was deleted before",
        },
    )
    needs: ClassVar[Mapping[str, str]] = {
        "username": "the e-mail address of the MyGLS login",
        "password": "the password of the MyGLS login",
        "client_number": "the number of the contract with GLS, digits only",
        "sender_name": "whose parcels these are, as on the label",
        "sender_street": "the street parcels are picked up at, with its number",
        "sender_city": "the town parcels are picked up in",
        "sender_zip": "the post code of that town",
        "sender_country": "the country of the contract: CZ, SK, HU, RO, SI, HR or RS",
    }
    may_give: ClassVar[Mapping[str, str]] = {
        "sender_house_number": "the number of that street, where it does not stand in it",
        "sender_company": "the company they are of, where that is not the name",
        "sender_phone": "a telephone number GLS may call about them",
        "sender_email": "an e-mail address GLS may write to about them",
        "sender_identity_card": "the sender's identity card, of a contract in Serbia only",
        "printer": "a TypeOfPrinter with one label a page; a ZPL one makes labels come as ZPL with the booking",
        "return_service": "the service of the way back: SRS, as without it, PRS, or LRS of a contract in Hungary",
        "points_url": "where the lists of points are, if not at GLS's own address",
    }
    secret = frozenset({"password"})
    whose = frozenset({"username", "client_number"})
    options: ClassVar[Mapping[str, str]] = services.OPTIONS

    def __init__(self, account: Account, send: Send, now: Now) -> None:
        super().__init__(account, send, now)
        home = check.CURRENCIES.get(contract.home_of(account))
        self.able = replace(
            Gls.able,
            countries=Gls.able.countries | (check.UNION if self.is_on("abroad") else frozenset()),
            insures=frozenset({home}) if home else Gls.able.insures,
            returns=self.is_on("returns"),
            track_batch=TRACKED_AT_ONCE if self.is_on("track_list") else 1,
        )

    def test(self) -> None:
        answer = self.send("test", calls.list_call(self.account, since=self.now(), until=self.now()))
        told = body.mapping(answer)
        for said in body.errors(told):
            raise body.error(answer, said)
        if "PrintDataInfoList" not in told:
            raise answer.unreadable("the answer has no list of parcels")

    def test_all(self) -> None:
        """Ask whether GLS lets us in, of an account that names what GLS has.

        Only who enters a login is told: `test` also finds out whether a carrier is back, and no parcel waits for this.
        """
        contract.expect_printer(self.account)
        contract.way_back(self.account)
        self.test()

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        home = contract.given(self.account, "sender_country")
        return list(rules.faults(shipment, self.able, home=home, now=self._here()))

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        """Have labels made; a batch that cannot be read as a whole is asked one by one, to save the good ones."""
        return batches.booked(shipments, self._created)

    def find(self, shipment: Shipment, *, since: datetime) -> Booked | None:
        answer = self.send("find", calls.list_call(self.account, since=since, until=self.now()))
        found = answers.read_found(answer, shipment, self._page())
        return found and answers.dated(found, since)

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        """Return the labels of parcels in this order, one page each.

        One call for all where each page says whose it is, else one for each parcel: GLS promises no order.
        """
        ids = calls.parcel_ids(parcels, "labels")
        numbers = [parcel.number for parcel in parcels]
        call = calls.reprint_call(self.account, ids, kind)
        label = answers.read_printed(self.send("labels", call), kind, numbers)
        if len(numbers) == 1:
            return label
        ordered = pages.in_order(label, numbers, digits=answers.DIGITS)
        if ordered or len(ids) == 1:
            return ordered or label
        return labels.merged([self.labels(those, kind) for those in _by_id(parcels)])

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked]:
        numbers = [parcel.number for parcel in parcels]
        if not self.is_on("track_list"):
            return [self._tracked(number) for number in numbers]
        if not (known := list(filter(None, map(body.checked, numbers)))):
            return [Tracked(number, State.UNKNOWN) for number in numbers]
        answer = self.send("track", calls.many_call(self.account, known))
        return scans.read_many(answer, numbers, contract.zone_of(self.account))

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled | CarrierError]:
        """Take parcels back; GLS says the same (6) of one that it has and of one that was deleted before (4.5).

        Only the list of printed parcels may tell them apart: that a parcel has no scan yet proves nothing.
        """
        ids = calls.parcel_ids(parcels, "cancel")
        ended = answers.read_deleted(self.send("cancel", calls.delete_call(self.account, ids)), parcels)
        late = [parcel for parcel, one in zip(parcels, ended, strict=True) if one is Cancelled.TOO_LATE]
        told = dict(zip([parcel.number for parcel in late], self._late(late), strict=True))
        return [told.get(parcel.number, one) for parcel, one in zip(parcels, ended, strict=True)]

    def change_cod(self, parcels: Sequence[Parcel], amount: Money) -> None:
        """Have another amount collected, 0 for none; boxes have one COD together, on the first: it is asked for there.

        The call names no currency, so it must be that of the country the parcel goes to.
        """
        first = min(parcels, key=lambda parcel: parcel.number)
        ids = calls.parcel_ids([first], "change_cod")
        if faults := list(rules.amount_faults(amount, self._country(first))):
            why = "; ".join(map(str, faults))
            raise CarrierRefused(self.code, "change_cod", why, kind=Kind.CONTENT, faults=faults)
        answers.read_changed(self.send("change_cod", calls.cod_call(self.account, ids[0], amount)))

    def is_number(self, number: str) -> bool:
        return len(number) == answers.DIGITS + 1 and body.checked(number) is not None

    def return_label(self, shipment: Shipment) -> Booked:
        if not self.is_on("returns"):
            raise self.lacks("return_label", "GLS's return service is not switched on for this account")
        taken = self._created([turned(self.account, shipment)], operation="return_label")[0]
        if isinstance(taken, CarrierError):
            raise taken
        return taken

    def points(self, country: str) -> Iterator[Point]:
        if country not in self.able.countries:
            raise self.lacks("points", f"GLS has no list of points for {country}")
        yield from points.read_points(self.send("points", calls.points_call(self.account, country)), country)

    def _created(self, shipments: Sequence[Shipment], *, operation: str = "book") -> Sequence[answers.Result]:
        kind, today = booked_as(self.account), self._here().date()
        due = [replace(one, ship_on=None) if one.ship_on and one.ship_on < today else one for one in shipments]
        since, answer = self.now(), self.send(operation, calls.create_call(self.account, due, kind))
        taken = answers.read_created(answer, shipments, kind, self._page())
        return [answers.dated(one, since) if isinstance(one, Booked) else one for one in taken]

    def _tracked(self, number: str) -> Tracked:
        whole = body.checked(number)
        if whole is None:  # not a number of GLS
            return Tracked(number, State.UNKNOWN)
        # The contract has the call take the long number, a client says that it takes the short one (4.7): reading is
        # free, so what is not known by the one is asked for by the other.
        told = self._told(whole, number)
        return told if told.scans else self._told(whole[:-1], number)

    def _country(self, parcel: Parcel) -> str:
        """Return the country a parcel goes to, asked for where it was booked before we kept that."""
        if kept := parcel.handle.ids.get(answers.COUNTRY):
            return kept
        whole = body.checked(parcel.number)
        if whole is None:
            raise CarrierRefused(self.code, "change_cod", f"{parcel.number} is no number of GLS", kind=Kind.UNKNOWN)
        try:
            return self._asked_country(whole)
        except CarrierRefused as refused:
            if refused.kind is not Kind.UNKNOWN:
                raise
            return self._asked_country(whole[:-1])

    def _asked_country(self, number: str) -> str:
        return scans.read_country(self.send("change_cod", calls.statuses_call(self.account, number)))

    def _late(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled | CarrierError]:
        """Return what to make of parcels GLS does not take back, after one call at most; else a person looks."""
        since = answers.printed_from(parcels) if self.is_on("unlisted") else None
        if since is None:
            why = "GLS does not take it back: it has it already, or its label was deleted before"
            return [CarrierRefused(self.code, "cancel", why, kind=Kind.TOO_LATE, code="6")] * len(parcels)
        try:
            answer = self.send("cancel", calls.list_call(self.account, since=since, until=self.now()))
            listed = answers.read_listed(answer)
        except CarrierError as error:  # what was deleted beside them stays deleted
            return [error] * len(parcels)
        is_there = [parcel.handle.ids["ParcelId"] in listed for parcel in parcels]
        return [Cancelled.TOO_LATE if one else Cancelled.BEFORE for one in is_there]

    def _told(self, asked: str, number: str) -> Tracked:
        answer = self.send("track", calls.statuses_call(self.account, asked))
        return scans.read_statuses(answer, number, contract.zone_of(self.account))

    def _here(self) -> datetime:
        return self.now().astimezone(contract.zone_of(self.account))

    def _page(self) -> str:
        return TRACKING_PAGE if self.is_on("tracking_page") else ""


def booked_as(account: Account) -> Format:
    """Return what labels come as with the booking: ZPL where the account has chosen such a printer."""
    return Format.ZPL if account.given.get("printer", "").strip() in contract.ROLLS[Format.ZPL] else Format.PDF


def _by_id(parcels: Sequence[Parcel]) -> list[list[Parcel]]:
    found: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        found.setdefault(parcel.handle.ids["ParcelId"], []).append(parcel)
    return list(found.values())
