"""The keys of a call, the two shapes of an error, and what is fetched without a key."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.supabase.project import KeyKind
from sandbox.supabase.server import Running
from tests.sandbox.supabase.conftest import EMAIL, Serve

VERSION = {"X-Supabase-Api-Version": "2024-01-01"}


def _ask(running: Running, path: str = "/settings", **headers: str) -> httpx.Response:
    return httpx.get(f"{running.url}/auth/v1{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_a_call_needs_a_key_of_this_project(serve: Serve) -> None:
    running, other = serve(), serve()
    assert _ask(running).status_code == 401
    assert _ask(running, apikey=other.project.publishable_key).json()["message"] == "Invalid API key"
    assert _ask(running, apikey=running.project.publishable_key).json()["mailer_autoconfirm"] is True


def test_a_new_key_is_a_bearer_only_as_itself(serve: Serve) -> None:
    project = (running := serve()).project
    key = project.publishable_key
    assert _ask(running, apikey=key, Authorization=f"Bearer {key}").status_code == 200
    assert _ask(running, apikey=key, Authorization=f"Bearer {project.secret_key}").status_code == 401


def test_the_secret_key_is_refused_from_browsers(serve: Serve) -> None:
    running = serve()
    key = running.project.secret_key
    assert _ask(running, apikey=key, User_Agent="Mozilla/5.0 (X11) Firefox/140.0").status_code == 401
    assert _ask(running, "/admin/users", apikey=key, Authorization=f"Bearer {key}").json()["users"] == []


@pytest.mark.parametrize("kind", list(KeyKind))
def test_an_api_key_is_nobodys_login(kind: KeyKind, serve: Serve) -> None:
    running = serve(kind)
    key = running.project.publishable_key
    none = _ask(running, "/user", apikey=key, **VERSION)
    assert (none.status_code, none.json()["code"]) == (401, "no_authorization")
    as_itself = _ask(running, "/user", apikey=key, Authorization=f"Bearer {key}", **VERSION)
    assert (as_itself.status_code, as_itself.json()["code"]) == (403, "bad_jwt")


def test_an_error_has_the_shape_of_the_callers_version(serve: Serve) -> None:
    running = serve()

    def tried(headers: dict[str, str]) -> tuple[dict[str, Any], httpx.Headers]:
        answer = httpx.post(
            f"{running.url}/auth/v1/token?grant_type=password",
            json={"email": EMAIL, "password": "x"},
            headers={"apikey": running.project.publishable_key, **headers},
        )
        return answer.json(), answer.headers

    new, headers = tried(VERSION)
    assert new == {"code": "invalid_credentials", "message": "Invalid login credentials"}
    assert (headers["X-Supabase-Api-Version"], headers["x-sb-error-code"]) == ("2024-01-01", "invalid_credentials")
    old, headers = tried({})
    assert old == {"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}
    assert "X-Supabase-Api-Version" not in headers


def test_a_grant_that_is_none_gets_oauths_answer(serve: Serve) -> None:
    running = serve()
    answer = httpx.post(
        f"{running.url}/auth/v1/token?grant_type=magic", json={}, headers={"apikey": running.project.publishable_key}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(("kind", "count"), [(KeyKind.NEW, 1), (KeyKind.LEGACY, 0)])
def test_public_keys_need_no_key_and_may_be_kept(kind: KeyKind, count: int, serve: Serve) -> None:
    answer = _ask(serve(kind), "/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert len(answer.json()["keys"]) == count
    assert all(key["kid"] for key in answer.json()["keys"])


def test_the_clock_moves_only_by_known_units(serve: Serve) -> None:
    running = serve()
    before = httpx.get(f"{running.url}/_sandbox/now").json()["now"]
    assert httpx.post(f"{running.url}/_sandbox/advance", json={"years": 1}).status_code == 400
    after = httpx.post(f"{running.url}/_sandbox/advance", json={"days": 400}).json()["now"]
    assert after > before
