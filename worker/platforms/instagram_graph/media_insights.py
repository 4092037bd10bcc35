"""The figures of one medium: the set of its product type, then each metric that is known to fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from shared.domain.insights import MediaFigure, MediaFigures
from shared.domain.metrics import Level, Metric, metrics_of
from shared.domain.social import Observation, OfficialMedium
from shared.errors import MediaGone, PermissionMissing
from shared.platforms.instagram import INSTAGRAM
from worker.platforms.http_api import Json
from worker.platforms.instagram_graph import answers
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.questions import Groups
from worker.platforms.instagram_graph.refusals import BeforeConversion, NotEnoughViewers

_MEDIA = {one.id: one for one in metrics_of(INSTAGRAM.name, Level.MEDIA)}
_EVERY = ("media_reach", "media_views", "media_shares", "media_interactions")
_POST = ("media_likes", "media_comments", "media_saves")
_VISITED = ("media_follows", "media_profile_visits")
_WATCHED = ("reel_average_watch_seconds", "reel_watch_minutes")
# The set that goes in one call, and after it what goes alone: what is new, optional, or has a breakdown.
_SETS: Mapping[str, Sequence[Sequence[str]]] = {
    "FEED": (
        (*_EVERY, *_POST, *_VISITED),
        ("media_profile_activity",),
        ("media_reposts",),
        ("media_facebook_views",),
    ),
    "REELS": (
        (*_EVERY, *_POST, *_WATCHED),
        ("reel_skip_percent",),
        ("media_reposts",),
        ("reel_crossposted_views",),
        ("media_facebook_views",),
    ),
    "STORY": (
        (*_EVERY, "story_replies", *_VISITED),
        ("story_navigation",),
        ("media_profile_activity",),
        ("story_link_clicks",),
        ("media_reposts",),
        ("media_facebook_views",),
    ),
}
_USUAL = "FEED"
_BREAKDOWNS = {"story_navigation": "story_navigation_action_type", "media_profile_activity": "action_type"}
# Instagram gives milliseconds.
_UNITS = {"reel_average_watch_seconds": Decimal(1000), "reel_watch_minutes": Decimal(60_000)}


@dataclass(slots=True)
class _Found:
    """The figures so far, and the time of the first answer."""

    figures: list[MediaFigure] = field(default_factory=list)
    at: datetime | None = None

    def reading(self, figures: MediaFigures, now: datetime) -> Observation[MediaFigures]:
        return Observation(figures, self.at or now)


@dataclass(slots=True)
class MediaInsights:
    """`may_read` is whether the permission for figures was given."""

    api: GraphApi
    may_read: bool
    groups: dict[str, Groups] = field(default_factory=dict)

    async def of(self, medium: OfficialMedium) -> Observation[MediaFigures]:
        """The figures of a medium; `final` is the code of the error of one that never has any.

        One that too few people saw has none now. Raises PermissionMissing, without a call, without the permission.
        """
        if not self.may_read:
            raise PermissionMissing
        product = medium.product or _USUAL
        product = product if product in _SETS else _USUAL
        groups, found = self.groups.setdefault(product, Groups()), _Found()
        try:
            for names in _SETS[product]:
                await self._add(found, groups, medium, names)
        except NotEnoughViewers:
            return found.reading(MediaFigures(()), self.api.now)
        except (BeforeConversion, MediaGone) as error:
            return found.reading(MediaFigures((), final=error.code), self.api.now)
        counts = {one.metric: int(one.value) for one in found.figures if not one.part}
        return found.reading(
            MediaFigures(
                tuple(found.figures),
                frozenset(groups.refused),
                reach=counts.get("media_reach"),
                saves=counts.get("media_saves"),
                shares=counts.get("media_shares"),
            ),
            self.api.now,
        )

    async def _add(self, found: _Found, groups: Groups, medium: OfficialMedium, names: Sequence[str]) -> None:
        by = _BREAKDOWNS.get(names[0])
        also, path = {} if by is None else {"breakdown": by}, f"{medium.id}/insights"

        async def ask(asked: str) -> Observation[Json]:
            return await self.api.get(path, {"metric": asked, **also})

        for metrics, answer in await groups.ask([_MEDIA[name] for name in names], ask):
            found.figures += _figures(answer.value, metrics)
            found.at = found.at or answer.observed_at


def _figures(body: Json, metrics: Sequence[Metric]) -> Iterator[MediaFigure]:
    for metric in metrics:
        if (by := _BREAKDOWNS.get(metric.id)) is not None:
            for (key,), part in answers.parts(body, metric.field, [by]):
                yield MediaFigure(metric.id, part, key.lower())
        elif (value := answers.total(body, metric.field)) is not None:
            yield MediaFigure(metric.id, round(value / _UNITS[metric.id], 3) if metric.id in _UNITS else value)
