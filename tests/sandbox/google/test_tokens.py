"""Codes, access tokens, refresh tokens, and their ends."""

import base64
from datetime import timedelta

import httpx
import pytest

from sandbox.google.clicks import walk
from sandbox.google.oauth.clients import YOUTUBE, Client
from tests.sandbox.google.app import VERIFIER, App, error_of, refusal_of

DEAD = (400, "invalid_grant", "Token has been expired or revoked.")


def test_a_code_brings_both_tokens(app: App) -> None:
    tokens = app.connect()
    assert set(tokens) == {"access_token", "expires_in", "refresh_token", "scope", "token_type"}
    assert (tokens["token_type"], str(tokens["expires_in"])) == ("Bearer", "3599")


def test_a_code_works_once(app: App) -> None:
    code = app.code()
    app.exchange(code).raise_for_status()
    assert refusal_of(app.exchange(code)) == (400, "invalid_grant", "Bad Request")


def test_a_code_lives_ten_minutes(app: App) -> None:
    code = app.code()
    app.google.advance(timedelta(minutes=11))
    assert refusal_of(app.exchange(code)) == (400, "invalid_grant", "Bad Request")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"code": "4/0Amadeup"}, (400, "invalid_grant", "Malformed auth code.")),
        ({"code": None}, (400, "invalid_request", "Missing required parameter: code")),
        ({"redirect_uri": "http://127.0.0.1:9/other"}, (400, "redirect_uri_mismatch", "Bad Request")),
        ({"code_verifier": None}, (400, "invalid_grant", "Missing code verifier.")),
        ({"code_verifier": VERIFIER[::-1]}, (400, "invalid_grant", "Invalid code verifier.")),
        ({"client_id": "another"}, (401, "invalid_client", "The OAuth client was not found.")),
        ({"client_id": None}, (400, "invalid_request", "Could not determine client ID from request.")),
        ({"client_secret": "wrong"}, (401, "invalid_client", "The provided client secret is invalid.")),
        ({"client_secret": None}, (400, "invalid_request", "client_secret is missing.")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", "Invalid grant_type: password")),
        ({"grant_type": None}, (400, "invalid_request", "Missing required parameter: grant_type")),
    ],
)
def test_a_wrong_exchange_is_refused_and_the_code_stays_good(
    app: App, changes: dict[str, str | None], refusal: tuple[int, str, str]
) -> None:
    code = app.code()
    assert refusal_of(app.exchange(code, **changes)) == refusal
    assert app.exchange(code).status_code == 200


def test_a_challenge_may_be_plain(app: App) -> None:
    code = app.code(code_challenge=VERIFIER, code_challenge_method=None)
    assert app.exchange(code).status_code == 200


def test_a_request_without_a_challenge_needs_no_verifier(app: App) -> None:
    code = app.code(code_challenge=None, code_challenge_method=None)
    assert app.exchange(code, code_verifier=None).status_code == 200


def test_the_client_may_show_its_secret_in_a_header(app: App) -> None:
    code, client = app.code(), app.google.client
    secret = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": next(iter(client.redirect_uris)),
        "code_verifier": VERIFIER,
    }
    answer = app.http.post("/token", data=fields, headers={"Authorization": f"Basic {secret}"})
    assert answer.status_code == 200


def test_a_token_request_is_a_form(app: App) -> None:
    answer = app.http.post("/token", json={"client_id": app.google.client.id})
    assert refusal_of(answer)[:2] == (400, "invalid_request")


def test_the_older_addresses_still_answer(app: App) -> None:
    code = httpx.URL(walk(app.url().replace("/o/oauth2/v2/auth", "/o/oauth2/auth"))).params["code"]
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app.google.client.id,
        "client_secret": app.google.client.secret,
        "redirect_uri": next(iter(app.google.client.redirect_uris)),
        "code_verifier": VERIFIER,
    }
    app.tokens = app.http.post("/o/oauth2/token", data=fields).json()
    assert app.channel().status_code == 200
    assert app.http.get("/o/oauth2/revoke", params={"token": app.tokens["access_token"]}).json() == {}
    assert error_of(app.channel()) == (401, "authError")


def test_a_code_belongs_to_its_client(app: App) -> None:
    code = app.code()
    other = Client(id="other", secret="other secret", project="2")
    app.google.clients = [app.google.client, other]
    answer = app.exchange(code, client_id=other.id, client_secret=other.secret)
    assert refusal_of(answer) == (400, "invalid_grant", "Bad Request")


