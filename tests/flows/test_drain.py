"""Every file of the spool comes into the inbox once, whoever drains it and wherever the one before him died."""

import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import inbox, tenants
from service.db import Conn, Database
from service.flows import drain
from service.flows.drain import Drained
from service.inbox import spool
from service.inbox.spool import Spool
from service.lanes import LOOKED_AT, Lane
from service.rig import Rig
from service.tenants import Credentials
from tests.stores.test_spool import ROOM, delivery
from tests.web.desk import SHOP, Woken, rig_over


class Cut(Database):
    """A database that goes away after so many more transactions, before the commit or after it."""

    left: int | None = None
    after_commit = False
    fault: Exception = psycopg.OperationalError("the connection is lost")

    @contextmanager
    def tx_all(self, why: str) -> Generator[Conn, None, None]:
        if self.left is not None:
            self.left -= 1
        with super().tx_all(why) as conn:
            yield conn
            if self.left == 0 and not self.after_commit:
                raise self.fault
        if self.left == 0:
            raise self.fault


@dataclass
class House:
    rig: Rig
    db: Cut
    folder: Path

    def spool(self, *numbers: int, **changed) -> Path:
        """Write one file of these deliveries; its path."""
        before = set(spool.files(self.folder))
        writing = Spool(self.folder, most_bytes=ROOM)
        writing.append([delivery(number, b"%d" % number, tenant_id=SHOP, **changed) for number in numbers])
        writing.close()
        (path,) = set(spool.files(self.folder)) - before
        return path

    def drain(self) -> Drained:
        return drain.run(self.rig, self.folder)

    def stored(self) -> list[int]:
        with self.db.tx(SHOP) as conn:
            return sorted(int(bytes(row["body"])) for row in conn.execute("SELECT body FROM deliveries"))

    def known(self) -> int:
        with self.db.tx(SHOP) as conn:
            return conn.execute("SELECT FROM spool_files").rowcount


@pytest.fixture
def house(database, tmp_path):
    db = Cut(database.url, size=1)
    db.open()
    (tmp_path / "spool").mkdir()
    rig = rig_over(database.url, tmp_path, db=db, wake=Woken(), spool_folder=tmp_path / "spool")
    yield House(rig, db, rig.settings.spool_folder)
    db.close()


def test_every_file_is_stored_and_removed_and_beat_sees_whose_turn_it_is(house) -> None:
    house.spool(*range(drain.MOST_ROWS + 3))
    house.spool(7_000, lane=None)

    assert house.drain() == Drained(stored=drain.MOST_ROWS + 4, removed=2)
    assert house.stored() == [*range(drain.MOST_ROWS + 3), 7_000]
    assert list(house.folder.iterdir()) == []
    assert house.known() == 0
    with house.db.tx_all("beat asks") as conn:
        assert inbox.due_tenants(conn, Lane.REFRESH_ORDERS, now=house.rig.now()) == [SHOP]
    assert house.drain() == Drained()


def test_a_file_that_comes_back_after_its_drain_was_cut_off_is_not_stored_twice(house) -> None:
    path = house.spool(1, 2)
    content = path.read_bytes()
    house.db.left, house.db.after_commit = 2, True  # stored, but the file is still there
    with pytest.raises(psycopg.OperationalError):
        house.drain()
    assert path.read_bytes() == content
    house.db.left = None

    assert house.drain() == Drained(stored=0, removed=1)
    assert house.stored() == [1, 2]


@given(left=st.integers(1, 9), after_commit=st.booleans())
def test_cut_off_anywhere_the_next_drain_ends_it(house, left, after_commit) -> None:
    with house.db.tx_all("a new example") as conn:
        conn.execute("DELETE FROM deliveries")
    house.spool(*range(2 * drain.MOST_ROWS + 1))
    house.spool(*range(5_000, 5_010))
    house.db.left, house.db.after_commit = left, after_commit
    try:
        house.drain()
    except psycopg.OperationalError:
        pass
    finally:
        house.db.left = None
    house.drain()

    assert house.stored() == [*range(2 * drain.MOST_ROWS + 1), *range(5_000, 5_010)]
    assert list(house.folder.iterdir()) == []


