"""Checks of `rollcall doctor --oauth`: the redirect address of each provider, and whether it takes the app.

An app is tried with a code that no provider gave: one that takes the app refuses the code, any other refuses the app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

from cli.ops.doctor.check import Check, leave_out, wrong
from shared.domain.input.hosts import Host
from shared.errors import AppRefused, CodeUsed, JobError
from shared.platforms import PLATFORMS, Platform, Provider, WayIn
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms import registry
from worker.platforms.authorization import Authorizer

_NO_CODE = "rollcall-doctor"
# As long as the verifiers that the web makes (RFC 7636, 4.1).
_VERIFIER = "rollcall-doctor".ljust(43, "-")


def checks(settings: Settings) -> dict[str, Callable[[], Check]]:
    """Two checks for each provider, by name."""
    found: dict[str, Callable[[], Check]] = {}
    for platform, way_in, provider in _providers():
        found[f"{provider.name} address"] = partial(address, settings, provider)
        found[f"{provider.name} app"] = partial(app, settings, platform, way_in, provider)
    return found


def address(settings: Settings, provider: Provider) -> Check:
    """The exact address to enter at the provider, and whether that takes one of this kind."""
    name, uri = f"{provider.name} address", provider.redirect_uri(_base(settings))
    if not provider.takes(uri):
        says = f"{provider.label} takes no redirect address without TLS: {uri}"
        return wrong(name, says, "Put HTTPS before Rollcall, and set PUBLIC_URL to its address.")
    unset = "" if settings.public_url else "Open the pages under exactly this host and port, or set PUBLIC_URL."
    return Check(name, True, f"enter exactly {uri}", unset)


def app(settings: Settings, platform: Platform, way_in: WayIn, provider: Provider) -> Check:
    """Whether the provider takes the installation's id and secret."""
    name, needed = f"{provider.name} app", " and ".join(provider.app_settings)
    authorizer = registry.clients(BrowserPool(settings), settings)[platform.name].authorizers.get(way_in)
    if authorizer is None:
        return leave_out(name, f"not set up here: {needed} make it", f"docs/connect/{provider.name}.md has the steps.")
    try:
        asyncio.run(_try(authorizer, provider.redirect_uri(_base(settings))))
    except CodeUsed:
        return Check(name, True, f"{provider.label} takes {needed}")
    except AppRefused:
        return wrong(name, f"{provider.label} does not take {needed}", f"Copy both again from {provider.app_url}.")
    except JobError as error:
        return wrong(name, f"{provider.label} could not be asked: {error.sentence}", "Try again later.")
    return wrong(name, f"{provider.label} took a code that it never gave", "Check the addresses in the settings.")


async def _try(authorizer: Authorizer, redirect_uri: str) -> None:
    await authorizer.exchange(_NO_CODE, redirect_uri, _VERIFIER)


def _base(settings: Settings) -> str:
    return settings.public_url or Host.parse(settings.host).url(settings.port)


def _providers() -> Iterator[tuple[Platform, WayIn, Provider]]:
    for platform in PLATFORMS.values():
        for way_in, provider in platform.providers.items():
            yield platform, way_in, provider
