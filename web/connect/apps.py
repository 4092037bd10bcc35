"""The apps of this installation at the providers: whether one is set up, and where its consents lead back to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from flask import request

from shared.platforms import Provider
from shared.settings import Settings
from web.admin.access import is_operator
from web.http.origins import origin_of
from web.services import services


@dataclass(frozen=True, slots=True)
class App:
    """What the web needs of an app: its id, None where it is not set up, and the address of the consent page."""

    client_id: str | None
    accounts_url: str


APPS: dict[str, Callable[[Settings], App]] = {
    "instagram": lambda settings: App(settings.instagram_app_id, settings.instagram_authorize_url),
    "facebook": lambda settings: App(settings.meta_app_id, f"{settings.facebook_dialog_url}/{settings.graph_version}"),
    "google": lambda settings: App(settings.google_client_id, settings.google_accounts_url),
    "tiktok": lambda settings: App(settings.tiktok_client_key, settings.tiktok_authorize_url),
}
"""The app of each provider, by its name in addresses."""


class Setup(StrEnum):
    """Whether a provider's way in can be used here."""

    READY = "ready"
    MISSING = "missing"
    NEEDS_HTTPS = "needs_https"
    """The provider takes no redirect address of this kind."""


def app_of(provider: Provider) -> App:
    """The app at the provider."""
    return APPS[provider.name](services().settings)


def setup_of(provider: Provider) -> Setup:
    """How the way in by this provider stands on this installation."""
    if app_of(provider).client_id is None:
        return Setup.MISSING
    return Setup.READY if provider.takes(redirect_uri(provider)) else Setup.NEEDS_HTTPS


def redirect_uri(provider: Provider) -> str:
    """The address that the consent page leads back to; an operator enters it at the provider."""
    return provider.redirect_uri(services().settings.public_url or request.host_url.rstrip("/"))


def consent_origin(provider: Provider) -> str:
    """The origin of the consent page, which a form without script leads to."""
    return origin_of(app_of(provider).accounts_url) or ""


def may_see_setup() -> bool:
    """Whether the signed-in person is told how an app is set up: an operator, or everyone where none is named."""
    return not services().settings.operators or is_operator()
