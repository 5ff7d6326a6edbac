from collections.abc import Iterator

import pytest

from tests.platform.bench import Bench, build


@pytest.fixture
def bench(tmp_path, database, redis_url) -> Iterator[Bench]:
    built = build(tmp_path, database.url, redis_url)
    yield built
    built.rig.close()
