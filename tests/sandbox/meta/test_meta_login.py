"""The way from the button for Instagram to a code, and every refusal on it."""

import httpx
import pytest

from sandbox.meta.apps import BASIC, INSIGHTS, MetaApp
from sandbox.meta.clicks import Refused, walk
from sandbox.world.world import WorldConfig
from tests.sandbox.meta.app import CALLBACK, START, App
from tests.sandbox.meta.conftest import SMALL, Visit


def test_a_consent_comes_back_with_a_code_the_state_and_an_empty_fragment(app: App) -> None:
    address = walk(app.url())
    back = httpx.URL(address)
    assert str(back.copy_with(query=None, fragment=None)) == CALLBACK
    assert back.params["state"] == "a state/ä"
    assert back.params["code"].startswith("AQ")
    assert address.endswith("#_")


def test_a_denied_consent_says_so_in_three_fields(app: App) -> None:
    back = httpx.URL(walk(app.url(), allow=False))
    assert dict(back.params) == {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "The user denied your request",
        "state": "a state/ä",
    }


def test_the_basic_scope_has_no_box_and_others_can_be_left_out(app: App) -> None:
    short = app.exchange(app.code(scopes=[])).json()
    assert short["permissions"] == [BASIC]
    whole = app.exchange(app.code()).json()
    assert whole["permissions"] == [BASIC, INSIGHTS]


@pytest.mark.parametrize(
    "uri",
    [f"{CALLBACK}/", f"{CALLBACK}?x=1", CALLBACK.replace("127.0.0.1", "localhost"), CALLBACK.replace("/api", "/API")],
)
def test_a_redirect_uri_is_compared_exactly(app: App, uri: str) -> None:
    answer = httpx.get(app.url(redirect_uri=uri))
    assert answer.status_code == 400
    assert "Invalid redirect_uri" in answer.text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_id": None}, "client_id is missing"),
        ({"client_id": "990602627938098"}, "Invalid platform app"),
        ({"response_type": "token"}, "Invalid response_type"),
        ({"scope": "business_basic"}, "Invalid Scopes"),
        ({"scope": INSIGHTS}, "instagram_business_basic is needed"),
        ({"scope": None}, "scope is missing"),
    ],
)
def test_a_wrong_request_ends_on_a_page_and_never_goes_back(
    app: App, changes: dict[str, str | None], text: str
) -> None:
    with pytest.raises(Refused, match=text):
        walk(app.url(**changes))


def test_a_parameter_may_not_come_twice(app: App) -> None:
    assert "state is given twice" in httpx.get(f"{app.url()}&state=again").text


def test_a_person_with_several_accounts_chooses_and_the_token_is_of_that_one(visit: Visit) -> None:
    app = visit(SMALL, WorldConfig(seed=8, followers=5, following=0, posts=0, start=START))
    first, second = app.meta.accounts()
    app.connect(account=second.username)
    assert app.get("me", fields="user_id").json()["user_id"] == second.id
    app.connect(account=first.username)
    assert app.get("me", fields="user_id").json()["user_id"] == first.id


def test_an_app_in_development_lets_in_only_its_testers(app: App) -> None:
    app.control("app", live=False)
    with pytest.raises(Refused, match="Insufficient Developer Role"):
        walk(app.url())
    app.control("app", live=False, testers=[app.account.username])
    assert "code" in httpx.URL(walk(app.url())).params


def test_a_step_cannot_be_jumped_over(app: App) -> None:
    with httpx.Client() as browser:
        flow = httpx.URL(browser.get(app.url()).headers["Location"]).params["flow"]
        answer = browser.post(
            f"{app.running.url}/oauth/authorize/consent", data={"flow": flow, "scope": BASIC, "answer": "allow"}
        )
    assert httpx.URL(answer.headers["Location"]).params["error"] == "access_denied"


def test_a_page_of_a_visit_that_is_over_says_so(app: App) -> None:
    answer = app.http.get("/oauth/authorize/consent", params={"flow": "made-up"})
    assert answer.status_code == 400
    assert "expired" in answer.text


def test_pages_are_cut_off_from_the_window_that_opened_them(app: App) -> None:
    page = app.http.get(app.url(), follow_redirects=True)
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("uri", ["http://example.org/back", "https://example.org/#x", "https://*.example.org/", ""])
def test_the_dashboard_refuses_some_redirect_uris(uri: str) -> None:
    app = MetaApp()
    with pytest.raises(ValueError, match="redirect URI"):
        app.allow(uri)
    assert app.redirect_uris == set()
