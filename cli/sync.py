"""`rollcall sync`: starts syncs from the command line. The worker runs them; this process only asks and waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from math import inf
from time import monotonic
from uuid import UUID

import click

from cli.plain import PlainCommand
from cli.terminal import database, quiet_settings
from shared.db import pools
from shared.domain.jobs import ENDED, JobKind, JobState
from shared.errors import InputError
from shared.store.profiles.profiles import ProfileState
from shared.store.queue import jobs, local_jobs
from shared.store.queue.local_jobs import LocalProfile
from worker.services import Pool

_NO_WORKER_AFTER = timedelta(seconds=20)
_NO_WORKER = "No worker has begun yet. Is Rollcall running (`rollcall up` or `rollcall worker`)?"
_CONNECT = "Connect the account first."
Say = Callable[[str], None]


@click.command(cls=PlainCommand)
@click.option("--profile", "profile_id", type=click.UUID, help="One profile: the ID in the address of its page.")
@click.option("--all", "everything", is_flag=True, help="Every connected profile.")
@click.option("--wait", is_flag=True, help="Return when the syncs have ended; the exit code is 1 if one failed.")
def sync(profile_id: UUID | None, everything: bool, wait: bool) -> None:
    """Start a sync of everything, of the only profile or of those that you name. Rollcall has to run."""
    if profile_id is not None and everything:
        raise click.UsageError("Choose one: --profile ID, or --all.")
    settings = quiet_settings("sync")
    with database(settings, "sync") as url:
        poll = settings.worker_poll if wait else None
        well = asyncio.run(sync_profiles(url, profile_id, everything, poll, click.echo))
    raise SystemExit(0 if well else 1)


async def sync_profiles(url: str, profile_id: UUID | None, everything: bool, poll: timedelta | None, say: Say) -> bool:
    """Enqueues the syncs and says so; with `poll` it also waits for their ends. False when one of them failed.

    Raises InputError when no profile can be synced, or when it is not clear which.
    """
    async with pools.worker_pool(url, size=1) as pool:
        async with pool.connection() as conn:
            known = await local_jobs.profiles_to_sync(conn)
        chosen = choose(known, profile_id, everything)
        started = {await _start(pool, profile, say): profile for profile in chosen}
        return True if poll is None else await _ended_well(pool, started, poll, say)


def choose(known: Sequence[LocalProfile], profile_id: UUID | None, everything: bool) -> list[LocalProfile]:
    """The profiles to sync; raises InputError with the reason when there is none or it is not clear which."""
    if everything:
        ready = [profile for profile in known if why_not(profile) is None]
        if not ready:
            raise InputError("No profile is connected.", next_step=_CONNECT)
        return ready
    named = [profile for profile in known if profile_id in (None, profile.id)]
    if not named:
        raise InputError("There is no such profile." if profile_id else "There is no profile yet.", next_step=_CONNECT)
    if len(named) > 1:
        lines = "\n".join(f"  {profile.id}  @{profile.username}" for profile in named)
        raise InputError("There are several profiles.", next_step=f"Choose one by --profile ID, or --all:\n{lines}")
    if (reason := why_not(named[0])) is not None:
        raise InputError(f"@{named[0].username} cannot be synced.", next_step=reason)
    return named


def why_not(profile: LocalProfile) -> str | None:
    """The reason why the profile cannot be synced now, with the next step; None where it can."""
    if profile.state == ProfileState.CONNECTED and profile.has_session:
        return None
    return profile.state_reason or _CONNECT


async def _start(pool: Pool, profile: LocalProfile, say: Say) -> UUID:
    async with pool.connection() as conn:
        job_id, is_new = await jobs.enqueue_follow_up(conn, profile.user_id, profile.id, JobKind.SYNC)
    name, until = f"@{profile.username}", profile.cooldown_until
    say(f"{name}: the sync is in the queue." if is_new else f"{name}: a sync is already in the queue or running.")
    if until is not None:
        say(f"{name}: in a cool-down; the sync begins after {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")
    return job_id


async def _ended_well(pool: Pool, started: dict[UUID, LocalProfile], poll: timedelta, say: Say) -> bool:
    """Prints how each sync ended; returns whether all of them completed."""
    live, well, hint_at = dict(started), True, monotonic() + _NO_WORKER_AFTER.total_seconds()
    while True:
        states = {job_id: await _state(pool, profile.user_id, job_id) for job_id, profile in live.items()}
        for job_id, (state, said) in states.items():
            if state in ENDED or state == local_jobs.GONE:
                well &= state == JobState.COMPLETED
                say(f"@{live.pop(job_id).username}: {_words(state, said)}")
        if not live:
            return well
        if monotonic() >= hint_at and all(state == JobState.PENDING for state, _ in states.values()):
            say(_NO_WORKER)
            hint_at = inf
        await asyncio.sleep(poll.total_seconds())


async def _state(pool: Pool, user_id: UUID, job_id: UUID) -> tuple[str, str | None]:
    async with pool.connection() as conn:
        return await local_jobs.ending(conn, user_id, job_id)


def _words(state: str, said: str | None) -> str:
    match state:
        case JobState.COMPLETED:
            return "synced."
        case JobState.CANCELLED:
            return "cancelled."
        case local_jobs.GONE:
            return "deleted."
        case _:
            return said or "the sync failed."
