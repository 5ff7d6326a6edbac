"""Where the reading of a shop's history stands, and when its end may be believed.

Pure: a walk is stored as the cursor of its step, and each page says where to go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Self

from service.platform.shapes import Page
from service.steps.difference import Window

ROUNDS = 3  # so often is the window compared when the mirror holds fewer orders than the shop tells


@dataclass(frozen=True)
class Walk:
    """Where a pull stands: the page to read next, and the count the answer before told.

    `unread` are the keys of orders that could not be taken over, `keyless` digests of those without a key.
    `windows` are those still to compare, in round `again`; the page is then one of the first of them.
    """

    page: int = 1
    count: int | None = None
    again: int = 0
    keyless: Sequence[str] = ()
    since: str = ""
    until: str = ""
    newest: str = ""
    unread: Sequence[str] = ()
    windows: Sequence[Window] = ()

    @classmethod
    def stored(cls, cursor: Mapping[str, Any]) -> Self:
        """Return the walk as its cursor tells."""
        told: dict[str, Any] = {**cursor, "windows": [Window(*window) for window in cursor.get("windows", ())]}
        return cls(**told)

    @property
    def window(self) -> Window:
        """The window that is asked for next."""
        return self.windows[0] if self.windows else self.whole

    @property
    def whole(self) -> Window:
        """The window of the pull."""
        return Window(self.since, self.until)


def onward(walk: Walk, *, pages: int, total: int, size: int) -> Walk | None:
    """Return where to read next, or None when two answers in a row agree that this page was the last.

    A count that shrank means that rows slid onto pages already read; one that grew, that the answer before may have
    been short. Both step back by as many pages as rows moved.
    """
    if walk.count is not None and total != walk.count:
        return replace(walk, page=max(1, walk.page - ceil(abs(walk.count - total) / max(size, 1))), count=total)
    if walk.page < pages:
        return replace(walk, page=walk.page + 1, count=total)
    return None if walk.count == total else replace(walk, page=max(1, pages), count=total)


def another_round(walk: Walk) -> Walk | None:
    """Return the begin of the next round of comparing, None after the last one."""
    return replace(walk, page=1, again=walk.again + 1, windows=[walk.whole]) if walk.again < ROUNDS else None


def to_come(walk: Walk | None, *, pages: int) -> int:
    """Return how many answers are still to come as far as is known: pages of this window, one of each other."""
    if walk is None:
        return 0
    turning = walk.page > 1 or not walk.windows
    return (max(1, pages - walk.page + 1) if turning else 1) + len(walk.windows[1:])


def whole(page: Page[Any], *, patient: bool) -> bool:
    """Say whether an answer may be believed: nothing is told that is not there, and only the last page is not full.

    `patient`: an item without a key may have been a fault of this one answer.
    """
    held = len(page.items) + len(page.set_aside)
    return (page.complete or (bool(page.keyless) and not patient)) and (
        page.last or held >= ceil(counted(page) / pages_of(page))
    )


def counted(page: Page[Any]) -> int:
    """Return how many items the list has; without an envelope, as many as came."""
    return len(page.items) + len(page.set_aside) if page.total is None else page.total


def pages_of(page: Page[Any]) -> int:
    """Return how many pages the list has; without an envelope this one is the last (1.9)."""
    return page.current_page if page.pages is None else page.pages
