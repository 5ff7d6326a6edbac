"""The page "Money": how what carriers collected stands, what nobody fetched, and a carrier's list read in."""

import html
import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.web import money_page, money_view, words
from service.web.app import LARGEST_POST
from service.web.words import Language
from simulator.carriers.lives import End
from tests.flows.counter import counter
from tests.flows.road import Road
from tests.flows.town import build
from tests.web.parcel_desk import EN, Desk, desk, said

MONEY, READ = "/panel/money", "/panel/money/read"
HEAD = "number;variable symbol;amount;currency;date\n"
INSERT = """
    INSERT INTO cod_payments (tenant_id, booking_id, contract_id, carrier, order_number, amount_minor, currency,
        variable_symbol, delivered_on, due_on, paid_on, paid_minor, paid_currency, entered_at)
    SELECT %(tenant)s, 'b_' || %(kind)s || n, 'k_any', 'ppl', %(kind)s || n, 129000 + n, 'CZK', '77' || n,
        %(day)s::date - 20, %(day)s::date - 10 - n, %(paid_on)s, %(paid)s, %(currency)s, %(now)s
    FROM generate_series(1, %(count)s) AS n
"""


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Desk]:
    town = build(tmp_path, database.url, redis_url)
    yield desk(counter(town, "gls", count=8))
    town.rig.close()


def owed(at: Desk, kind: str, count: int = 1, *, paid: tuple[int, str] | None = None, is_paid: bool = False) -> None:
    """Let money be late, or be paid out; the numbers of its orders begin with this letter."""
    now = at.at.town.watch()
    told = {"tenant": at.tenant, "kind": kind, "count": count, "day": now.date(), "now": now}
    on = now.date() if is_paid or paid else None
    minor, currency = paid or (None, None)
    with at.at.town.rig.db.tx(at.tenant) as conn:
        conn.execute(INSERT, {**told, "paid_on": on, "paid": minor, "currency": currency})


def delivered(at: Desk, count: int = 1) -> list[str]:
    """Return the numbers of parcels with COD that are being delivered."""
    sent = Road(at.at).sent("gls", count, end=End.HOME, cod=at.at.cod())
    return [at.at.numbers(each)[0] for each in sent]


def orders(page: str) -> list[str]:
    found = re.search(r'<table class="orders money" aria-labelledby="money">.*?</table>', page, re.DOTALL)
    return re.findall(r'<th scope="row">(\w+)</th>', found[0]) if found else []


def reads(at: Desk, *lines: str, head: str = HEAD, **changed: str | None):
    day = f"{at.at.town.watch():%Y-%m-%d}"
    text = head + "\n".join(line.replace("DAY", day) for line in lines)
    return at.act(MONEY, READ, **{"carrier": "gls", "list": text, **changed})


def test_money_is_shown_by_how_it_stands_what_is_late_first(at: Desk) -> None:
    owed(at, "L", 2)
    owed(at, "D", paid=(99_050, "EUR"))
    owed(at, "P", is_paid=True)
    delivered(at)

    page = at.page(MONEY)
    differs, paid, waiting = (at.page(f"{MONEY}?stands={way}") for way in ("differs", "paid", "waiting"))

    ways = re.findall(r'<a href="/panel/money\?stands=(\w+)"( aria-current="true")?>\w[\w ]* \((\d+)\)</a>', page)
    assert ways == [
        ("overdue", ' aria-current="true"', "2"),
        ("differs", "", "1"),
        ("waiting", "", "1"),
        ("paid", "", "1"),
    ]
    assert orders(page) == ["L1", "L2"]
    assert "1\u00a0290.01\u00a0CZK" in page
    assert (orders(differs), orders(paid)) == (["D1"], ["P1"])
    assert "990.50\u00a0EUR" in differs
    assert len(orders(waiting)) == 1
    for way in ("over", "nonsense", "", "overdue&stands=paid'"):
        assert at.browser.get(f"{MONEY}?stands={way}").status_code == 200


def test_amounts_and_days_are_written_as_the_language_does(at: Desk) -> None:
    owed(at, "L")
    at.enter("cs")

    page = at.page(MONEY)

    assert "1\u00a0290,01\u00a0CZK" in page
    assert "9. 2. 2026" in page
    assert money_view.amount((12_900, "HUF"), words.IN[Language.SK]) == "12\u00a0900\u00a0HUF"


def test_a_long_list_is_shown_in_pages_and_there_is_always_one(at: Desk) -> None:
    owed(at, "L", 101)

    first, second = at.page(MONEY), at.page(f"{MONEY}?page=2")

    assert (len(orders(first)), orders(second)) == (100, ["L101"])
    assert "stands=overdue&amp;page=2" in first
    for page in ("99", "0", "-1", "x", "²", "9" * 30):
        assert orders(at.page(f"{MONEY}?page={page}")) in (orders(first), orders(second))
    owed(at, "P", is_paid=True)
    assert orders(at.page(f"{MONEY}?stands=paid&page=5")) == ["P1"]


