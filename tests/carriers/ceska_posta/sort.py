from carriers.states import State
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
    # na_postu is not: how a post office is addressed is nowhere written, and either side reads it otherwise
    more=frozenset({"abroad", "ems", "insured_parcels", "packets", "variants"}),
    more_given={"forms": "CE=72,CS=58,CV=59,EM=60"},
    goes=dict.fromkeys(("CE", "CS", "CV", "EM"), "CH"),
    far="CE",
    insuring={"services": "7"},
    checks=True,
    choices={"forms": "RR=999", "zpl": "300", "shift_horizontal": "far", "shift_vertical": "down"},
    said={
        "-L": State.CREATED,
        **dict.fromkeys(("8D", "8T", "8Z", "8U", "-F", "-I", "-B", "-K", "5K"), State.IN_TRANSIT),
        "P2": State.AT_PICKUP_POINT,
        **dict.fromkeys(("96", "98", "9B", "9E"), State.RETURNING),
        "8E": State.EXCEPTION,
    },
)
