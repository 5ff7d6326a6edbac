"""Mails by SMTP: one message, one recipient, within 20 seconds; and whether it may have left when no answer came."""

import re
import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from urllib.parse import unquote, urlsplit

from service.post.cut import cut
from service.post.errors import PostBusy, PostRefused, PostTrouble, PostUnreachable

WAIT_S = 5.0  # for each answer
WHOLE_S = 20.0  # a server that drips is cut off here: a flow ends within 30 s
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
POLICY = SMTP.clone(cte_type="7bit")
PORTS = {"smtp": 587, "smtps": 465}
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
QUOTED_ADDRESS = re.compile(r"\S*@\S*")
QUOTED = 200


@dataclass(frozen=True)
class Server:
    """Whom we hand mails to, and in whose name; `tls` from the first byte, else by STARTTLS."""

    host: str
    port: int
    tls: bool
    login: str | None
    password: str | None = field(repr=False)
    sender: str
    name: str


@dataclass(frozen=True)
class Letter:
    """A mail; the same `message_id` again is the same mail."""

    to: str
    subject: str
    text: str
    html: str | None
    message_id: str


def server(url: str, *, sender: str, name: str) -> Server:
    """Read `smtp://login:password@host:587` or `smtps://…`; raise ValueError when it is neither."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("is not smtp://login:password@host:port or smtps://…")
    return Server(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        login=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        sender=sender,
        name=name,
    )


def is_address(text: str) -> bool:
    """Say whether this can be a recipient: plain ASCII, as every server takes it."""
    return len(text) <= 254 and ADDRESS.fullmatch(text) is not None


def send(
    server: Server,
    letter: Letter,
    *,
    now: datetime,
    whole_s: float = WHOLE_S,
    trust: ssl.SSLContext | None = None,
) -> None:
    """Hand a mail over; raise a PostTrouble when it was not taken or nobody knows. `trust` None: as the system does."""
    if not is_address(letter.to):
        raise PostRefused("what stands for the recipient is no e-mail address")
    message = _written(server, letter, now=now)
    sending = False
    try:
        with _connected(server, whole_s, trust) as smtp:
            _accepted(smtp.mail(server.sender), f"the sender {server.sender}")
            _accepted(smtp.rcpt(letter.to), "the recipient")
            sending = True
            _accepted(smtp.data(message), "the mail")
    except PostTrouble:
        raise
    except smtplib.SMTPAuthenticationError as fault:
        raise _trouble(fault.smtp_code, fault.smtp_error, "our login") from None
    except smtplib.SMTPResponseException as fault:
        raise _trouble(fault.smtp_code, fault.smtp_error, "the session") from None
    except (smtplib.SMTPException, ssl.SSLError, OSError, ValueError) as fault:
        why = f"the mail server {server.host}:{server.port} did not do its part: {_named(fault)}"
        raise PostUnreachable(why, unclear=sending) from None


def _written(server: Server, letter: Letter, *, now: datetime) -> bytes:
    try:
        return _message(server, letter, now=now)
    except Exception as fault:  # noqa: BLE001  header parsers raise what they like, and would at every try
        raise PostRefused(f"of this no mail can be made: {type(fault).__name__}") from None


def _message(server: Server, letter: Letter, *, now: datetime) -> bytes:
    made = EmailMessage(policy=POLICY)
    made["From"] = formataddr((_line(server.name), server.sender))
    made["To"] = letter.to
    made["Subject"] = _line(letter.subject)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{letter.message_id}@{server.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text)
    if letter.html:
        made.add_alternative(letter.html, subtype="html")
    return made.as_bytes()


def _line(text: str) -> str:
    """Return the words as one line of a header; what looks encoded would be decoded first, line ends and all."""
    return " ".join(text.replace("=?", "= ?").split())


class _Plain(smtplib.SMTP):
    """A session that is not connected yet and knows whose certificate to expect, as only a connected one does."""

    def __init__(self, host: str) -> None:
        super().__init__(timeout=WAIT_S)
        self._host = host


class _Encrypted(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def __init__(self, host: str, context: ssl.SSLContext) -> None:
        super().__init__(timeout=WAIT_S, context=context)
        self._host = host


@contextmanager
def _connected(server: Server, whole_s: float, trust: ssl.SSLContext | None) -> Generator[smtplib.SMTP]:
    smtp = _Encrypted(server.host, trust or ssl.create_default_context()) if server.tls else _Plain(server.host)
    with cut(whole_s, lambda: smtp.sock):
        try:
            _accepted(smtp.connect(server.host, server.port), "our connection")
            smtp.ehlo_or_helo_if_needed()
            if not server.tls:
                _encrypt(smtp, server, trust)
            if server.login:
                smtp.login(server.login, server.password or "")
            yield smtp
            with suppress(smtplib.SMTPException, OSError):  # it was taken; how the session ends does not matter
                smtp.quit()
        finally:
            smtp.close()


def _encrypt(smtp: smtplib.SMTP, server: Server, trust: ssl.SSLContext | None) -> None:
    """Go on encrypted; a stand-in on the loopback may do without."""
    if smtp.has_extn("starttls"):
        smtp.starttls(context=trust or ssl.create_default_context())
        smtp.ehlo()
    elif server.host not in LOOPBACK:
        raise PostRefused(f"the mail server {server.host} offers no encryption (STARTTLS): name another, or smtps://")


def _accepted(answer: tuple[int, bytes], what: str) -> None:
    code, said = answer
    if not 200 <= code < 300:
        raise _trouble(code, said, what)


def _trouble(code: int, said: bytes | str, what: str) -> PostTrouble:
    """Return what an answer means: 4xx is for later, 5xx for a person, the rest is no SMTP."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    quoted = QUOTED_ADDRESS.sub("…", printable)[:QUOTED]  # servers like to say whose mail it was
    if 400 <= code < 500:
        return PostBusy(f"the mail server does not take {what} now: {code} {quoted}")
    if 500 <= code < 600:
        return PostRefused(f"the mail server refuses {what}: {code} {quoted}")
    return PostUnreachable("the mail server answers something that is no SMTP", unclear=what == "the mail")


def _named(fault: Exception) -> str:
    return getattr(fault, "strerror", None) or type(fault).__name__
