"""The kinds and places of trouble at TikTok's stand-in."""

from enum import StrEnum

from sandbox.faults import Fault

__all__ = ["Fault", "FaultKind", "Where", "place_of"]


class FaultKind(StrEnum):
    """The possible faults; those of ``changes.CHANGES`` change the state and are over."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    SCOPE_WITHDRAWN = "scope_withdrawn"
    QUOTA_SPENT = "quota_spent"
    VIDEO_GONE = "video_gone"
    LOST = "lost_after_rotation"
    REFUSED = "refused"
    NO_ENVELOPE = "no_envelope"
    COUNTS_MISSING = "counts_missing"
    EQUAL_CURSORS = "equal_cursors"
    EMPTY_PAGE = "empty_page"
    SHORT_LIST = "short_list"
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    CLEAR = "clear"


class Where(StrEnum):
    """The calls that a fault may hit."""

    TOKEN = "token"  # noqa: S105
    USER = "user"
    VIDEOS = "videos"
    ANY = "any"


_PLACES = {"/v2/oauth/": Where.TOKEN, "/v2/user/": Where.USER, "/v2/video/": Where.VIDEOS}


def place_of(path: str) -> Where | None:
    """Return the place of a path; None for pages that people see, pictures and control routes."""
    return next((where for start, where in _PLACES.items() if path.startswith(start)), None)
