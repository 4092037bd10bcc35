"""Judges an answer of YouTube's interfaces: each reason of a refusal is the typed error of what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

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
from shared.platforms.youtube import DAY_ZONE
from worker.platforms.http_api import Answer, Json


class TokenRefused(AccessRevoked):
    """The access token is not accepted; it is renewed once, and only then is the access over."""


class PlaylistGone(MediaGone):
    """The playlist is not there; a channel without a video has none of its uploads."""


def _throttled(answer: Answer) -> JobError:
    return Throttled(until=answer.retry_at)


def _quota_spent(answer: Answer) -> JobError:
    return QuotaSpent(until=quota_begins_again(datetime.now(UTC)))


_ERRORS: Mapping[str, Callable[[Answer], JobError]] = {
    "quotaExceeded": _quota_spent,
    "dailyLimitExceeded": _quota_spent,
    "rateLimitExceeded": _throttled,
    "userRateLimitExceeded": _throttled,
    "authError": lambda _: TokenRefused(),
    "youtubeSignupRequired": lambda _: NoAccountOffered().as_variant("channel"),
    "insufficientPermissions": lambda _: PermissionMissing(),
    "forbidden": lambda _: PermissionMissing().as_variant("refused"),
    "accessNotConfigured": lambda _: AppRefused().as_variant("api"),
    "channelSuspended": lambda _: Suspended(),
    "channelClosed": lambda _: Suspended().as_variant("closed"),
    "channelNotFound": lambda _: Suspended().as_variant("closed"),
    "playlistNotFound": lambda _: PlaylistGone(),
    "videoNotFound": lambda _: MediaGone(),
    "invalidPageToken": lambda _: StaleCursor(),
    "backendError": lambda _: SiteFailed(),
}
"""Google's reasons; one that is not among them is judged by the status of its answer."""


def body_or_raise(answer: Answer) -> Json:
    """The JSON object of an answer that is not a refusal; raises the typed error of a refusal."""
    if answer.status != 200:
        raise error_of(answer)
    if answer.body is None:
        raise UnexpectedAnswer("YouTube's answer is not a JSON object.")
    return answer.body


def error_of(answer: Answer) -> JobError:
    """The error of a refusal, by Google's reason first and by its status where the reason is not known."""
    if answer.status >= 500:
        return SiteFailed()
    made = _ERRORS.get(_reason(answer.body) or "", _by_status)
    return made(answer)


def quota_begins_again(now: datetime) -> datetime:
    """The next midnight in Pacific time, as an aware time in UTC."""
    zone = ZoneInfo(DAY_ZONE)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def _by_status(answer: Answer) -> JobError:
    match answer.status:
        case 400:
            return ReportRefused()
        case 401:
            return TokenRefused()
        case 403:
            return PermissionMissing().as_variant("refused")
        case 429:
            return Throttled(until=answer.retry_at)
        case _:
            return UnexpectedAnswer()


def _reason(body: Json | None) -> str | None:
    """The first reason of an error body; None where it has another form."""
    error = None if body is None else body.get("error")
    errors = error.get("errors") if isinstance(error, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    reason = first.get("reason") if isinstance(first, dict) else None
    return reason if isinstance(reason, str) else None
