"""However telling, claiming, answering, failing and the clock interleave: what was told is owed until a later read."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service import inbox
from service.db import Database
from service.inbox import Claimed, Dial, Hint
from service.lanes import Lane

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DIAL = Dial(interval_s=10, routine_s=100, wait_s=1)
LANE, SHOP = Lane.REFRESH_ORDERS, "t_one"
LEASE_S, MOST = 45, 3

KEYS = st.sampled_from(["A", "B", "C", "D", inbox.LOOK])
STEPS = st.one_of(
    st.tuples(st.just("tell"), KEYS, st.booleans()),
    st.tuples(st.just("claim")),
    st.tuples(st.just("answer"), st.integers(0, 5)),
    st.tuples(st.just("fail"), st.integers(0, 5)),
    st.tuples(st.just("put off"), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 5.0, 20.0, 50.0, 200.0])),
)


@dataclass
class Model:
    """What must be true, kept apart from how it is done."""

    now: datetime = NOON
    told: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    claims: list[tuple[list[Claimed], Counter[str]]] = field(default_factory=list)
    holder: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def owed(self) -> set[str]:
        return {key for key in self.told if self.told[key] > self.answered[key]}


@given(steps=st.lists(STEPS, min_size=5, max_size=40))
def test_what_was_told_is_owed_until_a_read_that_began_later(database, steps: list[tuple]) -> None:
    db = Database(database.url, size=1)
    db.open()
    model = Model()
    with db.tx(SHOP) as conn:
        conn.execute("DELETE FROM hints")
    for step in steps:
        with db.tx(SHOP) as conn:
            take(conn, model, *step)
            check(conn, model)
    db.close()


def take(conn, model: Model, name: str, *args) -> None:
    if name == "tell":
        key, urgent = args
        inbox.hint(conn, SHOP, LANE, [Hint(key, urgent, model.now + timedelta(seconds=1))], now=model.now)
        model.told[key] += 1
    elif name == "claim":
        claimed = inbox.claim(conn, SHOP, LANE, now=model.now, lease_s=LEASE_S, most=MOST)
        for each in claimed:
            _, until = model.holder.get(each.key, ("", model.now))
            assert until <= model.now, "two hold the same hint"
            model.holder[each.key] = (each.claim, model.now + timedelta(seconds=LEASE_S))
        assert [each.key for each in claimed] == [inbox.LOOK] or inbox.LOOK not in {each.key for each in claimed}
        assert len(claimed) <= MOST
        if claimed:
            model.claims.append((claimed, model.told.copy()))
    elif name == "wait":
        model.now += timedelta(seconds=args[0])
    elif model.claims:
        claimed, told = model.claims.pop(args[0] % len(model.claims))
        settle(conn, model, name, claimed, told)


def settle(conn, model: Model, name: str, claimed: list[Claimed], told: Counter[str]) -> None:
    mine = [each.key for each in claimed if model.holder.get(each.key, ("",))[0] == each.claim]
    token = claimed[0].claim
    if name == "answer":
        settled = inbox.answered(
            conn, SHOP, LANE, token, now=model.now, dial=DIAL, read_at=model.now, again={}
        )  # fmt: skip
        model.answered.update({key: told[key] - model.answered[key] for key in mine})
    else:
        until = model.now + timedelta(seconds=3)
        settled = inbox.put_off(conn, SHOP, LANE, token, until=until, failed=name == "fail", why="no luck")
    assert settled == len(mine)
    for key in mine:
        del model.holder[key]


def check(conn, model: Model) -> None:
    rows = conn.execute("SELECT key, due_at, since FROM hints WHERE due_at IS NOT NULL").fetchall()
    assert {row["key"] for row in rows} == model.owed()
    assert all(row["since"] is not None and row["since"] <= model.now for row in rows)
