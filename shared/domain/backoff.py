"""What becomes of a job that did not go through: the decision, from the error's effect, and how long to wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from shared.domain.cooldown import Cooldown
from shared.domain.jobs import JobState, Outcome
from shared.errors import DatabaseError, RollcallError
from shared.errors.effect import JobEffect, SessionEffect


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`base` before the first try again, doubled each time up to `cap`; `cooldown` after a limit without a length."""

    base: timedelta
    cap: timedelta
    cooldown: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The state that follows and what is written with it. Due again after `after`, and not before `until`."""

    state: JobState
    outcome: Outcome
    after: timedelta = timedelta(0)
    until: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    counts: bool = False
    rate_limited: bool = False
    cooldown: Cooldown | None = None


COMPLETED = Decision(state=JobState.COMPLETED, outcome=Outcome.COMPLETED)
CANCELLED = Decision(state=JobState.CANCELLED, outcome=Outcome.CANCELLED)
DRAINED = Decision(state=JobState.PENDING, outcome=Outcome.DRAINED)


def delay(failures: int, policy: RetryPolicy, chance: float) -> timedelta:
    """The wait after the `failures`-th failure in a row (1 is the first): half is sure, half by `chance` in [0, 1)."""
    factor: int = 2 ** min(max(failures, 1) - 1, 62)
    whole = policy.cap if factor > policy.cap / policy.base else policy.base * factor
    return whole * (0.5 + 0.5 * chance)


def after_error(
    error: Exception, *, job_id: UUID, failures: int, max_attempts: int, policy: RetryPolicy, chance: float
) -> Decision:
    """What follows an error that ended a handler. `failures` is how many failed in a row before this one."""
    if not isinstance(error, RollcallError):
        return _again_or_never("internal", internal_sentence(job_id), failures + 1, max_attempts, policy, chance)
    match error.effect.job:
        case JobEffect.CANCEL:
            return CANCELLED
        case JobEffect.PUT_BACK | JobEffect.LEAVE:
            # What another worker has taken over, its fence keeps from being written.
            return DRAINED
        case JobEffect.WAIT:
            return _later(error, policy)
        case JobEffect.RETRY:
            return _again_or_never(error.code, error.message, failures + 1, max_attempts, policy, chance)
        case JobEffect.FAIL:
            return _never(error.code, error.message)
        case _:
            assert_never(error.effect.job)


def after_lost_database(policy: RetryPolicy, chance: float) -> Decision:
    """The database went away under the handler: no fault of the job, so it does not count."""
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.RETRY,
        after=delay(1, policy, chance),
        error_code=DatabaseError.code,
        error_message="The database went away for a while. Rollcall continues by itself.",
    )


def internal_sentence(job_id: UUID) -> str:
    """What a person reads about a fault of Rollcall's own; the details are in the log only."""
    return f"Rollcall met a fault of its own. The worker's log has it under job {job_id}."


def _later(error: RollcallError, policy: RetryPolicy) -> Decision:
    """Waits until the error's time, and after a platform's limit at least as long as the policy says."""
    limited = error.effect.session is SessionEffect.LIMITED
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.WAITING,
        after=policy.cooldown if limited or error.until is None else timedelta(0),
        until=error.until,
        error_code=error.code,
        error_message=error.message,
        rate_limited=limited,
    )


def _again_or_never(
    code: str, message: str, failures: int, max_attempts: int, policy: RetryPolicy, chance: float
) -> Decision:
    if failures >= max_attempts:
        return _never(code, message)
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.RETRY,
        after=delay(failures, policy, chance),
        error_code=code,
        error_message=message,
        counts=True,
    )


def _never(code: str, message: str) -> Decision:
    return Decision(state=JobState.FAILED, outcome=Outcome.FAILED, error_code=code, error_message=message, counts=True)
