"""/webhooks: one per request, bound to the API user that made it (contract 3.1); needs no right."""

from typing import Any
from urllib.parse import urlsplit

from simulator.ask import Ask, Page, Refused
from simulator.limits import EVENTS, may_hear
from simulator.shop import Record, Webhook
from simulator.wire import as_bool, as_int, dumps, message


def get(ask: Ask) -> Page:
    """Return the caller's webhooks; the look that is due before a POST (R29)."""
    id_ = ask.number("id")
    mine = [hook for hook in ask.shop.webhooks.values() if hook.login == ask.user.login]
    if id_ is None:
        ask.shop.webhooks_unread = {key for key in ask.shop.webhooks_unread if key[0] != ask.user.login}
    return Page("webhooks", [dumps(hook.record()) for hook in mine if id_ is None or hook.id == id_])


def post(ask: Ask) -> Record:
    """Register one webhook. The same one twice without a look in between is a breach, and is made all the same."""
    body = ask.body()
    event, url = _checked(ask, body, required=("name", "url", "event"))
    key = (ask.user.login, event.lower(), url)
    if key in ask.shop.webhooks_unread:
        ask.shop.stats.breach("webhook_unasked")
    ask.shop.webhooks_unread.add(key)
    hook = Webhook(
        id=ask.shop.serial("webhooks"),
        login=ask.user.login,
        event=event,
        url=url,
        name=str(body["name"]),
        created_at=ask.now,
        active=as_bool(body.get("active_yn", True)) is not False,
    )
    if not ask.pretend:
        ask.shop.webhooks[hook.id] = hook
    return {"webhook": _short(hook)}


def put(ask: Ask) -> Record:
    """Change a webhook, paired by `id`."""
    body = ask.body()
    id_ = as_int(body.get("id"))
    hook = ask.shop.webhooks.get(id_) if id_ is not None else None
    if hook is None or hook.login != ask.user.login:
        raise Refused(400, "Webhook neexistuje")  # guess: how an unknown id is answered
    event, url = _checked(ask, {"name": hook.name, "url": hook.url, "event": hook.event, **body}, required=())
    if not ask.pretend:
        hook.event, hook.url = event, url
        hook.name = str(body.get("name", hook.name))
        hook.active = as_bool(body.get("active_yn", hook.active)) is not False
    return {"webhook": _short(hook)}


def delete(ask: Ask) -> Record:
    """Delete webhooks by path or by `ids`; the flag is `deleted` here, the id a string (T18)."""
    wanted = [ask.path["id"]] if "id" in ask.path else ask.many("ids")
    if not wanted:
        raise Refused(400, "Chybí id nebo ids")
    return {"webhooks": [_deleted(ask, text) for text in wanted]}


def events(ask: Ask) -> Page:
    """Return the events and whether the caller's rights allow them; not all names are spelled alike (T17)."""
    rows = [{"name": name, "allowed_yn": may_hear(ask.user, name)} for name in EVENTS]
    return Page("events", [dumps(row) for row in rows])


def _deleted(ask: Ask, text: str) -> Record:
    id_ = as_int(text)
    hook = ask.shop.webhooks.get(id_) if id_ is not None else None
    if hook is None or hook.login != ask.user.login:
        return {"id": text, "deleted": False, "messages": [message("Webhook neexistuje", object_="webhook")]}
    if not ask.pretend:
        del ask.shop.webhooks[hook.id]
    return {"id": text, "deleted": True, "messages": []}


def _checked(ask: Ask, body: dict[str, Any], *, required: tuple[str, ...]) -> tuple[str, str]:
    """Return event and URL; 400 when something is missing or odd."""
    # guess: the contract prints no error form for webhooks
    missing = [name for name in required if not body.get(name)]
    if missing:
        raise Refused(400, f"Povinná hodnota chybí: {', '.join(missing)}")
    event = next((name for name in EVENTS if name.lower() == str(body["event"]).lower()), None)
    if event is None or not may_hear(ask.user, event):
        raise Refused(400, "Neznámá nebo nepovolená událost")
    url = urlsplit(str(body["url"]))
    if url.scheme not in ("http", "https") or not url.hostname:
        raise Refused(400, "URL musí obsahovat schéma a doménu")
    return event, str(body["url"])


def _short(hook: Webhook) -> Record:
    return {"id": hook.id, "active_yn": hook.active, "name": hook.name, "url": hook.url, "event": hook.event}


METHODS = {"GET": get, "POST": post, "PUT": put, "DELETE": delete}
