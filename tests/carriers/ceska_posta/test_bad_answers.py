"""Whatever the Post may answer, each parcel has its own end and nothing else is raised than our three words."""

import json
from base64 import b64decode, b64encode

from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Booked, Format, Handle, Pending
from carriers.ceska_posta import answers, points, tracking
from carriers.errors import CarrierError
from tests.carriers.ceska_posta.sample import THREE, TO_POINT, answer, batch, created, numbered, pdf, record
from tests.carriers.many import MANY

CODES = ["NB5847769990L", "NB0600004030U", "DR4362230958U", "DR5847760001L", "DR5847760015L", "", "Z1234567890"]
JOB = Handle("ceska_posta", {"transaction": "1"})
OWN = {"OBJ0": "NB5847769990L", "OBJ1": "NB0600004030U", "OBJ2": "DR4362230958U"}
OWN_JOB = Handle("ceska_posta", {"transaction": "1", "codes": json.dumps(OWN)})

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**63, 2**200)
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(
        ["OK", "INFO_X", "OBJ0", "OBJ1", "OBJ9", "1", "19", "2026-03-05", "2026-03-05T25:00", "91", *CODES]
    )
)
junk = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
statuses = st.fixed_dictionaries(
    {
        "responseCode": st.sampled_from([1, 2, 16, 19, 101, 261, 408]) | leaves,
        "responseText": st.sampled_from(["OK", "INFO_X", "NO"]) | leaves,
    }
)
records = st.fixed_dictionaries(
    {
        "recordNumber": st.sampled_from(["OBJ0", "OBJ1", "OBJ2", "OBJ9", "OBJ9/2", "OBJ9/3", "OBJ202600417"]) | leaves,
        "parcelCode": st.sampled_from(CODES) | leaves,
        "parcelStateResponse": st.just([{"responseCode": 1, "responseText": "OK"}])
        | st.lists(statuses, max_size=2)
        | junk,
    }
)
lists = st.lists(records | junk, max_size=5) | junk
created_answers = st.fixed_dictionaries(
    {
        "responseHeader": st.fixed_dictionaries(
            {
                "resultHeader": st.just({"responseCode": 1, "responseText": "OK"}) | statuses | junk,
                "resultParcelData": lists,
                "responsePrintParams": junk,
            }
        )
        | junk
    }
)
batch_answers = st.fixed_dictionaries(
    {"StatusResponseList": st.lists(statuses, max_size=2) | junk, "ResultSendParcelsList": lists}
)
details = st.fixed_dictionaries(
    {
        "idParcel": st.sampled_from(CODES) | leaves,
        "amount": leaves,
        "depositTo": leaves,
        "parcelStatuses": st.lists(
            st.fixed_dictionaries({"id": leaves, "date": leaves, "text": leaves}) | junk, max_size=4
        )
        | junk,
    }
)
tracked_answers = st.fixed_dictionaries({"detail": st.lists(details | junk, max_size=4) | junk})
paid_answers = st.fixed_dictionaries(
    {
        "parcelDataHistory": st.fixed_dictionaries(
            {"creditedData": st.dictionaries(st.sampled_from(["paymentDate", "transactionDate"]), leaves) | junk}
        )
        | junk
    }
)
printed_answers = st.fixed_dictionaries(
    {
        "printingHeaderResult": st.fixed_dictionaries({"printingStatusResponse": statuses | junk}) | junk,
        "printingDataResult": leaves,
    }
)


@st.composite
def bodies(draw, shaped):
    """Return what came over the wire: as shaped, anything else, cut off, or HTML; with any status now and then."""
    whole = json.dumps(draw(shaped | junk)).encode()
    cut = draw(st.integers(0, len(whole)))
    body = draw(
        st.sampled_from(
            [
                whole,
                whole,
                whole,
                whole[:cut],
                b"<html>busy</html>",
                b"",
                b"\xff\xfe{}",
                b"[" * 2_000,
                b"[1e9999999999999999999]",
            ]
        )
    )
    return body, draw(st.sampled_from([200, 200, 200, 200, 202, 204, 302, 400, 401, 404, 418, 429, 500, 503]))


def kept(read):
    """Return what a reader brought, or the one error it may raise."""
    try:
        return read()
    except CarrierError as error:
        return error


def told(body, reference):
    """Return the codes an answer tells for a record, whatever else it says."""
    text = json.loads(body)
    listed = text.get("ResultSendParcelsList") or text.get("responseHeader", {}).get("resultParcelData")
    return [one["parcelCode"] for one in listed if isinstance(one, dict) and str(one.get("recordNumber")) == reference]


@MANY
@given(said=bodies(created_answers), own=st.booleans())
def test_a_booking_is_booked_under_what_was_told_of_it_alone(said, own) -> None:
    codes = ["NB5847769990L"] if own else []

    taken = kept(lambda: answers.read_created(answer(said[0], status=said[1]), TO_POINT, codes))

    assert isinstance(taken, Booked | CarrierError)
    if isinstance(taken, Booked) and not taken.again:
        assert [parcel.number for parcel in taken.parcels] == told(said[0], "OBJ202600417")


@MANY
@given(said=bodies(created_answers))
def test_boxes_are_booked_all_or_not_at_all(said) -> None:
    taken = kept(lambda: answers.read_created(answer(said[0], status=said[1]), THREE))

    assert isinstance(taken, Booked | CarrierError)
    if isinstance(taken, Booked):
        assert [[parcel.number] for parcel in taken.parcels] == [
            told(said[0], name) for name in ("OBJ9", "OBJ9/2", "OBJ9/3")
        ]


