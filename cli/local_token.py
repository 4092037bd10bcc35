"""Takes over a long-lived token of the person's earlier program: one CONNECT job, worked on by this process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

from cli.local_job import ServicesOf, find_account, work_through, worker_name
from cli.terminal import ACCOUNT, TOKEN
from shared.errors import InputError, NotOffered
from shared.platforms import WayIn
from shared.platforms.instagram import INSTAGRAM
from shared.settings import Settings
from shared.store.profiles import profiles
from shared.store.queue import local_jobs
from worker import bootstrap
from worker.jobs.base import JobContext
from worker.jobs.connect import by_provider
from worker.jobs.connect.provider_way import way_of
from worker.platforms.authorization import TakesTokens
from worker.services import Services

_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class GivenToken:
    """The token, and the id of the account that it is said to open; None where any will do."""

    text: str = field(repr=False)
    account_id: str | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The token, and the e-mail of the Rollcall account that gets it; None where there is only one."""

    token: GivenToken = field(repr=False)
    email: str | None = None


def token_of_file(path: Path) -> str:
    """The token that is all there is in the file; raises InputError for anything else."""
    with path.open("rb") as file:
        return _clean(file.read(_LONGEST + 1).decode("utf-8", "replace"), f"{path.name} holds no token.")


def token_of_environment(environ: Mapping[str, str]) -> str | None:
    """The token that a single-account program had in its environment; raises InputError for what is none."""
    given = environ.get(TOKEN, "").strip()
    return _clean(given, f"{TOKEN} is no token.") if given else None


def account_of_environment(environ: Mapping[str, str]) -> str | None:
    """The id of the account that the token is said to open."""
    return environ.get(ACCOUNT, "").strip() or None


async def take_over(
    settings: Settings, request: TakeOver, stop: asyncio.Event, services_of: ServicesOf = bootstrap.services
) -> str:
    """The username of the account, connected as by a consent; raises InputError with the reason when it is not."""
    async with services_of(settings, 1) as services:
        name = worker_name("connect")
        async with services.pool.connection() as conn:
            user_id = await find_account(conn, request.email)
            claimed = await local_jobs.begin_connect(
                conn, user_id, INSTAGRAM.name, WayIn.INSTAGRAM_LOGIN, name, settings.worker_lease
            )
        handler = partial(_connect, services=services, given=request.token)
        await work_through(services, claimed, handler, "The account was not connected.", stop)
        return await _username(services, user_id, claimed.id)


async def _connect(ctx: JobContext, services: Services, given: GivenToken) -> None:
    """Ends as a consent does: the profile is CONNECTED, the token stored, a SYNC enqueued.

    Nothing is revoked where that fails: the token belongs to another program too. Raises NotOffered where the way in
    takes no tokens over, AccessRevoked for a dead one, WrongAccount for one of another account, and what
    `by_provider.connect_by` raises.
    """
    ctx.progress("consent", 0, None)
    way = way_of(ctx, services)
    if not isinstance(way.authorizer, TakesTokens):
        raise NotOffered
    grant = await way.authorizer.take_over(given.text)
    made = await by_provider.connect_by(ctx, services, way, grant, given.timezone, only=given.account_id)
    await by_provider.tell(ctx, way, made)


async def _username(services: Services, user_id: UUID, job_id: UUID) -> str:
    async with services.pool.connection() as conn:
        profile_id = await local_jobs.profile_of(conn, user_id, job_id)
        profile = None if profile_id is None else await profiles.load(conn, user_id, profile_id)
    if profile is None:
        raise InputError("The profile was deleted while the account was being connected.")
    return profile.username


def _clean(text: str, fault: str) -> str:
    token = text.strip()
    if not token or len(token) > _LONGEST or not token.isascii() or not token.isprintable() or " " in token:
        raise InputError(fault, next_step="Give the token alone, as Instagram gave it, in one line.")
    return token
