"""What comes back is the warehouse's until it says so, and months later it can be counted."""

from datetime import timedelta

from service import tracking
from service.flows import goods_back
from service.journal import Kind
from service.problems import Cause
from simulator.carriers.lives import End
from tests.flows.road import road


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
