"""Activity: jobs with attempts and reasons, cancel, run again, and whose they are."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb

from shared.domain.job_kinds import SESSION_KINDS, STARTABLE
from tests.conftest import Personas
from tests.rig.history import NOW, days_ago
from tests.web.conftest import SignedInAs
from tests.web.pages import post

Owner = psycopg.Connection[dict[str, Any]]
MakeJob = Callable[..., UUID]


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice, observed_at=NOW)


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def failed(make_job: MakeJob, user: UUID, profile: UUID, kind: str = "SYNC_FOLLOWERS") -> UUID:
    return make_job(
        user,
        profile,
        kind,
        state="FAILED",
        started_at=days_ago(1),
        ended_at=NOW,
        error_code="site_unreachable",
        error_params=Jsonb({"sentence": "Instagram could not be <b>reached</b>."}),
    )


def test_a_job_shows_its_attempts_and_reasons(
    profile: UUID, people: Personas, make_job: MakeJob, owner: Owner, alice: FlaskClient
) -> None:
    job = failed(make_job, people.alice, profile)
    owner.execute(
        "insert into sync_attempts (user_id, job_id, profile_id, kind, fence, worker, started_at, ended_at, outcome,"
        " items, error_code, error_params, rate_limited)"
        " values (%s, %s, %s, 'SYNC_FOLLOWERS', 1, 'w', %s, %s, 'RETRY', 1250, 'x', %s, true)",
        (people.alice, job, profile, days_ago(1), NOW, Jsonb({"sentence": "Too soon."})),
    )
    page = alice.get(f"/profiles/{profile}/activity").text
    assert f'data-job="{job}" data-kind="SYNC_FOLLOWERS" data-state="FAILED"' in page
    assert "Instagram could not be &lt;b&gt;reached&lt;/b&gt;." in page
    for words in ("1 attempt", "1,250", "Failed, tried again: Too soon.", "asked to wait", "took 24 hours"):
        assert words in page


def test_a_quota_that_is_used_up_shows_its_code_its_name_and_when_it_begins_again(
    profile: UUID, people: Personas, make_job: MakeJob, owner: Owner, alice: FlaskClient
) -> None:
    used_up = Jsonb({"variant": "app", "quota": "youtube_data", "reset": "2026-12-01T08:00:00+00:00"})
    job = make_job(people.alice, profile, "SYNC_MEDIA", state="WAITING", error_code="quota_spent", error_params=used_up)
    owner.execute(
        "insert into sync_attempts (user_id, job_id, profile_id, kind, fence, worker, started_at, ended_at, outcome,"
        " error_code, error_params) values (%s, %s, %s, 'SYNC_MEDIA', 1, 'w', %s, %s, 'WAITING', 'quota_spent', %s)",
        (people.alice, job, profile, NOW, NOW, used_up),
    )
    page = alice.get(f"/profiles/{profile}/activity").text
    assert page.count("<code>quota_spent</code>") == 2
    assert "<code>youtube_data</code>" in page
    assert "again from 1 Dec 2026, 08:00" in page


def test_running_again_asks_for_the_same_kind_once(
    profile: UUID, people: Personas, make_job: MakeJob, owner: Owner, alice: FlaskClient
) -> None:
    job = failed(make_job, people.alice, profile)
    first = post(alice, f"/profiles/{profile}/activity/{job}/again")
    second = post(alice, f"/profiles/{profile}/activity/{job}/again")
    assert first.headers["Location"] == second.headers["Location"]
    (made,) = owner.execute("select kind, state from sync_jobs where id <> %s", (job,)).fetchall()
    assert made == {"kind": "SYNC_FOLLOWERS", "state": "PENDING"}


@pytest.mark.parametrize("kind", ["LOGIN", "EXPORT", "DELETE_PROFILE"])
def test_what_needs_more_than_a_click_is_not_run_again(
    kind: str, profile: UUID, people: Personas, make_job: MakeJob, alice: FlaskClient
) -> None:
    assert kind not in STARTABLE
    job = failed(make_job, people.alice, profile, kind)
    assert "Run again" not in alice.get(f"/profiles/{profile}/activity").text
    assert post(alice, f"/profiles/{profile}/activity/{job}/again").status_code == 400


def test_without_a_session_nothing_is_run_again(
    profile: UUID, people: Personas, make_job: MakeJob, owner: Owner, alice: FlaskClient
) -> None:
    job = failed(make_job, people.alice, profile)
    owner.execute("update profiles set state = 'NEEDS_LOGIN' where id = %s", (profile,))
    post(alice, f"/profiles/{profile}/activity/{job}/again")
    assert owner.execute("select count(*) as n from sync_jobs").fetchone() == {"n": 1}
    assert "Connect the account first" in alice.get(f"/profiles/{profile}/activity").text


def test_a_kind_without_a_lane_is_run_again_without_a_session(
    profile: UUID, people: Personas, make_job: MakeJob, owner: Owner, alice: FlaskClient
) -> None:
    owner.execute("update public.profiles set state = 'NEEDS_LOGIN' where id = %s", (profile,))
    for kind in STARTABLE - SESSION_KINDS:
        job = failed(make_job, people.alice, profile, kind)
        post(alice, f"/profiles/{profile}/activity/{job}/again")
        assert owner.execute("select state from sync_jobs where kind = %s and id <> %s", (kind, job)).fetchone() == {
            "state": "PENDING"
        }


def test_cancelling_ends_a_job_that_waits(
    profile: UUID, people: Personas, make_job: MakeJob, owner: Owner, alice: FlaskClient
) -> None:
    job = make_job(people.alice, profile, "SYNC")
    post(alice, f"/profiles/{profile}/activity/{job}/cancel")
    assert owner.execute("select state from sync_jobs where id = %s", (job,)).fetchone() == {"state": "CANCELLED"}
    post(alice, f"/profiles/{profile}/activity/{job}/cancel")
    assert "This had already ended." in alice.get(f"/profiles/{profile}/activity").text


@pytest.mark.parametrize("what", ["cancel", "again"])
def test_nobody_touches_anothers_job(
    what: str,
    profile: UUID,
    people: Personas,
    make_job: MakeJob,
    make_profile: Callable[..., UUID],
    signed_in_as: SignedInAs,
    owner: Owner,
) -> None:
    job = make_job(people.alice, profile, "SYNC")
    own = make_profile(people.charlie, "charlie.test")
    charlie = signed_in_as(people.charlie)
    for address in (f"/profiles/{profile}/activity/{job}/{what}", f"/profiles/{own}/activity/{job}/{what}"):
        assert post(charlie, address).status_code == 404
    assert owner.execute("select state from sync_jobs where id = %s", (job,)).fetchone() == {"state": "PENDING"}


def test_older_jobs_are_a_page_away(profile: UUID, people: Personas, make_job: MakeJob, alice: FlaskClient) -> None:
    jobs = [failed(make_job, people.alice, profile) for _ in range(30)]
    first = alice.get(f"/profiles/{profile}/activity").text
    address = first.split('rel="next" href="')[1].split('"')[0]
    second = alice.get(address).text
    assert [str(job) in first for job in reversed(jobs)] == [True] * 25 + [False] * 5
    assert [str(job) in second for job in reversed(jobs)] == [False] * 25 + [True] * 5
    assert alice.get(f"/profiles/{profile}/activity?older=-1").status_code == 400


def test_nothing_done_yet_is_said(profile: UUID, alice: FlaskClient) -> None:
    assert "No work for this profile yet." in alice.get(f"/profiles/{profile}/activity").text


def test_a_job_tells_how_each_list_was_read_and_which_way_rests(
    profile: UUID, people: Personas, make_job: MakeJob, owner: Owner, alice: FlaskClient
) -> None:
    job = make_job(people.alice, profile, "SYNC", state="COMPLETED", started_at=days_ago(1), ended_at=NOW)
    owner.execute(
        "insert into list_runs (user_id, profile_id, job_id, direction, state, verdict, reason, seen, pages, endpoint,"
        " passes, ended_at) values (%s, %s, %s, 'follower', 'PUBLISHED', 'partial', 'The list led <back>.', 1250, 51,"
        " 'graphql', 2, now())",
        (people.alice, profile, job),
    )
    owner.execute(
        "insert into disabled_endpoints (user_id, profile_id, direction, endpoint, reason, probes, next_probe_at)"
        " values (%s, %s, 'follower', 'rest', 'Instagram answered with a page.', 3, now())",
        (people.alice, profile),
    )
    page = " ".join(alice.get(f"/profiles/{profile}/activity").text.split())
    assert "Followers: 1,250 people from the query of Instagram&#39;s page in 51 pages, 2 passes." in page
    assert "The list led &lt;back&gt;." in page
    assert "The plain list no longer shows the followers. Instagram answered with a page." in page
    assert "Checked 3 times so far." in page


def test_only_failures_leaves_out_the_rest(
    profile: UUID, people: Personas, make_job: MakeJob, alice: FlaskClient
) -> None:
    bad = failed(make_job, people.alice, profile)
    good = make_job(people.alice, profile, "SYNC_MEDIA", state="COMPLETED", started_at=NOW, ended_at=NOW)
    everything = alice.get(f"/profiles/{profile}/activity").text
    failures = alice.get(f"/profiles/{profile}/activity?only=failures").text
    assert f'data-job="{bad}"' in everything
    assert f'data-job="{good}"' in everything
    assert f'data-job="{bad}"' in failures
    assert f'data-job="{good}"' not in failures


def test_a_finished_look_up_stands_under_the_reading_before_it(
    profile: UUID, people: Personas, make_job: MakeJob, alice: FlaskClient
) -> None:
    reading = make_job(people.alice, profile, "SYNC_FOLLOWERS", state="COMPLETED", started_at=days_ago(1), ended_at=NOW)
    done = make_job(people.alice, profile, "LOOK_UP", state="COMPLETED", started_at=NOW, ended_at=NOW)
    waiting = make_job(people.alice, profile, "LOOK_UP", state="PENDING")
    page = alice.get(f"/profiles/{profile}/activity").text
    assert f'data-job="{reading}"' in page
    assert f'data-look-up="{done}"' in page
    assert f'data-job="{done}"' not in page
    assert f'data-job="{waiting}"' in page


def test_jobs_are_grouped_by_the_day_on_which_they_began(
    profile: UUID, people: Personas, make_job: MakeJob, alice: FlaskClient
) -> None:
    for days in (2, 1, 1):
        make_job(people.alice, profile, "SYNC_MEDIA", state="COMPLETED", started_at=days_ago(days), ended_at=NOW)
    assert alice.get(f"/profiles/{profile}/activity").text.count('data-testid="day"') == 2
