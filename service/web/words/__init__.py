"""What the panel says, in the three languages of the admin (docs/upgates.md R42), a module for each subject.

`current_admin_language` is not signed: it chooses words and nothing else.
"""

from collections.abc import Mapping
from enum import StrEnum

from service.web.words import outlook, panel, problems, shipping


class Language(StrEnum):
    """The admin speaks these (2.3)."""

    CS = "cs"
    SK = "sk"
    EN = "en"


Words = Mapping[str, str]

CS: Words = {**panel.CS, **shipping.CS, **outlook.CS, **problems.CS}
SK: Words = {**panel.SK, **shipping.SK, **outlook.SK, **problems.SK}
EN: Words = {**panel.EN, **shipping.EN, **outlook.EN, **problems.EN}
IN: Mapping[Language, Words] = {Language.CS: CS, Language.SK: SK, Language.EN: EN}


def language(said: str | None) -> Language:
    """Return the language of an admin; Czech, the platform's own, when it says none that we speak."""
    return next((known for known in Language if said and said.lower().startswith(known)), Language.CS)


def accepted(header: str | None) -> Language:
    """Return the language a browser prefers (`Accept-Language: sk,cs;q=0.8`), for a page that knows nothing else."""
    return language((header or "").split(",")[0].strip() or None)
