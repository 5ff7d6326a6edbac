from collections.abc import Iterator

import pytest

from tests.flows.conftest import town
from tests.flows.town import Town
from tests.web.gate import Gate, open_gate

__all__ = ["gate", "town"]


@pytest.fixture
def gate(town: Town) -> Iterator[Gate]:
    with open_gate(town) as found:
        yield found
