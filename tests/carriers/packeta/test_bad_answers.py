"""Whatever comes back, a batch goes on: an error of ours in its place, or a packet that is the right one."""

import base64
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Booked, Format, Tracked
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable
from carriers.packeta import answers, points, tracking
from carriers.states import State
from tests.carriers.many import MANY
from tests.carriers.packeta.packing import (
    CREATED,
    TO_POINT,
    WRONG_ATTRIBUTES,
    Says,
    answer,
    created,
    history,
    ok,
    packeta,
    parcel,
    pdf,
    record,
)

ODD = [
    *[
        "",
        " ",
        "null",
        "None",
        "true",
        "-1",
        "0",
        "7",
        "1e400",
        "4154090123.0",
        "9" * 30,
        "9" * 5000,
        "Z",
        "ok",
        "fault",
    ],
    *["NaN", "2026-02-30T25:61:00", "0000-00-00 00:00:00", "2026-03-04T09:12:44+99:00", "1772611964", "&amp;", "<x/>"],
    *["<id>", "<![CDATA[7]]>", "\x00", "\ud7ff", "\ud800", "٤", "{}", "[", "1.5", '"', "Z4154090199", "4154090199"],
]
PAGES = [
    "<html><body>Bad gateway</body></html>",
    "<!DOCTYPE html><html></html>",
    "{}",
    "[]",
    "null",
    "",
    "ok",
    "\ufeff",
]
LABEL = ok(base64.b64encode(pdf(1)).decode())
FEED = json.dumps(
    [
        {
            "id": "1",
            "country": "cz",
            "code": "1",
            "status": {"statusId": "1"},
            "latitude": "50",
            "available": "true",
            "disallowsCod": "false",
            "maxWeight": "15",
            "coordinates": {"lat": "1"},
        }
    ]
)

SCAN = {"id": 4154090123, "barcode": "Z4154090123", "statusCode": "5", "dateTime": "2026-03-04T09:12:44"}
MESSAGES = (json.dumps({"status": SCAN}), json.dumps({"externalStatus": SCAN, "status": {"id": "4154090123"}}))


def spoiled(good: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Draw a good answer with something wrong; one draw each, as a draw for every letter takes minutes."""
    return st.integers(0, 2**40).map(lambda seed: spoil(random.Random(seed), good))


def spoil(dice: random.Random, good: tuple[str, ...]) -> bytes:
    """Return an answer that is cut, has an odd word, a piece twice or not at all, or is noise or another page."""
    body = dice.choice(good)
    for _ in range(dice.randint(1, 3)):
        start = dice.randint(0, len(body))
        end = min(len(body), start + dice.randint(0, 40))
        ways = [
            body[:start],
            body[:start] + dice.choice(ODD) + body[end:],
            body[:end] + body[start:],
            body[:start] + body[end:],
            *(odd_word(dice, body) for _ in range(4)),
        ]
        body = dice.choice([*ways, dice.choice(PAGES)])
    return body.encode("utf-8", "replace") if dice.random() < 0.95 else dice.randbytes(dice.randint(0, 40))


def odd_word(dice: random.Random, body: str) -> str:
    """Put an odd word in the place of one of the texts between two tags or quotes."""
    mark = dice.choice([">", '"'])
    pieces = body.split(mark)
    at = dice.randrange(len(pieces))
    text, tag, rest = pieces[at].partition("<")
    pieces[at] = (dice.choice(ODD) if text or tag else text) + tag + rest
    return mark.join(pieces)


@MANY
@given(bad=spoiled((CREATED, WRONG_ATTRIBUTES)))
def test_a_bad_answer_to_a_booking_stays_in_its_place(bad: bytes) -> None:
    says = Says(created("4154090124"), bad, created("4154090125"))
    first, middle, last = packeta(says).book([TO_POINT] * 3)

    assert isinstance(first, Booked)
    assert first.parcels[0].number == "Z4154090124"
    assert isinstance(last, Booked)
    assert last.parcels[0].number == "Z4154090125"
    if isinstance(middle, Booked):
        number = middle.parcels[0].number.encode()
        assert number in bad
        assert number.removeprefix(b"Z").lstrip(b"0") in bad.replace(number, b"")
    elif isinstance(middle, CarrierUnreachable):
        assert middle.unclear
    else:
        assert isinstance(middle, CarrierRefused)


@MANY
@given(bad=spoiled((history(record("1"), record("5")), ok(record("7")), history(record("17"), record("3")))))
def test_a_bad_answer_to_tracking_is_no_event_that_was_not_told(bad: bytes) -> None:
    try:
        (one,) = packeta(Says(bad, bad)).track([parcel()])
    except CarrierError:
        return
    assert isinstance(one, Tracked)
    assert one.number == "Z4154090123"
    assert one.state is not State.DELIVERED or b"7" in bad


def listed(reader: Callable[..., Any], *more: Any) -> Callable[[Any], Any]:
    return lambda bad: list(reader(bad, *more))


COURIER = points.Courier("1", "CZ", has_points=True, has_own_label=False)
READERS: list[tuple[str, Callable[[Any], Any], tuple[str, ...]]] = [
    ("opened", answers.opened, (CREATED, WRONG_ATTRIBUTES)),
    ("label_pdf", lambda bad: answers.label_pdf(bad, ["Z1"]), (LABEL,)),
    ("label_of_courier", lambda bad: answers.label_of_one(bad, "Z1", Format.PDF), (LABEL,)),
    ("label_zpl", lambda bad: answers.label_of_one(bad, "Z1", Format.ZPL), (ok("^XA^FDa^FS^XZ"),)),
    ("courier_number", answers.courier_number, (ok("<courierNumber>C7</courierNumber>"),)),
    ("consigned", answers.consigned, (ok("<id>7</id><barcode>D-1-XM-7</barcode>"),)),
    ("couriers", listed(points.couriers), (FEED,)),
    ("own", listed(points.own, "CZ", "branch"), (FEED,)),
    (
        "of_courier",
        listed(points.of_courier, COURIER),
        (FEED, json.dumps({"carriers": [{"points": json.loads(FEED)}]})),
    ),
]


@pytest.mark.parametrize(("reader", "good"), [case[1:] for case in READERS], ids=[case[0] for case in READERS])
def test_every_reader_takes_bad_answers_as_errors_of_ours(reader: Callable[[Any], Any], good: tuple[str, ...]) -> None:
    assert reader(answer(good[0]))

    @MANY
    @given(bad=spoiled(good))
    def read(bad: bytes) -> None:
        with suppress(CarrierError):
            reader(answer(bad))

    read()


@MANY
@given(
    content=st.one_of(
        st.binary(max_size=60).map(lambda noise: b"%PDF-1.4\n" + noise),
        st.tuples(st.integers(0, 500), st.binary(min_size=1, max_size=8)).map(
            lambda hit: pdf(1)[: hit[0]] + hit[1] + pdf(1)[hit[0] + len(hit[1]) :]
        ),
    )
)
def test_a_broken_pdf_is_no_label(content: bytes) -> None:
    try:
        label = answers.label_pdf(answer(ok(base64.b64encode(content).decode())), ["Z1"])
    except CarrierUnreachable:
        return
    assert label.covers == ("Z1",)


@MANY
@given(bad=spoiled(MESSAGES))
def test_a_bad_message_tells_nothing_that_was_not_said(bad: bytes) -> None:
    one = tracking.heard(bad, with_more=True)

    assert one is None or one.number.removeprefix("Z").lstrip("0").encode() in bad
