"""The page "Shipping": answers are checked where they stand, acts are explicit, nothing unseen is decided."""

import html
import re
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from service import journal, mappings, offers, outbox, problems, tenants, tickets
from service.db import Database
from service.kit.clock import PRAGUE
from service.mappings import Milestone, Target, Tracking
from service.offers import Reason, State
from service.outbox import Want
from service.problems import Cause
from service.web import frame, panel, shipping_form, shipping_page, shipping_view, words
from service.web.words import Language
from simulator import changes, ordering
from tests.asgi import Client
from tests.flows.town import build
from tests.web.test_panel import Outline

EN = words.IN[Language.EN]
ACTS = ("/panel/shipping", "/panel/shipping/mode", "/panel/shipping/release", "/panel/shipping/mails")


class Counter:
    """The merchant's side: a shop of the town, and a browser with a session in it."""

    def __init__(self, town, shop=None, *, orders: int = 3, worked: bool = True) -> None:
        self.town = town
        self.shop = shop or town.open_shop(orders=orders)
        self.tenant = town.install(self.shop)
        if worked:
            town.work()
        self.browser = Client(Starlette(routes=panel.routes(town.rig)))
        self.enter()

    def enter(self, language: str = "en") -> None:
        with self.town.rig.db.tx(self.tenant) as conn:
            ticket = tickets.issue(conn, self.tenant, language=language, now=self.town.watch())
        self.browser.get(f"/panel/enter/{ticket}")

    def of_type(self, kind: str) -> int:
        return next(each["id"] for each in self.shop.statuses.values() if each["type"] == kind)

    def page(self) -> str:
        answer = self.browser.get("/panel/shipping")
        assert answer.status_code == 200
        return answer.text

    def carried(self, action: str) -> dict[str, str]:
        """Return what the form of an act carries unseen."""
        found = re.search(rf'<form method="post" action="{action}#.*?</form>', self.page(), re.DOTALL)
        assert found, f"no form for {action}"
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', found[0]))

    def answers(self, **changed: object) -> dict[str, object]:
        """Return the form of the answers filled in well, but for what is said otherwise."""
        filled = {
            "release": str(self.of_type("Received")),
            "shipped": str(self.of_type("Sent")),
            "shipped_mail": "yes",
            "tracking": "first",
        }
        return {**self.carried("/panel/shipping"), **filled, **changed}

    def save(self, **changed: object):
        return self.browser.post("/panel/shipping", data=self.answers(**changed))

    def switch(self, **changed: object):
        form = {**self.carried("/panel/shipping/mode"), "confirm": "yes", **changed}
        return self.browser.post("/panel/shipping/mode", data=form)

    def go_live(self) -> None:
        assert self.save().status_code == 303
        assert self.switch().status_code == 303

    def order_more(self, count: int, **fields: object) -> list[str]:
        self.town.hear(self.shop, self.tenant)
        self.town.watch.move(5)
        made = changes.create_orders(self.town.world, self.shop, count, **fields)
        self.town.deliver()
        self.town.work()
        return [each.number for each in made]

    @property
    def given(self):
        with self.town.rig.db.tx(self.tenant) as conn:
            return mappings.of(conn, self.tenant)

    def offered(self) -> dict[str, str]:
        with self.town.rig.db.tx(self.tenant) as conn:
            found = offers.after(conn, self.tenant, 0, most=1000)
        return {each.offer.order_number: each.offer.state.value for each in found}


@pytest.fixture
def town(tmp_path, database, redis_url):
    built = build(tmp_path, database.url, redis_url)
    yield built
    built.rig.close()


@pytest.fixture
def counter(town):
    return Counter(town)


