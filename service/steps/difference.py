"""Find what a mirror lacks of a closed window by halving it: only what differs is read, not the window again.

Pure: whoever asks the shop and counts the mirror hands in what both say. The oldest window is always the next one, so
the list stays as short as a window can be halved.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from service.kit import clock

SECOND = timedelta(seconds=1)  # stamps are whole seconds: a window this wide cannot be told apart any further
FEW_PAGES = 3  # two more pages cost no more than the first pages of two halves


class Window(NamedTuple):
    """A span of creation times as it stands in a cursor, ISO 8601; both ends belong to it (docs/upgates.md 4.1)."""

    since: str
    until: str


def onward(
    windows: Sequence[Window], *, page: int, pages: int, lacking: bool, shown: Sequence[datetime] = ()
) -> tuple[Sequence[Window], int]:
    """Return which windows are still to compare, and which page of the first one to ask for.

    The answer was page `page` of `pages` of the first window and has been stored. `lacking`: the mirror still holds
    fewer than the shop tells of this window. `shown`: when the orders on the page were created, as they came.
    """
    here, *rest = windows
    if not lacking or page >= pages:
        return rest, 1
    if page > 1 or pages <= FEW_PAGES or is_narrow(here):
        return windows, page + 1
    return [*halves(after(here, shown)), *rest], 1


def after(window: Window, shown: Sequence[datetime]) -> Window:
    """Return the window without what its first page has shown; a page that does not ascend leaves it as it is.

    The second of the last order stays in it: the orders of one second may stand on two pages.
    """
    since, until = map(clock.parse, window)
    ascends = list(shown) == sorted(shown) and since <= min(shown, default=since) < max(shown, default=since) <= until
    return Window(shown[-1].isoformat(), window.until) if ascends else window


def is_narrow(window: Window) -> bool:
    """Say whether a window is too narrow to be halved."""
    since, until = map(clock.parse, window)
    return until - since <= SECOND


def halves(window: Window) -> list[Window]:
    """Split a window; the middle second belongs to both halves, so an end that the shop leaves out loses nothing.

    What is too narrow is returned as it is.
    """
    if is_narrow(window):
        return [window]
    since, until = map(clock.parse, window)
    middle = (since + (until - since) // SECOND // 2 * SECOND).isoformat()
    return [Window(window.since, middle), Window(middle, window.until)]
