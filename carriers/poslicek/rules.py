"""What Poslíček would refuse, known before it is asked."""

from collections.abc import Iterator

from carriers import check
from carriers.base import Able
from carriers.errors import Fault
from carriers.poslicek import calls
from carriers.shipment import Shipment

MOST = {"name": 60, "company": 60, "street": 60, "city": 40}  # letters of the recipient
MOST_REFERENCE = 40
MOST_NOTE = 100
SYMBOL = r"\d{1,10}"


def faults(shipment: Shipment, able: Able) -> Iterator[Fault]:
    """Yield everything that is wrong, the shared rules first."""
    yield from check.shared(shipment, able, options=())
    yield from check.rounded(shipment)
    told = calls.recipient_of(shipment.recipient)
    for name, most in MOST.items():
        yield from check.text(f"recipient.{name}", told.get(name, ""), most)
    yield from check.text("reference", shipment.reference, MOST_REFERENCE)
    yield from check.text("note", shipment.note, MOST_NOTE)
    if shipment.cod:
        yield from check.text("cod.variable_symbol", shipment.cod.variable_symbol, 10, SYMBOL)
    yield from _point(shipment)


def _point(shipment: Shipment) -> Iterator[Fault]:
    if shipment.service != calls.POINT:
        if shipment.point:
            yield check.fault("point", "not_both", calls.POINT)
        return
    if shipment.point is None or not shipment.point.point_id.strip():
        yield check.fault("point", "missing")
    elif shipment.point.network not in (None, calls.CODE):
        yield check.fault("point.network", "not_offered", calls.CODE)
    if not (shipment.recipient.phone or shipment.recipient.email):  # the point writes to whoever comes for it
        yield check.fault("recipient.phone", "missing")
