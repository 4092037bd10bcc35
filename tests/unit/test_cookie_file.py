"""Cookie files: every common form gives the same cookies, each fault has its own sentence, and no value is repeated."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.cookie_file import LARGEST_BYTES, SiteCookie, cookies_of
from shared.errors import InputError

HOST = "www.instagram.com"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = 1_800_000_000
CANARY = "77%3Acanary%3A1"
NETSCAPE = f"""# Netscape HTTP Cookie File
# a comment

#HttpOnly_.instagram.com\tTRUE\t/\tTRUE\t{LATER}\tsessionid\t{CANARY}
.instagram.com\tTRUE\t/\tTRUE\t0\tcsrftoken\tc5rf
.example.org\tTRUE\t/\tFALSE\t{LATER}\tother\tsecret-of-another-site
i.instagram.com\tFALSE\t/\tFALSE\t{LATER}\tapi\tno
"""
EXTENSION: list[dict[str, Any]] = [
    {
        "name": "sessionid",
        "value": CANARY,
        "domain": ".instagram.com",
        "path": "/",
        "expirationDate": LATER + 0.5,
        "secure": True,
        "httpOnly": True,
        "hostOnly": False,
        "sameSite": "no_restriction",
        "storeId": "0",
    },
    {"name": "csrftoken", "value": "c5rf", "domain": "instagram.com", "hostOnly": False, "session": True},
    {"name": "other", "value": "secret-of-another-site", "domain": "example.org"},
    {"name": "api", "value": "no", "domain": "i.instagram.com"},
]
STATE = {
    "cookies": [
        {
            "name": "sessionid",
            "value": CANARY,
            "domain": ".instagram.com",
            "path": "/",
            "expires": LATER,
            "httpOnly": True,
            "secure": True,
            "sameSite": "Strict",
        },
        {"name": "csrftoken", "value": "c5rf", "domain": ".instagram.com", "path": "/", "expires": -1},
    ],
    "origins": [],
}
FORMS = {
    "netscape": NETSCAPE,
    "netscape with spaces": NETSCAPE.replace("\t", "   "),
    "netscape of another system": "\ufeff" + NETSCAPE.replace("\n", "\r\n"),
    "extension": json.dumps(EXTENSION),
    "extension around it": json.dumps({"url": "https://www.instagram.com", "cookies": EXTENSION}),
    "storage state": json.dumps(STATE),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_sites_own_cookies_and_no_others(form: str) -> None:
    found = {cookie.name: cookie for cookie in cookies_of(FORMS[form], HOST, NOW)}
    assert found.keys() == {"sessionid", "csrftoken"}
    session = found["sessionid"]
    assert (session.value, session.domain, session.http_only, session.secure) == (CANARY, ".instagram.com", True, True)
    assert int(session.expires) == LATER
    assert (found["csrftoken"].domain, found["csrftoken"].expires) == (".instagram.com", -1)


def test_what_a_cookie_says_of_itself_is_kept() -> None:
    (strict, *_) = cookies_of(json.dumps(STATE), HOST, NOW)
    assert strict.to_json() == STATE["cookies"][0]
    assert CANARY not in repr(strict)


def only(**change: Any) -> str:
    return json.dumps([{**EXTENSION[0], **change}])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n\ufeff ", "is empty"),
        ("x" * (LARGEST_BYTES + 1), "too large"),
        ("sessionid=1; csrftoken=2", "not a cookie file"),
        ("<html>", "not a cookie file"),
        ('[{"name":', "cut off or damaged"),
        ("[" * 100_000, "cut off or damaged"),
        ('{"cookies": 7}', "not a list of cookies"),
        ("[1, 2]", "not a list of cookies"),
        ("[]", "no cookie of www.instagram.com"),
        (only(domain="example.org"), "no cookie of www.instagram.com"),
        (only(domain="instagram.com.example.org"), "no cookie of www.instagram.com"),
        (only(domain="notinstagram.com"), "no cookie of www.instagram.com"),
        (only(domain="com"), "no cookie of www.instagram.com"),
        (only(name="csrftoken"), "`sessionid` is missing"),
        (only(value=""), "no cookie of www.instagram.com"),
        (only(value="two\r\nlines"), "no cookie of www.instagram.com"),
        (only(expirationDate=1_700_000_000), "ended on 14 November 2023"),
        (only(expirationDate=1_700_000_000_000), "ended on 14 November 2023"),
    ],
)
def test_each_fault_has_its_own_sentence_and_repeats_nothing(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        cookies_of(text, HOST, NOW)
    assert words in refused.value.message
    assert "canary" not in refused.value.message


@pytest.mark.parametrize(
    ("same_site", "secure", "kept"),
    [
        ("no_restriction", True, "None"),
        ("no_restriction", False, "Lax"),
        ("strict", False, "Strict"),
        (None, True, "Lax"),
    ],
)
def test_no_cookie_is_more_open_than_browsers_allow(same_site: str | None, secure: bool, kept: str) -> None:
    (cookie,) = cookies_of(only(sameSite=same_site, secure=secure), HOST, NOW)
    assert cookie.same_site == kept


@given(st.text() | st.lists(st.dictionaries(st.text(), st.text() | st.integers())).map(json.dumps))
def test_whatever_is_given_ends_in_cookies_or_a_sentence(text: str) -> None:
    with suppress(InputError):
        assert all(isinstance(cookie, SiteCookie) for cookie in cookies_of(text, HOST, NOW))
