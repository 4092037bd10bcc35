"""The way in by a provider that a job is about, and what works for it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.errors import AppRefused, NotOffered
from shared.platforms import PLATFORMS, Platform, Provider, WayIn
from shared.store.users import callbacks
from worker.jobs.base import JobContext
from worker.platforms.authorization import Authorizer, SharesLogins
from worker.platforms.base import SessionSecret
from worker.services import Services

_NONE = UUID(int=0)


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


async def is_shared(ctx: JobContext, way: ProviderWay, secret: SessionSecret, but: UUID = _NONE) -> bool:
    """Whether ending the access would end it for another connection than this one, whoever has it.

    So it is where the provider knows one consent for each login, whatever the accounts that it opened.
    """
    login_id = way.authorizer.login_of(secret) if isinstance(way.authorizer, SharesLogins) else None
    if login_id is None:
        return False
    async with ctx.reading() as conn:
        return await callbacks.is_shared(conn, way.way_in, login_id, but)
