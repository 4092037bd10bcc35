"""Cookie files: every common form gives the same cookies, each fault has its own sentence, and no value is repeated."""

import codecs
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.input.cookie_file import LARGEST_BYTES, LARGEST_FILE, SiteCookie, cookies_in, cookies_of
from shared.errors import InputError

FIXTURES = Path(__file__).parents[4] / "shared" / "fixtures" / "other-tools-faults"
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
QUICK_MANAGER: list[dict[str, str]] = [
    {
        "Host raw": "https://.instagram.com/",
        "Name raw": "sessionid",
        "Path raw": "/",
        "Content raw": CANARY,
        "Expires": "15-01-2027 08:00:00",
        "Expires raw": str(LATER),
        "Send for": "Encrypted connections only",
        "Send for raw": "true",
        "HTTP only raw": "true",
        "SameSite raw": "no_restriction",
        "This domain only": "Valid for subdomains",
        "This domain only raw": "false",
        "Store raw": "firefox-default",
        "First Party Domain": "",
    },
    {
        "Host raw": "https://.instagram.com/",
        "Name raw": "csrftoken",
        "Path raw": "/",
        "Content raw": "c5rf",
        "Expires": "At the end of the session",
        "Expires raw": "0",
        "Send for raw": "true",
        "HTTP only raw": "false",
        "SameSite raw": "lax",
        "Store raw": "firefox-default",
    },
    {"Host raw": "http://example.org/", "Name raw": "other", "Content raw": "secret-of-another-site"},
    {"Host raw": "https://i.instagram.com/", "Name raw": "api", "Content raw": "no"},
    {"Host raw": "https://[", "Name raw": "sessionid", "Content raw": "-"},
]
FORMS = {
    "netscape": NETSCAPE,
    "netscape with spaces": NETSCAPE.replace("\t", "   "),
    "netscape of another system": "\ufeff" + NETSCAPE.replace("\n", "\r\n"),
    "extension": json.dumps(EXTENSION),
    "extension around it": json.dumps({"url": "https://www.instagram.com", "cookies": EXTENSION}),
    "storage state": json.dumps(STATE),
    "quick manager": json.dumps(QUICK_MANAGER),
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


def test_a_row_of_the_quick_manager_says_the_same_as_any_other() -> None:
    (session, token) = cookies_of(json.dumps(QUICK_MANAGER), HOST, NOW)
    assert session.to_json() == STATE["cookies"][0] | {"sameSite": "None"}
    assert token.to_json() == STATE["cookies"][1] | {"httpOnly": False, "secure": True, "sameSite": "Lax"}


@pytest.mark.parametrize("form", ["extension", "quick manager"])
def test_cookies_of_two_containers_are_never_mixed(form: str) -> None:
    name, value, store, rows = {
        "extension": ("name", "value", "storeId", EXTENSION[:1]),
        "quick manager": ("Name raw", "Content raw", "Store raw", QUICK_MANAGER[:2]),
    }[form]
    beside = {**rows[0], name: "ds_user_id", value: "of another account", store: "firefox-container-2"}
    assert "ds_user_id" not in {cookie.name for cookie in cookies_of(json.dumps([*rows, beside]), HOST, NOW)}
    with pytest.raises(InputError, match="several containers") as refused:
        cookies_of(json.dumps([*rows, {**beside, name: "sessionid"}]), HOST, NOW)
    assert "canary" not in refused.value.message


NAMES = [*EXTENSION[0], *QUICK_MANAGER[0]]
sendable = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=";,="), min_size=1)


@given(
    jar=st.lists(
        st.builds(
            SiteCookie,
            name=sendable,
            value=sendable,
            domain=st.sampled_from([".instagram.com", "www.instagram.com", "instagram.com"]),
            path=st.sampled_from(["/", "/accounts/"]),
            expires=st.sampled_from([-1.0, float(LATER)]),
            http_only=st.booleans(),
            secure=st.booleans(),
            same_site=st.sampled_from(["Lax", "Strict"]),
        )
    )
)
def test_the_quick_manager_gives_back_every_cookie_that_was_put_in(jar: list[SiteCookie]) -> None:
    rows = [*map(_as_the_quick_manager_writes, jar), *QUICK_MANAGER[:1]]
    session, *found = cookies_of(json.dumps(rows), HOST, NOW)
    # The sort is stable: of two that live alike the later one stays.
    put_in = {cookie.name: cookie.to_json() for cookie in sorted(jar, key=lambda cookie: cookie.expires)}
    assert session.value == CANARY
    assert {cookie.name: cookie.to_json() for cookie in found} == put_in


def _as_the_quick_manager_writes(cookie: SiteCookie) -> dict[str, str]:
    return {
        "Host raw": f"{'https' if cookie.secure else 'http'}://{cookie.domain}{cookie.path}",
        "Name raw": cookie.name,
        "Path raw": cookie.path,
        "Content raw": cookie.value,
        "Expires raw": "0" if cookie.expires < 0 else str(int(cookie.expires)),
        "Send for raw": str(cookie.secure).lower(),
        "HTTP only raw": str(cookie.http_only).lower(),
        "SameSite raw": cookie.same_site.lower(),
        "Store raw": "firefox-default",
    }


@given(
    st.text() | st.lists(st.dictionaries(st.text() | st.sampled_from(NAMES), st.text() | st.integers())).map(json.dumps)
)
def test_whatever_is_given_ends_in_cookies_or_a_sentence(text: str) -> None:
    with suppress(InputError):
        assert all(isinstance(cookie, SiteCookie) for cookie in cookies_of(text, HOST, NOW))


