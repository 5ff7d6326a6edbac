"""Weigh what may be packed and tell the warehouses what moved: always in the transaction of whatever moved it.

Call it after the mirror, and after shipments: it reads what stands and compares it with what was told last. A shop that
is only observed offers nothing, its history nothing but what a person releases by hand; what a shop had released before
it was switched back or uninstalled is stopped.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from service import db, inbox, journal, mappings, offers, orders, problems, shipments, tenants
from service.inbox import Hint
from service.journal import Entry, Kind
from service.kit.mirroring import State
from service.lanes import Lane, TenantId
from service.mappings import Given
from service.offers import Facts, Offer, Reason, Shown, Terms, told
from service.orders import Taken
from service.problems import Cause
from service.steps import statuses

GONE_BEFORE = frozenset({Reason.CANCELLED, Reason.DELETED})  # it was known when it left
MATTERS = frozenset({"new", "changed", "revived"})  # what a read may mean that a verdict could hang on


def weigh(conn: db.Conn, tenant_id: TenantId, touched: Mapping[str, Sequence[str]], *, now: datetime) -> None:
    """Weigh orders anew; with each number stand the fields a warehouse now sees differently, if any."""
    if touched:
        _weigh(conn, tenant_id, touched, now=now)


def weigh_read(conn: db.Conn, tenant_id: TenantId, taken: Sequence[Taken], *, now: datetime) -> None:
    """Weigh the orders of a page that was just mirrored."""
    if read := [each for each in taken if each.what in MATTERS]:
        _weigh(conn, tenant_id, {each.order_number: _differences(each) for each in read}, now=now)


def _differences(taken: Taken) -> Sequence[str]:
    return told.differences(taken.before, taken.after) if taken.changes else ()


def release_by_hand(conn: db.Conn, tenant_id: TenantId, numbers: Collection[str], *, now: datetime) -> None:
    """Let a person's word stand against the age of these orders, for good; nothing else is waived."""
    if numbers:
        _weigh(conn, tenant_id, dict.fromkeys(numbers, ()), now=now, by_hand=frozenset(numbers))
        offers.mark_by_hand(conn, tenant_id, list(numbers))


def acknowledged(conn: db.Conn, tenant_id: TenantId, number: str, *, revision: int, now: datetime) -> Shown | None:
    """Note that the warehouse has this revision and return the order as it is offered then.

    None: there is no such order. When another revision is the present one, the order comes back not acknowledged. What
    follows a stop is decided here. Acknowledging twice is the same as once, also when that was decided meanwhile.
    """
    offers.hold(conn, tenant_id)
    if offers.ack(conn, tenant_id, number, revision=revision):
        weigh(conn, tenant_id, {number: ()}, now=now)
    return shown(conn, tenant_id, number)


def shown(conn: db.Conn, tenant_id: TenantId, number: str) -> Shown | None:
    """Return one order as a warehouse may see it now; of history and of a shop that is only observed, why not.

    A stop is seen in any case: a shop that was switched back, or left, takes back what it had released.
    """
    found = offers.one(conn, tenant_id, number)
    if found is None:
        return None
    given = mappings.of(conn, tenant_id)
    if found.offer.revision and (given.live or found.offer.state is offers.State.STOP):
        return found
    [facts] = _facts(conn, tenant_id, [number], {}).values()
    reason = offers.release(facts, _terms(conn, tenant_id, given)) or Reason.HISTORY
    return replace(found, offer=replace(found.offer, state=offers.State.HELD, reason=reason, changed=()), content=None)


def terms_of(given: Given) -> Terms:
    """Return the part of the mapping that is about releasing."""
    return Terms(given.live, given.release, given.release_from, given.history_until)


def barred(conn: db.Conn, tenant_id: TenantId, given: Given) -> Reason | None:
    """Return why nothing of a shop may be packed, whatever its orders are; None when that is up to them."""
    if given.live:
        return None
    return Reason.UNINSTALLED if tenants.has_left(conn, tenant_id) else Reason.OBSERVED


def _terms(conn: db.Conn, tenant_id: TenantId, given: Given) -> Terms:
    return replace(terms_of(given), left=barred(conn, tenant_id, given) is Reason.UNINSTALLED)


