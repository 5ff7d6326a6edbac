"""What the shop ought to show of an order, what it took, and what may be sent now: pure.

What is to be sent is never stored, it is what differs from what was sent and from what
the mirror shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

State = Literal["none", "waits", "due", "sent", "confirmed", "parked"]
What = Literal["written", "unclear", "confirmed", "refused", "parked", "overruled", "dropped"]


@dataclass(frozen=True)
class Want:
    """All that the shop ought to show of an order because of its parcels; None and empty: nothing (any more).

    `based_on_status_id` is what the mirror showed when the status was decided on (None: no status). `wait_until`: so
    long the status waits for a tracking code. `extra_codes` are those of further parcels, for the order's history.
    `left_at`: when all of it had left. `shown_at`: when the read began that the mirror shows. `paid_date`: the day on
    which its COD was paid out, as far as the shop is to hear of that.
    """

    status_id: int | None = None
    milestone: str | None = None
    mail: bool = False
    sms: bool = False
    based_on_status_id: int | None = None
    tracking_code: str | None = None
    wait_until: datetime | None = None
    extra_codes: tuple[str, ...] = ()
    left_at: datetime | None = None
    shown_at: datetime | None = None
    paid_date: date | None = None


@dataclass(frozen=True)
class Row:
    """An order's row: wanted, sent, and asked by a call whose answer is not known (`asked_at`: in doubt since)."""

    order_number: str
    revision: int = 0
    milestone: str | None = None
    want_status_id: int | None = None
    want_mail: bool = False
    want_sms: bool = False
    based_on_status_id: int | None = None
    want_tracking_code: str | None = None
    want_extra_codes: tuple[str, ...] = ()
    want_paid_date: date | None = None
    waits_for_code_until: datetime | None = None
    sent_status_id: int | None = None
    sent_status_at: datetime | None = None
    sent_tracking_code: str | None = None
    sent_tracking_at: datetime | None = None
    sent_paid_date: date | None = None
    sent_paid_at: datetime | None = None
    sent_extra_codes: tuple[str, ...] = ()
    asked_extra_codes: tuple[str, ...] = ()  # under way, or refused: a person says whether they go once more
    confirmed_at: datetime | None = None  # the status that was sent
    code_confirmed_at: datetime | None = None
    paid_confirmed_at: datetime | None = None
    confirm_by: datetime | None = None
    overruled_at: datetime | None = None
    asked_at: datetime | None = None
    asked_status_id: int | None = None
    asked_tracking_code: str | None = None
    asked_paid_date: date | None = None
    asked_mail: bool | None = None
    asked_sms: bool | None = None
    asked_among: int | None = None  # orders in the call that carried it, unless it was done
    due_at: datetime | None = None
    since: datetime | None = None
    claim: str | None = None
    claimed_revision: int | None = None
    tries: int = 0
    parked: str | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether a call carried it whose answer is not known: it may have been done."""
        return self.asked_at is not None

    @property
    def status_owed(self) -> bool:
        """Whether a status is wanted that was neither sent nor overruled."""
        return self.want_status_id not in (None, self.sent_status_id) and self.overruled_at is None

    @property
    def paid_owed(self) -> bool:
        """Whether the shop is to be told of a payment of which it never was: it is told once, whatever comes later."""
        return self.want_paid_date is not None and self.sent_paid_date is None

    @property
    def sent_at(self) -> datetime | None:
        """When the shop last took anything."""
        times = (self.sent_status_at, self.sent_tracking_at, self.sent_paid_at)
        return max((at for at in times if at is not None), default=None)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """What was sent and not yet shown by the shop."""
        sent = (
            ("status_id", self.sent_status_at, self.confirmed_at),
            ("tracking_code", self.sent_tracking_at, self.code_confirmed_at),
            ("paid_date", self.sent_paid_at, self.paid_confirmed_at),
        )
        return tuple(name for name, at, shown_at in sent if at is not None and (shown_at is None or shown_at < at))

    @property
    def extra_owed(self) -> tuple[str, ...]:
        """The codes of further parcels that the order's history was never asked to hold."""
        told = {*self.sent_extra_codes, *self.asked_extra_codes}
        return tuple(code for code in self.want_extra_codes if code not in told)


