"""The type of the error that ended a job decides how it continues."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.domain import backoff
from shared.domain.backoff import Decision, RetryPolicy
from shared.domain.jobs import JobState, Outcome
from shared.error_text import message

POLICY = RetryPolicy(base=timedelta(seconds=15), cap=timedelta(minutes=30), cooldown=timedelta(hours=4))
JOB = UUID(int=7)


def decide(error: Exception, failures: int = 0, max_attempts: int = 5) -> Decision:
    return backoff.after_error(
        error, job_id=JOB, failures=failures, max_attempts=max_attempts, policy=POLICY, chance=0.5
    )


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_at_least_half_its_doubling_and_never_above_the_cap(failures: int, chance: float) -> None:
    whole = min(POLICY.cap, POLICY.base * 2 ** min(failures - 1, 20))
    wait = backoff.delay(failures, POLICY, chance)
    assert whole / 2 <= wait <= whole


def test_waits_double_until_the_cap() -> None:
    waits = [backoff.delay(n, POLICY, 0.0).total_seconds() for n in range(1, 10)]
    assert waits == [7.5, 15, 30, 60, 120, 240, 480, 900, 900]


@pytest.mark.parametrize("error", [errors.SiteFailed(), errors.DatabaseError(), KeyError("x")])
def test_a_passing_or_unknown_fault_is_tried_again_and_counts(error: Exception) -> None:
    decision = decide(error, failures=1)
    assert (decision.state, decision.outcome, decision.counts) == (JobState.WAITING, Outcome.RETRY, True)
    assert decision.after == timedelta(seconds=22.5)


@pytest.mark.parametrize("error", [errors.SiteFailed(), KeyError("x")])
def test_the_last_attempt_ends_the_job(error: Exception) -> None:
    assert decide(error, failures=3).state is JobState.WAITING
    assert decide(error, failures=4).state is JobState.FAILED


def test_an_unknown_fault_tells_the_job_and_not_the_fault() -> None:
    decision = decide(KeyError("the password is hunter2"))
    assert decision.error_code == "internal"
    assert message("internal", decision.error_params) == (
        "Rollcall had an internal error. The worker's log has it under job 00000000-0000-0000-0000-000000000007."
    )


@pytest.mark.parametrize(
    "error",
    [
        errors.SessionDead(),
        errors.CheckpointRequired(),
        errors.WrongPassword(),
        errors.SealedExpired(),
        errors.InputError(),
    ],
)
def test_what_trying_again_cannot_mend_ends_with_its_own_sentence(error: errors.RollcallError) -> None:
    decision = decide(error)
    assert (decision.state, decision.error_code) == (JobState.FAILED, error.code)
    assert message(error.code, decision.error_params) == error.message


def test_a_rate_limit_waits_as_long_as_it_says_and_counts_nothing() -> None:
    until = datetime(2026, 11, 20, tzinfo=UTC)
    told, untold = decide(errors.RateLimited(until=until), failures=4), decide(errors.RateLimited(), failures=4)
    assert (told.state, told.until, told.counts, told.rate_limited) == (JobState.WAITING, until, False, True)
    assert (untold.until, untold.after) == (None, POLICY.cooldown)


def test_a_stop_is_no_failure() -> None:
    assert decide(errors.Cancelled()) == backoff.CANCELLED
    assert decide(errors.Draining()) == backoff.DRAINED
    assert not backoff.after_lost_database(POLICY, 0.5).counts
