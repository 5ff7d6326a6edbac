"""A login with a carrier: what it may hold, who is let in, and what becomes of what waits under it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from carriers import registry
from service import accounts, contracts, problems
from service.accounts import Kind, Person
from service.flows import carriers
from service.flows.carriers import ChangedMeanwhile, LoginFaulty, NoLogin, NotLetIn
from service.problems import Cause
from service.settings import CARRIER_HOSTS
from service.steps import logins
from service.steps.logins import Entered, Fault, Said
from tests.carriers.kit import SORTS
from tests.flows.counter import DUE, Counter, counter
from tests.flows.town import build

CODES = ("packeta", "ppl")
NEVER = datetime.min.replace(tzinfo=UTC)


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Counter]:
    town = build(tmp_path, database.url, redis_url)
    yield counter(town, *CODES)
    town.rig.close()


def entered(at: Counter, code: str, **changed: Any) -> Entered:
    sort, world = SORTS[code], at.worlds[code]
    known = registry.ADAPTERS[code].needs
    given = {name: text for name, text in sort.given(world).items() if name in known}
    return replace(Entered(code, dict(sort.secrets(world)), given, sort.switches), **changed)


def log_in(at: Counter, login: Entered, **how: Any) -> logins.Tested | None:
    return carriers.log_in(at.town.rig, at.tenant, login, **{"over": None, "by": "a test", **how})


def usable(at: Counter, code: str) -> contracts.Contract | None:
    with at.town.rig.db.tx(at.tenant) as conn:
        return contracts.usable(conn, at.tenant).get(code)


def acts(at: Counter) -> list[dict[str, Any]]:
    with at.town.rig.db.tx(at.tenant) as conn:
        found = conn.execute("SELECT detail FROM journal WHERE kind = 'person' ORDER BY journal_id").fetchall()
    return [row["detail"] for row in found if "carrier" in row["detail"]]


@pytest.mark.parametrize("code", CODES)
def test_a_login_is_asked_for_kept_at_the_carriers_own_address_and_works(at: Counter, code: str) -> None:
    said = log_in(at, entered(at, code, for_all_shops=False))

    known = usable(at, code)
    assert said
    assert said.said is Said.WORKS
    assert known
    assert (known.tenant_id, known.base_url) == (at.tenant, registry.address(code, known.given))
    assert (known.test_said, known.tested_at) == ("works", at.town.watch())
    at.town.rig.carrier(known).test()
    assert acts(at) == [{"by": "a test", "act": "carrier login", "carrier": code, "for": "shop"}]


def test_where_each_proven_carriers_api_is_is_known_and_let_in_unasked() -> None:
    own = {code: registry.address(code, {"sender_country": "CZ"}) for code in registry.PROVEN}

    assert registry.ADDRESSES.keys() | {"gls"} == registry.PROVEN
    assert [code for code, url in own.items() if not url or not logins.is_allowed(url, CARRIER_HOSTS)] == []


def test_a_secret_left_empty_stays_and_a_login_nobody_is_let_in_with_is_not_kept(at: Counter) -> None:
    before = usable(at, "packeta")
    eshop = {"eshop": "another sender"}
    assert log_in(at, entered(at, "packeta", secrets={"api_password": "", "api_key": ""}, given=eshop))
    kept = usable(at, "packeta")
    assert before
    assert kept
    assert (kept.given, kept.revision) == (eshop, before.revision + 1)
    assert at.town.rig.secrets(kept) == at.town.rig.secrets(before)

    with pytest.raises(NotLetIn) as refused:
        log_in(at, entered(at, "packeta", secrets={"api_password": "0" * 32}))

    assert refused.value.tested.said is Said.LOGIN
    assert usable(at, "packeta") == kept


def test_a_carrier_that_cannot_be_asked_is_believed(at: Counter) -> None:
    at.worlds["ppl"].faults.add("down")

    said = log_in(at, entered(at, "ppl"))

    known = usable(at, "ppl")
    assert said
    assert known
    assert said.said is Said.UNREACHABLE
    assert known.test_said == "unreachable"


FAULTY: list[tuple[dict[str, Any], dict[str, Fault]]] = [
    ({"carrier": "poslicek"}, {"carrier": Fault.UNKNOWN}),
    ({"base_url": "https://www.zasilkovna.cz.example.com"}, {"base_url": Fault.HOST}),
    ({"base_url": "http://www.zasilkovna.cz"}, {"base_url": Fault.HOST}),
    ({"base_url": "https://me:pass@www.zasilkovna.cz"}, {"base_url": Fault.HOST}),
    ({"base_url": "http://127.0.0.1:6379"}, {"base_url": Fault.HOST}),
    ({"base_url": "https://[::1"}, {"base_url": Fault.HOST}),
    ({"given": {"eshop": ""}}, {"eshop": Fault.MISSING}),
    ({"given": {"eshop": "x", "api_key": "shown"}}, {"api_key": Fault.UNKNOWN}),
    ({"given": {"eshop": "a\nb"}}, {"eshop": Fault.ODD}),
    ({"given": {"eshop": "x", "feed_url": "https://example.com"}}, {"feed_url": Fault.HOST}),
    ({"switches": frozenset({"free_labels"})}, {"switches": Fault.UNKNOWN}),
]


def test_what_cannot_be_a_login_is_told_by_field_and_nobody_is_asked(at: Counter) -> None:
    before, asked = usable(at, "packeta"), len(at.worlds["packeta"].ledger)
    for changed, faults in FAULTY:
        with pytest.raises(LoginFaulty) as faulty:
            log_in(at, entered(at, "packeta", **changed))

        assert faulty.value.faults == faults
    assert usable(at, "packeta") == before
    assert len(at.worlds["packeta"].ledger) == asked


def test_letters_no_header_takes_are_a_wrong_login_and_no_bug(tmp_path, database, redis_url) -> None:
    town = build(tmp_path, database.url, redis_url)
    at = counter(town)
    for code, adapter in registry.ADAPTERS.items():
        secrets = dict.fromkeys(adapter.secret, "žluťoučký")
        with pytest.raises(NotLetIn):
            log_in(at, entered(at, code, secrets=secrets))
    town.rig.close()


def test_nobody_enters_a_login_over_one_he_has_not_seen(at: Counter) -> None:
    with pytest.raises(ChangedMeanwhile):
        log_in(at, entered(at, "packeta"), over=0)
    with pytest.raises(ChangedMeanwhile):
        log_in(at, entered(at, "packeta", for_all_shops=False), over=1)
    known = usable(at, "packeta")
    assert known
    log_in(at, entered(at, "packeta"), over=known.revision)


def test_a_row_of_numbers_that_is_made_longer_goes_on_where_it_is() -> None:
    row = {"number_sender": "12", "number_letter": "C", "number_first": "100", "number_last": "200"}
    known = contracts.Contract(
        "k_1", "a_1", None, "ceska_posta", "", None, row, frozenset(), numbered=True, revision=1, changed_at=NEVER
    )

    assert logins.serials({}, known) is None
    assert logins.serials(row, known) is None
    assert logins.serials({**row, "number_last": "300"}, known) == (None, 300)
    assert logins.serials({**row, "number_first": "150"}, known) == (150, 200)
    assert logins.serials(row, None) == (100, 200)


def test_a_carrier_that_lets_us_in_again_is_asked_at_once_and_no_problem_is_left(at: Counter) -> None:
    world = at.worlds["packeta"]
    good = dict(SORTS["packeta"].secrets(world))
    [booking] = at.wants("packeta")
    at.log_in("packeta", {**good, "api_password": "0" * 32})
    at.work()
    assert at.causes() == {Cause.CARRIER_REFUSES}

    at.log_in("packeta", good)
    with at.town.rig.db.tx(at.tenant) as conn:
        contracts.failed(conn, at.contracts["packeta"].contract_id, DUE, why="it was out", now=at.town.watch())
        problems.note(conn, at.tenant, Cause.CARRIER_REFUSES, now=at.town.watch())
    assert not at.is_due()
    said = carriers.test(at.town.rig, at.tenant, at.contracts["packeta"].contract_id, by="a test")

    assert said.said is Said.WORKS
    assert at.causes() == set()
    at.work()
    assert at.states([booking]) == ["ready"]


def test_a_login_that_is_removed_leaves_what_waits_to_a_person_and_is_gone(at: Counter) -> None:
    [booking] = at.wants("packeta")
    contract_id = at.contracts["packeta"].contract_id

    carriers.log_out(at.town.rig, at.tenant, contract_id, by="a test")
    at.work()

    assert usable(at, "packeta") is None
    assert at.stands(booking).parked == "no_contract"
    for act in (carriers.log_out, carriers.test):
        with pytest.raises(NoLogin):
            act(at.town.rig, at.tenant, contract_id, by="a test")


def test_a_login_of_another_merchant_is_nobodys(at: Counter) -> None:
    now = at.town.watch()
    with at.town.rig.db.tx_all("a test has another merchant") as conn:
        stranger = accounts.create(conn, Kind.MERCHANT, Person("Another"), now=now)
        foreign = contracts.put(
            conn, stranger, None, "ppl", base_url="https://api.dhl.com", secrets_sealed=b"x", given={}, switches=[],
            serials=None, now=now,
        )  # fmt: skip

    for act in (carriers.test, carriers.log_out):
        with pytest.raises(NoLogin):
            act(at.town.rig, at.tenant, foreign.contract_id, by="a test")
