"""Decides, from the error's effect, how a job that did not succeed continues, and how long it waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from shared.domain.cooldown import Cooldown
from shared.domain.jobs import JobState, Outcome
from shared.errors import DatabaseError, RollcallError
from shared.errors.effect import JobEffect, SessionEffect


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`base` before the first retry, doubled each time up to `cap`; `cooldown` after a rate limit without a length."""

    base: timedelta
    cap: timedelta
    cooldown: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The next state of a job and the values written with it. Due again after `after`, and not before `until`."""

    state: JobState
    outcome: Outcome
    after: timedelta = timedelta(0)
    until: datetime | None = None
    error_code: str | None = None
    error_params: Mapping[str, Any] = field(default_factory=dict)
    counts: bool = False
    rate_limited: bool = False
    cooldown: Cooldown | None = None


COMPLETED = Decision(state=JobState.COMPLETED, outcome=Outcome.COMPLETED)
CANCELLED = Decision(state=JobState.CANCELLED, outcome=Outcome.CANCELLED)
DRAINED = Decision(state=JobState.PENDING, outcome=Outcome.DRAINED)


def delay(failures: int, policy: RetryPolicy, chance: float) -> timedelta:
    """The wait after the `failures`-th failure in a row (from 1): one half fixed, one half by `chance` in [0, 1)."""
    factor: int = 2 ** min(max(failures, 1) - 1, 62)
    whole = policy.cap if factor > policy.cap / policy.base else policy.base * factor
    return whole * (0.5 + 0.5 * chance)


def after_error(
    error: Exception, *, job_id: UUID, failures: int, max_attempts: int, policy: RetryPolicy, chance: float
) -> Decision:
    """The decision after an error that ended a handler. `failures` counts the failures in a row before this one."""
    if not isinstance(error, RollcallError):
        params = {"variant": "job", "job": str(job_id)}
        return _again_or_never("internal", params, failures, max_attempts, policy, chance)
    match error.effect.job:
        case JobEffect.CANCEL:
            return CANCELLED
        case JobEffect.PUT_BACK | JobEffect.LEAVE:
            # The fence stops writes to a job that another worker has taken over.
            return DRAINED
        case JobEffect.WAIT:
            return _later(error, policy)
        case JobEffect.RETRY:
            return _again_or_never(error.code, error.params, failures, max_attempts, policy, chance)
        case JobEffect.FAIL:
            return _never(error.code, error.params)
        case _:
            assert_never(error.effect.job)


def is_last(*, failures: int, max_attempts: int) -> bool:
    """Whether a further failure ends the job. `failures` counts the failures in a row before it."""
    return failures + 1 >= max_attempts


def after_lost_database(policy: RetryPolicy, chance: float) -> Decision:
    """The decision after the database went away under the handler; the job is not at fault, so it does not count."""
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.RETRY,
        after=delay(1, policy, chance),
        error_code=DatabaseError.code,
        error_params={"variant": "away"},
    )


def _later(error: RollcallError, policy: RetryPolicy) -> Decision:
    """Waits until the error's time, and after a platform's limit at least as long as the policy says.

    A time that the error names is stored with it as `reset`, since the job's own time moves on.
    """
    limited = error.effect.session is SessionEffect.LIMITED
    params = error.params if error.until is None else {**error.params, "reset": error.until.isoformat()}
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.WAITING,
        after=policy.cooldown if limited or error.until is None else timedelta(0),
        until=error.until,
        error_code=error.code,
        error_params=params,
        rate_limited=limited,
    )


def _again_or_never(
    code: str, params: Mapping[str, Any], failures: int, max_attempts: int, policy: RetryPolicy, chance: float
) -> Decision:
    if is_last(failures=failures, max_attempts=max_attempts):
        return _never(code, params)
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.RETRY,
        after=delay(failures + 1, policy, chance),
        error_code=code,
        error_params=params,
        counts=True,
    )


def _never(code: str, params: Mapping[str, Any]) -> Decision:
    return Decision(state=JobState.FAILED, outcome=Outcome.FAILED, error_code=code, error_params=params, counts=True)
