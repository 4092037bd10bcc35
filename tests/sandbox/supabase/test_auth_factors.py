"""Second factors by the unchanged client, with the answers that the real Auth gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import jwt
import pyotp
import pytest
from supabase_auth.errors import AuthApiError
from supabase_auth.types import AuthMFAEnrollResponse

from sandbox.supabase.server import Running
from supabase import Client
from tests.sandbox.supabase.conftest import CONFIRMED, WHO, MakeClient, Serve, sign_up

OTHER = "another good one"


def _refused(call: Callable[[], object]) -> tuple[int, str | None]:
    with pytest.raises(AuthApiError) as caught:
        call()
    return caught.value.status, caught.value.code


def _enrolled(client: Client) -> AuthMFAEnrollResponse:
    sign_up(client)
    return client.auth.mfa.enroll({"factor_type": "totp", "friendly_name": "phone"})


def _code(running: Running, made: AuthMFAEnrollResponse) -> str:
    assert made.totp is not None
    return pyotp.TOTP(made.totp.secret).at(running.project.now)


def _told(token: str) -> tuple[str, list[str]]:
    told = jwt.decode(token, options={"verify_signature": False})
    return told["aal"], [entry["method"] for entry in told["amr"]]


def test_a_code_raises_the_sign_in_and_a_refresh_keeps_it_there(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    made = _enrolled(client)
    raised = client.auth.mfa.challenge_and_verify({"factor_id": made.id, "code": _code(running, made)})
    assert _told(raised.access_token) == ("aal2", ["totp", "password"])
    again = client.auth.refresh_session(raised.refresh_token).session
    assert again is not None
    assert _told(again.access_token) == ("aal2", ["totp", "password"])
    assert [factor.status for factor in again.user.factors or []] == ["verified"]
    by_password = make_client(running).auth.sign_in_with_password(WHO).session
    assert by_password is not None
    assert _told(by_password.access_token) == ("aal1", ["password"])


def test_the_first_code_ends_the_other_sessions(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client, elsewhere = make_client(running), make_client(running)
    made = _enrolled(client)
    elsewhere.auth.sign_in_with_password(WHO)
    client.auth.mfa.challenge_and_verify({"factor_id": made.id, "code": _code(running, made)})
    assert _refused(lambda: elsewhere.auth.get_user()) == (403, "session_not_found")


def test_codes_and_challenges_are_as_strict_as_the_real_ones(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    made = _enrolled(client)
    mfa = client.auth.mfa
    challenge, code = mfa.challenge({"factor_id": made.id}), _code(running, made)
    wrong = "000000" if code != "000000" else "111111"
    for given, expected in (
        ((challenge.id, wrong), (422, "mfa_verification_failed")),
        ((challenge.id, ""), (400, "validation_failed")),
        (("00000000-0000-0000-0000-000000000000", code), (422, "mfa_factor_not_found")),
    ):
        asked = {"factor_id": made.id, "challenge_id": given[0], "code": given[1]}
        assert _refused(lambda asked=asked: mfa.verify(asked)) == expected  # type: ignore[misc]
    mfa.verify({"factor_id": made.id, "challenge_id": challenge.id, "code": code})
    used = {"factor_id": made.id, "challenge_id": challenge.id, "code": code}
    assert _refused(lambda: mfa.verify(used)) == (422, "mfa_ip_address_mismatch")  # type: ignore[arg-type]
    late = mfa.challenge({"factor_id": made.id})
    running.project.advance(timedelta(minutes=6))
    over = {"factor_id": made.id, "challenge_id": late.id, "code": _code(running, made)}
    assert _refused(lambda: mfa.verify(over)) == (422, "mfa_challenge_expired")  # type: ignore[arg-type]
    assert _refused(lambda: mfa.challenge({"factor_id": "x"})) == (404, "validation_failed")


def test_with_a_factor_the_password_alone_changes_nothing(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client, low = make_client(running), make_client(running)
    made = _enrolled(client)
    client.auth.mfa.challenge_and_verify({"factor_id": made.id, "code": _code(running, made)})
    low.auth.sign_in_with_password(WHO)
    refused = (401, "insufficient_aal")
    assert _refused(lambda: low.auth.update_user({"password": OTHER})) == refused
    assert _refused(lambda: low.auth.update_user({"email": "thea@example.org"})) == refused
    assert _refused(lambda: low.auth.mfa.unenroll({"factor_id": made.id})) == (422, "insufficient_aal")
    again = {"factor_type": "totp", "friendly_name": "y"}
    assert _refused(lambda: low.auth.mfa.enroll(again)) == (403, "insufficient_aal")  # type: ignore[arg-type]
    client.auth.update_user({"password": OTHER})
    client.auth.mfa.unenroll({"factor_id": made.id})
    session = client.auth.refresh_session().session
    assert session is not None
    assert _told(session.access_token)[0] == "aal1"


def test_the_present_password_is_asked_for_where_the_project_says_so(serve: Serve, make_client: MakeClient) -> None:
    client = make_client(serve(config=replace(CONFIRMED, require_current_password=True)))
    sign_up(client)
    assert _refused(lambda: client.auth.update_user({"password": OTHER})) == (400, "current_password_required")
    wrong = {"password": OTHER, "current_password": "wrong"}
    assert _refused(lambda: client.auth.update_user(wrong)) == (400, "current_password_invalid")  # type: ignore[arg-type]
    client.auth.update_user({"password": OTHER, "current_password": WHO["password"]})


def test_an_old_sign_in_reauthenticates_where_the_project_says_so(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=replace(CONFIRMED, reauthenticate=True))
    client = make_client(running)
    sign_up(client)
    running.project.advance(timedelta(hours=25))
    client.auth.refresh_session()
    assert _refused(lambda: client.auth.update_user({"password": OTHER})) == (400, "reauthentication_needed")
