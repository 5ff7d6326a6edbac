"""Workers who may die at any step: before, in and after each transaction and each call."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import redis

from service.db import Conn
from service.lanes import TenantId
from service.rig import Rig

LASTING_S = 3_600


class Killed(BaseException):
    """What kill -9 looks like from inside: nobody catches it, and whoever it hit does nothing more."""


@dataclass
class Fate:
    """Kills whoever takes the n-th step from now on; steps lie before, in and after transactions and calls.

    `by`: what befalls him instead, such as a database that is gone; he lives on and hears of it.
    """

    left: int | None = None
    dead: bool = False
    by: type[BaseException] = Killed

    def step(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left <= 0:
            self.left = None
            self.dead = self.by is Killed
            raise self.by


@dataclass
class MortalDatabase:
    """A database at whose transactions a worker may die: before the first statement, before or after the commit."""

    real: Any
    fate: Fate

    @contextmanager
    def tx(self, tenant_id: TenantId) -> Iterator[Conn]:
        self.fate.step()
        with self.real.tx(tenant_id) as conn:
            yield conn
            self.fate.step()
        self.fate.step()

    @contextmanager
    def tx_all(self, why: str) -> Iterator[Conn]:
        self.fate.step()
        with self.real.tx_all(why) as conn:
            yield conn

    @contextmanager
    def statement_all(self, why: str) -> Iterator[Conn]:
        self.fate.step()
        with self.real.statement_all(why) as conn:
            yield conn
        self.fate.step()


class MortalRedis(redis.Redis):
    """A Redis to which the dead give no lease of the budget back.

    The lock of their turn they do, and it lasts: its ten seconds are Redis's own time, which no watch moves.
    """

    fate: Fate

    def lock(self, *args: Any, **kwargs: Any) -> Any:
        return super().lock(*args, **{**kwargs, "timeout": LASTING_S})

    def pipeline(self, *args: Any, **kwargs: Any) -> Any:
        if self.fate.dead:
            raise Killed
        return super().pipeline(*args, **kwargs)


def workers(rig: Rig, fate: Fate) -> Rig:
    """Return the rig of workers with this fate."""
    memory = MortalRedis(connection_pool=rig.redis.connection_pool)
    memory.fate = fate
    return replace(rig, db=MortalDatabase(rig.db, fate), redis=memory)
