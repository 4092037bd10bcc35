"""The address of TikTok's consent page, and the names of its accounts (docs/connect/tiktok.md)."""

from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.platforms.tiktok import BASIC, LOGIN_KIT, PROFILE, STATS, VIDEOS, clean_name, hex_challenge, is_open_id
from tests.conftest import REPO


def test_the_address_names_a_client_key_scopes_with_commas_and_a_proof() -> None:
    back = "https://rollcall.example/api/auth/tiktok/callback"
    url = urlsplit(LOGIN_KIT.authorize("https://www.tiktok.com", "a key", back, "a state", "a challenge"))
    assert (url.scheme, url.netloc, url.path) == ("https", "www.tiktok.com", "/v2/auth/authorize/")
    assert dict(parse_qsl(url.query, strict_parsing=True)) == {
        "client_key": "a key",
        "redirect_uri": back,
        "response_type": "code",
        "scope": f"{BASIC},{PROFILE},{STATS},{VIDEOS}",
        "state": "a state",
        "code_challenge": "a challenge",
        "code_challenge_method": "S256",
        "disable_auto_auth": "1",
    }


def test_the_challenge_is_the_verifiers_hash_in_hex() -> None:
    assert hex_challenge("a-verifier") == sha256(b"a-verifier").hexdigest()
    assert LOGIN_KIT.challenge is hex_challenge


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("https://rollcall.example", True),
        ("http://127.0.0.1:8642", True),
        ("http://localhost:8642", True),
        ("http://192.168.1.5:8642", False),
        ("http://rollcall.example", False),
    ],
)
def test_http_is_taken_of_the_own_machine_alone(address: str, taken: bool) -> None:
    assert LOGIN_KIT.takes(LOGIN_KIT.redirect_uri(address)) is taken


def test_an_account_needs_a_name_and_a_token_is_renewed_after_thirty_days() -> None:
    assert LOGIN_KIT.required == {BASIC, PROFILE}
    assert LOGIN_KIT.missing([BASIC, PROFILE]) == (STATS, VIDEOS)
    assert timedelta(days=180) - LOGIN_KIT.refresh_before == timedelta(days=30)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ada.maths", "ada.maths"),
        (" @Ada_Maths ", "ada_maths"),
        ("https://www.tiktok.com/@ada.maths?lang=de", "ada.maths"),
        ("tiktok.com/@ada.maths/video/7300000000000000001", "ada.maths"),
        ("https://m.tiktok.com/@ada", "ada"),
        ("https://www.tiktok.com/explore", None),
        ("https://tiktok.example/@ada", None),
        ("https://[", None),
        ("a", None),
        ("a" * 25, None),
        ("ada maths", None),
        ("", None),
    ],
)
def test_a_name_is_found_in_what_people_type(typed: str, name: str | None) -> None:
    assert clean_name(typed) == name


def test_an_id_is_told_from_a_name() -> None:
    assert is_open_id("-000abcdefghijklmnop")
    assert not is_open_id("ada.maths")


def test_the_page_of_documents_names_scopes_settings_and_the_redirect_address() -> None:
    page = (REPO / "docs" / "connect" / "tiktok.md").read_text(encoding="utf-8")
    assert [each for each in (*LOGIN_KIT.scopes, *LOGIN_KIT.app_settings) if f"`{each}`" not in page] == []
    assert f"/api/auth/{LOGIN_KIT.name}/callback" in page
