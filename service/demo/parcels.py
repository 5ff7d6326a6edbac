"""What happens to some of the parcels on their way: delivered, fetched, not fetched, paid, and what the shop shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.demo import mirror
from service.demo.couriers import known_as
from service.demo.customers import Packing
from service.demo.depot import Depot

CARRIERS = ("packeta", "ppl", "dpd_cz")
EACH = 12
TELL_OF_POINTS = ("packeta", "ppl")  # DPD says of a parcel at its point only that it is on the way
PAYS = "ppl"
TO_THE_LAST_STOP, TO_THE_WAY_BACK = 4, 2  # steps: at the door's street or the point; not fetched, sent back
SHOWN_WITHIN_S = 40.0
SHORT = 10  # crowns that one payment lacks


def follow(depot: Depot) -> dict[str, Any]:
    """Bring some to their end and one back, let COD be paid out; return what the shop shows of how many."""
    going = chosen(depot.packed)
    back = next(each for each in going if each.way.to_point and not each.is_cod)
    going.remove(back)
    waits(depot, dict.fromkeys(numbers_of([*going, back]), "shipped"))
    end(depot, [each for each in going if each.way.to_point], "point")
    end(depot, [each for each in going if not each.way.to_point], "home")
    end(depot, [back], "uncollected")
    move(depot, [*going, back], TO_THE_LAST_STOP)
    at_point = numbers_of([each for each in (*going, back) if each.way.to_point and each.way.code in TELL_OF_POINTS])
    depot.ask()
    waits(depot, dict.fromkeys(at_point, "pickup_point"))
    move(depot, going, None)
    move(depot, [back], TO_THE_WAY_BACK)
    depot.ask()
    waits(depot, {**dict.fromkeys(numbers_of(going), "delivered"), back.numbers[0]: "returning"})
    move(depot, [back], None)
    depot.stage.notes["cod"] = pay_out(depot, [each for each in going if each.is_cod and each.way.code == PAYS])
    depot.ask()
    waits(depot, {back.numbers[0]: "returned"})
    depot.stage.notes["expected_mails"] = expected(depot, at_point, back)
    print(f"  {len(going)} parcels were delivered, {back.numbers[0]} was not fetched and came back")
    return {"delivered": len(numbers_of(going)), "at_point": len(at_point), "returned": len(back.numbers)}


def chosen(packed: Sequence[Packing]) -> list[Packing]:
    """Return some of each carrier, each one box of one order."""
    plain = [each for each in packed if len(each.numbers) == len(each.codes) == 1]
    return [each for code in CARRIERS for each in [one for one in plain if one.way.code == code][:EACH]]


def numbers_of(packed: Sequence[Packing]) -> list[str]:
    """Return the orders in parcels."""
    return [number for each in packed for number in each.numbers]


def end(depot: Depot, packed: Sequence[Packing], how: str) -> None:
    """Decide how parcels will end."""
    for code, numbers in by_carrier(packed).items():
        depot.couriers.tell(code, "/parcels/end", numbers=numbers, end=how)


def move(depot: Depot, packed: Sequence[Packing], steps: int | None) -> None:
    """Let the next steps of parcels happen now; None: all."""
    for code, numbers in by_carrier(packed).items():
        depot.couriers.tell(code, "/parcels/move-on", numbers=numbers, steps=steps)


def by_carrier(packed: Sequence[Packing]) -> dict[str, list[str]]:
    """Return what the carriers call parcels."""
    found: dict[str, list[str]] = {}
    for each in packed:
        found.setdefault(each.way.code, []).extend(known_as(each.way.code, code) for code in each.codes)
    return found


def waits(depot: Depot, wanted: Mapping[str, str]) -> None:
    """Wait until the shop shows each order at its milestone."""

    def lacking() -> list[str]:
        shown = depot.shown([*wanted])
        return [number for number, what in wanted.items() if shown[number]["status_id"] != depot.status[what]]

    mirror.until(
        lambda: not lacking(),
        within_s=SHOWN_WITHIN_S,
        what=lambda: f"{len(lacking())} of {len(wanted)} orders do not show {sorted({*wanted.values()})}",
    )


def pay_out(depot: Depot, packed: Sequence[Packing]) -> dict[str, Any]:
    """Let a carrier pay the COD of these out, one of them another sum, and read its list in."""
    numbers = by_carrier(packed)[PAYS]
    [short, *_] = told = depot.couriers.parcels(PAYS, numbers)
    depot.couriers.tell(
        PAYS, "/parcels/pay", numbers=[short["number"]], amount=str(int(float(short["cod"][0])) - SHORT)
    )
    told = depot.couriers.parcels(PAYS, numbers)
    lines = [
        f"{each['number']};{each['paid'] or each['cod'][0]};{each['cod'][1]};{each['scans'][-1][0][:10]}"
        for each in told
    ]
    file = depot.stage.folder / f"cod-{PAYS}.csv"
    file.write_text("\n".join(["Číslo zásilky;Částka;Měna;Datum", *lines]) + "\n")
    depot.stage.command("cod-import", depot.tenant_id, PAYS, str(file))
    listed = {how: depot.stage.command("cod", depot.tenant_id, "--stands", how) for how in ("paid", "differs")}
    problems = depot.truth.number(DIFFERS, tenant_id=depot.tenant_id)
    return {"told": len(lines), **{how: len(said.splitlines()) for how, said in listed.items()}, "problems": problems}


DIFFERS = """
    SELECT count(*) AS open
    FROM problems
    WHERE tenant_id = %(tenant_id)s AND cause = 'cod_differs' AND closed_at IS NULL
"""


def expected(depot: Depot, at_point: Sequence[str], back: Packing) -> dict[str, int]:
    """Return how many mails each order is to have caused: when it left, at its point, and when it was back."""
    found = dict.fromkeys(depot.numbers, 1)
    for number in (*at_point, *back.numbers):
        found[number] += 1
    return found


def mails(depot: Depot) -> dict[str, Any]:
    """Hold the mails the shop sent, and the codes it shows, against what is expected."""
    sent, wanted = depot.merchant.tell("/mails/orders", "GET")["email"], depot.stage.notes.pop("expected_mails")
    shown = depot.shown(depot.numbers)
    codes = {number: each.codes[0] for each in depot.every for number in each.numbers}
    return {
        "orders": len(wanted),
        "mails": sum(wanted.values()),
        "other_mails": [number for number, count in wanted.items() if sent.get(number, 0) != count],
        "other_codes": [number for number, code in codes.items() if shown[number]["tracking_code"] != code],
    }
