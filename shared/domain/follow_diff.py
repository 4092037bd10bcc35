"""Whether a walk through a list is a fact: `whole`, `partial` or `void`. Pure: counts go in, a judgement comes out.

A whole list may say that somebody left; a partial one may only add people; a void one says nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Kind = Literal["whole", "partial", "void"]

# A platform's counter lags behind its list by deactivated accounts (facts: "count ≠ list", 1 to 5 % are normal).
_TOLERATED_PEOPLE = 5
_TOLERATED_PERCENT = 1


class Guard(StrEnum):
    """Why a walk was ended by us before the list ended."""

    REPEATED_CURSOR = "repeated_cursor"
    BARREN_PAGES = "barren_pages"
    NOTHING_NEW = "nothing_new"
    TOO_MANY_PAGES = "too_many_pages"


_GUARD_SENTENCES = {
    Guard.REPEATED_CURSOR: "The list led back to a page that was already read",
    Guard.BARREN_PAGES: "The list went on with empty pages",
    Guard.NOTHING_NEW: "The list went on showing the same people",
    Guard.TOO_MANY_PAGES: "The list had far more pages than the profile's count explains",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a walk went. Counts are the profile's own, read before and after it; None where they were not shown."""

    reported_before: int | None
    reported_after: int | None
    natural_end: bool
    limited: bool = False
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`exact`: as many people were seen as the profile reports. `reason`: a sentence, unless the list is exact."""

    kind: Kind
    exact: bool
    reason: str | None


def verdict(distinct: int, evidence: Evidence) -> Verdict:
    """Judges a walk that saw `distinct` different people, as the data section of the design defines it."""
    reported = reported_count(distinct, evidence)
    if distinct == 0 and reported != 0:
        return Verdict("void", False, _nothing_shown(reported))
    fault = _cut_short(evidence) or _uncounted(reported)
    if fault is None and reported is not None and not within_tolerance(distinct, reported):
        fault = "The list does not match the profile's count"
    if fault is not None:
        return Verdict("partial", False, _partial(fault, distinct, reported))
    exact = distinct == reported
    return Verdict("whole", exact, None if exact else _inexact(distinct, reported))


def reported_count(distinct: int, evidence: Evidence) -> int | None:
    """The count to judge by: the one read after the walk; if the count moved meanwhile, whichever is nearer."""
    before, after = evidence.reported_before, evidence.reported_after
    if before is None or after is None:
        return before if after is None else after
    return min((after, before), key=lambda count: abs(count - distinct))


def within_tolerance(distinct: int, reported: int) -> bool:
    """Whether the two differ by at most 1 % of `reported` or 5 people, whichever is more."""
    gap = abs(distinct - reported)
    return gap <= _TOLERATED_PEOPLE or gap * 100 <= reported * _TOLERATED_PERCENT


def _cut_short(evidence: Evidence) -> str | None:
    if evidence.guard is not None:
        return _GUARD_SENTENCES[evidence.guard]
    if evidence.limited:
        return "The platform showed only a part of the list"
    return None if evidence.natural_end else "The list was not read to its end"


def _uncounted(reported: int | None) -> str | None:
    return "The profile does not show how many people are in the list" if reported is None else None


def _nothing_shown(reported: int | None) -> str:
    if reported is None:
        return "The list came back empty, and the profile does not show how many people are in it."
    return f"The list came back empty although the profile reports {_people(reported)}."


def _partial(fault: str, distinct: int, reported: int | None) -> str:
    of = "" if reported is None else f", and the profile reports {reported:,}"
    return f"{fault}: {_people(distinct)} could be read{of}. Nobody is counted as lost."


def _inexact(distinct: int, reported: int | None) -> str:
    return (
        f"{_people(distinct)} could be read and the profile reports {reported:,}. "
        "Who is missing is counted as lost if the next whole list misses them too."
    )


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
