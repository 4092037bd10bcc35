"""The clients that are registered in the console: id, secret, redirect URIs and the state of the consent screen."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

YOUTUBE = "https://www.googleapis.com/auth/youtube.readonly"
ANALYTICS = "https://www.googleapis.com/auth/yt-analytics.readonly"
MONETARY = "https://www.googleapis.com/auth/yt-analytics-monetary.readonly"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
PROFILE = "https://www.googleapis.com/auth/userinfo.profile"
SHORT = {"email": EMAIL, "profile": PROFILE}
"""Scopes that may be asked for by another name."""
SCOPES = {
    YOUTUBE: "View your YouTube account",
    ANALYTICS: "View YouTube Analytics reports for your YouTube content",
    MONETARY: "View monetary and non-monetary YouTube Analytics reports for your YouTube content",
    "https://www.googleapis.com/auth/youtube": "Manage your YouTube account",
    EMAIL: "See your primary Google Account email address",
    PROFILE: "See your personal info",
    "openid": "Associate you with your personal info on Google",
}
DATA_API, ANALYTICS_API = "youtube.googleapis.com", "youtubeanalytics.googleapis.com"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True)
class Client:
    """One web client and its project.

    ``testing`` is the publishing status: only ``testers`` come in, and what they grant ends after seven days.
    """

    id: str = "407408718192-sandbox.apps.googleusercontent.com"
    secret: str = field(default="GOCSPX-sandbox-secret", repr=False)
    name: str = "Rollcall"
    project: str = "407408718192"
    redirect_uris: set[str] = field(default_factory=set)
    testing: bool = False
    testers: frozenset[str] = frozenset()
    apis: set[str] = field(default_factory=lambda: {DATA_API, ANALYTICS_API})
    api_key: str = field(default="AIzaSy-sandbox-key", repr=False)
    units: int = 10_000
    """Units of the Data API a Pacific day."""
    reports: int = 100_000
    """Reports of the Analytics API a Pacific day."""

    def allow(self, uri: str) -> None:
        """Register a redirect URI; ValueError for one that the console refuses, such as http to another machine."""
        parts = urlsplit(uri)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("a redirect URI is https, or http on this machine")
        if not parts.hostname or parts.fragment or "*" in uri:
            raise ValueError("a redirect URI has a host, no fragment and no wildcard")
        self.redirect_uris.add(uri)
