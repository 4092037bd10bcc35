"""The versions of Meta's Graph API, and how long each of them is there (docs/platforms/instagram-api.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from shared.messages import Message, Sentences

NOTICE = timedelta(days=90)
"""So long before the end of a version an operator is told."""
ENDS: Mapping[str, date | None] = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": None,
    "v27.0": None,
}
"""The day on which each version ends; None where Meta has not said it yet."""
_NEWER = Message("Set GRAPH_VERSION to a newer one.")


def is_over(version: str, today: date) -> bool:
    """Whether the version has ended; False for one that is not known here."""
    end = ENDS.get(version)
    return end is not None and end <= today


def warning(version: str, today: date) -> Sentences | None:
    """The sentences for an operator; None where the end is far, or not announced."""
    if version not in ENDS:
        unknown = Message(
            "This version of Rollcall does not know when %(version)s of Meta's Graph API ends.", version=version
        )
        return Sentences(unknown, Message("Look at Meta's changelog, or set GRAPH_VERSION to one that it knows."))
    end = ENDS[version]
    if end is None or today < end - NOTICE:
        return None
    if is_over(version, today):
        ended = Message("Version %(version)s of Meta's Graph API ended on %(day)s.", version=version, day=end)
        return Sentences(ended, _NEWER)
    return Sentences(
        Message("Version %(version)s of Meta's Graph API ends on %(day)s.", version=version, day=end), _NEWER
    )
