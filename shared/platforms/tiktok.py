"""TikTok, as Rollcall declares it: read by its Display API, without names of followers and without days of its own.

Its provider is TikTok's Login Kit (docs/connect/tiktok.md). TikTok limits the calls of an app to 600 a minute for each
route, and gives no quota of a day; calls are counted all the same.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from urllib.parse import unquote, urlencode, urlsplit

from shared.domain.engagement import ViewCount
from shared.domain.input.text import clean_line
from shared.domain.jobs import JobKind
from shared.domain.plan import PageSizes, Window
from shared.domain.social import MediaKind
from shared.messages import Message
from shared.platforms.platform import Platform, Quota, Shown, WayIn
from shared.platforms.provider import Provider

BASIC, PROFILE, STATS, VIDEOS = "user.info.basic", "user.info.profile", "user.info.stats", "video.list"
CALLS = Quota("tiktok_display", None, "UTC")

_NAME = re.compile(r"[A-Za-z0-9._]{2,24}")
_OPEN_ID = re.compile(r"[A-Za-z0-9_-]{8,128}")


def clean_name(typed: str) -> str | None:
    """The name without its @, from what a person types or pastes; None where it can be none."""
    text = clean_line(typed).strip()
    if "://" in text or text.lower().startswith(("tiktok.com/", "www.tiktok.com/", "m.tiktok.com/")):
        try:
            address = urlsplit(text if "://" in text else f"https://{text}")
        except ValueError:
            return None
        if (address.hostname or "").removeprefix("www.").removeprefix("m.") != "tiktok.com":
            return None
        text = unquote(address.path).strip("/").split("/")[0]
        if not text.startswith("@"):
            return None
    name = text.removeprefix("@").lower()
    return name if _NAME.fullmatch(name) else None


def is_open_id(text: str) -> bool:
    """Whether a text can be the id by which an app knows an account."""
    return _OPEN_ID.fullmatch(text) is not None


def hex_challenge(verifier: str) -> str:
    """TikTok's challenge: the verifier's SHA-256 in hex, where others take base64url."""
    return hashlib.sha256(verifier.encode("ascii")).hexdigest()


def _authorize(base: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    """The page is shown each time, so that a person may change account and scopes; commas stand between the scopes."""
    asked = {
        "client_key": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": ",".join(LOGIN_KIT.scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "disable_auto_auth": "1",
    }
    return f"{base}/v2/auth/authorize/?{urlencode(asked)}"


LOGIN_KIT = Provider(
    name="tiktok",
    label="TikTok",
    scopes=(BASIC, PROFILE, STATS, VIDEOS),
    authorize=_authorize,
    permissions_url="https://www.tiktok.com/setting",
    app_url="https://developers.tiktok.com/apps/",
    app_settings=("TIKTOK_CLIENT_KEY", "TIKTOK_CLIENT_SECRET"),
    required=frozenset({BASIC, PROFILE}),
    scope_words={
        BASIC: Message("the account and its display name"),
        PROFILE: Message("its username and its description"),
        STATS: Message("the counters of followers, following and videos"),
        VIDEOS: Message("the public videos with their figures"),
    },
    challenge=hex_challenge,
    # A refresh token lives 180 days, and is exchanged once it was not used for 30.
    refresh_before=timedelta(days=150),
)

TIKTOK = Platform(
    name="tiktok",
    label="TikTok",
    ways_in=(WayIn.TIKTOK,),
    kinds=frozenset({JobKind.SYNC_PROFILE, JobKind.SYNC_MEDIA, JobKind.CHECK_SESSION, JobKind.DERIVE}),
    username=clean_name,
    is_id=is_open_id,
    username_hint=Message("The name after the @"),
    username_fault=Message("Enter the name after tiktok.com/@: 2 to 24 letters, digits, dots and underscores."),
    profile_url="https://www.tiktok.com/@{username}",
    page_sizes=PageSizes(followers=20, following=20, posts=20, reels=20),
    window=Window(timedelta(minutes=1), 600),
    providers={WayIn.TIKTOK: LOGIN_KIT},
    shows={WayIn.TIKTOK: frozenset({Shown.COUNTERS, Shown.POSTS, Shown.BY_ITSELF})},
    quotas={WayIn.TIKTOK: (CALLS,)},
    media=frozenset({MediaKind.VIDEO}),
    view_counts=frozenset({ViewCount.PLAYS}),
    connect_costs={WayIn.TIKTOK: {CALLS.name: 1}},
)
