"""Usernames as people type and paste them, and addresses of Instagram that name someone or no one."""

import pytest

from shared.domain.input.instagram_names import clean_username


@pytest.mark.parametrize("host", ["instagram.com", "www.instagram.com", "m.instagram.com", "WWW.Instagram.com"])
@pytest.mark.parametrize("scheme", ["https://", "http://", "HTTPS://", "//", ""])
@pytest.mark.parametrize(
    "path",
    [
        "alice.test",
        "Alice.Test/",
        "_u/alice.test",
        "_u/alice.test/",
        "stories/alice.test/3/",
        "stories/alice.test/3/?igsh=abc",
        "alice.test/followers",
        "alice.test/following/",
        "alice.test/p/AbC123/",
        "alice.test?igsh=MzRlODBiNWFlZA==",
        "alice.test/?hl=en#top",
        "@alice.test",
        "%40alice.test",
    ],
)
def test_an_address_of_a_profile_gives_its_name(scheme: str, host: str, path: str) -> None:
    assert clean_username(f"{scheme}{host}/{path}") == "alice.test"


@pytest.mark.parametrize(
    "typed",
    [
        "\u200ealice.test",
        "alice\u200b.test",
        "\ufeff@alice.test",
        "\u00a0alice.test\u00a0",
        "\u2068alice.test\u2069",
        "@\u200ealice.test",
        "\u200ehttps://www.instagram.com/_u/\u200ealice.test",
    ],
)
def test_invisible_marks_in_a_name_go(typed: str) -> None:
    assert clean_username(typed) == "alice.test"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "_u",
        "_u/",
        "_u/p",
        "p/AbC123/",
        "P/AbC123/",
        "reel/AbC123/?igsh=abc",
        "reels/AbC123/",
        "tv/AbC123/",
        "explore",
        "explore/tags/cats/",
        "accounts/login/",
        "direct/inbox/",
        "share/AbC123/",
        "stories",
        "stories/",
        "stories/highlights/17890/",
        "stories/Highlights/17890/",
    ],
)
def test_an_address_of_anything_else_names_nobody(path: str) -> None:
    assert clean_username(f"https://www.instagram.com/{path}") is None


@pytest.mark.parametrize(
    "typed", ["_u", "stories", "p", "reel", "@explore", "two words", "https://example.org/alice.test"]
)
def test_what_cannot_be_a_name_is_none(typed: str) -> None:
    assert clean_username(typed) is None


def test_a_name_that_begins_like_a_page_is_a_name() -> None:
    assert clean_username("https://instagram.com/p.alice") == "p.alice"
    assert clean_username("stories_of_alice") == "stories_of_alice"
