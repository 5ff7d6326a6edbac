"""What the demo claims, as code: the list only grows, and one broken claim is a failed demo."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Notes = dict[str, Any]  # what the chapters measured: name → number, text or list, fit for JSON

SUMMARY = Path("var/demo/summary.json")


@dataclass(frozen=True)
class Finding:
    """One claim held against what was measured."""

    asked: str
    measured: str
    ok: bool


@dataclass(frozen=True)
class Claim:
    """A sentence we stand by, and who judges it."""

    name: str
    sentence: str
    judge: Callable[[Notes], Finding]


def everything_starts(notes: Notes) -> Finding:
    """Judge the start and the end."""
    troubles = {
        "ended by itself": notes["died"],
        "had to be killed": notes["unwilling"],
        "left": [*notes["left_processes"], *notes["left_files"]],
    }
    told = [f"{trouble}: {', '.join(names)}" for trouble, names in troubles.items() if names]
    return Finding(
        asked="up within 20 s; afterwards no process and no file",
        measured=f"up in {notes['up_s']:.1f} s; {'; '.join(told) or 'nothing left'}",
        ok=notes["up_s"] <= 20 and not told,
    )


def outsider_reads(notes: Notes) -> Finding:
    """Judge the script that knows the platform's contract and nothing of us."""
    seen = notes["outsider"]
    faults = len(seen["faults"])
    return Finding(
        asked="1,600 orders or more, every one of them, no field off the contract",
        measured=f"{seen['orders']:,} of {seen['expected']:,} orders in {seen['calls']} calls, {faults} faults",
        ok=seen["orders"] >= 1_600 and seen["orders"] == seen["expected"] and not faults,
    )


DIFFERENCES = ("missing", "stale", "falsely_dead", "undead")


def same(compared: dict[str, Any]) -> tuple[str, bool]:
    """Return what a comparison of shops and mirrors found, in words, and whether they are the same."""
    records = sum(each["compared"] for each in compared.values())
    found = {name: sum(each[name] for each in compared.values()) for name in DIFFERENCES}
    words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found.items() if count)
    return f"{records:,} orders and products compared, {words or 'all the same'}", not words


def everything_pulled(notes: Notes) -> Finding:
    """Judge activation and pull: a killed worker loses nothing, and we count our calls as the shop does."""
    words, ok = same(notes["pulled"])
    ours = sum(sum(calls.values()) for calls in notes["pull_calls"].values())
    theirs = sum(shop["total"] for shop in notes["pull_counted"].values())
    broken = sum(shop["broken"] for shop in notes["pull_counted"].values())
    return Finding(
        asked="every order and product mirrored; our count of calls is the shops' own; no rule broken",
        measured=f"{words}; {ours} calls by our ledger, {theirs} by the shops; {broken} rules broken; "
        f"kill -9 at page {notes['killed_at_page']}; pulled in {notes['pull_s']:.0f} s",
        ok=ok and all(notes["installed"]) and ours == theirs and not broken,
    )


def mirror_is_true(notes: Notes) -> Finding:
    """Judge the end of the story: whatever order the webhooks came in, the mirror is the shop."""
    words, ok = same(notes["compared"])
    hooks = [shop["hooks"] for shop in notes["world"].values()]
    sent, doubled, resent = (sum(each[name] for each in hooks) for name in ("sent", "doubled", "resent"))
    return Finding(
        asked="every order and product the same, field by field, at most 30 s after the last change",
        measured=f"{words}; {sent:,} webhooks, {doubled} doubled, {resent} lost and resent; "
        f"quiet after {notes['quiet_s']:.0f} s",
        ok=ok and min(doubled, resent) > 0 and notes["quiet_s"] <= 30,
    )


def calls_are_few(notes: Notes) -> Finding:
    """Judge the calls for orders from the first live event to quiet; the bulk's reads stand apart."""
    single, touched = order_reads(notes), len(notes["touched"])
    events = sum(notes["live"].values()) + len(notes["probe_lag_s"])
    notes["calls_per_order"] = round(single / touched, 3)
    return Finding(
        asked="order GETs per order created or changed <= 0.4 (one an event >= 2), bulk apart <= 55",
        measured=f"{single} GETs for {touched} orders: {single / touched:.2f} (one an event: {events / touched:.2f}); "
        f"bulk of 5,000: {notes['bulk_reads']}",
        ok=single / touched <= 0.4 and notes["bulk_reads"] <= 55 and events / touched >= 2,
    )


def order_reads(notes: Notes) -> int:
    """Return how many reads of orders there were, those of the bulk apart."""
    return sum(calls_of(notes, plan) for plan in ("orders_events", "orders_changes")) - notes["bulk_reads"]