def test_a_list_is_read_in_and_the_same_once_more_changes_nothing(at: Desk, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    first, second = delivered(at, 2)
    lines = (f"{first};;1290;CZK;DAY;Jana Nová", f"{second};;990;CZK;DAY;", "999;;1;CZK;DAY;", f"{second};;1;CZK;soon;")

    done = reads(at, *lines)
    before = [orders(at.page(f"{MONEY}?stands={way}")) for way in money_view.WAYS]
    again = reads(at, *lines)

    assert done.status_code == 200
    assert said("money_read_done", new=2, known=0) in done.text
    assert re.findall(r"<strong>Line (\d+)</strong>: ([^<]+)</li>", done.text) == [
        ("4", said("payline_not_expected")), ("5", said("payline_date"))
    ]  # fmt: skip
    assert said("money_read_done", new=0, known=2) in again.text
    assert before == [orders(at.page(f"{MONEY}?stands={way}")) for way in money_view.WAYS]
    assert [len(each) for each in before] == [0, 1, 0, 1]
    with at.at.town.rig.db.tx(at.tenant) as conn:
        written = str(conn.execute("SELECT detail FROM journal").fetchall())
    assert "Jana" in html.unescape(done.text)  # the list stays where it was typed until all of it is good
    assert "Jana" not in written + caplog.text


def test_what_is_no_list_is_told_and_stays_where_it_was_typed(at: Desk) -> None:
    for changed, key in (
        ({"carrier": "poslicek"}, "money_carrier_odd"),
        ({"carrier": None}, "money_carrier_odd"),
        ({"list": " \r\n"}, "money_list_empty"),
        ({"list": None}, "money_list_empty"),
        ({"list": "number;amount\r\n1;2"}, "money_list_odd"),
        ({"list": HEAD + "\r\n1;;1;CZK;2026-03-01" * (money_page.LINES_MOST + 1)}, "money_list_odd"),
        ({"list": "x" * 200_000}, "money_list_odd"),
    ):
        refused = reads(at, **changed)
        assert refused.status_code == 422, changed
        assert said(key) in refused.text, key
    kept = reads(at, list="\n</textarea><b>number;amount")
    assert "\n\n&lt;/textarea&gt;&lt;b&gt;number;amount</textarea>" in kept.text
    lacking = reads(at, list="number;amount\n1;2")
    assert said("paylist_columns", columns=f"{EN['paycolumn_currency']}, {EN['paycolumn_date']}") in lacking.text


def test_a_text_that_is_far_too_long_is_told_on_the_page(at: Desk) -> None:
    answer = at.browser.post(READ, data={"carrier": "gls", "list": "x" * LARGEST_POST})

    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert said("money_list_huge") in answer.text
    assert len(answer.text) < 20_000


def test_only_the_shop_s_own_money_is_shown_and_read(at: Desk) -> None:
    [number] = delivered(at)
    owed(at, "L")
    form = at.carried(MONEY, READ)
    old = at.browser.post(READ, data={**form, "form_token": "0", "carrier": "gls", "list": HEAD})
    assert (old.status_code, said("form_old") in old.text) == (403, True)

    at.enter(tenant=at.at.town.install(at.at.town.open_shop("beta", orders=1)))
    page = at.page(MONEY)
    foreign = reads(at, f"{number};;1290;CZK;DAY")

    assert orders(page) == []
    assert EN["money_none"] in page
    assert said("money_read_done", new=0, known=0) in foreign.text
    assert said("payline_not_expected") in foreign.text
    at.browser.cookies.clear()
    assert at.browser.get(MONEY).status_code == 401
    assert at.browser.post(READ, data={"carrier": "gls", "list": HEAD}).status_code == 401
    assert at.browser.post(READ, data={"list": "x" * LARGEST_POST}).status_code == 401


def test_parcels_nobody_fetched_are_counted_by_month_and_carrier(at: Desk) -> None:
    way = Road(at.at)
    assert said("money_uncollected_none") in at.page(MONEY)
    way.sent("gls", 2, end=End.UNCOLLECTED, cod=at.at.cod(), **way.to_point("gls"))
    way.on(270, step_h=6)
    at.enter()
    began = f"{at.at.town.watch():%b %Y}"

    page = at.page(MONEY)

    row = re.search(rf'{began}</th><td>GLS</td><td class="number"[^>]*>2</td><td class="sum">(.*?)</td>', page)
    assert row, page
    assert "2\u00a0580.00\u00a0CZK" in row[1]
    at.at.town.watch.move(timedelta(days=366).total_seconds())
    at.enter()
    assert said("money_uncollected_none") in at.page(MONEY)
