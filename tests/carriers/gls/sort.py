from tests.carriers.sorts import SHOP, Sort, login

SORT = Sort(
    "parcel",
    "PSD",
    "PrintLabels",
    "PrintLabels",
    given=lambda world: {
        "username": login(world)["username"],
        "client_number": login(world)["client_number"],
        "sender_name": SHOP.name,
        "sender_street": SHOP.street,
        "sender_city": SHOP.city,
        "sender_zip": SHOP.zip,
        "sender_country": "CZ",
    },
    secrets=lambda world: {"password": login(world)["password"]},
)
