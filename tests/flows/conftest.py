from collections.abc import Iterator

import pytest

from tests.flows.town import Town, build


@pytest.fixture
def town(tmp_path, database, redis_url) -> Iterator[Town]:
    built = build(tmp_path, database.url, redis_url)
    yield built
    built.rig.close()
