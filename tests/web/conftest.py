"""The application on a real PostgreSQL as the web's own role, and people who are signed in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.files import FolderFiles
from shared.settings import Settings, load
from shared.vault import KeyRing
from web import create_app
from web.identity import EmbeddedIdentity
from web.security import cookie_name, sign_in

RING = KeyRing.generate(datetime(2026, 11, 20, tzinfo=UTC))
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MakeApp = Callable[..., Flask]
SignedInAs = Callable[[UUID], FlaskClient]


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    """The worker's keys; the application has their sealing key only."""
    return RING


@pytest.fixture
def make_app(web_pool: ConnectionPool[WebConnection], tmp_path: Path) -> MakeApp:
    """make_app(**settings) -> the application as a person's browser meets it, form tokens and all."""

    def make(**changes: object) -> Flask:
        settings: Settings = load({}, **changes)
        files = FolderFiles(tmp_path / "exports")
        app = create_app(settings, web_pool, RING.sealing_key, EmbeddedIdentity(web_pool, FAST), files, "k" * 32)
        app.testing = False
        return app

    return make


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


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
