"""What every carrier's stand-in has from its frame: faults, a ledger, a clock of parcels, work that lands late."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

import httpx
import pytest

from simulator.carriers import Carriers, door, registry, transport
from simulator.carriers.lives import OVER, TIMETABLES, End, Said, Step
from simulator.carriers.wire import Request, Response, as_json
from simulator.carriers.world import World
from tests.simulator.carriers.packeta_client import POINT, packeta
from tests.simulator.carriers.yard import Watch, Yard

LOST = (httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError)


def answer_of(world: World) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        if request.operation == "make":
            for reference in request.json()["references"]:
                world.make(f"N{world.serial('n')}", reference=reference, account="shop", town="Brno")
            return as_json({"made": True})
        return as_json({"data": {"items": [{"n": 1, "name": "a"}, {"n": 2, "name": "b"}, {"n": 3, "name": "c"}]}})

    return answer


@pytest.fixture
def it() -> Yard:
    """Return a carrier that takes `/make` and shows three items at `/list`."""
    watch = Watch()
    world = World("x", now=watch, seed=7)
    app = door.opened(
        world,
        operation=lambda request: request.path.strip("/"),
        answer=answer_of(world),
        making={"make"},
        items={"list": "data.items"},
    )
    carriers = Carriers({"x": world}, {"x": app}, {"https://api.x.test/v1": "/x"})
    client = httpx.Client(transport=transport(carriers), base_url="http://carriers.test/x", timeout=20)
    return Yard(watch, carriers, world, client)


def make(it: Yard, *references: str) -> httpx.Response:
    return it.client.post("/make", json={"references": references})


def listed(it: Yard) -> list[int]:
    return [item["n"] for item in it.client.get("/list").json()["data"]["items"]]


def test_without_faults_all_is_answered(it: Yard) -> None:
    assert make(it, "o1", "o2").json() == {"made": True}
    assert listed(it) == [1, 2, 3]
    assert it.world.made() == {"o1": ["N1"], "o2": ["N2"]}


@pytest.mark.parametrize(
    ("kind", "how", "items"),
    [
        ("doubled", {}, [1, 1, 2, 3]),
        ("short", {}, [1, 2]),
        ("short", {"items": 5}, []),
        ("reversed", {}, [3, 2, 1]),
    ],
)
def test_items_are_spoilt_for_one_call(it: Yard, kind: str, how: dict[str, int], items: list[int]) -> None:
    it.world.faults.add(kind, **how)

    assert listed(it) == items
    assert listed(it) == [1, 2, 3]


def test_faults_of_items_pass_calls_by_that_have_none(it: Yard) -> None:
    it.world.faults.add("doubled")
    make(it, "o1")

    assert listed(it) == [1, 1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "first"), [("wrong_types", {"n": "1", "name": ["a"]}), ("nulls", {"n": 1, "name": None})]
)
def test_values_have_other_types(it: Yard, kind: str, first: dict[str, object]) -> None:
    it.world.faults.add(kind)

    assert it.client.get("/list").json()["data"]["items"][0] == first


@pytest.mark.parametrize(
    ("kind", "how", "status", "holding"),
    [
        ("busy", {}, 429, "error 429"),
        ("busy", {"status": 503}, 503, "error 503"),
        ("error", {}, 500, "error 500"),
        ("error", {"status": 503}, 503, "error 503"),
        ("html", {}, 200, "<html>"),
    ],
)
def test_some_faults_answer_and_do_nothing(it: Yard, kind: str, how: dict[str, int], status: int, holding: str) -> None:
    it.world.faults.add(kind, **how)

    answer = make(it, "o1")

    assert (answer.status_code, holding in answer.text) == (status, True)
    assert it.world.made() == {}
    assert make(it, "o1").status_code == 200


def test_busy_says_how_long_unless_told_not_to(it: Yard) -> None:
    it.world.faults.add("busy", retry_after=7)
    it.world.faults.add("busy", retry_after=None)

    assert make(it, "o1").headers["retry-after"] == "7"
    assert "retry-after" not in make(it, "o1").headers


@pytest.mark.parametrize(("kind", "body"), [("empty", b""), ("truncated", b'{"made":')])
def test_some_faults_spoil_the_answer_after_the_work(it: Yard, kind: str, body: bytes) -> None:
    it.world.faults.add(kind)

    assert make(it, "o1").content == body
    assert it.world.made() == {"o1": ["N1"]}


def test_a_carrier_that_is_down_does_nothing(it: Yard) -> None:
    it.world.faults.add("down")

    with pytest.raises(httpx.ConnectError):
        make(it, "o1")
    assert it.world.made() == {}


def test_a_dropped_answer_leaves_the_work_done(it: Yard) -> None:
    it.world.faults.add("dropped")

    with pytest.raises(httpx.RemoteProtocolError):
        make(it, "o1")
    assert it.world.made() == {"o1": ["N1"]}


def test_an_answer_slower_than_the_patience_is_lost_and_a_faster_one_is_not(it: Yard) -> None:
    it.world.faults.add("slow", seconds=21)
    it.world.faults.add("slow", seconds=19)

    with pytest.raises(httpx.ReadTimeout):
        make(it, "o1")
    assert make(it, "o2").status_code == 200
    assert it.world.made() == {"o1": ["N1"], "o2": ["N2"]}


def test_what_is_late_lands_by_the_clock(it: Yard) -> None:
    it.world.faults.add("late", seconds=90)

    with pytest.raises(httpx.RemoteProtocolError):
        make(it, "o1")
    it.go(seconds=89)
    assert it.world.made() == {}
    it.go(seconds=2)
    assert it.world.made() == {"o1": ["N1"]}
    (entry,) = it.world.ledger
    assert (entry.late, entry.made, (entry.landed_at - entry.at).total_seconds()) == (True, ["N1"], 91)


def test_what_lands_late_does_not_befall_a_reading_call(it: Yard) -> None:
    it.world.faults.add("late", seconds=90)

    assert listed(it) == [1, 2, 3]


def test_a_fault_keeps_to_its_operation_and_to_what_a_call_holds(it: Yard) -> None:
    it.world.faults.add("error", operation="make", holding="o2")

    assert listed(it) == [1, 2, 3]
    assert [make(it, name).status_code for name in ("o1", "o2", "o2")] == [200, 500, 200]


def test_every_nth_call_is_befallen_or_one_in_n_by_dice(it: Yard) -> None:
    it.world.faults.add("error", calls=None, every=3)

    assert [make(it, "o").status_code for _ in range(6)] == [200, 200, 500, 200, 200, 500]
    it.world.faults.clear()
    fault = it.world.faults.add("error", calls=None, one_in=4, seed=3)
    for _ in range(200):
        make(it, "o")
    assert 25 < fault.struck < 80


def test_an_unknown_fault_is_refused(it: Yard) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        it.world.faults.add("rain")


def test_the_ledger_tells_what_each_call_made(it: Yard) -> None:
    it.world.faults.add("dropped", operation="make")
    with pytest.raises(LOST):
        make(it, "o1", "o2")
    make(it, "o1")

    lines = [(e.method, e.path, e.operation, e.status, e.faults, e.made) for e in it.world.ledger]
    assert lines == [
        ("POST", "/make", "make", 0, ("dropped",), ["N1", "N2"]),
        ("POST", "/make", "make", 200, (), ["N3"]),
    ]
    assert it.world.made() == {"o1": ["N1", "N3"], "o2": ["N2"]}


def test_a_parcel_that_was_called_off_counts_only_when_asked_for(it: Yard) -> None:
    make(it, "o1")
    it.world.cancel(it.world.parcels["N1"])

    assert it.world.made() == {}
    assert it.world.made(counting_cancelled=True) == {"o1": ["N1"]}


@pytest.mark.parametrize("end", End)
def test_a_parcel_lives_to_its_end_on_the_clock(it: Yard, end: End) -> None:
    make(it, "o1")
    parcel = it.world.parcels["N1"]
    it.world.end(["N1"], end)
    assert it.world.step(parcel) is Step.DATA
    it.go(days=30)
    assert it.world.step(parcel) is Step.DATA
    it.world.hand_over(["N1"])
    it.go(days=30)

    assert [scan.step for scan in it.world.scans(parcel)] == [Step.DATA, *(step for step, _ in TIMETABLES[end])]
    assert (it.world.step(parcel) in OVER) == (end is not End.LOST)
    ats = [scan.at for scan in it.world.scans(parcel)]
    assert ats == sorted(ats)


def test_steps_happen_at_once_when_told_and_the_rest_follows_at_its_pace(it: Yard) -> None:
    make(it, "o1")
    parcel = it.world.parcels["N1"]
    it.world.end(["N1"], End.HOME)
    it.world.move_on(["N1"], steps=2)
    assert it.world.step(parcel) is Step.DEPOT
    it.go(hours=3)
    assert it.world.step(parcel) is Step.DEPOT
    it.go(hours=2)
    assert it.world.step(parcel) is Step.TRANSIT
    it.world.move_on(["N1"], steps=None)

    assert it.world.step(parcel) is Step.DELIVERED


def test_another_end_keeps_what_has_happened(it: Yard) -> None:
    make(it, "o1")
    parcel = it.world.parcels["N1"]
    it.world.end(["N1"], End.HOME)
    it.world.move_on(["N1"], steps=4)
    it.world.end(["N1"], End.REFUSED)
    before = it.world.scans(parcel)
    it.go(days=10)

    assert it.world.scans(parcel)[: len(before)] == before
    assert it.world.step(parcel) is Step.RETURNED
    assert Step.DELIVERED not in {scan.step for scan in it.world.scans(parcel)}


def test_parcels_hand_themselves_over_when_told_to(it: Yard) -> None:
    it.world.hand_over_after = it.watch.at - it.watch.at
    make(it, "o1")
    it.go(seconds=1)

    assert it.world.is_handed(it.world.parcels["N1"])
    assert not it.world.cancel(it.world.parcels["N1"])


def test_the_seed_chooses_the_ends() -> None:
    def ends(seed: int) -> list[End]:
        world = World("x", now=Watch(), seed=seed)
        return [world.make(str(n), reference=str(n), account="a", point="P").end for n in range(200)]

    assert ends(1) == ends(1) != ends(2)
    assert 10 < ends(1).count(End.UNCOLLECTED) < 60


def test_the_money_leaves_three_days_after_delivery(it: Yard) -> None:
    parcel = it.world.make("P", reference="o", account="a", cod=("1290", "CZK"))
    it.world.end(["P"], End.HOME)
    it.world.hand_over(["P"])
    it.go(hours=24 + 71)
    assert it.world.paid_at(parcel) is None
    it.go(hours=1)

    assert (it.world.paid_at(parcel) - it.world.scans(parcel)[-1].at).days == 3


def test_listeners_hear_every_scan_once(it: Yard) -> None:
    heard: list[Step] = []
    it.world.on_scan.append(lambda _parcel, scan: heard.append(scan.step))
    make(it, "o1")
    it.world.end(["N1"], End.HOME)
    it.go(seconds=1)
    it.go(seconds=1)
    it.world.hand_over()
    for _ in range(30):
        it.go(hours=1)

    assert heard == [Step.DATA, *(step for step, _ in TIMETABLES[End.HOME])]


def test_a_real_address_leads_to_its_carrier(it: Yard) -> None:
    assert it.client.get("https://api.x.test/v1/list?a=b").status_code == 200
    assert it.client.get("https://api.x.test/v12/list").status_code == 404


def test_an_unknown_carrier_is_named(it: Yard) -> None:
    assert it.client.get("http://carriers.test/y/list").status_code == 404


def test_items_and_values_of_xml_are_spoilt_alike() -> None:
    it = packeta()
    id_ = it.made(POINT)
    it.yard.world.move_on([id_], steps=2)
    world = it.yard.world

    def codes() -> list[str | None]:
        return [one.findtext("statusCode") for one in it.done("packetTracking", packetId=id_)]

    assert codes() == ["1", "2", "2"]
    for kind, expected in (("reversed", ["2", "2", "1"]), ("short", ["1", "2"]), ("doubled", ["1", "1", "2", "2"])):
        world.faults.add(kind, operation="packetTracking")
        assert codes() == expected
    world.faults.add("nulls")
    assert ET.fromstring(it.send("packetStatus", packetId=id_).text).findtext("result/statusCode") == ""
    world.faults.add("wrong_types")
    assert ET.fromstring(it.send("packetStatus", packetId=id_).text).findtext("result/statusCode/value") == "2"
    world.faults.add("truncated")
    with pytest.raises(ET.ParseError):
        it.ask("packetStatus", packetId=id_)


def test_a_streamed_list_is_spoilt_as_well() -> None:
    it = packeta()
    url = f"/v5/{it.key}/carrier.json"
    good = it.yard.client.get(url).json()
    it.yard.world.faults.add("reversed", operation="carrier.json")
    assert it.yard.client.get(url).json() == good[::-1]
    it.yard.world.faults.add("truncated", operation="carrier.json")

    with pytest.raises(ValueError, match=r"unexpected end|Unterminated|Expecting"):
        it.yard.client.get(url).json()


def test_every_carrier_here_can_be_built() -> None:
    carriers = registry.built(now=Watch())

    assert "packeta" in carriers.apps
    assert all(world.accounts for world in carriers.worlds.values())


def test_what_is_said_stands_where_it_was_said(it: Yard) -> None:
    make(it, "o1")
    parcel, it.world.codes = it.world.parcels["N1"], ("X",)
    it.world.end(["N1"], End.HOME)
    it.world.move_on(["N1"], steps=2)
    it.world.say(["N1"], "X")
    it.world.move_on(["N1"], steps=None)

    told = [one.code if isinstance(one, Said) else one.step for one in it.world.history(parcel)]
    assert told[:5] == [Step.DATA, Step.COLLECTED, Step.DEPOT, "X", Step.TRANSIT]
