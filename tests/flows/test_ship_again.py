"""What was shipped meets a change of mind: observed and live again, voided and shipped anew, uninstalled and back."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest

from service import codebooks, mappings, offers, orders, tenants
from service.flows import acknowledge, admit, dismiss, mapping, release
from service.mappings import Milestone, Target, Tracking
from service.platform.shapes import CodebookEntry
from service.problems import Cause
from service.shipments import Parcel
from service.steps.lifecycle import Endpoint
from tests.dock import PPL, RECEIVED, SENT, STORNO, TYPES, Dock, dock
from tests.lifecycle import CREDENTIALS, START
from tests.simulator.until import until

OTHER = Parcel("dpd", "05500000002", None)
UNCODED = Parcel("ppl", None, None)
DAY = 86_400


@pytest.fixture
def at(database, tmp_path) -> Iterator[Dock]:
    with dock(database.url, tmp_path) as made:
        yield made


def observe(at: Dock, shop: str) -> None:
    mapping.observe(at.bench.rig, shop, by="test")


def go_live(at: Dock, shop: str) -> None:
    mapping.go_live(at.bench.rig, shop, by="test")


def answer(at: Dock, shop: str, *, released: int = RECEIVED, shipped: Target | None = None) -> None:
    given = {"release_from": None, "pull_from": None, "tracking": Tracking.FIRST, "by": "test"}
    targets = {Milestone.SHIPPED: shipped} if shipped else {}
    mapping.save(at.bench.rig, shop, release={released}, targets=targets, **given)


def test_what_is_voided_while_the_shop_is_observed_mails_nobody(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    observe(at, shop)
    at.void(told)
    go_live(at, shop)

    assert at.written(shop) == []
    assert at.says(shop, "O1")[0] == "released"


def test_what_is_corrected_while_the_shop_is_observed_is_written_when_it_goes_live(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)
    observe(at, shop)
    assert at.correct(told, OTHER)["write_back"]["written_before"]
    assert at.written(shop) == []
    go_live(at, shop)

    assert at.written(shop) == [("O1", None, OTHER.tracking_code, False)]


def test_what_left_while_the_shop_was_observed_is_told_when_it_goes_live(at: Dock) -> None:
    shop = at.shop("alfa", "O1", live=False)
    at.ships(shop, "O1", left_already=True)
    go_live(at, shop)

    assert at.written(shop) == [("O1", SENT, PPL.tracking_code, True)]


def test_what_left_of_the_history_is_told_when_a_person_releases_it(at: Dock) -> None:
    shop = at.shop("alfa")
    at.shows(shop, "O1", created=-200_000)
    at.ships(shop, "O1", left_already=True)
    assert at.written(shop) == []

    release.run(at.bench.rig, shop, ["O1"], by="test")

    assert at.written(shop) == [("O1", SENT, PPL.tracking_code, True)]


def test_a_shop_that_was_switched_back_takes_no_shipment(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    observe(at, shop)

    assert at.post("a", at.item(shop, "O1")) == ["not_released"]
    assert at.says(shop, "O1") == ("stop", "withdrawn")


def test_what_changes_while_the_shop_is_observed_leaves_only_after_the_stop_was_heard(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    observe(at, shop)
    at.shows(shop, "O1", customer={"surname_invoice": "Jiná", "street_invoice": "Jinde 5"})
    go_live(at, shop)

    assert at.says(shop, "O1") == ("stop", "withdrawn")
    assert "recipient" in at.offer(shop, "O1").changed


def test_new_answers_hold_for_what_was_shipped_and_not_written(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    at.ships(shop, "O1")
    answer(at, shop, shipped=Target(SENT))

    assert at.written(shop) == [("O1", SENT, PPL.tracking_code, False)]


def test_a_status_that_was_deleted_is_replaced_in_what_is_still_owed(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    at.ships(shop, "O1")
    listed = [CodebookEntry("order_statuses", str(each), {"id": each, "type": "Custom"}) for each in (RECEIVED, 13)]
    with at.bench.rig.db.tx(shop) as conn:
        codebooks.replace(conn, shop, "order_statuses", listed, read_at=at.bench.watch.at + timedelta(seconds=1))
    answer(at, shop, shipped=Target(13))

    assert at.written(shop) == [("O1", 13, PPL.tracking_code, False)]


def test_what_leaves_once_more_after_the_shop_took_it_back_is_told_once_more(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)
    at.shows(shop, "O1", status_id=SENT, tracking_code=PPL.tracking_code)
    at.void(told)
    assert at.problems(shop) == {"O1": Cause.VOIDED_AFTER_WRITTEN}
    at.shows(shop, "O1", status_id=RECEIVED, tracking_code=PPL.tracking_code)
    assert at.problems(shop) == {}
    at.bench.watch.pass_s(100)
    at.ships(shop, "O1", OTHER)

    assert at.written(shop) == [("O1", SENT, OTHER.tracking_code, True)]


def test_what_leaves_once_more_while_the_shop_still_says_so_mails_nobody(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)
    at.void(told)
    at.bench.watch.pass_s(100)
    at.ships(shop, "O1", OTHER)  # the mirror has not seen our status yet

    assert at.written(shop) == [("O1", None, OTHER.tracking_code, False)]


@pytest.mark.parametrize("status_id", [RECEIVED, STORNO])
def test_what_the_shop_set_right_is_no_problem_any_more(at: Dock, status_id: int) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)
    at.void(told)
    at.shows(shop, "O1", status_id=SENT, tracking_code=PPL.tracking_code)
    assert at.problems(shop) == {"O1": Cause.VOIDED_AFTER_WRITTEN}

    at.shows(shop, "O1", status_id=status_id, tracking_code=PPL.tracking_code)

    assert Cause.VOIDED_AFTER_WRITTEN not in at.problems(shop).values()


def test_a_code_that_was_taken_back_and_not_replaced_is_a_problem(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1", final=False)
    at.written(shop)
    at.correct(told, UNCODED, final=False)
    assert at.written(shop) == []
    assert at.problems(shop) == {"O1": Cause.VOIDED_AFTER_WRITTEN}

    at.shows(shop, "O1", tracking_code=None)

    assert at.problems(shop) == {}


def test_an_order_cancelled_after_it_left_against_a_stop_is_a_problem(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    at.shows(shop, "O1", customer={"phone": "+420 777 000 001"})
    assert at.says(shop, "O1") == ("stop", "changed")
    at.ships(shop, "O1", left_already=True)
    at.shows(shop, "O1", status_id=STORNO)

    assert Cause.CANCELLED_AFTER_SHIPPED in at.causes(shop)


def test_a_shop_that_comes_back_is_observed_and_what_it_did_alone_is_history(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    rig, watch = at.bench.rig, at.bench.watch
    watch.pass_s(60)
    assert dismiss.run(rig, at.bench.call(Endpoint.UNINSTALL, token="alfa"))
    watch.pass_s(40 * DAY)
    assert admit.run(rig, at.bench.call(token="alfa"), CREDENTIALS) == shop

    with rig.db.tx(shop) as conn:
        assert not mappings.of(conn, shop).live
        tenants.trust(conn, shop, credentials_revision=3)
    go_live(at, shop)
    created = (watch.at - START).total_seconds()
    at.shows(shop, "O77", created=created - 20 * DAY)
    at.shows(shop, "O78", created=created + 1)

    with rig.db.tx(shop) as conn:
        assert orders.standing(conn, shop, ["O77", "O78"]).keys() == {"O77", "O78"}
    assert at.offered(shop) >= {"O78"}
    assert "O77" not in at.offered(shop)


def test_what_a_shop_had_released_when_it_left_is_stopped_and_goes_nowhere_when_it_is_back(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    rig, watch = at.bench.rig, at.bench.watch
    account = at.warehouse(shop)
    watch.pass_s(60)
    assert dismiss.run(rig, at.bench.call(Endpoint.UNINSTALL, token="alfa"))
    assert at.says(shop, "O1") == ("stop", "uninstalled")

    assert admit.run(rig, at.bench.call(token="alfa"), CREDENTIALS) == shop
    go_live(at, shop)
    assert at.says(shop, "O1") == ("stop", "withdrawn")
    offer = at.offer(shop, "O1")
    acknowledge.run(rig, shop, "O1", revision=offer.revision, account_id=account)

    assert at.says(shop, "O1") == ("held", "history")


def test_what_was_released_when_the_shop_left_before_it_was_stopped_is_stopped_when_it_goes_live(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    rig, watch = at.bench.rig, at.bench.watch
    watch.pass_s(60)
    with rig.db.tx(shop) as conn:  # as somebody who died, or an older release, left it
        mappings.note_absence(conn, shop, until=watch.at)
        mappings.switch(conn, shop, live_since=None)
    assert at.says(shop, "O1") == ("released", None)

    go_live(at, shop)

    assert at.says(shop, "O1") == ("stop", "withdrawn")


def test_what_was_released_before_a_shop_left_is_not_offered_when_it_comes_back(at: Dock) -> None:
    shop = at.shop("alfa", "O1", "O2")
    at.ships(shop, "O2")
    rig, watch = at.bench.rig, at.bench.watch
    watch.pass_s(60)
    assert dismiss.run(rig, at.bench.call(Endpoint.UNINSTALL, token="alfa"))
    watch.pass_s(60)
    admit.run(rig, at.bench.call(token="alfa"), CREDENTIALS)

    assert at.says(shop, "O1") == ("stop", "uninstalled")
    assert at.says(shop, "O2") == ("held", "shipped")

    go_live(at, shop)

    assert at.post("a_any", at.item(shop, "O1")) == ["stopped"]


def test_a_cancelled_order_is_cancelled_also_when_its_status_is_on_no_list_any_more(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    at.shows(shop, "O1", status_id=STORNO)
    listed = [
        CodebookEntry("order_statuses", str(each), {"id": each, "type": TYPES[each]}) for each in (RECEIVED, SENT)
    ]
    at.bench.watch.pass_s(1)
    with at.bench.rig.db.tx(shop) as conn:
        codebooks.replace(conn, shop, "order_statuses", listed, read_at=at.bench.watch.at)

    at.shows(shop, "O1", status_id=STORNO, customer={"phone": "+420 777 000 001"})
    at.ships(shop, "O1", left_already=True)

    assert at.says(shop, "O1") == ("stop", "cancelled")
    assert [status_id for _, status_id, *_ in at.written(shop)] == [None]  # the code alone


def test_a_decision_and_an_expansion_do_not_wait_for_each_other(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    rig = at.bench.rig
    saving = Thread(target=answer, args=(at, shop), kwargs={"shipped": Target(SENT)})
    with rig.db.tx(shop) as conn:  # what an expansion locks, in its order
        tenants.fence(conn, shop)
        saving.start()
        until(lambda: waits(at))
        orders.hold(conn, shop)
    saving.join(10)

    with rig.db.tx(shop) as conn:
        assert mappings.of(conn, shop).revision == 2


def test_a_release_by_hand_that_waits_goes_by_the_answers_given_meanwhile(at: Dock) -> None:
    shop = at.shop("alfa")
    at.shows(shop, "H1", created=-200_000)
    rig = at.bench.rig
    releasing = Thread(target=release.run, args=(rig, shop, ["H1"]), kwargs={"by": "test"})
    saving = Thread(target=answer, args=(at, shop), kwargs={"released": SENT})
    with rig.db.tx(shop) as conn:
        offers.hold(conn, shop)
        releasing.start()
        until(lambda: waits(at) == 1)
        saving.start()
        until(lambda: waits(at) == 2)  # the answers are committed, the weighing is not
    releasing.join(10)
    saving.join(10)

    assert at.says(shop, "H1") == ("held", "status")


def waits(at: Dock) -> int:
    with at.bench.rig.db.tx_all("a test looks who waits for a lock") as conn:
        row = conn.execute(
            "SELECT count(DISTINCT pid) AS n FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        ).fetchone()
    return row["n"] if row else 0
