"""The command about the spool: what waits in its files, and bringing it into the database without a web process."""

import argparse

import psycopg_pool

from service.cli.plain import OK, Commands, add, fail, say
from service.flows import drain
from service.inbox import spool
from service.rig import Rig


def add_commands(commands: Commands) -> None:
    """Add the command about the spool."""
    command = add(commands, "spool", show_spool, "webhooks that wait in files for the database; --drain stores them")
    command.add_argument("--drain", action="store_true", help="store them now and remove the files")


def show_spool(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print every file with its deliveries, bytes and the oldest; a file set aside needs a person."""
    folder = tools.settings.spool_folder
    if not folder.is_dir():
        return fail(f"SPOOL_FOLDER: {folder} is no folder")
    if arguments.drain:
        return drain_spool(tools)
    for file in spool.listed(folder):
        oldest = f"oldest {file.oldest:%F %T}" if file.oldest else "nothing in it"
        say(file.name, f"deliveries {file.deliveries}", f"bytes {file.size}", oldest)
    say("bytes", spool.bytes_held(folder), "of", tools.settings.spool_bytes)
    return OK


def drain_spool(tools: Rig) -> int:
    """Store what is spooled; a file that is being written this very moment is passed over."""
    try:
        drained = drain.run(tools, tools.settings.spool_folder)
    except (OSError, psycopg_pool.PoolTimeout) as fault:
        return fail(f"the spool is not drained: {fault}")
    say(f"stored {drained.stored}", f"files removed {drained.removed}", f"set aside {drained.aside}")
    return OK
