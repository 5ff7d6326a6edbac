"""Packages added, checked, dropped and read again until they are ordered (carriers.md 6.2, 6.5)."""

from typing import Any

from simulator.carriers.balikobot import numbers, papers, rules
from simulator.carriers.balikobot.asking import Asked, Method, Refusal
from simulator.carriers.world import Parcel

FIRST_ID = 42_719


def add(asked: Asked) -> dict[str, Any]:
    """Store packages, each for itself: what is wrong with one keeps no other from being stored."""
    if asked.inner.code in asked.account.given.get("incomplete", ()):
        raise Refusal(409, "Profil dopravce není úplný.")
    packages = [_added(asked, told) for told in _packages(asked)]
    ids = [str(one["package_id"]) for one in packages if "package_id" in one]
    top = {"labels_url": papers.labels_url(asked.world, asked.inner.code, ids)} if ids else {}
    return _answered(asked, packages, top)


def check(asked: Asked) -> dict[str, Any]:
    """Say what is wrong with packages and store nothing."""
    return _answered(asked, [_refused(asked, told) or {"status": _text(asked, 200)} for told in _packages(asked)], {})


def drop(asked: Asked) -> dict[str, Any]:
    """Remove packages that are not ordered, all of them or none; their eids are free again."""
    packages = asked.packages(asked.ids())
    # Guess: what was handed over without having been ordered cannot be removed either.
    ordered = [one.bag["package_id"] for one in packages if "order" in one.bag or asked.world.is_handed(one)]
    if ordered:
        raise Refusal(405, f"Již objednané balíky: {', '.join(ordered)}.")
    for package in packages:
        asked.world.cancel(package)
        package.bag["dropped"] = True
        del asked.world.bag["eids"][_key(asked, package.reference)]
        del asked.world.bag["ids"][package.bag["package_id"]]
    return {"status": 200}


def overview(asked: Asked) -> dict[str, Any]:
    """Return the packages that were added and not ordered. Guess: that rows are those of `add`."""
    waiting = [
        package
        for number in asked.world.bag["ids"].values()
        if (package := asked.numbered(number)) and "order" not in package.bag
    ]
    return {"status": 200, "packages": [shown(asked, package) for package in waiting]}


def stored(asked: Asked) -> dict[str, Any]:
    """Return what is stored of one package, by its id or by the carrier's number. Guess: all in one row at the top."""
    match asked.more:
        case (id_,):
            package = asked.package(id_)
        case ("carrier_id", number):
            package = asked.numbered(number)
        case _:
            raise Refusal(404, "Balík neexistuje.")
    if package is None:
        raise Refusal(404, "Balík neexistuje.")
    return {**package.bag["told"], **shown(asked, package), "status": 200}


def shown(asked: Asked, package: Parcel, status: int = 200) -> dict[str, Any]:
    """Return a package as its adding is answered; ids and statuses are text or numbers, as the carrier has it."""
    bag, told = package.bag, package.bag["told"]
    row = {
        "status": _text(asked, status),
        "eid": package.reference,
        "order_number": told.get("order_number", 1),
        "package_id": bag["package_id"] if asked.inner.texts else int(bag["package_id"]),
        "carrier_id": package.number,
        "label_url": papers.labels_url(asked.world, asked.inner.code, [bag["package_id"]]),
    }
    if told.get("return_track"):
        row["track_url"] = numbers.url(asked.inner, package.number)
    if bag["swap"]:
        row["carrier_id_swap"] = bag["swap"]
    if bag["final"]:  # guess: that it is known at once, and where it can be followed
        row["carrier_id_final"] = bag["final"]
        if told.get("return_track"):
            row["track_url_final"] = f"https://tracking.example/final/{bag['final']}"
    if package.barcode != package.number:
        row["barcode"] = package.barcode
    if told.get("get_piece_numbers"):
        row["pieces"] = [package.number, *bag["pieces"]]  # guess: a list of the numbers
    if bag["final"]:
        row |= {"carrier_id_final": bag["final"], "track_url_final": f"https://tracking.example/{bag['final']}"}
    return row


