"""Printing on the page "To pack": what cannot be printed is named with its order and why, and the others go on."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from service import shipments
from simulator import changes
from tests.flows.counter import counter
from tests.flows.town import build
from tests.web.gate import Gate, merge
from tests.web.parcel_desk import EN, Desk, desk, said
from tests.web.test_panel import Outline


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Desk]:
    town = build(tmp_path, database.url, redis_url)
    made = desk(counter(town, "ppl", "packeta", count=40))
    made.pair()
    yield made
    town.rig.close()


def ready(at: Desk, count: int) -> tuple[list[str], list[str]]:
    """Return so many orders with their labels, and their shipments."""
    numbers = at.orders()[:count]
    at.book(*numbers)
    at.at.work(30)
    return numbers, [at.booked(each)[0].shipment_id for each in numbers]


def prints(at: Desk, ids: Sequence[str], **how: str) -> httpx.Response:
    form = at.carried("/panel/pack", "/panel/pack/print")
    return at.browser.post("/panel/pack/print", data={**form, "shipment": ids, "page": "a6", "start": "1", **how})


def rest_of(page: str) -> dict[str, list[str]]:
    """Return the form that prints what the page does not lack."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: [value for field, value in fields if field == name] for name, _ in fields}


def storno(at: Desk, number: str) -> None:
    shop = at.at.shop.shop
    cancelled = next(key for key, row in shop.statuses.items() if row["type"] == "Canceled")
    changes.bulk_status(at.at.town.world, shop, [number], cancelled)
    at.at.shop.read()


def lacks(page: str) -> list[str]:
    return re.findall(r"<li><strong>(.*?)</li>", page)


def test_a_label_cancelled_meanwhile_is_named_and_the_others_are_printed(at: Desk) -> None:
    [good, gone, _, stopped], ids = ready(at, 4)
    at.act("/panel/pack", "/panel/pack/cancel", at.booked(gone)[0].booking_id, confirm="yes")
    storno(at, stopped)

    answer = prints(at, ids, page="a4", start="3")
    form = rest_of(answer.text)
    file = at.browser.post("/panel/pack/print", data=form)

    assert answer.status_code == 409
    assert lacks(answer.text) == [
        f"{gone}</strong>: {EN['lack_cancelled']}",
        f"{stopped}</strong>: {EN['lack_stopped'].format(orders=stopped)}",
    ]
    assert said("print_rest", count=2) in answer.text
    assert (form["shipment"], form["page"], form["start"]) == ([ids[0], ids[2]], ["a4"], ["3"])
    assert file.headers["content-type"] == "application/pdf"
    assert len(PdfReader(BytesIO(file.content)).pages) == 1
    assert [at.story(number).count("label_printed") for number in (good, gone, stopped)] == [1, 0, 0]


def test_where_nothing_can_be_printed_there_is_no_button(at: Desk) -> None:
    [number], ids = ready(at, 1)
    storno(at, number)

    answer = prints(at, [*ids, "s_none_x"])

    assert answer.status_code == 409
    assert lacks(answer.text) == [f"{number}</strong>: {EN['lack_stopped'].format(orders=number)}"]
    assert said("lack_unknown_shipment") in answer.text
    assert "/panel/pack/print" not in answer.text


def test_a_carrier_that_is_away_keeps_no_other_from_being_printed(at: Desk) -> None:
    [away, _], ids = ready(at, 2)
    [booking] = at.booked(away)
    with at.at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("DELETE FROM labels WHERE booking_id = %s", [booking.booking_id])
    at.at.worlds["ppl"].faults.add("down", calls=None)

    answer = prints(at, ids)

    assert lacks(answer.text) == [f"{away}</strong>: {EN['lack_carrier_away']}"]
    assert rest_of(answer.text)["shipment"] == ids[1:]


def test_a_parcel_names_the_order_in_it_that_must_not_leave(at: Desk) -> None:
    first, second = merge(Gate(at.at, at.browser, ""))
    alone = next(each for each in at.orders() if each not in (first, second))
    at.book(first, alone)
    with at.at.town.rig.db.tx(at.tenant) as conn:  # the page packs no two orders in one parcel, a warehouse does
        [leading] = shipments.of_orders(conn, at.tenant, [first])[first]
        draft = shipments.Draft(second, (), final=True, booked_with=leading.shipment_id)
        shipments.add(conn, at.tenant, [draft], account_id=at.at.account_id, now=at.at.town.watch())
    at.at.work(30)
    storno(at, second)

    page, answer = at.page(), prints(at, [leading.shipment_id, at.booked(alone)[0].shipment_id])

    assert f"{second}: {said('label_stopped')}" in page
    assert f'value="{leading.shipment_id}"' not in page
    assert lacks(answer.text) == [f"{first}, {second}</strong>: {EN['lack_stopped'].format(orders=second)}"]


def test_what_lacks_is_told_whole_to_those_who_do_not_see_it(at: Desk) -> None:
    [number, _], ids = ready(at, 2)
    storno(at, number)

    for language in ("cs", "sk", "en"):
        at.enter(language)
        text = prints(at, ids).text
        outline = Outline()
        outline.feed(text)
        assert outline.levels[:2] == [1, 2]
        assert set(outline.named) <= set(outline.ids)
        assert "{" not in re.sub(r"<[^>]*>", "", text)
