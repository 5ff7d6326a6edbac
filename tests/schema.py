"""The schema as PostgreSQL itself describes it after all migrations: `make schema` draws service/db/schema.sql anew."""

import subprocess
import sys
from pathlib import Path

from service import embedded
from service.db import migrate

PICTURE = Path("service/db/schema.sql")
NOISE = ("--", "\\restrict", "\\unrestrict", "SET ", "SELECT pg_catalog.set_config")


def drawn(url: str) -> str:
    """Return the schema of a database, without what differs from run to run."""
    dump = subprocess.run(
        [embedded.postgres_program("pg_dump"), "--schema-only", "--restrict-key=fixed", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line.rstrip() for line in dump.splitlines() if not line.startswith(NOISE)]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "-- Drawn by `make schema` from the migrations; nobody runs this file.\n" + "\n".join(kept).strip() + "\n"


if __name__ == "__main__":
    with embedded.servers(durable=False) as servers:
        migrate.migrate(servers.migration_url)
        PICTURE.write_text(drawn(servers.postgres.url("postgres", "expedition")))
    sys.stdout.write(f"{PICTURE}\n")