def verdicts(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], terms: Terms) -> dict[str, Reason | None]:
    """Return what would become of orders on these terms (None: released), to be looked at before a shop goes live."""
    known = offers.known(conn, tenant_id, numbers)
    facts = _facts(conn, tenant_id, numbers, known)
    return {number: offers.release(each, terms) for number, each in facts.items()}


def _weigh(
    conn: db.Conn,
    tenant_id: TenantId,
    touched: Mapping[str, Sequence[str]],
    *,
    now: datetime,
    by_hand: frozenset[str] = frozenset(),
) -> None:
    offers.hold(conn, tenant_id)  # before anything is read, answers too: two verdicts about one order must not cross
    given = mappings.of(conn, tenant_id)
    known = offers.known(conn, tenant_id, touched)
    weighed = [number for number in touched if given.live or _may_be_packed(known.get(number))]
    facts = _facts(conn, tenant_id, weighed, known, by_hand=by_hand)
    terms = _terms(conn, tenant_id, given)
    moved: list[Offer] = []
    for number, each in facts.items():
        reason = offers.release(each, terms)
        if reason is Reason.HISTORY and number not in known:
            continue
        if offer := offers.move(known.get(number), reason, touched[number], number=number):
            moved.append(replace(offer, by_hand=each.by_hand))
    offers.put(conn, tenant_id, moved, now=now)
    journal.write(conn, tenant_id, [_entry(offer, known.get(offer.order_number), now=now) for offer in moved])
    aged = [offer.order_number for offer in moved if offer.reason is Reason.AGED]
    inbox.hint(conn, tenant_id, Lane.REFRESH_ORDERS, [Hint(each, urgent=True, due_at=now) for each in aged], now=now)
    _look_behind(conn, tenant_id, facts, known, now=now)


def _may_be_packed(offer: Offer | None) -> bool:
    """Say whether a warehouse may have an order on its line: it was released, or stopped and not let go since."""
    return offer is not None and offer.state is not offers.State.HELD


def _facts(
    conn: db.Conn,
    tenant_id: TenantId,
    numbers: Sequence[str],
    known: Mapping[str, Offer],
    *,
    by_hand: frozenset[str] = frozenset(),
) -> dict[str, Facts]:
    """Gather what is known of orders; one we never mirrored is left out."""
    types = statuses.types(conn, tenant_id)
    left = shipments.shipped(conn, tenant_id, numbers)
    return {
        number: Facts(
            order_number=number,
            live=order.state is State.LIVE,
            deleted=order.state is State.DELETED,
            delete_told=order.delete_told,
            status_id=order.status_id,
            status_type=None if order.status_id is None else types.get(order.status_id),
            paid=order.paid,
            cod=order.payment_type == told.CASH_ON_DELIVERY,
            creation_time=order.creation_time,
            by_hand=number in by_hand or (number in known and known[number].by_hand),
            shipped=number in left,
            masked=order.masked,
        )
        for number, order in sorted(orders.standing(conn, tenant_id, numbers).items())
    }


def _entry(offer: Offer, before: Offer | None, *, now: datetime) -> Entry:
    detail: dict[str, object] = {"state": offer.state.value, "reason": offer.reason, "revision": offer.revision}
    if offer.changed:
        detail["changed"] = list(offer.changed)
    if before and before.state is offers.State.STOP and not before.unheard:
        detail["acked"] = before.acked_revision
    return Entry(now, Kind.OFFERED, offer.order_number, detail)


def _look_behind(
    conn: db.Conn, tenant_id: TenantId, facts: Mapping[str, Facts], known: Mapping[str, Offer], *, now: datetime
) -> None:
    """Tell a person when the shop cancels or deletes what had left before, and no more when it took that back."""
    left = {number for number, each in facts.items() if number in known and each.shipped}
    gone = sorted(number for number in left if facts[number].gone and known[number].reason not in GONE_BEFORE)
    for number in gone:
        problems.note(conn, tenant_id, Cause.CANCELLED_AFTER_SHIPPED, now=now, order_number=number)
    if over := sorted(left.difference(gone)):
        problems.settle(conn, tenant_id, Cause.CANCELLED_AFTER_SHIPPED, now=now, order_numbers=over)
