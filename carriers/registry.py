"""Which adapters there are, and how one is opened for an account."""

from collections.abc import Callable, Mapping

import httpx

from carriers import balikobot, ceska_posta, dpd_cz, gls, pace, ppl, wire
from carriers.balikobot import Balikobot
from carriers.base import Account, Carrier, Now
from carriers.ceska_posta import CeskaPosta
from carriers.dpd_cz import DpdCz
from carriers.gls import Gls
from carriers.packeta import Packeta
from carriers.packeta import calls as packeta
from carriers.ppl import Ppl

ADAPTERS: Mapping[str, type[Carrier]] = {
    adapter.code: adapter for adapter in (Packeta, Ppl, Gls, DpdCz, CeskaPosta, Balikobot)
}

ADDRESSES: Mapping[str, str] = {
    "balikobot": balikobot.PRODUCTION,
    "ceska_posta": ceska_posta.PRODUCTION,
    "dpd_cz": dpd_cz.PRODUCTION,
    "packeta": packeta.PRODUCTION,
    "ppl": ppl.PRODUCTION,
}
"""Where each carrier's API is; that of GLS is another one in every country."""

PROVEN = frozenset({"balikobot", "ceska_posta", "dpd_cz", "gls", "packeta", "ppl"})
"""Whose adapter keeps every truth of the suite; a test holds this to be what the suite shows. No other is offered."""


class AccountIncomplete(Exception):
    """An account lacks what its carrier needs; `lacking` says what, each with what it is."""

    def __init__(self, code: str, lacking: Mapping[str, str]) -> None:
        super().__init__(
            f"the account of {code} lacks {', '.join(f'{name} ({what})' for name, what in lacking.items())}"
        )
        self.lacking = lacking


def address(code: str, given: Mapping[str, str]) -> str | None:
    """Return where a carrier's API is for an account that gives this; None where nobody knows."""
    if code == "gls":
        return gls.PRODUCTION.get(given.get("sender_country", "").upper())
    return ADDRESSES.get(code)


def unasked(code: str, account: Account, now: Now) -> Carrier:
    """Return the adapter of a carrier that is not to be asked anything, for what it says by itself; no login is needed.

    Raise KeyError.
    """
    return ADAPTERS[code](account, _unsent, now)


def _unsent(carrier: str, operation: str, _call: wire.Call) -> wire.Answer:
    raise AssertionError(f"{carrier} was to be asked for {operation} without a login")


def opened(
    code: str, account: Account, *, client: httpx.Client, now: Now, nap: Callable[[float], None] = pace.rest
) -> Carrier:
    """Return the adapter of a carrier for an account; raise AccountIncomplete or KeyError.

    `nap`: how calls that came too early for their carrier wait.
    """
    adapter = ADAPTERS[code]
    lacking = {
        name: what
        for name, what in adapter.needs.items()
        if not (account.secrets if name in adapter.secret else account.given).get(name)
    }
    if lacking:
        raise AccountIncomplete(code, lacking)
    return adapter(account, pace.kept(adapter, account, wire.sender(client), nap=nap), now)
