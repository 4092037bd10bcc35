"""Sessions that carry Supabase's tokens: refreshed once for all, kept over a restart, ended on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.supabase.server import Running
from shared.db.pools import web_pool as open_pool
from shared.errors import AccountsAway, SessionOver
from tests.conftest import Database
from tests.web.auth.supabase.conftest import EMAIL, FRESH, PASSWORD, MakeHosted, identity_of, is_in, refreshes
from tests.web.pages import post
from web.auth.identity import Tokens
from web.auth.session import access_token, cookie_name
from web.auth.supabase.token_refresh import HostedSessions

Owner = psycopg.Connection[dict[str, Any]]
OVER = "update public.web_sessions set tokens_until = now() - interval '1 second'"
NEARLY = "update public.web_sessions set tokens_until = now() + interval '30 seconds'"
RESTED = "update public.web_sessions set refresh_after = null"


@pytest.fixture
def there(app: Flask, dora: FlaskClient) -> FlaskClient:
    """The same person in a second browser."""
    browser = app.test_client()
    assert post(browser, "/login", email=EMAIL, password=PASSWORD).status_code == 302
    return browser


def _row(owner: Owner) -> dict[str, Any]:
    (row,) = owner.execute("select * from public.web_sessions").fetchall()
    return row


def _in_request(app: Flask, browser: FlaskClient, do: Callable[[], Any]) -> Any:
    name = cookie_name(app.extensions["rollcall"].settings)
    cookie = browser.get_cookie(name)
    assert cookie is not None
    with app.test_request_context(headers={"Cookie": f"{name}={cookie.value}"}):
        return do()


def test_other_parts_get_the_persons_token_and_nobody_elses(
    dora: FlaskClient, app: Flask, project: Running, owner: Owner
) -> None:
    token = _in_request(app, dora, access_token)
    assert project.project.claims(token)["email"] == EMAIL
    owner.execute(OVER)
    fresh = _in_request(app, dora, access_token)
    assert fresh != token
    assert project.project.claims(fresh)["sub"] == project.project.claims(token)["sub"]
    with app.test_request_context():
        assert access_token() is None


def test_tokens_are_sealed_for_their_row_and_kept_from_the_page(
    dora: FlaskClient, app: Flask, project: Running, owner: Owner
) -> None:
    row = _row(owner)
    (refresh,) = project.auth.tokens
    assert refresh.encode() not in row["tokens"]
    identity = identity_of(app)
    held = identity.sessions.seal.open(row["tokens"], row["user_id"], row["id"])
    assert held.refresh == refresh
    assert refresh not in repr(held)
    with pytest.raises(SessionOver):
        identity.sessions.seal.open(row["tokens"], row["user_id"], UUID(int=1))
    with pytest.raises(SessionOver):
        identity.sessions.seal.open(row["tokens"][:-1] + b"\0\0", row["user_id"], row["id"])
    assert all(refresh not in dora.get(path).text for path in ("/", "/account"))
    cookies = " ".join(
        cookie for name in ("rollcall_session", "rollcall_form") if (cookie := str(dora.get_cookie(name)))
    )
    assert refresh not in cookies


def test_a_page_renews_tokens_that_are_nearly_over_and_stores_the_new_ones(
    dora: FlaskClient, project: Running, owner: Owner
) -> None:
    before = _row(owner)
    owner.execute(NEARLY)
    assert is_in(dora)
    after = _row(owner)
    assert (refreshes(project), after["tokens_version"]) == (1, before["tokens_version"] + 1)
    assert after["tokens"] != before["tokens"]
    assert after["refreshing_until"] is None
    assert is_in(dora)
    assert refreshes(project) == 1


def test_eight_at_once_in_two_processes_make_one_refresh(
    dora: FlaskClient, app: Flask, project: Running, make_hosted: MakeHosted, owner: Owner, database: Database
) -> None:
    row = _row(owner)
    owner.execute(OVER)
    with open_pool(database.web, 4) as pool:
        both = [identity_of(app).sessions, identity_of(make_hosted(project, pool=pool)).sessions]
        start = Barrier(8)

        def ask(number: int) -> str:
            start.wait()
            return both[number % 2].access_token(row["id"], row["user_id"])

        with ThreadPoolExecutor(8) as threads:
            tokens = set(threads.map(ask, range(8)))
    assert len(tokens) == 1
    assert refreshes(project) == 1
    assert project.project.claims(tokens.pop())["email"] == EMAIL


def test_a_claim_that_its_process_left_behind_is_taken_over(
    dora: FlaskClient, app: Flask, project: Running, owner: Owner
) -> None:
    row, hosted = _row(owner), identity_of(app).sessions
    # The process died after Supabase had rotated the token, and before it was stored.
    hosted.auth.refresh(hosted.seal.open(row["tokens"], row["user_id"], row["id"]).refresh)
    owner.execute(f"{OVER}, refreshing_until = now() + interval '1 hour'")
    project.project.advance(timedelta(seconds=20))
    impatient = _with(hosted, timedelta(0))
    with pytest.raises(AccountsAway):
        impatient.access_token(row["id"], row["user_id"])
    owner.execute("update public.web_sessions set refreshing_until = now() - interval '1 second'")
    assert project.project.claims(hosted.access_token(row["id"], row["user_id"]))["email"] == EMAIL


def _with(hosted: HostedSessions, patience: timedelta) -> HostedSessions:
    return HostedSessions(hosted.pool, hosted.auth, hosted.check, hosted.seal, patience)


def test_a_session_outlives_the_process_and_another_secret_ends_it(
    dora: FlaskClient, project: Running, make_hosted: MakeHosted, owner: Owner
) -> None:
    cookie = dora.get_cookie("rollcall_session")
    assert cookie is not None

    def visited(app: Flask) -> FlaskClient:
        browser = app.test_client()
        browser.set_cookie("rollcall_session", cookie.value)
        return browser

    owner.execute(OVER)
    assert is_in(visited(make_hosted(project)))
    owner.execute(OVER)
    other = visited(make_hosted(project, secret="another secret of 32 characters!"))
    assert not is_in(other)
    assert "can no longer be read here" in other.get("/login").text


def test_a_copy_that_was_used_ends_the_session_with_a_sentence(
    dora: FlaskClient, app: Flask, project: Running, owner: Owner
) -> None:
    row, hosted = _row(owner), identity_of(app).sessions
    stolen = hosted.seal.open(row["tokens"], row["user_id"], row["id"])
    thief = hosted.auth.refresh(stolen.refresh)
    hosted.auth.refresh(thief.refresh)
    project.project.advance(timedelta(seconds=20))
    owner.execute(OVER)
    answer = dora.get("/account")
    assert answer.headers["Location"].startswith("/login")
    page = dora.get("/login").text
    assert "an old copy of it was used" in page
    assert "change your password" in page
    assert owner.execute("select 1 from public.web_sessions").fetchall() == []
    assert "old copy" not in dora.get("/login").text


@pytest.mark.parametrize("how", ["banned", "signed out there"])
def test_what_supabase_ended_ends_here_at_the_next_refresh(
    how: str, dora: FlaskClient, project: Running, owner: Owner
) -> None:
    account = project.auth.by_email(EMAIL)
    assert account is not None
    if how == "banned":
        account.banned_until = project.project.now + timedelta(days=1)
    else:
        project.auth.end(project.auth.sessions.values())
    owner.execute(OVER)
    assert not is_in(dora)
    assert ("is blocked" if how == "banned" else "Your sign-in was ended.") in dora.get("/login").text


def test_while_supabase_is_away_pages_go_on_and_tokens_are_a_sentence(
    dora: FlaskClient, app: Flask, project: Running, owner: Owner
) -> None:
    owner.execute(OVER)
    project.auth.away = True
    assert is_in(dora)
    assert is_in(dora)
    assert refreshes(project) == 1, "a service that is away is not asked with every page"
    with pytest.raises(AccountsAway):
        _in_request(app, dora, access_token)
    project.auth.away = False
    owner.execute(RESTED)
    assert _in_request(app, dora, access_token)


def test_a_clock_that_is_wrong_here_ends_nobodys_session(dora: FlaskClient, project: Running, owner: Owner) -> None:
    owner.execute(OVER)
    project.project.advance(timedelta(hours=1))
    assert is_in(dora)
    project.project.advance(timedelta(hours=-1))
    owner.execute(RESTED)
    assert is_in(dora)
    assert _row(owner)["tokens_version"] == 1


def test_a_rate_limit_on_refreshing_ends_nobodys_session(dora: FlaskClient, project: Running, owner: Owner) -> None:
    for _ in range(1000):
        project.auth.counter.call("token_refresh", 1000, "127.0.0.1", project.project.now)
    owner.execute(OVER)
    assert is_in(dora)


def test_a_session_that_is_ended_during_a_refresh_does_not_live_on_at_supabase(
    dora: FlaskClient, app: Flask, project: Running, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, hosted = _row(owner), identity_of(app).sessions
    owner.execute(OVER)
    ask = hosted.auth.refresh

    def ended_meanwhile(refresh_token: str) -> Tokens:
        fresh = ask(refresh_token)
        owner.execute("delete from public.web_sessions")
        return fresh

    monkeypatch.setattr(hosted.auth, "refresh", ended_meanwhile)
    with pytest.raises(SessionOver):
        hosted.access_token(row["id"], row["user_id"])
    assert project.auth.sessions == {}


def test_one_session_is_ended_from_another_on_both_sides(
    dora: FlaskClient, there: FlaskClient, project: Running
) -> None:
    page = dora.get("/account").text
    assert page.count('/end"') == 2
    (other,) = [row for row in page.split("<tr>")[2:] if "This one" not in row]
    project.project.advance(timedelta(hours=2))
    post(dora, other.split('action="')[1].split('"')[0])
    assert (is_in(dora), is_in(there)) == (True, False)
    assert len(project.auth.sessions) == 1


def test_nobody_ends_a_strangers_session(dora: FlaskClient, app: Flask, project: Running) -> None:
    charlie = app.test_client()
    post(charlie, "/signup", email="charlie@example.org", password=PASSWORD)
    (path,) = re.findall(r'action="(/account/sessions/[0-9a-f-]{36}/end)"', dora.get("/account").text)
    assert post(charlie, path).status_code == 404
    assert is_in(dora)


def test_all_others_end_here_and_there(dora: FlaskClient, there: FlaskClient, project: Running) -> None:
    post(dora, "/account/sessions/end-others")
    assert (is_in(dora), is_in(there), len(project.auth.sessions)) == (True, False, 1)


def test_signing_out_everywhere_leaves_no_session_anywhere(
    dora: FlaskClient, there: FlaskClient, project: Running, owner: Owner
) -> None:
    answer = post(dora, "/account/sessions/end-everywhere")
    assert answer.headers["Location"] == "/login"
    assert "signed out everywhere" in dora.get("/login").text
    assert (is_in(dora), is_in(there), project.auth.sessions) == (False, False, {})
    assert owner.execute("select 1 from public.web_sessions").fetchall() == []


def test_signing_out_works_while_supabase_is_away_and_says_what_remains(
    dora: FlaskClient, there: FlaskClient, project: Running
) -> None:
    project.auth.away = True
    assert post(dora, "/account/sessions/end-everywhere").headers["Location"] == "/login"
    assert "Supabase did not answer" in dora.get("/login").text
    assert (is_in(dora), is_in(there)) == (False, False)


def test_a_changed_password_keeps_this_browser_and_ends_the_others(
    dora: FlaskClient, there: FlaskClient, app: Flask, project: Running
) -> None:
    for old, new, words in (
        ("wrong", FRESH, "This is not your password."),
        (PASSWORD, PASSWORD, "the password you have now"),
    ):
        answer = post(dora, "/account/password", old_password=old, new_password=new)
        assert (answer.status_code, words in answer.text) == (400, True)
    assert len(project.auth.sessions) == 2, "a refused change leaves no sign-in behind"
    answer = post(dora, "/account/password", old_password=PASSWORD, new_password=FRESH)
    assert answer.headers["Location"] == "/account"
    assert (is_in(dora), is_in(there), len(project.auth.sessions)) == (True, False, 1)
    assert _in_request(app, dora, access_token)
    assert post(there, "/login", email=EMAIL, password=FRESH).status_code == 302


def test_a_session_from_before_the_move_to_supabase_asks_to_sign_in(dora: FlaskClient, owner: Owner) -> None:
    owner.execute("update public.web_sessions set tokens = null")
    assert not is_in(dora)
    assert "Your sign-in has ended." in dora.get("/login").text
    assert owner.execute("select 1 from public.web_sessions").fetchall() == []
