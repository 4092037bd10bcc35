"""Reads official figures for pages, exports and the JSON interface: series, totals, audience, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection

_SERIES: LiteralString = """
    select metric, source, day, value, provisional, captured_at from public.insight_days
    where profile_id = %s and metric = any(%s) and day between %s and %s order by metric, source, day
"""
_TOTALS: LiteralString = """
    select metric, source, first_day, last_day, value, provisional, captured_at from public.insight_totals t
    where profile_id = %(profile)s and last_day = (
        select max(last_day) from public.insight_totals n where n.profile_id = %(profile)s and n.source = t.source
    )
    order by metric, source, first_day
"""
_AUDIENCE: LiteralString = """
    select source, breakdown, keys, metric, first_day, last_day, value, captured_at from public.audience_shares a
    where profile_id = %(profile)s and last_day = (
        select max(last_day) from public.audience_shares n where n.profile_id = %(profile)s and n.source = a.source
    )
    order by source, breakdown, metric, value desc, keys
"""
_REFUSED: LiteralString = """
    select source, metric, since, last_at, code from public.metric_refusals
    where profile_id = %s order by source, metric
"""
_SPAN: LiteralString = """
    select source, first_day, last_day, complete from public.insight_coverage where profile_id = %s order by source
"""


@dataclass(frozen=True, slots=True)
class DayValue:
    """A stored day; `provisional` figures may still change."""

    metric: str
    source: str
    day: date
    value: Decimal
    provisional: bool
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class TotalValue:
    """The newest total of a range of one length."""

    metric: str
    source: str
    first_day: date
    last_day: date
    value: Decimal
    provisional: bool
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class ShareValue:
    """A part of the newest audience of a source."""

    source: str
    breakdown: str
    keys: list[str]
    metric: str
    first_day: date
    last_day: date
    value: Decimal
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A metric or breakdown that the platform gives no longer: "n/a since"; `code` is that of an error."""

    source: str
    metric: str
    since: datetime
    last_at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Span:
    """The days that were asked for; `complete` says that there are no earlier ones."""

    source: str
    first_day: date
    last_day: date
    complete: bool


def series(conn: WebConnection, profile_id: UUID, metrics: list[str], first: date, last: date) -> list[DayValue]:
    """The stored days of these metrics, by metric, source and day."""
    with conn.cursor(row_factory=class_row(DayValue)) as cursor:
        return cursor.execute(_SERIES, [profile_id, metrics, first, last]).fetchall()


def totals(conn: WebConnection, profile_id: UUID) -> list[TotalValue]:
    """The newest totals of each source."""
    with conn.cursor(row_factory=class_row(TotalValue)) as cursor:
        return cursor.execute(_TOTALS, {"profile": profile_id}).fetchall()


def audience(conn: WebConnection, profile_id: UUID) -> list[ShareValue]:
    """The newest audience of each source, the largest part first."""
    with conn.cursor(row_factory=class_row(ShareValue)) as cursor:
        return cursor.execute(_AUDIENCE, {"profile": profile_id}).fetchall()


def refusals(conn: WebConnection, profile_id: UUID) -> list[Refusal]:
    """The metrics and breakdowns that are not given now."""
    with conn.cursor(row_factory=class_row(Refusal)) as cursor:
        return cursor.execute(_REFUSED, [profile_id]).fetchall()


def spans(conn: WebConnection, profile_id: UUID) -> list[Span]:
    """The days that each source covers."""
    with conn.cursor(row_factory=class_row(Span)) as cursor:
        return cursor.execute(_SPAN, [profile_id]).fetchall()
