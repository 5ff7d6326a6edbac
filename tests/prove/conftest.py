from collections.abc import Iterator

import pytest

from tests.conftest import TEMPLATE, Servers
from tests.flows.town import Town, build
from tests.prove.ground import Ground


@pytest.fixture(scope="session")
def ground(servers: Servers, redis_of_worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Where a worker of xdist tells its stories: on the session's servers."""
    made = Ground(servers.sockets, redis_of_worker, TEMPLATE, tmp_path_factory.mktemp("prove"))
    yield made
    made.clear()


@pytest.fixture
def town(tmp_path, database, redis_url) -> Iterator[Town]:
    built = build(tmp_path, database.url, redis_url)
    yield built
    built.rig.close()
