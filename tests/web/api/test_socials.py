"""All profiles at once in the JSON interface: totals that mean something, the newest posts, the days of a platform."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.domain.follower_totals import NoTotal
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.rig.official import Figures
from tests.web.api.conftest import MakeProfile, Owner

TODAY = datetime.now(UTC).date()


def told(browser: FlaskClient, path: str = "") -> dict[str, Any]:
    answer = browser.get(f"/api/v1/analytics/socials{path}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json  # type: ignore[assignment]
    return found


def test_profiles_of_one_platform_have_a_total(alice: FlaskClient, people: Personas, make_profile: MakeProfile) -> None:
    assert told(alice) == {
        "total_followers": None,
        "total_followers_missing": NoTotal.NO_PROFILE,
        "platforms": [],
        "recent_posts": [],
    }
    make_profile(people.alice, "first.one", followers=5, observed_at=days_ago(1))
    make_profile(people.alice, "second.one", followers=7, observed_at=NOW)
    found = told(alice)
    assert (found["total_followers"], found["total_followers_missing"]) == (12, None)
    assert found["platforms"] == [
        {
            "platform": "instagram",
            "label": "Instagram",
            "profiles": 2,
            "followers": 12,
            "followers_missing": None,
            "last_synced": NOW.isoformat(),
        }
    ]


def test_platforms_are_not_added_up_and_a_channel_only_where_its_rules_allow_it(
    alice: FlaskClient, people: Personas, make_profile: MakeProfile
) -> None:
    make_profile(people.alice, "first.one", followers=5)
    for name in ("ada", "bea"):
        make_profile(people.alice, name, platform="youtube", followers=100)
    found = told(alice)
    assert (found["total_followers"], found["total_followers_missing"]) == (None, NoTotal.PLATFORMS_DIFFER)
    assert [(one["followers"], one["followers_missing"]) for one in found["platforms"]] == [
        (5, None),
        (None, NoTotal.FORBIDDEN),
    ]


def test_the_ten_newest_posts_are_of_all_profiles_without_stories_and_what_is_gone(
    alice: FlaskClient, charlie: FlaskClient, owner: Owner, people: Personas, make_profile: MakeProfile
) -> None:
    for place, name in enumerate(("first.one", "second.one")):
        history = History(owner, people.alice, make_profile(people.alice, name))
        for number in range(8):
            history.medium(f"{name}{number}", days_ago(2 * number + place), likes=number, comments=1)
        history.medium(f"{name}.story", NOW, kind="story")
        history.medium(f"{name}.gone", NOW, gone_at=NOW, gone_as="deleted")
    owner.execute(
        "update media set er_formula = 'er_reach', er_numerator = 5, er_denominator = 40 where platform_id = %s",
        ["first.one0"],
    )
    posts = told(alice)["recent_posts"]
    assert [one["id"] for one in posts] == [f"{name}{n}" for n in range(5) for name in ("first.one", "second.one")]
    assert posts[0]["engagement"] == {
        "formula_id": "er_reach",
        "formula": "(likes + comments + saves and shares where known) / reach × 100",
        "rate": 12.5,
        "numerator": 5,
        "denominator": 40,
    }
    assert (posts[1]["handle"], posts[1]["engagement"], posts[1]["reach"]) == ("second.one", None, None)
    assert told(charlie)["recent_posts"] == []


def test_a_platform_has_its_profiles_with_posts_and_thirty_days(
    alice: FlaskClient, charlie: FlaskClient, owner: Owner, people: Personas, make_profile: MakeProfile
) -> None:
    make_profile(people.alice, "first.one")
    profile = make_profile(people.alice, "ada", platform="youtube", followers=100)
    history, figures = History(owner, people.alice, profile), Figures(owner, people.alice, profile)
    for number in range(51):
        history.medium(f"v{number}", days_ago(number), kind="video")
    day = TODAY - timedelta(days=3)
    history.counted(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), 90)
    figures.day("views", day, 12, provisional=True)
    figures.day("views", TODAY - timedelta(days=40), 13)
    found = told(alice, "/youtube")
    assert (found["platform"], found["label"]) == ("youtube", "YouTube")
    (one,) = found["profiles"]
    assert (one["profile"]["id"], one["profile"]["followers"]) == (str(profile), 100)
    assert [post["id"] for post in one["posts"]] == [f"v{number}" for number in range(50)]
    days = {row.pop("date"): row for row in one["metrics"]}
    assert len(days) == 30
    empty: dict[str, Any] = {
        "followers": None,
        "following": None,
        "media": None,
        "gained": None,
        "lost": None,
        "insights": [],
    }
    shown = {"metric": "views", "source": "google", "value": 12, "provisional": True}
    assert days.pop(day.isoformat()) == {**empty, "followers": 90, "insights": [shown]}
    assert all(row == empty for row in days.values())
    assert told(charlie, "/youtube")["profiles"] == []


@pytest.mark.parametrize("path", ["/myspace", "/youtube/more"])
def test_a_platform_that_is_not_known_is_not_found(alice: FlaskClient, path: str) -> None:
    answer = alice.get(f"/api/v1/analytics/socials{path}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
