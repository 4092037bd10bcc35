"""A profile's settings do what they say, for its owner and no one else."""

from __future__ import annotations

import re
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

Owner = psycopg.Connection[dict[str, Any]]
MakeJob = Callable[..., UUID]
FORM = {
    "followers_every": "720",
    "following_every": "2880",
    "media_every": "60",
    "profile_every": "360",
    "stories_every": "auto",
    "likers_every": "1440",
    "timezone": "Asia/Tokyo",
}
LATER = datetime(2999, 1, 1, tzinfo=UTC)
SESSION = "select state, secret, totp_secret, login_secret from public.connections"
ERASED = {"state": "REVOKED", "secret": None, "totp_secret": None, "login_secret": None}


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID], owner: Owner) -> UUID:
    made = make_profile(people.alice, state="CONNECTED", due={"SYNC_FOLLOWERS": LATER})
    owner.execute(
        "insert into public.connections (user_id, profile_id, method, state, secret, totp_secret, last_used_at)"
        " values (%s, %s, 'browser', 'ACTIVE', 'canary-cookie', 'canary-totp', now() - interval '2 hours')",
        [people.alice, made],
    )
    return made


def _row(owner: Owner, profile: UUID) -> dict[str, Any]:
    (row,) = owner.execute("select * from public.profiles where id = %s", [profile]).fetchall()
    return row


def test_the_session_is_told_without_its_secrets(alice: FlaskClient, profile: UUID) -> None:
    page = alice.get(f"/profiles/{profile}/settings").text
    for words in ("Connected", "Works", "2 hours ago", ">Sync now</button>", "Connect again", "Delete everything"):
        assert words in page
    assert "canary" not in page
    assert '<a href="/profiles/' + str(profile) + '/settings" aria-current="page">Settings</a>' in page


