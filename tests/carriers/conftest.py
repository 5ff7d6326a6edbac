"""The bench of the suite: each carrier as most accounts have it, and with all switched on."""

from collections.abc import Iterator

import pytest

from tests.carriers.kit import SORTS, Kit, kit


@pytest.fixture(params=SORTS)
def at(request) -> Iterator[Kit]:
    made = kit(request.param)
    yield made
    made.client.close()


@pytest.fixture(params=SORTS)
def wide(request) -> Iterator[Kit]:
    made = kit(request.param, is_wide=True)
    yield made
    made.client.close()
