"""Bad answers are made up for each reader: some in `make test`, a thousand in `make prove`."""

from hypothesis import HealthCheck, settings

MANY = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
