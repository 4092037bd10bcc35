"""What becomes of a job that did not go through: the decision, from the error's type, and how long to wait."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.domain.jobs import JobState, Outcome
from shared.domain.rests import Rest
from shared.errors import (
    BudgetSpent,
    Cancelled,
    DatabaseError,
    Draining,
    RateLimited,
    RollcallError,
    Transient,
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`base` before the first try again, doubled each time up to `cap`; `rest` after a rate limit without a length."""

    base: timedelta
    cap: timedelta
    rest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The state that follows and what is written with it. Due again after `after`, and not before `until`."""

    state: JobState
    outcome: Outcome
    after: timedelta = timedelta(0)
    until: datetime | None = None
    error_code: str | None = None
    error_params: Mapping[str, Any] = field(default_factory=dict)
    counts: bool = False
    rate_limited: bool = False
    rest: Rest | None = None


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
    match error:
        case Cancelled():
            return CANCELLED
        case Draining():
            return DRAINED
        case BudgetSpent():
            return Decision(
                state=JobState.WAITING,
                outcome=Outcome.WAITING,
                until=error.until,
                error_code=error.code,
                error_params=error.params,
            )
        case RateLimited():
            return Decision(
                state=JobState.WAITING,
                outcome=Outcome.WAITING,
                after=policy.rest,
                until=error.until,
                error_code=error.code,
                error_params=error.params,
                rate_limited=True,
            )
        case Transient() | DatabaseError():
            return _again_or_never(error.code, error.params, failures + 1, max_attempts, policy, chance)
        case RollcallError():
            return _never(error.code, error.params)
        case _:
            params = {"variant": "job", "job": str(job_id)}
            return _again_or_never("internal", params, failures + 1, max_attempts, policy, chance)


def after_lost_database(policy: RetryPolicy, chance: float) -> Decision:
    """The database went away under the handler: no fault of the job, so it does not count."""
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.RETRY,
        after=delay(1, policy, chance),
        error_code=DatabaseError.code,
        error_params={"variant": "away"},
    )


def _again_or_never(
    code: str, params: Mapping[str, Any], failures: int, max_attempts: int, policy: RetryPolicy, chance: float
) -> Decision:
    if failures >= max_attempts:
        return _never(code, params)
    return Decision(
        state=JobState.WAITING,
        outcome=Outcome.RETRY,
        after=delay(failures, policy, chance),
        error_code=code,
        error_params=params,
        counts=True,
    )


def _never(code: str, params: Mapping[str, Any]) -> Decision:
    return Decision(state=JobState.FAILED, outcome=Outcome.FAILED, error_code=code, error_params=params, counts=True)
