"""Of orders in one parcel each hears of the payment whose COD the parcel collected, and no other."""

from service import mappings
from service.flows import remit
from service.mappings import Answers
from service.offers.told import CASH_ON_DELIVERY
from service.tracking import payments
from tests.web.gate import Gate, change, merge

HEAD = "number;amount;currency;date\n"


def tells(gate: Gate) -> None:
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        given = mappings.of(conn, gate.at.tenant)
        answers = Answers(given.release, given.targets, None, None, given.tracking, given.names, tells_paid=True)
        mappings.save(conn, gate.at.tenant, answers, now=gate.at.town.watch())


def owes(gate: Gate, number: str, *, is_cod: bool) -> None:
    """Let an order be paid on delivery, or be paid by card already."""
    payment = gate.at.shop.shop.orders[number].record["payment"]
    payment["type"] = CASH_ON_DELIVERY if is_cod else "gopay"
    change(gate, number, paid_date=None if is_cod else "2026-02-20", order_total=500)


def books(gate: Gate, leading: str, other: str) -> None:
    """Have the label of a parcel made in which both orders go."""
    [result] = gate.told(gate.item(leading, with_orders=[other]))
    assert result["status"] == 201, result
    gate.at.work(30)


def pays(gate: Gate, leading: str) -> None:
    """Let the carrier's list tell of the money of a parcel, and the shop be written to."""
    [booking] = gate.booked(leading)
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        known = payments.of_bookings(conn, gate.at.tenant, [booking.booking_id])[booking.booking_id]
    minor, currency = known.amount
    line = f"{gate.at.numbers(booking.booking_id)[0]};{minor / 100:.2f};{currency};{today(gate)}"
    assert remit.run(gate.at.town.rig, gate.at.tenant, "ppl", (HEAD + line).encode()).new == 1
    gate.at.shop.after(5)


def today(gate: Gate) -> str:
    return f"{gate.at.town.watch():%Y-%m-%d}"


def shown(gate: Gate, number: str) -> str | None:
    """Return the day on which the shop says that an order was paid."""
    told = gate.at.shop.shop.orders[number].record["paid_date"]
    return told and told[:10]


def test_a_payment_for_both_orders_of_a_parcel_is_told_to_both(gate: Gate) -> None:
    first, second = merge(gate)
    owes(gate, first, is_cod=True)
    owes(gate, second, is_cod=True)
    tells(gate)
    books(gate, first, second)

    pays(gate, first)

    assert (shown(gate, first), shown(gate, second)) == (today(gate), today(gate))


def test_a_payment_for_the_order_that_goes_along_is_told_to_that_one_alone(gate: Gate) -> None:
    first, second = merge(gate)
    owes(gate, first, is_cod=False)
    owes(gate, second, is_cod=True)
    tells(gate)
    books(gate, first, second)

    pays(gate, first)

    assert (shown(gate, first), shown(gate, second)) == ("2026-02-20", today(gate))


def test_an_order_that_owed_nothing_when_it_was_booked_is_not_told_of_though_it_is_unpaid_by_now(gate: Gate) -> None:
    first, second = merge(gate)
    owes(gate, first, is_cod=True)
    owes(gate, second, is_cod=False)
    tells(gate)
    books(gate, first, second)
    owes(gate, second, is_cod=True)

    pays(gate, first)

    assert (shown(gate, first), shown(gate, second)) == (today(gate), None)
