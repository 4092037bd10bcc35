"""The registry of metrics: each official figure that Rollcall reads is declared once, for every reader of it.

Sources ask for it, tables store its id, and pages, exports and the JSON interface take its words from here. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.metrics.instagram import INSTAGRAM_METRICS
from shared.domain.metrics.metric import Break, Level, Metric, Nature, Unit
from shared.domain.metrics.tiktok import TIKTOK_METRICS
from shared.domain.metrics.youtube import YOUTUBE_METRICS

METRICS: Mapping[tuple[str, str], Metric] = {
    (one.platform, one.id): one for one in (*INSTAGRAM_METRICS, *YOUTUBE_METRICS, *TIKTOK_METRICS)
}
"""Each metric by platform and id, in the order in which pages show them."""


def metric_of(platform: str, metric_id: str) -> Metric | None:
    """The declaration of a stored id; None for one that only another version knows."""
    return METRICS.get((platform, metric_id))


def metrics_of(platform: str, level: Level, *, daily: bool | None = None) -> tuple[Metric, ...]:
    """The platform's metrics of a level; `daily` keeps those that come as a series of days, or all the others."""
    found = (one for one in METRICS.values() if one.platform == platform and one.level is level)
    return tuple(one for one in found if daily is None or one.is_daily is daily)


__all__ = ["METRICS", "Break", "Level", "Metric", "Nature", "Unit", "metric_of", "metrics_of"]
