"""The worker's one composition root: settings -> vault, pools, browser, sources -> handlers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from shared import logs
from shared.db import pools
from shared.db.reach import reachable
from shared.domain.job_kinds import JOB_KINDS
from shared.domain.jobs import JobKind
from shared.errors import ConfigError
from shared.files import factory
from shared.settings import Settings
from shared.vault.configured import load_ring
from worker.browser.pool import BrowserPool
from worker.jobs import derive
from worker.jobs.base import Handler
from worker.jobs.connect import by_provider, check_session, login, renew, revoke
from worker.jobs.delete import delete_account, delete_profile
from worker.jobs.files import account_export, export, import_download
from worker.jobs.sync import (
    audience,
    endpoint_probe,
    everything,
    follow_list,
    insights,
    live_stories,
    lost_followers,
    media_tabs,
    post_likers,
    profile_facts,
    story_viewers,
)
from worker.platforms import registry
from worker.services import Pool, Services


@asynccontextmanager
async def services(settings: Settings, concurrency: int) -> AsyncIterator[Services]:
    """Builds everything that handlers need and closes it at the end.

    Raises ConfigError without a database, KeyFileError without keys.
    """
    ring, browser = load_ring(settings), BrowserPool(settings)
    # A job runs at most one page's transaction, one beat and one query for an answer at a time.
    async with pools.worker_pool(database_url(settings), size=2 * concurrency + 2) as pool:
        try:
            yield Services(
                settings=settings,
                pool=pool,
                keyring=ring,
                browser=browser,
                platforms=registry.clients(browser, settings),
                files=factory.for_worker(settings),
                log=logs.get("worker"),
            )
        finally:
            await browser.close()


def handlers(services: Services) -> dict[JobKind, Handler]:
    """The handler of each kind of job, bound to the services."""
    run = {
        JobKind.LOGIN: login.run,
        JobKind.CONNECT: by_provider.run,
        JobKind.REVOKE: revoke.run,
        JobKind.RENEW_ACCESS: renew.run,
        JobKind.CHECK_SESSION: check_session.run,
        JobKind.SYNC: everything.run,
        JobKind.SYNC_PROFILE: profile_facts.run,
        JobKind.SYNC_FOLLOWERS: follow_list.run,
        JobKind.SYNC_FOLLOWING: follow_list.run,
        JobKind.SYNC_MEDIA: media_tabs.run,
        JobKind.LOOK_UP: lost_followers.run,
        JobKind.SYNC_STORIES: live_stories.run,
        JobKind.SYNC_VIEWERS: story_viewers.run,
        JobKind.SYNC_LIKERS: post_likers.run,
        JobKind.SYNC_INSIGHTS: insights.run,
        JobKind.SYNC_AUDIENCE: audience.run,
        JobKind.IMPORT: import_download.run,
        JobKind.DERIVE: derive.run,
        JobKind.EXPORT: export.run,
        JobKind.DELETE_PROFILE: delete_profile.run,
        JobKind.PROBE_ENDPOINTS: endpoint_probe.run,
        JobKind.ACCOUNT_EXPORT: account_export.run,
        JobKind.DELETE_ACCOUNT: delete_account.run,
    }
    return {kind: partial(run[kind], services=services) for kind in JOB_KINDS}


def control_pool(url: str) -> Pool:
    """A closed pool for the queue's own short statements: autocommit, without a check before each use.

    It reports a lost database after five seconds, and tries again at least every few.
    """
    return AsyncConnectionPool(
        reachable(url),
        min_size=1,
        max_size=3,
        open=False,
        timeout=5,
        reconnect_timeout=10,
        kwargs={"row_factory": dict_row, "autocommit": True},
        configure=_as_service_role,
        name="control",
    )


def database_url(settings: Settings) -> str:
    """The address of the queue's database; raises ConfigError where the environment has none."""
    if settings.database_url is None:
        raise ConfigError("DATABASE_URL is not set. Set it for the worker, or start everything with `rollcall up`.")
    return settings.database_url


async def _as_service_role(conn: AsyncConnection[Any]) -> None:
    await conn.execute("set role service_role")
