"""A channel that is read by an official interface alone: no page counts requests of a browser or lists of people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.domain.schedules import KindSchedule
from tests.conftest import Personas
from tests.web.conftest import MakeApp, SignedInAs
from tests.web.pages import post
from web.auth.session import cookie_name

Owner = psycopg.Connection[dict[str, Any]]
MILLION = 1_230_000


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def channel(make_profile: Callable[..., UUID], people: Personas) -> UUID:
    return make_profile(people.alice, "ada", platform="youtube", followers=MILLION, media_count=80)


def test_its_size_makes_no_sync_long_and_no_request_is_counted_down(alice: FlaskClient, channel: UUID) -> None:
    page = alice.get(f"/profiles/{channel}/settings").text
    assert "Requests to YouTube" not in page
    assert "Syncing everything" not in page
    assert "because of" not in page
    outlook = alice.get(f"/api/v1/profiles/{channel}").get_json()["reading"]
    assert (outlook["requests_per_day"], outlook["walk"]) == (None, None)


def _words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def _videos(owner: Owner, people: Personas, channel: UUID) -> None:
    owner.execute(
        "insert into media (user_id, profile_id, platform_id, kind, posted_at, likes, comments, plays, engaged_views,"
        " metrics_at, first_seen_at, last_seen_at) values"
        " (%(user)s, %(profile)s, 'v1', 'video', now() - interval '2 days',"
        " 7, 0, 1000, 800, now(), now(), now()), (%(user)s, %(profile)s, 's1', 'short', now() - interval '1 day', 9, 1,"
        " 500, null, now(), now(), now())",
        {"user": people.alice, "profile": channel},
    )
    owner.execute("update profiles set observed_at = now() where id = %s", (channel,))


def test_its_content_is_videos_with_the_counts_that_youtube_shows(
    alice: FlaskClient, channel: UUID, owner: Owner, people: Personas
) -> None:
    _videos(owner, people, channel)
    page = alice.get(f"/profiles/{channel}/content").text
    shown = _words(page)
    assert "2 videos " in shown
    assert "Views 1,000 Engaged views 800" in shown
    assert "Views 500 Engaged views n/a" in shown
    assert shown.count("Short ") == 1
    assert "Export videos" in shown
    for foreign in ("Plays", "Reel", "reel", "Carousel", "Single images", "Stories"):
        assert foreign not in page
    assert "Engagement" not in shown
    assert "rules forbid rates" in shown


def test_its_shorts_are_a_kind_of_their_own_and_engaged_views_rank(
    alice: FlaskClient, channel: UUID, owner: Owner, people: Personas
) -> None:
    _videos(owner, people, channel)
    shorts = alice.get(f"/profiles/{channel}/content?kind=shorts").text
    assert 'data-testid="matching" data-count="1"' in shorts
    assert "Views 500" in _words(shorts)
    ranked = _words(alice.get(f"/profiles/{channel}/content?sort=engaged_views").text)
    assert ranked.index("Views 1,000") < ranked.index("Views 500")


def test_an_empty_channel_has_no_video_and_no_reel(alice: FlaskClient, channel: UUID, owner: Owner) -> None:
    owner.execute("update profiles set observed_at = now() where id = %s", (channel,))
    page = alice.get(f"/profiles/{channel}/content").text
    assert "No video yet." in page
    assert "reel" not in page


def test_its_settings_speak_of_an_access_and_of_no_session(
    alice: FlaskClient, channel: UUID, owner: Owner, people: Personas
) -> None:
    owner.execute(
        "insert into connections (user_id, profile_id, method, state, secret) values (%s, %s, 'google', 'ACTIVE', 'x')",
        (people.alice, channel),
    )
    page = alice.get(f"/profiles/{channel}/settings").text
    assert '<h2 id="session">Access</h2>' in page
    assert "Check the access" in page
    assert "its token, every post" in page
    assert "keep what it read for 30 days" in page
    assert "ession" not in _words(page[page.index("settings-columns") :])
    assert "reel" not in page


def test_no_file_of_people_is_talked_about(alice: FlaskClient, channel: UUID) -> None:
    assert "follower list" not in alice.get(f"/profiles/{channel}/exports").text


def test_rates_that_the_rules_forbid_are_said_to_be_so_until_the_operator_allows_them(
    app: Flask, make_app: MakeApp, alice: FlaskClient, channel: UUID, people: Personas
) -> None:
    forbidden = "rules forbid rates"
    assert forbidden in alice.get(f"/profiles/{channel}").text
    allowed = make_app(youtube_derived_metrics=True).test_client()
    name = cookie_name(app.extensions["rollcall"].settings)
    session = alice.get_cookie(name)
    assert session is not None
    allowed.set_cookie(name, session.value)
    page = allowed.get(f"/profiles/{channel}").text
    assert "No post of this period" in page
    assert forbidden not in page


def test_its_official_figures_have_an_interval_of_their_own(
    alice: FlaskClient, channel: UUID, schedules: Callable[[UUID], dict[str, KindSchedule]]
) -> None:
    page = alice.get(f"/profiles/{channel}/settings").text
    assert 'name="insights_every"' in page
    assert 'name="audience_every"' in page
    chosen = {"media_every": "480", "profile_every": "360", "insights_every": "2880", "audience_every": "auto"}
    assert post(alice, f"/profiles/{channel}/settings", **chosen, timezone="UTC").status_code == 302
    stored = schedules(channel)
    assert (stored["SYNC_INSIGHTS"].every, stored["SYNC_INSIGHTS"].is_automatic) == (timedelta(days=2), False)
    assert (stored["SYNC_AUDIENCE"].every, stored["SYNC_AUDIENCE"].is_automatic) == (timedelta(days=7), True)


def test_the_jobs_of_a_channel_sync_videos(
    alice: FlaskClient, channel: UUID, people: Personas, make_job: Callable[..., UUID]
) -> None:
    make_job(people.alice, channel, "SYNC_MEDIA")
    page = alice.get(f"/profiles/{channel}/activity").text
    assert "Syncing videos" in page
    assert "Syncing posts and reels" not in page
