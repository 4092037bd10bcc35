"""Reads past insights of a data download: figures written as text for people, in the language of the account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

from shared.domain.input.text import clean_line
from worker.importers.data_download.entries import moment
from worker.importers.data_download.figures import number
from worker.importers.data_download.insight_labels import CREATION_LABELS, PASSED_OVER, metric_of
from worker.importers.data_download.json_stream import values
from worker.importers.data_download.months import month_of
from worker.importers.data_download.text import LONGEST_LABEL, label_of, mend

_PART = re.compile(r"\s*(.+?)\s*:\s*(\d+(?:[.,]\d+)?)\s*%\s*(?:,|;|$)")
_ABSENT = frozenset({"", "--", "-", "—", "–", "n/a"})
# Two days with a dash, "May 29 - Aug 26", and no figure.
_RANGE = re.compile(r"(?=.*[^\W\d_])\D{0,40}\d{1,4}\D{0,40}?\s[-–—]\s\D{0,40}\d{1,4}[^\d%]{0,40}")
_DAY = re.compile(r"\d{1,2}")
_SHARE = re.compile(r"\s*[+\-−]?\s*\d[\d.,]*\s*%")
_OF_MEDIA = frozenset({"posts", "reels", "stories", "live_videos"})


@dataclass(frozen=True, slots=True)
class Insight:
    """One figure. `metric` ends in `_percent` or has a `breakdown` where `value` is per hundred.

    `posted_at` joins it to a post or reel (None for the whole account). `started_on` and `ended_on` are the days of its
    period in UTC, None for a count since the posting. The data download writes days without a year; the year is the
    last one with the period before the data download.
    """

    metric: str
    value: Decimal
    breakdown: str | None = None
    posted_at: datetime | None = None
    started_on: datetime | None = None
    ended_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A figure that could not be read: an unknown label, or a value that is no number.

    A post without its time counts as one of these, because it cannot be joined to a post.
    """

    label: str


def insights(stream: IO[bytes], taken_at: datetime, file: str = "") -> Iterator[Insight | Unread]:
    """The figures of one file of past insights, without those that the account did not have ("--").

    `file` is its name without the ending: it shows whether an item is about a post, and whose figure a label means.
    Raises ArchiveDamaged and ArchiveUnsafe as `values` does.
    """
    for path, value in values(stream):
        if len(path) < 2 and isinstance(value, Mapping):
            yield from _item(value, taken_at, file)


def period(text: str, taken_at: datetime) -> tuple[datetime, datetime] | None:
    """The days of "Feb 6 - May 6", at their beginnings in UTC, in the last years that end before `taken_at`."""
    ends = [end for end in re.split(r"\s[-–—]\s", mend(text)) if end.strip()]
    days = [_day(end) for end in ends]
    if len(days) != 2 or days[0] is None or days[1] is None:
        return None
    ended = _in_last_year(days[1], taken_at)
    started = None if ended is None else _in_last_year(days[0], ended)
    return None if started is None or ended is None else (started, ended)


def _item(item: Mapping[str, Any], taken_at: datetime, file: str) -> Iterator[Insight | Unread]:
    texts = dict(_texts(item.get("string_map_data")))
    posted_at = _posted_at(item, texts)
    if file in _OF_MEDIA and posted_at is None:
        yield Unread("a post without its time")
        return
    # The form identifies the period, because its label is in the language of the account.
    spans = {label: period(text, taken_at) for label, (text, _) in texts.items() if _RANGE.fullmatch(text.strip())}
    span = next(filter(None, spans.values()), None)
    for label, (text, _) in texts.items():
        if label in PASSED_OVER or label in spans or text.strip() in _ABSENT:
            continue
        if spans and span is None:
            # A figure is kept with its period or not at all.
            yield Unread(label)
        else:
            yield from _figures(label, metric_of(label, file), text, posted_at, span or (None, None))


def _figures(
    label: str,
    metric: str | None,
    text: str,
    posted_at: datetime | None,
    span: tuple[datetime | None, datetime | None],
) -> Iterator[Insight | Unread]:
    if metric is None:
        yield Unread(label)
        return
    parts = [(found[1], Decimal(found[2].replace(",", "."))) for found in _PART.finditer(text)]
    if parts:
        for name, share in parts:
            yield Insight(metric, share, clean_line(name, LONGEST_LABEL), posted_at, *span)
    elif (value := number(text)) is not None:
        hundredth = _SHARE.match(text) is not None and not metric.endswith("_percent")
        yield Insight(f"{metric}_percent" if hundredth else metric, value, None, posted_at, *span)
    else:
        yield Unread(label)


def _texts(given: object) -> Iterator[tuple[str, tuple[str, object]]]:
    for label, value in given.items() if isinstance(given, Mapping) else ():
        if isinstance(value, Mapping):
            text = value.get("value")
            shown = mend(text) if isinstance(text, str) else ""
            yield label_of(str(label)), (shown, value.get("timestamp"))


def _posted_at(item: Mapping[str, Any], texts: Mapping[str, tuple[str, object]]) -> datetime | None:
    """The posting time, which joins the item to the post: from the thumbnail, else from the label with it."""
    thumbnails = item.get("media_map_data")
    for media in thumbnails.values() if isinstance(thumbnails, Mapping) else ():
        if isinstance(media, Mapping) and (at := moment(media.get("creation_timestamp"))):
            return at
    return next((at for label in CREATION_LABELS & texts.keys() if (at := moment(texts[label][1]))), None)


def _day(text: str) -> tuple[int, int] | None:
    month, day = month_of(text), _DAY.search(text)
    return (month, int(day[0])) if month and day else None


def _in_last_year(day: tuple[int, int], before: datetime) -> datetime | None:
    for year in (before.year, before.year - 1):
        try:
            at = datetime(year, *day, tzinfo=UTC)
        except ValueError:
            continue
        if at <= before:
            return at
    return None
