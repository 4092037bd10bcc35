"""Declares each kind of job: its title, its lane, who starts it, its share of the requests, its default schedule.

The web's titles, the worker's handlers, the rate limiter and the default intervals of `shared.domain.plan` read this.
`rollcall migrate` writes them into the table `rollcall.job_kinds` (`shared.db.declarations`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.domain.jobs import JobKind
from shared.messages import Message


class BudgetClass(StrEnum):
    """The part of a day's requests that a kind leaves to others."""

    UNLIMITED = "unlimited"
    """It never waits for the budget, because a person waits for it."""
    FIRST = "first"
    """It may use the whole day."""
    LISTS = "lists"
    """It leaves what the kinds of FIRST need."""
    LAST = "last"
    """It leaves what all others need."""


class StartedBy(StrEnum):
    """The origin of a kind's jobs in the queue."""

    BUTTON = "button"
    """A person, by a button of the activity page or the JSON interface; it needs nothing but the profile."""
    FORM = "form"
    """A person, by a page of its own that says what the job needs."""
    ACCOUNT = "account"
    """A person, for their whole account; a function of the database enqueues it."""
    WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """One kind. `lane`: it drives a session, one job at a time. `every`: its default interval, None without a schedule.

    `single`: one live job of a profile at most. A person's job takes the arguments `needs` and may take `takes`.
    """

    title: str
    started_by: StartedBy
    lane: bool = False
    single: bool = True
    budget: BudgetClass = BudgetClass.LISTS
    every: timedelta | None = None
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


def _by_button(title: str, *, every: timedelta | None = None, budget: BudgetClass = BudgetClass.LISTS) -> JobSpec:
    return JobSpec(title=title, started_by=StartedBy.BUTTON, lane=True, budget=budget, every=every)


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
JOB_KINDS: Mapping[JobKind, JobSpec] = {
    JobKind.LOGIN: JobSpec(
        title=Message("Connecting the account"),
        started_by=StartedBy.FORM,
        lane=True,
        budget=BudgetClass.UNLIMITED,
    ),
    JobKind.CONNECT: JobSpec(
        title=Message("Connecting the account"),
        started_by=StartedBy.FORM,
        single=False,
        budget=BudgetClass.UNLIMITED,
        needs=("platform", "way_in"),
    ),
    JobKind.REVOKE: JobSpec(
        title=Message("Ending the access at the platform"),
        started_by=StartedBy.WORKER,
        single=False,
        budget=BudgetClass.UNLIMITED,
    ),
    JobKind.RENEW_ACCESS: JobSpec(
        title=Message("Renewing the access"),
        started_by=StartedBy.WORKER,
        lane=True,
        single=False,
        budget=BudgetClass.UNLIMITED,
    ),
    JobKind.SYNC: JobSpec(
        title=Message("Syncing everything"), started_by=StartedBy.BUTTON, lane=True, takes=("way_in",)
    ),
    JobKind.SYNC_PROFILE: _by_button(Message("Syncing the profile"), every=6 * _HOUR, budget=BudgetClass.FIRST),
    JobKind.SYNC_FOLLOWERS: _by_button(Message("Syncing followers"), every=_DAY),
    JobKind.SYNC_FOLLOWING: _by_button(Message("Syncing accounts followed"), every=_DAY),
    JobKind.SYNC_MEDIA: _by_button(Message("Syncing posts and reels"), every=8 * _HOUR),
    JobKind.SYNC_STORIES: _by_button(Message("Syncing stories"), every=2 * _HOUR, budget=BudgetClass.FIRST),
    JobKind.SYNC_VIEWERS: JobSpec(
        title=Message("Syncing viewers of stories"),
        started_by=StartedBy.WORKER,
        lane=True,
        budget=BudgetClass.FIRST,
    ),
    JobKind.SYNC_LIKERS: _by_button(Message("Syncing likers of recent posts"), every=_DAY, budget=BudgetClass.LAST),
    JobKind.SYNC_INSIGHTS: _by_button(Message("Syncing official figures"), every=_DAY),
    JobKind.SYNC_AUDIENCE: _by_button(Message("Syncing the audience"), every=7 * _DAY, budget=BudgetClass.LAST),
    JobKind.LOOK_UP: JobSpec(
        title=Message("Checking accounts that left"), started_by=StartedBy.WORKER, lane=True, budget=BudgetClass.LAST
    ),
    JobKind.PROBE_ENDPOINTS: JobSpec(
        title=Message("Checking whether a stopped list works again"),
        started_by=StartedBy.WORKER,
        lane=True,
        budget=BudgetClass.LAST,
    ),
    JobKind.CHECK_SESSION: _by_button(Message("Checking the session"), every=_DAY, budget=BudgetClass.FIRST),
    JobKind.IMPORT: JobSpec(
        title=Message("Importing a data download"), started_by=StartedBy.FORM, needs=("import_id",), takes=("all",)
    ),
    JobKind.DERIVE: JobSpec(title=Message("Calculating the figures"), started_by=StartedBy.BUTTON, every=_DAY),
    JobKind.EXPORT: JobSpec(
        title=Message("Writing an export"), started_by=StartedBy.FORM, single=False, needs=("export_id",)
    ),
    JobKind.DELETE_PROFILE: JobSpec(title=Message("Deleting a profile"), started_by=StartedBy.FORM),
    JobKind.ACCOUNT_EXPORT: JobSpec(
        title=Message("Writing the file of all your data"), started_by=StartedBy.ACCOUNT, needs=("export_id",)
    ),
    JobKind.DELETE_ACCOUNT: JobSpec(title=Message("Deleting an account"), started_by=StartedBy.ACCOUNT),
}
SESSION_KINDS = frozenset(kind for kind, spec in JOB_KINDS.items() if spec.lane)
"""Kinds that drive a person's session on the platform: one at a time for each profile."""
READ_BY_SYNC = frozenset(
    {
        JobKind.SYNC_PROFILE,
        JobKind.SYNC_FOLLOWERS,
        JobKind.SYNC_FOLLOWING,
        JobKind.SYNC_MEDIA,
        JobKind.SYNC_STORIES,
        JobKind.SYNC_INSIGHTS,
        JobKind.SYNC_AUDIENCE,
    }
)
"""The kinds that a SYNC does in one session."""
STARTABLE = frozenset(kind for kind, spec in JOB_KINDS.items() if spec.started_by is StartedBy.BUTTON)
"""Kinds that a person may start by a button or the JSON interface."""
BY_PERSON = STARTABLE | {kind for kind, spec in JOB_KINDS.items() if spec.started_by is StartedBy.FORM}
"""Kinds that a person may put into the queue."""
EVERY: Mapping[JobKind, timedelta] = {kind: spec.every for kind, spec in JOB_KINDS.items() if spec.every is not None}
"""The default interval of each kind that the schedule starts."""
