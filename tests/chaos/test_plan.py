"""What a seed breaks, and the proxy that makes Redis slow."""

import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from tests.chaos import runs
from tests.chaos.invariants import Counts, Seen, answers_are_in_time
from tests.chaos.proxy import Proxy

SHORT = [fault for fault in runs.FAULTS if not fault.long]


def laps(first: int, count: int) -> list[tuple[str, ...]]:
    seeds = range(first * len(SHORT), (first + count) * len(SHORT))
    return [tuple(fault.name for fault in runs.plan(seed, long=False)) for seed in seeds]


def test_a_lap_of_single_faults_breaks_everything_once() -> None:
    assert sorted(laps(0, 1)) == sorted((fault.name,) for fault in SHORT)


def test_a_lap_of_pairs_brings_everything_together_with_something_that_strikes_another_thing() -> None:
    pairs = laps(1, 1)
    alone = {fault.name for fault in SHORT if fault.strikes == "all"}

    assert {first for first, *_ in pairs} == {fault.name for fault in SHORT}
    for first, *others in pairs:
        assert len(others) == (first not in alone)
        assert {runs.BY_NAME[other].strikes for other in others}.isdisjoint({runs.BY_NAME[first].strikes, "all"})


def test_the_same_seed_breaks_the_same() -> None:
    assert laps(0, 4) == laps(0, 4)
    assert laps(0, 1) != laps(2, 1)


def test_what_takes_ten_minutes_is_asked_for() -> None:
    assert not any(fault.long for seed in range(200) for fault in runs.plan(seed, long=False))
    assert any(fault.long for seed in range(200) for fault in runs.plan(seed, long=True))


@pytest.mark.parametrize("names", [("blocked", "hook_off"), ("hook_off", "blocked"), ("hook_off", "postgres_killed")])
def test_hooks_are_asked_for_when_shops_and_servers_answer_again(names: tuple[str, str]) -> None:
    ended: list[str] = []
    begun = [(runs.BY_NAME[name], ExitStack()) for name in names]
    for fault, stack in begun:
        stack.callback(ended.append, fault.name)

    runs.end(SimpleNamespace(say=lambda _: None), begun)  # type: ignore[arg-type]

    assert ended[-1] == "hook_off"


@pytest.mark.parametrize(("stall_ms", "found"), [(20.0, 1), (400.0, 0)])
def test_a_late_answer_counts_where_the_machine_itself_was_in_time(stall_ms: float, found: int) -> None:
    before, after = Counts(Counter(), Counter()), Counts(Counter(over_750_ms=1), Counter())
    seen = Seen(None, before, after, {}, frozenset(), stall_ms)  # type: ignore[arg-type]

    assert len(answers_are_in_time(seen)) == found


def test_the_proxy_passes_words_on_and_makes_them_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Proxy(server.getsockname()[1]).running() as proxy:
        threading.Thread(target=echo, args=(server,)).start()
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as wire:
            assert asked(wire) < 0.25
            proxy.delay_s = 0.3
            assert asked(wire) >= 0.3
            assert proxy.pairs[wire.getsockname()[1]] != proxy.port


def echo(server: socket.socket) -> None:
    wire, _ = server.accept()
    with wire:
        while words := wire.recv(100):
            wire.sendall(words)


def asked(wire: socket.socket) -> float:
    """Return after how many seconds a word came back."""
    began = time.monotonic()
    wire.sendall(b"PING")
    assert wire.recv(100) == b"PING"
    return time.monotonic() - began
