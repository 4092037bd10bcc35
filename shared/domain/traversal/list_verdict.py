"""Judges a walk through a list as `whole`, `partial` or `void`. Pure: counts go in, a judgement comes out.

A whole list may say that people left; a partial one may only add people; a void one says nothing.

The guarantee, whatever the platform answers: a person in the list is called lost only if either
- one whole walk did not show them in any of its passes, the profile counted exactly the people shown, each time it was
  asked, before and after, and the walk would not take away more than five people who are also more than three in ten
  (`guard_mass_loss`), or
- two whole walks, at least six hours apart, did not show them, and no walk between did, not even a partial one.
So N, the walks in a row that have to miss a person before an inexact list loses them, is 2 (`miss_cutoff`). Walks less
than six hours apart (`APART`) count as one of them.

A list that lacks more people than the tolerance allows may be whole, too: where it lacks as many as the complete walk
at least six hours before it, up to 5 % of the list (`accept_steady_gap`). Platforms go on counting deactivated
accounts, which show in no list, and so the same gap comes again, walk after walk. The gap is a different one where
people return whom the walks before had missed: then each walk hides others, and absence proves nothing. Such a list is
never exact, so N walks have to agree.

A walk takes no one away if a guard ended it, if the platform limited it, if it stopped before its natural end, if it
shows fewer people than the tolerance allows, or if the count jumped during it. So one lie never does: a hidden person
needs a counter that is wrong by just as many, or two walks that hide the same person on two occasions. Against these,
LOOK_UP asks about each lost person and takes back wrong losses.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

Kind = Literal["whole", "partial", "void"]

# Two walks within the same hours would only repeat one fault of the platform.
APART = timedelta(hours=6)

# A platform's counter lags behind its list by deactivated accounts (docs/platforms/instagram.md, IG-5.11).
_TOLERATED_PEOPLE = 5
_TOLERATED_PERCENT = 1
# Five people of ten are half a list: where five are more than the largest normal gap, that gap decides, yet one person
# may always be missing, for a single deactivated account makes the smallest list inexact for good. It costs no one
# their place: an inexact list takes people away only when a second whole one agrees.
_LARGEST_NORMAL_PERCENT = 5
# More people than this missing at once, and more than this part of all, look like a fault rather than like leaving.
_SUDDEN_PEOPLE = 5
# A gap of up to 5 % between counter and list is usual (IG-5.11).
_LARGEST_STEADY_PERCENT = 5
_SUDDEN_PERCENT = 30


class Guard(StrEnum):
    """The reason why Rollcall ended a walk before the list ended."""

    REPEATED_CURSOR = "repeated_cursor"
    BARREN_PAGES = "barren_pages"
    NOTHING_NEW = "nothing_new"
    TOO_MANY_PAGES = "too_many_pages"


_OTHER_COUNT = "The list does not match the profile's count"
_GUARD_SENTENCES = {
    Guard.REPEATED_CURSOR: "The list led back to a page that was already read",
    Guard.BARREN_PAGES: "The list went on with empty pages",
    Guard.NOTHING_NEW: "The list went on showing the same people",
    Guard.TOO_MANY_PAGES: "The list had far more pages than the profile's count explains",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of a walk. Counts are the profile's own, None where one was not shown or not requested.

    `between` holds the counts read during the walk; `natural_end` and `guard` speak of all passes: each ended where the
    list did, and no guard ended one.
    """

    reported_before: int | None
    reported_after: int | None
    natural_end: bool
    limited: bool = False
    guard: Guard | None = None
    between: tuple[int, ...] = ()

    def counts(self) -> tuple[int, ...]:
        """Every count that was read, the newest first."""
        stated = (self.reported_after, *reversed(self.between), self.reported_before)
        return tuple(count for count in stated if count is not None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`exact`: the walk saw as many people as the profile reports. `reason`: a sentence, unless the list is exact."""

    kind: Kind
    exact: bool
    reason: str | None


def judge(distinct: int, evidence: Evidence) -> Verdict:
    """Judges a walk that saw `distinct` different people."""
    reported = reported_count(distinct, evidence)
    if distinct == 0 and any(evidence.counts() or (1,)):
        return Verdict("void", False, _nothing_shown(max(evidence.counts(), default=None)))
    fault = _cut_short(evidence) or _miscounted(distinct, reported, evidence)
    if fault is not None:
        return Verdict("partial", False, _partial(fault, distinct, reported))
    exact = all(count == distinct for count in evidence.counts())
    return Verdict("whole", exact, None if exact else _inexact(distinct, reported or 0))


def guard_mass_loss(judged: Verdict, held: int, missing: int) -> Verdict:
    """The verdict once it is known that `missing` of the `held` people would be lost: many losses at once wait for a
    second whole list, even where the count agrees.
    """
    if not judged.exact or missing <= _SUDDEN_PEOPLE or missing * 100 <= held * _SUDDEN_PERCENT:
        return judged
    return replace(
        judged,
        exact=False,
        reason=f"{_people(missing)} of {held:,} are missing at once. "
        "They are counted as lost if a complete list at least six hours later misses them too.",
    )


def miss_cutoff(judged: Verdict, at: datetime) -> datetime | None:
    """The latest time of the earlier miss that lets a walk, ended at `at`, call a person lost.

    Returns None where the walk takes no one away, and `at` itself where it needs no earlier walk. A walk in between
    that showed the person undoes the earlier miss.
    """
    if judged.kind != "whole":
        return None
    return at if judged.exact else at - APART


def gap(distinct: int, evidence: Evidence) -> int | None:
    """The reported count less the people shown; negative where the walk showed more, None without a count."""
    reported = reported_count(distinct, evidence)
    return None if reported is None else reported - distinct


def is_complete(evidence: Evidence) -> bool:
    """Whether a walk ended where the list did, whatever number of people it showed."""
    return _cut_short(evidence) is None


@dataclass(frozen=True, slots=True)
class Former:
    """The newest complete walk, at least six hours earlier, and how this walk differs from the stored list.

    `seen_again` are shown now and were missed by a whole walk before; `absent` are missed for the first time, `joined`
    are shown for the first time.
    """

    reported: int
    gap: int
    seen_again: int
    absent: int
    joined: int


def accept_steady_gap(judged: Verdict, distinct: int, evidence: Evidence, former: Former | None) -> Verdict:
    """The verdict once the walk before is known: the same gap again makes a list whole, and never exact.

    People who leave lower the counter, too. Where more people are absent than it fell by, they are the gap itself, as
    after a wave of deactivations: then the list stays partial.
    """
    missing, reported = gap(distinct, evidence), reported_count(distinct, evidence)
    if judged.kind != "partial" or not is_complete(evidence) or missing is None or reported is None:
        return judged
    fault = _miscounted(distinct, reported, evidence)
    if fault != _OTHER_COUNT or _moved(evidence) is not None or former is None or min(missing, former.gap) <= 0:
        return judged
    drift = _drift(reported, former.gap)
    left = max(former.reported + former.joined - reported, 0)
    is_steady = missing * 100 <= reported * _LARGEST_STEADY_PERCENT and abs(missing - former.gap) <= drift
    if not is_steady or former.seen_again > drift or former.absent > left + _few(reported):
        return judged
    return Verdict("whole", False, _steady(distinct, reported, missing))


def reported_count(distinct: int, evidence: Evidence) -> int | None:
    """The count to judge by: the newest; if the count moved during the walk, the nearest one. None without any."""
    return min(evidence.counts(), key=lambda count: abs(count - distinct), default=None)


def within_tolerance(distinct: int, reported: int) -> bool:
    """Whether the two differ by at most 1 % of `reported`, or by at most 5 people where these are at most 5 % of it;
    one person more or less is tolerated in a list of any size."""
    return abs(distinct - reported) <= max(reported * _TOLERATED_PERCENT // 100, _few(reported))


def _drift(reported: int, former_gap: int) -> int:
    """The most that a gap may move and stay the same, and that may return: a tenth of it in a long list."""
    return max(_few(reported), former_gap // 10)


def _few(reported: int) -> int:
    return min(_TOLERATED_PEOPLE, max(1, reported * _LARGEST_NORMAL_PERCENT // 100))


def _cut_short(evidence: Evidence) -> str | None:
    if evidence.guard is not None:
        return _GUARD_SENTENCES[evidence.guard]
    if evidence.limited:
        return "The platform showed only a part of the list"
    return None if evidence.natural_end else "The list was not read to its end"


def _miscounted(distinct: int, reported: int | None, evidence: Evidence) -> str | None:
    if reported is None:
        return "The profile does not show how many people are in the list"
    if distinct * 2 < reported:
        return "The platform showed less than half of the list"
    if not within_tolerance(distinct, reported):
        return _OTHER_COUNT
    return _moved(evidence)


def _moved(evidence: Evidence) -> str | None:
    low, high = min(evidence.counts()), max(evidence.counts())
    if high - low > max(high * _LARGEST_NORMAL_PERCENT // 100, _TOLERATED_PEOPLE):
        return f"The profile's count moved between {low:,} and {high:,} while the list was read"
    return None


def _nothing_shown(reported: int | None) -> str:
    if reported is None:
        return "The list came back empty, and the profile does not show how many people are in it."
    return f"The list came back empty although the profile reports {_people(reported)}."


def _partial(fault: str, distinct: int, reported: int | None) -> str:
    of = "" if reported is None else f", and the profile reports {reported:,}"
    why = _why_fewer(distinct, reported) if fault == _OTHER_COUNT and reported is not None else ""
    return f"{fault}: {_people(distinct)} could be read{of}. {why}No one is counted as lost."


def _inexact(distinct: int, reported: int) -> str:
    counted = "as many, but not each time it was asked" if distinct == reported else f"{reported:,}"
    return (
        f"{_people(distinct)} could be read and the profile reports {counted}. {_why_fewer(distinct, reported)}"
        "Missing people are counted as lost if a complete list at least six hours later misses them too."
    )


def _why_fewer(distinct: int, reported: int) -> str:
    """The size of the gap and its usual reason, with a blank at the end; empty where the list is not short."""
    missing = reported - distinct
    if missing <= 0:
        return ""
    stated = f"The list shows {missing:,} fewer {'person' if missing == 1 else 'people'} than the profile counts"
    if missing > max(1, reported * _LARGEST_NORMAL_PERCENT // 100):
        return f"{stated}, more than deactivated accounts usually explain. "
    return f"{stated}: usually deactivated accounts, which are still counted and shown in no list. "


def _steady(distinct: int, reported: int, missing: int) -> str:
    return (
        f"{_people(distinct)} could be read and the profile reports {reported:,}. The same gap of {missing:,} comes "
        "back each time: usually deactivated accounts, which Instagram still counts and shows in no list. People newly "
        "missing are counted as lost if a complete list at least six hours later misses them too."
    )


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
