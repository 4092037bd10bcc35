"""Instagram, as Rollcall declares it.

A page has about 25 followers and 50 following (docs/platforms/instagram.md, IG-5.2). 75 requests in 660 seconds is
the most careful of the limits that other tools keep to (IG-9.1); where two such windows meet, at most 150 requests
fall into 660 seconds, still fewer than the 172 of another tool.
"""

from datetime import timedelta

from shared.domain.engagement import ViewCount
from shared.domain.input.instagram_names import clean_username, username_of_export
from shared.domain.jobs import JobKind
from shared.domain.plan import PageSizes, Window
from shared.domain.social import EndpointId, MediaKind
from shared.messages import Message
from shared.platforms import meta
from shared.platforms.platform import Platform, Shown, WayIn

REST, GRAPHQL, DIALOG = EndpointId("rest"), EndpointId("graphql"), EndpointId("dialog")
_BY_BROWSER = frozenset(
    {
        JobKind.SYNC_PROFILE,
        JobKind.SYNC_FOLLOWERS,
        JobKind.SYNC_FOLLOWING,
        JobKind.SYNC_MEDIA,
        JobKind.SYNC_STORIES,
        JobKind.SYNC_VIEWERS,
        JobKind.SYNC_LIKERS,
        JobKind.CHECK_SESSION,
        JobKind.LOOK_UP,
        JobKind.PROBE_ENDPOINTS,
    }
)
_BY_API = frozenset(
    {
        JobKind.SYNC_PROFILE,
        JobKind.SYNC_MEDIA,
        JobKind.SYNC_STORIES,
        JobKind.SYNC_INSIGHTS,
        JobKind.SYNC_AUDIENCE,
        JobKind.CHECK_SESSION,
    }
)
_LOGINS = {WayIn.INSTAGRAM_LOGIN: meta.INSTAGRAM_LOGIN, WayIn.FACEBOOK_LOGIN: meta.FACEBOOK_LOGIN}
INSTAGRAM = Platform(
    name="instagram",
    label="Instagram",
    ways_in=(WayIn.INSTAGRAM_LOGIN, WayIn.FACEBOOK_LOGIN, WayIn.BROWSER, WayIn.DATA_DOWNLOAD),
    kinds=_BY_BROWSER | _BY_API | {JobKind.DERIVE},
    reads={WayIn.BROWSER: _BY_BROWSER, **dict.fromkeys(_LOGINS, _BY_API)},
    # The API's id of an account is not the one in Instagram's pages; both logins have the same.
    other_ids=frozenset(_LOGINS),
    providers=_LOGINS,
    quotas=dict.fromkeys(_LOGINS, (meta.CALLS,)),
    connect_costs={way: {meta.CALLS.name: 1} for way in _LOGINS},
    username=clean_username,
    is_id=str.isdecimal,
    username_hint=Message("As in instagram.com/username"),
    username_fault=Message("Enter the name after instagram.com/: letters, digits, dots and underscores, 30 at most."),
    profile_url="https://www.instagram.com/{username}/",
    page_sizes=PageSizes(followers=25, following=50, posts=33, reels=50),
    window=Window(timedelta(seconds=660), 75),
    media=frozenset(MediaKind) - {MediaKind.SHORT},
    view_counts=frozenset({ViewCount.PLAYS, ViewCount.VIEWS}),
    takes_own_session=True,
    username_of_download=username_of_export,
    shows={
        **dict.fromkeys(_LOGINS, meta.SHOWN),
        WayIn.BROWSER: frozenset(
            {Shown.COUNTERS, Shown.NAMES, Shown.UNFOLLOWED, Shown.POSTS, Shown.STORIES, Shown.BY_ITSELF}
        ),
        WayIn.DATA_DOWNLOAD: frozenset({Shown.NAMES, Shown.UNFOLLOWED, Shown.INSIGHTS, Shown.AUDIENCE, Shown.PAST}),
    },
    endpoints={
        REST: Message("the plain list"),
        GRAPHQL: Message("the query of Instagram's page"),
        DIALOG: Message("the window on Instagram's page"),
    },
)
