"""The four calls to the add-on: what they say, how they are signed, what becomes of the shop (contract 2)."""

import base64
from collections.abc import Iterator

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from tests.simulator.neighbours import SECRET, Addon, Simulation, an_addon, simulation
from tests.simulator.until import until

INSTALL, OPEN, UNINSTALL, VERSION = ("/addon/install", "/addon/open", "/addon/uninstall", "/addon/version")
CONTENT = (200, {"error": False})


@pytest.fixture(scope="module")
def addon() -> Iterator[Addon]:
    with an_addon() as it:
        yield it


@pytest.fixture(scope="module")
def running(addon: Addon) -> Iterator[Simulation]:
    with simulation(addon) as it:
        yield it


@pytest.fixture
def sim(running: Simulation, addon: Addon) -> Simulation:
    running.stage.world.uninstall(running.shop())
    running.stage.market.caller.sent.clear()
    running.do("/lockout/clear")  # credentials that are gone are tried on purpose here
    running.do("/key", "PATCH", mode="up")
    running.do("/addon", "PATCH", url=addon.url)
    addon.heard.clear()
    addon.silent.clear()
    addon.answers = {
        INSTALL: CONTENT,
        OPEN: (200, {"url": "https://example.com/panel", "type": "iframe"}),
        UNINSTALL: CONTENT,
        VERSION: CONTENT,
    }
    return running


def install(sim: Simulation, **how: object) -> dict:
    return sim.do("/shops/alfa/install", **how)


def verifies(sim: Simulation, body: dict, *names: str, secret: str = SECRET) -> bool:
    """Check `signature_v2` as an add-on must: with the key fetched for this very call."""
    pem = httpx.get(sim.stage.key_url, trust_env=False).content
    signed = ";".join([*(str(body[name]) for name in names), secret]).encode()
    signature = base64.b64decode(body["signature_v2"])
    try:
        serialization.load_pem_public_key(pem).verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def works(sim: Simulation, body: dict) -> bool:
    answer = httpx.get(f"{body['apiUrl']}/status", auth=(body["apiUser"], body["apiKey"]), trust_env=False)
    return answer.status_code == 200


def test_an_installation_hands_out_credentials_and_is_signed(sim: Simulation, addon: Addon) -> None:
    install(sim, language="sk")

    [body] = addon.bodies(INSTALL)
    assert set(body) == {
        "token", "version", "apiUser", "apiKey", "apiUrl", "current_admin_language", "time", "signature_v2",
    }  # fmt: skip
    assert body["token"] == sim.shop().token
    assert body["current_admin_language"] == "sk"
    assert verifies(sim, body, "token", "apiUser", "apiKey", "apiUrl", "time")


def test_the_credentials_of_an_accepted_installation_work(sim: Simulation, addon: Addon) -> None:
    sent = install(sim)

    assert sent["active"] is True
    assert works(sim, addon.bodies(INSTALL)[0])


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"error": False}),
        (204, None),
        (200, None),
        (200, ["no object"]),
        (200, {}),
        (200, {"error": "no"}),
        (200, {"error": True, "message": "Nejdříve podepište smlouvu."}),
    ],
)
def test_an_add_on_that_refuses_leaves_nothing_behind(sim: Simulation, addon: Addon, answer: tuple) -> None:
    addon.answers[INSTALL] = answer
    sent = install(sim)

    assert sent["active"] is False
    assert not works(sim, addon.bodies(INSTALL)[0])


def test_the_merchant_reads_why_an_add_on_refuses(sim: Simulation, addon: Addon) -> None:
    addon.answers[INSTALL] = (200, {"error": True, "message": "Nejdříve podepište smlouvu."})

    assert install(sim)["why"] == "Nejdříve podepište smlouvu."


def test_nothing_is_installed_where_nobody_answers(sim: Simulation) -> None:
    sim.do("/addon", "PATCH", url="http://127.0.0.1:9")
    sent = install(sim)

    assert (sent["status"], sent["active"]) == (None, False)
    assert "cannot be reached" in sent["why"]


def test_an_active_add_on_may_be_told_again_with_the_same_credentials(sim: Simulation, addon: Addon) -> None:
    install(sim)
    install(sim, again=True)

    first, second = addon.bodies(INSTALL)
    assert (first["apiUser"], first["apiKey"]) == (second["apiUser"], second["apiKey"])


def test_a_reinstallation_brings_new_credentials_for_the_same_token(sim: Simulation, addon: Addon) -> None:
    install(sim)
    sim.do("/shops/alfa/reinstall")

    first, second = addon.bodies(INSTALL)
    assert first["token"] == second["token"]
    assert not works(sim, first)
    assert works(sim, second)


def test_an_opening_is_signed_without_the_language(sim: Simulation, addon: Addon) -> None:
    sent = sim.do("/shops/alfa/open", language="en")

    [body] = addon.bodies(OPEN)
    assert set(body) == {"token", "current_admin_language", "version", "time", "signature_v2"}
    assert verifies(sim, body, "token", "time")
    assert sent["answer"]["url"] == "https://example.com/panel"


@pytest.mark.parametrize(
    "answer", [(200, {"url": "https://example.com"}), (200, {"url": "ftp://x", "type": "iframe"}), (404, {}), (200, [])]
)
def test_an_unusable_answer_to_an_opening_is_told(sim: Simulation, addon: Addon, answer: tuple) -> None:
    addon.answers[OPEN] = answer

    assert sim.do("/shops/alfa/open")["ok"] is False


