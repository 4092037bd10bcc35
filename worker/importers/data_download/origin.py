"""Recognises Instagram's data downloads by the names of a ZIP's members alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.domain.input.text import clean_line
from shared.errors import ArchiveEmpty, ArchiveForeign, ArchiveNested
from worker.importers.data_download.file_names import original_name

_INSTAGRAM = re.compile(
    r"followers_and_following/|your_instagram_activity/|past_instagram_insights|instagram_ads_and_businesses"
    r"|(^|/)(followers|following)(_\d+)?\.(json|html)$|(^|/)connections\.json$"
    r"|(^|/)(signup_details|posts_\d+|stories|reels|profile_photos)\.(json|html)$"
)
_OTHERS = (
    ("Facebook", re.compile(r"your_facebook_activity|friends_and_followers/|connections/friends/|facebook-")),
    ("TikTok", re.compile(r"user_data(_tiktok)?\.json$|tiktok/", re.I)),
    ("Threads", re.compile(r"your_threads_activity|threads_and_replies")),
    ("Google", re.compile(r"^takeout/", re.I)),
    ("X (Twitter)", re.compile(r"(^|/)data/(manifest|follower|following|tweets)\.js$")),
)
_PICTURE = re.compile(r"\.(jpe?g|png|heic|webp|gif|mp4|mov)$", re.I)


def require_instagram(names: Sequence[str]) -> None:
    """Raises ArchiveForeign, ArchiveNested or ArchiveEmpty unless some member is Instagram's."""
    lowered = [name.replace("\\", "/").lower() for name in names]
    platform = next((shown for shown, sign in _OTHERS if any(sign.search(name) for name in lowered)), None)
    if platform is not None and not any("instagram" in name for name in lowered):
        raise ArchiveForeign().as_variant("platform", other=platform)
    if any(_INSTAGRAM.search(name) or _INSTAGRAM.search(_uncopied(name)) for name in lowered):
        return
    if not lowered:
        raise ArchiveEmpty().as_variant("nothing")
    if any(name.endswith(".zip") for name in lowered):
        raise ArchiveNested
    if all(_PICTURE.search(name) for name in lowered):
        raise ArchiveForeign().as_variant("pictures")
    raise ArchiveForeign().as_variant("names", names=_shown(names))


def _uncopied(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{original_name(name)}"


def _shown(names: Sequence[str]) -> str:
    """The first names, each cleaned and short enough for a sentence."""
    shown = ", ".join(clean_line(name, 80) for name in names[:3])
    return f"{shown} and {len(names) - 3:,} more" if len(names) > 3 else shown
