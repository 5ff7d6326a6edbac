"""A new carrier as a copy of the invented one under another name, so that all its truths hold from the start.

What is copied is no template but code that the linter, the types and the tests hold (docs/new-carrier.md).
"""

import builtins
import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from carriers import base

EXAMPLE, CLASS, TITLE = "poslicek", "Poslicek", "Poslíček"
PLACES = ("carriers/{}", "simulator/carriers/{}", "tests/carriers/{}", "tests/simulator/carriers/test_{}.py")
CHECKOUT = Path(__file__).parents[1]
MARKS = ("carriers/registry.py", "simulator/carriers/registry.py", "tests/carriers/kit.py")
KINDS = {".py", ".json"}
SHAPE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
SUITE = [f"tests/carriers/test_conformance{part}.py" for part in ("", "_deeds", "_wire")]
LONGEST = 20  # letters of a name: the lines of the example leave so much room
NOBODY = frozenset({"messenger", "own"})  # of CARRIERS: they carry, and have no API
IMPORTS = re.compile(r"(?:^from \S+ import .+\n)+", re.MULTILINE)

STEPS = """\
What is left, in this order (docs/new-carrier.md shows each):

1. carriers/registry.py: `from carriers.{name} import {cls}`, and `{cls}` among the adapters; `{name}` in PROVEN.
   From here on this is green, and is to stay so:
   python -m pytest -n 0 -k {name} {places}
   In ADDRESSES where its API is; service/settings.py: that host in CARRIER_HOSTS, and so in deploy/env.example.
2. docs/carriers.md: a chapter of its own, each fact with how sure we are of it.
3. simulator/carriers/{name}: the contract at its top, then the stand-in, from that chapter alone and by somebody else
   than the adapter; tests/simulator/carriers/test_{name}.py holds it.
4. tests/carriers/{name}/recorded: requests and answers as the carrier prints them or its sandbox gave them.
5. carriers/{name}: calls.py, answers.py, tracking.py, rules.py to those. What the carrier lacks goes out of `able`
   and its method with it; what the contract is not certain of stands behind a switch, named in `able.unproven`.
6. tests/carriers/{name}/sort.py: what books, how an account is filled, what its contract does not list.
7. python -m carriers test {name} --account FILE, then book, label, track and cancel against the carrier's sandbox.
8. In three languages, service/words/parcels.py: `carrier_{name}`, what people call it; service/web/words: logins.py
   `given_{name}_…` for what an account gives and `switch_{name}_…` for what is unproven, options.py `option_{name}_…`.
   service/steps/pairing.py: the kinds of its points in KINDS, as far as UPgates knows them, for without that none of
   its points is offered. Then python -m service dossier > docs/dossier.md.
9. docs/carriers.md 9 and 11, README (Carriers by hand), CHANGELOG; where warehouses name it: carriers/__init__.py,
   simulator/wms/shapes.py, docs/wms.md.
10. make format, make check.
"""


class Unwritable(Exception):
    """Why there can be no such carrier there; nothing was written."""


def write(name: str, into: Path) -> Sequence[str]:
    """Write a carrier into a checkout and return the places it has there; raise Unwritable, or OSError of the disk."""
    _check_name(name)
    if odd := [top for top in (CHECKOUT, into) if not all((top / mark).is_file() for mark in MARKS)]:
        raise Unwritable(f"{odd[0]} is no checkout: it lacks one of {', '.join(MARKS)}")
    places = [place.format(name) for place in PLACES]
    if taken := [place for place in places if (into / place).exists() or (into / f"{place}.py").exists()]:
        raise Unwritable(f"{name} is taken: there is {', '.join(taken)}")
    for path, text in _files(name).items():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text, encoding="utf-8")
    return places


def steps(name: str) -> str:
    """Return what is left to do, in order."""
    *_, mine, stand_in = (place.format(name) for place in PLACES)
    places = " ".join([*SUITE, mine, stand_in])
    return STEPS.format(name=name, cls=class_of(name), places=places)


def class_of(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _check_name(name: str) -> None:
    if not SHAPE.fullmatch(name) or not 3 <= len(name) <= LONGEST:
        raise Unwritable(
            f"{name!r} is no name: 3 to {LONGEST} letters a to z and digits, a letter first, words parted by one _"
        )
    adapter = class_of(name)
    if name in NOBODY or keyword.iskeyword(name) or any(hasattr(words, adapter) for words in (base, builtins)):
        raise Unwritable(f"{name} is reserved: another word of this house or of Python")


def _files(name: str) -> Mapping[str, str]:
    """Return the files of a carrier by their paths in the checkout."""
    tops = [CHECKOUT / place.format(EXAMPLE) for place in PLACES]
    found = [path for top in tops for path in (sorted(top.rglob("*")) if top.is_dir() else [top])]
    return {
        str(path.relative_to(CHECKOUT)).replace(EXAMPLE, name): _renamed(path.read_text(encoding="utf-8"), name)
        for path in found
        if path.suffix in KINDS
    }


def _renamed(text: str, name: str) -> str:
    """Return a file under another name, its imports in the order of the alphabet again."""
    title = name.replace("_", " ").capitalize()
    told = text.replace(EXAMPLE, name).replace(CLASS, class_of(name)).replace(TITLE, title)
    return IMPORTS.sub(lambda run: "".join(sorted(run[0].splitlines(keepends=True), key=_module)), told)


def _module(line: str) -> str:
    return line.split()[1]