def test_sync_now_goes_to_its_job_and_twice_to_the_same(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    first, second = (post(alice, f"/profiles/{profile}/sync").headers["Location"] for _ in range(2))
    (job,) = owner.execute("select id, kind from public.sync_jobs").fetchall()
    assert first == second == f"/jobs/{job['id']}"
    assert job["kind"] == "SYNC"


@pytest.mark.parametrize("state", ["NEEDS_LOGIN", "CHALLENGED", "DISCONNECTED", "CONNECTING"])
def test_without_a_session_nothing_is_enqueued(alice: FlaskClient, profile: UUID, owner: Owner, state: str) -> None:
    owner.execute("update public.profiles set state = %s where id = %s", [state, profile])
    page = alice.get(f"/profiles/{profile}/settings").text
    assert "Sync now" not in page
    assert "/connect/instagram?username=alice.test" in page
    assert post(alice, f"/profiles/{profile}/sync").status_code == 409
    assert owner.execute("select 1 from public.sync_jobs").fetchone() is None


def test_the_schedule_is_saved_and_a_shorter_interval_counts_from_now(
    alice: FlaskClient, profile: UUID, owner: Owner, schedules: Callable[[UUID], dict[str, KindSchedule]]
) -> None:
    post(alice, f"/profiles/{profile}/settings", **FORM, paused="yes")
    row = _row(owner, profile)
    assert (row["schedule_paused"], row["timezone"]) == (True, "Asia/Tokyo")
    stored = schedules(profile)
    assert stored["SYNC_FOLLOWERS"].every == timedelta(hours=12)
    assert stored["SYNC_FOLLOWING"].every == timedelta(days=2)
    assert stored["SYNC_MEDIA"].every == timedelta(hours=1)
    due = stored["SYNC_FOLLOWERS"].next_at
    assert due is not None
    assert timedelta(hours=11) < due - datetime.now(UTC) <= timedelta(hours=12)
    assert "Next <time" not in alice.get(f"/profiles/{profile}/settings").text, "a paused schedule promises nothing"
    assert stored["SYNC_MEDIA"].next_at is None, "what was never scheduled stays so"
    page = alice.get(f"/profiles/{profile}/settings").text
    assert "The schedule is paused" in page
    assert 'name="timezone" type="text" value="Asia/Tokyo"' in page
    post(alice, f"/profiles/{profile}/settings", **FORM)
    assert _row(owner, profile)["schedule_paused"] is False
    assert ">in 12 hours</time>" in alice.get(f"/profiles/{profile}/settings").text


@pytest.mark.parametrize(
    "change",
    [
        {"media_every": "1"},
        {"media_every": "-60"},
        {"media_every": "9" * 40},
        {"media_every": ""},
    ],
)
def test_a_schedule_outside_the_choices_changes_nothing(
    alice: FlaskClient, profile: UUID, owner: Owner, change: dict[str, str]
) -> None:
    before = _row(owner, profile)
    answer = post(alice, f"/profiles/{profile}/settings", **{**FORM, **change})
    assert answer.status_code == 400
    assert "from the lists" in answer.text
    assert _row(owner, profile) == before


@pytest.mark.parametrize("typed", ["Mars/Olympus", "", "../../etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_told_at_its_field(
    alice: FlaskClient, profile: UUID, owner: Owner, typed: str
) -> None:
    before = _row(owner, profile)
    answer = post(alice, f"/profiles/{profile}/settings", **{**FORM, "timezone": typed})
    assert answer.status_code == 400
    assert 'id="timezone-error" class="field-error">No time zone has this name.' in answer.text
    assert f'value="{typed or before["timezone"]}"' in answer.text
    assert _row(owner, profile) == before


def test_a_time_zone_is_typed_and_found_in_a_list(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    """519 options in a select were not to be searched."""
    page = alice.get(f"/profiles/{profile}/settings").text
    assert 'list="timezones"' in page
    assert '<option value="America/New_York">' in page[page.index('<datalist id="timezones">') :]
    post(alice, f"/profiles/{profile}/settings", **{**FORM, "timezone": " america/new york "})
    assert _row(owner, profile)["timezone"] == "America/New_York"


def test_a_wrong_name_leaves_the_fault_at_its_field(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    """forms.js moves the focus to the first field that is marked as wrong, which brings it into sight."""
    answer = post(alice, f"/profiles/{profile}/delete", confirm="someone.else")
    assert answer.status_code == 400
    field = re.search(r'<input id="confirm"[^>]*>', answer.text)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert answer.text.count('aria-invalid="true"') == 1


def test_an_interval_that_was_set_elsewhere_stays_a_choice(
    alice: FlaskClient, profile: UUID, owner: Owner, schedules: Callable[[UUID], dict[str, KindSchedule]]
) -> None:
    owner.execute("update public.schedules set every = '5 hours', is_automatic = false where kind = 'SYNC_MEDIA'")
    assert '<option value="300" selected>Every 5 hours</option>' in alice.get(f"/profiles/{profile}/settings").text
    post(alice, f"/profiles/{profile}/settings", **{**FORM, "media_every": "300"})
    assert schedules(profile)["SYNC_MEDIA"].every == timedelta(hours=5)


def test_disconnecting_destroys_the_session_and_stops_the_work(
    alice: FlaskClient, people: Personas, profile: UUID, owner: Owner, make_job: MakeJob
) -> None:
    running = make_job(people.alice, profile, "SYNC", state="RUNNING", lease_until=LATER)
    waiting = make_job(people.alice, profile, "DERIVE")
    post(alice, f"/profiles/{profile}/disconnect")
    assert owner.execute(SESSION).fetchall() == [ERASED]
    assert _row(owner, profile)["state"] == "DISCONNECTED"
    jobs = {row["id"]: row for row in owner.execute("select * from public.sync_jobs").fetchall()}
    assert jobs[waiting]["state"] == "CANCELLED"
    assert jobs[running]["cancel_requested_at"] is not None
    page = alice.get(f"/profiles/{profile}/settings").text
    assert "This account is disconnected" in page
    assert ">Disconnect</button>" not in page


def test_deleting_needs_the_name_typed(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    for typed in ("", "alice", "yes"):
        answer = post(alice, f"/profiles/{profile}/delete", confirm=typed)
        assert answer.status_code == 400
        assert "Type alice.test to confirm" in answer.text
    assert _row(owner, profile)["state"] == "CONNECTED"


def test_what_is_deleted_is_gone_from_every_page_at_once(
    alice: FlaskClient, people: Personas, profile: UUID, owner: Owner, make_job: MakeJob
) -> None:
    other = make_job(people.alice, profile, "SYNC")
    assert post(alice, f"/profiles/{profile}/delete", confirm="@Alice.Test").headers["Location"] == "/"
    (purge,) = owner.execute("select id from public.sync_jobs where kind = 'DELETE_PROFILE'").fetchall()
    assert _row(owner, profile)["state"] == "DELETING"
    assert owner.execute(SESSION).fetchall() == [ERASED]
    home = alice.get("/").text
    assert "is being deleted" in home
    assert f"/profiles/{profile}" not in home
    assert alice.get(f"/profiles/{profile}/settings").status_code == 404
    assert post(alice, f"/profiles/{profile}/settings", **FORM).status_code == 404
    assert post(alice, f"/profiles/{profile}/sync").status_code == 404
    assert alice.get(f"/jobs/{other}").status_code == 404
    assert alice.get(f"/jobs/{purge['id']}").status_code == 200


@pytest.mark.parametrize("persona", ["bob", "charlie"])
def test_nobody_else_sees_or_changes_a_profile(
    signed_in_as: SignedInAs, people: Personas, profile: UUID, owner: Owner, persona: str
) -> None:
    stranger = signed_in_as(getattr(people, persona))
    before = _row(owner, profile)
    at = f"/profiles/{profile}"
    assert stranger.get(f"{at}/settings").status_code == 404
    assert post(stranger, f"{at}/settings", **FORM).status_code == 404
    assert post(stranger, f"{at}/sync").status_code == 404
    assert post(stranger, f"{at}/disconnect").status_code == 404
    assert post(stranger, f"{at}/delete", confirm="alice.test").status_code == 404
    assert post(stranger, f"{at}/alerts/1/dismiss").status_code == 404
    assert stranger.get(f"{at}/strip").status_code == 404
    assert "alice" not in stranger.get("/").text
    assert _row(owner, profile) == before
    assert owner.execute("select 1 from public.sync_jobs").fetchone() is None
    assert owner.execute("select 1 from public.connections").fetchone() is not None


def test_the_start_lists_the_persons_profiles_with_what_is_known(
    alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    make_profile(people.alice, "known.one", followers=12345, display_name="<i>Known</i>")
    make_profile(people.alice, "new.one", state="CONNECTING")
    page = alice.get("/").text
    assert "12,345" in page
    assert "&lt;i&gt;Known" in page
    assert "Not synced yet" in page
    assert "n/a" in page
