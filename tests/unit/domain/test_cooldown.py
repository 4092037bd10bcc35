"""A profile rests for hours after the platform objected, longer each time; Rollcall's own limit is no objection."""

from datetime import UTC, datetime, timedelta

import pytest

from shared import errors
from shared.domain import cooldown
from shared.domain.jobs import JobKind

BASE = timedelta(hours=4)
LATER = datetime(2026, 11, 22, tzinfo=UTC)


def after(error: Exception, nth: int = 1, kind: JobKind = JobKind.SYNC) -> timedelta | None:
    rest = cooldown.cooldown_after(error, kind, nth=nth, base=BASE)
    return None if rest is None else rest.length


def test_a_repeated_rate_limit_rests_longer_up_to_a_day() -> None:
    hours = [after(errors.RateLimited(), nth) for nth in (1, 2, 3, 4, 9)]
    assert hours == [timedelta(hours=n) for n in (4, 12, 24, 24, 24)]


@pytest.mark.parametrize(
    ("error", "rest"),
    [
        (errors.CheckpointRequired(), BASE),
        (errors.FeedbackRequired(), timedelta(days=1)),
        (errors.SuspectedAutomation(), timedelta(days=3)),
        (errors.SessionDead(), None),
        (errors.SiteFailed(), None),
        (errors.Suspended(), None),
        (KeyError("a fault of our own"), None),
    ],
)
def test_each_objection_has_its_rest(error: Exception, rest: timedelta | None) -> None:
    assert after(error) == rest


def test_a_question_asked_at_the_login_is_answered_there() -> None:
    assert after(errors.CheckpointRequired(), kind=JobKind.LOGIN) is None
    assert after(errors.FeedbackRequired(), kind=JobKind.LOGIN) == timedelta(days=1)


def test_our_own_limit_rests_the_profile_only_when_the_day_is_spent_and_is_no_objection() -> None:
    assert after(errors.BudgetSpent(until=LATER)) is None
    spent = cooldown.cooldown_after(errors.BudgetSpent(until=LATER, day_over=True), JobKind.SYNC, nth=3, base=BASE)
    assert spent == cooldown.Cooldown("budget_spent", timedelta(0), objected=False)
