"""The app in TikTok's portal: its key, its redirect URIs for web and desktop, and the scopes there are."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

BASIC, PROFILE, STATS, VIDEOS = "user.info.basic", "user.info.profile", "user.info.stats", "video.list"
SCOPES = {
    BASIC: "Access your public profile: name and picture",
    PROFILE: "Read your additional profile information: bio, username and link",
    STATS: "Read your statistics: followers, following, likes and videos",
    VIDEOS: "Read your public videos on TikTok",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})
_MOST_URIS, _LONGEST = 10, 512


@dataclass(slots=True)
class TikTokApp:
    """One app; its sandbox lets in only ``testers`` while it is not ``reviewed``."""

    key: str = "aw1sandboxkey"
    secret: str = field(default="tiktok-sandbox-secret", repr=False)
    name: str = "Rollcall"
    redirect_uris: set[str] = field(default_factory=set)
    reviewed: bool = True
    testers: frozenset[str] = frozenset()
    calls_a_minute: int = 600
    older_lifetimes: bool = False
    """Whether tokens live as long as before 2026: a day, and a year."""

    def allow(self, uri: str) -> None:
        """Register a redirect URI; ValueError for one that the portal refuses."""
        parts = urlsplit(uri)
        if not is_desktop(uri) and parts.scheme != "https":
            raise ValueError("a redirect URI is https, or on this machine for the desktop flow")
        if not parts.hostname or parts.query or parts.fragment or len(uri) >= _LONGEST:
            raise ValueError("a redirect URI has a host, no query and no fragment, and is below 512 characters")
        if len(self.redirect_uris | {uri}) > _MOST_URIS:
            raise ValueError("an app has ten redirect URIs at the most")
        self.redirect_uris.add(uri)

    def takes(self, uri: str) -> bool:
        """Return whether a redirect URI is registered; in the desktop flow a port may be registered as ``*``."""
        if uri in self.redirect_uris:
            return True
        parts = urlsplit(uri)
        return is_desktop(uri) and f"{parts.scheme}://{parts.hostname}:*{parts.path}" in self.redirect_uris


def is_desktop(uri: str) -> bool:
    """Return whether a redirect URI is one of the desktop flow: on this machine, with a port."""
    host, _, port = urlsplit(uri).netloc.partition(":")
    return host in _LOOPBACK and bool(port)
