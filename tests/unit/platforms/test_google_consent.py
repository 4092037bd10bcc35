"""The address of Google's consent page (docs/connect/google.md)."""

from urllib.parse import parse_qsl, urlsplit

from shared.platforms.google import ANALYTICS, GOOGLE, YOUTUBE
from shared.platforms.provider import s256
from tests.conftest import REPO


def test_the_address_asks_for_both_scopes_a_refresh_token_and_a_proof() -> None:
    back = "https://rollcall.example/api/auth/google/callback"
    url = urlsplit(GOOGLE.authorize("https://accounts.google.com", "an id", back, "a state", "a challenge"))
    assert (url.scheme, url.netloc, url.path) == ("https", "accounts.google.com", "/o/oauth2/v2/auth")
    assert dict(parse_qsl(url.query, strict_parsing=True)) == {
        "client_id": "an id",
        "redirect_uri": back,
        "response_type": "code",
        "scope": f"{YOUTUBE} {ANALYTICS}",
        "state": "a state",
        "code_challenge": "a challenge",
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "true",
    }


def test_the_challenge_is_that_of_the_standards_own_example() -> None:
    """RFC 7636, appendix B."""
    assert s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_without_the_channel_nothing_can_be_read_and_without_analytics_something_can() -> None:
    assert GOOGLE.missing([YOUTUBE]) == (ANALYTICS,)
    assert GOOGLE.required == {YOUTUBE}
    assert GOOGLE.missing([ANALYTICS, YOUTUBE, "https://www.googleapis.com/auth/drive"]) == ()


def test_the_page_of_documents_names_scopes_settings_and_the_redirect_address() -> None:
    page = (REPO / "docs" / "connect" / "google.md").read_text(encoding="utf-8")
    assert [each for each in (*GOOGLE.scopes, *GOOGLE.app_settings) if f"`{each}`" not in page] == []
    assert f"/api/auth/{GOOGLE.name}/callback" in page
