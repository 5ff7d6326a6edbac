"""What comes back is seen in the feed of labels, and the warehouse says when it has the goods."""

from service import accounts, journal, problems, tenants
from service.bookings import State
from service.journal import Kind
from service.problems import Cause
from simulator.carriers.lives import End
from tests.flows.road import Road
from tests.web.hatch import Hatch, fault, hatch


def sent_back(door: Hatch, code: str) -> tuple[str, str]:
    """Send a parcel that is refused at the door; return its booking and its shipment."""
    way = Road(door.at)
    way.maps()
    [booking] = way.sent(code, end=End.REFUSED)
    [shipment] = door.shipments([booking])
    return booking, shipment


def back(door: Hatch, shipment_id: str, **said: str):
    return door.ask("POST", f"/shipments/{shipment_id}/goods-back", **said)


def test_what_comes_back_comes_in_the_feed_and_its_goods_are_back_once(town) -> None:
    with hatch(town, "gls") as door:
        booking, shipment = sent_back(door, "gls")
        before = door.feed()
        assert [each["state"] for each in before["bookings"][0]["parcels"]] == ["created"]

        Road(door.at).on(110, step_h=3)
        page = door.feed(after=before["cursor"])
        first, second = back(door, shipment), back(door, shipment)

        [told] = page["bookings"]
        assert (told["id"], told["state"]) == (booking, State.READY.value)
        [parcel] = told["parcels"]
        assert (parcel["state"], parcel["reason"], parcel["goods_back"]) == ("returned", "refused", None)
        assert first.status_code == second.status_code == 200
        assert first.json() == second.json()
        assert first.json()["booking"]["parcels"][0]["goods_back"]
        assert len(door.feed(after=page["cursor"])["bookings"]) == 1
        number = first.json()["order"]
        with town.rig.db.tx(door.at.tenant) as conn:
            kinds = [entry.kind for entry in journal.timeline(conn, door.at.tenant, number)]
            assert kinds.count(Kind.GOODS_BACK) == 1
            assert Cause.PARCEL_BACK not in {each.cause for each in problems.open_ones(conn, door.at.tenant)}


def test_goods_that_are_back_before_their_carrier_says_so_remind_nobody(town) -> None:
    with hatch(town, "ppl") as door:
        _, shipment = sent_back(door, "ppl")
        way = Road(door.at)
        way.on(12, step_h=3)
        assert back(door, shipment).status_code == 200

        way.on(110, step_h=3)

        assert door.booking(shipment)["parcels"][0]["state"] == "returned"
        assert Cause.PARCEL_BACK not in way.causes()


def test_what_is_not_there_or_never_left_cannot_come_back(town) -> None:
    with hatch(town, "ppl") as door:
        [ready] = door.ready("ppl")
        [waiting] = door.shipments(door.at.wants("ppl"))
        door.ask("DELETE", f"/shipments/{waiting}")

        assert [fault(back(door, each))[:2] for each in (ready, waiting)] == [(409, "not_left")] * 2
        assert fault(back(door, "s_x_1"))[:2] == (404, "unknown_shipment")
        assert fault(back(door, ready, token=door.stranger))[:2] == (404, "unknown_shipment")
        assert fault(back(door, ready, token="wrong"))[:2] == (401, "token")


def test_goods_are_back_where_the_warehouse_that_ships_says_so(town) -> None:
    with hatch(town, "ppl") as door:
        [ready] = door.ready("ppl")
        with town.rig.db.tx_all("a test has somebody else ship for the shop") as conn:
            warehouse = accounts.create(conn, accounts.Kind.WAREHOUSE, accounts.Person("W"), now=town.watch())
            tenants.ship_from(conn, door.at.tenant, account_id=warehouse)

        assert fault(back(door, ready))[:2] == (409, "not_the_shipper")


def test_what_the_warehouse_told_itself_is_followed_by_nobody(town) -> None:
    with hatch(town, "ppl") as door:
        item = {
            "tenant": door.at.tenant,
            "order": door.at.shop.numbers[0],
            "final": True,
            "left_already": True,
            "parcels": [{"carrier": "ppl", "tracking_code": "40170000001"}],
        }
        made = door.ask("POST", "/shipments", json={"shipments": [item]}, headers={"Idempotency-Key": "one"}).json()

        told = back(door, made["results"][0]["shipment"]["id"])

        assert fault(told)[:2] == (409, "not_followed")