def escaped(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def test_the_first_page_leads_to_shipping_and_says_that_it_only_observes(counter) -> None:
    page = counter.browser.get("/panel").text

    assert 'href="/panel/shipping"' in page
    assert EN["shipping_go"] in page
    assert EN["observe_text"] in page


def test_the_first_page_of_a_live_shop_says_so_and_counts_what_is_wrong(counter) -> None:
    counter.go_live()
    with counter.town.rig.db.tx(counter.tenant) as conn:
        problems.note(conn, counter.tenant, Cause.NO_ECHO, now=counter.town.watch())

    page = counter.browser.get("/panel").text

    assert EN["live_text"] in page
    assert EN["observe_text"] not in page
    assert EN["done_next_live"] in page
    assert EN["problems_open"].format(count=1) in page


def test_what_we_suggest_is_the_status_of_type_sent_with_a_mail_and_nothing_else(counter) -> None:
    page = counter.page()

    chosen = re.findall(r'<option value="(\d+)" selected>', page)
    assert chosen == [str(counter.of_type("Sent"))]
    assert re.findall(r'name="(\w+)" value="yes" checked', page) == ["shipped_mail"]
    assert not re.search(r'name="release" value="\d+" checked', page)
    assert EN["mode_todo"] in page


def test_a_shop_without_the_system_status_gets_no_suggestion(town) -> None:
    counter = Counter(town, town.world.add_shop("alfa", orders=3, products=1, verified=True, older=True))

    assert 'name="shipped"' in counter.page()
    assert " selected>" not in counter.page()


def test_the_system_storno_is_never_offered(counter) -> None:
    assert f'value="{counter.of_type("Canceled")}"' not in counter.page()


def test_statuses_speak_the_language_of_the_panel(counter) -> None:
    counter.enter("sk")
    page = counter.page()

    assert "Odoslaná" in page
    assert "Odeslaná" not in page
    assert '<html lang="sk">' in page


def test_two_statuses_of_one_name_bear_their_numbers(counter) -> None:
    custom = next(i for i, row in counter.shop.statuses.items() if row["type"] == "Custom" and "Storno" in str(row))

    assert f"Storno (#{custom})" in counter.page()


def test_saved_answers_are_the_mapping(counter) -> None:
    done = max(counter.shop.statuses)
    answer = counter.save(
        release=[str(counter.of_type("Received")), str(counter.of_type("PaymentSuccessful"))],
        delivered=str(done),
        delivered_sms="yes",
        release_from="2026-02-01",
        pull_from="2026-01-15",
        tracking="joined",
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/panel/shipping?said=saved")
    given = counter.given
    assert given.release == {counter.of_type("Received"), counter.of_type("PaymentSuccessful")}
    assert given.targets == {
        Milestone.SHIPPED: Target(counter.of_type("Sent"), mail=True),
        Milestone.DELIVERED: Target(done, sms=True),
    }
    assert f"{given.release_from.astimezone(PRAGUE):%F %T}" == "2026-02-01 00:00:00"
    assert f"{given.pull_from.astimezone(PRAGUE):%F %T}" == "2026-01-15 00:00:00"
    assert given.tracking is Tracking.JOINED
    assert not given.live


def test_saved_answers_are_shown_again_and_said_to_be_saved(counter) -> None:
    counter.save(release_from="2026-02-01", shipped_mail="", shipped_sms="yes", tracking="last")

    page = counter.browser.get("/panel/shipping?said=saved").text

    assert EN["saved"] in page
    assert 'value="2026-02-01"' in page
    assert re.findall(r'name="(\w+)" value="yes" checked', page) == ["shipped_sms"]
    assert 'value="last" checked' in page
    assert EN["mode_ready"] in page


def test_a_date_left_as_it_stood_keeps_its_hour(counter) -> None:
    counter.save()
    with counter.town.rig.db.tx(counter.tenant) as conn:
        statement = "UPDATE mappings SET release_from = '2026-02-01T15:30:00+00:00' WHERE tenant_id = %s"
        conn.execute(statement, [counter.tenant])

    counter.save(release_from="2026-02-01")

    assert counter.given.release_from.hour == 15


FAULTS = [
    ({"release": []}, "release", "fault_release_none"),
    ({"release": "987654"}, "release", "fault_status_unknown"),
    ({"release": "'; DROP TABLE mappings"}, "release", "fault_status_unknown"),
    ({"release": "9" * 150}, "release", "fault_status_unknown"),
    ({"release": "٣"}, "release", "fault_status_unknown"),
    ({"release": "Canceled"}, "release", "fault_status_storno"),
    ({"shipped": "987654"}, "shipped", "fault_status_unknown"),
    ({"shipped": "-1"}, "shipped", "fault_status_unknown"),
    ({"shipped": "Canceled"}, "shipped", "fault_status_storno"),
    ({"shipped": "Received"}, "shipped", "fault_status_both"),
    ({"pickup_point": "Canceled"}, "pickup_point", "fault_status_storno"),
    ({"pickup_point": "1.5"}, "pickup_point", "fault_status_unknown"),
    ({"delivered": "Received"}, "delivered", "fault_status_both"),
    ({"delivered": "nothing"}, "delivered", "fault_status_unknown"),
    ({"returned": "Canceled"}, "returned", "fault_status_storno"),
    ({"returned": "0x1"}, "returned", "fault_status_unknown"),
    ({"release_from": "2026-02-30"}, "release_from", "fault_date_odd"),
    ({"release_from": "soon"}, "release_from", "fault_date_odd"),
    ({"release_from": "0001-01-01"}, "release_from", "fault_date_odd"),
    ({"release_from": "9999-12-31"}, "release_from", "fault_date_odd"),
    ({"release_from": "20260201"}, "release_from", "fault_date_odd"),
    ({"pull_from": "1. 3. 2026"}, "pull_from", "fault_date_odd"),
    ({"pull_from": "٢٠٢٦-٠١-٠١"}, "pull_from", "fault_date_odd"),
    ({"pull_from": "2026-03-02"}, "pull_from", "fault_pull_future"),
    ({"tracking": "middle"}, "tracking", "fault_tracking_odd"),
    ({"tracking": ""}, "tracking", "fault_tracking_odd"),
]


@pytest.mark.parametrize(("typed", "field", "fault"), FAULTS)
def test_a_fault_is_told_at_its_field_and_nothing_is_saved(counter, typed, field: str, fault: str) -> None:
    kinds = ("Canceled", "Received")
    known = {name: str(counter.of_type(value)) if value in kinds else value for name, value in typed.items()}

    answer = counter.save(**known)

    assert answer.status_code == 422
    assert f'<p class="fault" id="fault-{field}">{escaped(EN[fault])}</p>' in answer.text
    assert f'href="#field-{field}"' in answer.text
    assert f'id="field-{field}"' in answer.text
    assert re.search(rf'aria-describedby="fault-{field}[ "]', answer.text)
    assert len(re.findall(r'id="fault-', answer.text)) == 1
    assert counter.given.revision == 0


def test_every_fault_is_told_at_once_and_what_was_typed_stays(counter) -> None:
    page = counter.save(
        release=[],
        shipped="",
        shipped_mail="",
        returned="987654",
        returned_mail="yes",
        release_from='"><script>alert(1)</script>',
        pull_from="2026-03-09",
        tracking="last",
    ).text

    assert len(re.findall(r'id="fault-', page)) == 4
    assert "<script>alert" not in page
    assert 'value="&#34;&gt;&lt;script&gt;' in page
    assert 'value="2026-03-09"' in page
    assert re.findall(r'name="(\w+)" value="yes" checked', page) == ["returned_mail"]
    assert 'value="last" checked' in page


def test_a_status_that_came_meanwhile_is_not_decided_about_unseen(counter) -> None:
    form = counter.answers(release_from="2026-02-02")
    counter.town.hear(counter.shop, counter.tenant)
    changes.create_status(counter.town.world, counter.shop, {"cs": "Zkontrolovaná"})
    counter.town.deliver()
    counter.town.work()

    answer = counter.browser.post("/panel/shipping", data=form)

    assert answer.status_code == 409
    assert EN["changed_meanwhile"] in answer.text
    assert "Zkontrolovaná" in answer.text
    assert 'value="2026-02-02"' in answer.text
    assert counter.given.revision == 0


def test_answers_saved_elsewhere_meanwhile_are_not_written_over(counter) -> None:
    form = counter.answers(tracking="last")
    counter.save(tracking="joined")

    assert counter.browser.post("/panel/shipping", data=form).status_code == 409
    assert counter.given.tracking is Tracking.JOINED


def test_what_the_flow_refuses_is_told_at_the_field(counter) -> None:
    draft = shipping_form.Draft(
        frozenset({987654}), {}, None, None, Tracking.FIRST, tells_paid=False, over=counter.given.revision
    )

    with pytest.raises(shipping_form.AnswersFaulty) as faulty:
        draft.save(counter.town.rig, counter.tenant)

    assert faulty.value.faults == {"release": "fault_refused"}


def test_a_chosen_status_that_is_gone_stays_chosen_until_the_merchant_decides(counter) -> None:
    received = counter.of_type("Received")
    doomed = next(i for i, row in counter.shop.statuses.items() if "Doručená" in str(row))
    packed = next(i for i, row in counter.shop.statuses.items() if "Zabalená" in str(row))
    counter.save(release=[str(received), str(packed)], delivered=str(doomed))
    counter.town.hear(counter.shop, counter.tenant)
    changes.create_status(counter.town.world, counter.shop, {"cs": "Zkontrolovaná"})
    changes.rename_status(counter.town.world, counter.shop, received, {"cs": "<i>Nová</i>"})
    changes.delete_status(counter.town.world, counter.shop, doomed)
    changes.delete_status(counter.town.world, counter.shop, packed)
    counter.town.deliver()
    counter.town.work(for_s=90, idle_s=40)  # gone when a second answer lacks it

    page = counter.page()
    assert f'<option value="{doomed}" selected>Doručená ({EN["status_gone"]})' in page
    assert f'value="{packed}" checked> <span>Zabalená <em>({EN["status_gone"]})' in page
    assert f"&lt;i&gt;Nová&lt;/i&gt; <em>({EN['status_formerly'].format(name='Přijatá')})" in page
    assert f"Zkontrolovaná <em>({EN['status_new']})" in page
    assert "<i>" not in page
    for cause in ("status_gone", "status_new", "status_renamed"):
        assert EN[f"cause_{cause}"] in page
        assert EN[f"do_{cause}"] in page

    refused = counter.save(release=[str(received), str(packed)], delivered=str(doomed))
    assert {'id="fault-release"', 'id="fault-delivered"'} <= set(re.findall(r'id="fault-\w+"', refused.text))
    assert counter.given.revision == 1
    assert counter.save().status_code == 303
    assert EN["problems_none"] in counter.page()


def test_going_live_takes_a_confirmation(counter) -> None:
    counter.save()
    page = counter.page()
    assert EN["go_live_text"] in page
    assert EN["go_live_mail"].format(steps=EN["milestone_shipped"]) in page

    answer = counter.switch(confirm="")

    assert answer.status_code == 422
    assert EN["confirm_missing"] in answer.text
    assert not counter.given.live


def test_a_confirmed_switch_is_live_and_written_down(counter) -> None:
    counter.save()

    answer = counter.switch()

    assert (answer.status_code, answer.headers["location"]) == (303, "/panel/shipping?said=now_live")
    assert counter.given.live_since == counter.town.watch()
    assert EN["now_live"] in counter.browser.get("/panel/shipping?said=now_live").text
    with counter.town.rig.db.tx(counter.tenant) as conn:
        found = conn.execute("SELECT detail FROM journal WHERE kind = %s ORDER BY journal_id", [journal.Kind.PERSON])
        assert [row["detail"]["by"] for row in found.fetchall()] == ["panel", "panel"]


def test_a_live_shop_goes_back_to_being_observed_by_a_confirmation(counter) -> None:
    counter.go_live()
    page = counter.page()
    assert EN["go_observe_text"] in page
    assert EN["answers_live"] in page

    assert counter.switch(confirm="").status_code == 422
    assert counter.given.live
    assert counter.switch().status_code == 303
    assert not counter.given.live


def test_a_shop_without_answers_offers_no_switch_and_takes_none(counter) -> None:
    token = counter.carried("/panel/shipping")
    assert "/panel/shipping/mode" not in counter.page()

    answer = counter.browser.post("/panel/shipping/mode", data={**token, "mode": "live", "confirm": "yes"})

    assert answer.status_code == 422
    assert EN["not_ready"] in answer.text


def test_nobody_goes_live_with_answers_he_has_not_seen(counter) -> None:
    counter.save()
    form = {**counter.carried("/panel/shipping/mode"), "confirm": "yes"}
    counter.save(tracking="last")

    answer = counter.browser.post("/panel/shipping/mode", data=form)

    assert answer.status_code == 409
    assert EN["changed_meanwhile"] in answer.text
    assert not counter.given.live


@pytest.mark.parametrize("mode", ["", "dead", "live;observe", "<b>"])
def test_a_mode_there_is_not_changes_nothing(counter, mode: str) -> None:
    counter.save()

    answer = counter.switch(mode=mode)

    assert answer.status_code == 422
    assert EN["form_odd"] in answer.text
    assert "<b>" not in answer.text
    assert not counter.given.live


def test_a_shop_whose_pull_runs_says_so(town) -> None:
    counter = Counter(town, worked=False)

    page = counter.page()

    assert EN["no_statuses"] in page
    assert EN["mode_pulling"] in page
    token = re.search(r'name="form_token" value="(\w+)"', page)[1]
    shown = shipping_form.fingerprint({}, mappings.NOTHING)
    answer = counter.browser.post("/panel/shipping", data={"form_token": token, "shown": shown, "release": "1"})
    assert answer.status_code == 422


def rows_of(page: str, heading: str) -> dict[str, int]:
    table = re.search(rf'<table[^>]* aria-labelledby="{heading}">.*?</table>', page, re.DOTALL)
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="number">(\d+)', table[0])
    return {name: int(count) for name, count in rows}


def test_whether_the_shop_hears_of_paid_cod_is_off_until_its_merchant_says_so(counter) -> None:
    box = r'<input type="checkbox" name="tells_paid" value="yes"[^>]*?( checked)?>'
    assert re.search(box, counter.page())[1] is None

    assert counter.save(tells_paid="yes").status_code == 303
    assert re.search(box, counter.page())[1]
    assert counter.given.paid_since == counter.town.watch()

    assert counter.save().status_code == 303
    assert re.search(box, counter.page())[1] is None
    assert counter.given.paid_since is None


def test_an_observed_shop_is_shown_what_would_have_been_done(town) -> None:
    counter = Counter(town, orders=120)
    counter.save()
    ways = {row["type"]: ordering.payment(counter.shop, i, "cs") for i, row in counter.shop.payments.items()}
    made = counter.order_more(3, payment=ways["cashOnDelivery"], paid_date=None)
    unpaid = counter.order_more(2, payment=ways["command"], paid_date=None)

    page = counter.page()

    fresh = rows_of(page, "fresh")
    assert fresh == {EN["offer_released"]: 3, f"{EN['offer_held']}: {EN['reason_unpaid']}": 2}
    assert sum(rows_of(page, "example").values()) == 100
    assert all(number in page for number in [*made, *unpaid])
    assert EN["go_live_now"].format(count=3) in page
    assert counter.offered() == {}


def test_a_date_in_the_future_would_hold_every_order(town) -> None:
    counter = Counter(town, orders=3)
    counter.save(release_from="2027-01-01")
    counter.order_more(2)

    assert rows_of(counter.page(), "fresh") == {f"{EN['offer_held']}: {EN['reason_too_old']}": 2}


def test_a_live_shop_is_shown_what_became_of_its_orders(town) -> None:
    counter = Counter(town, orders=3)
    counter.go_live()
    made = counter.order_more(2)
    with town.rig.db.tx(counter.tenant) as conn:
        sent = counter.of_type("Sent")
        want = Want(status_id=sent, milestone="shipped", based_on_status_id=counter.of_type("Received"))
        outbox.put(conn, counter.tenant, {made[0]: want}, now=town.watch())

    page = counter.page()

    assert sum(rows_of(page, "orders").values()) == 2
    assert rows_of(page, "writes")[EN["write_due"]] == 1
    assert 'id="outlook"' not in page


def test_what_has_left_is_not_called_held() -> None:
    assert shipping_view.outcome(State.HELD, Reason.SHIPPED, EN) == EN["offer_shipped"]
    assert shipping_view.outcome(State.STOP, Reason.CHANGED, EN) == "Stopped: changed after the release"


def test_a_problem_is_told_with_its_order_since_when_how_often_and_what_to_do(counter) -> None:
    counter.save()
    with counter.town.rig.db.tx(counter.tenant) as conn:
        for _ in range(3):
            now = counter.town.watch()
            problems.note(
                conn, counter.tenant, Cause.SILENT_DROP, now=now, order_number="<O>1", detail={"why": "<secret>"}
            )

    page = counter.page()

    assert EN["cause_silent_drop"] in page
    assert EN["do_silent_drop"] in page
    assert EN["problem_order"].format(number="&lt;O&gt;1") in page
    assert EN["problem_since"].format(time="01 Mar 2026, 13:1") in page
    assert EN["problem_count"].format(count=3) in page
    assert "secret" not in page


def release_form(counter, **changed: object) -> dict[str, object]:
    return {**counter.carried("/panel/shipping/release"), "confirm": "yes", **changed}


def test_open_orders_of_the_history_are_released_by_an_explicit_act_with_their_count(town) -> None:
    counter = Counter(town, orders=60)
    received = counter.of_type("Received")
    waiting = {number for number, order in counter.shop.orders.items() if order.record["status_id"] == received}
    assert waiting
    counter.go_live()
    assert counter.offered() == {}
    assert EN["by_hand_button"].format(count=len(waiting)) in counter.page()

    answer = counter.browser.post("/panel/shipping/release", data=release_form(counter))

    assert (answer.status_code, answer.headers["location"]) == (303, "/panel/shipping?said=released_by_hand")
    assert counter.offered().keys() == waiting
    page = counter.browser.get("/panel/shipping?said=released_by_hand").text
    assert EN["released_by_hand"] in page
    assert EN["by_hand_none"] in page


def test_open_orders_are_not_released_without_a_confirmation_or_with_another_count(town) -> None:
    counter = Counter(town, orders=60)
    counter.go_live()

    unconfirmed = counter.browser.post("/panel/shipping/release", data=release_form(counter, confirm=""))
    changed = counter.browser.post("/panel/shipping/release", data=release_form(counter, shown="0" * 64))

    assert (unconfirmed.status_code, EN["confirm_missing"] in unconfirmed.text) == (422, True)
    assert (changed.status_code, EN["release_changed"] in changed.text) == (409, True)
    assert counter.offered() == {}


def test_an_order_younger_than_the_history_but_older_than_the_date_may_be_released_by_hand(town) -> None:
    counter = Counter(town)
    counter.save(release_from="2027-01-01")
    counter.switch()
    made = counter.order_more(2, status_id=counter.of_type("Received"))
    assert set(counter.offered().values()) == {"held"}

    counter.browser.post("/panel/shipping/release", data=release_form(counter))

    with town.rig.db.tx(counter.tenant) as conn:
        assert offers.by_hand(conn, counter.tenant) == sorted(made)


def test_an_observed_shop_releases_nothing_by_hand(town) -> None:
    counter = Counter(town, orders=10)
    counter.save()
    token = counter.carried("/panel/shipping")

    answer = counter.browser.post("/panel/shipping/release", data={**token, "confirm": "yes"})

    assert answer.status_code == 422
    assert EN["release_refused"] in answer.text
    assert counter.offered() == {}


def test_a_form_of_a_foreign_page_does_nothing(counter) -> None:
    counter.save()
    forms = {
        "/panel/shipping": counter.answers(tracking="last"),
        "/panel/shipping/mode": {**counter.carried("/panel/shipping/mode"), "confirm": "yes"},
        "/panel/shipping/release": {"confirm": "yes"},
    }
    for path, form in forms.items():
        for token in ({"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "č"}):
            answer = counter.browser.post(path, data={**form, **token})
            assert answer.status_code == 403
            assert EN["form_old"] in answer.text
        without = {name: value for name, value in form.items() if name != "form_token"}
        assert counter.browser.post(path, data=without).status_code == 403

    assert (counter.given.revision, counter.given.live) == (1, False)


def test_a_body_that_is_no_form_does_nothing(counter) -> None:
    bodies = [b"\xff\xfe", b"&".join([b"a=1"] * 1100), b"=&=&;;;", b'{"release": [1]}', b""]

    for path in ACTS:
        assert [counter.browser.post(path, content=body).status_code for body in bodies] == [403] * len(bodies)


def test_without_a_session_there_is_nothing_to_see_or_do(counter) -> None:
    stranger = Client(Starlette(routes=panel.routes(counter.town.rig)))

    for cookie in ("", "panel=", "panel=t_abc.x", "panel=*.x"):
        asks = [("GET", "/panel/shipping"), *(("POST", path) for path in ACTS)]
        answers = [stranger.request(method, path, headers={"Cookie": cookie}) for method, path in asks]
        assert [answer.status_code for answer in answers] == [401] * 5


def test_a_dismissed_shop_is_shown_nothing_and_takes_nothing(counter) -> None:
    form = counter.answers()
    with counter.town.rig.db.tx(counter.tenant) as conn:
        tenants.dismiss(conn, counter.tenant, now=counter.town.watch())

    assert counter.browser.get("/panel/shipping").status_code == 401
    assert [counter.browser.post(path, data=form).status_code for path in ACTS] == [401] * 4
    assert counter.given.revision == 0


def test_every_answer_may_be_framed_by_the_admin_and_is_not_kept(counter) -> None:
    answers = [counter.browser.get("/panel/shipping"), counter.save(release=[]), counter.save()]

    for answer in answers:
        assert answer.headers["content-security-policy"].endswith("frame-ancestors https://*.upgates.com")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_database_that_is_away_is_told_in_words(counter) -> None:
    away = replace(counter.town.rig, db=Database("postgresql://127.0.0.1:1/none", size=1))
    lost = Client(Starlette(routes=panel.routes(away)))
    lost.cookies = counter.browser.cookies

    answer = lost.get("/panel/shipping", headers={"Accept-Language": "en"})

    assert (answer.status_code, EN["away_text"] in answer.text) == (503, True)


def test_neither_credentials_nor_customers_are_anywhere(town) -> None:
    counter = Counter(town, orders=30)
    counter.save()
    counter.order_more(3)
    page = counter.page()
    counter.switch()
    page += counter.page()

    for order in counter.shop.orders.values():
        customer = order.record["customer"]
        for private in (customer["email"], customer["phone"], customer["surname_invoice"]):
            assert not private or str(private) not in page
    for user in counter.shop.users.values():
        assert user.key not in page


@pytest.mark.parametrize("language", ["cs", "sk", "en"])
@pytest.mark.parametrize("stage", ["first", "faulty", "observed", "live"])
def test_the_page_has_headings_in_order_and_a_label_for_every_field(town, language: str, stage: str) -> None:
    counter = Counter(town, orders=20)
    counter.enter(language)
    page = counter.page()
    if stage == "faulty":
        page = counter.save(release=[], tracking="", pull_from="x").text
    if stage in ("observed", "live"):
        counter.save()
        counter.order_more(1)
        page = counter.page()
    if stage == "live":
        counter.switch()
        with town.rig.db.tx(counter.tenant) as conn:
            for cause in Cause:
                problems.note(conn, counter.tenant, cause, now=town.watch(), order_number="O1")
        page = counter.page()
    outline = Outline()
    outline.feed(page)

    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.named) <= set(outline.ids)
    assert outline.inputs + page.count("<select") == outline.labels
    described = {name for text in re.findall(r'aria-describedby="([^"]*)"', page) for name in text.split()}
    assert described <= set(outline.ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(outline.ids)
    assert not re.search(r"<script|<style|style=| on[a-z]+=", page)
    assert "{" not in re.sub(r"<[^>]*>", "", page)


def test_every_cause_reason_and_step_has_its_words_in_every_language() -> None:
    keys = [f"{what}_{cause}" for cause in Cause for what in ("cause", "do")]
    keys += [f"reason_{reason}" for reason in Reason] + [f"offer_{state}" for state in State]
    keys += [f"milestone_{each}" for each in Milestone] + [f"tracking_{each}" for each in Tracking]
    keys += [*shipping_page.SAID, "fault_refused", *{fault for _, _, fault in FAULTS}]
    keys += re.findall(r'Refusal\("\w+", "(\w+)"', (frame.HERE / "shipping_page.py").read_text())

    assert {key for said in words.IN.values() for key in keys if key not in said} == set()


def test_a_text_asks_for_the_same_values_in_every_language() -> None:
    asked = [{key: set(re.findall(r"\{(\w+)\}", text)) for key, text in said.items()} for said in words.IN.values()]

    assert asked[0] == asked[1] == asked[2]


def test_no_two_subjects_say_a_word_twice() -> None:
    inside = words.shared
    shared = [
        inside.faults, inside.mails, inside.pairing, inside.parcels, inside.payments, inside.problems, inside.reasons
    ]  # fmt: skip

    assert sum(len(subject.CS) for subject in (*words.SUBJECTS, *shared)) == len(words.CS)
