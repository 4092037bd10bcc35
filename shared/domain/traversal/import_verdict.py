"""Judges whether a list in a data download is complete or covers only a chosen period. Pure.

The JSON does not name its period, so the list is compared with everything else that is known. In doubt it is partial:
its people are added with their dates, and no one is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.social import Direction
from shared.domain.traversal.list_verdict import Verdict, within_tolerance

HOW_TO_ASK = (
    "Ask Instagram for it again: Accounts Center, Your information and permissions, Export your information, with the "
    "format JSON, the date range All time, and Followers and following."
)
# A list below this part of the last one, or of the profile's count, counts as a period's (IG-11.9).
_LEAST_PERCENT = 70
# In a small list, a few who leave are a large part.
_FEW = 5
# Nearer than this to the count, a list is whole whatever its dates look like.
_CONFIRMED_PERCENT = 90
# An account gets its first follower in its first weeks.
_LATE_START = timedelta(days=90)
_SAME_DAY = timedelta(days=1)
# This many people do not leave from the old end of a list alone by chance.
_CUT_OFF_PEOPLE = 3
# The newest followers may leave, too; where the file names its day, up to this many are believed.
_NEWEST_WHO_LEAVE = 2


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in the data download.

    `skipped` entries could not be read, and `undated` people have no readable date. `gaps`: one of its numbered files
    is absent. `twice` counts people with more than one entry.
    """

    direction: Direction
    count: int
    skipped: int
    oldest: datetime | None
    gaps: bool = False
    undated: int = 0
    twice: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """Other known facts, None where one is unknown.

    `window` is the period that the data download states, `created_at` the beginning of the account, `counter` the
    profile's own count, `last_count` the size of the last whole reading, `other_oldest` and `other_count` belong to the
    other list in the same file. `cut_off` counts people of the last data download who followed before this list begins.
    `absent` counts known people who are missing from this list.
    """

    window: tuple[datetime, datetime] | None = None
    created_at: datetime | None = None
    counter: int | None = None
    last_count: int | None = None
    other_oldest: datetime | None = None
    other_count: int = 0
    cut_off: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """Facts that show whether a list is older than the known state.

    `absent` people are known by name and missing from it; `came_after` of these came after its newest entry.
    `day_known`: the file itself names its day, so that the time of packing is not needed.
    """

    absent: int
    came_after: int
    day_known: bool


def older(order: Order) -> bool:
    """Whether the list is older than the last one: all missing people came after its newest entry.

    A list may be packed again long after it was made, so the time of packing proves nothing. A missing person who
    followed before the newest entry has left, and that proves that the list is newer.
    """
    if order.absent == 0 or order.came_after < order.absent:
        return False
    return not order.day_known or order.absent > _NEWEST_WHO_LEAVE


def judge(listed: Listed, known: Known) -> Verdict:
    """`whole` (exact unless entries were skipped), `partial` with the reason and what to do, or `void`."""
    if listed.count == 0:
        return _empty(listed, known)
    fault = _incomplete(listed) or _period(listed, known) or _without_dates(listed, known)
    if fault is not None:
        return Verdict("partial", False, f"{fault} The people in it are added, and no one is counted as lost.")
    if listed.skipped:
        return Verdict(
            "whole",
            False,
            f"{_count(listed.skipped, 'entry', 'entries')} of the data download could not be read. Missing people "
            "are counted as lost if the next complete list misses them too.",
        )
    if listed.undated:
        return Verdict(
            "whole",
            False,
            f"The dates of {_count(listed.undated, 'person', 'people')} could not be read. Missing people are "
            "counted as lost if the next complete list misses them too.",
        )
    return Verdict("whole", True, None)


def _empty(listed: Listed, known: Known) -> Verdict:
    if not listed.skipped and 0 in (known.counter, known.last_count):
        return Verdict("whole", True, None)
    return Verdict("void", False, f"The list in the data download is empty, and nothing confirms that. {HOW_TO_ASK}")


def _incomplete(listed: Listed) -> str | None:
    if listed.gaps:
        return "A numbered file of this list is missing. Upload all parts of the data download together."
    if not within_tolerance(listed.count, listed.count + listed.skipped):
        return f"{_count(listed.skipped, 'entry', 'entries')} of the data download could not be read."
    if not within_tolerance(listed.count, listed.count + listed.twice):
        return (
            f"It names {_count(listed.twice, 'person', 'people')} more than once, so its files seem to be of two days. "
            "Upload each data download alone."
        )
    return None


def _without_dates(listed: Listed, known: Known) -> str | None:
    """The fault of a list without dates: missing people may have left or may lie outside its period."""
    if not known.absent or within_tolerance(listed.count - listed.undated, listed.count):
        return None
    return (
        f"The dates of {_count(listed.undated, 'person', 'people')} could not be read, so nothing shows whether the "
        f"list is complete. {HOW_TO_ASK}"
    )


def _period(listed: Listed, known: Known) -> str | None:
    """The reason why the list seems to cover a period only, or None."""
    sign = _stated(known) or _too_few(listed, known) or _starts_late(listed, known)
    return None if sign is None else f"{sign}, so this data download seems to cover only a period. {HOW_TO_ASK}"


def _stated(known: Known) -> str | None:
    if known.window is None:
        return None
    began = min(filter(None, (known.created_at, known.other_oldest)), default=None)
    if began is not None and known.window[0] <= began + _SAME_DAY:
        return None
    first, last = known.window
    return f"It says that it covers {first.date().isoformat()} to {last.date().isoformat()}"


def _too_few(listed: Listed, known: Known) -> str | None:
    if known.last_count is not None and _far_below(listed.count, known.last_count):
        return (
            f"It names {_count(listed.count, 'person', 'people')}, and the last complete list had {known.last_count:,}"
        )
    if known.counter is not None and _far_below(listed.count, known.counter):
        return f"It names {_count(listed.count, 'person', 'people')}, and the profile reports {known.counter:,}"
    if known.cut_off >= _CUT_OFF_PEOPLE:
        return f"All {known.cut_off:,} who followed before its oldest entry are missing from it"
    return None


def _far_below(count: int, expected: int) -> bool:
    return expected - count > _FEW and count * 100 < expected * _LEAST_PERCENT


def _starts_late(listed: Listed, known: Known) -> str | None:
    if listed.direction is not Direction.FOLLOWER or listed.oldest is None or _confirmed(listed, known):
        return None
    day = listed.oldest.date().isoformat()
    if known.created_at is not None and listed.oldest - known.created_at > _LATE_START:
        return f"Its oldest follower is of {day}, and the account of {known.created_at.date().isoformat()}"
    other = known.other_oldest
    if other is not None and listed.oldest - other > _LATE_START and listed.count < known.other_count:
        since = other.date().isoformat()
        return f"Its oldest follower is of {day}, while the list of accounts you follow goes back to {since}"
    return None


def _confirmed(listed: Listed, known: Known) -> bool:
    counts = [count for count in (known.counter, known.last_count) if count]
    return any(listed.count * 100 >= count * _CONFIRMED_PERCENT for count in counts)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
