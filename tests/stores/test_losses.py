"""What a look found and a webhook told of after all: only the change that was found takes it back."""

import pytest

from service import inbox
from service.inbox import Loss, Told, What
from tests.shop_items import at

SHOP = "t_one"
FOUND = at(1_000)


def found(conn, what: What, *, known: float | None, changed: float | None) -> None:
    known_at, changed_at = (None if when is None else at(when) for when in (known, changed))
    inbox.note_losses(conn, SHOP, [Loss("O1", what, known_at, None, changed_at, at(990), FOUND)])


def told_at(conn) -> list[object]:
    return [loss.told_at for loss in inbox.losses_of(conn, SHOP, since=at(0))]


@pytest.mark.parametrize(
    ("what", "known", "changed", "told", "is_late"),
    [
        (What.CHANGED, 10, 100, Told("O1", at(100), deletion=False), True),
        (What.CHANGED, 10, 100, Told("O1", at(101), deletion=False), False),
        (What.CHANGED, 10, 100, Told("O2", at(100), deletion=False), False),
        (What.UNREAD, 10, None, Told("O1", at(100), deletion=False), False),  # which change was found nobody knows
        (What.ABSENT, 10, None, Told("O1", at(100), deletion=True), True),
        (What.ABSENT, 10, None, Told("O1", at(100), deletion=False), False),
        (What.ABSENT, 10, None, Told("O1", at(1_001), deletion=True), False),
        (What.UNREAD, 10, None, Told("O1", at(100), deletion=True), False),
    ],
)
def test_only_the_change_that_was_found_is_told_late(conn, what, known, changed, told, is_late: bool) -> None:
    found(conn, what, known=known, changed=changed)

    inbox.told_late(conn, SHOP, [told], now=at(2_000))

    assert told_at(conn) == [at(2_000) if is_late else None]


def test_what_is_told_within_ten_minutes_is_no_loss(conn) -> None:
    found(conn, What.CHANGED, known=10, changed=1_500)

    inbox.told_late(conn, SHOP, [Told("O1", at(1_500), deletion=False)], now=at(2_000))

    assert told_at(conn) == []


def test_it_is_waited_for_while_one_is_young_and_nobody_told_of_it(conn) -> None:
    assert not inbox.awaits_tellings(conn, SHOP, now=at(2_000))
    found(conn, What.ABSENT, known=10, changed=None)
    assert inbox.awaits_tellings(conn, SHOP, now=at(2_000))

    inbox.told_late(conn, SHOP, [Told("O1", at(20), deletion=True)], now=at(2_000))

    assert not inbox.awaits_tellings(conn, SHOP, now=at(2_000))
