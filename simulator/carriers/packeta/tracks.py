"""Where packets are: records of Packeta and of external carriers, billed weight, storage time (carriers.md 1.4)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from simulator.carriers import lives
from simulator.carriers.lives import Said, Scan, Step
from simulator.carriers.packeta import network
from simulator.carriers.packeta.asking import Asked, Fault, Method
from simulator.carriers.world import Parcel, World

PRAGUE = ZoneInfo("Europe/Prague")
STORED = timedelta(days=7)
LONGEST_STORED = timedelta(days=21)
AT_THE_SENDERS = timedelta(hours=6)  # a packet that came back waits for its sender so long
CODES = {
    Step.DATA: (1, "received data", "Informace o zásilce přijaty."),
    Step.COLLECTED: (12, "collected", "Zásilka byla vyzvednuta u odesílatele."),
    Step.DEPOT: (2, "arrived", "Zásilka byla přijata na depu."),
    Step.TRANSIT: (4, "departed", "Zásilka opustila depo."),
    Step.ATTEMPT: (16, "delivery attempt", "Pokus o doručení."),
    Step.AT_POINT: (5, "ready for pickup", "Zásilka byla přijata na cílovém výdejním místě."),
    Step.DELIVERED: (7, "delivered", "Zásilka byla doručena."),
    Step.REFUSED: (17, "rejected by recipient", "Adresát odmítl zásilku."),
    Step.BACK: (9, "posted back", "Zásilka byla odeslána zpět."),
    Step.RETURNED: (10, "returned", "Zásilka byla vrácena odesílateli."),
    Step.CANCELLED: (11, "cancelled", "Zásilka byla stornována."),
}
HANDED_ON = (6, "handed to carrier", "Zásilka byla předána dopravci.")
WAITS_FOR_SENDER = (5, "ready for pickup", "Zásilka čeká na odesílatele.")
EXPIRED = (20, "storage time expired", "Úložní doba vypršela.")  # SINGLE: sent only with `world.bag["all_codes"]`
# All others of the contract's table, and the ids that are SINGLE there: sent when somebody has them said.
SAID = {
    "3": "prepared for departure",
    "14": "customs",
    "15": "reverse packet arrived",
    "18": "rejected",
    "19": "return from home delivery, no branch nearby",
    "20": "storage time expired",
    "21": "cancelled but consigned",
    "22": "return over limit",
    "23": "Z-BOX attempt",
    "24": "Z-BOX attempt",
    "25": "carrier first attempt",
    "26": "under investigation",
    "27": "investigation resolved",
    "28": "redirect",
    "29": "redirect",
    "30": "redirect",
    "31": "courier code added",
    "999": "unknown",
}
LATEST_ONLY = ("externalTrackingCode", "isReturning", "storedUntil", "carrierId", "carrierName")
GOING_BACK = (Step.REFUSED, Step.EXPIRED, Step.BACK, Step.RETURNED)


def status(asked: Asked) -> object:
    """Return the latest record."""
    return records(asked.world, asked.packet())[-1]


def tracking(asked: Asked) -> object:
    """Return all records, oldest first. Guess: without what the latest alone says, as its example is no list's."""
    found = records(asked.world, asked.packet())
    return {"record": [{k: v for k, v in record.items() if k not in LATEST_ONLY} for record in found]}


def courier_tracking(asked: Asked) -> object:
    """Return the external carrier's records; none where there is no such carrier, or not yet."""
    packet = asked.packet()
    found = records(asked.world, packet) if packet.bag["external"] else []
    handed = next((n for n, record in enumerate(found) if record["statusCode"] == "6"), len(found))
    return {"record": found[handed + 1 :]}


def info(asked: Asked) -> object:
    """Return the billed weight and, once consigned, the external carrier's numbers."""
    packet = asked.packet()
    weight_kg = float(packet.bag["told"].get("weight") or 0)
    told: dict[str, object] = {  # guess: every name below
        "branchId": packet.point,
        "number": packet.reference,
        "invoicedWeightGrams": round(weight_kg * 1_000) if asked.world.is_handed(packet) else "",
    }
    courier, external = packet.bag.get("courier"), network.EXTERNALS.get(packet.bag["external"])
    if courier and external and asked.world.is_handed(packet):
        url = f"https://tracking.example/{courier}"
        told["courierInfo"] = {
            "courierInfoItem": {
                "courierId": external.id,
                "courierName": external.name,
                "courierNumbers": {"courierNumber": courier},
                "courierTrackingUrls": {"courierTrackingUrl": {"lang": "cs", "url": url}},
            }
        }
    return told


