"""Up to a thousand parcels in one call, done a moment later (carriers.md 5.2, "Asynchronous batch")."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from simulator.carriers.ceska_posta import booking, codes, fields, login, shapes
from simulator.carriers.ceska_posta.failures import Failure
from simulator.carriers.wire import Request, Response, as_json
from simulator.carriers.world import Account, World

TAKES = timedelta(seconds=2)


@dataclass(frozen=True)
class Batch:
    """What a batch came to, told from `ready_at` on."""

    account: str
    ready_at: datetime
    answer: dict[str, Any]


def create(world: World, request: Request, account: Account) -> Response:
    """Answer `POST /sendParcels` with 202 and the transaction's id."""
    login.contract(request, account)
    body = shapes.read(request, fields.SEND_PARCELS)
    batch = Batch(account.name, world.now() + TAKES, _done(world, request, account, body))
    id_ = str(UUID(int=world.rng.getrandbits(128), version=4))
    world.bag["batches"][id_] = batch
    return as_json({"idTransaction": id_}, 202)


def result(world: World, request: Request, account: Account) -> Response:
    """Answer how a batch ended: 202 while it runs, 404 for a transaction that is unknown or another's."""
    batch: Batch | None = world.bag["batches"].get(request.parts()[2])
    if batch is None or batch.account != account.name:
        raise Failure(404)
    if batch.ready_at > world.now():  # guess: the body of the 202
        return as_json({"StatusResponseList": [codes.told(codes.UNFINISHED)], "ResultSendParcelsList": []}, 202)
    return as_json(batch.answer)


def _done(world: World, request: Request, account: Account, body: dict[str, Any]) -> dict[str, Any]:
    """Register what can be: all or nothing, or with `goodToAccept` the good ones."""
    header = body["parcelHeader"]
    wrong = booking.wrong_header(world, request, account, header)
    if wrong:
        return _told(wrong, [])
    sets = [booking.boxes(one, one.get("multipartParcelData", [])) for one in body["parcelDataList"]]
    judged = booking.judge(world, account, [box for boxes in sets for box in boxes])
    found, left = booking.results(judged), iter(judged)
    told = [list(islice(left, len(boxes))) for boxes in sets]
    good = [boxes for boxes in told if all(codes.is_good(one) for _, _, one in boxes)]
    if len(good) < len(sets) and not header.get("goodToAccept"):
        # As in 5.2: good records of a refused batch have a number and a 1, and are not registered.
        return _told(codes.BATCH_INVALID, found)
    for boxes in good:  # guess: a set is taken whole or not at all
        booking.register(world, account, boxes, header)
    # Guess: 1 although some were refused, for with 19 nothing would be registered; 19 where none was good.
    return _told(codes.OK if good else codes.BATCH_INVALID, found)


def _told(code: int, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"StatusResponseList": [codes.told(code)], "ResultSendParcelsList": found}
