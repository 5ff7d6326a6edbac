"""A carrier's list of COD payments is read in: each matched by parcel and variable symbol, the good lines go on."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from service import db, offers
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import paylist, payouts
from service.steps.paylist import MOST_LINES, Bad, Line, Wrong
from service.tracking import Payment, payments

AT_ONCE = 100
FILE = "file"


@dataclass
class Remitted:
    """What came of a file: payments that were new, those that were known, and the lines that cannot stand."""

    new: int = 0
    known: int = 0
    bad: list[Bad] = field(default_factory=list[Bad])


def run(rig: Rig, tenant_id: TenantId, carrier: str, content: bytes, *, most: int = MOST_LINES) -> Remitted:
    """Read a file of at most so many lines in; the same once more changes nothing. Raise paylist.ListUnreadable.

    Only that the shop hears of a payment that was known before its merchant wanted it to: he says it once more.
    """
    lines, bad = paylist.read(content, most=most)
    done = Remitted(bad=bad)
    seen: set[str] = set()
    is_owed = False
    for some in _cut(lines):
        with rig.db.tx(tenant_id) as conn:
            offers.hold(conn, tenant_id)  # as whoever is told of the same money by tracking
            told = [take(conn, rig, tenant_id, carrier, line, done, seen) for line in some]
            is_owed |= payouts.tell_shop(conn, tenant_id, {each for each in told if each}, now=rig.now())
    if is_owed:
        rig.wake(Lane.WRITEBACK, tenant_id)
    done.bad.sort(key=lambda each: each.at)
    return done


def _cut(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    yield from (lines[first : first + AT_ONCE] for first in range(0, len(lines), AT_ONCE))


def take(  # which line, into what, and whose money stood in it before
    conn: db.Conn, rig: Rig, tenant_id: TenantId, carrier: str, line: Line, done: Remitted, seen: set[str]
) -> str | None:
    """Take one line in; return the booking it is about."""
    meant = chosen(matching(conn, tenant_id, carrier, line), line, seen)
    if isinstance(meant, Wrong):
        done.bad.append(Bad(line.at, meant))
        return None
    seen.add(meant.booking_id)
    is_new = payouts.paid(
        conn, tenant_id, meant.booking_id, on=line.on, amount=line.amount, by=FILE, now=rig.now()
    )  # fmt: skip
    if not is_new:
        payments.heard_again(conn, tenant_id, meant.booking_id, now=rig.now())
    done.new += is_new
    done.known += not is_new
    return meant.booking_id


def matching(conn: db.Conn, tenant_id: TenantId, carrier: str, line: Line) -> Sequence[Payment]:
    """Return what was to be collected for the parcel a line names and under its variable symbol, as far as told."""
    bare = (line.symbol or "").lstrip("0")
    if line.number is None:
        return payments.of_symbol(conn, tenant_id, carrier, bare)
    found = payments.of_number(conn, tenant_id, carrier, line.number)
    return [each for each in found if line.symbol is None or each.variable_symbol.lstrip("0") == bare]


def chosen(found: Sequence[Payment], line: Line, seen: Collection[str]) -> Payment | Wrong:
    """Return whose money a line is about, or why nobody knows: pure. `seen`: whose stood in the file before.

    Parcels of one order have one variable symbol: without a number it is the first one whose sum is this very one;
    where parcels of several orders have it, nobody knows. One that is the only one may be paid another sum, which is
    told.
    Shops of one merchant count their orders alike: without a number another currency is another shop's.
    """
    if not found:
        return Wrong.NOT_EXPECTED
    if line.number is None and not (found := _of_symbol(found, line)):
        return Wrong.OTHER_CURRENCY
    left = [each for each in found if each.booking_id not in seen]
    if not left:
        return Wrong.TWICE
    if len(found) == 1:
        return left[0]
    same = [each for each in left if (each.paid_on, each.paid) == (line.on, line.amount)]
    fitting = _fitting(left, line)
    if not same and len({frozenset(each.covers) for each in fitting}) > 1:
        return Wrong.SEVERAL
    is_told = any(each.booking_id in seen and each.amount == line.amount for each in found)
    return next(iter((*same, *fitting)), Wrong.TWICE if is_told else Wrong.SEVERAL)


def _fitting(left: Sequence[Payment], line: Line) -> Sequence[Payment]:
    """Return what a line may pay: of tracking's payments, that tell no sum, first those of its day; then what waits.

    In this order, so that a line of what tracking told of settles no other parcel, whose own money may never come.
    """
    of_sum = [each for each in left if each.amount == line.amount]
    unsaid = [each for each in of_sum if each.paid_on and each.paid is None]
    waiting = [each for each in of_sum if each.paid_on is None and each.over_at is None]
    return [*sorted(unsaid, key=lambda each: each.paid_on != line.on), *waiting]


def _of_symbol(found: Sequence[Payment], line: Line) -> Sequence[Payment]:
    """Return what was to be collected in a line's currency: of one spelt with its zeros what is spelt so, if any is.

    A sheet leaves zeros out and some lists add them, so that one without, or with others, may be any of them.
    """
    same = [each for each in found if each.amount[1] == line.amount[1]]
    spelt = [each for each in same if each.variable_symbol == line.symbol and each.variable_symbol.startswith("0")]
    return spelt or same
