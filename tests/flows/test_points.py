"""A carrier's list and our table: whatever lists come, broken ones too, the table says what they said."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Carrier, Point
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.shipment import PointRef, Shipment
from service import points
from service.flows.points import Synced, sync
from service.lanes import TenantId
from service.points import Standing
from service.rig import Rig
from service.steps import drafting
from service.steps.packing import Packer
from tests.carriers.kit import Kit, kit
from tests.flows.town import Town

NETWORKS = ("packeta", "4539")
WROTE = "SELECT count(*) AS rows FROM points WHERE changed_at = %s"


@dataclass
class Lists:
    """A carrier that shows what it is told to, and what happens at the end."""

    shows: Sequence[Point] = ()
    ends: Exception | None = None
    asked: int = 0
    code: str = "packeta"
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def points(self, country: str) -> Iterator[Point]:
        self.asked += 1
        yield from (point for point in self.shows if point.country == country)
        for happens in self.meanwhile:
            happens()
        if self.ends:
            raise self.ends


def lists(*shows: Point, ends: Exception | None = None) -> Carrier:
    return Lists(shows, ends)


def point(number: int, *, network: str = "packeta", name: str = "Trafika", is_open: bool = True) -> Point:
    place = 49.0 + number / 100
    return Point(
        network, str(number), "shop", name, "Lipová 1", "Brno", "60200", "CZ", place, 16.6, is_open, raw={"id": number}
    )


def table(rig: Rig) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """Return every point by its name, whether it is open, and whether it is gone."""
    with rig.db.tx_all("a test looks") as conn:
        found = conn.execute("SELECT network, point_id, name, is_open, gone_at FROM points").fetchall()
    return {
        (row["network"], row["point_id"]): (row["name"], row["is_open"], row["gone_at"] is not None) for row in found
    }


def wrote(rig: Rig, began_at: object) -> int:
    with rig.db.tx_all("a test counts") as conn:
        row = conn.execute(WROTE, (began_at,)).fetchone()
    return row["rows"] if row else 0


def feed(rig: Rig) -> points.Feed:
    with rig.db.tx_all("a test looks") as conn:
        [found] = points.feeds(conn)
    return found


def test_the_first_list_is_written_whole_and_the_same_again_not_at_all(town: Town) -> None:
    told = [point(number) for number in range(5)]

    assert sync(town.rig, lists(*told), "CZ") == Synced(5, 5, 0)
    town.watch.move(60)
    assert sync(town.rig, lists(*reversed(told), *told), "CZ") == Synced(5, 0, 0)
    assert feed(town.rig).due_at > town.watch()


@pytest.mark.parametrize("trouble", [CarrierUnreachable("packeta", "points", "it breaks off", unclear=False)])
def test_a_list_that_breaks_off_closes_nothing_and_tells_why(town: Town, trouble: Exception, caplog) -> None:
    sync(town.rig, lists(*(point(number) for number in range(5))), "CZ")
    town.watch.move(60)
    with caplog.at_level(logging.WARNING):
        synced = sync(town.rig, lists(point(0, name="Nová"), ends=trouble), "CZ")

    assert synced == Synced(1, 1, 0, "packeta, points: it breaks off")
    assert table(town.rig)["packeta", "0"] == ("Nová", True, False)
    assert not any(gone for _, _, gone in table(town.rig).values())
    assert feed(town.rig).why == synced.why
    assert "it breaks off" in caplog.text


@pytest.mark.parametrize(
    ("trouble", "wait_s"),
    [
        (CarrierBusy("packeta", "points", "busy", wait_s=77.0), 77),
        (CarrierBusy("packeta", "points", "busy", wait_s=None), 600),
        (CarrierUnreachable("packeta", "points", "away", unclear=False), 600),
        (CarrierRefused("packeta", "points", "a wrong key", kind=Kind.LOGIN), 600),
        (CarrierRefused("packeta", "points", "no such list", kind=Kind.UNSUPPORTED), 86_400),
    ],
)
def test_a_carrier_in_trouble_is_asked_again_when_that_makes_sense(town: Town, trouble, wait_s: float) -> None:
    sync(town.rig, lists(ends=trouble), "CZ")

    assert abs((feed(town.rig).due_at - town.watch()).total_seconds() - wait_s) <= (3_600 if wait_s > 3_600 else 0)


def test_a_list_is_read_by_one_at_a_time(town: Town) -> None:
    inner: list[object] = []
    outer = Lists([point(1)])
    outer.meanwhile.append(lambda: inner.append(sync(town.rig, lists(), "CZ")))

    assert sync(town.rig, outer, "CZ") == Synced(1, 1, 0)
    assert inner == [None]


def test_a_read_that_was_overtaken_writes_no_more(town: Town) -> None:
    late = Lists([point(1)])

    def overtake() -> None:
        town.watch.move(3_600)
        sync(town.rig, lists(point(2)), "CZ")

    late.meanwhile.append(overtake)

    assert sync(town.rig, late, "CZ") is None
    assert set(table(town.rig)) == {("packeta", "2")}


SHOWN = st.tuples(st.integers(0, 7), st.sampled_from(NETWORKS), st.sampled_from("AB"), st.booleans())
LISTS = st.tuples(st.lists(SHOWN, max_size=8), st.booleans())


@given(history=st.lists(LISTS, min_size=1, max_size=5))
def test_after_any_history_of_lists_the_table_says_what_they_said(town: Town, history) -> None:
    with town.rig.db.tx_all("begins anew") as conn:
        conn.execute("DELETE FROM points")
        conn.execute("DELETE FROM point_feeds")
    model: dict[tuple[str, str], tuple[str, bool, bool]] = {}
    for shown, is_whole in history:
        town.watch.move(1_800)
        first: dict[tuple[str, str], Point] = {}
        for number, network, name, is_open in shown:
            first.setdefault((network, str(number)), point(number, network=network, name=name, is_open=is_open))
        says = {key: (each.name, each.is_open, False) for key, each in first.items()}
        changed = {key for key, value in says.items() if model.get(key) != value}
        there = {key for key, (_, _, gone) in model.items() if not gone}
        networks = {network for network, _ in says}
        told_of = {key for key in there if key[0] in networks}
        lacking = told_of - says.keys()
        if not is_whole or 2 * len(lacking) > len(told_of):
            lacking = set()
        told = [point(number, network=network, name=name, is_open=is_open) for number, network, name, is_open in shown]
        lost = None if is_whole else CarrierUnreachable("packeta", "points", "it breaks off", unclear=False)
        began_at = town.watch()

        synced = sync(town.rig, lists(*told, ends=lost), "CZ")

        model |= says | {key: (*model[key][:2], True) for key in lacking}
        assert table(town.rig) == model
        assert synced
        assert (synced.shown, synced.written, synced.gone) == (len(says), len(changed), len(lacking))
        assert wrote(town.rig, began_at) == len(changed)


@pytest.fixture
def packeta() -> Kit:
    return kit("packeta")


def test_a_point_that_closed_is_found_before_the_label(town: Town, packeta: Kit) -> None:
    shut = packeta.to_point().point
    assert shut
    first = sync(town.rig, packeta.carrier, "CZ")
    packeta.world.points[shut.point_id].is_open = False
    left = next(key for key, place in packeta.world.points.items() if place.country == "CZ" and key != shut.point_id)
    del packeta.world.points[left]
    town.watch.move(90_000)
    second = sync(town.rig, packeta.carrier, "CZ")

    assert first
    assert second == Synced(first.shown - 1, 1, 1)
    with town.rig.db.tx("t_one") as conn:
        stands = [
            points.standing(conn, "packeta", "packeta", key, country="CZ", now=town.watch())
            for key in (shut.point_id, left, "0")
        ]
    assert stands == [Standing.CLOSED, Standing.GONE, Standing.ABSENT]


def faults_of(town: Town, bench: Kit, shipment: Shipment) -> list[Fault]:
    """Return what is wrong with a shipment's point, as whoever packs it is told."""
    with town.rig.db.tx("t_one") as conn:
        stands = Packer(town.rig, conn, TenantId("t_one"))._point(bench.carrier, shipment)
    return drafting.check(shipment, bench.carrier, stands)