@MANY
@given(said=bodies(batch_answers), job=st.sampled_from([JOB, OWN_JOB]))
def test_a_batch_never_gives_a_parcel_the_code_of_another(said, job) -> None:
    references = ["OBJ0", "OBJ1", "OBJ2"]

    taken = kept(lambda: answers.read_batch(answer(said[0], status=said[1], makes=False), job, references))

    if isinstance(taken, CarrierError):
        return
    assert len(taken) == 3
    booked = [one for one in taken if isinstance(one, Booked)]
    assert len({one.parcels[0].number for one in booked}) == len(booked)
    assert all(told(said[0], one.reference) == [one.parcels[0].number] for one in booked if not one.again)
    assert job is JOB or all(one.parcels[0].number == OWN[one.reference] for one in booked)
    assert all(
        one.reference == name for one, name in zip(taken, references, strict=True) if isinstance(one, Booked | Pending)
    )


@MANY
@given(
    count=st.integers(1, 30),
    left_out=st.sets(st.integers(0, 29)),
    twice=st.sets(st.integers(0, 29)),
    order=st.randoms(),
)
def test_a_batch_with_answers_missing_and_doubled_keeps_all_others(count, left_out, twice, order) -> None:
    told_of = [record(f"OBJ{place}", f"NB{place:09}0L") for place in range(count) if place not in left_out]
    told_of += [record(f"OBJ{place}", f"NB{place:09}1L") for place in range(count) if place in twice]
    order.shuffle(told_of)

    taken = answers.read_batch(answer(batch(*told_of), makes=False), JOB, [f"OBJ{place}" for place in range(count)])

    told_once = {place for place in range(count) if (place in left_out) == (place in twice)}
    assert {place for place, one in enumerate(taken) if isinstance(one, Booked)} == told_once
    assert all(one.unclear for place, one in enumerate(taken) if place not in told_once)


@MANY
@given(said=bodies(st.fixed_dictionaries({"idTransaction": leaves})))
def test_a_batch_is_pending_or_an_error(said) -> None:
    taken = kept(lambda: answers.read_sent(answer(said[0], status=said[1]), numbered(2), {}))

    assert isinstance(taken, CarrierError) or [one.reference for one in taken] == ["OBJ0", "OBJ1"]


@MANY
@given(said=bodies(tracked_answers))
def test_parcels_are_tracked_each_or_an_error(said) -> None:
    given_ = answer(said[0], status=said[1], makes=False)

    taken = kept(lambda: tracking.read_tracked(given_, CODES[:3]))

    assert isinstance(taken, CarrierError) or [one.number for one in taken] == CODES[:3]
    kept(lambda: tracking.with_cod(given_))


@MANY
@given(said=bodies(paid_answers))
def test_money_has_a_day_or_none(said) -> None:
    kept(lambda: tracking.read_paid(answer(said[0], status=said[1], makes=False)))


@MANY
@given(said=bodies(printed_answers), kind=st.sampled_from(list(Format)))
def test_a_label_is_one_or_an_error(said, kind) -> None:
    taken = kept(lambda: answers.read_labels(answer(said[0], status=said[1], makes=False), CODES[:1], kind))

    assert isinstance(taken, CarrierError) or taken.covers == (CODES[0],)


@MANY
@given(said=bodies(created_answers))
def test_a_posting_is_closed_or_an_error(said) -> None:
    kept(lambda: answers.read_closed(answer(said[0], status=said[1], operation="close")))


@MANY
@given(said=bodies(st.lists(st.fixed_dictionaries({"locationNumber": leaves}) | junk)))
def test_places_are_read_or_an_error(said) -> None:
    kept(lambda: answers.read_places(answer(said[0], status=said[1], makes=False), "1"))


FIELDS = ["PSC", "NAZEV", "TYP", "OBEC", "ADRESA", "SOUR_X_WGS84", "SOUR_Y_WGS84", "OTEV_DOBY", "STAV", "x"]
texts = st.sampled_from(["60200", "Brno", "49.1", "16.6", "", "nan", "1e400", "&lt;", "&#0;", "&nope;", "<den/>", "<a"])
rows = st.lists(st.tuples(st.sampled_from(FIELDS), texts), max_size=6)


@MANY
@given(
    listed=st.lists(rows, max_size=5), cut=st.integers(0, 40), begins=st.sampled_from(["", "<!DOCTYPE a>", "\ufeff"])
)
def test_a_list_of_points_yields_good_points_or_an_error(listed, cut, begins) -> None:
    inner = "".join("<row>" + "".join(f"<{name}>{text}</{name}>" for name, text in row) + "</row>" for row in listed)
    body = f"{begins}<zv xmlns='http://www.cpost.cz/schema/aict/zv_2'>{inner}</zv>".encode()

    read = kept(lambda: list(points.read_points(answer(body[: len(body) - cut], makes=False))))

    assert isinstance(read, CarrierError) or all(len(point.point_id) == 5 and point.name for point in read)


@MANY
@given(changes=st.lists(st.tuples(st.integers(0, 700), st.binary(max_size=3)), max_size=6), count=st.integers(1, 2))
def test_a_broken_pdf_is_a_label_of_its_pages_or_an_error(changes, count) -> None:
    content = bytearray(b64decode(pdf(count)))
    for place, piece in changes:
        content[place : place + len(piece)] = piece
    said = {
        "printingHeaderResult": {"printingStatusResponse": {"responseCode": 1}},
        "printingDataResult": b64encode(content).decode(),
    }

    taken = kept(lambda: answers.read_labels(answer(said, makes=False), CODES[:count], Format.PDF))

    assert isinstance(taken, CarrierError) or len(taken.covers) == count


def test_the_shapes_above_do_bring_bookings() -> None:
    assert isinstance(answers.read_created(answer(created(record("OBJ202600417", CODES[0]))), TO_POINT), Booked)
