"""How many bad answers are made up for each reader: fifty in `make test`, a thousand in `make prove`."""

from hypothesis import HealthCheck, settings

MANY = settings(
    max_examples=max(50, settings.default.max_examples if settings.default else 0),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
