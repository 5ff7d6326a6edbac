"""Money that carriers collect is paid out, late, or another sum: by what tracking tells, or by a carrier's file."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from carriers.money import Money
from carriers.shipment import Cod
from service.flows import remit
from service.flows.remit import Remitted
from service.problems import Cause
from service.steps import paylist
from service.steps.paylist import Line, ListUnreadable, Wrong
from service.tracking import Paid, Payment, payments
from simulator.carriers.lives import End
from tests.flows.road import Road, road
from tests.lifecycle import START

HEAD = "number;variable symbol;amount;currency;date\n"


def standing(way: Road, booking_id: str) -> Paid:
    return way.payment(booking_id).stands(way.town.watch().date())


def listed(way: Road, stands: Paid) -> list[str]:
    with way.town.rig.db.tx(way.at.tenant) as conn:
        today = way.town.watch().date()
        return [each.booking_id for each in payments.listed(conn, way.at.tenant, stands, today=today, most=10)]


def reads(way: Road, code: str, *lines: str, head: str = HEAD) -> Remitted:
    return remit.run(way.town.rig, way.at.tenant, code, (head + "\n".join(lines)).encode())


@pytest.mark.parametrize("code", ["ppl", "ceska_posta", "balikobot"])
def test_money_that_was_paid_out_is_told_by_tracking_and_then_nothing_is_asked(town, code: str) -> None:
    way = road(town, code)
    [one] = way.sent(code, end=End.HOME, cod=way.at.cod())
    way.on(40, step_h=2)
    assert way.box(one).final_at
    assert (standing(way, one), listed(way, "waiting")) == ("waiting", [one])
    asked = way.calls(code)

    way.on(24 * 4, step_h=4)
    told = way.calls(code)
    way.on(24 * 4, step_h=4)

    assert (standing(way, one), listed(way, "paid")) == ("paid", [one])
    assert 0 < told - asked <= 10  # a day one; PPL lets in anew each time, the Post is asked twice
    assert way.calls(code) == told
    assert way.payment(one).paid_by == "tracking"
    assert way.payment(one).paid is None  # no carrier says how much
    assert way.causes() == set()


def test_money_that_is_late_is_told_once_and_over_once_it_is_paid(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.HOME, cod=way.at.cod())
    way.on(30, step_h=2)
    way.sweep()
    assert way.causes() == set()

    town.watch.move(86_400 * 15)
    way.sweep()
    way.sweep()
    assert (standing(way, one), listed(way, "overdue")) == ("overdue", [one])
    assert [each.count for each in way.open_problems() if each.cause is Cause.COD_OVERDUE] == [1]
    number = way.at.numbers(one)[0]
    done = reads(way, "gls", f"{number};26000417;1 290,00;CZK;{town.watch():%d.%m.%Y}")

    assert (done.new, done.known, done.bad) == (1, 0, [])
    assert standing(way, one) == "paid"
    assert way.causes() == set()


def test_another_sum_is_told(town) -> None:
    way = road(town, "gls")
    first, second, third = way.sent("gls", 3, end=End.HOME, cod=way.at.cod())
    way.on(30, step_h=2)
    numbers = [way.at.numbers(each)[0] for each in (first, second, third)]
    day = f"{town.watch():%Y-%m-%d}"

    done = reads(
        way, "gls", f"{numbers[0]};;990;CZK;{day}", f"{numbers[1]};;1290;EUR;{day}", f"{numbers[2]};;1290;CZK;{day}"
    )

    assert done.new == 3
    assert [standing(way, each) for each in (first, second, third)] == ["differs", "differs", "paid"]
    assert sorted(listed(way, "differs")) == sorted([first, second])
    assert {each.cause for each in way.open_problems()} == {Cause.COD_DIFFERS}
    assert len(way.open_problems()) == 2


def test_a_file_that_comes_twice_changes_nothing_and_bad_lines_spoil_no_good_one(town) -> None:
    way = road(town, "gls")
    sent = way.sent("gls", 2, end=End.HOME, cod=way.at.cod())
    [lone] = way.sent("gls", end=End.HOME, cod=Cod(Money(5_000, "CZK"), "77"))
    numbers = [way.at.numbers(each)[0] for each in sent]
    day = f"{town.watch():%Y-%m-%d}"
    lines = [
        f"{numbers[0]};26000417;1290.00;CZK;{day}",
        f";26000417;1290;CZK;{day}",  # of two parcels, the first one is told of: it is the other's
        f";0077;50;CZK;{day}",
        f"999;;1290;CZK;{day}",
        f"{numbers[0]};;1290;CZK;{day}",
        f"{numbers[1]};;12,345;CZK;{day}",
        f"{numbers[1]};;1290;Kč;{day}",
        f"{numbers[1]};;1290;CZK;soon",
        f";;1290;CZK;{day}",
    ]

    first = reads(way, "gls", *lines)
    before = [way.payment(each) for each in (*sent, lone)]
    again = reads(way, "gls", *lines)

    assert (first.new, [each.at for each in first.bad]) == (3, [5, 6, 7, 8, 9, 10])
    assert again.new == 0
    assert [way.payment(each) for each in (*sent, lone)] == before
    assert [standing(way, each) for each in (*sent, lone)] == ["paid"] * 3


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2", b"number;amount;date\n1;2;3", b"amount,currency,date\n1,CZK,2"])
def test_a_file_that_is_no_list_of_payments_is_refused_whole(town, content: bytes) -> None:
    with pytest.raises(ListUnreadable):
        remit.run(town.rig, "t_any", "gls", content)


def test_columns_have_the_names_of_czech_and_slovak_files_too(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.HOME, cod=way.at.cod())
    content = f'Číslo zásilky,Částka,Měna,Datum vyplacení\n{way.at.numbers(one)[0]},"1.290,00",czk,5. 3. 2026\n'

    done = remit.run(town.rig, way.at.tenant, "gls", content.encode("cp1250"))

    assert (done.new, done.bad) == (1, [])


def test_no_money_is_waited_for_of_what_comes_back(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.REFUSED, cod=way.at.cod())
    way.on(90, step_h=3)

    town.watch.move(timedelta(days=40).total_seconds())
    way.sweep()

    assert standing(way, one) == "over"
    assert way.causes() == {Cause.PARCEL_BACK}


def test_a_quote_that_is_never_closed_is_told_where_it_begins(town) -> None:
    way = road(town, "gls")
    lines = [
        ';1;50;CZK;2026-03-01;"fine"',
        ';2;50;CZK;2026-03-01;"Novák',
        ";3;50;CZK;2026-03-01",
        ";4;50;CZK;2026-03-01",
    ]

    done = reads(way, "gls", *lines)

    assert [each.at for each in done.bad] == [2, 3]
    assert done.bad[1].why is Wrong.QUOTE


def test_a_number_no_carrier_has_is_told_and_asked_of_nobody() -> None:
    lines = f"1\x00;;1290;CZK;2026-03-01\n;{'7' * 65};1290;CZK;2026-03-01"

    assert [each.why for each in paylist.read((HEAD + lines).encode())[1]] == [Wrong.NUMBER, Wrong.NUMBER]


def test_a_list_that_is_too_long_is_not_read_at_all() -> None:
    content = (HEAD + "1;;1290;CZK;2026-03-01\n" * 3).encode()

    assert len(paylist.read(content, most=3)[0]) == 3
    with pytest.raises(ListUnreadable, match="more than 2 lines"):
        paylist.read(content, most=2)


@pytest.mark.parametrize("content", [b'"' + b"a" * 200_000 + b'";x\n', b"\x81\x8d"])
def test_a_file_whose_first_line_cannot_be_read_is_refused(town, content: bytes) -> None:
    with pytest.raises(ListUnreadable):
        remit.run(town.rig, "t_any", "gls", content)


def test_a_parcel_is_found_however_its_number_is_spaced(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.HOME, cod=way.at.cod())
    number = way.at.numbers(one)[0]

    done = reads(way, "gls", f"{number[:3]} {number[3:]};;1290;CZK;{town.watch():%Y-%m-%d}")

    assert (done.new, done.bad) == (1, [])


def test_a_symbol_in_another_currency_is_another_shop_s_order(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.HOME, cod=way.at.cod())

    done = reads(way, "gls", f";26000417;52;EUR;{town.watch():%Y-%m-%d}")

    assert (done.new, [each.at for each in done.bad]) == (0, [2])
    assert way.payment(one).paid_on is None


DAY = date(2026, 3, 5)


def waits(order: str, symbol: str, minor: int = 129_000, currency: str = "CZK") -> Payment:
    """Return money of an order that was delivered and not paid out; its booking is named as the order."""
    parts = order, "k_one", "gls", order, (minor, currency), symbol, DAY, DAY, None, None, None, None, None
    return Payment(*parts, entered_at=START, covers=(order.partition("/")[0],), heard_at=None)


def told(payment: Payment, on: date = DAY) -> Payment:
    """Return money as it stands when tracking told that it was paid: on which day, and not how much."""
    return replace(payment, paid_on=on, paid_by="tracking")


TWELVE, SPELT, CENT = waits("12", "12"), waits("0012", "0012"), waits("12", "12", 5_200, "EUR")


@pytest.mark.parametrize(
    ("found", "symbol", "seen", "whose"),
    [
        ([TWELVE, SPELT], "0012", (), "0012"),  # not of the order whose symbol looks alike
        ([TWELVE, SPELT], "12", (), Wrong.SEVERAL),  # a sheet leaves the zeros out
        ([TWELVE, SPELT], "000012", (), Wrong.SEVERAL),
        ([TWELVE, waits("0012", "0012", 99_000)], "12", (), "12"),  # the sum says it
        ([TWELVE, waits("12x", "12")], "12", (), Wrong.SEVERAL),
        ([waits("7/1", "7"), waits("7/2", "7")], "7", (), "7/1"),  # parcels of one order are paid in turn
        ([waits("7/1", "7"), waits("7/2", "7")], "7", ("7/1",), "7/2"),
        ([TWELVE, CENT], "12", ("12",), Wrong.TWICE),  # what is left is another shop's
        ([waits("7/1", "7"), waits("7/2", "7", 99_000)], "7", ("7/1",), Wrong.TWICE),
        ([waits("7/1", "7", 1), waits("7/2", "7", 2)], "7", ("7/1",), Wrong.SEVERAL),
        ([waits("7/1", "7", 99_000)], "7", (), "7/1"),  # another sum of the only one there is
        ([told(TWELVE), SPELT], "12", (), Wrong.SEVERAL),  # tracking told of the one, the list may be about it
        ([told(TWELVE), SPELT], "0012", (), "0012"),
        ([waits("7/1", "7"), told(waits("7/2", "7"))], "7", (), "7/2"),
        ([waits("7/1", "7"), told(waits("7/2", "7"))], "7", ("7/2",), "7/1"),
        ([told(waits("7/1", "7"), START.date()), told(waits("7/2", "7"))], "7", (), "7/2"),  # of that very day
    ],
)
def test_a_line_pays_nobody_else_s_money(
    found: list[Payment], symbol: str, seen: tuple[str, ...], whose: str | Wrong
) -> None:
    meant = remit.chosen(found, Line(2, None, symbol, (129_000, "CZK"), DAY), seen)

    assert (meant.booking_id if isinstance(meant, Payment) else meant) == whose


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("1.290", None),
        ("1,290", None),
        ("-12.990", None),
        ("1 290", 129_000),
        ("1.290,00", 129_000),
        ("1290.000", 129_000),
        ("0.500", 50),
        ("290", 29_000),
    ],
)
def test_what_may_be_thousands_or_decimals_is_no_amount(amount: str, minor: int | None) -> None:
    lines, bad = paylist.read(f"{HEAD}1;;{amount};CZK;2026-03-05\n".encode())

    assert [line.amount[0] for line in lines] == ([] if minor is None else [minor])
    assert [each.why for each in bad] == ([Wrong.GROUPED] if minor is None else [])
