"""A wish merged into an order's row, field by field: pure. A status never goes back, and a payment is told once."""

from dataclasses import replace
from datetime import datetime

from service.outbox.decide import Row, Want

# How far a parcel got; a status is never written back to an earlier one.
MILESTONES = ("shipped", "pickup_point", "delivered", "returning", "returned")


def merge(row: Row, want: Want) -> Row:
    """Return the row with the wish in it, field by field; the same row when nothing is new.

    News about a parked row is a reason to try again.
    """
    merged = replace(
        _merge_status(row, want),
        want_tracking_code=want.tracking_code,
        want_extra_codes=tuple(want.extra_codes),
        want_paid_date=row.want_paid_date if row.sent_paid_date is not None else want.paid_date,
        asked_extra_codes=tuple(code for code in row.asked_extra_codes if code in want.extra_codes),
    )
    if merged == row:
        return row
    return replace(merged, revision=row.revision + 1, parked=None, tries=0)


def _merge_status(row: Row, want: Want) -> Row:
    """Merge the status with what belongs to it: flags, what it was decided on, how long it waits for a code."""
    if want.status_id is None:
        return _withdrawn(row)
    is_told = row.want_status_id is not None and not row.status_owed
    if is_told and _step(want.milestone) <= _step(row.milestone):
        if not _left_anew(row, want):
            return row  # a milestone is told once, and the shop's own word about it stands
        row = replace(row, sent_status_id=None, sent_status_at=None)
    elif _step(want.milestone) < _step(row.milestone):
        return row
    elif want.milestone == row.milestone and want.status_id == row.want_status_id:
        taken_away = row.want_tracking_code is not None  # before it was sent, so there is one to wait for again
        wait_until = want.wait_until if taken_away else _earlier(row.waits_for_code_until, want.wait_until)
        return replace(row, want_mail=want.mail, want_sms=want.sms, waits_for_code_until=wait_until)
    return replace(
        row,
        milestone=want.milestone,
        want_status_id=want.status_id,
        want_mail=want.mail,
        want_sms=want.sms,
        based_on_status_id=want.based_on_status_id,
        waits_for_code_until=want.wait_until,
        overruled_at=None,
    )


def _withdrawn(row: Row) -> Row:
    """Take back a status that was not sent; one that was stays, for a status never goes back."""
    if row.want_status_id in (None, row.sent_status_id):
        return row
    return replace(
        row,
        milestone=_told_at_most(row),
        want_status_id=row.sent_status_id,
        want_mail=False,
        want_sms=False,
        based_on_status_id=None,
        waits_for_code_until=None,
        overruled_at=None,
    )


def _left_anew(row: Row, want: Want) -> bool:
    """Say whether an order left once more after the shop had been told and had set another status itself.

    That is a new change of its status, and the customer hears of the new parcel, however far the one before it got.
    """
    if row.sent_status_at is None or want.left_at is None or want.shown_at is None:
        return False
    later = min(want.left_at, want.shown_at) > row.sent_status_at
    return later and want.based_on_status_id != row.sent_status_id


def _told_at_most(row: Row) -> str | None:
    """Return the latest milestone the shop may know of when the wanted one is taken back: no other was kept."""
    if row.asked_status_id == row.want_status_id:
        return row.milestone
    if row.sent_status_id is None and row.asked_status_id is None:
        return None
    return MILESTONES[max(0, _step(row.milestone) - 1)]


def _step(milestone: str | None) -> int:
    return MILESTONES.index(milestone) if milestone is not None else -1


def _earlier(known: datetime | None, told: datetime | None) -> datetime | None:
    return min(known, told) if known is not None and told is not None else None
