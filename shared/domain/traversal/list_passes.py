"""When a list is read once more: a platform ranks its pages anew, so a second pass shows people whom the first missed.

The passes of a walk are put together, until one adds nobody. Pure. Source: docs/platforms/instagram.md, IG-5.8.
"""

from shared.domain.traversal.list_verdict import within_tolerance
from shared.domain.traversal.list_walk import ListWalk

MOST_PASSES = 3
# About 10 000 people at 25 a page. A longer list costs a day's budget twice; there the next reading is the second look.
LARGEST_PASS = 400
# During a walk the profile's count is read again each time so many pages went by: about half an hour at a human pace.
COUNT_EVERY = 200


def worth_another_pass(walk: ListWalk, *, matters: bool, left: int | None) -> bool:
    """Whether a walk that has just ended a pass should begin another one.

    `matters`: somebody is missing who was there before, or nothing was read whole before, so that whom this walk misses
    would be called new one day. `left`: how many requests today's budget still allows, None where there is none.
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
