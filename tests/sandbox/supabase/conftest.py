"""A project over real HTTP, and the unchanged Supabase client as a stranger to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest
from supabase.lib.client_options import SyncClientOptions
from supabase_auth.types import AuthResponse, SignInWithEmailAndPasswordCredentials

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.auth_state import AuthConfig
from sandbox.supabase.project import KeyKind, Project
from sandbox.supabase.server import Running, start
from sandbox.supabase.storage import storage
from supabase import Client, create_client

EMAIL, PASSWORD = "dora@example.org", "correct horse battery"
WHO: SignInWithEmailAndPasswordCredentials = {"email": EMAIL, "password": PASSWORD}
ROOMY = Limits(token_refresh=1000, sign_in_sign_up=1000, verify=1000, email_sent=1000, between_mails=timedelta(0))
CONFIRMED = AuthConfig(autoconfirm=True, limits=ROOMY)
MAILED = AuthConfig(limits=ROOMY)
Serve = Callable[..., Running]
MakeClient = Callable[..., Client]


def sign_up(client: Client, email: str = EMAIL, password: str = PASSWORD, back: str = "") -> AuthResponse:
    """What the client gets for a sign-up."""
    return client.auth.sign_up({"email": email, "password": password, "options": {"email_redirect_to": back}})


@pytest.fixture
def serve() -> Iterator[Serve]:
    """serve(kind, config) -> a project that serves until the test ends, with room for many calls."""
    with ExitStack() as running:

        def begin(kind: KeyKind = KeyKind.NEW, config: AuthConfig = CONFIRMED) -> Running:
            made = start(Project(kind), config, further=lambda project: (storage(project),))
            running.callback(made.stop)
            return made

        yield begin


@pytest.fixture
def make_client() -> Iterator[MakeClient]:
    """make_client(running, key=None) -> the official client, by default with the publishable key."""
    with httpx.Client(timeout=240) as http:

        def make(running: Running, key: str | None = None) -> Client:
            options = SyncClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
            return create_client(running.url, key or running.project.publishable_key, options)

        yield make
