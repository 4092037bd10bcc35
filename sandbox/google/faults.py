"""The kinds and places of trouble at Google's stand-in."""

from enum import StrEnum

from sandbox.faults import Fault

__all__ = ["Fault", "FaultKind", "Where"]


class FaultKind(StrEnum):
    """The possible faults; those of ``changes.CHANGES`` change the state and are over."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    SCOPE_WITHDRAWN = "scope_withdrawn"
    QUOTA_SPENT = "quota_spent"
    VIDEO_GONE = "video_gone"
    CHANNEL_CLOSED = "channel_closed"
    THROTTLED = "throttled"
    EMPTY = "empty"
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    REFUSED = "refused"
    ROTATED = "rotated"
    FORBIDDEN = "forbidden"
    NOT_CONFIGURED = "not_configured"
    SIGNUP_REQUIRED = "signup_required"
    ANALYTICS_LAG = "analytics_lag"
    METRIC_RETIRED = "metric_retired"
    BAD_PAGE_TOKEN = "bad_page_token"  # noqa: S105
    REPEATED_CURSOR = "repeated_cursor"
    SHORT_LIST = "short_list"
    CLEAR = "clear"


class Where(StrEnum):
    """The calls that a fault may hit."""

    TOKEN = "token"  # noqa: S105
    DATA = "data"
    ANALYTICS = "analytics"
    ANY = "any"
