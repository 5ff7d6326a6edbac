"""What a channel is told: one message for all that it is owed, in words for people and as JSON for machines.

It names shops, causes and order numbers, never a customer, an address or a credential.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from service import db, problems, tenants, words
from service.alarms import Channel, Owed, Owes
from service.problems import Cause, Problem
from service.words import Language, Words

SHOWN = 40  # alarms in words; more are counted
NAMED = 10  # orders of one


@dataclass(frozen=True)
class Message:
    """What is said of all alarms at once; the same `key` again says the same."""

    key: str
    subject: str
    text: str
    html: str
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One alarm with what is known of it now."""

    owed: Owed
    shop: str
    count: int
    numbers: Sequence[str]
    taken_by: str | None


def compose(conn: db.Conn, channel: Channel, due: Sequence[Owed], *, footer: str, now: datetime) -> Message:
    """Return the message about these alarms. The transaction must see every tenant."""
    spoken = words.language(channel.language or tenants.language(conn, due[0].tenant_id))
    said = words.IN[spoken]
    lines = _lines(conn, due)
    blocks = [_block(line, spoken, said) for line in lines[:SHOWN]]
    if len(lines) > SHOWN:
        blocks.append([said["mail_more"].format(count=len(lines) - SHOWN)])
    key = hashlib.sha256("\n".join(_key(channel, each) for each in due).encode()).hexdigest()[:32]
    return Message(
        key=key,
        subject=_subject(lines, said),
        text="\n\n".join("\n".join(block) for block in [*blocks, [footer]]),
        html=_html(blocks, footer, spoken),
        told={"id": key, "at": _stamp(now), "alarms": [_told(line) for line in lines]},
    )


def _lines(conn: db.Conn, due: Sequence[Owed]) -> list[Line]:
    lines: list[Line] = []
    for tenant_id in sorted({each.tenant_id for each in due}):
        tenant = tenants.of(conn, tenant_id)
        shop = (tenant and tenant.shop_name) or tenant_id
        sizes = problems.sizes(conn, tenant_id)
        for each in (each for each in due if each.tenant_id == tenant_id):
            cause = Cause(each.cause)
            oldest = problems.open_ones(conn, tenant_id, most=NAMED, causes=[cause])
            lines.append(_line(each, shop, oldest, orders=sizes[cause].orders if cause in sizes else 0))
    return lines


def _line(owed: Owed, shop: str, oldest: Sequence[Problem], *, orders: int) -> Line:
    numbers = [one.order_number for one in oldest if one.order_number]
    for one in oldest:
        numbers += [str(number) for number in one.detail.get("orders", [])]
    taken = next((one.taken_by for one in oldest if one.taken_by), None)
    return Line(owed, " ".join(shop.split()), orders, numbers[:NAMED], taken)


def _block(line: Line, spoken: Language, said: Words) -> list[str]:
    """Return a headline, the orders, and what to do."""
    alarm, cause = line.owed.alarm, said[f"cause_{line.owed.cause}"]
    if alarm.owes is Owes.OVER:
        return [f"{line.shop}: {said['mail_over'].format(cause=cause)}"]
    time = words.moment(alarm.begun_at, spoken)
    if alarm.over_at is not None:
        return [f"{line.shop}: {said['mail_blip'].format(cause=cause, time=time)}"]
    if alarm.owes is Owes.STILL:
        cause = said["mail_still"].format(cause=cause, time=time)
    block = [f"{line.shop}: {cause}"]
    if line.numbers:
        more = said["mail_more"].format(count=line.count - len(line.numbers))
        named = ", ".join(line.numbers) + (f" ({more})" if line.count > len(line.numbers) else "")
        block.append(f"{said['stuck_column']}: {named}")
    return [*block, f"{said['problem_to_do']}: {said[f'do_{line.owed.cause}']}"]


def _subject(lines: Sequence[Line], said: Words) -> str:
    if len(lines) > 1:
        return said["mail_alarms_subject"].format(count=len(lines))
    [line] = lines
    cause = said[f"cause_{line.owed.cause}"]
    over = line.owed.alarm.owes is Owes.OVER
    return said["mail_alarm_subject"].format(
        shop=line.shop, cause=said["mail_over"].format(cause=cause) if over else cause
    )


def _html(blocks: Sequence[Sequence[str]], footer: str, spoken: Language) -> str:
    parts = [
        f"<p><strong>{escape(head)}</strong>{''.join(f'<br>{escape(line)}' for line in rest)}</p>"
        for head, *rest in blocks
    ]
    return page("".join(parts) + f"<p>{escape(footer)}</p>", spoken)


def page(content: str, spoken: Language) -> str:
    """Return the least a mail's HTML may be."""
    return f'<!doctype html><html lang="{spoken}"><head><meta charset="utf-8"></head><body>{content}</body></html>'


def _told(line: Line) -> dict[str, Any]:
    alarm = line.owed.alarm
    return {
        "state": alarm.owes,
        "cause": line.owed.cause,
        "tenant": line.owed.tenant_id,
        "shop": line.shop,
        "since": _stamp(alarm.begun_at),
        "over": _stamp(alarm.over_at) if alarm.over_at else None,
        "count": line.count,
        "orders": list(line.numbers),
        "taken_by": line.taken_by,
        "do": words.EN[f"do_{line.owed.cause}"],
    }


def _key(channel: Channel, owed: Owed) -> str:
    alarm = owed.alarm
    return "/".join(map(str, (channel.channel_id, owed.tenant_id, owed.cause, alarm.owes, alarm.since, alarm.begun_at)))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
