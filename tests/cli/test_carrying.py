"""Logins with carriers on the command line: listed without secrets, entered from a file, tested, removed."""

import json
from pathlib import Path

import pytest

from service import accounts, cli, tenants, tracking
from service.accounts import Kind, Person
from service.cli import carrying
from service.flows import carriers
from service.tracking import State, Told
from tests.cli.conftest import Run

ACCOUNT = {"secrets": {"client_secret": "hidden-secret"}, "given": {"client_id": "kv1tek"}}


@pytest.fixture
def tenant(town) -> str:
    _, made = town.activated(orders=1)
    with town.rig.db.tx_all("a test gives a shop its merchant") as conn:
        account_id = accounts.create(conn, Kind.MERCHANT, Person("Merchant"), now=town.watch())
        tenants.pair(conn, made, account_id=account_id)
    return made


def written(folder: Path, said: object) -> str:
    path = folder / "account.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said))
    return str(path)


def test_a_login_is_entered_listed_without_its_secret_and_removed(run: Run, tenant: str, tmp_path: Path) -> None:
    file = written(tmp_path, ACCOUNT)
    entered = run("carrier-login", tenant, "ppl", file, "--untested", "--by", "eva")
    assert (entered.code, entered.lines) == (cli.OK, ["ppl  kept  untested"])

    listed = run("carriers", tenant)
    [line, given] = listed.lines
    assert "ppl  all shops" in line
    assert "https://api.dhl.com/ecs/ppl/myapi2  never tested" in line
    assert given.split() == ["client_id", "kv1tek"]
    assert "hidden-secret" not in listed.all

    contract = line.split()[0]
    assert run("carrier-logout", tenant, contract).code == cli.OK
    assert run("carrier-logout", tenant, contract).code == cli.FAILED
    assert run("carriers", tenant).lines == []


def test_parcels_are_asked_about_at_once(run: Run, tenant: str) -> None:
    assert run("track-now", tenant).lines == ["0  boxes are asked about now"]


def test_what_a_carrier_told_of_a_parcel_can_be_read_by_its_order_or_its_number(run: Run, town, tenant: str) -> None:
    now = town.watch()
    scan = Told(now, "PickupPoint/450", "Připraveno", "Brno", State.AT_PICKUP_POINT, None)
    with town.rig.db.tx(tenant) as conn:
        tracking.enter_back(
            conn, tenant, "r_1", ["70990012345"],
            contract_id="k_1", carrier="ppl", order_number="O26", shipment_id="s_1", now=now,
        )  # fmt: skip
        tracking.keep(conn, tenant, {("r_1", 1): [scan]}, now=now)

    box, asked, told = run("scans", tenant, "O26").lines
    assert box.split("  ") == ["ppl", "return", "70990012345", "order O26", "r_1", "created"]
    assert asked.strip().startswith("never asked, again ")
    assert told.endswith("at_pickup_point  PickupPoint/450  Připraveno  Brno")
    assert run("scans", tenant, "70990012345").lines == [box, asked, told]
    assert run("scans", tenant, "O27").code == cli.FAILED


ODD: list[object] = [
    "{",
    [],
    {"secrets": "hidden-secret"},
    {"secrets": {"client_secret": 5}},
    {**ACCOUNT, "switches": "adults_only"},
    {**ACCOUNT, "switches": [1]},
    {**ACCOUNT, "base_url": 5},
    {**ACCOUNT, "base_url": "http://169.254.169.254/"},
    {"secrets": ACCOUNT["secrets"]},
    {"given": ACCOUNT["given"]},
]


def test_a_file_that_is_no_login_is_refused_with_its_reason_and_no_secret(
    run: Run, tenant: str, tmp_path: Path
) -> None:
    for said in ODD:
        refused = run("carrier-login", tenant, "ppl", written(tmp_path, said))

        assert refused.code == cli.FAILED, said
        assert refused.err
        assert "hidden-secret" not in refused.all
        assert "Traceback" not in refused.err


def test_what_there_is_not_is_refused(run: Run, tenant: str, tmp_path: Path) -> None:
    assert run("carrier-login", tenant, "poslicek", written(tmp_path, ACCOUNT)).code == cli.FAILED
    assert run("carrier-login", tenant, "ppl", str(tmp_path / "none.json")).code == cli.FAILED
    assert run("carrier-test", tenant, "k_none").code == cli.FAILED
    assert run("carriers", "t_none").code == cli.FAILED


def test_a_carrier_that_fails_is_told(town, tenant: str) -> None:
    breaker = carrying.Breaker(3, town.watch(), None, town.watch(), "no connection")

    assert [line.split()[0] for line in carrying.trouble(breaker)] == ["fails", "rests"]
    assert carrying.trouble(None) == []
    assert carrying.told(carriers.Tested(carriers.Said.LOGIN, "wrong")) == "login: wrong"
