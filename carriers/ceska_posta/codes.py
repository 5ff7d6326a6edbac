"""What the Post's response codes mean for us, and which field of ours they are about (docs/carriers.md 5.2).

A text that begins with `INFO_` is never an error, whatever its number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.wire import Answer, Json, whole

OK, INTERNAL, BATCH_INVALID, CODE_TAKEN = 1, 2, 19, 101
STILL_AT_IT = frozenset({16, 18})
UNFINISHED = STILL_AT_IT | {INTERNAL}
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Status:
    """One `{"responseCode": 261, "responseText": "MISSING_SIZE_CATEGORY"}`."""

    code: int
    text: str

    @property
    def is_info(self) -> bool:
        """Whether it only tells something of a parcel that was accepted."""
        return self.text.startswith("INFO_") or (not self.text and self.code in INFO)

    @property
    def is_fine(self) -> bool:
        """Whether it speaks against nothing."""
        return self.code == OK or self.is_info

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


def _codes(*spans: int | tuple[int, int]) -> list[int]:
    ends = [(span, span) if isinstance(span, int) else span for span in spans]
    return [code for first, last in ends for code in range(first, last + 1)]


GROUPS: Sequence[tuple[Kind, str | None, list[int]]] = (
    (Kind.LOGIN, None, _codes(3)),
    (Kind.ACCOUNT, None, _codes((10, 12), 102, 143)),
    (Kind.CONTENT, "ship_on", _codes(13)),
    (Kind.TOO_LATE, None, _codes((14, 18), 20)),
    (Kind.CONTENT, None, _codes(BATCH_INVALID)),
    (Kind.DUPLICATE, "options.serial", _codes(CODE_TAKEN, 144, 256)),
    (Kind.CONTENT, "options.serial", _codes(100, 145, 254, 255)),
    (Kind.CONTENT, "service", _codes(103, 128, 137, 140, 187)),
    # Weight, value, COD, currency or variable symbol: only the text says which.
    (Kind.CONTENT, None, _codes((104, 108), (121, 124), (130, 132))),
    (Kind.CONTENT, "service", _codes(112, 113, (125, 127), 156, 186, (240, 243), 267)),
    (Kind.CONTENT, "recipient", _codes((114, 117), 119, 141, 142, 150, 219, 220, 247, 248, 257, 259, 260)),
    (Kind.CONTENT, "recipient", _codes(300, 302, 309)),
    (Kind.CONTENT, "recipient.phone", _codes(118, 136, 138, 159, 184, 189, 196)),
    (Kind.CONTENT, "recipient.email", _codes(185, 188, 250, 327)),
    (Kind.CONTENT, "cod.amount", _codes(139)),
    (Kind.CONTENT, "customs", _codes((206, 218), (221, 227))),
    (Kind.CONTENT, "boxes[{place}]", _codes(261)),
    (Kind.CONTENT, "value", _codes(336)),
    (Kind.CONTENT, None, _codes((378, 380))),  # the label's form, not the parcel
)
KINDS = {code: (kind, field) for kind, field, codes in GROUPS for code in codes}
INFO = frozenset(_codes(182, 183, 253, 263, 301, (303, 308), (312, 326), (328, 335)))

# The words of a text name a field more closely than the number of a group does; the first that is found counts.
WORDS = {
    "CUSTOM": "customs",  # also where it is of their weight, price or currency
    "EMAIL": "recipient.email", "MAIL": "recipient.email", "PHONE": "recipient.phone", "MOBILE": "recipient.phone",
    "MOBIL": "recipient.phone", "WEIGHT": "boxes[{place}].weight_g", "SIZE": "boxes[{place}]",
    "CURRENCY": "cod.amount", "VS": "cod.variable_symbol", "AMOUNT": "cod.amount", "COD": "cod.amount",
    "PRICE": "value", "ZIP": "recipient.zip", "PSC": "recipient.zip", "CITY": "recipient.city",
    "STREET": "recipient.street", "COMPANY": "recipient.company", "NAME": "recipient.name",
    "SURNAME": "recipient.name", "PREFIX": "service", "SERVICE": "service",
}  # fmt: skip


def read(said: Json) -> Status | None:
    """Read one status; None where its code is no whole number."""
    if not isinstance(said, dict):
        return None
    code, text = whole(said.get("responseCode")), said.get("responseText")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return None if code is None else Status(code, text[:LONGEST_TEXT] if isinstance(text, str) else "")


def kind_of(code: int) -> Kind:
    """Return what a code asks for; one that is in no list is about the parcel."""
    return KINDS.get(code, (Kind.CONTENT, None))[0]


def field_of(status: Status, place: int) -> str | None:
    """Return the field of ours that a status about box `place` names; None: none of ours."""
    words = set(status.text.upper().split("_"))
    by_word = next((field for word, field in WORDS.items() if word in words), None)
    field = by_word or KINDS.get(status.code, (None, None))[1]
    return field.format(place=place) if field else None


def refusal(answer: Answer, found: Iterable[tuple[int, Status]], *, nothing_done: bool) -> CarrierError:
    """Return the error for statuses, each with the box it is about; at least one is not fine.

    `nothing_done`: the answer as a whole proves that no parcel was made, so the Post's own trouble is a *busy*. Else
    what it is still at may be this very parcel.
    """
    wrong = [(place, status) for place, status in found if not status.is_fine]
    why = "; ".join(dict.fromkeys(str(status) for _, status in wrong))
    first = str(wrong[0][1].code) if wrong else ""
    if any(status.code in UNFINISHED for _, status in wrong):
        own, ours = {"said": why, "code": first}, "the Post is not done with it"
        if nothing_done or not answer.makes:
            return CarrierBusy(answer.carrier, answer.operation, ours, wait_s=None, **own)
        return CarrierUnreachable(answer.carrier, answer.operation, ours, unclear=True, said=why, code=first)
    kinds = [kind_of(status.code) for _, status in wrong if status.code != BATCH_INVALID] or [Kind.CONTENT]
    kind = min(kinds, key=list(Kind).index)
    faults = [Fault(field_of(status, place), str(status.code), status.text or "is refused") for place, status in wrong]
    return CarrierRefused(answer.carrier, answer.operation, why, kind=kind, faults=faults, code=first)
