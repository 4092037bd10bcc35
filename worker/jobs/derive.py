"""DERIVE: the days of a profile, computed from stored rows alone; running it again changes nothing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from shared.domain import zones
from shared.domain.days import day_start
from shared.errors import NotConnected
from shared.store.profiles import days
from shared.store.profiles.days import DayFigures, Inputs
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.sync.steps import profile_of
from worker.services import Services
from worker.threads import in_thread


async def run(ctx: JobContext, services: Services) -> None:
    """Derives the days that may have changed, or all with `args.all`; raises NotConnected without a profile."""
    await step(ctx, await profile_of(ctx))


async def step(ctx: JobContext, profile: ProfileRow) -> None:
    """Reads, computes off the event loop and writes in one transaction, so that nothing is published in between."""
    who, zone = (profile.user_id, profile.id), zones.zone(profile.timezone)
    ctx.progress("derive", 0, None)
    async with ctx.transaction() as conn:
        if not await days.hold(conn, *who):
            raise NotConnected
        all_days = bool(ctx.job.args.get("all"))
        from_day = None if all_days else await days.first_day_to_derive(conn, *who, profile.timezone)
        inputs = await days.load(conn, *who, None if from_day is None else day_start(from_day, zone))
        figures = await in_thread(_compute, inputs, zone)
        changed = await days.save(conn, *who, profile.timezone, from_day, figures)
    ctx.progress("derive", len(figures), len(figures))
    ctx.log.info("days_derived", days=len(figures), changed=changed, from_day=str(from_day or "all"))


def _compute(inputs: Inputs, zone: ZoneInfo) -> list[DayFigures]:
    # pandas is loaded by the first derivation, not by every idle worker.
    from worker.jobs.day_frames import day_figures

    return day_figures(inputs, zone)
