"""Numbers and moments as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from web.text.numbers import evidence_words, growth_rate, percent, with_sign

AT = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)


def test_signs_are_shown_and_unknown_is_not_zero() -> None:
    assert [with_sign(value) for value in (1250, -3, 0, None)] == ["+1,250", "−3", "0", "n/a"]


def test_rates_are_per_hundred() -> None:
    assert [percent(value) for value in (3.4167, 41.52, 0.0, -2.5, None)] == [
        "3.42 %",
        "41.5 %",
        "0.00 %",
        "−2.50 %",
        "n/a",
    ]


def test_growth_from_nothing_has_no_rate() -> None:
    assert growth_rate(0, 10) is None
    assert growth_rate(None, 10) is None
    assert growth_rate(200, 210) == 5


@pytest.mark.parametrize(
    ("after", "known", "words"),
    [
        (None, "before", "before the first sync"),
        (None, "exact", "4 Mar 2026, 14:30"),
        (None, "between", "by 4 Mar 2026"),
        (AT - timedelta(days=1), "between", "3–4 Mar 2026"),
        (AT - timedelta(hours=2), "between", "4 Mar 2026, 12:30–14:30"),
        (AT - timedelta(days=9), "between", "23 Feb – 4 Mar 2026"),
        (AT - timedelta(days=90), "between", "4 Dec 2025 – 4 Mar 2026"),
        (None, None, "n/a"),
    ],
)
def test_how_exactly_a_moment_is_known_is_said(after: datetime | None, known: str | None, words: str) -> None:
    assert evidence_words(AT, after, known, "UTC") == words


def test_moments_are_told_in_the_profiles_zone() -> None:
    assert evidence_words(AT, None, "exact", "Asia/Tokyo") == "4 Mar 2026, 23:30"