def facts(package: Parcel) -> dict[str, Any]:
    """Return what was told of a package, and whether it was ordered or dropped."""
    told = package.bag["told"]
    customs = ("content_data", "invoice_number", "invoice_pdf", "eori")
    return {
        "customs": {n: v for n, v in told.items() if n in customs or n.startswith("declaration_")} or None,
        "insured": (told.get("price"), told.get("ins_currency")) if told.get("del_insurance") else None,
        "services": [*told.get("services", ()), *(n for n in rules.SERVICES if told.get(n) is True)],
        "contact": {name: told.get(f"rec_{name}") for name in ("name", "firm", "phone", "email")},
        "sender": {n: v for n, v in told.items() if n.startswith("sen_")} or None,
        "inner": package.bag["inner"],
        "is_ordered": "order" in package.bag,
        "is_dropped": bool(package.bag.get("dropped")),
    }


def _packages(asked: Asked) -> list[Any]:
    found = asked.told.get("packages")
    if found is None or found == []:
        raise Refusal(406, "packages: povinný údaj chybí.")
    if not isinstance(found, list):
        raise Refusal(413, "packages: očekává se seznam.")
    return found


def _added(asked: Asked, told: Any) -> dict[str, Any]:
    """Store a package, or say what is wrong, or return the one its eid has made before, with the values of then."""
    if isinstance(told, dict) and isinstance(told.get("eid"), str):
        number = asked.world.bag["eids"].get(_key(asked, told["eid"]))
        if number is not None:
            return shown(asked, asked.world.parcels[number], 208)
    return _refused(asked, told) or shown(asked, _made(asked, told))


def _refused(asked: Asked, told: Any) -> dict[str, Any] | None:
    if not isinstance(told, dict):
        return {"status": 400}
    found = rules.wrong(asked, told)
    if not found:
        return None
    row: dict[str, Any] = {"status": max(found.values())}
    if isinstance(told.get("eid"), str):
        row["eid"] = told["eid"]
    if told.get("return_full_errors") is True:  # SINGLE in the contract; what `type` says is a guess
        errors = [{"type": code, "attribute": name, "message": rules.TEXTS[code]} for name, code in found.items()]
        return row | {"errors": errors}
    return found | row if "eid" not in found else row | found  # a wrong eid is told by its code


def _made(asked: Asked, told: dict[str, Any]) -> Parcel:
    world, inner = asked.world, asked.inner
    kept = {name: value for name, value in told.items() if value not in (None, "")}
    if "note" in kept:
        kept["note"] = kept["note"][: rules.CUT_NOTE]
    service = inner.service(kept["service_type"])
    if service is None:
        raise ValueError(kept["service_type"])  # the rules have let it pass
    cod = kept.get("cod_price")
    found = [numbers.drawn(world, inner, service, cod=bool(cod)) for _ in range(kept.get("pieces_count", 1))]
    id_ = str(world.serial("packages", FIRST_ID))
    world.bag["ids"][id_] = found[0]
    world.bag["eids"][_key(asked, kept["eid"])] = found[0]
    return world.make(
        found[0],
        reference=kept["eid"],
        account=asked.account.name,
        barcode=numbers.barcode(inner, service, found[0], kept),
        point=f"{inner.code}/{kept['branch_id']}" if service.kinds else "",
        town=kept.get("rec_city", ""),
        cod=(f"{rules.amount(cod):f}", kept["cod_currency"]) if cod else None,
        told=kept,
        inner=inner.code,
        package_id=id_,
        pieces=found[1:],
        swap=numbers.drawn(world, inner, service, cod=False) if rules.is_swap(kept) else "",
        final=f"F{world.serial('final', 70_100_200)}" if service.final else "",
    )


def _answered(asked: Asked, packages: list[dict[str, Any]], top: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a list; one that is wrong makes the status of all 400, only replays make it 208 (guess)."""
    statuses = {int(one["status"]) for one in packages}
    status = 400 if max(statuses) >= 400 else 208 if statuses == {208} else 200
    if asked.inner.older:
        return {"status": status, **top, **{str(n): one for n, one in enumerate(packages)}}
    return {"status": status, **top, "packages": packages}


def _text(asked: Asked, status: int) -> str | int:
    return str(status) if asked.inner.texts else status


def _key(asked: Asked, eid: str) -> tuple[str, str, str]:
    return asked.account.name, asked.inner.code, eid


METHODS: dict[str, Method] = {
    "add": add,
    "check": check,
    "drop": drop,
    "overview": overview,
    "package": stored,
}
