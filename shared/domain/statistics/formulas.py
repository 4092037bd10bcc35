"""The ids of the formulas, as results, exports and docs/metrics.md name them."""

from enum import StrEnum


class Formula(StrEnum):
    """A way to get a figure; stored beside each figure that it made."""

    REL_24H = "rel_24h"
    REL_SETTLED = "rel_settled"
    SLOT_EB = "slot_eb"
    TAG_LIFT_EB = "tag_lift_eb"
    NPMI = "npmi"
    NB_TAIL = "nb_tail"
    MAD_Z = "mad_z"
    WILSON = "wilson"
    MEDIAN_RANKS = "median_ranks"
    BONFERRONI = "bonferroni"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"
    KAPLAN_MEIER = "kaplan_meier"
    AALEN_JOHANSEN = "aalen_johansen"
