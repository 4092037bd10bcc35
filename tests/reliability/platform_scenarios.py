"""Faults of the platform that need more than one reading, or more than one job, to be met."""

from __future__ import annotations

import signal
from typing import LiteralString
from uuid import UUID

from shared.domain.jobs import ENDED, JobKind
from tests.reliability.machine import SIGNS_SECONDS
from tests.reliability.rows import Row
from tests.reliability.stage import House, begin
from tests.rig import trouble

# More than the six hours that lie between two walks of which the second tells who left.
_HOURS = 7
_FOLLOW: LiteralString = """
    select p.platform_id from public.stays s join public.people p on p.id = s.person_id
    where s.profile_id = %s and s.direction = 'follower' and s.until is null
"""


def steady_gap(there: House, row: Row) -> UUID:
    """Two walks behind the gap that the first reading met; AssertionError where the second does not tell who left.

    In the end those in the gap are deleted: an account that comes back from one is told as new.
    """
    member = there.members[row.key]
    world = member.site.world
    before = set(world.population.followers.members)
    for _ in range(2):
        trouble.pass_hours(there.crowd.url, member.username, _HOURS)
        job = begin(there, row)
        there.desk.ended([job], SIGNS_SECONDS)
    told = {int(one["platform_id"]) for one in there.desk.conn.execute(_FOLLOW, [there.profile(row)]).fetchall()}
    assert told, "the list is not empty"
    untold = told - before - set(world.population.followers.members)
    assert not untold, f"they left before the first of the two walks and are not told: {untold}"
    for pk in member.site.hidden["followers"]:
        world.population.leave(world.now, pk)
    return job


def challenged_while_jobs_wait(there: House, row: Row) -> UUID:
    """Three jobs of one profile wait when the first of them meets the challenge; AssertionError where one still does.

    The worker sleeps until all of them are there.
    """
    there.workers.signal(0, signal.SIGSTOP)
    for order in row.orders:
        there.fault(row, order)
    job = begin(there, row)
    others = [there.desk.enqueue(there.profile(row), kind) for kind in (JobKind.SYNC_MEDIA, JobKind.SYNC_STORIES)]
    there.workers.signal(0, signal.SIGCONT)
    for ended in there.desk.ended([job, *others], SIGNS_SECONDS):
        assert ended["state"] in ENDED, f"{ended['kind']} waits in vain: {ended['state']}"
    return job
