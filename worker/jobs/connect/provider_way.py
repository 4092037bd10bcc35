"""The way in by a provider that a job is about, and what works for it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.errors import AppRefused, NotOffered
from shared.platforms import PLATFORMS, Platform, Provider, WayIn
from worker.jobs.base import JobContext
from worker.platforms.authorization import Authorizer
from worker.services import Services


@dataclass(frozen=True, slots=True)
class ProviderWay:
    """The way in that a job names, and what works for it."""

    platform: Platform
    way_in: WayIn
    provider: Provider
    authorizer: Authorizer


def way_of(ctx: JobContext, services: Services) -> ProviderWay:
    """The way in that the job's arguments name.

    Raises NotOffered for one that this version does not know, AppRefused where the worker has no app for it.
    """
    platform = PLATFORMS.get(ctx.job.args.get("platform", ""))
    way_in = ctx.job.args.get("way_in", "")
    if platform is None or way_in not in platform.providers:
        raise NotOffered
    authorizer = services.client(platform.name).authorizers.get(way_in)
    if authorizer is None:
        raise AppRefused().as_variant("missing")
    way = WayIn(way_in)
    return ProviderWay(platform, way, platform.providers[way], authorizer)
