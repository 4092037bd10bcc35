"""The states of a job and the time that is left."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.jobs import ENDED, TRANSITIONS, CodeMethod, InputRequest, JobState, eta_seconds

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def progress(done: int, total: int | None, ago: float = 60, started_from: int = 0) -> dict[str, object]:
    began = (NOW - timedelta(seconds=ago)).isoformat()
    return {"step": "followers", "done": done, "total": total, "step_started_at": began, "started_from": started_from}


def test_every_state_has_its_transitions_and_an_end_has_none() -> None:
    assert set(TRANSITIONS) == set(JobState)
    assert {state for state, after in TRANSITIONS.items() if not after} == ENDED


def test_every_live_state_can_reach_an_end() -> None:
    reached = set(ENDED)
    while more := {s for s in JobState if s not in reached and TRANSITIONS[s] & reached}:
        reached |= more
    assert reached == set(JobState)


def test_the_time_left_is_at_the_pace_so_far() -> None:
    assert eta_seconds(progress(100, 400), NOW) == 180


def test_a_resumed_walk_is_measured_from_where_it_was_taken_up() -> None:
    assert eta_seconds(progress(100, 400, started_from=40), NOW) == 300


@pytest.mark.parametrize(
    "told",
    [{}, progress(10, None), progress(0, 100), progress(50, 100, started_from=50), progress(5, 100, ago=0.5)],
)
def test_the_time_left_is_not_guessed(told: dict[str, object]) -> None:
    assert eta_seconds(told, NOW) is None


@given(st.integers(1, 10**7), st.integers(0, 10**7), st.floats(1, 10**6))
def test_the_time_left_is_never_negative(done: int, total: int, ago: float) -> None:
    left = eta_seconds(progress(done, total, ago), NOW)
    assert left is None or left >= 0


@given(
    st.sampled_from(CodeMethod),
    st.none() | st.text(),
    st.lists(st.sampled_from(CodeMethod)).map(tuple),
    st.none() | st.text(),
)
def test_what_a_job_asks_survives_the_database(
    method: CodeMethod, sent_to: str | None, others: tuple[CodeMethod, ...], error: str | None
) -> None:
    request = InputRequest(method, sent_to, others, error)
    assert InputRequest.from_json(request.to_json()) == request
