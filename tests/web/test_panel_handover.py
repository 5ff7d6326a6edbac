"""Hand over on the page "To pack": carriers hear of parcels without a warehouse's system, and nobody forgets to say."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from pypdf import PdfReader

from service import problems
from service.flows import handover, sweep
from service.flows.handover import Wanted
from service.handovers import Parked, State
from service.problems import Cause
from service.steps import handing
from service.web import words
from tests.carriers.kit import SORTS
from tests.flows.counter import counter
from tests.flows.town import build
from tests.web.parcel_desk import Desk, desk, holds_without_script, said
from tests.web.test_wms_handover import work
from tests.web.test_wms_handover_logins import removed

GIVE, LET_BE = "/panel/pack/hand-over/give", "/panel/pack/hand-over/let-be"
MINUTE, HOUR = 60, 3_600


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Desk]:
    town = build(tmp_path, database.url, redis_url)
    yield desk(counter(town, "balikobot", "packeta", "ppl"))
    town.rig.close()


def ready(at: Desk, code: str, count: int = 1) -> list[str]:
    """Have labels made and return the ids of their bookings."""
    asked = at.at.wants(code, count)
    at.at.work(30)
    assert at.at.states(asked) == ["ready"] * count
    return asked


def give(at: Desk, code: str, path: str = "/panel/pack", **fields: object):
    """Press the button of a carrier with all its parcels ticked, or with these."""
    form = at.carried(path, GIVE, f'value="{code}"')
    ticked = re.findall(r'name="shipment" value="(s_\w+)" checked', at.page(path).partition(f'id="hand-{code}"')[2])
    return at.browser.post(GIVE, data={"shipment": ticked, **form, **fields})


def swept(at: Desk) -> set[Cause]:
    sweep.run(at.at.town.rig, at.tenant)
    return at.at.causes()


def test_what_a_carrier_knows_nothing_of_is_handed_over_here_and_not_forgotten(at: Desk) -> None:
    booked = ready(at, "balikobot", 2)
    ready(at, "ppl")
    page = at.page()
    assert page.count(said("handing_untold")) == 2
    assert 'id="hand-ppl"' not in page  # it knows of its parcels, and makes no paper
    holds_without_script(page, "/panel/pack")
    at.at.town.watch.move(11 * HOUR)
    assert Cause.HANDOVER_DUE not in swept(at)
    at.at.town.watch.move(2 * HOUR)
    assert Cause.HANDOVER_DUE in swept(at)
    with at.at.town.rig.db.tx(at.tenant) as conn:
        [told] = problems.open_ones(conn, at.tenant, causes=[Cause.HANDOVER_DUE])
    orders = sorted(at.at.stands(each).order_number for each in booked)
    assert (told.detail["carriers"], sorted(told.detail["orders"])) == (["balikobot"], orders)
    at.enter()  # the session is a day old
    removed(at.at, "balikobot")
    assert Cause.HANDOVER_DUE in swept(at)
    page = at.page()
    assert (page.count(said("handing_untold")), said("handing_no_login") in page) == (2, True)
    assert f'action="{GIVE}' not in page
    at.at.log_in("balikobot", SORTS["balikobot"].secrets(at.at.worlds["balikobot"]))

    form = {"shipment": [at.at.stands(each).shipment_id for each in booked]}
    first = give(at, "balikobot", key="f_aaaaaaaaaaaa", **form)
    again = at.browser.post(GIVE, data={**at.carried("/panel/pack", "/panel/pack/print"), "carrier": "balikobot",
                                        "key": "f_aaaaaaaaaaaa", **form})  # fmt: skip
    assert (first.status_code, again.headers["location"]) == (303, first.headers["location"])
    assert Cause.HANDOVER_DUE not in at.at.causes()
    waiting = at.page(first.headers["location"])
    assert '<meta http-equiv="refresh" content="2">' in waiting
    assert said("handing_is_waiting") in waiting
    work(at.at)

    done = at.page(first.headers["location"])
    holds_without_script(done, GIVE)
    assert said("handing_is_done") in done
    assert "http-equiv" not in done
    assert all(number in done for number in orders)
    paper = at.browser.get(re.findall(r'href="([^"]*/document)"', done)[0])
    assert (paper.headers["content-type"], len(PdfReader(BytesIO(paper.content)).pages) > 0) == (
        "application/pdf",
        True,
    )
    parcels = at.at.worlds["balikobot"].parcels
    assert all("order" in parcels[at.at.there(each)].bag for each in booked)
    assert said("handing_untold") not in at.page()
    assert said("handing_is_done") in at.page()


def test_what_got_lost_is_handed_over_again_by_whoever_looked_or_closed(at: Desk) -> None:
    kept, left = ready(at, "packeta", 2)
    at.at.worlds["packeta"].faults.add("dropped", operation="createShipment")
    path = give(at, "packeta").headers["location"]
    work(at.at)
    stuck = at.page(path)
    assert said("handing_parked_unclear") in stuck
    assert said("handing_is_parked") in at.page()

    assert at.act(path, LET_BE).status_code == 422
    blind = give(at, "packeta", path, shipment=[at.at.stands(kept).shipment_id])
    assert (blind.status_code, said("handing_look_first") in blind.text) == (422, True)
    anew = give(at, "packeta", path, shipment=[at.at.stands(kept).shipment_id], looked="yes")
    work(at.at, 60)
    assert said("handing_is_done") in at.page(anew.headers["location"])
    assert at.at.causes() == {Cause.HANDOVER_PARKED}
    answer = at.act(path, LET_BE, confirm="yes")

    assert answer.headers["location"] == f"{path}?said=handing_let_be_said"
    assert at.at.causes() == set()
    assert at.at.stands(left).shipment_id in at.page(path)  # who closed it by mistake hands it over after all
    assert "packeta" not in re.findall(r'id="hand-(\w+)"', at.page())
    assert at.browser.post(LET_BE, data={**at.carried(path, GIVE), "confirm": "yes"}).status_code == 303

    for odd, status in (
        ({"shipment": []}, 422),
        ({"shipment": ["s_none"]}, 409),
        ({"carrier": "none"}, 422),
        ({"key": "x"}, 422),
    ):
        assert give(at, "packeta", path, looked="yes", **{"shipment": ["s_x"], **odd}).status_code == status, odd
    assert at.browser.get("/panel/pack/hand-over/h_none").status_code == 404
    assert at.browser.get(f"{path}/document").status_code == 404
    other = at.at.town.install(at.at.town.open_shop("beta", orders=1))
    at.enter(tenant=other)
    assert at.browser.get(path).status_code == 404


def test_where_only_the_car_is_open_nobody_is_told_to_hand_parcels_over_again(at: Desk) -> None:
    [booking] = ready(at, "ppl")
    rig, tenant_id = at.at.town.rig, at.tenant
    car = {"on": at.at.town.watch().date().isoformat(), "from": "13:00", "to": "16:00"}  # from nowhere: refused
    wanted = Wanted(tenant_id, "ppl", [at.at.stands(booking).shipment_id], manifest=False, collection=car)
    with rig.db.tx(tenant_id) as conn:
        handover_id = handover.enter(conn, rig, at.at.account_id, wanted).handover_id
    work(at.at, MINUTE)
    path = f"/panel/pack/hand-over/{handover_id}"

    page = at.page(path)

    assert [said(f"handing_{each}") in page for each in ("car_refused", "do_car", "car_confirm")] == [True] * 3
    assert [said(f"handing_{each}") in page for each in ("parked_refused", "do_refused", "again")] == [False] * 3
    assert at.act(path, LET_BE, confirm="yes").headers["location"] == f"{path}?said=handing_let_be_said"


def test_every_state_and_refusal_of_a_hand_over_has_its_words() -> None:
    refusals = [each[0] for each in vars(handover).values() if isinstance(each, tuple) and len(each) == 2]
    codes = [*refusals, "stopped", "asked_apart", handing.TAKEN_BACK["code"], handing.NOT_COVERED["code"]]
    keys = [f"handing_is_{each}" for each in State] + [f"handing_not_{code}" for code in codes]
    keys += [f"handing_{what}_{each}" for what in ("parked", "do") for each in Parked]
    keys += [f"handing_car_{each}" for each in (*Parked, "text", "confirm") if each is not Parked.NOTHING]

    assert [key for key in keys for spoken in words.IN.values() if key not in spoken] == []
