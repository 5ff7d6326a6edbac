"""What comes back is the warehouse's until it says so, and months later it can be counted."""

from datetime import timedelta

from service import tracking
from service.flows import book, bring_back, goods_back
from service.flows.bring_back import Wanted
from service.journal import Kind
from service.problems import Cause
from service.tracking import State
from simulator.carriers.lives import End
from tests.flows.road import Road, road


def test_goods_that_are_back_close_the_reminder(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.REFUSED)
    way.on(90, step_h=2)
    assert (way.box(one).state, way.box(one).reason) == ("returned", "refused")
    assert way.at.causes() == {Cause.PARCEL_BACK}

    assert goods_back.run(town.rig, way.at.tenant, one, by="a_house")
    assert not goods_back.run(town.rig, way.at.tenant, one, by="a_house")

    assert way.at.causes() == set()
    kinds = [entry.kind for entry in way.story(way.box(one).order_number)]
    assert kinds.count(Kind.GOODS_BACK) == 1
    assert not goods_back.run(town.rig, way.at.tenant, "b_nobody", by="a_house")


def test_uncollected_cod_parcels_are_counted_by_month_and_carrier(town) -> None:
    way = road(town, "ppl", "gls")
    for code, count in (("ppl", 2), ("gls", 1)):
        way.sent(code, count, end=End.UNCOLLECTED, cod=way.at.cod(), **way.to_point(code))
    way.sent("ppl", end=End.REFUSED, cod=way.at.cod())
    way.sent("ppl", end=End.UNCOLLECTED, **way.to_point("ppl"))
    way.on(270, step_h=3)

    with town.rig.db.tx(way.at.tenant) as conn:
        found = tracking.uncollected(conn, way.at.tenant, since=town.watch() - timedelta(days=90))

    month = town.watch().date().replace(day=1)
    assert [(each.month, each.carrier, each.count, each.amount_minor, each.currency) for each in found] == [
        (month, "gls", 1, 129_000, "CZK"),
        (month, "ppl", 2, 258_000, "CZK"),
    ]


def sent_back(way: Road, booking_id: str) -> str:
    """Have a return made of what was delivered, and handed in by the customer; return its id."""
    at, each = way.at, way.at.stands(booking_id)
    made = bring_back.run(
        way.town.rig, at.account_id, frozenset({at.tenant}), Wanted(each.shipment_id), key="r", digest="r"
    )  # fmt: skip
    book.run(way.town.rig, at.tenant)
    [there] = [parcel.number for parcel in at.worlds["packeta"].parcels.values() if parcel.bag.get("claim")]
    at.worlds["packeta"].hand_over([there])
    return made.return_id


def test_a_return_is_followed_and_changes_nothing_in_the_shop(town) -> None:
    way = road(town, "packeta")
    way.maps()
    [booking] = way.sent("packeta", end=End.HOME)
    way.on(60, step_h=2)
    before = way.box(booking)
    assert (before.state, before.is_back) == (State.DELIVERED, False)
    told, shown, moved = way.told(booking), way.shown(booking), way.at.stands(booking).position

    return_id = sent_back(way, booking)
    way.on(60, step_h=2)

    after = way.box(return_id)
    assert (after.is_back, after.state, after.order_number) == (True, State.DELIVERED, before.order_number)
    assert way.scans(return_id)
    back = [entry.detail for entry in way.story(before.order_number) if "return" in entry.detail]
    assert [each["state"] for each in back if "state" in each][-1] == "delivered"
    assert (way.told(booking), way.shown(booking), way.at.stands(booking).position) == (told, shown, moved)
    assert way.box(booking).state is State.DELIVERED
    assert way.at.causes() == set()


def test_a_return_nobody_sends_is_given_up_silently(town) -> None:
    way = road(town, "packeta")
    [booking] = way.sent("packeta", end=End.HOME)
    return_id = sent_back(way, booking)
    now = town.watch()
    with town.rig.db.tx(way.at.tenant) as conn:
        conn.execute("UPDATE tracked SET stopped_at = %s WHERE booking_id = %s", [now, return_id])

        assert tracking.let_be(conn, way.at.tenant, since=now, until=now + timedelta(days=1)) == 0
