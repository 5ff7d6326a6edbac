"""What GeoAPI would refuse, said before anybody asks it; nothing is cut, as it documents no cut.

Source: docs/carriers.md 3A.
"""

from collections.abc import Collection, Iterator

from carriers import check
from carriers.base import Able
from carriers.dpd_cz import services
from carriers.errors import Fault
from carriers.money import Money
from carriers.shipment import Address, Shipment

POINT_WEIGHT_G = 20_000
LONGEST = 35  # name1, person, each reference
LONGEST_PHONE = 31


def faults(shipment: Shipment, able: Able, *, switches: Collection[str]) -> Iterator[Fault]:
    """Yield all that is wrong with a shipment under an account that can this and has that switched on."""
    yield from check.shared(shipment, able, options=services.OPTIONS)
    yield from check.rounded(shipment)
    yield from _texts(shipment)
    yield from _someone("recipient", shipment.recipient)
    if services.is_told(shipment) and not (shipment.recipient.phone or shipment.recipient.email):
        yield check.fault("recipient.phone", "missing")
    if shipment.point or shipment.service in services.TO_POINT:
        yield from _to_a_point(shipment)
    if shipment.sender:
        yield from check.address("sender", shipment.sender)
        yield from _someone("sender", shipment.sender)
    if len(shipment.boxes) > 1 and _is_single(shipment):
        yield check.fault("boxes", "too_many", 1)
    if shipment.cod:  # no more is carried by a bank
        yield from check.text("cod.variable_symbol", shipment.cod.variable_symbol, 10, "[0-9]*")
    yield from _options(shipment, switches)
    yield from _added(shipment, switches)
    yield from _insured(shipment, able)


def parcel_reference(shipment: Shipment, place: int) -> str:
    """Return the reference of a box, counted from 1, by which we know it again in an answer."""
    return f"{shipment.reference}/{place}"


def _texts(shipment: Shipment) -> Iterator[Fault]:
    yield from check.text("reference", parcel_reference(shipment, len(shipment.boxes)), LONGEST)
    yield from check.text("order_number", shipment.order_number, LONGEST)
    for name in ("ref3", "ref4"):
        yield from check.text(f"options.{name}", shipment.options.get(name, "").strip(), LONGEST)
    for name in ("ref3", "ref4", "person", "person_id"):
        if check.UNPRINTABLE.search(shipment.options.get(name, "")):
            yield check.fault(f"options.{name}", "letters")


def _someone(field: str, given: Address) -> Iterator[Fault]:
    yield from check.text(f"{field}.name", given.name, LONGEST)
    yield from check.text(f"{field}.company", given.company, LONGEST)
    yield from check.text(f"{field}.phone", given.phone, LONGEST_PHONE)
    if len(given.name.strip()) == 1:  # a person has two letters at least
        yield check.fault(f"{field}.name", "missing", "2-35")


def _to_a_point(shipment: Shipment) -> Iterator[Fault]:
    if shipment.point is None or not shipment.point.point_id.strip():
        yield check.fault("point", "missing")
    elif shipment.service not in services.TO_POINT:
        yield check.fault("service", "not_both", services.POINT_SERVICE)
    elif shipment.point.network not in (None, "dpd_cz"):
        yield check.fault("point.network", "not_offered")
    if shipment.options.get("notification") == "0":
        yield check.fault("options.notification", "not_both", "1")
    for place, box in enumerate(shipment.boxes):
        if box.weight_g > POINT_WEIGHT_G:
            yield check.fault(f"boxes[{place}].weight_g", "too_heavy", POINT_WEIGHT_G)


def _is_single(shipment: Shipment) -> bool:
    """Say whether a shipment may not have several boxes: to a point, fetched elsewhere, swapped for another (3A)."""
    to_point = shipment.point or shipment.service in services.TO_POINT
    return bool(to_point or shipment.sender or "swap" in services.added(shipment))


def _options(shipment: Shipment, switches: Collection[str]) -> Iterator[Fault]:
    for name in services.FLAGS:
        if shipment.options.get(name, "") not in ("", "0", "1"):
            yield check.fault(f"options.{name}", "not_offered", "0, 1")
    if shipment.options.get("picked_up") == "1" and "collections" not in switches:
        yield check.fault("options.picked_up", "not_offered")
    if shipment.options.get("picked_up") == shipment.options.get("without_label") == "1":  # a car reads labels
        yield check.fault("options.without_label", "not_both", "picked_up")


def _added(shipment: Shipment, switches: Collection[str]) -> Iterator[Fault]:
    names = services.added(shipment)
    offered = [*services.ADDED] if "more_services" in switches else []
    if any(name not in offered for name in names):
        yield check.fault("options.services", "not_offered", ", ".join(offered) or None)
    said = dict(services.SERVICES.get(shipment.service, ("", {}))[1])
    for name in names:
        said = {**services.ADDED.get(name, {}), **said}
    if any(said[field] != value for name in names for field, value in services.ADDED.get(name, {}).items()):
        yield check.fault("options.services", "not_both")
    if services.DECLARED in names and shipment.value.minor <= 0:
        yield check.fault("value", "missing")


def _insured(shipment: Shipment, able: Able) -> Iterator[Fault]:
    own = [box.value is not None for box in shipment.boxes]
    if not any(own):
        if shipment.options.get("insurance") == "1":
            yield from _cover("value", shipment.value, able)
        return
    for place, box in enumerate(shipment.boxes):
        if box.value is not None:
            yield from _cover(f"boxes[{place}].value", box.value, able)
        elif shipment.options.get("insurance") == "1":  # the whole was to be insured, and this box would not be
            yield check.fault(f"boxes[{place}].value", "missing")


def _cover(field: str, value: Money, able: Able) -> Iterator[Fault]:
    if value.minor <= 0:
        yield check.fault(field, "missing")
    if value.currency not in able.insures:
        yield check.fault(field, "bad_currency", ", ".join(sorted(able.insures)))
