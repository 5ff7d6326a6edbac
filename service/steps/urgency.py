"""How soon who is told of which cause: a table, and nothing else.

At once means within a second, and minutes after the last message to the same channel at most. A merchant's `daily` ones
stand in his daily mail.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.alarms import Channel, Pace, Wishes
from service.problems import OPERATORS_OWN, Cause


class Paces(NamedTuple):
    """How soon the operators and an account are told."""

    operators: Pace
    accounts: Pace


AT_ONCE, HOURLY, DAILY, NEVER = Pace.AT_ONCE, Pace.HOURLY, Pace.DAILY, Pace.NEVER

CLASSES: Mapping[Cause, Paces] = {
    Cause.ADDON_BLOCKED: Paces(AT_ONCE, NEVER),
    Cause.CHANNEL_FAILING: Paces(AT_ONCE, NEVER),
    Cause.NOT_CONFIRMED: Paces(AT_ONCE, AT_ONCE),  # our own part, so ours to look at first
    Cause.NOT_ACKED: Paces(HOURLY, AT_ONCE),
    Cause.WEBHOOKS_SILENT: Paces(HOURLY, AT_ONCE),
    Cause.CARRIER_DOWN: Paces(HOURLY, AT_ONCE),
    Cause.CARRIER_REFUSES: Paces(HOURLY, AT_ONCE),
    Cause.LABEL_UNCLEAR: Paces(HOURLY, AT_ONCE),
    Cause.LABEL_NOT_TAKEN_BACK: Paces(DAILY, AT_ONCE),
    Cause.PARCEL_STRAY: Paces(DAILY, AT_ONCE),
    Cause.HANDOVER_DUE: Paces(DAILY, AT_ONCE),  # they leave tonight with labels nobody knows
    Cause.HANDOVER_PARKED: Paces(DAILY, AT_ONCE),  # a day's parcels stand in the warehouse
    Cause.LABEL_REFUSED: Paces(NEVER, DAILY),  # the warehouse is told at once, by its own system
    Cause.PARCEL_BACK: Paces(NEVER, DAILY),  # the merchant's own part, and his warehouse's
    Cause.COD_OVERDUE: Paces(NEVER, DAILY),
    Cause.COD_DIFFERS: Paces(NEVER, DAILY),
    Cause.POINTS_REFUSED: Paces(HOURLY, DAILY),
    Cause.WRITE_REFUSED: Paces(HOURLY, DAILY),
    Cause.SILENT_DROP: Paces(HOURLY, DAILY),
    Cause.SHIPPED_THOUGH_HELD: Paces(DAILY, DAILY),
    Cause.CANCELLED_AFTER_SHIPPED: Paces(DAILY, DAILY),
    Cause.VOIDED_AFTER_WRITTEN: Paces(DAILY, DAILY),
    Cause.STATUS_NEW: Paces(DAILY, DAILY),
    Cause.STATUS_RENAMED: Paces(DAILY, DAILY),
    Cause.STATUS_GONE: Paces(DAILY, DAILY),
    Cause.OVERRULED: Paces(DAILY, NEVER),  # nothing a merchant has to do
    Cause.NO_ECHO: Paces(DAILY, NEVER),
}


def for_merchants(cause: Cause) -> bool:
    """Say whether a merchant hears of a cause by mail."""
    return CLASSES[cause].accounts is not NEVER


def pace(channel: Channel, cause: Cause, wishes: Wishes) -> Pace:
    """Return how soon a channel hears of a cause at a shop whose merchant has these wishes."""
    usual = CLASSES[cause].accounts if channel.account_id else CLASSES[cause].operators
    if channel.account_id and cause in OPERATORS_OWN:
        return Pace.NEVER
    if channel.own_mail:
        return usual if wishes.urgent and usual is Pace.AT_ONCE else Pace.NEVER
    return channel.paces.get(cause.value, usual)
