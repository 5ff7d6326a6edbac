"""The control API: plays merchant, customers, bad weather and the people at UPgates. This machine only.

Bodies are JSON objects and may be left out where every field has a default; an unknown field, a wrong value or an
unknown order is refused with 4xx and `{"error": …}` before anything is done. S stands for `/_control/shops/{slug}`.

Shops
    GET    /_control                      what the ready line says
    GET    /_control/shops                the same
    POST   /_control/shops                {"slug": "c", "orders": 100, "products": 20, "tariff": "verified"}
    GET    S                              addresses, credentials, the add-on's user
    PATCH  S                              {"latency_s": 0.05, "tariff": "bronze", "mails_on_same_status": true, …}
    POST   S/move                         {"to": "a2", "how": "body" | "location"}: the old address answers 301
    POST   S/users                        {"rights": {"products": "deny"}}
    POST   /_control/lockout/clear        forget bad logins: addresses locked out after five of them may call again
    PATCH  S/users/{login | addon}        {"revoked": true} (401), {"active": false} (403), {"rights": {…}}

Faults (kinds with their meaning: GET S/faults)
    GET    S/faults
    POST   S/faults                       {"kind": "busy", "calls": 2, "method": "GET", "template": "/orders", …},
                                          {"kind": "dropped", "calls": null, "method": "PUT", "one_in": 10, "seed": 7},
                                          {"kind": "error", "status": 503, …},
                                          {"kind": "late", …, "every": 20, "seconds": 2, "seconds_most": 90},
                                          {"kind": "silent", …, "numbers": ["O26001"]}
    DELETE S/faults                       {"kind": "busy"} or all

Webhooks
    GET    S/hooks                        registered webhooks, settings, what waits, the last calls
    GET    S/hooks/acked                  {"bodies": {"Orders.update 3f9c…": 2}}: answered right, by SHA-256 of the body
    PATCH  S/hooks                        {"double_every": 3, "shuffle_s": 5, "lose_next": 10, "swallow_next": 1,
                                           "hold": true, "echo": false, "timeout_delivered": false, "switch_off": false,
                                           "quirks": {"statuses_as_printed": true, …}, "off": "Orders.update"}

What happens in a shop (answers: {"count": n, "orders" | "products": [{number or id, …, last_update_time}]})
    POST   S/orders/create                {"count": 200, "bulk": false, "language": "cs", "fields": {}}
    POST   S/orders/change                {"numbers": ["O26001", …], "count": 1000} or {"count": 5, "of": "oldest"}:
                                          random kinds of change; with {"fields": {"status_id": 3}} the same for each
    POST   S/orders/delete                {"numbers": […]} or {"count": 3, "of": "newest"}
    POST   S/orders/restore               {"numbers": […]} or {"count": 3}
    POST   S/orders/bulk-status           {"count": 5000, "of": "oldest", "type": "Sent"} or {…, "status_id": 7}:
                                          one webhook event with all of them
    POST   S/products/price-import        {"count": 1500, "percent": 2.5}: one webhook event
    POST   S/products/create              {"fields": {}}
    POST   S/products/{product_id}/change {"fields": {"stock": 4}}
    POST   S/products/{product_id}/delete
    POST   S/stock                        {"moves": [["P0001", -2]]}
    POST   S/statuses                     {"names": {"cs": "Na skladě", "sk": "Na sklade"}}
    POST   S/statuses/{status_id}/rename  {"names": {"cs": "Zabaleno"}}
    POST   S/statuses/{status_id}/delete
    POST   S/shipments/{id}/touch         {"fields": {}}
    POST   S/payments/{id}/touch          {"fields": {}}

Add-on (answers: the call, its status, the add-on's answer, `ok`, `why`, and whether it is active afterwards)
    GET    /_control/addon                where it is, whom it serves, the last calls
    PATCH  /_control/addon                {"url": "http://127.0.0.1:8000", "version": 2, "doors": {"open": "http://…"}}
    POST   /_control/addon/block          {"status": 403, "uninstall_calls": false}
    POST   /_control/addon/unblock
    POST   S/install                      {"language": "cs", "again": false}
    POST   S/open                         {"language": "cs"}
    POST   S/uninstall                    {"lost": false}
    POST   S/reinstall                    {"language": "cs"}
    POST   S/version                      {"version": 2, "signs": "short" | "with_version" | "full", "new_key": false}
    POST   S/wrong                        {"door": "install", "fault": "bad_signature" | "old_time" | …}
    POST   S/replay                       {"door": "uninstall", "of": "open"}: a captured body to another door
    GET    /_control/key                  the public key, its host's mode, how often it was fetched
    POST   /_control/key/rotate
    PATCH  /_control/key                  {"mode": "up" | "down" | "hang"}

Truth and figures
    GET    S/dump?what=order,product&numbers=a;b  a JSON line per record: {"kind", "id", "deleted", "record"}
    GET    S/stats                        calls by method and template, broken rules, mails, webhook figures
    POST   S/stats/reset
    GET    S/calls?last=100               the newest API calls
    GET    S/mails?last=100               the newest messages to customers
    GET    S/mails/orders                 how many each order caused: {"email": {"O26001": 1}, "sms": {}}
    GET    /_control/stats                all shops, key fetches, our own lag
    POST   /_control/stats/reset
"""

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from simulator.control import addon, happenings, shops, switches, truth
from simulator.control.asking import Nothing, Refused, refusal, shop_route, world_route
from simulator.stage import Stage

