"""The panel opens by a ticket, tells how the activation goes, lets a shop be paired, and shows no credentials."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from starlette.applications import Starlette

from service import accounts, activations, tenants
from service.accounts import Kind, Person
from service.activations import Progress, Step
from service.db import Database
from service.flows import admit, dismiss
from service.flows import open as opening
from service.lanes import Lane
from service.steps.lifecycle import Endpoint
from service.web import frame, panel, progress, words
from service.web.words import Language
from tests.asgi import Client
from tests.lifecycle import CREDENTIALS, START, bench

RUNNING = Progress(Step.ORDERS, "running", None, 10, 40, None, START - timedelta(minutes=5), None)
SAID = words.IN[Language.EN]


@pytest.fixture
def shop(database, tmp_path):
    with bench(database.url, tmp_path) as made:
        yield made


@pytest.fixture
def client(shop):
    return Client(Starlette(routes=panel.routes(shop.rig)))


@pytest.fixture
def tenant_id(shop):
    return admit.run(shop.rig, shop.call(), CREDENTIALS)


def ticket_of(shop, language="en"):
    shop.watch.pass_s(1)
    return opening.run(shop.rig, shop.call(Endpoint.OPEN), language=language)


@pytest.fixture
def inside(shop, client, tenant_id):
    """Return a client with a session."""
    client.get(f"/panel/enter/{ticket_of(shop)}")
    return client


def form_token(client):
    return re.search(r'name="form_token" value="([0-9a-f]+)"', client.get("/panel").text)[1]


def finish(shop, tenant_id):
    with shop.rig.db.tx(tenant_id) as conn:
        shop.watch.pass_s(60)
        for lane in (Lane.ACTIVATE, Lane.PULL):
            while claimed := activations.claim(conn, tenant_id, lane, now=shop.watch.at, lease_s=45):
                activations.done(conn, tenant_id, claimed, now=shop.watch.at, next_at=shop.watch.at)


def owner_entry(shop, tenant_id, **entry):
    statement = """
        INSERT INTO codebook_entries (tenant_id, kind, entry_id, content, read_at)
        VALUES (%s, 'owner', %s, jsonb_build_object('company', %s::text, 'email', %s::text), %s)
    """
    with shop.rig.db.tx(tenant_id) as conn:
        conn.execute(statement, [tenant_id, entry["language"], entry["company"], entry["email"], shop.watch.at])


def account_of(shop, tenant_id):
    with shop.rig.db.tx(tenant_id) as conn:
        account_id = tenants.of(conn, tenant_id).account_id
        return accounts.of(conn, account_id) if account_id else None


def test_a_ticket_becomes_a_cookie_that_works_in_the_admins_frame(shop, client, tenant_id) -> None:
    answer = client.get(f"/panel/enter/{ticket_of(shop)}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/panel")
    rules = set(answer.headers["set-cookie"].split("; ")[1:])
    assert {"Path=/panel", "HttpOnly", "Secure", "SameSite=None", "Partitioned"} <= rules


@pytest.mark.parametrize(
    ("language", "told"),
    [("cs", "Otevřete doplněk znovu"), ("sk", "Otvorte doplnok znova"), ("en", "open the add-on again")],
)
def test_a_used_ticket_says_what_to_do_in_the_right_language(shop, client, tenant_id, language, told) -> None:
    ticket = ticket_of(shop, language)
    client.get(f"/panel/enter/{ticket}")

    answer = client.get(f"/panel/enter/{ticket}")

    assert answer.status_code == 410
    assert told in answer.text
    assert f'<html lang="{language}">' in answer.text


def test_an_old_ticket_opens_nothing(shop, client, tenant_id) -> None:
    ticket = ticket_of(shop)
    shop.watch.pass_s(60)

    assert client.get(f"/panel/enter/{ticket}").status_code == 410


def test_a_look_at_the_headers_uses_no_ticket_up(shop, client, tenant_id) -> None:
    ticket = ticket_of(shop)

    assert client.request("HEAD", f"/panel/enter/{ticket}").status_code == 405
    assert client.get(f"/panel/enter/{ticket}").status_code == 303


def test_a_ticket_of_nobody_speaks_the_browsers_language(client) -> None:
    for ticket in ("nonsense", "t_abc.xyz", "*.x", "%00", "t_a.%00", "'; DROP TABLE tenants"):
        answer = client.get(f"/panel/enter/{ticket}", headers={"Accept-Language": "sk-SK,sk;q=0.9"})

        assert (answer.status_code, "Otvorte doplnok znova" in answer.text) == (410, True)


def test_without_a_session_there_is_nothing_to_see(client) -> None:
    for cookie in ("", "panel=", "panel=t_abc.x", "panel=*.x", "a;b=;;="):
        asks = [("GET", "/panel"), ("GET", "/panel/progress"), ("POST", "/panel/account"), ("POST", "/panel/leave")]
        answers = [client.request(method, path, headers={"Cookie": cookie}) for method, path in asks]

        assert [answer.status_code for answer in answers] == [401] * 4


def test_every_answer_may_be_framed_by_the_admin_and_is_not_kept(shop, inside) -> None:
    for path in ("/panel", "/panel/progress", "/panel/enter/x", "/panel/static/panel.css", "/panel/static/none"):
        headers = inside.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert policy.endswith("frame-ancestors https://*.upgates.com")
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "x-frame-options" not in headers


def test_a_stand_in_on_the_loopback_may_frame_the_panel_too(shop, database, tmp_path) -> None:
    local = replace(shop.rig, settings=shop.rig.settings.model_copy(update={"public_url": "http://127.0.0.1:8000"}))

    assert "http://127.0.0.1:*" in frame.headers_of(local.settings)["Content-Security-Policy"]


def test_the_page_shows_every_step_and_whom_to_call(shop, inside, tenant_id) -> None:
    page = inside.get("/panel").text

    for step in activations.EXPEDITION:
        assert SAID[f"step_{step}"] in page
    assert page.count("Waiting") == len(activations.EXPEDITION)
    assert 'href="tel:+420777123456"' in page
    assert 'href="mailto:help@example.com"' in page
    assert SAID["observe_text"] in page
    assert SAID["done_next_text"] not in page
    assert 'data-running="yes"' in page


def test_the_parts_that_refresh_are_parts_of_the_page(shop, inside) -> None:
    steps, whose = inside.get("/panel/progress").text.split('<div id="whose">')

    page = inside.get("/panel").text
    assert steps.strip() in page
    assert whose.strip() in page


def test_the_account_appears_without_a_reload(shop, inside, tenant_id) -> None:
    assert SAID["account_none"] in inside.get("/panel/progress").text

    with shop.rig.db.tx(tenant_id) as conn:
        account_id = accounts.create(conn, Kind.MERCHANT, Person("Kvítek s.r.o."), now=START)
        tenants.pair(conn, tenant_id, account_id=account_id)

    assert "Kvítek s.r.o." in inside.get("/panel/progress").text


def test_a_finished_activation_thanks_and_stops_refreshing(shop, inside, tenant_id) -> None:
    finish(shop, tenant_id)

    page = inside.get("/panel").text

    assert SAID["thanks"] in page
    assert SAID["done_next_text"] in page
    assert 'data-running="no"' in page


def test_a_failed_step_says_what_to_do_and_why(shop, inside, tenant_id) -> None:
    with shop.rig.db.tx(tenant_id) as conn:
        shop.watch.pass_s(60)
        claimed = activations.claim(conn, tenant_id, Lane.ACTIVATE, now=shop.watch.at, lease_s=45)
        activations.fail(conn, tenant_id, claimed, why="the login <b>is</b> wrong")

    page = inside.get("/panel").text

    assert SAID["failed_text"] in page
    assert "the login &lt;b&gt;is&lt;/b&gt; wrong" in page


def test_a_shop_held_by_a_block_need_not_do_anything(shop, inside, tenant_id) -> None:
    with shop.rig.db.tx_all("a test blocks the add-on") as conn:
        tenants.hold(conn, tenant_id, why="the add-on is blocked")

    assert SAID["held_text"] in inside.get("/panel").text


def test_a_suspended_shop_is_told_to_activate_again(shop, inside, tenant_id) -> None:
    with shop.rig.db.tx(tenant_id) as conn:
        revision = tenants.access(conn, tenant_id).credentials_revision
        tenants.suspend(conn, tenant_id, why="401", credentials_revision=revision)

    assert SAID["suspended_text"] in inside.get("/panel").text


def test_a_running_step_shows_its_page_and_its_expected_end() -> None:
    assert progress.details(RUNNING, SAID, now=START) == ["page 10 of 40", "ends at about 13:15"]
    assert progress.told(RUNNING, SAID, now=START).bar == 25


def test_a_step_that_failed_and_will_be_tried_again_does_not_claim_to_run() -> None:
    put_off = replace(RUNNING, why="503", due_at=START + timedelta(minutes=2))

    assert SAID[progress.told(put_off, SAID, now=START).state_word] == "Trying again"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (replace(RUNNING, pages_done=0), []),
        (replace(RUNNING, pages_all=None), ["page 10"]),
        (replace(RUNNING, why="503", due_at=START + timedelta(minutes=2)), ["next try at 13:02"]),
        (replace(RUNNING, due_at=START + timedelta(minutes=9)), ["page 10 of 40", "goes on at 13:09"]),
        (replace(RUNNING, pages_done=0, due_at=START + timedelta(minutes=9)), ["goes on at 13:09"]),
        (replace(RUNNING, state="waiting", due_at=START + timedelta(minutes=1)), ["starts at 13:01"]),
        (replace(RUNNING, state="waiting"), []),
        (replace(RUNNING, state="done"), []),
    ],
)
def test_a_step_tells_what_is_known_of_it(step, told) -> None:
    assert progress.details(step, SAID, now=START) == told


def test_the_session_of_a_dismissed_tenant_ends(shop, inside) -> None:
    shop.watch.pass_s(1)
    dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL))

    answer = inside.get("/panel", headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert SAID["ended_text"] in answer.text


def test_a_database_that_is_away_is_told_in_words(shop, tenant_id) -> None:
    away = Database("postgresql://127.0.0.1:1/none", size=1)
    client = Client(Starlette(routes=panel.routes(replace(shop.rig, db=away))))

    answer = client.get(f"/panel/enter/{ticket_of(shop)}", headers={"Accept-Language": "en"})

    assert answer.status_code == 503
    assert SAID["away_text"] in answer.text


def test_credentials_are_nowhere(shop, inside, tenant_id) -> None:
    page = inside.get("/panel").text + inside.get("/panel/progress").text

    for secret in ("key-of-the-shop", "addon-7", "/api/v2", "the-signature-token"):
        assert secret not in page


def test_logging_out_ends_the_session_and_a_new_opening_begins_another(shop, inside) -> None:
    answer = inside.post("/panel/leave", data={"form_token": form_token(inside)})

    assert SAID["left"] in answer.text
    assert inside.get("/panel").status_code == 401

    inside.get(f"/panel/enter/{ticket_of(shop)}")
    assert inside.get("/panel").status_code == 200


def test_two_openings_are_two_sessions(shop, inside, client) -> None:
    other = Client(Starlette(routes=panel.routes(shop.rig)))
    other.get(f"/panel/enter/{ticket_of(shop)}")
    other.post("/panel/leave", data={"form_token": form_token(other)})

    assert inside.get("/panel").status_code == 200


@pytest.mark.parametrize("path", ["/panel/account", "/panel/leave"])
def test_a_form_of_a_foreign_page_does_nothing(shop, inside, tenant_id, path) -> None:
    form = {"choice": "fresh", "name": "X", "email": "x@example.com"}

    for token in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "č"}):
        assert inside.post(path, data=form | token).status_code == 403
    assert account_of(shop, tenant_id) is None
    assert inside.get("/panel").status_code == 200


def test_an_existing_customer_pairs_with_a_token(shop, inside, tenant_id) -> None:
    with shop.rig.db.tx_all("a test") as conn:
        account_id = accounts.create(conn, Kind.MERCHANT, Person("Known s.r.o."), now=START)
        secret = accounts.add_token(conn, account_id, label="panel", now=START).secret

    form = {"choice": "existing", "token": f" {secret} ", "form_token": form_token(inside)}
    answer = inside.post("/panel/account", data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/panel?said=paired")
    assert account_of(shop, tenant_id).account_id == account_id
    page = inside.get("/panel?said=paired").text
    assert SAID["paired"] in page
    assert "Known s.r.o." in page
    assert secret not in page


def test_a_token_we_do_not_know_is_told_and_not_shown_again(shop, inside, tenant_id) -> None:
    form = {"choice": "existing", "token": "k_guessed", "form_token": form_token(inside)}
    answer = inside.post("/panel/account", data=form)

    assert answer.status_code == 422
    assert SAID["token_wrong"] in answer.text
    assert "k_guessed" not in answer.text
    assert account_of(shop, tenant_id) is None


def test_an_owner_with_an_e_mail_is_offered_once_per_e_mail(shop, inside, tenant_id) -> None:
    owner_entry(shop, tenant_id, language="cs", company="Kvítek s.r.o.", email="cz@example.com")
    owner_entry(shop, tenant_id, language="sk", company="Kvietok s.r.o.", email="sk@example.com")
    owner_entry(shop, tenant_id, language="en", company="Kvítek s.r.o.", email="cz@example.com")
    assert inside.get("/panel").text.count('value="owner"') == 2

    form = {"choice": "owner", "email": "sk@example.com", "form_token": form_token(inside)}
    inside.post("/panel/account", data=form)

    assert account_of(shop, tenant_id).person.name == "Kvietok s.r.o."
    assert inside.get("/panel").text.count('value="owner"') == 1


def test_a_new_customer_is_who_was_typed_in(shop, inside, tenant_id) -> None:
    form = {"choice": "fresh", "name": "<Nový>", "email": "new@example.com", "company_number": "123"}
    inside.post("/panel/account", data=form | {"form_token": form_token(inside)})

    assert account_of(shop, tenant_id).person == Person("<Nový>", company_number="123", email="new@example.com")
    assert "&lt;Nový&gt;" in inside.get("/panel").text


TOO_LITTLE = [
    {},
    {"choice": "fresh"},
    {"choice": "fresh", "name": "X", "email": "no address"},
    {"choice": "fresh", "name": "X" * 201, "email": "x@example.com"},
    {"choice": "fresh", "name": "nul\x00", "email": "x@example.com"},
    {"choice": "owner", "email": "never@example.com"},
    {"choice": "everything"},
]


def test_a_form_that_says_too_little_makes_no_account(shop, inside, tenant_id) -> None:
    token = {"form_token": form_token(inside)}

    answers = [inside.post("/panel/account", data=form | token).status_code for form in TOO_LITTLE]

    assert answers == [422] * len(TOO_LITTLE)
    assert account_of(shop, tenant_id) is None


def test_what_was_typed_is_not_typed_twice(shop, inside, tenant_id) -> None:
    form = {"choice": "fresh", "name": '"Kvítek"', "email": "no address", "form_token": form_token(inside)}

    page = inside.post("/panel/account", data=form).text

    assert 'value="&#34;Kvítek&#34;"' in page
    assert 'value="no address"' in page


def test_a_body_that_is_no_form_does_nothing(inside) -> None:
    bodies = [b"\xff\xfe", b"&".join([b"a=1"] * 30), b"=&=&;;;", b'{"a": 1}']

    assert [inside.post("/panel/account", content=body).status_code for body in bodies] == [403] * len(bodies)


def test_style_and_script_are_served_and_nothing_else(client) -> None:
    assert client.get("/panel/static/panel.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/panel/static/panel.css").headers["content-type"].startswith("text/css")
    assert client.get("/panel/static/panel.html").status_code == 404
    assert client.get("/panel/static/..%2Fpanel.py").status_code == 404


def test_the_policy_holds_for_what_the_page_contains(inside) -> None:
    page = inside.get("/panel").text

    assert not re.search(r"<script(?![^>]*src=)|<style|style=| on[a-z]+=", page)


def test_every_language_says_everything() -> None:
    keys = {language: set(said) for language, said in words.IN.items()}

    assert len({frozenset(said) for said in keys.values()}) == 1
    assert all(text.strip() for said in words.IN.values() for text in said.values())


def test_every_word_of_the_templates_is_in_the_dictionary() -> None:
    told = "".join(path.read_text() for path in (frame.HERE / "templates").glob("*.html"))

    assert set(re.findall(r"words\.([a-z_]+)", told)) <= set(words.CS)


@pytest.mark.parametrize(
    ("said", "known"), [("cs", "cs"), ("SK", "sk"), ("en-GB", "en"), ("de", "cs"), ("", "cs"), (None, "cs")]
)
def test_an_admin_in_another_language_reads_czech(said, known) -> None:
    assert words.language(said) == known


class Outline(HTMLParser):
    """Collects what a page tells those who do not see it."""

    def __init__(self) -> None:
        super().__init__()
        self.levels, self.ids, self.named, self.inputs, self.labels = [], [], [], 0, 0

    def handle_starttag(self, tag, attrs) -> None:
        said = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        self.ids += [said["id"]] if "id" in said else []
        self.named += said.get("aria-labelledby", "").split()
        self.inputs += tag == "input" and said.get("type") != "hidden"
        self.labels += tag == "label"


def test_the_page_has_headings_in_order_and_a_label_for_every_field(shop, inside, tenant_id) -> None:
    owner_entry(shop, tenant_id, language="cs", company="Kvítek s.r.o.", email="cz@example.com")
    outline = Outline()
    outline.feed(inside.get("/panel").text)

    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.named) <= set(outline.ids)
    assert outline.inputs == outline.labels
