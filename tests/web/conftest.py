"""The application on a real PostgreSQL as the web's own role, and people who are signed in."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from psycopg_pool import ConnectionPool
from waitress.server import create_server

from shared.db import pools
from shared.db.pools import WebConnection
from shared.files.folder import Files, FolderFiles
from shared.settings import Settings, load
from shared.vault import KeyRing, SealingKey
from tests.conftest import Personas
from web import create_app
from web.auth.identity import EmbeddedIdentity, Identity
from web.auth.session import cookie_name, sign_in
from web.services import Services
from worker.browser import switches
from worker.browser.driver import playwrights_own
from worker.browser.find import find, is_root

RING = KeyRing.generate(datetime(2026, 11, 20, tzinfo=UTC))
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MakeApp = Callable[..., Flask]
SignedInAs = Callable[[UUID], FlaskClient]


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    """The worker's keys; the application has their sealing key only."""
    return RING


def _parts(
    settings: Settings, pool: ConnectionPool[WebConnection], folder: Path
) -> tuple[Settings, ConnectionPool[WebConnection], SealingKey, Identity, Files]:
    identity = EmbeddedIdentity(pool, FAST)
    return settings, pool, RING.sealing_key, identity, FolderFiles(folder / "exports")


@pytest.fixture
def make_app(web_pool: ConnectionPool[WebConnection], tmp_path: Path) -> MakeApp:
    """make_app(**settings) -> the application as a person's browser meets it, form tokens and all."""

    def make(**changes: object) -> Flask:
        return create_app(*_parts(load({}, **changes), web_pool, tmp_path), "k" * 32)

    return make


@pytest.fixture(scope="session")
def plain_app() -> Flask:
    """The application with the default settings, whose services each test brings: to bind its rules takes long."""
    closed = pools.web_pool("dbname=none")
    return create_app(*_parts(load({}), closed, Path("none")), "k" * 32)


@pytest.fixture
def app(plain_app: Flask, web_pool: ConnectionPool[WebConnection], tmp_path: Path) -> Flask:
    plain_app.extensions["rollcall"] = Services(*_parts(load({}), web_pool, tmp_path))
    return plain_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in_as(app: Flask) -> SignedInAs:
    """signed_in_as(user_id) -> a browser with a session of that person."""

    def make(user_id: UUID) -> FlaskClient:
        with app.test_request_context():
            response = app.make_response("")
            sign_in(response, user_id)
        name = cookie_name(app.extensions["rollcall"].settings)
        match = re.search(rf"{re.escape(name)}=([^;]+)", response.headers["Set-Cookie"])
        assert match is not None
        browser = app.test_client()
        browser.set_cookie(name, match[1])
        return browser

    return make


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find(None, playwrights_own())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=not is_root(), args=list(switches.LOCAL)
        )
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    # Waitress ends its loop when nothing is left to listen on, and the trigger wakes it to notice.
    server.trigger.pull_trigger(server.close)
    thread.join(10)
    server.task_dispatcher.shutdown()


@pytest.fixture
def page(chromium: Browser, address: str, signed_in_as: SignedInAs, people: Personas) -> Iterator[Page]:
    """Alice's browser; whatever it complains about fails the test."""
    cookie = signed_in_as(people.alice).get_cookie("rollcall_session")
    assert cookie is not None
    context = chromium.new_context(base_url=address)
    context.add_cookies([{"name": "rollcall_session", "value": cookie.value, "url": address}])
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if _is_fault(said) else None)
    yield opened
    context.close()
    assert complaints == []


def _is_fault(said: ConsoleMessage) -> bool:
    # The browser notes each refused request; a session that ended is refused rightly.
    return said.type == "error" and "401" not in said.text
