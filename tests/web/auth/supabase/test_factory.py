"""The hosted identity is put together only where its settings are whole, and costs the embedded form nothing."""

from __future__ import annotations

import subprocess
import sys

import jwt
import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.errors import ConfigError
from shared.settings import load
from tests.conftest import REPO
from web.auth.identity import EmbeddedIdentity
from web.auth.supabase.factory import hosted_identity
from web.auth.supabase.identity import HostedIdentity
from web.serve import identity_of

WHOLE = {
    "SUPABASE_URL": "https://ref.supabase.co/",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
    "PUBLIC_URL": "https://rollcall.example.org",
}
SERVICE = jwt.encode({"role": "service_role"}, "x" * 32)
ANON = jwt.encode({"role": "anon"}, "x" * 32)


def test_supabase_is_used_where_it_is_named(web_pool: ConnectionPool[WebConnection]) -> None:
    assert isinstance(identity_of(load({}), web_pool, "k" * 32), EmbeddedIdentity)
    for key in (WHOLE["SUPABASE_PUBLISHABLE_KEY"], ANON):
        made = identity_of(load({**WHOLE, "SUPABASE_PUBLISHABLE_KEY": key}), web_pool, "k" * 32)
        assert isinstance(made, HostedIdentity)
        made.close()


@pytest.mark.parametrize("name", ["SUPABASE_PUBLISHABLE_KEY", "PUBLIC_URL"])
def test_what_is_missing_is_named(name: str, web_pool: ConnectionPool[WebConnection]) -> None:
    env = {key: value for key, value in WHOLE.items() if key != name}
    with pytest.raises(ConfigError, match=name):
        hosted_identity(load(env), web_pool, "k" * 32)


@pytest.mark.parametrize("key", ["sb_secret_x", SERVICE], ids=["new", "legacy"])
def test_a_secret_key_is_refused_in_the_web(key: str, web_pool: ConnectionPool[WebConnection]) -> None:
    with pytest.raises(ConfigError, match="holds a secret key") as caught:
        hosted_identity(load({**WHOLE, "SUPABASE_PUBLISHABLE_KEY": key}), web_pool, "k" * 32)
    assert key not in str(caught.value)


def test_the_embedded_form_loads_none_of_supabases_libraries() -> None:
    code = (
        "import sys, web.serve; print([n for n in ('supabase', 'supabase_auth', 'httpx', 'jwt') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
