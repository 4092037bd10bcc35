"""The kinds and places of trouble at Meta's stand-in."""

import re
from enum import StrEnum

from sandbox.faults import Fault

__all__ = ["Fault", "FaultKind", "Where", "place_of"]


class FaultKind(StrEnum):
    """The possible faults; those of ``changes.CHANGES`` change the state and are over."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    SCOPE_WITHDRAWN = "scope_withdrawn"
    QUOTA_SPENT = "quota_spent"
    PAGE_MISSING = "page_missing"
    PERSONAL = "personal"
    THROTTLED = "throttled"
    NEARLY_SPENT = "nearly_spent"
    REFUSED = "refused"
    METRIC_RETIRED = "metric_retired"
    METRIC_EMPTY = "metric_empty"
    FIELD_GONE = "field_gone"
    EQUAL_CURSORS = "equal_cursors"
    EMPTY_PAGE = "empty_page"
    SHORT_LIST = "short_list"
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    WRAPPED = "wrapped"
    NO_EXPIRY = "no_expiry"
    CLEAR = "clear"


class Where(StrEnum):
    """The calls that a fault may hit."""

    TOKEN = "token"  # noqa: S105
    PROFILE = "profile"
    MEDIA = "media"
    INSIGHTS = "insights"
    MEDIA_INSIGHTS = "media_insights"
    PAGES = "pages"
    ANY = "any"


_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
_TOKEN = re.compile(r"/(?:oauth/access_token|access_token|refresh_access_token|debug_token|me/permissions(?:/.*)?)")
_ACCOUNT = re.compile(r"/(?:me|178414\d+|2\d{15})/insights")


def place_of(path: str) -> Where | None:
    """Return the place of a path; None for pages that people see, pictures and control routes."""
    plain = _VERSION.sub("", path)
    if plain.startswith(("/_", "/oauth/authorize", "/dialog/")):
        return None
    if _TOKEN.fullmatch(plain):
        return Where.TOKEN
    if plain.endswith("/insights"):
        return Where.INSIGHTS if _ACCOUNT.fullmatch(plain) else Where.MEDIA_INSIGHTS
    if plain.endswith(("/media", "/stories")) or re.fullmatch(r"/18\d{15}(?:/children)?", plain):
        return Where.MEDIA
    return Where.PAGES if plain.endswith("/accounts") else Where.PROFILE
