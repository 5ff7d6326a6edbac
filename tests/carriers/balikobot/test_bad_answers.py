"""Whatever comes back: a carrier's error or a true reading, never another exception and never a wrong pair."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carriers.balikobot import answers, feed, said, tracking
from carriers.base import Booked, Tracked
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable
from carriers.shipment import Box
from tests.carriers.balikobot.made_up import answer, home, packages, row
from tests.carriers.many import MANY

SHIPMENTS = [home("first-0001"), home("second-002", boxes=(Box(1), Box(2))), home("third-0003")]
GOOD = {
    "first-0001-1": row("first-0001-1", 1),
    "second-002-1": row("second-002-1", 2),
    "second-002-2": row("second-002-2", 3, 208),
    "third-0003-1": row("third-0003-1", 4),
}
NUMBERS = {eid: told["carrier_id"] for eid, told in GOOD.items()}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**30, 10**60), st.floats(), st.text(max_size=20),
    st.sampled_from([
        "", "null", "200", "404", "413", "\ud800", "\x00", "1e9999", 10**400, "2026-13-45 99:99:99", "0000-00-00",
        "2026-03-02 10:00:00.123456789", [], {}, [[]], {"0": {}}, "<html>", "９", -1, 2.1, "5",
    ]),
)  # fmt: skip
ANYTHING = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner), max_leaves=5
)
STATUS = st.sampled_from([200, 200, 200, 201, 302, 400, 401, 404, 413, 426, 429, 500, 502, 503])
KEYS = st.sampled_from(
    [
        *("status", "eid", "package_id", "carrier_id", "track_url", "barcode", "errors", "rec_zip", "weight"),
        *("carrier_id_final", "track_url_final", "carrier_id_swap", "mu_type", "live_account", "label_url"),
    ]
)


@st.composite
def spoiled_rows(draw: Any) -> list[Any]:
    """Good rows of which some lack, stand twice, come in another order, or hold odd things."""
    rows = [dict(GOOD[eid]) for eid in draw(st.permutations(sorted(GOOD)))]
    spoiled = [told | draw(st.dictionaries(KEYS, ODD, max_size=2)) for told in rows]
    rows = spoiled + draw(st.lists(st.sampled_from(spoiled), max_size=1))
    kept = [one for one in rows if draw(st.integers(0, 5))]
    return kept + draw(st.lists(ANYTHING, max_size=1))


@st.composite
def bodies(draw: Any, good: Any) -> bytes:
    """A good answer that was spoiled, broke off, or is something else."""
    whole = json.dumps(draw(good), default=str).encode("utf-8", "surrogatepass")
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return whole[: draw(st.integers(0, len(whole)))]
    if kind == 1:
        return draw(
            st.sampled_from(
                [b"<html>200 OK</html>", b"", b"null", b"[" * 20_000, b"\xff\xfe\x00", b"NaN", b"7" * 5_000]
            )
        )
    return whole


ADDED = bodies(
    st.builds(lambda rows, status: packages(*rows, status=status), spoiled_rows(), ODD | st.just(200)) | ANYTHING
)
EVENT = st.dictionaries(st.sampled_from(["date", "name", "name_balikobot", "status_id", "status_id_v2", "type"]), ODD)
TRACKED = bodies(
    st.builds(
        lambda rows: packages(*rows),
        st.lists(
            st.fixed_dictionaries(
                {"carrier_id": st.sampled_from(["A", "B", 7, None, 1.5]), "states": st.lists(EVENT | ODD) | ODD}
            )
            | ODD,
            max_size=4,
        ),
    )
    | ANYTHING
)
POINTS = bodies(
    st.builds(
        lambda rows: {"status": 200, "branches": rows},
        st.lists(
            st.dictionaries(
                st.sampled_from(["id", "name", "zip", "latitude", "max_weight", "house_number", "country"]), ODD
            )
            | ODD,
            max_size=5,
        ),
    )
    | ANYTHING
)


def tell_apart(taken: Any, eids: list[str]) -> None:
    if not isinstance(taken, Booked):
        assert isinstance(taken, CarrierError)
        return
    assert len(taken.parcels) == len(eids)


@MANY
@given(ADDED, STATUS, st.booleans())
def test_an_answer_to_add_breaks_no_batch(body: bytes, status: int, makes: bool) -> None:
    try:
        taken = answers.read_added(answer(body, status=status, makes=makes), "ppl", SHIPMENTS)
    except (CarrierRefused, CarrierBusy, CarrierUnreachable):
        return
    assert len(taken) == len(SHIPMENTS)
    for one, shipment in zip(taken, SHIPMENTS, strict=True):
        assert isinstance(one, CarrierError) or one.reference == shipment.reference
        tell_apart(one, [f"{shipment.reference}-{place + 1}" for place in range(len(shipment.boxes))])


@MANY
@given(spoiled_rows())
def test_a_number_is_never_given_to_another_shipment(rows: list[Any]) -> None:
    true = [one for one in rows if isinstance(one, dict) and str(one.get("eid")) in GOOD]
    told = [one | {"carrier_id": NUMBERS[one["eid"]]} for one in true]
    try:
        taken = answers.read_added(answer(packages(*told), makes=True), "ppl", SHIPMENTS)
    except CarrierError:
        return
    booked = {one.reference: [parcel.number for parcel in one.parcels] for one in taken if isinstance(one, Booked)}
    for reference, numbers in booked.items():
        assert numbers == [NUMBERS[f"{reference}-{place + 1}"] for place in range(len(numbers))]


@MANY
@given(TRACKED, STATUS)
def test_an_answer_to_track_tells_of_the_numbers_asked(body: bytes, status: int) -> None:
    try:
        told = tracking.read_tracked(answer(body, status=status), ["A", "B"])
    except CarrierError:
        return
    assert [one.number for one in told] == ["A", "B"]
    assert all(isinstance(one, Tracked) and all(scan.at.tzinfo for scan in one.scans) for one in told)
    assert all(scan.text.encode() is not None and "\x00" not in scan.text for one in told for scan in one.scans)


@MANY
@given(POINTS, STATUS)
def test_a_list_of_points_is_read_or_refused(body: bytes, status: int) -> None:
    try:
        points = list(feed.read_points(answer(body, status=status), "ppl", "CZ"))
    except CarrierError:
        return
    assert all(point.point_id and point.name for point in points)


READERS = [
    lambda told: answers.read_checked(told, SHIPMENTS),
    lambda told: answers.read_overview(told, "ppl", SHIPMENTS[1]),
    answers.read_dropped,
    answers.read_order,
    answers.read_pickup,
    lambda told: answers.read_link(told, "labels_url"),
    answers.read_keys,
    answers.read_stored,
    answers.read_waiting,
    said.done,
]


@MANY
@given(body=ADDED, status=STATUS)
def test_every_other_answer_is_read_or_a_carriers_error(body: bytes, status: int) -> None:
    for read in READERS:
        with suppress(CarrierError):
            read(answer(body, status=status))
