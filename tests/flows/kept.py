"""Towns that begin alike are made once: what the first one came to is kept, and laid down in those after it.

A pull costs some five hundred statements, and most tests only need its end. Kept in a Redis database of its own, for
all workers of a session: the rows, the keys, the stand-ins and the watch. Only a town in which nothing has happened yet
takes part; what is done to any other one is done. What the log would have said of it is not said again.
"""

import io
import pickle
from collections.abc import Callable, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import redis
from psycopg import sql
from psycopg.conninfo import make_conninfo

if TYPE_CHECKING:
    from tests.flows.town import Town

T = TypeVar("T")

PLAIN = (str, int, float, list, dict, NoneType)
SHELF = 62  # the Redis database; those of xdist's workers have their numbers, and the last is the one without workers
FILLED = """
    SELECT relname
    FROM pg_class
    WHERE relkind = 'r'
      AND relnamespace = 'public'::regnamespace
      AND relname <> 'schema_migrations'
      AND pg_relation_size(oid) > 0
"""
FOR_EVER = -1  # as PTTL says it
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
SETVAL = "SELECT setval(%s::regclass, %s)"
NO_TRIGGERS = "SET session_replication_role = replica"  # rows come in any order
OUT, IN = "COPY {} TO STDOUT (FORMAT binary)", "COPY {} FROM STDIN (FORMAT binary)"


def once(town: "Town", name: str, make: Callable[[], T]) -> T:
    """Return what `make` makes of a town, or of one before that began alike and was given the same name."""
    with psycopg.connect(make_conninfo(town.database_url, user="postgres"), autocommit=True) as conn:
        if not _is_untouched(town, conn):
            return make()
        with redis.Redis.from_url(f"{town.redis_url.rpartition('/')[0]}/{SHELF}") as shelf:
            label = f"{name} {_settings(town)}"
            found: Any = shelf.get(label)
            if found:
                return _laid_down(town, conn, found)
            made = make()
            shelf.set(label, _packed(town, conn, made))
            return made


def _is_untouched(town: "Town", conn: psycopg.Connection) -> bool:
    return (
        town.rig is town.built
        and town.rig.transport is not None
        and vars(town.rig.transport) == town.wired
        and town.rig.now is town.watch
        and town.watch.at == town.began
        and not (town.world.shops or town.world.on_event or town.wake.sent)
        and not town.rig.redis.dbsize()
        and not _filled(conn)
    )


def _settings(town: "Town") -> str:
    """Return all that a town was built with, but for its files; their content is the same in each (platform/bench)."""
    told = town.rig.settings.model_dump(exclude={"secrets_key_file", "webhook_key_file"})
    world = {name: each for name, each in vars(town.world).items() if isinstance(each, PLAIN)}
    return repr((town.began, world, told))


def _filled(conn: psycopg.Connection) -> list[str]:
    """Return the tables that have, or had, rows."""
    return [name for (name,) in conn.execute(FILLED)]


def _held(town: "Town") -> Mapping[str, object]:
    """Return what is not kept: each town has its own."""
    return {"town": town, "world": town.world, "lock": town.world.lock, "watch": town.watch}


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, held: Mapping[str, object]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.names = {id(each): name for name, each in held.items()}

    def persistent_id(self, obj: Any) -> str | None:
        return self.names.get(id(obj))


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, held: Mapping[str, object]) -> None:
        super().__init__(file)
        self.held = held

    def persistent_load(self, pid: str) -> object:
        return self.held[pid]


def _packed(town: "Town", conn: psycopg.Connection, made: object) -> bytes:
    rows: dict[str, bytes] = {}
    for name in _filled(conn):
        with conn.cursor().copy(sql.SQL(OUT).format(sql.Identifier(name))) as copy:
            rows[name] = b"".join(bytes(each) for each in copy)
    keyed: Any = town.rig.redis
    keys = {key: (keyed.dump(key), _ttl_ms(keyed.pttl(key))) for key in keyed.scan_iter()}
    sequences = list(conn.execute(SEQUENCES))
    file = io.BytesIO()
    whole = (rows, sequences, keys, vars(town.world), town.watch.at, town.wake.sent, made)
    _Packer(file, _held(town)).dump(whole)
    return file.getvalue()


def _ttl_ms(told: int) -> int:
    """Return how long a key lasts as RESTORE is told, which takes 0 for ever; it may end at this moment."""
    return 0 if told == FOR_EVER else max(told, 1)


def _laid_down(town: "Town", conn: psycopg.Connection, kept: bytes) -> Any:
    rows, sequences, keys, world, at, sent, made = _Unpacker(io.BytesIO(kept), _held(town)).load()
    with conn.transaction():
        conn.execute(NO_TRIGGERS)
        for name, content in rows.items():
            with conn.cursor().copy(sql.SQL(IN).format(sql.Identifier(name))) as copy:
                copy.write(content)
        for name, value in sequences:
            conn.execute(SETVAL, [name, value])
    for key, (content, ttl_ms) in keys.items():
        if content is not None:  # it ended between two questions
            town.rig.redis.restore(key, ttl_ms, content)
    vars(town.world).update(world)
    town.watch.at = at
    town.wake.sent = sent
    return made
