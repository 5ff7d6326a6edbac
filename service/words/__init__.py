"""What merchants read in mails and on the panel alike, in the three languages of the admin (docs/upgates.md R42).

`current_admin_language` is not signed: it chooses words and nothing else.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from service.kit.clock import PRAGUE
from service.words import faults, mails, pairing, parcels, payments, problems, reasons


class Language(StrEnum):
    """The admin speaks these (2.3)."""

    CS = "cs"
    SK = "sk"
    EN = "en"


Words = Mapping[str, str]

CS: Words = {**faults.CS, **mails.CS, **pairing.CS, **parcels.CS, **payments.CS, **problems.CS, **reasons.CS}
SK: Words = {**faults.SK, **mails.SK, **pairing.SK, **parcels.SK, **payments.SK, **problems.SK, **reasons.SK}
EN: Words = {**faults.EN, **mails.EN, **pairing.EN, **parcels.EN, **payments.EN, **problems.EN, **reasons.EN}
IN: Mapping[Language, Words] = {Language.CS: CS, Language.SK: SK, Language.EN: EN}


def language(said: str | None) -> Language:
    """Return the language of an admin; Czech, the platform's own, when it says none that we speak."""
    return next((known for known in Language if said and said.lower().startswith(known)), Language.CS)


def moment(at: datetime, spoken: Language) -> str:
    """Return day and minute as the merchant's calendar shows them."""
    local = at.astimezone(PRAGUE)
    if spoken is Language.EN:
        return f"{local:%d %b %Y, %H:%M}"
    return f"{local.day}. {local.month}. {local:%Y %H:%M}"


def day(on: date, spoken: Language) -> str:
    """Return a day as the merchant's calendar shows it."""
    return f"{on:%d %b %Y}" if spoken is Language.EN else f"{on.day}. {on.month}. {on:%Y}"


def month(of: date, spoken: Language) -> str:
    """Return a month as the merchant's calendar shows it."""
    return f"{of:%b %Y}" if spoken is Language.EN else f"{of.month}/{of:%Y}"


def age(since: datetime, said: Words, *, now: datetime) -> str:
    """Return how long something lasts by now, in the largest unit of which two are full."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 120:
        return said["age_minutes"].format(count=minutes)
    if minutes < 2 * 24 * 60:
        return said["age_hours"].format(count=minutes // 60)
    return said["age_days"].format(count=minutes // (24 * 60))
