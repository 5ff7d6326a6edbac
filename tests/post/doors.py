"""Stand-ins of those we tell, on the loopback: a mail server and a webhook, each as good as it is told to be."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Postbox:
    """A mail server. `says` replaces its answer to a command; None: it hangs up instead.

    `encrypts`: with this certificate, from the first byte (smtps) or by STARTTLS.
    """

    says: dict[str, bytes | None] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    sessions: int = 0
    encrypted: int = 0
    scheme: str = "smtp"
    encrypts: ssl.SSLContext | None = None
    drips: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    def texts(self) -> list[str]:
        return [str(mail.get_body(("plain",)).get_content()) for mail in self.taken]

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]).strip() for mail in self.taken]


USUAL = {
    "HELLO": b"220 postbox",
    "EHLO": b"250-postbox\r\n250 AUTH PLAIN",
    "HELO": b"250 postbox",
    "STAR": b"220 go on encrypted",
    "AUTH": b"235 come in",
    "DATA": b"354 go on",
    "END": b"250 taken",
    "QUIT": b"221 bye",
}


class _Session(socketserver.StreamRequestHandler):
    box: Postbox

    def handle(self) -> None:
        self.box.sessions += 1
        if self.box.scheme == "smtps" and not self.encrypt():
            return
        if self.box.drips:
            while not self.box.released.wait(0.2):  # never a whole line
                self.wfile.write(b"2")
            return
        going_on = self.answer("HELLO")
        while going_on and (line := self.rfile.readline()):
            command = line[:4].decode("latin-1").upper().strip()
            going_on = self.answer(command)
            if command == "STAR":
                going_on = self.encrypt()
            if going_on and command == "DATA" and self.box.says.get("DATA") is None:
                going_on = self.take()

    def encrypt(self) -> bool:
        assert self.box.encrypts
        self.finish()
        try:
            self.request = self.box.encrypts.wrap_socket(self.request, server_side=True)
        except OSError:  # they do not trust our certificate
            return False
        self.setup()
        self.box.encrypted += 1
        return True

    def finish(self) -> None:
        super().finish()
        if isinstance(self.request, ssl.SSLSocket):  # the server closes only what it accepted
            self.request.close()

    def answer(self, command: str) -> bool:
        said = self.box.says.get(command, USUAL.get(command, b"250 ok"))
        if command == "EHLO" and self.box.encrypts and not isinstance(self.request, ssl.SSLSocket):
            said = b"250-postbox\r\n250 STARTTLS"
        if said is not None:
            self.wfile.write(said + b"\r\n")
        return said is not None and command != "QUIT"

    def take(self) -> bool:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        said = self.box.says.get("END", USUAL["END"])
        if said is None or said.startswith(b"2"):
            mail = message_from_bytes(b"".join(lines), policy=default)
            assert isinstance(mail, EmailMessage)
            self.box.taken.append(mail)
        return self.answer("END")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def postbox(host: str = "127.0.0.1", **said: Any) -> Iterator[Postbox]:
    """Serve a mail server."""
    box = Postbox(host=host, **said)
    with _Server((host, 0), type("Session", (_Session,), {"box": box})) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield box
        box.released.set()
        server.shutdown()


@dataclass
class Doorbell:
    """A webhook. It answers `status`; 0: it hangs up without a word. `encrypts`: with this certificate."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    encrypts: ssl.SSLContext | None = None
    drips: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.encrypts else 'http'}://127.0.0.1:{self.port}/alarms"

    @property
    def hosts(self) -> str:
        return rf"127\.0\.0\.1:{self.port}"


class _Rung(BaseHTTPRequestHandler):
    bell: Doorbell

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bell.heard.append((body, dict(self.headers.items())))
        if not self.bell.status:
            self.close_connection = True
            return
        self.send_response(self.bell.status)
        for name, value in self.bell.headers.items():
            self.send_header(name, value)
        if self.bell.drips:
            self.drip()
            return
        self.send_header("Content-Length", "0")
        self.end_headers()

    def drip(self) -> None:
        """Go on with headers for as long as anybody listens."""
        self.close_connection = True
        with suppress(OSError):
            self.flush_headers()
            while not self.bell.released.wait(0.05):
                self.wfile.write(b"X-Drip: 1\r\n")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def doorbell(**said: Any) -> Iterator[Doorbell]:
    """Serve a webhook."""
    bell = Doorbell(**said)
    with HTTPServer(("127.0.0.1", 0), type("Rung", (_Rung,), {"bell": bell})) as server:
        bell.port = server.server_address[1]
        if bell.encrypts:
            server.socket = bell.encrypts.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield bell
        bell.released.set()
        server.shutdown()
