"""The page "To pack": labels with one press, once; what cannot go says why; what needs somebody can be decided."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from pypdf import PdfReader

from carriers import CARRIERS
from service import accounts, bookings, offers, problems, shipments, tenants
from service.accounts import Kind, Person
from service.bookings import Counts, Parked, State
from service.flows import ship
from service.flows.rebook import Why
from service.offers import told
from service.pairings import Pairing
from service.problems import Cause
from service.shipments import Parcel
from service.web import labels_pages, pack_form, parked_acts, words
from service.web.labels_pages import Pages
from service.web.wms.shipments import STATUS_OF
from simulator import changes
from tests.flows.counter import counter
from tests.flows.town import build
from tests.web.gate import Gate, merge
from tests.web.parcel_desk import EN, TO_A_SHOP, Desk, desk, holds_without_script, said

STRAY = Cause.PARCEL_STRAY
LACKS = [
    "unknown_shipment",
    "no_label",
    "no_label_yet",
    "cancelled",
    "format",
    "no_contract",
    "carrier_away",
    "login_refused",
    "refused",
    "stopped",
]
OF_A_SHIPMENT = {
    "unknown_shipment",
    "voided",
    "invalid",
    "label_due",
}  # what a warehouse may be told, and no batch of ours


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Desk]:
    town = build(tmp_path, database.url, redis_url)
    made = desk(counter(town, "ppl", "packeta", count=40))
    made.pair()
    yield made
    town.rig.close()


def batch_of(at: Desk, answer) -> str:
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/panel/pack/batch/f_")
    return answer.headers["location"]


def printed(answer) -> PdfReader:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return PdfReader(BytesIO(answer.content))


def test_what_is_chosen_is_booked_waited_for_and_printed_as_one_file(at: Desk) -> None:
    one, other, *_ = at.orders()

    page = batch_of(at, at.book(one, other))
    waiting = at.page(page)
    assert '<meta http-equiv="refresh" content="1">' in waiting
    assert said("batch_waits", ready=0, all=2) in waiting
    at.at.work(30)
    ready = at.page(page)
    assert "http-equiv" not in ready
    assert said("batch_ready", ready=2, all=2) in ready

    ids = re.findall(r'name="shipment" value="(s_\w+)"', ready)
    token = at.carried(page, "/panel/pack/print")["form_token"]
    form = {"form_token": token, "shipment": ids, "page": "a6", "start": "1"}
    assert len(printed(at.browser.post("/panel/pack/print", data=form)).pages) == 2
    sheets = printed(at.browser.post("/panel/pack/print", data={**form, "page": "a4", "start": "4"}))
    assert len(sheets.pages) == 2
    assert at.story(one).count("label_printed") == 2
    assert EN["printed_here"] in at.page()
    assert at.at.paid_twice("ppl") == {}


def test_the_page_of_a_batch_waits_for_a_label_that_is_about_to_be_ready(at: Desk) -> None:
    page = batch_of(at, at.book(at.orders()[0]))
    patient = desk(at.at, patience_s=20)

    with ThreadPoolExecutor(1) as threads:
        waited = threads.submit(patient.page, page)
        at.at.work(30)

        assert said("print_all", count=1) in waited.result(30)


def test_what_somebody_has_chosen_is_not_lost_by_looking_again(at: Desk) -> None:
    one, other, *_ = at.orders()
    page = batch_of(at, at.book(one, other))
    at.at.work(30)
    with at.at.town.rig.db.tx(at.tenant) as conn:
        conn.execute(
            "UPDATE bookings SET label_at = NULL, since = created_at, due_at = created_at, created_at = %s"
            " WHERE order_number = %s",
            [at.at.town.watch(), other],
        )
    young = at.page(page)
    assert "http-equiv" in young
    assert "<fieldset" not in young
    staying = at.page(f"{page}?stay=yes")
    at.at.town.watch.move(11)  # one that waits keeps what is ready from nobody's keyboard for longer

    for shown in (staying, at.page(page)):
        assert "http-equiv" not in shown
        assert said("refresh") in shown
    form = {**at.carried(page, "/panel/pack/print"), "page": "a4", "start": "3"}
    answer = at.browser.post("/panel/pack/refresh", data=form)
    assert answer.headers["location"] == f"{page}?stay=yes&page=a4&start=3"
    again = at.page(answer.headers["location"])
    assert 'value="a4" checked' in again
    assert "<option selected>3</option>" in again


def test_a_second_press_books_nothing_twice(at: Desk) -> None:
    [number, *_] = at.orders()
    form = at.form(tick={number: "900 700"})

    first, second = (at.browser.post("/panel/pack/book", data=form) for _ in range(2))

    assert batch_of(at, first) == batch_of(at, second)
    [booking] = at.booked(number)
    assert booking.boxes == 2
    other = at.browser.post("/panel/pack/book", data={**form, "act": "all"})
    assert other.status_code == 409
    assert said("pack_changed") in other.text


def test_all_that_can_go_goes_and_the_rest_says_why(at: Desk) -> None:
    number = at.orders()[0]
    customer = at.at.shop.shop.orders[number].record["customer"]
    changes.change_order(at.at.town.world, at.at.shop.shop, number, customer={**customer, "zip_invoice": "1"})
    at.at.shop.read()
    with at.at.town.rig.db.tx(at.tenant) as conn:
        offer = offers.known(conn, at.tenant, [number])[number]
    page = at.page()
    assert offer.state is offers.State.STOP
    assert said("pack_stopped_now", count=1) in page
    assert said("unpaired_not_paired") in page
    going = re.findall(r'name="ready(\d+)"', page)
    assert going

    batch_of(at, at.book(act="all"))
    at.at.work(30)

    assert len({each for each in at.at.shop.numbers if at.booked(each)}) == len(going)
    ready = re.findall(r'name="shipment" value="s_\w+"> <span>([^<]+)</span>', at.page())
    assert ready == sorted(ready)  # as they were to be packed, and are printed
    assert len(ready) > 2
    assert at.booked(number) == []


def test_a_stopped_order_is_taken_off_the_line_here_and_offered_as_it_is_now(at: Desk) -> None:
    number, other, *_ = at.orders()
    for each in (number, other):
        customer = at.at.shop.shop.orders[each].record["customer"]
        changes.change_order(at.at.town.world, at.at.shop.shop, each, customer={**customer, "phone": "+420777123456"})
    at.at.shop.read()
    act, page = "/panel/pack/off-the-line", at.page()
    tokens = re.findall(r'<button class="quiet" name="seen" value="(\d+\.[^"]+)">', page)
    holds_without_script(page, "/panel/pack")
    assert said("changed_phone") in page
    assert number not in at.orders()

    assert at.act("/panel/pack", act).status_code == 422
    late = at.act("/panel/pack", act, seen=f"1.{number}")
    assert (late.status_code, said("stopped_moved") in late.text) == (409, True)
    [token] = [each for each in tokens if each.endswith(f".{number}")]
    answer = at.act("/panel/pack", act, seen=token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/panel/pack?said=stopped_off_said#stopped")
    assert at.act("/panel/pack", act, seen=token).status_code == 303  # twice is the same as once

    assert number in at.orders()
    assert [each["act"] for each in at.acts()] == ["taken off the line"]
    with at.at.town.rig.db.tx_all("a test gives a shop its warehouse") as conn:
        depot = accounts.create(conn, Kind.WAREHOUSE, Person("Depot"), now=at.at.town.watch())
        tenants.ship_from(conn, at.tenant, account_id=depot)
    assert said("stopped_warehouse") in at.page()
    assert 'name="seen"' not in at.page()
    [left] = [each for each in tokens if each.endswith(f".{other}")]
    assert at.act("/panel/pack", act, seen=left).status_code == 409
    assert other not in at.orders()


def test_one_goes_by_its_own_button_and_faults_are_told_before_any_call(at: Desk) -> None:
    at.pair(pairing=Pairing("ppl", "PRIV"))
    one, *_ = at.orders()
    form = at.form()
    [place] = [name.removeprefix("shown") for name, value in form.items() if value.endswith(f".{one}")]
    with at.at.town.rig.db.tx(at.tenant) as conn:
        conn.execute(
            "UPDATE orders SET content = jsonb_set(jsonb_set(content, '{products}', '[]'), '{total_weight}', '0')"
            " WHERE order_number = %s",
            [one],
        )
    asked = len(at.at.worlds["ppl"].ledger)
    assert "weight: is missing" in at.page()

    odd = at.browser.post("/panel/pack/book", data={**form, "only": place, f"boxes{place}": "a lot"})
    assert odd.status_code == 422
    assert said("pack_fault_boxes") in odd.text
    assert 'value="a lot"' in odd.text
    pasted = at.browser.post("/panel/pack/book", data={**form, "only": place, f"boxes{place}": "1\u00a0200"})
    assert pasted.status_code == 422
    assert said("pack_fault_boxes") in pasted.text
    assert len(at.at.worlds["ppl"].ledger) == asked
    batch_of(at, at.browser.post("/panel/pack/book", data={**form, "only": place, f"boxes{place}": "1500"}))
    assert [each.order_number for each in at.booked(one)] == [one]


def test_the_carrier_of_an_order_that_nothing_is_paired_for_is_chosen_on_the_page(at: Desk) -> None:
    [number, *_] = at.orders(TO_A_SHOP)
    row = next(each for each in at.page().split("<tr>") if f">{number}<" in each)
    assert said("unpaired_not_paired") in row
    assert '<option value="ppl SMAR">' in row
    form = at.form(tick={number: "1200 30x20x10"})
    [place] = [name.removeprefix("shown") for name, value in form.items() if value.endswith(f".{number}")]
    chosen = {**form, f"way{place}": "ppl SMAR"}

    odd = at.browser.post("/panel/pack/book", data={**chosen, f"boxes{place}": "1 200"})
    batch_of(at, at.browser.post("/panel/pack/book", data=chosen))

    assert '<option value="ppl SMAR" selected>' in odd.text
    [booking] = at.booked(number)
    assert (booking.carrier, booking.service) == ("ppl", "SMAR")
    [box] = booking.content["boxes"]
    assert [box[name] for name in ("weight_g", "length_mm", "width_mm", "height_mm")] == [1_200, 300, 200, 100]
    assert at.page("/panel/pack?choose=yes").count('name="way') > 1


def test_orders_of_one_recipient_are_chosen_into_one_parcel(at: Desk) -> None:
    first, second = merge(Gate(at.at, at.browser, ""))
    form = at.form(tick={first: "1200", second: "800"}, act="together")
    [place] = [name.removeprefix("shown") for name, value in form.items() if value.endswith(f".{second}")]

    many = at.browser.post("/panel/pack/book", data={**form, f"boxes{place}": "500 " * 20})
    bare = at.browser.post("/panel/pack/book", data={**form, f"boxes{place}": ""})
    page = batch_of(at, at.browser.post("/panel/pack/book", data=form))
    at.at.work(30)

    assert said("pack_together_many") in many.text
    assert (bare.status_code, f"{second}: {said('pack_fault_along')}" in bare.text) == (422, True)
    assert said("batch_ready", ready=1, all=1) in at.page(page)
    assert f'<th scope="row">{first}, {second}</th>' in at.page(page)
    [booking] = [*at.booked(first), *at.booked(second)]
    assert booking.boxes == 2
    assert all(f"{first}, {second}" in at.page(f"/panel/pack?find={number}") for number in (first, second))


@pytest.mark.parametrize(
    ("one", "other", "odd"),
    [
        ({}, {}, None),
        ({"boxes0": "1200 800"}, {"boxes1": "-"}, None),
        ({"way0": "ppl PRIV"}, {"way1": "ppl PRIV"}, None),
        ({"way0": "ppl PRIV"}, {}, None),
        ({"boxes0": "1200"}, {}, "pack_fault_along"),
        ({}, {"boxes1": "-"}, "pack_fault_along"),
        ({"boxes0": "1200"}, {"boxes1": "x"}, "pack_fault_boxes"),
        ({"way0": "gls home"}, {"way1": "ppl PRIV"}, "pack_fault_ways"),
    ],
)
def test_no_box_and_no_way_of_one_parcel_is_left_out_unseen(one, other, odd) -> None:
    shown = {"shown0": "1.A", "shown1": "1.B", "tick0": "yes", "tick1": "yes", **one, **other}

    faults = pack_form.faults(pack_form.chosen(shown), is_one=True)

    assert {*faults.values()} == ({odd} if odd else set())


def test_forms_that_are_none_of_ours_do_nothing(at: Desk) -> None:
    [number, *_] = at.orders()
    good = at.form(tick={number: ""})
    for changed, status in (
        ({"form_token": "0" * 64}, 403),
        ({"key": "x"}, 422),
        ({"key": "f_" + "a" * 500}, 422),
        ({"act": "chosen", **{name: None for name in good if name.startswith("tick")}}, 422),
    ):
        sent = {name: value for name, value in {**good, **changed}.items() if value is not None}
        assert at.browser.post("/panel/pack/book", data=sent).status_code == status
    shown = {name: f"99.{value.partition('.')[2]}" for name, value in good.items() if name.startswith("shown")}
    assert at.browser.post("/panel/pack/book", data={**good, **shown}).status_code == 409
    for path in ("print", "again", "elsewhere", "let-be", "cancel", "collect"):
        sent = {
            "form_token": good["form_token"],
            "booking": "b_none",
            "shipment": "s_none_x",
            "over": "1",
            "page": "a6",
        }
        answer = at.browser.post(
            f"/panel/pack/{path}",
            data={**sent, "confirm": "yes", "code": "ABCD", "carrier": "ppl", "amount": "1", "currency": "CZK"},
        )
        assert answer.status_code in (404, 409), path
    assert at.browser.get("/panel/pack/batch/f_nonenonenone").status_code == 404
    assert at.booked(number) == []


def test_a_label_is_cancelled_at_its_carrier_and_the_order_may_be_packed_again(at: Desk) -> None:
    [number, *_] = at.orders()
    at.book(number)
    at.at.work(30)
    [booking] = at.booked(number)

    assert at.act("/panel/pack", "/panel/pack/cancel", booking.booking_id).status_code == 422
    answer = at.act("/panel/pack", "/panel/pack/cancel", booking.booking_id, confirm="yes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/panel/pack?said=cancel_said#labels")
    at.at.work(30)

    [gone] = at.booked(number)
    assert gone.state is State.CANCELLED
    assert number in at.orders()
    assert number in at.page()


def test_every_label_is_reached_by_pages_its_order_or_its_code_and_all_are_counted(at: Desk) -> None:
    numbers = at.orders()[:3]
    at.book(*numbers[:2])
    at.at.work(30)
    at.book(numbers[2])
    [booking] = at.booked(numbers[0])

    with at.at.town.rig.db.tx(at.tenant) as conn:
        first, last = (
            labels_pages.look(conn, at.tenant, Pages(ready=page), at_once=Counts(1, 1, 1)) for page in (1, 9)
        )
        [box] = bookings.boxes(conn, at.tenant, [booking.booking_id])[booking.booking_id]
        conn.execute("UPDATE booked_parcels SET barcode = '98 765-b' WHERE booking_id = %s", [booking.booking_id])
    assert (first.all, first.last, last.pages.ready) == (Counts(0, 1, 2), Counts(1, 1, 2), 2)
    assert {each.order_number for each in (*first.ready, *last.ready)} == {*numbers[:2]}
    assert at.page().count(f"{said('labels')} (2)") == 2  # above the orders, and where they are
    for found in (numbers[0], box.number, f" {box.number.lower()} ", "98765-B"):
        page = at.page(f"/panel/pack?find={found}")
        assert numbers[0] in page
        assert numbers[1] not in page
        assert f"{said('under_way')} (" not in page
    assert said("find_none", what="<b>") in at.page("/panel/pack?find=<b>")
    assert at.browser.get("/panel/pack?find=%00&ready=x&parked=-1").status_code == 200

    choosing = at.page(f"/panel/pack?find={numbers[0]}&choose=yes")
    assert 'href="/panel/pack?choose=yes"' in choosing
    assert '<input type="hidden" name="choose" value="yes">' in choosing.split('role="search"')[1].split("</form>")[0]
    path = f"/panel/pack?find={numbers[0]}&choose=yes"
    answer = at.act(path, "/panel/pack/cancel", booking.booking_id, confirm="yes")
    assert answer.headers["location"] == f"/panel/pack?said=cancel_said&find={numbers[0]}&choose=yes#labels"


def test_a_refused_parcel_goes_again_as_the_order_is_now(at: Desk) -> None:
    [number, *_] = at.orders()
    at.book(number)
    with at.at.town.rig.db.tx(at.tenant) as conn:  # the carrier has given a service up since
        conn.execute("UPDATE bookings SET service = 'GONE', content = jsonb_set(content, '{service}', '\"GONE\"')")
    at.at.work(30)
    [booking] = at.booked(number)
    assert booking.state is State.PARKED
    page = at.page()
    assert said("parked_refused") in page
    assert said("cause_label_refused") in at.page("/panel/shipping")
    old = at.carried("/panel/pack", "/panel/pack/again")

    answer = at.act("/panel/pack", "/panel/pack/again", how="paired", boxes="700 800")
    assert answer.headers["location"] == "/panel/pack?said=again_said#parked"
    assert at.browser.post("/panel/pack/again", data={**old, "how": "paired"}).status_code == 409
    at.at.work(30)

    [made] = at.booked(number)
    assert (made.booking_id, made.state, made.boxes) == (booking.booking_id, State.READY, 2)
    with at.at.town.rig.db.tx(at.tenant) as conn:
        [shipment] = shipments.of_orders(conn, at.tenant, [number])[number]
    assert [parcel.weight_g for parcel in shipment.parcels] == [700, 800]
    assert all(parcel.tracking_code for parcel in shipment.parcels)
    assert "label again" in [each["act"] for each in at.acts()]


def parked_unclear(at: Desk) -> str:
    """Return an order whose parcel Packeta may have made, and nothing can find that out."""
    point = Pairing("packeta", "point", parcel_weight_g=1_000)
    at.pair(next(i for i in at.at.shop.shop.shipments if at.at.shop.shop.shipments[i]["type"] == "zasilkovna"), point)
    [booking] = at.at.wants("packeta")
    at.at.strikes("packeta", "dropped")
    at.at.work(90)
    return at.at.stands(booking).order_number


def test_what_may_have_been_made_goes_again_only_when_somebody_looked(at: Desk) -> None:
    number = parked_unclear(at)
    [booking] = at.booked(number)
    assert booking.parked == "unclear"
    page = at.page()
    assert f"<strong>{booking.reference}</strong>" in page

    refused = at.act("/panel/pack", "/panel/pack/again", how="same")
    assert refused.status_code == 422
    assert said("again_look_first") in refused.text
    asked = at.act("/panel/pack", "/panel/pack/again", how="same", looked="yes")
    assert asked.status_code in (303, 422)  # by how the order stands, which a test of booking made up
    assert said("again_look_first") not in asked.text


def test_what_was_made_elsewhere_leaves_with_its_code(at: Desk) -> None:
    number = parked_unclear(at)
    [booking] = at.booked(number)
    odd = at.act("/panel/pack", "/panel/pack/elsewhere", code="!", carrier="packeta")
    assert odd.status_code == 422
    assert said("elsewhere_code_odd") in odd.text

    answer = at.act("/panel/pack", "/panel/pack/elsewhere", code="z 123 4567 890", carrier="packeta")
    at.at.town.work(for_s=10)

    assert answer.headers["location"] == "/panel/pack?said=elsewhere_said#parked"
    assert at.booked(number)[0].state is State.CANCELLED
    assert at.at.shop.shown(number) == (at.at.shop.sent_id, "Z1234567890")
    assert booking.booking_id not in at.page()


def test_what_is_let_be_is_offered_again(at: Desk) -> None:
    number = parked_unclear(at)
    assert at.act("/panel/pack", "/panel/pack/let-be").status_code == 422

    answer = at.act("/panel/pack", "/panel/pack/let-be", confirm="yes")

    assert answer.headers["location"] == "/panel/pack?said=let_be_said#parked"
    assert at.booked(number)[0].state is State.CANCELLED
    with at.at.town.rig.db.tx(at.tenant) as conn:
        assert offers.known(conn, at.tenant, [number])[number].state is offers.State.RELEASED


def test_a_parcel_whose_number_no_label_has_is_seen_to_on_the_page(at: Desk) -> None:
    number, told = at.orders()[0], {"numbers": {"40000000001": "ppl"}}
    with at.at.town.rig.db.tx(at.tenant) as conn:
        problems.note(conn, at.tenant, STRAY, now=at.at.town.watch(), order_number=number, detail=told)
    old = at.carried("/panel/pack?find=40000000001", "/panel/pack/seen-to")
    with at.at.town.rig.db.tx(at.tenant) as conn:
        problems.note(conn, at.tenant, STRAY, now=at.at.town.watch(), order_number=number, detail=told)
    holds_without_script(at.page(), "/panel/pack")

    assert at.act("/panel/pack", "/panel/pack/seen-to").status_code == 422
    assert at.browser.post("/panel/pack/seen-to", data={**old, "confirm": "yes"}).status_code == 409
    answer = at.act("/panel/pack", "/panel/pack/seen-to", confirm="yes")

    assert answer.headers["location"] == "/panel/pack?said=stray_said#parked"
    assert at.at.causes() == set()
    assert [each["act"] for each in at.acts()] == ["parcel stopped"]
    assert said("stray_said") in at.page(answer.headers["location"])


@pytest.mark.parametrize("handed", [False, True])
def test_a_label_that_was_not_taken_back_is_let_be_without_what_left_with_another_code(at: Desk, handed: bool) -> None:
    [number, *_] = at.orders()
    at.book(number)
    at.at.work(30)
    [booking] = at.booked(number)
    if handed:
        with at.at.town.rig.db.tx(at.tenant) as conn:
            bookings.handed(conn, at.tenant, [booking.booking_id], now=at.at.town.watch())
    else:
        at.at.worlds["ppl"].hand_over([at.at.there(booking.booking_id)])
    parcels = (Parcel("gls", "90000000001", None),)
    ship.correct(at.at.town.rig, {at.tenant}, booking.shipment_id, parcels=parcels, final=True, by="a test")
    at.at.work(30)
    assert said("left_otherwise") in at.page()

    answer = at.act("/panel/pack", "/panel/pack/let-be", booking.booking_id, confirm="yes")

    assert answer.headers["location"] == "/panel/pack?said=let_be_said#parked"
    assert at.booked(number)[0].state is State.CANCELLED
    assert at.at.causes() == set()
    with at.at.town.rig.db.tx(at.tenant) as conn:
        [left] = shipments.of_orders(conn, at.tenant, [number])[number]
    assert (left.voided, left.parcels[0].tracking_code) == (False, "90000000001")


def test_the_label_of_an_order_that_must_not_leave_is_not_printed_and_says_why(at: Desk) -> None:
    [number, *_] = at.orders()
    at.book(number)
    at.at.work(30)
    form = at.carried("/panel/pack", "/panel/pack/print")
    [shipment_id] = re.findall(r'name="shipment" value="(s_\w+)"', at.page())
    storno = next(i for i, each in at.at.shop.shop.statuses.items() if each["type"] == "Canceled")
    changes.change_order(at.at.town.world, at.at.shop.shop, number, status_id=storno)
    at.at.shop.read()

    page = at.page()
    answer = at.browser.post("/panel/pack/print", data={**form, "shipment": shipment_id, "page": "a6", "start": "1"})

    assert said("label_stopped") in page
    assert f'value="{shipment_id}"' not in page
    assert answer.status_code == 409
    assert f"<strong>{number}</strong>: {said('lack_stopped', orders=number)}" in answer.text


def test_a_session_of_another_shop_sees_nothing_of_it(at: Desk) -> None:
    [number, *_] = at.orders()
    page = batch_of(at, at.book(number))
    at.at.work(30)
    [booking] = at.booked(number)
    other = at.at.town.install(at.at.town.open_shop("beta", orders=1))
    mine = at.carried("/panel/pack", "/panel/pack/cancel", booking.booking_id)
    at.enter(tenant=other)
    token = re.search(r'name="form_token" value="(\w+)"', at.page())[1]

    assert at.browser.get(page).status_code == 404
    assert number not in at.page()
    collect = {"booking": booking.booking_id, "shipment": booking.shipment_id, "amount": "1", "currency": "CZK"}
    acts = [("cancel", mine), ("again", mine), ("collect", collect)]
    acts += [("print", {"shipment": booking.shipment_id, "page": "a6", "start": "1"})]
    for path, form in acts:
        sent = {**form, "form_token": token, "confirm": "yes"}
        assert at.browser.post(f"/panel/pack/{path}", data=sent).status_code in (404, 409)
    assert at.booked(number)[0].state is State.READY


def test_the_pages_are_told_whole_to_those_who_do_not_see_them(at: Desk) -> None:
    at.pair(TO_A_SHOP, Pairing("ppl", "SMAR"))
    parked_unclear(at)
    page = batch_of(at, at.book(*at.orders()[:2]))
    at.at.work(30)
    for language in ("cs", "sk", "en"):
        at.enter(language)
        for path in ("/panel/pack", page, "/panel/pairing", "/panel/carriers"):
            holds_without_script(at.page(path), path)


def test_every_state_refusal_and_reason_has_its_words() -> None:
    keys = [f"label_{each}" for each in State] + [f"lack_{each}" for each in LACKS] + [f"act_{each}" for each in Why]
    keys += [f"{what}_{each}" for each in Parked for what in ("parked", "parked_do")]
    keys += [f"pack_{code}" for code in STATUS_OF if code not in OF_A_SHIPMENT]
    keys += [f"other_{code}" for code in CARRIERS if f"carrier_{code}" not in words.CS] + [*parked_acts.SAID]

    keys += [f"changed_{field}" for field in told.of({})]

    assert [key for key in keys for spoken in words.IN.values() if key not in spoken] == []
