"""Dates as MyGLS writes them: `/Date(1772700000000+0100)/`, milliseconds UTC; the offset is for show (4.1)."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = {
    "CZ": ZoneInfo("Europe/Prague"),
    "SK": ZoneInfo("Europe/Bratislava"),
    "HU": ZoneInfo("Europe/Budapest"),
    "RO": ZoneInfo("Europe/Bucharest"),
    "SI": ZoneInfo("Europe/Ljubljana"),
    "HR": ZoneInfo("Europe/Zagreb"),
    "RS": ZoneInfo("Europe/Belgrade"),
}
_FORM = re.compile(r"/Date\((-?\d{1,14})(?:[+-]\d{4})?\)/")


def read(value: object) -> datetime | None:
    """Return a time, None for what is no date of theirs."""
    found = _FORM.fullmatch(value) if isinstance(value, str) else None
    return EPOCH + timedelta(milliseconds=int(found[1])) if found and int(found[1]) < 10**14 else None


def written(at: datetime, country: str) -> str:
    """Return a time with the offset of a country."""
    return f"/Date({int(at.timestamp() * 1000)}{at.astimezone(ZONES[country]):%z})/"
