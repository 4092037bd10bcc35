"""The address of Instagram's consent page (docs/connect/instagram.md), and the app behind it."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.errors import ConfigError
from shared.platforms.meta import BASIC, INSIGHTS, INSTAGRAM_LOGIN
from shared.settings import Settings, load
from tests.conftest import REPO
from web.connect.apps import APPS
from worker.platforms.instagram_graph import platform


def test_the_address_asks_for_both_scopes_with_a_comma_and_for_no_proof() -> None:
    back = "https://rollcall.example/api/auth/instagram/callback"
    url = urlsplit(INSTAGRAM_LOGIN.authorize("https://www.instagram.com", "an id", back, "a state", "a challenge"))
    assert (url.scheme, url.netloc, url.path) == ("https", "www.instagram.com", "/oauth/authorize")
    assert dict(parse_qsl(url.query, strict_parsing=True)) == {
        "client_id": "an id",
        "redirect_uri": back,
        "response_type": "code",
        "scope": f"{BASIC},{INSIGHTS}",
        "state": "a state",
    }


def test_without_the_account_nothing_can_be_read_and_without_figures_something_can() -> None:
    assert INSTAGRAM_LOGIN.missing([BASIC]) == (INSIGHTS,)
    assert INSTAGRAM_LOGIN.required == {BASIC}


def test_the_page_of_documents_names_scopes_settings_and_the_redirect_address() -> None:
    page = (REPO / "docs" / "connect" / "instagram.md").read_text(encoding="utf-8")
    named = (*INSTAGRAM_LOGIN.scopes, *INSTAGRAM_LOGIN.app_settings)
    assert [each for each in named if f"`{each}`" not in page] == []
    assert f"/api/auth/{INSTAGRAM_LOGIN.name}/callback" in page


def test_the_web_knows_the_app_by_its_id_and_the_worker_by_its_secret_too() -> None:
    settings = load({"INSTAGRAM_APP_ID": "990602627938098"})
    app = APPS[INSTAGRAM_LOGIN.name](settings)
    assert (app.client_id, app.accounts_url) == ("990602627938098", "https://www.instagram.com")
    assert platform.openers_of(settings).keys() == {"instagram_login", "facebook_login"}
    assert platform.authorizers_of(settings) == {}
    both = load({"INSTAGRAM_APP_ID": "990602627938098", "INSTAGRAM_APP_SECRET": "a-secret"})
    assert platform.authorizers_of(both).keys() == {"instagram_login"}
    assert "a-secret" not in repr(both)


@pytest.mark.parametrize("version", ["27.0", "v27", "latest", "v7.0", "v27.0/me"])
def test_a_version_of_another_form_is_refused(version: str) -> None:
    assert Settings().graph_version == "v27.0"
    with pytest.raises(ConfigError, match="GRAPH_VERSION"):
        load({"GRAPH_VERSION": version})
