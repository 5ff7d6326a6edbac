"""The pages of return labels: what an order went with, a label for its way back with one press, once, and printed."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from pypdf import PdfReader

from service import accounts, problems, returns, tenants
from service.accounts import Kind, Person
from service.flows import book
from service.problems import Cause
from service.returns import Parked, State
from service.web import words
from service.web.wms import returns as doors
from tests.flows.counter import counter
from tests.flows.town import build
from tests.web.parcel_desk import EN, Desk, desk, holds_without_script, said

PAGE = "/panel/pack/returns"
REFUSALS = [
    "unknown_shipment", "unknown_return", "not_booked", "cancelled", "not_left", "no_order", "no_contract",
    "no_returns", "has_return", "unfit", "not_parked", "no_label_yet", "no_label", "label_gone",
]  # fmt: skip


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Desk]:
    town = build(tmp_path, database.url, redis_url)
    yield desk(counter(town, "ppl", "packeta"))
    town.rig.close()


def went(at: Desk, code: str = "packeta") -> str:
    """Return an order that left with a label of this carrier."""
    [booking] = at.at.wants(code)
    at.at.work(30)
    return at.at.stands(booking).order_number


def ask(at: Desk, number: str, **fields: str) -> str:
    """Have a return made, and return the page it is waited for on."""
    answer = at.act(f"{PAGE}?order={number}", f"{PAGE}/ask", **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def work(at: Desk) -> None:
    for _ in range(3):
        book.run(at.at.town.rig, at.tenant)
        at.at.town.watch.move(10)


def asked(at: Desk) -> list[returns.Return]:
    with at.at.town.rig.db.tx(at.tenant) as conn:
        return returns.newest(conn, at.tenant, most=10)


def test_a_return_is_asked_for_with_one_press_waited_for_and_printed(at: Desk) -> None:
    number = went(at)
    assert f'href="{PAGE}"' in at.page("/panel/pack")

    page = ask(at, number)
    waiting = at.page(page)
    assert '<meta http-equiv="refresh" content="1">' in waiting
    assert said("return_is_waiting") in waiting
    work(at)
    ready = at.page(page)
    answer = at.act(page, f"{PAGE}/print")

    assert "http-equiv" not in ready
    assert said("return_is_ready") in ready
    assert answer.headers["content-type"] == "application/pdf"
    assert len(PdfReader(BytesIO(answer.content)).pages) == 1
    [made] = asked(at)
    assert made.parcels[0]["number"] in at.page(PAGE)
    assert EN["printed_here"] in at.page(PAGE)
    with at.at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE tracked SET state = 'in_transit' WHERE booking_id = %s", [made.return_id])
    assert f"{said('return_where')}: {said('parcel_in_transit')} (" in at.page(page)
    assert said("parcel_in_transit") in at.page(PAGE)
    assert at.story(number)[-2:] == ["return_label", "label_printed"]


def test_goods_that_came_back_are_said_to_be_there_and_nobody_is_reminded_any_more(at: Desk) -> None:
    number, other = went(at, "ppl"), went(at, "ppl")
    with at.at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE tracked SET state = 'returned', reason = 'refused' WHERE order_number = %s", [number])
        problems.note(conn, at.tenant, Cause.PARCEL_BACK, now=at.at.town.watch(), order_number=number)
    page = at.page(PAGE)
    assert f'<a href="{PAGE}#back">' in at.page("/panel/shipping")
    assert said("parcel_refused") in page
    [booking_id] = re.findall(r'name="booking" value="(b_\w+)"', page)
    holds_without_script(page, PAGE)
    with at.at.town.rig.db.tx_all("a test gives a shop its warehouse") as conn:
        depot = accounts.create(conn, Kind.WAREHOUSE, Person("Depot"), now=at.at.town.watch())
        tenants.ship_from(conn, at.tenant, account_id=depot)
    told = at.act(PAGE, f"{PAGE}/back", booking=booking_id)
    assert (told.status_code, told.text.count(said("goods_back_warehouse"))) == (409, 2)
    assert 'name="booking"' not in at.page(PAGE)
    with at.at.town.rig.db.tx_all("a test has the shop ship itself") as conn:
        tenants.ship_from(conn, at.tenant, account_id=None)

    answer = at.act(PAGE, f"{PAGE}/back", booking=booking_id)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=goods_back_said#back")
    assert said("goods_back_said") in at.page(answer.headers["location"])
    assert at.at.causes() == set()
    assert at.story(number)[-1] == "goods_back"
    form = at.carried("/panel/pack", "/panel/pack/print")
    for odd in (booking_id, at.booked(other)[0].booking_id, "b_none"):
        assert at.browser.post(f"{PAGE}/back", data={**form, "booking": odd}).status_code == 409


def test_a_second_press_asks_once_and_another_one_must_be_wanted(at: Desk) -> None:
    number = went(at)
    form = at.carried(f"{PAGE}?order={number}", f"{PAGE}/ask")

    first, second = (at.browser.post(f"{PAGE}/ask", data=form) for _ in range(2))
    more = at.act(f"{PAGE}?order={number}", f"{PAGE}/ask")
    other = ask(at, number, another="yes")

    assert first.headers["location"] == second.headers["location"] != other
    assert more.status_code == 409
    assert said("return_has_return") in more.text
    assert len(asked(at)) == 2


def test_a_password_is_shown_in_place_of_a_label(at: Desk) -> None:
    page = ask(at, went(at), without_label="yes")
    work(at)

    shown = at.page(page)

    parcels = at.at.worlds["packeta"].parcels.values()
    [password] = [each.bag["password"] for each in parcels if "password" in each.bag]
    assert said("return_told") in shown
    assert password in shown
    assert password not in at.page(PAGE)
    assert f"{PAGE}/print" not in shown


def test_a_carrier_without_return_labels_says_so_and_an_order_that_never_left_is_not_found(at: Desk) -> None:
    assert said("return_no_returns") in at.page(f"{PAGE}?order={went(at, 'ppl')}")
    [booking] = at.at.wants("packeta")
    assert said("return_not_left") in at.page(f"{PAGE}?order={at.at.stands(booking).order_number}")
    assert said("returns_unknown", number="<b>") in at.page(f"{PAGE}?order=<b>")
    for odd in ("x" * 300, "%00", "%ED%A0%80", "O%0A1"):
        assert at.browser.get(f"{PAGE}?order={odd}").status_code == 200


def test_what_is_not_certain_goes_again_only_when_somebody_looked_or_is_let_be(at: Desk) -> None:
    at.at.worlds["packeta"].faults.add("dropped", operation="createPacketClaim", calls=2)
    first, second = [ask(at, each) for each in (went(at), went(at))]
    for _ in range(3):
        work(at)
    assert [said("return_parked_unclear") in at.page(each) for each in (first, second)] == [True, True]

    blind = at.act(first, f"{PAGE}/again")
    again = at.act(first, f"{PAGE}/again", looked="yes")
    unsure = at.act(second, f"{PAGE}/let-be")
    let_be = at.act(second, f"{PAGE}/let-be", confirm="yes")
    work(at)

    assert [blind.status_code, unsure.status_code] == [422, 422]
    assert again.headers["location"] == f"{first}?said=return_again_said"
    assert let_be.headers["location"] == f"{second}?said=return_let_be_said"
    assert {each.state for each in asked(at)} == {State.READY, State.CANCELLED}
    assert at.at.causes() == set()


def test_forms_that_are_none_of_ours_and_boxes_that_are_none_ask_for_nothing(at: Desk) -> None:
    number = went(at)
    good = at.carried(f"{PAGE}?order={number}", f"{PAGE}/ask")

    for changed, status in (
        ({"form_token": "0" * 64}, 403),
        ({"key": "x"}, 422),
        ({"boxes": "a lot"}, 422),
        ({"boxes": "1\u00a0200"}, 422),
        ({"shipment": "s_none_x"}, 404),
        ({"shipment": ""}, 404),
    ):
        assert at.browser.post(f"{PAGE}/ask", data={**good, **changed}).status_code == status, changed
    for act in ("print", "again", "let-be"):
        sent = {"form_token": good["form_token"], "return": "r_none_x", "confirm": "yes"}
        assert at.browser.post(f"{PAGE}/{act}", data=sent).status_code == 404
    for odd in ("r_none_x", "x", f"r_{at.tenant.removeprefix('t_')}_%00"):
        assert at.browser.get(f"{PAGE}/{odd}").status_code == 404
    assert asked(at) == []


def test_a_session_of_another_shop_sees_nothing_of_it(at: Desk) -> None:
    number = went(at)
    page = ask(at, number)
    work(at)
    mine = at.carried(page, f"{PAGE}/print")
    at.enter(tenant=at.at.town.install(at.at.town.open_shop("beta", orders=1)))
    token = re.search(r'name="form_token" value="(\w+)"', at.page(PAGE))[1]

    assert at.browser.get(page).status_code == 404
    assert number not in at.page(PAGE)
    assert at.browser.post(f"{PAGE}/print", data={**mine, "form_token": token}).status_code == 404


def test_the_pages_are_told_whole_to_those_who_do_not_see_them(at: Desk) -> None:
    number = went(at)
    at.at.worlds["packeta"].faults.add("dropped", operation="createPacketClaim")
    lost = ask(at, number)
    work(at)
    made = ask(at, number, another="yes")
    work(at)
    for language in ("cs", "sk", "en"):
        at.enter(language)
        for path in (PAGE, f"{PAGE}?order={number}", lost, made):
            holds_without_script(at.page(path), path)


def test_every_state_refusal_and_reason_has_its_words() -> None:
    keys = [f"return_is_{each}" for each in State] + [f"return_{each}" for each in REFUSALS]
    keys += [f"return_{what}_{each}" for each in Parked for what in ("parked", "do")]

    assert [key for key in keys for told in words.IN.values() if key not in told] == []
    assert {*doors.STATUS_OF} <= {*REFUSALS}
