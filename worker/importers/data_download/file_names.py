"""Recognises the files of a data download under the names of copies, and reads the owner and day in a name."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_KNOWN = (
    r"followers(?:_\d+)?|following(?:_\d+)?|connections|personal_information|signup_details|posts_\d+|reels|stories"
    r"|recently_unfollowed_(?:profiles|accounts)|pending_follow_requests|recent_follow_requests"
    r"|follow_requests_you've_received|blocked_(?:profiles|accounts)|close_friends|restricted_(?:profiles|accounts)"
    r"|removed_suggestions|hide_story_from|profile_photos"
)
# Copies get words of every language: " 2", " (1)", "-1", " - Copy", "のコピー" at the end, "Kopie von " in front.
_BEHIND = r"(?:[^a-z0-9_.].{0,40}|[_.](?:copy|copie|copia|kopie|kopia|kopi)\b.{0,40})?"
_NAME = re.compile(rf"(?:[^.].{{0,30}}[ ～])??({_KNOWN}){_BEHIND}\.(json|html?)")
_EXPORT = re.compile(r"(?<![a-z0-9._])instagram-([a-z0-9._]{1,30})-(20\d\d)-(\d\d)-(\d\d)(?!\d)", re.I)
_RESOURCE_FORK = re.compile(r"(?:^|/)(?:__macosx/|\._)")


def original_name(file_name: str) -> str:
    """The name without a copy's additions, in lower case: `followers_1 - Copy.json` -> `followers_1.json`."""
    lowered = file_name.lower()
    found = _NAME.fullmatch(lowered)
    return f"{found[1]}.{'json' if found[2] == 'json' else 'html'}" if found else lowered


def is_leftover(path: str) -> bool:
    """Whether the file is macOS's side file of another one, under the other one's name."""
    return _RESOURCE_FORK.search(path.replace("\\", "/").lower()) is not None


def owners_of(path: str) -> frozenset[str]:
    """The usernames in a file's name or its folders, `instagram-name-2026-11-01-a1B2c3D4`."""
    return frozenset(found[1].lower() for step in re.split(r"[/\\]", path) for found in _EXPORT.finditer(step))


def days_of(path: str) -> frozenset[datetime]:
    """The days in a file's name or its folders, each at its beginning in UTC."""
    found = [match for step in re.split(r"[/\\]", path) for match in _EXPORT.finditer(step)]
    return frozenset(day for match in found if (day := _day(match)) is not None)


def _day(found: re.Match[str]) -> datetime | None:
    try:
        return datetime(int(found[2]), int(found[3]), int(found[4]), tzinfo=UTC)
    except ValueError:
        return None