BYTES = {
    "utf-8": NETSCAPE.encode(),
    "utf-8 with mark": NETSCAPE.encode("utf-8-sig"),
    "utf-16 little": NETSCAPE.encode("utf-16-le"),
    "utf-16 little with mark": codecs.BOM_UTF16_LE + NETSCAPE.encode("utf-16-le"),
    "utf-16 big": NETSCAPE.encode("utf-16-be"),
    "utf-16 big with mark": codecs.BOM_UTF16_BE + NETSCAPE.encode("utf-16-be"),
    "utf-32 little": NETSCAPE.encode("utf-32-le"),
    "utf-32 big with mark": codecs.BOM_UTF32_BE + NETSCAPE.encode("utf-32-be"),
    "crlf": NETSCAPE.replace("\n", "\r\n").encode(),
    "json in utf-16": json.dumps(EXTENSION).encode("utf-16"),
    "json in latin-1": json.dumps([*EXTENSION, {"name": "ort", "value": "K\u00f6ln"}], ensure_ascii=False).encode(
        "latin-1"
    ),
    "blanks at the ends": NETSCAPE.replace("\n", " \t \u00a0\n").encode(),
    "marks at the ends": NETSCAPE.replace("\n", "\u200e\n").encode(),
}


@pytest.mark.parametrize("encoding", BYTES)
def test_every_encoding_gives_the_same_cookies(encoding: str) -> None:
    found = {cookie.name: cookie.value for cookie in cookies_in(BYTES[encoding], HOST, NOW)}
    assert found == {"sessionid": CANARY, "csrftoken": "c5rf"}


@pytest.mark.parametrize("byte", range(128, 256))
def test_a_byte_of_another_sites_cookie_hides_nothing(byte: int) -> None:
    for before, after in ((0, 0), (1, 0), (0, 1)):
        foreign = b".shop.example.org\tTRUE\t/\tFALSE\t1900000000\tplace\tK" + bytes([byte]) + b"ln\n"
        raw = foreign * before + NETSCAPE.encode() + foreign * after + foreign
        assert {cookie.name: cookie.value for cookie in cookies_in(raw, HOST, NOW)} == {
            "sessionid": CANARY,
            "csrftoken": "c5rf",
        }


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\0\0", "not a text file"),
        (b"\xff\xfe\x00SQLite", "not a text file"),
        (bytes(64), "not a text file"),
        (b" " * (LARGEST_FILE + 1), "too large"),
        (b"", "is empty"),
        (codecs.BOM_UTF16_LE, "is empty"),
    ],
)
def test_bytes_that_are_no_cookie_file_are_refused(raw: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        cookies_in(raw, HOST, NOW)


def test_blanks_around_what_json_tells_are_cut() -> None:
    (session,) = cookies_of(only(name=" sessionid", value=f"{CANARY}  ", domain=" .instagram.com "), HOST, NOW)
    assert (session.name, session.value, session.domain) == ("sessionid", CANARY, ".instagram.com")


OVER = 1_700_000_000


@pytest.mark.parametrize(
    "expiries", [(OVER, LATER), (LATER, OVER), (-1, OVER), (OVER, -1), (LATER, LATER + 1), (-1, LATER)]
)
@pytest.mark.parametrize("domains", [("www.instagram.com", ".instagram.com"), (".instagram.com", ".instagram.com")])
@pytest.mark.parametrize("netscape", [False, True])
def test_of_several_sessions_the_one_counts_that_is_valid_longest(
    expiries: tuple[int, int], domains: tuple[str, str], netscape: bool
) -> None:
    best = max((0, 1), key=lambda at: (not 0 < expiries[at] <= NOW.timestamp(), expiries[at]))
    rows = [
        {**EXTENSION[0], "value": f"77%3A{at}", "domain": domains[at], "expirationDate": expiries[at]} for at in (0, 1)
    ]
    lines = [f"#HttpOnly_{domains[at]}\tTRUE\t/\tTRUE\t{max(expiries[at], 0)}\tsessionid\t77%3A{at}" for at in (0, 1)]
    (session,) = cookies_of("\n".join(lines) if netscape else json.dumps(rows), HOST, NOW)
    assert session.value == f"77%3A{best}"


def test_a_session_that_is_over_in_another_container_is_no_second_session() -> None:
    old = {**EXTENSION[0], "value": "77%3Aold", "expirationDate": OVER, "storeId": "firefox-container-2"}
    assert cookies_of(json.dumps([old, *EXTENSION]), HOST, NOW)[0].value == CANARY


def test_sessions_that_are_all_over_are_refused_by_the_newest() -> None:
    rows = [
        {**EXTENSION[0], "domain": "www.instagram.com", "expirationDate": 1_600_000_000},
        EXTENSION[0] | {"expirationDate": OVER},
    ]
    with pytest.raises(InputError, match="ended on 14 November 2023"):
        cookies_of(json.dumps(rows[::-1]), HOST, NOW)


@pytest.mark.parametrize(
    ("name", "session", "others"),
    [
        ("10-cookies-utf16.txt", "77%3Aabc%3A1%3AAYc", {"csrftoken", "ds_user_id"}),
        ("10-cookies-other-site-latin1.txt", "77%3Aabc%3A1%3AAYc", {"csrftoken", "ds_user_id"}),
        ("11-cookies-stale-first.json", "77%3Anew%3A1", {"ds_user_id"}),
    ],
)
def test_the_files_of_the_fault_list_give_their_session(name: str, session: str, others: set[str]) -> None:
    if not (FIXTURES / name).exists():
        pytest.skip("the files of the fault list are not beside this tree")
    first, *rest = cookies_in((FIXTURES / name).read_bytes(), HOST, NOW)
    assert (first.name, first.value) == ("sessionid", session)
    assert {cookie.name for cookie in rest} == others
