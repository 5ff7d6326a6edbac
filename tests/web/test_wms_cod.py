"""What is collected can be changed after the label: the carrier first, and what is expected only by its yes."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from carriers.errors import Kind
from carriers.money import Money
from service import accounts, bookings, offers, shipments, tenants
from service.bookings import Sheet
from service.flows import change_cod
from service.journal import Kind as Happened
from service.journal import timeline
from service.problems import Cause
from service.shipments import Draft, Parcel
from service.steps import payouts
from service.tracking import payments
from simulator.carriers.lives import End
from tests.flows.road import Road
from tests.flows.scripted import Script, busy, lost, no, scripted
from tests.web.hatch import Hatch, fault, hatch

BEFORE, LESS = {"amount": "1290.00", "currency": "CZK"}, {"amount": "990", "currency": "CZK"}
NOTHING = {**LESS, "amount": "0"}


@pytest.fixture
def script(town) -> Script:
    return scripted(town)


@pytest.fixture
def door(town, script: Script) -> Iterator[Hatch]:  # before the counter opens
    with hatch(town, "gls", "packeta") as opened:
        yield opened


def owed(door: Hatch, code: str = "gls") -> str:
    """Have a label made of a parcel that collects, and return its shipment."""
    return door.ready(code, cod=door.at.cod())[0]


def put(door: Hatch, shipment_id: str, said: object = LESS, **how: str) -> httpx.Response:
    return door.ask("PUT", f"/shipments/{shipment_id}/cod", json=said, **how)


def expected(door: Hatch, shipment_id: str) -> tuple[int, bool]:
    """Return what we expect of a parcel: so much, and whether at all."""
    booking_id = door.booking(shipment_id)["id"]
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        each = payments.of_bookings(conn, door.at.tenant, [booking_id])[booking_id]
    return each.amount[0], each.over_at is None


def test_what_the_carrier_said_yes_to_is_shown_expected_written_down_and_told(door: Hatch, script: Script) -> None:
    shipment_id = owed(door)
    cursor, before = door.feed()["cursor"], door.booking(shipment_id)

    told = put(door, shipment_id)

    assert (before["cod"], told.status_code) == (BEFORE, 200)
    assert told.json()["booking"]["cod"] == {"amount": "990.00", "currency": "CZK"}
    assert expected(door, shipment_id) == (99_000, True)
    [(_, [number], amount)] = script.asked
    assert (amount, number) == (Money(99_000, "CZK"), door.at.numbers(before["id"])[0])
    assert [each["cod"]["amount"] for each in door.feed(after=cursor)["bookings"]] == ["990.00"]
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        [deed] = [each for each in timeline(conn, door.at.tenant, before["order"]) if each.kind is Happened.PERSON]
    assert (deed.detail["before"], deed.detail["minor"], deed.detail["by"]) == (129_000, 99_000, door.at.account_id)


def test_of_what_was_paid_meanwhile_nothing_is_expected_until_it_is_collected_after_all(door: Hatch) -> None:
    shipment_id = owed(door)

    for said, shown, expects in (
        (NOTHING, None, (0, False)),
        (NOTHING, None, (0, False)),
        (LESS, 99_000, (99_000, True)),
    ):
        cod = put(door, shipment_id, said).json()["booking"]["cod"]
        assert (cod and round(float(cod["amount"]) * 100), expected(door, shipment_id)) == (shown, expects)


def test_an_order_that_goes_along_names_the_amount_of_the_whole_parcel(door: Hatch, script: Script) -> None:
    leading, at = owed(door), door.at
    [code] = at.numbers(door.booking(leading)["id"])
    with at.town.rig.db.tx(at.tenant) as conn:
        offers.hold(conn, at.tenant)
        draft = Draft(at.shop.numbers[at.taken], (Parcel("gls", code, 1_200),), final=True, booked_with=leading)
        [along] = shipments.add(conn, at.tenant, [draft], account_id="a_any", now=at.town.watch())

    told = put(door, along.shipment_id)

    assert (told.json()["id"], told.json()["booking"]["shipment"]) == (along.shipment_id, leading)
    assert (len(script.asked), expected(door, leading)) == (1, (99_000, True))


def test_what_is_unclear_counts_for_nothing_and_may_be_asked_for_again(door: Hatch, script: Script) -> None:
    shipment_id = owed(door)
    script.will("change_cod", lost())

    first = put(door, shipment_id)
    counts = door.booking(shipment_id)["cod"]
    door.at.town.watch.move(45)  # a carrier that failed rests
    other, again = put(door, shipment_id, NOTHING), put(door, shipment_id)

    assert (fault(first)[:2], counts) == ((503, "come_again"), BEFORE)
    assert (fault(other)[:2], other.json()["detail"]) == ((503, "come_again"), change_cod.ANOTHER)  # it may still land
    assert all(int(each.headers["retry-after"]) > 0 for each in (first, other))
    assert (again.status_code, expected(door, shipment_id)) == (200, (99_000, True))
    assert put(door, shipment_id, NOTHING).status_code == 200


def test_of_two_at_once_the_second_waits_for_the_first(door: Hatch, script: Script) -> None:
    shipment_id = owed(door)
    meanwhile: list[httpx.Response] = []
    script.will("change_cod", lambda: meanwhile.append(put(door, shipment_id, NOTHING)))

    first = put(door, shipment_id)

    assert fault(meanwhile[0])[:2] == (503, "come_again")
    assert (first.status_code, len(script.asked), expected(door, shipment_id)) == (200, 1, (99_000, True))


def test_whoever_took_too_long_is_not_believed_over_the_later_one(door: Hatch, script: Script) -> None:
    shipment_id = owed(door)
    meanwhile: list[httpx.Response] = []

    def slow() -> None:
        door.at.town.watch.move(timedelta(minutes=2).total_seconds())
        meanwhile.append(put(door, shipment_id, NOTHING))

    script.will("change_cod", slow)

    first = put(door, shipment_id)

    assert (meanwhile[0].status_code, fault(first)[:2]) == (200, (503, "come_again"))
    assert expected(door, shipment_id) == (0, False)


@pytest.mark.parametrize("minor", [129_000, 99_000])
@pytest.mark.parametrize("said", [LESS, NOTHING])
def test_what_is_paid_while_another_amount_is_asked_for_is_weighed_against_that(
    door: Hatch, script: Script, minor: int, said: dict[str, str]
) -> None:
    shipment_id = owed(door)
    script.will("change_cod", lambda: pay(door, shipment_id, minor))

    assert put(door, shipment_id, said).status_code == 200

    is_right = round(float(said["amount"]) * 100) == minor
    assert (Cause.COD_DIFFERS in door.at.causes()) == (not is_right)
    assert expected(door, shipment_id)[1]  # the money is there: it is not over


def pay(door: Hatch, shipment_id: str, minor: int) -> None:
    booking_id, rig = door.booking(shipment_id)["id"], door.at.town.rig
    with rig.db.tx(door.at.tenant) as conn:
        offers.hold(conn, door.at.tenant)
        on, amount = rig.now().date(), (minor, "CZK")
        assert payouts.paid(conn, door.at.tenant, booking_id, on=on, amount=amount, by="file", now=rig.now())


def test_nothing_is_collected_again_of_a_parcel_that_comes_back(town) -> None:
    with hatch(town, "gls") as door:
        way = Road(door.at)
        way.maps()
        [booking] = way.sent("gls", end=End.REFUSED, cod=door.at.cod())
        [shipment_id] = door.shipments([booking])
        assert put(door, shipment_id, NOTHING).status_code == 200
        way.on(110, step_h=3)
        assert door.booking(shipment_id)["parcels"][0]["state"] == "returned"

        assert fault(put(door, shipment_id))[:2] == (409, "no_cod")
        assert expected(door, shipment_id) == (0, False)


def test_what_is_collected_is_changed_by_whoever_ships(door: Hatch, script: Script) -> None:
    shipment_id, rig = owed(door), door.at.town.rig
    with rig.db.tx_all("a test has somebody else ship for the shop") as conn:
        warehouse = accounts.create(conn, accounts.Kind.WAREHOUSE, accounts.Person("W"), now=rig.now())
        tenants.ship_from(conn, door.at.tenant, account_id=warehouse)

    assert fault(put(door, shipment_id))[:2] == (409, "not_the_shipper")
    assert script.asked == []


@pytest.mark.parametrize("is_refused", [False, True])
def test_the_label_is_fetched_anew_with_the_amount_and_stays_where_it_is_handed_out_no_more(
    door: Hatch, is_refused: bool
) -> None:
    shipment_id = owed(door)
    before = sheet(door, shipment_id)
    keep(door, shipment_id, Sheet(before.format, b"old", before.covers))
    if is_refused:
        door.at.worlds["gls"].faults.add("dropped", operation="GetPrintedLabels")

    assert put(door, shipment_id).status_code == 200

    assert (sheet(door, shipment_id).content == b"old") == is_refused


def sheet(door: Hatch, shipment_id: str) -> Sheet:
    booking_id = door.booking(shipment_id)["id"]
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        return bookings.sheets(conn, door.at.tenant, [booking_id], format="pdf")[booking_id]


def keep(door: Hatch, shipment_id: str, said: Sheet) -> None:
    booking_id, rig = door.booking(shipment_id)["id"], door.at.town.rig
    with rig.db.tx(door.at.tenant) as conn:
        bookings.keep(conn, door.at.tenant, booking_id, said, now=rig.now())


@pytest.mark.parametrize(
    ("kind", "status", "code", "field"),
    [
        (Kind.TOO_LATE, 409, "too_late", None),
        (Kind.CONTENT, 422, "invalid", "/amount"),
        (Kind.UNSUPPORTED, 409, "cannot_change_cod", None),
        (Kind.UNKNOWN, 409, "refused", None),
        (Kind.LOGIN, 409, "login_refused", None),
    ],
)
def test_a_carriers_no_changes_nothing_and_is_told(
    door: Hatch, script: Script, kind: Kind, status: int, code: str, field: str | None
) -> None:
    shipment_id = owed(door)
    script.will("change_cod", no(kind))

    answer = put(door, shipment_id)

    assert fault(answer) == (status, code, field)
    assert ("so says the carrier" in answer.json()["detail"]) == (kind is not Kind.LOGIN)
    assert door.booking(shipment_id)["cod"] == BEFORE


def test_a_carrier_that_is_busy_is_asked_again_later(door: Hatch, script: Script) -> None:
    shipment_id = owed(door)
    script.will("change_cod", busy())

    assert fault(put(door, shipment_id))[:2] == (503, "come_again")
    assert fault(put(door, shipment_id))[:2] == (503, "come_again")  # it rests
    door.at.town.watch.move(10)
    assert put(door, shipment_id).status_code == 200


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"amount": 990}, "/amount"),
        ({"amount": "-1"}, "/amount"),
        ({"amount": "9e2"}, "/amount"),
        ({"amount": "990.50"}, "/amount"),  # nobody collects heller
        ({"amount": "1234567890"}, "/amount"),
        ({"currency": "czk"}, "/currency"),
        ({"currency": "EUR"}, "/currency"),
        ({"currency": "HUF", "amount": "1.5"}, "/amount"),
        ({"amount": None}, "/amount"),
    ],
)
def test_an_amount_that_nobody_collects_is_refused_by_its_field(
    door: Hatch, script: Script, said: dict[str, object], field: str
) -> None:
    assert fault(put(door, owed(door), {**LESS, **said})) == (422, "invalid", field)
    assert script.asked == []


def test_what_cannot_be_changed_says_why(door: Hatch, script: Script) -> None:
    shipment_id, without, elsewhere = owed(door), *door.ready("gls"), owed(door, "packeta")
    [gone, brought] = door.ready("gls", 2, cod=door.at.cod())
    door.ask("DELETE", f"/shipments/{gone}")
    [waits] = door.shipments(door.at.wants("gls", cod=door.at.cod()))
    booking_id, rig = door.booking(brought)["id"], door.at.town.rig
    with rig.db.tx(door.at.tenant) as conn:
        today = door.at.town.watch().date()
        payments.delivered(conn, door.at.tenant, booking_id, on=today, due_on=today)

    assert [fault(put(door, each))[:2] for each in (waits, gone, without, elsewhere, brought, "s_x_1")] == [
        (409, "no_label_yet"),
        (409, "cancelled"),
        (409, "no_cod"),
        (409, "cannot_change_cod"),
        (409, "delivered"),
        (404, "unknown_shipment"),
    ]
    assert fault(put(door, shipment_id, token=door.stranger))[:2] == (404, "unknown_shipment")
    assert (door.booking(without)["cod"], door.booking(waits)["cod"]) == (None, BEFORE)
    assert script.asked == []


def test_gls_collects_what_it_was_asked_for_also_where_its_answer_got_lost(town) -> None:
    with hatch(town, "gls") as door:
        shipment_id, world = owed(door), door.at.worlds["gls"]
        parcel = world.parcels[door.at.there(door.booking(shipment_id)["id"])]
        assert put(door, shipment_id).status_code == 200
        assert parcel.cod == ("990", "CZK")
        world.faults.add("dropped", operation="ModifyCOD")

        lost_one = put(door, shipment_id, NOTHING)

        assert (fault(lost_one)[:2], expected(door, shipment_id)) == ((503, "come_again"), (99_000, True))
        assert parcel.cod is None
        town.watch.move(45)
        other = put(door, shipment_id, LESS)
        assert (fault(other)[:2], other.json()["detail"]) == ((503, "come_again"), change_cod.ANOTHER)
        assert put(door, shipment_id, NOTHING).status_code == 200
        assert expected(door, shipment_id) == (0, False)