def get_stored(asked: Asked) -> object:
    """Return the last day at the pick-up point, nothing while the packet is not there."""
    return stored_until(asked.world, asked.packet())


def set_stored(asked: Asked) -> object:
    """Move the last day; the way back begins that much later."""
    packet = asked.packet()
    before = stored_until(asked.world, packet)
    try:
        wanted = date.fromisoformat(asked.text("date"))
    except ValueError as wrong:
        raise Fault("DateOutOfRangeFault", "The date cannot be read.") from wrong
    today = asked.request.at.astimezone(PRAGUE).date()
    if not before or not today <= wanted <= today + LONGEST_STORED:
        raise Fault("DateOutOfRangeFault", "The date is out of range.")
    packet.bag["stored"] = wanted
    later = wanted - date.fromisoformat(before)
    packet.plan = [replace(s, at=s.at + later) if s.step in GOING_BACK else s for s in packet.plan]


def records(world: World, packet: Parcel) -> list[dict[str, str]]:
    """Return a packet's records, oldest first."""
    return [record for record, _ in told(world, packet)]


def told(world: World, packet: Parcel) -> Iterator[tuple[dict[str, str], Step | None]]:
    """Yield a packet's records so far with the steps they come from, None for one that was only said."""
    now, returning = world.now(), False
    for scan in lives.woven(packet.plan, packet.said):
        if isinstance(scan, Said):
            code = (int(scan.code), SAID[scan.code], SAID[scan.code])
            yield _record(packet, Scan(scan.at, Step.TRANSIT), code, returning=returning), None
            continue
        if scan.step is Step.RETURNED and scan.at - AT_THE_SENDERS <= now:
            yield (
                _record(packet, replace(scan, at=scan.at - AT_THE_SENDERS), WAITS_FOR_SENDER, returning=True),
                scan.step,
            )
        if scan.at > now:
            return
        returning = returning or scan.step in GOING_BACK
        code = _code(world, packet, scan)
        if code is not None:
            yield _record(packet, scan, code, returning=returning), scan.step


def _code(world: World, packet: Parcel, scan: Scan) -> tuple[int, str, str] | None:
    if scan.step is Step.EXPIRED:
        return EXPIRED if world.bag.get("all_codes") else None
    if scan.step is Step.TRANSIT and packet.bag["external"]:
        return HANDED_ON
    if scan.step is Step.COLLECTED and int(packet.number) % 2:
        return CODES[Step.DEPOT]  # half of them are brought to a depot: their first scan is 2
    return CODES.get(scan.step)


def _record(packet: Parcel, scan: Scan, code: tuple[int, str, str], *, returning: bool) -> dict[str, str]:
    number, text, said = code
    external = network.EXTERNALS.get(packet.bag["external"])
    waits = scan.step is Step.AT_POINT and not returning
    carried = external if scan.step not in (Step.DATA, Step.COLLECTED, Step.DEPOT) else None
    return {
        "dateTime": scan.at.astimezone(PRAGUE).strftime("%Y-%m-%dT%H:%M:%S"),
        "statusCode": str(number),
        "codeText": text,
        "statusText": said,
        "branchId": packet.point if waits and not external else "0",
        "destinationBranchId": packet.point if text == "departed" and not external else "0",
        "externalTrackingCode": packet.bag.get("courier", "") if carried else "",
        "isReturning": "true" if returning else "false",
        "storedUntil": _until(packet, scan) if waits else "",
        "carrierId": carried.id if carried else "",
        "carrierName": carried.name if carried else "",
    }


def stored_until(world: World, packet: Parcel) -> str:
    waiting = next((scan for scan in world.scans(packet) if scan.step is Step.AT_POINT), None)
    return _until(packet, waiting) if waiting else ""


def _until(packet: Parcel, waiting: Scan) -> str:
    day = packet.bag.get("stored") or (waiting.at.astimezone(PRAGUE) + STORED).date()
    return day.isoformat()


METHODS: dict[str, Method] = {
    "packetStatus": status,
    "packetTracking": tracking,
    "packetCourierTracking": courier_tracking,
    "packetInfo": info,
    "packetGetStoredUntil": get_stored,
    "packetSetStoredUntil": set_stored,
}
