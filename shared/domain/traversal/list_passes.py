"""Decides when a list is read once more: platforms rank their pages anew, so a second pass shows people missed before.

The passes of a walk are put together until one adds no one. Pure. Source: docs/platforms/instagram.md, IG-5.8.
"""

from shared.domain.traversal.list_verdict import within_tolerance
from shared.domain.traversal.list_walk import ListWalk

MOST_PASSES = 3
# About 10 000 people at 25 a page. A longer list would cost a day's budget twice; the next walk is its second look.
LARGEST_PASS = 400
# A walk reads the profile's count again after this many pages, about half an hour at a human pace.
COUNT_EVERY = 200


def worth_another_pass(walk: ListWalk, *, matters: bool, left: int | None) -> bool:
    """Whether a walk should begin another pass after the one that has just ended.

    `matters`: a person from before is missing, or there was no whole reading before, so that people missed now would
    later count as new. `left`: the number of requests in today's budget, None without a budget.
    """
    reported = max((count for count in (walk.reported, *walk.counts) if count is not None), default=None)
    if reported is None or not walk.natural_end or walk.limited or walk.guard is not None:
        return False
    if walk.passes >= MOST_PASSES or (walk.passes > 1 and walk.grown == 0):
        return False
    if walk.pass_pages() > LARGEST_PASS or (left is not None and left < walk.pass_pages()):
        return False
    cut_short = walk.seen * 2 < reported
    harmless = within_tolerance(walk.seen, reported) and not matters
    return 0 < walk.seen < reported and not cut_short and not harmless
