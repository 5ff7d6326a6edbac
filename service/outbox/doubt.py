"""What a call and a read mean for a row: asked, landed, refused, in doubt, seen, echoed. Pure.

A PUT may land up to 90 s after its caller gave up (docs/upgates.md 4.2, B28). Until an answer names the row or a read
that began later shows it, nobody knows, and nothing is sent.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from service.kit import backoff
from service.outbox.decide import Finding, Row, Send, Shown, What, dued, lacking, shows_code, weigh

LANDS_WITHIN = timedelta(seconds=90)
LEAVES_WITHIN = timedelta(seconds=30)  # a flow ends within 30 s of its claim: nothing leaves later
CONFIRM_WITHIN = timedelta(minutes=30)
GIVE_UP_AT = 3  # refusals of an item
INSTANT = timedelta(microseconds=1)  # the finest a row keeps

LONGEST_WAIT = timedelta(days=1)


def asked(row: Row, send: Send, *, claim: str, among: int, now: datetime) -> Row:
    """Mark what a call of `among` orders is about to carry: from now on it is in doubt, even when its worker dies."""
    return replace(
        row,
        asked_at=now,
        asked_status_id=send.status_id,
        asked_tracking_code=send.tracking_code,
        asked_paid_date=send.paid_date,
        asked_mail=send.mail,
        asked_sms=send.sms,
        asked_among=among,
        due_at=now + LEAVES_WITHIN + LANDS_WITHIN,
        claim=claim,
        claimed_revision=row.revision,
    )


def unasked(row: Row) -> Row:
    """Take the mark back; when the row is due, `weigh` says."""
    return replace(
        row,
        asked_at=None,
        asked_status_id=None,
        asked_tracking_code=None,
        asked_paid_date=None,
        asked_mail=None,
        asked_sms=None,
        due_at=None,
        claim=None,
        claimed_revision=None,
    )


def unclear(row: Row, *, now: datetime) -> Row:
    """Let a row rest whose answer did not come: what was asked may still land."""
    return replace(row, due_at=now + LANDS_WITHIN, claim=None)


def landed(row: Row, *, now: datetime) -> tuple[Row, list[Finding]]:
    """Take what was asked for sent: the item's flag says so. An echo that overtook the answer has confirmed it."""
    is_told = row.asked_status_id is not None and confirmed_since_asked(row)
    sent = replace(
        _counted(row, status=True, code=True, paid=True, at=now),
        since=None,  # what is still owed came meanwhile
        tries=0,
        asked_among=None,
    )
    if is_told:
        sent = _echo_confirms(sent, now=now)
    sent = replace(sent, confirm_by=now + CONFIRM_WITHIN if sent.unconfirmed else None)
    return unasked(sent), [Finding(row.order_number, "written", _asked_of(row))]


def _echo_confirms(row: Row, *, now: datetime) -> Row:
    """Confirm the status, and what went in the same call."""
    others = {"code_confirmed_at": row.sent_tracking_at, "paid_confirmed_at": row.sent_paid_at}
    with_it = [name for name, at in others.items() if at is not None and at == row.sent_status_at]
    return replace(row, confirmed_at=now, **dict.fromkeys(with_it, now))


def confirmed_since_asked(row: Row) -> bool:
    """Say whether the shop has shown what is in doubt: the status it names was done."""
    return row.confirmed_at is not None and row.asked_at is not None and row.confirmed_at > row.asked_at


def _shown_in_doubt(row: Row, now: datetime) -> Row:
    """Note that the shop shows the status in doubt: later than it was asked, when a receipt of before may have come."""
    return replace(row, confirmed_at=max(now, row.asked_at + INSTANT) if row.asked_at else now)


