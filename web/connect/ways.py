"""Lists the ways in to every platform: the official one first, then what each way shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from shared.messages import Message
from shared.platforms import PLATFORMS, Platform, Provider, Shown, WayIn
from web.auth.session import login_required
from web.connect import apps
from web.connect.apps import Setup
from web.connect.login_form import asked_username
from web.http.headers import open_popups
from web.translation import translate

bp = Blueprint("connect_ways", __name__)
_SHOWN = {
    Shown.COUNTERS: Message("Counters: followers, posts"),
    Shown.NAMES: Message("Names of followers"),
    Shown.UNFOLLOWED: Message("People who unfollowed"),
    Shown.POSTS: Message("Posts with their figures"),
    Shown.STORIES: Message("Stories"),
    Shown.INSIGHTS: Message("Official figures by day"),
    Shown.AUDIENCE: Message("Audience: country, age, gender"),
    Shown.PAST: Message("Days before you connected"),
    Shown.BY_ITSELF: Message("Syncs by itself"),
}
_WAYS = {
    WayIn.BROWSER: Message("browser"),
    WayIn.DATA_DOWNLOAD: Message("data download"),
}


@dataclass(frozen=True, slots=True)
class OfficialWay:
    """A way in by a provider's consent page; `redirect_uri` is what an operator enters there."""

    provider: Provider
    setup: Setup
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A platform of the page. `prefix` sets its ids apart; `username` is the one in the page's address, or empty.

    `official` are its ways in by consent that can be used here, or whose set-up the reader is told.
    """

    platform: Platform
    prefix: str
    username: str
    official: Sequence[OfficialWay]

    @property
    def needs_setup(self) -> bool:
        """Whether an official way in is not set up here."""
        return any(way.setup is not Setup.READY for way in self.official)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table of what each way in shows: the names of the ways, and a row for each thing with a yes or no each."""

    ways: Sequence[str]
    rows: Sequence[tuple[str, Sequence[bool]]]


@bp.get("/connect")
@login_required
def show() -> ResponseReturnValue:
    offered = [
        Offered(platform, "" if at == 0 else f"{platform.name}-", asked_username(platform), _official(platform))
        for at, platform in enumerate(PLATFORMS.values())
    ]
    page = make_response(render_template("connect/ways.html", offered=offered, comparison=_comparison(offered)))
    ready = [way.provider for one in offered for way in one.official if way.setup is Setup.READY]
    return open_popups(page, {apps.consent_origin(provider) for provider in ready}) if ready else page


def _official(platform: Platform) -> list[OfficialWay]:
    every = [
        OfficialWay(provider, apps.setup_of(provider), apps.redirect_uri(provider))
        for provider in platform.providers.values()
    ]
    return [way for way in every if way.setup is Setup.READY or apps.may_see_setup()]


def _comparison(offered: Sequence[Offered]) -> Comparison:
    columns = [(one.platform, way) for one in offered for way in _by_rank(one.platform)]
    ways = [translate(_way(platform, way)) for platform, way in columns]
    rows = [
        (words, [shown in platform.shows[way] for platform, way in columns])
        for shown, words in _SHOWN.items()
        if any(shown in platform.shows[way] for platform, way in columns)
    ]
    return Comparison(ways, rows)


def _by_rank(platform: Platform) -> list[WayIn]:
    """The ways in of the table: official ones first, then as declared."""
    return sorted(platform.shows, key=lambda way: way not in platform.providers)


def _way(platform: Platform, way: WayIn) -> Message:
    known = platform.providers.get(way)
    named = _WAYS[way] if known is None else Message("%(provider)s's official way", provider=known.label)
    return Message("%(platform)s: %(way)s", platform=platform.label, way=named)
