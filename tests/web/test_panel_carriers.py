"""The pages "Carriers" and "Pairing": a login that works is told from one that does not, and nothing pairs itself."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from carriers import registry
from service import accounts, contracts, pairings
from service.accounts import Person
from service.flows.carriers import Said
from service.lanes import Lane
from service.pairings import Second
from service.steps import carriage
from service.steps.logins import Fault
from service.steps.packing import Packed, Packer, Wish
from service.web import heard, words
from tests.carriers.kit import SORTS
from tests.flows.counter import counter
from tests.flows.town import build
from tests.web.parcel_desk import EN, TO_A_SHOP, TO_THE_DOOR, Desk, desk, said

CARRIERS, PAIRING = "/panel/carriers", "/panel/pairing"


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Desk]:
    town = build(tmp_path, database.url, redis_url)
    yield desk(counter(town, "ppl", "packeta", count=30))
    town.rig.close()


def filled(at: Desk, code: str) -> dict[str, str]:
    sort, world = SORTS[code], at.at.worlds[code]
    return {f"f_{name}": text for name, text in {**sort.given(world), **sort.secrets(world)}.items()}


def login(at: Desk, code: str, **changed: str | None):
    """Fill in the form of a carrier well, but for what is said otherwise, and send it."""
    form = {**filled(at, code), "for": "all", **changed}
    return at.act(CARRIERS, f"{CARRIERS}/login", f'value="{code}"', **form)


def usable(at: Desk) -> dict[str, contracts.Contract]:
    with at.at.town.rig.db.tx(at.tenant) as conn:
        return contracts.usable(conn, at.tenant)


def card(page: str, heading: str) -> str:
    found = re.search(rf'<section class="card" aria-labelledby="{heading}">.*?</section>', page, re.DOTALL)
    assert found, heading
    return found[0]


def test_a_login_is_entered_tested_and_removed_and_no_secret_is_ever_shown(at: Desk) -> None:
    secrets = SORTS["packeta"].secrets(at.at.worlds["packeta"]).values()
    page = at.page(CARRIERS)
    assert EN["login_untested"] in card(page, "carrier-packeta")
    assert EN["gap_ceska_posta"] in card(page, "carrier-ceska_posta")

    saved = login(at, "packeta")
    assert (saved.status_code, saved.headers["location"]) == (
        303, f"{CARRIERS}?said=login_saved&card=packeta#carrier-packeta"
    )  # fmt: skip
    shown = card(at.page(f"{CARRIERS}?said=login_saved&card=packeta"), "carrier-packeta")
    assert EN["login_saved"] in shown
    assert EN["login_works"] in shown
    assert not [secret for secret in secrets if secret in shown]

    tested = at.act(CARRIERS, f"{CARRIERS}/test", 'value="packeta"')
    assert tested.status_code == 303
    assert at.act(CARRIERS, f"{CARRIERS}/remove", 'value="packeta"').status_code == 422
    assert at.act(CARRIERS, f"{CARRIERS}/remove", 'value="packeta"', confirm="yes").status_code == 303
    assert "packeta" not in usable(at)
    assert EN["login_none"] in card(at.page(CARRIERS), "carrier-packeta")
    assert [each["act"] for each in at.acts()] == ["carrier login", "carrier test", "carrier logout"]


def test_a_login_nobody_is_let_in_with_is_told_at_once_and_not_kept(at: Desk) -> None:
    before = usable(at)["packeta"]

    refused = login(at, "packeta", f_api_password="0" * 32, f_eshop="a new sender")

    shown = card(refused.text, "carrier-packeta")
    assert refused.status_code == 422
    assert said("login_not_let_in") in shown
    assert 'value="a new sender"' in shown
    assert "0" * 32 not in refused.text
    assert usable(at)["packeta"] == before


def test_what_is_wrong_with_a_login_is_told_at_its_field_and_a_kept_secret_may_stay_empty(at: Desk) -> None:
    faulty = login(at, "packeta", f_eshop="", base_url="https://example.com", f_api_key="", f_api_password="")
    assert faulty.status_code == 422
    assert set(re.findall(r'id="fault-packeta-(\w+)"', faulty.text)) == {"base_url"}
    lacking = login(at, "packeta", f_eshop="", f_api_key="", f_api_password="")
    assert set(re.findall(r'id="fault-packeta-(\w+)"', lacking.text)) == {"eshop"}
    too_long = login(at, "packeta", f_api_password="x" * 1_001)
    assert set(re.findall(r'id="fault-packeta-(\w+)"', too_long.text)) == {"api_password"}
    odd = login(at, "packeta", f_api_password="tab\t")
    assert said("login_fault_odd") in odd.text
    assert login(at, "packeta", f_api_key="", f_api_password="").status_code == 303


def test_forms_that_are_none_of_ours_change_nothing(at: Desk) -> None:
    before = usable(at)
    good = at.carried(CARRIERS, f"{CARRIERS}/test", 'value="ppl"')
    old = {**at.carried(CARRIERS, f"{CARRIERS}/login", 'value="packeta"'), "for": "all", **filled(at, "packeta")}
    login(at, "packeta")

    stale = at.browser.post(f"{CARRIERS}/login", data=old)
    assert stale.status_code == 409
    assert said("login_changed") in stale.text
    assert login(at, "packeta", **{"for": "everybody"}).status_code == 422
    assert login(at, "packeta", carrier="poslicek").status_code == 422
    for path in ("test", "remove"):
        sent = {**good, "login": "k_nobody", "confirm": "yes"}
        assert at.browser.post(f"{CARRIERS}/{path}", data=sent).status_code == 404
        assert at.browser.post(f"{CARRIERS}/{path}", data={**sent, "form_token": "0"}).status_code == 403
    assert usable(at)["ppl"] == before["ppl"]
    at.enter(tenant=at.at.town.install(at.at.town.open_shop("beta", orders=1)))
    assert "kv" not in at.page(CARRIERS)
    assert EN["login_no_account"] in at.page(CARRIERS)
    foreign = {"form_token": re.findall(r'name="form_token" value="(\w+)"', at.page(CARRIERS))[0], "confirm": "yes"}
    for path in ("test", "remove"):
        sent = {**foreign, "login": before["ppl"].contract_id}
        assert at.browser.post(f"{CARRIERS}/{path}", data=sent).status_code == 404
    assert usable(at)["ppl"] == before["ppl"]


def test_a_carrier_that_is_down_is_told_with_what_waits_because_of_it(at: Desk) -> None:
    at.at.worlds["ppl"].faults.add("down", calls=None)
    at.at.wants("ppl", 2)
    at.at.work(30)

    shown = card(at.page(CARRIERS), "carrier-ppl")

    assert said("login_waiting", count=2) in shown
    assert EN["login_fails"].partition("{")[0] in shown
    assert EN["login_again"].partition("{")[0] in shown
    assert EN["under_way"] in at.page("/panel/pack")
    at.at.worlds["ppl"].faults.clear()
    at.act(CARRIERS, f"{CARRIERS}/test", 'value="ppl"')
    assert EN["login_works"] in card(at.page(CARRIERS), "carrier-ppl")


def test_where_a_carrier_tells_of_parcels_by_itself_its_login_s_owner_alone_is_shown(at: Desk, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    rig, contract = at.at.town.rig, at.at.contracts["packeta"]
    address = heard.address(rig.settings.public_url, rig.settings.hook_mac, contract.contract_id)

    page = at.page(CARRIERS)

    assert f'value="{address}" readonly' in card(page, "carrier-packeta")
    assert EN["login_push"] in card(page, "carrier-packeta")
    assert EN["login_push"] not in card(page, "carrier-ppl")
    assert address.rpartition("/")[2] not in caplog.text
    with rig.db.tx_all("a test gives the login to whoever ships for the shop") as conn:
        house = accounts.create(conn, accounts.Kind.WAREHOUSE, Person("House"), now=at.at.town.watch())
        conn.execute("UPDATE contracts SET account_id = %s WHERE contract_id = %s", [house, contract.contract_id])
        conn.execute("UPDATE tenants SET warehouse_account_id = %s WHERE tenant_id = %s", [house, at.tenant])
    assert EN["login_warehouse"] in card(at.page(CARRIERS), "carrier-packeta")
    assert EN["login_push"] not in at.page(CARRIERS)


def test_a_suggestion_is_accepted_with_one_press_and_taken_back(at: Desk) -> None:
    page = card(at.page(PAIRING), f"shipment-{TO_THE_DOOR}")
    assert EN["pairing_suggested"] in page
    assert at.booked(at.at.shop.numbers[0]) == []

    accepted = at.act(PAIRING, f"{PAIRING}/save", f'name="shipment" value="{TO_THE_DOOR}"')

    assert accepted.status_code == 303
    with at.at.town.rig.db.tx(at.tenant) as conn:
        known = pairings.of(conn, at.tenant)[str(TO_THE_DOOR)]
    assert (known.carrier, known.service) == ("ppl", "PRIV")
    assert EN["pairing_is"] in card(at.page(PAIRING), f"shipment-{TO_THE_DOOR}")
    assert at.act(PAIRING, f"{PAIRING}/forget", f'value="{TO_THE_DOOR}"').status_code == 303
    assert [each["act"] for each in at.acts()] == ["pairing", "pairing taken back"]


def test_what_may_not_be_paired_is_not_offered_says_why_and_is_refused(at: Desk) -> None:
    page = card(at.page(PAIRING), f"shipment-{TO_A_SHOP}")
    offered = re.findall(r'<option value="(\w+ \w+)"', page)
    assert "ppl SMAR" in offered
    assert "ppl PRIV" not in offered
    assert said("bar_points_unused") in page
    assert said("bar_other_network") in page

    for changed, field, key in (
        ({"service": "ppl PRIV"}, "service", "bar_points_unused"),
        ({"service": "gls PSD"}, "service", "bar_not_offered"),
        ({"service": ""}, "service", "pairing_fault_service"),
        ({"options": "nonsense"}, "options", "pairing_fault_options"),
        ({"options": "nonsense=1"}, "options", "bar_bad_option"),
        ({"options": "nonsense={}; x"}, "options", "pairing_fault_options"),
        ({"weight": "-1"}, "weight", "pairing_fault_weight"),
        ({"second": "packeta point"}, "second", "pairing_fault_after"),
        ({"second": "packeta point", "after": "30"}, "second", "bar_other_network"),
    ):
        sent = {"service": "ppl SMAR", **changed}
        refused = at.act(PAIRING, f"{PAIRING}/save", f'name="shipment" value="{TO_A_SHOP}"', **sent)
        assert refused.status_code == 422, changed
        assert f'id="fault-{TO_A_SHOP}-{field}"' in refused.text, changed
        assert said(key) in card(refused.text, f"shipment-{TO_A_SHOP}")
    with at.at.town.rig.db.tx(at.tenant) as conn:
        assert pairings.of(conn, at.tenant) == {}


def test_nobody_pairs_over_what_he_has_not_seen_nor_what_is_not_there(at: Desk) -> None:
    form = at.carried(PAIRING, f"{PAIRING}/save", f'value="{TO_THE_DOOR}"')
    at.pair()

    for path in ("save", "forget"):
        stale = at.browser.post(f"{PAIRING}/{path}", data=form)
        assert stale.status_code == 409
        assert said("pairing_changed") in stale.text
    gone = at.browser.post(f"{PAIRING}/save", data={**form, "shipment": "99999", "over": "0"})
    assert gone.status_code == 422
    assert said("bar_gone") in gone.text


def test_a_shipment_that_is_switched_off_and_a_login_that_is_gone_are_told_at_the_pairing(at: Desk) -> None:
    at.pair()
    at.act(CARRIERS, f"{CARRIERS}/remove", 'value="ppl"', confirm="yes")
    assert said("bar_not_offered") in card(at.page(PAIRING), f"shipment-{TO_THE_DOOR}")


def test_new_parcels_go_with_the_second_carrier_while_the_first_is_down_for_long(at: Desk) -> None:
    at.pair(pairing=replace(at_home(), second=Second("packeta", "home", 30)))
    [number, *_] = at.orders()
    rig, now = at.at.town.rig, at.at.town.watch

    def fails() -> None:
        with rig.db.tx(at.tenant) as conn:
            contracts.failed(conn, at.at.contracts["ppl"].contract_id, Lane.BOOK, why="down", now=now())

    def carrier() -> str:
        with rig.db.tx(at.tenant) as conn:
            found = Packer(rig, conn, at.tenant).look([number], Wish(()))
        assert isinstance(found, Packed), found
        return found.contract.carrier

    fails()
    assert carrier() == "ppl"
    now.move(30 * 60)
    assert carrier() == "ppl"  # it may be back, and somebody has to find out
    fails()
    assert carrier() == "packeta"
    with rig.db.tx(at.tenant) as conn:
        contracts.worked(conn, at.at.contracts["ppl"].contract_id, Lane.BOOK, now=at.at.town.watch())
    assert carrier() == "ppl"


def at_home() -> pairings.Pairing:
    return pairings.Pairing("ppl", "PRIV", parcel_weight_g=1_000)


def test_every_field_switch_and_outcome_has_its_words() -> None:
    adapters = registry.ADAPTERS.items()
    keys = [f"given_{code}_{name}" for code, each in adapters for name in (*each.needs, *each.may_give)]
    keys += [f"switch_{code}_{name}" for code, each in adapters for name in each.able.unproven]
    keys += [f"login_{each}" for each in Said] + [f"login_fault_{each}" for each in Fault]

    keys += [f"option_{code}_{name}" for code, _ in adapters for name in carriage.options_of(code)]
    known = {key for key in words.CS if key.startswith(("given_", "switch_", "option_"))}
    assert [key for key in keys for told in words.IN.values() if key not in told] == []
    assert known <= {*keys}
