"""Logins with carriers as the merchant sees them: whose, how each does in words, what waits, and the form of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from carriers import registry
from service import bookings, contracts, db, tenants
from service.contracts import Breaker, Contract
from service.lanes import Lane, TenantId
from service.steps.logins import Said
from service.web.words import Language, Words
from service.words import moment


@dataclass(frozen=True)
class State:
    """How a login does: a word, what more is to be said, and the carrier's own words where it fails."""

    mark: str  # done, failed, retrying or waiting, as the style knows them
    word: str
    details: Sequence[str] = ()
    why: str | None = None


@dataclass(frozen=True)
class Login:
    """One login; `counts`: it is the one the shop ships with, `own`: its merchant entered it.

    `address`: where the carrier may tell of parcels by itself, empty where it does not; its owner alone sees it.
    """

    contract_id: str
    scope: str
    own: bool
    counts: bool
    state: State
    waiting: str
    address: str


@dataclass(frozen=True)
class Field:
    """One field of the form; a secret shows nothing but whether one is kept."""

    name: str
    label: str
    value: str
    secret: bool
    kept: bool
    needed: bool


@dataclass(frozen=True)
class Card:
    """One carrier."""

    code: str
    name: str
    gap: str
    logins: Sequence[Login]
    fields: Sequence[Field]
    switches: Sequence[tuple[str, str, bool]]
    base_url: str
    usual_url: str
    over_all: int
    over_shop: int
    for_all: bool


@dataclass(frozen=True)
class Typed:
    """What was typed into the form of one carrier, secrets left out."""

    code: str
    values: Mapping[str, str]
    switches: frozenset[str]
    base_url: str
    for_all: bool


@dataclass(frozen=True)
class Carriers:
    """All that the page shows."""

    shop_name: str | None
    has_account: bool
    cards: Sequence[Card]


def look(  # whose, in which words, and what is about to be entered
    conn: db.Conn,
    tenant_id: TenantId,
    language: Language,
    words: Words,
    *,
    typed: Typed | None,
    address: Callable[[str], str],
    now: datetime,
) -> Carriers:
    """Return what the page shows now; `address`: where a carrier tells of the parcels of a contract."""
    shop = tenants.of(conn, tenant_id)
    account_id = shop.account_id if shop else None
    own = contracts.of_account(conn, account_id) if account_id else []
    own = [each for each in own if each.tenant_id in (None, tenant_id)]
    counting = contracts.usable(conn, tenant_id)
    every = {each.contract_id: each for each in (*own, *counting.values())}
    failing = contracts.standing(conn, [*every], Lane.BOOK)
    waiting = bookings.unbooked(conn, tenant_id)
    cards: list[Card] = []
    for code in sorted(registry.PROVEN, key=lambda code: words[f"carrier_{code}"].casefold()):
        mine = [each for each in every.values() if each.carrier == code]
        logins = [
            Login(
                contract_id=each.contract_id,
                scope=words["login_shop" if each.tenant_id else "login_all"],
                own=each.account_id == account_id,
                counts=counting.get(code) == each,
                state=state(each, failing.get(each.contract_id), words, language, now=now),
                waiting=words["login_waiting"].format(count=count)
                if (count := waiting.get(each.contract_id, 0))
                else "",
                address=address(each.contract_id) if each.account_id == account_id and pushes(code) else "",
            )
            for each in mine
        ]
        edited = [each for each in mine if each.account_id == account_id]
        cards.append(card(code, logins, edited, words, typed if typed and typed.code == code else None))
    return Carriers(shop.shop_name if shop else None, account_id is not None, cards)


def pushes(code: str) -> bool:
    """Say whether a carrier tells of parcels by itself."""
    return registry.ADAPTERS[code].able.pushes


def card(code: str, logins: Sequence[Login], own: Sequence[Contract], words: Words, typed: Typed | None) -> Card:
    """Return the card of a carrier; its form holds the merchant's own login that is nearest to the shop."""
    adapter = registry.ADAPTERS[code]
    known = next((each for each in sorted(own, key=lambda each: each.tenant_id is None)), None)
    values: Mapping[str, str] = typed.values if typed else known.given if known else {}
    switches = typed.switches if typed else known.switches if known else frozenset[str]()
    usual = registry.address(code, values) or ""
    stands = known.base_url if known and known.base_url != registry.address(code, known.given) else ""
    return Card(
        code=code,
        name=words[f"carrier_{code}"],
        gap=words.get(f"gap_{code}", ""),
        logins=logins,
        fields=[
            Field(
                name,
                words[f"given_{code}_{name}"],
                "" if name in adapter.secret else values.get(name, ""),
                name in adapter.secret,
                name in adapter.secret and known is not None,
                name in adapter.needs,
            )
            for name in (*adapter.needs, *adapter.may_give)
        ],
        switches=[(name, words[f"switch_{code}_{name}"], name in switches) for name in sorted(adapter.able.unproven)],
        base_url=typed.base_url if typed else stands,
        usual_url=usual,
        over_all=next((each.revision for each in own if each.tenant_id is None), 0),
        over_shop=next((each.revision for each in own if each.tenant_id is not None), 0),
        for_all=typed.for_all if typed else known is None or known.tenant_id is None,
    )


def state(each: Contract, breaker: Breaker | None, words: Words, language: Language, *, now: datetime) -> State:
    """Put into words how a carrier does under a login: what came last counts, a test or the work itself."""
    tested = words["login_tested_at"].format(time=moment(each.tested_at, language)) if each.tested_at else ""
    rests = breaker.rests_until if breaker else None
    again = [words["login_again"].format(time=moment(rests, language))] if rests and rests > now else []
    since = breaker.failing_since if breaker else None
    is_later = since is not None and (each.tested_at is None or each.test_said != Said.WORKS or since > each.tested_at)
    if breaker and since and is_later:
        return State("failed", words["login_fails"].format(time=moment(since, language)), again, breaker.why)
    if breaker and again:
        return State("retrying", words["login_rests"], again, breaker.why)
    if not each.test_said:
        return State("waiting", words["login_untested"])
    mark = {Said.WORKS: "done", Said.BUSY: "waiting", Said.UNREACHABLE: "waiting"}.get(Said(each.test_said), "failed")
    return State(mark, words[f"login_{each.test_said}"], [tested])
