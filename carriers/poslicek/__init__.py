"""Poslíček by REST: parcels by twenties, each answered for itself, a lost answer found by its reference.

The contract is that of docs/new-carrier.md, stated in `simulator/carriers/poslicek`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from carriers.base import Able, Booked, Cancelled, Carrier, Format, Label, Parcel, Point, Taken, Tracked
from carriers.errors import Fault
from carriers.poslicek import answers, calls, rules, tracking
from carriers.shipment import Shipment


class Poslicek(Carrier):
    """What of the port Poslíček has; the rest stays as it is in `Carrier` and is refused by name."""

    code = calls.CODE
    able = Able(
        services={calls.HOME: "to an address", calls.POINT: "to a pick-up point"},
        countries=frozenset({"CZ", "SK"}),
        cod=frozenset({"CZK", "EUR"}),
        points=True,
        to_point=frozenset({calls.POINT}),
        batch=20,
        label_batch=20,
        track_batch=20,
        cancel_batch=1,
        finds=True,
        most_weight_g=30_000,
    )
    needs: ClassVar[Mapping[str, str]] = {"api_key": "the key of the API, as the carrier gave it"}
    secret = frozenset({"api_key"})
    whose = frozenset({"api_key"})

    def test(self) -> None:
        answers.read_account(self.send("test", calls.account_call(self.account)))

    def validate(self, shipment: Shipment) -> Sequence[Fault]:
        return list(rules.faults(shipment, self.able))

    def book(self, shipments: Sequence[Shipment]) -> Sequence[Taken]:
        return answers.read_booked(self.send("book", calls.create_call(self.account, shipments)), shipments)

    def find(self, shipment: Shipment, *, since: datetime) -> Booked | None:  # noqa: ARG002 - the list has no times
        return answers.read_found(self.send("find", calls.find_call(self.account, shipment.reference)), shipment)

    def labels(self, parcels: Sequence[Parcel], kind: Format) -> Label:
        if kind not in self.able.formats:
            raise self.lacks("labels", f"there are no labels as {kind.value}")
        return answers.read_label(self.send("labels", calls.label_call(self.account, parcels)), parcels)

    def track(self, parcels: Sequence[Parcel]) -> Sequence[Tracked]:
        return tracking.read_tracked(self.send("track", calls.track_call(self.account, parcels)), parcels)

    def cancel(self, parcels: Sequence[Parcel]) -> Sequence[Cancelled]:
        asked = [calls.cancel_call(self.account, parcel) for parcel in parcels]
        return [answers.read_cancelled(self.send("cancel", call)) for call in asked]

    def points(self, country: str) -> Iterator[Point]:
        yield from answers.read_points(self.send("points", calls.points_call(self.account, country)), country)
