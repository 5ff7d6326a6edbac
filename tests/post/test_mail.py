"""A mail is taken once, or it is said why not, in one of three words, and whether it may have left all the same."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.post import PostBusy, PostRefused, PostTrouble, PostUnreachable, mail
from service.post.mail import Letter
from tests.post.certificate import certified
from tests.post.doors import Postbox, postbox
from tests.shop_items import NOON

LETTER = Letter(
    "eva@example.com", "Objednávky:\r\nBcc: x@example.org", "Žluťoučký kůň\n.\nkonec", "<p>Žluťoučký</p>", "k1"
)


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as served:
        yield served


def send(box: Postbox, letter: Letter = LETTER, url: str | None = None) -> None:
    server = mail.server(url or box.url, sender="service@example.com", name="expedition")
    mail.send(server, letter, now=NOON)


def trouble(box: Postbox) -> PostTrouble:
    with pytest.raises(PostTrouble) as raised:
        send(box)
    return raised.value


def test_a_mail_arrives_as_it_was_written_and_no_header_can_be_slipped_in(box) -> None:
    send(box)

    [taken] = box.taken
    assert taken.get_body(("plain",)).get_content().splitlines() == ["Žluťoučký kůň", ".", "konec"]
    assert "Žluťoučký" in taken.get_body(("html",)).get_content()
    assert (taken["To"], taken["Bcc"], taken["Message-ID"]) == ("eva@example.com", None, "<k1@example.com>")
    assert taken["Subject"] == "Objednávky: Bcc: x@example.org"


SLIPPED = "=?utf-8?q?=0D=0ABcc:_x@evil.example.org?= shop"


def test_no_header_can_be_slipped_in_as_an_encoded_word(box) -> None:
    server = mail.server(box.url, sender="service@example.com", name=SLIPPED)
    mail.send(server, replace(LETTER, subject=SLIPPED), now=NOON)

    [taken] = box.taken
    assert (taken["Bcc"], len(taken["From"].addresses)) == (None, 1)
    assert (taken["Subject"], taken["From"].addresses[0].display_name) == (SLIPPED.replace("=?", "= ?"),) * 2


@pytest.mark.parametrize(
    ("command", "answer", "word"),
    [
        ("HELLO", b"421 too busy", PostBusy),
        ("HELLO", b"554 go away", PostRefused),
        ("MAIL", b"550 not you", PostRefused),
        ("RCPT", b"450 greylisted, come back", PostBusy),
        ("RCPT", b"550 no such user", PostRefused),
        ("DATA", b"451 not now", PostBusy),
        ("END", b"452 disk full", PostBusy),
        ("END", b"554 spam", PostRefused),
    ],
)
def test_what_the_server_answers_is_put_into_a_word_and_nothing_is_unclear(box, command, answer, word) -> None:
    box.says[command] = answer
    found = trouble(box)

    assert (type(found), found.unclear, box.taken) == (word, False, [])
    assert answer.decode()[:3] in found.why


@pytest.mark.parametrize(
    ("command", "answer", "unclear"),
    [
        ("HELLO", None, False),
        ("HELLO", b"\xff\x00 what is this", False),
        ("HELLO", b"HTTP/1.1 200 OK", False),
        ("RCPT", None, False),
        ("END", None, True),
        ("END", b"\x00\x01garbage", True),
    ],
)
def test_who_hangs_up_or_talks_garbage_leaves_it_unclear_only_once_the_mail_was_sent(
    box, command, answer, unclear
) -> None:
    box.says[command] = answer
    found = trouble(box)

    assert isinstance(found, PostUnreachable)
    assert found.unclear == unclear


def test_a_session_that_ends_badly_after_the_mail_was_taken_is_none_of_our_business(box) -> None:
    box.says["QUIT"] = None
    send(box)

    assert len(box.taken) == 1


def test_nobody_there_is_unreachable_and_clear() -> None:
    with postbox() as gone:
        pass
    found = trouble(gone)

    assert isinstance(found, PostUnreachable)
    assert not found.unclear


@pytest.mark.parametrize("command", ["RCPT", "END"])
def test_an_address_the_server_quotes_is_not_passed_on(box, command) -> None:
    box.says[command] = b'550 5.1.1 <eva@example.com>: Recipient "Eva@EXAMPLE.com" rejected' + b" x" * 99 + b" eva@x"
    found = trouble(box)

    assert "@" not in found.why
    assert "550 5.1.1 … Recipient … rejected" in found.why


def test_a_wrong_login_is_told_without_the_login(box) -> None:
    box.says["AUTH"] = b"535 wrong"
    with pytest.raises(PostRefused) as raised:
        send(box, url=box.url.replace("smtp://", "smtp://me:s%40cret@"))

    assert "s@cret" not in raised.value.why


def test_nothing_goes_over_an_open_line_to_another_machine() -> None:
    with postbox("127.0.0.2") as box, pytest.raises(PostRefused, match="no encryption"):
        send(box)

    assert box.taken == []


@pytest.mark.parametrize(
    "to",
    ["a:;b)@example.com", "a(b@example.com", "<a>@example.com", '"a@example.com', "a,b@example.com", "[a@example.com"],
)
def test_what_reads_as_more_than_an_address_is_refused(box, to) -> None:
    with pytest.raises(PostRefused):
        send(box, replace(LETTER, to=to))

    assert box.sessions == 0


def test_a_plain_address_is_one() -> None:
    assert mail.is_address("o'brien.eva+shop_1@mail.example.co.uk")


def test_of_what_no_mail_can_be_made_is_refused(box) -> None:
    with pytest.raises(PostRefused, match="no mail can be made"):
        send(box, replace(LETTER, text="half a pair: \ud800"))

    assert box.sessions == 0


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_leaves_encrypted(tmp_path, scheme) -> None:
    ends = certified(tmp_path)
    with postbox(scheme=scheme, encrypts=ends.server) as box:
        server = mail.server(box.url, sender="service@example.com", name="expedition")
        mail.send(server, LETTER, now=NOON, trust=ends.client)

        assert (len(box.taken), box.encrypted) == (1, 1)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("certificate_of", ["127.0.0.1", "127.0.0.9"])
def test_who_cannot_prove_who_he_is_gets_no_mail(tmp_path, scheme, certificate_of) -> None:
    ends = certified(tmp_path, certificate_of)
    trust = None if certificate_of == "127.0.0.1" else ends.client  # nobody vouches for it, or it is another's
    with postbox(scheme=scheme, encrypts=ends.server) as box:
        server = mail.server(box.url, sender="service@example.com", name="expedition")
        with pytest.raises(PostUnreachable) as raised:
            mail.send(server, LETTER, now=NOON, trust=trust)

        assert not raised.value.unclear
        assert (box.taken, box.encrypted) == ([], 0)


def test_a_server_that_drips_is_cut_off(box) -> None:
    box.drips = True
    outcome: list[PostTrouble] = []
    server = mail.server(box.url, sender="service@example.com", name="expedition")

    def try_it() -> None:
        try:
            mail.send(server, LETTER, now=NOON, whole_s=0.5)
        except PostTrouble as found:
            outcome.append(found)

    trying = threading.Thread(target=try_it)
    trying.start()
    trying.join(5)

    assert not trying.is_alive()
    assert [(type(found), found.unclear) for found in outcome] == [(PostUnreachable, False)]


@pytest.mark.parametrize("url", ["http://a", "smtp://", "smtp://host/path", "smtp://host?x=1", "host:25"])
def test_what_names_no_server_is_none(url) -> None:
    with pytest.raises(ValueError, match="smtp"):
        mail.server(url, sender="a@example.com", name="x")
