"""The demo's person: what a wait gives up on, and what counts as work that is still under way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from playwright.sync_api import Page

from sandbox.demo import history
from sandbox.demo.person import DemoFailed, Person

SOON, FAR = timedelta(seconds=1), timedelta(hours=4)


class Answer:
    """What a request gets: JSON, or the text of a page."""

    ok, status = True, 200

    def __init__(self, body: dict[str, Any] | str) -> None:
        self._body = body

    def json(self) -> dict[str, Any] | str:
        return self._body

    def text(self) -> str:
        return str(self._body)


class Pages:
    """A browser's page whose requests are answered one after the other; the last answer stays."""

    def __init__(self, *bodies: dict[str, Any] | str) -> None:
        self._bodies: Iterator[dict[str, Any] | str] = iter(bodies)
        self._last: dict[str, Any] | str = ""
        self.asked: list[str] = []
        self.request = self

    def get(self, url: str) -> Answer:
        self.asked.append(url.rsplit("/", 1)[1])
        self._last = next(self._bodies, self._last)
        return Answer(self._last)


def person(pages: Pages) -> Person:
    return Person(cast("Page", pages), "http://127.0.0.1:1")


def job(state: str, ahead: timedelta = timedelta(0)) -> dict[str, Any]:
    run_at = (datetime.now(UTC) + ahead).isoformat()
    return {"id": "j", "kind": "SYNC", "state": state, "run_at": run_at, "error": {"message": "why it waits"}}


def row(state: str) -> str:
    return f'<li class="panel job-row" data-testid="job" data-job="0a1b" data-kind="LOOK_UP" data-state="{state}">'


def test_a_wait_gives_up_at_once_on_what_lies_beyond_its_deadline() -> None:
    pages = Pages(job("WAITING", FAR))
    with pytest.raises(DemoFailed, match=r"SYNC job waits until .*why it waits"):
        person(pages).wait_for_job("j")
    assert pages.asked == ["j"]


def test_what_waits_for_a_moment_is_waited_for() -> None:
    assert person(Pages(job("WAITING", SOON), job("RUNNING"), job("COMPLETED"))).wait_for_job("j")["kind"] == "SYNC"


@pytest.mark.parametrize("state", ["PENDING", "WAITING", "RUNNING", "NEEDS_INPUT"])
def test_it_is_quiet_only_when_no_work_of_any_kind_is_live(state: str) -> None:
    pages = Pages(row("COMPLETED") + row(state), job("COMPLETED"), row("COMPLETED"))
    person(pages).quiet("p")
    assert pages.asked == ["activity", "0a1b", "activity"]


def test_work_that_ended_badly_is_quiet_too() -> None:
    pages = Pages(row("RUNNING"), job("FAILED"), job("FAILED"), row("FAILED"))
    person(pages).quiet("p")
    assert pages.asked[-1] == "activity"


def test_work_that_waits_for_hours_is_named_instead_of_waited_for() -> None:
    with pytest.raises(DemoFailed, match="waits until"):
        person(Pages(row("WAITING"), job("WAITING", FAR))).quiet("p")


def test_an_activity_page_that_names_no_work_is_not_taken_for_quiet() -> None:
    with pytest.raises(DemoFailed, match="lists no work"):
        person(Pages("<html></html>")).quiet("p")


@pytest.mark.parametrize("days", [1, 3, 10, 12, 60, 400])
def test_the_visits_end_on_the_last_day_and_meet_the_bad_one(days: int) -> None:
    visits = list(history._visits(days))
    assert sum(ahead for _, ahead in visits) == visits[-1][0] == days
    assert days <= 3 or days - 3 in {day for day, _ in visits}