@dataclass(frozen=True)
class News:
    """News about an order: told `since`, to be read at `due_at`; `urgent`: a status may hang on it."""

    since: datetime
    due_at: datetime
    urgent: bool


@dataclass(frozen=True)
class Shown:
    """What the mirror shows of an order, by a read that began at `read_at`.

    `paid`: on whatever day. `deleted`: proven gone. `releases`: its status is one that lets the warehouse pack it.
    `news`: the shop shows something else by now, and nobody has read what.
    """

    status_id: int | None
    tracking_code: str | None
    read_at: datetime
    paid: bool = False
    deleted: bool = False
    releases: bool = False
    news: News | None = None


@dataclass(frozen=True)
class Send:
    """What one item of a PUT is to carry; None is left out: an empty day would say that it is not paid (T27)."""

    status_id: int | None
    tracking_code: str | None
    mail: bool
    sms: bool
    paid_date: date | None = None


@dataclass(frozen=True)
class Finding:
    """Something a person may want to read about the write-back of an order. No personal values in `detail`."""

    order_number: str
    what: What
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


def waits(row: Row, now: datetime) -> bool:
    """Say whether the status still waits for a tracking code."""
    until = row.waits_for_code_until
    return row.status_owed and row.want_tracking_code is None and until is not None and now < until


def sendable(row: Row, shown: Shown | None, now: datetime) -> Send | None:
    """Return what a PUT may carry now; None: nothing. A status the shop shows already is never sent (B27).

    The flags are the status's own: what goes without a status mails nobody. The day of a payment never goes to an order
    that is paid in the shop, on whatever day that was. Nor once more with an item that was refused or not done: the day
    may be why, and status, code and mail do not wait for it.
    """
    if row.in_doubt or row.parked is not None or (shown is not None and shown.deleted):
        return None
    status_id = row.want_status_id if row.status_owed and not waits(row, now) else None
    if shown is not None and stands_status(row, shown, status_id):
        status_id = None
    code = row.want_tracking_code
    if code == row.sent_tracking_code or (shown is not None and stands_code(row, shown, code)):
        code = None
    paid_date = row.want_paid_date if row.paid_owed and not (shown is not None and shown.paid) else None
    if status_id is None and code is None and paid_date is None:
        return None
    if row.tries and (status_id is not None or code is not None):
        paid_date = None
    with_status = status_id is not None
    return Send(status_id, code, with_status and row.want_mail, with_status and row.want_sms, paid_date)


def leaving(row: Row, shown: Shown | None, now: datetime) -> Send | None:
    """Return what of it may leave before the order was read: any news may be a day its merchant entered himself."""
    send = sendable(row, shown, now)
    if send is None or send.paid_date is None or shown is None or shown.news is None:
        return send
    rest = replace(send, paid_date=None)
    return None if rest.status_id is None and rest.tracking_code is None else rest


def shows_code(shown: Shown, code: str | None) -> bool:
    """Say whether the shop shows a tracking code."""
    return code is not None and (shown.tracking_code or "").strip() == code.strip()


def stands_code(row: Row, shown: Shown, code: str | None) -> bool:
    """Say whether the shop shows a code, by a read that knows of the last code we sent: an older one shows what was."""
    knows = row.sent_tracking_at is None or shown.read_at >= row.sent_tracking_at
    return knows and shows_code(shown, code)


def stands_status(row: Row, shown: Shown, status_id: int | None) -> bool:
    """Say whether the shop shows a status, by a read that knows of the last status we sent."""
    knows = row.sent_status_at is None or shown.read_at >= row.sent_status_at
    return knows and status_id is not None and shown.status_id == status_id


def stands_paid(row: Row, shown: Shown) -> bool:
    """Say whether the shop shows an order as paid, by a read that knows of the day we sent."""
    return shown.paid and (row.sent_paid_at is None or shown.read_at >= row.sent_paid_at)


def overruled(row: Row, shown: Shown) -> bool:
    """Say whether the shop itself changed the status since ours was decided on.

    A read that began before we sent our last status knows nothing of it and cannot say so. A status that releases the
    order takes nothing back: it was paid for, say, and we heard of it only after it had left.
    """
    if shown.releases:
        return False
    if row.sent_status_at is not None and shown.read_at < row.sent_status_at:
        return False
    ours = {row.based_on_status_id, row.want_status_id} | ({row.sent_status_id} - {None})
    return shown.status_id not in ours


