"""The words for codes, kinds and lengths on the operator's pages."""

from __future__ import annotations

from shared import error_text
from shared.domain.jobs import JobKind
from shared.messages import about
from shared.platforms import label_of, platform_with_quota
from web.jobs import job_labels
from web.translation import translate


def error_sentence(code: str | None, platform: str | None = None) -> str:
    """The sentence of an error's code, about the platform where it is known; "" for an unknown code."""
    found = error_text.sentences(code, {})
    if found is None:
        return ""
    return translate(found[0] if platform is None else about(found[0], label_of(platform)))


def quota_title(name: str) -> str:
    """The label of the platform that a quota belongs to; the quota's own name where this version does not know it."""
    known = platform_with_quota(name)
    return name if known is None else known.label


def kind_title(kind: str) -> str:
    """ "Reading the followers"; the kind itself where this version does not know it."""
    return job_labels.title(JobKind(kind)) if kind in JobKind.__members__ else kind


def seconds(value: float) -> str:
    """A length for comparison: 0.42 -> "0.42 s", 4.2 -> "4.2 s", 42.4 -> "42 s", 1260 -> "21 min", 16200 -> "4.5 h"."""
    if value < 90:
        return f"{value:.{2 if value < 1 else 1 if value < 10 else 0}f} s"
    return f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.1f} h"
