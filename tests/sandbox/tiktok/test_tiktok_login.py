"""The way from the button to tokens, their rotation, and every refusal on it."""

import httpx
import pytest

from sandbox.tiktok.clicks import Refused, walk
from sandbox.tiktok.keys import BASIC, STATS, VIDEOS, TikTokApp
from tests.sandbox.tiktok.app import CHALLENGE, DESKTOP, VERIFIER, WEB, App, error_of, refusal_of


def test_a_consent_comes_back_with_code_scopes_and_the_state_as_it_was(app: App) -> None:
    back = httpx.URL(walk(app.url()))
    assert str(back.copy_with(query=None)) == WEB
    assert back.params["state"] == "a state/ä"
    assert set(back.params["scopes"].split(",")) >= {BASIC, STATS, VIDEOS}


def test_a_denied_consent_comes_back_as_access_denied(app: App) -> None:
    assert httpx.URL(walk(app.url(), allow=False)).params["error"] == "access_denied"


def test_a_subset_of_the_scopes_may_be_granted(app: App) -> None:
    tokens = app.connect(scopes=[STATS])
    assert tokens["scope"] == f"{BASIC},{STATS}"
    assert app.user("follower_count").status_code == 200
    assert error_of(app.videos()) == (401, "scope_not_authorized")
    assert error_of(app.user("username")) == (401, "scope_not_authorized")
    assert error_of(app.user("follower_count,username")) == (400, "scope_permission_missed")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_key": "another"}, "client_key"),
        ({"redirect_uri": f"{WEB}/"}, "redirect_uri"),
        ({"response_type": "token"}, "response_type"),
        ({"scope": "video.list"}, "scope"),
        ({"scope": "user.info.basic,video.upload"}, "scope"),
        ({"redirect_uri": DESKTOP}, "code_challenge"),
        ({"redirect_uri": DESKTOP, **CHALLENGE, "code_challenge": "base64url_digests_are_no_hex"}, "code_challenge"),
    ],
)
def test_a_wrong_request_ends_on_a_page(app: App, changes: dict[str, str | None], text: str) -> None:
    with pytest.raises(Refused, match=text):
        walk(app.url(**changes))


def test_the_desktop_flow_needs_the_verifier_of_its_hex_challenge(app: App) -> None:
    asked: dict[str, str | None] = {"redirect_uri": DESKTOP, **CHALLENGE}
    wrong = app.exchange(app.code(**asked), redirect_uri=DESKTOP, code_verifier="another")
    assert refusal_of(wrong) == (400, "invalid_grant")
    assert app.exchange(app.code(**asked), redirect_uri=DESKTOP, code_verifier=VERIFIER).status_code == 200
    assert app.exchange(app.code(**CHALLENGE), code_verifier=VERIFIER).status_code == 200


def test_a_code_works_once_and_for_ten_minutes(app: App) -> None:
    code = app.code()
    assert app.exchange(code).status_code == 200
    assert refusal_of(app.exchange(code)) == (400, "invalid_grant")
    assert refusal_of(app.exchange(app.code(), redirect_uri=DESKTOP)) == (400, "invalid_grant")
    late = app.code()
    app.control("advance", hours=1)
    assert refusal_of(app.exchange(late)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_key": "another"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
    ],
)
def test_a_wrong_exchange_is_refused(app: App, changes: dict[str, str | None], error: str) -> None:
    assert refusal_of(app.exchange(app.code(), **changes)) == (400, error)


def test_a_refresh_rotates_and_the_old_one_is_dead(connected: App) -> None:
    first = connected.tokens
    assert (first["expires_in"], first["refresh_expires_in"]) == (7200, 15_552_000)
    connected.control("advance", hours=2)
    assert error_of(connected.user()) == (401, "access_token_invalid")
    second = connected.refresh().json()
    assert second["refresh_token"] != first["refresh_token"]
    assert refusal_of(connected.refresh(first["refresh_token"])) == (400, "invalid_grant")
    connected.tokens = second
    assert connected.user().status_code == 200


def test_a_refresh_token_is_dead_after_half_a_year(connected: App) -> None:
    connected.control("advance", days=180)
    assert refusal_of(connected.refresh()) == (400, "invalid_grant")


def test_an_older_app_has_the_older_lifetimes(app: App) -> None:
    app.control("app", older_lifetimes=True)
    tokens = app.connect()
    assert (tokens["expires_in"], tokens["refresh_expires_in"]) == (86_400, 31_536_000)


def test_a_revoked_grant_is_over_with_all_its_tokens(connected: App) -> None:
    answer = connected.post("revoke", token=connected.tokens["access_token"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert error_of(connected.user()) == (401, "access_token_invalid")
    assert refusal_of(connected.refresh()) == (400, "invalid_grant")
    again = connected.post("revoke", token=connected.tokens["access_token"])
    assert refusal_of(again) == (400, "invalid_request")


def test_an_app_that_was_not_reviewed_lets_in_only_its_testers(app: App) -> None:
    app.control("app", reviewed=False)
    with pytest.raises(Refused, match="non_sandbox_target"):
        walk(app.url())
    app.control("app", reviewed=False, testers=[app.tiktok.people[0].username])
    assert "code" in httpx.URL(walk(app.url())).params


def test_a_page_of_a_visit_that_is_over_says_so(app: App) -> None:
    answer = app.http.get("/v2/auth/authorize/consent", params={"flow": "made-up"})
    assert (answer.status_code, "expired" in answer.text) == (400, True)
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "uri",
    ["http://rollcall.example/", "https://rollcall.example/?a=b", "https://rollcall.example/#x", "http://localhost/"],
)
def test_the_portal_refuses_some_redirect_uris(uri: str) -> None:
    app = TikTokApp()
    with pytest.raises(ValueError, match="redirect URI"):
        app.allow(uri)
    assert app.redirect_uris == set()


def test_the_portal_takes_any_port_on_request_and_ten_addresses() -> None:
    app = TikTokApp()
    app.allow("http://127.0.0.1:*/callback")
    assert app.takes("http://127.0.0.1:5000/callback")
    assert not app.takes("http://127.0.0.1:5000/other")
    for number in range(9):
        app.allow(f"https://rollcall.example/{number}")
    with pytest.raises(ValueError, match="ten redirect URIs"):
        app.allow("https://rollcall.example/ten")