def weigh(row: Row, shown: Shown | None, now: datetime) -> tuple[Row, list[Finding]]:
    """Hold a row against the mirror and say when it is due; one in doubt stays as it is.

    What the shop shows counts as sent and is confirmed, what it overruled is dropped. A row is parked until nothing is
    owed: it had been done all the same, or somebody did it by hand.
    """
    if row.in_doubt:
        return row, []
    if row.parked is not None:
        return _let_go(row, shown, now)
    findings: list[Finding] = []
    if shown is not None and not shown.deleted:
        row, findings = _held_against(row, shown, now)
    return dued(row, shown, now), findings


def _let_go(row: Row, shown: Shown | None, now: datetime) -> tuple[Row, list[Finding]]:
    """Park a row no more that owes nothing, and say so: a day its merchant entered himself is no receipt of ours."""
    if shown is None or shown.deleted:
        return row, []
    held, findings = _held_against(replace(row, parked=None), shown, now)
    if sendable(held, shown, now) is not None or held.extra_owed or waits(held, now):
        return row, []
    if not findings:  # what the shop took and dropped is still to be told of: that is over only when all is confirmed
        findings = [Finding(row.order_number, "written" if held.unconfirmed else "confirmed", {"by": "read"})]
    return dued(held, shown, now), findings


def _held_against(row: Row, shown: Shown, now: datetime) -> tuple[Row, list[Finding]]:
    """Take what the read shows for sent as of when it began: then it stood there."""
    findings: list[Finding] = []
    read_at = shown.read_at
    if row.want_status_id != row.sent_status_id and stands_status(row, shown, row.want_status_id):
        row = replace(row, sent_status_id=row.want_status_id, sent_status_at=read_at, overruled_at=None, tries=0)
    elif row.status_owed and overruled(row, shown):
        row = replace(row, overruled_at=now)
        detail = {"status_id": shown.status_id, "instead_of": row.want_status_id}
        findings.append(Finding(row.order_number, "overruled", detail))
    if row.want_tracking_code != row.sent_tracking_code and stands_code(row, shown, row.want_tracking_code):
        row = replace(row, sent_tracking_code=row.want_tracking_code, sent_tracking_at=read_at)
    if row.paid_owed and shown.paid:  # by whoever it was: nothing of ours is there to be confirmed
        row = replace(row, sent_paid_date=row.want_paid_date, sent_paid_at=read_at, paid_confirmed_at=now)
    if row.unconfirmed and not lacking(row, shown):
        detail = {"status_id": shown.status_id} if "status_id" in row.unconfirmed else {}
        row = replace(row, confirmed_at=now, code_confirmed_at=now, paid_confirmed_at=now, confirm_by=None)
        findings.append(Finding(row.order_number, "confirmed", {**detail, "by": "read"}))
    return row, findings


def lacking(row: Row, shown: Shown) -> list[str]:
    """Return what was sent, is not confirmed, and stands otherwise in the mirror, or was read before it was sent."""
    there = {
        "status_id": stands_status(row, shown, row.sent_status_id),
        "tracking_code": stands_code(row, shown, row.sent_tracking_code),
        "paid_date": stands_paid(row, shown),
    }
    return [name for name in row.unconfirmed if not there[name]]


def dued(row: Row, shown: Shown | None, now: datetime, *, news: bool = False) -> Row:
    """Return the row with the time it is due and since when; `news` brings one forward that had been put off."""
    if row.in_doubt or row.parked is not None:
        return row
    gone = shown is not None and shown.deleted
    owed = sendable(row, shown, now) is not None or bool(row.extra_owed)
    if gone or not (owed or waits(row, now)):
        return replace(row, due_at=None, since=None, tries=0)
    if not owed:
        return replace(row, due_at=row.waits_for_code_until, since=row.waits_for_code_until)
    since = min(row.since or now, now)
    if row.due_at is None:
        return replace(row, due_at=now, since=since)
    return replace(row, due_at=min(row.due_at, now) if news else row.due_at, since=since)


def state(row: Row, now: datetime) -> State:
    """Say how far the write-back of an order is, in a word."""
    if row.parked is not None:
        return "parked"
    if row.due_at is not None:
        return "waits" if waits(row, now) else "due"
    if row.unconfirmed:
        return "sent"
    return "none" if row.confirmed_at is None else "confirmed"
