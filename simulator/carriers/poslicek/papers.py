"""Labels: a page of A6 for each parcel, in the order asked."""

from simulator.carriers import paper
from simulator.carriers.paper import Code, Label
from simulator.carriers.poslicek.asking import Asked, Problem
from simulator.carriers.wire import Response, as_file
from simulator.carriers.world import Parcel


def printed(asked: Asked) -> Response:
    """Print parcels, all or none."""
    parcels = [asked.parcel(number) for number in asked.list("numbers", str)]
    for parcel in parcels:
        if asked.world.is_cancelled(parcel):
            raise Problem(404, "not_found", f"{parcel.number} was cancelled")
    return as_file(paper.pdf([_label(asked, parcel) for parcel in parcels]))


def _label(asked: Asked, parcel: Parcel) -> Label:
    told = parcel.bag["told"]
    to, point = told["recipient"], asked.world.points.get(parcel.point)
    lines = (
        to["name"],
        to.get("company", ""),
        f"{point.id} {point.name}" if point else to["street"],
        f"{to['zip']} {to['city']}",
        to["country"],
        f"{told['weight_g'] / 1_000:.2f} kg",
        parcel.reference,
    )
    mark = f"COD {' '.join(parcel.cod)}" if parcel.cod else ""
    return Label((Code(parcel.barcode),), tuple(line for line in lines if line), mark)
