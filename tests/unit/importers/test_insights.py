"""Past insights of an export: texts for people, in the account's language, as figures."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rig.archives import garbled
from worker.importers.data_download.figures import number
from worker.importers.data_download.insights import Insight, Unread, insights, period
from worker.importers.data_download.own_media import OwnMedia, own_media

TAKEN = datetime(2026, 6, 1, tzinfo=UTC)


def read(document: Any, file: str = "") -> list[Insight | Unread]:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(insights(io.BytesIO(text), TAKEN, file))


def figures(found: list[Insight | Unread]) -> dict[str, Decimal]:
    return {one.metric: one.value for one in found if isinstance(one, Insight) and one.breakdown is None}


def test_the_recorded_posts(instagram_fixtures: Path) -> None:
    found = read((instagram_fixtures / "export_insights_posts_en.json").read_bytes())
    assert figures(found) == {
        "profile_visits": 3,
        "impressions": 2000,
        "follows": 1,
        "reach": 1200,
        "saves": 4,
        "likes": 80,
        "shares": 2,
    }
    posted = {one.posted_at for one in found if isinstance(one, Insight)}
    assert posted == {datetime(2025, 1, 1, 12, tzinfo=UTC)}


def test_the_recorded_audience(instagram_fixtures: Path) -> None:
    found = read((instagram_fixtures / "export_insights_audience_insights.json").read_bytes())
    assert not any(isinstance(one, Unread) for one in found)
    assert figures(found)["followers_change_percent"] == Decimal("-1.6")
    assert figures(found)["followers_change"] == -4
    ages = {one.breakdown: one.value for one in found if isinstance(one, Insight) and one.metric == "followers_by_age"}
    assert ages["25-34"] == Decimal("41.7")
    spans = {(one.started_on, one.ended_on) for one in found if isinstance(one, Insight)}
    assert spans == {(datetime(2026, 2, 6, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC))}


def test_labels_in_portuguese_and_those_that_nobody_knows() -> None:
    texts = {garbled("Contas alcançadas"): "1.200", garbled("Impressões"): "--", "Ei tiedossa": "7", "Likes": "many"}
    document = {
        "organic_insights_posts": [{"string_map_data": {label: {"value": text} for label, text in texts.items()}}]
    }
    found = read(document)
    assert figures(found) == {"reach": 1200}
    assert {one.label for one in found if isinstance(one, Unread)} == {"ei tiedossa", "likes"}


def test_followers_among_those_reached_are_not_the_followers_of_the_account() -> None:
    texts = {
        "Accounts reached": "3359140",
        "Followers": "1%",
        "Non-followers": "99%",
        "Accounts reached delta": "+59.4%",
    }
    document = {
        "organic_insights_reach": [{"string_map_data": {label: {"value": text} for label, text in texts.items()}}]
    }
    assert figures(read(document, "profiles_reached")) == {
        "reach": 3359140,
        "reach_followers_percent": 1,
        "reach_non_followers_percent": 99,
        "reach_change_percent": Decimal("59.4"),
    }


def test_interactions_by_kind_of_content_and_of_follower() -> None:
    texts = {
        "Post Likes": "1,204",
        "Reels Saves": "0",
        "Engaged Account By Follow Type": "Followers: 5.6%, Non-followers: 94.4%",
    }
    document = {
        "organic_insights_interactions": [
            {"string_map_data": {label: {"value": text} for label, text in texts.items()}}
        ]
    }
    found = read(document, "content_interactions")
    assert figures(found) == {"post_likes": 1204, "reel_saves": 0}
    kinds = {one.breakdown: one.value for one in found if isinstance(one, Insight) and one.breakdown}
    assert kinds == {"Followers": Decimal("5.6"), "Non-followers": Decimal("94.4")}


def test_an_item_of_posts_without_its_time_is_of_nobody_knows_which_post() -> None:
    document = {"organic_insights_posts": [{"string_map_data": {"Likes": {"value": "80"}, "Saves": {"value": "4"}}}]}
    assert read(document, "posts") == [Unread("a post without its time")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(text, 1200) for text in ("1,200", "1.200", "1 200", "1200", "1.2K")],
        *[("12.5K", 12500), ("64%", 64), ("30,6%", "30.6"), ("-4", -4), ("−4", -4), ("0", 0), ("1,234.5", "1234.5")],
        *[
            (text, 1200)
            for text in ("1,2 mil", "1.2 mil", "1,2 тыс.", "1,2 rb", "1.2천", "١٬٢٠٠", "1'200", "1\u202f200")
        ],
        *[(text, 12000) for text in ("1.2万", "1,2 万", "12 k", "12 mil", "12 bin")],
        *[(text, 3_000_000) for text in ("3 mln", "3 Mio.", "3 mi", "3 milj.", "30 lakh", "3 εκ.", "300万", "3M")],
        *[("1,23,456", 123456), ("12,34,567.5", "1234567.5"), ("1.234,56", "1234.56"), ("3 crore", 30_000_000)],
        *[(text, None) for text in ("3 min", "1,2 B", "3 mil.", "3 posts", "1.234 mil", "1.2.3", "1,234%", "3 m")],
        ("-1.6% vs Nov 8 - Feb 5", "-1.6"),
        *[(text, None) for text in ("--", "0:30", "", "many")],
    ],
)
def test_numbers_as_people_write_them(text: str, expected: int | str | None) -> None:
    assert number(text) == (None if expected is None else Decimal(expected))


@settings(max_examples=30)
@given(st.integers(0, 10**12))
def test_grouped_thousands_are_one_number(value: int) -> None:
    assert {number(f"{value:,}"), number(f"{value:,}".replace(",", ".")), number(str(value))} == {Decimal(value)}


def test_a_period_without_a_year_lies_before_the_export() -> None:
    assert period("Nov 8 - Feb 5", TAKEN) == (datetime(2025, 11, 8, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC))
    assert period("8 de nov - 31 de dez", TAKEN) == (
        datetime(2025, 11, 8, tzinfo=UTC),
        datetime(2025, 12, 31, tzinfo=UTC),
    )
    assert period("for ever", TAKEN) is None


def test_own_posts_keep_their_time_with_the_post_or_with_its_only_picture() -> None:
    at = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
    file = {"uri": "media/a.jpg", "creation_timestamp": int(at.timestamp()), "title": garbled("Olá ❤")}
    posts = [{"media": [file]}, {"media": [file, file], "title": "Two", "creation_timestamp": int(at.timestamp())}, {}]
    assert list(own_media(io.BytesIO(json.dumps(posts).encode()), "post")) == [
        OwnMedia("post", at, "Olá ❤", 1, "media/a.jpg"),
        OwnMedia("post", at, "Two", 2, "media/a.jpg"),
        None,
    ]
    stories = {"ig_stories": [file]}
    (story,) = own_media(io.BytesIO(json.dumps(stories).encode()), "story")
    assert story == OwnMedia("story", at, "Olá ❤", 1, "media/a.jpg")
