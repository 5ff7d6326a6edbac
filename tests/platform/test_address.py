"""Where a shop may live: credentials are sent nowhere else."""

import pytest

from service.platform import address
from service.platform.errors import PlatformRefused
from service.settings import UPGATES_HOSTS

SHOP = "https://alpha.admin.s7.upgates.com/api/v2"
SIMULATED = r"127\.0\.0\.1:\d+|localhost:\d+"


@pytest.mark.parametrize(
    ("url", "hosts", "normal"),
    [
        (SHOP, UPGATES_HOSTS, SHOP),
        (SHOP + "/", UPGATES_HOSTS, SHOP),
        ("HTTPS://Alpha.Admin.S7.UPgates.com/api/v2", UPGATES_HOSTS, SHOP),
        ("http://127.0.0.1:8123/alpha/api/v2/", SIMULATED, "http://127.0.0.1:8123/alpha/api/v2"),
        ("http://localhost:8123/api/v2", SIMULATED, "http://localhost:8123/api/v2"),
    ],
)
def test_an_allowed_address_has_one_form(url: str, hosts: str, normal: str) -> None:
    assert address.allowed(url, hosts) == normal


@pytest.mark.parametrize(
    "url",
    [
        "",
        "alpha.admin.s7.upgates.com/api/v2",
        "http://alpha.admin.s7.upgates.com/api/v2",
        "https://alpha.admin.s7.upgates.com/api/v1",
        "https://alpha.admin.s7.upgates.com/api/v2/orders",
        "https://alpha.admin.s7.upgates.com/x/api/v2",
        "https://alpha.admin.s7.upgates.com//api/v2",
        "https://alpha.admin.s7.upgates.com/api/v2?x=1",
        "https://alpha.admin.s7.upgates.com/api/v2#x",
        "https://alpha.admin.s7.upgates.com:8443/api/v2",
        "https://alpha.admin.s7.upgates.com.example.com/api/v2",
        "https://alpha.admin.s7.upgates.com@example.com/api/v2",
        "https://example.com/alpha.admin.s7.upgates.com/api/v2",
        "https://example.com\\@alpha.admin.s7.upgates.com/api/v2",
        "https://login:key@alpha.admin.s7.upgates.com/api/v2",
        "https://alphá.admin.s7.upgates.com/api/v2",
        "https://alpha.admin.s7.upgates.com:x/api/v2",
        "https://[::1/api/v2",
        "http://127.0.0.1:8123/alpha/api/v2",
        "file:///api/v2",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(PlatformRefused):
        address.allowed(url, UPGATES_HOSTS)


@pytest.mark.parametrize("path", ["/../api/v2", "/a b/api/v2", "/api/v2/x", "/a%2fb/api/v2"])
def test_a_stand_in_has_a_plain_path_too(path: str) -> None:
    with pytest.raises(PlatformRefused):
        address.allowed(f"http://127.0.0.1:8123{path}", SIMULATED)


def test_a_login_in_an_address_is_not_repeated() -> None:
    with pytest.raises(PlatformRefused) as refused:
        address.allowed("https://login:s3cret@alpha.admin.s7.upgates.com/api/v2", UPGATES_HOSTS)

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("location", "reduced"),
    [
        (f"{SHOP}/orders?page=2", SHOP),
        (f"{SHOP}/", SHOP),
        (SHOP, SHOP),
        ("http://127.0.0.1:8123/beta/api/v2/orders/1", "http://127.0.0.1:8123/beta/api/v2"),
        ("https://example.com/api/v20/orders", "https://example.com/api/v20/orders"),
        ("https://[broken", "https://[broken"),
        ("", ""),
    ],
)
def test_the_address_of_a_resource_is_cut_down_to_the_api_s(location: str, reduced: str) -> None:
    assert address.reduced(location) == reduced
