from carriers.states import State
from tests.carriers.sorts import Sort, login

KINDS = {
    **dict.fromkeys(("cp/NP", "sp/BZP", "sp/EXP", "sp/BNP"), ("office",)),
    **dict.fromkeys(("ppl/52", "sp/BZB", "sp/EXB", "sp/BNB"), ("box",)),
    "dpd/11": ("shop",),
}

SHOP = {
    "return_name": "Dílna s.r.o.",
    "return_street": "Tovární 8",
    "return_city": "Olomouc",
    "return_zip": "779 00",
    "return_country": "CZ",
}

SORT = Sort(
    "cp/DR",
    "cp/NB",
    "add",
    "add",
    given=lambda world: {"user": login(world)["api_user"], "collects": "cp"},
    secrets=lambda world: {"key": login(world)["api_key"]},
    network="cp",
    collects_from=None,
    numbers_cars=False,
    orders="orderpickup",
    more=frozenset({"cod_first_box", "customs_rows", "fan_courier", "returns"}),
    more_given={"services": "fan/Standard, ups/1, zasilkovna/4161", "return_services": "cp/DR"} | SHOP,
    goes={
        "fan/Standard": "RO",
        "ppl/2": "SK",
        "ppl/48": "SK",
        **dict.fromkeys(("sp/BZA", "sp/BZP", "sp/BZB", "sp/EXA", "sp/EXP", "sp/EXB"), "SK"),
        **dict.fromkeys(("sp/BNA", "sp/BNP", "sp/BNB", "sp/RRA", "zasilkovna/131", "zasilkovna/VMSK"), "SK"),
        "ups/1": "CH",
        "zasilkovna/4161": "RO",
        **{f"zasilkovna/VM{country}": country for country in ("HU", "PL", "RO")},
    },
    takes_to=lambda service, _, point: point.kind in KINDS.get(service, ("shop", "box")),
    far="ups/1",
    declares=False,
    insuring={"del_insurance": "1"},
    choices={"services": "no service", "keys": "test", "collects": "liftago"},
    said={
        "2.1": State.ACCEPTED,
        "2.2": State.IN_TRANSIT,
        "2.5": State.IN_TRANSIT,
        "2.3": State.AT_PICKUP_POINT,
        "2.4": State.RETURNING,
        **dict.fromkeys(("1.1", "1.2"), State.DELIVERED),
        **dict.fromkeys(("3.1", "3.2", "3.3"), State.CANCELLED),
        "4": State.RETURNED,
        "5": None,
        **dict.fromkeys(("0.1", "0.2", "0.3"), State.EXCEPTION),
    },
)
