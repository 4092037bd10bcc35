"""YouTube, as Rollcall declares it: read by its official interfaces, without names of subscribers.

The Data API gives an app 10 000 units a day for all calls that Rollcall makes, from midnight to midnight in Pacific
time. The Analytics API has a quota of its own, whose size is not published; calls to it are counted.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from shared.domain.engagement import ViewCount
from shared.domain.input.text import clean_line
from shared.domain.jobs import JobKind
from shared.domain.plan import PageSizes, Window
from shared.domain.social import MediaKind
from shared.messages import Message
from shared.platforms import google
from shared.platforms.platform import Platform, Quota, Shown, WayIn

DAY_ZONE = "America/Los_Angeles"
DATA = Quota("youtube_data", 10_000, DAY_ZONE)
ANALYTICS = Quota("youtube_analytics", None, DAY_ZONE)
READ_ANALYTICS = google.ANALYTICS
SCOPES = google.GOOGLE.scopes

_HANDLE = re.compile(r"[\w.·-]{3,30}")
_CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")


def clean_handle(typed: str) -> str | None:
    """The handle without its @, from what a person types or pastes; None where it can be none."""
    text = clean_line(typed).strip()
    if "://" in text or text.lower().startswith(("youtube.com/", "www.youtube.com/", "m.youtube.com/")):
        try:
            address = urlsplit(text if "://" in text else f"https://{text}")
        except ValueError:
            return None
        if (address.hostname or "").removeprefix("www.").removeprefix("m.") != "youtube.com":
            return None
        text = unquote(address.path).strip("/").removeprefix("channel/").split("/")[0]
    handle = text.removeprefix("@")
    return handle if _CHANNEL_ID.fullmatch(handle) or _HANDLE.fullmatch(handle) else None


def is_channel_id(text: str) -> bool:
    """Whether a text can be the id of a channel."""
    return _CHANNEL_ID.fullmatch(text) is not None


YOUTUBE = Platform(
    name="youtube",
    label="YouTube",
    ways_in=(WayIn.GOOGLE,),
    kinds=frozenset(
        {
            JobKind.SYNC_PROFILE,
            JobKind.SYNC_MEDIA,
            JobKind.SYNC_INSIGHTS,
            JobKind.SYNC_AUDIENCE,
            JobKind.CHECK_SESSION,
            JobKind.DERIVE,
        }
    ),
    username=clean_handle,
    is_id=is_channel_id,
    username_hint=Message("The name after the @"),
    username_fault=Message("Enter the name after youtube.com/@: 3 to 30 letters, digits, dots, dashes, underscores."),
    profile_url="https://www.youtube.com/@{username}",
    page_sizes=PageSizes(followers=50, following=50, posts=50, reels=50),
    window=Window(timedelta(minutes=1), 600),
    providers={WayIn.GOOGLE: google.GOOGLE},
    shows={
        WayIn.GOOGLE: frozenset(
            {Shown.COUNTERS, Shown.POSTS, Shown.INSIGHTS, Shown.AUDIENCE, Shown.PAST, Shown.BY_ITSELF}
        )
    },
    quotas={WayIn.GOOGLE: (DATA, ANALYTICS)},
    media=frozenset({MediaKind.VIDEO, MediaKind.SHORT}),
    view_counts=frozenset({ViewCount.PLAYS, ViewCount.ENGAGED_VIEWS}),
    connect_costs={WayIn.GOOGLE: {DATA.name: 1}},
    # Since 2026-08-24 YouTube's views count each start; its engaged views are those of people who went on watching.
    rated_by=ViewCount.ENGAGED_VIEWS,
    rates_need="youtube_derived_metrics",
)
