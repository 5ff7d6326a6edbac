"""The command that says what is wrong, on one page."""

import argparse

from service.cli.plain import FAILED, OK, Commands, add, fail, say
from service.doctor import gather, page
from service.rig import Rig


def add_commands(commands: Commands) -> None:
    """Add `doctor`."""
    command = add(commands, "doctor", run, "the five most probable causes of trouble, and what to do about each")
    # Not `tenant`: that one is looked up before a command runs, and this command works without the database.
    command.add_argument("shop", nargs="?", metavar="TENANT", help="also say why the orders of this shop do not move")


def run(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print the page; end with 1 when anything is wrong."""
    try:
        evidence = gather.everything(tools, arguments.shop)
    except LookupError as unknown:
        return fail(str(unknown))
    found = page.diagnose(evidence)
    for line in page.lines(evidence, found):
        say(line)
    return OK if found.is_clean else FAILED
