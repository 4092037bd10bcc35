"""The pages forecast coming syncs: requests left today, the length of a walk, and the cause of a cool-down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.domain.schedules import KindSchedule
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import post

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
Make = Callable[..., UUID]
LATER = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def large(people: Personas, make_profile: Make) -> UUID:
    counts = {"followers": 120_000, "following": 500, "media_count": 200}
    return make_profile(people.alice, due={"SYNC_FOLLOWERS": LATER}, **counts)


def settings(alice: FlaskClient, profile: UUID) -> str:
    return as_read(alice.get(f"/profiles/{profile}/settings").text)


def as_read(page: str) -> str:
    """The page with its white space as a browser shows it."""
    return " ".join(page.split())


def told_of(alice: FlaskClient, profile: UUID) -> dict[str, Any]:
    told: dict[str, Any] = alice.get(f"/api/v1/profiles/{profile}").get_json()["reading"]
    return told


def test_before_sync_now_it_says_how_long_that_takes_and_what_is_left_today(
    alice: FlaskClient, large: UUID, owner: Owner, people: Personas, make_connection: Make
) -> None:
    assert "1,000 of 1,000" in settings(alice, large)
    owner.execute(
        "insert into public.request_budget (connection_id, profile_id, user_id, per_day, day_spent, day_ends)"
        " values (%s, %s, %s, 1000, 400, now() + interval '3 hours')",
        [make_connection(large), large, people.alice],
    )
    page = settings(alice, large)
    assert "Syncing everything takes about 7 days, in parts" in page
    assert "600 of 1,000; full again" in page
    assert "1 Jan 2999" in page
    told = told_of(alice, large)
    assert (told["requests_left"], told["requests_per_day"], told["walk"]["days"]) == (600, 1000, 7)
    assert told["next_list_at"] == LATER.isoformat()
    assert told["walk"]["words"] == "about 7 days, in parts"


def test_an_account_whose_counts_are_not_known_is_promised_nothing(
    alice: FlaskClient, people: Personas, make_profile: Make
) -> None:
    unknown = make_profile(people.alice, "new.one")
    assert "Syncing everything takes" not in settings(alice, unknown)
    assert told_of(alice, unknown)["walk"] is None


def test_without_limits_it_says_so(make_app: Callable[..., Any], people: Personas, large: UUID) -> None:
    from web.auth.session import cookie_name, sign_in

    app = make_app(pace=timedelta(0), pace_jitter=timedelta(0), requests_per_day=0)
    with app.test_request_context():
        response = app.make_response("")
        sign_in(response, people.alice)
    browser = app.test_client()
    name = cookie_name(app.extensions["rollcall"].settings)
    browser.set_cookie(name, response.headers["Set-Cookie"].split("=", 1)[1].split(";")[0])
    page = settings(browser, large)
    assert "No limit is set" in page
    assert "Syncing everything takes less than a minute" in page


def test_an_automatic_interval_says_why_and_a_chosen_one_stays_chosen(
    alice: FlaskClient, large: UUID, schedules: Callable[[UUID], dict[str, KindSchedule]]
) -> None:
    words = "Auto · 7 days"
    assert f'<option value="auto" selected>{words}</option>' in settings(alice, large)
    assert ">Every week, because of 120,000 followers.</p>" in settings(alice, large)
    form = {f"{kind}_every": "auto" for kind in ("following", "media", "profile", "stories", "likers")}
    post(alice, f"/profiles/{large}/settings", **form, followers_every="1440", timezone="UTC")
    stored = schedules(large)
    assert stored["SYNC_FOLLOWERS"].every == timedelta(days=1)
    assert {kind for kind, schedule in stored.items() if not schedule.is_automatic} == {
        "CHECK_SESSION",
        "DERIVE",
        "SYNC_AUDIENCE",
        "SYNC_FOLLOWERS",
        "SYNC_INSIGHTS",
    }
    page = settings(alice, large)
    assert f'<option value="auto">{words}</option>' in page
    assert "because of 120,000 followers.</p>" not in page
    assert '<option value="1440" selected>Every day</option>' in page
    post(alice, f"/profiles/{large}/settings", **form, followers_every="auto", timezone="UTC")
    assert schedules(large)["SYNC_FOLLOWERS"].every == timedelta(days=7)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("rate_limited", "Instagram asked to wait."),
        ("feedback_required", "Instagram has limited this account"),
        ("checkpoint", "Instagram asked a question"),
        ("budget_spent", "Daily request limit reached."),
    ],
)
def test_a_rest_says_why_and_until_when_and_its_person_may_end_it(
    alice: FlaskClient,
    large: UUID,
    make_connection: Make,
    signed_in_as: SignedInAs,
    people: Personas,
    code: str,
    why: str,
) -> None:
    make_connection(large, cooldown_until=LATER, cooldown_code=code)
    page = settings(alice, large)
    assert why in page
    assert "1 Jan 2999" in page
    assert "End the cool-down</button>" in page
    assert told_of(alice, large)["rests_until"] == LATER.isoformat()
    charlie = signed_in_as(people.charlie)
    assert post(charlie, f"/profiles/{large}/read-again").status_code == 404
    assert post(alice, f"/profiles/{large}/read-again").status_code == 302
    after = settings(alice, large)
    assert "The cool-down is over" in after
    assert "End the cool-down</button>" not in after


def test_after_the_warning_the_rest_has_no_end_but_the_person_s(
    alice: FlaskClient, large: UUID, make_connection: Make
) -> None:
    make_connection(large, "COOLING_DOWN", cooldown_until=datetime.now(UTC) - timedelta(days=1))
    page = settings(alice, large)
    assert "Instagram suspects that a machine uses this account." in page
    assert "You decide whether Rollcall continues" in page
    assert "Sync now</button>" not in page
    post(alice, f"/profiles/{large}/read-again")
    assert "Sync now</button>" in settings(alice, large)


def test_a_rest_that_ends_without_a_session_leads_to_the_login(
    alice: FlaskClient, large: UUID, owner: Owner, make_connection: Make
) -> None:
    make_connection(large, "COOLING_DOWN", state_after="EXPIRED", cooldown_until=LATER)
    post(alice, f"/profiles/{large}/read-again")
    ended = owner.execute("select state, cooldown_until from public.profiles where id = %s", (large,)).fetchone()
    assert ended == {"state": "NEEDS_LOGIN", "cooldown_until": None}


@pytest.mark.parametrize(
    ("failed", "started"),
    [
        (("SYNC", "SYNC_FOLLOWERS", "SYNC_LIKERS", "LOOK_UP"), {"SYNC", "SYNC_LIKERS"}),
        (("SYNC_MEDIA", "CHECK_SESSION"), {"SYNC_MEDIA", "CHECK_SESSION"}),
        ((), set()),
    ],
)
def test_what_failed_because_of_a_rest_starts_again_when_its_person_ends_it(
    alice: FlaskClient,
    large: UUID,
    people: Personas,
    make_job: Make,
    make_connection: Make,
    owner: Owner,
    failed: tuple[str, ...],
    started: set[str],
) -> None:
    make_connection(large, "COOLING_DOWN")
    owner.execute("update public.profiles set state_since = now() - interval '1 hour'")
    make_job(people.alice, large, "SYNC_STORIES", state="FAILED", ended_at=datetime.now(UTC) - timedelta(days=1))
    for kind in failed:
        make_job(people.alice, large, kind, state="FAILED", ended_at=datetime.now(UTC))
    post(alice, f"/profiles/{large}/read-again")
    live = owner.execute("select kind from public.sync_jobs where state = 'PENDING'").fetchall()
    assert {row["kind"] for row in live} == started
    assert "What failed because of it starts again" in settings(alice, large)


def test_the_end_of_a_rest_without_a_session_promises_nothing(
    alice: FlaskClient, large: UUID, make_connection: Make
) -> None:
    make_connection(large, "COOLING_DOWN", state_after="EXPIRED", cooldown_until=LATER)
    post(alice, f"/profiles/{large}/read-again")
    page = settings(alice, large)
    assert "Connect the account again; until then Rollcall cannot sync." in page
    assert ("continues now" in page, "starts again" in page) == (False, False)


def test_a_sync_that_a_rest_ended_leads_to_the_settings_and_offers_no_other(
    alice: FlaskClient, large: UUID, people: Personas, make_job: Make, owner: Owner
) -> None:
    job = make_job(people.alice, large, "SYNC", state="FAILED", ended_at=datetime.now(UTC), error_code="not_connected")
    assert "Sync now</button>" in alice.get(f"/jobs/{job}").text
    owner.execute("update public.profiles set state = 'COOLING_DOWN'")
    page = alice.get(f"/jobs/{job}").text
    assert "Sync now</button>" not in page
    assert f'href="/profiles/{large}/settings">See why this profile is in a cool-down' in page


def test_the_first_sync_says_how_long_it_takes_before_it_begins(
    alice: FlaskClient, large: UUID, make_job: Make, people: Personas
) -> None:
    job = make_job(people.alice, large, "SYNC")
    assert "Syncing everything takes about 6 days, in parts." in alice.get(f"/jobs/{job}").text
    login = make_job(people.alice, large, "LOGIN", state="COMPLETED", ended_at=datetime.now(UTC))
    make_job(people.alice, large, "SYNC_MEDIA")
    assert "the first sync has begun. It takes about 6 days, in parts." in as_read(alice.get(f"/jobs/{login}").text)
    page = alice.get("/connect/instagram").text
    assert "1,000 followers, about 5 minutes; 10,000 followers, about 59 minutes" in " ".join(page.split())
