from collections.abc import Iterator

import fakeredis
import pytest
import redis

from service.db import Database


@pytest.fixture(params=["fake", "real"])
def memory(request) -> Iterator[redis.Redis]:
    """An empty Redis: the one written in Python, and the real one."""
    client = (
        fakeredis.FakeRedis() if request.param == "fake" else redis.Redis.from_url(request.getfixturevalue("redis_url"))
    )
    yield client
    client.close()


@pytest.fixture
def db(database) -> Iterator[Database]:
    opened = Database(database.url, size=4)
    opened.open()
    yield opened
    opened.close()
