"""The contents, formats and file names of exports. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from shared.messages import Message


class What(StrEnum):
    """The contents of a file; docs/exports.md lists the columns of each."""

    FOLLOWERS = "followers"
    FOLLOWING = "following"
    MUTUAL = "mutual"
    FANS = "fans"
    NOT_FOLLOWING_BACK = "not-following-back"
    NEW = "new"
    LOST = "lost"
    RENAMED = "renamed"
    CHANGES = "changes"
    MEDIA = "media"
    DAYS = "days"
    INSIGHTS = "insights"
    AUDIENCE = "audience"


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


TITLES: Mapping[What, str] = {
    What.FOLLOWERS: Message("Followers"),
    What.FOLLOWING: Message("Following"),
    What.MUTUAL: Message("Mutual"),
    What.FANS: Message("Fans"),
    What.NOT_FOLLOWING_BACK: Message("Not following back"),
    What.NEW: Message("New followers"),
    What.LOST: Message("Lost followers"),
    What.RENAMED: Message("Renamed"),
    What.CHANGES: Message("Changes"),
    What.MEDIA: Message("Posts and reels"),
    What.DAYS: Message("Days"),
    What.INSIGHTS: Message("Official figures by day"),
    What.AUDIENCE: Message("Audience"),
}
# Contents with dates, which a period narrows; the other lists show the present.
PERIODIC = frozenset(
    {What.NEW, What.LOST, What.RENAMED, What.CHANGES, What.MEDIA, What.DAYS, What.INSIGHTS, What.AUDIENCE}
)
# Contents that no list of people brings.
WITHOUT_LISTS = frozenset({What.MEDIA, What.DAYS, What.INSIGHTS, What.AUDIENCE})


def filename(username: str, what: What, form: Format, made: date) -> str:
    """A name such as `rollcall_ada_not-following-back_2026-11-20.csv`: letters, digits, `.`, `_` and `-` only."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", username).strip(".-")[:60] or "profile"
    return f"rollcall_{safe}_{what}_{made.isoformat()}.{form}"
