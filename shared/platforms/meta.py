"""Meta as the provider of Instagram's official API, by Instagram's own login (docs/connect/instagram.md)."""

from __future__ import annotations

from urllib.parse import urlencode

from shared.messages import Message
from shared.platforms.platform import Quota, Shown
from shared.platforms.provider import Provider

BASIC = "instagram_business_basic"
INSIGHTS = "instagram_business_manage_insights"
DAY_ZONE = "America/Los_Angeles"
# Meta limits the calls by an account's impressions of a day, and says in each answer how much of that is used.
CALLS = Quota("instagram_graph", None, "UTC")
SHOWN = frozenset(
    {Shown.COUNTERS, Shown.POSTS, Shown.STORIES, Shown.INSIGHTS, Shown.AUDIENCE, Shown.PAST, Shown.BY_ITSELF}
)


def _authorize(base: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    """Instagram takes no challenge (PKCE); the scopes have commas between them."""
    asked = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": f"{BASIC},{INSIGHTS}",
        "state": state,
    }
    return f"{base}/oauth/authorize?{urlencode(asked)}"


INSTAGRAM_LOGIN = Provider(
    name="instagram",
    label="Instagram",
    scopes=(BASIC, INSIGHTS),
    authorize=_authorize,
    permissions_url="https://www.instagram.com/accounts/manage_access/",
    app_url="https://developers.facebook.com/apps/",
    app_settings=("INSTAGRAM_APP_ID", "INSTAGRAM_APP_SECRET"),
    required=frozenset({BASIC}),
    scope_words={
        BASIC: Message("the account, its counters, its posts and its stories"),
        INSIGHTS: Message("daily figures, the audience, and figures of posts and stories"),
    },
)
