"""A return label is made once, by the carrier that brought the parcel, and a password in its place is told to one."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from carriers import registry
from service import contracts, journal, problems, returns
from service.flows import book
from service.journal import Kind
from service.lanes import Lane
from service.problems import Cause
from service.steps import desk
from tests.carriers.kit import SORTS
from tests.web.hatch import Hatch, fault, hatch
from workers import due

MAKES = {
    "packeta": "createPacketClaim", "gls": "PrintLabels", "dpd_cz": "POST /shipments", "ppl": "POST /shipment/batch",
    "balikobot": "add",
}  # fmt: skip
GIVES = {
    "ppl": {"return_address": "Můj e-shop; Skladová 1; Praha; 19000; CZ"},
    "balikobot": {
        "return_services": "cp/DR", "return_name": "Můj e-shop", "return_street": "Skladová 1", "return_city": "Praha",
        "return_zip": "19000", "return_country": "CZ", "return_phone": "+420222333444",
    },
}  # fmt: skip
MINUTE = 60
ONE_RECIPIENT = """
    UPDATE orders
    SET content = (SELECT content FROM orders ORDER BY order_number LIMIT 1)
        || jsonb_build_object('order_number', order_number)
"""


def post(door: Hatch, shipment_id: str, *, key: str = "", token: str | None = None, **said: Any) -> httpx.Response:
    door.keys += 1
    headers = {"Idempotency-Key": key or f"k{door.keys}"}
    return door.ask("POST", f"/shipments/{shipment_id}/return", json=said, headers=headers, token=token)


def ask(door: Hatch, shipment_id: str, **said: Any) -> dict[str, Any]:
    answer = post(door, shipment_id, **said)
    assert answer.status_code == 202, answer.text
    return answer.json()


def now(door: Hatch, told: dict[str, Any], *, token: str | None = None) -> dict[str, Any]:
    return door.ask("GET", f"/returns/{told['id']}", token=token).json()


def work(door: Hatch, seconds: float = 0, *, step_s: float = 10) -> None:
    """Let the lane do what is due while time passes."""
    at = door.at
    for _ in range(int(seconds // step_s) + 1):
        for _ in range(5):
            with at.town.rig.db.tx_all("a test asks whose rows are due") as conn:
                if at.tenant not in due.due(conn, Lane.BOOK, now=at.town.watch()):
                    break
            book.run(at.town.rig, at.tenant)
        if seconds:
            at.town.watch.move(step_s)
            for world in at.worlds.values():
                world.tick()


def switch_on(door: Hatch, code: str) -> None:
    """Let a login make returns whose way the contract is not certain of."""
    at, now = door.at, door.at.town.watch()
    was = at.contracts[code]
    with at.town.rig.db.tx_all("a test switches returns on") as conn:
        at.contracts[code] = contracts.put(
            conn, at.account_id, None, code, base_url=was.base_url, secrets_sealed=was.secrets_sealed,
            given={**was.given, **GIVES.get(code, {})}, switches=sorted({*was.switches, "returns"}),
            serials=None, now=now,
        )  # fmt: skip


def asked(door: Hatch, code: str, operation: str = "") -> int:
    """Return how often the carrier was asked to make something."""
    return len([call for call in door.at.worlds[code].ledger if call.operation == (operation or MAKES[code])])


def written(door: Hatch, told: dict[str, Any]) -> list[journal.Entry]:
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        found = journal.timeline(conn, door.at.tenant, told["order"])
    return [entry for entry in found if entry.detail.get("return") == told["id"]]


@pytest.mark.parametrize("code", MAKES)
def test_a_carrier_that_makes_return_labels_makes_one(town, code: str) -> None:
    with hatch(town, code) as door:
        if code != "packeta":
            switch_on(door, code)
        [shipment] = door.ready(code)
        before = asked(door, code)

        told = ask(door, shipment)
        assert (told["state"], told["parcels"], told["label"]) == ("waiting", [], False)
        work(door, 10)  # PPL's is made while one waits

        made = now(door, told)
        assert (made["state"], made["label"], made["told"], made["why"]) == ("ready", True, [], None)
        assert asked(door, code) == before + 1
        [parcel] = made["parcels"]
        assert (parcel["state"], parcel["reason"]) == ("created", None)
        assert parcel["tracking_code"] not in {
            each["tracking_code"] for each in door.booking(shipment)["parcels"]
        }  # fmt: skip
        paper = door.ask("GET", f"/returns/{told['id']}/label")
        assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
        assert paper.headers["cache-control"] == "no-store"
        assert [entry.kind for entry in written(door, told)] == [Kind.RETURN_LABEL, Kind.LABEL_PRINTED]
        assert written(door, told)[-1].detail["account"] == door.at.account_id


def test_what_its_carrier_refuses_is_asked_for_once_and_left_to_a_person(town) -> None:
    with hatch(town, "dpd_cz") as door:
        switch_on(door, "dpd_cz")
        [shipment] = door.ready("dpd_cz")
        before = asked(door, "dpd_cz")
        door.at.worlds["dpd_cz"].faults.add("error", operation=MAKES["dpd_cz"], status=422)

        told = ask(door, shipment)
        work(door, 5 * MINUTE, step_s=MINUTE)

        parked = now(door, told)
        assert (parked["state"], parked["reason"], asked(door, "dpd_cz")) == ("parked", "refused", before + 1)


def test_a_password_in_place_of_a_label_is_told_to_whoever_asked_and_stands_nowhere_else(town, caplog) -> None:
    caplog.set_level(0)
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")

        told = ask(door, shipment, options={"without_label": "1"})
        work(door)

        made = now(door, told)
        parcels = door.at.worlds["packeta"].parcels.values()
        [password] = [each.bag["password"] for each in parcels if "password" in each.bag]
        assert (made["state"], made["label"], made["notes"]) == ("ready", False, [])
        [said] = made["told"]
        assert password in said
        assert fault(door.ask("GET", f"/returns/{told['id']}/label"))[:2] == (409, "no_label")
        assert password not in caplog.text
        assert all(password not in json.dumps(dict(entry.detail)) for entry in written(door, told))
        with town.rig.db.tx(door.at.tenant) as conn:
            rows = conn.execute("SELECT t::text AS row, told FROM return_labels AS t").fetchall()
        assert password not in rows[0]["row"]
        assert password in town.rig.settings.seal.open(rows[0]["told"])


def test_who_did_not_ask_is_not_told_the_password(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        told = ask(door, shipment, options={"without_label": "1"})
        work(door)

        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute("UPDATE return_labels SET account_id = 'a_another'")

        assert now(door, told)["told"] == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ceska_posta", "ceska_posta makes no"),
        ("ppl", "ppl has its switch"),
        ("gls", "gls has its switch"),
        ("dpd_cz", "dpd has its switch"),
    ],
)
def test_a_carrier_without_return_labels_says_so_by_its_name(town, code: str, says: str) -> None:
    with hatch(town, code) as door:
        [shipment] = door.ready(code)

        answer = post(door, shipment)

        assert fault(answer)[:2] == (409, "no_returns")
        assert says in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["dropped", "html", "truncated"])
def test_a_return_whose_answer_got_lost_waits_for_a_person_and_is_not_asked_for_again(town, kind: str) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        door.at.worlds["packeta"].faults.add(kind, operation="createPacketClaim")

        told = ask(door, shipment)
        work(door, 10 * MINUTE, step_s=MINUTE)

        parked = now(door, told)
        assert (parked["state"], parked["reason"], asked(door, "packeta")) == ("parked", "unclear", 1)
        assert door.at.causes() == {Cause.LABEL_UNCLEAR}
        with town.rig.db.tx(door.at.tenant) as conn:
            [problem] = problems.open_ones(conn, door.at.tenant)
        assert (problem.order_number, problem.detail["return"]) == (told["order"], told["id"])


def test_what_a_person_has_looked_for_is_asked_for_again_or_let_be(town) -> None:
    with hatch(town, "packeta") as door:
        first, second = door.ready("packeta", 2)
        door.at.worlds["packeta"].faults.add("dropped", operation="createPacketClaim", calls=2)
        lost = [ask(door, each) for each in (first, second)]
        work(door, MINUTE)

        again = door.ask("POST", f"/returns/{lost[0]['id']}/again")
        let_be = door.ask("DELETE", f"/returns/{lost[1]['id']}")
        work(door, MINUTE)

        assert (again.status_code, let_be.json()["state"]) == (202, "cancelled")
        assert now(door, lost[0])["state"] == "ready"
        assert door.at.causes() == set()
        assert ask(door, second)["id"] != lost[1]["id"]
        assert fault(door.ask("DELETE", f"/returns/{lost[0]['id']}"))[:2] == (409, "not_parked")
        assert fault(door.ask("POST", f"/returns/{lost[0]['id']}/again"))[:2] == (409, "not_parked")


def test_one_return_that_is_made_does_not_hide_that_another_of_the_order_waits_for_a_person(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        door.at.worlds["packeta"].faults.add("dropped", operation="createPacketClaim")
        lost = ask(door, shipment)
        work(door, MINUTE)

        ask(door, shipment, another=True)
        work(door, MINUTE)

        assert door.at.causes() == {Cause.LABEL_UNCLEAR}
        door.ask("DELETE", f"/returns/{lost['id']}")
        assert door.at.causes() == set()


def test_a_worker_that_died_before_it_heard_leaves_the_return_to_a_person(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        told = ask(door, shipment)
        with town.rig.db.tx(door.at.tenant) as conn:
            each = returns.claim(conn, door.at.tenant, now=town.watch(), lease_s=45)
            assert each
            assert returns.asked(conn, door.at.tenant, each, at=town.watch())

        work(door, 2 * MINUTE)

        assert (now(door, told)["reason"], asked(door, "packeta")) == ("unclear", 0)


def test_an_answer_that_comes_after_a_person_was_called_counts(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        told = ask(door, shipment)
        with town.rig.db.tx(door.at.tenant) as conn:
            each = returns.claim(conn, door.at.tenant, now=town.watch(), lease_s=45)
            assert each
            returns.asked(conn, door.at.tenant, each, at=town.watch())
            returns.park(conn, door.at.tenant, each, returns.Parked.UNCLEAR, why="dead", now=town.watch())

            late = returns.made(
                conn,
                door.at.tenant,
                each.return_id,
                [],
                notes=(),
                told=town.rig.settings.seal.close("[]"),
                label=None,
                now=town.watch(),
            )

        assert late
        assert late.state is returns.State.READY
        assert now(door, told)["reason"] is None


def test_what_a_carrier_refuses_waits_for_a_person_with_its_fields(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        told = ask(door, shipment)
        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute('UPDATE return_labels SET content = content || \'{"reference": "", "order_number": ""}\'')

        work(door)

        parked = now(door, told)
        assert (parked["state"], parked["reason"]) == ("parked", "refused")
        assert [each["field"] for each in parked["faults"]] == ["order_number"]
        assert door.at.causes() == {Cause.LABEL_REFUSED}


def test_a_carrier_that_is_down_makes_it_when_it_is_back_and_a_label_is_fetched_later(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        world = door.at.worlds["packeta"]
        world.faults.add("busy", operation="createPacketClaim")
        world.faults.add("dropped", operation="packetLabelPdf")

        told = ask(door, shipment)
        work(door, 30 * MINUTE, step_s=MINUTE)

        assert (now(door, told)["state"], asked(door, "packeta")) == ("ready", 2)
        assert len([each for each in world.parcels.values() if each.bag.get("claim")]) == 1


def test_a_label_of_a_return_that_can_never_be_read_is_a_persons_and_brakes_nobody(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        door.at.worlds["packeta"].faults.add("html", operation="packetLabelPdf", calls=None)

        told = ask(door, shipment)
        work(door, 20 * MINUTE, step_s=MINUTE)

        assert (now(door, told)["state"], now(door, told)["reason"]) == ("parked", "failing")
        assert Cause.CARRIER_DOWN not in door.at.causes()
        assert asked(door, "packeta", "packetLabelPdf") <= 7  # two of the way there


def test_a_return_its_carrier_is_busy_for_without_end_keeps_no_label_and_is_a_persons(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        door.at.worlds["packeta"].faults.add("busy", operation="createPacketClaim", calls=None)

        told = ask(door, shipment)
        work(door, 30 * MINUTE, step_s=30)
        label = door.at.wants("packeta")
        work(door, 2 * MINUTE, step_s=30)
        assert (now(door, told)["state"], door.at.states(label)) == ("waiting", ["ready"])
        assert door.at.causes() == {Cause.CARRIER_DOWN}
        work(door, 120 * MINUTE, step_s=2 * MINUTE)

        assert (now(door, told)["state"], now(door, told)["reason"]) == ("parked", "refused")


def test_a_return_that_waited_for_a_shop_that_left_is_not_asked_for_when_that_comes_back(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        told = ask(door, shipment)
        town.watch.move(MINUTE)
        with town.rig.db.tx_all("a test lets a shop leave and come back") as conn:
            conn.execute("UPDATE tenants SET installed_at = %s", [town.watch()])

        work(door)

        assert (now(door, told)["reason"], asked(door, "packeta", "createPacketClaim")) == ("refused", 0)


def test_a_carrier_that_is_down_is_told_of_while_nothing_but_a_return_waits_for_it(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        door.at.worlds["packeta"].faults.add("down", calls=None)
        ask(door, shipment)

        work(door, 30 * MINUTE, step_s=MINUTE)
        with town.rig.db.tx(door.at.tenant) as conn:
            desk.settle(conn, town.rig, door.at.tenant)

        assert door.at.causes() == {Cause.CARRIER_DOWN}
        door.at.worlds["packeta"].faults.clear()
        work(door, 5 * MINUTE, step_s=MINUTE)
        assert door.at.causes() == set()


def test_the_same_key_is_the_same_return_and_another_one_must_be_wanted(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")

        told = ask(door, shipment, key="k")
        twice = ask(door, shipment, key="k")
        other = post(door, shipment, key="k", another=True)
        more = post(door, shipment)
        another = ask(door, shipment, another=True)
        work(door)

        assert twice["id"] == told["id"] != another["id"]
        assert fault(other) == (422, "idempotency_key", "Idempotency-Key")
        assert fault(more)[:2] == (409, "has_return")
        assert more.json()["return"] == told["id"]
        assert asked(door, "packeta") == 2


def test_orders_that_went_out_in_one_parcel_come_back_in_one(town) -> None:
    with hatch(town, "packeta") as door:
        head, other = door.ready("packeta", 2)
        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute("UPDATE shipments SET booked_with = %s WHERE shipment_id = %s", [head, other])
            conn.execute(ONE_RECIPIENT)

        told = ask(door, other)

        with town.rig.db.tx(door.at.tenant) as conn:
            each = returns.one(conn, door.at.tenant, told["id"])
        assert each
        assert (each.content or {})["order_number"].endswith("+1")
        assert told["order"] == door.ask("GET", f"/shipments/{other}").json()["order"]


def test_what_has_not_left_or_is_foreign_has_no_return(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        [fresh] = door.shipments(door.at.wants("packeta"))
        told = ask(door, shipment)

        assert fault(post(door, fresh))[:2] == (409, "not_left")
        door.ask("DELETE", f"/shipments/{fresh}")
        assert fault(post(door, fresh))[:2] == (409, "cancelled")
        for strange in (shipment[:-1] + ("y" if shipment.endswith("x") else "x"), "s_x", "x", "r_x_y"):
            assert fault(post(door, strange))[:2] == (404, "unknown_shipment")
        assert fault(post(door, shipment, token=door.stranger))[:2] == (404, "unknown_shipment")
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/label"), ("POST", "/again")):
            for return_id, token in ((told["id"], door.stranger), (told["id"][:-1], None), ("x", None)):
                answer = door.ask(method, f"/returns/{return_id}{path}", token=token)
                assert fault(answer)[:2] == (404, "unknown_return")
        assert fault(post(door, shipment, parcels=[], another=True))[:2] == (422, "invalid")


def test_what_the_carrier_would_refuse_is_told_before_it_is_asked(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")

        answer = post(door, shipment, options={"nonsense": "1"})

        assert fault(answer)[:2] == (422, "unfit")
        assert [each["field"] for each in answer.json()["faults"]] == ["options.nonsense"]
        assert asked(door, "packeta") == 0


def test_what_packeta_is_to_mail_needs_an_address_only_where_it_was_asked_for_now(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute("UPDATE orders SET content = jsonb_set(content, '{customer,email}', '\"\"')")

        refused = post(door, shipment, options={"mail_return": "1"})

        assert fault(refused)[:2] == (422, "unfit")
        assert [each["field"] for each in refused.json()["faults"]] == ["options.mail_return"]
        assert ask(door, shipment)["state"] == "waiting"


def test_nothing_is_declared_of_what_comes_back_from_outside_the_union(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta", service="home", point=None, options={"carrier_id": "106"})
        door.at.log_in("packeta", SORTS["packeta"].secrets(door.at.worlds["packeta"]), switches=["customs"])
        away = {"country_id_invoice": "ch", "zip_invoice": "3011", "phone": "+41446681800", "postal_yn": False}
        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute(
                "UPDATE orders SET content = jsonb_set(content, '{customer}', content->'customer' || %s::jsonb)",
                [json.dumps(away)],
            )

        assert ask(door, shipment)["state"] == "waiting"


def test_a_login_that_was_removed_leaves_its_returns_to_a_person(town) -> None:
    with hatch(town, "packeta") as door:
        first, second = door.ready("packeta", 2)
        told = ask(door, first)
        with town.rig.db.tx_all("a test removes a login") as conn:
            contracts.close(conn, door.at.contracts["packeta"].contract_id, now=town.watch())

        work(door)

        assert now(door, told)["reason"] == "no_contract"
        assert fault(post(door, second))[:2] == (409, "no_contract")


def test_labels_and_passwords_are_forgotten_with_time_and_a_label_is_fetched_again(town) -> None:
    with hatch(town, "packeta") as door:
        first, second = door.ready("packeta", 2)
        printed, said = ask(door, first), ask(door, second, options={"without_label": "1"})
        work(door)
        later = town.watch()
        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute("UPDATE return_labels SET changed_at = changed_at - interval '1 day'")
            assert returns.forget_labels(conn, door.at.tenant, before=later, most=10) == 2
            assert returns.forget_labels(conn, door.at.tenant, before=later, most=10) == 0

        assert now(door, said)["told"] == []
        assert fault(door.ask("GET", f"/returns/{printed['id']}/label"))[:2] == (409, "label_gone")
        assert fault(door.ask("POST", f"/returns/{said['id']}/again"))[:2] == (409, "not_parked")
        assert door.ask("POST", f"/returns/{printed['id']}/again").status_code == 202
        work(door)
        assert door.ask("GET", f"/returns/{printed['id']}/label").status_code == 200
        assert asked(door, "packeta") == 1


def test_a_point_that_closed_since_does_not_stop_the_way_back(town) -> None:
    with hatch(town, "packeta") as door:
        [shipment] = door.ready("packeta")
        world = door.at.worlds["packeta"]
        for place, point in world.points.items():
            world.points[place] = replace(point, is_open=False)

        told = ask(door, shipment)
        work(door)

        assert now(door, told)["state"] == "ready"


def test_every_carrier_that_makes_returns_is_tried_here() -> None:
    able = {code for code in SORTS if _able(code)}

    assert able == {*MAKES}


def _able(code: str) -> bool:
    found = registry.ADAPTERS[code].able
    return found.returns or "returns" in found.unproven
