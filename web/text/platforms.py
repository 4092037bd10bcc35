"""A profile's platform on pages: its name, its addresses, and what its profiles can have.

A platform that only another version declares shows its stored name, has no addresses, and leaves nothing out.
"""

from __future__ import annotations

from urllib.parse import quote

from shared.domain.jobs import JobKind
from shared.messages import Message
from shared.platforms import PLATFORMS, Provider, Shown, WayIn, label_of
from shared.store.profiles.profiles import ProfileRow
from web.services import services
from web.translation import _

_SOURCES = {
    "browser": Message("the browser"),
    "data_download": Message("a data download"),
    "legacy": Message("an earlier program"),
}


def profile_url(platform: str, username: str) -> str:
    """The address of a profile on the platform; "" where this version does not know the platform."""
    known = PLATFORMS.get(platform)
    return "" if known is None else known.url_of(quote(username, safe=""))


def login_page(profile: ProfileRow) -> str:
    """The page that connects this profile by browser, else the page of all ways in."""
    path = f"/connect/{profile.platform}" if connects_by(profile.platform, "browser") else "/connect"
    return f"{path}?username={quote(profile.username, safe='')}"


def connect_page(platform: str, username: str, method: str) -> str:
    """The page that connects an account by this way in; the one of all ways where it has none of its own."""
    paths: dict[str, str] = {WayIn.BROWSER: f"/connect/{platform}", WayIn.DATA_DOWNLOAD: "/connect/data-download"}
    path = paths.get(method, "/connect") if connects_by(platform, method) else "/connect"
    return f"{path}?username={quote(username, safe='')}"


def connects_by(platform: str, way: str) -> bool:
    """Whether the platform declares this way in."""
    known = PLATFORMS.get(platform)
    return known is not None and way in known.ways_in


def provider_of(platform: str, method: str) -> Provider | None:
    """Who gave the token of a connection with this method; None where the platform declares no such provider."""
    known = PLATFORMS.get(platform)
    return None if known is None else next((one for way, one in known.providers.items() if way == method), None)


def source_words(platform: str, source: str) -> str:
    """The way in that read a figure, in words for the middle of a sentence."""
    provider, label = provider_of(platform, source), label_of(platform)
    if provider is not None and provider.needs:
        return _("%(platform)s's official API, by %(provider)s's login", platform=label, provider=provider.label)
    if provider is not None:
        return _("%(platform)s's official API", platform=label)
    return _(_SOURCES[source]) if source in _SOURCES else source


def reads(platform: str, *kinds: str) -> bool:
    """Whether profiles of the platform have one of these kinds of sync."""
    known = PLATFORMS.get(platform)
    return known is None or any(kind in known.kinds for kind in kinds)


def has_names(platform: str) -> bool:
    """Whether the platform names the followers of its profiles."""
    return reads(platform, JobKind.SYNC_FOLLOWERS, JobKind.SYNC_FOLLOWING)


def shows_audience(platform: str) -> bool:
    """Whether a way into the platform shows who the audience is."""
    known = PLATFORMS.get(platform)
    return known is None or any(Shown.AUDIENCE in shown for shown in known.shows.values())


def is_name_of(profile: ProfileRow, typed: str) -> bool:
    """Whether the text that a person typed names this profile, as its platform understands names."""
    known = PLATFORMS.get(profile.platform)
    name = typed.strip() if known is None else known.username(typed)
    return name is not None and name.lower() == profile.username.lower()


def may_rate(platform: str) -> bool:
    """Whether rates may be worked out from the platform's figures here; so where only another version knows it."""
    known = PLATFORMS.get(platform)
    return known is None or known.may_rate(services().settings)
