"""The app in the dashboard: its two ids and secrets, redirect URIs, roles and limits, and the scopes there are."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

BASIC, INSIGHTS = "instagram_business_basic", "instagram_business_manage_insights"
INSTAGRAM_SCOPES = {
    BASIC: "View your profile and your media",
    INSIGHTS: "View the insights of your account and your media",
    "instagram_business_manage_comments": "Manage comments",
    "instagram_business_manage_messages": "Manage messages",
    "instagram_business_content_publish": "Publish content",
}
PAGE_BASIC, PAGE_INSIGHTS = "instagram_basic", "instagram_manage_insights"
PAGES_READ, PAGES_LIST = "pages_read_engagement", "pages_show_list"
FACEBOOK_SCOPES = {
    "public_profile": "Your name and profile picture",
    PAGE_BASIC: "Access the profile and posts of the Instagram accounts connected to your Pages",
    PAGE_INSIGHTS: "Access the insights of the Instagram accounts connected to your Pages",
    PAGES_READ: "Read content posted on your Pages",
    PAGES_LIST: "Show a list of the Pages that you manage",
    "business_management": "Manage your business",
    "ads_read": "Access your ads and their stats",
    "ads_management": "Manage your ads",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True)
class MetaApp:
    """One app of the dashboard; while it is not ``live``, only its testers come in."""

    id: str = "990602627938098"
    secret: str = field(default="facebook-sandbox-secret", repr=False)
    instagram_id: str = "1126218129173214"
    instagram_secret: str = field(default="instagram-sandbox-secret", repr=False)
    name: str = "Rollcall"
    redirect_uris: set[str] = field(default_factory=set)
    new: bool = True
    """Whether it was made since 2026-11-04; from then on older ways of asking are refused."""
    live: bool = True
    testers: frozenset[str] = frozenset()
    """Usernames of Instagram accounts, and names of people on Facebook."""
    needs_proof: bool = False
    """Whether each call to Facebook's host needs the proof that the caller knows the secret."""
    calls_a_day: int = 4800
    """Calls for one account in 24 hours."""
    calls_an_hour: int = 200
    """Calls of the other kind in an hour, for each person who granted something."""
    deauthorize_url: str | None = None
    deletion_url: str | None = None

    def allow(self, uri: str) -> None:
        """Register a redirect URI; ValueError for one that the dashboard refuses, such as http to another machine."""
        parts = urlsplit(uri)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("a redirect URI is https, or http on this machine")
        if not parts.hostname or parts.fragment or "*" in uri:
            raise ValueError("a redirect URI has a host, no fragment and no wildcard")
        self.redirect_uris.add(uri)