def codes_of(town: Town, bench: Kit, shipment: Shipment) -> list[str]:
    return [fault.code for fault in faults_of(town, bench, shipment)]


@pytest.mark.parametrize(
    ("code", "found"), [("packeta", ["closed", "gone", "absent"]), ("balikobot", ["gone", "gone", "absent"])]
)
def test_a_point_nothing_can_be_sent_to_is_a_fault_whoever_carries_it(town: Town, code: str, found: list[str]) -> None:
    bench = kit(code)
    open_ones = [
        key
        for key, place in bench.world.points.items()
        if key.startswith(bench.place("")) and place.is_open and place.country == "CZ" and place.kind != "office"
    ]
    for key in open_ones:
        bench.world.points[key].street = bench.world.points[key].house = ""
    shut, left, stays = open_ones[:3]
    sent = {
        key: bench.home(service=bench.sort.to_point, point=PointRef(key.removeprefix(bench.place(""))))
        for key in (shut, left, stays, bench.place("99999"))
    }
    assert [codes_of(town, bench, each) for each in sent.values()] == [[]] * 4  # no list was read yet

    sync(town.rig, bench.carrier, "CZ")
    assert [codes_of(town, bench, each) for each in sent.values()] == [[], [], [], ["absent"]]
    bench.world.points[shut].is_open = False
    del bench.world.points[left]
    town.watch.move(90_000)
    sync(town.rig, bench.carrier, "CZ")

    assert [codes_of(town, bench, each) for each in sent.values()] == [[found[0]], [found[1]], [], [found[2]]]
    for each in (shut, left):  # who is told may choose another
        [fault] = faults_of(town, bench, sent[each])
        named = [bench.place(near.split()[0]) for near in (fault.limit or "").split("; ")]
        assert len(named) == 3
        assert all(bench.world.points[one].is_open for one in named)
        assert ", ," not in str(fault.limit)  # a village has no streets


def test_of_a_point_its_list_does_not_hold_nothing_is_said(town: Town) -> None:
    bench = kit("balikobot")
    sync(town.rig, bench.carrier, "CZ")
    courier = bench.home(service="zasilkovna/131", point=PointRef("99999"))

    assert bench.carrier.listed_point(courier) is None
    assert bench.carrier.listed_point(bench.home(service="ppl/46", point=PointRef("KM101"))) == PointRef("101", "ppl")
    assert kit("ceska_posta").carrier.listed_point(bench.home(service="NP", point=PointRef("60200"))) is None