def calls_of(notes: Notes, plan: str) -> int:
    """Return how many calls of a row of the call plan our ledger has."""
    return notes["calls"].get(plan, {}).get("calls", 0)


def live_orders_are_cheap(notes: Notes) -> Finding:
    """Judge all calls that live orders cost: reads, writes, and reads before a write is repeated."""
    calls = {
        "reads": order_reads(notes),
        "PUTs": calls_of(notes, "orders_update"),
        "reads before a resend": calls_of(notes, "orders_before_resend"),
    }
    orders = notes["live_orders"]
    each = sum(calls.values()) / orders
    # Every change would be a read, every shipment and every correction a write, and its echo one more read.
    written = notes["shipping"]["orders"] + notes["packed"]["corrected"]
    naive = (sum(notes["live"].values()) + len(notes["probe_lag_s"]) + 2 * written) / orders
    notes["calls_per_live_order"], notes["naive_calls_per_live_order"] = round(each, 3), round(naive, 2)
    told = ", ".join(f"{count} {name}" for name, count in calls.items())
    return Finding(
        asked="calls per order created, changed or shipped <= 0.5, bulk apart (one an event and a shipment >= 6)",
        measured=f"{told} for {orders} orders: {each:.2f} (one an event and a shipment: {naive:.2f}); "
        f"apart {calls_of(notes, 'order_history')} codes of further parcels",
        ok=each <= 0.5 and naive >= 6,
    )


def changes_show_soon(notes: Notes) -> Finding:
    """Judge the probes: single changes in a quiet shop, interval 2 s."""
    told, p95 = of_probes(notes["probe_lag_s"])
    return Finding(asked="change to mirror p95 <= 4 s", measured=told, ok=p95 <= 4)


def shipments_show_soon(notes: Notes) -> Finding:
    """Judge the probes: single shipments, told to us one by one, interval 2 s."""
    told, p95 = of_probes(notes["shipment_lag_s"])
    return Finding(
        asked="shipment to shop p95 <= 4 s, the faults of PUT switched off",
        measured=told,
        ok=p95 <= 4 and len(notes["shipment_lag_s"]) >= 20,
    )


