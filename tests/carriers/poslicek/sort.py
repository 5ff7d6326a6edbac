from tests.carriers.sorts import Sort

SORT = Sort("home", "point", "POST /parcels", "POST /parcels", tells_orders=False)
