"""Plays the rows: every platform fault at once, one profile each, by a real worker; then the machine's, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from bench.soaking import trouble
from shared.domain.jobs import JobKind
from tests.reliability.look import asked, look, look_again
from tests.reliability.rows import Row
from tests.reliability.stage import PATIENCE, House, NotHere, Outcome, begin


def read_first(there: House, rows: Sequence[Row]) -> None:
    """A first, undisturbed reading of each list that a fault is to meet; then people come and go."""
    lists = [row for row in rows if row.work is JobKind.SYNC_FOLLOWERS]
    jobs = [there.desk.enqueue(there.profile(row), row.work) for row in lists]
    for job in there.desk.ended(jobs, PATIENCE):
        assert job["state"] == "COMPLETED", job["error_message"]
    there.desk.quiet(PATIENCE)
    for row in lists:
        there.members[row.key].site.world.steer(follow=2, leave=3, rename=1)
    for row in rows:
        if row.work is JobKind.SYNC_STORIES:
            there.members[row.key].site.world.steer_media(stories_now=2)


def play(there: House, rows: Sequence[Row]) -> dict[str, Outcome]:
    """Lets every row's fault meet its work, looks, takes the faults back, lets everything settle, and looks again."""
    outcomes = {row.key: Outcome(requests=-asked(there, row)) for row in rows}
    for row in rows:
        for order in row.orders:
            there.fault(row, order)
    jobs = {row.key: begin(there, row) for row in rows}
    there.desk.quiet(PATIENCE)
    for row in rows:
        look(there, row, jobs[row.key], outcomes[row.key])
    settle(there, rows)
    for row in rows:
        look_again(there, row, outcomes[row.key])
    return outcomes


def strike(
    there: House, rows: Sequence[Row], scenarios: Mapping[str, Callable[[House, Row], UUID]]
) -> dict[str, Outcome]:
    """Hits the machine once for each row, one after the other; then as `play`."""
    outcomes = {}
    for row in rows:
        outcomes[row.key] = Outcome(requests=-asked(there, row))
        try:
            job = scenarios[row.key](there, row)
        except NotHere as reason:
            outcomes[row.key].skipped = str(reason)
            continue
        trouble.clear(there.crowd.url, there.members[row.key].username)
        there.desk.quiet(PATIENCE)
        look(there, row, job, outcomes[row.key])
    played = [row for row in rows if not outcomes[row.key].skipped]
    settle(there, played)
    for row in played:
        look_again(there, row, outcomes[row.key])
    return outcomes


def settle(there: House, rows: Sequence[Row]) -> None:
    """No more faults; the person lets it go on, connects again where that is needed, and has it read until it fits."""
    for row in rows:
        trouble.clear(there.crowd.url, there.members[row.key].username)
    there.desk.read_again_now()
    there.desk.quiet(PATIENCE)
    lost = [row for row in rows if there.desk.profile(there.profile(row))["state"] != "CONNECTED"]
    there.desk.ended([there.desk.log_in(there.members[row.key]) for row in lost], PATIENCE)
    # A login has everything read by itself.
    left = [row for row in rows if row.work is not JobKind.LOGIN]
    for _ in range(2):
        jobs = [begin(there, row) for row in left]
        there.desk.ended(jobs, PATIENCE)
        left = [row for row in left if row.work is JobKind.SYNC_FOLLOWERS and not _is_exact(there, row)]
    there.desk.quiet(PATIENCE)


def _is_exact(there: House, row: Row) -> bool:
    run = there.desk.conn.execute(
        "select exact from public.list_runs where profile_id = %s and direction = 'follower' and state = 'PUBLISHED'"
        " order by ended_at desc limit 1",
        [there.profile(row)],
    ).fetchone()
    return run is not None and bool(run["exact"])
