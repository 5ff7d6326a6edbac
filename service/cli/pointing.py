"""The commands about pick-up points: what carriers' lists say, and which of them stand in a shop's own shipments."""

import argparse
from collections.abc import Callable
from math import ceil

from service import affiliates, points
from service.affiliates import Offer, Source
from service.cli.alarming import OPERATOR, local
from service.cli.plain import FAILED, OK, Commands, add, fail, say
from service.flows import point_offers
from service.flows.point_offers import OfferFaulty
from service.platform.client import AFFILIATES_AT_ONCE
from service.points import Feed, Point
from service.rig import Rig

WHY = "the points of a carrier belong to no shop"
MOST = 20
WITHIN_M = 10_000
OF_OTHERS = ("balikobot",)  # its list has points of many networks, and none of its own


def add_commands(commands: Commands) -> None:
    """Add the commands."""
    found = add(
        commands, "points", show, "the carriers' lists of pick-up points; with a carrier the points one asks for"
    )
    found.add_argument("carrier", nargs="?")
    found.add_argument("code", nargs="?", help="its code, in whatever network; closed and gone ones too")
    found.add_argument("--zip", help="open ones whose post code begins so")
    found.add_argument("--country", default="CZ", help="of the post code; CZ when not given")
    found.add_argument(
        "--near", type=points.place_of, help="open ones within 10 km of 49.195,16.608: degrees north and east"
    )
    shown = add(commands, "points-offers", show_offers, "a shop's shipments that show a carrier's points by us")
    shown.add_argument("tenant")
    put = _about(
        commands, "points-offer", offer, "let a shop's own shipment show a carrier's points; off for all others"
    )
    put.add_argument("carrier")
    put.add_argument(
        "--network", help="whose points of the carrier's list; its own when not given (balikobot has none)"
    )
    put.add_argument("--country", default="CZ", help="of the list; CZ when not given")
    put.add_argument("--kind", default="", help="points of this kind only, by the list's own word")
    _about(commands, "points-withdraw", withdraw, "take our points out of a shipment again, by their ids")


def _about(
    commands: Commands, name: str, run: Callable[[Rig, argparse.Namespace], int], about: str
) -> argparse.ArgumentParser:
    def calmly(tools: Rig, arguments: argparse.Namespace) -> int:
        try:
            return run(tools, arguments)
        except OfferFaulty as faulty:
            return fail(str(faulty))

    command = add(commands, name, calmly, about)
    command.add_argument("tenant")
    command.add_argument("shipment", help="the shop's id of a shipment of type custom")
    command.add_argument("--by", default=OPERATOR, help="who does this, for the journal")
    return command


def show(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print every list, or the points that were asked for; 1 when there are none."""
    with tools.db.tx_all(WHY) as conn:
        if arguments.carrier is None:
            for feed in points.feeds(conn):
                say(*_told(feed))
            return OK
        if arguments.code:
            found = points.by_code(conn, arguments.carrier, arguments.code, most=MOST)
        elif arguments.zip:
            found = points.by_zip(conn, arguments.carrier, arguments.zip, country=arguments.country, most=MOST)
        elif arguments.near:
            found = points.near(conn, arguments.carrier, arguments.near, within_m=WITHIN_M, most=MOST)
        else:
            return fail("say which: a code, --zip or --near")
    for point in found:
        say(*_shown(point))
    return OK if found else FAILED


def _told(feed: Feed) -> tuple[object, ...]:
    read = f"read {feed.synced_at:%F %T}" if feed.synced_at else "never read"
    trouble = feed.why and f"failed {feed.tries} times: {feed.why}"
    return f"{feed.carrier:<12}", feed.country, f"{feed.rows} points", read, f"due {feed.due_at:%F %T}", trouble or ""


def _shown(point: Point) -> tuple[object, ...]:
    stands = f"gone since {point.gone_at:%F}" if point.gone_at else "open" if point.is_open else "closed"
    away = "" if point.distance_m is None else f"{point.distance_m / 1_000:.1f} km"
    address = f"{point.street}, {point.zip} {point.city}, {point.country}"
    return f"{point.network}/{point.point_id}", stands, point.name, address, point.opening, away


def offer(tools: Rig, arguments: argparse.Namespace) -> int:
    """Switch it on for one shipment of one shop; print what that will cost."""
    carrier = arguments.carrier
    if carrier in OF_OTHERS and not arguments.network:
        return fail(f"whose points of the list of {carrier}? Say --network")
    source = Source(carrier, arguments.network or carrier, arguments.country.upper(), arguments.kind)
    count = point_offers.offer(tools, arguments.tenant, arguments.shipment, source, by=arguments.by)
    if not count:
        say("the list shows no such point yet; once it does they go in")
        return OK
    say(f"{count} points, {ceil(count / AFFILIATES_AT_ONCE)} calls; then what differs, at most one round a day")
    return OK


def withdraw(tools: Rig, arguments: argparse.Namespace) -> int:
    """Switch it off again."""
    point_offers.withdraw(tools, arguments.tenant, arguments.shipment, by=arguments.by)
    say("our points go out of shipment", arguments.shipment)
    return OK


def show_offers(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print each shipment for which it was ever switched on: whose points, how many stand where, and what is wrong."""
    with tools.db.tx(arguments.tenant) as conn:
        found, counts = affiliates.offers(conn, arguments.tenant), affiliates.counts(conn, arguments.tenant)
    for each in found:
        states = ", ".join(f"{state} {count}" for state, count in sorted(counts.get(each.shop_shipment_id, {}).items()))
        source = each.source
        whose = f"{source.carrier}/{source.network} {source.country} {source.kind}".strip()
        say(each.shop_shipment_id, whose, _stands(each), states, each.why or "")
    return OK


def _stands(each: Offer) -> str:
    times = {"parked": each.parked_at, "due": each.due_at, "withdrawn": each.withdrawn_at, "done": each.done_at}
    return next((f"{said} {local(at)}" for said, at in times.items() if at), "")
