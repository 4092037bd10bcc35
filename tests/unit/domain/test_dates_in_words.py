"""Dates that pages write for people: the right month in each language, or none; never another one."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.importers.data_download.html_lists import Header, people
from worker.importers.data_download.languages import LANGUAGES, languages
from worker.importers.data_download.months import Dates, written_date

FORMS = [(context, width) for context in ("format", "stand-alone") for width in ("wide", "abbreviated")]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize(("context", "width"), FORMS)
def test_a_page_of_each_language_gives_its_own_months_or_none(language: str, context: str, width: str) -> None:
    names = Locale.parse(language).months[context][width]
    texts = [f"8. {names[month]} 2025, 13:17" for month in range(1, 13)]
    page = Dates(texts)
    found = [page.read(text) for text in texts]
    right = [datetime(2025, month, 8, 13, 17) for month in range(1, 13)]  # noqa: DTZ001
    assert [one.at if one else None for one in found] in (right, [None] * 12)
    if not any(sign.isdecimal() for sign in names[1]):
        assert found[0] is not None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(languages())), st.sampled_from(FORMS), st.sets(st.integers(1, 12), min_size=1))
def test_some_months_of_a_language_are_never_those_of_another(
    language: str, form: tuple[str, str], months: set[int]
) -> None:
    names = Locale.parse(language).months[form[0]][form[1]]
    texts = {month: f"{names[month]} 8 2025" for month in months}
    page = Dates(texts.values())
    for month, text in texts.items():
        found = page.read(text)
        assert found is None or found.at.month == month


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8. marraskuuta 2025 kello 13:17", "2025-11-08 13:17"),
        ("8. lipnja 2025.", "2025-06-08 00:00"),
        ("8. srpnja 2025.", "2025-07-08 00:00"),
        # Polish November and Croatian October are one word.
        ("8. listopada 2025.", None),
        ("8 Oca 2025 13:17", "2025-01-08 13:17"),
        ("8 Ocak 2025 13:17", "2025-01-08 13:17"),
        ("8 marsh 2025", None),
        ("8 marvellous 2025", None),
        ("2025年11月8日 下午1:17", "2025-11-08 13:17"),
        ("2025年11月8日 午前1:17", "2025-11-08 01:17"),
        ("2025년 11월 8일 오후 1:17", "2025-11-08 13:17"),
        ("8 tháng 11, 2025 lúc 13:17", "2025-11-08 13:17"),
        ("٨ نوفمبر ٢٠٢٥، ١:١٧ م", "2025-11-08 13:17"),
        ("8 พ.ย. 2025 13:17", "2025-11-08 13:17"),
        ("8 พ.ย. 2568 13:17", None),
        ("17 آبان 1404 13:17", None),
        ("2025. nov. 8. du. 1:17", "2025-11-08 13:17"),
        ("8 Νοε 2025, 1:17 μ.μ.", "2025-11-08 13:17"),
        ("8 नवंबर 2025, 1:17 शाम", None),
        ("08.11.2025 13:17", "2025-11-08 13:17"),
        ("08/11/2025 13:17", None),
        ("08-11-2025 13:17", None),
        ("2025/11/08 13:17", "2025-11-08 13:17"),
        ("maria.2020.5", None),
    ],
)
def test_one_date_alone(text: str, expected: str | None) -> None:
    found = written_date(text)
    assert (found and f"{found:%Y-%m-%d %H:%M}") == expected


def test_the_other_dates_of_a_page_decide_what_one_word_means() -> None:
    croatian = Dates(["8. listopada 2025.", "1. srpnja 2025."])
    polish = Dates(["8 listopada 2025", "1 lipca 2025"])
    assert written_date("8. listopada 2025.", croatian) == datetime(2025, 10, 8)  # noqa: DTZ001
    assert written_date("8 listopada 2025", polish) == datetime(2025, 11, 8)  # noqa: DTZ001


def test_a_word_that_no_language_of_the_page_knows_takes_all_of_its_dates_in_words() -> None:
    page = Dates(["8 May 2025 1:17 pm", "8 Gwengolo 2025 1:17 pm"])
    assert written_date("8 May 2025 1:17 pm", page) is None


def test_a_number_above_twelve_tells_the_order_for_the_whole_page() -> None:
    assert written_date("08/11/2025", Dates(["08/11/2025", "25/11/2025"])) == datetime(2025, 11, 8)  # noqa: DTZ001
    assert written_date("08/11/2025", Dates(["08/11/2025", "11/25/2025"])) == datetime(2025, 8, 11)  # noqa: DTZ001
    assert written_date("08/11/2025", Dates(["08/11/2025", "25/11/2025", "11/25/2025"])) is None


def read(row: str, header: str) -> tuple[datetime | None, timedelta | None, timedelta | None]:
    page = f'<header>{header}</header><a href="https://www.instagram.com/ann">ann</a><div>{row}</div>'
    told = Header()
    (one,) = people(io.BytesIO(page.encode()), told)
    assert one is not None
    return one.at, one.uncertain, told.offset


def test_only_a_text_with_a_clock_tells_how_far_the_page_is_from_utc() -> None:
    day_only = '<time datetime="2026-06-11T08:00Z">11. kesäkuuta 2026</time>'
    assert read("11. heinäkuuta 2024 kello 08:00", day_only)[2] is None
    with_clock = '<time datetime="2026-06-01T10:00Z">2026-06-01 13:00</time>'
    at, uncertain, offset = read("8. heinäkuuta 2025 kello 13:17", with_clock)
    assert (at, uncertain, offset) == (datetime(2025, 7, 8, 10, 17, tzinfo=UTC), None, timedelta(hours=-3))


@pytest.mark.parametrize("month", ["tammikuuta", "huhtikuuta", "marraskuuta"])
def test_in_the_other_half_of_the_year_summer_time_leaves_an_hour_open(month: str) -> None:
    with_clock = '<time datetime="2026-06-01T10:00Z">2026-06-01 13:00</time>'
    assert read(f"8. {month} 2025 kello 13:17", with_clock)[1] == timedelta(hours=1)
    in_utc = '<time datetime="2026-06-01T10:00Z">2026-06-01 10:00</time>'
    assert read(f"8. {month} 2025 kello 13:17", in_utc)[1] is None


def test_a_date_without_a_time_is_half_a_day_off_to_each_side() -> None:
    assert read("8. marraskuuta 2025", "")[:2] == (datetime(2025, 11, 8, 12, tzinfo=UTC), timedelta(hours=12))


def test_a_date_after_the_page_was_made_is_none() -> None:
    made = '<time datetime="2026-06-01T10:00Z">2026-06-01 10:00</time>'
    assert read("2082/07/22 10:00", made)[0] is None


def test_a_name_that_looks_like_a_date_is_no_date() -> None:
    page = '<a href="https://www.instagram.com/may.2020.5">may 2020 5</a><div>Feb 08, 2026 1:17 pm</div>'
    (one,) = people(io.BytesIO(page.encode()), Header())
    assert one is not None
    assert one.at == datetime(2026, 2, 8, 13, 17, tzinfo=UTC)
