"""The way from a client's request to its code, and every refusal on it."""

import httpx
import pytest

from sandbox.google.clicks import Refused, walk
from sandbox.google.oauth.clients import ANALYTICS, YOUTUBE, Client
from sandbox.world.channel.channel import ChannelConfig
from tests.sandbox.google.app import CALLBACK, App, error_of
from tests.sandbox.google.conftest import SMALL, Visit


def test_a_consent_comes_back_with_code_scopes_and_the_state_as_it_was(app: App) -> None:
    back = httpx.URL(walk(app.url()))
    assert str(back.copy_with(query=None)) == CALLBACK
    assert back.params["state"] == "a state/ä"
    assert set(back.params["scope"].split()) == {YOUTUBE, ANALYTICS}
    assert back.params["code"].startswith("4/0A")


def test_a_denied_consent_comes_back_as_access_denied(app: App) -> None:
    back = httpx.URL(walk(app.url(), allow=False))
    assert dict(back.params) == {"state": "a state/ä", "error": "access_denied"}


def test_the_query_of_a_redirect_uri_stays(app: App) -> None:
    app.google.client.allow(f"{CALLBACK}?from=google")
    back = httpx.URL(walk(app.url(redirect_uri=f"{CALLBACK}?from=google")))
    assert back.params["from"] == "google"
    assert "code" in back.params


def test_a_scope_may_be_left_unticked(app: App) -> None:
    tokens = app.connect(scopes=[YOUTUBE])
    assert tokens["scope"] == YOUTUBE
    assert app.channel().status_code == 200
    assert error_of(app.report()) == (403, "insufficientPermissions")


def test_no_scope_at_all_is_a_denial(app: App) -> None:
    assert httpx.URL(walk(app.url(), scopes=[])).params["error"] == "access_denied"


def test_a_single_scope_has_no_box_to_tick(app: App) -> None:
    back = httpx.URL(walk(app.url(scope=YOUTUBE), scopes=[]))
    assert back.params["scope"] == YOUTUBE


@pytest.mark.parametrize(
    "uri",
    [
        f"{CALLBACK}/",
        f"{CALLBACK}?x=1",
        CALLBACK.replace("127.0.0.1", "localhost"),
        CALLBACK.replace(":9", ""),
        CALLBACK.replace("/api", "/API"),
        CALLBACK.replace("http", "https"),
    ],
)
def test_a_redirect_uri_is_compared_exactly(app: App, uri: str) -> None:
    answer = httpx.get(app.url(redirect_uri=uri))
    assert answer.status_code == 400
    assert "redirect_uri_mismatch" in answer.text


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_id": "another.apps.googleusercontent.com"}, 401, "invalid_client"),
        ({"redirect_uri": None}, 400, "invalid_request"),
        ({"response_type": None}, 400, "invalid_request"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"scope": None}, 400, "invalid_request"),
        ({"scope": "youtube.readonly"}, 400, "invalid_scope"),
        ({"prompt": "login"}, 400, "invalid_request"),
        ({"access_type": "always"}, 400, "invalid_request"),
        ({"code_challenge_method": "S512"}, 400, "invalid_request"),
        ({"code_challenge": None}, 400, "invalid_request"),
        ({"code_challenge": "short"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_ends_on_a_page_and_never_goes_back(
    app: App, changes: dict[str, str | None], status: int, error: str
) -> None:
    answer = httpx.get(app.url(**changes))
    assert answer.status_code == status
    assert f"Error {status}: {error}" in answer.text


def test_a_parameter_may_not_come_twice(app: App) -> None:
    assert "invalid_request" in httpx.get(f"{app.url()}&state=again").text


def test_a_person_with_several_channels_chooses_and_the_token_is_bound_to_the_choice(visit: Visit) -> None:
    app = visit(SMALL, ChannelConfig(number=2, videos=2, age_days=30))
    first, second = app.google.channels()
    app.connect(channel=second.id)
    assert [item["id"] for item in app.channel().json()["items"]] == [second.id]
    app.connect(channel=first.id)
    assert [item["id"] for item in app.channel().json()["items"]] == [first.id]


def test_the_channel_page_shows_the_persons_channels_only(visit: Visit) -> None:
    app = visit(SMALL, ChannelConfig(number=2))
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(app.url(login_hint=app.google.accounts[0].email))
        flow = httpx.URL(str(page.url)).params["flow"]
        again = browser.post(page.url.copy_with(query=None), data={"flow": flow, "channel": "UCanother"})
    assert "brand account" in page.text
    assert [channel.id in page.text for channel in app.google.channels()] == [True, True]
    assert "brand account" in again.text


def test_an_account_without_a_channel_connects_and_has_none(visit: Visit) -> None:
    app = visit()
    app.connect()
    body = app.channel().json()
    assert "items" not in body
    assert body["pageInfo"]["totalResults"] == 0
    assert error_of(app.report()) == (403, "forbidden")


def test_an_app_in_testing_warns_and_lets_in_only_its_testers(app: App) -> None:
    app.control("clients", testing=True)
    with pytest.raises(Refused, match="has not completed the Google verification process"):
        walk(app.url())
    app.control("clients", testing=True, testers=[app.google.accounts[0].email])
    assert "code" in httpx.URL(walk(app.url())).params
    assert httpx.URL(walk(app.url(), allow=False)).params["error"] == "access_denied"


def test_who_granted_everything_before_is_not_asked_again(connected: App) -> None:
    with httpx.Client(follow_redirects=False) as browser:
        page = browser.get(connected.url(prompt=None, login_hint=connected.google.accounts[0].email))
    assert page.headers["Location"].startswith(f"{CALLBACK}?")


def test_without_a_page_nothing_can_be_granted(app: App) -> None:
    back = httpx.get(app.url(prompt="none"))
    assert httpx.URL(back.headers["Location"]).params["error"] == "interaction_required"


def test_scopes_that_were_granted_before_are_included_on_request(app: App) -> None:
    app.connect(scopes=[YOUTUBE])
    apart = app.exchange(app.code(scope=ANALYTICS)).json()
    together = app.exchange(app.code(scope=ANALYTICS, include_granted_scopes="true")).json()
    assert apart["scope"] == ANALYTICS
    assert set(together["scope"].split()) == {YOUTUBE, ANALYTICS}


def test_a_step_cannot_be_jumped_over(app: App) -> None:
    with httpx.Client() as browser:
        page = browser.get(app.url())
        flow = httpx.URL(page.headers["Location"]).params["flow"]
        answer = browser.post(
            f"{app.running.url}/signin/oauth/consent", data={"flow": flow, "scope": YOUTUBE, "answer": "allow"}
        )
    assert httpx.URL(answer.headers["Location"]).params["error"] == "access_denied"


def test_a_page_of_a_visit_that_is_over_says_so(app: App) -> None:
    answer = app.http.get("/signin/oauth/consent", params={"flow": "made-up"})
    assert answer.status_code == 400
    assert "expired" in answer.text


def test_pages_are_cut_off_from_the_window_that_opened_them(app: App) -> None:
    page = app.http.get(app.url(), follow_redirects=True)
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "uri", ["http://example.org/callback", "https://example.org/#x", "https://*.example.org/", "ftp://example.org/", ""]
)
def test_the_console_refuses_some_redirect_uris(uri: str) -> None:
    client = Client()
    with pytest.raises(ValueError, match="redirect URI"):
        client.allow(uri)
    assert client.redirect_uris == set()
