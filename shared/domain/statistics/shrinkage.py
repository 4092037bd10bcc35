"""Shrinkage of what is shown towards the common mean; decisions are made without it."""

from dataclasses import dataclass

import numpy as np

from shared.domain.statistics.arrays import Floats


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Group means as they are shown, their deviations, and the variance between groups; 0 is "no difference"."""

    means: Floats
    deviations: Floats
    between: float


def shrink(means: Floats, variances: Floats) -> Shrunk:
    """Draw each mean towards the common one, the more, the larger its own variance is against that between groups.

    The variance between groups is by moments: max(0, (Q - (m - 1)) / (sum w - sum w² / sum w)) with w = 1 / variance.
    Part of `slot_eb` and `tag_lift_eb`. Source: R. DerSimonian and N. Laird, Meta-analysis in clinical trials (1986).
    """
    weights = 1 / variances
    total = weights.sum()
    common = (weights * means).sum() / total
    free = total - (weights**2).sum() / total
    spread = (weights * (means - common) ** 2).sum() - (len(means) - 1)
    between = max(0.0, float(spread / free)) if free > 0 else 0.0
    kept = between / (between + variances)
    return Shrunk(common + kept * (means - common), np.sqrt(kept * variances), between)
