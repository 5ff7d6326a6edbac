"""A warehouse looks for a pick-up point, for the shops its token opens and no others."""

from service.flows.points import sync
from tests.flows.test_points import lists, point
from tests.web.hatch import fault, hatch


def test_points_are_found_by_code_post_code_and_distance_for_a_shop_of_the_account(town) -> None:
    sync(town.rig, lists(point(1), point(2, is_open=False), point(3), point(1, network="4539")), "CZ")
    with hatch(town, "gls") as door:

        def asked(**params: object):
            given = {"tenant": door.at.tenant, "carrier": "packeta", **params}
            return door.ask("GET", "/points", params={name: value for name, value in given.items() if value})

        def found(**params: object) -> list[str]:
            return [f"{each['network']}/{each['id']} {each['state']}" for each in asked(**params).json()["points"]]

        assert found(code="2") == ["packeta/2 closed"]
        assert found(code="1") == ["4539/1 open", "packeta/1 open"]
        assert found(zip="602 00", network="packeta") == ["packeta/1 open", "packeta/3 open"]
        assert found(near="49.03,16.6", network="packeta") == ["packeta/3 open", "packeta/1 open"]
        page = asked(near="49.03,16.6", limit="1").json()
        assert (page["more"], [each["distance_m"] for each in page["points"]]) == (True, [0])
        wrong = {"carrier": "dhl", "near": "north", "limit": "101"}
        for name, value in wrong.items():
            assert fault(asked(**{"near": "49,16", name: value})) == (400, "malformed", name)
        assert fault(asked()) == fault(asked(code="1", zip="60200")) == (400, "malformed", "code")
        assert asked(code="1", tenant="t_x").status_code == 404
        stranger = {"tenant": door.at.tenant, "carrier": "packeta", "code": "1"}
        assert door.ask("GET", "/points", token=door.stranger, params=stranger).status_code == 404
