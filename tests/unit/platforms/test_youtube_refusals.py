"""Each reason of Google is the error of what to do about it, and an unknown one is judged by its status."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import (
    AccessRevoked,
    AppRefused,
    JobError,
    MediaGone,
    NoAccountOffered,
    PermissionMissing,
    QuotaSpent,
    ReportRefused,
    SiteFailed,
    StaleCursor,
    Suspended,
    Throttled,
    UnexpectedAnswer,
)
from shared.errors.effect import JobEffect, SessionEffect
from worker.platforms.http_api import Answer
from worker.platforms.youtube.refusals import body_or_raise, error_of, quota_begins_again

ROWS: list[tuple[int, str, type[JobError]]] = [
    (401, "authError", AccessRevoked),
    (403, "quotaExceeded", QuotaSpent),
    (403, "dailyLimitExceeded", QuotaSpent),
    (403, "rateLimitExceeded", Throttled),
    (429, "rateLimitExceeded", Throttled),
    (403, "userRateLimitExceeded", Throttled),
    (429, "userRateLimitExceeded", Throttled),
    (403, "insufficientPermissions", PermissionMissing),
    (403, "forbidden", PermissionMissing),
    (403, "accessNotConfigured", AppRefused),
    (401, "youtubeSignupRequired", NoAccountOffered),
    (403, "channelClosed", Suspended),
    (403, "channelSuspended", Suspended),
    (404, "channelNotFound", Suspended),
    (404, "playlistNotFound", MediaGone),
    (404, "videoNotFound", MediaGone),
    (400, "invalidPageToken", StaleCursor),
    (400, "badRequest", ReportRefused),
    (500, "backendError", SiteFailed),
    (503, "backendError", SiteFailed),
]


def answer(status: int, reason: str = "", **headers: str) -> Answer:
    errors = [{"message": "m", "domain": "youtube", "reason": reason}] if reason else []
    return Answer(status, {"error": {"code": status, "message": "m", "errors": errors}}, headers)


@pytest.mark.parametrize(("status", "reason", "kind"), ROWS, ids=[f"{status}-{reason}" for status, reason, _ in ROWS])
def test_a_reason_is_its_error(status: int, reason: str, kind: type[JobError]) -> None:
    error = error_of(answer(status, reason))
    assert isinstance(error, kind)
    with pytest.raises(kind):
        body_or_raise(answer(status, reason))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ReportRefused),
        (401, AccessRevoked),
        (403, PermissionMissing),
        (404, UnexpectedAnswer),
        (302, UnexpectedAnswer),
        (429, Throttled),
        (502, SiteFailed),
    ],
)
@pytest.mark.parametrize("body", [None, {}, {"error": "x"}, {"error": {"errors": [7]}}, {"error": {"errors": []}}])
def test_without_a_known_reason_the_status_decides(status: int, kind: type[JobError], body: Any) -> None:
    assert isinstance(error_of(Answer(status, body, {})), kind)


def test_a_spent_quota_waits_for_midnight_in_pacific_time_and_says_nothing_about_the_session() -> None:
    before = datetime.now(UTC)
    error = error_of(answer(403, "quotaExceeded"))
    assert isinstance(error, QuotaSpent)
    assert error.until in (quota_begins_again(before), quota_begins_again(datetime.now(UTC)))
    assert (error.effect.job, error.effect.session) == (JobEffect.WAIT, SessionEffect.HOLDS)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 30, 7, 59, tzinfo=UTC), datetime(2026, 11, 30, 8, tzinfo=UTC)),
        (datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 2, 7, tzinfo=UTC)),
        # The clocks go back in the night to 1 November, so that this day has 25 hours.
        (datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),
    ],
)
def test_a_quota_begins_again_at_midnight_in_pacific_time(now: datetime, midnight: datetime) -> None:
    assert quota_begins_again(now) == midnight


def test_too_many_calls_wait_for_the_time_that_is_named_and_are_tried_again_where_none_is() -> None:
    before = datetime.now(UTC)
    named = error_of(answer(429, "rateLimitExceeded", **{"retry-after": "120"}))
    assert isinstance(named, Throttled)
    assert named.until is not None
    assert before <= named.until - timedelta(seconds=120) <= datetime.now(UTC)
    assert named.effect.job is JobEffect.WAIT
    assert error_of(answer(429, "rateLimitExceeded")).effect.job is JobEffect.RETRY


def test_an_answer_that_is_no_object_is_not_known() -> None:
    with pytest.raises(UnexpectedAnswer):
        body_or_raise(Answer(200, None, {}))
    assert body_or_raise(Answer(200, {"items": []}, {})) == {"items": []}
