"""Mail receivers for tests: an SMTP server and an HTTPS-like mail service, both over real sockets."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class _Smtp(StreamRequestHandler):
    """Speaks what smtplib says: EHLO, STARTTLS, AUTH PLAIN, MAIL, RCPT, DATA, QUIT."""

    server: SmtpSink

    def handle(self) -> None:
        sink, secure = self.server, False
        self._say("220 sink")
        while line := self.rfile.readline():
            word = line.split()[0].upper().decode()
            if word in sink.answers:
                self._say(sink.answers[word])
            elif word == "EHLO":
                offers = ["sink", *(["STARTTLS"] if sink.tls and not secure else []), "AUTH PLAIN"]
                self._say("".join(f"250-{one}\r\n" for one in offers) + "250 8BITMIME")
            elif word == "STARTTLS" and sink.tls:
                self._say("220 go on")
                self.request = sink.tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile, secure = self.request.makefile("rb"), self.request.makefile("wb", 0), True
            elif word == "AUTH":
                sink.logins.append((secure, base64.b64decode(line.split()[2]).decode().split("\0")[1:]))
                self._say("235 in")
            elif word == "DATA":
                self._say("354 go on")
                self._take()
                if sink.hang_up:
                    return
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 well")

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _take(self) -> None:
        text = b""
        while (line := self.rfile.readline()) != b".\r\n":
            text += line
        message: EmailMessage = message_from_bytes(text, policy=policy.default)
        self.server.mails.append(message)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class SmtpSink(ThreadingTCPServer):
    """Keeps what it is sent; `answers` gives other answers than the usual ones, by the word that asks."""

    daemon_threads = True

    def __init__(
        self, tls: ssl.SSLContext | None = None, *, hang_up: bool = False, answers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.tls, self.hang_up, self.answers = tls, hang_up, answers or {}
        self.mails: list[EmailMessage] = []
        self.logins: list[tuple[bool, list[str]]] = []

    def url(self, login: str = "") -> str:
        return f"smtp://{login}localhost:{self.server_address[1]}"


class _Api(BaseHTTPRequestHandler):
    server: ApiSink

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()
        self.wfile.write(b'{"id": "1"}')

    def log_message(self, *_: object) -> None:
        pass


class ApiSink(ThreadingHTTPServer):
    """Keeps path, headers and body of each request; answers `statuses` in their order, then 200."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.statuses = list(statuses)
        self.asked: list[tuple[str, dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def listening(server: SmtpSink | ApiSink) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's context that trust each other, for localhost."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
