"""Parcels on the road: a counter's labels handed over, and the lane that follows them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from carriers.base import Close
from service import bookings, journal, mappings, problems, tracking
from service.flows import track
from service.journal import Entry, Kind
from service.lanes import Lane
from service.mappings import Answers, Milestone, Target, Tracking
from service.problems import Cause, Problem
from service.steps import carriage, daily
from service.tracking import Followed, Payment, payments
from simulator import changes
from simulator.carriers.lives import End
from tests.flows.counter import Counter, counter
from tests.flows.town import FLOWS, Town
from workers import due as whose

HOUR = 3_600


@dataclass
class Road:
    """What a counter sent on its way."""

    at: Counter
    status: dict[str, int] = field(default_factory=dict[str, int])  # of each milestone

    @property
    def town(self) -> Town:
        return self.at.town

    def maps(self, **mails: bool) -> None:
        """Give each milestone a status of its own, which mails unless it is said otherwise."""
        shop, tenant = self.at.shop, self.at.tenant
        for milestone in Milestone:
            made = changes.create_status(self.town.world, shop.shop, {"cs": milestone.value})
            self.status[milestone.value] = made["id"]
        targets = {name: Target(self.status[name], mail=mails.get(name, True)) for name in Milestone}
        with self.town.rig.db.tx(tenant) as conn:
            release = mappings.of(conn, tenant).release
            names = {status_id: str(status_id) for status_id in shop.shop.statuses}
            mappings.save(
                conn, tenant, Answers(release, targets, None, None, Tracking.FIRST, names), now=self.town.watch()
            )

    def to_point(self, code: str) -> dict[str, Any]:
        """Return what sends a parcel to a point."""
        there = self.at.to_point(code, self.at.shipment(code, "any", "any"))
        return {"service": there.service, "point": there.point}

    def sent(self, code: str, count: int = 1, *, end: End | None = None, **changed: Any) -> list[str]:
        """Return the bookings of parcels that have their labels and are with the carrier, to end like this."""
        asked = self.at.wants(code, count, **changed)
        self.at.work(30)
        self.closed(code, asked)
        world, there = self.at.worlds[code], [self.at.there(each) for each in asked]
        if end:
            world.end(there, end)
        world.hand_over(there)
        return asked

    def closed(self, code: str, asked: Sequence[str]) -> None:
        """Tell a carrier of the hand-over that has not heard of a parcel before."""
        carrier = self.town.rig.carrier(self.at.contracts[code])
        if carrier.able.close is Close.REQUIRED:
            with self.town.rig.db.tx(self.at.tenant) as conn:
                boxes = [box for some in bookings.boxes(conn, self.at.tenant, asked).values() for box in some]
            carrier.close(carriage.parcels_of(boxes), self.town.watch().date())

    def is_due(self, lane: Lane = Lane.TRACK) -> bool:
        with self.town.rig.db.tx_all("a test asks whose rows are due") as conn:
            return self.at.tenant in whose.due(conn, lane, now=self.town.watch())

    def turn(self) -> int:
        return track.run(self.town.rig, self.at.tenant)

    def work(self) -> None:
        """Let the lane do what is due now, and the shop hear of it."""
        while self.is_due() and self.turn():
            pass
        if self.is_due(Lane.WRITEBACK):
            self.at.shop.turn()

    def on(self, hours: float, *, step_h: float = 0.5) -> None:
        """Let time pass, and the lane ask whenever something is due."""
        end = self.town.watch() + timedelta(hours=hours)
        while self.town.watch() < end:
            self.town.watch.move(step_h * HOUR)
            for world in self.at.worlds.values():
                world.tick()
            self.work()

    def boxes(self, booking_id: str) -> list[Followed]:
        with self.town.rig.db.tx(self.at.tenant) as conn:
            return tracking.of_bookings(conn, self.at.tenant, [booking_id])[booking_id]

    def box(self, booking_id: str) -> Followed:
        [found] = self.boxes(booking_id)
        return found

    def states(self, booking_id: str) -> list[str]:
        """Return where the journal says the parcel was, one after the other."""
        number = self.box(booking_id).order_number
        return [entry.detail["state"] for entry in self.story(number) if entry.kind is Kind.PARCEL]

    def story(self, number: str) -> list[Entry]:
        with self.town.rig.db.tx(self.at.tenant) as conn:
            return journal.timeline(conn, self.at.tenant, number)

    def scans(self, booking_id: str) -> list[tracking.Told]:
        with self.town.rig.db.tx(self.at.tenant) as conn:
            return tracking.scans(conn, self.at.tenant, [booking_id]).get((booking_id, 1), [])

    def payment(self, booking_id: str) -> Payment:
        with self.town.rig.db.tx(self.at.tenant) as conn:
            return payments.of_bookings(conn, self.at.tenant, [booking_id])[booking_id]

    def calls(self, code: str) -> int:
        return len(self.at.worlds[code].ledger)

    def shown(self, booking_id: str) -> int | None:
        """Return the status the shop shows."""
        return self.at.shop.shown(self.box(booking_id).order_number)[0]

    def told(self, booking_id: str) -> list[Milestone]:
        """Return the milestones the customer was mailed of, as often as he was; the last one is what the shop shows."""
        number, names = self.box(booking_id).order_number, {self.status[name]: name for name in Milestone}
        mailed = [names[mail.status_id] for mail in self.at.shop.shop.mails if mail.order_number == number]
        assert self.shown(booking_id) == self.status[mailed[-1]]
        return mailed

    def cancelled_in_shop(self, booking_id: str) -> int:
        """Let the shop cancel the order itself, and us hear of it; return the status."""
        storno = next(key for key, row in self.at.shop.shop.statuses.items() if row["type"] == "Canceled")
        changes.bulk_status(self.town.world, self.at.shop.shop, [self.box(booking_id).order_number], storno)
        self.at.shop.read()
        return storno

    def open_problems(self) -> list[Problem]:
        with self.town.rig.db.tx(self.at.tenant) as conn:
            return problems.open_ones(conn, self.at.tenant)

    def causes(self) -> set[Cause]:
        """Return what is wrong; that the warehouse and the webhooks of these tests are silent is not."""
        return self.at.causes() - {Cause.NOT_ACKED, Cause.NOT_CONFIRMED}

    def morning(self, at: datetime) -> str:
        """Return the text of the mail of a morning on which something is wrong besides."""
        with self.town.rig.db.tx(self.at.tenant) as conn:
            problems.note(conn, self.at.tenant, Cause.STATUS_NEW, now=at)
            told = daily.compose(conn, self.at.tenant, support=("", ""), now=at)
            problems.settle(conn, self.at.tenant, Cause.STATUS_NEW, now=at)
        assert told
        return told.text

    def refuses(self, code: str, number: str) -> None:
        """Let a carrier refuse every question in which a number stands."""
        self.at.worlds[code].faults.add("error", status=422, holding=number, calls=None)

    def sweep(self) -> None:
        FLOWS[Lane.SWEEP](self.town.rig, self.at.tenant)


def road(town: Town, *codes: str, count: int = 8) -> Road:
    """Return a road from a shop in which every milestone has a status of its own."""
    made = Road(counter(town, *codes, count=count))
    made.maps()
    return made
