"""The settings a demo gives the service, and the secrets made for it."""

import base64
import secrets
from pathlib import Path
from typing import Any

from service.embedded import Embedded


def of_the_service(
    folder: Path, servers: Embedded, world: dict[str, Any], *, web_port: int, flower_port: int
) -> dict[str, str]:
    """Return every setting of a run but those of a single process; the secrets are made here and go with the folder."""
    simulator = str(world["base_url"]).removeprefix("http://")
    return {
        "DATABASE_URL": servers.database_url,
        "MIGRATION_DATABASE_URL": servers.migration_url,
        "REDIS_URL": servers.redis_url,
        "ADDON": "expedition",
        "HOST": "127.0.0.1",
        "PORT": str(web_port),
        "PUBLIC_URL": f"http://127.0.0.1:{web_port}",
        "SIGNATURE_TOKEN": str(world["signature_token"]),
        "SIGNATURE_KEY_URL": str(world["key_url"]),
        "PLATFORM_HOSTS": simulator.replace(".", r"\."),
        "CARRIER_HOSTS": r"127\.0\.0\.1:\d+",
        **_secrets(folder / "secrets"),
        **_spool(folder / "spool"),
        "SUPPORT_PHONE": "+420 200 000 000",
        "SUPPORT_EMAIL": "support@example.com",
        "INTERVAL_S": "2",
        "LEASE_S": "15",  # a killed worker gives its page back sooner than in production
        "ROUTINE_S": "2",
        "WAIT_S": "0.5",
        "PULL_DAYS": "3650",
        "PULL_SPACING_S": "0",
        "CALLS_PER_SECOND": "20",  # raised for the demo; what is never raised is how many go at once
        "CALLS_BURST": "200",
        "CALLS_PER_DAY": "60000",
        "WORKER_THREADS": "4",
        "DATABASE_POOL": "5",
        "LOG_LEVEL": "info",
        "FLOWER_PORT": str(flower_port),
        "FLOWER_BASIC_AUTH": f"demo:{secrets.token_urlsafe(12)}",
    }


def _spool(folder: Path) -> dict[str, str]:
    folder.mkdir(mode=0o700)
    return {"SPOOL_FOLDER": str(folder)}


def _secrets(folder: Path) -> dict[str, str]:
    folder.mkdir(mode=0o700)
    made = {
        "SECRETS_KEY_FILE": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),  # a Fernet key
        "WEBHOOK_KEY_FILE": secrets.token_urlsafe(32),
    }
    for name, key in made.items():
        (folder / name.lower()).write_text(f"{key}\n")
    return {name: str(folder / name.lower()) for name in made}
