"""Who should know of a problem is told in time, once, and never in a storm, whatever becomes of mails and webhooks."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from service import accounts, problems
from service.accounts import Person
from service.alarms import Pace, Wishes, channels, owed
from service.flows import acknowledge, alarm, arrange, dismiss, hang, pair
from service.flows.arrange import ArrangementRefused
from service.kit.clock import PRAGUE
from service.problems import Cause
from service.steps import telling
from tests.flows.bureau import DAY, HOUR, MINUTE, Bureau, bureau
from tests.simulator.until import until

NEXT_MORNING = 21 * HOUR  # from noon in UTC to ten in Prague
OPS, MERCHANT = "ops@example.com", "merchant@example.com"


@pytest.fixture
def at(database, tmp_path) -> Iterator[Bureau]:
    with bureau(database.url, tmp_path) as made:
        yield made


def acked(at: Bureau, shop: str, number: str, by: str) -> None:
    revision = at.offer(shop, number).revision
    acknowledge.run(at.rig, shop, number, revision=revision, account_id=by)


def test_a_released_order_nobody_fetched_for_two_hours_is_told_at_once_and_no_sooner(at: Bureau) -> None:
    shop = at.shop("alfa", "O1")
    depot = at.warehouse(shop)
    at.owner(shop)
    at.shows(shop, "O2")

    assert at.after(2 * HOUR - MINUTE) == 0
    assert at.causes(shop) == set()
    assert at.after(2 * MINUTE) == 1

    [mail] = at.box.taken
    assert (mail["To"], mail["Subject"]) == (MERCHANT, f"{shop}: Uvolněné objednávky už 2 hodiny nejsou ve skladu")
    assert "Objednávka: O1, O2" in at.box.texts()[0]
    assert at.after(MINUTE) == at.after(HOUR) == 0

    acked(at, shop, "O1", depot)
    acked(at, shop, "O2", depot)
    assert at.after(MINUTE) == 0
    assert at.causes(shop) == set()


def may_be_sealed(at: Bureau, shop: str) -> bool:
    """Say whether no transaction runs on the server, a neighbour's test among them, that is as old as the journal."""
    with at.rig.db.tx(shop) as conn:
        [row] = conn.execute("SELECT bool_and(written_in < pg_snapshot_xmin(pg_current_snapshot())) FROM journal")
    return row["bool_and"] is not False


def test_a_shop_is_swept_every_minute_while_an_order_of_it_is_about_to_be_late(at: Bureau) -> None:
    shop = at.shop("alfa", "O1")
    at.warehouse(shop)
    at.after(MINUTE)  # seals what the journal has gathered
    waits: list[float] = []
    for passed in (MINUTE, 100 * MINUTE, 7 * MINUTE, 12 * MINUTE, MINUTE):
        until(lambda: may_be_sealed(at, shop), within_s=30)
        at.after(passed)
        with at.rig.db.tx(shop) as conn:
            [row] = conn.execute("SELECT sweep_due_at FROM tenants").fetchall()
        waits.append((row["sweep_due_at"] - at.bench.watch.at).total_seconds())

    assert waits == [15 * MINUTE, 15 * MINUTE, MINUTE, 15 * MINUTE, 15 * MINUTE]
    assert at.causes(shop) == {Cause.NOT_ACKED}


def test_what_was_shipped_and_does_not_show_in_the_shop_is_told_at_once_until_it_does(at: Bureau) -> None:
    shop = at.shop("alfa", "O1")
    at.owner(shop, language="sk")
    at.ships(shop, "O1")

    assert at.after(2 * HOUR + MINUTE) == 1
    assert at.sent_to(MERCHANT) == [f"{shop}: Odoslané zásielky už 2 hodiny nie sú v e-shope vidieť"]

    at.written(shop)
    at.shows(shop, "O1", status_id=12, tracking_code="40170000001")
    at.after(MINUTE)
    assert at.causes(shop) == set()


