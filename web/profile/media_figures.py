"""Arranges the official figures of single posts for the page: one block for each way in, in the registry's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from shared.db.pools import WebConnection
from shared.domain.metrics import METRICS, Level, Metric, metrics_of
from shared.error_text import message
from shared.store.insights import reading
from shared.store.media import official_figures
from shared.store.media.official_figures import OfficialFigure
from shared.store.media.ranking import ListedMedia
from shared.store.profiles.profiles import ProfileRow
from web.profile.official_figures import NotGiven
from web.translation import translate

_PLACES = {key: place for place, key in enumerate(METRICS)}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure; `part` is the platform's own word for a part of it, empty for the whole."""

    metric: Metric
    part: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class OfMedium:
    """What one way in says of a medium; `because` are the sentences of one that has no figures for good."""

    source: str
    read_at: datetime
    figures: Sequence[Shown]
    because: str | None


@dataclass(frozen=True, slots=True)
class OfficialPage:
    """The blocks of the media of a page by their ids, and the metrics that are not given now."""

    media: Mapping[int, Sequence[OfMedium]]
    not_given: Sequence[tuple[Metric, NotGiven]]


def of_page(conn: WebConnection, profile: ProfileRow, rows: Sequence[ListedMedia]) -> OfficialPage:
    """The official figures of these media."""
    found = official_figures.of_media(conn, profile.id, [one.id for one in rows])
    blocks: dict[int, list[OfMedium]] = {}
    for (media_id, source), group in groupby(found, key=lambda one: (one.media_id, one.source)):
        blocks.setdefault(media_id, []).append(_block(profile.platform, source, list(group)))
    return OfficialPage(blocks, _not_given(conn, profile) if blocks else ())


def _block(platform: str, source: str, found: Sequence[OfficialFigure]) -> OfMedium:
    code = found[0].final_code
    because = None if code is None else translate(message(code, {}, platform))
    return OfMedium(source, max(one.read_at for one in found), _shown(platform, found), because)


def _shown(platform: str, found: Iterable[OfficialFigure]) -> list[Shown]:
    """What this version knows, in the order of the registry."""
    shown = [
        Shown(metric, one.part or "", one.value)
        for one in found
        if one.metric is not None
        and one.value is not None
        and (metric := METRICS.get((platform, one.metric))) is not None
    ]
    return sorted(shown, key=lambda one: (_PLACES[platform, one.metric.id], one.part))


def _not_given(conn: WebConnection, profile: ProfileRow) -> list[tuple[Metric, NotGiven]]:
    of_media = {one.id: one for one in metrics_of(profile.platform, Level.MEDIA)}
    return [
        (
            of_media[one.metric],
            NotGiven(one.source, one.since, translate(message(one.code, {}, profile.platform))),
        )
        for one in reading.refusals(conn, profile.id)
        if one.metric in of_media
    ]
