"""Numbers and moments as people read them."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from flask import Flask

from web import translation
from web.text.numbers import evidence_words, growth_rate, percent, plain_day, with_sign
from web.text.values import day

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


def test_months_are_named_in_the_readers_language() -> None:
    app = Flask(__name__)
    translation.add_to(app)
    with app.test_request_context(), import_module("flask_babel").force_locale("de"):
        assert plain_day(date(2026, 5, 4)) == "4 Mai 2026"
        assert day(AT) == "4 März 2026"
    assert plain_day(date(2026, 5, 4)) == "4 May 2026"
