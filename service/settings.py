"""The settings of the service: read once from the environment, checked whole, every fault told at once."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.kit.seal import HookMac, Seal, read_keys

UPGATES_HOSTS = r"[a-z0-9-]+\.admin\.[a-z0-9-]+\.upgates\.com"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
CARRIER_HOSTS = (
    r"www\.zasilkovna\.cz|api(-dev)?\.dhl\.com|api(\.test)?\.mygls\.(cz|sk|hu|ro|si|hr|rs)|geoapi(-test)?\.dpd\.cz"
    r"|b2b(-test)?\.postaonline\.cz:444|apiv2\.balikobot\.cz"
)
UPGATES_KEY_URL = "https://files.upgates.com/addons/signature/api.signature.pub.key"


class SettingsFault(Exception):
    """The environment does not describe a service that may start; the message lists every fault."""


def _regular_expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as fault:
        raise ValueError(f"is not a regular expression: {fault}") from fault
    return text


class Settings(BaseSettings):
    """One field per environment variable of the same name in upper case; deploy/env.example is their manual."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: str = Field(pattern=r"^postgres(ql)?://")
    redis_url: str = Field(pattern=r"^(redis|rediss|redis\+socket|unix)://")
    migration_database_url: str | None = Field(default=None, pattern=r"^postgres(ql)?://")

    addon: Literal["expedition", "fulfillment"]
    public_url: str = Field(pattern=r"^https?://[^/\s]+$", description="scheme and host, no slash at the end")
    signature_token: SecretStr = Field(min_length=8)
    signature_key_url: str = Field(default=UPGATES_KEY_URL, pattern=r"^https?://")
    platform_hosts: Annotated[str, AfterValidator(_regular_expression)] = UPGATES_HOSTS
    secrets_key_file: Path
    webhook_key_file: Path
    support_phone: str = Field(min_length=6)
    support_email: str = Field(pattern=EMAIL)

    smtp_url: SecretStr | None = Field(default=None, description="smtp://login:password@host:587 or smtps://…")
    mail_from: str | None = Field(default=None, pattern=EMAIL)
    alarm_hosts: Annotated[str, AfterValidator(_regular_expression)] | None = None

    carrier_hosts: Annotated[str, AfterValidator(_regular_expression)] = CARRIER_HOSTS
    keep_labels_days: int = Field(
        default=30, ge=1, le=3650, description="labels, and what else of parcels names people"
    )

    interval_s: float = Field(default=60, ge=0.1, le=3600, description="at most one urgent read per shop and interval")
    routine_s: float = Field(default=1800, ge=0.1, le=86400, description="routine changes are read this late at most")
    wait_s: float = Field(default=0.5, ge=0, le=3600, description="how long a lone change waits for company")
    lease_s: float = Field(default=45, ge=5, le=600, description="a claim comes back after this long")

    pull_days: int = Field(default=90, ge=0, le=3650, description="how far back the pull at activation reaches")
    pull_spacing_s: float = Field(default=60, ge=0, le=3600, description="between the starts of two shops' pulls")

    keep_webhooks_days: int = Field(default=30, ge=1, le=3650, description="webhooks as they came")
    keep_hints_days: int = Field(default=7, ge=1, le=3650, description="what was to be looked at, after its answer")
    keep_calls_days: int = Field(default=90, ge=2, le=3650, description="the ledger; the budget counts two days of it")
    keep_journal_days: int = Field(default=400, ge=62, le=3650, description="the journal; its seals stay")
    mask_orders_days: int = Field(default=180, ge=1, le=3650, description="personal data, after an order's end")
    erase_shops_days: int = Field(default=30, ge=1, le=3650, description="after their uninstallation")

    calls_per_second: float = Field(default=2, gt=0, le=100)
    calls_burst: int = Field(default=20, ge=1, le=1000)
    calls_per_day: int = Field(default=5000, ge=100, le=60_000)
    calls_at_once: int = Field(default=2, ge=1, le=2, description="per shop; the platform allows 3 (1.8)")
    service_calls_at_once: int = Field(default=16, ge=1, le=200, description="all shops together (B12, B29)")

    spool_folder: Path = Path("/var/spool/expedition")
    spool_bytes: int = Field(default=2**30, ge=2**20, le=2**40, description="all files of the spool together")

    database_pool: int = Field(default=10, ge=2, le=100)
    worker_threads: int = Field(default=8, ge=1, le=64)
    deaf_s: float = Field(default=30, ge=1, le=45, description="a worker that hears nothing ends itself after it")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("smtp_url")
    @classmethod
    def _names_a_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not _names_a_mail_server(url.get_secret_value()):
            raise ValueError("names no mail server")
        return url

    @field_validator("secrets_key_file")
    @classmethod
    def _holds_fernet_keys(cls, path: Path) -> Path:
        for key in _keys_of(path):
            try:
                Fernet(key)
            except ValueError as fault:
                raise ValueError("holds a line that is no Fernet key (32 bytes, URL-safe base64)") from fault
        return path

    @field_validator("webhook_key_file")
    @classmethod
    def _holds_long_keys(cls, path: Path) -> Path:
        if any(len(key) < 32 for key in _keys_of(path)):
            raise ValueError("holds a key shorter than 32 letters")
        return path

    @cached_property
    def seal(self) -> Seal:
        """The seal over credentials at rest."""
        return Seal(read_keys(self.secrets_key_file))

    @cached_property
    def hook_mac(self) -> HookMac:
        """The MAC of webhook URLs."""
        return HookMac(read_keys(self.webhook_key_file))


def _names_a_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # its text may quote a password
        return False
    rest = parts.path.strip("/") or parts.query or parts.fragment
    return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and not rest


def _keys_of(path: Path) -> list[str]:
    try:
        keys = read_keys(path)
    except OSError as fault:
        raise ValueError(f"cannot be read: {fault.strerror}") from fault
    if not keys:
        raise ValueError("holds no key: one key a line, the newest first")
    return keys


def load() -> Settings:
    """Return the settings of this process; raise SettingsFault that names every fault and what is allowed."""
    try:
        return Settings()  # pyright: ignore[reportCallIssue]  # the fields come from the environment
    except ValidationError as faults:
        raise SettingsFault(_told(faults)) from None


def _told(faults: ValidationError) -> str:
    lines = ["The settings have faults:"]
    for fault in faults.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0])
        about = Settings.model_fields[name].description if name in Settings.model_fields else None
        lines.append(f"  {name.upper()}: {fault['msg']}" + (f" ({about})" if about else ""))
    return "\n".join([*lines, "deploy/env.example explains each of them."])