def test_a_refresh_token_comes_at_the_first_consent_or_with_prompt_consent(app: App) -> None:
    first = app.exchange(app.code(prompt=None)).json()
    second = app.exchange(app.code(prompt=None)).json()
    asked = app.exchange(app.code(prompt="consent")).json()
    assert ["refresh_token" in tokens for tokens in (first, second, asked)] == [True, False, True]


def test_without_offline_access_there_is_no_refresh_token(app: App) -> None:
    assert "refresh_token" not in app.exchange(app.code(access_type=None)).json()
    assert "refresh_token" in app.exchange(app.code(prompt=None)).json()


def test_a_refresh_brings_an_access_token_and_no_other_refresh_token(connected: App) -> None:
    answer = connected.refresh()
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "expires_in", "scope", "token_type"}
    assert answer.json()["access_token"] != connected.tokens["access_token"]
    assert connected.refresh().status_code == 200


def test_an_access_token_lives_an_hour(connected: App) -> None:
    connected.google.advance(timedelta(minutes=59))
    assert connected.channel().status_code == 200
    connected.google.advance(timedelta(minutes=1))
    answer = connected.channel()
    assert error_of(answer) == (401, "authError")
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    connected.tokens |= connected.refresh().json()
    assert connected.channel().status_code == 200


def test_a_refresh_token_dies_when_it_is_not_used_for_six_months(connected: App) -> None:
    connected.google.advance(timedelta(days=182))
    assert connected.refresh().status_code == 200
    connected.google.advance(timedelta(days=182))
    assert connected.refresh().status_code == 200
    connected.google.advance(timedelta(days=184))
    assert refusal_of(connected.refresh()) == DEAD


def test_in_testing_a_refresh_token_lives_seven_days_and_says_so(app: App) -> None:
    app.control("clients", testing=True, testers=[app.google.accounts[0].email])
    assert str(app.connect()["refresh_token_expires_in"]) == "604799"
    app.google.advance(timedelta(days=6))
    assert app.refresh().json()["refresh_token_expires_in"] == 86399
    app.google.advance(timedelta(days=1))
    assert refusal_of(app.refresh()) == DEAD


def test_the_oldest_of_too_many_refresh_tokens_drops_out(app: App) -> None:
    first = app.connect()["refresh_token"]
    for _ in range(99):
        app.connect()
    assert app.refresh(refresh_token=first).status_code == 200
    newest = app.connect()["refresh_token"]
    assert refusal_of(app.refresh(refresh_token=first)) == DEAD
    assert app.refresh(refresh_token=newest).status_code == 200


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_both(connected: App, which: str) -> None:
    answer = connected.post("/revoke", {"token": connected.tokens[which]})
    assert (answer.status_code, answer.json()) == (200, {})
    assert error_of(connected.channel()) == (401, "authError")
    assert refusal_of(connected.refresh()) == DEAD
    again = connected.post("/revoke", {"token": connected.tokens[which]})
    assert refusal_of(again) == (400, "invalid_token", "Token expired or revoked")


def test_who_was_revoked_may_connect_again(connected: App) -> None:
    connected.post("/revoke", {"token": connected.tokens["refresh_token"]})
    assert "refresh_token" in connected.exchange(connected.code(prompt=None)).json()


def test_a_made_up_refresh_token_is_dead(connected: App) -> None:
    assert refusal_of(connected.refresh(refresh_token="1//0made-up")) == DEAD


def test_a_call_without_token_or_key_is_403(app: App) -> None:
    answer = app.channel()
    assert error_of(answer) == (403, "forbidden")
    assert answer.json()["error"]["status"] == "PERMISSION_DENIED"
    made_up = app.http.get("/v2/reports", headers={"Authorization": "Bearer ya29.made-up"})
    assert error_of(made_up) == (401, "authError")


def test_a_token_of_a_sign_in_says_who_the_person_is(app: App) -> None:
    app.tokens = app.exchange(app.code(scope=f"openid email {YOUTUBE}")).json()
    about = app.get("/oauth2/v3/userinfo").json()
    assert set(about) == {"sub", "email", "email_verified"}
    assert about["email"] == app.google.accounts[0].email
    app.tokens = app.exchange(app.code(scope="openid profile")).json()
    assert app.get("/oauth2/v3/userinfo").json()["name"] == app.google.accounts[0].name
    app.connect()
    assert error_of(app.get("/oauth2/v3/userinfo")) == (403, "insufficientPermissions")


def test_answers_with_tokens_are_not_kept(app: App) -> None:
    answer = app.exchange(app.code())
    assert "no-store" in answer.headers["Cache-Control"]
    assert httpx.get(f"{app.running.url}/token").status_code == 405
