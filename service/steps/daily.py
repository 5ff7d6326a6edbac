"""A merchant's daily mail: how the shop is doing, what is wrong, which orders do not move, and what to do about it.

There is none on a day on which nothing is wrong and every order moves, and none when all of that has stood for more
than a week: who knows it and lets it be is not reminded for ever. It names orders by their numbers, no customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlsplit

from service import accounts, db, offers, outbox, problems, tenants, tracking, words
from service.lanes import TenantId
from service.offers import State
from service.outbox import Heap, Stuck, Where
from service.problems import Cause, Problem
from service.steps import urgency
from service.steps.letters import page
from service.words import Language, Words

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
STILL_FOR = timedelta(hours=2)  # what stands still for less is just on its way
HELD_FOR = timedelta(days=1)  # a merchant who releases in the morning what was paid for at night needs no mail
SHOWN_PROBLEMS = 20
SHOWN_ORDERS = 20  # of each place


@dataclass(frozen=True)
class Daily:
    """The mail in words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: Sequence[str]


def compose(conn: db.Conn, tenant_id: TenantId, *, support: tuple[str, str], now: datetime) -> Daily | None:
    """Return the mail of this morning; None when there is nothing to say. `support`: phone and e-mail."""
    causes = [cause for cause in Cause if urgency.for_merchants(cause)]
    standing = problems.open_ones(conn, tenant_id, most=SHOWN_PROBLEMS, causes=causes, latest_first=True)
    heaps = standing_still(conn, tenant_id, now=now)
    begun = [*(each.first_at for each in standing), *(heap.newest for heap in heaps.values())]
    if all(at <= now - WEEK for at in begun):
        return None
    spoken = words.language(tenants.language(conn, tenant_id))
    said = words.IN[spoken]
    tenant = tenants.of(conn, tenant_id)
    shop = " ".join(((tenant and tenant.shop_name) or tenant_id).split())
    sections = [_counted(conn, tenant_id, said, now=now)]
    if standing:
        size = sum(each.problems for cause, each in problems.sizes(conn, tenant_id).items() if cause in causes)
        sections.append(Section(said["problems"], _problems(standing, size, spoken, said)))
    for where, heap in heaps.items():
        sections.append(Section(f"{said[f'stuck_{where}']} ({heap.count})", _orders(where, heap, said, now=now)))
    subject = said["mail_daily_subject"].format(shop=shop)
    phone, email = support
    foot = [said["mail_support"].format(phone=phone, email=email), said["mail_stop"]]
    admin = admin_of(conn, tenant_id)
    return Daily(subject, _text(sections, foot, admin, said), _html(sections, foot, admin, spoken))


def standing_still(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> dict[Where, Heap]:
    """Return the orders a merchant is mailed of: for two hours on our way or the warehouse's, for a day on his own."""
    acks = accounts.has_wms(conn, tenant_id)
    of_hours = outbox.stuck(conn, tenant_id, before=now - STILL_FOR, now=now, acks=acks, most=SHOWN_ORDERS)
    if Where.HELD not in of_hours:
        return of_hours
    of_a_day = outbox.stuck(conn, tenant_id, before=now - HELD_FOR, now=now, acks=acks, most=SHOWN_ORDERS)
    later = {where: heap for where, heap in of_hours.items() if where is not Where.HELD}
    return {where: heap for where, heap in of_a_day.items() if where is Where.HELD} | later


def _counted(conn: db.Conn, tenant_id: TenantId, said: Words, *, now: datetime) -> Section:
    states = offers.counts(conn, tenant_id)
    released = sum(count for (state, _), count in states.items() if state is State.RELEASED)
    held = sum(
        count for (state, why), count in states.items() if state is State.HELD and why is not offers.Reason.SHIPPED
    )
    written = outbox.counts(conn, tenant_id, now=now)
    counts = {"mail_released": released, "mail_held": held, "mail_unwritten": written.waits + written.due}
    if let_be := tracking.let_be(conn, tenant_id, since=now - DAY, until=now):
        counts["mail_let_be"] = let_be
    return Section(said["mail_counts"], [f"{said[key]}: {count}" for key, count in counts.items()])


def _problems(latest: Sequence[Problem], size: int, spoken: Language, said: Words) -> list[str]:
    lines: list[str] = []
    for each in latest:
        about = f", {said['problem_order'].format(number=each.order_number)}" if each.order_number else ""
        since = said["problem_since"].format(time=words.moment(each.first_at, spoken))
        lines.append(f"{said[f'cause_{each.cause}']}{about}, {since}. {said[f'do_{each.cause}']}")
    if size > len(latest):
        lines.append(said["mail_more"].format(count=size - len(latest)))
    return lines


def _orders(where: Where, heap: Heap, said: Words, *, now: datetime) -> list[str]:
    lines: list[str] = []
    for each in heap.oldest:
        parts = (each.order_number, words.age(each.since, said, now=now), why_in_words(where, each, said))
        lines.append(", ".join(part for part in parts if part))
    if heap.count > len(lines):
        lines.append(said["mail_more"].format(count=heap.count - len(lines)))
    return lines


def why_in_words(where: Where, each: Stuck, said: Words) -> str:
    """Return why an order stands still; empty when its place says it all."""
    if each.why is None:
        return ""
    return said[f"reason_{each.why}" if where is Where.HELD else f"why_{each.why}"]


def admin_of(conn: db.Conn, tenant_id: TenantId) -> str | None:
    """Return the address of the shop's admin; None of a shop that has none any more."""
    access = tenants.access(conn, tenant_id)
    parts = urlsplit(access.api_url if access else "")
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else None


def _text(sections: Sequence[Section], foot: Sequence[str], admin: str | None, said: Words) -> str:
    blocks = ["\n".join([each.heading, *(f"- {line}" for line in each.lines)]) for each in sections]
    if admin:
        blocks.append(f"{said['mail_admin']}: {admin}")
    return "\n\n".join([*blocks, "\n".join(foot)]) + "\n"


def _html(sections: Sequence[Section], foot: Sequence[str], admin: str | None, spoken: Language) -> str:
    parts = [
        f"<h2>{escape(each.heading)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in each.lines)}</ul>"
        for each in sections
    ]
    if admin:
        parts.append(f'<p><a href="{escape(admin)}">{escape(words.IN[spoken]["mail_admin"])}</a></p>')
    return page("".join(parts) + "".join(f"<p>{escape(line)}</p>" for line in foot), spoken)
