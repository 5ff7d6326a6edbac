"""What every command shares: its exit codes, its words, its place in the grammar."""

import argparse
import sys
from typing import Protocol

OK, FAILED, MISUSED = 0, 1, 2


class Commands(Protocol):
    """What argparse gives back for subcommands."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:  # noqa: A002
        """Return the parser of a new command."""
        ...


def add(commands: Commands, name: str, run: object, about: str) -> argparse.ArgumentParser:
    """Add one command and return its own parser."""
    command = commands.add_parser(name, help=about, description=about)
    command.set_defaults(run=run)
    return command


def say(*words: object) -> None:
    """Print one line."""
    sys.stdout.write("  ".join("-" if word is None else str(word) for word in words) + "\n")


def fail(why: str) -> int:
    """Tell why a command did nothing."""
    sys.stderr.write(f"{why}\n")
    return FAILED
