"""Official figures of single posts on Content: each with its way in, its time, and the reason where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs
from tests.web.profile.test_past_insights import medium, opened, words

NOT_KNOWN = "not known. Instagram gives them of business and creator accounts alone"


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    return History(owner, people.alice, make_profile(people.alice, observed_at=NOW, timezone="Asia/Tokyo"))


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def read_by_api(history: History, media_id: int, final: str | None = None, **figures: Any) -> None:
    """What the official API gave of a medium; a name with two underscores has the part behind them."""
    whose = (media_id, history.user, history.profile)
    history.owner.execute(
        "insert into public.official_media (media_id, user_id, profile_id, source, official_id, read_at, final_code)"
        " values (%s, %s, %s, 'instagram_login', '1800', %s, %s)",
        (*whose, NOW, final),
    )
    for name, value in figures.items():
        metric, _, part = name.partition("__")
        history.owner.execute(
            "insert into public.media_insights (media_id, user_id, profile_id, source, metric, part, value,"
            " captured_at) values (%s, %s, %s, 'instagram_login', %s, %s, %s, %s)",
            (*whose, metric, part, value, NOW),
        )


def test_a_post_shows_its_official_figures_and_where_they_are_from(history: History, alice: FlaskClient) -> None:
    post, other = history.medium("a", days_ago(3)), history.medium("b", days_ago(4))
    read_by_api(history, post, media_saves=0, media_reach=1250, media_profile_activity__bio_link_clicked=2)
    page = opened(alice, history, "/content")
    shown = medium(page, "a")
    assert "From Instagram's official API, read on" in shown
    assert "Reach of a post 1,250" in shown
    assert "Saves of a post 0" in shown
    assert "Taps on the profile after a post (bio link clicked) 2" in shown
    assert shown.index("Reach of a post") < shown.index("Saves of a post")
    assert "official API" not in medium(page, "b")
    assert other != post
    assert NOT_KNOWN not in words(page)
    assert "One that is missing was not given, and is no zero." in words(page)


def test_a_post_without_official_figures_says_why(history: History, alice: FlaskClient) -> None:
    read_by_api(history, history.medium("old", days_ago(3)), final="media_gone")
    read_by_api(history, history.medium("few", days_ago(4)))
    page = opened(alice, history, "/content")
    assert "No figures from Instagram's official API:" in medium(page, "old")
    assert "Figures from Instagram's official API n/a: it gave none on" in medium(page, "few")


def test_a_metric_that_is_given_no_longer_is_named_with_its_day(history: History, alice: FlaskClient) -> None:
    read_by_api(history, history.medium("a", days_ago(3)), media_reach=5)
    history.owner.execute(
        "insert into public.metric_refusals (profile_id, user_id, source, metric, since, last_at, code)"
        " values (%s, %s, 'instagram_login', 'media_reposts', %s, %s, 'report_refused')",
        (history.profile, history.user, days_ago(2), NOW),
    )
    assert "Reposts of a post: n/a since" in words(opened(alice, history, "/content"))


def test_without_official_figures_the_page_names_both_ways_to_them(history: History, alice: FlaskClient) -> None:
    history.medium("a", days_ago(3))
    page = opened(alice, history, "/content")
    assert NOT_KNOWN in words(page)
    assert 'href="/connect"' in page
