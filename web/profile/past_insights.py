"""Combines past insights of data downloads for the pages: figures in one order, with the missing ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from shared.db.pools import WebConnection
from shared.store.files import past_insights
from shared.store.files.past_insights import AccountFigure, Known, MediaFigure
from shared.store.media.ranking import ListedMedia
from web.profile.insight_labels import METRICS

# The known figures of data downloads; a missing one shows as "n/a".
OF_ACCOUNT = (
    "reach",
    "impressions",
    "content_interactions",
    "accounts_engaged",
    "followers",
    "follows",
    "unfollows",
    "profile_visits",
)
_OF_POST = ("reach", "impressions", "shares", "saves", "follows", "profile_visits")
_OF_KIND = {"reel": ("reach", "plays", "shares", "saves"), "story": ("reach", "impressions", "replies")}
_CHANGE = "_change_percent"
_ORDER = {metric: place for place, metric in enumerate(METRICS)}


@dataclass(frozen=True, slots=True)
class ShownInsight:
    """One figure, None where the data download has none. `change` is per hundred, against the period before.

    `at` is set where an older data download than the newest has it, `span` where its period differs from the others'.
    """

    metric: str
    value: Decimal | None
    change: Decimal | None = None
    at: datetime | None = None
    span: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class OfMedium:
    """The figures of one medium from data downloads; `at` is the time of the newest of them.

    `skipped`: it had figures under unknown labels, which may be those that are missing here.
    """

    at: datetime
    figures: Sequence[ShownInsight]
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class OfPage:
    """The figures of one page's media from data downloads, by their ids, and of posts at all."""

    known: Known
    media: Mapping[int, OfMedium]


@dataclass(frozen=True, slots=True)
class OfAccount:
    """The account's figures in the newest data download; `parts` are per hundred, by metric, the largest first.

    `skipped`: it had figures under unknown labels, which may be those that are missing here.
    """

    at: datetime
    span: tuple[datetime, datetime] | None
    figures: Sequence[ShownInsight]
    parts: Mapping[str, Sequence[AccountFigure]]
    skipped: bool = False


def of_page(conn: WebConnection, profile_id: UUID, media: Sequence[ListedMedia]) -> OfPage:
    """Reads the whole page's figures at once, and only where a data download has figures of posts."""
    known = past_insights.extent(conn, profile_id)
    found = past_insights.of_media(conn, [one.id for one in media]) if known.newest and media else []
    kinds = {one.id: one.kind for one in media}
    shown = groupby(found, key=lambda figure: figure.media_id)
    by_media = {media_id: _of_medium(list(figures), kinds[media_id]) for media_id, figures in shown}
    skipped = {at: past_insights.skipped(conn, profile_id, at) for at in {one.at for one in by_media.values()}}
    return OfPage(known, {id_: replace(one, skipped=skipped[one.at]) for id_, one in by_media.items()})


def of_account(conn: WebConnection, profile_id: UUID) -> OfAccount | None:
    """None where no data download has figures of the account itself."""
    found = past_insights.of_account(conn, profile_id)
    if not found:
        return None
    span = next((_span(one) for one in found if _span(one)), None)
    totals = [one for one in found if one.breakdown is None]
    changes = {one.metric.removesuffix(_CHANGE): one.value for one in totals if one.metric.endswith(_CHANGE)}
    figures = [
        ShownInsight(one.metric, one.value, changes.get(one.metric), span=_span(one) if _span(one) != span else None)
        for one in totals
        if not one.metric.endswith(_CHANGE)
    ]
    parts = sorted((one for one in found if one.breakdown is not None), key=lambda one: _place(one.metric))
    return OfAccount(
        found[0].captured_at,
        span,
        _with_missing(figures, OF_ACCOUNT),
        {metric: list(of_metric) for metric, of_metric in groupby(parts, key=lambda one: one.metric)},
        past_insights.skipped(conn, profile_id, found[0].captured_at),
    )


def _of_medium(found: Sequence[MediaFigure], kind: str) -> OfMedium:
    newest = max(one.captured_at for one in found)
    figures = (
        ShownInsight(one.metric, one.value, at=None if one.captured_at == newest else one.captured_at) for one in found
    )
    return OfMedium(newest, _with_missing(figures, _OF_KIND.get(kind, _OF_POST)))


def _with_missing(figures: Iterable[ShownInsight], expected: Sequence[str]) -> list[ShownInsight]:
    shown = list(figures)
    there = {one.metric for one in shown}
    shown += [ShownInsight(metric, None) for metric in expected if metric not in there]
    return sorted(shown, key=lambda one: _place(one.metric))


def _place(metric: str) -> tuple[int, str]:
    return _ORDER.get(metric, len(_ORDER)), metric


def _span(one: AccountFigure) -> tuple[datetime, datetime] | None:
    return (one.started_on, one.ended_on) if one.started_on and one.ended_on else None
