"""CONNECT: exchanges the code of a provider's consent page, finds the account behind it, and stores the token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from shared.domain import backoff
from shared.domain.jobs import JobKind
from shared.errors import (
    AppRefused,
    JobError,
    NoAccountOffered,
    NotOffered,
    QuotaSpent,
    RollcallError,
    ScopesMissing,
    WrongAccount,
)
from shared.errors.effect import JobEffect
from shared.platforms import PLATFORMS, Platform, Provider, WayIn
from shared.store.profiles import api_calls, granted
from shared.store.queue import claims, schedule
from shared.store.users import data_keys
from shared.vault import Place
from worker.jobs.base import JobContext
from worker.jobs.connect import session_errors
from worker.jobs.connect.account_prompt import choose, is_same
from worker.jobs.connect.consent import Consent, keep_grant, open_consent
from worker.platforms.authorization import Authorizer, Grant, OfferedAccount
from worker.services import Services


@dataclass(frozen=True, slots=True)
class ProviderWay:
    """The way in that a job names, and what works for it."""

    platform: Platform
    way_in: WayIn
    provider: Provider
    authorizer: Authorizer


async def run(ctx: JobContext, services: Services) -> None:
    """Ends with the account's profile CONNECTED, its token stored and a SYNC enqueued.

    Raises SecretsGone without a code, what the authorizer raises, ScopesMissing, NoAccountOffered, NobodyAnswered,
    WrongAccount and NotConnected. What comes of a grant that leads nowhere is `_drop`.
    """
    ctx.progress("consent", 0, None)
    way, consent = way_of(ctx, services), open_consent(ctx, services)
    grant = consent.grant or await _exchange(ctx, services, way, consent)
    try:
        profile_id, was_active = await _connect(ctx, services, way, grant, consent.timezone)
    except RollcallError as error:
        if await _is_the_end(ctx, error):
            await _drop(ctx, services, way, grant)
        raise
    ctx.progress("renewed" if was_active else "connected", 0, None)
    ctx.log.info("account_connected", way_in=way.way_in, renewed=was_active, scopes=len(grant.scopes))
    await ctx.enqueue(JobKind.SYNC, profile_id=profile_id, args={"way_in": way.way_in})


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


async def _exchange(ctx: JobContext, services: Services, way: ProviderWay, consent: Consent) -> Grant:
    grant = await way.authorizer.exchange(consent.code, consent.redirect_uri, consent.verifier)
    await keep_grant(ctx, services, consent, grant)
    return grant


async def _connect(
    ctx: JobContext, services: Services, way: ProviderWay, grant: Grant, timezone: str
) -> tuple[UUID, bool]:
    """The profile of the chosen account, and whether it was connected in this way already."""
    if way.provider.required - grant.scopes:
        raise ScopesMissing
    await _count_call(ctx, way)
    offered = await way.authorizer.accounts(grant)
    if not offered:
        raise NoAccountOffered
    named = _named(way, await _chosen(ctx, services, way, offered))
    joins = await _joins(ctx, services, named)
    return await _store(ctx, services, way, grant, named, timezone, joins)


async def _count_call(ctx: JobContext, way: ProviderWay) -> None:
    """Counts for the app what finding the accounts costs, before it is asked; raises QuotaSpent.

    There is no connection yet for which it could be counted too.
    """
    quotas = {quota.name: quota for quota in way.platform.quotas.get(way.way_in, ())}
    for name, units in way.platform.connect_costs.get(way.way_in, {}).items():
        async with ctx.transaction() as conn:
            counted = await api_calls.count(conn, ctx.job.user_id, None, quotas[name], units, by_person=True)
        if not counted.granted:
            raise QuotaSpent(until=counted.until).as_variant("app")


def _named(way: ProviderWay, account: OfferedAccount) -> granted.Account:
    own_ids = way.platform.other_ids if way.way_in in way.platform.other_ids else frozenset()
    return granted.Account(
        way.platform.name, account.platform_id, account.username, account.display_name, own_ids=own_ids
    )


async def _joins(ctx: JobContext, services: Services, account: granted.Account) -> UUID | None:
    """The profile of the same account by another way in, which the person confirms where only the name says so.

    Raises WrongAccount where it is another account: two profiles of one name cannot be told apart.
    """
    async with ctx.reading() as conn:
        found = await granted.match(conn, ctx.job.user_id, account)
    if found is None or found.is_certain:
        return None
    if not await is_same(ctx, services, found.profile_id, found.username):
        raise WrongAccount().as_variant("not_the_same")
    return found.profile_id


async def _chosen(
    ctx: JobContext, services: Services, way: ProviderWay, offered: Sequence[OfferedAccount]
) -> OfferedAccount:
    async with ctx.reading() as conn:
        connected = await granted.connected_ids(conn, ctx.job.user_id, way.platform.name, way.way_in)
    return await choose(ctx, services, offered, connected)


async def _store(
    ctx: JobContext,
    services: Services,
    way: ProviderWay,
    grant: Grant,
    named: granted.Account,
    timezone: str,
    joins: UUID | None,
) -> tuple[UUID, bool]:
    """Profile, connection and token in one transaction; what the profile had before stays."""
    user_id = ctx.job.user_id
    own_id = named.platform_id if named.own_ids else None
    async with ctx.transaction() as conn:
        profile_id = await granted.ensure_profile(conn, user_id, named, timezone, joins)
        connection_id, was_active = await granted.begin(conn, user_id, profile_id, way.way_in, own_id)
        key = await data_keys.data_key(conn, services.keyring, user_id)
        secret = key.encrypt(grant.secret.text.encode(), Place("connections", "secret", user_id, connection_id))
        await granted.activate(conn, user_id, connection_id, granted.Access(secret, grant.scopes, grant.expires_at))
        await granted.name_job(conn, user_id, ctx.job.id, profile_id)
        await schedule.begin(conn, user_id, profile_id, [JobKind.CHECK_SESSION])
        await session_errors.close_after_connecting(conn, user_id, profile_id, way.way_in)
    return profile_id, was_active


async def _is_the_end(ctx: JobContext, error: RollcallError) -> bool:
    """Whether the job is not tried again after this error, so that no one comes back for its grant."""
    if error.effect.job in (JobEffect.FAIL, JobEffect.CANCEL):
        return True
    if error.effect.job is not JobEffect.RETRY:
        return False
    async with ctx.reading() as conn:
        counted = await claims.failures(conn, ctx.job.id, ctx.job.fence)
    return counted is not None and backoff.is_last(failures=counted[0], max_attempts=counted[1])


async def _drop(ctx: JobContext, services: Services, way: ProviderWay, grant: Grant) -> None:
    """Revokes a grant that is stored nowhere, unless the same login may have opened another connection of the user.

    Where the provider does not answer, a job of its own does that later.
    """
    async with ctx.reading() as conn:
        others = await granted.connected_ids(conn, ctx.job.user_id, way.platform.name, way.way_in)
    if others:
        return
    try:
        await way.authorizer.revoke(grant.secret)
    except JobError as error:
        if error.effect.job not in (JobEffect.FAIL, JobEffect.CANCEL):
            await _revoke_later(ctx, services, way, grant)


async def _revoke_later(ctx: JobContext, services: Services, way: ProviderWay, grant: Grant) -> None:
    """Leaves the token, encrypted as a connection's, to a REVOKE job."""
    user_id, stored_for = ctx.job.user_id, uuid4()
    async with ctx.transaction() as conn:
        key = await data_keys.data_key(conn, services.keyring, user_id)
        secret = key.encrypt(grant.secret.text.encode(), Place("connections", "secret", user_id, stored_for))
        await granted.revoke_later(conn, user_id, way.platform.name, way.way_in, stored_for, secret)
