"""CONNECT: exchanges the code of a provider's consent page, finds the account behind it, and stores the token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.domain.job_kinds import READ_BY_SYNC
from shared.domain.jobs import JobKind
from shared.errors import NoAccountOffered, QuotaSpent, RollcallError, ScopesMissing, WrongAccount
from shared.store.profiles import api_calls, connections, granted
from shared.store.queue import jobs, schedule
from shared.store.users import data_keys
from shared.vault import Place
from worker.jobs.base import JobContext
from worker.jobs.connect import session_errors, unused_grant
from worker.jobs.connect.account_prompt import choose, is_same
from worker.jobs.connect.consent import Consent, keep_grant, open_consent
from worker.jobs.connect.provider_way import ProviderWay, way_of
from worker.platforms.authorization import Grant, OfferedAccount
from worker.services import Services


@dataclass(frozen=True, slots=True)
class Made:
    """A connection that has its token now; `was_active` says that it worked before, `scopes` counts what it may."""

    profile_id: UUID
    connection_id: UUID
    was_active: bool
    scopes: int


async def run(ctx: JobContext, services: Services) -> None:
    """Ends with the account's profile CONNECTED, its token stored and a SYNC enqueued.

    Raises SecretsGone without a code, what the authorizer raises, ScopesMissing, NoAccountOffered, NobodyAnswered,
    WrongAccount and NotConnected. What comes of a grant that leads nowhere is `unused_grant.drop_after`.
    """
    ctx.progress("consent", 0, None)
    way, consent = way_of(ctx, services), open_consent(ctx, services)
    grant = consent.grant or await _exchange(ctx, services, way, consent)
    try:
        made = await connect_by(ctx, services, way, grant, consent.timezone)
    except RollcallError as error:
        await unused_grant.drop_after(ctx, services, way, grant, error)
        raise
    await tell(ctx, way, made)


async def _exchange(ctx: JobContext, services: Services, way: ProviderWay, consent: Consent) -> Grant:
    grant = await way.authorizer.exchange(consent.code, consent.redirect_uri, consent.verifier)
    await keep_grant(ctx, services, consent, grant)
    return grant


async def connect_by(
    ctx: JobContext, services: Services, way: ProviderWay, grant: Grant, timezone: str, *, only: str | None = None
) -> Made:
    """The connection of the chosen account; of the one with the id `only`, where that is given.

    Raises ScopesMissing, NoAccountOffered, NobodyAnswered, WrongAccount and NotConnected.
    """
    if way.provider.required - grant.scopes:
        raise ScopesMissing
    await _count_call(ctx, way)
    offered = await way.authorizer.accounts(grant)
    if not offered:
        raise NoAccountOffered
    if only is not None:
        offered = [one for one in offered if one.platform_id == only]
        if not offered:
            raise WrongAccount().as_variant("token")
    chosen = await _chosen(ctx, services, way, offered)
    named = _named(way, chosen)
    joins = await _joins(ctx, services, named)
    return await _store(ctx, services, way, chosen.grant or grant, named, timezone, joins)


async def tell(ctx: JobContext, way: ProviderWay, made: Made) -> None:
    """Says that the account is connected, and enqueues what it is to show first."""
    ctx.progress("renewed" if made.was_active else "connected", 0, None)
    ctx.log.info("account_connected", way_in=way.way_in, renewed=made.was_active, scopes=made.scopes)
    await _sync(ctx, way, made)


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
        way.platform.name, account.platform_id, account.username, account.display_name, own_ids, account.login_id
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
) -> Made:
    """Profile, connection and token in one transaction; what the profile had before stays."""
    user_id = ctx.job.user_id
    own_id = named.platform_id if named.own_ids else None
    async with ctx.transaction() as conn:
        profile_id = await granted.ensure_profile(conn, user_id, named, timezone, joins)
        connection_id, was_active = await granted.begin(conn, user_id, profile_id, way.way_in, own_id, named.login_id)
        key = await data_keys.data_key(conn, services.keyring, user_id)
        secret = key.encrypt(grant.secret.text.encode(), Place("connections", "secret", user_id, connection_id))
        await granted.activate(conn, user_id, connection_id, granted.Access(secret, grant.scopes, grant.expires_at))
        await granted.name_job(conn, user_id, ctx.job.id, profile_id)
        await schedule.begin(conn, user_id, profile_id, [JobKind.CHECK_SESSION])
        await session_errors.close_after_connecting(conn, user_id, profile_id, way.way_in)
    return Made(profile_id, connection_id, was_active, len(grant.scopes))


async def _sync(ctx: JobContext, way: ProviderWay, made: Made) -> None:
    """Enqueues the first sync; where one by another connection is under way, what this one does is due at once."""
    user_id, profile_id = ctx.job.user_id, made.profile_id
    job_id = await ctx.enqueue(JobKind.SYNC, profile_id=profile_id, args={"way_in": way.way_in})
    async with ctx.transaction() as conn:
        if await jobs.connection_of(conn, user_id, job_id) == made.connection_id:
            return
        chosen = await connections.choose(conn, user_id, profile_id, READ_BY_SYNC & way.platform.kinds)
        for kind in sorted(kind for kind, used in chosen.items() if used == made.connection_id):
            await schedule.bring_forward(conn, user_id, profile_id, kind, timedelta(0))
