"""What a day of a shop costs in calls: 300 orders, packed one by one or in three waves, at several turns of the dial.

In process, on a watch that jumps; nobody waits (tests/bench/trade.py, virtual.py). Judged are the GETs and PUTs of
orders that the shop counted between two midnights, for each order created; those about products are told.
"""

import heapq
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from service.embedded import Embedded, servers
from service.problems import Cause
from simulator import changes
from tests.bench import trade, virtual
from tests.bench.board import Board
from tests.bench.trade import Deed, Packing
from tests.bench.virtual import Virtual

ORDERS = 300
CURVE = (2, 10, 60, 180, 900)
ASKED: dict[tuple[Packing, bool], float] = {
    ("one by one", False): 3.3,
    ("three waves", False): 2.5,
    ("one by one", True): 2.5,
    ("three waves", True): 1.8,
}
JUDGED_AT = 60
NAIVE = 7.0  # what the same events cost without us at least, or the day is no such day
AGAIN_S = 300  # a warehouse that was refused an order tries it again


@dataclass
class Told:
    """What a day came to."""

    calls: Counter[str]
    counted: int  # by the shop itself: GETs and PUTs of orders
    events: int
    shipped: int
    mails: Counter[int]
    wrong: int
    overruled: int
    refused: Counter[str]

    @property
    def per_order(self) -> float:
        return round(self.counted / ORDERS, 2)

    @property
    def naive(self) -> float:
        """One GET for each webhook about an order and one PUT for each shipment."""
        return round((self.events + self.shipped) / ORDERS, 2)


def run(board: Board) -> None:
    with servers(durable=False) as both:
        for packing in ("one by one", "three waves"):
            for patient in (False, True):
                curve(both, board, packing, patient=patient)


def curve(both: Embedded, board: Board, packing: Packing, *, patient: bool) -> None:
    """Measure a day; with a wait of 0.5 s at each turn of the dial. `patient`: the wait is as long as the interval."""
    board.open(f"a day of {ORDERS} orders, packed {packing}, wait {'= interval' if patient else '0.5 s'}")
    seen: dict[int, float] = {}
    for interval in (JUDGED_AT,) if patient else CURVE:
        told = lived(both, packing, interval_s=interval, wait_s=interval if patient else 0.5)
        seen[interval] = told.per_order
        if interval == JUDGED_AT:
            board.judge(f"calls per created order, interval {interval} s", told.per_order, ASKED[packing, patient])
            judge(board, told)
    if not patient:
        board.tell("interval s: calls per created order", ", ".join(f"{at}: {calls}" for at, calls in seen.items()))


def judge(board: Board, told: Told) -> None:
    """Say what else the day came to; a shipped order that nobody is told of is a claim broken."""
    board.judge("the same for a GET per event and a PUT per shipment", told.naive, NAIVE, at_least=True)
    board.tell("calls by purpose", ", ".join(f"{plan} {count}" for plan, count in told.calls.items()))
    board.tell("refused by the door, told again", ", ".join(f"{why} {n}" for why, n in told.refused.items()) or "0")
    board.judge("customers with several mails", sum(n for sent, n in told.mails.items() if sent > 1), 0, hard=True)
    board.judge("customers with none", told.mails[0], 0, hard=True)
    board.judge("shipped orders that do not show it", told.wrong, 0, hard=True)
    board.tell("of these: the shop's own status was taken for a later word", told.overruled)


def lived(both: Embedded, packing: Packing, *, interval_s: float, wait_s: float) -> Told:
    """Live a day and count it."""
    dial = {"interval_s": interval_s, "wait_s": wait_s, "routine_s": max(1800, interval_s)}
    with virtual.opened(both, orders=ORDERS, **dial) as shop:
        return Day(shop, packing).lived()


class Day:
    """A day under way."""

    def __init__(self, shop: Virtual, packing: Packing) -> None:
        self.shop = shop
        self.world, self.at = shop.live.town.world, shop.live.shop
        kinds = {row["type"]: status_id for status_id, row in self.at.statuses.items()}
        self.paid = kinds["PaymentSuccessful"]
        self.confirmed, self.packed = [i for i, row in self.at.statuses.items() if row["type"] == "Custom"][:2]
        self.number = {-1 - place: order.number for place, order in enumerate(self.at.live_orders())}
        self.deeds = trade.day(ORDERS, packing)
        self.shipped: list[str] = []

    def lived(self) -> Told:
        shop, deeds = self.shop, self.deeds
        changes.bulk_status(self.world, self.at, list(self.number.values()), shop.live.sent_id)  # they left yesterday
        shop.settle()
        midnight = shop.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        ends = midnight + timedelta(days=1)
        heapq.heapify(deeds)
        evening = 0
        while deeds:
            at = midnight + timedelta(seconds=deeds[0].at_s)
            if shop.now < midnight <= at:
                shop.until(midnight)
                evening = shop.events
            shop.until(at)
            self.do(self._at_once())
            shop.settle()
        shop.until(ends)
        events, shipped = shop.events - evening, len(self.shipped)
        shop.until(ends + timedelta(hours=1))  # what was shipped at the end of the day is told as well
        return Told(
            calls=shop.calls(midnight, ends),
            counted=sum(call.template == "/orders" and midnight <= call.at < ends for call in self.at.stats.log),
            events=events,
            shipped=shipped,
            mails=shop.mails(self.shipped),
            wrong=len(shop.shipped_wrongly(self.shipped)),
            overruled=sum(cause is Cause.OVERRULED for cause, _ in shop.live.problems()),
            refused=shop.refused,
        )

    def _at_once(self) -> list[Deed]:
        """Return the next deed, with all shipments told in the same moment."""
        together = [heapq.heappop(self.deeds)]
        while self.deeds and together[0].what == "shipped" and _same(self.deeds[0], together[0]):
            together.append(heapq.heappop(self.deeds))
        return together

    def do(self, deeds: list[Deed]) -> None:
        """Let it happen in the shop, or tell of what left."""
        what = deeds[0].what
        if what == "created":
            self.number[deeds[0].order] = changes.create_order(self.world, self.at).number
            return
        number = self.number[deeds[0].order]
        match what:
            case "paid" if self._on_delivery(number):
                return
            case "paid":
                now = self.shop.now.date().isoformat()
                self._change(number, status_id=self.paid, paid_date=now)
            case "changed":
                self._change(number, customer={"phone": f"+420 777 {deeds[0].order:06d}"})
            case "noted":
                self._change(number, internal_note="Zákazník volal")
            case "confirmed":
                self._change(number, status_id=self.confirmed)
            case "packed":
                self._change(number, status_id=self.packed)
            case "done":
                self._change(number, resolved_yn=True)
            case "shipped":
                self._ship(deeds)

    def _ship(self, deeds: list[Deed]) -> None:
        of = {self.number[deed.order]: deed for deed in deeds}
        refused = set(self.shop.ship(list(of)))
        self.shipped += [number for number in of if number not in refused]
        for number in sorted(refused):
            heapq.heappush(self.deeds, Deed(of[number].at_s + AGAIN_S, of[number].order, "shipped"))

    def _on_delivery(self, number: str) -> bool:
        return (self.at.orders[number].record["payment"] or {}).get("type") == "cashOnDelivery"

    def _change(self, number: str, **fields: object) -> None:
        changes.change_order(self.world, self.at, number, **fields)


def _same(one: Deed, other: Deed) -> bool:
    return (one.at_s, one.what) == (other.at_s, other.what)
