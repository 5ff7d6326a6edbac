from tests.carriers.sorts import Sort, login

SORT = Sort(
    "DR",
    "NB",
    "POST /parcelService",
    "GET /sendParcels/idTransaction/{}",
    given=lambda world: {
        "customer_id": login(world)["customer_id"],
        "post_code": login(world)["post_code"],
        "location_number": login(world)["location_number"],
        "contract_id": login(world)["id_contract"],
    },
    switches=frozenset({"depots"}),  # the stand-in has one in its list
    secrets=lambda world: {name: login(world)[name] for name in ("api_token", "secret_key")},
)
