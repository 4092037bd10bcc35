"""Comparison of the hashtags or mentions of posts, and their company. Formulas `tag_lift_eb` and `npmi`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from shared.domain.statistics.arrays import Flags, Floats
from shared.domain.statistics.corrections import benjamini_hochberg
from shared.domain.statistics.effects import Effect, clip, measure
from shared.domain.statistics.shrinkage import shrink

FEWEST_POSTS = 5
SAME = 0.9
BUDGET = 0.05
FEWEST_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class TagLift:
    """The posts with some tags that always stand together against all others.

    `tags` are columns of the matrix, `shown` is the lift drawn towards the mean of all tags, `marked` says that there
    is evidence for a difference.
    """

    tags: tuple[int, ...]
    effect: Effect
    shown: float
    adjusted: float
    marked: bool


def compare_tags(residuals: Floats, used: Flags) -> list[TagLift]:
    """The lift of each tag with at least 5 posts with it and 5 without, in the order of the columns.

    `used` has a row a post and a column a tag; posts without a residual take no part. Decided by the unshrunk
    difference over its standard error under Benjamini-Hochberg at 5 %.
    """
    known = ~np.isnan(residuals)
    if not known.any():
        return []
    values, used = clip(residuals[known]), used[known]
    posts = [(group, _posts_with(used, group)) for group in same_tags(used)]
    measured = [(group, measure(values, member)) for group, member in posts if _enough(member)]
    measured = [(group, effect) for group, effect in measured if effect.deviation > 0]
    return _marked(*zip(*measured, strict=True)) if measured else []


def _posts_with(used: Flags, tags: list[int]) -> Flags:
    posts: Flags = used[:, tags].sum(axis=1) > 0
    return posts


def _enough(posts: Flags) -> bool:
    return bool(FEWEST_POSTS <= posts.sum() <= len(posts) - FEWEST_POSTS)


def _marked(groups: Sequence[Sequence[int]], effects: Sequence[Effect]) -> list[TagLift]:
    differences = np.array([effect.difference for effect in effects])
    shown = shrink(differences, np.array([effect.deviation for effect in effects]) ** 2).means
    adjusted = benjamini_hochberg(np.array([effect.p for effect in effects]))
    return [
        TagLift(tuple(group), effect, exp(one), float(p), bool(p <= BUDGET))
        for group, effect, one, p in zip(groups, effects, shown, adjusted, strict=True)
    ]


def same_tags(used: Flags) -> list[list[int]]:
    """The columns in groups: tags whose posts are the same to nine parts in ten (Jaccard) cannot be told apart."""
    alike = jaccard(used) >= SAME
    group_of = np.arange(used.shape[1])
    for first, second in np.argwhere(np.triu(alike, 1)):
        group_of[group_of == group_of[second]] = group_of[first]
    return [np.flatnonzero(group_of == group).tolist() for group in dict.fromkeys(group_of.tolist())]


def jaccard(used: Flags) -> Floats:
    """Posts with both tags over posts with either, for each pair; 0 where neither is used."""
    together = _together(used)
    single = np.diag(together)
    either = single[:, None] + single - together
    return np.divide(together, either, out=np.zeros_like(together), where=either > 0)


def npmi(used: Flags) -> Floats:
    """How far two tags seek (1) or avoid (-1) each other, for each pair; NaN below 3 posts with both. Formula `npmi`.

    ln(p_ab / (p_a p_b)) / -ln p_ab. Source: G. Bouma, Normalized (pointwise) mutual information in collocation
    extraction, GSCL 2009.
    """
    together = _together(used)
    shares = together / max(len(used), 1)
    single = np.diag(shares)
    result = np.full(together.shape, np.nan)
    enough = together >= FEWEST_TOGETHER
    result[enough & (shares == 1)] = 1.0
    apart = enough & (shares < 1)
    result[apart] = np.log(shares[apart] / np.outer(single, single)[apart]) / -np.log(shares[apart])
    return result


def _together(used: Flags) -> Floats:
    counts = used.astype(np.float64)
    return counts.T @ counts