def test_a_shop_that_is_only_observed_is_late_with_nothing(at: Bureau) -> None:
    shop = at.shop("alfa", "O1", live=False)
    at.owner(shop)

    assert at.after(3 * HOUR) == 0
    assert at.causes(shop) == set()


def test_operators_are_told_by_class_and_of_the_end_too(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    at.note(shop, Cause.WRITE_REFUSED, "O1")
    at.note(shop, Cause.WRITE_REFUSED, "O2")
    at.note(shop, Cause.STATUS_NEW)

    assert at.turn() == 0
    assert at.after(HOUR) == 1  # 13:00
    assert at.sent_to(OPS) == [f"{shop}: The shop refuses what we write to the order"]
    assert "Order: O1, O2" in at.box.texts()[0]

    at.settle(shop, Cause.WRITE_REFUSED)
    assert at.turn() == 0
    assert at.after(HOUR) == 1
    assert at.sent_to(OPS)[1] == f"{shop}: Over: The shop refuses what we write to the order"
    assert at.after(15 * HOUR) == 0
    assert at.after(2 * HOUR) == 1  # the next morning
    assert at.sent_to(OPS)[2] == f"{shop}: The shop has a new status you have not decided about"


def test_five_hundred_old_problems_hide_no_new_one(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop, language="en")
    with at.rig.db.tx(shop) as conn:
        for number in range(501):
            problems.note(conn, shop, Cause.WRITE_REFUSED, now=at.bench.watch.at, order_number=f"O{number}")
    at.bench.watch.pass_s(8 * DAY)
    at.after(0)
    at.mail_to_operators()
    at.turn()
    at.box.taken.clear()
    at.note(shop, Cause.SILENT_DROP, "NEW")
    at.turn()
    at.after(NEXT_MORNING)

    mails = dict(zip([each["To"] for each in at.box.taken], at.box.texts(), strict=True))
    assert "order NEW" in mails[MERCHANT]
    assert "and more: 482" in mails[MERCHANT]
    assert "Order: NEW" in mails[OPS]
    assert "(and more: 491)" in mails[OPS]


def test_many_alarms_are_one_mail_and_what_comes_soon_after_waits_for_company(at: Bureau) -> None:
    shops = [at.shop(name) for name in ("alfa", "beta", "gama", "delta")]
    at.mail_to_operators()
    for shop in shops[:2]:
        at.note(shop, Cause.NOT_CONFIRMED)
    at.turn()
    sent = len(at.box.taken)
    for shop in shops[2:]:
        at.note(shop, Cause.NOT_CONFIRMED)

    assert at.turn() == 0
    at.bench.watch.pass_s(5 * MINUTE)
    at.turn()
    assert sent <= 2
    assert at.sent_to(OPS)[-1].startswith("Alarms: ")
    assert sum(text.count("have not shown in the shop") for text in at.box.texts()) == 4


def test_a_webhook_hears_the_same_signed_and_its_secret_is_stored_sealed(at: Bureau) -> None:
    shop = at.shop("alfa")
    added = at.webhook()
    at.note(shop, Cause.NOT_CONFIRMED)
    assert at.turn() == 1

    [(body, headers)] = at.bell.heard
    told = json.loads(body)
    assert [(each["state"], each["cause"], each["tenant"]) for each in told["alarms"]] == [
        ("begun", "not_confirmed", shop)
    ]
    assert headers["Expedition-Signature"].startswith("t=")
    with at.rig.db.tx_all("a test looks at channels") as conn:
        [row] = conn.execute("SELECT secret_sealed FROM channels").fetchall()
    assert added.secret
    assert added.secret.encode() not in row["secret_sealed"]
    assert at.rig.settings.seal.open(row["secret_sealed"]) == added.secret


def test_a_channel_is_removed_while_a_shop_of_it_is_weighed(at: Bureau) -> None:
    shop = at.shop("alfa")
    channel = at.mail_to_operators()
    at.note(shop, Cause.STATUS_NEW)
    at.turn()
    at.note(shop, Cause.STATUS_GONE)
    with ThreadPoolExecutor(1) as workers:
        with at.rig.db.tx_all("a worker weighs") as conn:
            problems.take_news(conn, shop)
            removing = workers.submit(arrange.close, at.rig, channel, by="eva")
            until(lambda: waits_for_a_lock(at), within_s=10)
            owed.of(conn, shop)
        removing.result()

    assert at.turn() == at.after(2 * DAY) == 0


def waits_for_a_lock(at: Bureau) -> bool:
    with at.rig.db.tx_all("a test looks who waits") as conn:
        asked = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return conn.execute(asked).rowcount > 0


def test_a_new_channel_is_told_of_what_is_open_already(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.note(shop, Cause.NOT_CONFIRMED)
    assert at.turn() == 0

    at.mail_to_operators()
    assert at.turn() == 1


def test_a_flapping_problem_is_two_messages_an_hour_at_most(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    for _ in range(60):
        at.note(shop, Cause.ADDON_BLOCKED)
        at.after(MINUTE / 2)
        at.settle(shop, Cause.ADDON_BLOCKED)
        at.after(MINUTE / 2)

    assert 1 <= len(at.box.taken) <= 2
    at.after(2 * HOUR)
    assert "Over:" in at.sent_to(OPS)[-1] or "over by now" in at.box.texts()[-1]


def test_who_refuses_for_long_is_a_problem_that_the_others_hear_of_and_loses_nothing(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    at.webhook()
    at.box.says["RCPT"] = b"550 no such user"
    at.note(shop, Cause.ADDON_BLOCKED)

    at.turn()
    for _ in range(80):
        at.after(MINUTE)
    assert Cause.CHANNEL_FAILING in at.causes(shop)
    heard = [each["cause"] for body, _ in at.bell.heard for each in json.loads(body)["alarms"]]
    assert heard == ["addon_blocked", "channel_failing"]

    del at.box.says["RCPT"]
    at.after(HOUR)
    assert at.causes(shop) == {Cause.ADDON_BLOCKED}
    assert "blocked the add-on" in at.box.texts()[0]


def test_an_answer_that_got_lost_is_said_again_under_the_same_name(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    at.box.says["END"] = None
    at.note(shop, Cause.ADDON_BLOCKED)
    assert at.turn() == 0

    del at.box.says["END"]
    at.after(MINUTE)
    first, second = at.box.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert at.after(MINUTE) == 0


def test_a_worker_that_dies_while_it_tells_is_followed_after_its_lease(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    at.note(shop, Cause.ADDON_BLOCKED)
    with at.rig.db.tx_all("a worker weighs, claims and dies") as conn:
        telling.weigh(conn, shop, mails=True, now=at.bench.watch.at)
        now = at.bench.watch.at
        assert channels.claim(conn, shop, now=now, until=now + timedelta(seconds=45))

    assert at.turn() == 0
    assert at.after(MINUTE) == 1


def test_many_workers_at_once_tell_a_channel_once_and_a_merchant_once_a_day(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.mail_to_operators()
    at.note(shop, Cause.ADDON_BLOCKED)
    at.note(shop, Cause.STATUS_NEW)
    with ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda _: alarm.run(at.rig, shop), range(12)))
    assert at.sent_to(OPS) == [f"{shop}: UPgates blocked the add-on at all shops"]

    at.after(0)
    at.bench.watch.pass_s(NEXT_MORNING)
    with ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda _: alarm.run(at.rig, shop), range(12)))
    assert len(at.sent_to(OPS)) == 2
    assert len(at.sent_to(MERCHANT)) == 1


def test_silence_holds_alarms_back_until_it_ends_and_loses_none(at: Bureau) -> None:
    shop, other = at.shop("alfa"), at.shop("beta")
    at.mail_to_operators()
    until = at.bench.watch.at + timedelta(hours=1)
    arrange.mute(at.rig, channel_id=None, tenant_id=shop, cause=None, until=until, by="eva")
    at.note(shop, Cause.ADDON_BLOCKED)
    at.note(shop, Cause.CHANNEL_FAILING)
    at.note(other, Cause.ADDON_BLOCKED)
    at.after(MINUTE)
    assert at.sent_to(OPS) == [f"{other}: UPgates blocked the add-on at all shops"]

    at.settle(shop, Cause.CHANNEL_FAILING)
    at.after(HOUR)
    assert at.sent_to(OPS)[1:] == ["Alarms: 2"]
    assert "over by now" in at.box.texts()[1]


def test_a_silence_that_a_person_ends_gives_back_what_it_held(at: Bureau) -> None:
    shop = at.shop("alfa")
    channel = at.mail_to_operators()
    until = at.bench.watch.at + timedelta(hours=9)
    number = arrange.mute(at.rig, channel_id=channel, tenant_id=None, cause=None, until=until, by="eva")
    at.note(shop, Cause.ADDON_BLOCKED)
    assert at.after(HOUR) == 0

    arrange.unmute(at.rig, number, by="jan")
    assert at.turn() == 1
    with pytest.raises(ArrangementRefused):
        arrange.unmute(at.rig, number, by="jan")
    assert [(each["by"], each["act"]) for each in at.acts(shop)][1:] == [("eva", "silence"), ("jan", "silence ended")]


def test_whoever_sees_to_a_problem_spares_the_others_its_reminders(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    at.note(shop, Cause.SILENT_DROP, "O1")
    assert at.turn() == 0
    assert at.after(HOUR) == 1
    assert at.after(DAY) == 1
    assert "lasts since" in at.box.texts()[1]

    arrange.take(at.rig, shop, Cause.SILENT_DROP, who="eva", note="asked the shop", by="jan")
    assert at.after(2 * DAY) == 0
    arrange.take(at.rig, shop, Cause.SILENT_DROP, who=None, note=None, by="eva")
    assert at.turn() == 0
    assert at.after(DAY) == 1
    assert at.acts(shop)[-2] == {
        "by": "jan", "act": "taken", "cause": "silent_drop", "who": "eva", "note": "asked the shop",
    }  # fmt: skip


def test_who_takes_a_problem_over_before_the_others_hear_of_it_spares_them_its_reminders(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    at.note(shop, Cause.SILENT_DROP, "O1")
    at.turn()
    arrange.take(at.rig, shop, Cause.SILENT_DROP, who="eva", note=None, by="eva")

    assert at.after(HOUR) == 1
    assert at.after(2 * DAY) == 0


def test_a_channel_may_have_paces_of_its_own(at: Bureau) -> None:
    shop = at.shop("alfa")
    channel = at.mail_to_operators()
    arrange.set_pace(at.rig, channel, Cause.STATUS_NEW, Pace.AT_ONCE, by="eva")
    arrange.set_pace(at.rig, channel, Cause.ADDON_BLOCKED, Pace.NEVER, by="eva")
    at.note(shop, Cause.STATUS_NEW)
    at.note(shop, Cause.ADDON_BLOCKED)

    assert at.turn() == 1
    arrange.set_pace(at.rig, channel, Cause.ADDON_BLOCKED, None, by="eva")
    at.after(6 * MINUTE)
    assert len(at.box.taken) == 2


def test_an_accounts_webhook_hears_of_its_own_shops_alone(at: Bureau) -> None:
    mine, other = at.shop("alfa"), at.shop("beta")
    account = at.owner(mine)
    at.webhook(account_id=account)
    at.note(mine, Cause.NOT_CONFIRMED)
    at.note(other, Cause.NOT_CONFIRMED)
    at.note(mine, Cause.ADDON_BLOCKED)
    at.turn()

    heard = [(each["tenant"], each["cause"]) for body, _ in at.bell.heard for each in json.loads(body)["alarms"]]
    assert heard == [(mine, "not_confirmed")]


def test_a_shop_that_left_is_spoken_of_no_more(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.mail_to_operators()
    at.note(shop, Cause.STATUS_NEW)
    at.turn()
    dismiss.run(at.rig, at.bench.call(token="alfa"))

    assert at.after(2 * DAY) == 0
    assert at.box.taken == []


def test_a_merchant_who_left_is_not_mailed_what_was_due_when_he_did(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.note(shop, Cause.STATUS_NEW)
    at.after(0)
    dismiss.run(at.rig, at.bench.call(token="alfa"))
    at.bench.watch.pass_s(NEXT_MORNING)

    assert alarm.run(at.rig, shop) == 0  # a wake-up from before he left
    assert at.box.taken == []


@pytest.mark.parametrize(
    "address", ["", "eva", "eva@", "a@b", "eva@example.com\r\nBcc: x@example.com", "é@example.com"]
)
def test_what_is_no_address_is_refused(at: Bureau, address) -> None:
    with pytest.raises(ArrangementRefused):
        at.mail_to_operators(address)


def test_a_silence_must_name_something_and_have_an_end_ahead(at: Bureau) -> None:
    soon = at.bench.watch.at + timedelta(hours=1)
    nothing = {"channel_id": None, "tenant_id": None, "cause": None}
    with pytest.raises(ArrangementRefused, match="everything"):
        arrange.mute(at.rig, **nothing, until=soon, by="eva")
    with pytest.raises(ArrangementRefused, match="over"):
        arrange.mute(at.rig, **{**nothing, "cause": Cause.NO_ECHO}, until=at.bench.watch.at, by="eva")
    with pytest.raises(ArrangementRefused, match="no channel"):
        arrange.mute(at.rig, **{**nothing, "channel_id": "c_none"}, until=soon, by="eva")


def test_a_merchant_may_want_no_urgent_mails(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    arrange.wish(at.rig, shop, Wishes(daily=True, urgent=False), by="panel")
    at.note(shop, Cause.WEBHOOKS_SILENT)

    assert at.turn() == 0
    assert at.acts(shop) == [{"by": "panel", "act": "mails", "daily": True, "urgent": False}]


@pytest.mark.parametrize("email", ["", "nobody", "eva@example.com\r\nBcc: x@example.org", "žofie@example.com"])
def test_an_owner_with_an_impossible_address_harms_nobody(at: Bureau, email) -> None:
    shop = at.shop("alfa")
    at.owner(shop, email=email)
    at.mail_to_operators()
    at.note(shop, Cause.WEBHOOKS_SILENT)
    at.note(shop, Cause.ADDON_BLOCKED)

    at.after(NEXT_MORNING)
    assert {mail["To"] for mail in at.box.taken} == {OPS}


def test_a_shop_that_changed_hands_is_not_told_to_whom_it_belonged(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.box.says["RCPT"] = b"450 later"
    at.note(shop, Cause.WEBHOOKS_SILENT)
    at.turn()

    at.box.says.clear()
    at.owner(shop, email="new@example.com")
    at.bench.watch.pass_s(HOUR)
    assert at.turn() == 0
    assert at.box.taken == []


def test_a_new_owner_and_a_new_warehouse_hear_of_what_stands_already(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.note(shop, Cause.WEBHOOKS_SILENT)
    at.turn()
    pair.run(at.rig, shop, Person("Eva", email=MERCHANT))
    assert at.turn() == 1
    assert len(at.sent_to(MERCHANT)) == 1

    warehouse = hang.open_account(at.rig, accounts.Kind.WAREHOUSE, Person("Warehouse"))
    at.webhook(account_id=warehouse)
    at.turn()
    hang.run(at.rig, shop, warehouse)
    assert at.turn() == 1
    [(body, _)] = at.bell.heard
    assert [each["cause"] for each in json.loads(body)["alarms"]] == ["webhooks_silent"]


def test_a_shop_that_comes_back_is_spoken_of_again(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.mail_to_operators()
    at.note(shop, Cause.NOT_CONFIRMED)
    assert at.turn() == 1
    at.bench.watch.pass_s(HOUR)
    dismiss.run(at.rig, at.bench.call(token="alfa"))
    at.bench.watch.pass_s(DAY)
    assert at.turn() == 0

    assert at.shop("alfa") == shop
    assert at.turn() == 1
    assert at.sent_to(OPS) == at.sent_to(OPS)[:1] * 2


def morning(at: Bureau, day: datetime) -> datetime:
    """Return when the daily mail of a day is due, by the first mail that leaves on it."""
    at.bench.watch.at = day.replace(hour=3).astimezone(UTC)
    while not at.after(MINUTE):
        assert at.bench.watch.at.astimezone(PRAGUE).hour < 12
    return at.bench.watch.at


@pytest.mark.parametrize(
    ("first", "hours"),
    [(datetime(2026, 3, 28, tzinfo=PRAGUE), 23), (datetime(2026, 10, 24, tzinfo=PRAGUE), 25)],
    ids=["spring", "autumn"],
)
def test_the_daily_mail_comes_at_the_same_minute_of_every_morning(at: Bureau, first, hours) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.bench.watch.at = first.astimezone(UTC)
    at.note(shop, Cause.STATUS_NEW)
    at.after(0)
    before, after = morning(at, first), morning(at, first + timedelta(days=1))

    assert 6 <= before.astimezone(PRAGUE).hour < 9
    assert after - before == timedelta(hours=hours)
    assert at.sent_to(MERCHANT) == [f"{shop}: co potřebuje vaši pozornost"] * 2


def test_a_daily_mail_that_an_outage_held_up_comes_in_the_morning_not_at_night(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.note(shop, Cause.STATUS_NEW)
    at.after(0)
    at.bench.watch.at = datetime(2026, 3, 5, 0, 30, tzinfo=PRAGUE).astimezone(UTC)
    assert at.after(0) == 0

    at.bench.watch.pass_s(9 * HOUR)
    assert at.turn() == 1
    assert len(at.sent_to(MERCHANT)) == 1


def test_there_is_no_daily_mail_when_there_is_nothing_to_say_or_nobody_wants_it(at: Bureau) -> None:
    quiet, unwilling = at.shop("alfa"), at.shop("beta")
    at.owner(quiet)
    at.owner(unwilling)
    arrange.wish(at.rig, unwilling, Wishes(daily=False, urgent=True), by="panel")
    at.note(unwilling, Cause.STATUS_NEW)

    assert at.after(NEXT_MORNING) == at.after(DAY) == at.after(DAY) == 0


def test_the_daily_mail_says_what_is_wrong_what_stands_still_and_what_to_do_and_names_no_customer(at: Bureau) -> None:
    shop = at.shop("alfa", "O1")
    at.warehouse(shop)
    at.owner(shop, language="en")
    at.shows(shop, "O2", status_id=99, created=-6 * HOUR, paid_date="2026-03-01T05:00:00+01:00")
    at.shows(shop, "O3", status_id=99, paid_date="2026-03-01T05:00:00+01:00")  # not a day old
    at.note(shop, Cause.SILENT_DROP, "O7")
    at.note(shop, Cause.CHANNEL_FAILING)
    arrange.wish(at.rig, shop, Wishes(daily=True, urgent=False), by="panel")
    at.after(HOUR)
    at.after(20 * HOUR)

    [mail] = at.box.taken
    [text] = at.box.texts()
    html = mail.get_body(("html",)).get_content()
    for said in (text, html):
        assert "Released, but not acknowledged by the warehouse (1)" in said
        assert "O1, 20 h" in said or "O1, 21 h" in said
        assert "Paid, but not released (1)" in said
        assert "O2, 27 h" in said
        assert "O3" not in said
        assert "its status releases nothing" in said
        assert "order O7" in said
        assert "Check the order in the admin" in said
        assert "https://shop.admin.s5.upgates.com/" in said
        assert "delivered for more than an hour" not in said
        for personal in ("Eva", "Nováková", "601 000 000", "key-of-the-shop", "addon-7"):
            assert personal not in said


def test_greylisting_delays_the_daily_mail_and_an_answer_that_got_lost_never_doubles_it(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.note(shop, Cause.STATUS_NEW)
    at.box.says["RCPT"] = b"450 greylisted"
    at.after(HOUR)
    at.after(20 * HOUR)
    assert at.box.taken == []

    del at.box.says["RCPT"]
    at.box.says["END"] = None  # it is taken, and nobody says so
    at.after(MINUTE)
    assert len(at.box.taken) == 1

    at.box.says.clear()
    at.after(HOUR)
    assert len(at.box.taken) == 1
    at.after(DAY)
    assert len(at.box.taken) == 2


def test_a_worker_that_dies_at_a_daily_mail_costs_that_day_alone(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.note(shop, Cause.STATUS_NEW)
    at.after(0)
    at.bench.watch.pass_s(20 * HOUR)
    now = at.bench.watch.at
    with at.rig.db.tx(shop) as conn:  # it begins the mail and dies
        day = now.astimezone(PRAGUE).date()
        claimed = alarm.merchants.claim(conn, shop, day=day, next_at=now + timedelta(days=1), now=now)

    assert claimed == 0
    assert at.after(HOUR) == 0
    assert at.after(DAY) == 1


def test_without_a_mail_server_nothing_is_owed_to_merchants(database, tmp_path) -> None:
    with bureau(database.url, tmp_path, smtp_url=None) as at:
        shop = at.shop("alfa")
        at.owner(shop)
        at.note(shop, Cause.WEBHOOKS_SILENT)

        assert at.after(NEXT_MORNING) == at.after(DAY) == 0
        with at.rig.db.tx_all("a test looks at channels") as conn:
            assert conn.execute("SELECT FROM channels").rowcount == 0


def test_what_has_stood_for_a_week_is_not_mailed_of_any_more_until_something_new_comes(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.note(shop, Cause.SHIPPED_THOUGH_HELD, "O1")
    at.note(shop, Cause.OVERRULED, "O2")
    at.after(0)
    mornings = [at.after(NEXT_MORNING), *(at.after(DAY) for _ in range(9))]
    assert mornings == [1] * 7 + [0] * 3

    at.note(shop, Cause.SHIPPED_THOUGH_HELD, "O3")
    assert at.after(DAY) == 1
    assert "O2" not in "".join(at.box.texts())


def test_a_merchant_who_wants_daily_mails_again_gets_the_next_mornings(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.note(shop, Cause.STATUS_NEW)
    at.after(HOUR)
    arrange.wish(at.rig, shop, Wishes(daily=False, urgent=True), by="panel")
    assert at.after(3 * DAY) == 0

    arrange.wish(at.rig, shop, Wishes(daily=True, urgent=True), by="panel")
    assert at.turn() == 0
    assert at.after(20 * HOUR) == 1


def test_a_mail_that_nobody_could_send_all_morning_is_left_out(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.note(shop, Cause.STATUS_NEW)
    at.after(HOUR)

    assert at.after(DAY) == 0  # the service was away until 13:00
    assert at.after(18 * HOUR) == 1


def test_a_merchants_mail_that_fails_is_a_problem_until_he_wants_none(at: Bureau) -> None:
    shop = at.shop("alfa")
    at.owner(shop)
    at.box.says["RCPT"] = b"550 no such user"
    at.note(shop, Cause.WEBHOOKS_SILENT)
    at.turn()
    for _ in range(70):
        at.bench.watch.pass_s(MINUTE)
        at.turn()
    assert Cause.CHANNEL_FAILING in at.causes(shop)

    arrange.wish(at.rig, shop, Wishes(daily=True, urgent=False), by="panel")
    at.turn()
    assert Cause.CHANNEL_FAILING not in at.causes(shop)
