"""The first steps of a profile, shown on its overview until its second sync has shown changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.growth import History
from shared.domain.jobs import JobKind
from shared.store.profiles.profiles import ProfileRow, ProfileState
from web.text.platforms import reads
from web.text.values import ago, day
from web.translation import _, ngettext


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
    """Returns the three first steps; an empty list once a second follower list was published, or where none can be.

    `baseline` is the number of people in the first whole list, None before it.
    """
    if history.later or not (reads(profile.platform, JobKind.SYNC_FOLLOWERS) and profile.reads_people):
        return []
    steps = [_connected(profile), _baseline(profile, history, baseline), _changes(profile, history, now)]
    return [Step(_state(steps, at), title, detail) for at, (_done, title, detail) in enumerate(steps)]


_Line = tuple[bool, str, str]


def _connected(profile: ProfileRow) -> _Line:
    if profile.state == ProfileState.CONNECTING:
        return False, _("Connect the account"), _("Rollcall cannot sync before that.")
    return True, _("Account connected"), ""


def _baseline(profile: ProfileRow, history: History, baseline: int | None) -> _Line:
    if history.first_whole is None:
        return False, _("First sync"), _("It reads the follower list once, to compare later lists with it.")
    known = day(history.first_whole, profile.timezone)
    if baseline is None:
        return True, _("Baseline of %(day)s", day=known), ""
    words = ngettext(
        "Baseline of %(day)s: %(num)s follower", "Baseline of %(day)s: %(num)s followers", baseline, day=known
    )
    return True, words, ""


def _changes(profile: ProfileRow, history: History, now: datetime | None) -> _Line:
    due = profile.next_at(JobKind.SYNC_FOLLOWERS)
    if history.first_whole is None or due is None or profile.schedule_paused:
        return False, _("Second sync"), _("New and lost followers appear after it.")
    moment = now or datetime.now(UTC)
    when = ago(due, moment) if due > moment else _("soon")
    return False, _("Second sync"), _("New and lost followers appear after it. It starts %(when)s.", when=when)


def _state(steps: list[_Line], at: int) -> StepState:
    if steps[at][0]:
        return StepState.DONE
    return StepState.NOW if all(step[0] for step in steps[:at]) else StepState.LATER