@pytest.mark.parametrize("answer", [CONTENT, (500, {})])
def test_an_uninstallation_takes_user_and_webhooks_whatever_is_answered(
    sim: Simulation, addon: Addon, answer: tuple
) -> None:
    login = install(sim)["login"]
    hook = sim.hook("Orders.update", f"{addon.url}/hook", login=login)
    addon.answers[UNINSTALL] = answer
    sent = sim.do("/shops/alfa/uninstall")

    [body] = addon.bodies(UNINSTALL)
    assert verifies(sim, body, "token", "time")
    assert sent["active"] is False
    assert hook.id not in sim.shop().webhooks
    assert not works(sim, addon.bodies(INSTALL)[0])


def test_an_uninstallation_may_get_lost(sim: Simulation, addon: Addon) -> None:
    install(sim)
    sim.do("/shops/alfa/uninstall", lost=True)

    assert addon.bodies(UNINSTALL) == []
    assert not works(sim, addon.bodies(INSTALL)[0])


@pytest.mark.parametrize(
    ("signs", "names"),
    [
        ("short", ("token", "time")),
        ("with_version", ("token", "version", "time")),
        ("full", ("token", "apiUser", "apiKey", "apiUrl", "time")),
    ],
)
def test_a_version_change_is_signed_as_one_of_the_candidates(
    sim: Simulation, addon: Addon, signs: str, names: tuple
) -> None:
    install(sim)
    sim.do("/shops/alfa/version", version=2, signs=signs)

    [body] = addon.bodies(VERSION)
    assert body["version"] == 2
    assert verifies(sim, body, *names)


def test_a_version_change_may_bring_a_new_key(sim: Simulation, addon: Addon) -> None:
    install(sim)
    sim.do("/shops/alfa/version", version=3, signs="full", new_key=True)

    assert not works(sim, addon.bodies(INSTALL)[0])
    assert works(sim, addon.bodies(VERSION)[0])


@pytest.mark.parametrize("door", ["install", "open", "uninstall", "version"])
@pytest.mark.parametrize("fault", ["bad_signature", "wrong_secret", "wrong_key"])
def test_a_spoilt_signature_verifies_at_no_door(sim: Simulation, addon: Addon, door: str, fault: str) -> None:
    sim.do("/shops/alfa/wrong", door=door, fault=fault)

    [body] = addon.bodies(f"/addon/{door}")
    names = ("token", "apiUser", "apiKey", "apiUrl", "time") if door == "install" else ("token", "time")
    assert not verifies(sim, body, *names)


def test_a_spoilt_time_or_host_is_validly_signed(sim: Simulation, addon: Addon) -> None:
    for fault in ("old_time", "far_time", "unreadable_time", "foreign_api_url"):
        sim.do("/shops/alfa/wrong", door="install", fault=fault)

    bodies = addon.bodies(INSTALL)
    assert all(verifies(sim, body, "token", "apiUser", "apiKey", "apiUrl", "time") for body in bodies)
    assert bodies[-1]["apiUrl"] == "https://api.example.org/api/v2"


def test_a_wrong_request_changes_nothing_in_the_shop(sim: Simulation, addon: Addon) -> None:
    install(sim)
    sim.do("/shops/alfa/wrong", door="uninstall", fault="bad_signature")

    assert works(sim, addon.bodies(INSTALL)[0])


def test_a_captured_opening_can_be_replayed_as_an_uninstallation(sim: Simulation, addon: Addon) -> None:
    sim.do("/shops/alfa/open")
    sim.do("/shops/alfa/replay", door="uninstall", of="open")

    assert addon.bodies(UNINSTALL) == addon.bodies(OPEN)


def test_a_rotated_key_signs_from_the_next_call_on(sim: Simulation, addon: Addon) -> None:
    sim.do("/shops/alfa/open")
    sim.do("/key/rotate")
    sim.do("/shops/alfa/open")

    old, new = addon.bodies(OPEN)
    assert not verifies(sim, old, "token", "time")
    assert verifies(sim, new, "token", "time")


def test_a_key_host_that_is_down_says_so(sim: Simulation) -> None:
    sim.do("/key", "PATCH", mode="down")

    assert httpx.get(sim.stage.key_url, trust_env=False).status_code == 503


def test_a_key_host_that_hangs_says_nothing(sim: Simulation) -> None:
    sim.do("/key", "PATCH", mode="hang")

    with pytest.raises(httpx.ReadTimeout):
        httpx.get(sim.stage.key_url, trust_env=False, timeout=0.2)


@pytest.mark.parametrize("status", [401, 403])
def test_a_block_shuts_the_add_on_out_and_gives_its_credentials_back(
    sim: Simulation, addon: Addon, status: int
) -> None:
    install(sim)
    [body] = addon.bodies(INSTALL)
    auth = (body["apiUser"], body["apiKey"])
    sim.do("/addon/block", status=status)
    blocked = httpx.get(f"{body['apiUrl']}/status", auth=auth, trust_env=False)
    sim.do("/addon/unblock")

    assert blocked.status_code == status
    assert works(sim, body)


def test_an_add_on_that_hangs_fails_after_five_seconds(sim: Simulation, addon: Addon) -> None:
    addon.silent.set()
    sent = install(sim)

    assert (sent["status"], sent["active"]) == (None, False)
    assert 5 <= sent["seconds"] < 6
    until(lambda: sim.shop().addon_user is None)
