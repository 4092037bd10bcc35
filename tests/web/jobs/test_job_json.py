"""A job in words and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.jobs import CodeMethod, InputRequest, JobKind, JobState
from shared.store.queue.jobs import JobView
from web.jobs.job_json import job_json

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
JOB = JobView(
    id=UUID(int=1),
    seq=1,
    profile_id=UUID(int=2),
    kind=JobKind.SYNC,
    state=JobState.RUNNING,
    progress={"step": "followers", "done": 1250, "total": 5000},
    input_request=None,
    error_code=None,
    error_params={},
    attempt=0,
    run_at=NOW,
    created_at=NOW,
    started_at=NOW,
    ended_at=None,
    cancel_requested=False,
    platform="instagram",
    eta_seconds=119.0,
)


def test_a_running_job_in_words() -> None:
    told = job_json(JOB, NOW)
    assert (told["status"], told["counts"]) == ("Syncing followers", "1,250 of 5,000 followers")
    assert (told["percent"], told["time_left"]) == (25, "about 2 minutes left")


def test_what_is_posted_has_the_words_of_its_platform() -> None:
    running = replace(JOB, kind=JobKind.SYNC_MEDIA, progress={"step": "media", "done": 12, "total": 30})
    told = job_json(replace(running, platform="youtube"), NOW)
    assert (told["title"], told["status"], told["counts"]) == ("Syncing videos", "Syncing videos", "12 of 30 videos")
    told = job_json(running, NOW)
    assert (told["title"], told["counts"]) == ("Syncing posts and reels", "12 of 30 posts and reels")


@pytest.mark.parametrize(
    ("progress", "counts", "percent"),
    [
        ({}, None, None),
        ({"step": "followers", "done": 0, "total": None}, None, None),
        ({"step": "followers", "done": 1, "total": None}, "1 follower", None),
        ({"step": "posts", "done": 30, "total": None}, "30 posts", None),
        ({"step": "following", "done": 0, "total": 10}, "0 of 10 accounts followed", 0),
        ({"step": "followers", "done": 12, "total": 10}, "12 of 10 followers", 100),
        ({"step": "followers", "done": 0, "total": 0}, None, None),
        ({"step": "something_new", "done": 3, "total": 4}, "3 of 4", 75),
        ({"step": "profile", "done": 0, "total": 1}, None, 0),
    ],
)
def test_counts_claim_no_more_than_is_known(
    progress: dict[str, object], counts: str | None, percent: int | None
) -> None:
    told = job_json(replace(JOB, progress=progress, eta_seconds=None), NOW)
    assert (told["counts"], told["percent"], told["time_left"]) == (counts, percent, None)


def test_an_unknown_step_is_shown_as_it_is_called() -> None:
    assert job_json(replace(JOB, progress={"step": "something_new"}), NOW)["status"] == "Something new"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"state": JobState.PENDING}, "Queued"),
        ({"state": JobState.WAITING, "run_at": NOW + timedelta(minutes=14)}, "Continues in 14 minutes"),
        ({"state": JobState.WAITING}, "Continues in a moment"),
        ({"progress": {}}, "Running"),
        ({"state": JobState.NEEDS_INPUT}, "Instagram asks for a security code"),
        (
            {"state": JobState.NEEDS_INPUT, "input_request": InputRequest(CodeMethod.APPROVAL)},
            "Instagram asks you to confirm this login on your phone",
        ),
        ({"cancel_requested": True}, "Stopping"),
        ({"state": JobState.CANCELLED, "cancel_requested": True}, "Cancelled"),
        ({"state": JobState.COMPLETED}, "Finished"),
        ({"state": JobState.COMPLETED, "kind": JobKind.LOGIN}, "Connected"),
        ({"state": JobState.FAILED}, "Failed"),
    ],
)
def test_each_state_has_its_words(changes: dict[str, object], status: str) -> None:
    assert job_json(replace(JOB, **changes), NOW)["status"] == status  # type: ignore[arg-type]


def test_a_job_that_nobody_takes_says_where_to_look() -> None:
    waiting = replace(JOB, state=JobState.PENDING)
    assert job_json(waiting, NOW + timedelta(seconds=5))["hint"] is None
    assert "rollcall worker" in job_json(waiting, NOW + timedelta(minutes=1))["hint"]


@pytest.mark.parametrize("method", CodeMethod)
@pytest.mark.parametrize("sent_to", [None, "+•• ••12"])
def test_every_way_of_a_code_has_a_question_and_a_button(method: CodeMethod, sent_to: str | None) -> None:
    asked = InputRequest(method, sent_to, others=tuple(CodeMethod))
    told = job_json(replace(JOB, state=JobState.NEEDS_INPUT, input_request=asked), NOW)["input"]
    assert told["question"].endswith(".")
    assert len({other["label"] for other in told["others"]}) == len(CodeMethod)


@pytest.mark.parametrize(("after", "seconds"), [(None, None), (-5, 0), (0, 0), (24.2, 25)])
def test_when_another_code_can_be_had_is_told_in_whole_seconds(after: float | None, seconds: int | None) -> None:
    at = None if after is None else NOW + timedelta(seconds=after)
    asked = InputRequest(CodeMethod.SMS, resend_at=at)
    told = job_json(replace(JOB, state=JobState.NEEDS_INPUT, input_request=asked), NOW)["input"]
    assert (told["wants"], told["resend_in"]) == ("code", seconds)
    assert told["resend_at"] == (at and at.isoformat())


def test_an_approval_is_told_apart_from_a_code() -> None:
    asked = InputRequest(CodeMethod.APPROVAL)
    told = job_json(replace(JOB, state=JobState.NEEDS_INPUT, input_request=asked), NOW)["input"]
    assert (told["wants"], told["resend_at"], told["resend_in"]) == ("approval", None, None)


@given(done=st.integers(0, 10**7), total=st.none() | st.integers(0, 10**7), state=st.sampled_from(JobState))
def test_any_job_is_json_and_its_phase_does_not_follow_the_numbers(
    done: int, total: int | None, state: JobState
) -> None:
    job = replace(JOB, state=state, progress={"step": "followers", "done": done, "total": total})
    told = job_json(job, NOW)
    json.dumps(told)
    assert told["percent"] is None or 0 <= told["percent"] <= 100
    assert told["phase"] == job_json(replace(job, progress={}), NOW + timedelta(days=1))["phase"]
    assert told["phase"] != job_json(replace(job, error_code="x"), NOW)["phase"]
