"""Three workers and two webs over one database: what one does all know, and nothing is lost, doubled or untrue."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.crowd import Member
from shared.domain.jobs import SCHEDULED_PRIORITY, JobKind
from tests.rig import trouble
from tests.rig.desk import wait_for
from tests.rig.scratch import scratch
from tests.said import error_said
from tests.worker.town import LEASE_SECONDS, Town, Visitor, Visits, town

pytestmark = pytest.mark.slow
_WORDS = "some other words 42"
_LONGER_THAN_A_LEASE = LEASE_SECONDS + 1.5
_LIMITS = {"REQUESTS_PER_DAY": "60", "RATE_LIMIT_REST_HOURS": "1"}
_SCHEDULED = ["SYNC_PROFILE", "SYNC_STORIES", "CHECK_SESSION"]


@pytest.fixture(scope="module")
def place() -> Iterator[Town]:
    """The town with every profile connected and read once."""
    folder = scratch("rt")
    with folder as name, town(Path(name), accounts=3, seed=11) as made:
        made.run.connect()
        assert made.run.tally.differences == []
        yield made


def test_killed_and_frozen_machines_leave_nothing_untrue(place: Town) -> None:
    expected = [sorted(member.username for member in place.crowd.members[number::2]) for number in range(2)]
    visits = Visits(place.webs, dict(zip(place.visitors, expected, strict=True)))
    with visits.going_on():
        for member in place.crowd.members:
            trouble.pass_hours(place.crowd.url, member.username, 30)
            # Every reading lasts long enough to be hit.
            trouble.place(place.crowd.url, member.username, trouble.Order("slow", "json", "", 200, 10, 500, 0))
        made = [
            visitor.start(place.webs[(number + turn) % 2], place.desk.profiles[member.username], "SYNC")
            for turn in range(2)
            for number, visitor in enumerate(place.visitors)
            for member in place.crowd.members[number::2]
        ]
        assert len({job["id"] for job in made}) == len(place.crowd.members)
        killed = place.busy_worker()
        place.workers.kill(killed)
        frozen = place.busy_worker(but=frozenset({killed}))
        place.workers.signal(frozen, signal.SIGSTOP)
        woken_at = time.monotonic() + _LONGER_THAN_A_LEASE
        place.webs[0].kill()
        for member in place.crowd.members:
            trouble.pass_hours(place.crowd.url, member.username, 5)
            place.desk.enqueue(place.desk.profiles[member.username], JobKind.SYNC_FOLLOWERS)
        place.workers.kill(({0, 1, 2} - {killed, frozen}).pop())
        time.sleep(max(0.0, woken_at - time.monotonic()))
        place.workers.signal(frozen, signal.SIGCONT)
        place.run.aftermath()
    assert place.run.tally.differences == []
    assert visits.wrong == []
    assert visits.asked > 10
    taken_over = place.rows("select count(*) as lost from public.sync_attempts where error_code = 'worker_lost'")
    assert taken_over[0]["lost"] > 0


@pytest.fixture(scope="module")
def began(place: Town) -> datetime:
    """When three workers began at once, with limits, and everything was due for each of them."""
    assert place.desk.quiet(120) == []
    now: datetime = place.rows("select clock_timestamp() as now")[0]["now"]
    for number in range(3):
        place.workers.signal(number, signal.SIGSTOP)
    place.rows(
        "update public.schedules set next_at = now() - interval '1 minute' where kind = any(%s) returning kind",
        _SCHEDULED,
    )
    # A worker ticks when it starts.
    for number in range(3):
        place.workers.kill(number, None, **_LIMITS)
    return now


def test_three_schedulers_enqueue_what_is_due_once(place: Town, began: datetime) -> None:
    due = len(place.crowd.members) * len(_SCHEDULED)
    scheduled = "select profile_id, kind, id from public.sync_jobs where priority = %s and created_at >= %s"

    def told() -> list[dict[str, Any]]:
        rows = place.rows(scheduled, SCHEDULED_PRIORITY, began)
        return [row for row in rows if row["kind"] in _SCHEDULED]

    assert wait_for(lambda: len(told()) >= due, 90)
    # Each has its own moment within minutes; the clock is put forward.
    place.rows("update public.sync_jobs set run_at = now() where state = 'PENDING' returning id")
    jobs = [row["id"] for row in told()]
    ended = place.desk.ended(jobs, 120)
    assert {job["state"] for job in ended} == {"COMPLETED"}, [error_said(job) for job in ended]
    counts = Counter((row["profile_id"], row["kind"]) for row in told())
    assert (len(counts), set(counts.values())) == (due, {1})
    assert place.workers.ended() == []
    assert place.rows("select kind from public.schedules where kind = any(%s) and next_at <= now()", _SCHEDULED) == []


@pytest.mark.usefixtures("began")
def test_a_budget_and_a_rest_are_one_for_all_workers(place: Town) -> None:
    place.rows("update public.sync_jobs set run_at = now() where state = 'PENDING' returning id")
    assert place.desk.quiet(120) == []
    first, second, third = place.crowd.members
    place.rows("delete from public.request_budget returning profile_id")
    by, spent = set(), [0]
    for _ in range(3):
        by.add(worker_of(place, read(place, first, JobKind.SYNC_PROFILE)))
        spent.append(budget(place, first))
        # Whoever took it sleeps, so that another takes the next.
        freeze(place, by)
    assert len(by) == 3
    assert spent == sorted(set(spent))
    assert len(place.rows("select from public.request_budget where profile_id = %s", profile(place, first))) == 1
    for number in range(3):
        place.workers.signal(number, signal.SIGCONT)

    place.rows("update public.request_budget set day_spent = per_day returning profile_id")
    last = place.desk.enqueue(profile(place, first), JobKind.SYNC_MEDIA)
    assert wait_for(lambda: place.desk.job(last)["error_code"] == "budget_spent", 60), place.desk.job(last)
    assert budget(place, first) == 60

    trouble.place(place.crowd.url, second.username, trouble.Order("please_wait", "json", "", 429, 1, 100, 0))
    refused = place.desk.enqueue(profile(place, second), JobKind.SYNC_PROFILE)
    assert wait_for(lambda: place.desk.job(refused)["error_code"] == "rate_limited", 60), place.desk.job(refused)
    asked = second.site.requests.total()
    others = [place.desk.enqueue(profile(place, second), kind) for kind in (JobKind.SYNC_MEDIA, JobKind.SYNC_STORIES)]
    place.rows("delete from public.request_budget where profile_id = %s returning profile_id", profile(place, third))
    seen: set[str] = set()
    for _ in range(3):
        seen.add(worker_of(place, read(place, third, JobKind.SYNC_PROFILE)))
        freeze(place, seen)
    assert len(seen) == 3
    for job in others:
        assert place.rows("select from public.sync_attempts where job_id = %s", job) == []
    assert second.site.requests.total() == asked


def test_what_happens_on_one_web_is_known_on_the_other(place: Town) -> None:
    one, other = place.webs
    with (
        closing(Visitor("newcomer@example.org")) as visitor,
        closing(Visitor("thief@example.org")) as thief,
        closing(Visitor("tries@example.org")) as tries,
    ):
        visitor.post(one, "/signup", email=visitor.email, password=_WORDS)
        assert visitor.sees(one) == visitor.sees(other) == []
        thief.client.cookies.update(dict(visitor.client.cookies))
        assert thief.sees(other) == []
        visitor.post(other, "/logout")
        assert [thief.get(web, "/api/v1/profiles").status_code for web in place.webs] == [401, 401]

        wrong = [
            tries.post(place.webs[number % 2], "/login", email=visitor.email, password="not the words").status_code
            for number in range(8)
        ]
        assert wrong == [400] * 8
        for web in place.webs:
            answer = tries.post(web, "/login", email=visitor.email, password=_WORDS)
            assert (answer.status_code, "Too many tries" in answer.text) == (429, True)


def profile(place: Town, member: Member) -> Any:
    return place.desk.profiles[member.username]


def read(place: Town, member: Member, kind: JobKind) -> dict[str, Any]:
    job = place.desk.ended([place.desk.enqueue(profile(place, member), kind)], 90)[0]
    assert job["state"] == "COMPLETED", (job["state"], error_said(job))
    return job


def worker_of(place: Town, job: dict[str, Any]) -> str:
    rows = place.rows("select worker from public.sync_attempts where job_id = %s order by fence desc", job["id"])
    return str(rows[0]["worker"])


def freeze(place: Town, names: set[str]) -> None:
    """Freezes the workers of these names; but never all of them."""
    for number, child in enumerate(place.workers.children):
        assert child.process is not None
        if len(names) < 3 and any(f":{child.process.pid}:" in name for name in names):
            place.workers.signal(number, signal.SIGSTOP)


def budget(place: Town, member: Member) -> int:
    rows = place.rows("select day_spent from public.request_budget where profile_id = %s", profile(place, member))
    return int(rows[0]["day_spent"]) if rows else 0
