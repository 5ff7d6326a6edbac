"""A process knows since when it has taken all that came: a refusal or a freeze begins that time anew."""

from datetime import UTC, datetime, timedelta

import pytest

from service.lanes import Lane
from service.web.presence import Presence
from service.web.refusals import Refusals
from tests.web.desk import Desk, at_the_desk

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Watch:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.mark.parametrize("seconds", [61, 3_600, -61])
def test_who_was_frozen_or_whose_clock_was_set_begins_anew(seconds: int) -> None:
    watch = Watch()
    presence = Presence(watch)
    for _ in range(600):
        watch.at += timedelta(seconds=1)
        presence.note()
    assert presence.since == NOON

    watch.at += timedelta(seconds=seconds)
    presence.note()

    assert presence.since == watch.at


@pytest.mark.parametrize("lane", [Lane.REFRESH_ORDERS, Lane.REFRESH_STATUSES, None])
def test_whoever_refused_a_webhook_begins_anew(lane: Lane | None) -> None:
    watch = Watch()
    presence = Presence(watch)
    watch.at += timedelta(seconds=30)

    Refusals(presence).note("t_one", lane, watch.at)

    assert presence.since == watch.at


def test_a_receiver_that_spools_is_present_and_one_that_refuses_is_not(database, tmp_path) -> None:
    async def spools(desk: Desk) -> None:
        began = desk.receiver.presence.since
        desk.db.gate.clear()
        answer = await desk.post(desk.path(), b"spooled")
        assert (answer.status, desk.receiver.presence.since) == (204, began)
        desk.db.gate.set()

    async def refuses(desk: Desk) -> None:
        began = desk.receiver.presence.since
        desk.db.gate.clear()
        answer = await desk.post(desk.path(), b"x" * 2**20)
        assert answer.status == 503
        assert desk.receiver.presence.since > began
        desk.db.gate.set()

    at_the_desk(database.url, tmp_path, spools).db.close()
    at_the_desk(database.url, tmp_path, refuses, spool_bytes=2**20).db.close()
