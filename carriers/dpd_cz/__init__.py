"""DPD for Czech contracts, by GeoAPI: sync, by API key, bound to nothing until a label is printed.

Source: docs/carriers.md 3.0, 3A, 3.9. Two other APIs of DPD (3B, 3C) have nothing in common with this one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from carriers import batches, check, labels, pages
from carriers.base import (
    Able,
    Account,
    Booked,
    Cancelled,
    Carrier,
    Collection,
    Format,
    Hidden,
    Label,
    Now,
    Parcel,
    Point,
    Taken,
    Tracked,
)
from carriers.cars import Left, Ordered
from carriers.dpd_cz import answers, barcode, calls, cars, points, rules, services
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.shipment import Shipment
from carriers.states import State
from carriers.wire import Answer, Call, Send

PRODUCTION = "https://geoapi.dpd.cz/v1"
SANDBOX = "https://geoapi-test.dpd.cz/v1"
POINTS = "https://pickup.dpd.cz/api"
MANY = 20  # are tracked in one call; no limit is documented

CROWNS = frozenset({"CZK"})
ABROAD = frozenset({"EUR", "HUF", "PLN", "RON"})

UNPROVEN = {
    "cod_abroad": "COD in EUR, HUF, PLN and RON; the contract is sure of CZK only",
    "collect_address": "a car comes to customerAddress, a field one client has and no document; else for each parcel",
    "collections": "fetched elsewhere: ThirdPartyCollection from another sender, Collection or Import on the way back; "
    "only the names are documented, a sender written as a receiver is our reading",
    "delete": "cancel by DELETE /shipments/{id}, which one client does",
    "find_list": "look for a lost booking in GET /parcels?from=&to=, which two clients know and no document",
    "insure_abroad": "insurance in EUR, HUF, PLN and RON, which one client says is refused",
    "more_services": "Guarantee, Express, Pneu, 12:00, same day, from shops, swap and declared value, of which only "
    "the names are documented; that they say true, or an amount, is our reading",
    "payment_upper": "COD says CASH or CASH_OR_CARD, as one client does, in place of Cash and CashOrCard",
    "returns": "a return as shipment type Return with dpdReturn, sent by the recipient; only the names are documented",
    "status_words": "states by the English words of an event, as one client reads them; else only code 13 is known",
    "track_batch": "POST /parcels/tracking with {parcels: [numbers]}, a body seen in one client; else one by one",
    "zpl_page": "ZPL is asked for with a page, as PDF is; else with its type alone, as one client does",
}


class DpdCz(Carrier):
    """DPD CZ; duplicates are not detected there, and what is not printed is harmless."""

    code: ClassVar[str] = "dpd_cz"
    sandbox = SANDBOX
    able = Able(
        services={name: services.SERVICES[name][0] for name in services.PROVEN},
        countries=frozenset(barcode.NUMERIC),
        to_point=services.TO_POINT,
        cod=CROWNS,
        points=True,
        boxes=20,  # no limit is documented
        batch=10,  # 50 are allowed, five to ten recommended: one bad shipment may have the whole refused
        formats=frozenset({Format.PDF, Format.ZPL}),
        label_batch=50,  # no limit is documented
        collects=True,
        repeat_is_free=True,  # nothing is binding until its label is printed (3A)
        takes=frozenset({"boxes.value", "cod.card_allowed"}),
        insures=CROWNS,
        recalls_cars=True,
        tells_of_cars=True,
        most_weight_g=31_500,
        unproven=UNPROVEN,
    )
    needs: ClassVar[Mapping[str, str]] = {
        "api_key": "the key DPD gave you for GeoAPI",
        "dsw": "your customer number at DPD (DSW)",
        "address_id": "the id of the address your parcels leave from (it4emId)",
    }
    may_give: ClassVar[Mapping[str, str]] = {
        "points_url": "where the list of pick-up points is, if not at DPD's own address",
    }
    secret: ClassVar[frozenset[str]] = frozenset({"api_key"})
    whose: ClassVar[frozenset[str]] = frozenset({"dsw"})
    options: ClassVar[Mapping[str, str]] = services.OPTIONS

    def __init__(self, account: Account, send: Send, now: Now) -> None:
        super().__init__(account, send, now)
        self.able = able_of(account)

    def test(self) -> None:
        """Ask who we are; raise where the key is wrong, or the customer or the address is not the key's."""
        customers = answers.read_me(self._ask("test", calls.me_call(self.account)))
        dsw, address_id = (self.account.given.get(name, "").strip() for name in ("dsw", "address_id"))
        if dsw not in customers:
            raise self._wrong(f"customer number {dsw} is not of this key, which has {', '.join(customers) or 'none'}")
        if address_id not in customers[dsw]:
            raise self._wrong(
                f"address {address_id} is not registered, which are {', '.join(customers[dsw]) or 'none'}"
            )

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        return list(rules.faults(shipment, self.able, switches=self.account.switches))

    def validate_back(self, shipment: Shipment) -> Sequence[Fault]:
        """Say that a return is one box; what a return is fetched by, `validate` tells."""
        return [check.fault("boxes", "too_many", 1)] if len(shipment.boxes) > 1 else []

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        """Have labels made; a batch that is refused for its content is asked one by one, to save the good ones.

        Nothing says whether a refused batch made some. What it made would be unprinted, and that binds nobody (3A).
        """
        return batches.booked(
            shipments, lambda some: self._created("book", calls.create_call(self.account, some), some)
        )

    def find(self, shipment: Shipment, *, since: datetime) -> Booked | None:
        """Look through the parcels made since that day for this shipment's references."""
        if not self.is_on("find_list"):
            raise self.lacks("find", "no look-up is documented; a second booking is harmless while nothing is printed")
        first, last = (at.astimezone(answers.PRAGUE).date() for at in (since, self.now()))
        answer = self._ask("find", calls.list_call(self.account, since=first, until=last))
        return answers.read_found(answer, shipment)

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        """Return the labels in this order; from then on DPD counts on the parcels.

        One call for all where each page says whose it is, else one for each parcel: DPD promises no order.
        """
        numbers = [parcel.number for parcel in parcels]
        label = self._printed(numbers, kind)
        if len(numbers) == 1:
            return label
        ordered = pages.in_order(label, numbers, digits=barcode.DIGITS)
        return ordered or labels.merged([self._printed([number], kind) for number in numbers])

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked]:
        by_words = self.is_on("status_words")
        numbers = [parcel.number for parcel in parcels]
        if self.is_on("track_batch"):
            answer = self._ask("track", calls.track_many_call(self.account, numbers))
            return answers.read_tracked_many(answer, numbers, by_words=by_words)
        told = [self._tracked(number, by_words=by_words) for number in numbers]
        lost = [one for one in told if isinstance(one, CarrierUnreachable)]
        if lost and len(lost) == len(told):
            raise lost[0]
        # What cannot be read of one number must not hold up the others for ever.
        return [
            one if isinstance(one, Tracked) else Tracked(n, State.UNKNOWN) for n, one in zip(numbers, told, strict=True)
        ]

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled | CarrierError]:
        """Delete shipments, each whole; one that would lose a parcel nobody named is refused."""
        if not self.is_on("delete"):
            raise self.lacks("cancel", "DPD has no cancellation: what is not printed binds nobody, what is stays")
        shipments = [parcel.handle.ids.get("shipment", "") for parcel in parcels]
        for parcel, shipment in zip(parcels, shipments, strict=True):
            if not shipment or shipments.count(shipment) != int(parcel.handle.ids.get("boxes", "1")):
                raise self.lacks("cancel", f"DPD deletes a shipment with all its boxes, and {parcel.number} is but one")
        ended = {one: self._deleted(one) for one in dict.fromkeys(shipments)}
        return [ended[shipment] for shipment in shipments]

    def is_number(self, number: str) -> bool:
        """Say whether this can be a number of DPD's: 14 digits, of which none checks the others."""
        return bool(barcode.NUMBER.fullmatch(number))

    def collect(self, collection: Collection) -> str:
        """Order a car for parcels, or to the registered address of the account where that is switched on."""
        to_address = self.is_on("collect_address")
        if collection.address or collection.deliver_to:
            raise self.lacks("collect", "DPD's car comes to the account's registered address, and into the network")
        if not to_address and not collection.parcels:
            raise self.lacks("collect", "DPD's car is ordered for parcels; of one to an address no field is documented")
        ordering = cars.address_call if to_address else cars.order_call
        answer = self._ask("collect", ordering(self.account, collection))
        return cars.read_ordered(answer, 1 if to_address else len(collection.parcels))

    def car(self, number: str) -> Ordered:
        """Ask whether the order of a car is there; one that is not is refused as UNKNOWN."""
        self._expect_orders("car", number)
        return cars.read_car(self._ask("car", cars.show_call(self.account, number)), number)

    def recall(self, number: str) -> Cancelled | Left:
        """Take back all orders of a car, as long as there is time; after a failure the same may be asked for again."""
        self._expect_orders("recall", number)
        orders, until = cars.orders_in(number), self.now() + timedelta(seconds=cars.RECALLING_S)
        ended: dict[str, Cancelled] = {}
        for order in orders:
            if ended and self.now() > until:
                break
            ended[order] = answers.read_deleted(self._ask("recall", cars.recall_call(self.account, order)))
        return cars.together(orders, ended)

    def return_label(self, shipment: Shipment) -> Booked:
        """Make the parcel of the way back; its label is asked for as any other, unless a PIN stands in.

        The PIN is told once, in `notes`, for whoever brings the parcel. Where it does not come, the parcel that was
        made for it binds nobody (3A), so the whole may be asked for again.
        """
        if not self.is_on("returns"):
            raise self.lacks("return_label", "the contract does not say how a return is filled in")
        if calls.is_picked_up(shipment) and not self.is_on("collections"):
            raise self.lacks("return_label", "the contract does not say how a car is sent to whoever returns a parcel")
        if len(shipment.boxes) != 1:
            raise self.lacks("return_label", "a return is one box")
        taken = self._created("return_label", calls.return_call(self.account, shipment), [shipment])[0]
        if not isinstance(taken, Booked):
            raise taken if isinstance(taken, CarrierError) else self.lacks("return_label")
        by_pin = shipment.options.get("without_label") == "1"
        return replace(taken, notes=(*taken.notes, self._pin(taken.parcels[0].number))) if by_pin else taken

    def points(self, country: str) -> Iterator[Point]:
        """Yield the points of a country; partner networks are among them and are addressed as DPD's own.

        The list lies on another server, `points_url` of the account where it is not the public one.
        """
        if country not in barcode.NUMERIC:
            raise self.lacks("points", f"DPD has no list of points for {country}")
        url = self.account.given.get("points_url") or POINTS
        yield from points.read(self.send("points", calls.points_call(url, barcode.NUMERIC[country])), country)

    def _ask(self, operation: str, call: Call) -> Answer:
        key = call.headers["x-api-key"]
        if not key or not key.isascii() or not key.isprintable():
            raise CarrierRefused(self.code, operation, "the API key is missing or broken", kind=Kind.LOGIN)
        return self.send(operation, call)

    def _printed(self, numbers: Sequence[str], kind: Format) -> Label:
        return answers.read_labels(self._ask("labels", calls.labels_call(self.account, numbers, kind)), numbers, kind)

    def _pin(self, number: str) -> Hidden:
        pin = answers.read_pin(self._ask("return_label", calls.drop_off_call(self.account, number)))
        return Hidden(f"{number} is handed in with the PIN {pin}")

    def _expect_orders(self, operation: str, number: str) -> None:
        if not cars.orders_in(number):
            raise CarrierRefused(self.code, operation, "no order of a car is named", kind=Kind.UNKNOWN)

    def _created(self, operation: str, call: Call, shipments: Sequence[Shipment]) -> list[Taken]:
        return answers.read_created(self._ask(operation, call), shipments)

    def _tracked(self, number: str, *, by_words: bool) -> Tracked | CarrierUnreachable:
        """Return what is known of a number, or why its answer cannot be read; raise what the next would fail of too."""
        answer = self._ask("track", calls.track_call(self.account, number))
        try:
            return answers.read_tracked(answer, number, by_words=by_words)
        except CarrierRefused as refused:
            if refused.kind is not Kind.CONTENT:
                raise
            return Tracked(number, State.UNKNOWN)
        except CarrierUnreachable as lost:
            if answer.status >= 500:
                raise
            return lost

    def _deleted(self, shipment_id: str) -> Cancelled | CarrierError:
        try:
            return answers.read_deleted(self._ask("cancel", calls.delete_call(self.account, shipment_id)))
        except CarrierError as failed:  # those that were deleted before it stay deleted
            return failed

    def _wrong(self, why: str) -> CarrierRefused:
        return CarrierRefused(self.code, "test", why, kind=Kind.ACCOUNT)


def able_of(account: Account) -> Able:
    """Return what an account can: what is sure of every one, and what its own switches add."""
    on = account.switches
    offered = services.SERVICES if "more_services" in on else services.PROVEN
    return replace(
        DpdCz.able,
        services={name: services.SERVICES[name][0] for name in offered},
        cod=CROWNS | (ABROAD if "cod_abroad" in on else frozenset()),
        insures=CROWNS | (ABROAD if "insure_abroad" in on else frozenset()),
        takes=DpdCz.able.takes | ({"sender"} if "collections" in on else frozenset()),
        cancel_batch=DpdCz.able.boxes if "delete" in on else 0,  # a shipment is deleted with all its boxes
        finds="find_list" in on,
        returns="returns" in on,
        # Else each is a call of its own: what befalls one of many would cost what is known of the others.
        track_batch=MANY if "track_batch" in on else 1,
    )