def refused(row: Row, levels: Sequence[str], *, now: datetime) -> tuple[Row, list[Finding]]:
    """Count a refusal and let the row rest, an error says only that it was probably not done; the third one parks it.

    Of the shop's words only the level is kept: they may quote. Source: docs/upgates.md 1.5.
    """
    tries = row.tries + 1
    named = replace(row, tries=tries, asked_among=None)  # the shop told of it by name: the others are not to blame
    detail = {**_asked_of(row), "levels": list(levels), "tries": tries}
    if tries < GIVE_UP_AT:
        return unclear(named, now=now), [Finding(row.order_number, "refused", detail)]
    why = f"the shop refused it {tries} times ({', '.join(levels) or 'without a word'})"
    return replace(unasked(named), parked=why, due_at=now), [Finding(row.order_number, "parked", detail)]


def _not_done(row: Row, *, now: datetime) -> tuple[Row, list[Finding]]:
    """Let a row go again whose call brought nothing, with half as many; one that went alone ever later, thrice at most.

    A refusal was counted when it came.
    """
    if row.asked_among != 1:
        return replace(unasked(row), due_at=now), []
    tries = row.tries + 1
    if tries < GIVE_UP_AT:
        return replace(unasked(row), tries=tries, due_at=backoff.after(now, tries - 2) if tries > 1 else now), []
    why = f"the shop gave no clear answer to it {tries} times and did not do it"
    detail = {**_asked_of(row), "tries": tries, "why": "no clear answer"}
    parked = replace(unasked(row), tries=tries, parked=why, due_at=now)
    return parked, [Finding(row.order_number, "parked", detail)]


def seen(row: Row, shown: Shown, *, now: datetime) -> tuple[Row, list[Finding]]:
    """Take in what the mirror shows of an order, by any read: doubts end, receipts come, the shop's own word counts."""
    findings: list[Finding] = []
    if row.in_doubt:
        row, findings = _without_doubt(row, shown, now)
    row, more = weigh(row, shown, now)
    findings += more
    if row.tries == 0:  # what waited for this read need not wait until the read would have been due again
        row = dued(row, shown, now, news=True)
    row, more = _dropped(row, shown)
    return row, findings + more


def _without_doubt(row: Row, shown: Shown, now: datetime) -> tuple[Row, list[Finding]]:
    """End a doubt when a read shows all that was asked, or began after the rest: what it shows not was not done.

    Unless the shop has shown it since: then it was done, and what stands there now is the shop's own later word. An
    order that is paid, by whoever it was, need not be told of again.
    """
    if row.asked_at is None or shown.read_at <= row.asked_at:
        return row, []
    status = row.asked_status_id is not None and shown.status_id == row.asked_status_id
    code = shows_code(shown, row.asked_tracking_code)
    paid = row.asked_paid_date is not None and shown.paid
    lacks_paid = row.asked_paid_date is not None and not shown.paid
    whole = (status or row.asked_status_id is None) and (code or row.asked_tracking_code is None) and not lacks_paid
    if not whole and shown.read_at < rests_until(row):
        return (_shown_in_doubt(row, now) if status else row), []
    overruled = row.asked_status_id is not None and not status and confirmed_since_asked(row)
    if not (status or code or paid or overruled):
        return _not_done(row, now=now)
    clear = replace(unasked(_counted(row, status=status, code=code, paid=paid, at=shown.read_at)), asked_among=None)
    written = Finding(row.order_number, "written", _asked_of(row) | {"by": "read"})
    if overruled:
        stood = replace(clear, sent_status_id=row.asked_status_id, sent_status_at=row.confirmed_at, overruled_at=now)
        detail = {"status_id": shown.status_id, "instead_of": row.want_status_id}
        stood = replace(stood, confirm_by=row.confirm_by if stood.unconfirmed else None)
        return stood, [written, Finding(row.order_number, "overruled", detail)]
    return clear, [written]


def rests_until(row: Row) -> datetime:
    """Return when a read may begin that settles the doubt of a row."""
    if row.asked_at is None:
        raise ValueError(f"{row.order_number} is not in doubt")
    return max(row.asked_at + LANDS_WITHIN, row.due_at or row.asked_at + LEAVES_WITHIN + LANDS_WITHIN)


