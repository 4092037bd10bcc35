"""A channel is named as people type or paste it: a handle, an address, an id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platforms.youtube import YOUTUBE, clean_handle, is_channel_id

CHANNEL = "UCabcdefghijklmnopqrstuv"


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("@ada", "ada"),
        ("ada", "ada"),
        ("  @Ada.Lovelace-1  ", "Ada.Lovelace-1"),
        ("https://www.youtube.com/@ada", "ada"),
        ("https://youtube.com/@ada/videos?view=0", "ada"),
        ("m.youtube.com/@ada", "ada"),
        ("youtube.com/@%E6%97%A5%E6%9C%AC%E8%AA%9E", "日本語"),
        (f"https://www.youtube.com/channel/{CHANNEL}", CHANNEL),
        (CHANNEL, CHANNEL),
    ],
)
def test_a_channel_is_found_in_what_is_typed(typed: str, handle: str) -> None:
    assert clean_handle(typed) == handle


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "ab",
        "a b c",
        "x" * 31,
        "https://example.org/@ada",
        "https://youtube.com.evil.org/@ada",
        "https://[",
        "<ada>",
    ],
)
def test_what_can_be_no_handle_is_none(typed: str) -> None:
    assert clean_handle(typed) is None


@given(st.text(max_size=60))
def test_a_handle_that_was_cleaned_stays_as_it_is(typed: str) -> None:
    handle = clean_handle(typed)
    if handle is not None:
        assert clean_handle(handle) == handle
        assert " " not in YOUTUBE.url_of(handle)


@pytest.mark.parametrize(("text", "is_id"), [(CHANNEL, True), (CHANNEL[:-1], False), ("ada", False), ("", False)])
def test_an_id_of_a_channel_is_told_from_a_name(text: str, is_id: bool) -> None:
    assert is_channel_id(text) is is_id
