"""Commands run in this process, in a town's environment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from service import cli
from service.kit.clock import utc_now
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town, build

AGO = timedelta(minutes=30)  # what a town does before a command lies behind it


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def all(self) -> str:
        return self.out + self.err


Run = Callable[..., Said]


@pytest.fixture
def town(tmp_path, database, redis_url) -> Iterator[Town]:
    built = build(tmp_path, database.url, redis_url)
    built.watch.at = utc_now() - AGO  # the commands go by the machine's clock
    yield built
    built.rig.close()


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, database, redis_url) -> Run:
    """Run a command in the town's environment."""
    for name in ("secrets", "hooks"):
        if not (tmp_path / name).exists():
            build(tmp_path, database.url, redis_url).rig.close()
    (tmp_path / "spool").mkdir(exist_ok=True)
    environment = {
        "DATABASE_URL": database.url,
        "REDIS_URL": redis_url,
        "ADDON": "expedition",
        "PUBLIC_URL": "https://hooks.example.com",
        "SIGNATURE_TOKEN": "the-signature-token",
        "SECRETS_KEY_FILE": str(tmp_path / "secrets"),
        "WEBHOOK_KEY_FILE": str(tmp_path / "hooks"),
        "SPOOL_FOLDER": str(tmp_path / "spool"),
        "SUPPORT_PHONE": "+420 777 123 456",
        "SUPPORT_EMAIL": "help@example.com",
        "MIGRATION_DATABASE_URL": database.migration_url,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def said(*argv: str) -> Said:
        try:
            code = cli.main(argv)
        except SystemExit as misuse:  # argparse ends the process by itself
            code = misuse.code
        assert isinstance(code, int)
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return said


@pytest.fixture
def activated(town: Town) -> tuple[WorldShop, str]:
    return town.activated(orders=3, products=2)
