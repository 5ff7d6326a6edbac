"""JSON of GeoAPI taken apart with suspicion, and what its errors mean (docs/carriers.md 3A)."""

import re
from typing import Any, TypeGuard

from carriers.errors import CarrierError, CarrierRefused, Fault, Kind
from carriers.wire import Answer, Json, whole

LONGEST_WORDS = 300

# The codes of errors are in no source; the known causes and the names of DPD's fields are looked for in its words.
CAUSES = tuple(
    (re.compile(words, re.IGNORECASE), kind, field)
    for words, kind, field in (
        (r"number range|no range|it4em|\bdsw\b", Kind.ACCOUNT, None),
        (r"postal ?code|post ?code|\bzip\b|routing", Kind.CONTENT, "recipient.zip"),
        (r"service ?combination|combination of services", Kind.CONTENT, "service"),
        (r"pickup ?point|pudo", Kind.CONTENT, "point"),
        (r"variable ?symbol", Kind.CONTENT, "cod.variable_symbol"),
        (r"cash ?on ?delivery|\bcod\b", Kind.CONTENT, "cod.amount"),
        (r"insurance|declared ?value", Kind.CONTENT, "value"),
        (r"personal ?id", Kind.CONTENT, "options.person_id"),
        (r"weight", Kind.CONTENT, "boxes"),
        (r"phone", Kind.CONTENT, "recipient.phone"),
        (r"e-?mail", Kind.CONTENT, "recipient.email"),
        (r"house ?number", Kind.CONTENT, "recipient.house_number"),
        (r"street", Kind.CONTENT, "recipient.street"),
        (r"\bcity\b", Kind.CONTENT, "recipient.city"),
        (r"country", Kind.CONTENT, "recipient.country"),
        (r"\bname\d?\b|\bperson\b", Kind.CONTENT, "recipient.name"),
        (r"reference", Kind.CONTENT, "reference"),
    )
)


def read(answer: Answer) -> Json:
    """Return the JSON of an answer that says it was done, in its status and in its body."""
    if not 200 <= answer.status < 300:
        raise trouble(answer)
    said = answer.json()
    if is_error(said):
        raise trouble(answer)
    return said


def listed(answer: Answer) -> list[Json]:
    """Return the rows of an answer that is a list; raise where it is none."""
    told = read(answer)
    if not is_list(told):
        raise answer.unreadable("the answer is no list")
    return told


def trouble(answer: Answer) -> CarrierError:
    """Return what an error means: `{"code": …, "message": …, "description": …}`, with the field of ours it names."""
    is_ok = 200 <= answer.status < 300
    meant = answer.refused("refused", kind=Kind.CONTENT) if is_ok else answer.trouble()
    try:
        said = answer.json()
    except CarrierError:
        return meant
    words = words_of(said)
    if not isinstance(meant, CarrierRefused) or not words:
        return meant
    return refusal(answer, meant.kind, word(said, "code") or meant.code, words)


def refused(answer: Answer, row: Json) -> CarrierRefused:
    """Return the refusal that stands in the place of one of several."""
    return refusal(answer, Kind.CONTENT, word(row, "code") or "", words_of(row) or "refused")


def refusal(answer: Answer, kind: Kind, code: str, words: str) -> CarrierRefused:
    """Return a refusal with the field of ours its words name, where they name one."""
    named = None
    if kind is Kind.CONTENT:
        causes = ((cause, where) for pattern, cause, where in CAUSES if pattern.search(f"{code} {words}"))
        kind, named = next(causes, (kind, None))
    faults = [Fault(named, code, words)]
    return CarrierRefused(answer.carrier, answer.operation, words, kind=kind, faults=faults, code=code)


def words_of(row: Json) -> str:
    """Return what an error says, at most so much of it."""
    told = [text for name in ("message", "description") if (text := word(row, name))]
    return ": ".join(dict.fromkeys(told))[:LONGEST_WORDS]


def is_error(row: Json) -> bool:
    """Say whether an object is an error in place of what was asked for."""
    return is_object(row) and "message" in row and not {"parcels", "parcelEvents", "labels", "customers"} & {*row}


def at(row: Json, *path: str) -> Json:
    """Return what stands at a path of names; None where it breaks off."""
    for name in path:
        row = row.get(name) if is_object(row) else None
    return row


def word(row: Json, *path: str) -> str | None:
    """Return a text or a whole number as text; None where there is nothing that could be an id or a word."""
    value = at(row, *path)
    if isinstance(value, str):
        return value.strip() or None
    return None if (number := whole(value)) is None else str(number)


def rows(row: Json, *path: str) -> list[Json]:
    """Return the rows of a list at a path; none where there is no list."""
    value = at(row, *path)
    return value if is_list(value) else []


def is_object(value: Any) -> TypeGuard[dict[str, Json]]:
    """Say whether something is an object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Json]]:
    """Say whether something is a list."""
    return isinstance(value, list)
