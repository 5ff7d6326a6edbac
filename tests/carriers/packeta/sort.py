from carriers.states import State
from tests.carriers.sorts import Sort, login

SORT = Sort(
    "home",
    "point",
    "createPacket",
    given=lambda _: {"eshop": "muj-eshop"},
    secrets=lambda world: login(world) | {"webhook_key": "a" * 32},
    key=lambda parcel: parcel.handle.ids["packet_id"],
    switches=frozenset({"push"}),
    more=frozenset({"customs", "more_codes"}),
    far="home",
    far_options={"carrier_id": "31000"},
    choices={"dpi": "1200", "label_format": "A0"},
    said={"3": State.IN_TRANSIT, "14": State.IN_TRANSIT, "15": State.IN_TRANSIT, "999": State.UNKNOWN},
    said_more={
        **dict.fromkeys(("18", "19", "20", "21", "22"), State.RETURNING),
        **dict.fromkeys(("23", "24", "25", "26"), State.EXCEPTION),
        **dict.fromkeys(("27", "28", "29", "30", "31"), State.IN_TRANSIT),
    },
)
