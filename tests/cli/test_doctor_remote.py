"""`rollcall doctor` tries the platform, the mail and the browser, and sends nothing to any of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cli.ops.doctor.browser import browser
from cli.ops.doctor.remote import mail, platform
from shared.settings import load
from tests.worker.notify.mail_sinks import SmtpSink, listening


@contextmanager
def site(status: int) -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    """An address that answers so, and each request's method, path and cookies."""
    asked: list[tuple[str, str, str | None]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append((self.command, self.path, self.headers.get("Cookie")))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Set-Cookie", "a=b")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


@pytest.fixture(autouse=True)
def without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("status", [200, 302, 405, 429, 500])
def test_any_answer_of_the_platform_is_one_and_it_is_asked_once(status: int) -> None:
    with site(status) as (address, asked):
        check = platform(load({"INSTAGRAM_BASE_URL": address}))
    assert (check.word, str(status) in check.says) == ("ok", True)
    assert asked == [("HEAD", "/", None)]


def test_a_platform_that_is_not_reached_is_told_with_the_reason() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        nobody = platform(load({"INSTAGRAM_BASE_URL": f"http://127.0.0.1:{bound.getsockname()[1]}"}))
    nowhere = platform(load({"INSTAGRAM_BASE_URL": "http://nowhere.invalid"}))
    assert (nobody.word, nobody.says) == ("WRONG", "127.0.0.1 does not answer: nothing listens there")
    assert (nowhere.word, nowhere.says) == ("WRONG", "nowhere.invalid does not answer: its name leads to no address")


def test_a_proxy_that_cannot_be_used_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "odd://me:canary@proxy.example.org")
    check = platform(load({"INSTAGRAM_BASE_URL": "https://nowhere.invalid"}))
    assert (check.word, "canary" in check.says) == ("WRONG", False)
    assert "proxy" in check.says


FROM = {"MAIL_FROM": "rollcall@example.org"}


def test_mail_that_is_not_set_is_not_tried() -> None:
    assert mail(load({})).word == "not tried"
    assert mail(load(FROM)).word == "not tried"
    assert mail(load({"SMTP_URL": "smtp://127.0.0.1:1"})).word == "MISSING"


def test_the_mail_server_is_greeted_and_given_neither_a_name_nor_a_mail() -> None:
    with SmtpSink() as sink, listening(sink):
        check = mail(load({**FROM, "SMTP_URL": sink.url()}))
    assert (check.word, "not tried" in check.says) == ("ok", True)
    assert (sink.mails, sink.logins) == ([], [])


def test_a_server_that_offers_no_tls_for_a_password_is_told_without_it() -> None:
    with SmtpSink() as sink, listening(sink):
        check = mail(load({**FROM, "SMTP_URL": sink.url("me:canary@")}))
    assert check.word == "WRONG"
    assert "canary" not in check.says + check.mend


def test_a_mail_server_that_is_away_is_told() -> None:
    check = mail(load({**FROM, "SMTP_URL": "smtp://127.0.0.1:1"}))
    assert (check.word, "ConnectionRefusedError" in check.says) == ("WRONG", True)


def test_a_mail_service_is_reached_without_its_key() -> None:
    with site(404) as (address, asked):
        check = mail(load({**FROM, "MAIL_API_URL": address, "MAIL_API_KEY": "re_canary"}))
    assert (check.word, "its key was not tried" in check.says) == ("ok", True)
    assert asked == [("HEAD", "/", None)]
    away = mail(load({**FROM, "MAIL_API_URL": "http://nowhere.invalid", "MAIL_API_KEY": "re_canary"}))
    assert (away.word, "canary" in away.says) == ("WRONG", False)


def program(path: Path, says: str, code: int = 0) -> Path:
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_a_browser_is_well_only_where_it_runs_and_names_itself(tmp_path: Path) -> None:
    runs = browser(load({"BROWSER_PATH": str(program(tmp_path / "a", "Chromium 140.0.1"))}))
    assert (runs.word, "Chromium 140.0.1" in runs.says) == ("ok", True)
    for number, (says, code) in enumerate([("Chromium 140.0.1", 1), ("hello", 0), ("Python 3.12", 0)]):
        path = program(tmp_path / str(number), says, code)
        assert browser(load({"BROWSER_PATH": str(path)})).word == "WRONG"
