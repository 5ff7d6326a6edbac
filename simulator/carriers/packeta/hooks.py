"""Messages Packeta sends by itself about every new status, signed (carriers.md 1.4, push tracking; SINGLE there)."""

import hashlib
import hmac

from simulator import wire
from simulator.carriers import pushes
from simulator.carriers.lives import Scan
from simulator.carriers.packeta import tracks
from simulator.carriers.pushes import Push
from simulator.carriers.world import Parcel, World


def listen(world: World) -> None:
    """Send a message for every scan from now on, while `world.webhook` says where."""
    world.on_scan.append(lambda packet, scan: _tell(world, packet, scan))


def signed(key: str, stamp: str, body: bytes) -> str:
    """Return the signature: HMAC-SHA256 of the stamp, a point, and the body as it is sent."""
    return hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _tell(world: World, packet: Parcel, scan: Scan) -> None:
    if world.webhook is None:
        return
    found = [record for record, step in tracks.told(world, packet) if step is scan.step]
    if not found:
        return
    record = found[-1]
    url, key = world.webhook
    # guess: what the object holds besides `id` and `barcode`: the record of 1.4
    of = "externalStatus" if record["carrierId"] else "status"
    body = wire.dumps({of: {"id": packet.number, "barcode": packet.barcode, **record}})
    stamp = str(int(world.now().timestamp()))
    headers = {
        "content-type": "application/json",
        "x-webhook-timestamp": stamp,
        "x-webhook-signature": signed(key, stamp, body),
        "x-webhook-event-id": f"{world.seed}-{world.serial('events')}",
    }
    pushes.put(world, Push(url, headers, body))
