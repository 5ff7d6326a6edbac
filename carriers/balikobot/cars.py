"""Whose cars come, and for how much: `orderpickup` is each shipper's own (docs/carriers.md 6.5)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from carriers.balikobot import services
from carriers.base import Account, Collection
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind


def shared(account: Account, wanted: Collection) -> list[tuple[str, Collection]]:
    """Return the cars to ask for, each with its own share of the boxes and of what they weigh.

    They are those of the parcels' shippers that the account asks for, the first it names where nobody knows the
    parcels. Raise UNSUPPORTED where there is none.
    """
    if wanted.address or wanted.deliver_to:  # there is no field for one, and the car would come to another place
        raise _lacks("the car comes to the dispatch place of the account only")
    known = services.cars(account)
    if not known:
        is_off = "ppl" in services.listed(account.given.get("collects", ""))
        why = "the account does not say whose car is asked to come (collects)"
        raise _lacks("PPL's own shape of a collection is not switched on" if is_off else why)
    if not wanted.parcels:
        return [(known[0], wanted)]
    boxes = Counter(parcel.handle.ids["shipper"] for parcel in wanted.parcels)
    come = [shipper for shipper in known if boxes[shipper]]
    if not come:
        raise _lacks(f"the account asks for no car of {', '.join(sorted(boxes))} (collects)")
    weight_g = wanted.weight_g // boxes.total()
    return [(shipper, replace(wanted, count=boxes[shipper], weight_g=weight_g * boxes[shipper])) for shipper in come]


def left(came: Sequence[str], shipper: str, failed: CarrierError) -> CarrierError:
    """Return what is said where a car failed after others that come: refused, or unclear where that one is.

    `came`: shippers, each with the number of its car where it gave one.
    """
    comes = f"the car of {', '.join(came)} comes; that of {shipper}"
    if isinstance(failed, CarrierUnreachable) and failed.unclear:
        why = f"{comes} perhaps: {failed.ours}"
        return CarrierUnreachable("balikobot", "collect", why, unclear=True, answered=failed.answered, code=failed.code)
    return CarrierRefused("balikobot", "collect", f"{comes} not: {failed.why}", kind=Kind.CONTENT, code=failed.code)


def _lacks(why: str) -> CarrierRefused:
    return CarrierRefused("balikobot", "collect", why, kind=Kind.UNSUPPORTED)
