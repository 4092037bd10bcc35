"""The first steps of a profile, shown on its overview until its second sync told what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.growth import History
from shared.domain.jobs import JobKind
from shared.store.profiles import ProfileRow, ProfileState
from web.wording import ago, counted, day


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist."""

    state: StepState
    title: str
    detail: str


def checklist(profile: ProfileRow, history: History, baseline: int | None, now: datetime | None = None) -> list[Step]:
    """Returns the three first steps; an empty list once a second follower list was published.

    `baseline` is the number of people of the first whole list, None before it.
    """
    if history.later:
        return []
    steps = [_connected(profile), _baseline(profile, history, baseline), _changes(profile, history, now)]
    return [Step(_state(steps, at), title, detail) for at, (_, title, detail) in enumerate(steps)]


_Line = tuple[bool, str, str]


def _connected(profile: ProfileRow) -> _Line:
    if profile.state == ProfileState.CONNECTING:
        return False, "Connect the account", "Rollcall cannot sync before that."
    return True, "Account connected", ""


def _baseline(profile: ProfileRow, history: History, baseline: int | None) -> _Line:
    if history.first_whole is None:
        return False, "First sync", "It reads the follower list once, to compare later lists with it."
    people = "" if baseline is None else f": {counted(baseline, 'follower')}"
    return True, f"Baseline of {day(history.first_whole, profile.timezone)}{people}", ""


def _changes(profile: ProfileRow, history: History, now: datetime | None) -> _Line:
    due = profile.next_at(JobKind.SYNC_FOLLOWERS)
    if history.first_whole is None or due is None or profile.schedule_paused:
        return False, "Second sync", "Gained and unfollowed people appear after it."
    moment = now or datetime.now(UTC)
    when = ago(due, moment) if due > moment else "soon"
    return False, "Second sync", f"Gained and unfollowed people appear after it. It starts {when}."


def _state(steps: list[_Line], at: int) -> StepState:
    if steps[at][0]:
        return StepState.DONE
    return StepState.NOW if all(done for done, _, _ in steps[:at]) else StepState.LATER
