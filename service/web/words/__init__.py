"""What the panel says, in the three languages of the admin (docs/upgates.md R42), a module for each subject."""

from collections.abc import Mapping

from service import words as shared
from service.web.words import outlook, panel, shipping
from service.words import Language as Language
from service.words import Words as Words
from service.words import language as language

CS: Words = {**panel.CS, **shipping.CS, **outlook.CS, **shared.CS}
SK: Words = {**panel.SK, **shipping.SK, **outlook.SK, **shared.SK}
EN: Words = {**panel.EN, **shipping.EN, **outlook.EN, **shared.EN}
IN: Mapping[Language, Words] = {Language.CS: CS, Language.SK: SK, Language.EN: EN}


def accepted(header: str | None) -> Language:
    """Return the language a browser prefers (`Accept-Language: sk,cs;q=0.8`), for a page that knows nothing else."""
    return language((header or "").split(",")[0].strip() or None)
