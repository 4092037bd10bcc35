"""Whether a list in an official export is the whole list, or only the part of a period that was asked for. Pure.

The JSON does not say which period it covers, so the list is held against all that is known besides. When in doubt it is
a part: its people are added with their dates, and nobody is lost.
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
# A smaller list than this part of the last one, or of the profile's count, is taken for a period's (IG-11.9).
_LEAST_PERCENT = 70
# Of a small list, a few who leave are a large part.
_FEW = 5
# Nearer than this to the count, a list is whole whatever its dates look like.
_CONFIRMED_PERCENT = 90
# The first follower of an account comes in its first weeks.
_LATE_START = timedelta(days=90)
_SAME_DAY = timedelta(days=1)
# So many people do not happen to leave from the old end of a list, and from nowhere else.
_CUT_OFF_PEOPLE = 3
# The newest followers of all may leave; where the file itself tells its day, so few of them are believed.
_NEWEST_WHO_LEAVE = 2


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as the data download has it.

    `skipped` entries could not be read, and of `undated` people no date was understood. `gaps`: one of its numbered
    files is absent. `twice` counts people whom more than one entry names.
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
    """What else is known, None where it is not.

    `window` is the period that the export states, `created_at` when the account began, `counter` the profile's own
    count, `last_count` how many the last whole reading had, `other_oldest` and `other_count` of the other list in the
    same export. `cut_off` is how many people that the last export named followed before this list begins. `absent` is
    how many of those known are missing from this list.
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
    """What tells whether a list is older than what is known.

    `absent` people are known by name and missing from it; `came_after` of these came after its newest entry. `told`:
    the file itself says its day, so that it need not be taken from the time of packing.
    """

    absent: int
    came_after: int
    told: bool


def older(order: Order) -> bool:
    """Whether the list is older than the last one: all who are missing came after its newest entry.

    A list may be packed again long after it was made, so the time of packing proves nothing. Somebody who followed
    before the newest entry and is missing has left, and that proves that the list is newer.
    """
    if order.absent == 0 or order.came_after < order.absent:
        return False
    return not order.told or order.absent > _NEWEST_WHO_LEAVE


def judge(listed: Listed, known: Known) -> Verdict:
    """`whole` (exact unless entries were skipped), `partial` with the reason and what to do, or `void`."""
    if listed.count == 0:
        return _empty(listed, known)
    fault = _incomplete(listed) or _period(listed, known) or _without_dates(listed, known)
    if fault is not None:
        return Verdict("partial", False, f"{fault} The people in it are added, and nobody is counted as lost.")
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
    """Without dates nothing tells whether the missing people left or lie outside a period."""
    if not known.absent or within_tolerance(listed.count - listed.undated, listed.count):
        return None
    return (
        f"The dates of {_count(listed.undated, 'person', 'people')} could not be read, so nothing shows whether the "
        f"list is complete. {HOW_TO_ASK}"
    )


def _period(listed: Listed, known: Known) -> str | None:
    """Why the list seems to cover a period only, None where nothing says so."""
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
