from tests.flows.conftest import town

__all__ = ["town"]
