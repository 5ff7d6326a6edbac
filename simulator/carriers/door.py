"""What every call to a carrier passes: the ledger, the faults, then the carrier's own work."""

from collections.abc import Callable, Collection, Mapping

from simulator.carriers import garble
from simulator.carriers.faults import NOTHING_DONE, Fault
from simulator.carriers.wire import App, Request, Response, as_text
from simulator.carriers.world import Entry, World

PAGE = "<!DOCTYPE html><html><body><h1>Probíhá údržba</h1></body></html>"
Trouble = Callable[[int], Response]


def opened(
    world: World,
    *,
    operation: Callable[[Request], str],
    answer: App,
    making: Collection[str] = (),
    items: Mapping[str, str] | None = None,
    trouble: Trouble = lambda status: as_text(f"error {status}\n", status),
) -> App:
    """Return a carrier that keeps its ledger and suffers its faults.

    `operation` names a call before it is done and never raises. `answer` does it and answers, also what is wrong.
    `making`: the operations that make something; these alone may land late. `items`: where in the answer of an
    operation its items are (`garble.spoilt`). `trouble`: how this carrier says 429, 500, 503.
    """
    paths = items or {}

    def app(request: Request) -> Response:
        with world.lock:
            world.tick()
            request.at, request.operation = world.now(), operation(request)
            entry = world.note(Entry(request.at, request.method, request.path, request.operation))
            faults = world.faults.take(
                request.operation,
                request.path.encode() + b"\n" + request.body,
                makes=request.operation in making,
                has_items=request.operation in paths,
            )
            entry.faults = tuple(faults)
            response = _befallen(world, request, entry, faults, answer, paths.get(request.operation), trouble)
            entry.status = 0 if response.drop or response.refuses else response.status
            if "slow" in faults:
                response.delay_s += faults["slow"].delay_s()
            return response

    return app


def _befallen(
    world: World,
    request: Request,
    entry: Entry,
    faults: Mapping[str, Fault],
    answer: App,
    path: str | None,
    trouble: Trouble,
) -> Response:
    """Answer under the faults that befall the call; those that do nothing come first."""
    for kind in NOTHING_DONE:
        if kind in faults:
            return _undone(faults[kind], trouble)
    if "late" in faults:
        entry.late = True
        world.put_off(faults["late"].delay_s(), lambda: _landed(world, request, entry, answer))
        return Response(200, drop=True)
    response = garble.spoilt(world.working(entry, lambda: answer(request)), faults, path)
    response.drop = response.drop or "dropped" in faults
    return response


def _undone(fault: Fault, trouble: Trouble) -> Response:
    if fault.kind == "down":
        return Response(503, refuses=True)
    if fault.kind == "html":
        return as_text(PAGE, 200, "text/html; charset=utf-8")
    response = trouble(fault.status or (429 if fault.kind == "busy" else 500))
    if fault.kind == "busy" and fault.retry_after is not None:
        response.headers["retry-after"] = str(fault.retry_after)
    return response


def _landed(world: World, request: Request, entry: Entry, answer: App) -> None:
    """Do a call whose caller has given up; whatever it answers, nobody hears it."""
    entry.landed_at = world.now()
    entry.status = world.working(entry, lambda: answer(request)).status
