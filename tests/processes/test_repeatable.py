"""The same seed tells the same story in another process, whose sets and dicts hash otherwise."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import TEMPLATE, Servers
from tests.prove import story
from tests.prove.ground import Ground
from tests.prove.story import Story

SEED = 4


def test_another_process_writes_the_same_journal(servers: Servers, redis_url: str, tmp_path: Path) -> None:
    ground = Ground(servers.sockets, redis_url, TEMPLATE, tmp_path)
    ours, other = (story.told(ground, Story.drawn(seed)).digest for seed in (SEED, SEED + 1))
    ground.clear()

    env = {**os.environ, **ground.named(), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-m", "tests.prove", "digest", str(SEED)]
    theirs = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=True)

    assert theirs.stdout.strip() == ours != other
