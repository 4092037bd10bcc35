"""Parses the media of an account, and tells where a list of them ends. Pure."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.captions import hashtags, mentions
from shared.domain.social import Media, MediaKind, MediaMetrics, OfficialMedium, PlatformId
from worker.platforms.http_api import Json
from worker.platforms.json_fields import child, count, items, line, moment, need, text

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_DIGITS = {letter: digit for digit, letter in enumerate(_ALPHABET)}
# The code of a public post; behind it a private one has more, which belongs to no id.
_CODE_LENGTH = 11
_STORY_LIFE = timedelta(hours=24)


def media(body: Json) -> list[Media]:
    """The media of a page, all of them the account's own. Raises UnexpectedAnswer for one without an id."""
    return [_medium(one) for one in items(body, "data")]


def next_cursor(body: Json, asked: str | None) -> str | None:
    """The mark of the next page; None at the end of the list.

    A list ends without `next`, without a mark, with an empty page, and where a page leads to itself.
    """
    paging = child(body, "paging")
    cursors = child(paging, "cursors")
    after = line(cursors, "after")
    if line(paging, "next") is None or not any(items(body, "data")):
        return None
    return None if after in (None, asked, line(cursors, "before")) else after


def id_of_code(code: str | None) -> str | None:
    """The id of the medium on Instagram's pages, which its code writes in base 64; None for what is no code."""
    if not code or len(code) < 2 or any(letter not in _DIGITS for letter in code):
        return None
    number = 0
    for letter in code[:_CODE_LENGTH]:
        number = number * 64 + _DIGITS[letter]
    return str(number)


def _medium(node: Json) -> Media:
    official_id, permalink, caption = need(node, "id"), line(node, "permalink"), text(node, "caption")
    product, posted_at = (line(node, "media_product_type") or "").upper(), moment(node, "timestamp")
    kind, code = _kind(node, product), line(node, "shortcode") or _code_in(permalink)
    likes = count(node, "like_count")
    return Media(
        PlatformId(id_of_code(code) or _id_in(permalink) or official_id),
        kind,
        code=code,
        permalink=permalink,
        caption=caption,
        hashtags=hashtags(caption),
        mentions=mentions(caption),
        posted_at=posted_at,
        expires_at=posted_at + _STORY_LIFE if posted_at and kind is MediaKind.STORY else None,
        counts_hidden=likes is None and kind is not MediaKind.STORY,
        metrics=MediaMetrics(likes, count(node, "comments_count")),
        official=OfficialMedium(official_id, product or None),
    )


def _kind(node: Json, product: str) -> MediaKind:
    match product, (line(node, "media_type") or "").upper():
        case "STORY", _:
            return MediaKind.STORY
        case "REELS", _:
            return MediaKind.REEL
        case _, "CAROUSEL_ALBUM":
            return MediaKind.CAROUSEL
        case _, "VIDEO":
            return MediaKind.VIDEO
        case _:
            return MediaKind.IMAGE


def _code_in(permalink: str | None) -> str | None:
    """The code in an address such as …/p/CODE/, …/reel/CODE/ or …/tv/CODE/."""
    parts = (permalink or "").rstrip("/").split("/")
    return parts[-1] if len(parts) > 1 and parts[-2] in ("p", "reel", "reels", "tv") else None


def _id_in(permalink: str | None) -> str | None:
    """The id in the address of a story: …/stories/NAME/ID."""
    parts = (permalink or "").split("?")[0].rstrip("/").split("/")
    return parts[-1] if len(parts) > 2 and parts[-3] == "stories" and parts[-1].isdecimal() else None
