"""What the panel says, in the three languages of the admin (docs/upgates.md R42), a module for each subject."""

from collections.abc import Mapping

from service import words as shared
from service.web.words import (
    asking,
    carriers,
    handover,
    labels,
    logins,
    money,
    options,
    outlook,
    packing,
    pairing,
    panel,
    returns,
    services,
    shipping,
    stopped,
)
from service.words import Language as Language
from service.words import Words as Words
from service.words import language as language

SUBJECTS = (
    panel, shipping, outlook, carriers, logins, pairing, money, options, packing, stopped, labels, handover,
    returns, services, asking,
)  # fmt: skip
CS: Words = {key: text for subject in (*SUBJECTS, shared) for key, text in subject.CS.items()}
SK: Words = {key: text for subject in (*SUBJECTS, shared) for key, text in subject.SK.items()}
EN: Words = {key: text for subject in (*SUBJECTS, shared) for key, text in subject.EN.items()}
IN: Mapping[Language, Words] = {Language.CS: CS, Language.SK: SK, Language.EN: EN}


def accepted(header: str | None) -> Language:
    """Return the language a browser prefers (`Accept-Language: sk,cs;q=0.8`), for a page that knows nothing else."""
    return language((header or "").split(",")[0].strip() or None)
