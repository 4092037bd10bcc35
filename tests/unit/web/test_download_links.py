"""A download link is worth something to one person, for one file, for its time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from web.exports.download_links import Link, lasts, read, sign

KEY = "k" * 32
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXPORT, USER = UUID(int=1), UUID(int=2)


def test_a_link_is_good_until_its_time_and_over_from_then_on() -> None:
    token = sign(KEY, EXPORT, USER, NOW)
    assert read(KEY, token, EXPORT, USER, NOW - timedelta(seconds=1)) is Link.GOOD
    assert read(KEY, token, EXPORT, USER, NOW) is Link.OVER


def test_a_link_for_another_person_file_or_installation_is_foreign() -> None:
    token = sign(KEY, EXPORT, USER, NOW)
    before = NOW - timedelta(minutes=1)
    assert read(KEY, token, EXPORT, UUID(int=3), before) is Link.FOREIGN
    assert read(KEY, token, UUID(int=3), USER, before) is Link.FOREIGN
    assert read("x" * 32, token, EXPORT, USER, before) is Link.FOREIGN


@given(st.integers(0, 300), st.characters())
def test_a_changed_link_is_foreign_even_when_its_time_is_over(place: int, letter: str) -> None:
    token = sign(KEY, EXPORT, USER, NOW)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    # The last letter of base64 has bits that mean nothing, and two letters may be written in two ways.
    same = changed.translate(str.maketrans("+/", "-_")) == token
    if not same and place != len(token) - 1:
        assert read(KEY, changed, EXPORT, USER, NOW) is Link.FOREIGN


@given(st.text())
def test_words_are_no_link(text: str) -> None:
    assert read(KEY, text, EXPORT, USER, NOW) is Link.FOREIGN


def test_no_link_outlives_its_file() -> None:
    quarter = timedelta(minutes=15)
    assert lasts(quarter, NOW, None) == NOW + quarter
    assert lasts(quarter, NOW, NOW + timedelta(days=1)) == NOW + quarter
    assert lasts(quarter, NOW, NOW + timedelta(minutes=2)) == NOW + timedelta(minutes=2)
