"""The reports that exist: which dimensions, metrics and filters go together; everything else is refused."""

from collections.abc import Collection
from dataclasses import dataclass

_SETTLED = frozenset({"estimatedMinutesWatched", "averageViewDuration", "averageViewPercentage"})
_VIEWS = frozenset({"views"})
_ENGAGED = frozenset({"views", "engagedViews"})
_REACTIONS = frozenset({"likes", "comments", "shares", "subscribersGained", "subscribersLost"})
_ACTIVITY = _ENGAGED | _SETTLED | _REACTIONS
_KINDS = _ENGAGED | _SETTLED | {"likes", "shares"}
_PLAYED = _VIEWS | {"estimatedMinutesWatched"}
_TYPE, _STATUS = "creatorContentType", "subscribedStatus"
_PLACE = frozenset({"country", "video"})

METRICS = _ACTIVITY | {"viewerPercentage"}
MONETARY = frozenset(
    {"estimatedRevenue", "estimatedAdRevenue", "grossRevenue", "cpm", "playbackBasedCpm", "monetizedPlaybacks"}
)
MOST_VIDEOS, MOST_FILTERED = 200, 500
RANKED_BY = frozenset({"views", "estimatedMinutesWatched", "subscribersGained", "subscribersLost"})


@dataclass(frozen=True, slots=True)
class Report:
    """One row of the documentation's tables."""

    required: frozenset[str]
    optional: frozenset[str]
    metrics: frozenset[str]
    filters: frozenset[str]

    def fits(self, dimensions: Collection[str], metrics: Collection[str], filters: Collection[str]) -> bool:
        """Return whether a query is of this report."""
        asked = frozenset(dimensions)
        return (
            self.required <= asked <= self.required | self.optional
            and frozenset(metrics) <= self.metrics
            and frozenset(filters) <= self.filters
        )


def _report(required: str, metrics: frozenset[str], filters: frozenset[str] = _PLACE, optional: str = "") -> Report:
    return Report(frozenset(required.split()), frozenset(optional.split()), metrics, filters)


REPORTS = (
    _report("", _ACTIVITY, _PLACE | {_TYPE}),
    _report("day", _ACTIVITY, _PLACE | {_TYPE}, _TYPE),
    _report("month", _ACTIVITY, _PLACE | {_TYPE}, _TYPE),
    _report("country", _ACTIVITY - {"engagedViews"}, frozenset({"video", _TYPE}), _TYPE),
    _report("video", _ACTIVITY, _PLACE | {_TYPE}),
    _report("video", _KINDS - {"engagedViews"}, _PLACE | {_STATUS}),
    _report(_TYPE, _KINDS, _PLACE),
    _report(_STATUS, _KINDS - {"engagedViews"}, _PLACE | {_STATUS}, f"day {_TYPE}"),
    _report(f"{_STATUS} month", _KINDS - {"engagedViews"}, _PLACE | {_STATUS}, _TYPE),
    _report("insightTrafficSourceType", _PLAYED | _ENGAGED, _PLACE | {_STATUS, _TYPE}, f"day {_TYPE} {_STATUS}"),
    _report("deviceType", _PLAYED, _PLACE | {_STATUS}, f"day {_TYPE} {_STATUS}"),
    _report("sharingService", frozenset({"shares"}), _PLACE, _TYPE),
    _report("ageGroup", frozenset({"viewerPercentage"}), _PLACE, _TYPE),
    _report("gender", frozenset({"viewerPercentage"}), _PLACE, _TYPE),
    _report("ageGroup gender", frozenset({"viewerPercentage"}), _PLACE, _TYPE),
)
DIMENSIONS = frozenset().union(*(report.required | report.optional for report in REPORTS))


def exists(dimensions: Collection[str], metrics: Collection[str], filters: Collection[str]) -> bool:
    """Return whether there is a report of these."""
    return any(report.fits(dimensions, metrics, filters) for report in REPORTS)