def test_a_file_somebody_else_is_at_is_left_to_him(house) -> None:
    path = house.spool(1)
    house.spool(2)
    with spool.taken(path) as held:
        assert held
        assert house.drain() == Drained(stored=1, removed=1)
    assert house.drain() == Drained(stored=1, removed=1)


def test_a_file_we_fail_at_stops_no_other_and_is_told(house) -> None:
    house.spool(1)
    house.spool(2)
    house.db.left, house.db.fault = 1, RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        house.drain()
    assert len(house.stored()) == 1
    assert house.drain() == Drained(stored=1, removed=1)


def test_a_damaged_file_is_drained_and_kept_for_a_person(house) -> None:
    path = house.spool(1, 2, 3)
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)

    assert house.drain() == Drained(stored=2, removed=0, aside=1)
    assert house.stored() == [2, 3]
    assert path.with_suffix(spool.ASIDE).read_bytes() == content
    assert house.drain() == Drained()


OTHERS = [  # whole records, written by another version of us
    pytest.param(b"X a kind of its own", id="another kind"),
    pytest.param(b'D{"tenant_id": "t_shop"}\0{}', id="other fields"),
    pytest.param(b"D[]\0", id="no fields"),
    pytest.param(b"W[1]", id="another way of taking back"),
]


@pytest.mark.parametrize("payload", OTHERS)
def test_a_file_of_another_version_is_kept_and_stops_no_other(house, payload) -> None:
    path = house.spool(1)
    with path.open("ab") as file:
        file.write(spool.HEAD.pack(spool.MARK, len(payload), zlib.crc32(payload)) + payload)
    house.spool(2)

    assert spool.standing(house.folder).files == 2
    assert house.drain() == Drained(stored=2, removed=1, aside=1)
    assert house.stored() == [1, 2]
    assert path.with_suffix(spool.ASIDE).exists()


def test_a_file_of_another_version_is_kept_though_its_first_drain_was_cut_off(house) -> None:
    path, behind, payload = house.spool(1), house.spool(2), b"X a kind of its own"
    other = spool.HEAD.pack(spool.MARK, len(payload), zlib.crc32(payload)) + payload
    path.write_bytes(path.read_bytes() + other + behind.read_bytes())
    behind.unlink()
    house.db.left, house.db.after_commit = 2, True  # stored, but not set aside
    with pytest.raises(psycopg.OperationalError):
        house.drain()
    house.db.left = None

    assert house.drain() == Drained(stored=0, removed=0, aside=1)
    assert house.stored() == [1, 2]


def test_what_was_acknowledged_and_cannot_be_read_is_looked_for_at_every_shop(house) -> None:
    given, now = Credentials("https://alfa.admin.s1.upgates.com/api/v2", "user", "key"), house.rig.now()
    with house.db.tx_all("a test installs a shop") as conn:
        tenant, _ = tenants.admit(conn, "token", given, time=now, seal=house.rig.settings.seal, now=now)
    path = house.spool(1, 2)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    behind = house.spool(3)
    path.write_bytes(content + behind.read_bytes())
    behind.unlink()

    assert house.drain().aside == 1

    with house.db.tx(tenant) as conn:
        looks = [inbox.looks_of(conn, tenant, lane, most=9) for lane in LOOKED_AT]
    told = [(each.cause, each.doubted_from) for each in chain(*looks)]
    assert told == [(inbox.Cause.UNREADABLE, delivery(1).received_at - drain.BEFORE)] * 2


def test_one_that_cannot_be_stored_takes_no_other_down_and_is_not_thrown_away(house) -> None:
    path = house.spool(1)
    for one in (house.spool(2, generation=99_999_999_999), house.spool(3)):
        path.write_bytes(path.read_bytes() + one.read_bytes())
        one.unlink()

    assert house.drain() == Drained(stored=2, removed=0, aside=1)
    assert house.stored() == [1, 3]
    assert path.with_suffix(spool.ASIDE).exists()
