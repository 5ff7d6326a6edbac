"""A carrier that wants time between two calls gets it, from all threads and adapters of one login."""

from datetime import UTC, datetime

import httpx
import pytest

from carriers import pace, registry
from carriers.base import Account
from carriers.errors import CarrierRefused
from carriers.pace import Gap
from carriers.packeta import Packeta
from carriers.ppl import Ppl

GIVEN = {"client_id": "shop"}
ACCOUNT = Account("https://pace.example.com", {"client_secret": "s"}, GIVEN)


def test_calls_are_kept_apart_and_a_late_one_waits_for_nobody() -> None:
    at, began = [5.0], list[float]()
    gap = Gap(0.04, clock=lambda: at[0])

    for pause in (0.0, 0.0, 0.01, 0.5):
        at[0] += pause
        gap.keep(lambda seconds: at.__setitem__(0, at[0] + seconds))
        began.append(at[0])

    assert began == pytest.approx([5.0, 5.04, 5.08, 5.58])


def test_adapters_of_one_login_keep_one_gap_and_those_of_another_their_own() -> None:
    here = pace.of(Ppl, ACCOUNT)

    assert pace.of(Ppl, Account(ACCOUNT.base_url, {"client_secret": "new"}, GIVEN)) is here
    assert pace.of(Ppl, Account(ACCOUNT.base_url, ACCOUNT.secrets, {"client_id": "other"})) is not here


def test_an_opened_adapter_rests_between_its_calls_where_its_carrier_wants_that() -> None:
    naps: list[float] = []
    client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(400)))
    ppl = registry.opened("ppl", ACCOUNT, client=client, now=lambda: datetime.now(UTC), nap=naps.append)

    for _ in range(9):
        with pytest.raises(CarrierRefused):
            ppl.test()

    assert naps
    assert max(naps) <= Ppl.gap_s
    assert pace.kept(Packeta, ACCOUNT, send := lambda *_: None, nap=naps.append) is send
