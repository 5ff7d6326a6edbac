"""Parcels: made one by one, found by the sender's reference, taken back until they are handed over."""

from typing import Any

from simulator.carriers.poslicek import rules
from simulator.carriers.poslicek.asking import Asked, Problem
from simulator.carriers.wire import Response, as_json
from simulator.carriers.world import Parcel

FIRST = 770_000_000_001
PAGE = "https://poslicek.example/track/{}"


def create(asked: Asked) -> Response:
    """Make what is good of a call, and say of the rest what is wrong."""
    return as_json({"parcels": [_became(asked, told) for told in asked.list("parcels", dict)]})


def find(asked: Asked) -> Response:
    """Answer the parcels of a reference that were not cancelled."""
    wanted, mine = asked.request.one("reference"), asked.account.name
    there = (one for one in asked.world.parcels.values() if (one.reference, one.account) == (wanted, mine))
    return as_json({"parcels": [_shown(one) for one in there if not asked.world.is_cancelled(one)]})


def delete(asked: Asked) -> Response:
    """Take a parcel back."""
    parcel = asked.parcel(asked.request.parts()[1])
    if asked.world.is_cancelled(parcel):
        raise Problem(410, "gone", f"{parcel.number} was cancelled before")
    if not asked.world.cancel(parcel):
        raise Problem(409, "too_late", f"{parcel.number} was handed over")
    return Response(204)


def _became(asked: Asked, told: dict[str, Any]) -> dict[str, Any]:
    wrong = [dict(zip(("field", "code", "message"), one, strict=True)) for one in rules.wrong(asked.world, told)]
    return {"reference": told.get("reference"), "errors": wrong} if wrong else _shown(_made(asked, told))


def _made(asked: Asked, told: dict[str, Any]) -> Parcel:
    return asked.world.make(
        str(asked.world.serial("parcels", FIRST)),
        reference=told["reference"],
        account=asked.account.name,
        point=told.get("point", ""),
        town=told["recipient"]["city"],
        cod=(told["cod"]["amount"], told["cod"]["currency"]) if "cod" in told else None,
        told=told,
    )


def _shown(parcel: Parcel) -> dict[str, str]:
    return {
        "reference": parcel.reference,
        "number": parcel.number,
        "tracking_url": PAGE.format(parcel.number),
    }
