"""The one preparation of all comparisons of posts: how a post did against the posts around it.

Formula `rel_24h` with counts at the age of a day, `rel_settled` with settled counts; metrics.md names the source. It
takes format, growth, drift and breaks out in one step: exp of a mean of residuals reads as "times the usual".
"""

import numpy as np

from shared.domain.statistics.arrays import Floats, Ints

NEIGHBOURS = 20
FEWEST_NEIGHBOURS = 8


def residuals(posted: Floats, counts: Floats, formats: Ints, breaks: Floats | None = None) -> Floats:
    """log1p(count) less its median over the 20 posts of the format nearest in time; the post itself is left out.

    `posted` and `breaks` are seconds since an epoch, `counts` NaN where there is no count at the right age. NaN comes
    back for such a post and for one with fewer than 8 neighbours. Posts on two sides of a break are never neighbours.
    """
    era = np.searchsorted(np.sort(breaks), posted, side="right") if breaks is not None else np.zeros(len(posted))
    groups = np.unique(np.column_stack([formats, era]), axis=0, return_inverse=True)[1].reshape(-1)
    result = np.full(len(posted), np.nan)
    for group in np.unique(groups):
        members = np.flatnonzero((groups == group) & ~np.isnan(counts))
        members = members[np.argsort(posted[members], kind="stable")]
        if len(members) > FEWEST_NEIGHBOURS:
            result[members] = _against_neighbours(posted[members], np.log1p(counts[members]))
    return result


def _against_neighbours(posted: Floats, levels: Floats) -> Floats:
    """Each level less the median of its neighbours'; the posts are in order of time."""
    number = len(posted)
    steps = np.concatenate([np.arange(-NEIGHBOURS, 0), np.arange(1, NEIGHBOURS + 1)])
    places = np.arange(number)[:, None] + steps
    inside = (places >= 0) & (places < number)
    places = places.clip(0, number - 1)
    distance = np.where(inside, np.abs(posted[places] - posted[:, None]), np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(NEIGHBOURS, number - 1)]
    usual: Floats = np.median(levels[np.take_along_axis(places, nearest, axis=1)], axis=1)
    return levels - usual
