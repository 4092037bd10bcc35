"""The address of Facebook's consent page (docs/connect/facebook.md), and the app behind it."""

from urllib.parse import parse_qsl, urlsplit

from shared.platforms.meta import FACEBOOK_LOGIN, PAGE_BASIC, PAGE_INSIGHTS, PAGES_LIST, PAGES_READ
from shared.settings import load
from tests.conftest import REPO
from web.connect.apps import APPS
from worker.platforms.instagram_graph import platform


def test_the_address_has_the_version_and_asks_for_every_scope_and_for_no_proof() -> None:
    back = "https://rollcall.example/api/auth/facebook/callback"
    app = APPS["facebook"](load({"META_APP_ID": "an-id", "GRAPH_VERSION": "v26.0"}))
    assert app.client_id == "an-id"
    url = urlsplit(FACEBOOK_LOGIN.authorize(app.accounts_url, app.client_id, back, "a state", "a challenge"))
    assert (url.scheme, url.netloc, url.path) == ("https", "www.facebook.com", "/v26.0/dialog/oauth")
    assert dict(parse_qsl(url.query, strict_parsing=True)) == {
        "client_id": "an-id",
        "redirect_uri": back,
        "response_type": "code",
        "scope": f"{PAGE_BASIC},{PAGE_INSIGHTS},{PAGES_LIST},{PAGES_READ}",
        "state": "a state",
    }


def test_without_the_pages_nothing_can_be_read_and_without_figures_something_can() -> None:
    assert FACEBOOK_LOGIN.required == {PAGE_BASIC, PAGES_LIST, PAGES_READ}
    assert FACEBOOK_LOGIN.missing(FACEBOOK_LOGIN.required) == (PAGE_INSIGHTS,)


def test_the_page_of_documents_names_scopes_settings_and_the_redirect_address() -> None:
    page = (REPO / "docs" / "connect" / "facebook.md").read_text(encoding="utf-8")
    named = (*FACEBOOK_LOGIN.scopes, *FACEBOOK_LOGIN.app_settings)
    assert [each for each in named if f"`{each}`" not in page] == []
    assert f"/api/auth/{FACEBOOK_LOGIN.name}/callback" in page


def test_the_worker_takes_a_consent_with_the_apps_secret_alone() -> None:
    assert platform.authorizers_of(load({"META_APP_ID": "1126218129173214"})) == {}
    both = load({"META_APP_ID": "1126218129173214", "META_APP_SECRET": "a-secret"})
    assert platform.authorizers_of(both).keys() == {"facebook_login"}
    assert "a-secret" not in repr(both)
