"""Posts, reels and stories that are not told as they should be."""

from shared.domain.jobs import JobKind
from tests.reliability.rows import Row

_NOTHING = "Nothing: the sync comes to its end."


def _hidden(variant: str, does: str) -> Row:
    return Row(
        f"hidden-likes-{variant.replace('_', '-') or '3'}",
        does,
        "Stores that the likes are not known (NULL), never a number that was not shown.",
        "“n/a” with the reason, at the post.",
        ({"kind": "hidden_likes", "where": "json", "variant": variant, "times": 50},),
        work=JobKind.SYNC_MEDIA,
        most_requests=60,
    )


ROWS = (
    _hidden("", "It shows 3 for likes that are hidden."),
    _hidden("minus_one", "It shows −1 for likes that are hidden."),
    _hidden("absent", "It leaves hidden likes out."),
    Row(
        "media-html",
        "It answers a tab with a page of HTML.",
        "Never takes a page for an empty tab; tries again.",
        _NOTHING,
        ({"kind": "media_html", "where": "json", "times": 1},),
        work=JobKind.SYNC_MEDIA,
        most_requests=60,
    ),
    Row(
        "stories-empty",
        "It shows no stories although some are live.",
        "Says that none were shown; a story that was seen before stays until it expires.",
        _NOTHING,
        ({"kind": "stories_empty", "where": "json", "times": 50},),
        work=JobKind.SYNC_STORIES,
        verdict=None,
        most_requests=60,
    ),
    Row(
        "viewers-gone",
        "It no longer shows who viewed a story.",
        "Keeps the viewers that were read and leaves the rest unknown.",
        _NOTHING,
        ({"kind": "viewers_gone", "where": "json", "times": 50},),
        work=JobKind.SYNC_STORIES,
        verdict=None,
        most_requests=60,
    ),
)
