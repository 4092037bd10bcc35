"""Signing up, in and out, and staying in, with the unchanged Supabase client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError
from supabase_auth.types import SignOutScope

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.auth_state import AuthConfig
from sandbox.supabase.project import KeyKind
from sandbox.supabase.server import Running
from supabase import Client
from tests.sandbox.supabase.conftest import CONFIRMED, EMAIL, MAILED, PASSWORD, WHO, MakeClient, Serve, sign_up

OTHER = "another password"
KINDS = pytest.mark.parametrize("kind", list(KeyKind))


def _sign_up(client: Client) -> tuple[str, str]:
    made = sign_up(client)
    assert made.session is not None
    return made.session.access_token, made.session.refresh_token


def _refused(call: Callable[[], object]) -> tuple[int, str | None, str]:
    with pytest.raises(AuthApiError) as caught:
        call()
    return caught.value.status, caught.value.code, caught.value.message


@KINDS
def test_a_person_signs_up_in_and_out_with_either_kind_of_keys(
    kind: KeyKind, serve: Serve, make_client: MakeClient
) -> None:
    client = make_client(serve(kind))
    access, _ = _sign_up(client)
    again = client.auth.sign_in_with_password({"email": EMAIL.upper(), "password": PASSWORD})
    assert again.user is not None
    assert again.user.email == EMAIL
    shown = client.auth.get_user(access)
    assert shown is not None
    assert shown.user.id == again.user.id
    client.auth.sign_out()
    assert _refused(lambda: client.auth.get_user(access)) == (
        403,
        "session_not_found",
        "Session from session_id claim in JWT does not exist",
    )


@KINDS
def test_a_token_says_what_the_facts_list(kind: KeyKind, serve: Serve, make_client: MakeClient) -> None:
    running = serve(kind)
    access, _ = _sign_up(make_client(running))
    told = jwt.decode(access, options={"verify_signature": False})
    assert told["iss"] == f"{running.url}/auth/v1"
    assert (told["aud"], told["role"], told["aal"], told["is_anonymous"]) == (
        "authenticated",
        "authenticated",
        "aal1",
        False,
    )
    assert told["amr"][0]["method"] == "password"
    assert told["exp"] - told["iat"] == 3600
    assert jwt.get_unverified_header(access)["alg"] == ("ES256" if kind is KeyKind.NEW else "HS256")


def test_wrong_passwords_and_unknown_addresses_are_refused_alike(serve: Serve, make_client: MakeClient) -> None:
    client = make_client(serve())
    _sign_up(client)
    expected = (400, "invalid_credentials", "Invalid login credentials")
    assert _refused(lambda: client.auth.sign_in_with_password({"email": EMAIL, "password": "wrong"})) == expected
    assert (
        _refused(lambda: client.auth.sign_in_with_password({"email": "nora@example.org", "password": "x"})) == expected
    )


def test_an_address_is_taken_where_nothing_is_confirmed_and_hidden_where_it_is(
    serve: Serve, make_client: MakeClient
) -> None:
    client = make_client(serve())
    _sign_up(client)
    assert _refused(lambda: sign_up(client, password=OTHER)) == (422, "user_already_exists", "User already registered")

    running = serve(config=MAILED)
    hidden = make_client(running)
    first = sign_up(hidden)
    assert first.session is None
    assert first.user is not None
    _confirm(running)
    fake = sign_up(hidden, password=OTHER)
    assert fake.user is not None
    assert (fake.session, fake.user.identities) == (None, [])
    assert fake.user.id != first.user.id
    assert fake.user.email == EMAIL
    assert len(running.auth.mails) == 1


def _confirm(running: Running) -> None:
    account = running.auth.by_email(EMAIL)
    assert account is not None
    account.confirmed_at = running.project.now


def test_nobody_comes_in_unconfirmed_banned_or_where_sign_up_is_closed(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=MAILED)
    client = make_client(running)
    sign_up(client)
    assert _refused(lambda: client.auth.sign_in_with_password(WHO))[:2] == (400, "email_not_confirmed")
    _confirm(running)
    entered = client.auth.sign_in_with_password(WHO)
    assert entered.user is not None
    assert entered.session is not None
    make_client(running, running.project.secret_key).auth.admin.update_user_by_id(
        entered.user.id, {"ban_duration": "1h"}
    )
    assert _refused(lambda: client.auth.sign_in_with_password(WHO))[1] == "user_banned"
    token = entered.session.refresh_token
    assert _refused(lambda: client.auth.refresh_session(token)) == (
        400,
        "user_banned",
        "Invalid Refresh Token: User Banned",
    )
    closed = make_client(serve(config=replace(CONFIRMED, signup_open=False)))
    assert _refused(lambda: sign_up(closed))[:2] == (422, "signup_disabled")


@pytest.mark.parametrize(
    ("password", "reason"), [("short", "length"), ("only letters", "characters"), ("letmein 1", "pwned")]
)
def test_a_weak_password_is_refused_with_its_reason(
    password: str, reason: str, serve: Serve, make_client: MakeClient
) -> None:
    config = replace(CONFIRMED, required_characters=("0123456789",), pwned=frozenset({"letmein 1"}))
    client = make_client(serve(config=config))
    with pytest.raises(AuthWeakPasswordError) as caught:
        sign_up(client, password=password)
    assert reason in caught.value.reasons


def test_a_password_of_more_than_72_bytes_is_refused(serve: Serve, make_client: MakeClient) -> None:
    client = make_client(serve())
    assert _refused(lambda: sign_up(client, password="x1" * 37))[1] == "validation_failed"


def test_a_refresh_token_is_used_once(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    _, first = _sign_up(client)
    second = client.auth.refresh_session(first).session
    assert second is not None
    third = client.auth.refresh_session(second.refresh_token).session
    assert third is not None
    assert len({first, second.refresh_token, third.refresh_token}) == 3
    running.project.advance(timedelta(seconds=11))
    used = (400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
    assert _refused(lambda: client.auth.refresh_session(first)) == used
    assert client.auth.get_user(third.access_token) is not None, "the session's row stays"
    assert client.auth.refresh_session(third.refresh_token).session is not None, "within its grace of ten seconds"
    running.project.advance(timedelta(seconds=11))
    assert _refused(lambda: client.auth.refresh_session(first)) == used


def test_a_used_token_is_taken_again_for_ten_seconds(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    _, first = _sign_up(client)
    second = client.auth.refresh_session(first).session
    assert second is not None
    client.auth.refresh_session(second.refresh_token)
    assert client.auth.refresh_session(first).session is not None


def test_a_client_that_lost_the_answer_gets_the_same_successor_again(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    _, first = _sign_up(client)
    lost = client.auth.refresh_session(first).session
    running.project.advance(timedelta(hours=1))
    again = client.auth.refresh_session(first).session
    assert lost is not None
    assert again is not None
    assert again.refresh_token == lost.refresh_token


def test_unknown_tokens_and_sessions_past_their_time_are_refused(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=replace(CONFIRMED, session_timebox=timedelta(days=1)))
    client = make_client(running)
    _, refresh = _sign_up(client)
    assert _refused(lambda: client.auth.refresh_session("made-up")) == (
        400,
        "refresh_token_not_found",
        "Invalid Refresh Token: Refresh Token Not Found",
    )
    running.project.advance(timedelta(days=2))
    assert _refused(lambda: client.auth.refresh_session(refresh))[:2] == (400, "session_expired")


@pytest.mark.parametrize(("scope", "left"), [("local", [1]), ("others", [0]), ("global", [])])
def test_signing_out_ends_this_session_the_others_or_all(
    scope: SignOutScope, left: list[int], serve: Serve, make_client: MakeClient
) -> None:
    client = make_client(serve())
    tokens = [_sign_up(client)[0]]
    entered = client.auth.sign_in_with_password(WHO).session
    assert entered is not None
    tokens.append(entered.access_token)
    client.auth.admin.sign_out(tokens[0], scope)
    alive = [number for number, token in enumerate(tokens) if _lives(client, token)]
    assert alive == left


def _lives(client: Client, token: str) -> bool:
    try:
        return client.auth.get_user(token) is not None
    except AuthApiError:
        return False


def test_an_expired_or_foreign_token_is_no_login(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    access, _ = _sign_up(client)
    running.project.advance(timedelta(hours=2))
    assert _refused(lambda: client.auth.get_user(access))[:2] == (403, "bad_jwt")
    other = serve()
    assert _refused(lambda: make_client(other).auth.get_user(access))[:2] == (403, "bad_jwt")


def test_a_new_password_ends_the_other_sessions_and_must_differ(serve: Serve, make_client: MakeClient) -> None:
    client = make_client(serve())
    other, _ = _sign_up(client)
    entered = client.auth.sign_in_with_password(WHO).session
    assert entered is not None
    assert _refused(lambda: client.auth.update_user({"password": PASSWORD}))[:2] == (422, "same_password")
    client.auth.update_user({"password": "another good one"})
    assert _lives(client, entered.access_token)
    assert not _lives(client, other)
    assert client.auth.sign_in_with_password({"email": EMAIL, "password": "another good one"}).session


def test_rates_are_limited_and_room_comes_back(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=AuthConfig(autoconfirm=True, limits=Limits(sign_in_sign_up=3, token_refresh=1)))
    client = make_client(running)
    _, refresh = _sign_up(client)
    for _ in range(2):
        client.auth.sign_in_with_password(WHO)
    limited = (429, "over_request_rate_limit", "Request rate limit reached")
    assert _refused(lambda: client.auth.sign_in_with_password(WHO)) == limited
    client.auth.refresh_session(refresh)
    assert _refused(lambda: client.auth.refresh_session(refresh)) == limited
    running.project.advance(timedelta(minutes=5, seconds=1))
    client.auth.sign_in_with_password(WHO)
