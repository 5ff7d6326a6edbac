from tests.carriers.sorts import Sort, login

SORT = Sort(
    "home",
    "point",
    "createPacket",
    given=lambda _: {"eshop": "muj-eshop"},
    secrets=lambda world: login(world) | {"webhook_key": "a" * 32},
    key=lambda parcel: parcel.handle.ids["packet_id"],
    switches=frozenset({"push"}),
)