WORLD = (
    ("GET", "", Nothing, shops.overview),
    ("GET", "/shops", Nothing, shops.overview),
    ("POST", "/shops", shops.NewShop, shops.create),
    ("POST", "/lockout/clear", Nothing, switches.clear_lockout),
    ("GET", "/addon", Nothing, addon.addon),
    ("PATCH", "/addon", addon.ChangeAddon, addon.change_addon),
    ("POST", "/addon/block", addon.Block, addon.block),
    ("POST", "/addon/unblock", Nothing, addon.unblock),
    ("GET", "/key", Nothing, addon.key),
    ("PATCH", "/key", addon.SwitchKeyHost, addon.switch_key_host),
    ("POST", "/key/rotate", Nothing, addon.rotate_key),
    ("GET", "/stats", Nothing, truth.all_stats),
    ("POST", "/stats/reset", Nothing, truth.reset_all_stats),
)

HAPPENINGS = (
    ("POST", "/orders/create", happenings.CreateOrders, happenings.create_orders),
    ("POST", "/orders/change", happenings.ChangeOrders, happenings.change_orders),
    ("POST", "/orders/delete", happenings.SomeOrders, happenings.delete_orders),
    ("POST", "/orders/restore", happenings.SomeOrders, happenings.restore_orders),
    ("POST", "/orders/bulk-status", happenings.BulkStatus, happenings.bulk_status),
    ("POST", "/products/price-import", happenings.ImportPrices, happenings.import_prices),
    ("POST", "/products/create", happenings.NewProduct, happenings.create_product),
    ("POST", "/products/{product_id}/change", happenings.ChangeProduct, happenings.change_product),
    ("POST", "/products/{product_id}/delete", happenings.OneProduct, happenings.delete_product),
    ("POST", "/stock", happenings.MoveStock, happenings.move_stock),
    ("POST", "/statuses", happenings.NewStatus, happenings.create_status),
    ("POST", "/statuses/{status_id}/rename", happenings.RenameStatus, happenings.rename_status),
    ("POST", "/statuses/{status_id}/delete", happenings.OneStatus, happenings.delete_status),
    ("POST", "/shipments/{id}/touch", happenings.Touch, happenings.touch_shipment),
    ("POST", "/payments/{id}/touch", happenings.Touch, happenings.touch_payment),
)

SHOP = (
    ("GET", "", Nothing, shops.one),
    ("PATCH", "", switches.Switches, switches.switch),
    ("POST", "/move", switches.MoveShop, switches.move),
    ("POST", "/users", switches.NewUser, switches.add_user),
    ("PATCH", "/users/{login}", switches.ChangeUser, switches.change_user),
    ("GET", "/faults", Nothing, switches.faults),
    ("POST", "/faults", switches.NewFault, switches.add_fault),
    ("DELETE", "/faults", switches.ClearFaults, switches.clear_faults),
    ("GET", "/hooks", Nothing, switches.hooks),
    ("GET", "/hooks/acked", Nothing, switches.acked),
    ("PATCH", "/hooks", switches.HookSwitches, switches.switch_hooks),
    ("POST", "/install", addon.Install, addon.install),
    ("POST", "/open", addon.Speaking, addon.open_),
    ("POST", "/uninstall", addon.Uninstall, addon.uninstall),
    ("POST", "/reinstall", addon.Speaking, addon.reinstall),
    ("POST", "/version", addon.ChangeVersion, addon.change_version),
    ("POST", "/wrong", addon.Wrong, addon.wrong),
    ("POST", "/replay", addon.Replay, addon.replay),
    *((method, path, model, happenings.refusing(act)) for method, path, model, act in HAPPENINGS),
    ("GET", "/dump", truth.Dump, truth.dump),
    ("GET", "/stats", Nothing, truth.stats),
    ("POST", "/stats/reset", Nothing, truth.reset_stats),
    ("GET", "/calls", truth.Last, truth.calls),
    ("GET", "/mails", truth.Last, truth.mails),
    ("GET", "/mails/orders", Nothing, truth.mails_by_order),
)


def app(stage: Stage) -> Starlette:
    """Return the control API over a stage."""
    routes = [world_route(stage, *row) for row in WORLD] + [shop_route(stage, *row) for row in SHOP]
    handlers = {Refused: refusal, ValidationError: refusal, HTTPException: refusal}
    return Starlette(routes=routes, exception_handlers=handlers)
