"""What readers share of a feed's end is what each of them would have read alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import offers
from service.web.bell import Bell
from service.web.wms import tail as tails
from service.web.wms.tail import Tails
from tests.shop_items import raw_order
from tests.web import warehouse
from tests.web.warehouse import Place

CUSTOMER = raw_order("O1")["customer"]
Seen = list[tuple[int, str, int]]


@dataclass
class Desk:
    """A shop whose feed is read through the shared end, and without it."""

    place: Place
    now: float = 0.0
    changed: int = 60
    shared: Tails = field(init=False)
    bell: Bell = field(init=False)

    def __post_init__(self) -> None:
        self.bell = Bell("postgresql://127.0.0.1:1/none")  # it rings when a test says so
        self.shared = Tails(self.place.rig, self.bell, monotonic=lambda: self.now)

    @property
    def shop(self) -> str:
        return self.place.shops["alfa"]

    def change(self, number: str) -> None:
        self.changed += 1
        self.place.take(number, changed=self.changed, customer={**CUSTOMER, "phone": str(self.changed)})
        self.bell._ring(self.shop)

    def head(self) -> int:
        with self.place.rig.db.tx(self.shop) as conn:
            return offers.heads(conn, [self.shop]).get(self.shop, 0)

    def alone(self, position: int, most: int) -> Seen:
        with self.place.rig.db.tx(self.shop) as conn:
            found = offers.after(conn, self.shop, position, most=most)
        return [(each.offer.position, each.offer.order_number, each.offer.revision) for each in found]

    def together(self, position: int, most: int, *, rung: bool = False) -> Seen:
        head = None if rung else self.head()
        found = self.shared.after(self.shop, position, most=most, head=head)
        return [(line.position, line.number, line.document["revision"]) for line in found]


@pytest.fixture
def desk(database, redis_url, tmp_path) -> Iterator[Desk]:
    with warehouse.opened(database.url, redis_url, tmp_path) as place:
        yield Desk(place)


orders = st.sampled_from(["O1", "O2", "O3", "O4"])
deeds = st.one_of(
    st.tuples(st.just("change"), orders),
    st.tuples(st.just("read"), st.integers(0, 3), st.integers(1, 5), st.booleans()),
    st.tuples(st.just("time"), st.sampled_from([0.5, 1.5, 5.0])),
)


@given(st.lists(deeds, max_size=40))
def test_nobody_sees_anything_else_than_alone(desk: Desk, deeds) -> None:
    desk.shared = Tails(desk.place.rig, desk.bell, monotonic=lambda: desk.now)
    positions = [0, 0, desk.head(), desk.head()]
    for deed in deeds:
        match deed:
            case ("change", number):
                desk.change(number)
            case ("time", seconds):
                desk.now += seconds
            case ("read", reader, most, rung):
                seen = desk.together(positions[reader], most, rung=rung)
                assert seen == desk.alone(positions[reader], most)
                positions[reader] = seen[-1][0] if seen else positions[reader]


def test_readers_of_the_same_news_read_it_once(desk: Desk) -> None:
    desk.change("O1")
    desk.together(0, 10)
    desk.change("O2")
    desk.change("O1")
    first = desk.together(1, 10, rung=True)
    with desk.place.rig.db.tx(desk.shop) as conn:  # whoever reads now would see something else
        conn.execute("UPDATE offers SET revision = 77")

    assert desk.together(1, 10, rung=True) == first
    assert [number for _, number, _ in first] == ["O2", "O1"]


def test_what_is_kept_is_forgotten_after_seconds(desk: Desk) -> None:
    desk.change("O1")
    desk.together(0, 10)
    with desk.place.rig.db.tx(desk.shop) as conn:
        conn.execute("UPDATE offers SET revision = 77")
    desk.now += tails.KEPT_S + 0.1

    assert desk.together(0, 10) == desk.alone(0, 10)


def test_a_feed_that_was_restored_is_read_anew(desk: Desk) -> None:
    desk.change("O1")
    desk.change("O2")
    desk.together(0, 10)
    with desk.place.rig.db.tx(desk.shop) as conn:
        conn.execute("DELETE FROM offers WHERE order_number = 'O2'")
        conn.execute("UPDATE offer_positions SET position = 1")

    assert desk.together(0, 10) == desk.alone(0, 10)


def test_after_a_time_of_deafness_every_shop_may_have_news(desk: Desk) -> None:
    mark = desk.bell.mark
    assert not desk.bell.rang("t_one", since=mark)

    desk.bell._can_hear()

    assert desk.bell.rang("t_one", since=mark)
    assert not desk.bell.rang("t_one", since=desk.bell.mark)
