"""The page "Shipping" shows what does not move, who sees to what, and asks which mails the merchant wants."""

import re

import pytest

from service import accounts, problems, tenants
from service.accounts import Kind, Person
from service.alarms import Wishes, merchants
from service.problems import Cause
from service.web import words
from service.web.words import Language
from tests.flows.town import build
from tests.web.test_panel_shipping import Counter

EN = words.IN[Language.EN]


@pytest.fixture
def counter(tmp_path, database, redis_url):
    town = build(tmp_path, database.url, redis_url)
    yield Counter(town)
    town.rig.close()


def wishes(counter: Counter) -> Wishes:
    with counter.town.rig.db.tx(counter.tenant) as conn:
        return merchants.wishes(conn, counter.tenant)


def save(counter: Counter, **fields: str):
    return counter.browser.post("/panel/shipping/mails", data={**counter.carried("/panel/shipping/mails"), **fields})


def test_a_merchant_says_which_mails_he_wants(counter) -> None:
    assert wishes(counter) == Wishes(daily=True, urgent=True)

    saved = save(counter, urgent="on")
    assert (saved.status_code, saved.headers["location"]) == (303, "/panel/shipping?said=mails_saved")
    assert wishes(counter) == Wishes(daily=False, urgent=True)
    assert EN["mails_saved"] in counter.browser.get("/panel/shipping?said=mails_saved").text
    assert re.findall(r'name="(daily|urgent)"( checked)?', counter.page()) == [("daily", ""), ("urgent", " checked")]

    assert counter.browser.post("/panel/shipping/mails", data={"daily": "on"}).status_code == 403
    assert wishes(counter) == Wishes(daily=False, urgent=True)


def test_orders_that_do_not_move_are_shown_with_age_and_reason(counter) -> None:
    counter.go_live()
    with counter.town.rig.db.tx_all("a test gives a shop its warehouse") as conn:
        depot = accounts.create(conn, Kind.WAREHOUSE, Person("Depot"), now=counter.town.watch())
        tenants.ship_from(conn, counter.tenant, account_id=depot)
    assert EN["stuck_none"] in counter.page()

    counter.order_more(1, status_id=counter.of_type("Received"), paid_date=counter.town.watch().isoformat())
    counter.town.watch.move(3 * 3_600)

    page = counter.page()
    assert EN["stuck_unacked"] in page or EN["stuck_held"] in page
    assert ">3 h<" in page or ">180 min<" in page


def test_a_merchant_sees_who_sees_to_his_problem_and_none_of_the_operators_own(counter) -> None:
    counter.go_live()
    with counter.town.rig.db.tx(counter.tenant) as conn:
        now = counter.town.watch()
        problems.note(conn, counter.tenant, Cause.NO_ECHO, now=now)
        problems.note(conn, counter.tenant, Cause.CHANNEL_FAILING, now=now)
        problems.take(conn, counter.tenant, Cause.NO_ECHO, by="Eva of support", note=None, now=now)

    page = counter.page()
    assert "Seen to by Eva of support" in page
    assert EN["cause_no_echo"] in page
    assert EN["cause_channel_failing"] not in page
