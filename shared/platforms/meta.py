"""Meta as the provider of Instagram's official API, by Instagram's own login and by Facebook's.

docs/connect/instagram.md and docs/connect/facebook.md are about the two.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from shared.messages import Message
from shared.platforms.platform import Quota, Shown
from shared.platforms.provider import Provider

BASIC = "instagram_business_basic"
INSIGHTS = "instagram_business_manage_insights"
PAGE_BASIC = "instagram_basic"
PAGE_INSIGHTS = "instagram_manage_insights"
PAGES_LIST = "pages_show_list"
PAGES_READ = "pages_read_engagement"
DAY_ZONE = "America/Los_Angeles"
# Meta limits the calls by an account's impressions of a day, and says in each answer how much of that is used.
CALLS = Quota("instagram_graph", None, "UTC")
SHOWN = frozenset(
    {Shown.COUNTERS, Shown.POSTS, Shown.STORIES, Shown.INSIGHTS, Shown.AUDIENCE, Shown.PAST, Shown.BY_ITSELF}
)


def _ask_instagram(base: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
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
    authorize=_ask_instagram,
    permissions_url="https://www.instagram.com/accounts/manage_access/",
    app_url="https://developers.facebook.com/apps/",
    app_settings=("INSTAGRAM_APP_ID", "INSTAGRAM_APP_SECRET"),
    required=frozenset({BASIC}),
    scope_words={
        BASIC: Message("the account, its counters, its posts and its stories"),
        INSIGHTS: Message("daily figures, the audience, and figures of posts and stories"),
    },
    calls_back=True,
)


def _ask_facebook(base: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    """Facebook takes no challenge (PKCE) from a web app; `base` ends with the version of the Graph API."""
    asked = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": ",".join(FACEBOOK_LOGIN.scopes),
        "state": state,
    }
    return f"{base}/dialog/oauth?{urlencode(asked)}"


FACEBOOK_LOGIN = Provider(
    name="facebook",
    label="Facebook",
    scopes=(PAGE_BASIC, PAGE_INSIGHTS, PAGES_LIST, PAGES_READ),
    authorize=_ask_facebook,
    permissions_url="https://www.facebook.com/settings?tab=business_tools",
    app_url="https://developers.facebook.com/apps/",
    app_settings=("META_APP_ID", "META_APP_SECRET"),
    required=frozenset({PAGE_BASIC, PAGES_LIST, PAGES_READ}),
    scope_words={
        PAGE_BASIC: Message("the account, its counters, its posts and its stories"),
        PAGE_INSIGHTS: Message("daily figures, the audience, and figures of posts and stories"),
        PAGES_LIST: Message("the list of your pages, to find the account"),
        PAGES_READ: Message("the page that the account is linked to"),
    },
    refresh_before=timedelta(days=30),
    needs=Message("For an account that is linked to a Facebook page"),
    calls_back=True,
)
