"""What the spool said it has it gives back, wherever its file is torn; what it cannot keep it refuses."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.inbox import Delivery, spool
from service.inbox.spool import Held, Spool, SpoolFailed
from service.kit import volume
from service.lanes import Lane

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOM = 2**30
MOUNTS = """\
21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
22 21 0:20 / /run rw,nosuid - tmpfs tmpfs rw
23 21 254:1 / /var/spool/expedition rw - xfs /dev/vdb rw
24 21 0:21 / /mnt/a\\040b rw shared:7 - ramfs none rw
25 21 0:22 / /layer rw - overlay overlay rw,lowerdir=/a
26 25 254:2 / /layer/volume rw - ext4 /dev/vdc rw
27 26 0:23 / /layer/volume/deep rw - ext4 /dev/vdd rw
28 26 0:24 / /layer/volume/deep rw - tmpfs tmpfs rw
"""


def delivery(number: int, body: bytes = b"{}", **changed) -> Delivery:
    about = {"tenant_id": "t_one", "generation": 1, "event": "Orders.update", "lane": Lane.REFRESH_ORDERS}
    received_at = NOON + timedelta(microseconds=number)
    return Delivery(**{**about, "body": body, "size": len(body), "received_at": received_at, **changed})


def told(folder: Path, *, after: int = 0) -> list[Delivery]:
    """Everything the files of a folder give back, by time."""
    found = [one for path in spool.files(folder) for one in read(path, after=after)[0]]
    return sorted(found, key=lambda one: one.received_at)


def read(path: Path, *, after: int = 0) -> tuple[list[Delivery], bool]:
    with path.open("rb") as file:
        held = Held(path, file.fileno())
        batches = held.batches(after=after, most=3, most_bytes=1_000)
        return [one for batch, _ in batches for one in batch], held.damaged


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """The kernel writes up to here and not a byte further, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_appended_comes_back_whole(tmp_path) -> None:
    kept = [
        delivery(0),
        delivery(1, bytes(range(256)) * 9, copies=7, lane=None, event="Labels.create"),
        delivery(2, b"", generation=99_999_999_999, size=20_000_000),
        delivery(3, spool.MARK * 3),
    ]
    writing = Spool(tmp_path, most_bytes=ROOM)
    writing.append(kept[:2])
    writing.append(kept[2:])

    assert told(tmp_path) == kept
    (path,) = spool.files(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600


appends = st.lists(st.lists(st.binary(max_size=90), min_size=1, max_size=4), min_size=1, max_size=6)


@given(appends, st.data())
def test_torn_at_any_byte_it_gives_back_all_that_was_acknowledged_before(bodies, data) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        writing = Spool(folder, most_bytes=ROOM)
        ends, number = [], 0
        for some in bodies:
            ends.append((writing.append([delivery(number + place, body) for place, body in enumerate(some)]), some))
            number += len(some)
        (path,) = spool.files(folder)
        cut = data.draw(st.integers(0, path.stat().st_size))
        os.truncate(path, cut)
        with path.open("ab") as file:
            file.write(data.draw(st.sampled_from([b"", b"\0" * 40, spool.MARK, spool.MARK + b"\xff" * 8])))

        acknowledged = [body for place, some in ends if place.end <= cut for body in some]
        given_back, damaged = read(path)
        assert [one.body for one in given_back][: len(acknowledged)] == acknowledged
        assert [one.body for one in given_back] == [body for some in bodies for body in some][: len(given_back)]
        assert not damaged
        writing.close()


@given(st.data())
def test_a_damage_costs_the_records_it_hits_and_is_told(data) -> None:
    with TemporaryDirectory() as name:
        writing = Spool(Path(name), most_bytes=ROOM)
        places = [writing.append([delivery(number, b"%d" % number)]) for number in range(6)]
        writing.close()
        (path,) = spool.files(Path(name))
        content = bytearray(path.read_bytes())
        hit = data.draw(st.integers(0, places[4].end - 1))
        content[hit] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(content)

        given_back, damaged = read(path)
        spared = [number for number, place in enumerate(places) if not place.start <= hit < place.end]
        assert [int(one.body) for one in given_back] == spared
        assert damaged


def test_what_is_taken_back_is_not_given_back(tmp_path) -> None:
    writing = Spool(tmp_path, most_bytes=ROOM)
    places = [writing.append([delivery(2 * number), delivery(2 * number + 1)]) for number in range(3)]
    writing.take_back(places[1])
    writing.append([delivery(6)])

    assert told(tmp_path) == [delivery(number) for number in (0, 1, 4, 5, 6)]


def test_a_file_in_others_hands_is_left_to_them_and_another_begun(tmp_path) -> None:
    writing = Spool(tmp_path, most_bytes=ROOM)
    place = writing.append([delivery(0)])
    (path,) = spool.files(tmp_path)
    with spool.taken(path) as held, spool.taken(path) as second:
        assert held
        assert second is None
        writing.append([delivery(1)])
        writing.take_back(place)  # too late
        assert [one for batch, _ in held.batches(after=0, most=9, most_bytes=99) for one in batch] == [delivery(0)]
        held.remove()
    with spool.taken(path) as gone:
        assert gone is None
    writing.append([delivery(2)])

    assert told(tmp_path) == [delivery(1), delivery(2)]
    assert len(spool.files(tmp_path)) == 1


def test_a_file_removed_under_the_writer_is_not_written_any_more(tmp_path) -> None:
    writing = Spool(tmp_path, most_bytes=ROOM)
    writing.append([delivery(0)])
    (path,) = spool.files(tmp_path)
    path.unlink()
    writing.append([delivery(1)])

    assert told(tmp_path) == [delivery(1)]


def test_the_bound_counts_the_files_of_all_processes(tmp_path) -> None:
    first, second = (Spool(tmp_path, most_bytes=1_000) for _ in range(2))
    first.append([delivery(0, b"x" * 300)])
    (tmp_path / "s_old.aside").write_bytes(b"y" * 200)
    with pytest.raises(SpoolFailed, match="holds the 1000 bytes it may"):
        second.append([delivery(1, b"x" * 200)])
    (tmp_path / "s_old.aside").unlink()
    second.append([delivery(1, b"x" * 100)])

    assert len(told(tmp_path)) == 2
    assert spool.bytes_held(tmp_path) <= 1_000


def test_a_disk_that_fills_up_in_the_middle_of_a_record_loses_nothing_acknowledged(tmp_path) -> None:
    writing = Spool(tmp_path, most_bytes=ROOM)
    writing.append([delivery(0, b"x" * 500)])
    with file_size_limit(1_000):
        for _ in range(3):
            with pytest.raises(SpoolFailed, match="File too large"):
                writing.append([delivery(1, b"x" * 2_000)])
        writing.append([delivery(2)])
    writing.append([delivery(3)])

    assert told(tmp_path) == [delivery(0, b"x" * 500), delivery(2), delivery(3)]
    assert not any(read(path)[1] for path in spool.files(tmp_path))
    assert len(spool.files(tmp_path)) == 2  # what failed left no empty file behind


def test_a_folder_that_is_not_there_is_a_failure_and_an_empty_one(tmp_path) -> None:
    with pytest.raises(SpoolFailed, match="No such file"):
        Spool(tmp_path / "none", most_bytes=ROOM).append([delivery(0)])

    assert spool.files(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", None),
        ("/var/spool/expedition", None),
        ("/run/spool", "tmpfs"),
        ("/running", None),
        ("/mnt/a b/spool", "ramfs"),
        ("/layer/x", "overlay"),
        ("/layer/volume", None),
        ("/layer/volume/deep", "tmpfs"),
    ],
)
def test_a_file_system_that_passes_is_known_by_its_mount(folder, kind) -> None:
    assert volume.passing(Path(folder), MOUNTS) == kind


def test_a_folder_that_is_no_folder_is_told(tmp_path) -> None:
    assert volume.faults(tmp_path / "none", "") == [f"{tmp_path / 'none'} is no folder: mount a volume there"]


def test_how_full_it_is_and_since_when_is_told_without_reading_it_whole(tmp_path) -> None:
    for first in (50, 9):
        written = Spool(tmp_path, most_bytes=ROOM)
        written.append([delivery(first), delivery(first + 1)])
        written.close()
    (tmp_path / "s_torn.spool").write_bytes(b"\xf5SPLtorn")
    (tmp_path / "s_empty.spool").touch()
    (tmp_path / "s_left.aside").write_bytes(b"damage")

    standing = spool.standing(tmp_path)

    assert (standing.files, standing.aside, standing.oldest) == (4, 1, delivery(9).received_at)
    assert standing.size == spool.bytes_held(tmp_path)


def test_an_empty_spool_has_no_oldest_and_a_missing_one_is_told(tmp_path) -> None:
    assert spool.standing(tmp_path) == spool.Standing(0, 0, 0, None)
    with pytest.raises(FileNotFoundError):
        spool.standing(tmp_path / "nowhere")
