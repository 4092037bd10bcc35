"""Instagram by its official API, as a part of the worker's half of the platform."""

from __future__ import annotations

from collections.abc import Mapping

from shared.platforms.platform import WayIn
from shared.settings import Settings
from worker.platforms.authorization import Authorizer
from worker.platforms.base import SourceOpener
from worker.platforms.instagram_graph.app import InstagramApp
from worker.platforms.instagram_graph.authorizer import InstagramAuthorizer
from worker.platforms.instagram_graph.facebook import source as by_page
from worker.platforms.instagram_graph.facebook.app import FacebookApp
from worker.platforms.instagram_graph.facebook.authorizer import FacebookAuthorizer
from worker.platforms.instagram_graph.source import opener


def openers_of(settings: Settings) -> Mapping[str, SourceOpener]:
    """What opens an account from stored tokens, by the way in."""
    return {
        WayIn.INSTAGRAM_LOGIN: opener(InstagramApp.of(settings)),
        WayIn.FACEBOOK_LOGIN: by_page.opener(FacebookApp.of(settings)),
    }


def authorizers_of(settings: Settings) -> Mapping[str, Authorizer]:
    """What takes a consent, by the way in; none where the installation's app is not set up."""
    app, facebook = InstagramApp.of(settings), FacebookApp.of(settings)
    found: dict[str, Authorizer] = {}
    if app.is_set_up:
        found[WayIn.INSTAGRAM_LOGIN] = InstagramAuthorizer(app)
    if facebook.is_set_up:
        found[WayIn.FACEBOOK_LOGIN] = FacebookAuthorizer(facebook)
    return found