def of_probes(lags: list[float]) -> tuple[str, float]:
    """Return what sorted lags come to, in words, and their p95."""
    p95 = lags[-(-len(lags) * 95 // 100) - 1]
    return f"p50 {lags[len(lags) // 2]:.1f} s, p95 {p95:.1f} s, max {lags[-1]:.1f} s of {len(lags)} probes", p95


def everything_is_shipped(notes: Notes) -> Finding:
    """Judge the shops by the last word of the warehouse, after lost and late answers."""
    seen, packed, befallen = notes["shipping"], notes["packed"], notes["puts_befallen"]
    wrong = {name: len(seen[name]) for name in ("other_status", "other_code")} | {
        "problems open": sum(row["rows"] for row in notes["problems"]),
        "shipments refused": packed["refused"],
    }
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in wrong.items() if count)
    return Finding(
        asked="300 orders or more (200 new, 100 old), one voided, one corrected; each shows its status and code",
        measured=f"{seen['orders']} orders ({packed['new']} new, {packed['old']} old, "
        f"{len(notes['shipment_lag_s'])} probes), {packed['voided']} voided, {packed['corrected']} corrected, "
        f"{told or 'all as told'}; {befallen['dropped']} answers lost, {befallen['late']} writes late",
        ok=not any(wrong.values())
        and seen["orders"] >= 300
        and packed["new"] >= 200
        and packed["old"] >= 100
        and min(packed["voided"], packed["corrected"], *befallen.values()) > 0,
    )


def each_is_mailed_once(notes: Notes) -> Finding:
    """Judge the mails as the shops count them."""
    mails, orders = notes["shipping"]["mails"], notes["shipping"]["orders"]
    wrong = {
        "with several": len(mails["several"]),
        "without": len(mails["none"]),
        "mails to others": len(mails["others"]),
    }
    told = ", ".join(f"{count} {name}" for name, count in (wrong | {"SMS": mails["sms"]}).items() if count)
    return Finding(
        asked="exactly one mail per shipped order, none for history, no SMS",
        measured=f"{mails['one']} of {orders} orders with one mail, {mails['no_address']} have no address; "
        f"{told or 'no others'}",
        ok=not told and mails["one"] + mails["no_address"] == orders and mails["one"] >= 300 - mails["no_address"],
    )


def the_warehouse_is_told_right(notes: Notes) -> Finding:
    """Judge what the warehouse saw, by its own book."""
    seen, stopped = notes["shipping"], len(notes["stopped"])
    wrong = {
        "stops unseen": len(seen["stops_missed"]),
        "released in error": len(seen["released_though_never"]),
        **{name.replace("_", " "): len(found) for name, found in seen["findings"].items()},
        "deviations from docs/wms.md": sum(seen["deviations"].values()),
    }
    told = ", ".join(f"{count} {name}" for name, count in wrong.items() if count)
    offers = notes["warehouse"]["offers"]
    return Finding(
        asked="nothing offered that was not released, no order shipped twice, no stop unseen, ten stops or more",
        measured=f"{offers:,} offers, {stopped} stops, {told or 'all of it right'}",
        ok=not told and stopped >= 10 and offers >= 300,
    )


def rules_are_kept(notes: Notes) -> Finding:
    """Judge what the platform counted itself: broken rules, calls at once, and calls that our ledger lacks."""
    shops = [shop["api"] for shop in notes["world"].values()]
    broken, theirs = (sum(api[name] for api in shops) for name in ("broken", "total"))
    ours = sum(row["calls"] for row in notes["calls"].values())
    at_once = max(api["peak_in_flight"] for api in shops)
    return Finding(
        asked="no rule broken, no undeclared call, at most 2 calls at once per shop",
        measured=f"{broken} broken; {ours} calls by our ledger, {theirs} by the shops; {at_once} at once",
        ok=not broken and ours == theirs and at_once <= 2,
    )


def webhooks_are_heard(notes: Notes) -> Finding:
    """Judge the receiver under the whole load, by the sender's clock."""
    hooks = [shop["hooks"] for shop in notes["world"].values()]
    late, lost = (sum(sum(each[name] for name in names) for each in hooks) for names in (LATE, LOST))
    worst = {name: max(each["ack_ms"][name] for each in hooks) for name in ("p50", "p99", "max")}
    return Finding(
        asked="no answer later than 750 ms, none wrong, none lost",
        measured=f"p50 {worst['p50']:.0f} ms, p99 {worst['p99']:.0f} ms, max {worst['max']:.0f} ms; "
        f"{late} late, {lost} wrong or lost",
        ok=not late and not lost,
    )


LATE, LOST = ("over_750_ms",), ("wrong", "timeouts", "unreachable", "dropped", "deactivated")


def all_fits(notes: Notes) -> Finding:
    """Judge memory and time."""
    return Finding(
        asked="all processes <= 1.5 GB, what they share once; the whole story <= 5 min from services up",
        measured=f"{notes['memory_mb']:,} MB ({notes['resident_mb']:,} MB with what they share counted for each); "
        f"{notes['story_s']:.0f} s",
        ok=notes["memory_mb"] <= 1_500 and notes["story_s"] <= 300,
    )


def all_is_booked(notes: Notes) -> Finding:
    """Judge the labels: each made once, by the carriers' own books, and on a page of its own."""
    seen, paper = notes["booked"], notes["paper"]
    wrong = {"made twice": seen["twice"], "not alike in our books and theirs": seen["strange"]}
    told = ", ".join(f"{count} {name}" for name, count in wrong.items() if count)
    return Finding(
        asked="300 of 300 by the WMS door, answers lost, none twice; a page for each box; one by the page",
        measured=f"{seen['labels']} of {seen['parcels']} labels, {seen['carriers']} carriers, "
        f"{notes['doubtful']} in doubt, {told or 'none twice'}; "
        f"{paper['right']} of {seen['boxes']} boxes on {paper['pages']} pages, {paper['kb']:,} kB; "
        f"{'one' if notes['by_page'] else 'none'} by the page; {notes['handovers']} hand-overs",
        ok=not any(wrong.values())
        and seen["labels"] == seen["parcels"] >= 300
        and seen["carriers"] == notes["handovers"] == 4
        and seen["boxes"] == paper["pages"] == paper["right"] > seen["parcels"]
        and notes["doubtful"] > 0
        and notes["by_page"],
    )


def parcels_are_followed(notes: Notes) -> Finding:
    """Judge what the shop shows of parcels on their way, and whom it mailed."""
    way, mailed = notes["on_the_way"], notes["mailed_on_the_way"]
    wrong = {"other codes": len(mailed["other_codes"]), "orders with other mails": len(mailed["other_mails"])}
    told = ", ".join(f"{count} {name}" for name, count in wrong.items() if count)
    return Finding(
        asked="30 or more delivered, one not fetched and returned, as the shop shows; each mail once",
        measured=f"{way['delivered']} delivered, {way['at_point']} by way of a point, {way['returned']} returned; "
        f"{mailed['mails']} mails for {mailed['orders']} orders, {told or 'no others'}",
        ok=not any(wrong.values()) and way["delivered"] >= 30 and way["returned"] == 1 and way["at_point"] > 1,
    )


def money_is_matched(notes: Notes) -> Finding:
    """Judge the COD: what the carrier's list says of each, and who is told of another sum."""
    cod = notes["cod"]
    return Finding(
        asked="COD paid out by a carrier's list, one another sum, and a person told of that one",
        measured=f"{cod['told']} lines: {cod['paid']} paid, {cod['differs']} differ, {cod['problems']} told",
        ok=cod["paid"] > 0 and cod["differs"] == cod["problems"] == 1 and cod["told"] == cod["paid"] + 1,
    )


def the_shop_is_left_calm(notes: Notes) -> Finding:
    """Judge what labels, prints and questions to carriers cost the shop, by its own count."""
    calm = notes["calm"]
    told, others = (", ".join(f"{count} {call}" for call, count in calm[when].items()) for when in ("calls", "others"))
    return Finding(
        asked="no call to the shop but writes and the reads of their echo; none while all is printed and polled",
        measured=f"{told or 'no call'} while {calm['polls']} questions went to carriers and all was printed; "
        f"before {others or 'writes and their echoes only'}",
        ok=not told and not others and calm["polls"] >= 100,
    )


CLAIMS = (
    Claim("house", "everything starts in 20 s and leaves nothing behind", everything_starts),
    Claim("world", "an independent script (no code of ours) reads 1,600 orders by the contract", outsider_reads),
    Claim("pull", "kill -9 in the middle, every order mirrored, calls counted", everything_pulled),
    Claim("true", "shuffled, doubled and lost-and-resent changes end in the shop's state", mirror_is_true),
    Claim("calls", "many changes are few calls", calls_are_few),
    Claim("fresh", "a change shows in the mirror within seconds", changes_show_soon),
    Claim("rules", "the platform's rules are kept, as the platform counts them", rules_are_kept),
    Claim("acks", "every webhook is answered in time under the whole load", webhooks_are_heard),
    Claim("size", "it fits on a small machine and into five minutes", all_fits),
    Claim(
        "shipped",
        "what left the warehouse stands in the shop, status and code, whatever got lost",
        everything_is_shipped,
    ),
    Claim("mailed", "one mail per shipped order, none for history", each_is_mailed_once),
    Claim("offered", "a warehouse sees what is released, and every stop", the_warehouse_is_told_right),
    Claim("cheap", "a live order costs half a call", live_orders_are_cheap),
    Claim("written", "a shipment shows in the shop within seconds", shipments_show_soon),
    Claim("booked", "300 labels of four carriers, none twice, one file to print", all_is_booked),
    Claim("followed", "the shop shows where parcels are, and what came back", parcels_are_followed),
    Claim("cod", "collected money is matched, and what differs is told", money_is_matched),
    Claim("calm", "labels, prints and polls cost the shop nothing", the_shop_is_left_calm),
)


def judge(notes: Notes, claims: Sequence[Claim]) -> list[tuple[Claim, Finding]]:
    """Hold claims against the notes; what was not measured is broken."""
    return [(claim, _finding(claim, notes)) for claim in claims]


def _finding(claim: Claim, notes: Notes) -> Finding:
    try:
        return claim.judge(notes)
    except KeyError as missing:
        return Finding(asked=claim.sentence, measured=f"not measured: {missing.args[0]}", ok=False)


def give(notes: Notes, claims: Sequence[Claim], summary: Path = SUMMARY) -> bool:
    """Print the table, write the summary; return whether every claim stands."""
    judged = judge(notes, claims)
    print(f"\n{table(judged)}\n")
    ok = all(finding.ok for _, finding in judged)
    lines = [{"name": claim.name, "sentence": claim.sentence, **asdict(finding)} for claim, finding in judged]
    _write(summary, json.dumps({"ok": ok, "claims": lines, "measured": notes}, indent=2, ensure_ascii=False))
    return ok


def table(judged: list[tuple[Claim, Finding]]) -> str:
    """Return the verdict as a table for the screen."""
    head = ("claim", "asked", "measured", "")
    body = [(claim.name, found.asked, found.measured, "holds" if found.ok else "BROKEN") for claim, found in judged]
    widths = [max(len(row[column]) for row in (head, *body)) for column in range(len(head))]
    ruled = tuple("-" * width for width in widths)
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in (head, ruled, *body))


def _write(summary: Path, text: str) -> None:
    summary.parent.mkdir(parents=True, exist_ok=True)
    fresh = summary.with_suffix(f".{os.getpid()}")  # two demos side by side: whole files, the later one stays
    fresh.write_text(text + "\n")
    fresh.replace(summary)
