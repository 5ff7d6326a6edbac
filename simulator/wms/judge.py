"""What the ledger proves: figures, what went wrong on whose side, and how long answers took."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from simulator.wms.ledger import Key, Ledger, Line, key_of
from simulator.wms.shapes import State

SHOWN = 50


def report(ledger: Ledger) -> dict[str, Any]:
    """Return everything a judge asks first, as JSON; `findings` is empty lists when all is well and has settled."""
    with ledger.lock:
        last = ledger.standing(*State)
        stops = [line for line in ledger.of("offer") if line["state"] == State.STOP]
        shipped = list(ledger.shipped.values())
        return {
            "cursor": ledger.cursor,
            "orders": dict(Counter(line["state"] for line in last)),
            "held": dict(Counter(line["reason"] for line in last if line["state"] == State.HELD)),
            "offers": sum(map(len, ledger.offers.values())),
            "stops": {"seen": len(stops), "acked": sum(line["revision"] <= _acked(ledger, line) for line in stops)},
            "acks": dict(Counter(line["outcome"] for line in ledger.of("ack"))),
            "posts": _posts(ledger),
            "shipments": {
                "accepted": len(shipped),
                "orders": len({one.key for one in shipped if one.final and one.voided_at is None}),
                "voided": sum(one.voided_at is not None for one in shipped),
                "corrected": sum(one.corrected > 0 for one in shipped),
                "refused": dict(Counter(line["code"] or "none" for line in ledger.refused)),
                "write_back": dict(Counter(one.write_back for one in shipped)),
            },
            "unheard": dict(Counter(line["call"] for line in ledger.of("unheard"))),
            "times_ms": times(ledger),
            "findings": findings(ledger),
            "deviations": dict(ledger.deviations),
            "last_deviations": ledger.of("deviation")[-SHOWN:],
        }


def findings(ledger: Ledger) -> dict[str, list[Any]]:
    """Return what should not be, each with the orders concerned; the door's faults and the warehouse's own."""
    with ledger.lock:
        finals = {key: [one for one in ledger.live(key) if one.final] for key in ledger.by_order}
        last = {key: line for key in {*ledger.offers, *finals} if (line := ledger.last(key)) is not None}
        stands = {key: line["state"] for key, line in last.items()}
        return {
            "shipped_twice": sorted(key for key, shipped in finals.items() if len(shipped) > 1),
            "accepted_though_not_released": sorted(
                one.key for one in ledger.shipped.values() if one.state != State.RELEASED and not one.left_already
            ),
            "offered_though_shipped": sorted(
                key for key, shipped in finals.items() if shipped and stands.get(key) == State.RELEASED
            ),
            "held_as_shipped_though_voided": sorted(
                key
                for key, shipped in ledger.by_order.items()
                if all(one.voided_at for one in shipped) and key in last and last[key]["reason"] == "shipped"
            ),
            "refused_though_released": sorted(
                key
                for key, revision in ledger.refused_at.items()
                if stands.get(key) == State.RELEASED and last[key]["revision"] == revision
            ),
            "stops_not_acknowledged": sorted(
                key
                for key, line in last.items()
                if line["state"] == State.STOP and _acked(ledger, line) < line["revision"]
            ),
            "revisions_back": [
                key_of(line) for line in ledger.of("deviation") if line["fault"] == "a revision went back"
            ],
            "posts_not_answered": sorted(ledger.open),
        }


def stops_missed(ledger: Ledger, stopped: Iterable[Key]) -> list[Key]:
    """Return those of the orders stopped in truth that the feed never showed as a stop."""
    with ledger.lock:
        return [key for key in stopped if not any(line["state"] == State.STOP for line in ledger.offers.get(key, ()))]


def never_right(ledger: Ledger, never: Iterable[Key]) -> list[Key]:
    """Return those of the orders that must never be released (history, held) and were."""
    with ledger.lock:
        return [key for key in never if any(line["state"] == State.RELEASED for line in ledger.offers.get(key, ()))]


def times(ledger: Ledger) -> dict[str, dict[str, float] | None]:
    """Return percentiles in milliseconds: of a post until its answer was heard, an ack, a stop until it was acked."""
    acks = [line for line in ledger.of("ack") if line["outcome"] == "acked"]
    acked_at = {(key_of(line), line["revision"]): line["at"] for line in acks}
    stops = [
        _seconds(line["at"], acked_at[key_of(line), line["revision"]])
        for line in ledger.of("offer")
        if line["state"] == State.STOP and (key_of(line), line["revision"]) in acked_at
    ]
    return {
        "post": percentiles([line["took_s"] for line in ledger.of("results")]),
        "ack": percentiles([line["took_s"] for line in acks]),
        "stop_acked": percentiles(stops),
    }


def percentiles(seconds: list[float]) -> dict[str, float] | None:
    """Return p50, p95 and the longest in milliseconds, None of nothing."""
    if not seconds:
        return None
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000, 1)

    return {"p50": at(0.5), "p95": at(0.95), "max": at(1.0)}


def _posts(ledger: Ledger) -> dict[str, int]:
    heard = ledger.of("results")
    return {
        "answered": len(heard),
        "repeated": sum(line["tries"] > 1 for line in heard),
        "thrown_away": len(ledger.of("lost")),
        "turned_away": len(ledger.of("turned_away")),
        "open": len(ledger.open),
    }


def _acked(ledger: Ledger, line: Line) -> int:
    return max(ledger.acked.get(key_of(line), 0), line["acked_revision"] or 0)


def _seconds(begun: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()
