"""Mails, the links in them, and what they let in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from supabase_auth.errors import AuthApiError
from supabase_auth.types import CodeExchangeParams

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.auth_state import AuthConfig
from sandbox.supabase.server import Running
from tests.sandbox.supabase.conftest import CONFIRMED, EMAIL, MAILED, PASSWORD, WHO, MakeClient, Serve, sign_up

BACK = "http://localhost:3000/auth/link"


def _mails(running: Running, email: str = EMAIL) -> list[dict[str, str]]:
    found: list[dict[str, str]] = httpx.get(f"{running.url}/_sandbox/mail/{email}").json()["mails"]
    return found


def _follow(link: str) -> str:
    answer = httpx.get(link)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_confirmation_lets_in_by_its_hash_once(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=MAILED)
    client = make_client(running)
    sign_up(client, back=BACK)
    (mail,) = _mails(running)
    assert mail["kind"] == "signup"
    entered = client.auth.verify_otp({"token_hash": mail["token_hash"], "type": "signup"})
    assert entered.session is not None
    with pytest.raises(AuthApiError) as caught:
        client.auth.verify_otp({"token_hash": mail["token_hash"], "type": "signup"})
    assert (caught.value.status, caught.value.code) == (403, "otp_expired")
    assert client.auth.sign_in_with_password(WHO).session is not None


def test_the_digits_of_a_mail_do_too(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=MAILED)
    client = make_client(running)
    sign_up(client)
    (mail,) = _mails(running)
    assert client.auth.verify_otp({"email": EMAIL, "token": mail["otp"], "type": "email"}).session is not None


def test_a_followed_link_comes_back_with_a_code_for_whoever_asked(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    sign_up(client)
    client.auth.reset_password_for_email(EMAIL, {"redirect_to": BACK})
    (mail,) = _mails(running)
    back = _follow(mail["link"])
    assert back.startswith(f"{BACK}?code=")
    (code,) = parse_qs(urlsplit(back).query)["code"]
    stranger = make_client(running)
    wrong: CodeExchangeParams = {"auth_code": code, "code_verifier": "x" * 50, "redirect_to": BACK}
    with pytest.raises(AuthApiError) as caught:
        stranger.auth.exchange_code_for_session(wrong)
    assert (caught.value.status, caught.value.code) == (400, "bad_code_verifier")
    assert client.auth.exchange_code_for_session({"auth_code": code, "code_verifier": "", "redirect_to": BACK}).session
    assert "error_code=otp_expired" in urlsplit(_follow(mail["link"])).query


def test_a_link_that_waited_too_long_says_so_in_the_address(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=MAILED)
    sign_up(make_client(running), back=BACK)
    httpx.post(f"{running.url}/_sandbox/advance", json={"hours": 2}).raise_for_status()
    back = urlsplit(_follow(_mails(running)[0]["link"]))
    assert parse_qs(back.query)["error_code"] == ["otp_expired"]
    assert back.path == "/auth/link"


def test_links_lead_only_where_the_project_allows(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=replace(MAILED, redirect_urls=("https://ours.example.org/**",)))
    client = make_client(running)
    for wanted, held in (
        ("https://ours.example.org/auth/link", "https://ours.example.org/auth/link"),
        ("https://evil.example.org/", "http://localhost:3000"),
        (BACK, BACK),
    ):
        sign_up(client, back=wanted)
        assert _mails(running)[-1]["redirect_to"] == held


def test_recovery_says_the_same_for_everybody_and_mails_only_who_is_there(
    serve: Serve, make_client: MakeClient
) -> None:
    running = serve()
    client = make_client(running)
    sign_up(client)
    client.auth.reset_password_for_email(EMAIL)
    client.auth.reset_password_for_email("nora@example.org")
    assert (len(_mails(running)), _mails(running, "nora@example.org")) == (1, [])


def test_a_change_of_address_asks_both(serve: Serve, make_client: MakeClient) -> None:
    running = serve()
    client = make_client(running)
    sign_up(client)
    changed = client.auth.update_user({"email": "theodora@example.org"})
    assert (changed.user.email, changed.user.new_email) == (EMAIL, "theodora@example.org")
    (to_new,), (to_old,) = _mails(running, "theodora@example.org"), _mails(running)
    halfway = client.auth.verify_otp({"token_hash": to_new["token_hash"], "type": "email_change"})
    assert halfway.session is None
    whole = client.auth.verify_otp({"token_hash": to_old["token_hash"], "type": "email_change"})
    assert whole.user is not None
    assert whole.user.email == "theodora@example.org"


def test_an_address_of_somebody_else_cannot_be_taken(serve: Serve, make_client: MakeClient) -> None:
    client = make_client(serve())
    sign_up(client, "nora@example.org")
    sign_up(client)
    with pytest.raises(AuthApiError) as caught:
        client.auth.update_user({"email": "nora@example.org"})
    assert (caught.value.status, caught.value.code) == (422, "email_exists")


def test_mails_are_limited_in_pace_and_number(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=AuthConfig(limits=Limits()))
    client = make_client(running)
    sign_up(client)
    said = []
    for wait in (0, 61, 61):
        running.project.advance(timedelta(seconds=wait))
        try:
            client.auth.resend({"type": "signup", "email": EMAIL})
        except AuthApiError as error:
            said.append((error.status, error.code, error.message))
    assert said[0][:2] == said[1][:2] == (429, "over_email_send_rate_limit")
    assert said[0][2].startswith("For security purposes, you can only request this after ")
    assert said[1][2] == "email rate limit exceeded"
    assert len(_mails(running)) == 2


def test_the_secret_key_alone_administers_accounts(serve: Serve, make_client: MakeClient) -> None:
    running = serve(config=CONFIRMED)
    client = make_client(running)
    with pytest.raises(AuthApiError) as caught:
        client.auth.admin.list_users()
    assert (caught.value.status, caught.value.code) == (403, "not_admin")
    admin = make_client(running, running.project.secret_key).auth.admin
    made = admin.create_user({"email": EMAIL, "password": PASSWORD, "email_confirm": True}).user
    assert [user.id for user in admin.list_users()] == [made.id]
    assert client.auth.sign_in_with_password(WHO).session is not None
    assert admin.get_user_by_id(made.id).user.email == EMAIL
    admin.delete_user(made.id)
    assert admin.list_users() == []
