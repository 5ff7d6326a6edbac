"""Which carriers there are, and one or several of them put together below one address."""

import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import ModuleType

import simulator.carriers
from simulator.carriers.wire import App, Request, Response, as_text
from simulator.carriers.world import Now, World

HOST = "http://carriers.test"
EXAMPLE = "poslicek"  # invented, to be copied for a new carrier (docs/new-carrier.md): here only when asked for


@dataclass(frozen=True)
class Carriers:
    """The carriers of one simulator by their codes: a world and an app each."""

    worlds: Mapping[str, World]
    apps: Mapping[str, App]
    places: Mapping[str, str] = field(default_factory=dict)
    """Where a real address leads: the beginning of an URL to a code and the beginning of a path below it."""

    def answer(self, request: Request) -> Response:
        """Answer a call below `/<code>`."""
        code, _, rest = request.path.removeprefix("/").partition("/")
        if code not in self.apps:
            return as_text(f"no carrier {code!r} here; there are {', '.join(self.apps)}\n", 404)
        request.path = f"/{rest}"
        return self.apps[code](request)

    def path_of(self, url: str) -> str | None:
        """Return the path below `/<code>` of a real address, None for one that is nobody's here."""
        for beginning in sorted(self.places, key=len, reverse=True):
            rest = url.removeprefix(beginning)
            if rest != url and rest[:1] in ("", "/", "?"):
                return self.places[beginning] + rest.partition("?")[0]
        return None

    def tick(self) -> None:
        """Do what is due in every world."""
        for world in self.worlds.values():
            world.tick()


@cache
def modules() -> Mapping[str, ModuleType]:
    """Return the modules of this package that are a carrier (they have a `CODE`), by code."""
    package = simulator.carriers
    found = [import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
             if one.name != "__main__"]  # fmt: skip
    return {module.CODE: module for module in found if hasattr(module, "CODE")}


def built(codes: Iterable[str] | None = None, *, now: Now, seed: int = 1, base_url: str = HOST) -> Carriers:
    """Return these carriers, or all real ones, each with a fresh world; KeyError for a code nobody has."""
    wanted = [code for code in modules() if code != EXAMPLE] if codes is None else codes
    chosen = {code: modules()[code] for code in wanted}
    worlds = {code: World(code, now=now, seed=seed, base_url=f"{base_url}/{code}") for code in chosen}
    places = {
        real: f"/{code}{path}"
        for code, module in chosen.items()
        for real, path in getattr(module, "PLACES", {}).items()
    }
    return Carriers(worlds, {code: module.app(worlds[code]) for code, module in chosen.items()}, places)
