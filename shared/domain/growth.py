"""Growth figures of a period, each with its value or with the reason why it is not known. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.days import day_of
from shared.domain.periods import Period
from shared.messages import Message


class Missing(StrEnum):
    """The reason why a figure is not known; the value is the sentence for the person."""

    NEVER_READ = Message("Not synced yet.")
    NO_PEOPLE = Message("There is no follower list yet.")
    NO_LIST = Message("There is no complete follower list yet.")
    ONE_LIST = Message("Baseline saved. Changes appear after the next sync.")
    NO_LIST_IN_PERIOD = Message("No sync read the follower list in this period.")
    NO_WHOLE_LIST_IN_PERIOD = Message(
        "No follower list of this period is complete, and only a complete list shows who left."
    )
    NO_LIST_BEFORE = Message("No follower list of the days compared with is complete.")
    BEFORE_HISTORY = Message("Rollcall started after the days compared with began.")
    ALL_TIME = Message("All time is compared with nothing.")
    NOT_COMPARED = Message("No comparison was chosen.")
    NO_POSTS = Message("No post of this period has both its interactions and its reach known.")
    NO_POSTS_BEFORE = Message("No post of the days compared with has both its interactions and its reach known.")
    RATES_FORBIDDEN = Message("The platform's rules forbid rates worked out from its figures.")
    LISTS = Message("This needs both lists, followers and following, complete.")
    ENGAGERS = Message(
        "Too little is known about who liked the last posts and viewed the stories: "
        "at least five of these lists must be complete."
    )


@dataclass(frozen=True, slots=True)
class Runs:
    """Published readings of the follower list in one period, without those up to the first whole one.

    `gained` and `lost` are the rows of the lists of new and of lost followers in that period.
    """

    read: int = 0
    whole: int = 0
    gained: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """`first_whole` is the platform's time of the first whole reading, `later` the number of readings since then.

    `people_known`: a reading, whole or partial, has shown followers.
    """

    first_whole: datetime | None
    later: int
    now: Runs
    before: Runs
    people_known: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and its value in the period before. Where either is None, the matching reason says why."""

    value: int | None
    before: int | None
    missing: Missing | None = None
    before_missing: Missing | None = None

    @property
    def change(self) -> int | None:
        """`value` less `before`, None where either is unknown."""
        return None if self.value is None or self.before is None else self.value - self.before


@dataclass(frozen=True, slots=True)
class Growth:
    """Net = gained − lost, and unknown unless both are known."""

    net: Figure
    gained: Figure
    lost: Figure


def growth(history: History, period: Period) -> Growth:
    """Computes the growth of a period; the people of the first reading (the baseline) are neither gained nor lost."""
    now, before, unknown = history.now, history.before, _before_unknown(history, period)
    read = _unread(history, now.read, Missing.NO_LIST_IN_PERIOD)
    whole = read or _unread(history, now.whole, Missing.NO_WHOLE_LIST_IN_PERIOD)
    read_before = unknown or _unread(history, before.read, Missing.NO_LIST_BEFORE)
    whole_before = unknown or _unread(history, before.whole, Missing.NO_LIST_BEFORE)
    return Growth(
        _figure(now.gained - now.lost, before.gained - before.lost, whole, whole_before),
        _figure(now.gained, before.gained, read, read_before),
        _figure(now.lost, before.lost, whole, whole_before),
    )


def followers(now: int | None, at_start: int | None, period: Period) -> Figure:
    """The platform's own counter at the end of the period, and at its start."""
    if now is None:
        return Figure(None, None, Missing.NEVER_READ, Missing.NEVER_READ)
    reason = Missing.ALL_TIME if period.first_day is None else Missing.BEFORE_HISTORY
    return Figure(now, at_start, None, reason if at_start is None else None)


def nothing_before(period: Period) -> Missing | None:
    """The reason why a period has no days to compare with; None where it has."""
    if period.before() is not None:
        return None
    return Missing.NOT_COMPARED if period.against == "none" and period.first_day is not None else Missing.ALL_TIME


def share_covered(history: History, period: Period) -> float | None:
    """The share of the days to compare with that lie after the first whole list, from 0 to 1; None without such days.

    The day of that list counts as covered only if nothing before it is asked for.
    """
    earlier, first = period.before(), history.first_whole
    if (
        earlier is None
        or earlier.first_day is None
        or earlier.last_day is None
        or earlier.days is None
        or first is None
    ):
        return None
    if earlier.start is not None and first <= earlier.start:
        return 1.0
    known = (earlier.last_day - day_of(first, earlier.zone)).days
    return min(max(known / earlier.days, 0.0), 1.0)


def _before_unknown(history: History, period: Period) -> Missing | None:
    earlier = period.before()
    if earlier is None:
        return nothing_before(period)
    if history.first_whole is None or earlier.start is None or history.first_whole > earlier.start:
        return Missing.BEFORE_HISTORY
    return None


def _unread(history: History, readings: int, otherwise: Missing) -> Missing | None:
    if history.first_whole is None:
        return Missing.NO_LIST
    if history.later == 0:
        return Missing.ONE_LIST
    return None if readings else otherwise


def _figure(value: int, before: int, missing: Missing | None, before_missing: Missing | None) -> Figure:
    return Figure(None if missing else value, None if before_missing else before, missing, before_missing)
