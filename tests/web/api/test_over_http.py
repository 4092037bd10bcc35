"""The JSON interface as a script uses it: over HTTP, with a session cookie, the form token, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from tests.conftest import Personas
from tests.rig.history import NOW
from tests.web.api.conftest import MakeConnection, MakeProfile, Owner
from tests.web.conftest import SignedInAs


@pytest.fixture
def script(address: str, people: Personas, signed_in_as: SignedInAs) -> Iterator[httpx.Client]:
    cookie = signed_in_as(people.alice).get_cookie("rollcall_session")
    assert cookie is not None
    with httpx.Client(base_url=address, cookies={"rollcall_session": cookie.value}, timeout=240) as made:
        yield made


@pytest.fixture
def connection(people: Personas, make_profile: MakeProfile, make_connection: MakeConnection) -> UUID:
    return make_connection(make_profile(people.alice, observed_at=NOW), secret=b"cookies")


def test_a_script_syncs_a_connection_and_ends_it(script: httpx.Client, connection: UUID, owner: Owner) -> None:
    status = script.get("/api/v1/auth/status").json()
    assert (status["connected"], [one["id"] for one in status["connections"]]) == (True, [str(connection)])
    token = {"X-CSRFToken": status["form_token"]}
    made = script.post(f"/api/v1/connections/{connection}/sync", headers=token)
    assert made.status_code == 202
    (job_id,) = made.json()["jobs"]
    assert script.get(f"/api/v1/jobs/{job_id}").json()["kind"] == "SYNC"
    ended = script.delete(f"/api/v1/connections/{connection}", headers=token)
    assert (ended.status_code, ended.content) == (204, b"")
    assert script.get(f"/api/v1/jobs/{job_id}").json()["state"] == "CANCELLED"
    assert script.get("/api/v1/auth/status").json()["connections"] == []
    assert owner.execute("select secret from public.connections").fetchall() == [{"secret": None}]


def test_a_refusal_is_a_problem(script: httpx.Client, connection: UUID) -> None:
    for answer, status, code in (
        (script.delete(f"/api/v1/connections/{connection}"), 400, "form_token"),
        (script.get("/api/v1/insights/not-an-id"), 404, "not_found"),
        (script.put("/api/v1/auth/status"), 405, "method_not_allowed"),
    ):
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["code"] == code
        assert answer.json()["status"] == status
    assert "Access-Control-Allow-Origin" not in script.get("/api/v1/auth/status").headers
