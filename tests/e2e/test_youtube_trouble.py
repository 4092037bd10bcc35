"""Trouble with a YouTube channel, as its owner meets it: tokens that end, scopes that go, a quota that is used up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.demo.channel import connect
from sandbox.google.faults import Fault, FaultKind, Where
from tests.e2e.conftest import Watched, Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
_PACIFIC = ZoneInfo("America/Los_Angeles")
FIGURES = "daily figures and the audience"


def started(watched: Watched) -> str:
    """A sync of everything, as the button starts it."""
    made: str = watched.person.post(f"/api/v1/profiles/{watched.profile}/jobs", {"kind": "SYNC"})["id"]
    return made


def seen_as(watched: Watched, job: str, state: str) -> dict[str, Any]:
    """The job once it has this state."""
    while (seen := watched.person.get(f"/api/v1/jobs/{job}"))["state"] != state:
        assert seen["state"] in ("PENDING", "RUNNING"), seen
        time.sleep(0.1)
    return seen


def until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.05)


def next_day(watched: Watched) -> None:
    """The quota begins again, here and at Google."""
    watched.world.advance(days=1)
    watched.owner("delete from rollcall.api_quotas")
    watched.owner("update sync_jobs set run_at = now() where state = 'WAITING'")


@pytest.fixture(autouse=True)
def over(watched: Watched) -> Iterator[None]:
    """Trouble ends with its test, whatever came of that."""
    yield
    watched.world.clear_faults()
    next_day(watched)
    watched.person.quiet(watched.profile)


def alerts(watched: Watched) -> list[dict[str, Any]]:
    return watched.rows("select kind, closed_at from alerts where profile_id = %(profile)s order by id")


def text_of(watched: Watched, path: str) -> str:
    watched.person.open(path)
    return watched.person.page.locator("body").inner_text()


def test_a_token_that_ends_in_the_middle_of_a_sync_is_renewed_and_kept(watched: Watched, whole: Whole) -> None:
    google = whole.google.google
    google.faults.add(Fault(FaultKind.SLOW, Where.ANALYTICS, ms=2000, after=2))
    given = google.requests["token"]
    job = started(watched)
    until(lambda: not google.faults.coming())
    watched.world.fault({"kind": "expired"})
    watched.person.wait_for_job(job)
    assert google.requests["token"] == given + 1
    watched.person.sync(watched.profile)
    assert google.requests["token"] == given + 1, "the renewed token was not kept"
    assert alerts(watched) == []


def test_a_permission_that_is_withdrawn_costs_its_figures_alone_until_it_is_given_again(watched: Watched) -> None:
    stored = "select count(*) as n from insight_days where profile_id = %(profile)s"
    refusals = "select distinct code from metric_refusals where profile_id = %(profile)s"
    before = watched.rows(stored)
    assert watched.rows(refusals) == []
    watched.world.fault({"kind": "scope_withdrawn", "variant": "yt-analytics.readonly"})
    watched.person.sync(watched.profile)
    assert watched.rows(refusals) == [{"code": "permission_missing"}]
    assert watched.rows(stored) == before
    assert f"Not allowed\n{FIGURES}" in text_of(watched, f"/profiles/{watched.profile}/settings")
    assert connect(watched.person) == watched.profile
    assert watched.rows(refusals) == []
    assert "Not allowed" not in text_of(watched, f"/profiles/{watched.profile}/settings")


def test_a_spent_quota_is_a_clock_and_no_reason_to_connect_again(watched: Watched, whole: Whole) -> None:
    watched.world.fault({"kind": "quota_spent"})
    job = started(watched)
    seen_as(watched, job, "WAITING")
    (waiting,) = watched.rows(f"select run_at, error_code from sync_jobs where id = '{job}'")
    assert waiting["error_code"] == "quota_spent"
    midnight = waiting["run_at"].astimezone(_PACIFIC)
    assert (midnight.hour, midnight.minute) == (0, 0)
    asked = whole.google.google.requests.total()
    for path in (f"/profiles/{watched.profile}", f"/jobs/{job}", f"/profiles/{watched.profile}/activity", "/"):
        assert "onnect again" not in text_of(watched, path)
    assert "daily quota for this installation is used up" in text_of(watched, f"/jobs/{job}")
    assert "Continues in" in text_of(watched, f"/profiles/{watched.profile}")
    assert watched.rows("select state from profiles where id = %(profile)s") == [{"state": "CONNECTED"}]
    assert alerts(watched) == []
    assert whole.google.google.requests.total() == asked, "no worker asks before that"
    next_day(watched)
    watched.person.wait_for_job(job)


def test_a_withdrawn_access_is_told_once_and_reconnecting_keeps_the_history(watched: Watched) -> None:
    kept = (
        "select count(*) as videos, (select count(*) from insight_days where profile_id = %(profile)s) as days"
        " from media where profile_id = %(profile)s"
    )
    before = watched.rows(kept)
    watched.world.fault({"kind": "revoked"})
    error = seen_as(watched, started(watched), "FAILED")["error"]
    assert "it was withdrawn, or it has ended" in error["message"]
    connection = (
        "select state, state_code from connections where profile_id = %(profile)s order by created_at desc limit 1"
    )
    assert watched.rows(connection) == [{"state": "EXPIRED", "state_code": "access_revoked"}]
    said = watched.person.notices(watched.profile)
    assert list(said) == ["NEEDS_LOGIN"]
    assert "YouTube no longer accepts the access that you gave" in said["NEEDS_LOGIN"]
    assert "Connect again" in said["NEEDS_LOGIN"]
    assert alerts(watched) == [{"kind": "session_dead", "closed_at": None}]
    assert watched.rows(kept) == before
    assert connect(watched.person) == watched.profile
    assert watched.person.notices(watched.profile) == {}
    (alert,) = alerts(watched)
    assert alert["closed_at"] is not None
    assert watched.rows(kept)[0]["days"] >= before[0]["days"]
    assert watched.rows(connection) == [{"state": "ACTIVE", "state_code": None}]
