"""On the page "To pack" a COD is changed and a car called off: by the keyboard, at the carrier, with its words."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from carriers.cars import Car, Ordered
from carriers.errors import Kind
from service import accounts, tenants
from service.flows import call_off, change_cod, handover
from service.flows.handover import Wanted
from service.steps import asking
from service.web import words
from tests.carriers.sorts import SHOP
from tests.flows.counter import counter
from tests.flows.scripted import Script, lost, no, scripted
from tests.flows.town import build
from tests.web.parcel_desk import Desk, desk, holds_without_script, said
from tests.web.test_panel_handover import ready
from tests.web.test_wms_handover import work

PACK, COLLECT, CALL_OFF = "/panel/pack", "/panel/pack/collect", "/panel/pack/hand-over/call-off"


@pytest.fixture
def opened(tmp_path, database, redis_url) -> Iterator[tuple[Desk, Script]]:
    town = build(tmp_path, database.url, redis_url)
    script = scripted(town)
    yield desk(counter(town, "gls", "ppl")), script
    town.rig.close()


def test_another_amount_is_collected_by_a_form_among_the_labels(opened: tuple[Desk, Script]) -> None:
    at, script = opened
    [booking_id] = at.at.wants("gls", cod=at.at.cod())
    [plain] = ready(at, "gls")
    page = at.page()
    holds_without_script(page, PACK)
    assert page.count(f'action="{COLLECT}#labels"') == 1  # nothing is collected for the other
    assert at.at.stands(plain).label_at

    for amount, fault in (("much", "ask_invalid"), ("990,50", "ask_invalid"), (None, "ask_invalid")):
        refused = at.act(PACK, COLLECT, booking_id, amount=amount)
        assert said(fault) in refused.text, amount
    script.will("change_cod", no(Kind.TOO_LATE), lost())
    late, unclear = (at.act(PACK, COLLECT, booking_id, amount="990") for _ in range(2))
    assert (late.status_code, said("ask_too_late") in late.text, "so says the carrier" in late.text) == (
        409,
        True,
        True,
    )
    assert (unclear.status_code, said("ask_come_again") in unclear.text) == (503, True)
    holds_without_script(late.text, COLLECT)
    assert 'value="1290.00"' in at.page()
    at.at.town.watch.move(45)

    other = at.act(PACK, COLLECT, booking_id, amount="0")  # the first may still land
    same, more = (at.act(PACK, COLLECT, booking_id, amount=amount) for amount in ("990", " 1 990,00 "))

    assert (other.status_code, same.status_code) == (503, 303)
    assert more.headers["location"] == "/panel/pack?said=collect_said#labels"
    assert 'value="1990.00"' in at.page()
    assert said("collect_said") in at.page("/panel/pack?said=collect_said")


def test_a_car_is_called_off_by_a_button_and_one_that_is_refused_is_told(opened: tuple[Desk, Script]) -> None:
    at, script = opened
    path = ordered(at)
    page = at.page(path)
    holds_without_script(page, path)
    assert all(said(word) in page for word in ("handing_car", "handing_car_is_ordered"))
    assert at.act(path, CALL_OFF).status_code == 422
    script.will("recall", no(Kind.TOO_LATE), lost())
    late, unclear = (at.act(path, CALL_OFF, confirm="yes") for _ in range(2))
    assert (late.status_code, said("ask_too_late") in late.text, "so says the carrier" in late.text) == (
        409,
        True,
        True,
    )
    assert (unclear.status_code, said("ask_come_again") in unclear.text) == (503, True)
    at.at.town.watch.move(45)

    done = at.act(path, CALL_OFF, confirm="yes")

    assert done.headers["location"] == f"{path}?said=handing_car_off_said"
    shown = at.page(done.headers["location"])
    assert all(said(word) in shown for word in ("handing_car_off_said", "handing_car_off"))
    assert CALL_OFF not in shown

    script.will("car", Ordered(Car.REFUSED, "no car comes to that ramp"))
    refused = ordered(at)
    work(at.at, 60)
    page = at.page(refused)
    assert all(said(word) in page for word in ("handing_car_refused", "handing_do_car", "handing_car_is_refused"))
    assert ("no car comes to that ramp" in page, CALL_OFF in page) == (True, False)


def test_a_shop_a_warehouse_ships_for_is_offered_neither(opened: tuple[Desk, Script]) -> None:
    at, _ = opened
    at.at.wants("gls", cod=at.at.cod())
    path, rig = ordered(at), at.at.town.rig
    assert (COLLECT in at.page(), CALL_OFF in at.page(path)) == (True, True)

    with rig.db.tx_all("a test has somebody else ship for the shop") as conn:
        warehouse = accounts.create(conn, accounts.Kind.WAREHOUSE, accounts.Person("W"), now=rig.now())
        tenants.ship_from(conn, at.tenant, account_id=warehouse)

    assert (COLLECT in at.page(), CALL_OFF in at.page(path)) == (False, False)


def ordered(at: Desk) -> str:
    """Order a car with a hand-over and return its page."""
    [booking] = ready(at, "ppl")
    rig, tenant_id = at.at.town.rig, at.tenant
    place = {name: getattr(SHOP, name) for name in ("name", "street", "city", "zip", "country", "phone", "email")}
    on = (at.at.town.watch() + timedelta(days=1)).date().isoformat()
    car = {"on": on, "from": "13:00", "to": "16:00", "address": place}
    wanted = Wanted(tenant_id, "ppl", [at.at.stands(booking).shipment_id], manifest=False, collection=car)
    with rig.db.tx(tenant_id) as conn:
        handover_id = handover.enter(conn, rig, at.at.account_id, wanted).handover_id
    work(at.at)
    return f"/panel/pack/hand-over/{handover_id}"


def test_every_reason_why_a_carrier_is_not_asked_has_its_words() -> None:
    told = [value for flow in (asking, call_off, change_cod) for value in vars(flow).values()]
    codes = {each[0] for each in told if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str)}
    codes |= {*call_off.CODES.values(), *(code for code, _ in change_cod.CODES.values()), asking.REFUSED}

    assert len(codes) > 10
    assert [
        code
        for code in codes | {"come_again", "not_the_shipper"}
        for spoken in words.IN.values()
        if f"ask_{code}" not in spoken
    ] == []