def _counted(row: Row, *, status: bool, code: bool, paid: bool, at: datetime) -> Row:
    """Count these of what was asked as sent, as of the answer or of the read that shows them."""
    if status and row.asked_status_id is not None:
        row = replace(row, sent_status_id=row.asked_status_id, sent_status_at=at)
    if code and row.asked_tracking_code is not None:
        row = replace(row, sent_tracking_code=row.asked_tracking_code, sent_tracking_at=at)
    if paid and row.asked_paid_date is not None:
        row = replace(row, sent_paid_date=row.asked_paid_date, sent_paid_at=at)
    return row


def _dropped(row: Row, shown: Shown) -> tuple[Row, list[Finding]]:
    """Find, once a sending, that the shop took something and shows something else, by a read well after it.

    A status that was not there when ours was decided on is the shop's own later word; what it lacks beside that was
    dropped all the same.
    """
    sent_at = row.sent_at
    if sent_at is None or row.in_doubt or row.confirm_by is None or shown.deleted:
        return row, []
    lacks = lacking(row, shown)
    if not lacks or shown.read_at < sent_at + LANDS_WITHIN:
        return row, []
    is_later = "status_id" in lacks and shown.status_id != row.based_on_status_id
    told: list[tuple[What, list[str]]] = [("dropped", lacks)]
    if is_later:
        told = [("overruled", ["status_id"]), ("dropped", [each for each in lacks if each != "status_id"])]
    detail = {"status_id": shown.status_id, "sent_status_id": row.sent_status_id}
    findings = [Finding(row.order_number, what, {"lacks": each, **detail}) for what, each in told if each]
    return replace(row, confirm_by=None), findings


def echoed(row: Row, shown: Shown | None, status_id: int, *, now: datetime) -> tuple[Row, bool, list[Finding]]:
    """Take in a webhook that names a status; say whether it tells no more than what we wrote ourselves.

    It may come before the answer to the call, several times, or once more for a late code. It confirms the status and
    what went in the same call; what went in a call of its own, before it or after, is confirmed by a read.
    """
    if row.in_doubt and status_id == row.asked_status_id:
        return _shown_in_doubt(row, now), True, []
    if row.sent_status_at is None or status_id != row.sent_status_id:
        return row, False, []
    if "status_id" not in row.unconfirmed:
        return row, bool(row.unconfirmed) or shown is None or shown.read_at < row.sent_status_at, []
    confirmed = _echo_confirms(row, now=now)
    if confirmed.unconfirmed:
        return confirmed, True, []
    confirmed = replace(confirmed, confirm_by=None)
    return confirmed, True, [Finding(row.order_number, "confirmed", {"status_id": status_id, "by": "webhook"})]


def read_again_at(row: Row, now: datetime) -> datetime:
    """Return when to ask again for a row in doubt that an answer lacked: soon, then after as long as it has waited."""
    waited = now - (row.asked_at or now)
    return now + min(max(LANDS_WITHIN, waited), LONGEST_WAIT)


def confirm_again_by(row: Row, now: datetime) -> datetime:
    """Return when to look once more for a receipt that is late: after as long as it was waited for, a day at most."""
    return now + min(max(CONFIRM_WITHIN, now - (row.sent_at or now)), LONGEST_WAIT)


def _asked_of(row: Row) -> dict[str, object]:
    paid_date = row.asked_paid_date and row.asked_paid_date.isoformat()
    told = {"status_id": row.asked_status_id, "tracking_code": row.asked_tracking_code, "paid_date": paid_date}
    detail: dict[str, object] = {name: value for name, value in told.items() if value is not None}
    if row.asked_status_id is not None:
        detail |= {"mail": row.asked_mail, "sms": row.asked_sms}
    return detail
