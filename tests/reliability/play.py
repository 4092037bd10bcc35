"""Plays the rows: the platform's faults at once, one profile each, by a real worker; then those with a scenario, one
by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from shared.domain.jobs import JobKind
from tests.reliability.disks import database_disk
from tests.reliability.look import asked, look, look_again
from tests.reliability.own_cells import OwnCells, mend
from tests.reliability.planting import connect
from tests.reliability.rows import Row
from tests.reliability.stage import PATIENCE, House, Outcome, begin, house
from tests.rig import trouble
from tests.rig.scratch import scratch
from tests.said import error_said

Scenarios = Mapping[str, Callable[[House, Row], UUID]]
Outcomes = dict[str, Outcome]
# A profile rests as long as it does in earnest, and its requests are counted.
# A gap that is told as such is larger than what is tolerated in any list, and a small part of this one.
_MORE_PEOPLE = 100
_SETTINGS = {"RATE_LIMIT_REST_HOURS": "4", "REQUESTS_PER_DAY": "100000"}


def played(platform: Sequence[Row], machine: Sequence[Row], scenarios: Scenarios) -> Outcomes:
    """Returns what was seen of each row, by its key; a row that broke off says so in its own outcome."""
    rows = [*platform, *machine]
    outcomes = {row.key: Outcome() for row in rows}
    # Short enough for a socket's path.
    with scratch("rm") as name, database_disk(Path(name)), house(Path(name), rows, **_SETTINGS) as there:
        connect(there, rows)
        read_first(there, rows, outcomes)
        play(there, [row for row in _going_on(platform, outcomes) if row.key not in scenarios], outcomes)
        strike(there, [row for row in _going_on(rows, outcomes) if row.key in scenarios], scenarios, outcomes)
    return outcomes


def read_first(there: House, rows: Sequence[Row], outcomes: Outcomes) -> None:
    """A first reading of each list that a fault is to meet, undisturbed unless it stands; then people come and go."""
    for row in rows:
        if row.standing:
            there.members[row.key].site.world.steer(follow=_MORE_PEOPLE)
            for order in row.orders:
                there.fault(row, order)
    lists = [row for row in rows if row.work is JobKind.SYNC_FOLLOWERS]
    jobs = [there.desk.enqueue(there.profile(row), row.work) for row in lists]
    for row, job in zip(lists, there.desk.ended(jobs, PATIENCE), strict=True):
        with OwnCells(outcomes[row.key]):
            assert job["state"] == "COMPLETED", error_said(job)
    there.desk.quiet(PATIENCE)
    for row in lists:
        there.members[row.key].site.world.steer(follow=2, leave=3, rename=1)
    for row in rows:
        if row.work is JobKind.SYNC_STORIES:
            there.members[row.key].site.world.steer_media(stories_now=2)


def play(there: House, rows: Sequence[Row], outcomes: Outcomes) -> None:
    """Lets every row's fault meet its work, looks, takes the faults back, lets everything settle, and looks again."""
    jobs = {}
    for row in rows:
        with OwnCells(outcomes[row.key]):
            outcomes[row.key].requests = -asked(there, row)
            for order in row.orders:
                there.fault(row, order)
    for row in _going_on(rows, outcomes):
        with OwnCells(outcomes[row.key]):
            jobs[row.key] = begin(there, row)
    there.desk.quiet(PATIENCE)
    for row in _going_on(rows, outcomes):
        with OwnCells(outcomes[row.key]):
            look(there, row, jobs[row.key], outcomes[row.key])
    settle_and_look(there, rows, outcomes)


def strike(there: House, rows: Sequence[Row], scenarios: Scenarios, outcomes: Outcomes) -> None:
    """Hits the machine once for each row, one after the other; then as `play`."""
    for row in rows:
        with OwnCells(outcomes[row.key]):
            outcomes[row.key].requests = -asked(there, row)
            job = scenarios[row.key](there, row)
            trouble.clear(there.crowd.url, there.members[row.key].username)
            there.desk.quiet(PATIENCE)
            look(there, row, job, outcomes[row.key])
        if outcomes[row.key].broke:
            mend(there, there.members[row.key].username)
    settle_and_look(there, rows, outcomes)


def settle_and_look(there: House, rows: Sequence[Row], outcomes: Outcomes) -> None:
    """No more faults: everything settles, and is looked at again."""
    settle(there, _going_on(rows, outcomes), outcomes)
    for row in _going_on(rows, outcomes):
        with OwnCells(outcomes[row.key]):
            look_again(there, row, outcomes[row.key])


def settle(there: House, rows: Sequence[Row], outcomes: Outcomes) -> None:
    """The person lets it go on, connects again where that is needed, and has it read until it fits."""
    for row in rows:
        with OwnCells(outcomes[row.key]):
            trouble.clear(there.crowd.url, there.members[row.key].username)
    there.desk.read_again_now()
    there.desk.quiet(PATIENCE)
    lost = [row for row in rows if there.desk.profile(there.profile(row))["state"] != "CONNECTED"]
    there.desk.ended([there.desk.log_in(there.members[row.key]) for row in lost], PATIENCE)
    # A login has everything read by itself.
    left = [row for row in rows if row.work is not JobKind.LOGIN]
    for _ in range(2):
        jobs = []
        for row in left:
            with OwnCells(outcomes[row.key]):
                jobs.append(begin(there, row))
        there.desk.ended(jobs, PATIENCE)
        left = [row for row in left if row.work is JobKind.SYNC_FOLLOWERS and not _is_exact(there, row)]
    there.desk.quiet(PATIENCE)


def _going_on(rows: Sequence[Row], outcomes: Outcomes) -> list[Row]:
    return [row for row in rows if outcomes[row.key].goes_on]


def _is_exact(there: House, row: Row) -> bool:
    run = there.desk.conn.execute(
        "select exact from public.list_runs where profile_id = %s and direction = 'follower' and state = 'PUBLISHED'"
        " order by ended_at desc limit 1",
        [there.profile(row)],
    ).fetchone()
    return run is not None and bool(run["exact"])
