"""The servers under trials: each story has a clone of the migrated database, so nothing of another one is in it."""

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql

from service.db import migrate
from service.embedded import OWNER_ROLE, SERVICE_ROLE, postgres_url, servers
from simulator import World
from tests.platform.bench import Watch
from tests.prove import trial
from tests.prove.scene import Scene
from tests.prove.trial import Trial

TEMPLATE = "template_prove"
CLONE = "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy"  # 0.1 s; emptying the tables takes longer
DROP = "DROP DATABASE {} WITH (FORCE)"
NAMED = "PROVE_GROUND"  # servers that run already, as `Ground.named` writes them
serial = count(1)


@dataclass
class Ground:
    """Where stories are told; a scene is furnished once, and each of its stories goes on from a copy."""

    sockets: Path
    redis_url: str
    template: str
    folder: Path
    furnished: dict[tuple[datetime, int, int], tuple[str, Scene]] = field(default_factory=dict)

    @contextmanager
    def trial(self, seed: int, *, start: datetime, shops: int, orders: int) -> Iterator[Trial]:
        """Open a trial with so many live shops, each with so many orders, on a database of its own."""
        key = (start, shops, orders)
        if key not in self.furnished:
            self.furnished[key] = self._furnish(start, shops=shops, orders=orders)
        template, scene = self.furnished[key]
        with self.opened(scene.copy(), template=template, seed=seed) as opened:
            opened.serial = shops
            yield opened

    @contextmanager
    def opened(self, scene: Scene, *, seed: int, template: str | None = None, **changed: object) -> Iterator[Trial]:
        """Open a trial in a scene, on a copy of its database; an empty one without a template."""
        name = self._clone(template or self.template)
        try:
            with self._open(name, scene, seed=seed, **changed) as opened:
                yield opened
        finally:
            self._run(DROP, name)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend an empty, migrated database; its address."""
        name = self._clone(self.template)
        try:
            yield self.url(name)
        finally:
            self._run(DROP, name)

    def named(self) -> dict[str, str]:
        """Return the environment in which another process finds this ground."""
        return {NAMED: json.dumps([str(self.sockets), self.redis_url, self.template, str(self.folder)])}

    def url(self, database: str, *, role: str = SERVICE_ROLE) -> str:
        """Return the address of a database."""
        return postgres_url(self.sockets, role, database)

    def clear(self) -> None:
        """Drop the databases of the furnished scenes."""
        for name, _ in self.furnished.values():
            self._run(DROP, name)
        self.furnished.clear()

    def _open(self, name: str, scene: Scene, *, seed: int, **changed: object) -> AbstractContextManager[Trial]:
        key = self.folder / "prove-secrets"  # one for all: a copy holds what its original sealed
        if not key.exists():
            key.write_text(Fernet.generate_key().decode())
        return trial.opened(
            self.url(name),
            self.redis_url,
            seed=seed,
            scene=scene,
            folder=self.folder,
            secrets_key_file=key,
            **changed,
        )

    def _furnish(self, start: datetime, *, shops: int, orders: int) -> tuple[str, Scene]:
        scene = empty_scene(start)
        name = self._clone(self.template)
        with self._open(name, scene, seed=0, pull_spacing_s=0) as opened:
            trial.furnish(opened, shops=shops, orders=orders)
        return name, scene

    def _clone(self, template: str) -> str:
        name = f"prove_{os.getpid()}_{next(serial)}"
        self._run(CLONE, name, template, OWNER_ROLE)
        return name

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres", role="postgres"), autocommit=True) as conn:
            conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # pyright: ignore[reportArgumentType]


def empty_scene(start: datetime, *, seed: int = 7) -> Scene:
    """Return a scene without shops."""
    watch = Watch()
    watch.at = start
    return Scene(World(seed=seed, now=watch), watch)


@contextmanager
def opened() -> Iterator[Ground]:
    """Start servers of our own, with the template migrated."""
    with servers(durable=False) as both:
        both.postgres.run(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER_ROLE}")
        migrate.migrate(both.postgres.url(OWNER_ROLE, TEMPLATE))
        yield Ground(both.postgres.sockets, both.redis_url, TEMPLATE, Path(both.folder))


@contextmanager
def named_or_opened() -> Iterator[Ground]:
    """Use the servers the environment names, for a second process of one test; without, start our own."""
    if named := os.environ.get(NAMED):
        sockets, redis_url, template, folder = json.loads(named)
        yield Ground(Path(sockets), redis_url, template, Path(folder))
        return
    with opened() as ground:
        yield ground
