"""The application with a project's stand-in as its identity: real HTTP, real Postgres, the accounts in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.auth_state import AuthConfig
from sandbox.supabase.database import DatabaseUsers
from sandbox.supabase.project import KeyKind, Project
from sandbox.supabase.server import Running, start
from shared.db.pools import WebConnection
from shared.files.folder import FolderFiles
from shared.settings import load
from tests.conftest import Database
from tests.web.conftest import RING
from tests.web.pages import post
from web import create_app
from web.auth.supabase.constant_time import Evenly
from web.auth.supabase.factory import hosted_identity
from web.auth.supabase.identity import HostedIdentity

EMAIL, PASSWORD, FRESH = "dora@example.org", "correct horse battery", "another good one"
SECRET = "k" * 32
PUBLIC = "http://localhost"
ROOMY = Limits(token_refresh=1000, sign_in_sign_up=1000, verify=1000, email_sent=1000, between_mails=timedelta(0))
CONFIRMED = AuthConfig(autoconfirm=True, site_url=PUBLIC, limits=ROOMY)
MAILED = AuthConfig(site_url=PUBLIC, limits=ROOMY)
Serve = Callable[..., Running]
MakeHosted = Callable[..., Flask]


@pytest.fixture
def serve(database: Database) -> Iterator[Serve]:
    """serve(config, kind) -> a project whose accounts are in this test's database too."""
    with ExitStack() as running:

        def begin(config: AuthConfig = CONFIRMED, kind: KeyKind = KeyKind.NEW) -> Running:
            made = start(Project(kind), config, DatabaseUsers(database.owner))
            running.callback(made.stop)
            return made

        yield begin


@pytest.fixture
def make_hosted(web_pool: ConnectionPool[WebConnection], tmp_path: Path) -> Iterator[MakeHosted]:
    """make_hosted(running, secret=…, pool=…) -> a web process that signs people in at this project."""
    with ExitStack() as open_ones:

        def make(
            running: Running, *, secret: str = SECRET, pool: ConnectionPool[WebConnection] = web_pool, **changes: object
        ) -> Flask:
            project = running.project
            settings = load(
                {},
                supabase_url=running.url,
                supabase_publishable_key=project.publishable_key,
                supabase_jwt_secret=project.jwt_secret if project.kind is KeyKind.LEGACY else None,
                public_url=PUBLIC,
                **changes,
            )
            identity = hosted_identity(settings, pool, secret)
            identity.evenly = Evenly(pause=lambda _: None)
            open_ones.callback(identity.close)
            return create_app(settings, pool, RING.sealing_key, identity, FolderFiles(tmp_path / "exports"), secret)

        yield make


@pytest.fixture
def project(serve: Serve) -> Running:
    """A project without confirmation by mail."""
    return serve()


@pytest.fixture
def app(project: Running, make_hosted: MakeHosted) -> Flask:
    return make_hosted(project)


@pytest.fixture
def dora(app: Flask) -> FlaskClient:
    """A browser whose person has just signed up at the project."""
    browser = app.test_client()
    assert post(browser, "/signup", email=EMAIL, password=PASSWORD).status_code == 302
    return browser


def identity_of(app: Flask) -> HostedIdentity:
    """The hosted identity of the application."""
    identity: HostedIdentity = app.extensions["rollcall"].identity
    return identity


def is_in(browser: FlaskClient) -> bool:
    """Whether the browser's person is signed in."""
    return browser.get("/account").status_code == 200


def refreshes(running: Running) -> int:
    """How many refreshes the project was asked for."""
    return running.auth.calls.count("POST /auth/v1/token?refresh_token")
